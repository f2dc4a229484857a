//! Text files of a site beside its pages: `robots.txt` and the maps that it names. Read by the browser from a page
//! of the site, so that proxy, `--connect-to` and the gate hold for them as for visits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use url::Url;

use super::follow::wait_until_loaded;
use super::recorder::Recorder;
use super::visitor::Visitor;
use crate::browser::{BrowserError, Frame, Lease, Page, PageOptions, RequestGate, World};
use crate::network::SiteGate;

/// One file, from its request to its last byte.
const FILE_MAX: Duration = Duration::from_secs(20);
const PAGE_MAX: Duration = Duration::from_secs(10);
const READ: &str = include_str!("probe/file.js");

/// The files of one site, as long as its page is open.
#[derive(Debug)]
pub struct SiteFiles {
    page: Page,
    world: World,
}

impl Visitor {
    /// Opens the site at `home` for its files; nothing where no page of it can be shown.
    pub async fn open_files(&self, lease: &Lease, home: &Url) -> Result<Option<SiteFiles>, BrowserError> {
        let options = &self.options;
        if options.policy.refusal_for_site(home).await.is_some() {
            return Ok(None);
        }
        let (policy, tracker) = (Arc::clone(&options.policy), Arc::clone(&options.tracker));
        let gate = SiteGate::for_site(policy, home, tracker).await.aside();
        let recorder = Recorder::new(Instant::now(), &options.emc);
        let page = lease
            .open_page(PageOptions {
                identity: Arc::clone(&options.identity),
                viewport: options.settings.desktop,
                gate: Some(Arc::new(gate) as Arc<dyn RequestGate>),
                listener: recorder.listener(),
            })
            .await?;
        recorder.set_main_frame(page.main_frame());
        let robots = home.join("/robots.txt").unwrap_or_else(|_| home.clone());
        for url in [&robots, home] {
            match shown(&page, &recorder, url).await {
                Ok(Some(frame)) => {
                    let world = page.isolated_world(&frame, PAGE_MAX).await?;
                    return Ok(Some(SiteFiles { page, world }));
                }
                Ok(None) => {}
                Err(error) if error.is_browser_lost() => return Err(error),
                Err(error) => tracing::debug!(%error, %url, "no page to read files from"),
            }
        }
        close(page).await;
        Ok(None)
    }
}

/// The top frame, if it shows something of the host that was asked for: only there files can be read.
async fn shown(page: &Page, recorder: &Recorder, url: &Url) -> Result<Option<Frame>, BrowserError> {
    recorder.begin_attempt();
    let answer = page.navigate(url.as_str(), PAGE_MAX).await?;
    if answer.error_text.is_some_and(|error| !error.is_empty()) {
        return Ok(None);
    }
    wait_until_loaded(recorder).await;
    let top = page.frames(PAGE_MAX).await?.into_iter().next();
    let is_there = |frame: &Frame| Url::parse(&frame.url).is_ok_and(|shown| shown.origin() == url.origin());
    Ok(top.filter(is_there))
}

impl SiteFiles {
    /// The text of a file, unpacked if need be; nothing where there is none, or it has more than `bytes_max`.
    pub async fn read(&self, url: &Url, bytes_max: u64) -> Result<Option<String>, BrowserError> {
        let limit_ms = u64::try_from(FILE_MAX.as_millis()).unwrap_or(u64::MAX);
        let argument = json!({ "url": url.as_str(), "bytes_max": bytes_max, "limit_ms": limit_ms });
        let expression = format!("({})({argument})", READ.trim_end().trim_end_matches(';'));
        match self
            .page
            .evaluate(&self.world, &expression, FILE_MAX + Duration::from_secs(2))
            .await
        {
            Ok(text) => Ok(text),
            Err(error) if error.is_browser_lost() => Err(error),
            Err(error) => {
                tracing::debug!(%error, %url, "a file could not be read");
                Ok(None)
            }
        }
    }

    pub async fn close(self) {
        close(self.page).await;
    }
}

async fn close(page: Page) {
    if let Err(error) = page.close(PAGE_MAX).await {
        tracing::debug!(%error, "the page that files were read from could not be closed");
    }
}
