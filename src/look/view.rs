//! One side of a comparison, made ready: crop reduced to cells, pictures and floating boxes
//! masked, and everything that is measured of it.

use image::RgbImage;

use crate::observation::{LayoutFacts, Rect};

use super::arrangement::Arrangement;
use super::bands::{Band, PROFILE, bands, profile};
use super::boxes::{Boxes, Marks};
use super::colour::{Colour, Palette, parse_css};
use super::compare::RegionKind;
use super::grid::{FLAT, Grid, Ground, ratio};
use super::paint;
use super::regions::Region;
use super::spread;

/// A photograph has many busy cells, few clean ones, or colours that hardly ever repeat. Drawn banners
/// with shading that were looked at stay below 0.1, above 0.7 and below 0.1.
const PHOTO_BUSY: f64 = 0.3;
const PHOTO_CLEAN: f64 = 0.35;
const PHOTO_DISTINCT: f64 = 0.2;
/// Cells looked at for pictures, over and over where they lie on one another; more is hostile.
const MAX_MASK_CELLS: usize = 2_000_000;

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
    /// Share of the region whose colour can be measured.
    pub(crate) area_share: f64,
    /// How far picture and boxes tell the same story, 0 to 1.
    pub(crate) agreement: f64,
    /// Strongest chroma anywhere in the crop, photographs included.
    pub(crate) any_chroma: f32,
    pub(crate) filtered_grey: bool,
    /// Elsewhere the page is coloured and here its boxes are not: grey by design, not in mourning.
    pub(crate) grey_by_design: bool,
}

impl View {
    pub(crate) fn new(
        kind: RegionKind,
        layout: &LayoutFacts,
        region: &Region,
        picture: &RgbImage,
        masks: &[Rect],
    ) -> Self {
        let boxes = Boxes::new(layout);
        let mut grid = Grid::new(picture, &region.rect);
        mask(&boxes, region, masks, &mut grid);
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
            agreement: paint::agreement(&region.rect, &boxes, &grid),
            any_chroma: strongest_chroma(&grid),
            filtered_grey: layout.page_filter.as_deref().is_some_and(is_grey_filter),
            grey_by_design: grey_by_design(&boxes, region, &grid),
            palette,
        }
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

/// Goes through the blocks in the order they are painted; a ground painted over a picture is area again.
fn mask(boxes: &Boxes<'_>, region: &Region, masks: &[Rect], grid: &mut Grid) {
    let mut work = 0;
    let mut touched = false;
    for index in boxes.shown() {
        if work > MAX_MASK_CELLS {
            break;
        }
        let rect = boxes.rects[index].intersection(&region.rect);
        if rect.width < 6.0 || rect.height < 6.0 {
            continue;
        }
        let block = &boxes.blocks[index];
        let purpose = boxes.marks[index].or(boxes.above[index]);
        let slides = purpose.has(Marks::SLIDER) && rect.height >= 60.0;
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
    let floating = (0..boxes.len()).filter(|&index| boxes.marks[index].has(Marks::FLOATING));
    for rect in floating
        .map(|index| boxes.rects[index])
        .chain(masks.iter().copied())
    {
        let cells = grid.inside(&rect);
        grid.set(&cells, Ground::Masked);
    }
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
