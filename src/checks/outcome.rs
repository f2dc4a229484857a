//! Whether a visit met the site's home page at all, and if not, what stood in the way.
//!
//! The answer's status and the browser's error decide before any words do. What a page itself says is judged
//! in `stand_in`.

use url::Url;

use notice::Notice;

use super::OwnPage;
use crate::emc::EmcSettings;
use crate::observation::{Attempt, Ending, Observation};
use crate::rules::Signals;
use crate::site::{ListedSite, Place, SiteId, SiteIndex, registrable_domain};
use crate::verdict::Outcome;

mod notice;
mod stand_in;

/// Every reason, with the outcome it belongs to. `http` stands for `http_NNN`; statuses with a sentence of
/// their own are listed too.
pub const REASONS: &[(Outcome, &str)] = &[
    (Outcome::Blocked, "http_401"),
    (Outcome::Blocked, "http_403"),
    (Outcome::Blocked, "http_407"),
    (Outcome::Blocked, "http_429"),
    (Outcome::Blocked, "http_451"),
    (Outcome::Blocked, "captcha"),
    (Outcome::Blocked, "login"),
    (Outcome::Blocked, "challenge"),
    (Outcome::Blocked, "waf"),
    (Outcome::Blocked, "asked_to_wait"),
    (Outcome::Unreachable, "http"),
    (Outcome::Unreachable, "dns"),
    (Outcome::Unreachable, "refused"),
    (Outcome::Unreachable, "reset"),
    (Outcome::Unreachable, "timeout"),
    (Outcome::Unreachable, "tls"),
    (Outcome::Unreachable, "redirect_loop"),
    (Outcome::Unreachable, "address"),
    (Outcome::Unreachable, "proxy"),
    (Outcome::Unreachable, "bad_answer"),
    (Outcome::Unreachable, "network_error"),
    (Outcome::Unreachable, "private_address"),
    (Outcome::Broken, "wedged"),
    (Outcome::Broken, "crashed"),
    (Outcome::Broken, "out_of_memory"),
    (Outcome::Broken, "dialogs"),
    (Outcome::Broken, "navigations"),
    (Outcome::NotHtml, "no_content"),
    (Outcome::NotHtml, "pdf"),
    (Outcome::NotHtml, "download"),
    (Outcome::NotHtml, "other_type"),
    (Outcome::Moved, "other_site"),
    (Outcome::Moved, "other_domain"),
    (Outcome::NotTheSite, "maintenance"),
    (Outcome::NotTheSite, "default_page"),
    (Outcome::NotTheSite, "parking"),
    (Outcome::NotTheSite, "suspended"),
    (Outcome::NotTheSite, "error_page"),
    (Outcome::NotTheSite, "empty_shell"),
    (Outcome::NotTheSite, "notice"),
    (Outcome::NotVisited, "closed"),
    (Outcome::NotVisited, "exempt"),
    (Outcome::NotVisited, "not_reached"),
];

/// The outcome of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeFacts {
    pub outcome: Outcome,
    /// One of [`REASONS`]; `None` when measured.
    pub reason: Option<&'static str>,
    /// The HTTP status, where that is the reason.
    pub status: Option<u16>,
    /// What was seen: an error text, a status, an address.
    pub detail: Option<String>,
}

impl OutcomeFacts {
    pub fn new(outcome: Outcome, reason: Option<&'static str>, detail: Option<String>) -> Self {
        Self {
            outcome,
            reason,
            status: None,
            detail,
        }
    }

    fn http(outcome: Outcome, status: u16) -> Self {
        Self {
            outcome,
            reason: Some("http"),
            status: Some(status),
            detail: Some(format!("HTTP {status}")),
        }
    }

    /// The stable word for programs: `http_403`, `dns` …
    pub fn reason_word(&self) -> Option<String> {
        match (self.reason, self.status) {
            (Some("http"), Some(status)) => Some(format!("http_{status}")),
            (reason, _) => reason.map(str::to_owned),
        }
    }
}

/// Judges how a visit of `listed` went. `index` knows all sites of the run and their other addresses.
pub fn outcome_of(
    observation: &Observation,
    listed: &ListedSite,
    index: &SiteIndex,
    signals: &Signals,
    emc: &EmcSettings,
) -> OutcomeFacts {
    let own = speaks_to_emc(observation, emc);
    let ending = telling_ending(observation, listed);
    // A page that answered its probes is there, even if it was slow or died afterwards.
    let ending = ending.filter(|ending| {
        let late = matches!(ending, Ending::TimedOut { .. } | Ending::Wedged { .. });
        !(late && observation.page.is_some())
    });
    if let Some(facts) = ending.and_then(ended_badly) {
        return facts;
    }
    if let Some(status) = observation.document.status
        && status >= 400
    {
        return refused(status, observation, listed, signals, own);
    }
    if let Some(facts) = ending.and_then(|ending| no_page(ending, observation)) {
        return facts;
    }
    if let Some(facts) = other_type(observation) {
        return facts;
    }
    if let Some(facts) = moved(observation, listed, index) {
        return facts;
    }
    let Some(page) = &observation.page else {
        return OutcomeFacts::new(Outcome::Broken, Some("wedged"), None);
    };
    let notice = Notice::new(page, observation.final_url.as_deref(), listed, signals);
    stand_in::obstacle(&notice, signals, own)
        .or_else(|| stand_in::not_the_site(&notice, signals, own))
        .unwrap_or_else(|| OutcomeFacts::new(Outcome::Measured, None, None))
}

