//! The horizontal bands that a region is made of, as seen in the picture, and where in its width
//! something is written or drawn.

use super::colour::Colour;
use super::grid::{Cell, Grid, Ground, ratio};

/// Thinner bands are dividing lines.
const LEAST_BAND_PX: f64 = 14.0;
/// Rows that differ less belong to one band.
const SAME_BAND: f32 = 9.0;
const MAX_BANDS: usize = 24;
/// Parts that the width is divided into for the profile.
pub(crate) const PROFILE: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Band {
    pub(crate) height: f64,
    /// `None` where pictures take most of it.
    pub(crate) colour: Option<Colour>,
}

/// From the top down; photographs make bands of their own.
pub(crate) fn bands(grid: &Grid) -> Vec<Band> {
    let mut found: Vec<Band> = Vec::new();
    for row in 0..grid.rows {
        let cells = grid.row(row);
        let pictured = cells
            .iter()
            .filter(|cell| matches!(cell.ground, Ground::Photo | Ground::Drawing))
            .count();
        let colour = if ratio(pictured, cells.len()) >= 0.6 {
            None
        } else {
            // Nothing plain in this row: it belongs to what is above.
            middle(cells).or_else(|| found.last().and_then(|band| band.colour))
        };
        let same = found.last().is_some_and(|band| match (band.colour, colour) {
            (Some(a), Some(b)) => a.difference(&b) <= SAME_BAND,
            (None, None) => true,
            _ => false,
        });
        match found.last_mut() {
            Some(band) if same => band.height += grid.cell_height,
            _ => found.push(Band {
                height: grid.cell_height,
                colour,
            }),
        }
    }
    settle(found)
}

/// The middle of the plain colours of a row: of a gradient across it the same in every row.
fn middle(cells: &[Cell]) -> Option<Colour> {
    let plain = || {
        cells
            .iter()
            .filter(|cell| cell.ground == Ground::Area && cell.is_area())
    };
    let count = plain().count();
    if count == 0 {
        return None;
    }
    let median = |channel: usize| {
        let mut values: Vec<u8> = plain().map(|cell| cell.rgb[channel]).collect();
        values.sort_unstable();
        values[count / 2]
    };
    Some(Colour::new([median(0), median(1), median(2)]))
}

/// Dividing lines go to the band above, and neighbours that are then alike become one.
fn settle(found: Vec<Band>) -> Vec<Band> {
    let mut settled: Vec<Band> = Vec::new();
    for band in found {
        let same = settled
            .last()
            .is_some_and(|last| match (last.colour, band.colour) {
                (Some(a), Some(b)) => a.difference(&b) <= SAME_BAND,
                (None, None) => true,
                _ => false,
            });
        match settled.last_mut() {
            Some(last) if same || band.height < LEAST_BAND_PX => last.height += band.height,
            _ => settled.push(band),
        }
    }
    settled.truncate(MAX_BANDS);
    settled
}

/// Whether the bands follow one another alike: number and order, heights only roughly, colours not.
pub(crate) fn likeness(a: &[Band], b: &[Band]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a.is_empty() && b.is_empty()));
    }
    // A band counts as one whatever its height, dividing lines and low strips for less.
    let weight = |band: &Band| (band.height / 60.0).clamp(0.4, 1.0);
    let total: f64 = a.iter().chain(b).map(weight).sum();
    let mut row: Vec<f64> = Vec::with_capacity(b.len() + 1);
    row.push(0.0);
    for band in b {
        row.push(row[row.len() - 1] + weight(band));
    }
    for left in a {
        let mut diagonal = row[0];
        row[0] += weight(left);
        for (index, right) in b.iter().enumerate() {
            let turned = misplaced(left, right, a, b);
            let matched = diagonal + (apart(left, right) + turned).min(1.0) * (weight(left) + weight(right));
            let skipped = (row[index] + weight(right)).min(row[index + 1] + weight(left));
            diagonal = row[index + 1];
            row[index + 1] = matched.min(skipped);
        }
    }
    (1.0 - 1.4 * row[b.len()] / total).clamp(0.0, 1.0)
}

/// Bands of another colour although the other side has that colour too: they stand in another order.
/// Where the whole page is recoloured this says nothing.
fn misplaced(left: &Band, right: &Band, a: &[Band], b: &[Band]) -> f64 {
    let (Some(mine), Some(theirs)) = (left.colour, right.colour) else {
        return 0.0;
    };
    let best = |colour: &Colour, among: &[Band]| {
        let likeness = among
            .iter()
            .filter_map(|band| band.colour)
            .map(|other| other.likeness(colour));
        likeness.fold(0.0, f64::max)
    };
    let possible = f64::midpoint(best(&mine, b), best(&theirs, a));
    (possible - mine.likeness(&theirs)).max(0.0) * 0.7
}

/// 0 for bands that correspond, towards 1 for bands that do not.
fn apart(a: &Band, b: &Band) -> f64 {
    let ratio = (a.height.max(1.0) / b.height.max(1.0)).ln().abs() / 4.0_f64.ln();
    let heights = (ratio - 0.3).clamp(0.0, 0.7) * 0.4;
    let kinds = if a.colour.is_some() == b.colour.is_some() {
        0.0
    } else {
        0.6
    };
    heights + kinds
}

/// Share of ink in each part of the width, as part of all ink; `None` where hardly anything is written.
pub(crate) fn profile(grid: &Grid) -> Option<[f64; PROFILE]> {
    let mut counts = [0_usize; PROFILE];
    let mut total = 0;
    for row in 0..grid.rows {
        for column in grid.written(row) {
            counts[(column * PROFILE / grid.columns.max(1)).min(PROFILE - 1)] += 1;
            total += 1;
        }
    }
    if total < 12 {
        return None;
    }
    let raw = counts.map(|count| ratio(count, total));
    // Words of another length shift a little: blur.
    let mut smooth = [0.0; PROFILE];
    for (index, value) in raw.iter().enumerate() {
        for (offset, share) in [(-1_i32, 0.25), (0, 0.5), (1, 0.25)] {
            let target = i32::try_from(index).unwrap_or(0) + offset;
            let target = usize::try_from(target).unwrap_or(0).min(PROFILE - 1);
            smooth[target] += value * share;
        }
    }
    Some(smooth)
}

pub(crate) fn profile_likeness(a: &[f64; PROFILE], b: &[f64; PROFILE]) -> f64 {
    let apart: f64 = a.iter().zip(b).map(|(x, y)| (x - y).abs()).sum::<f64>() / 2.0;
    // A fifth of the ink elsewhere is what other names and texts do.
    (1.0 - (apart - 0.15).max(0.0) / 0.6).clamp(0.0, 1.0)
}
