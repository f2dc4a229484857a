//! The log around the entries: who made it, and the page it is of.

use jiff::Timestamp;

use super::entry::{entry_of, sent_at};
use super::model::{Har, Log, Named, Page, PageTimings};
use crate::observation::{DocumentFacts, Observation, RequestRecord};

/// The one page of the log.
pub(super) const PAGE: &str = "page_1";

/// The network log of a visit. Secrets were taken out when the visit wrote them down.
pub fn har_of(observation: &Observation) -> Har {
    let began = observation.started_at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let document = document_index(&observation.document, &observation.requests);
    let entries = observation.requests.iter().enumerate();
    let entries = entries
        .map(|(index, record)| entry_of(record, began, Some(index) == document))
        .collect();
    let (program, program_version) = named(&observation.provenance.program, "emc-audit");
    let (browser, browser_version) = named(&observation.provenance.browser, "");
    Har {
        log: Log {
            version: "1.2",
            creator: Named {
                name: program,
                version: program_version,
            },
            browser: (!browser.is_empty()).then_some(Named {
                name: browser,
                version: browser_version,
            }),
            pages: vec![page_of(observation, document, began)],
            entries,
            comment: "Values of Cookie, Set-Cookie and authorization headers and credentials in \
                      addresses are redacted."
                .to_owned(),
        },
    }
}

fn page_of(observation: &Observation, document: Option<usize>, began: Timestamp) -> Page {
    let first = document.and_then(|index| first_of_chain(observation, index));
    let started = first.map_or(began, |record| sent_at(record, began));
    let waited = i64::try_from(first.map_or(0, |record| record.at_ms)).unwrap_or(0);
    #[allow(clippy::cast_precision_loss)] // milliseconds of a visit
    let since = |at: Option<u64>| {
        at.and_then(|at| i64::try_from(at).ok())
            .map_or(-1.0, |at| (at - waited).max(0) as f64)
    };
    let facts = &observation.document;
    let shown = facts.url.as_ref().or(observation.final_url.as_ref());
    let tried = || observation.attempts.last().map(|attempt| attempt.url.clone());
    Page {
        started_date_time: date_time(started),
        id: PAGE,
        title: shown.cloned().or_else(tried).unwrap_or_default(),
        page_timings: PageTimings {
            on_content_load: since(facts.dom_content_loaded_ms),
            on_load: since(facts.loaded_ms),
        },
        site: observation.site.to_string(),
        visit: observation.visit,
        final_url: observation.final_url.clone(),
    }
}

/// The request that the document's facts speak of: the last one of the top frame to that address.
pub(in crate::bundle) fn document_index(
    document: &DocumentFacts,
    requests: &[RequestRecord],
) -> Option<usize> {
    let url = document.url.as_ref()?;
    requests.iter().rposition(|request| {
        request.top_frame
            && request.resource == "Document"
            && request.url == *url
            && request.status == document.status
    })
}

/// The first request of the redirects that led to the document.
fn first_of_chain(observation: &Observation, document: usize) -> Option<&RequestRecord> {
    let first = observation.document.redirects.first()?;
    let before = observation.requests.get(..=document)?;
    before
        .iter()
        .rev()
        .find(|request| request.top_frame && request.url == *first)
}

/// `Chrome/156.0.0.0` and `emc-audit 0.1.0` as name and version.
fn named(text: &str, otherwise: &str) -> (String, String) {
    match text.split_once(['/', ' ']) {
        Some((name, version)) => (name.to_owned(), version.to_owned()),
        None if text.is_empty() => (otherwise.to_owned(), String::new()),
        None => (text.to_owned(), String::new()),
    }
}

/// ISO 8601 in UTC with milliseconds, which every reader of the format takes.
pub(super) fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
