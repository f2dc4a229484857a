//! The main menu: one bar with links side by side, near the top of the page.

use crate::observation::Rect;

use super::super::boxes::{Boxes, Marks};

/// The bar that holds the main menu, and the block it was found by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Menu {
    pub(crate) rect: Rect,
    pub(crate) block: usize,
}

/// The most menu-like bar that begins above `limit_px`.
pub(crate) fn main_menu(boxes: &Boxes<'_>, limit_px: f64) -> Option<Menu> {
    let mut best: Option<(f64, usize)> = None;
    for index in boxes.shown() {
        let Some(score) = menu_score(boxes, index, limit_px) else {
            continue;
        };
        if best.is_none_or(|(held, _)| score > held + 1e-9) {
            best = Some((score, index));
        }
    }
    let (score, block) = best?;
    (score >= 2.0).then(|| Menu {
        rect: widest_bar(boxes, block),
        block,
    })
}

fn menu_score(boxes: &Boxes<'_>, index: usize, limit_px: f64) -> Option<f64> {
    let rect = &boxes.rects[index];
    let block = &boxes.blocks[index];
    let marks = boxes.marks[index];
    let in_header = marks
        .or(boxes.above[index])
        .has(Marks::NAV_TAG.or(Marks::HEADER_TAG));
    let least_width = boxes.width * if in_header { 0.12 } else { 0.25 };
    let bar =
        (18.0..=130.0).contains(&rect.height) && rect.width >= least_width && rect.width >= rect.height * 3.0;
    if !bar || rect.y > limit_px || block.links < 2 {
        return None;
    }
    let inside_main = boxes.above[index].has(Marks::MAIN_TAG) || boxes.above[index].has(Marks::SLIDER);
    if inside_main || marks.has(Marks::SLIDER) || boxes.above[index].has(Marks::FOOTER_TAG) {
        return None;
    }
    let named =
        marks.has(Marks::MENU) || boxes.above[index].has(Marks::MENU) || boxes.below[index].has(Marks::MENU);
    #[allow(clippy::cast_precision_loss)] // bounded just before
    let links = block.links.min(12) as f64;
    let mut score = links / 4.0 + rect.width / boxes.width - rect.y / 350.0;
    if named {
        score += 1.5;
    }
    if marks.has(Marks::NAV_TAG) {
        score += 0.5;
    }
    #[allow(clippy::cast_precision_loss)]
    let text_per_link = block.text_length as f64 / block.links as f64;
    if text_per_link > 45.0 {
        // Running text with links in it.
        score -= 3.0;
    } else if !named && block.links >= 3 && (3.0..=28.0).contains(&text_per_link) && rect.height <= 70.0 {
        // Short links and nothing else, side by side.
        score += 1.0;
    }
    // A whole header in one row is less the menu than the list inside it.
    if marks.has(Marks::HEADER_TAG) || boxes.below[index].has(Marks::SEARCH) {
        score -= 0.4;
    }
    if boxes.below[index].has(Marks::EMBLEM) || marks.has(Marks::EMBLEM) {
        score -= 1.0;
    }
    Some(score)
}

/// The bar around the list: the outermost ancestor of about the same height.
fn widest_bar(boxes: &Boxes<'_>, block: usize) -> Rect {
    let mut rect = boxes.rects[block];
    let mut at = boxes.parents[block];
    while let Some(parent) = at {
        let outer = &boxes.rects[parent];
        if outer.height > rect.height * 1.35 + 6.0 || boxes.below[parent].has(Marks::EMBLEM) {
            break;
        }
        if outer.width >= rect.width {
            rect = *outer;
        }
        at = boxes.parents[parent];
    }
    rect
}
