//! The footer: from where the closing block begins down to the end of the page.

use super::super::boxes::{Boxes, Marks};
use super::super::words;
use super::{Cut, FOOTER_MAX_PX, Found, best, distinct_lines};
use crate::observation::Rect;

const MAX_LINES: usize = 60;

pub(super) fn find(boxes: &Boxes<'_>, header_bottom: f64) -> Found {
    let end = boxes.drawn_bottom();
    let limit = (end - FOOTER_MAX_PX).max(header_bottom - 4.0).max(0.0);
    let evidence = Evidence::gather(boxes, limit, end);
    let cuts: Vec<Cut> = evidence
        .lines(boxes, limit)
        .into_iter()
        .map(|at| evidence.score(boxes, at))
        .collect();
    let cut = best(cuts);
    let confident = cut.as_ref().is_some_and(|cut| cut.score > 0.9);
    let absent = !confident && evidence.plainly_none() && boxes.len() >= 3;
    Found {
        cut: if absent { None } else { cut },
        absent,
    }
}

struct Evidence {
    /// Where the page ends.
    end: f64,
    /// A wide frame closes the page: what is in it may be the footer.
    framed: bool,
    /// Called a footer, and ending near the end of the page.
    named: Vec<usize>,
    mains: Vec<usize>,
    atoms: Vec<usize>,
    /// Atoms with phrases of a closing block: top, phrases, whether a strong one.
    phrases: Vec<(f64, u32, bool)>,
    /// Tops of wide blocks with a ground of their own.
    grounds: Vec<f64>,
    /// Bars with links and a ground of their own: the menu once more, as it often heads a footer.
    bars: Vec<Rect>,
    /// Words lie beyond the end of the page: a box of it scrolls, and the footer may be in there.
    scrolls_inside: bool,
    /// Tops of blocks that reach down to the end of the page.
    closing: Vec<f64>,
}

impl Evidence {
    fn gather(boxes: &Boxes<'_>, limit: f64, end: f64) -> Self {
        let mut evidence = Self {
            end,
            framed: false,
            named: Vec::new(),
            mains: Vec::new(),
            atoms: Vec::new(),
            phrases: Vec::new(),
            grounds: Vec::new(),
            bars: Vec::new(),
            scrolls_inside: boxes.scrolls_inside(),
            closing: Vec::new(),
        };
        for index in boxes.shown() {
            let rect = &boxes.rects[index];
            if rect.bottom() < limit {
                continue;
            }
            let marks = boxes.marks[index];
            let is_frame = matches!(boxes.blocks[index].tag.as_str(), "iframe" | "frame");
            if is_frame && rect.bottom() >= end - 4.0 && rect.width >= boxes.width * 0.5 {
                evidence.framed = true;
            }
            let in_main =
                boxes.above[index].has(Marks::MAIN_TAG) && !boxes.above[index].has(Marks::FOOTER_TAG);
            if marks.has(Marks::FOOTER_TAG.or(Marks::FOOTER_NAME)) && rect.y >= limit - 4.0 && !in_main {
                evidence.named.push(index);
            }
            let under_footer = boxes.above[index].has(Marks::FOOTER_TAG.or(Marks::FOOTER_NAME));
            let wraps = boxes.below[index].has(Marks::FOOTER_TAG.or(Marks::FOOTER_NAME));
            if marks.has(Marks::MAIN) && rect.width >= boxes.width * 0.3 && !under_footer && !wraps {
                evidence.mains.push(index);
            }
            if boxes.is_atom(index) {
                evidence.atoms.push(index);
                let text = boxes.blocks[index].text.to_lowercase();
                let strong = words::footer_strong(&text);
                // A headline may speak of an office or a telephone; only a footer says who is responsible.
                let found = if boxes.blocks[index].tag == "a" && !strong {
                    0
                } else {
                    words::footer_phrases(&text)
                };
                if found != 0 {
                    evidence.phrases.push((rect.y, found, strong));
                }
            }
            if rect.width >= boxes.width * 0.35 && rect.bottom() >= end - 40.0 && !wraps {
                evidence.closing.push(rect.y);
            }
            if rect.width >= boxes.width * 0.5
                && !boxes.blocks[index].background.is_empty()
                && rect.height < FOOTER_MAX_PX
            {
                evidence.grounds.push(rect.y);
                if (18.0..=70.0).contains(&rect.height) && boxes.blocks[index].links >= 3 {
                    evidence.bars.push(*rect);
                }
            }
        }
        evidence.named.truncate(80);
        evidence.mains.truncate(80);
        evidence
    }

