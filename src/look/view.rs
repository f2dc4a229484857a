//! One side of a comparison, made ready: crop reduced to cells, pictures and floating boxes
//! masked, and everything that is measured of it.

use image::RgbImage;

use crate::observation::Rect;

use super::arrangement::Arrangement;
use super::bands::{Band, PROFILE, bands, profile};
use super::boxes::Boxes;
use super::colour::{Colour, Palette, parse_css};
use super::compare::{RegionKind, Side};
use super::dress::Dress;
use super::grid::{Grid, Ground, ratio};
use super::ground;
use super::paint;
use super::regions::Region;
use super::spread;

#[derive(Debug)]
pub(crate) struct View {
    pub(crate) rect: Rect,
    pub(crate) palette: Palette,
    pub(crate) menu_colour: Option<Colour>,
    pub(crate) bands: Vec<Band>,
    pub(crate) profile: Option<[f64; PROFILE]>,
    /// Where the ink outside of the menu begins and ends.
    pub(crate) extent: Option<(f64, f64)>,
    /// Columns of ink.
    pub(crate) columns: Vec<(f64, f64)>,
    pub(crate) arrangement: Arrangement,
    /// Share of the region that photographs, slideshows and drawn banners take.
    pub(crate) picture_share: f64,
    /// Share of the region that looked otherwise at the second look.
    pub(crate) changed_share: f64,
    /// Share of the region whose colour can be measured.
    pub(crate) area_share: f64,
    /// How far picture and boxes tell the same story, 0 to 1.
    pub(crate) agreement: f64,
    /// Strongest chroma anywhere in the crop, photographs included.
    pub(crate) any_chroma: f32,
    /// The page says so, or what it declares in colours is drawn without.
    pub(crate) filtered_grey: bool,
    /// Elsewhere the page is coloured and here its boxes are not: grey by design, not in mourning.
    pub(crate) grey_by_design: bool,
    pub(crate) dress: Dress,
}

impl View {
    pub(crate) fn new(kind: RegionKind, side: &Side<'_>, region: &Region, picture: &RgbImage) -> Self {
        let boxes = Boxes::new(side.layout);
        let mut grid = Grid::new(picture, &region.rect);
        let dress = Dress::of(&boxes, region, side.dress_files);
        ground::lay_out(&boxes, region, &dress, side.changed, &mut grid);
        let palette = Palette::of_grid(&grid);
        let arrangement = match kind {
            RegionKind::Header => Arrangement::of_header(&boxes, region),
            RegionKind::Footer => Arrangement::of_footer(&boxes, region),
        };
        let menu_colour = arrangement.menu.and_then(|menu| {
            Palette::of_cells(
                grid.inside(&menu.rect)
                    .into_iter()
                    .map(|index| &grid.cells[index]),
            )
            .ground()
        });
        let painted = paint::compare(&region.rect, &boxes, &grid);
        Self {
            rect: region.rect,
            menu_colour,
            bands: bands(&grid),
            profile: profile(&grid),
            extent: extent(&grid, &arrangement),
            columns: spread::columns(&grid),
            arrangement,
            picture_share: grid.share(|cell| matches!(cell.ground, Ground::Photo | Ground::Drawing)),
            area_share: grid.share(super::grid::Cell::is_area),
            changed_share: changed_share(&region.rect, side.changed),
            agreement: painted.agreement,
            any_chroma: strongest_chroma(&grid),
            filtered_grey: painted.drained || side.layout.page_filter.as_deref().is_some_and(is_grey_filter),
            grey_by_design: grey_by_design(&boxes, region, &grid),
            dress,
            palette,
        }
    }
}

fn changed_share(region: &Rect, changed: &[Rect]) -> f64 {
    let area: f64 = changed.iter().map(|rect| rect.intersection(region).area()).sum();
    if area > 0.0 {
        (area / region.area()).min(1.0)
    } else {
        0.0
    }
}

/// An emblem is not looked at, but it has its place.
fn extent(grid: &Grid, arrangement: &Arrangement) -> Option<(f64, f64)> {
    let ink = spread::extent(grid, arrangement.menu.as_ref().map(|menu| &menu.rect))?;
    let emblem = arrangement.emblem.map(|spot| grid.across(&spot.rect));
    Some(emblem.map_or(ink, |emblem| (ink.0.min(emblem.0), ink.1.max(emblem.1))))
}

fn grey_by_design(boxes: &Boxes<'_>, region: &Region, grid: &Grid) -> bool {
    let chroma = |css: &str| parse_css(css).map_or(0.0, |rgb| Colour::new(rgb).chroma());
    let mut elsewhere = 0;
    for index in boxes.shown() {
        let block = &boxes.blocks[index];
        let ground = chroma(&block.background) > 20.0;
        let inside = boxes.rects[index].intersection(&region.rect).area();
        if ground && inside >= region.rect.area() * 0.01 && !is_coloured(grid, &boxes.rects[index]) {
            return false;
        }
        let telling = if ground && boxes.rects[index].area() >= 2_000.0 {
            3
        } else {
            1
        };
        if ground || (!block.text.is_empty() && chroma(&block.colour) > 25.0) {
            elsewhere += telling;
        }
    }
    elsewhere >= 3
}

/// Whether a good part of what is drawn in `rect` has a colour.
fn is_coloured(grid: &Grid, rect: &Rect) -> bool {
    let cells = grid.inside(rect);
    let coloured = cells
        .iter()
        .filter(|&&cell| Colour::new(grid.cells[cell].rgb).chroma() > 12.0);
    ratio(coloured.count(), cells.len()) >= 0.3
}

/// Chroma that at least one cell in a hundred reaches.
fn strongest_chroma(grid: &Grid) -> f32 {
    let mut chromas: Vec<f32> = grid
        .cells
        .iter()
        .step_by(3)
        .map(|cell| Colour::new(cell.rgb).chroma())
        .collect();
    chromas.sort_by(f32::total_cmp);
    chromas.get((chromas.len() * 99) / 100).copied().unwrap_or(0.0)
}

/// `grayscale(1)`, `grayscale(95%)`, `saturate(0)`; weak filters are taste.
fn is_grey_filter(filter: &str) -> bool {
    let strength = |name: &str| -> Option<f64> {
        let inner = filter.split_once(name)?.1.split_once(')')?.0.trim();
        match inner.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok().map(|value| value / 100.0),
            None if inner.is_empty() => Some(1.0),
            None => inner.parse().ok(),
        }
    };
    strength("grayscale(").is_some_and(|value| value >= 0.6)
        || strength("saturate(").is_some_and(|value| value <= 0.3)
}
