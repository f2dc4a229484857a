"""The headers of the labelled set: one function for each arrangement seen on real portals. Each takes a `site`
(look_sites.Site) and gives the elements of its header in the site's own dialect."""

import look_art as art


def title(site, size=26, align="left", colour=None):
    ink = colour or site.colours["ink"]
    size = round(size * min(site.scale, 1.15))
    return (
        f'<div style="text-align:{align};color:{ink};line-height:1.3"><div style="font-size:{round(size * 0.62)}px">{site.over}</div>'
        f'<div style="font-size:{size}px;font-weight:bold;text-transform:uppercase">{site.name}</div></div>'
    )


def emblem(site, size=76):
    return art.emblem(site.emblem, round(size * site.scale))


def menu(site, align="left", ground=None, ink=None):
    colours = site.colours
    return site.markup.band(
        "menu",
        f"background:{ground or colours['nav']};{site.option('menu_style', '')}",
        site.markup.menu(site.menu, ink or colours["navink"], align=align, pad=site.option("menu_pad", 11)),
    )


def top_line(site):
    colours = site.colours
    left = '<span id="ngay">Thứ Hai, ngày 23/11/2026, 09:14:52</span>'
    right = f"{site.phone} | Tiếng Việt | English | Đăng nhập"
    cells = [(1, left), (0, right)]
    style = f"background:{colours['top']};color:{colours['topink']};font-size:12px;line-height:30px"
    return site.markup.band("top", style, site.markup.row(cells))


def strip(site):
    """The line under the menu: date, running news, search."""
    colours = site.colours
    words = f'<marquee scrollamount="3" style="font-size:12px">{site.headline(0)} | {site.headline(1)}</marquee>'
    field = '<input type="text" name="timkiem" placeholder="Tìm kiếm" style="width:190px;height:22px">'
    style = f"background:{colours['strip']};color:{colours['stripink']};line-height:32px"
    return site.markup.band("strip", style, site.markup.row([(0, "Thứ Hai, 23/11/2026"), (1, words), (0, field)]))


def banner_band(site, inner, ground=None, height=None):
    colours = site.colours
    pad = round((height or 20) * site.scale)
    return site.markup.band("banner", f"background:{ground or colours['ban']};padding:{pad}px 0", inner)


def banner_menu(site):
    """Emblem and title at the left on a coloured ground, the menu below."""
    cells = [(0, emblem(site)), (1, title(site))]
    if site.option("search"):
        cells.append(
            (
                0,
                '<form class="timkiem"><input type="text" placeholder="Tìm kiếm..." style="width:210px;height:30px"></form>',
            )
        )
    return banner_band(site, site.markup.row(cells)) + menu(site)


def top_banner_menu(site):
    return top_line(site) + banner_menu(site)


def banner_menu_strip(site):
    return banner_menu(site) + strip(site)


def centred(site):
    """Emblem over the title, both in the middle, the menu in the middle below."""
    inner = f'<div style="text-align:center">{emblem(site, 84)}{title(site, 28, "center")}</div>'
    return banner_band(site, inner) + menu(site, "center")


def menu_top(site):
    """The menu above the banner."""
    cells = [(0, emblem(site)), (1, title(site))]
    return menu(site) + banner_band(site, site.markup.row(cells), height=26)


def title_left_emblem_right(site):
    cells = [(1, title(site, 28)), (0, emblem(site, 90))]
    return banner_band(site, site.markup.row(cells)) + menu(site, "right")


def one_row(site):
    """Emblem, title and menu in one line, as newer systems have it."""
    colours = site.colours
    line = site.markup.menu(site.menu[:6], colours["ink"], align="right", pad=9)
    cells = [(0, emblem(site, 52)), (0, title(site, 18)), (1, line)]
    return banner_band(site, site.markup.row(cells), height=10)


def drawn(site):
    """The whole header is one drawing; the menu is below."""
    width = site.markup.width or 1366
    height = round(site.option("drawn_height", 150) * site.scale)
    place = site.option("place", "left")
    site.asset("banner.svg", art.banner(width, height, site.colours, site.name, site.over, site.emblem, place))
    picture = f'<img src="banner.svg" alt="" width="{width}" height="{height}" style="display:block;max-width:100%">'
    ground = site.colours.get("page", "#ffffff")
    boxed = site.option("boxed", True)
    return site.markup.band("banner", f"background:{ground}", picture, boxed) + menu(site)


def drawn_top(site):
    return top_line(site) + drawn(site)


def photo(site):
    """Emblem and title over a photograph, the menu below."""
    site.asset("anh-bia.png", art.photograph(site.photo))
    height = round(150 * site.scale)
    shade = f"color:{site.colours['photoink']};text-shadow:0 1px 3px #000"
    inner = (
        f'<div style="{shade}">'
        + site.markup.row([(0, emblem(site)), (1, title(site, 28, "left", site.colours["photoink"]))])
        + "</div>"
    )
    style = f"background:url(anh-bia.png) center/cover;height:{height}px;padding-top:{round(height * 0.22)}px;box-sizing:border-box"
    return site.markup.band("banner", style, inner) + menu(site)


def photo_top(site):
    return top_line(site) + photo(site)


def slideshow(site):
    """A slideshow stands where others have their banner; the menu is below."""
    pictures = []
    for number in range(3):
        file = f"truot-{number}.png"
        site.asset(file, art.photograph((site.photo, number)))
        pictures.append(
            f'<img class="truot" src="{file}" alt="" style="position:absolute;inset:0;width:100%;height:100%">'
        )
    height = round(170 * site.scale)
    turn = "<script>(function(){var all=document.querySelectorAll('.truot'),at=0;function show(){all.forEach(function(one,number){one.style.opacity=number===at?1:0});at=(at+1)%all.length}show();setInterval(show,1200)})()</script>"
    inner = f'<div class="slides" style="position:relative;height:{height}px;overflow:hidden">{"".join(pictures)}</div>{turn}'
    return site.markup.band("slides", "", inner, False) + menu(site)


def patterned(site):
    """A gradient with the rings of a bronze drum behind emblem and title."""
    colours = site.colours
    site.asset("hoa-van.svg", art.pattern(colours["ban"], colours["ink"]))
    pad = round(24 * site.scale)
    inner = site.markup.row([(0, emblem(site, 80)), (1, title(site))])
    return site.markup.band("banner", f"background:{colours['ban']} url(hoa-van.svg);padding:{pad}px 0", inner) + menu(
        site
    )


def gradient(site):
    colours = site.colours
    pad = round(22 * site.scale)
    inner = site.markup.row([(0, emblem(site, 80)), (1, title(site))])
    ground = f"background:linear-gradient(90deg,{colours['ban']},{colours['ban2']});padding:{pad}px 0"
    return site.markup.band("banner", ground, inner) + menu(site)


def slides_under(site):
    """A slideshow below the menu, which is content."""
    pictures = []
    for number in range(2):
        site.asset(f"tin-{number}.png", art.photograph((site.photo, "tin", number)))
        pictures.append(
            f'<div class="item" style="{"" if number == 0 else "display:none"}"><img src="tin-{number}.png" alt="" style="width:100%;height:320px;display:block"></div>'
        )
    return site.markup.band(
        "slides",
        "",
        f'<div class="slides" style="height:320px;overflow:hidden">{"".join(pictures)}</div>',
        site.option("slides_boxed", False),
    )


SHAPES = {
    name: function
    for name, function in list(globals().items())
    if callable(function)
    and name not in ("title", "emblem", "menu", "top_line", "strip", "banner_band", "slides_under")
}
