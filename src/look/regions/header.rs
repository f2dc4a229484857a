//! The header: from the top of the page down to where the content begins.

use super::super::boxes::{Boxes, Marks};
use super::menu::{Menu, main_menu};
use super::{Cut, Found, HEADER_MAX_PX, best, distinct_lines};
use crate::observation::Rect;

const MAX_LINES: usize = 60;

pub(super) fn find(boxes: &Boxes<'_>) -> Found {
    let limit = HEADER_MAX_PX.min(boxes.height * 0.85);
    let menu = main_menu(boxes, limit.min(560.0));
    let evidence = Evidence::gather(boxes, menu.as_ref(), limit);
    let cuts: Vec<Cut> = evidence
        .lines(boxes, limit)
        .into_iter()
        .map(|at| evidence.score(boxes, at))
        .collect();
    let cut = best(cuts);
    let confident = cut.as_ref().is_some_and(|cut| cut.score > 0.9);
    let absent = !confident && menu.is_none() && evidence.plainly_none(boxes);
    Found {
        cut: if absent { None } else { cut },
        absent,
    }
}

/// What on the page has a say in where the header ends; indices into the blocks.
struct Evidence<'m> {
    menu: Option<&'m Menu>,
    /// A banner with its emblem directly below the menu.
    banner: Option<Rect>,
    /// Called a header by tag, role or name, beginning near the top.
    named: Vec<usize>,
    sliders: Vec<usize>,
    /// Called content, and not wrapped around the header as well.
    mains: Vec<usize>,
    /// Words and pictures in the upper part.
    atoms: Vec<usize>,
}

impl<'m> Evidence<'m> {
    fn gather(boxes: &Boxes<'_>, menu: Option<&'m Menu>, limit: f64) -> Self {
        let mut evidence = Self {
            menu,
            banner: menu.and_then(|menu| banner_below(boxes, &menu.rect)),
            named: Vec::new(),
            sliders: Vec::new(),
            mains: Vec::new(),
            atoms: Vec::new(),
        };
        for index in boxes.shown() {
            let rect = &boxes.rects[index];
            if rect.y > limit {
                continue;
            }
            let marks = boxes.marks[index];
            let header = marks.has(Marks::HEADER_TAG.or(Marks::HEADER_NAME));
            // "block-header" and "card-header" sit inside the content.
            if header
                && rect.y <= 320.0
                && rect.height <= HEADER_MAX_PX + 200.0
                && !boxes.above[index].has(Marks::MAIN_TAG.or(Marks::MAIN))
            {
                evidence.named.push(index);
            }
            let slides = marks.has(Marks::SLIDER) && !boxes.above[index].has(Marks::SLIDER);
            if slides
                && rect.height >= 120.0
                && rect.width >= boxes.width * 0.4
                && !header
                && !holds_header(boxes, index)
            {
                evidence.sliders.push(index);
            }
            let under_header = boxes.above[index].has(Marks::HEADER_TAG.or(Marks::HEADER_NAME));
            let wide = rect.width >= boxes.width * 0.3 && rect.height >= 80.0;
            if marks.has(Marks::MAIN) && wide && !under_header && !holds_header(boxes, index) {
                evidence.mains.push(index);
            }
            // Entries of a menu that wraps hang out of their bar.
            let entry = menu.is_some_and(|menu| boxes.is_inside(index, menu.block));
            if boxes.is_atom(index) && !entry {
                evidence.atoms.push(index);
            }
        }
        evidence.named.truncate(80);
        evidence.sliders.truncate(40);
        evidence.mains.truncate(80);
        evidence
    }

    /// Where the header could end: where something wide ends, or where content begins.
    fn lines(&self, boxes: &Boxes<'_>, limit: f64) -> Vec<f64> {
        let mut lines = Vec::new();
        for index in boxes.shown() {
            let rect = &boxes.rects[index];
            let ends = rect.width >= boxes.width * 0.35 || boxes.marks[index].has(Marks::MENU);
            if ends && rect.y < limit {
                lines.push(rect.bottom());
            }
        }
        lines.extend(
            self.sliders
                .iter()
                .chain(&self.mains)
                .map(|&index| boxes.rects[index].y),
        );
        lines.extend(self.menu.map(|menu| menu.rect.bottom()));
        lines.retain(|line| (20.0..=limit).contains(line));
        distinct_lines(lines, MAX_LINES)
    }

