#![allow(clippy::unwrap_used)]

use crate::checks::outcome::outcome_of;
use crate::checks::outcome::tests::{notice, of, reason};
use crate::checks::support::*;
use crate::observation::*;
use crate::verdict::Outcome;

/// `page` with so many links, to pages of its own.
fn with_links(mut page: Observation, count: u64) -> Observation {
    let facts = page.page.as_mut().unwrap();
    facts.text.links = count;
    facts.links = (0..count)
        .map(|at| Link {
            url: format!("https://sxd.tinh.gov.vn/muc-{at}"),
            ..Link::default()
        })
        .collect();
    page
}

fn named(page: &Observation, name: &str) -> String {
    let mut world = world();
    world.listed.name = name.to_owned();
    let signals = &world.rules.signals;
    let facts = outcome_of(page, &world.listed, &world.index, signals, &world.emc);
    facts.reason_word().unwrap_or_else(|| "measured".to_owned())
}

#[test]
fn a_few_words_that_lead_nowhere_are_no_home_page_whatever_they_say() {
    for text in [
        "Xin chào quý vị. Mời quý vị đến phòng một cửa trong giờ hành chính, chúng tôi luôn sẵn sàng đón tiếp.",
        "{\"status\":200,\"message\":\"OK\",\"data\":null,\"timestamp\":\"2026-11-25T07:00:00Z\"}",
    ] {
        let page = notice("Thông báo", text);
        assert_eq!(of(&page), (Outcome::NotTheSite, Some("notice".to_owned())));
        let facts = outcome_of(
            &page,
            &world().listed,
            &world().index,
            &world().rules.signals,
            &world().emc,
        );
        assert!(facts.detail.unwrap().starts_with(&text[..20]));
    }
}

#[test]
fn a_small_home_page_is_the_site() {
    let text =
        "Sở Xây dựng. Tin mới: họp dân ngày 26/11. Địa chỉ: số 5 đường Trần Phú. Điện thoại: 0288 3 712 345.";
    let small = notice("Sở Xây dựng tỉnh Mẫu", text);
    assert_eq!(reason(&with_links(small.clone(), 3)), "measured", "three ways on");
    assert_eq!(
        reason(&with_links(small.clone(), 2)),
        "measured",
        "an address, and two ways on"
    );
    let mut pictures = small.clone();
    pictures.page.as_mut().unwrap().text.images = 9;
    assert_eq!(reason(&pictures), "measured", "it shows instead of saying");
    let mut menu = with_links(small.clone(), 6);
    menu.page.as_mut().unwrap().text.links = 0;
    assert_eq!(reason(&menu), "measured", "ways that are no anchors");
    let mut coded = small.clone();
    let code = &mut coded.page.as_mut().unwrap().frames[0].code;
    code.snippets.push(CodeSnippet::default());
    assert_eq!(reason(&coded), "measured", "somebody put the code there");
    let mut working = small.clone();
    working.requests.push(script());
    assert_eq!(reason(&working), "measured");
    assert_eq!(reason(&small), "notice");
}

#[test]
fn work_on_roads_and_canals_is_no_work_on_the_site() {
    for (title, text) in [
        (
            "UBND xã Thử",
            "Xã đang xây dựng nông thôn mới nâng cao. Trang chủ Giới thiệu",
        ),
        (
            "UBND xã Thử",
            "Huyện nâng cấp hệ thống thủy lợi. Chợ tạm ngừng hoạt động để bảo trì",
        ),
    ] {
        assert_eq!(reason(&with_links(notice(title, text), 4)), "measured", "{text}");
    }
    for (title, text) in [
        ("UBND xã Thử", "Website của xã đang xây dựng"),
        ("UBND xã Thử", "Hệ thống đang được nâng cấp, mời quay lại sau"),
        ("Bảo trì", "Xin cảm ơn"),
        ("Thông báo", "Thực hiện bảo dưỡng trang thông tin của xã"),
    ] {
        assert_eq!(
            reason(&with_links(notice(title, text), 4)),
            "maintenance",
            "{text}"
        );
    }
}

