//! Following links that the home page alone leaves open: addresses that may redirect to a known site,
//! and pages of a portal that may list its component sites. In a page of its own, so that the evidence
//! of the home page stays as it is.

use std::time::{Duration, Instant};

use super::probe::Probe;
use super::recorder::Recorder;
use super::visitor::{OpenVisit, Stop};
use crate::browser::{BrowserError, Page};
use crate::observation::FollowedLink;

/// Links of one visit that are followed at most.
const LINKS_MAX: usize = 12;
/// All of them together.
const TIME_MAX: Duration = Duration::from_secs(20);
const ONE_MAX: Duration = Duration::from_secs(6);
/// A page may go on by script or meta refresh to where it leads.
const ONWARD: Duration = Duration::from_millis(700);
const ADDRESSES_MAX: u32 = 3000;

impl OpenVisit<'_> {
    /// Follows what the checks still ask for.
    pub(super) async fn follow_links(&mut self) -> Result<(), Stop> {
        let wanted = self.request.questions.to_follow(&self.observation());
        if wanted.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let recorder = Recorder::new(began, &self.options.emc);
        let page = self.open_aside(&recorder).await?;
        for url in wanted.into_iter().take(LINKS_MAX) {
            if began.elapsed() > TIME_MAX || self.time_left() <= ONE_MAX {
                self.facts.note_cut("follow: no time left for all links");
                break;
            }
            match follow(&page, &recorder, &url).await {
                Ok(followed) => self.facts.followed.push(followed),
                Err(error) if error.is_browser_lost() => return Err(error.into()),
                Err(error) => {
                    self.facts.note_cut(format!("follow {url}: {error}"));
                    break;
                }
            }
        }
        if let Err(error) = page.close(ONE_MAX).await {
            tracing::debug!(%error, "the page that followed links could not be closed");
        }
        self.facts.note_time("follow", began);
        Ok(())
    }
}

async fn follow(page: &Page, recorder: &Recorder, url: &str) -> Result<FollowedLink, BrowserError> {
    recorder.begin_attempt();
    let answer = match page.navigate(url, ONE_MAX).await {
        Ok(answer) => answer,
        Err(BrowserError::NoAnswer { .. }) => {
            page.stop_loading().await?;
            return Ok(FollowedLink {
                url: url.to_owned(),
                ..FollowedLink::default()
            });
        }
        Err(error) => return Err(error),
    };
    if answer.error_text.is_some_and(|error| !error.is_empty()) {
        return Ok(FollowedLink {
            url: url.to_owned(),
            ..FollowedLink::default()
        });
    }
    recorder.document_noted(ONWARD).await;
    wait_until_loaded(recorder).await;
    tokio::time::sleep(ONWARD).await;
    wait_until_loaded(recorder).await;
    let frames = page.frames(ONE_MAX).await?;
    let Some(top) = frames.first() else {
        return Ok(FollowedLink {
            url: url.to_owned(),
            ..FollowedLink::default()
        });
    };
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
        url: url.to_owned(),
        final_url: Some(top.url.clone()),
        status,
        links,
    })
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
