//! Where in the width of a region something is written or drawn, read from the picture alone.

use crate::observation::Rect;

use super::grid::{Grid, ratio};

/// Fewer cells with ink than this say nothing.
const LEAST_INK: usize = 12;
/// Columns of text are told apart by gutters at least this wide (share of the width).
const LEAST_GUTTER: f64 = 0.03;
/// A part of the width belongs to a column if at least this share of the written rows has ink in it: a
/// line of rights across the whole width does not fill the gutters of the columns above it.
const LEAST_ROWS: f64 = 0.28;
const LEAST_COLUMN: f64 = 0.04;

/// The part of the width that holds nine tenths of the ink outside of `menu`.
pub(crate) fn extent(grid: &Grid, menu: Option<&Rect>) -> Option<(f64, f64)> {
    let mut left_out = vec![false; grid.cells.len()];
    for index in menu.map(|rect| grid.inside(rect)).unwrap_or_default() {
        left_out[index] = true;
    }
    let mut counts = vec![0_usize; grid.columns];
    for row in 0..grid.rows {
        for column in grid.written(row) {
            counts[column] += usize::from(!left_out[row * grid.columns + column]);
        }
    }
    let total: usize = counts.iter().sum();
    if total < LEAST_INK {
        return None;
    }
    let mut sum = 0;
    let reaches = |share: usize, sum: &mut usize, count: &usize| {
        *sum += count;
        *sum * 20 >= total * share
    };
    let first = counts.iter().position(|count| reaches(1, &mut sum, count))?;
    sum = 0;
    let last = counts.iter().position(|count| reaches(19, &mut sum, count))?;
    Some((ratio(first, grid.columns), ratio(last + 1, grid.columns)))
}

/// Columns of words and drawings, left to right, as an eye sees them: runs of ink with gutters between.
pub(crate) fn columns(grid: &Grid) -> Vec<(f64, f64)> {
    let mut counts = vec![0_usize; grid.columns];
    let mut rows = 0;
    for row in 0..grid.rows {
        let written: Vec<usize> = grid.written(row).collect();
        if written.len() < 2 {
            continue;
        }
        rows += 1;
        for at in written {
            counts[at] += 1;
        }
    }
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for (at, &count) in counts.iter().enumerate() {
        if ratio(count, rows) < LEAST_ROWS {
            continue;
        }
        let (left, right) = (ratio(at, grid.columns), ratio(at + 1, grid.columns));
        match runs.last_mut() {
            Some(run) if left - run.1 < LEAST_GUTTER => run.1 = right,
            _ => runs.push((left, right)),
        }
    }
    runs.retain(|run| run.1 - run.0 >= LEAST_COLUMN);
    runs
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// A region with words in the given spans of its width, in rows down to `bottom`.
    fn grid(spans: &[(u32, u32)], bottom: u32) -> Grid {
        let mut picture = RgbImage::from_pixel(1360, 200, Rgb([10, 60, 120]));
        for &(left, right) in spans {
            for y in (24..bottom).filter(|y| y % 4 < 2) {
                for x in (left..right).filter(|x| speckled(*x, y)) {
                    picture.put_pixel(x, y, Rgb([255, 255, 255]));
                }
            }
        }
        // The edge of another band, over the whole width.
        for x in 0..1360 {
            for y in 196..200 {
                picture.put_pixel(x, y, Rgb([200, 200, 200]));
            }
        }
        let region = Rect {
            x: 0.0,
            y: 0.0,
            width: 1360.0,
            height: 200.0,
        };
        Grid::new(&picture, &region)
    }

    /// About two pixels of five, without a pattern that repeats.
    fn speckled(x: u32, y: u32) -> bool {
        (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(2_654_435_761) >> 16 & 7 < 3
    }

    #[test]
    fn columns_are_runs_of_words_with_gutters_between() {
        assert_eq!(
            columns(&grid(&[(100, 400), (600, 800), (1000, 1200)], 160)).len(),
            3
        );
        assert_eq!(columns(&grid(&[(400, 900)], 160)).len(), 1);
        assert!(columns(&grid(&[], 160)).is_empty());
    }

    #[test]
    fn the_extent_is_where_words_are_and_not_where_bands_meet() {
        let (left, right) = extent(&grid(&[(136, 680)], 160), None).unwrap_or_default();
        assert!(
            (left - 0.12).abs() < 0.04 && (right - 0.48).abs() < 0.04,
            "{left} {right}"
        );
        let menu = Rect {
            x: 0.0,
            y: 0.0,
            width: 1360.0,
            height: 190.0,
        };
        assert_eq!(extent(&grid(&[(136, 680)], 160), Some(&menu)), None);
    }
}