#[test]
fn the_name_of_the_agency_says_nothing_of_its_site() {
    let name = "Trang thông tin điện tử Ban Quản lý bảo trì đường bộ";
    let title = "Ban Quản lý bảo trì đường bộ - Trang chủ";
    let page = with_links(notice(title, "Ban Quản lý bảo trì đường bộ. Tin tức"), 3);
    assert_eq!(named(&page, name), "measured");
    let closed = notice("Ban Quản lý bảo trì đường bộ", "Trang này đang bảo trì");
    assert_eq!(named(&closed, name), "maintenance");
    let errors = with_links(
        notice("Lỗi vi phạm giao thông - tra cứu", "Tra cứu phạt nguội"),
        3,
    );
    assert_eq!(named(&errors, "Lỗi vi phạm giao thông"), "measured");
    // Not even under another name than the listed one, where it is one word and the page is not short.
    let mut other = with_links(notice("Lỗi vi phạm giao thông", "Tra cứu"), 9);
    other.page.as_mut().unwrap().text.length = 1_000;
    assert_eq!(reason(&other), "measured");
}

#[test]
fn lists_of_files_are_told_by_the_beginning_of_title_or_heading() {
    for (title, text) in [
        ("Index of /backup", "Name Last modified Size"),
        ("Directory listing for /", "Directory listing for / a.zip"),
        ("", "Index of / ../ a.zip"),
        (
            "sxd.tinh.gov.vn - /",
            "sxd.tinh.gov.vn - / [To Parent Directory] bin",
        ),
    ] {
        assert_eq!(
            reason(&with_links(notice(title, text), 40)),
            "default_page",
            "{title}"
        );
    }
    for title in [
        "Index of Industrial Production",
        "Directory of offices",
        "sxd.tinh.gov.vn - Trang chủ",
    ] {
        let page = with_links(notice(title, "Trang chủ Giới thiệu Tin tức"), 20);
        assert_eq!(reason(&page), "measured", "{title}");
    }
}

#[test]
fn a_login_without_a_password_is_a_login() {
    let words = "Vui lòng đăng nhập để tiếp tục. Đăng nhập bằng tài khoản VNeID";
    assert_eq!(reason(&with_links(notice("Đăng nhập", words), 2)), "login");
    assert_eq!(reason(&with_links(notice("Cổng nội bộ", words), 2)), "login");
    assert_eq!(
        reason(&with_links(notice("Sở Xây dựng", "Trang chủ Đăng nhập"), 6)),
        "measured"
    );
}

/// A page that is only a frame over the whole of it, of its own host, with this text.
fn framed(title: &str, text: Option<&str>, same_host: bool) -> Observation {
    let mut page = notice("", "");
    frame(&mut page, "over", "https://sxd.tinh.gov.vn/xm.html", same_host);
    let over = &mut page.page.as_mut().unwrap().frames[1];
    over.rect = Some(Rect {
        x: 0.0,
        y: 0.0,
        width: 1366.0,
        height: 800.0,
    });
    over.title = Some(title.to_owned());
    over.text = text.map(|text| PageText {
        start: text.to_owned(),
        length: text.chars().count() as u64,
        ..PageText::default()
    });
    page
}

#[test]
fn a_frame_of_the_same_host_over_the_page_is_read() {
    assert_eq!(
        reason(&framed("", Some("Tôi không phải là robot"), true)),
        "captcha"
    );
    assert_eq!(
        reason(&framed(
            "Request unsuccessful",
            Some("Incapsula incident ID: 8770"),
            true
        )),
        "waf"
    );
    assert_eq!(
        reason(&framed("", Some("Website đang bảo trì"), true)),
        "maintenance"
    );
    let words = "Tin tức, văn bản, thủ tục hành chính của sở. ".repeat(30);
    assert_eq!(
        reason(&framed("Sở Xây dựng", Some(&words), true)),
        "measured",
        "a page in a frame"
    );
    assert_eq!(
        reason(&framed("", None, true)),
        "measured",
        "nobody knows what it says"
    );
    assert_eq!(
        reason(&framed("", Some("Tôi không phải là robot"), false)),
        "measured"
    );
}

#[test]
fn a_captcha_in_a_large_frame_of_its_own_is_a_captcha() {
    let mut page = framed("", None, false);
    page.page
        .as_mut()
        .unwrap()
        .text
        .markers
        .push("hcaptcha".to_owned());
    assert_eq!(reason(&page), "captcha");
}
