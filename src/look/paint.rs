//! Do picture and boxes tell the same story? The grounds that the boxes declare, painted over one
//! another, against the colours in the crop.

use crate::observation::Rect;

use super::boxes::{Boxes, Marks};
use super::colour::{Colour, parse_css};
use super::grid::{Grid, ratio};

/// Every fourth cell is enough.
const STEP: usize = 4;
const SAME: f32 = 12.0;

/// Points that say something.
const LEAST_POINTS: usize = 12;
/// A ground of this chroma is a colour, and drawn with less than this share of it, it was taken away.
const COLOURED: f32 = 20.0;
const DRAINED: f32 = 0.4;
/// Share of the coloured grounds that have to be drawn without their colour.
const LEAST_DRAINED: f64 = 0.85;

pub(crate) struct Painted {
    /// Share of the points with a known ground whose colour in the picture is that ground, 0 to 1;
    /// 1 where the boxes say nothing.
    pub(crate) agreement: f64,
    /// Declared in colours and drawn in greys of the same lightness: a filter or a veil took them away.
    pub(crate) drained: bool,
}

/// Wrappers of the whole page do not count: shading that lies over them is not declared as a colour.
pub(crate) fn compare(region: &Rect, boxes: &Boxes<'_>, grid: &Grid) -> Painted {
    let tall = region.height * 2.0 + 200.0;
    let grounds: Vec<(usize, Option<Colour>)> = boxes
        .shown()
        .filter(|&index| {
            !boxes.blocks[index].background.is_empty() || !boxes.blocks[index].picture.is_empty()
        })
        .map(|index| {
            let painted = !boxes.blocks[index].picture.is_empty() || boxes.marks[index].has(Marks::SLIDER);
            (
                index,
                if painted || boxes.rects[index].height > tall {
                    None
                } else {
                    parse_css(&boxes.blocks[index].background).map(Colour::new)
                },
            )
        })
        .collect();
    let (mut known, mut same) = (0, 0);
    let (mut coloured, mut drained) = (0, 0);
    for row in (0..grid.rows).step_by(STEP) {
        for column in (0..grid.columns).step_by(STEP) {
            let cell = &grid.row(row)[column];
            if !cell.is_area() {
                continue;
            }
            let (x, y) = grid.centre(column, row);
            let top = grounds.iter().rev().find(|(index, _)| {
                let rect = &boxes.rects[*index];
                x >= rect.x && x < rect.right() && y >= rect.y && y < rect.bottom()
            });
            let Some(ground) = top.and_then(|(_, colour)| *colour) else {
                continue;
            };
            let drawn = Colour::new(cell.rgb);
            known += 1;
            same += usize::from(ground.difference(&drawn) <= SAME);
            coloured += usize::from(ground.chroma() >= COLOURED);
            drained += usize::from(ground.chroma() >= COLOURED && is_drained(&ground, &drawn));
        }
    }
    Painted {
        agreement: if known < LEAST_POINTS {
            1.0
        } else {
            ratio(same, known)
        },
        drained: coloured >= LEAST_POINTS && ratio(drained, coloured) >= LEAST_DRAINED,
    }
}

fn is_drained(ground: &Colour, drawn: &Colour) -> bool {
    drawn.chroma() < ground.chroma() * DRAINED && (drawn.lab.l - ground.lab.l).abs() < 25.0
}
