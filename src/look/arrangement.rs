//! Where things stand in a region, read from the boxes: emblem, title, menu, search, columns,
//! alignment. Positions are shares of the page's width.

use crate::observation::Rect;

use super::boxes::{Boxes, Marks};
use super::regions::{Region, main_menu};

#[derive(Debug, Clone, Default)]
pub(crate) struct Arrangement {
    pub(crate) emblem: Option<Spot>,
    pub(crate) title: Option<Spot>,
    pub(crate) menu: Option<Bar>,
    pub(crate) search: Option<Spot>,
    /// Left and right edges of the columns, left to right; at least one where there is any text.
    pub(crate) columns: Vec<(f64, f64)>,
    /// Shares of the text that stand left, centred, right.
    pub(crate) aligned: Option<[f64; 3]>,
}

/// Something small: its anchor across the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spot {
    pub(crate) rect: Rect,
    /// 0 left edge of the page, 1 right edge.
    pub(crate) x: f64,
    pub(crate) side: Aligned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aligned {
    Left,
    Centre,
    Right,
}

/// The menu as one block, whatever its entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    pub(crate) rect: Rect,
    pub(crate) left: f64,
    pub(crate) right: f64,
    /// Seen from emblem, title and banner.
    rows: [Option<Row>; 3],
}

impl Bar {
    pub(crate) fn row(&self) -> Option<Row> {
        self.rows.into_iter().flatten().next()
    }

    /// Whether the menus stand in other rows, seen from all that both sides have; where they share nothing,
    /// an emblem drawn in the banner of the one stands for the emblem of the other.
    fn in_other_row(&self, other: &Self) -> bool {
        let rows = self.rows.iter().zip(other.rows);
        let shared: Vec<(Row, Row)> = rows.filter_map(|(a, b)| a.zip(b)).collect();
        if shared.is_empty() {
            return self.row().zip(other.row()).is_some_and(|(a, b)| a != b);
        }
        shared.iter().all(|(a, b)| a != b)
    }
}

/// Where the menu stands, seen from emblem or title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    Above,
    Beside,
    Below,
}

impl Arrangement {
    pub(crate) fn of_header(boxes: &Boxes<'_>, region: &Region) -> Self {
        let menu = main_menu(boxes, region.rect.bottom() - 10.0);
        let menu_block = menu.as_ref().map(|menu| menu.block);
        let inside = members(boxes, region);
        let emblem = emblem(boxes, &inside, menu_block);
        let title = title(boxes, &inside, menu_block);
        let menu = menu
            .filter(|menu| menu.rect.bottom() <= region.rect.bottom() + 12.0)
            .map(|menu| {
                // A banner stands for emblem and title where they are drawn in it.
                let drawn = banner(boxes, &inside).filter(|_| emblem.is_none());
                bar(boxes, &menu.rect, [emblem, title, drawn])
            });
        Self {
            search: search(boxes, &inside),
            aligned: None,
            columns: Vec::new(),
            emblem,
            title,
            menu,
        }
    }

    pub(crate) fn of_footer(boxes: &Boxes<'_>, region: &Region) -> Self {
        let inside = members(boxes, region);
        Self {
            emblem: emblem(boxes, &inside, None),
            columns: columns(boxes, &inside),
            aligned: alignment(boxes, &inside),
            ..Self::default()
        }
    }
}

fn members(boxes: &Boxes<'_>, region: &Region) -> Vec<usize> {
    region
        .blocks
        .iter()
        .filter_map(|&index| usize::try_from(index).ok())
        .filter(|&index| index < boxes.len() && boxes.counts(index))
        .collect()
}

fn side(x: f64) -> Aligned {
    if x < 0.4 {
        Aligned::Left
    } else if x <= 0.6 {
        Aligned::Centre
    } else {
        Aligned::Right
    }
}

fn spot(boxes: &Boxes<'_>, rect: &Rect) -> Spot {
    let x = (rect.x + rect.width / 2.0) / boxes.width;
    Spot {
        rect: *rect,
        x,
        side: side(x),
    }
}

fn in_menu(boxes: &Boxes<'_>, index: usize, menu: Option<usize>) -> bool {
    menu.is_some_and(|menu| index == menu || boxes.is_inside(index, menu))
}

fn emblem(boxes: &Boxes<'_>, inside: &[usize], menu: Option<usize>) -> Option<Spot> {
    let mut best: Option<(f64, usize)> = None;
    for &index in inside.iter().take(600) {
        let rect = &boxes.rects[index];
        let named = boxes.marks[index].has(Marks::EMBLEM) || boxes.above[index].has(Marks::EMBLEM);
        let shape = rect.width / rect.height.max(1.0);
        let square = (24.0..=220.0).contains(&rect.height) && (0.4..=2.2).contains(&shape);
        let strip = named && (24.0..=160.0).contains(&rect.height) && rect.width <= boxes.width * 0.45;
        if !boxes.is_picture(index) || !(square || strip) || in_menu(boxes, index, menu) && !named {
            continue;
        }
        let mut score = rect.height.min(100.0) / 100.0 - rect.x / boxes.width;
        if named {
            score += 1.5;
        }
        if best.is_none_or(|(held, _)| score > held + 1e-9) {
            best = Some((score, index));
        }
    }
    best.map(|(_, index)| spot(boxes, &boxes.rects[index]))
}

