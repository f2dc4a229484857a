//! A host may serve one site over https and another over plain http: a stranger's page or the server's
//! default page where the certificate was never set up. Browsers that find the first one wrong show the
//! second, so a page that leaves questions open is compared with its twin before anything is held against it.

use std::time::{Duration, Instant};

use url::Url;

use super::facts::SERVED;
use super::follow::wait_until_loaded;
use super::probe::{Collected, Probe};
use super::recorder::Recorder;
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Page};
use crate::observation::{Attempt, Ending, PageFacts};
use crate::rules::plain;

/// The twin's answer; it is only a comparison.
const ANSWER_MAX: Duration = Duration::from_secs(6);
/// A page may call EMC a moment after it has loaded.
const AFTERWARDS: Duration = Duration::from_millis(1500);

/// What is known of the twin.
struct Twin {
    collected: Collected,
    speaks_to_emc: bool,
}

impl OpenVisit<'_> {
    /// Goes over to the plain http address if the site is there rather than here. Says whether it did.
    pub(super) async fn try_plain_site(&mut self) -> Result<bool, Stop> {
        let Some(url) = self.plain_address() else {
            return Ok(false);
        };
        let began = Instant::now();
        self.keep_served().await;
        let twin = match self.look_at_twin(&url).await {
            Ok(twin) => twin,
            Err(error) if error.is_browser_lost() => return Err(error.into()),
            Err(error) => {
                tracing::debug!(%error, %url, "the plain address could not be compared");
                None
            }
        };
        self.facts.note_time("plain", began);
        if !twin.is_some_and(|twin| self.is_rather(&twin)) {
            return Ok(false);
        }
        self.facts
            .note_cut("https: another page than over http; the site is visited over http");
        self.recorder.begin_attempt();
        let ending = self.attempt(&url).await?;
        self.facts.attempts.push(Attempt {
            url: url.to_string(),
            ending: ending.clone(),
        });
        self.facts.probes.clear();
        self.facts.page = None;
        self.facts.layout = None;
        self.facts.forget_served();
        if ending == Ending::Loaded {
            Ok(true)
        } else {
            Err(Stop::Ended(ending))
        }
    }

    /// The http twin of the address that was opened, if the page behind https leaves questions open.
    fn plain_address(&self) -> Option<Url> {
        // A server that asks to wait has said that this is the place.
        let asks_to_wait = self.document_status() == Some(429);
        if self.facts.settled || asks_to_wait || self.time_left() < 2 * ANSWER_MAX {
            return None;
        }
        let mut url = Url::parse(&self.facts.attempts.last()?.url).ok()?;
        if url.scheme() != "https" || url.port().is_some() {
            return None;
        }
        url.set_scheme("http").ok()?;
        Some(url)
    }

    /// Nothing if the twin does not answer with a page of its own: most redirect to https.
    async fn look_at_twin(&self, url: &Url) -> Result<Option<Twin>, BrowserError> {
        let recorder = Recorder::new(Instant::now(), &self.options.emc);
        let page = self.open_aside(&recorder).await?;
        let twin = self.collect_twin(&page, &recorder, url).await;
        if let Err(error) = page.close(ANSWER_MAX).await {
            tracing::debug!(%error, "the page of the plain address could not be closed");
        }
        twin
    }

    async fn collect_twin(
        &self,
        page: &Page,
        recorder: &Recorder,
        url: &Url,
    ) -> Result<Option<Twin>, BrowserError> {
        let answer = page.navigate(url.as_str(), ANSWER_MAX).await?;
        if answer.error_text.is_some_and(|error| !error.is_empty()) {
            return Ok(None);
        }
        recorder.document_noted(Duration::from_secs(1)).await;
        let is_plain = |url: &str| url.starts_with("http:");
        let status = {
            let record = recorder.read();
            let document = record.document_request();
            document
                .filter(|request| is_plain(&request.url))
                .and_then(|request| request.status)
        };
        if !matches!(status, Some(200..=299)) {
            return Ok(None);
        }
        wait_until_loaded(recorder).await;
        if self.is_same_answer(page, recorder).await {
            return Ok(None);
        }
        tokio::time::sleep(AFTERWARDS).await;
        let frames = page.frames(ANSWER_MAX).await?;
        let Some(top) = frames.first().filter(|top| is_plain(&top.url)) else {
            return Ok(None);
        };
        let probe = Probe::install(page, top, ANSWER_MAX).await?;
        let collected = probe.collect(page, &self.options.emc, true, ANSWER_MAX).await?;
        let of_emc = |url: &str| Url::parse(url).is_ok_and(|url| self.options.emc.is_host(&url));
        let speaks_to_emc = recorder
            .read()
            .requests
            .iter()
            .any(|request| of_emc(&request.url));
        Ok(Some(Twin {
            collected,
            speaks_to_emc,
        }))
    }

    /// Whether both addresses were answered with the same document, as they are on most hosts.
    async fn is_same_answer(&self, page: &Page, recorder: &Recorder) -> bool {
        let served = self.facts.files.iter().find(|file| file.name == SERVED);
        let request = {
            let record = recorder.read();
            record
                .document
                .and_then(|index| record.request_ids.get(index).cloned())
        };
        match (served, request) {
            (Some(served), Some(request)) => page
                .response_body(&request, ANSWER_MAX)
                .await
                .is_ok_and(|body| body.starts_with(&served.bytes)),
            _ => false,
        }
    }

    /// Whether the twin is the listed site and this page is not: it alone calls EMC, or it alone says the
    /// site's name.
    fn is_rather(&self, twin: &Twin) -> bool {
        let Some(here) = &self.facts.page else {
            return true;
        };
        let there = &twin.collected.page;
        if here.title == there.title && here.text.start == there.text.start {
            return false;
        }
        let of_emc = |url: &str| Url::parse(url).is_ok_and(|url| self.options.emc.is_host(&url));
        let here_speaks = self
            .recorder
            .read()
            .requests
            .iter()
            .any(|request| of_emc(&request.url));
        let name = plain(&self.request.listed.name);
        let names = |page: &PageFacts| !name.is_empty() && says(page, &name);
        (twin.speaks_to_emc && !here_speaks) || (names(there) && !names(here) && !here_speaks)
    }
}

/// `name` in the title or at the beginning of the text, both without diacritics and letter case.
fn says(page: &PageFacts, name: &str) -> bool {
    plain(&page.title).contains(name) || plain(&page.text.start).contains(name)
}
