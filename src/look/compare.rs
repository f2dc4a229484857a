//! Two regions in, one finding out. A false accusation costs more than a miss: whatever makes the
//! measurement doubtful takes `different` back to `borderline` or `uncertain`.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::observation::{LayoutFacts, Rect};
use crate::verdict::Message;

use super::colour::{Colour, Swatch};
use super::dress::is_festive;
use super::measure::{ALIKE_PART, Measured, Part, PartKind, mean, measure};
use super::reasons::{Reason, sentence};
use super::regions::Region;
use super::thresholds::LookThresholds;
use super::view::View;

const MAX_REASONS: usize = 3;
/// A difference that costs this much of a score is named even where the whole is alike.
const TELLING: f64 = 0.08;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    Header,
    Footer,
}

/// What one site brings to the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub layout: &'a LayoutFacts,
    /// `None` where none was found.
    pub region: Option<&'a Region>,
    /// The page plainly has no such region (`Regions::header_absent`, `footer_absent`).
    pub absent: bool,
    /// Crop of `region.rect`, one pixel per CSS pixel or evenly scaled.
    pub picture: Option<&'a RgbImage>,
    /// What looked otherwise at the second look ([`super::changed`]), in page coordinates.
    pub changed: &'a [Rect],
    /// Names of scripts and style sheets of the page that speak of a feast.
    pub dress_files: &'a [String],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookCode {
    Alike,
    Borderline,
    Different,
    Uncertain,
    Absent,
}

impl LookCode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alike => "alike",
            Self::Borderline => "borderline",
            Self::Different => "different",
            Self::Uncertain => "uncertain",
            Self::Absent => "absent",
        }
    }
}

/// How alike two regions are, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookFinding {
    pub code: LookCode,
    /// 0 to 1, from 0.7 on alike and below 0.4 different; `None` where nothing could be measured.
    pub score: Option<f64>,
    /// What it is made of: the likeness of colours and of layout, 0 to 1.
    pub colour: Option<f64>,
    pub layout: Option<f64>,
    pub parts: Vec<Part>,
    /// The three that weigh most.
    pub reasons: Vec<Reason>,
    /// Why the code is milder than the scores, or why there are none.
    pub cause: Option<String>,
    pub cause_message: Option<Message>,
    pub portal_palette: Vec<Swatch>,
    pub page_palette: Vec<Swatch>,
    /// What was compared, in page coordinates.
    pub portal_region: Option<Rect>,
    pub page_region: Option<Rect>,
    /// The larger share of pictures of the two sides.
    pub picture_share: f64,
    /// The larger share of what looked otherwise at the second look.
    pub changed_share: f64,
    /// What says that one of the pages is in holiday dress: names of files and elements.
    pub dress: Vec<String>,
}

/// Compares one region of a page with that of its portal. Deterministic; never fails.
pub fn compare(
    kind: RegionKind,
    portal: &Side<'_>,
    page: &Side<'_>,
    thresholds: &LookThresholds,
) -> LookFinding {
    let usable = |side: &Side<'_>| {
        side.region
            .is_some_and(|region| region.confidence >= thresholds.least_confidence)
    };
    if !usable(portal) {
        return unmeasured(LookCode::Uncertain, "portal_region");
    }
    if page.absent && page.region.is_none() {
        return unmeasured(LookCode::Absent, "page_absent");
    }
    if !usable(page) {
        return unmeasured(LookCode::Uncertain, "page_region");
    }
    let (Some(portal_region), Some(page_region)) = (portal.region, page.region) else {
        return unmeasured(LookCode::Uncertain, "page_region");
    };
    let (Some(portal_picture), Some(page_picture)) = (drawn(portal.picture), drawn(page.picture)) else {
        return unmeasured(LookCode::Uncertain, "no_picture");
    };
    let left = View::new(kind, portal, portal_region, portal_picture);
    let right = View::new(kind, page, page_region, page_picture);
    let confidence = portal_region.confidence.min(page_region.confidence);
    judge(kind, &left, &right, confidence, thresholds)
}

fn drawn(picture: Option<&RgbImage>) -> Option<&RgbImage> {
    picture.filter(|picture| picture.width() >= 16 && picture.height() >= 8)
}

