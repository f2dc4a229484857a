#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use proptest::prelude::*;
use url::Url;

use super::{Place, SiteError, SiteId, SiteIndex, landing_tail, parse_address, registrable_domain};

fn site(text: &str) -> SiteId {
    text.parse().unwrap()
}

fn located(index: &SiteIndex, url: &str) -> Option<(String, Place)> {
    let url: Url = url.parse().unwrap();
    index.locate(&url).map(|(site, place)| (site.to_string(), place))
}

#[test]
fn ways_to_write_one_site_are_equal() {
    let same = [
        "sxd.tinh.gov.vn",
        "https://sxd.tinh.gov.vn/",
        "http://sxd.tinh.gov.vn",
        "HTTP://WWW.SXD.Tinh.Gov.Vn:80/",
        "https://sxd.tinh.gov.vn:443",
        "http://sxd.tinh.gov.vn:443",
        "sxd.tinh.gov.vn:80",
        "//sxd.tinh.gov.vn",
        "https:\\\\sxd.tinh.gov.vn\\",
        "sxd.tinh.gov.vn./",
        " \u{feff}sxd.tinh.gov.vn\u{200b} ",
        "https://user:secret@sxd.tinh.gov.vn/#gioi-thieu",
        "https://sxd.tinh.gov.vn/web/guest/home",
        "https://sxd.tinh.gov.vn//web//guest/Home/",
        "https://sxd.tinh.gov.vn/Default.aspx",
        "https://sxd.tinh.gov.vn/(S(lit3py55t21z5v55vlm25s55))/Default.aspx",
        "https://sxd.tinh.gov.vn/index.jsp;jsessionid=0AFB12?utm_source=zalo&gidzl=x",
        "https://sxd.tinh.gov.vn/vi/trang-chu",
        "https://sxd.tinh.gov.vn/?lang=vi",
        "ｓｘｄ．tinh.gov.vn",
    ];
    for text in same {
        assert_eq!(site(text), site("sxd.tinh.gov.vn"), "{text}");
    }
    assert_eq!(
        site("https://sxd.tinh.gov.vn:443/").to_string(),
        "sxd.tinh.gov.vn"
    );
}

#[test]
fn units_under_a_path_are_sites_of_their_own() {
    let unit = site("https://BacNinh.gov.vn/web/so-noi-vu/trang-chu");
    assert_eq!(unit.to_string(), "bacninh.gov.vn/web/so-noi-vu");
    assert_ne!(unit, site("bacninh.gov.vn"));
    assert_eq!(
        site("quangninh.gov.vn/So/soxaydung"),
        site("quangninh.gov.vn/so/SoXayDung/")
    );
    assert_eq!(
        site("lamdong.gov.vn/sites/skhcn/SitePages/Home.aspx").to_string(),
        "lamdong.gov.vn/sites/skhcn"
    );
    assert_ne!(site("tinh.gov.vn:8080"), site("tinh.gov.vn"));
}

#[test]
fn a_query_that_names_the_unit_is_kept_and_one_that_does_not_is_dropped() {
    let unit = site("ninhbinh.gov.vn/Default.aspx?sname=ubnd-ninhbinh&sid=4&utm_medium=x");
    assert_eq!(unit.query(), Some("sname=ubnd-ninhbinh&sid=4"));
    assert_eq!(unit, site("ninhbinh.gov.vn/?SID=4&sname=UBND-ninhbinh"));
    assert_ne!(
        unit,
        site("ninhbinh.gov.vn/Default.aspx?sname=ubnd-ninhbinh&sid=5")
    );
    assert_eq!(site("tinh.gov.vn/?fbclid=1"), site("tinh.gov.vn"));
}

#[test]
fn international_names_become_ascii_and_escapes_do_not_matter() {
    assert_eq!(
        site("https://tỉnhmẫu.vn").host(),
        site("https://TỈNHMẪU.vn").host()
    );
    assert!(site("tỉnhmẫu.vn").host().starts_with("xn--"));
    let escaped = site("tinh.gov.vn/s%e1%bb%9f-x%C3%A2y%2ddung");
    assert_eq!(escaped, site("tinh.gov.vn/Sở-Xây-dung"));
    assert_eq!(escaped, site("tinh.gov.vn/s\u{1a1}\u{309}-xa\u{302}y-dung"));
}

#[test]
fn what_is_no_address_is_refused_with_its_reason() {
    for text in ["", "  ", "\u{feff}"] {
        assert_eq!(parse_address(text), Err(SiteError::Empty));
    }
    for text in [
        "ftp://a.gov.vn",
        "mailto:a@b.gov.vn",
        "javascript:void(0)",
        "htps://a.gov.vn",
    ] {
        assert!(matches!(parse_address(text), Err(SiteError::Scheme(_))), "{text}");
    }
    let no_addresses = [
        "sở y tế",
        "Sở",
        "12.5",
        "0243123456",
        "a..gov.vn",
        "http://",
        "http://.",
        "sxd,tinh.gov.vn",
        "https//a.gov.vn",
        "http:/a.gov.vn",
        "x:y",
    ];
    for text in no_addresses {
        assert!(
            matches!(parse_address(text), Err(SiteError::NotAnAddress(_))),
            "{text}"
        );
    }
    assert_eq!(site("10.0.0.5:8080/web").to_string(), "10.0.0.5:8080/web");
    assert_eq!(site("http://[::1]:8080/").to_string(), "[::1]:8080");
}

