"""How the systems in use write a page: the same arrangement as elements of HTML 5, as tables, as the panes of
DotNetNuke, SharePoint or Liferay, or as boxes whose classes say nothing."""

import html

# Names that the parts of a page have in each dialect: a pair of tag and attributes.
DIALECTS = {
    "html5": {
        "header": ("header", 'class="site-header"'),
        "top": ("div", 'class="topbar"'),
        "banner": ("div", 'class="banner"'),
        "menu": ("nav", 'class="main-nav"'),
        "strip": ("div", 'class="strip"'),
        "main": ("main", 'class="noi-dung"'),
        "footer": ("footer", 'class="site-footer"'),
        "foot": ("div", 'class="in"'),
        "slides": ("div", 'class="slider"'),
    },
    "ids": {
        "header": ("div", 'id="header"'),
        "top": ("div", 'id="top"'),
        "banner": ("div", 'id="banner"'),
        "menu": ("div", 'id="menu" class="ddsmoothmenu"'),
        "strip": ("div", 'id="thanhngay"'),
        "main": ("div", 'id="noidung"'),
        "footer": ("div", 'id="footer"'),
        "foot": ("div", 'class="f-in"'),
        "slides": ("div", 'id="slider" class="nivoSlider"'),
    },
    "dnn": {
        "header": ("div", 'id="dnn_HeaderPane"'),
        "top": ("div", 'id="dnn_TopPane" class="top_pane"'),
        "banner": ("div", 'id="dnn_BannerPane" class="bannerpane"'),
        "menu": ("div", 'id="dnn_dnnMenu" class="RadMenu rmHorizontal"'),
        "strip": ("div", 'id="dnn_pnlNgay"'),
        "main": ("div", 'id="dnn_ContentPane" class="contentpane"'),
        "footer": ("div", 'id="dnn_FooterPane" class="footerpane"'),
        "foot": ("div", 'class="DNNModuleContent"'),
        "slides": ("div", 'id="dnn_SlidePane" class="slides"'),
    },
    "sharepoint": {
        "header": ("div", 'id="s4-titlerow"'),
        "top": ("div", 'class="ms-rteThemeTop"'),
        "banner": ("div", 'class="s4-title"'),
        "menu": ("div", 'id="s4-topnav" class="ms-core-listMenu-horizontalBox"'),
        "strip": ("div", 'class="ms-breadcrumb-box"'),
        "main": ("div", 'id="DeltaPlaceHolderMain"'),
        "footer": ("div", 'id="DeltaChanTrang" class="chan-trang"'),
        "foot": ("div", 'class="ms-webpart-zone"'),
        "slides": ("div", 'class="flexslider"'),
    },
    "liferay": {
        "header": ("header", 'id="banner" role="banner"'),
        "top": ("div", 'class="portlet-topper-line"'),
        "banner": ("div", 'id="heading"'),
        "menu": ("nav", 'id="navigation" role="navigation" class="sort-pages"'),
        "strip": ("div", 'class="portlet-strip"'),
        "main": ("div", 'class="columns-3" id="main-content" role="main"'),
        "footer": ("footer", 'id="footer" role="contentinfo"'),
        "foot": ("div", 'class="portlet-body"'),
        "slides": ("div", 'class="carousel slide"'),
    },
    "nameless": {
        name: ("div", f'class="css-{code}"')
        for name, code in (
            ("header", "1k8x"),
            ("top", "9d2f"),
            ("banner", "0qhe"),
            ("menu", "v3m1"),
            ("strip", "x77a"),
            ("main", "b5p0"),
            ("footer", "t6rz"),
            ("foot", "2mnw"),
            ("slides", "swiper"),
        )
    },
}
DIALECTS["table"] = {name: ("table", "") for name in DIALECTS["html5"]}


class Markup:
    """Writes the parts of a page in one dialect. `width` of the inner box in px; 0 for the whole window."""

    def __init__(self, dialect, width):
        self.dialect, self.width = dialect, width
        self.names = DIALECTS[dialect]

    def band(self, part, style, inner, boxed=True):
        """A band over the whole window, its contents in a box of the page's width."""
        content = self.box(inner) if boxed else inner
        if self.dialect == "table":
            ground = style.split("background:", 1)[1].split(";")[0] if "background:#" in style else ""
            colour = f' bgcolor="{ground}"' if ground else ""
            return f'<table width="100%" cellpadding="0" cellspacing="0"{colour} style="{style}"><tr><td>{content}</td></tr></table>'
        tag, attributes = self.names[part]
        return f'<{tag} {attributes} style="{style}">{content}</{tag}>'

    def box(self, inner):
        if self.dialect == "table":
            width = self.width or "100%"
            return f'<table width="{width}" align="center" cellpadding="0" cellspacing="0"><tr><td>{inner}</td></tr></table>'
        limit = f"max-width:{self.width}px" if self.width else "padding:0 18px"
        return f'<div style="margin:0 auto;{limit}">{inner}</div>'

    def wrap(self, part, inner, style=""):
        """The outermost element of header or footer; a table layout has none."""
        if self.dialect == "table":
            return inner
        tag, attributes = self.names[part]
        return f'<{tag} {attributes} style="{style}">{inner}</{tag}>'

    def row(self, cells, style="", align="center"):
        """Cells beside one another: pairs of share (0: as wide as it is) and contents."""
        if self.dialect == "table":
            inner = "".join(
                f'<td valign="{"top" if align == "flex-start" else "middle"}"{f" width={99 if share == 1 else share}%" if share else " nowrap"} style="padding-right:14px">{cell}</td>'
                for share, cell in cells
            )
            return f'<table width="100%" cellpadding="0" cellspacing="0" style="{style}"><tr>{inner}</tr></table>'
        inner = "".join(
            f'<div style="{f"flex:{share} 1 0" if share else "flex:none"}">{cell}</div>' for share, cell in cells
        )
        return f'<div style="display:flex;gap:14px;align-items:{align};{style}">{inner}</div>'

    def menu(self, entries, colour, style="", align="left", size=14, pad=12):
        """The entries of a menu, side by side; longer menus wrap as they do on real pages."""
        links = [
            f'<a href="/muc/{number}" style="color:{colour};font-size:{size}px;padding:{pad}px {pad + 2}px;display:inline-block">{html.escape(entry)}</a>'
            for number, entry in enumerate(entries)
        ]
        if self.dialect == "table":
            cells = "".join(f"<td nowrap>{link}</td>" for link in links)
            return f'<table align="{align}" cellpadding="0" cellspacing="0" style="{style}"><tr>{cells}</tr></table><br clear="all" style="line-height:0">'
        items = "".join(f"<li>{link}</li>" for link in links)
        place = {"left": "flex-start", "center": "center", "right": "flex-end"}[align]
        return f'<ul style="display:flex;flex-wrap:wrap;list-style:none;margin:0;padding:0;justify-content:{place};{style}">{items}</ul>'
