"""The footers of the labelled set, one function for each arrangement."""

import look_art as art


def address(site):
    return [
        f"<b>{site.owner.upper()}</b>",
        f"Địa chỉ: {site.address}",
        f"Điện thoại: {site.phone} - Email: {site.mail}",
        f"Chịu trách nhiệm nội dung: {site.chief}",
    ]


def rights(site):
    return f"Bản quyền © 2026 thuộc về {site.owner}. Ghi rõ nguồn khi phát hành lại thông tin từ trang này."


def lines(parts, align="left"):
    return f'<div style="text-align:{align}">{"<br>".join(parts)}</div>'


def counter(site):
    visits = site.draw.randint(20_000, 9_000_000)
    return lines(
        ["<b>Thống kê truy cập</b>", f"Đang truy cập: {visits % 97}", f"Hôm nay: {visits % 7919}", f"Tất cả: {visits}"]
    )


def links(site, heading, count):
    ink = site.colours["footink"]
    rows = "".join(
        f'<div><a href="/lien-ket/{at}" style="color:{ink}">{site.entry(at)}</a></div>' for at in range(count)
    )
    return f"<b>{heading}</b>{rows}"


def band(site, inner, ground=None, ink=None, pad=20, extra=""):
    colours = site.colours
    style = f"background:{ground or colours['foot']};color:{ink or colours['footink']};padding:{round(pad * site.scale)}px 0;font-size:13px;line-height:1.7;{extra}"
    return site.markup.band("foot", style, inner)


def centred(site):
    return band(site, lines([*address(site), *site.more, rights(site)], "center"))


def left(site):
    return band(site, lines([*address(site), *site.more, rights(site)]))


def emblem_text(site):
    inner = site.markup.row([(0, art.emblem(site.emblem, 80)), (1, lines([*address(site), *site.more, rights(site)]))])
    return band(site, inner)


def two(site):
    cells = [(62, lines([*address(site), *site.more])), (38, counter(site))]
    return band(site, site.markup.row(cells, align="flex-start"))


def three(site):
    cells = [(40, lines([*address(site), *site.more])), (30, links(site, "Liên kết", 5)), (30, counter(site))]
    return band(site, site.markup.row(cells, align="flex-start")) + bottom(site)


def four(site):
    cells = [
        (34, lines([*address(site), *site.more])),
        (22, links(site, "Chuyên mục", 5)),
        (22, links(site, "Dịch vụ công", 5)),
        (22, counter(site)),
    ]
    return band(site, site.markup.row(cells, align="flex-start"), pad=28) + bottom(site)


def bottom(site):
    colours = site.colours
    return band(site, lines([rights(site)], "center"), colours["bottom"], colours["bottomink"], 8)


def menu_text(site):
    """A strip with the menu again, and the address on a light ground below."""
    colours = site.colours
    strip = site.markup.band(
        "foot", f"background:{colours['nav']}", site.markup.menu(site.menu[:7], colours["navink"], size=13, pad=8)
    )
    return strip + band(site, lines([*address(site), *site.more, rights(site)]))


def logos(site):
    """A row of other sites' logos on white, then the closing block."""
    marks = "".join(
        f'<a href="/doi-tac/{at}" style="display:inline-block;margin:0 12px">{art.emblem(art.EMBLEMS[at % 4], 44)}</a>'
        for at in range(8)
    )
    row = site.markup.band(
        "foot",
        "background:#ffffff;padding:10px 0;border-top:1px solid #dddddd",
        f'<div style="text-align:center">{marks}</div>',
    )
    return row + band(site, lines([*address(site), *site.more, rights(site)], "center"))


def skyline(site):
    """The address before a drawn row of houses."""
    colours = site.colours
    site.asset("chan.svg", art.skyline(1366, 220, colours["foot"], colours["footink"], site.photo))
    extra = "background-image:url(chan.svg);background-size:cover;background-position:bottom"
    return band(site, lines([*address(site), *site.more, rights(site)], "center"), pad=40, extra=extra)


def split_bar(site):
    """Two columns and, below, a darker bar: rights at the left, who made it at the right."""
    colours = site.colours
    cells = [(60, lines([*address(site), *site.more])), (40, links(site, "Liên kết nhanh", 4))]
    bar = site.markup.row([(1, rights(site)), (0, "Thiết kế bởi VNPT")])
    return band(site, site.markup.row(cells, align="flex-start")) + band(
        site, bar, colours["bottom"], colours["bottomink"], 8
    )


SHAPES = {
    name: function
    for name, function in list(globals().items())
    if callable(function) and name not in ("address", "rights", "lines", "counter", "links", "band", "bottom")
}
