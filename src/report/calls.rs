//! What a site asked of EMC in each visit: its requests of the script and the tracker, taken out of the observations
//! once and kept small, so that a page can be made anew without reading the bags again.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::checks::call_site_id;
use crate::emc::EmcSettings;
use crate::observation::{Initiator, NetworkFailure, Observation, RequestRecord};

/// Requests of one visit that are kept; a page may make thousands.
const CALLS_MAX: usize = 50;
const URL_CHARS: usize = 2_000;
const BODY_CHARS: usize = 500;

/// The requests of one visit, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct VisitCalls {
    pub visit: u32,
    pub calls: Vec<Call>,
    /// How many more there were.
    pub left_out: usize,
}

/// One request of EMC's script or tracker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    /// Since the start of the visit.
    pub at_ms: u64,
    pub is_script: bool,
    pub method: String,
    pub url: String,
    pub body: Option<String>,
    /// Of a call to the tracker; empty where its parameter is.
    pub site_id: Option<String>,
    pub status: Option<u16>,
    pub initiator: Initiator,
    /// The document of the frame that asked, where it is not the page itself.
    pub frame: Option<String>,
    pub failure: Option<NetworkFailure>,
    /// The program answered it itself.
    pub answered_here: bool,
    /// The answer arrived whole.
    pub finished: bool,
}

/// The calls of each visit.
pub(super) fn calls_of(visits: &[Observation], emc: &EmcSettings) -> Vec<VisitCalls> {
    let each = visits.iter().map(|visit| {
        let requests = visit.requests.iter();
        let mut calls: Vec<Call> = requests.filter_map(|request| call(request, emc)).collect();
        let left_out = calls.len().saturating_sub(CALLS_MAX);
        calls.truncate(CALLS_MAX);
        VisitCalls {
            visit: visit.visit,
            calls,
            left_out,
        }
    });
    each.collect()
}

fn call(request: &RequestRecord, emc: &EmcSettings) -> Option<Call> {
    let url = Url::parse(&request.url).ok()?;
    let is_script = emc.is_script(&url);
    if !is_script && !emc.is_tracker(&url) {
        return None;
    }
    let frame = request.frame_url.as_ref().filter(|_| !request.top_frame);
    Some(Call {
        at_ms: request.at_ms,
        is_script,
        method: request.method.clone(),
        url: cut(&request.url, URL_CHARS),
        body: request.post_data.as_ref().map(|body| cut(body, BODY_CHARS)),
        site_id: if is_script {
            None
        } else {
            call_site_id(request, emc)
        },
        status: request.status,
        initiator: Initiator {
            url: request.initiator.url.as_ref().map(|url| cut(url, URL_CHARS)),
            ..request.initiator.clone()
        },
        frame: frame.map(|url| cut(url, URL_CHARS)),
        failure: request.failure.clone(),
        answered_here: request.answered_here,
        finished: request.finished,
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_requests_of_emc_are_kept_and_not_all_of_too_many() {
        let request = |url: &str| RequestRecord {
            url: url.to_owned(),
            method: "GET".to_owned(),
            top_frame: true,
            ..RequestRecord::default()
        };
        let tracker = "https://f-emc.ngsp.gov.vn/tracking?rec=1&idsite=163";
        let mut requests = vec![
            request("https://sxd.tinh.gov.vn/"),
            request("https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js"),
            request(&format!("{tracker}&page={}", "x".repeat(3000))),
        ];
        requests.extend((0..60).map(|_| request(tracker)));
        let mut visit = crate::checks::support::page();
        visit.requests = requests;
        let [found] = calls_of(&[visit], &EmcSettings::default()).try_into().unwrap();
        assert_eq!((found.calls.len(), found.left_out), (CALLS_MAX, 12));
        assert!(found.calls[0].is_script && found.calls[0].site_id.is_none());
        assert_eq!(found.calls[1].site_id.as_deref(), Some("163"));
        assert_eq!(found.calls[1].url.chars().count(), URL_CHARS + 1);
    }
}
