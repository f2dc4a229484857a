#![allow(clippy::unwrap_used)]

use image::{Rgb, RgbImage};
use proptest::prelude::*;

use super::regions::any_layout;
use super::*;
use crate::observation::{Block, LayoutFacts, Rect};

const RED: [u8; 3] = [0xB1, 0x11, 0x16];
const BLUE: [u8; 3] = [0x0B, 0x6F, 0xB3];
const WHITE: [u8; 3] = [0xFF, 0xFF, 0xFF];

/// A header of two bands, banner and menu, with its boxes.
struct Header {
    layout: LayoutFacts,
    region: Region,
    picture: RgbImage,
}

impl Header {
    fn new(banner: [u8; 3], menu: [u8; 3], emblem_x: u32) -> Self {
        let mut picture = RgbImage::from_pixel(1366, 180, Rgb(banner));
        fill(&mut picture, (0, 136, 1366, 44), menu);
        fill(&mut picture, (emblem_x, 20, 90, 90), [0xFF, 0xDE, 0x00]);
        let css = |[r, g, b]: [u8; 3]| format!("rgb({r}, {g}, {b})");
        let block = |tag: &str, names: &str, rect: (f64, f64, f64, f64)| Block {
            parent: Some(0),
            tag: tag.to_owned(),
            names: names.to_owned(),
            rect: Rect {
                x: rect.0,
                y: rect.1,
                width: rect.2,
                height: rect.3,
            },
            ..Block::default()
        };
        let blocks = vec![
            Block {
                parent: None,
                ..block("body", "", (0.0, 0.0, 1366.0, 2000.0))
            },
            Block {
                background: css(banner),
                ..block("header", "banner", (0.0, 0.0, 1366.0, 136.0))
            },
            Block {
                picture: "img".to_owned(),
                ..block("img", "logo", (f64::from(emblem_x), 20.0, 90.0, 90.0))
            },
            Block {
                background: css(menu),
                links: 8,
                text_length: 80,
                ..block("nav", "menu", (0.0, 136.0, 1366.0, 44.0))
            },
            block("main", "", (0.0, 200.0, 1366.0, 1500.0)),
        ];
        let layout = LayoutFacts {
            page_width: 1366.0,
            page_height: 2000.0,
            viewport_height: 900.0,
            blocks,
            ..LayoutFacts::default()
        };
        let region = regions::find(&layout).header.unwrap();
        assert!((region.rect.height - 180.0).abs() < 1.0, "{region:?}");
        Self {
            layout,
            region,
            picture,
        }
    }

    fn side(&self) -> Side<'_> {
        Side {
            layout: &self.layout,
            region: Some(&self.region),
            absent: false,
            picture: Some(&self.picture),
            changed: &[],
            dress_files: &[],
        }
    }
}

fn fill(picture: &mut RgbImage, (left, top, width, height): (u32, u32, u32, u32), colour: [u8; 3]) {
    for y in top..top + height {
        for x in left..left + width {
            picture.put_pixel(x, y, Rgb(colour));
        }
    }
}

fn headers(portal: &Header, page: &Header) -> LookFinding {
    compare(
        RegionKind::Header,
        &portal.side(),
        &page.side(),
        &LookThresholds::default(),
    )
}

#[test]
fn the_same_header_is_alike_in_every_part() {
    let header = Header::new(WHITE, RED, 113);
    let finding = headers(&header, &header);
    assert_eq!(finding.code, LookCode::Alike);
    assert_eq!((finding.colour, finding.layout), (Some(1.0), Some(1.0)));
    assert!(
        finding.parts.iter().all(|part| part.score >= 0.999),
        "{:?}",
        finding.parts
    );
    assert_eq!(finding.reasons.len(), 3);
    assert!(finding.reasons.iter().all(|reason| reason.alike));
}

#[test]
fn a_red_menu_turned_blue_is_different_and_the_reason_says_so() {
    let finding = headers(&Header::new(WHITE, RED, 113), &Header::new(WHITE, BLUE, 113));
    assert_eq!(finding.code, LookCode::Different, "{finding:?}");
    let first = &finding.reasons[0];
    assert_eq!(first.key, "menu_colour_other");
    assert_eq!(
        first.message.vi,
        "thanh menu: cổng màu đỏ #B11116, trang màu xanh dương #0B6FB3"
    );
    assert!(first.portal_rect.is_some() && first.page_rect.is_some());
    assert!(finding.layout.unwrap() > 0.95, "the arrangement is the same");
}