/// The largest words outside the menu.
fn title(boxes: &Boxes<'_>, inside: &[usize], menu: Option<usize>) -> Option<Spot> {
    let mut best: Option<(f64, usize)> = None;
    for &index in inside.iter().take(1_000) {
        let block = &boxes.blocks[index];
        let letters = block.text.chars().count();
        if letters < 4
            || block.font_size < 14.0
            || boxes.above[index].has(Marks::SLIDER)
            || in_menu(boxes, index, menu)
        {
            continue;
        }
        if best.is_none_or(|(held, _)| block.font_size > held + 0.5) {
            best = Some((block.font_size, index));
        }
    }
    let (size, index) = best?;
    Some(spot(boxes, &words_box(boxes, index, size)))
}

/// The largest picture: where emblem and title are drawn in it, it stands for them.
fn banner(boxes: &Boxes<'_>, inside: &[usize]) -> Option<Spot> {
    let wide = |index: &usize| {
        let rect = &boxes.rects[*index];
        boxes.is_picture(*index) && rect.width >= boxes.width * 0.3 && rect.height >= 50.0
    };
    let area = |index: usize| boxes.rects[index].area();
    let index = inside
        .iter()
        .copied()
        .filter(wide)
        .max_by(|a, b| area(*a).total_cmp(&area(*b)))?;
    Some(spot(boxes, &boxes.rects[index]))
}

/// Where the words of a block are drawn, judged by their number and alignment.
fn words_box(boxes: &Boxes<'_>, index: usize, font_size: f64) -> Rect {
    let block = &boxes.blocks[index];
    let rect = boxes.rects[index];
    let letters = u32::try_from(block.text.chars().count()).unwrap_or(120);
    let width = (f64::from(letters) * font_size * 0.52).min(rect.width);
    let x = match block.align.as_str() {
        "center" | "-webkit-center" => rect.x + (rect.width - width) / 2.0,
        "right" | "end" | "-webkit-right" => rect.right() - width,
        _ => rect.x,
    };
    Rect { x, width, ..rect }
}

/// `standing`: emblem, title and banner, as far as they were recognised.
fn bar(boxes: &Boxes<'_>, rect: &Rect, standing: [Option<Spot>; 3]) -> Bar {
    Bar {
        rect: *rect,
        left: rect.x / boxes.width,
        right: rect.right() / boxes.width,
        rows: standing.map(|spot| spot.map(|spot| row(rect, &spot.rect))),
    }
}

fn row(bar: &Rect, spot: &Rect) -> Row {
    let (middle, of_bar) = (spot.y + spot.height / 2.0, bar.y + bar.height / 2.0);
    let apart = spot.right() <= bar.x + 8.0 || spot.x >= bar.right() - 8.0;
    let within = (bar.y..=bar.bottom()).contains(&middle) && spot.height <= bar.height * 1.6;
    if within || apart && (spot.y..=spot.bottom()).contains(&of_bar) {
        Row::Beside
    } else if middle > of_bar {
        Row::Above
    } else {
        Row::Below
    }
}

fn search(boxes: &Boxes<'_>, inside: &[usize]) -> Option<Spot> {
    inside
        .iter()
        .copied()
        .filter(|&index| boxes.marks[index].has(Marks::SEARCH))
        .map(|index| &boxes.rects[index])
        .filter(|rect| (60.0..=600.0).contains(&rect.width) && (16.0..=80.0).contains(&rect.height))
        .min_by(|a, b| a.width.total_cmp(&b.width).then(a.x.total_cmp(&b.x)))
        .map(|rect| spot(boxes, rect))
}

/// The side-by-side children that take most of the footer; the extent of all text if there are none.
fn columns(boxes: &Boxes<'_>, inside: &[usize]) -> Vec<(f64, f64)> {
    let mut families: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for &index in inside {
        let rect = &boxes.rects[index];
        let speaks = boxes.blocks[index].text_length >= 12 || boxes.is_picture(index) && rect.width >= 60.0;
        if let Some(parent) = boxes.parents[index]
            && speaks
            && rect.height >= 30.0
            && rect.width >= boxes.width * 0.07
            && rect.width <= boxes.width * 0.8
        {
            families.entry(parent).or_default().push(index);
        }
    }
    let mut best: (f64, Vec<(f64, f64)>) = (0.0, Vec::new());
    for children in families.values() {
        let (area, edges) = row_of(boxes, children);
        if edges.len() >= 2 && area > best.0 + 1.0 {
            best = (area, edges);
        }
    }
    if best.1.is_empty() {
        extent(boxes, inside).into_iter().collect()
    } else {
        best.1
    }
}

