//! Palettes of areas and how far apart they are (CIEDE2000, area by area).

use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};
use serde::{Deserialize, Serialize};

use super::grid::{Cell, Grid};

/// Colours closer than this are one colour of a palette.
const SAME_SWATCH: f32 = 6.0;
const MAX_SWATCHES: usize = 12;
/// Gradients have many shades; the rare ones are left out.
const MAX_BINS: usize = 256;
/// Below this chroma a colour is white, grey or black.
pub(crate) const CHROMATIC: f32 = 12.0;

/// One colour of a region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Swatch {
    /// `#B11116`.
    pub hex: String,
    /// Share of the region's plain area, 0 to 1.
    pub share: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour {
    pub(crate) rgb: [u8; 3],
    pub(crate) lab: Lab,
}

impl Colour {
    pub(crate) fn new(rgb: [u8; 3]) -> Self {
        let srgb: Srgb<f32> = Srgb::from(rgb).into_format();
        Self {
            rgb,
            lab: Lab::from_color(srgb),
        }
    }

    pub(crate) fn hex(&self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02X}{green:02X}{blue:02X}")
    }

    pub(crate) fn chroma(&self) -> f32 {
        self.lab.a.hypot(self.lab.b)
    }

    pub(crate) fn is_chromatic(&self) -> bool {
        self.chroma() >= CHROMATIC
    }

    /// Perceived difference; another shade of one hue counts for less, another hue for more.
    pub(crate) fn difference(&self, other: &Self) -> f32 {
        let plain = self.lab.difference(other.lab);
        let turn = (self.hue() - other.hue()).abs();
        let turn = turn.min(360.0 - turn);
        let least = self.chroma().min(other.chroma());
        if least > 20.0 && turn < 18.0 {
            plain * 0.75
        } else if least > 3.0 && turn > 60.0 {
            // Even pale tints of two hues are two colours.
            plain * 1.6
        } else {
            plain
        }
    }

    /// Degrees.
    pub(crate) fn hue(&self) -> f32 {
        self.lab.b.atan2(self.lab.a).to_degrees().rem_euclid(360.0)
    }

    /// 1 for the same colour, 0 for clearly another.
    pub(crate) fn likeness(&self, other: &Self) -> f64 {
        let far = ((f64::from(self.difference(other)) - 5.0) / 25.0).clamp(0.0, 1.0);
        1.0 - far * far * (3.0 - 2.0 * far)
    }
}

/// Area colours, largest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Palette {
    pub(crate) colours: Vec<(Colour, f64)>,
}

impl Palette {
    pub(crate) fn of_grid(grid: &Grid) -> Self {
        Self::of_cells(grid.cells.iter())
    }