/// The last attempt's ending. Where no server answered at all, that of the last attempt at the listed host
/// itself: other names are only tried to find the site, and that there is no `www.` explains nothing.
fn telling_ending<'a>(observation: &'a Observation, listed: &ListedSite) -> Option<&'a Ending> {
    let Attempt { ending: last, .. } = observation.attempts.last()?;
    let silent = matches!(last, Ending::NetworkError { .. } | Ending::TimedOut { .. });
    if !silent || observation.document.status.is_some() {
        return Some(last);
    }
    let at_home = |attempt: &&Attempt| {
        Url::parse(&attempt.url).is_ok_and(|url| url.host_str() == Some(listed.site.host()))
    };
    let own = observation.attempts.iter().rev().find(at_home);
    Some(own.map_or(last, |attempt| &attempt.ending))
}

/// Endings that no status can excuse.
fn ended_badly(ending: &Ending) -> Option<OutcomeFacts> {
    let broken = |reason, what: &str| OutcomeFacts::new(Outcome::Broken, Some(reason), Some(what.to_owned()));
    match ending {
        Ending::Wedged { what } => {
            let lower = what.to_lowercase();
            let reason = if lower.contains("memory") {
                "out_of_memory"
            } else if lower.contains("crash") || lower.contains("died") || lower.contains("killed") {
                "crashed"
            } else {
                "wedged"
            };
            Some(broken(reason, what))
        }
        Ending::Runaway { what, count } => {
            let dialogs = what.to_lowercase().contains("dialog");
            let reason = if dialogs { "dialogs" } else { "navigations" };
            Some(broken(reason, &format!("{what}: {count}")))
        }
        Ending::PrivateAddress { address } => Some(OutcomeFacts::new(
            Outcome::Unreachable,
            Some("private_address"),
            Some(address.clone()),
        )),
        Ending::AskedToWait { seconds } => Some(OutcomeFacts::new(
            Outcome::Blocked,
            Some("asked_to_wait"),
            Some(format!("{seconds} s")),
        )),
        Ending::Loaded | Ending::NetworkError { .. } | Ending::TimedOut { .. } | Ending::NotAPage { .. } => {
            None
        }
    }
}

/// The home page answered 4xx or 5xx. What a firewall or a browser check says of itself is `blocked` under
/// any status.
fn refused(
    status: u16,
    observation: &Observation,
    listed: &ListedSite,
    signals: &Signals,
    own: bool,
) -> OutcomeFacts {
    if matches!(status, 401 | 403 | 407 | 429 | 451) {
        return OutcomeFacts::http(Outcome::Blocked, status);
    }
    let notice = observation
        .page
        .as_ref()
        .map(|page| Notice::new(page, observation.final_url.as_deref(), listed, signals));
    notice
        .and_then(|notice| stand_in::obstacle(&notice, signals, own))
        .unwrap_or_else(|| OutcomeFacts::http(Outcome::Unreachable, status))
}

/// No page came, whatever the status.
fn no_page(ending: &Ending, observation: &Observation) -> Option<OutcomeFacts> {
    match ending {
        Ending::NetworkError { error } if observation.document.status == Some(204) => Some(
            OutcomeFacts::new(Outcome::NotHtml, Some("no_content"), Some(error.clone())),
        ),
        // A server that is no proxy asks for a proxy's login; Chromium keeps its answer to itself.
        Ending::NetworkError { error } if error.contains("UNEXPECTED_PROXY_AUTH") => {
            Some(OutcomeFacts::http(Outcome::Blocked, 407))
        }
        Ending::NetworkError { error } => Some(OutcomeFacts::new(
            Outcome::Unreachable,
            Some(network_reason(error)),
            Some(error.clone()),
        )),
        Ending::TimedOut { limit_ms } => Some(OutcomeFacts::new(
            Outcome::Unreachable,
            Some("timeout"),
            Some(format!("{limit_ms} ms")),
        )),
        Ending::NotAPage { mime_type } => {
            let mime = mime_type
                .as_deref()
                .or(observation.document.mime_type.as_deref())
                .unwrap_or_default();
            let reason = match mime {
                _ if matches!(observation.document.status, Some(204 | 205)) => "no_content",
                "application/pdf" => "pdf",
                "" | "application/octet-stream" | "application/zip" | "application/x-msdownload" => {
                    "download"
                }
                _ => "other_type",
            };
            let detail = (!mime.is_empty()).then(|| mime.to_owned());
            Some(OutcomeFacts::new(Outcome::NotHtml, Some(reason), detail))
        }
        _ => None,
    }
}

