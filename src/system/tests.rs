#![allow(clippy::unwrap_used)]
use super::SystemKind::*;
use super::*;
use crate::checks::support::{SITE, page, request};
use crate::observation::{Block, LayoutFacts, Observation};

/// A page with these things: `generator=…`, `header=name:value`, `cookie=…`, `name=…`, or an address.
fn of(things: &[&str]) -> Observation {
    let mut page = page();
    page.document.headers.clear();
    for thing in things {
        match thing.split_once('=') {
            Some(("generator", text)) => {
                let facts = page.page.as_mut().unwrap();
                facts.meta.push(("Generator".to_owned(), text.to_owned()));
            }
            Some(("header", text)) => {
                let (name, value) = text.split_once(':').unwrap();
                page.document.headers.push((name.to_owned(), value.to_owned()));
            }
            Some(("cookie", text)) => page.document.cookie_names.push(text.to_owned()),
            Some(("name", text)) => {
                let layout = page.layout.get_or_insert_with(LayoutFacts::default);
                layout.blocks.push(Block {
                    names: text.to_owned(),
                    ..Block::default()
                });
            }
            _ if thing.starts_with('/') => page.requests.push(request(&format!("https://{SITE}{thing}"))),
            _ => page.requests.push(request(thing)),
        }
    }
    page
}

fn kind(things: &[&str]) -> SystemKind {
    recognise(&of(things)).unwrap().name
}

/// Pages of each system.
const CASES: &[(SystemKind, &[&[&str]])] = &[
    (
        OpenCps,
        &[
            &[
                "/o/opencps-store/js/cli/login/app/js/app.js",
                "/o/frontend-js-web/liferay/x.js",
                "cookie=GUEST_LANGUAGE_ID",
            ],
            &[
                "name=opencps-home main",
                "header=liferay-portal:Liferay Community Edition Portal 7.0.6 GA7",
            ],
        ],
    ),
    (
        VnptPortal,
        &[
            &["generator=vnPortal 4.0"],
            &[
                "https://storage-vnportal.vnpt.vn/nbh-ubnd/1/a.jpg",
                "https://storage-vnportal.vnpt.vn/nbh-ubnd/1/b.jpg",
                "https://storage-vnportal.vnpt.vn/nbh-ubnd/1/c.css",
                "/web/guest/home",
                "cookie=GUEST_LANGUAGE_ID",
            ],
        ],
    ),
    (
        Liferay,
        &[
            &["generator=Liferay Portal"],
            &["/o/frontend-js-aui-web/aui/aui/aui.js"],
            &["/html/js/barebone.jsp"],
            &["cookie=COOKIE_SUPPORT", "cookie=GUEST_LANGUAGE_ID"],
            &["name=portlet-boundary portlet-boundary_56_"],
            &["/combo/", "/documents/20182/1/logo.png"],
        ],
    ),
    (
        DotNetNuke,
        &[
            &["generator=DotNetNuke"],
            &["/Portals/_default/default.css"],
            &["/DesktopModules/HTML/module.css", "/Portals/0/logo.png"],
            &["name=dnn_ContentPane"],
            &["cookie=dnn_IsMobile"],
        ],
    ),
    (
        SharePoint,
        &[
            &["generator=Microsoft SharePoint"],
            &["/_layouts/15/init.js"],
            &["/Style%20Library/css/main.css", "/PublishingImages/logo.png"],
            &["header=microsoftsharepointteamservices:15.0.0.4569"],
            &["name=s4-workspace"],
        ],
    ),
    (
        WordPress,
        &[
            &["generator=WordPress 6.4.3", "header=x-powered-by:PHP/8.1"],
            &["/wp-includes/js/jquery/jquery.min.js"],
            &["/wp-content/uploads/2026/01/logo.png"],
        ],
    ),
    (
        Joomla,
        &[
            &[
                "generator=Joomla! - Open Source Content Management",
                "header=x-powered-by:PHP/7.4",
            ],
            &["/media/jui/js/jquery.min.js"],
            &["/templates/tinh/css/template.css", "/media/system/js/caption.js"],
        ],
    ),
    (
        Drupal,
        &[
            &["generator=Drupal 10 (https://www.drupal.org)"],
            &["header=x-drupal-cache:HIT"],
            &["/sites/default/files/logo.png"],
        ],
    ),
    (
        NukeViet,
        &[
            &["generator=NukeViet v4.5", "header=x-powered-by:PHP/7.4"],
            &["/themes/tinh/js/nv.core.js"],
            &["cookie=nv4c_k3l2m_sess", "cookie=PHPSESSID"],
        ],
    ),
    (
        NextJs,
        &[
            &["/_next/static/chunks/main-4f1.js"],
            &["name=__next"],
            &["header=x-powered-by:Next.js"],
        ],
    ),
    (
        Php,
        &[
            &["header=x-powered-by:PHP/8.1.2"],
            &["cookie=PHPSESSID"],
            &["/index.php"],
        ],
    ),
];

#[test]
fn each_system_is_known_by_any_of_its_own_signs() {
    for (wanted, pages) in CASES {
        for things in *pages {
            assert_eq!(kind(things), *wanted, "{things:?}");
        }
    }
}

#[test]
fn what_only_looks_like_a_system_is_general() {
    for things in [
        &[][..],
        &["generator=Microsoft FrontPage 4.0"],
        &["generator=Trang tin về WordPress"],
        &["/templates/css/style.css"],
        &["/portals/0/logo.png"],
        &["/documents/huong-dan.pdf"],
        &["/web/guest/home"],
        &["/SitePages/logo.png"],
        &["/Default.aspx", "header=x-powered-by:ASP.NET"],
        &["name=next prev swiper-button-next"],
        &["name=wp-block drupal"],
    ] {
        assert_eq!(kind(things), SystemKind::General, "{things:?}");
        assert_eq!(recognise(&of(things)).unwrap().sign, None);
    }
}

#[test]
fn files_of_other_sites_say_nothing() {
    for things in [
        "https://tinh.gov.vn/wp-content/themes/x.css",
        "https://tinh.gov.vn/_layouts/15/init.js",
        "https://cdn.example.com/_next/static/x.js",
        "https://storage-vnportal.vnpt.vn/gov-hni/6249/VanBan.pdf",
    ] {
        assert_eq!(kind(&[things]), SystemKind::General, "{things}");
    }
    assert_eq!(
        kind(&[&format!("https://www.{SITE}/wp-includes/x.js")]),
        SystemKind::WordPress
    );
}

#[test]
fn the_heaviest_sign_is_quoted_and_cut() {
    let long = format!("generator=WordPress {}", "x".repeat(900));
    let system = recognise(&of(&["/wp-content/x.png", &long])).unwrap();
    let sign = system.sign.unwrap();
    assert!(
        sign.starts_with("generator: WordPress xxx") && sign.chars().count() <= 121,
        "{sign}"
    );
}

#[test]
fn without_a_page_there_is_no_system() {
    let mut page = of(&["generator=WordPress"]);
    page.page = None;
    assert_eq!(recognise(&page), None);
}

#[test]
fn results_use_the_word_that_each_system_has() {
    for kind in SystemKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
