//! Does the badge make a difference in the picture? Its box is painted, painted again without it, and
//! the two are compared.

use std::time::{Duration, Instant};

use image::RgbImage;
use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};
use serde_json::json;

use super::probe::{BadgeState, Probe};
use crate::browser::{BrowserError, Clip, Page, PictureFormat};
use crate::observation::{BadgeCandidate, BadgeLook, Rect};

/// A colour difference that people notice at a glance is above this (CIEDE2000; 1 is the least that
/// a trained eye sees side by side).
const PERCEPTIBLE: f32 = 3.0;
/// Room around the box, so that borders and shadows are seen.
const MARGIN: f64 = 2.0;
/// Larger boxes are no badges; only so much of them is painted.
const SIDE_MAX: f64 = 800.0;
/// What fades in when it is scrolled to begins below this opacity, and is there after this time.
const FAINT: f64 = 0.05;
const FADING: Duration = Duration::from_millis(700);
/// A page that stands higher than this is where it began; scrolled to the other, it is at its end.
const FIRST_STEPS: f64 = 50.0;
const LOWEST: f64 = 1e7;
/// What an act changed is put back within this time, where the act itself failed.
const BRIEFLY: Duration = Duration::from_millis(500);
/// A strip of slides may turn away and come back while pictures take longer than this.
const AWAY_AND_BACK: Duration = Duration::from_secs(3);
/// How often, and how far apart, it is looked whether something turns.
const SLIDE_CHECKS: u32 = 8;
const SLIDE_CHECK: Duration = Duration::from_millis(500);
/// A badge that moves is painted so often at most.
const MOVES_MAX: usize = 6;

/// Looks at one candidate; the lossless picture of its box comes along. A badge that moved away while it
/// was painted is painted again at its new place.
pub(super) async fn look(
    page: &Page,
    probe: &Probe,
    candidate: &mut BadgeCandidate,
    offset: (f64, f64),
    at_ms: u64,
    limit: Duration,
) -> Result<Option<Vec<u8>>, BrowserError> {
    let mut state = arrived(page, probe, candidate, limit).await?;
    for moves in 1..=MOVES_MAX {
        let began = Instant::now();
        let Some((mut seen, picture)) = paint(page, probe, candidate, &state, (offset, at_ms), limit).await?
        else {
            break;
        };
        if seen.changed_pixels == Some(0) {
            let now = probe.badge(page, &candidate.selector, limit).await?;
            // So slow a picture may have been taken while it was away, and it be back by now.
            let slow = began.elapsed() > AWAY_AND_BACK;
            if now.found
                && (has_moved(&state.rect, &now.rect)
                    || (slow && moves_by_itself(page, probe, candidate, &now, limit).await?))
            {
                if moves < MOVES_MAX {
                    state = now;
                    continue;
                }
                // It never stood still for its picture: nobody can say that it was not drawn.
                seen = unpainted(&now, offset, at_ms);
            }
        }
        note(candidate, &state, seen, offset);
        return Ok(Some(picture));
    }
    note(candidate, &state, unpainted(&state, offset, at_ms), offset);
    Ok(None)
}

/// One look at a candidate as it stands at this moment, without a word of how it stood before.
pub(super) async fn glance(
    page: &Page,
    probe: &Probe,
    candidate: &BadgeCandidate,
    offset: (f64, f64),
    at_ms: u64,
    limit: Duration,
) -> Result<BadgeLook, BrowserError> {
    let state = probe.badge(page, &candidate.selector, limit).await?;
    let painted = paint(page, probe, candidate, &state, (offset, at_ms), limit).await?;
    Ok(painted.map_or_else(|| unpainted(&state, offset, at_ms), |(seen, _)| seen))
}

/// How the candidate stands once the page had time to bring it in: what appears on scrolling is asked for
/// again while it is in view. What is drawn at once costs no time.
async fn arrived(
    page: &Page,
    probe: &Probe,
    candidate: &BadgeCandidate,
    limit: Duration,
) -> Result<BadgeState, BrowserError> {
    let first = probe.badge(page, &candidate.selector, limit).await?;
    let away = !first.displayed || first.opacity < FAINT;
    if !first.found || !away || candidate.placement.in_news {
        return Ok(first);
    }
    for at_the_end in [false, true] {
        if at_the_end {
            if first.scroll.y >= FIRST_STEPS {
                break;
            }
            // It was not scrolled to: it may come with the scrolling itself.
            probe.act(page, "scrollAround", &json!(LOWEST), limit).await?;
        }
        probe.act(page, "nextFrame", &json!({}), limit).await?;
        tokio::time::sleep(FADING).await;
        let then = probe.badge(page, &candidate.selector, limit).await?;
        if then.found && (then.displayed, then.opacity) > (first.displayed, first.opacity) {
            return Ok(then);
        }
    }
    Ok(first)
}

