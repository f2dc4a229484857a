//! The blocks of a page made safe to reason about: finite boxes inside the page, parents that
//! come before their  and for each block what it seems to be for.

use crate::observation::{Block, BlockPosition, LayoutFacts, Rect};

use super::words;

/// More than the probe brings; whatever comes after is ignored.
const MAX_BLOCKS: usize = 3_000;
/// Longer pages are cut by the capture as well.
const MAX_PAGE_PX: f64 = 100_000.0;

/// What a block seems to be for; several may hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks(u16);

impl Marks {
    /// By its element or role.
    pub(crate) const HEADER_TAG: Self = Self(1);
    /// By `id` or `class` only.
    pub(crate) const HEADER_NAME: Self = Self(1 << 1);
    pub(crate) const FOOTER_TAG: Self = Self(1 << 2);
    pub(crate) const FOOTER_NAME: Self = Self(1 << 3);
    pub(crate) const MENU: Self = Self(1 << 4);
    pub(crate) const SLIDER: Self = Self(1 << 5);
    pub(crate) const MAIN: Self = Self(1 << 6);
    pub(crate) const SEARCH: Self = Self(1 << 7);
    /// Floats over the page wherever it is scrolled: chat, Zalo, back to top, cookie bar.
    pub(crate) const FLOATING: Self = Self(1 << 8);
    pub(crate) const EMBLEM: Self = Self(1 << 9);
    /// An element or role that says `main` or `article`.
    pub(crate) const MAIN_TAG: Self = Self(1 << 10);
    pub(crate) const NAV_TAG: Self = Self(1 << 11);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn clear(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    fn set(&mut self, other: Self, on: bool) {
        if on {
            self.0 |= other.0;
        }
    }
}

/// A banner with emblem and title is lower than this, an opening picture is not.
const OPENING_HEIGHT: f64 = 240.0;

/// What hangs lower than this is a decoration at its place, not a veil over the page.
const VEIL_HEIGHT: f64 = 500.0;

#[derive(Debug)]
pub(crate) struct Boxes<'a> {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) blocks: &'a [Block],
    /// Clipped to the page; empty where the page sent nonsense.
    pub(crate) rects: Vec<Rect>,
    pub(crate) parents: Vec<Option<usize>>,
    /// Of the block itself.
    pub(crate) marks: Vec<Marks>,
    /// Of all its ancestors.
    pub(crate) above: Vec<Marks>,
    /// Of everything below it.
    pub(crate) below: Vec<Marks>,
}

impl<'a> Boxes<'a> {
    pub(crate) fn new(facts: &'a LayoutFacts) -> Self {
        let width = sane(facts.page_width, 1.0, 10_000.0);
        let height = sane(facts.page_height, 1.0, MAX_PAGE_PX);
        let blocks = &facts.blocks[..facts.blocks.len().min(MAX_BLOCKS)];
        let rects: Vec<Rect> = blocks
            .iter()
            .map(|block| clip(&block.rect, width, height))
            .collect();
        let parents: Vec<Option<usize>> = blocks
            .iter()
            .enumerate()
            .map(|(index, block)| {
                block
                    .parent
                    .and_then(|parent| usize::try_from(parent).ok())
                    .filter(|&p| p < index)
            })
            .collect();

        let viewport = Rect {
            x: 0.0,
            y: 0.0,
            width,
            height: sane(facts.viewport_height, 200.0, 5_000.0),
        };
        let mut boxes = Self {
            width,
            height,
            blocks,
            rects,
            parents,
            marks: Vec::new(),
            above: Vec::new(),
            below: Vec::new(),
        };
        boxes.mark(&viewport);
        boxes
    }

    fn mark(&mut self, viewport: &Rect) {
        let mut above: Vec<Marks> = Vec::with_capacity(self.blocks.len());
        for index in 0..self.blocks.len() {
            let from_parent = self.parents[index].map_or(Marks::default(), |p| above[p].or(self.marks[p]));
            let mut own = own_marks(&self.blocks[index], &self.rects[index], self.width);
            let fixed = self.blocks[index].position == BlockPosition::Fixed;
            let rect = &self.rects[index];
            // A fixed bar at the top is the header itself; anything else that is fixed lies over the page.
            let bar = rect.y < 60.0 && rect.width >= self.width * 0.6 && rect.height < viewport.height * 0.5;
            own.set(
                Marks::FLOATING,
                (fixed && !bar) || from_parent.has(Marks::FLOATING),
            );
            // What begins at the top and takes most of the page wraps the header too.
            if rect.y < 40.0 && rect.height > self.height * 0.6 {
                own.clear(Marks::MAIN.or(Marks::MAIN_TAG).or(Marks::SLIDER));
            }
            self.marks.push(own);
            above.push(from_parent);
        }
        self.above = above;
        self.below = vec![Marks::default(); self.blocks.len()];
        for index in (0..self.blocks.len()).rev() {
            if let Some(parent) = self.parents[index] {
                self.below[parent] = self.below[parent].or(self.below[index]).or(self.marks[index]);
            }
        }
    }

