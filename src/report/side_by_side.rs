//! A region of a site under that of its portal, each with its palette, and what differs outlined and
//! numbered as the reasons are: told apart by numbers and dashes, so that a print in grey says the same.

use image::{Rgb, RgbImage, imageops};
use serde_json::Value;

use super::glyphs;
use crate::observation::Rect;
use crate::verdict::Finding;

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
const BLACK: Rgb<u8> = Rgb([0, 0, 0]);
const GAP: u32 = 18;
/// Height of the line with the palette above each region.
const PALETTE: u32 = 34;
const SWATCH: (u32, u32) = (40, 22);
const MOST_SWATCHES: usize = 6;
/// Colours with less of the area are left out.
const LEAST_SHARE: f64 = 0.015;
const LINE: u32 = 3;
const DASH: u32 = 10;
/// Side of the box that holds a number.
const TAG: u32 = 24;

/// One side: its stored picture, the part of the page it shows, and the names of its facts.
struct Half<'a> {
    picture: &'a RgbImage,
    origin: (f64, f64),
    palette: &'a Value,
    outlines: Vec<(usize, Rect)>,
}

pub(super) fn draw(finding: &Finding, portal: &RgbImage, page: &RgbImage) -> RgbImage {
    let measured = &finding.measured;
    let half = |picture, side: &str| Half {
        picture,
        origin: measured
            .get(&format!("{side}_region"))
            .and_then(rect)
            .map_or((0.0, 0.0), |region| (region.x, region.y)),
        palette: measured.get(&format!("{side}_palette")).unwrap_or(&Value::Null),
        outlines: outlines(measured.get("reasons"), &format!("{side}_rect")),
    };
    let halves = [half(portal, "portal"), half(page, "page")];
    let width = portal.width().max(page.width());
    let height = 2 * PALETTE + GAP + portal.height() + page.height();
    let mut sheet = RgbImage::from_pixel(width, height, WHITE);
    let mut top = 0;
    for half in &halves {
        palette(&mut sheet, half.palette, top);
        top += PALETTE;
        imageops::replace(&mut sheet, half.picture, 0, i64::from(top));
        for (number, rect) in &half.outlines {
            outline(&mut sheet, half, *number, rect, top);
        }
        top += half.picture.height() + GAP;
    }
    sheet
}

fn rect(value: &Value) -> Option<Rect> {
    serde_json::from_value(value.clone()).ok()
}

/// The boxes of the reasons that speak of a difference, with the number of their reason.
fn outlines(reasons: Option<&Value>, name: &str) -> Vec<(usize, Rect)> {
    let reasons = reasons.and_then(Value::as_array).into_iter().flatten();
    let numbered = (1..).zip(reasons);
    numbered
        .filter(|(_, reason)| reason.get("alike").and_then(Value::as_bool) == Some(false))
        .filter_map(|(number, reason)| Some((number, rect(reason.get(name)?)?)))
        .collect()
}

/// Swatches with their colour in figures and their share of the area, the largest first.
fn palette(sheet: &mut RgbImage, palette: &Value, top: u32) {
    let mut x = 8;
    let swatches = palette.as_array().into_iter().flatten();
    for swatch in swatches.take(MOST_SWATCHES) {
        let share = swatch.get("share").and_then(Value::as_f64).unwrap_or(0.0);
        let hex = swatch.get("hex").and_then(Value::as_str).unwrap_or_default();
        let Some(colour) = colour(hex).filter(|_| share >= LEAST_SHARE) else {
            continue;
        };
        let y = top + (PALETTE - SWATCH.1) / 2;
        fill(sheet, (x, y), SWATCH, BLACK);
        fill(sheet, (x + 1, y + 1), (SWATCH.0 - 2, SWATCH.1 - 2), colour);
        let words = format!("{hex} {:.0}%", share * 100.0);
        x += SWATCH.0 + 8;
        x += glyphs::write(sheet, &words, (x, y + 4), BLACK) + 20;
    }
}

fn colour(hex: &str) -> Option<Rgb<u8>> {
    let value = u32::from_str_radix(hex.strip_prefix('#')?, 16).ok()?;
    let [_, red, green, blue] = value.to_be_bytes();
    Some(Rgb([red, green, blue]))
}

