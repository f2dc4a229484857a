"""Writes pairs made from public HTML templates: look_templates.py FIXTURES/look OUT TEMPLATE…

Each template of templates.toml that was fetched becomes a portal, each of its pairs a component of that portal.
Appends to OUT/labels.jsonl what a person says of each pair.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import look_art as art
from make_sites import insert_before, page_folder, put_template, write_site

DOMAIN = "mau-giao-dien.gov.vn"
# What is no text: scripts, styles, comments, elements.
PIECES = re.compile(r"(?is)(<script\b.*?</script>|<style\b.*?</style>|<title\b.*?</title>|<!--.*?-->|<[^>]+>)")
BRAND = re.compile(r'(?is)(<a[^>]*class="[^"]*navbar-brand[^"]*"[^>]*>).*?(</a>)')
ENTRY = re.compile(r'(?is)<li class="nav-item[^"]*">(?:(?!<li|<ul).)*?</li>\s*')
EMBLEM_PX = 34


def words_of(length, draw, words):
    """Vietnamese words of about that many letters."""
    said = ""
    while len(said) < length:
        said = f"{said} {draw.choice(words)}".strip()
    return said[: max(3, length)].strip()


def changed(text, seed, words):
    """The page with another name, an emblem, another number of entries in its menu, and other words throughout."""
    draw = art.rng("changed", seed)
    vocabulary = " ".join(words["headlines"] + words["menu"]).split()
    pieces = PIECES.split(text)
    for at, piece in enumerate(pieces):
        letters = len(piece.strip())
        if letters >= 3 and not piece.startswith("<") and any(sign.isalpha() for sign in piece) and "&" not in piece:
            pieces[at] = piece.replace(
                piece.strip(), words_of(round(letters * draw.uniform(0.75, 1.35)), draw, vocabulary)
            )
    text = "".join(pieces)
    name = draw.choice(words["agencies"])
    mark = art.emblem(draw.choice(art.EMBLEMS), EMBLEM_PX)
    text = BRAND.sub(lambda found: f"{found[1]}{mark} {name}{found[2]}", text, count=1)
    entries = list(ENTRY.finditer(text))[:12]
    if len(entries) >= 3:
        last = entries[-1]
        entry = last[0] if seed % 2 else ""
        text = (
            text[: last.start()] + entry * 2 + text[last.end() :]
            if seed % 2
            else text[: last.start()] + text[last.end() :]
        )
    return text


def page_of(packages, name):
    """Folder, package and default page of a template that was fetched."""
    package = packages.get(name)
    found = package and page_folder(package)
    return (package, found[0], found[1][0]) if found else None


def put(out, packages, host, name, page, edit, site):
    package, folder, home = page_of(packages, name)
    page = page or home
    text = edit((folder / page).read_text(encoding="utf-8", errors="replace"))
    site["routes"] = [] if page == "index.html" else [{"path": "/", "file": page}]
    write_site(put_template(out, package, host, page, text), {"host": host, **site})


def edit_of(pair, number, words):
    if pair["kind"] == "changed":
        return lambda text: changed(text, number, words)
    if pair["kind"] == "css":
        return lambda text: insert_before(text, "</head>", f"<style>{pair['css']}</style>\n")
    return lambda text: text


def write_pairs(out, packages, template, words):
    name = template["package"]
    # The whole name keeps its version: hosts do not.
    home = f"{name.removeprefix('startbootstrap-')}.{DOMAIN}"
    put(out, packages, home, name, template.get("page"), lambda text: text, {"role": "portal", "name": name})
    labels = []
    for number, pair in enumerate(template["pair"], start=1):
        source = pair.get("template", name)
        if not page_of(packages, source):
            continue
        host = f"p{number}-{pair['family']}.{home}"
        site = {"role": "component", "name": f"{source} {pair['family']}", "portal": home}
        page = pair.get("page", None if source != name else template.get("page"))
        put(out, packages, host, source, page, edit_of(pair, number, words), site)
        labels.append(
            {
                "site": host,
                "portal": home,
                "group": name,
                "source": "npm",
                "family": pair["family"],
                "header": pair["label_header"],
                "footer": pair["label_footer"],
            }
        )
    return labels


def main(fixtures, out, *templates):
    fixtures, out = Path(fixtures), Path(out)
    # The folder of a package is its name with its version.
    packages = {Path(path).name.rsplit("@", 1)[0]: Path(path) for path in templates}
    words = tomllib.loads((fixtures / "words.toml").read_text(encoding="utf-8"))
    wanted = tomllib.loads((fixtures / "templates.toml").read_text(encoding="utf-8"))["template"]
    labels = []
    for template in wanted:
        if page_of(packages, template["package"]):
            labels += write_pairs(out, packages, template, words)
        else:
            print(f"left out: {template['package']} was not fetched", file=sys.stderr)
    with (out / "labels.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(label) + "\n" for label in labels)
    print(f"{len({label['portal'] for label in labels})} templates of the npm registry, {len(labels)} pairs")


if __name__ == "__main__":
    main(*sys.argv[1:])
