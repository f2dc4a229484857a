//! `emc.badge`: does a person see the badge on the home page?
//!
//! The picture decides: the candidate's box as painted, against the same box painted without the candidate,
//! after settling and again later. Styles, boxes and hit tests only name the cause.

use super::badge_place::{Standing, standing};
use super::emc_script::emc_script;
use super::finding::{coarse_box, cut, rect_value, rounded};
use super::{CheckContext, OwnPage, VisitFinding};
use crate::observation::{BadgeCandidate, BadgeKind, BadgeLook, Observation, PictureKind, Rect};
use crate::rules::CheckId;
use crate::verdict::Status;

/// Below this a badge as drawn cannot be read: across its letters, and along them. Labels on the edge of a page
/// are written upwards.
const LEAST_ACROSS_PX: f64 = 8.0;
const LEAST_ALONG_PX: f64 = 24.0;
/// Below this product of opacities nothing is left that a person would notice.
const LEAST_OPACITY: f64 = 0.05;
/// Letters fill a tenth of their box or more. A share of changed pixels above this is a badge that is drawn
/// for the most part.
const DRAWN_SHARE: f64 = 0.10;
/// Less than this is a stray edge that a cover left over.
const STRAY_SHARE: f64 = 0.02;
/// A candidate that wins this share of the hit test is hardly covered.
const UNCOVERED_SHARE: f64 = 0.5;
/// Colour differences (CIEDE2000): adjacent patches are told apart from about 2.3 on; thin letters need more.
const SAME_COLOUR: f64 = 2.5;
const CLEAR_COLOUR: f64 = 5.0;
/// Layout that is still settling shifts by less.
const MOVED_PX: f64 = 8.0;
/// A badge that was seen is looked at a second time, because scripts hide it again.
const LOOKS: usize = 2;

/// How well a candidate is seen; the order is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    Visible,
    Uncertain,
    TooSmall,
    Covered,
    InvisibleColour,
    OffScreen,
    Hidden,
}

impl Sight {
    const fn code(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Uncertain => "uncertain",
            Self::TooSmall => "too_small",
            Self::Covered => "covered",
            Self::InvisibleColour => "invisible_colour",
            Self::OffScreen => "off_screen",
            Self::Hidden => "hidden",
        }
    }
}

/// Judges the badge of one measured visit.
pub(super) fn emc_badge(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let own = OwnPage::new(observation);
    let script = emc_script(observation, context);
    let candidates: Vec<(&BadgeCandidate, Standing)> = observation
        .page
        .iter()
        .flat_map(|page| &page.badges)
        .filter(|badge| own.owns_frame(&badge.frame))
        .map(|badge| (badge, standing(badge, context)))
        .collect();
    let no_badge = candidates
        .iter()
        .filter(|(_, standing)| *standing == Standing::NoBadge)
        .count();
    // Visible ones first; among equals EMC's own widget before labels.
    let best = candidates
        .iter()
        .filter_map(|one| Some((seen_as(one.0, one.1, observation)?, *one)))
        .min_by_key(|(sight, (badge, _))| (*sight, badge.kind != BadgeKind::Injected));
    let finding = match best {
        Some((sight, best)) => candidate(sight, best, &script, observation),
        None => nothing(&script, observation, context),
    };
    finding
        .fact("candidates", candidates.len() - no_badge)
        .fact("no_badge", no_badge)
        .evidence("page.html")
        .pictures(
            observation,
            &[
                PictureKind::Badge,
                PictureKind::Desktop,
                PictureKind::Mobile,
                PictureKind::OverlayBefore,
                PictureKind::OverlayAfter,
            ],
        )
}

/// What counts of a candidate; `None` if it does not count.
fn seen_as(badge: &BadgeCandidate, standing: Standing, observation: &Observation) -> Option<Sight> {
    let sight = sight(badge);
    let stuck = dialog_stays(observation);
    match standing {
        Standing::NoBadge => None,
        // A picture that may be the badge is a question only if it is seen.
        Standing::Suggested => (sight <= Sight::Uncertain).then_some(Sight::Uncertain),
        Standing::Badge => Some(match sight {
            // A strip that turns has it out of sight at one moment and shows it at another.
            Sight::Covered | Sight::InvisibleColour | Sight::OffScreen if moves(badge) => Sight::Uncertain,
            // The dialog that nothing closed may be what stands in the way.
            Sight::Covered | Sight::InvisibleColour | Sight::OffScreen if stuck => Sight::Uncertain,
            // What shines through its veil is nothing that a person has seen on the page.
            Sight::Visible if is_under_dialog(badge, observation) => Sight::Uncertain,
            Sight::Covered if can_be_uncovered(badge) => Sight::Uncertain,
            Sight::Hidden | Sight::InvisibleColour if was_disturbed(observation) => Sight::Uncertain,
            other => other,
        }),
    }
}