#[test]
fn landing_tails_are_cut_once_and_for_all() {
    assert_eq!(landing_tail("/home/index.html"), "");
    assert_eq!(landing_tail("/Home/Index"), "");
    assert_eq!(landing_tail("/sites/Skhcn/Pages/Default.aspx"), "/sites/Skhcn");
    assert_eq!(landing_tail("/tin-tuc/12345"), "/tin-tuc/12345");
    assert_eq!(landing_tail("/donvi/welcome-home"), "/donvi/welcome-home");
    assert_eq!(landing_tail(""), "");
}

#[test]
fn registrable_domains_of_names_and_numbers() {
    assert_eq!(registrable_domain("www.sxd.tinh.gov.vn."), "tinh.gov.vn");
    assert_eq!(registrable_domain("10.0.0.5"), "10.0.0.5");
    assert_eq!(registrable_domain("[::1]"), "[::1]");
    assert_eq!(registrable_domain("localhost"), "localhost");
}

#[test]
fn the_longest_base_path_owns_an_address() {
    let mut index = SiteIndex::default();
    for text in [
        "tinh.gov.vn",
        "tinh.gov.vn/web/so",
        "tinh.gov.vn/web/so/phong-a",
        "tinh.gov.vn/Default.aspx?sid=4",
    ] {
        index.add(&site(text));
    }
    index.add_alias(&site("tinh.gov.vn/web/so"), &site("so.tinh.gov.vn"));
    let cases = [
        (
            "http://www.tinh.gov.vn:80/web/guest/home",
            "tinh.gov.vn",
            Place::Home,
        ),
        ("https://tinh.gov.vn/?lang=en", "tinh.gov.vn", Place::Home),
        ("https://tinh.gov.vn/?utm_source=a", "tinh.gov.vn", Place::Home),
        ("https://tinh.gov.vn/?p=57", "tinh.gov.vn", Place::Below),
        ("https://tinh.gov.vn/tin/1", "tinh.gov.vn", Place::Below),
        ("https://tinh.gov.vn/web/so-khac", "tinh.gov.vn", Place::Below),
        ("https://tinh.gov.vn/Web/So/", "tinh.gov.vn/web/so", Place::Home),
        (
            "https://tinh.gov.vn/web/so/trang-chu",
            "tinh.gov.vn/web/so",
            Place::Home,
        ),
        (
            "https://tinh.gov.vn/web/so/tin/1",
            "tinh.gov.vn/web/so",
            Place::Below,
        ),
        (
            "https://tinh.gov.vn/web/so/phong-a/x",
            "tinh.gov.vn/web/so/phong-a",
            Place::Below,
        ),
        (
            "https://so.tinh.gov.vn/index.html",
            "tinh.gov.vn/web/so",
            Place::Home,
        ),
        (
            "https://tinh.gov.vn/default.aspx?SID=4",
            "tinh.gov.vn/Default.aspx?sid=4",
            Place::Home,
        ),
        (
            "https://tinh.gov.vn/?sid=4&pageid=9",
            "tinh.gov.vn/Default.aspx?sid=4",
            Place::Below,
        ),
        (
            "https://tinh.gov.vn/Default.aspx?sid=5",
            "tinh.gov.vn",
            Place::Below,
        ),
    ];
    for (url, owner, place) in cases {
        assert_eq!(located(&index, url), Some((owner.to_owned(), place)), "{url}");
    }
    assert_eq!(located(&index, "https://khac.tinh.gov.vn/"), None);
    assert_eq!(located(&index, "https://tinh.gov.vn:8443/"), None);
    assert_eq!(located(&index, "mailto:a@tinh.gov.vn"), None);
}

#[test]
fn a_hostile_address_is_located_in_linear_time() {
    let mut index = SiteIndex::default();
    index.add(&site("tinh.gov.vn/a/b"));
    let long = format!("https://tinh.gov.vn{}", "/a/home".repeat(100_000));
    assert_eq!(located(&index, &long), None);
    assert_eq!(landing_tail(&"/home".repeat(100_000)), "");
}

