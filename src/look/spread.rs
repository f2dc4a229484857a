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