/// A dialog lay over the page, and nothing closed it.
fn dialog_stays(observation: &Observation) -> bool {
    let overlay = observation.overlay.as_ref();
    overlay.is_some_and(|overlay| overlay.closed_by.is_none())
}

/// Such a dialog, or its backdrop, lies over most of it. A frame does not know what lies over the page around
/// it: there a veil over the whole view counts.
fn is_under_dialog(badge: &BadgeCandidate, observation: &Observation) -> bool {
    let test = &badge.hit_test;
    let framed = observation
        .page
        .iter()
        .flat_map(|page| &page.frames)
        .any(|frame| frame.id == badge.frame && !frame.top);
    let veil = observation.overlay.as_ref().is_some_and(|overlay| overlay.veil);
    let under = f64::from(test.under_dialog) > f64::from(test.points) * UNCOVERED_SHARE;
    dialog_stays(observation) && (under || (framed && veil))
}

/// It stood elsewhere along the page at the second look, as in a strip of logos that turns.
fn moves(badge: &BadgeCandidate) -> bool {
    let mut pairs = badge.looks.windows(2);
    pairs.any(|looks| (looks[0].rect.x - looks[1].rect.x).abs() > MOVED_PX)
}

/// A look did not come to its end: what it had changed may be what hides the badge.
fn was_disturbed(observation: &Observation) -> bool {
    observation
        .cut_short
        .iter()
        .any(|what| what.starts_with("badge:"))
}

/// What lies over it is a box that a visitor can close or fold.
fn can_be_uncovered(badge: &BadgeCandidate) -> bool {
    let coverer = badge.hit_test.coverer.as_ref();
    coverer.is_some_and(|coverer| coverer.closed_by.is_some())
}

/// How well one candidate is seen.
fn sight(badge: &BadgeCandidate) -> Sight {
    let Some(last) = badge.looks.last() else {
        return unpainted(badge);
    };
    // What the picture shows is there, whatever styles and boxes say; they only name the cause.
    let drawn = last.displayed && last.changed_share.is_some_and(|share| share >= STRAY_SHARE);
    if !drawn {
        if let Some(sight) = undrawn(badge) {
            return sight;
        }
        if !last.displayed || is_empty(&last.rect) {
            return Sight::Hidden;
        }
    } else if badge.off_screen {
        return Sight::OffScreen;
    }
    if is_small(badge) {
        return Sight::TooSmall;
    }
    match painted(badge, last) {
        // One look cannot know whether a script hides it again.
        Sight::Visible if badge.looks.len() < LOOKS => Sight::Uncertain,
        sight => sight,
    }
}

/// No look was taken: the boxes say why, or nobody knows.
fn unpainted(badge: &BadgeCandidate) -> Sight {
    undrawn(badge).unwrap_or(if is_small(badge) {
        Sight::TooSmall
    } else {
        Sight::Uncertain
    })
}

/// Why nothing of the candidate is drawn, as far as styles and boxes tell.
fn undrawn(badge: &BadgeCandidate) -> Option<Sight> {
    let rest = !is_empty(&badge.clipped);
    // What clips all but a thin strip away makes it small; what clips everything away hides it.
    let clips = |property: &str| property.starts_with("overflow") || property.starts_with("clip");
    let clipped = badge.hidden_by.as_ref().filter(|style| clips(&style.property));
    if clipped.is_some_and(|style| is_strip(&style.value)) {
        return Some(Sight::TooSmall);
    }
    let styled = badge.hidden_by.is_some() && !(rest && clipped.is_some());
    if styled || badge.opacity < LEAST_OPACITY || is_empty(&badge.rect) {
        Some(Sight::Hidden)
    } else if badge.off_screen {
        Some(Sight::OffScreen)
    } else if !rest {
        Some(Sight::Hidden)
    } else if badge.hidden_by.is_some() && is_small(badge) {
        Some(Sight::TooSmall)
    } else {
        None
    }
}

