//! The audit under way as events that a browser listens to: each change of it, until the listener is gone, may
//! not look any more, or the server ends. A listener that lost its connection asks anew and gets the newest state.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse;
use axum::response::sse::{Event, Sse};
use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::api::{ApiError, refused};
use super::guard::may_look;
use super::job::JobState;
use super::server::Shared;

/// Listeners at once; more are told to ask now and then.
pub(super) const MOST: usize = 64;
/// Something is said this often, so that a listener that is gone is noticed.
const STILL_THERE: Duration = Duration::from_secs(15);
/// How long a browser waits before it asks anew.
const ASK_ANEW: Duration = Duration::from_secs(2);
/// A proxy that collects answers would keep them back.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

struct Listener {
    shared: Shared,
    /// Of the request that began it: who asks, and whether that still holds.
    headers: HeaderMap,
    states: watch::Receiver<JobState>,
    _place: OwnedSemaphorePermit,
}

pub(super) async fn events(
    State(shared): State<Shared>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let place = shared
        .listeners()
        .try_acquire_owned()
        .map_err(|_| refused(StatusCode::SERVICE_UNAVAILABLE, "too_many_listen"))?;
    let states = shared.job().watch();
    let listener = Listener {
        shared,
        headers,
        states,
        _place: place,
    };
    Ok(([UNBUFFERED], Sse::new(told(listener))))
}

fn told(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        let is_news = tokio::select! {
            () = self.shared.ending().cancelled() => return None,
            changed = self.states.changed() => {
                changed.ok()?;
                true
            }
            () = tokio::time::sleep(STILL_THERE) => false,
        };
        if !may_look(&self.shared, &self.headers) {
            return None;
        }
        if !is_news {
            return Some(Event::default().comment("still there"));
        }
        let state = self.states.borrow_and_update().clone();
        Event::default().retry(ASK_ANEW).json_data(state).ok()
    }
}