fn unpainted(state: &BadgeState, offset: (f64, f64), at_ms: u64) -> BadgeLook {
    BadgeLook {
        at_ms,
        rect: shifted(&state.rect, offset),
        displayed: state.found && state.displayed && state.clipped.area() > 0.0,
        ..BadgeLook::default()
    }
}

/// Whether a candidate moves within the time in which slides turn.
async fn moves_by_itself(
    page: &Page,
    probe: &Probe,
    candidate: &BadgeCandidate,
    before: &BadgeState,
    limit: Duration,
) -> Result<bool, BrowserError> {
    for _ in 0..SLIDE_CHECKS {
        tokio::time::sleep(SLIDE_CHECK).await;
        let now = probe.badge(page, &candidate.selector, limit).await?;
        if now.found && has_moved(&before.rect, &now.rect) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_moved(before: &Rect, now: &Rect) -> bool {
    (before.x - now.x).abs() > 1.0 || (before.y - now.y).abs() > 1.0
}

/// What the pictures say of a candidate in this state; nothing if it is not displayed.
async fn paint(
    page: &Page,
    probe: &Probe,
    candidate: &BadgeCandidate,
    state: &BadgeState,
    (offset, at_ms): ((f64, f64), u64),
    limit: Duration,
) -> Result<Option<(BadgeLook, Vec<u8>)>, BrowserError> {
    let mut seen = unpainted(state, offset, at_ms);
    if !seen.displayed {
        return Ok(None);
    }
    let clip = clip_of(&shifted(&state.clipped, offset));
    let freeze = json!({});
    probe.act(page, "freeze", &freeze, limit).await?;
    let painted = compared(page, probe, &candidate.selector, clip, &mut seen, limit).await;
    undo(page, probe, "unfreeze", &freeze, painted.is_ok(), limit).await?;
    Ok(Some((seen, painted?)))
}

/// Writes down what the pictures with and without the candidate say; gives the one with it.
async fn compared(
    page: &Page,
    probe: &Probe,
    selector: &str,
    clip: Clip,
    seen: &mut BadgeLook,
    limit: Duration,
) -> Result<Vec<u8>, BrowserError> {
    let pictures = paint_both(page, probe, selector, clip, limit).await?;
    let Some(without) = &pictures.without else {
        return Ok(pictures.with);
    };
    if let (Some(first), Some(second)) = (decode(&pictures.with), decode(without)) {
        let difference = compare(&first, &second);
        seen.changed_share = Some(difference.share);
        seen.changed_pixels = Some(difference.pixels);
        seen.strongest_difference = Some(difference.strongest);
        if difference.pixels == 0 {
            seen.drawn_when_uncovered = drawn_alone(page, probe, selector, clip, limit).await?;
        }
    }
    Ok(pictures.with)
}

fn note(candidate: &mut BadgeCandidate, state: &BadgeState, seen: BadgeLook, offset: (f64, f64)) {
    if state.found {
        candidate.rect = shifted(&state.rect, offset);
        candidate.clipped = shifted(&state.clipped, offset);
        candidate.opacity = state.opacity;
        candidate.hidden_by.clone_from(&state.hidden_by);
        candidate.off_screen = state.off_screen;
        candidate.hit_test = state.hit_test.clone();
    }
    candidate.looks.push(seen);
}

struct Pictures {
    with: Vec<u8>,
    /// Nothing where the page set the candidate right again before its picture was taken.
    without: Option<Vec<u8>>,
}

/// The box with the candidate and without it. Whatever happens in between, the candidate is shown again.
async fn paint_both(
    page: &Page,
    probe: &Probe,
    selector: &str,
    clip: Clip,
    limit: Duration,
) -> Result<Pictures, BrowserError> {
    let with = page.picture(clip, PictureFormat::Png, false, limit).await?;
    let without = paint_without(page, probe, selector, clip, limit).await;
    undo(page, probe, "show", &json!(selector), without.is_ok(), limit).await?;
    Ok(Pictures {
        with,
        without: without?,
    })
}

/// Puts back what an act changed. After one that failed a page that does not answer is not waited for: the
/// probe puts everything back when the page is looked at again.
async fn undo(
    page: &Page,
    probe: &Probe,
    function: &str,
    argument: &serde_json::Value,
    went_well: bool,
    limit: Duration,
) -> Result<(), BrowserError> {
    let limit = if went_well { limit } else { limit.min(BRIEFLY) };
    let undone = probe.act(page, function, argument, limit).await;
    if went_well { undone } else { Ok(()) }
}

async fn paint_without(
    page: &Page,
    probe: &Probe,
    selector: &str,
    clip: Clip,
    limit: Duration,
) -> Result<Option<Vec<u8>>, BrowserError> {
    probe.act(page, "hide", &json!(selector), limit).await?;
    let without = page.picture(clip, PictureFormat::Png, false, limit).await?;
    let gone = probe.is_gone(page, selector, limit).await?;
    Ok(gone.then_some(without))
}

/// With everything else hidden: is the candidate drawn at all?
async fn drawn_alone(
    page: &Page,
    probe: &Probe,
    selector: &str,
    clip: Clip,
    limit: Duration,
) -> Result<Option<bool>, BrowserError> {
    let isolated = probe.act(page, "isolate", &json!(selector), limit).await;
    let painted = match isolated {
        Ok(()) => paint_both(page, probe, selector, clip, limit).await,
        Err(error) => Err(error),
    };
    undo(page, probe, "unisolate", &json!({}), painted.is_ok(), limit).await?;
    let pictures = painted?;
    let both = pictures.without.and_then(|without| decode(&without));
    Ok(decode(&pictures.with)
        .zip(both)
        .map(|(with, without)| compare(&with, &without).pixels > 0))
}

fn clip_of(rect: &Rect) -> Clip {
    let x = (rect.x - MARGIN).max(0.0).floor();
    let y = (rect.y - MARGIN).max(0.0).floor();
    let width = (rect.right() + MARGIN - x).clamp(1.0, SIDE_MAX).ceil();
    let height = (rect.bottom() + MARGIN - y).clamp(1.0, SIDE_MAX).ceil();
    Clip {
        x,
        y,
        width,
        height,
        scale: 1.0,
    }
}

fn shifted(rect: &Rect, offset: (f64, f64)) -> Rect {
    Rect {
        x: rect.x + offset.0,
        y: rect.y + offset.1,
        ..*rect
    }
}

pub(super) fn decode(png: &[u8]) -> Option<RgbImage> {
    let picture = image::load_from_memory_with_format(png, image::ImageFormat::Png).ok()?;
    Some(picture.into_rgb8())
}

struct Difference {
    share: f64,
    pixels: u64,
    strongest: f64,
}

/// Compares two pictures of the same box.
fn compare(first: &RgbImage, second: &RgbImage) -> Difference {
    let mut pixels = 0_u64;
    let mut strongest = 0.0_f32;
    for (before, after) in first.pixels().zip(second.pixels()) {
        if before == after {
            continue;
        }
        let difference = lab(before.0).difference(lab(after.0));
        strongest = strongest.max(difference);
        if difference >= PERCEPTIBLE {
            pixels += 1;
        }
    }
    let all = u64::from(first.width()) * u64::from(first.height());
    #[allow(clippy::cast_precision_loss)] // pixel counts of a small box
    let share = if all == 0 { 0.0 } else { pixels as f64 / all as f64 };
    Difference {
        share,
        pixels,
        strongest: f64::from(strongest),
    }
}

fn lab(rgb: [u8; 3]) -> Lab {
    Lab::from_color(Srgb::from(rgb).into_format::<f32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shade_that_nobody_sees_is_no_difference() {
        let white = RgbImage::from_pixel(20, 10, image::Rgb([255, 255, 255]));
        let nearly = RgbImage::from_pixel(20, 10, image::Rgb([253, 253, 253]));
        assert_eq!(compare(&white, &nearly).pixels, 0);
        assert_eq!(compare(&white, &white).pixels, 0);
    }

    #[test]
    fn dark_letters_on_white_are_a_difference() {
        let white = RgbImage::from_pixel(20, 10, image::Rgb([255, 255, 255]));
        let mut lettered = white.clone();
        for x in 5..10 {
            lettered.put_pixel(x, 5, image::Rgb([0, 0, 0]));
        }
        let difference = compare(&lettered, &white);
        assert_eq!(difference.pixels, 5);
        assert!(difference.strongest > 50.0);
    }
}
