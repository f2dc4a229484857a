#![allow(clippy::unwrap_used)]
use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;

fn code(page: &Observation) -> &'static str {
    world().code(CheckId::EmcBadge, page)
}

/// A connected page with this candidate alone.
fn with(badge: BadgeCandidate) -> Observation {
    let mut page = connected();
    *badges(&mut page) = vec![badge];
    page
}

/// Words in the midst of the page, in a line of their own or in a longer one.
fn in_line(words: &str, line: &str) -> BadgeCandidate {
    let mut badge = label(BadgeKind::Text, words);
    badge.placement.in_frame_area = false;
    badge.placement.line = line.to_owned();
    badge
}

#[test]
fn news_about_emc_is_no_badge() {
    let headline = "100% trang thông tin điện tử của các sở, ngành đã kết nối EMC trong năm 2024";
    let mut news = label(BadgeKind::Text, headline);
    news.placement.in_frame_area = false;
    assert_eq!(code(&with(news.clone())), "absent");
    news.placement.in_news = true;
    news.words = "Đã kết nối EMC".to_owned();
    news.placement.block_text_length = 14;
    assert_eq!(code(&with(news)), "absent");
    let mut linked = label(BadgeKind::Text, "Sở Xây dựng: trang thông tin đã kết nối EMC");
    linked.placement.link = Some(format!("https://{SITE}/tin-tuc/123"));
    assert_eq!(code(&with(linked)), "absent");
    let mut short = label(BadgeKind::Text, "Xã Kim Sơn đã kết nối EMC");
    short.placement.in_frame_area = false;
    short.placement.link = Some(format!("https://{SITE}/tin/3100"));
    assert_eq!(code(&with(short)), "absent");
    let picture = label(
        BadgeKind::Attribute,
        &format!("{headline}, vượt kế hoạch của tỉnh đề ra"),
    );
    assert_eq!(code(&with(picture)), "absent");
}

#[test]
fn a_footer_line_may_carry_the_label() {
    let mut line = label(
        BadgeKind::Text,
        "Trang thông tin điện tử Sở Xây dựng - Đã kết nối EMC",
    );
    line.placement.block_text_length = 220;
    assert_eq!(code(&with(line)), "visible");
}

#[test]
fn another_emc_and_another_badge_are_no_badge() {
    for words in [
        "/img/dell-emc-powerstore.png",
        "phòng thử nghiệm emc tương thích điện từ",
    ] {
        assert_eq!(
            code(&with(label(BadgeKind::Suggested, words))),
            "absent",
            "{words}"
        );
    }
    let mut trust = label(BadgeKind::Suggested, "/img/emc.png");
    trust.placement.link = Some("https://tinnhiemmang.vn/danh-ba/1".to_owned());
    assert_eq!(code(&with(trust)), "absent");
}

#[test]
fn questions_and_counts_are_no_label() {
    for (words, line) in [
        ("Trang đã kết nối EMC chưa?", "Trang đã kết nối EMC chưa?"),
        ("Website đã kết nối EMC?", "Website đã kết nối EMC?"),
        ("Số đơn vị đã kết nối EMC", "Số đơn vị đã kết nối EMC 25/32"),
        ("đã kết nối EMC", "Tỷ lệ xã đã kết nối EMC 98%"),
        ("Danh sách xã đã kết nối EMC", "Danh sách xã đã kết nối EMC"),
        ("đã kết nối EMC", "Xã An Hòa đã kết nối EMC chưa"),
    ] {
        assert_eq!(code(&with(in_line(words, line))), "absent", "{words}");
    }
}

#[test]
fn a_label_keeps_its_standing_beside_counters_and_headings() {
    for line in [
        "Tổng số truy cập: 120.331 Đã kết nối EMC",
        "Các trang liên kết Đã kết nối EMC",
        "Sở Y tế đã kết nối EMC",
        "Đã kết nối EMC Chưa có bình luận nào",
    ] {
        assert_eq!(code(&with(in_line("Đã kết nối EMC", line))), "visible", "{line}");
    }
}

#[test]
fn a_legend_that_also_names_who_is_not_connected_is_no_label() {
    let mut legend = in_line("Đã kết nối EMC", "Đã kết nối EMC");
    legend.placement.neighbours = "Chưa kết nối EMC".to_owned();
    assert_eq!(code(&with(legend)), "absent");
}

#[test]
fn a_row_of_a_table_is_for_a_person_unless_it_stands_in_the_footer() {
    let mut row = in_line("Đã kết nối EMC", "Xã An Hòa Đã kết nối EMC");
    row.placement.in_data_row = true;
    assert_eq!(code(&with(row.clone())), "uncertain");
    row.placement.in_frame_area = true;
    assert_eq!(code(&with(row)), "visible");
}
