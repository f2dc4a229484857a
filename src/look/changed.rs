//! What of a region looked otherwise when it was looked at again: slides, running lines, clocks. From two
//! pictures of the same part of a page come the boxes that are not to be compared with another page's.

use image::RgbImage;

use crate::observation::Rect;

/// Side of a cell in pixels.
const CELL: u32 = 8;
/// Sum of channel differences from which on a pixel is another one: what shading and smoothing move stays below.
const OTHER_COLOUR: u32 = 30;
/// Pixels of a cell that must have changed: one more or less is noise.
const LEAST_PIXELS: usize = 2;
/// Changed cells with no more than so many quiet ones between them belong together: a crossfade leaves
/// spots as they were, and between the words of a running line is ground.
const GAP: usize = 3;
/// Where more than this changes by itself, the whole region is on the move.
const MAX_BOXES: usize = 16;

/// The boxes that changed, in page coordinates, top to bottom. `region` is what both pictures show.
pub fn changed(first: &RgbImage, later: &RgbImage, region: &Rect) -> Vec<Rect> {
    let (width, height) = first.dimensions();
    if width == 0 || height == 0 || first.as_raw() == later.as_raw() {
        return Vec::new();
    }
    if first.dimensions() != later.dimensions() {
        return vec![*region];
    }
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let cells: Vec<bool> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (column, row)))
        .map(|(column, row)| is_other(first, later, column * CELL, row * CELL))
        .collect();
    let boxes = together(&cells, columns as usize);
    let scale = (region.width / f64::from(width), region.height / f64::from(height));
    match boxes.len() {
        0..=MAX_BOXES => boxes.iter().map(|one| one.on_page(region, scale)).collect(),
        _ => vec![*region],
    }
}

fn is_other(first: &RgbImage, later: &RgbImage, left: u32, top: u32) -> bool {
    let (right, bottom) = ((left + CELL).min(first.width()), (top + CELL).min(first.height()));
    let differs = |x, y| {
        let (before, after) = (first.get_pixel(x, y).0, later.get_pixel(x, y).0);
        let apart: u32 = before
            .iter()
            .zip(after)
            .map(|(a, b)| u32::from(a.abs_diff(b)))
            .sum();
        apart >= OTHER_COLOUR
    };
    (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .filter(|&(x, y)| differs(x, y))
        .take(LEAST_PIXELS)
        .count()
        == LEAST_PIXELS
}

/// A box of cells, both ends included.
#[derive(Debug, Clone, Copy)]
struct Cells {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
}

impl Cells {
    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.max(other.right),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn is_near(&self, other: &Self) -> bool {
        let near = |low: usize, high: usize, other_low: usize, other_high: usize| {
            low <= other_high + GAP + 1 && other_low <= high + GAP + 1
        };
        near(self.left, self.right, other.left, other.right)
            && near(self.top, self.bottom, other.top, other.bottom)
    }

    #[allow(clippy::cast_precision_loss)] // a few thousand cells
    fn on_page(&self, region: &Rect, scale: (f64, f64)) -> Rect {
        let side = f64::from(CELL);
        let (left, top) = (self.left as f64 * side, self.top as f64 * side);
        let (right, bottom) = ((self.right + 1) as f64 * side, (self.bottom + 1) as f64 * side);
        Rect {
            x: region.x + left * scale.0,
            y: region.y + top * scale.1,
            width: (right - left) * scale.0,
            height: (bottom - top) * scale.1,
        }
        .intersection(region)
    }
}

/// Boxes around changed cells that lie near one another, top to bottom.
fn together(cells: &[bool], columns: usize) -> Vec<Cells> {
    let mut boxes: Vec<Cells> = Vec::new();
    for (row, line) in cells.chunks(columns).enumerate() {
        for (column, _) in line.iter().enumerate().filter(|(_, changed)| **changed) {
            let mut grown = Cells {
                left: column,
                right: column,
                top: row,
                bottom: row,
            };
            // A box that grows may reach others.
            while let Some(at) = boxes.iter().position(|one| one.is_near(&grown)) {
                grown = grown.with(boxes.swap_remove(at));
            }
            boxes.push(grown);
        }
    }
    boxes.sort_by_key(|one| (one.top, one.left));
    boxes
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const REGION: Rect = Rect {
        x: 0.0,
        y: 40.0,
        width: 800.0,
        height: 200.0,
    };

    fn plain() -> RgbImage {
        RgbImage::from_pixel(800, 200, Rgb([10, 60, 120]))
    }

    fn with(mut picture: RgbImage, (left, top, right, bottom): (u32, u32, u32, u32)) -> RgbImage {
        for y in top..bottom {
            for x in left..right {
                picture.put_pixel(x, y, Rgb([240, 200, 20]));
            }
        }
        picture
    }

    #[test]
    fn what_stays_is_no_change_and_neither_is_noise() {
        assert!(changed(&plain(), &plain(), &REGION).is_empty());
        let mut noisy = plain();
        for x in (0..800).step_by(16) {
            noisy.put_pixel(x, 20, Rgb([14, 64, 124]));
            // A single pixel, as a smoothed edge may leave it.
            noisy.put_pixel(x, 100, Rgb([240, 200, 20]));
        }
        assert!(changed(&plain(), &noisy, &REGION).is_empty());
    }

    #[test]
    fn a_slide_and_a_clock_are_two_boxes_where_they_are_on_the_page() {
        let later = with(with(plain(), (80, 0, 720, 120)), (700, 176, 760, 190));
        let boxes = changed(&plain(), &later, &REGION);
        assert_eq!(boxes.len(), 2, "{boxes:?}");
        assert_eq!(
            boxes[0],
            Rect {
                x: 80.0,
                y: 40.0,
                width: 640.0,
                height: 120.0
            }
        );
        assert!(
            boxes[1].x <= 700.0 && boxes[1].right() >= 760.0 && boxes[1].y >= 200.0,
            "{boxes:?}"
        );
    }

    #[test]
    fn the_words_of_a_running_line_are_one_box() {
        let words = (0..20).fold(plain(), |picture, word| {
            with(picture, (word * 40, 160, word * 40 + 20, 172))
        });
        assert_eq!(changed(&plain(), &words, &REGION).len(), 1);
    }

    #[test]
    fn a_region_that_changes_all_over_or_its_size_is_one_box() {
        let spots = (0..5).fold(plain(), |picture, row| {
            (0..10).fold(picture, |picture, column| {
                let (x, y) = (column * 80, row * 40);
                with(picture, (x, y, x + 6, y + 6))
            })
        });
        assert_eq!(changed(&plain(), &spots, &REGION), [REGION]);
        assert_eq!(changed(&plain(), &RgbImage::new(800, 190), &REGION), [REGION]);
        assert!(changed(&RgbImage::new(0, 0), &plain(), &REGION).is_empty());
    }
}