#[test]
fn folders_of_different_sites_differ() {
    let texts = [
        "tinh.gov.vn",
        "tinh.gov.vn:8080",
        "tinh.gov.vn/8080",
        "tinh.gov.vn/a/b",
        "tinh.gov.vn/a~b",
        "tinh.gov.vn/a?id=b",
        "tinh.gov.vn/a/id=b",
        "tinh.gov.vn/a*",
        "tinh.gov.vn/a/",
    ];
    let names: Vec<String> = texts.iter().map(|text| site(text).folder_name()).collect();
    for (at, name) in names.iter().enumerate() {
        assert!(!names[..at].contains(name), "{name}");
    }
    assert_eq!(
        site("tinh.gov.vn:8080/web/so").folder_name(),
        "tinh.gov.vn~8080~web~so"
    );
}

/// Texts like those in lists: mostly addresses, with the oddities that people type.
fn address() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["", "http://", "https://", "HTTPS://", "//"]);
    // A letter, then no hyphen in the third place: "xn--" would promise an encoded name.
    let host = "(www\\.)?[a-z]([a-z0-9][a-z0-9][a-z0-9-]{0,6})?[a-z0-9]\\.(gov|edu)\\.vn\\.?";
    let port = prop::sample::select(vec!["", ":80", ":443", ":8080"]);
    let segment = prop::sample::select(vec![
        "/web",
        "/So",
        "/home",
        "/index.html",
        "/",
        "/(S(a1))",
        "/a%2fb",
        "/%7ex",
        "/s%E1%BB%9f",
        "/x;jsessionid=1",
        "/Pages/Default.aspx",
        "/vi",
        "/8080",
        "/a~b",
        "/..",
        "/%",
        "/%zz",
    ]);
    let query = prop::sample::select(vec![
        "",
        "?",
        "?sid=4",
        "?utm_source=x",
        "?b=2&a=1&lang=vi",
        "?&&",
        "?%41=%C3%A2",
    ]);
    (scheme, host, port, prop::collection::vec(segment, 0..5), query)
        .prop_map(|(scheme, host, port, path, query)| format!("{scheme}{host}{port}{}{query}", path.concat()))
}

proptest! {
    /// Stored lines and folders are read again: what is written must read as the same site.
    #[test]
    fn writing_and_reading_a_site_changes_nothing(text in address()) {
        let first: SiteId = text.parse().unwrap();
        let again: SiteId = first.to_string().parse().unwrap();
        prop_assert_eq!(&first, &again);
        prop_assert_eq!(first.to_string(), again.to_string());
        let url: Url = first.home_url("https").parse().unwrap();
        prop_assert_eq!(SiteId::from_url(&url), first);
    }

    #[test]
    fn scheme_case_www_slash_and_default_port_make_no_other_site(
        host in "[a-z][a-z0-9]{1,8}\\.gov\\.vn", path in "(/[a-z]{1,6}[0-9]){0,3}"
    ) {
        let plain = site(&format!("{host}{path}"));
        for text in [
            format!("http://{host}{path}/"),
            format!("https://www.{host}:443{path}"),
            format!("http://{host}:80{path}"),
            format!("https://{}{}", host.to_uppercase(), path.to_uppercase()),
            format!("https://{host}{path}/index.html?utm_source=a#b"),
        ] {
            prop_assert_eq!(&site(&text), &plain);
        }
    }

    #[test]
    fn folder_names_are_safe_and_tell_sites_apart(texts in prop::collection::vec(address(), 2..12)) {
        let mut seen: HashMap<String, SiteId> = HashMap::new();
        for site in texts.iter().map(|text| site(text)) {
            let name = site.folder_name();
            prop_assert!(name.len() <= 180 && !name.starts_with('.') && !name.ends_with('.'));
            let is_safe = name.bytes().all(|byte| byte.is_ascii_graphic() && !b"/\\:*?\"<>|".contains(&byte));
            prop_assert!(is_safe, "{}", name);
            if let Some(other) = seen.insert(name, site.clone()) {
                prop_assert_eq!(other, site);
            }
        }
    }

    #[test]
    fn a_site_is_found_at_its_own_address(texts in prop::collection::vec(address(), 1..8)) {
        let sites: Vec<SiteId> = texts.iter().map(|text| site(text)).collect();
        let mut index = SiteIndex::default();
        for site in &sites {
            index.add(site);
        }
        for site in &sites {
            let url: Url = site.home_url("http").parse().unwrap();
            let (found, place) = index.locate(&url).unwrap();
            // A query site whose parameters are a part of another's is its home all the same.
            prop_assert_eq!(found, site);
            prop_assert_eq!(place, Place::Home);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,60}", base in "[/a-zA-Z%;().?&=]{0,30}") {
        let mut index = SiteIndex::default();
        for text in [text.clone(), format!("x.gov.vn{base}"), format!("http://{text}"), format!("x.vn/{text}")] {
            if let Ok(url) = parse_address(&text) {
                let site = SiteId::from_url(&url);
                prop_assert!(site.to_string().parse::<SiteId>().is_ok(), "{}", site);
                index.add(&site);
                prop_assert!(index.locate(&url).is_some());
                prop_assert!(site.folder_name().len() <= 180);
            }
        }
    }
}
