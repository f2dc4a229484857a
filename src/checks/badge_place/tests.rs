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
    badge.placement.in_footer = false;
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

/// A label in the midst of the page whose drawn line is this.
fn drawn(line: &str) -> BadgeCandidate {
    let mut badge = in_line("Đã kết nối EMC", line);
    badge.words = line.to_owned();
    badge.placement.sentence = line.to_owned();
    badge
}

#[test]
fn a_line_with_nothing_but_the_label_is_one_in_any_block() {
    let mut bare = drawn("Đã kết nối EMC");
    bare.placement.block_text_length = 6_000;
    assert_eq!(code(&with(bare.clone())), "visible");
    bare.placement.sentence = String::new();
    assert_eq!(code(&with(bare)), "absent");
}

#[test]
fn words_before_the_label_tell_whose_it_is() {
    assert_eq!(
        code(&with(drawn("Website đã kết nối tới Hệ thống EMC"))),
        "visible"
    );
    assert_eq!(
        code(&with(drawn("Cán bộ kiểm tra trang đã kết nối EMC"))),
        "absent"
    );
    assert_eq!(code(&with(drawn("Trang này đã kết nối EMC không?"))), "absent");
    let mut named = drawn("Xã Kim Liên: đã kết nối EMC");
    assert_eq!(code(&with(named.clone())), "uncertain");
    named.placement.neighbours = "Xã Bình Khê: đã kết nối EMC".to_owned();
    assert_eq!(code(&with(named)), "absent");
    let mut ticker = drawn("Xã Kim Liên đã kết nối EMC");
    ticker.placement.in_frame_area = true;
    assert_eq!(code(&with(ticker.clone())), "uncertain");
    ticker.placement.running = true;
    assert_eq!(code(&with(ticker.clone())), "absent");
    ticker.placement.running = false;
    ticker.placement.in_footer = true;
    assert_eq!(code(&with(ticker)), "visible");
}

#[test]
fn a_number_above_the_words_counts_somebody() {
    let mut counted = drawn("Đã kết nối EMC");
    counted.placement.line_before = "92%".to_owned();
    assert_eq!(code(&with(counted.clone())), "uncertain");
    counted.placement.line_before = "2.345.678".to_owned();
    assert_eq!(code(&with(counted)), "visible");
    let mut communes = drawn("xã đã kết nối EMC");
    communes.placement.line_before = "78/120".to_owned();
    assert_eq!(code(&with(communes)), "absent");
}

#[test]
fn words_that_only_suggest_a_badge_are_for_a_person() {
    let suggested = |words: &str| code(&with(label(BadgeKind::Suggested, words)));
    for words in [
        "Kết nối EMC",
        "EMC: Đã kết nối",
        "Connected to EMC",
        "da-ket-noi-emc.svg",
    ] {
        assert_eq!(suggested(words), "uncertain", "{words}");
    }
    for words in [
        "Trang sẽ kết nối EMC trong quý I/2027",
        "Không kết nối EMC",
        "Hướng dẫn kết nối EMC",
    ] {
        assert_eq!(suggested(words), "absent", "{words}");
    }
}
