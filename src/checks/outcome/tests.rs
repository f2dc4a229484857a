#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::checks::support::*;
use crate::observation::*;

pub(in crate::checks::outcome) fn of(page: &Observation) -> (Outcome, Option<String>) {
    let world = world();
    let facts = outcome_of(
        page,
        &world.listed,
        &world.index,
        &world.rules.signals,
        &world.emc,
    );
    (facts.outcome, facts.reason_word())
}

pub(in crate::checks::outcome) fn reason(page: &Observation) -> String {
    of(page).1.unwrap_or_else(|| "measured".to_owned())
}

/// A page with nothing but this title and text.
pub(in crate::checks::outcome) fn notice(title: &str, text: &str) -> Observation {
    let mut page = page();
    let facts = page.page.as_mut().unwrap();
    facts.title = title.to_owned();
    facts.text = PageText {
        start: text.to_owned(),
        length: text.chars().count() as u64,
        links: 1,
        images: 2,
        ..PageText::default()
    };
    page
}

fn ended(ending: Ending) -> Observation {
    let mut page = page();
    page.attempts[0].ending = ending;
    page.document = DocumentFacts::default();
    page.page = None;
    page.final_url = None;
    page
}

fn network(error: &str) -> Observation {
    ended(Ending::NetworkError {
        error: error.to_owned(),
    })
}

fn status(status: u16) -> Observation {
    let mut page = page();
    page.document.status = Some(status);
    page
}

#[test]
fn an_ordinary_home_page_is_measured() {
    assert_eq!(of(&page()), (Outcome::Measured, None));
}

#[test]
fn the_status_decides_before_the_page_and_the_error() {
    for code in [401, 403, 407, 429, 451] {
        assert_eq!(
            of(&status(code)),
            (Outcome::Blocked, Some(format!("http_{code}")))
        );
    }
    for code in [400, 404, 410, 500, 503] {
        assert_eq!(
            of(&status(code)),
            (Outcome::Unreachable, Some(format!("http_{code}")))
        );
    }
    // Chromium does not show a 407 of a server that is no proxy.
    assert_eq!(
        of(&network("net::ERR_UNEXPECTED_PROXY_AUTH")),
        (Outcome::Blocked, Some("http_407".to_owned()))
    );
    let mut login = network("net::ERR_INVALID_AUTH_CREDENTIALS");
    login.document.status = Some(401);
    assert_eq!(reason(&login), "http_401");
}