#[test]
fn a_slightly_other_shade_is_no_accusation() {
    let finding = headers(
        &Header::new(WHITE, RED, 113),
        &Header::new(WHITE, [0xB9, 0x1C, 0x20], 113),
    );
    assert_eq!(finding.code, LookCode::Alike, "{finding:?}");
}

#[test]
fn an_emblem_on_the_other_side_costs_layout_and_not_colour() {
    let finding = headers(&Header::new(WHITE, RED, 113), &Header::new(WHITE, RED, 1160));
    assert!(finding.colour.unwrap() > 0.95, "{finding:?}");
    assert!(finding.layout.unwrap() < 0.9, "{finding:?}");
    assert!(
        finding.reasons.iter().any(|reason| reason.key == "emblem_other"),
        "{:?}",
        finding.reasons
    );
}

#[test]
fn colour_is_symmetric() {
    let (one, other) = (
        Header::new(WHITE, RED, 113),
        Header::new([0xE6, 0xF2, 0xFA], BLUE, 600),
    );
    let (there, back) = (headers(&one, &other), headers(&other, &one));
    assert_eq!(
        (there.code, there.colour, there.layout),
        (back.code, back.colour, back.layout)
    );
}

#[test]
fn half_the_size_says_the_same() {
    let (portal, mut page) = (Header::new(WHITE, RED, 113), Header::new(WHITE, RED, 113));
    page.picture = image::imageops::resize(&page.picture, 683, 90, image::imageops::FilterType::Triangle);
    assert_eq!(headers(&portal, &page).code, LookCode::Alike);
}

#[test]
fn a_page_in_mourning_is_for_a_person() {
    let portal = Header::new(WHITE, RED, 113);
    let mut page = Header::new(WHITE, [0x45, 0x45, 0x45], 113);
    page.layout.page_filter = Some("grayscale(1)".to_owned());
    let finding = headers(&portal, &page);
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Uncertain, Some("grey"))
    );
}

#[test]
fn an_exchanged_photograph_does_not_count() {
    let banner = |seed: u32| {
        let mut header = Header::new(WHITE, RED, 113);
        for y in 0..136 {
            for x in 300..1100 {
                let noise = (x * 31 + y * 17 + seed * 101)
                    .wrapping_mul(2_654_435_761)
                    .to_be_bytes();
                header.picture.put_pixel(
                    x,
                    y,
                    Rgb([noise[0], noise[1] / 2, noise[2].wrapping_add(noise[3] / 4)]),
                );
            }
        }
        header.layout.blocks.push(Block {
            parent: Some(1),
            tag: "img".to_owned(),
            picture: "img".to_owned(),
            picture_url: "banner.jpg".to_owned(),
            rect: Rect {
                x: 300.0,
                y: 0.0,
                width: 800.0,
                height: 136.0,
            },
            ..Block::default()
        });
        header.region = regions::find(&header.layout).header.unwrap();
        header
    };
    let finding = headers(&banner(1), &banner(9));
    assert_eq!(finding.code, LookCode::Alike, "{finding:?}");
    assert!(finding.picture_share > 0.3, "{finding:?}");
}

#[test]
fn mostly_picture_is_never_an_accusation() {
    let whole = |menu: [u8; 3], colour: [u8; 3]| {
        let mut header = Header::new(WHITE, menu, 113);
        fill(&mut header.picture, (0, 0, 1366, 136), colour);
        header.layout.blocks[1].picture = "background".to_owned();
        header.layout.blocks[1].picture_url = "banner.png".to_owned();
        header.layout.blocks.insert(
            2,
            Block {
                parent: Some(1),
                tag: "img".to_owned(),
                picture: "img".to_owned(),
                rect: Rect {
                    x: 0.0,
                    y: 0.0,
                    width: 1366.0,
                    height: 136.0,
                },
                ..Block::default()
            },
        );
        header.region = regions::find(&header.layout).header.unwrap();
        header
    };
    let finding = headers(&whole(RED, RED), &whole(BLUE, BLUE));
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Borderline, Some("mostly_picture"))
    );
}

/// Most of the banner, changed by itself.
const SLIDES: [Rect; 1] = [Rect {
    x: 0.0,
    y: 0.0,
    width: 1366.0,
    height: 136.0,
}];

