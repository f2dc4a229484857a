//! The parts of the two scores, each with what it says in words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observation::Rect;

use super::arrangement::{
    Aligned, Bar, Row, Spot, bar_likeness, columns_likeness, edge_distance, spot_likeness,
};
use super::bands;
use super::colour::Colour;
use super::compare::RegionKind;
use super::reasons::{Reason, colour_word, sentence};
use super::view::View;

/// Where a thing stands on one side only, it may be that it was merely not recognised on the other.
const ONE_SIDED: f64 = 0.35;
/// A part from this score on is said to be alike.
pub(crate) const ALIKE_PART: f64 = 0.7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    Colour,
    Layout,
}

/// One measured aspect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub kind: PartKind,
    pub name: String,
    /// 0 (other) to 1 (the same).
    pub score: f64,
    /// Share of its kind's score.
    pub weight: f64,
    /// Read from the picture; else from the boxes.
    pub from_picture: bool,
}

/// A part and the sentence that goes with it.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) part: Part,
    pub(crate) reason: Reason,
}

pub(crate) fn measure(kind: RegionKind, portal: &View, page: &View) -> Vec<Measured> {
    let mut parts = Vec::new();
    colour_parts(kind, portal, page, &mut parts);
    layout_parts(kind, portal, page, &mut parts);
    for of in [PartKind::Colour, PartKind::Layout] {
        let total: f64 = parts
            .iter()
            .filter(|m| m.part.kind == of)
            .map(|m| m.part.weight)
            .sum();
        for measured in parts.iter_mut().filter(|m| m.part.kind == of) {
            measured.part.weight /= total.max(1e-9);
        }
    }
    parts
}

/// Weighted mean of the parts of one kind, of those that `test` lets through; `None` without any.
pub(crate) fn mean(parts: &[Measured], kind: PartKind, test: impl Fn(&Part) -> bool) -> Option<f64> {
    let chosen = || {
        parts
            .iter()
            .map(|m| &m.part)
            .filter(|part| part.kind == kind && test(part))
    };
    let total: f64 = chosen().map(|part| part.weight).sum();
    (total > 1e-9).then(|| chosen().map(|part| part.score * part.weight).sum::<f64>() / total)
}

fn colour_parts(kind: RegionKind, portal: &View, page: &View, parts: &mut Vec<Measured>) {
    let header = kind == RegionKind::Header;
    let palette = portal.palette.likeness(&page.palette);
    let percent = BTreeMap::from([("percent".to_owned(), format!("{:.0}", palette * 100.0))]);
    parts.push(part(PartKind::Colour, "palette", palette, 0.4, true).words(
        "palette",
        percent,
        portal.rect,
        page.rect,
    ));
    if let Some((a, b, likeness)) = portal.palette.grounds(&page.palette) {
        // Where no colour has most of the area there is no one background.
        let held = portal.palette.ground_share().min(page.palette.ground_share());
        let weight = if header { 0.2 } else { 0.4 } * (held / 0.6).min(1.0);
        parts.push(
            part(PartKind::Colour, "background", likeness, weight, true).words(
                "background",
                colours(&a, &b),
                portal.rect,
                page.rect,
            ),
        );
    }
    if let (Some(a), Some(b)) = (portal.menu_colour, page.menu_colour) {
        let (left, right) = (menu_rect(portal), menu_rect(page));
        parts.push(
            part(PartKind::Colour, "menu_colour", a.likeness(&b), 0.4, true).words(
                "menu_colour",
                colours(&a, &b),
                left,
                right,
            ),
        );
    }
    let accent = match (portal.palette.accent(), page.palette.accent()) {
        (Some(a), Some(b)) => Some((a.likeness(&b), colours(&a, &b))),
        (None, None) => None,
        (a, b) => Some((0.3, one_colour(a.as_ref(), b.as_ref()))),
    };
    if let Some((score, values)) = accent {
        parts.push(part(PartKind::Colour, "accent", score, 0.25, true).words(
            "accent",
            values,
            portal.rect,
            page.rect,
        ));
    }
}