/// Chromium's error text as a reason.
fn network_reason(error: &str) -> &'static str {
    const FAMILIES: &[(&str, &str)] = &[
        ("NAME_NOT_RESOLVED", "dns"),
        ("NAME_RESOLUTION", "dns"),
        ("DNS_", "dns"),
        ("TOO_MANY_REDIRECTS", "redirect_loop"),
        ("CONNECTION_REFUSED", "refused"),
        ("TIMED_OUT", "timeout"),
        ("PROXY", "proxy"),
        ("TUNNEL_", "proxy"),
        ("SSL_", "tls"),
        ("CERT_", "tls"),
        ("BAD_SSL", "tls"),
        ("CONNECTION_RESET", "reset"),
        ("CONNECTION_CLOSED", "reset"),
        ("CONNECTION_ABORTED", "reset"),
        ("EMPTY_RESPONSE", "reset"),
        ("SOCKET_NOT_CONNECTED", "reset"),
        ("ADDRESS_", "address"),
        ("INTERNET_DISCONNECTED", "address"),
        ("NETWORK_", "address"),
        ("CONNECTION_FAILED", "address"),
        ("INVALID_RESPONSE", "bad_answer"),
        ("INVALID_HTTP_RESPONSE", "bad_answer"),
        ("INVALID_CHUNKED", "bad_answer"),
        ("INCOMPLETE_CHUNKED", "bad_answer"),
        ("CONTENT_LENGTH_MISMATCH", "bad_answer"),
        ("CONTENT_DECODING_FAILED", "bad_answer"),
        ("RESPONSE_HEADERS", "bad_answer"),
        ("INVALID_REDIRECT", "bad_answer"),
        ("HTTP2_", "bad_answer"),
    ];
    FAMILIES
        .iter()
        .find(|(part, _)| error.contains(part))
        .map_or("network_error", |(_, reason)| *reason)
}

fn other_type(observation: &Observation) -> Option<OutcomeFacts> {
    if matches!(observation.document.status, Some(204 | 205)) {
        return Some(OutcomeFacts::new(Outcome::NotHtml, Some("no_content"), None));
    }
    let mime = observation
        .document
        .mime_type
        .as_deref()?
        .trim()
        .to_ascii_lowercase();
    match mime.as_str() {
        "" | "text/html" | "application/xhtml+xml" => None,
        "application/pdf" => Some(OutcomeFacts::new(Outcome::NotHtml, Some("pdf"), Some(mime))),
        _ => Some(OutcomeFacts::new(
            Outcome::NotHtml,
            Some("other_type"),
            Some(mime),
        )),
    }
}

/// Whether the visit ended on another site: another listed one, or another registrable domain than any of
/// the site's own addresses.
fn moved(observation: &Observation, listed: &ListedSite, index: &SiteIndex) -> Option<OutcomeFacts> {
    let url = Url::parse(observation.final_url.as_deref()?).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let home = SiteId::from_url(&url);
    let own = own_addresses(listed);
    let located = index.locate(&url);
    if let Some((site, _)) = located {
        if *site == listed.site || own.contains(site) {
            return None;
        }
        // The list's own address of this site may lie below another site's.
        let below_own = own.iter().any(|address| is_inside(address, &url));
        if !below_own {
            return Some(OutcomeFacts::new(
                Outcome::Moved,
                Some("other_site"),
                Some(site.to_string()),
            ));
        }
        return None;
    }
    let domain = registrable_domain(home.host());
    let same = own
        .iter()
        .any(|address| registrable_domain(address.host()) == domain);
    (!same).then(|| OutcomeFacts::new(Outcome::Moved, Some("other_domain"), Some(home.host().to_owned())))
}

fn own_addresses(listed: &ListedSite) -> Vec<SiteId> {
    let home = listed.home_url.as_deref().and_then(|home| home.parse().ok());
    std::iter::once(listed.site.clone())
        .chain(listed.aliases.iter().cloned())
        .chain(home)
        .collect()
}

fn is_inside(address: &SiteId, url: &Url) -> bool {
    let mut index = SiteIndex::default();
    index.add(address);
    matches!(index.locate(url), Some((_, Place::Home | Place::Below)))
}

/// The page itself asked EMC for something: no server's default page and no firewall does that.
fn speaks_to_emc(observation: &Observation, emc: &EmcSettings) -> bool {
    let own = OwnPage::new(observation);
    observation.requests.iter().any(|request| {
        Url::parse(&request.url).is_ok_and(|url| emc.is_host(&url)) && own.owns_request(request)
    })
}

#[cfg(test)]
mod tests;
