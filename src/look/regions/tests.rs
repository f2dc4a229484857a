#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::observation::{Block, BlockPosition};

/// A page put together block by block; 1366 px wide.
struct Page(LayoutFacts);

impl Page {
    fn new(height: f64) -> Self {
        let mut page = Self(LayoutFacts {
            page_width: 1366.0,
            page_height: height,
            viewport_width: 1366.0,
            viewport_height: 900.0,
            ..LayoutFacts::default()
        });
        page.add(None, "body", "", (0.0, 0.0, 1366.0, height));
        page
    }

    fn add(
        &mut self,
        parent: Option<u32>,
        tag: &str,
        names: &str,
        (x, y, width, height): (f64, f64, f64, f64),
    ) -> u32 {
        self.0.blocks.push(Block {
            parent: parent.or(if self.0.blocks.is_empty() { None } else { Some(0) }),
            tag: tag.to_owned(),
            names: names.to_owned(),
            rect: Rect { x, y, width, height },
            font_size: 14.0,
            ..Block::default()
        });
        u32::try_from(self.0.blocks.len() - 1).unwrap()
    }

    fn text(&mut self, parent: Option<u32>, y: f64, text: &str) -> u32 {
        let at = self.add(parent, "p", "", (100.0, y, 600.0, 20.0));
        let block = self.at(at);
        block.text = text.to_owned();
        block.text_length = text.chars().count() as u64;
        at
    }

    fn at(&mut self, index: u32) -> &mut Block {
        &mut self.0.blocks[usize::try_from(index).unwrap()]
    }

    /// A bar of eight links.
    fn menu(&mut self, parent: Option<u32>, tag: &str, names: &str, y: f64) -> u32 {
        let bar = self.add(parent, tag, names, (0.0, y, 1366.0, 44.0));
        self.at(bar).links = 8;
        self.at(bar).text_length = 80;
        for entry in 0..8 {
            let link = self.add(
                Some(bar),
                "a",
                "",
                (100.0 + f64::from(entry) * 110.0, y + 10.0, 90.0, 22.0),
            );
            self.at(link).text = "Tin tức".to_owned();
            self.at(link).links = 1;
        }
        bar
    }

    fn picture(&mut self, parent: Option<u32>, rect: (f64, f64, f64, f64)) -> u32 {
        let at = self.add(parent, "img", "", rect);
        self.at(at).picture = "img".to_owned();
        at
    }

    /// News items from `top` to `bottom`.
    fn news(&mut self, names: &str, top: f64, bottom: f64) {
        let content = self.add(None, "div", names, (113.0, top, 1140.0, bottom - top));
        let mut y = top + 10.0;
        while y + 60.0 < bottom {
            self.text(Some(content), y, "Sáng nay, lãnh đạo đơn vị đã chủ trì cuộc họp về nhiệm vụ trọng tâm của quý, trong đó nhấn mạnh yêu cầu phục vụ");
            y += 60.0;
        }
    }

    fn regions(&self) -> Regions {
        find(&self.0)
    }
}

fn header_height(page: &Page) -> f64 {
    page.regions().header.unwrap().rect.height
}

fn footer_top(page: &Page) -> f64 {
    page.regions().footer.unwrap().rect.y
}

#[test]
fn banner_and_menu_after_it_are_one_header() {
    let mut page = Page::new(2000.0);
    let header = page.add(None, "header", "", (0.0, 0.0, 1366.0, 150.0));
    page.picture(Some(header), (100.0, 20.0, 100.0, 100.0));
    page.menu(None, "nav", "main-menu", 150.0);
    page.news("content", 210.0, 1700.0);
    let footer = page.add(None, "footer", "", (0.0, 1750.0, 1366.0, 250.0));
    page.text(Some(footer), 1780.0, "© Bản quyền thuộc UBND");
    let regions = page.regions();
    assert!(
        (regions.header.as_ref().unwrap().rect.height - 194.0).abs() <= 2.0,
        "{regions:?}"
    );
    assert!(
        (regions.footer.as_ref().unwrap().rect.y - 1750.0).abs() <= 2.0,
        "{regions:?}"
    );
    assert!(regions.header.unwrap().confidence > 0.8);
    assert!(regions.footer.unwrap().confidence > 0.9);
}