    /// Where the page ends as drawn: short pages have blank space down to the end of the window.
    pub(crate) fn drawn_bottom(&self) -> f64 {
        let ends = self.shown().filter(|&index| {
            let low = self.rects[index].height < self.height * 0.8;
            low && (self.is_atom(index) || !self.blocks[index].background.is_empty())
        });
        let bottom = ends.map(|index| self.rects[index].bottom()).fold(0.0, f64::max);
        if bottom < 40.0 || self.height - bottom < 16.0 {
            self.height
        } else {
            bottom + 12.0
        }
    }

    /// Words lie below the end of the page: they come into view only where a box of it is scrolled.
    pub(crate) fn scrolls_inside(&self) -> bool {
        let beyond = |block: &&Block| {
            block.position != BlockPosition::Fixed
                && block.text_length > 0
                && block.rect.y.is_finite()
                && block.rect.y > self.height + 8.0
        };
        self.blocks.iter().filter(beyond).count() >= 2
    }

    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Drawn, not tiny, and part of the page rather than floating over it.
    pub(crate) fn counts(&self, index: usize) -> bool {
        let rect = &self.rects[index];
        rect.width >= 2.0 && rect.height >= 2.0 && !self.marks[index].has(Marks::FLOATING)
    }

    pub(crate) fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).filter(|&index| self.counts(index))
    }

    pub(crate) fn is_picture(&self, index: usize) -> bool {
        !self.blocks[index].picture.is_empty() && !self.is_shading(index)
    }

    /// A gradient: a background that no address is given for. It counts as area.
    pub(crate) fn is_shading(&self, index: usize) -> bool {
        self.blocks[index].picture == "background" && self.blocks[index].picture_url.is_empty()
    }

    /// Lies over the whole page only to be seen: snow, falling petals, a shade. What is under it shows.
    pub(crate) fn is_veil(&self, index: usize) -> bool {
        let rect = &self.rects[index];
        let hangs = matches!(
            self.blocks[index].position,
            BlockPosition::Absolute | BlockPosition::Fixed
        );
        self.blocks[index].clicks_through
            && hangs
            && rect.width >= self.width * 0.6
            && rect.height >= VEIL_HEIGHT
    }

    /// Carries something to look at itself: words or a picture.
    pub(crate) fn is_atom(&self, index: usize) -> bool {
        !self.blocks[index].text.trim().is_empty() || self.is_picture(index)
    }

    pub(crate) fn is_inside(&self, index: usize, ancestor: usize) -> bool {
        let mut at = self.parents[index];
        while let Some(parent) = at {
            if parent == ancestor {
                return true;
            }
            at = self.parents[parent];
        }
        false
    }
}

fn own_marks(block: &Block, rect: &Rect, page_width: f64) -> Marks {
    let tag = block.tag.as_str();
    let role = block.role.as_str();
    let names = block.names.as_str();
    let wide = rect.width >= page_width * 0.5;
    let mut marks = Marks::default();
    marks.set(
        Marks::HEADER_TAG,
        wide && (tag.eq_ignore_ascii_case("header") || role == "banner"),
    );
    marks.set(
        Marks::FOOTER_TAG,
        wide && (tag.eq_ignore_ascii_case("footer") || role == "contentinfo"),
    );
    marks.set(Marks::HEADER_NAME, wide && words::names_header(names));
    marks.set(Marks::FOOTER_NAME, wide && words::names_footer(names));
    let nav = tag.eq_ignore_ascii_case("nav") || role == "navigation" || role == "menubar";
    marks.set(Marks::NAV_TAG, nav);
    marks.set(Marks::MENU, nav || words::names_menu(names));
    let opening = words::names_opening(names) && rect.height >= OPENING_HEIGHT;
    marks.set(Marks::SLIDER, words::names_slider(names) || opening);
    let main = tag.eq_ignore_ascii_case("main") || role == "main" || tag.eq_ignore_ascii_case("article");
    marks.set(Marks::MAIN_TAG, main);
    marks.set(
        Marks::MAIN,
        main || (words::names_main(names) && !words::names_header(names)),
    );
    let field = tag.eq_ignore_ascii_case("input") || tag.eq_ignore_ascii_case("form");
    marks.set(
        Marks::SEARCH,
        role == "search" || role == "searchbox" || words::names_search(names) || field,
    );
    marks.set(
        Marks::EMBLEM,
        words::names_emblem(names) || words::names_emblem(&block.picture_url.to_lowercase()),
    );
    marks
}

fn sane(value: f64, least: f64, most: f64) -> f64 {
    if value.is_finite() {
        value.clamp(least, most)
    } else {
        least
    }
}

/// The part of `rect` inside the page; zero-sized where it is not a rectangle at all.
fn clip(rect: &Rect, width: f64, height: f64) -> Rect {
    let all_finite = [rect.x, rect.y, rect.width, rect.height]
        .iter()
        .all(|value| value.is_finite());
    if !all_finite {
        return Rect::default();
    }
    rect.intersection(&Rect {
        x: 0.0,
        y: 0.0,
        width,
        height,
    })
}
