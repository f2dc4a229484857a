//! Names and phrases by which Vietnamese systems give away what a block is for. Matching is
//! loose on purpose: geometry has to agree before any of it counts.

/// Substrings of `id` and `class` that speak of a page header.
const HEADER: &[&str] = &[
    "header",
    "banner",
    "masthead",
    "topbar",
    "top-bar",
    "top_bar",
    "dautrang",
    "dau-trang",
    "dau_trang",
    "topheader",
    "siteheader",
    "site-head",
    "navbar",
    "s4-titlerow",
    "logo-wrap",
    "dnn_logo",
];
const HEADER_WORDS: &[&str] = &["top", "head", "hd", "hdr", "bn", "topnav", "logo"];

const FOOTER: &[&str] = &[
    "footer",
    "chantrang",
    "chan-trang",
    "chan_trang",
    "copyright",
    "banquyen",
    "ban-quyen",
    "colophon",
    "page-bottom",
    "bottombar",
];
const FOOTER_WORDS: &[&str] = &["foot", "ft", "ftr", "bottom"];

const MENU: &[&str] = &[
    "menu",
    "navbar",
    "navigation",
    "topnav",
    "mainnav",
    "main-nav",
    "nav-main",
    "nav-bar",
    "s4-topnav",
    "dnn_nav",
    "ddsmooth",
    "superfish",
    "sf-",
];
const MENU_WORDS: &[&str] = &["nav", "navi", "tabs"];

const SLIDER: &[&str] = &[
    "slide",
    "slick",
    "carousel",
    "swiper",
    "owl-",
    "nivo",
    "flexslider",
    "bxslider",
    "camera_wrap",
    "jssor",
    "rev_slider",
    "tp-banner",
];
/// Names of a large opening picture; a low block of such a name is a banner.
const OPENING: &[&str] = &["jumbotron", "hero"];

const MAIN: &[&str] = &[
    "content",
    "noidung",
    "noi-dung",
    "noi_dung",
    "s4-bodycontainer",
    "deltaplaceholdermain",
    "tintuc",
    "tin-tuc",
    "article",
    "layout-column",
    "main-body",
    "mainbody",
    "columns-",
    "contentpane",
];
const MAIN_WORDS: &[&str] = &["main", "news", "tin", "body", "center", "entry", "post"];

const SEARCH: &[&str] = &["search", "timkiem", "tim-kiem", "tim_kiem", "tìm kiếm"];
const EMBLEM: &[&str] = &[
    "logo", "quochuy", "quoc-huy", "quoc_huy", "emblem", "crest", "brand",
];

/// Feasts and what pages are hung with for them. `xuan` alone is in the name of many a place.
const FEAST: &[&str] = &[
    "hoa-mai",
    "hoa_mai",
    "hoamai",
    "hoa-dao",
    "hoa_dao",
    "hoadao",
    "canh-mai",
    "canhmai",
    "canh-dao",
    "canhdao",
    "hoa-roi",
    "hoaroi",
    "mung-xuan",
    "mungxuan",
    "chao-xuan",
    "chaoxuan",
    "don-xuan",
    "donxuan",
    "nguyen-dan",
    "nguyendan",
    "nam-moi",
    "nammoi",
    "new-year",
    "newyear",
    "phao-hoa",
    "phaohoa",
    "firework",
    "den-long",
    "denlong",
    "long-den",
    "lantern",
    "cau-doi",
    "caudoi",
    "banh-chung",
    "banhchung",
    "quoc-khanh",
    "quockhanh",
    "mung-2-9",
    "le-2-9",
    "2-9-1945",
    "2thang9",
    "mung-30-4",
    "le-30-4",
    "30-4-1975",
    "30thang4",
    "giang-sinh",
    "giangsinh",
    "christmas",
    "snowfall",
    "snowflake",
    "snowstorm",
    "blossom",
];
const FEAST_WORDS: &[&str] = &["tet", "noel", "xmas", "snow", "petal", "petals", "lixi", "sakura"];
/// Only with the year behind them.
const FEAST_OF_YEAR: &[&str] = &["tet", "xuan", "noel"];

/// What closes a page says at least one of these.
const FOOTER_TEXT: &[&str] = &[
    "bản quyền",
    "chịu trách nhiệm",
    "địa chỉ",
    "điện thoại",
    "copyright",
    "©",
    "cơ quan chủ quản",
    "giấy phép",
    "ghi rõ nguồn",
    "trưởng ban biên tập",
    "ban biên tập",
    "fax",
    "email",
    "thư điện tử",
    "hotline",
    "đường dây nóng",
    "lượt truy cập",
    "đang truy cập",
    "thiết kế bởi",
    "phát triển bởi",
    "trụ sở",
    "all rights reserved",
    "address",
];
/// Phrases that hardly stand anywhere else.
const FOOTER_STRONG: &[&str] = &[
    "bản quyền",
    "chịu trách nhiệm",
    "copyright",
    "©",
    "cơ quan chủ quản",
    "ghi rõ nguồn",
    "all rights reserved",
];

fn has_part(names: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| names.contains(part))
}

fn has_word(names: &str, words: &[&str]) -> bool {
    names
        .split(|c: char| !c.is_alphanumeric())
        .any(|token| words.contains(&token))
}

pub(crate) fn names_header(names: &str) -> bool {
    has_part(names, HEADER) || has_word(names, HEADER_WORDS)
}

pub(crate) fn names_footer(names: &str) -> bool {
    has_part(names, FOOTER) || has_word(names, FOOTER_WORDS)
}

pub(crate) fn names_menu(names: &str) -> bool {
    has_part(names, MENU) || has_word(names, MENU_WORDS)
}

pub(crate) fn names_slider(names: &str) -> bool {
    has_part(names, SLIDER)
}

pub(crate) fn names_opening(names: &str) -> bool {
    has_part(names, OPENING)
}

pub(crate) fn names_main(names: &str) -> bool {
    has_part(names, MAIN) || has_word(names, MAIN_WORDS)
}

pub(crate) fn names_search(names: &str) -> bool {
    has_part(names, SEARCH)
}

pub(crate) fn names_emblem(names: &str) -> bool {
    has_part(names, EMBLEM)
}

/// Names of files and elements that a page wears on a feast.
pub(crate) fn names_feast(names: &str) -> bool {
    let of_year = |token: &str| {
        FEAST_OF_YEAR.iter().any(|feast| {
            let year = token.strip_prefix(feast).unwrap_or_default();
            !year.is_empty() && year.chars().all(|c| c.is_ascii_digit())
        })
    };
    has_part(names, FEAST)
        || has_word(names, FEAST_WORDS)
        || names.split(|c: char| !c.is_alphanumeric()).any(of_year)
}

/// Indices of the phrases of a closing block in `text` (lower case), as a set of bits.
pub(crate) fn footer_phrases(text: &str) -> u32 {
    let mut found = 0;
    for (bit, phrase) in FOOTER_TEXT.iter().enumerate() {
        if text.contains(phrase) {
            found |= 1 << bit;
        }
    }
    found
}

pub(crate) fn footer_strong(text: &str) -> bool {
    FOOTER_STRONG.iter().any(|phrase| text.contains(phrase))
}