fn layout_parts(kind: RegionKind, portal: &View, page: &View, parts: &mut Vec<Measured>) {
    let (a, b) = (&portal.arrangement, &page.arrangement);
    let numbers = |left: usize, right: usize| pair(&left.to_string(), &right.to_string());
    let (header, rects) = (kind == RegionKind::Header, (portal.rect, page.rect));
    let bands_score = bands::likeness(&portal.bands, &page.bands);
    let counts = numbers(portal.bands.len(), page.bands.len());
    let weight = if header { 0.2 } else { 0.25 };
    parts.push(
        part(PartKind::Layout, "bands", bands_score, weight, true).words("bands", counts, rects.0, rects.1),
    );
    ink_parts(header, portal, page, parts);
    if header {
        menu_part(portal, page, parts);
        spot_part("title", a.title, b.title, 0.15, rects, parts);
        spot_part("search", a.search, b.search, 0.06, rects, parts);
    } else {
        if !a.columns.is_empty() && !b.columns.is_empty() {
            let score = columns_likeness(&a.columns, &b.columns);
            let key = if a.columns.len() == b.columns.len() {
                "columns_place"
            } else {
                "columns"
            };
            let measured = part(PartKind::Layout, "columns", score, 0.3, false);
            parts.push(measured.words(key, numbers(a.columns.len(), b.columns.len()), rects.0, rects.1));
        }
        if let (Some(left), Some(right)) = (a.aligned, b.aligned) {
            let apart: f64 = left.iter().zip(right).map(|(x, y)| (x - y).abs()).sum::<f64>() / 2.0;
            let score = 1.0 - (apart - 0.2).max(0.0) / 0.8;
            let values = pair(mostly(&left), mostly(&right));
            parts.push(
                part(PartKind::Layout, "align", score, 0.15, false).words("align", values, rects.0, rects.1),
            );
        }
    }
    spot_part(
        "emblem",
        a.emblem,
        b.emblem,
        if header { 0.15 } else { 0.08 },
        rects,
        parts,
    );
}

/// Where it is written or drawn on, as an eye sees it.
fn ink_parts(header: bool, portal: &View, page: &View, parts: &mut Vec<Measured>) {
    let rects = (portal.rect, page.rect);
    if let (Some(left), Some(right)) = (&portal.profile, &page.profile) {
        let score = bands::profile_likeness(left, right);
        let bare = part(PartKind::Layout, "ink", score, 0.1, true);
        parts.push(bare.words("ink", BTreeMap::new(), rects.0, rects.1));
    }
    if header {
        if let (Some(left), Some(right)) = (portal.extent, page.extent) {
            let score = 1.0 - (edge_distance(&left, &right) - 0.05).max(0.0) / 0.2;
            let bare = part(PartKind::Layout, "extent", score, 0.2, true);
            parts.push(bare.words("extent", BTreeMap::new(), rects.0, rects.1));
        }
    } else if !portal.columns.is_empty() && !page.columns.is_empty() {
        let score = columns_likeness(&portal.columns, &page.columns);
        let counts = pair(&portal.columns.len().to_string(), &page.columns.len().to_string());
        let bare = part(PartKind::Layout, "blocks", score, 0.25, true);
        parts.push(bare.words("blocks", counts, rects.0, rects.1));
    }
    let ratio = (portal.rect.height.max(1.0) / page.rect.height.max(1.0))
        .ln()
        .abs();
    // A longer menu or text makes half as high again; twice as high takes another layout.
    let score = 1.0 - (ratio - 1.7_f64.ln()).max(0.0) / (3.4_f64.ln() - 1.7_f64.ln());
    let values = pair(
        &format!("{:.0}", portal.rect.height),
        &format!("{:.0}", page.rect.height),
    );
    let bare = part(PartKind::Layout, "height", score, 0.1, true);
    parts.push(bare.words("height", values, rects.0, rects.1));
}