#[test]
fn errors_of_the_network_have_their_own_words() {
    for (error, word) in [
        ("net::ERR_NAME_NOT_RESOLVED", "dns"),
        ("net::ERR_CONNECTION_REFUSED", "refused"),
        ("net::ERR_CONNECTION_RESET", "reset"),
        ("net::ERR_EMPTY_RESPONSE", "reset"),
        ("net::ERR_CONNECTION_TIMED_OUT", "timeout"),
        ("net::ERR_TOO_MANY_REDIRECTS", "redirect_loop"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("net::ERR_ADDRESS_UNREACHABLE", "address"),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", "proxy"),
        ("net::ERR_HTTP2_PROTOCOL_ERROR", "bad_answer"),
        ("net::ERR_SOMETHING_NEW", "network_error"),
    ] {
        assert_eq!(
            of(&network(error)),
            (Outcome::Unreachable, Some(word.to_owned())),
            "{error}"
        );
    }
    assert_eq!(reason(&ended(Ending::TimedOut { limit_ms: 20_000 })), "timeout");
}

#[test]
fn a_site_that_nobody_reaches_has_the_reason_of_its_own_host() {
    let mut page = network("net::ERR_NAME_NOT_RESOLVED");
    let home = page.attempts[0].url.clone();
    page.attempts[0].url = home.replace("://", "://www.");
    let timed_out = Attempt {
        url: home,
        ending: Ending::TimedOut { limit_ms: 20_000 },
    };
    page.attempts.insert(0, timed_out);
    assert_eq!(reason(&page), "timeout");
    // The other name answered, however badly: that is what there is of the site.
    page.document.status = Some(503);
    assert_eq!(reason(&page), "http_503");
}

#[test]
fn what_is_no_page_is_not_html() {
    let other = |mime: &str| {
        ended(Ending::NotAPage {
            mime_type: Some(mime.to_owned()),
        })
    };
    assert_eq!(reason(&other("application/pdf")), "pdf");
    assert_eq!(reason(&other("application/zip")), "download");
    assert_eq!(reason(&other("image/png")), "other_type");
    let mut empty = network("net::ERR_ABORTED");
    empty.document.status = Some(204);
    assert_eq!(of(&empty), (Outcome::NotHtml, Some("no_content".to_owned())));
    let mut text = page();
    text.document.mime_type = Some("text/plain".to_owned());
    assert_eq!(reason(&text), "other_type");
}

#[test]
fn pages_that_kill_the_browser_are_broken() {
    let wedged = |what: &str| {
        ended(Ending::Wedged {
            what: what.to_owned(),
        })
    };
    assert_eq!(
        of(&wedged("no answer")),
        (Outcome::Broken, Some("wedged".to_owned()))
    );
    assert_eq!(reason(&wedged("renderer crashed")), "crashed");
    assert_eq!(reason(&wedged("out of memory")), "out_of_memory");
    let runaway = |what: &str| {
        ended(Ending::Runaway {
            what: what.to_owned(),
            count: 11,
        })
    };
    assert_eq!(reason(&runaway("dialogs")), "dialogs");
    assert_eq!(reason(&runaway("navigations")), "navigations");
    let mut late = page();
    late.attempts[0].ending = Ending::Wedged {
        what: "no answer".to_owned(),
    };
    assert_eq!(of(&late).0, Outcome::Measured, "it died after it was probed");
    let mut silent = page();
    silent.page = None;
    assert_eq!(of(&silent).0, Outcome::Broken);
}

#[test]
fn a_private_address_is_named() {
    let private = ended(Ending::PrivateAddress {
        address: "10.0.0.7".to_owned(),
    });
    assert_eq!(reason(&private), "private_address");
}

#[test]
fn another_listed_site_or_domain_is_moved_and_an_own_address_is_not() {
    let ends = |url: &str| {
        let mut page = page();
        page.final_url = Some(url.to_owned());
        reason(&page)
    };
    assert_eq!(ends("https://tinh.gov.vn/"), "other_site");
    assert_eq!(ends("https://tinh.gov.vn/so-xay-dung"), "other_site");
    assert_eq!(ends("https://parked.example.com/"), "other_domain");
    assert_eq!(ends("https://other.gov.vn/"), "other_domain");
    assert_eq!(ends("https://www.sxd.tinh.gov.vn/web/guest/home"), "measured");
    assert_eq!(ends("http://soxaydung.tinh.gov.vn/"), "measured");
}

#[test]
fn an_alias_of_another_domain_is_the_site_itself() {
    let mut world = world();
    world.listed.aliases.push(site("soxaydung.example.vn"));
    let mut page = page();
    page.final_url = Some("https://soxaydung.example.vn/".to_owned());
    let facts = outcome_of(
        &page,
        &world.listed,
        &world.index,
        &world.rules.signals,
        &world.emc,
    );
    assert_eq!(facts.outcome, Outcome::Measured);
}

#[test]
fn a_unit_that_falls_back_to_its_portal_has_moved() {
    let mut world = world();
    world.listed.site = site("tinh.gov.vn/web/so-noi-vu");
    world.index.add(&world.listed.site);
    let mut page = page();
    for (url, outcome) in [
        ("https://tinh.gov.vn/", Outcome::Moved),
        ("https://tinh.gov.vn/web/so-noi-vu/home", Outcome::Measured),
    ] {
        page.final_url = Some(url.to_owned());
        let facts = outcome_of(
            &page,
            &world.listed,
            &world.index,
            &world.rules.signals,
            &world.emc,
        );
        assert_eq!(facts.outcome, outcome, "{url}");
    }
}

#[test]
fn obstacles_with_status_200_are_told_by_their_words() {
    for (title, text, word) in [
        (
            "Just a moment...",
            "Verifying you are human. This may take a few seconds.",
            "challenge",
        ),
        (
            "sxd.tinh.gov.vn",
            "Đang kiểm tra trình duyệt của bạn trước khi truy cập",
            "challenge",
        ),
        (
            "Xác minh",
            "Vui lòng xác nhận bạn không phải là robot để tiếp tục truy cập",
            "captcha",
        ),
        (
            "Request Rejected",
            "The requested URL was rejected. Your support ID is: 123",
            "waf",
        ),
        (
            "Thông báo",
            "Yêu cầu của bạn đã bị từ chối bởi hệ thống bảo vệ",
            "waf",
        ),
    ] {
        assert_eq!(
            of(&notice(title, text)),
            (Outcome::Blocked, Some(word.to_owned())),
            "{title}"
        );
    }
    let mut widget = notice("sxd.tinh.gov.vn", "");
    widget
        .page
        .as_mut()
        .unwrap()
        .text
        .markers
        .push("g-recaptcha".to_owned());
    assert_eq!(reason(&widget), "captcha");
    let mut firewall = notice("Error", "Access Denied. Incapsula incident ID: 1");
    firewall.document.status = Some(406);
    assert_eq!(reason(&firewall), "waf");
}

#[test]
fn what_stands_in_for_the_home_page_is_told_by_its_words() {
    for (title, text, word) in [
        (
            "Sở Xây dựng",
            "Hệ thống đang bảo trì, xin vui lòng quay lại sau.",
            "maintenance",
        ),
        ("Under construction", "", "maintenance"),
        (
            "Welcome to nginx!",
            "Welcome to nginx! If you see this page, the web server is installed",
            "default_page",
        ),
        ("IIS Windows Server", "", "default_page"),
        (
            "Index of /",
            "Name Last modified Size Description",
            "default_page",
        ),
        ("sxd", "Tên miền này đang được rao bán. Liên hệ", "parking"),
        (
            "Account Suspended",
            "This account has been suspended.",
            "suspended",
        ),
        (
            "404 Not Found",
            "The page you look for is gone and we are sorry for that",
            "error_page",
        ),
    ] {
        assert_eq!(
            of(&notice(title, text)),
            (Outcome::NotTheSite, Some(word.to_owned())),
            "{title}"
        );
    }
    let mut shell = notice("Cổng", "Đang tải...");
    shell.page.as_mut().unwrap().text.images = 0;
    assert_eq!(reason(&shell), "empty_shell");
}

#[test]
fn a_real_home_page_may_speak_of_anything() {
    for text in [
        "Thông báo bảo trì hệ thống dịch vụ công",
        "Tên miền đã hết hạn: xử lý thế nào",
        "Access denied",
    ] {
        let mut page = page();
        page.page.as_mut().unwrap().text.start = text.to_owned();
        assert_eq!(reason(&page), "measured", "{text}");
    }
    let mut titled = page();
    titled.page.as_mut().unwrap().title = "Lỗi hệ thống và cách xử lý".to_owned();
    assert_eq!(reason(&titled), "measured");
}

#[test]
fn a_short_page_that_works_with_emc_is_the_site() {
    let mut page = notice("Sở Xây dựng", "Tin: bảo trì hệ thống điện. Mã captcha.");
    page.requests.push(script());
    assert_eq!(reason(&page), "measured");
    page.page.as_mut().unwrap().title = "Website đang bảo trì".to_owned();
    assert_eq!(reason(&page), "maintenance");
}

#[test]
fn nothing_but_a_login_form_hides_the_home_page_and_one_beside_links_does_not() {
    let mut login = notice(
        "Hệ thống quản lý",
        "Đăng nhập Mã captcha và mật khẩu vào hệ thống quản lý văn bản",
    );
    let markers = &mut login.page.as_mut().unwrap().text.markers;
    markers.extend(["input[type=password]".to_owned(), "g-recaptcha".to_owned()]);
    assert_eq!(reason(&login), "login");
    login.page.as_mut().unwrap().text.links = 12;
    assert_eq!(reason(&login), "measured");
}

#[test]
fn content_in_frames_is_no_empty_shell() {
    let mut page = notice("Sở Xây dựng", "");
    page.page.as_mut().unwrap().text.images = 0;
    frame(&mut page, "main", "https://sxd.tinh.gov.vn/main.html", true);
    page.page.as_mut().unwrap().frames[1].rect = Some(Rect {
        x: 0.0,
        y: 0.0,
        width: 1366.0,
        height: 800.0,
    });
    assert_eq!(reason(&page), "measured");
}

#[test]
fn every_reason_belongs_to_one_outcome() {
    for (at, (_, reason)) in REASONS.iter().enumerate() {
        assert!(REASONS[..at].iter().all(|(_, other)| other != reason), "{reason}");
    }
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Loaded),
        "(net::ERR_[A-Z_]{0,20})?".prop_map(|error| Ending::NetworkError { error }),
        Just(Ending::TimedOut { limit_ms: 1 }),
        prop::option::of("[a-z]{0,5}/[a-z]{0,5}").prop_map(|mime_type| Ending::NotAPage { mime_type }),
        ".{0,20}".prop_map(|what| Ending::Wedged { what }),
        (".{0,20}", 0u32..20).prop_map(|(what, count)| Ending::Runaway { what, count }),
    ]
}

proptest! {
    #[test]
    fn whatever_happened_there_is_an_outcome_with_a_known_reason(
        ending in any_ending(), status in prop::option::of(100u16..600), title in ".{0,40}", text in ".{0,200}", gone in any::<bool>(),
    ) {
        let mut page = notice(&title, &text);
        page.attempts[0].ending = ending;
        page.document.status = status;
        if gone { page.page = None; }
        let world = world();
        let facts = outcome_of(&page, &world.listed, &world.index, &world.rules.signals, &world.emc);
        match facts.reason {
            None => prop_assert_eq!(facts.outcome, Outcome::Measured),
            Some("http") => prop_assert!(status.is_some_and(|status| status >= 400)),
            Some(reason) => prop_assert!(REASONS.contains(&(facts.outcome, reason))),
        }
        if status.is_some_and(|status| status >= 400) || gone {
            prop_assert!(facts.outcome != Outcome::Measured);
        }
    }
}