    pub(crate) fn of_cells<'c>(cells: impl Iterator<Item = &'c Cell>) -> Self {
        let mut bins: std::collections::BTreeMap<[u8; 3], (u32, [u32; 3])> =
            std::collections::BTreeMap::new();
        for cell in cells.filter(|cell| cell.is_area()) {
            let bin = bins.entry(cell.rgb.map(|value| value >> 3)).or_default();
            bin.0 += 1;
            for (total, value) in bin.1.iter_mut().zip(cell.rgb) {
                *total += u32::from(value);
            }
        }
        let mut bins: Vec<(u32, [u8; 3])> = bins
            .into_values()
            .map(|(count, sum)| {
                (
                    count,
                    sum.map(|total| u8::try_from(total / count.max(1)).unwrap_or(u8::MAX)),
                )
            })
            .collect();
        bins.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        bins.truncate(MAX_BINS);
        let mut held: Vec<(Colour, u32)> = Vec::new();
        for (count, rgb) in bins {
            let colour = Colour::new(rgb);
            let near = held
                .iter()
                .enumerate()
                .map(|(at, entry)| (colour.lab.difference(entry.0.lab), at));
            match near.min_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((apart, at)) if apart < SAME_SWATCH || held.len() >= MAX_SWATCHES => held[at].1 += count,
                _ => held.push((colour, count)),
            }
        }
        let total: u32 = held.iter().map(|(_, count)| count).sum();
        let mut colours: Vec<(Colour, f64)> = held
            .into_iter()
            .map(|(colour, count)| (colour, f64::from(count) / f64::from(total.max(1))))
            .collect();
        colours.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.rgb.cmp(&b.0.rgb)));
        Self { colours }
    }

    /// The colour of most of the area.
    pub(crate) fn ground(&self) -> Option<Colour> {
        self.colours.first().map(|(colour, _)| *colour)
    }

    /// The two grounds to set against one another: where two colours share the area about evenly, the
    /// one that the other side has too. With their likeness, 0 to 1.
    pub(crate) fn grounds(&self, other: &Self) -> Option<(Colour, Colour, f64)> {
        let held = |palette: &Self| -> Vec<Colour> {
            let least = palette.ground_share() * 0.4;
            palette
                .colours
                .iter()
                .filter(|(_, share)| *share >= least)
                .map(|(colour, _)| *colour)
                .collect()
        };
        let (mine, theirs) = (self.ground()?, other.ground()?);
        let nearest = |to: &Colour, among: Vec<Colour>| {
            among
                .into_iter()
                .max_by(|a, b| a.likeness(to).total_cmp(&b.likeness(to)))
        };
        let (there, back) = (nearest(&mine, held(other))?, nearest(&theirs, held(self))?);
        let (out, home) = (mine.likeness(&there), back.likeness(&theirs));
        // In words, the worse of the two directions.
        let (a, b) = if out <= home {
            (mine, there)
        } else {
            (back, theirs)
        };
        Some((a, b, f64::midpoint(out, home)))
    }

    /// Share of the area that has it.
    pub(crate) fn ground_share(&self) -> f64 {
        self.colours.first().map_or(0.0, |(_, share)| *share)
    }

    /// The colour that the region would be described by: the most of what is not white, grey or black.
    pub(crate) fn accent(&self) -> Option<Colour> {
        let strength = |(colour, share): &(Colour, f64)| share * f64::from(colour.chroma().min(60.0));
        self.colours
            .iter()
            .filter(|(colour, share)| colour.is_chromatic() && *share >= 0.02)
            .max_by(|a, b| strength(a).total_cmp(&strength(b)))
            .map(|(colour, _)| *colour)
    }

    pub(crate) fn swatches(&self) -> Vec<Swatch> {
        self.colours
            .iter()
            .filter(|(_, share)| *share >= 0.005)
            .map(|(colour, share)| Swatch {
                hex: colour.hex(),
                share: (share * 1000.0).round() / 1000.0,
            })
            .collect()
    }

    /// How much of the area of one can be laid on the area of the other in like colours, 0 to 1.
    /// Coloured area weighs more than white and grey: it is what a site is told by.
    pub(crate) fn likeness(&self, other: &Self) -> f64 {
        // One order for both directions, so that ties cannot make them differ.
        let (mut left, mut right) = (self.weighted(), other.weighted());
        if self.key() > other.key() {
            std::mem::swap(&mut left, &mut right);
        }
        if left.is_empty() || right.is_empty() {
            return f64::from(u8::from(left.is_empty() && right.is_empty()));
        }
        let mut pairs = Vec::with_capacity(left.len() * right.len());
        for (i, (a, _)) in left.iter().enumerate() {
            for (j, (b, _)) in right.iter().enumerate() {
                pairs.push((a.likeness(b), i, j));
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut sum = 0.0;
        for (likeness, i, j) in pairs {
            let moved = left[i].1.min(right[j].1);
            left[i].1 -= moved;
            right[j].1 -= moved;
            sum += moved * likeness;
        }
        sum.clamp(0.0, 1.0)
    }

    fn key(&self) -> Vec<([u8; 3], u64)> {
        self.colours
            .iter()
            .map(|(colour, share)| (colour.rgb, share.to_bits()))
            .collect()
    }

    fn weighted(&self) -> Vec<(Colour, f64)> {
        let weight = |(colour, share): &(Colour, f64)| {
            share * (1.0 + 2.0 * f64::from((colour.chroma() / 40.0).min(1.0)))
        };
        let total: f64 = self.colours.iter().map(weight).sum();
        self.colours
            .iter()
            .map(|entry| (entry.0, weight(entry) / total.max(1e-9)))
            .collect()
    }
}

/// `rgb(…)`, `rgba(…)` or `#rrggbb`; `None` for anything else and for what is see-through.
pub(crate) fn parse_css(text: &str) -> Option<[u8; 3]> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix('#') {
        let value = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
        let [_, red, green, blue] = value.to_be_bytes();
        return Some([red, green, blue]);
    }
    let inner = text
        .strip_prefix("rgba(")
        .or_else(|| text.strip_prefix("rgb("))?
        .strip_suffix(')')?;
    let numbers: Vec<f64> = inner
        .split([',', ' ', '/'])
        .filter(|part| !part.is_empty())
        .map_while(|part| part.parse().ok())
        .take(5)
        .collect();
    if numbers.len() < 3 || numbers.get(3).is_some_and(|alpha| *alpha < 0.9) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let byte = |value: f64| value.clamp(0.0, 255.0).round() as u8;
    Some([byte(numbers[0]), byte(numbers[1]), byte(numbers[2])])
}
