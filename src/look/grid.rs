//! A crop reduced to cells of about 8 by 8 pixels: the colour that most of a cell has, how much of
//! it has that colour, and whether it is plain area, words, photograph or not to be looked at.

use image::RgbImage;

use crate::observation::Rect;

/// Side of a cell in CSS pixels.
const CELL_PX: f64 = 8.0;
/// Larger pictures get larger cells.
const MAX_CELLS_PER_SIDE: u32 = 320;
/// Samples per side of a cell.
const SAMPLES: u32 = 4;
/// Samples of a cell.
const COUNT: usize = (SAMPLES * SAMPLES) as usize;
/// Sum of channel differences up to which two samples are the same colour.
const SAME_COLOUR: u16 = 24;
/// The same for colours without noise.
const CLEAN: u16 = 5;
/// A cell in which a smaller share than this has one colour holds words, edges or texture.
pub(crate) const FLAT: f32 = 0.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// Plain area or words on it: its colour counts.
    Area,
    /// A photograph, slideshow or video.
    Photo,
    /// A drawn picture as wide as a banner: its colours count.
    Drawing,
    /// Emblem, floating button: not looked at.
    Masked,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) rgb: [u8; 3],
    /// Share of the cell that has this colour, 0 to 1.
    pub(crate) flat: f32,
    /// One colour to the last bit or nearly: drawn by a program, not by a camera.
    pub(crate) clean: bool,
    pub(crate) ground: Ground,
}

impl Cell {
    /// Its colour stands for an area.
    pub(crate) fn is_area(&self) -> bool {
        matches!(self.ground, Ground::Area | Ground::Drawing) && self.flat >= FLAT
    }

    /// Something is written or drawn on it, or the edge of an area runs through it.
    fn is_marked(&self) -> bool {
        matches!(self.ground, Ground::Area | Ground::Drawing) && self.flat < 0.8
    }

    /// The same picture over again: as along the edge between two bands, and never in words.
    fn repeats(&self, other: &Self) -> bool {
        self.flat.total_cmp(&other.flat).is_eq() && distance(self.rgb, other.rgb) <= CLEAN
    }
}

#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) cells: Vec<Cell>,
    /// Page coordinates of the top left corner.
    origin: (f64, f64),
    /// Size of a cell in CSS pixels.
    pub(crate) cell_width: f64,
    pub(crate) cell_height: f64,
}

impl Grid {
    /// `region` is the part of the page that `picture` shows; an empty picture makes an empty grid.
    pub(crate) fn new(picture: &RgbImage, region: &Rect) -> Self {
        let (width, height) = picture.dimensions();
        let cell_x = cell_side(width, region.width);
        let cell_y = cell_side(height, region.height);
        let columns = width.div_ceil(cell_x);
        let rows = height.div_ceil(cell_y);
        let mut cells = Vec::with_capacity(columns as usize * rows as usize);
        for row in 0..rows {
            for column in 0..columns {
                cells.push(cell_of(picture, column * cell_x, row * cell_y, cell_x, cell_y));
            }
        }
        Self {
            columns: columns as usize,
            rows: rows as usize,
            cells,
            origin: (region.x, region.y),
            cell_width: region.width / f64::from(width.max(1)) * f64::from(cell_x),
            cell_height: region.height / f64::from(height.max(1)) * f64::from(cell_y),
        }
    }

    pub(crate) fn row(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.columns..(row + 1) * self.columns]
    }

    /// Columns of a row in which something is written or drawn; edges of areas are left out.
    pub(crate) fn written(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let cells = self.row(row);
        (0..cells.len()).filter(move |&at| {
            let beside = if at == 0 { cells.get(1) } else { cells.get(at - 1) };
            // The edge of a box runs down through row after row.
            let runs_down = row > 0 && row + 1 < self.rows && {
                let (above, below) = (&self.row(row - 1)[at], &self.row(row + 1)[at]);
                cells[at].repeats(above) && cells[at].repeats(below)
            };
            cells[at].is_marked() && !runs_down && !beside.is_some_and(|beside| cells[at].repeats(beside))
        })
    }

    /// Centre of a cell in page coordinates.
    pub(crate) fn centre(&self, column: usize, row: usize) -> (f64, f64) {
        #[allow(clippy::cast_precision_loss)] // a few hundred cells
        let (column, row) = (column as f64, row as f64);
        (
            self.origin.0 + (column + 0.5) * self.cell_width,
            self.origin.1 + (row + 0.5) * self.cell_height,
        )
    }

    /// Where `rect` begins and ends, as shares of the width.
    pub(crate) fn across(&self, rect: &Rect) -> (f64, f64) {
        let width = (self.cell_width * ratio(self.columns, 1)).max(1.0);
        let share = |x: f64| ((x - self.origin.0) / width).clamp(0.0, 1.0);
        (share(rect.x), share(rect.right()))
    }

    /// Indices of the cells whose centre lies in `rect` (page coordinates).
    pub(crate) fn inside(&self, rect: &Rect) -> Vec<usize> {
        let columns = span(rect.x - self.origin.0, rect.width, self.cell_width, self.columns);
        let rows = span(rect.y - self.origin.1, rect.height, self.cell_height, self.rows);
        let mut indices = Vec::with_capacity(columns.len() * rows.len());
        for row in rows {
            for column in columns.clone() {
                indices.push(row * self.columns + column);
            }
        }
        indices
    }

    pub(crate) fn set(&mut self, indices: &[usize], ground: Ground) {
        for &index in indices {
            self.cells[index].ground = ground;
        }
    }

    /// Share of all cells for which `test` holds; 0 for an empty grid.
    pub(crate) fn share(&self, test: impl Fn(&Cell) -> bool) -> f64 {
        ratio(
            self.cells.iter().filter(|cell| test(cell)).count(),
            self.cells.len(),
        )
    }
}