#[test]
fn what_changes_by_itself_is_not_compared() {
    let (portal, mut page) = (Header::new(WHITE, RED, 113), Header::new(WHITE, RED, 113));
    fill(&mut page.picture, (500, 0, 700, 136), BLUE);
    let still = headers(&portal, &page);
    let slide = [Rect {
        x: 500.0,
        width: 700.0,
        ..SLIDES[0]
    }];
    let moving = compare(
        RegionKind::Header,
        &portal.side(),
        &Side {
            changed: &slide,
            ..page.side()
        },
        &LookThresholds::default(),
    );
    assert_ne!(still.code, LookCode::Alike, "{still:?}");
    assert_eq!(moving.code, LookCode::Alike, "{moving:?}");
    assert!(moving.changed_share > 0.3, "{moving:?}");
}

#[test]
fn a_header_that_mostly_moves_is_never_an_accusation() {
    let (portal, page) = (Header::new(WHITE, RED, 113), Header::new(BLUE, BLUE, 600));
    let side = Side {
        changed: &SLIDES,
        ..page.side()
    };
    assert_eq!(headers(&portal, &page).code, LookCode::Different);
    let finding = compare(
        RegionKind::Header,
        &portal.side(),
        &side,
        &LookThresholds::default(),
    );
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Borderline, Some("mostly_moving"))
    );
}

/// Hangs `files` into the corners of the page.
fn hang(header: &mut Header, files: &[&str]) {
    for (at, file) in (0_u32..).zip(files) {
        header.layout.blocks.push(Block {
            parent: Some(0),
            tag: "img".to_owned(),
            picture: "img".to_owned(),
            picture_url: format!("https://sxd.tinh.gov.vn/img/{file}"),
            position: crate::observation::BlockPosition::Absolute,
            clicks_through: true,
            rect: Rect {
                x: f64::from(at) * 1200.0,
                y: 0.0,
                width: 120.0,
                height: 130.0,
            },
            ..Block::default()
        });
    }
}

const GOLD: [u8; 3] = [0xF2, 0xB7, 0x05];

#[test]
fn holiday_dress_is_for_a_person_and_says_what_it_goes_by() {
    let (portal, mut page) = (Header::new(WHITE, BLUE, 300), Header::new(GOLD, RED, 300));
    assert_eq!(headers(&portal, &page).code, LookCode::Different);
    hang(&mut page, &["hoa-mai-trai.png", "hoa-mai-phai.png"]);
    let finding = headers(&portal, &page);
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Uncertain, Some("holiday")),
        "{finding:?}"
    );
    assert_eq!(finding.dress, ["hoa-mai-trai.png", "hoa-mai-phai.png"]);
    let dressed_portal = headers(&page, &portal);
    assert_eq!(dressed_portal.cause.as_deref(), Some("holiday"));
}

/// Nobody's blue banner is Tết's because a branch hangs beside it, and no name of a file makes a feast.
#[test]
fn a_recoloured_page_is_not_excused_by_decorations() {
    let portal = Header::new(WHITE, RED, 300);
    let mut blue = Header::new(WHITE, BLUE, 300);
    hang(&mut blue, &["hoa-mai-trai.png", "hoa-mai-phai.png"]);
    assert_eq!(headers(&portal, &blue).code, LookCode::Different);
    let blue_portal = Header::new(WHITE, BLUE, 300);
    let mut red = Header::new(GOLD, RED, 300);
    hang(&mut red, &["tet.png"]);
    assert_eq!(headers(&blue_portal, &red).code, LookCode::Different);
}

#[test]
fn decorations_over_the_same_header_cost_nothing() {
    let portal = Header::new(WHITE, RED, 300);
    let mut page = Header::new(WHITE, RED, 300);
    hang(&mut page, &["canh-dao-trai.png", "canh-dao-phai.png"]);
    fill(&mut page.picture, (0, 0, 120, 130), [0xE7, 0x69, 0x9A]);
    fill(&mut page.picture, (1200, 0, 120, 130), [0xE7, 0x69, 0x9A]);
    let finding = headers(&portal, &page);
    assert_eq!(finding.code, LookCode::Alike, "{finding:?}");
}

/// Petals fall over a whole page, and what lies under them is compared all the same.
#[test]
fn a_veil_over_the_page_hides_nothing_from_the_comparison() {
    let veiled = |menu| {
        let mut header = Header::new(WHITE, menu, 300);
        header.layout.blocks.push(Block {
            parent: Some(0),
            tag: "canvas".to_owned(),
            picture: "canvas".to_owned(),
            position: crate::observation::BlockPosition::Fixed,
            clicks_through: true,
            rect: Rect {
                x: 0.0,
                y: 0.0,
                width: 1366.0,
                height: 900.0,
            },
            ..Block::default()
        });
        header
    };
    let portal = Header::new(WHITE, RED, 300);
    assert_eq!(headers(&portal, &veiled(RED)).code, LookCode::Alike);
    assert_eq!(headers(&portal, &veiled(BLUE)).code, LookCode::Different);
}