/// Area and edges of those children that stand beside one another in the first row.
fn row_of(boxes: &Boxes<'_>, children: &[usize]) -> (f64, Vec<(f64, f64)>) {
    let Some(&first) = children.first() else {
        return (0.0, Vec::new());
    };
    let row = boxes.rects[first];
    let mut edges: Vec<(f64, f64)> = Vec::new();
    let mut area = 0.0;
    for &index in children.iter().take(40) {
        let rect = &boxes.rects[index];
        let beside = rect.y < row.bottom() - 10.0 && rect.bottom() > row.y + 10.0;
        let (left, right) = (rect.x / boxes.width, rect.right() / boxes.width);
        let overlaps = edges
            .iter()
            .any(|edge| left < edge.1 - 0.02 && right > edge.0 + 0.02);
        if beside && !overlaps {
            edges.push((left, right));
            area += rect.area();
        }
    }
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    (area, edges)
}

fn extent(boxes: &Boxes<'_>, inside: &[usize]) -> Option<(f64, f64)> {
    let mut edges: Option<(f64, f64)> = None;
    for &index in inside
        .iter()
        .filter(|&&index| !boxes.blocks[index].text.trim().is_empty())
    {
        let rect = words_box(boxes, index, boxes.blocks[index].font_size.clamp(8.0, 40.0));
        let held = edges.get_or_insert((1.0, 0.0));
        held.0 = held.0.min(rect.x / boxes.width);
        held.1 = held.1.max(rect.right() / boxes.width);
    }
    edges
}

fn alignment(boxes: &Boxes<'_>, inside: &[usize]) -> Option<[f64; 3]> {
    let mut sums = [0.0_f64; 3];
    for &index in inside {
        let block = &boxes.blocks[index];
        let letters = f64::from(u32::try_from(block.text.trim().chars().count()).unwrap_or(120));
        let rect = words_box(boxes, index, block.font_size.clamp(8.0, 40.0));
        let x = (rect.x + rect.width / 2.0) / boxes.width;
        let which = match block.align.as_str() {
            "center" | "-webkit-center" if (0.35..=0.65).contains(&x) => 1,
            "right" | "end" | "-webkit-right" => 2,
            _ => 0,
        };
        sums[which] += letters;
    }
    let total: f64 = sums.iter().sum();
    (total >= 8.0).then(|| sums.map(|sum| sum / total))
}

/// How alike two spots stand, 0 to 1.
pub(crate) fn spot_likeness(a: &Spot, b: &Spot) -> f64 {
    let near = 1.0 - ((a.x - b.x).abs() - 0.06).max(0.0) / 0.3;
    let starts = (a.rect.x - b.rect.x).abs() / (a.rect.width.max(b.rect.width) + 400.0);
    // Longer names move the middle, not the beginning.
    let begins = 1.0 - (starts - 0.04).max(0.0) / 0.3;
    near.max(begins).clamp(0.0, 1.0)
}

pub(crate) fn bar_likeness(a: &Bar, b: &Bar) -> f64 {
    let overlap = (a.right.min(b.right) - a.left.max(b.left)).max(0.0);
    let whole = (a.right.max(b.right) - a.left.min(b.left)).max(1e-6);
    // Above, beside or below the title: another row is another layout, whatever else agrees.
    let other_row = a.in_other_row(b);
    let likeness = if other_row { 0.1 } else { 0.7 }
        + 0.3 * (overlap / whole).sqrt() * if other_row { 0.5 } else { 1.0 };
    let ratio = (a.rect.height.max(1.0) / b.rect.height.max(1.0)).ln().abs();
    (likeness - (ratio - 0.5).max(0.0) * 0.2).clamp(0.0, 1.0)
}

/// Texts of another length move one edge or both, by their alignment: the edge that stays decides.
pub(crate) fn edge_distance(a: &(f64, f64), b: &(f64, f64)) -> f64 {
    let middle = ((a.0 + a.1) - (b.0 + b.1)).abs() / 2.0;
    (a.0 - b.0).abs().min((a.1 - b.1).abs()).min(middle)
}

/// Columns laid over one another: 1 when as many stand at the same places.
pub(crate) fn columns_likeness(a: &[(f64, f64)], b: &[(f64, f64)]) -> f64 {
    let most = a.len().max(b.len());
    if most == 0 {
        return 1.0;
    }
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut sum = 0.0;
    for left in few {
        let nearest = many
            .iter()
            .map(|right| edge_distance(left, right))
            .fold(f64::INFINITY, f64::min);
        sum += 1.0 - ((nearest - 0.05).max(0.0) / 0.2).min(1.0);
    }
    #[allow(clippy::cast_precision_loss)] // at most 40
    let (places, count) = (sum / few.len().max(1) as f64, few.len() as f64 / most as f64);
    // Three columns for four may be an entry less; one for three is another layout.
    (places * (0.1 + 0.9 * count)).clamp(0.0, 1.0)
}
