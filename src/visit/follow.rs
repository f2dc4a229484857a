//! Following links that the home page alone leaves open: addresses that may redirect to a known site,
//! and pages of a portal that may list its component sites. In a page of its own, so that the evidence
//! of the home page stays as it is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::follow_gate::FollowGate;
use super::probe::Probe;
use super::recorder::Recorder;
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Page, RequestGate};
use crate::network::SiteGate;
use crate::observation::FollowedLink;

/// Links of one visit that are followed at most.
const LINKS_MAX: usize = 48;
/// All of them together: a redirector answers in a fraction of a second, a page that has to be loaded in one or two.
const TIME_MAX: Duration = Duration::from_secs(25);
const ONE_MAX: Duration = Duration::from_secs(6);
/// A page may go on by script or meta refresh to where it leads.
const ONWARD: Duration = Duration::from_millis(700);
const ADDRESSES_MAX: u32 = 3000;

/// The page in which links are followed.
struct Follower {
    page: Page,
    recorder: Recorder,
    gate: Option<Arc<FollowGate>>,
}

impl OpenVisit<'_> {
    /// Follows what the checks still ask for, and asks them again after each link that led to a listed site.
    pub(super) async fn follow_links(&mut self) -> Result<(), Stop> {
        let mut wanted = self.links_wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let follower = self.open_follower(began).await?;
        while let Some(url) = wanted.pop() {
            let full = self.facts.followed.len() >= LINKS_MAX;
            if full || began.elapsed() > TIME_MAX || self.time_left() <= ONE_MAX {
                self.facts.note_cut("follow: no time left for all links");
                break;
            }
            match follower.follow(&url).await {
                Ok(followed) => self.facts.followed.push(followed),
                Err(error) if error.is_browser_lost() => return Err(error.into()),
                Err(error) => {
                    self.facts.note_cut(format!("follow {url}: {error}"));
                    break;
                }
            }
            if follower.has_arrived() {
                wanted = self.links_wanted();
            }
        }
        if let Err(error) = follower.page.close(ONE_MAX).await {
            tracing::debug!(%error, "the page that followed links could not be closed");
        }
        self.facts.note_time("follow", began);
        Ok(())
    }

    /// What is still to be followed, the best last.
    fn links_wanted(&self) -> Vec<String> {
        let mut wanted = self.request.questions.to_follow(&self.observation());
        wanted.reverse();
        wanted
    }

    async fn open_follower(&self, began: Instant) -> Result<Follower, BrowserError> {
        let recorder = Recorder::new(began, &self.options.emc);
        let gate = self.gate.as_ref().map(SiteGate::aside);
        let gate = gate.map(|gate| Arc::new(FollowGate::new(gate, Arc::clone(&self.request.questions))));
        let behind = gate.clone().map(|gate| gate as Arc<dyn RequestGate>);
        let page = self.open_behind(behind, &recorder).await?;
        Ok(Follower { page, recorder, gate })
    }
}

impl Follower {
    async fn follow(&self, url: &str) -> Result<FollowedLink, BrowserError> {
        let (page, recorder) = (&self.page, &self.recorder);
        let ended = |final_url: Option<String>| FollowedLink {
            url: url.to_owned(),
            final_url,
            ..FollowedLink::default()
        };
        recorder.begin_attempt();
        if let Some(gate) = &self.gate {
            gate.begin();
        }
        let answer = match page.navigate(url, ONE_MAX).await {
            Ok(answer) => answer,
            Err(BrowserError::NoAnswer { .. }) => {
                page.stop_loading().await?;
                return Ok(ended(None));
            }
            Err(error) => return Err(error),
        };
        if answer.is_download == Some(true) {
            // A file is no site, wherever it lies.
            let record = recorder.read();
            return Ok(ended(
                record.document_request().map(|request| request.url.clone()),
            ));
        }
        if answer.error_text.is_some_and(|error| !error.is_empty()) {
            recorder.document_noted(ONWARD).await;
            return Ok(ended(self.arrived_at()));
        }
        recorder.document_noted(ONWARD).await;
        wait_until_loaded(recorder).await;
        tokio::time::sleep(ONWARD).await;
        wait_until_loaded(recorder).await;
        let frames = page.frames(ONE_MAX).await?;
        let Some(top) = frames.first() else {
            return Ok(ended(None));
        };
        if top.url.starts_with("chrome-error:") {
            return Ok(ended(self.arrived_at()));
        }
        let links = match Probe::install(page, top, ONE_MAX).await {
            Ok(probe) => probe
                .addresses(page, ADDRESSES_MAX, ONE_MAX)
                .await
                .unwrap_or_default(),
            Err(error) if error.is_browser_lost() => return Err(error),
            Err(_) => Vec::new(),
        };
        let status = recorder
            .read()
            .document_request()
            .and_then(|request| request.status);
        Ok(FollowedLink {
            status,
            links,
            ..ended(Some(top.url.clone()))
        })
    }

    /// The home of a listed site at which the gate ended the way: that of the page itself, not of a frame in it.
    fn arrived_at(&self) -> Option<String> {
        let arrived = self.gate.as_ref()?.arrived()?;
        let record = self.recorder.read();
        let of_page = record.document_request()?.url == arrived;
        of_page.then_some(arrived)
    }

    fn has_arrived(&self) -> bool {
        self.arrived_at().is_some()
    }
}

/// Until the DOM is there, for a bounded time.
pub(super) async fn wait_until_loaded(recorder: &Recorder) {
    let loaded = async {
        while recorder.read().dom_content_loaded.is_none() {
            tokio::select! {
                () = recorder.change() => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
        }
    };
    if tokio::time::timeout(ONE_MAX, loaded).await.is_err() {
        tracing::debug!("a followed page did not load in time");
    }
}