/// Whether the box that clips, named in the cause as `(115x2)`, itself is a strip too small to read in.
fn is_strip(value: &str) -> bool {
    let size = value
        .rsplit_once('(')
        .and_then(|(_, size)| size.trim_end_matches(')').split_once('x'));
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let Some((width, height)) = size.and_then(|(width, height)| Some((number(width)?, number(height)?)))
    else {
        return false;
    };
    width >= 1.0 && height >= 1.0 && is_unreadable(width, height)
}

/// Whether the pixels show it, and if not, why.
fn painted(badge: &BadgeCandidate, look: &BadgeLook) -> Sight {
    let Some(share) = look.changed_share else {
        return Sight::Uncertain;
    };
    let strongest = look.strongest_difference.unwrap_or(f64::INFINITY);
    let test = &badge.hit_test;
    let hit = if test.points == 0 {
        1.0
    } else {
        f64::from(test.hits) / f64::from(test.points)
    };
    let cover = test.coverer.is_some() && hit < UNCOVERED_SHARE;
    if share >= DRAWN_SHARE || (share >= STRAY_SHARE && !cover) {
        // A see-through cover wins the hit test and hides nothing: what was painted counts.
        return match strongest {
            strongest if strongest < SAME_COLOUR => Sight::InvisibleColour,
            strongest if strongest < CLEAR_COLOUR => Sight::Uncertain,
            _ => Sight::Visible,
        };
    }
    if share >= STRAY_SHARE {
        return Sight::Uncertain;
    }
    match look.drawn_when_uncovered {
        Some(true) => Sight::Covered,
        None if cover => Sight::Covered,
        Some(false) | None => Sight::InvisibleColour,
    }
}

/// The box as drawn: what its ancestors leave of it, and never more than the last look found.
fn drawn(badge: &BadgeCandidate) -> Rect {
    // A box that is clipped to a line is that line; one without any clipped box was never measured.
    let unmeasured = badge.clipped.width <= 0.0 && badge.clipped.height <= 0.0;
    let whole = if unmeasured { badge.rect } else { badge.clipped };
    match badge.looks.last() {
        Some(look) if !is_empty(&look.rect) => Rect {
            width: whole.width.min(look.rect.width),
            height: whole.height.min(look.rect.height),
            ..whole
        },
        _ => whole,
    }
}

fn is_small(badge: &BadgeCandidate) -> bool {
    let drawn = drawn(badge);
    is_unreadable(drawn.width, drawn.height)
}

fn is_unreadable(width: f64, height: f64) -> bool {
    width.min(height) < LEAST_ACROSS_PX || width.max(height) < LEAST_ALONG_PX
}

fn is_empty(rect: &Rect) -> bool {
    // Sub-pixel boxes draw nothing.
    !(rect.width >= 0.5 && rect.height >= 0.5)
}

fn candidate(
    sight: Sight,
    (badge, standing): (&BadgeCandidate, Standing),
    script: &VisitFinding,
    observation: &Observation,
) -> VisitFinding {
    let made_by_hand = badge.kind != BadgeKind::Injected || observation.document.served_badge;
    let veiled = sight == Sight::Visible && made_by_hand && script.is_veiled();
    let code = if sight == Sight::Visible && made_by_hand && script.status == Status::Fail {
        "label_without_connection"
    } else if veiled {
        Sight::Uncertain.code()
    } else {
        sight.code()
    };
    let last = badge.looks.last();
    let drawn = drawn(badge);
    let mut finding = VisitFinding::new(CheckId::EmcBadge, code)
        .fact("kind", serde_json::to_value(badge.kind).unwrap_or_default())
        .fact("selector", cut(&badge.selector, 300))
        .fact("words", cut(&badge.words, 160))
        .fact("rect", rect_value(&badge.rect))
        .fact("drawn_width", rounded(drawn.width))
        .fact("drawn_height", rounded(drawn.height))
        .fact("opacity", badge.opacity)
        .fact("looks", badge.looks.len())
        .fact_if("changed_share", last.and_then(|look| look.changed_share))
        .fact_if(
            "strongest_difference",
            last.and_then(|look| look.strongest_difference),
        )
        .stable(badge.selector.clone())
        .stable(badge.words.clone())
        .stable(coarse_box(&badge.rect));
    if let Some(mobile) = &badge.mobile {
        let shown = mobile.displayed && mobile.changed_share.is_some_and(|share| share >= STRAY_SHARE);
        finding = finding.fact("mobile_visible", shown);
    }
    if let Some(coverer) = &badge.hit_test.coverer
        && matches!(sight, Sight::Covered | Sight::Uncertain)
    {
        finding = finding
            .fact("coverer", cut(&coverer.selector, 300))
            .fact("coverer_rect", rect_value(&coverer.rect))
            .stable(coverer.selector.clone());
    }
    if sight == Sight::Hidden
        && let Some(style) = &badge.hidden_by
    {
        finding = finding
            .fact("hidden_element", cut(&style.selector, 300))
            .fact("hidden_property", style.property.clone())
            .fact_if(
                "rule",
                style
                    .rule
                    .as_ref()
                    .and_then(|rule| serde_json::to_value(rule).ok()),
            );
    }
    if veiled {
        finding = finding.veiled();
    } else if code == "uncertain" {
        finding = finding.doubt(doubt(badge, standing, observation));
    }
    finding.fact("cause", cause(sight, badge))
}