    fn score(&self, boxes: &Boxes<'_>, at: f64) -> Cut {
        let mut cut = Cut::new(at);
        self.score_names(boxes, &mut cut);
        self.score_menu(&mut cut);
        self.score_content(boxes, &mut cut);
        self.score_slicing(boxes, &mut cut);
        cut.add_quietly(match at {
            ..=40.0 => -0.5,
            ..=60.0 => 0.1,
            ..=360.0 => 0.5,
            ..=480.0 => 0.1,
            _ => -(at - 480.0) / 100.0,
        });
        cut
    }

    fn score_names(&self, boxes: &Boxes<'_>, cut: &mut Cut) {
        let (mut ends, mut sliced, mut below) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut by_tag = false;
        for &index in &self.named {
            let rect = &boxes.rects[index];
            let tag = boxes.marks[index].has(Marks::HEADER_TAG);
            let worth = if tag { 3.0 } else { 2.0 };
            let slider_inside = self.sliders.iter().any(|&slider| {
                boxes.rects[slider].y >= cut.at - 12.0 && boxes.rects[slider].bottom() <= rect.bottom() + 8.0
            });
            if (rect.bottom() - cut.at).abs() <= 6.0 {
                if worth > ends {
                    by_tag = tag;
                }
                ends = ends.max(worth);
            } else if rect.y < cut.at - 8.0 && rect.bottom() > cut.at + 8.0 {
                // A header that wraps a slideshow or the whole first screen is cut above that.
                let tolerable = slider_inside || rect.height > 420.0;
                sliced = sliced.max(if tolerable { 0.2 } else { worth * 0.8 });
                if slider_inside {
                    ends = ends.max(1.5);
                }
            } else if rect.y >= cut.at - 8.0 && rect.y < cut.at + 40.0 && rect.height < 200.0 {
                below = below.max(worth * 0.5);
            }
        }
        if ends > 0.0 {
            cut.add(
                ends,
                if by_tag {
                    "header element ends"
                } else {
                    "block named header ends"
                },
            );
        }
        if sliced > 0.5 {
            cut.add(-sliced, "slices a header block");
        }
        if below > 0.0 {
            cut.add(-below, "another header block follows");
        }
    }

    fn score_menu(&self, cut: &mut Cut) {
        let Some(menu) = self.menu else { return };
        let (top, menu_bottom) = (menu.rect.y, menu.rect.bottom());
        let bottom = self
            .banner
            .map_or(menu_bottom, |banner| banner.bottom().max(menu_bottom));
        if cut.at < bottom - 4.0 && cut.at >= menu_bottom - 4.0 {
            cut.add(-0.5, "banner below");
        } else if bottom <= cut.at + 4.0 {
            cut.add(2.0, "menu above");
            let gap = (cut.at - bottom).max(0.0);
            if gap > 12.0 {
                cut.add_quietly(-(gap / 60.0).min(2.0));
            }
        } else if top >= cut.at - 4.0 {
            cut.add(-2.5, "menu below");
        } else {
            cut.add(-3.0, "slices the menu");
        }
    }

