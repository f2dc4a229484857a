//! Waiting until the page has answered what is asked of it.
//!
//! Absence is waited for, presence is not: as soon as every question is answered the visit goes on; an
//! unanswered one gets the whole soft limit.

use std::time::{Duration, Instant};

use super::clip::clip_text;
use super::facts::millis;
use super::open::refused_or_failed;
use super::probe::{Collected, PageState, Probe, read_queue};
use super::visitor::{OpenVisit, Stop};
use super::wake::Woken;
use crate::browser::{BrowserError, Frame};
use crate::observation::{BadgeCandidate, Ending, FrameFacts, PageFacts, Rect};
use crate::site::registrable_domain;

/// Between two looks at a page that is loading.
pub(super) const TICK: Duration = Duration::from_millis(150);
/// Between two whole passes over the DOM while questions are open.
const COLLECT_EVERY: Duration = Duration::from_millis(1500);
/// A page gets this long after `DOMContentLoaded` before it is first asked.
const FIRST_LOOK: Duration = Duration::from_millis(250);
/// How long an error page is waited on: a challenge may still turn it into the home page.
const ERROR_PAGE_LIMIT: Duration = Duration::from_secs(6);
/// What came of a document that broke off is looked at for this long.
const PART_LIMIT: Duration = Duration::from_secs(4);
/// Between two looks at a document that is still coming.
const PEEK_EVERY: Duration = Duration::from_secs(3);
/// A page with less text shows nothing yet.
const SHOWN_CHARACTERS: u64 = 200;
const FRAMES_MAX: usize = 30;
/// All frames of one pass together; a page of many frames is not held up by them.
const FRAMES_TIME: Duration = Duration::from_secs(5);
/// One call to a frame, while there is time left for all of them and when there is none.
const FRAME_LIMIT: Duration = Duration::from_secs(3);
const FRAME_LEAST: Duration = Duration::from_millis(300);
/// A call that failed is made again so often: a page may navigate while it is looked at.
pub(super) const TRIES: u32 = 5;
pub(super) const MOVING_TIME: Duration = Duration::from_secs(8);