fn judge(
    kind: RegionKind,
    portal: &View,
    page: &View,
    confidence: f64,
    thresholds: &LookThresholds,
) -> LookFinding {
    let measured = measure(kind, portal, page);
    let colour = mean(&measured, PartKind::Colour, |_| true).unwrap_or(0.0);
    let layout = layout_of(&measured);
    let plain = plain_code(&measured, colour, layout, thresholds);
    let scores = Scores {
        plain,
        colour,
        layout,
    };
    let (code, cause) = soften(&scores, &measured, portal, page, confidence, thresholds);
    LookFinding {
        code,
        score: Some(round(thresholds.score(colour, layout))),
        colour: Some(round(colour)),
        layout: Some(round(layout)),
        reasons: strongest(&measured, plain),
        parts: measured
            .into_iter()
            .map(|m| Part {
                score: round(m.part.score),
                weight: round(m.part.weight),
                ..m.part
            })
            .collect(),
        cause_message: cause.map(cause_message),
        cause: cause.map(str::to_owned),
        portal_region: Some(portal.rect),
        page_region: Some(page.rect),
        portal_palette: portal.palette.swatches(),
        page_palette: page.palette.swatches(),
        picture_share: round(portal.picture_share.max(page.picture_share)),
        changed_share: round(portal.changed_share.max(page.changed_share)),
        dress: [page, portal]
            .into_iter()
            .flat_map(|view| view.dress.signs.clone())
            .collect(),
    }
}

/// What the least alike part takes of a score, and the one after it.
const LEAST: f64 = 0.35;
const NEXT: f64 = 0.15;
/// Parts that weigh less do not draw a score down.
const MAJOR: f64 = 0.08;

/// Mean of the parts, drawn down by the two least alike: what stands elsewhere is not made good by
/// all that stands where it should.
fn layout_score(measured: &[Measured], test: impl Fn(&Part) -> bool) -> Option<f64> {
    let mean = mean(measured, PartKind::Layout, &test)?;
    let mut major: Vec<f64> = measured
        .iter()
        .map(|m| &m.part)
        .filter(|part| part.kind == PartKind::Layout && part.weight >= MAJOR && test(part))
        .map(|part| part.score)
        .collect();
    major.sort_by(f64::total_cmp);
    Some(match major.as_slice() {
        [least, next, ..] => (1.0 - LEAST - NEXT) * mean + LEAST * least + NEXT * next,
        _ => mean,
    })
}

/// Neither picture nor boxes alone decide that things stand elsewhere: the layout is at most so much
/// less alike than the more favourable of the two says.
const ONE_WITNESS: f64 = 0.25;

fn layout_of(measured: &[Measured]) -> f64 {
    let all = layout_score(measured, |_| true).unwrap_or(0.0);
    let by_picture = layout_score(measured, |part| part.from_picture).unwrap_or(all);
    let by_boxes = layout_score(measured, |part| !part.from_picture).unwrap_or(all);
    all.max(by_picture.max(by_boxes) - ONE_WITNESS)
}

/// By the scores alone.
fn plain_code(measured: &[Measured], colour: f64, layout: f64, thresholds: &LookThresholds) -> LookCode {
    let palette = measured
        .iter()
        .find(|m| m.part.name == "palette")
        .map_or(0.0, |m| m.part.score);
    if colour < thresholds.colour_different || layout < thresholds.layout_different {
        LookCode::Different
    } else if colour >= thresholds.colour_alike
        && layout >= thresholds.layout_alike
        && palette >= thresholds.palette_alike
    {
        LookCode::Alike
    } else {
        LookCode::Borderline
    }
}

/// What the measurement says before anything speaks against it.
struct Scores {
    plain: LookCode,
    colour: f64,
    layout: f64,
}

