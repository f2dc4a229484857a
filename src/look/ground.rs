//! What lies where in a region: plain area, photographs, drawn banners, and what is not to be looked at.

use crate::observation::Rect;

use super::boxes::{Boxes, Marks};
use super::colour::parse_css;
use super::dress::Dress;
use super::grid::{FLAT, Grid, Ground, ratio};
use super::regions::Region;

/// A photograph has many busy cells, few clean ones, or colours that hardly ever repeat. Drawn banners
/// with shading that were looked at stay below 0.1, above 0.7 and below 0.1.
const PHOTO_BUSY: f64 = 0.3;
const PHOTO_CLEAN: f64 = 0.35;
const PHOTO_DISTINCT: f64 = 0.2;
/// A picture of which this share changed by itself is a slide, however it calls itself.
const SLIDE_CHANGED: f64 = 0.25;
/// Cells looked at for pictures, over and over where they lie on one another; more is hostile.
const MAX_MASK_CELLS: usize = 2_000_000;

/// Goes through the blocks in the order they are painted; a ground painted over a picture is area again.
pub(crate) fn lay_out(boxes: &Boxes<'_>, region: &Region, dress: &Dress, changed: &[Rect], grid: &mut Grid) {
    let mut work = 0;
    let mut touched = false;
    for index in boxes.shown() {
        if work > MAX_MASK_CELLS {
            break;
        }
        let rect = boxes.rects[index].intersection(&region.rect);
        if rect.width < 6.0 || rect.height < 6.0 || boxes.is_veil(index) {
            continue;
        }
        let block = &boxes.blocks[index];
        let purpose = boxes.marks[index].or(boxes.above[index]);
        let named = purpose.has(Marks::SLIDER) || dress.wears(index);
        let slides = named && rect.height >= 60.0 || changes(&rect, changed);
        if boxes.is_picture(index) {
            let cells = grid.inside(&rect);
            work += cells.len();
            if let Some(ground) = ground_of(boxes, index, &rect, slides, &cells, grid) {
                touched = true;
                grid.set(&cells, ground);
            }
        } else if touched
            && rect.width >= boxes.width * 0.2
            && rect.height >= 14.0
            && (boxes.is_shading(index) || parse_css(&block.background).is_some())
        {
            let cells = grid.inside(&rect);
            work += cells.len();
            grid.set(&cells, Ground::Area);
        }
    }
    // As a photograph: what will be other in a moment is part of the region, and nothing to compare.
    for rect in changed {
        let cells = grid.inside(rect);
        grid.set(&cells, Ground::Photo);
    }
    let hung = |index: usize| boxes.marks[index].has(Marks::FLOATING) || dress.is_hung(index);
    for index in (0..boxes.len()).filter(|&index| hung(index) && !boxes.is_veil(index)) {
        let cells = grid.inside(&boxes.rects[index]);
        grid.set(&cells, Ground::Masked);
    }
}

/// A good part of the box looked otherwise at the second look.
fn changes(rect: &Rect, changed: &[Rect]) -> bool {
    let area: f64 = changed.iter().map(|other| other.intersection(rect).area()).sum();
    area >= rect.area() * SLIDE_CHANGED && area > 0.0
}

/// Something is written in the block by the page itself: a title or a text of some length.
fn holds_words(boxes: &Boxes<'_>, index: usize) -> bool {
    boxes.blocks[index].text_length >= 12
}

/// What kind of picture it is; `None` where it is as good as plain.
fn ground_of(
    boxes: &Boxes<'_>,
    index: usize,
    rect: &Rect,
    slides: bool,
    cells: &[usize],
    grid: &Grid,
) -> Option<Ground> {
    let kind = boxes.blocks[index].picture.as_str();
    let busy = ratio(
        cells.iter().filter(|&&cell| grid.cells[cell].flat < FLAT).count(),
        cells.len(),
    );
    if slides || kind == "video" || kind == "canvas" {
        return Some(Ground::Photo);
    }

    let clean = ratio(
        cells.iter().filter(|&&cell| grid.cells[cell].clean).count(),
        cells.len(),
    );
    let distinct = distinct_share(cells, grid);
    let background = kind == "background";
    if background && boxes.rects[index].height > rect.height * 1.5 + 300.0 {
        // The ground of the whole page.
        return None;
    }
    let wide = rect.width >= boxes.width * 0.4;
    let photograph = busy >= PHOTO_BUSY || clean <= PHOTO_CLEAN || distinct >= PHOTO_DISTINCT;
    if background && distinct < PHOTO_DISTINCT && busy < PHOTO_BUSY && holds_words(boxes, index) {
        // Drawn behind words that the page itself writes: a pattern is ground, not a picture to look at.
        return None;
    }
    if background && (busy < 0.12 && clean > 0.5 && distinct < PHOTO_DISTINCT || rect.height < 60.0) {
        // A pattern or shading behind words.
        return None;
    }
    if photograph && rect.height >= 40.0 && rect.width >= 60.0 {
        return Some(if wide || rect.height >= 120.0 {
            Ground::Photo
        } else {
            Ground::Masked
        });
    }
    if wide && rect.height >= 40.0 {
        return Some(Ground::Drawing);
    }
    (!background).then_some(Ground::Masked)
}

/// Different colours among the plain cells, as a share of them: nature hardly repeats one exactly.
fn distinct_share(cells: &[usize], grid: &Grid) -> f64 {
    let mut colours: Vec<[u8; 3]> = cells
        .iter()
        .map(|&cell| &grid.cells[cell])
        .filter(|cell| cell.flat >= FLAT)
        .map(|cell| cell.rgb)
        .collect();
    let plain = colours.len();
    colours.sort_unstable();
    colours.dedup();
    ratio(colours.len(), plain)
}