impl OpenVisit<'_> {
    /// Waits, scrolls through the page once, and leaves its facts in `facts`.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        self.facts.settled = false;
        let part = self.wait_for_document().await?;
        let limit = self.settle_limit(part.is_some());
        let mut scrolled = false;
        let mut collected: Option<(Instant, PageState)> = None;
        loop {
            let since_content = self.since_content();
            if since_content >= limit || self.time_left() <= Duration::from_secs(3) {
                self.facts.note_cut("settle: soft limit");
                break;
            }
            if !scrolled && self.is_ready_to_scroll(since_content) {
                self.scroll_through().await?;
                scrolled = true;
            }
            // Nothing is decided before the page was scrolled: a pass over its DOM would be made in vain.
            let due = collected
                .as_ref()
                .is_none_or(|(at, _)| at.elapsed() >= COLLECT_EVERY);
            if scrolled && since_content >= FIRST_LOOK && due {
                let state = self.state().await?;
                if collected.as_ref().is_none_or(|(_, before)| *before != state) {
                    self.collect_deeply().await?;
                }
                // The page may be as it was, and an answer have come since.
                if self.is_settled() {
                    self.facts.note_time("settle", began);
                    return Ok(());
                }
                collected = Some((Instant::now(), state));
            }
            self.tick().await;
        }
        if !scrolled {
            self.scroll_through().await?;
        }
        self.collect_deeply().await?;
        self.facts.note_time("settle", began);
        match part {
            Some(ending) if !self.is_settled() && !self.is_enough().await => {
                self.facts.page = None;
                self.facts.layout = None;
                Err(Stop::Ended(ending))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn is_settled(&mut self) -> bool {
        self.facts.settled = self.request.questions.settled(&self.observation());
        self.facts.settled
    }

    /// Until the document's DOM is there. What comes instead: nothing, when all questions are answered
    /// before the document's end; or why its end will not come.
    async fn wait_for_document(&mut self) -> Result<Option<Ending>, Stop> {
        let limit = self.options.settings.navigation().min(self.time_left());
        let deadline = Instant::now() + limit;
        let mut peeked = Instant::now();
        let mut part = None;
        while self.recorder.read().dom_content_loaded.is_none() {
            if let Some(error) = self.document_broke_off() {
                self.facts.note_cut(format!("document: {error}"));
                part = Some(Ending::NetworkError { error });
                break;
            }
            if Instant::now() >= deadline {
                self.facts.note_cut("settle: no DOMContentLoaded");
                part = Some(Ending::TimedOut {
                    limit_ms: millis(limit),
                });
                self.stop_loading().await?;
                break;
            }
            self.tick().await;
            if peeked.elapsed() > PEEK_EVERY {
                if self.peek().await? {
                    break;
                }
                peeked = Instant::now();
            }
        }
        let mut record = self.recorder.read();
        record.dom_content_loaded.get_or_insert_with(Instant::now);
        Ok(part)
    }

    /// Looks at a document that is still coming. A page whose script has to be stopped before it is there
    /// has been seen by nobody.
    async fn peek(&mut self) -> Result<bool, Stop> {
        if !self.page.answers(Duration::from_secs(3)).await {
            return match self.revive("load").await? {
                Woken::ByItself => Ok(false),
                Woken::ByForce => Err(Stop::Ended(Ending::Wedged {
                    what: "a script kept the page busy before it was there".to_owned(),
                })),
            };
        }
        self.collect().await?;
        Ok(self.is_settled())
    }

    pub(super) async fn stop_loading(&self) -> Result<(), Stop> {
        match self.page.stop_loading().await {
            Err(error) if error.is_browser_lost() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The document's answer began and broke off.
    fn document_broke_off(&self) -> Option<String> {
        let record = self.recorder.read();
        let request = record.document_request()?;
        let failure = request.failure.as_ref().filter(|failure| !failure.cancelled)?;
        (failure.error != "net::ERR_ABORTED").then(|| clip_text(&failure.error, 120))
    }

    /// Whether what is missing of a document can be told: it came whole, only something that it loads holds
    /// it up, and there is a page to see with no code that waits for its turn.
    async fn is_enough(&mut self) -> bool {
        let whole = self
            .recorder
            .read()
            .document_request()
            .is_some_and(|request| request.finished);
        let shown = self
            .facts
            .page
            .as_ref()
            .is_some_and(|page| page.text.length >= SHOWN_CHARACTERS);
        if !whole || !shown {
            return false;
        }
        self.keep_served().await;
        self.facts.served_bytes.is_some() && self.facts.served_code.snippets.is_empty()
    }

    fn since_content(&self) -> Duration {
        self.recorder
            .read()
            .dom_content_loaded
            .map(|at| at.elapsed())
            .unwrap_or_default()
    }

    fn settle_limit(&self, part: bool) -> Duration {
        let error_page = self.document_status().is_some_and(|status| status >= 400);
        let soft = self.options.settings.soft_limit();
        if part {
            soft.min(PART_LIMIT)
        } else if error_page {
            soft.min(ERROR_PAGE_LIMIT)
        } else {
            soft
        }
    }

    /// After the load event; a page that never gets there is scrolled after a while.
    fn is_ready_to_scroll(&self, since_content: Duration) -> bool {
        self.recorder.read().loaded.is_some() || since_content > Duration::from_secs(3)
    }

    pub(super) async fn tick(&self) {
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = async { self.recorder.change().await; tokio::time::sleep(TICK / 3).await; } => {}
        }
    }

    /// A pass over the DOM; where something is missing, another one with the shadow roots that the page keeps
    /// closed: a visitor sees what is in them.
    pub(super) async fn collect_deeply(&mut self) -> Result<(), Stop> {
        self.collect().await?;
        if self.is_settled() {
            return Ok(());
        }
        let probe = self.top_probe().await?;
        let limit = self.call_limit().min(FRAME_LIMIT);
        match probe.open_closed_roots(self.page, limit).await {
            Ok(0) => Ok(()),
            Ok(_) => self.collect().await,
            Err(error) if error.is_browser_lost() => Err(error.into()),
            // What is there without them counts.
            Err(error) => {
                tracing::debug!(%error, "closed shadow roots stay closed");
                Ok(())
            }
        }
    }

    /// One pass over the DOM of the top document and of every frame that may belong to the site.
    pub(super) async fn collect(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        for attempt in 1.. {
            match self.collect_once().await {
                Ok(()) => break,
                // Going over to another site takes its time on a busy machine.
                Err(stop) if attempt >= TRIES && began.elapsed() > MOVING_TIME => return Err(stop),
                // The home page is gone once more; what was seen of it stays.
                Err(stop) if self.facts.left_for.is_some() && self.facts.page.is_some() => {
                    return Err(stop);
                }
                Err(stop) => self.recover(stop, "collect").await?,
            }
            tokio::time::sleep(TICK * attempt.min(TRIES)).await;
        }
        Ok(())
    }

    async fn collect_once(&mut self) -> Result<(), Stop> {
        let limit = self.call_limit();
        let emc = &self.options.emc;
        let probe = self.top_probe().await?;
        let mut top = probe.collect(self.page, emc, true, limit).await?;
        top.code.queue = read_queue(self.page, &probe.frame, emc, limit)
            .await
            .unwrap_or_default();
        let frames = self.page.frames(limit).await?;
        let top_url = frames.first().map(|frame| frame.url.clone()).unwrap_or_default();
        if top_url.starts_with("chrome-error:") {
            return Err(Stop::Ended(self.document_ending()));
        }
        if self.has_left(&top_url) {
            return Err(Stop::Ended(Ending::Wedged {
                what: format!("the page left for {}", clip_text(&top_url, 200)),
            }));
        }
        let mut page = top.page;
        page.leaves_when_scrolled = self.facts.left_for.is_some();
        for badge in &mut page.badges {
            badge.frame.clone_from(&probe.frame.id);
        }
        for link in &mut page.links {
            link.frame.clone_from(&probe.frame.id);
        }
        page.frames = vec![FrameFacts {
            id: probe.frame.id.clone(),
            url: top_url.clone(),
            top: true,
            same_host: true,
            rect: Some(Rect {
                x: 0.0,
                y: 0.0,
                width: page.width,
                height: page.height,
            }),
            code: top.code,
            ..FrameFacts::default()
        }];
        let mut known = self.facts.probes.split_off(1);
        let until = Instant::now() + FRAMES_TIME;
        for (at, frame) in frames.iter().enumerate().skip(1).take(FRAMES_MAX) {
            if Instant::now() > until {
                self.facts.note_cut("frames: no time left for all of them");
                // What stands in those of the site itself nobody knows.
                let mut left_out = frames[at..].iter();
                if left_out.any(|frame| relation(&frame.url, &top_url) == Relation::SameHost) {
                    page.truncated.push("frames".to_owned());
                }
                break;
            }
            let known = known
                .iter()
                .position(|(probe, _)| probe.frame.id == frame.id)
                .map(|found| known.swap_remove(found).0);
            self.collect_frame(frame, known, until, &mut page).await?;
        }
        if let Some(before) = self.facts.page.take() {
            keep_looks(&mut page, before);
        }
        self.facts.final_url = Some(top_url);
        self.facts.layout = top.layout;
        self.facts.page = Some(page);
        Ok(())
    }

    /// Why the browser shows an error page of its own.
    fn document_ending(&self) -> Ending {
        let record = self.recorder.read();
        let failure = record
            .document_request()
            .and_then(|request| request.failure.clone());
        match failure {
            Some(failure) => refused_or_failed(&failure),
            None => Ending::NetworkError {
                error: "the browser shows an error page".to_owned(),
            },
        }
    }

    /// What is in a frame, by the probe that is `known` to be in it, or a new one where the frame has navigated.
    async fn probe_frame(
        &self,
        frame: &Frame,
        known: Option<Probe>,
        limit: Duration,
    ) -> Option<(Probe, Collected)> {
        let emc = &self.options.emc;
        if let Some(probe) = known {
            match probe.collect(self.page, emc, false, limit).await {
                Ok(inner) => return Some((probe, inner)),
                // It hangs, and a new probe would not get further.
                Err(BrowserError::NoAnswer { .. }) => return None,
                Err(_) => {}
            }
        }
        let probe = Probe::install(self.page, frame, limit).await.ok()?;
        let inner = probe.collect(self.page, emc, false, limit).await.ok()?;
        Some((probe, inner))
    }

    /// Adds one frame: its address always, its contents if its domain is the site's.
    async fn collect_frame(
        &mut self,
        frame: &Frame,
        known: Option<Probe>,
        until: Instant,
        page: &mut PageFacts,
    ) -> Result<(), Stop> {
        let left = until.saturating_duration_since(Instant::now()).max(FRAME_LEAST);
        let limit = self.call_limit().min(FRAME_LIMIT).min(left);
        let top_url = page.frames.first().map(|top| top.url.clone()).unwrap_or_default();
        let bounds = self.page.frame_box(frame, limit).await.ok().flatten();
        let rect = bounds.map(|(x, y, width, height)| Rect { x, y, width, height });
        let relation = relation(&frame.url, &top_url);
        let mut facts = FrameFacts {
            id: frame.id.clone(),
            url: frame.url.clone(),
            top: false,
            same_host: relation == Relation::SameHost,
            rect,
            ..FrameFacts::default()
        };
        if relation != Relation::Foreign
            && let Some((probe, mut inner)) = self.probe_frame(frame, known, limit).await
        {
            inner.code.queue = read_queue(self.page, frame, &self.options.emc, limit)
                .await
                .unwrap_or_default();
            facts.code = inner.code;
            if facts.same_host && rect.is_some_and(|rect| rect.area() > 0.0) {
                facts.title = Some(inner.page.title).filter(|title| !title.is_empty());
                facts.text = Some(inner.page.text);
            }
            let offset = rect.map_or((0.0, 0.0), |rect| (rect.x, rect.y));
            for mut badge in inner.page.badges {
                badge.frame.clone_from(&frame.id);
                shift(&mut badge.rect, offset);
                shift(&mut badge.clipped, offset);
                page.badges.push(badge);
            }
            for mut link in inner.page.links {
                link.frame.clone_from(&frame.id);
                if let Some(rect) = &mut link.rect {
                    shift(rect, offset);
                }
                page.links.push(link);
            }
            self.facts.probes.push((probe, offset));
        }
        page.frames.push(facts);
        Ok(())
    }
}

/// A badge that was looked at before the page was gone through again, or loaded itself again, is the same
/// one if it stands at the same place of the document.
fn keep_looks(page: &mut PageFacts, before: PageFacts) {
    for old in before.badges.into_iter().filter(|badge| !badge.looks.is_empty()) {
        let same = |badge: &&mut BadgeCandidate| badge.frame == old.frame && badge.selector == old.selector;
        if let Some(badge) = page.badges.iter_mut().find(same) {
            badge.looks = old.looks;
            badge.mobile = old.mobile;
        }
    }
}

fn shift(rect: &mut Rect, offset: (f64, f64)) {
    rect.x += offset.0;
    rect.y += offset.1;
}

#[derive(PartialEq)]
enum Relation {
    SameHost,
    /// Another host of the same domain: a portal's menu or footer in a frame.
    SameDomain,
    Foreign,
}

fn relation(frame_url: &str, top_url: &str) -> Relation {
    let host = |text: &str| {
        url::Url::parse(text)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
    };
    match (host(frame_url), host(top_url)) {
        // `about:blank` and `srcdoc` frames are written by the page itself.
        (None, Some(_)) => Relation::SameHost,
        (Some(frame), Some(top)) if frame == top => Relation::SameHost,
        (Some(frame), Some(top)) if registrable_domain(&frame) == registrable_domain(&top) => {
            Relation::SameDomain
        }
        _ => Relation::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::BadgeLook;

    #[test]
    fn a_badge_keeps_its_looks_when_the_page_is_gone_through_again() {
        let badge = |selector: &str, looks| BadgeCandidate {
            selector: selector.to_owned(),
            frame: "top".to_owned(),
            looks,
            ..BadgeCandidate::default()
        };
        let page = |badges| PageFacts {
            badges,
            ..PageFacts::default()
        };
        let before = page(vec![
            badge("#btnEMC", vec![BadgeLook::default()]),
            badge("#other", vec![]),
        ]);
        let mut now = page(vec![badge("#other", vec![]), badge("#btnEMC", vec![])]);
        keep_looks(&mut now, before);
        let looks: Vec<usize> = now.badges.iter().map(|badge| badge.looks.len()).collect();
        assert_eq!(looks, [0, 1]);
    }
}