/// What hides the candidate, in CSS's own words.
fn cause(sight: Sight, badge: &BadgeCandidate) -> String {
    match sight {
        Sight::Hidden => match &badge.hidden_by {
            Some(style) => cut(
                &format!("{} {{ {}: {} }}", style.selector, style.property, style.value),
                200,
            ),
            None if badge.opacity < LEAST_OPACITY => format!("opacity: {}", badge.opacity),
            None if badge.looks.last().is_some_and(|look| !look.displayed) && badge.looks.len() > 1 => {
                "display: none (script)".to_owned()
            }
            None => "0 × 0 px".to_owned(),
        },
        Sight::Covered => badge.hit_test.coverer.as_ref().map_or_else(
            || "pointer-events: none".to_owned(),
            |coverer| cut(&coverer.selector, 200),
        ),
        Sight::OffScreen => format!("x {} y {}", rounded(badge.rect.x), rounded(badge.rect.y)),
        Sight::TooSmall => {
            let drawn = drawn(badge);
            format!("{} × {} px", rounded(drawn.width), rounded(drawn.height))
        }
        Sight::InvisibleColour => {
            let strongest = badge.looks.last().and_then(|look| look.strongest_difference);
            format!("ΔE {:.1}", strongest.unwrap_or(0.0))
        }
        Sight::Visible | Sight::Uncertain => String::new(),
    }
}

/// Why a person must look.
fn doubt(badge: &BadgeCandidate, standing: Standing, observation: &Observation) -> &'static str {
    let under_dialog = dialog_stays(observation)
        && (is_under_dialog(badge, observation)
            || matches!(
                sight(badge),
                Sight::Covered | Sight::InvisibleColour | Sight::OffScreen
            ));
    if badge.kind == BadgeKind::Suggested && badge.words.contains(' ') {
        "words_may_be_badge"
    } else if badge.kind == BadgeKind::Suggested {
        "picture_may_be_badge"
    } else if standing == Standing::Suggested {
        "may_be_about_others"
    } else if under_dialog {
        "dialog_not_closed"
    } else if moves(badge) {
        "badge_moves"
    } else if was_disturbed(observation) {
        "look_not_finished"
    } else if sight(badge) == Sight::Covered && can_be_uncovered(badge) {
        "cover_can_be_closed"
    } else if badge.looks.len() < LOOKS {
        "no_second_look"
    } else {
        "seen_faintly"
    }
}

/// No candidate at all.
fn nothing(script: &VisitFinding, observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let searched = observation.page.iter().flat_map(|page| &page.truncated);
    let code = if script.status == Status::NotMeasured {
        "emc_host_down"
    } else if context.beacon_stub && script.status == Status::Pass {
        "beacon_stub"
    } else if script.is_veiled() {
        return VisitFinding::new(CheckId::EmcBadge, "uncertain").veiled();
    } else if searched.into_iter().any(|list| list.starts_with("badge")) {
        return VisitFinding::new(CheckId::EmcBadge, "uncertain").doubt("page_not_searched");
    } else {
        "absent"
    };
    VisitFinding::new(CheckId::EmcBadge, code).fact("script", script.code)
}

#[cfg(test)]
mod tests;
