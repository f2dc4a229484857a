"""Makes sites for the fixture web out of pages that are there: for the bench and for scripts/templates.

    make_sites.py bench OUT COUNT clean|mixed TEMPLATE…
    make_sites.py templates OUT TEMPLATE…

Every site becomes a folder with a site.toml below OUT. Of those that are mixed, three in five fail something.
Prints what was made.
"""

import html
import json
import os
import re
import shutil
import sys
from pathlib import Path

SKIPPED = shutil.ignore_patterns("node_modules", ".git", "*.map", "*.scss", "*.pug", "*.psd", "*.mp4", "site.toml")
PAGES_PER_TEMPLATE = 3
# What a site of the mixed bench may fail.
FAULTS = ["absent", "hidden", "unlinked", "commented out"]

EMC_CODE = """<script>
  var _govaq = window._govaq || [];
  _govaq.push(['trackPageView']);
  _govaq.push(['enableLinkTracking']);
  (function () {
    _govaq.push(['setTrackerUrl', 'https://f-emc.ngsp.gov.vn/tracking']);
    _govaq.push(['setSiteId', '%s']);
    var d = document, g = d.createElement('script'), s = d.getElementsByTagName('script')[0];
    g.type = 'text/javascript'; g.async = true; g.defer = true;
    g.src = 'https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js';
    s.parentNode.insertBefore(g, s);
  })();
</script>
"""


def link_or_copy(source, target):
    """Templates are large: a hard link will do where it can be made."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def write_site(folder, site):
    """Writes a site.toml; JSON strings are TOML strings."""
    lines = [f"hosts = {json.dumps([site['host']])}"]
    for route in site.get("routes", []):
        lines += ["", "[[route]]"] + [f"{key} = {json.dumps(value)}" for key, value in route.items()]
    lines += ["", "[list]"] + [
        f"{key} = {json.dumps(site[key], ensure_ascii=False)}"
        for key in ("role", "name", "portal", "emc_site_id")
        if site.get(key)
    ]
    (folder / "site.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def page_folder(package):
    """The folder of a package that holds its pages, and the pages, the home page first."""
    found = []
    for root, folders, files in os.walk(package):
        hidden = {"node_modules", "docs", "documentation", "vendor", "plugins", "src"}
        folders[:] = sorted(name for name in folders if name not in hidden and not name.startswith("."))
        pages = sorted(name for name in files if name.endswith(".html"))
        # A page with next to nothing in it leads elsewhere.
        pages = [name for name in pages if (Path(root) / name).stat().st_size > 1000]
        if pages:
            pages.sort(key=lambda name: name != "index.html")
            found.append((pages[0] != "index.html", len(Path(root).parts), root, pages))
    if not found:
        return None
    _, _, root, pages = min(found)
    return Path(root), pages


def insert_before(text, tag, addition):
    """Puts `addition` before the last `tag`, or at the end."""
    at = text.lower().rfind(tag)
    return text[:at] + addition + text[at:] if at >= 0 else text + addition


def bench_page(page, name, site_id, links, fault):
    """A template's page with a name, EMC's code, and links to other sites in its footer, but for its fault."""
    code = EMC_CODE % site_id
    if fault == "absent":
        code = ""
    elif fault == "commented out":
        code = f"<!--\n{code}-->\n"
    elif fault == "hidden":
        code += "<style>#btnEMC, a.yhy-btn-emc { display: none !important }</style>\n"
    elif fault == "unlinked":
        links = []
    text = page.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"(?is)<title>.*?</title>", lambda _: f"<title>{html.escape(name)}</title>", text, count=1)
    text = insert_before(text, "</head>", code)
    items = " · ".join(f'<a href="{url}" style="color:#1a4b8c">{html.escape(label)}</a>' for url, label in links)
    block = f'<div style="padding:12px 16px;text-align:center;background:#fff;color:#222">{items}</div>\n'
    if "</footer>" in text.lower():
        return insert_before(text, "</footer>", block)
    return insert_before(text, "</body>", f"<footer>{block}</footer>\n")


def put_template(out, package, host, page, text):
    """A folder with a template's files and `text` as its home page."""
    source, _ = page_folder(package)
    folder = out / host
    shutil.copytree(source, folder, copy_function=link_or_copy, ignore=SKIPPED, symlinks=False)
    (folder / page).unlink(missing_ok=True)
    (folder / page).write_text(text, encoding="utf-8")
    return folder


def fault_of(site):
    """What the site of this number fails: three in five of them something, each thing as often."""
    return FAULTS[site % 20 % len(FAULTS)] if site % 5 < 3 else None


def bench(out, count, mixed, packages):
    """Of each template a portal and components of the same look: `count` sites in all."""
    packages = [package for package in packages if page_folder(package)]
    made, used = 0, 0
    for index, package in enumerate(packages):
        left, packages_left = count - made, len(packages) - index
        size = max(2, -(-left // packages_left))
        if left < 2:
            break
        used += 1
        domain = f"mau-npm-{index + 1}.gov.vn"
        hosts = [domain] + [f"dv{number}.{domain}" for number in range(1, min(size, left))]
        folder, pages = page_folder(package)
        for number, host in enumerate(hosts):
            name = f"Cổng Thông tin điện tử {domain}" if number == 0 else f"Đơn vị {number} của {domain}"
            # The same list on all of them: they are to be alike.
            links = [(f"https://{other}/", f"Trang thông tin điện tử {other}") for other in hosts]
            site_id = str(20000 + 100 * index + number)
            fault = fault_of(made + number) if mixed else None
            text = bench_page(folder / pages[0], name, site_id, links, fault)
            routes = [] if pages[0] == "index.html" else [{"path": "/", "file": pages[0]}]
            site = {"host": host, "name": name, "emc_site_id": site_id, "routes": routes}
            site["role"] = "portal" if number == 0 else "component"
            site["portal"] = "" if number == 0 else domain
            write_site(put_template(out, package, host, pages[0], text), site)
        made += len(hosts)
    print(f"{made} sites from {used} templates of the npm registry")


def templates(out, packages):
    """Some pages of each template as they are, each the home page of a host of its own."""
    made, used = 0, 0
    portal = "mau-npm.gov.vn"
    for index, package in enumerate(packages):
        found = page_folder(package)
        if not found:
            print(f"left out: {package.name} has no page", file=sys.stderr)
            continue
        used += 1
        folder, pages = found
        for number, page in enumerate(pages[:PAGES_PER_TEMPLATE]):
            host = portal if made == 0 else f"t{index + 1}-{number + 1}.{portal}"
            target = out / host
            shutil.copytree(folder, target, copy_function=link_or_copy, ignore=SKIPPED, symlinks=False)
            routes = [] if page == "index.html" else [{"path": "/", "file": page}]
            site = {"host": host, "name": f"{package.name} {page}", "routes": routes}
            site["role"], site["portal"] = ("portal", "") if made == 0 else ("component", portal)
            write_site(target, site)
            made += 1
    print(f"{made} pages of {used} templates of the npm registry")


def main(arguments):
    kind, out = arguments[0], Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    if kind == "bench":
        packages = [Path(package) for package in arguments[4:]]
        bench(out, int(arguments[2]), arguments[3] == "mixed", packages)
    elif kind == "templates":
        templates(out, [Path(package) for package in arguments[2:]])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