    fn score_content(&self, boxes: &Boxes<'_>, cut: &mut Cut) {
        let menu_top = self.menu.map_or(0.0, |menu| menu.rect.y);
        let mut begins = false;
        let mut swallowed = 0.0_f64;
        for &index in &self.mains {
            let rect = &boxes.rects[index];
            begins |= (rect.y - cut.at) > -8.0 && (rect.y - cut.at) < 40.0;
            if rect.y < cut.at - 12.0 && rect.bottom() > menu_top + 12.0 {
                swallowed = swallowed.max(if boxes.marks[index].has(Marks::MAIN_TAG) {
                    3.0
                } else {
                    2.0
                });
            }
        }
        for &index in &self.sliders {
            let rect = &boxes.rects[index];
            begins |= (rect.y - cut.at) > -8.0 && (rect.y - cut.at) < 40.0;
            // A slideshow above the menu is the banner; one that begins at the top lies under the header.
            let banner = rect.bottom() <= menu_top + 12.0;
            let underlay = rect.y < 10.0 && rect.bottom() > cut.at + 60.0;
            if rect.y < cut.at - 12.0 && !banner && !underlay {
                swallowed = swallowed.max(2.5);
            }
        }
        if begins {
            cut.add(1.0, "content begins");
        }
        if swallowed > 0.0 {
            cut.add(-swallowed, "content above");
        }
    }

    fn score_slicing(&self, boxes: &Boxes<'_>, cut: &mut Cut) {
        let (mut sliced, mut prose) = (0.0_f64, 0.0_f64);
        for &index in &self.atoms {
            let rect = &boxes.rects[index];
            let underlay = boxes.is_picture(index) && rect.width >= boxes.width * 0.9;
            if rect.y < cut.at - 4.0 && rect.bottom() > cut.at + 4.0 && !underlay && rect.height < 900.0 {
                sliced += 0.7;
            }
            if rect.bottom() <= cut.at + 4.0 && boxes.blocks[index].text.chars().count() >= 100 {
                prose += 0.8;
            }
        }
        if sliced > 0.0 {
            cut.add(-sliced.min(3.0), "slices words or pictures");
        }
        if prose > 0.0 {
            cut.add(-prose.min(3.0), "running text above");
        }
    }

    /// Nothing at the top that is named a header, no wide picture and no emblem.
    fn plainly_none(&self, boxes: &Boxes<'_>) -> bool {
        let named = self.named.iter().any(|&index| boxes.rects[index].y < 320.0)
            || (0..boxes.len())
                .any(|index| boxes.marks[index].has(Marks::MENU) && boxes.rects[index].y < 320.0);
        let pictured = self.atoms.iter().any(|&index| {
            let rect = &boxes.rects[index];
            boxes.is_picture(index) && rect.y < 220.0 && rect.height >= 20.0 && rect.width >= 20.0
        });
        !named && !pictured && boxes.len() >= 3
    }
}

/// A low band with a ground of its own, an emblem and few words, that begins where the menu ends.
fn banner_below(boxes: &Boxes<'_>, menu: &Rect) -> Option<Rect> {
    let is_band = |index: &usize| {
        let (rect, block) = (&boxes.rects[*index], &boxes.blocks[*index]);
        let marks = boxes.marks[*index].or(boxes.above[*index]);
        (rect.y - menu.bottom()).abs() <= 10.0
            && rect.width >= boxes.width * 0.7
            && (50.0..=260.0).contains(&rect.height)
            && !(block.background.is_empty() && block.picture.is_empty())
            && !marks.has(Marks::MAIN.or(Marks::SLIDER))
            && block.links <= 3
            && block.text_length <= 160
    };
    let band = boxes.shown().find(is_band)?;
    let rect = boxes.rects[band];
    let emblem = boxes.shown().any(|index| {
        let own = &boxes.rects[index];
        let shape = own.width / own.height.max(1.0);
        boxes.is_picture(index)
            && (30.0..=200.0).contains(&own.height)
            && (0.4..=2.2).contains(&shape)
            && own.y >= rect.y - 4.0
            && own.bottom() <= rect.bottom() + 4.0
    });
    emblem.then_some(rect)
}

/// The block wraps the header or the menu too: a wrapper of the whole page.
fn holds_header(boxes: &Boxes<'_>, index: usize) -> bool {
    boxes.below[index].has(Marks::HEADER_TAG.or(Marks::HEADER_NAME))
        || (boxes.below[index].has(Marks::MENU) && boxes.rects[index].y < 40.0)
}