#[test]
fn colours_that_are_declared_and_drawn_in_grey_were_taken_away() {
    let portal = Header::new(RED, BLUE, 113);
    let mut page = Header::new(RED, BLUE, 113);
    for pixel in page.picture.pixels_mut() {
        let [r, g, b] = pixel.0.map(u32::from);
        let grey = u8::try_from((r * 54 + g * 183 + b * 19) / 256).unwrap();
        // Not quite grey: a filter of ninety percent.
        *pixel = Rgb(pixel
            .0
            .map(|value| u8::try_from((u32::from(grey) * 9 + u32::from(value)) / 10).unwrap()));
    }
    let finding = headers(&portal, &page);
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Uncertain, Some("grey")),
        "{finding:?}"
    );
}

#[test]
fn picture_and_boxes_at_odds_are_no_accusation() {
    let portal = Header::new(RED, RED, 113);
    let mut page = Header::new(RED, RED, 113);
    // Something lay over the page when the picture was taken.
    page.picture = RgbImage::from_pixel(1366, 180, Rgb([0x10, 0x60, 0x20]));
    let finding = headers(&portal, &page);
    assert_eq!(
        (finding.code, finding.cause.as_deref()),
        (LookCode::Borderline, Some("disagreement"))
    );
}

#[test]
fn no_header_is_absent_and_an_unsure_one_uncertain() {
    let portal = Header::new(WHITE, RED, 113);
    let none = Side {
        region: None,
        absent: true,
        ..portal.side()
    };
    let unsure = Side {
        region: None,
        absent: false,
        ..portal.side()
    };
    let code = |page: &Side<'_>| {
        compare(
            RegionKind::Header,
            &portal.side(),
            page,
            &LookThresholds::default(),
        )
        .code
    };
    assert_eq!(code(&none), LookCode::Absent);
    assert_eq!(code(&unsure), LookCode::Uncertain);
    let blind = compare(
        RegionKind::Header,
        &unsure,
        &portal.side(),
        &LookThresholds::default(),
    );
    assert_eq!(
        (blind.code, blind.cause.as_deref()),
        (LookCode::Uncertain, Some("portal_region"))
    );
}

#[test]
fn thresholds_are_read_with_defaults_for_the_rest() {
    let thresholds: LookThresholds = toml::from_str("colour_alike = 0.9").unwrap();
    assert!((thresholds.colour_alike - 0.9).abs() < 1e-9);
    assert_eq!(
        LookThresholds {
            colour_alike: LookThresholds::default().colour_alike,
            ..thresholds
        },
        LookThresholds::default()
    );
    assert!(toml::from_str::<LookThresholds>("color_alike = 0.9").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn odd_input_never_panics_and_twice_gives_the_same(
        one in any_layout(),
        other in any_layout(),
        sizes in ((0..60_u32, 0..60_u32), (0..200_u32, 0..90_u32)),
        rect in (-100.0..2000.0_f64, -100.0..2000.0_f64, 0.0..2000.0_f64, 0.0..2000.0_f64),
        blocks in proptest::collection::vec(0..100_u32, 0..80),
        seed in any::<u32>(),
    ) {
        let noise = |x: u32, y: u32| Rgb((x * 7 + y * 13).wrapping_mul(seed | 1).to_be_bytes()[..3].try_into().unwrap());
        let pictures = (
            RgbImage::from_fn(sizes.0.0, sizes.0.1, noise),
            RgbImage::from_fn(sizes.1.0, sizes.1.1, noise),
        );
        let region = Region {
            rect: Rect { x: rect.0, y: rect.1, width: rect.2, height: rect.3 },
            confidence: 0.9,
            how: Vec::new(),
            blocks,
        };
        let changed = [Rect { x: f64::NAN, y: 0.0, width: f64::INFINITY, height: 5.0 }];
        let left = Side { layout: &one, region: Some(&region), absent: false, picture: Some(&pictures.0), changed: &changed, dress_files: &[] };
        let right = Side { layout: &other, region: Some(&region), absent: true, picture: Some(&pictures.1), changed: &[], dress_files: &[] };
        for kind in [RegionKind::Header, RegionKind::Footer] {
            let first = compare(kind, &left, &right, &LookThresholds::default());
            let again = compare(kind, &left, &right, &LookThresholds::default());
            prop_assert_eq!(&first, &again);
            for score in first.colour.iter().chain(&first.layout) {
                prop_assert!((0.0..=1.0).contains(score), "{:?}", first);
            }
        }
    }
}