/// A dashed frame inside `rect`, black on white so that it shows on any ground, and its number. A box as large
/// as the region gets its number alone: a frame around everything points at nothing.
fn outline(sheet: &mut RgbImage, half: &Half<'_>, number: usize, rect: &Rect, top: u32) {
    let (width, height) = half.picture.dimensions();
    let shown = Rect {
        width: f64::from(width),
        height: f64::from(height),
        ..Rect::default()
    };
    let moved = Rect {
        x: rect.x - half.origin.0,
        y: rect.y - half.origin.1,
        ..*rect
    };
    let part = moved.intersection(&shown);
    if part.area() <= 0.0 {
        return;
    }
    let (left, upper) = (pixel(part.x), pixel(part.y));
    let (right, lower) = (pixel(part.right()).min(width), pixel(part.bottom()).min(height));
    if part.area() < shown.area() * 0.95 {
        for y in upper..lower {
            for x in left..right {
                let depth = (x - left).min(right - 1 - x).min(y - upper).min(lower - 1 - y);
                if depth < LINE {
                    let dark = ((x + y) / DASH).is_multiple_of(2);
                    sheet.put_pixel(x, top + y, if dark { BLACK } else { WHITE });
                }
            }
        }
    }
    // Numbers of boxes that begin at the same place stand beside one another.
    let shift = TAG * u32::try_from(number.saturating_sub(1)).unwrap_or(0);
    let place = (
        (left + shift).min(width.saturating_sub(TAG)),
        top + upper.min(height.saturating_sub(TAG)),
    );
    fill(sheet, place, (TAG, TAG), WHITE);
    fill(sheet, (place.0 + 1, place.1 + 1), (TAG - 2, TAG - 2), BLACK);
    glyphs::write(sheet, &number.to_string(), (place.0 + 7, place.1 + 5), WHITE);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // inside a picture
fn pixel(length: f64) -> u32 {
    length.clamp(0.0, 65_535.0).round() as u32
}

fn fill(sheet: &mut RgbImage, (left, top): (u32, u32), (width, height): (u32, u32), colour: Rgb<u8>) {
    for y in top..(top + height).min(sheet.height()) {
        for x in left..(left + width).min(sheet.width()) {
            sheet.put_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::verdict::Finding;

    fn finding() -> Finding {
        serde_json::from_value(json!({
            "check": "look.footer", "status": "fail", "code": "different", "mandatory": true,
            "message": {"vi": "", "en": ""}, "seen": "2/2", "fingerprint": "", "evidence": [],
            "measured": {
                "portal_region": {"x": 0, "y": 1000, "width": 400, "height": 60},
                "page_region": {"x": 0, "y": 700, "width": 400, "height": 80},
                "portal_palette": [{"hex": "#B11116", "share": 0.8}, {"hex": "#FFFFFF", "share": 0.2}],
                "page_palette": [{"hex": "#0B6FB3", "share": 1.0}],
                "reasons": [
                    {"alike": true, "portal_rect": {"x": 0, "y": 1000, "width": 9, "height": 9}, "page_rect": null},
                    {"alike": false, "portal_rect": {"x": 40, "y": 1010, "width": 200, "height": 40},
                     "page_rect": {"x": 40, "y": 720, "width": 200, "height": 40}},
                ],
            },
        }))
        .unwrap()
    }

    #[test]
    fn regions_stand_under_their_palettes_with_the_differing_part_outlined() {
        let (portal, page) = (
            RgbImage::from_pixel(400, 60, Rgb([177, 17, 22])),
            RgbImage::from_pixel(400, 80, Rgb([11, 111, 179])),
        );
        let sheet = draw(&finding(), &portal, &page);
        assert_eq!(sheet.dimensions(), (400, 2 * PALETTE + GAP + 140));
        // The swatch, the untouched corner of the region, and its outline.
        assert_eq!(sheet.get_pixel(20, PALETTE / 2), &Rgb([177, 17, 22]));
        assert_eq!(sheet.get_pixel(399, PALETTE), &Rgb([177, 17, 22]));
        let edge: Vec<_> = (40..240).map(|x| *sheet.get_pixel(x, PALETTE + 49)).collect();
        assert!(edge.contains(&BLACK) && edge.contains(&WHITE));
        assert!(edge.iter().all(|pixel| [BLACK, WHITE].contains(pixel)));
        // What is alike is not outlined.
        assert_eq!(sheet.get_pixel(1, PALETTE + 1), &Rgb([177, 17, 22]));
    }

    #[test]
    fn boxes_outside_of_the_picture_and_numbers_of_any_size_do_no_harm() {
        let tiny = RgbImage::from_pixel(5, 3, WHITE);
        assert_eq!(draw(&finding(), &tiny, &tiny).width(), 5);
        let mut odd = finding();
        odd.measured.insert(
            "reasons".to_owned(),
            json!([{"alike": false, "portal_rect": {"x": -1e300, "y": 0, "width": 1e308, "height": 1e308}, "page_rect": 7}]),
        );
        assert_eq!(draw(&odd, &tiny, &tiny).width(), 5);
    }
}