#[test]
fn table_layout_without_any_names_is_cut_below_the_row_of_links() {
    let mut page = Page::new(1600.0);
    let table = page.add(None, "table", "", (183.0, 0.0, 1000.0, 1600.0));
    page.picture(Some(table), (183.0, 0.0, 1000.0, 160.0));
    let row = page.add(Some(table), "tr", "", (183.0, 160.0, 1000.0, 36.0));
    page.at(row).links = 7;
    page.at(row).text_length = 70;
    page.news("", 200.0, 1450.0);
    let last = page.add(Some(table), "td", "", (183.0, 1460.0, 1000.0, 140.0));
    page.text(
        Some(last),
        1480.0,
        "Địa chỉ: số 1 đường Trần Hưng Đạo. Điện thoại: 0203.3835.678",
    );
    page.text(Some(last), 1510.0, "Chịu trách nhiệm: Ông Nguyễn Văn A");
    assert!(
        (header_height(&page) - 196.0).abs() <= 3.0,
        "{:?}",
        page.regions()
    );
    assert!((footer_top(&page) - 1460.0).abs() <= 3.0, "{:?}", page.regions());
}

#[test]
fn slider_under_the_menu_is_not_header_even_inside_its_element() {
    let mut page = Page::new(2400.0);
    let header = page.add(None, "header", "site-header", (0.0, 0.0, 1366.0, 560.0));
    page.picture(Some(header), (100.0, 10.0, 80.0, 80.0));
    page.menu(Some(header), "div", "menu", 110.0);
    let slider = page.add(Some(header), "div", "slick-slider", (0.0, 154.0, 1366.0, 406.0));
    page.picture(Some(slider), (0.0, 154.0, 1366.0, 406.0));
    page.news("main-content", 580.0, 2200.0);
    assert!(
        (header_height(&page) - 154.0).abs() <= 4.0,
        "{:?}",
        page.regions()
    );
}

#[test]
fn slideshow_above_the_menu_is_the_banner() {
    let mut page = Page::new(2000.0);
    let slider = page.add(None, "div", "owl-carousel", (0.0, 0.0, 1366.0, 200.0));
    page.picture(Some(slider), (0.0, 0.0, 1366.0, 200.0));
    page.menu(None, "div", "dnn_menu", 200.0);
    page.news("dnn_ContentPane", 250.0, 1800.0);
    assert!(
        (header_height(&page) - 244.0).abs() <= 3.0,
        "{:?}",
        page.regions()
    );
}

#[test]
fn fixed_header_counts_and_floating_buttons_do_not() {
    let mut page = Page::new(2000.0);
    let header = page.add(None, "header", "", (0.0, 0.0, 1366.0, 80.0));
    page.at(header).position = BlockPosition::Fixed;
    page.menu(Some(header), "nav", "", 20.0);
    let zalo = page.add(None, "div", "zalo-chat", (1280.0, 800.0, 60.0, 60.0));
    page.at(zalo).position = BlockPosition::Fixed;
    page.news("content", 100.0, 1800.0);
    let regions = page.regions();
    assert!(
        (regions.header.as_ref().unwrap().rect.height - 80.0).abs() <= 2.0,
        "{regions:?}"
    );
    assert_eq!(regions.floating.len(), 1);
    assert!(!regions.header.unwrap().blocks.contains(&zalo));
}

#[test]
fn copyright_line_below_the_footer_belongs_to_it() {
    let mut page = Page::new(2000.0);
    page.menu(None, "nav", "", 0.0);
    page.news("content", 60.0, 1600.0);
    let upper = page.add(None, "div", "footer-top", (0.0, 1650.0, 1366.0, 280.0));
    page.text(Some(upper), 1700.0, "Địa chỉ: 18 Lý Thường Kiệt");
    let lower = page.add(None, "div", "copyright", (0.0, 1930.0, 1366.0, 70.0));
    page.text(Some(lower), 1950.0, "© 2026 Sở Xây dựng");
    assert!((footer_top(&page) - 1650.0).abs() <= 2.0, "{:?}", page.regions());
}

