"""Writes the labelled set of looks as sites for the fixture web: look_sites.py FIXTURES/look OUT

Below OUT every portal and component site becomes a folder with a site.toml; labels.jsonl says of each
component what a person says of its header and its footer. The same input writes the same pages.
"""

import html
import json
import sys
import tomllib
from pathlib import Path

import look_art as art
import look_footers as footers
import look_headers as headers
from look_markup import Markup
from make_sites import write_site

DOMAIN = "giao-dien.gov.vn"
# What a component may have otherwise than its portal without being another design.
OWN = {"scale", "emblem", "photo", "menu", "more", "width", "dialect", "options"}
# What makes it another design.
DESIGN = {"header", "footer", "colours"}


class Site:
    """One page to write: the portal's design with what the component has otherwise."""

    def __init__(self, portal, words, number, change):
        unknown = set(change) - OWN - DESIGN - {"family", "label_header", "label_footer"}
        if unknown:
            raise ValueError(f"{portal['id']}: unknown {', '.join(sorted(unknown))}")
        self.draw = art.rng(portal["id"], number)
        self.words = words
        self.number = number
        self.header_shape = change.get("header", portal["header"])
        self.footer_shape = change.get("footer", portal["footer"])
        self.colours = {**portal["colours"], **change.get("colours", {})}
        self.scale = change.get("scale", 1.0)
        self.emblem = change.get("emblem", "disc" if number == 0 else art.EMBLEMS[number % 4])
        self.photo = change.get("photo", portal["id"])
        self.options = {**portal.get("options", {}), **change.get("options", {})}
        self.markup = Markup(change.get("dialect", portal["dialect"]), change.get("width", portal["width"]))
        self.assets = {}
        place = portal["place"]
        self.owner = (
            f"UBND {place}"
            if number == 0
            else f"{words['agencies'][(number * 5 + len(portal['id'])) % len(words['agencies'])]} {place}"
        )
        self.over = (
            portal.get("over", "CỔNG THÔNG TIN ĐIỆN TỬ") if number == 0 else words["over"][number % len(words["over"])]
        )
        self.name = place if number == 0 else self.owner
        self.menu = words["menu"][number % 3 :][: change.get("menu", portal.get("menu", 8))]
        self.phone = f"({self.draw.randint(204, 299)}) 3{self.draw.randint(100, 999)} {self.draw.randint(100, 999)}"
        self.address = f"Số {self.draw.randint(1, 240)} đường {self.draw.choice(words['streets'])}, {place}"
        self.mail = "vanthu@thu.gov.vn" if number % 2 else "banbientap-congttdt@thu.gov.vn"
        self.chief = self.draw.choice(words["chiefs"])
        self.more = [self.draw.choice(words["more"]) for _ in range(change.get("more", 1))]

    def option(self, name, default=None):
        return self.options.get(name, default)

    def asset(self, name, data):
        self.assets[name] = data if isinstance(data, bytes) else data.encode()

    def headline(self, number):
        return self.words["headlines"][(self.number * 7 + number) % len(self.words["headlines"])]

    def entry(self, number):
        return self.words["menu"][(self.number + number * 3) % len(self.words["menu"])]


def news(site):
    """What stands between header and footer: it must not count, so that every page has its own."""
    markup, accent = site.markup, site.colours.get("accent", site.colours["nav"])
    files = []
    for at in range(2):
        name = f"anh-{at}.png"
        site.asset(name, art.photograph((site.number % 4, at), 80, 60))
        files.append(f'<img src="{name}" alt="" width="240" height="160" style="float:left;margin:0 14px 8px 0">')

    def block(at):
        items = "".join(
            f'<li style="padding:5px 0"><a href="/tin/{at}{item}" style="color:#223">{site.headline(at + item)}</a></li>'
            for item in range(site.draw.randint(4, 7))
        )
        return f'<h3 style="color:{accent};border-bottom:2px solid {accent};font-size:16px">{site.entry(at)}</h3><ul style="list-style:none;padding:0;margin:0">{items}</ul>'

    lead = f'<div style="overflow:hidden">{files[0]}<b>{site.headline(9)}</b><p>{site.words["prose"][site.number % len(site.words["prose"])]}</p></div>'
    wide = (
        lead
        + block(1)
        + f'<div style="overflow:hidden;margin-top:12px">{files[1]}{site.words["prose"][(site.number + 1) % len(site.words["prose"])]}</div>'
        + block(4)
    )
    cells = [(70, wide), (30, block(2) + block(6))]
    if site.number % 3 == 1:
        cells.reverse()
    return markup.band("main", "padding:18px 0 26px", markup.row(cells, align="flex-start"))


FLOATING = (
    '<div style="position:fixed;right:16px;bottom:20px;width:56px;height:56px;border-radius:28px;background:#0068ff;color:#fff;'
    'text-align:center;line-height:56px;z-index:90">Zalo</div>'
)
LATE = "<script>setTimeout(function(){{document.getElementById('cho').innerHTML={text}}},900)</script>"


def page(site):
    header = headers.SHAPES[site.header_shape](site)
    sticky = "position:sticky;top:0;z-index:50" if site.option("sticky") else ""
    top = site.markup.wrap("header", header, sticky)
    if site.option("slides_under"):
        top += headers.slides_under(site)
    bottom = site.markup.wrap("footer", footers.SHAPES[site.footer_shape](site))
    if site.option("late"):
        bottom = '<div id="cho"></div>' + LATE.format(text=json.dumps(bottom, ensure_ascii=False).replace("</", "<\\/"))
    floating = FLOATING if site.option("floating") else ""
    ground = site.colours.get("page", "#ffffff")
    extra = site.option("css", "")
    return f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{html.escape(site.name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>*{{box-sizing:border-box}}body{{margin:0;font:14px/1.5 Arial,sans-serif;color:#222;background:{ground}}}a{{text-decoration:none}}table{{border-collapse:collapse}}td{{padding:0}}{extra}</style>
</head><body>
{top}
{news(site)}
{bottom}{floating}
</body></html>
"""


def write(out, site, host, role, portal):
    folder = out / host
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(page(site), encoding="utf-8")
    for name, data in site.assets.items():
        (folder / name).write_bytes(data)
    write_site(folder, {"host": host, "name": site.owner, "role": role, "portal": portal})


def write_portal(out, portal, words):
    """One portal with its components; gives their labels."""
    home = f"{portal['id']}.{DOMAIN}"
    write(out, Site(portal, words, 0, {}), home, "portal", "")
    labels = []
    for number, change in enumerate(portal["component"], start=1):
        host = f"c{number}-{change['family']}.{home}"
        write(out, Site(portal, words, number, change), host, "component", home)
        labels.append(
            {
                "site": host,
                "portal": home,
                "group": portal["id"],
                "source": "made",
                "family": change["family"],
                "header": change["label_header"],
                "footer": change["label_footer"],
            }
        )
    return labels


def main(fixtures, out):
    fixtures, out = Path(fixtures), Path(out)
    words = tomllib.loads((fixtures / "words.toml").read_text(encoding="utf-8"))
    labels = []
    for file in sorted((fixtures / "portals").glob("*.toml")):
        portal = {"id": file.stem, **tomllib.loads(file.read_text(encoding="utf-8"))}
        labels += write_portal(out, portal, words)
    with (out / "labels.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(label) + "\n" for label in labels)
    portals = len({label["portal"] for label in labels})
    print(f"{portals} portals, {len(labels)} components")


if __name__ == "__main__":
    main(*sys.argv[1:])
