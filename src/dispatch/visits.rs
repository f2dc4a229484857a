//! One visit, made until it says something about the site: a browser that dies under it is not the
//! site's fault until it has happened often enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;
use url::Url;

use super::pace::Pace;
use super::politeness::{AskedToWait, Politeness};
use crate::browser::{BrowserError, BrowserPool};
use crate::bundle::{RunFolder, StoreError};
use crate::observation::{Ending, Engine, Observation};
use crate::visit::{VisitOutput, VisitRequest, Visitor};

/// Browsers that may die under one visit before the page is held to be what kills them.
const BROWSERS_PER_VISIT: u32 = 3;

/// What visits are made with.
#[derive(Debug)]
pub(super) struct VisitMaker {
    pub pool: Arc<BrowserPool>,
    pub visitor: Visitor,
    pub politeness: Politeness,
    pub pace: Pace,
    pub under_way: AtomicUsize,
    pub folder: RunFolder,
}

/// Why there is no observation.
#[derive(Debug, thiserror::Error)]
pub(super) enum VisitError {
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("interrupted")]
    Interrupted,
    /// The server asked to be left alone for longer than a run waits, and the site has been seen before.
    #[error("the server asked to wait")]
    NotWelcome,
}

impl VisitMaker {
    /// Visits that go on at this moment.
    pub(super) fn visits_in_flight(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Waits for its turn, visits, and stores what was seen.
    pub(super) async fn make(
        &self,
        request: &VisitRequest,
        stop: &CancellationToken,
    ) -> Result<Observation, VisitError> {
        let url = Url::parse(&request.listed.url).ok();
        let turn = match &url {
            Some(url) => tokio::select! {
                turn = self.politeness.turn(url) => match turn {
                    Ok(turn) => Some(turn),
                    Err(wait) => return self.stay_away(request, wait).await,
                },
                () = stop.cancelled() => return Err(VisitError::Interrupted),
            },
            None => None,
        };
        let _slot = tokio::select! {
            slot = self.pace.slot(weight(request.engine)) => slot,
            () = stop.cancelled() => return Err(VisitError::Interrupted),
        };
        if stop.is_cancelled() {
            return Err(VisitError::Interrupted);
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let output = visit_until_seen(&self.pool, &self.visitor, request).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        let output = output?;
        if let Some(turn) = turn {
            turn.note_answer(&output.observation.document);
        }
        self.store(request, output).await
    }

    /// A visit that is not made because the server asked for no further ones. What was seen before stands; a
    /// site that was never seen gets the reason.
    async fn stay_away(
        &self,
        request: &VisitRequest,
        AskedToWait(wait): AskedToWait,
    ) -> Result<Observation, VisitError> {
        if request.visit > 1 {
            return Err(VisitError::NotWelcome);
        }
        let seconds = wait.as_secs();
        let nothing = self
            .visitor
            .nothing_seen(request, Ending::AskedToWait { seconds });
        self.store(request, nothing).await
    }

    /// Writes the bag. Parts that do not belong together are no evidence: the visit is then one that could
    /// not be measured.
    async fn store(&self, request: &VisitRequest, output: VisitOutput) -> Result<Observation, VisitError> {
        match self.write(output).await? {
            Ok(observation) => Ok(observation),
            Err(StoreError::Mixed(mixed)) => {
                tracing::warn!(site = %request.listed.site, %mixed, "a visit is not kept");
                let what = mixed.to_string();
                let nothing = self.visitor.nothing_seen(request, Ending::Wedged { what });
                Ok(self.write(nothing).await??)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sums and the disk take their time: not on a thread that listens to browsers.
    async fn write(&self, output: VisitOutput) -> Result<Result<Observation, StoreError>, VisitError> {
        let folder = self.folder.clone();
        let written = tokio::task::spawn_blocking(move || {
            folder
                .store_visit(&output.observation, &output.files)
                .map(|()| output.observation)
        });
        written
            .await
            .map_err(|error| VisitError::Store(std::io::Error::other(error).into()))
    }
}

/// A visit in the full browser costs several times as much processor time: with as many of them at once as of the
/// others, each would take so long that its own limits cut it short.
fn weight(engine: Engine) -> u32 {
    match engine {
        Engine::Chrome => 2,
        Engine::Shell => 1,
    }
}

/// A visit in one browser after the other, until one lives to its end.
pub(super) async fn visit_until_seen(
    pool: &BrowserPool,
    visitor: &Visitor,
    request: &VisitRequest,
) -> Result<VisitOutput, BrowserError> {
    let mut losses = 0;
    loop {
        // The first loss may be a neighbour's doing; after it the visit has a browser to itself.
        let lease = if losses == 0 {
            pool.lease(request.engine).await
        } else {
            pool.lease_alone(request.engine).await
        };
        let lost = match lease {
            Ok(lease) => match visitor.visit(&lease, request).await {
                Ok(output) => return Ok(output),
                Err(error) => error,
            },
            Err(error) => return Err(error),
        };
        losses += 1;
        tracing::debug!(site = %request.listed.site, %lost, losses, "the browser was lost during a visit");
        if losses >= BROWSERS_PER_VISIT {
            return Ok(visitor.without_browser(request, &lost));
        }
    }
}
