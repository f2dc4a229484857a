//! Where the header ends and the footer begins.
//!
//! Both are cuts across the whole page. Each possible cut is scored by what a person goes by:
//! what the elements call themselves, where the menu is, what the words say, what the cut would
//! slice through. The best one wins; its score becomes the confidence.

mod footer;
mod header;
mod menu;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::any_layout;

use serde::{Deserialize, Serialize};

use crate::observation::{LayoutFacts, Rect};

use super::boxes::{Boxes, Marks};

pub(crate) use menu::main_menu;

/// No header reaches further down than this.
pub const HEADER_MAX_PX: f64 = 700.0;
/// No footer is taller than this.
pub const FOOTER_MAX_PX: f64 = 1_200.0;
/// Below this a cut is a guess and is not given at all.
const LEAST_CONFIDENCE: f64 = 0.4;

/// What [`find`] made of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Regions {
    pub header: Option<Region>,
    pub footer: Option<Region>,
    /// There is nothing on the page that could be a header, as opposed to none that could be told.
    pub header_absent: bool,
    pub footer_absent: bool,
    /// Boxes that float over the page (chat, Zalo, back to top); they are masked.
    pub floating: Vec<Rect>,
}

/// A part of the page over its whole width.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Page coordinates, whole pixels, inside the page.
    pub rect: Rect,
    /// 0 to 1.
    pub confidence: f64,
    /// What the cut rests on, in words for a log.
    pub how: Vec<String>,
    /// Indices into `LayoutFacts::blocks` of what lies inside.
    pub blocks: Vec<u32>,
}

/// Finds header and footer; never fails, whatever the page sent.
pub fn find(facts: &LayoutFacts) -> Regions {
    let boxes = Boxes::new(facts);
    let header = header::find(&boxes);
    let header_bottom = header.cut.as_ref().map_or(0.0, |cut| cut.at);
    let footer = footer::find(&boxes, header_bottom);
    let floating = (0..boxes.len())
        .filter(|&index| boxes.marks[index].has(Marks::FLOATING) && !boxes.above[index].has(Marks::FLOATING))
        .map(|index| boxes.rects[index])
        .filter(|rect| rect.area() > 0.0)
        .take(40)
        .collect();
    Regions {
        header: header.cut.and_then(|cut| region(&boxes, &cut, 0.0, cut.at)),
        footer: footer
            .cut
            .and_then(|cut| region(&boxes, &cut, cut.at, boxes.drawn_bottom())),
        header_absent: header.absent,
        footer_absent: footer.absent,
        floating,
    }
}

/// The best cut of one kind, and whether the page plainly has nothing of that kind.
struct Found {
    cut: Option<Cut>,
    absent: bool,
}

/// A horizontal line across the page, with what speaks for it.
#[derive(Debug, Clone, Default)]
struct Cut {
    at: f64,
    score: f64,
    how: Vec<String>,
}

impl Cut {
    fn new(at: f64) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    fn add(&mut self, points: f64, why: &str) {
        self.score += points;
        self.how.push(format!("{why} {points:+.1}"));
    }

    /// Without a reason worth telling.
    fn add_quietly(&mut self, points: f64) {
        self.score += points;
    }

    fn confidence(&self) -> f64 {
        1.0 / (1.0 + (-(self.score - 1.2) * 0.9).exp())
    }
}

/// Earlier cuts win ties, so that the result does not hang on the order of floating point noise.
fn best(cuts: Vec<Cut>) -> Option<Cut> {
    let mut best: Option<Cut> = None;
    for cut in cuts {
        if best.as_ref().is_none_or(|held| cut.score > held.score + 1e-9) {
            best = Some(cut);
        }
    }
    best
}

/// Distinct lines, at least 4 px apart, sorted; of lines close together the one most often named.
fn distinct_lines(mut lines: Vec<f64>, most: usize) -> Vec<f64> {
    lines.sort_by(f64::total_cmp);
    let mut groups: Vec<(f64, usize, f64)> = Vec::new();
    for line in lines {
        match groups.last_mut() {
            Some((start, count, last)) if line - *start < 4.0 => {
                *count += 1;
                *last = line;
            }
            _ => groups.push((line, 1, line)),
        }
    }
    if groups.len() > most {
        groups.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
        groups.truncate(most);
        groups.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    groups.into_iter().map(|(_, _, last)| last).collect()
}

fn region(boxes: &Boxes<'_>, cut: &Cut, top: f64, bottom: f64) -> Option<Region> {
    let confidence = cut.confidence();
    let (top, bottom) = (top.max(0.0).floor(), bottom.min(boxes.height).ceil());
    if confidence < LEAST_CONFIDENCE || bottom - top < 8.0 {
        return None;
    }
    let rect = Rect {
        x: 0.0,
        y: top,
        width: boxes.width.floor().max(1.0),
        height: bottom - top,
    };
    let blocks = boxes
        .shown()
        .filter(|&index| {
            let own = &boxes.rects[index];
            own.intersection(&rect).area() >= own.area() * 0.8
        })
        .filter_map(|index| u32::try_from(index).ok())
        .collect();
    Some(Region {
        rect,
        confidence,
        how: cut.how.clone(),
        blocks,
    })
}