/// What speaks against trusting the scores.
fn soften(
    scores: &Scores,
    measured: &[Measured],
    portal: &View,
    page: &View,
    confidence: f64,
    thresholds: &LookThresholds,
) -> (LookCode, Option<&'static str>) {
    if portal.filtered_grey || page.filtered_grey {
        return (LookCode::Uncertain, Some("grey"));
    }
    let grey = |view: &View| f64::from(view.any_chroma) < thresholds.grey_chroma;
    let turned = |view: &View, other: &View| grey(view) && !grey(other) && !view.grey_by_design;
    if scores.colour < thresholds.colour_alike && (turned(page, portal) || turned(portal, page)) {
        return (LookCode::Uncertain, Some("grey"));
    }
    let most = |share: fn(&View) -> f64| share(portal).max(share(page));
    let moves = most(|view| view.changed_share) > thresholds.mostly_picture;
    if portal.area_share.min(page.area_share) < thresholds.least_area {
        let cause = if moves { "mostly_moving" } else { "little_area" };
        return (LookCode::Uncertain, Some(cause));
    }
    if scores.plain != LookCode::Different {
        return (scores.plain, None);
    }
    let dressed = |view: &View| rests_on_dress(view, scores, measured, thresholds);
    if dressed(page) || dressed(portal) {
        return (LookCode::Uncertain, Some("holiday"));
    }
    if most(|view| view.picture_share) > thresholds.mostly_picture {
        let cause = if moves { "mostly_moving" } else { "mostly_picture" };
        return (LookCode::Borderline, Some(cause));
    }
    if portal.agreement.min(page.agreement) < thresholds.least_agreement {
        return (LookCode::Borderline, Some("disagreement"));
    }
    if confidence < thresholds.accusing_confidence {
        return (LookCode::Borderline, Some("page_region"));
    }
    (scores.plain, None)
}

/// Everything in which the two differ is what a feast puts on: the banner stands where the usual one stood, and
/// colours that are other have turned red, gold or pink while more than one thing hangs over the page.
fn rests_on_dress(view: &View, scores: &Scores, measured: &[Measured], thresholds: &LookThresholds) -> bool {
    if !view.dress.has_banner() && !view.dress.is_plain_to_see() {
        return false;
    }
    let festive = |colour: Option<Colour>| colour.is_some_and(|colour| is_festive(&colour));
    let differs = |part: &&Part| part.kind == PartKind::Colour && part.score < ALIKE_PART;
    let put_on = |part: &Part| match part.name.as_str() {
        "menu_colour" => festive(view.menu_colour),
        "background" => festive(view.palette.ground()),
        _ => festive(view.palette.accent()),
    };
    let colour = scores.colour >= thresholds.colour_different
        || view.dress.is_plain_to_see() && measured.iter().map(|m| &m.part).filter(differs).all(put_on);
    let layout = scores.layout >= thresholds.layout_different || view.dress.has_banner();
    colour && layout
}

/// How much of its kind's score a part costs.
fn lost(measured: &[Measured], name: &str) -> f64 {
    let part = measured.iter().map(|m| &m.part).find(|part| part.name == name);
    part.map_or(0.0, |part| part.weight * (1.0 - part.score))
}

/// For likeness the strongest agreements, else the strongest differences; ties by name.
fn strongest(measured: &[Measured], code: LookCode) -> Vec<Reason> {
    let toward_alike = code == LookCode::Alike;
    let mut reasons: Vec<(f64, &str, Reason)> = measured
        .iter()
        .map(|m| {
            let effect = m.part.weight
                * if toward_alike {
                    m.part.score
                } else {
                    1.0 - m.part.score
                };
            (
                effect,
                m.part.name.as_str(),
                Reason {
                    effect: round(effect),
                    ..m.reason.clone()
                },
            )
        })
        .collect();
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    // What is alike as a whole may still differ in something that a person sees at once.
    let other = reasons
        .iter()
        .enumerate()
        .filter(|(_, (_, _, reason))| toward_alike && !reason.alike)
        .max_by(|(_, a), (_, b)| lost(measured, a.1).total_cmp(&lost(measured, b.1)))
        .map(|(at, (_, name, _))| (at, lost(measured, name)));
    if let Some((at, lost)) = other
        && at >= MAX_REASONS
        && lost >= TELLING
    {
        let reason = reasons.remove(at);
        reasons.insert(MAX_REASONS - 1, reason);
    }
    reasons
        .into_iter()
        .take(MAX_REASONS)
        .map(|(_, _, reason)| reason)
        .collect()
}

fn cause_message(cause: &str) -> Message {
    sentence(&format!("cause_{cause}"), &std::collections::BTreeMap::new())
}

fn unmeasured(code: LookCode, cause: &str) -> LookFinding {
    LookFinding {
        code,
        score: None,
        colour: None,
        layout: None,
        parts: Vec::new(),
        reasons: Vec::new(),
        cause: Some(cause.to_owned()),
        cause_message: Some(cause_message(cause)),
        portal_region: None,
        page_region: None,
        portal_palette: Vec::new(),
        page_palette: Vec::new(),
        picture_share: 0.0,
        changed_share: 0.0,
        dress: Vec::new(),
    }
}

/// Four decimals: what is stored is what is compared again.
fn round(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