#[test]
fn footer_of_a_short_page_ends_where_it_is_drawn() {
    let mut page = Page::new(900.0);
    page.menu(None, "nav", "", 0.0);
    page.news("content", 60.0, 380.0);
    let footer = page.add(None, "div", "footer", (0.0, 400.0, 1366.0, 120.0));
    page.text(Some(footer), 420.0, "Bản quyền thuộc Sở Y tế");
    page.text(Some(footer), 495.0, "Điện thoại: 0203.3835.678");
    let footer = page.regions().footer.unwrap().rect;
    assert!(footer.y + footer.height < 600.0, "{footer:?}");
}

#[test]
fn card_headers_and_footers_inside_the_content_are_none() {
    let mut page = Page::new(2000.0);
    page.menu(None, "nav", "", 0.0);
    let main = page.add(None, "main", "", (0.0, 50.0, 1366.0, 1750.0));
    page.add(Some(main), "div", "card-header", (100.0, 60.0, 1100.0, 40.0));
    page.add(Some(main), "div", "card-footer", (100.0, 1700.0, 1100.0, 60.0));
    let footer = page.add(None, "footer", "", (0.0, 1800.0, 1366.0, 200.0));
    page.text(Some(footer), 1850.0, "Email: so@tinhmau.gov.vn");
    assert!((header_height(&page) - 44.0).abs() <= 2.0, "{:?}", page.regions());
    assert!((footer_top(&page) - 1800.0).abs() <= 2.0, "{:?}", page.regions());
}

#[test]
fn a_banner_below_the_menu_belongs_to_the_header() {
    let mut page = Page::new(2_000.0);
    page.menu(None, "table", "", 0.0);
    let banner = page.add(None, "table", "", (0.0, 44.0, 1366.0, 120.0));
    page.at(banner).background = "rgb(217, 236, 250)".to_owned();
    page.at(banner).text_length = 40;
    page.picture(Some(banner), (180.0, 60.0, 76.0, 76.0));
    let title = page.add(Some(banner), "div", "", (280.0, 80.0, 500.0, 34.0));
    page.at(title).text = "Tỉnh Ninh Sơn".to_owned();
    page.at(title).font_size = 26.0;
    page.news("", 164.0, 1_900.0);
    assert!(
        (header_height(&page) - 164.0).abs() < 2.0,
        "{:?}",
        page.regions().header
    );
}

#[test]
fn a_strip_of_links_above_the_closing_block_belongs_to_the_footer() {
    let mut page = Page::new(1_600.0);
    page.menu(None, "nav", "menu", 120.0);
    page.news("noi-dung", 200.0, 1_380.0);
    let strip = page.menu(None, "table", "", 1_400.0);
    page.at(strip).background = "rgb(22, 115, 184)".to_owned();
    let foot = page.add(None, "table", "", (0.0, 1_444.0, 1366.0, 156.0));
    page.at(foot).background = "rgb(240, 240, 240)".to_owned();
    page.text(
        Some(foot),
        1_460.0,
        "Địa chỉ: số 1 đường Hùng Vương. Điện thoại: 0200 3 000 000",
    );
    page.text(
        Some(foot),
        1_490.0,
        "Bản quyền © 2026. Chịu trách nhiệm nội dung: Chánh Văn phòng",
    );
    assert!(
        (footer_top(&page) - 1_400.0).abs() < 6.0,
        "{:?}",
        page.regions().footer
    );
}

#[test]
fn a_footer_in_a_box_that_scrolls_is_doubtful_rather_than_absent() {
    let mut page = Page::new(900.0);
    page.menu(None, "nav", "menu", 0.0);
    page.news("noi-dung", 80.0, 880.0);
    assert!(page.regions().footer_absent);
    page.text(None, 1_500.0, "Tin tức cuối trang");
    page.text(None, 1_700.0, "Địa chỉ và điện thoại");
    let found = page.regions();
    assert!(!found.footer_absent, "{found:?}");
}