fn menu_part(portal: &View, page: &View, parts: &mut Vec<Measured>) {
    let place = |bar: &Bar| match bar.row() {
        Some(Row::Beside) => "beside_title",
        Some(Row::Above) => "above_title",
        _ => "below_title",
    };
    match (portal.arrangement.menu, page.arrangement.menu) {
        (Some(a), Some(b)) => {
            let values = pair(place(&a), place(&b));
            let measured = part(PartKind::Layout, "menu_place", bar_likeness(&a, &b), 0.3, false);
            parts.push(measured.words("menu_place", values, a.rect, b.rect));
        }
        (None, None) => {}
        (a, b) => {
            let word = |bar: Option<Bar>| if bar.is_some() { "present" } else { "absent" };
            let measured = part(PartKind::Layout, "menu_place", ONE_SIDED, 0.3, false);
            let (left, right) = (
                a.map_or(portal.rect, |bar| bar.rect),
                b.map_or(page.rect, |bar| bar.rect),
            );
            parts.push(measured.words("menu_missing", pair(word(a), word(b)), left, right));
        }
    }
}

fn spot_part(
    name: &str,
    a: Option<Spot>,
    b: Option<Spot>,
    weight: f64,
    rects: (Rect, Rect),
    parts: &mut Vec<Measured>,
) {
    let word = |spot: Option<Spot>| match spot.map(|spot| spot.side) {
        Some(Aligned::Left) => "left",
        Some(Aligned::Centre) => "centre",
        Some(Aligned::Right) => "right",
        None => "absent",
    };
    // One side without it says less.
    let (score, weight) = match (&a, &b) {
        (Some(left), Some(right)) => (spot_likeness(left, right), weight),
        (None, None) => return,
        _ => (ONE_SIDED, weight * 0.4),
    };
    let (left, right) = (
        a.map_or(rects.0, |spot| spot.rect),
        b.map_or(rects.1, |spot| spot.rect),
    );
    parts.push(part(PartKind::Layout, name, score, weight, false).words(
        name,
        pair(word(a), word(b)),
        left,
        right,
    ));
}

fn menu_rect(view: &View) -> Rect {
    view.arrangement.menu.map_or(view.rect, |menu| menu.rect)
}

fn mostly(shares: &[f64; 3]) -> &'static str {
    if shares[1] > 0.5 {
        "align_centre"
    } else if shares[2] > 0.5 {
        "align_right"
    } else {
        "align_left"
    }
}

fn pair(portal: &str, page: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("portal".to_owned(), portal.to_owned()),
        ("page".to_owned(), page.to_owned()),
    ])
}

fn colours(portal: &Colour, page: &Colour) -> BTreeMap<String, String> {
    one_colour(Some(portal), Some(page))
}

fn one_colour(portal: Option<&Colour>, page: Option<&Colour>) -> BTreeMap<String, String> {
    let word = |colour: Option<&Colour>| colour.map_or("no_colour", colour_word).to_owned();
    let hex = |colour: Option<&Colour>| colour.map_or_else(String::new, Colour::hex);
    BTreeMap::from([
        ("portal".to_owned(), word(portal)),
        ("portal_hex".to_owned(), hex(portal)),
        ("page".to_owned(), word(page)),
        ("page_hex".to_owned(), hex(page)),
    ])
}

/// A part still without its sentence.
struct Bare(Part);

fn part(kind: PartKind, name: &str, score: f64, weight: f64, from_picture: bool) -> Bare {
    let score = if score.is_finite() {
        score.clamp(0.0, 1.0)
    } else {
        0.0
    };
    Bare(Part {
        kind,
        name: name.to_owned(),
        score,
        weight,
        from_picture,
    })
}

impl Bare {
    /// `key` without its ending: `_same` or `_other` is added by the score.
    fn words(self, key: &str, values: BTreeMap<String, String>, portal: Rect, page: Rect) -> Measured {
        let alike = self.0.score >= ALIKE_PART;
        let key = match (key, alike) {
            ("menu_missing", _) => key.to_owned(),
            ("columns_place", true) => "columns_same".to_owned(),
            (_, true) => format!("{key}_same"),
            (_, false) => format!("{key}_other"),
        };
        let message = sentence(&key, &values);
        let (portal_rect, page_rect) = (Some(portal), Some(page));
        let reason = Reason {
            key,
            alike,
            effect: 0.0,
            values,
            message,
            portal_rect,
            page_rect,
        };
        Measured { part: self.0, reason }
    }
}
