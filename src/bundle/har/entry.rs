//! One request of a visit as an entry of the log: failed, blocked and redirected ones alike.

use jiff::Timestamp;
use url::Url;

use super::log::{PAGE, date_time};
use super::model::{
    Content, Empty, Entry, InitiatedBy, Pair, PostData, Request, Response, Security, Timings,
};
use crate::observation::{BlockReason, Exchange, RequestRecord};

/// Parameters of one address that are listed; the address itself is there in full.
const PARAMETERS_MAX: usize = 100;

/// The entry of `record`; `visit_began` stands in where Chromium told no time.
pub(super) fn entry_of(record: &RequestRecord, visit_began: Timestamp, main_document: bool) -> Entry {
    let exchange = &record.exchange;
    let timings = Timings::of(exchange);
    let (server_ip_address, server_port) = address_parts(record.address.as_deref());
    let initiator = &record.initiator;
    Entry {
        pageref: PAGE,
        started_date_time: date_time(sent_at(record, visit_began)),
        time: timings.total(),
        request: request_of(record),
        response: response_of(record),
        cache: Empty {},
        timings,
        server_ip_address,
        connection: exchange.connection.map(|number| number.to_string()),
        server_port,
        resource_type: resource_type(&record.resource),
        initiator: (!initiator.kind.is_empty()).then(|| InitiatedBy {
            kind: initiator.kind.clone(),
            url: initiator.url.clone(),
            line_number: initiator.line,
        }),
        priority: exchange.priority.clone(),
        from_cache: exchange
            .served_from
            .clone()
            .filter(|from| matches!(from.as_str(), "memory" | "disk")),
        blocked_reason: blocked_reason(record),
        security: exchange.security.as_ref().map(|security| Security {
            protocol: security.protocol.clone(),
            key_exchange: security.key_exchange.clone(),
            cipher: security.cipher.clone(),
            subject_name: security.subject.clone(),
            issuer: security.issuer.clone(),
        }),
        main_document,
        answered_by_robot: record.answered_here,
        comment: comment(record),
    }
}

/// When a request was sent, by the machine's clock.
pub(super) fn sent_at(record: &RequestRecord, visit_began: Timestamp) -> Timestamp {
    let by_browser = record.exchange.sent_at_s.and_then(from_seconds);
    by_browser.unwrap_or_else(|| {
        let after = jiff::SignedDuration::from_millis(i64::try_from(record.at_ms).unwrap_or(0));
        visit_began.checked_add(after).unwrap_or(visit_began)
    })
}

#[allow(clippy::cast_possible_truncation)] // within the range of times, which is far below
fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let plausible = (0.0..=1e11).contains(&seconds);
    plausible
        .then(|| Timestamp::from_microsecond((seconds * 1e6) as i64).ok())
        .flatten()
}

fn request_of(record: &RequestRecord) -> Request {
    let exchange = &record.exchange;
    let content_type = exchange
        .request_headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let post_data = record.post_data.as_ref().map(|text| PostData {
        mime_type: content_type.map_or_else(String::new, |(_, value)| value.clone()),
        text: text.clone(),
    });
    Request {
        method: record.method.clone(),
        url: record.url.clone(),
        http_version: http_version(exchange),
        cookies: [],
        headers: pairs(&exchange.request_headers),
        query_string: query_of(&record.url),
        headers_size: -1,
        body_size: match &post_data {
            Some(data) => signed(data.text.len() as u64),
            None if matches!(record.method.as_str(), "GET" | "HEAD") => 0,
            None => -1,
        },
        post_data,
    }
}

fn response_of(record: &RequestRecord) -> Response {
    let exchange = &record.exchange;
    let cached = exchange.served_from.is_some();
    let redirect_url = record.redirected_to.clone().unwrap_or_default();
    Response {
        status: record.status.unwrap_or(0),
        status_text: exchange.status_text.clone().unwrap_or_default(),
        http_version: http_version(exchange),
        cookies: [],
        headers: pairs(&exchange.response_headers),
        content: Content {
            size: exchange.body_bytes.map_or(0, signed),
            mime_type: record
                .mime_type
                .clone()
                .filter(|mime| !mime.is_empty())
                .unwrap_or_else(|| "x-unknown".to_owned()),
        },
        redirect_url,
        headers_size: -1,
        body_size: if cached || record.status == Some(304) {
            0
        } else {
            -1
        },
        transfer_size: record.encoded_bytes,
        error: record
            .failure
            .as_ref()
            .map(|failure| failure.error.clone())
            .filter(|error| !error.is_empty())
            // Chromium gives what it blocks no error; its tools show the reason in these words.
            .or_else(|| blocked_reason(record).map(|reason| format!("blocked:{reason}"))),
        via_service_worker: exchange.served_from.as_deref() == Some("service_worker"),
    }
}

/// Chromium's words for why it refused a request; ours where the robot did.
fn blocked_reason(record: &RequestRecord) -> Option<String> {
    let reason = record.failure.as_ref()?.blocked.as_ref()?;
    Some(match reason {
        BlockReason::MixedContent => "mixed-content".to_owned(),
        BlockReason::Csp => "csp".to_owned(),
        BlockReason::PrivateAddress => "private-address".to_owned(),
        BlockReason::Other(word) => word.clone(),
    })
}

fn comment(record: &RequestRecord) -> Option<String> {
    if record.answered_here {
        Some("answered by the robot; nothing was sent".to_owned())
    } else if record.failure.is_none() && record.redirected_to.is_none() && !record.finished {
        Some("under way when the visit ended".to_owned())
    } else {
        None
    }
}

/// `h2` and `http/1.1` are written as Chromium writes them.
fn http_version(exchange: &Exchange) -> String {
    exchange.protocol.clone().unwrap_or_default()
}

/// `DevTools` knows its types in lower case.
fn resource_type(resource: &str) -> String {
    match resource {
        "CSPViolationReport" => "csp-violation-report".to_owned(),
        "SignedExchange" => "signed-exchange".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

fn pairs(headers: &[(String, String)]) -> Vec<Pair> {
    // Chromium joins headers of the same name by line breaks.
    let each = headers.iter().flat_map(|(name, value)| {
        value.split('\n').map(|value| Pair {
            name: name.clone(),
            value: value.to_owned(),
        })
    });
    each.collect()
}

fn query_of(url: &str) -> Vec<Pair> {
    let Ok(url) = Url::parse(url) else {
        return Vec::new();
    };
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
        return Vec::new();
    }
    url.query_pairs()
        .take(PARAMETERS_MAX)
        .map(|(name, value)| Pair {
            name: name.into_owned(),
            value: value.into_owned(),
        })
        .collect()
}

/// `ip:port` or `[ip]:port`; the format wants the address without brackets.
fn address_parts(address: Option<&str>) -> (Option<String>, Option<u16>) {
    let Some((ip, port)) = address.and_then(|address| address.rsplit_once(':')) else {
        return (None, None);
    };
    let ip = ip.trim_start_matches('[').trim_end_matches(']');
    let is_address = ip.parse::<std::net::IpAddr>().is_ok();
    (
        is_address.then(|| ip.to_owned()),
        port.parse().ok().filter(|port| *port != 0),
    )
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