#[test]
fn page_of_mere_text_plainly_has_neither() {
    let mut page = Page::new(1200.0);
    page.news("", 0.0, 1200.0);
    let regions = page.regions();
    assert!(regions.header.is_none() && regions.header_absent, "{regions:?}");
    assert!(regions.footer.is_none() && regions.footer_absent, "{regions:?}");
}

#[test]
fn side_menu_without_a_top_is_doubtful_rather_than_absent() {
    let mut page = Page::new(3000.0);
    let nav = page.add(None, "nav", "sidenav", (0.0, 0.0, 260.0, 900.0));
    page.at(nav).position = BlockPosition::Fixed;
    page.news("", 0.0, 3000.0);
    let regions = page.regions();
    assert!(!regions.header_absent, "{regions:?}");
}

#[test]
fn empty_facts_give_nothing() {
    let regions = find(&LayoutFacts::default());
    assert!(regions.header.is_none() && regions.footer.is_none());
    assert!(
        !regions.header_absent && !regions.footer_absent,
        "nothing was seen, so nothing is said"
    );
}

fn any_length() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -200.0..3000.0_f64,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-1e300),
        1 => Just(0.0),
    ]
}

prop_compose! {
    pub(in crate::look) fn any_block()(
        parent in proptest::option::of(0..60_u32),
        tag in prop_oneof![Just("div"), Just("header"), Just("footer"), Just("nav"), Just("img"), Just("main")],
        names in prop_oneof![Just(""), Just("banner"), Just("menu"), Just("slick"), Just("chan-trang"), Just("content")],
        rect in (any_length(), any_length(), any_length(), any_length()),
        text in prop_oneof![Just(""), Just("Bản quyền © 2026"), Just("Trang chủ")],
        counts in (0..u64::MAX, 0..u64::MAX),
        picture in prop_oneof![Just(""), Just("img"), Just("background"), Just("video")],
        background in prop_oneof![Just(""), Just("rgb(177, 17, 22)"), Just("rgba(0,0,0,.3)"), Just("nonsense("), Just("#é")],
        fixed in any::<bool>(),
        font_size in any_length(),
    ) -> Block {
        Block {
            parent,
            tag: tag.to_owned(),
            names: names.to_owned(),
            rect: Rect { x: rect.0, y: rect.1, width: rect.2, height: rect.3 },
            text: text.to_owned(),
            text_length: counts.0,
            links: counts.1,
            picture: picture.to_owned(),
            background: background.to_owned(),
            position: if fixed { BlockPosition::Fixed } else { BlockPosition::Static },
            font_size,
            align: "center".to_owned(),
            ..Block::default()
        }
    }
}

prop_compose! {
    pub(in crate::look) fn any_layout()(
        blocks in proptest::collection::vec(any_block(), 0..60),
        size in (any_length(), any_length()),
    ) -> LayoutFacts {
        LayoutFacts { page_width: size.0, page_height: size.1, blocks, ..LayoutFacts::default() }
    }
}

proptest! {
    #[test]
    fn whatever_a_page_sends_regions_stay_inside_it(facts in any_layout()) {
        let regions = find(&facts);
        for (region, most) in [(&regions.header, HEADER_MAX_PX), (&regions.footer, FOOTER_MAX_PX)] {
            let Some(region) = region else { continue };
            prop_assert!(region.rect.y >= 0.0 && region.rect.height > 0.0);
            prop_assert!(region.rect.height <= most + 2.0, "{:?}", region);
            prop_assert!(region.rect.bottom() <= facts.page_height + 1.0);
            prop_assert!((0.0..=1.0).contains(&region.confidence));
        }
        if let (Some(header), Some(footer)) = (&regions.header, &regions.footer) {
            prop_assert!(footer.rect.y >= header.rect.bottom() - 6.0);
        }
    }
}