    fn lines(&self, boxes: &Boxes<'_>, limit: f64) -> Vec<f64> {
        let mut lines: Vec<f64> = boxes
            .shown()
            .filter(|&index| boxes.rects[index].width >= boxes.width * 0.35)
            .map(|index| boxes.rects[index].y)
            .collect();
        lines.extend(self.mains.iter().map(|&index| boxes.rects[index].bottom()));
        lines.retain(|line| *line >= limit && *line <= self.end - 16.0 && *line > 0.0);
        distinct_lines(lines, MAX_LINES)
    }

    fn score(&self, boxes: &Boxes<'_>, at: f64) -> Cut {
        let mut cut = Cut::new(at);
        self.score_names(boxes, &mut cut);
        self.score_words(&mut cut);
        self.score_content(boxes, &mut cut);
        if self.grounds.iter().any(|top| (top - at).abs() <= 4.0) {
            cut.add(1.0, "ground of its own begins");
        }
        if self.closing.iter().any(|top| (top - at).abs() <= 4.0) {
            cut.add(0.6, "last block begins");
        }
        if self.bars.iter().any(|bar| (bar.bottom() - at).abs() <= 6.0) {
            cut.add(-1.2, "a bar with links stands above");
        }
        let height = self.end - at;
        cut.add_quietly(match height {
            ..=40.0 => -0.4,
            // Of cuts with the same words below, the lowest.
            ..=700.0 => 0.6 - height / 800.0,
            _ => -0.28 - (height - 700.0) / 150.0,
        });
        cut
    }

    fn score_names(&self, boxes: &Boxes<'_>, cut: &mut Cut) {
        let (mut begins, mut sliced, mut above) = (0.0_f64, 0.0_f64, 0.0_f64);
        let mut by_tag = false;
        for &index in &self.named {
            let rect = &boxes.rects[index];
            let tag = boxes.marks[index].has(Marks::FOOTER_TAG);
            let worth = if tag { 3.0 } else { 2.0 };
            if (rect.y - cut.at).abs() <= 6.0 {
                by_tag |= tag;
                begins = begins.max(worth);
            } else if rect.y < cut.at - 8.0 && rect.bottom() > cut.at + 8.0 {
                sliced = sliced.max(worth * 0.8);
            } else if rect.bottom() <= cut.at + 8.0 && rect.bottom() > cut.at - 60.0 {
                above = above.max(worth * 0.6);
            }
        }
        if begins > 0.0 {
            cut.add(
                begins,
                if by_tag {
                    "footer element begins"
                } else {
                    "block named footer begins"
                },
            );
        }
        if sliced > 0.0 {
            cut.add(-sliced, "slices a footer block");
        }
        if above > 0.0 {
            cut.add(-above, "another footer block stands above");
        }
    }

    fn score_words(&self, cut: &mut Cut) {
        let mut below = 0;
        let mut strong_above = 0.0_f64;
        for &(top, found, strong) in &self.phrases {
            if top >= cut.at - 4.0 {
                below |= found;
            } else if strong {
                strong_above += 0.8;
            }
        }
        if below != 0 {
            cut.add(
                (f64::from(below.count_ones()) * 0.7).min(2.8),
                "words of a closing block",
            );
        }
        if strong_above > 0.0 {
            cut.add(-strong_above.min(2.4), "closing words above");
        }
    }

    fn score_content(&self, boxes: &Boxes<'_>, cut: &mut Cut) {
        let (mut swallowed, mut follows) = (0.0_f64, false);
        for &index in &self.mains {
            let rect = &boxes.rects[index];
            let tag = boxes.marks[index].has(Marks::MAIN_TAG);
            follows |= (rect.bottom() - cut.at).abs() <= 40.0;
            if rect.bottom() > cut.at + 12.0 {
                swallowed = swallowed.max(if tag { 3.0 } else { 1.5 });
            }
        }
        let (mut sliced, mut prose) = (0.0_f64, 0.0_f64);
        for &index in &self.atoms {
            let rect = &boxes.rects[index];
            let text = &boxes.blocks[index].text;
            if rect.y >= cut.at - 4.0
                && text.chars().count() >= 100
                && words::footer_phrases(&text.to_lowercase()) == 0
            {
                prose += 0.8;
            }
            let underlay = boxes.is_picture(index) && rect.width >= boxes.width * 0.9;
            if rect.y < cut.at - 4.0 && rect.bottom() > cut.at + 4.0 && !underlay {
                sliced += 0.7;
            }
        }
        if prose > 0.0 {
            cut.add(-prose.min(3.0), "running text below");
        }
        if follows {
            cut.add(0.7, "content ends");
        }
        if swallowed > 0.0 {
            cut.add(-swallowed, "content below");
        }
        if sliced > 0.0 {
            cut.add(-sliced.min(3.0), "slices words or pictures");
        }
    }

    fn plainly_none(&self) -> bool {
        self.named.is_empty() && self.phrases.is_empty() && !self.framed && !self.scrolls_inside
    }
}
