//! The gate of a page that only finds out where links lead: a way that has arrived at a listed site ends
//! there, so that nobody's home page is loaded for it, and pictures are not fetched.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use url::Url;

use super::visitor::Questions;
use crate::browser::{RequestGate, RequestVerdict};
use crate::network::SiteGate;

/// What a page needs to be seen, but not to lead on.
const NOT_NEEDED: &[&str] = &["Image", "Media", "Font", "Stylesheet"];

/// A visit's gate, with an end to each way.
pub(super) struct FollowGate {
    gate: SiteGate,
    questions: Arc<dyn Questions>,
    /// The address at which the last document that was asked for was held.
    arrived: Mutex<Option<String>>,
}

impl FollowGate {
    pub fn new(gate: SiteGate, questions: Arc<dyn Questions>) -> Self {
        Self {
            gate,
            questions,
            arrived: Mutex::new(None),
        }
    }

    /// Before another link is followed.
    pub fn begin(&self) {
        self.note(None);
    }

    /// Where the way ended, if the last document asked for was a listed site's home.
    pub fn arrived(&self) -> Option<String> {
        self.arrived
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, arrived: Option<String>) {
        *self.arrived.lock().unwrap_or_else(PoisonError::into_inner) = arrived;
    }
}

impl std::fmt::Debug for FollowGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowGate").finish_non_exhaustive()
    }
}

impl RequestGate for FollowGate {
    fn judge(&self, url: String, resource: Option<String>) -> BoxFuture<'_, RequestVerdict> {
        async move {
            let resource = resource.as_deref().unwrap_or_default();
            if NOT_NEEDED.contains(&resource) {
                return RequestVerdict::Refuse("only the way is of interest".to_owned());
            }
            if resource == "Document" {
                let home = Url::parse(&url).is_ok_and(|url| self.questions.is_home_of_another(&url));
                self.note(home.then(|| url.clone()));
                if home {
                    return RequestVerdict::Refuse("arrived".to_owned());
                }
            }
            self.gate.judge(url, Some(resource.to_owned())).await
        }
        .boxed()
    }
}