/// `part / whole`, 0 where there is no whole.
#[allow(clippy::cast_precision_loss)] // counts of cells
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// Cells whose centre lies in `[start, start + length)`, in units of `step`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)] // clamped to the grid
fn span(start: f64, length: f64, step: f64, count: usize) -> std::ops::Range<usize> {
    if step <= 0.0 || !start.is_finite() || !length.is_finite() || length <= 0.0 {
        return 0..0;
    }
    let clamp = |value: f64| value.clamp(0.0, count as f64) as usize;
    let first = clamp((start / step - 0.5).ceil());
    let last = clamp(((start + length) / step - 0.5).ceil());
    first..last.max(first)
}

/// Pixels of the picture that one cell takes along one side.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
fn cell_side(pixels: u32, css: f64) -> u32 {
    let scaled = CELL_PX * f64::from(pixels) / css.max(1.0);
    let side = if scaled.is_finite() {
        scaled.round().clamp(2.0, 64.0) as u32
    } else {
        8
    };
    side.max(pixels.div_ceil(MAX_CELLS_PER_SIDE))
}

/// Samples of one cell, channel by channel: sixteen of a kind side by side are compared at once.
struct Samples([[u8; COUNT]; 3]);

impl Samples {
    fn take(picture: &RgbImage, left: u32, top: u32, cell_x: u32, cell_y: u32) -> Self {
        let (width, height) = picture.dimensions();
        let mut channels = [[0_u8; COUNT]; 3];
        let mut at = 0;
        for row in 0..SAMPLES {
            for column in 0..SAMPLES {
                let x = (left + (2 * column + 1) * cell_x / (2 * SAMPLES)).min(width - 1);
                let y = (top + (2 * row + 1) * cell_y / (2 * SAMPLES)).min(height - 1);
                let [red, green, blue] = picture.get_pixel(x, y).0;
                (channels[0][at], channels[1][at], channels[2][at]) = (red, green, blue);
                at += 1;
            }
        }
        Self(channels)
    }

    fn get(&self, at: usize) -> [u8; 3] {
        let [red, green, blue] = &self.0;
        [red[at], green[at], blue[at]]
    }

    /// How far each sample is from a colour.
    fn distances(&self, [red, green, blue]: [u8; 3]) -> [u16; COUNT] {
        let mut distances = [0; COUNT];
        for (channel, value) in self.0.iter().zip([red, green, blue]) {
            for (distance, sample) in distances.iter_mut().zip(channel) {
                *distance += u16::from(sample.abs_diff(value));
            }
        }
        distances
    }
}

fn cell_of(picture: &RgbImage, left: u32, top: u32, cell_x: u32, cell_y: u32) -> Cell {
    let samples = Samples::take(picture, left, top, cell_x, cell_y);
    let (mut most, mut near) = (0, [false; COUNT]);
    for at in 0..COUNT {
        let (mut alike, mut count) = ([false; COUNT], 0);
        for (alike, distance) in alike.iter_mut().zip(samples.distances(samples.get(at))) {
            *alike = distance <= SAME_COLOUR;
            count += usize::from(*alike);
        }
        if count > most {
            (most, near) = (count, alike);
        }
        if most == COUNT {
            break;
        }
    }
    let divisor = u32::try_from(most.max(1)).unwrap_or(1);
    let rgb = samples.0.map(|channel| {
        let values = channel.iter().zip(near);
        let total: u32 = values
            .map(|(value, near)| if near { u32::from(*value) } else { 0 })
            .sum();
        u8::try_from(total / divisor).unwrap_or(u8::MAX)
    });
    #[allow(clippy::cast_precision_loss)] // at most 16
    let flat = most as f32 / COUNT as f32;
    let clean = samples.distances(rgb).iter().all(|distance| *distance <= CLEAN);
    Cell {
        rgb,
        flat,
        clean,
        ground: Ground::Area,
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u16 {
    let apart = |channel: usize| u16::from(a[channel].abs_diff(b[channel]));
    apart(0) + apart(1) + apart(2)
}
