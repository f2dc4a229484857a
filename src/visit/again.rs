//! Header and footer are looked at twice where something in them moves: slides, running lines, clocks, films.
//! What changed between the two looks is written beside the first picture, and not compared with another page.
//! A page that shows no sign of motion costs two short questions.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::badge::decode;
use super::capture::clip_to;
use super::facts::millis;
use super::visitor::{OpenVisit, Stop};
use crate::browser::PictureFormat;
use crate::look;
use crate::observation::{PictureKind, Rect};

/// How long slides that lie ready are waited for to take turns, counted from the first picture.
const SLIDES: Duration = Duration::from_secs(5);
/// What turns or runs by itself looks otherwise after this time.
const MOVING: Duration = Duration::from_millis(700);
/// By which share of its round an endless animation is moved on for each further look. The second of them is only
/// for what shows a sign of motion and stood by chance where it had stood.
const TURNS: [f64; 2] = [0.35, 0.6];

/// The regions that were pictured, and when.
#[derive(Debug)]
pub(super) struct Watched {
    since: Instant,
    regions: Vec<WatchedRegion>,
}

#[derive(Debug)]
struct WatchedRegion {
    kind: PictureKind,
    rect: Rect,
    signs: Signs,
}

/// What of a region may move.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Signs {
    /// Something turns, runs or plays by itself.
    moving: bool,
    /// Pictures lie ready to take turns.
    slides: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer<T> {
    regions: Vec<T>,
}

impl OpenVisit<'_> {
    /// From now on it is noticed what the page does to its header and footer.
    pub(super) async fn watch_regions(&mut self) -> Result<Watched, Stop> {
        let pictures = self.facts.pictures.iter();
        let regions = pictures
            .filter(|picture| later_name(picture.kind).is_some())
            .map(|picture| WatchedRegion {
                kind: picture.kind,
                rect: picture.rect,
                signs: Signs::default(),
            });
        let watched = self.watch(regions.collect()).await?;
        self.facts.note_time("regions watched", watched.since);
        Ok(watched)
    }

    async fn watch(&mut self, mut regions: Vec<WatchedRegion>) -> Result<Watched, Stop> {
        let since = Instant::now();
        if !regions.is_empty() {
            let rects: Vec<Rect> = regions.iter().map(|region| region.rect).collect();
            let limit = self.call_limit();
            let answer: Option<Answer<Signs>> =
                self.ask_top("watch", &json!({ "regions": rects }), limit).await?;
            for (region, signs) in regions.iter_mut().zip(answer.unwrap_or_default().regions) {
                region.signs = signs;
            }
        }
        Ok(Watched { since, regions })
    }

    /// Pictures the regions that show a sign of motion once more, and notes what has changed.
    pub(super) async fn look_at_regions_again(&mut self, mut watched: Watched) -> Result<(), Stop> {
        let began = Instant::now();
        for turn in TURNS {
            let restless = self.restless(watched).await?;
            if restless.is_empty() {
                break;
            }
            let mut as_before = self.picture_again(restless, turn).await?;
            as_before.retain(|region| region.signs.moving || region.signs.slides);
            if as_before.is_empty() {
                break;
            }
            watched = self.watch(as_before).await?;
        }
        self.facts.note_time("regions again", began);
        Ok(())
    }

    /// The regions in which something moves by itself, or that the page has touched since: slides are waited for.
    async fn restless(&mut self, watched: Watched) -> Result<Vec<WatchedRegion>, Stop> {
        let Watched { since, regions } = watched;
        if regions.is_empty() {
            return Ok(regions);
        }
        let slides: Vec<bool> = regions.iter().map(|region| region.signs.slides).collect();
        let wait = SLIDES.saturating_sub(since.elapsed()).min(self.time_left() / 4);
        let argument = json!({ "wait_ms": millis(wait), "await": slides });
        let limit = self.call_limit();
        let answer: Option<Answer<bool>> = self.ask_top("touched", &argument, limit).await?;
        let touched = answer.unwrap_or_default().regions.into_iter();
        let restless: Vec<WatchedRegion> = regions
            .into_iter()
            .zip(touched.chain(std::iter::repeat(false)))
            .filter(|(region, touched)| *touched || region.signs.moving)
            .map(|(region, _)| region)
            .collect();
        if restless.iter().any(|region| region.signs.moving) {
            tokio::time::sleep(MOVING.saturating_sub(since.elapsed())).await;
        }
        Ok(restless)
    }

    /// One more look at each; those that look as before are given back.
    async fn picture_again(
        &mut self,
        regions: Vec<WatchedRegion>,
        turn: f64,
    ) -> Result<Vec<WatchedRegion>, Stop> {
        self.act_on_top("freeze", json!({ "turn": turn })).await?;
        self.act_on_top("mask", json!({})).await?;
        let mut as_before = Vec::new();
        for region in regions {
            let clip = clip_to(&region.rect);
            let taken = self
                .page
                .picture(clip, PictureFormat::Png, true, self.call_limit())
                .await;
            match taken {
                Ok(later) => {
                    if !self.note_changed(&region, later) {
                        as_before.push(region);
                    }
                }
                Err(error) if error.is_browser_lost() => return Err(error.into()),
                Err(error) => self.facts.note_cut(format!("second look: {error}")),
            }
        }
        self.act_on_top("unmask", json!({})).await?;
        self.act_on_top("unfreeze", json!({})).await?;
        Ok(as_before)
    }

    /// Says whether anything has changed; if so the later picture is kept too.
    fn note_changed(&mut self, region: &WatchedRegion, later: Vec<u8>) -> bool {
        let pictures = &mut self.facts.pictures;
        let Some(picture) = pictures.iter_mut().find(|picture| picture.kind == region.kind) else {
            return false;
        };
        let mut files = self.facts.files.iter();
        let first = files
            .find(|file| file.name == picture.file)
            .map(|file| &file.bytes);
        let Some(first) = first.filter(|first| **first != later) else {
            return false;
        };
        let (Some(before), Some(after)) = (decode(first), decode(&later)) else {
            return false;
        };
        picture.changed = look::changed(&before, &after, &region.rect);
        let has_changed = !picture.changed.is_empty();
        if let Some((kind, name)) = later_name(region.kind).filter(|_| has_changed) {
            self.facts.add_picture(kind, name, region.rect, later);
        }
        has_changed
    }
}

/// What the later picture of a region is called; nothing for what is no region.
fn later_name(kind: PictureKind) -> Option<(PictureKind, &'static str)> {
    match kind {
        PictureKind::Header => Some((PictureKind::HeaderLater, "header-later.png")),
        PictureKind::Footer => Some((PictureKind::FooterLater, "footer-later.png")),
        _ => None,
    }
}
