//! Pictures and documents that go into the evidence, and the two looks at the badge.

use std::time::{Duration, Instant};

use serde_json::json;

use super::badge;
use super::facts::{SERVED, millis};
use super::probe::{Frozen, Probe, Rest};
use super::served;
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Clip, PictureFormat};
use crate::look::regions;
use crate::observation::{BadgeCandidate, PictureKind, Rect};

/// Candidates that are painted; a page with more of them has them in its news.
const CANDIDATES_MAX: usize = 8;
/// Looks that may fail in one round before it is given up.
const LOOK_FAILURES_MAX: u32 = 4;
const HTML_CHARS: usize = 3_000_000;
const SERVED_BYTES: usize = 4 << 20;
/// What a script fades in is waited for so long at most.
const FADES: Duration = Duration::from_secs(3);
/// What the mobile picture shows at most.
const MOBILE_HEIGHT: f64 = 2400.0;

impl OpenVisit<'_> {
    /// One look at every candidate that may be a badge. A page that navigates or hangs meanwhile is gone
    /// through again, and the looks that are missing are taken then.
    pub(super) async fn look_at_badges(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        let since = millis(self.started.elapsed());
        let mut failures = 0;
        while let Some(index) = self.next_to_look_at(since) {
            let Err(error) = self.look_at(index, since).await else {
                continue;
            };
            failures += 1;
            if matches!(error, BrowserError::NoAnswer { .. }) {
                self.facts.note_cut("badge: a look was not answered".to_owned());
            }
            match error {
                error if error.is_browser_lost() => return Err(error.into()),
                error if failures > LOOK_FAILURES_MAX => {
                    self.facts.note_cut(format!("badge: {error}"));
                    self.act_on_top("release", json!({})).await?;
                    break;
                }
                error => {
                    self.recover(error.into(), "badge").await?;
                    self.collect().await?;
                }
            }
        }
        self.facts.note_time("badge", began);
        self.scroll_to_top().await
    }

    /// The next candidate without a look since `since`, ms of the visit.
    fn next_to_look_at(&mut self, since: u64) -> Option<usize> {
        let page = self.facts.page.as_mut()?;
        page.badges.sort_by_key(|badge| badge.placement.in_news);
        let unseen = |badge: &BadgeCandidate| badge.looks.last().is_none_or(|look| look.at_ms < since);
        let probes = &self.facts.probes;
        page.badges
            .iter()
            .take(CANDIDATES_MAX)
            .position(|badge| unseen(badge) && probes.iter().any(|(probe, _)| probe.frame.id == badge.frame))
    }

    async fn look_at(&mut self, index: usize, since: u64) -> Result<(), BrowserError> {
        let candidate = self.facts.page.as_ref().and_then(|page| page.badges.get(index));
        let Some(mut candidate) = candidate.cloned() else {
            return Ok(());
        };
        let Some((probe, offset)) = self.probe_of(&candidate.frame) else {
            return Ok(());
        };
        self.bring_frame_into_view(&candidate).await?;
        let at = millis(self.started.elapsed()).max(since);
        let picture = badge::look(self.page, &probe, &mut candidate, offset, at, self.call_limit()).await?;
        let has_one = self
            .facts
            .pictures
            .iter()
            .any(|picture| picture.kind == PictureKind::Badge);
        if let Some(picture) = picture
            && !has_one
        {
            self.facts
                .add_picture(PictureKind::Badge, "badge.png", candidate.clipped, picture);
        }
        if let Some(place) = self
            .facts
            .page
            .as_mut()
            .and_then(|page| page.badges.get_mut(index))
        {
            *place = candidate;
        }
        Ok(())
    }

    /// A probe scrolls its own document only: for a badge in a frame the page around it is scrolled too, as
    /// only what is in view is painted.
    async fn bring_frame_into_view(&self, candidate: &BadgeCandidate) -> Result<(), BrowserError> {
        let Some((top, _)) = self.facts.probes.first() else {
            return Ok(());
        };
        if top.frame.id == candidate.frame {
            return Ok(());
        }
        let middle = candidate.rect.y + candidate.rect.height / 2.0;
        top.act(self.page, "scrollAround", &json!(middle), self.call_limit())
            .await
    }

    fn probe_of(&self, frame: &str) -> Option<(Probe, (f64, f64))> {
        self.facts
            .probes
            .iter()
            .find(|(probe, _)| probe.frame.id == frame)
            .cloned()
    }

    /// The whole page, and header and footer without loss.
    pub(super) async fn take_desktop_pictures(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        self.come_to_rest().await?;
        let (width, height) = self.page_size();
        let page_rect = Rect {
            x: 0.0,
            y: 0.0,
            width,
            height,
        };
        let quality = self.options.settings.picture_quality;
        self.picture(
            PictureKind::Desktop,
            "desktop.jpg",
            page_rect,
            PictureFormat::Jpeg { quality },
        )
        .await?;
        let found = self.facts.layout.as_ref().map(regions::find);
        if let Some(found) = found {
            // What has begun to turn while the page was pictured.
            self.act_on_top("freeze", json!({})).await?;
            self.act_on_top("mask", json!({ "fixed": true })).await?;
            if let Some(header) = found.header {
                self.picture(PictureKind::Header, "header.png", header.rect, PictureFormat::Png)
                    .await?;
            }
            if let Some(footer) = found.footer {
                self.picture(PictureKind::Footer, "footer.png", footer.rect, PictureFormat::Png)
                    .await?;
            }
            self.act_on_top("unmask", json!({})).await?;
        }
        self.act_on_top("unfreeze", json!({})).await?;
        self.facts.note_time("pictures", began);
        Ok(())
    }

    /// Holds the page still. What was still fading in has its boxes only now.
    async fn come_to_rest(&mut self) -> Result<(), Stop> {
        let limit = self.call_limit();
        let rest: Option<Rest> = self
            .ask_top("comeToRest", &json!({ "max_ms": millis(FADES) }), limit)
            .await?;
        let frozen: Option<Frozen> = self.ask_top("freeze", &json!({}), limit).await?;
        let faded = rest.is_some_and(|rest| rest.faded_ms > 0.0);
        let ended = frozen.is_some_and(|frozen| frozen.ended > 0);
        if (faded || ended)
            && let Ok(probe) = self.top_probe().await
            && let Ok(layout) = probe.layout(self.page, limit).await
            && !layout.blocks.is_empty()
        {
            self.facts.layout = Some(layout);
        }
        Ok(())
    }

    fn page_size(&mut self) -> (f64, f64) {
        let settings = &self.options.settings;
        let (width, viewport_height) = (f64::from(settings.desktop.0), f64::from(settings.desktop.1));
        let height = self
            .facts
            .page
            .as_ref()
            .map_or(viewport_height, |page| page.height)
            .max(viewport_height);
        let highest = f64::from(settings.picture_height_max);
        if height > highest {
            self.facts
                .note_cut(format!("picture: {highest:.0} of {height:.0} px"));
        }
        (width, height.min(highest))
    }

    async fn picture(
        &mut self,
        kind: PictureKind,
        name: &str,
        rect: Rect,
        format: PictureFormat,
    ) -> Result<(), Stop> {
        let rect = Rect {
            x: rect.x.max(0.0).floor(),
            y: rect.y.max(0.0).floor(),
            width: rect.width.ceil().max(1.0),
            height: rect.height.ceil().max(1.0),
        };
        // What is in view is captured as it stands; for more the browser draws the page anew.
        let (_, viewport_height) = self.options.settings.desktop;
        let beyond = kind != PictureKind::Header || rect.y + rect.height > f64::from(viewport_height);
        match self
            .page
            .picture(clip_to(&rect), format, beyond, self.call_limit())
            .await
        {
            Ok(bytes) => self.facts.add_picture(kind, name, rect, bytes),
            Err(error) if error.is_browser_lost() => return Err(error.into()),
            Err(BrowserError::NoAnswer { .. }) => {
                self.facts.note_cut(format!("picture {name}: not drawn in time"));
                self.revive(name).await?;
            }
            Err(error) => self.facts.note_cut(format!("picture {name}: {error}")),
        }
        Ok(())
    }

    /// Served and rendered HTML, and the hash of EMC's script.
    pub(super) async fn keep_documents(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        let limit = self.call_limit();
        self.keep_served().await;
        let html = match self.top_probe().await {
            Ok(probe) => probe.html(self.page, HTML_CHARS, limit).await.map_err(Stop::from),
            Err(stop) => Err(stop),
        };
        match html {
            Ok(html) => self.facts.add_file("page.html", html.into_bytes()),
            Err(stop) => self.recover(stop, "documents").await?,
        }
        self.hash_scripts().await;
        self.facts.note_time("documents", began);
        Ok(())
    }

    /// The document as it was served, once.
    pub(super) async fn keep_served(&mut self) {
        let document = {
            let record = self.recorder.read();
            record
                .speaking_document(self.facts.page.is_some())
                .and_then(|document| record.request_ids.get(document.index).cloned())
        };
        if self.facts.served_bytes.is_none()
            && let Some(request) = document
            && let Ok(mut served) = self.page.response_body(&request, self.call_limit()).await
        {
            let whole = served.len() <= SERVED_BYTES;
            served.truncate(SERVED_BYTES);
            self.facts.served_bytes = u64::try_from(served.len()).ok();
            let html = String::from_utf8_lossy(&served);
            self.facts.served_code = served::code_in(&html, &self.options.emc);
            self.facts.served_badge = served::has_badge(&html, &self.options.emc);
            self.facts.breaks_off = whole && served::breaks_off(&html);
            drop(html);
            self.facts.add_file(SERVED, served);
        }
    }

    async fn hash_scripts(&mut self) {
        use sha2::{Digest, Sha256};
        let scripts: Vec<String> = {
            let record = self.recorder.read();
            let of_emc = |url: &str| url::Url::parse(url).is_ok_and(|url| self.options.emc.is_script(&url));
            let wanted = record
                .requests
                .iter()
                .zip(&record.request_ids)
                .filter(|(request, _)| {
                    request.finished && request.redirected_to.is_none() && of_emc(&request.url)
                });
            wanted.map(|(_, id)| id.clone()).take(4).collect()
        };
        for request in scripts {
            if let Ok(body) = self.page.response_body(&request, self.call_limit()).await {
                let hash = hex(&Sha256::digest(&body));
                self.facts.script_hashes.push((request, hash));
            }
        }
    }

    /// What a script hides again after two seconds is hidden.
    pub(super) async fn wait_for_second_look(&mut self, first_look: Instant) {
        let candidates = self
            .facts
            .page
            .as_ref()
            .is_some_and(|page| !page.badges.is_empty());
        if candidates {
            let rest = self
                .options
                .settings
                .second_look()
                .saturating_sub(first_look.elapsed());
            tokio::time::sleep(rest).await;
        }
    }

    /// The same page in a mobile viewport: a picture, and whether the badge is there too.
    pub(super) async fn look_on_mobile(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        let (width, height) = self.options.settings.mobile;
        if let Err(error) = self.page.set_viewport((width, height), true).await {
            return if error.is_browser_lost() {
                Err(error.into())
            } else {
                Ok(())
            };
        }
        self.act_on_top("nextFrame", json!({})).await?;
        if let Some(mut page) = self.facts.page.take() {
            for candidate in page
                .badges
                .iter_mut()
                .filter(|badge| !badge.placement.in_news)
                .take(2)
            {
                self.look_at_mobile_badge(candidate).await;
            }
            self.facts.page = Some(page);
        }
        self.scroll_to_top().await?;
        let rect = Rect {
            x: 0.0,
            y: 0.0,
            width: f64::from(width),
            height: MOBILE_HEIGHT,
        };
        let quality = self.options.settings.picture_quality.min(60);
        self.picture(
            PictureKind::Mobile,
            "mobile.jpg",
            rect,
            PictureFormat::Jpeg { quality },
        )
        .await?;
        self.facts.note_time("mobile", began);
        Ok(())
    }

    async fn look_at_mobile_badge(&mut self, candidate: &mut BadgeCandidate) {
        let Some((probe, offset)) = self.probe_of(&candidate.frame) else {
            return;
        };
        let at = millis(self.started.elapsed());
        let look = badge::glance(self.page, &probe, candidate, offset, at, self.call_limit()).await;
        candidate.mobile = look.ok();
    }
}

/// One pixel for each CSS pixel of `rect`.
pub(super) fn clip_to(rect: &Rect) -> Clip {
    Clip {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
        scale: 1.0,
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        if write!(text, "{byte:02x}").is_err() {
            text.push('?');
        }
        text
    })
}
