//! What the network log shows of each request beside the facts of the checks: headers as they went over the
//! wire, times, protocol, connection. Chromium tells the raw headers in events of their own, which may come
//! before or after the request that they belong to.

use std::collections::{HashMap, HashSet};

use super::Record;
use super::network::whole;
use crate::browser::{
    DataReceived, RawHeaders, RequestHeaders, RequestSent, ResourceTiming, ResponseHead, SecurityDetails,
};
use crate::observation::{ConnectionSecurity, Exchange, LoadTiming};
use crate::visit::clip::clip_text;
use crate::visit::redact;

/// Headers of one visit that are kept, in bytes; a page may ask for thousands of files.
const HEADERS_BYTES_MAX: usize = 2 << 20;
/// Raw headers that wait for their request.
const WAITING_MAX: usize = 200;
const WORD_CHARS: usize = 100;

/// What is known of exchanges and has no place in their records.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    /// Chromium's monotonic clock when each record's request was sent, in seconds.
    sent: HashMap<usize, f64>,
    /// Records of each request id, redirects in order.
    hops: HashMap<String, Vec<usize>>,
    /// Records whose raw headers are there, or never come.
    raw_request: HashSet<usize>,
    raw_response: HashSet<usize>,
    waiting: HashMap<String, RequestHeaders>,
    waiting_answers: HashMap<String, RawHeaders>,
    header_bytes: usize,
}

impl Exchanges {
    /// Whether headers had to be left out.
    pub(super) fn is_full(&self) -> bool {
        self.header_bytes >= HEADERS_BYTES_MAX
    }

    fn headers(&mut self, sent: &serde_json::Map<String, serde_json::Value>) -> Vec<(String, String)> {
        if self.is_full() {
            return Vec::new();
        }
        let kept = redact::headers(sent);
        self.header_bytes += kept
            .iter()
            .map(|(name, value)| name.len() + value.len() + 8)
            .sum::<usize>();
        kept
    }

    /// An answer's raw headers came before its request: the status is in no other message where the browser
    /// keeps the answer from the page.
    pub(super) fn answered_early(&mut self, raw: &RawHeaders) {
        if self.waiting_answers.len() < WAITING_MAX {
            self.waiting_answers.insert(raw.request_id.clone(), raw.clone());
        }
    }

    pub(super) fn early_answer(&mut self, request_id: &str) -> Option<RawHeaders> {
        self.waiting_answers.remove(request_id)
    }

    fn since_sent(&self, index: usize, now: Option<f64>) -> Option<f64> {
        millis_between(*self.sent.get(&index)?, now?)
    }
}

impl Record {
    /// A request left: the record at `index` is the newest of its id.
    pub(super) fn exchange_begins(&mut self, index: usize, sent: &RequestSent) {
        let exchanges = &mut self.exchanges;
        if let Some(timestamp) = sent.timestamp {
            exchanges.sent.insert(index, timestamp);
        }
        exchanges
            .hops
            .entry(sent.request_id.clone())
            .or_default()
            .push(index);
        let exchange = Exchange {
            sent_at_s: sent.wall_time,
            priority: sent.request.initial_priority.as_deref().map(word),
            request_headers: exchanges.headers(&sent.request.headers),
            ..Exchange::default()
        };
        let waiting = exchanges.waiting.remove(&sent.request_id);
        if let Some(record) = self.requests.get_mut(index) {
            record.exchange = exchange;
        }
        if let Some(raw) = waiting {
            self.request_headers(raw);
        }
    }

    /// The newest record of an id was redirected, and this was its answer.
    pub(super) fn exchange_redirected(&mut self, index: usize, sent: &RequestSent, answer: &ResponseHead) {
        self.exchange_answered(index, answer, sent.timestamp);
        self.exchange_ended(index, sent.timestamp);
        if sent.redirect_has_extra_info == Some(false) {
            self.exchanges.raw_request.insert(index);
            self.exchanges.raw_response.insert(index);
        }
    }

    /// The head of the answer, as the page may see it.
    pub(super) fn exchange_answered(&mut self, index: usize, answer: &ResponseHead, now: Option<f64>) {
        let after = self.exchanges.since_sent(index, now);
        let sent = self.exchanges.sent.get(&index).copied();
        let raw_is_there = self.exchanges.raw_response.contains(&index);
        let headers = if raw_is_there {
            Vec::new()
        } else {
            self.exchanges.headers(&answer.headers)
        };
        let Some(record) = self.requests.get_mut(index) else {
            return;
        };
        let exchange = &mut record.exchange;
        exchange.answered_after_ms = after;
        exchange.timing = answer
            .timing
            .as_ref()
            .and_then(|timing| load_timing(timing, sent));
        exchange.protocol = answer.protocol.as_deref().map(word);
        exchange.status_text = answer
            .status_text
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(word);
        exchange.connection = answer.connection_id.filter(|id| *id > 0.0).map(whole);
        if let Some(from) = served_from(answer) {
            exchange.served_from = Some(from);
        }
        exchange.security = answer.security_details.as_ref().map(connection_security);
        if !raw_is_there {
            exchange.response_headers = headers;
        }
    }

    /// The body is there, or will never be.
    pub(super) fn exchange_ended(&mut self, index: usize, now: Option<f64>) {
        let after = self.exchanges.since_sent(index, now);
        if let Some(record) = self.requests.get_mut(index) {
            record.exchange.ended_after_ms = after;
        }
    }

    /// Request headers as they were sent.
    pub(super) fn request_headers(&mut self, raw: RequestHeaders) {
        let known = &self.exchanges.raw_request;
        let hops = self.exchanges.hops.get(&raw.request_id);
        let hop = hops.and_then(|hops| hops.iter().find(|hop| !known.contains(hop)).copied());
        let Some(index) = hop else {
            if self.exchanges.waiting.len() < WAITING_MAX {
                self.exchanges.waiting.insert(raw.request_id.clone(), raw);
            }
            return;
        };
        let headers = self.exchanges.headers(&raw.headers);
        self.exchanges.raw_request.insert(index);
        if let Some(record) = self.requests.get_mut(index)
            && !headers.is_empty()
        {
            record.exchange.request_headers = headers;
        }
    }

    /// Response headers as they came, also where the page may not see the answer.
    pub(super) fn response_headers(&mut self, raw: &RawHeaders) {
        let known = &self.exchanges.raw_response;
        let hops = self.exchanges.hops.get(&raw.request_id);
        let hop = hops.and_then(|hops| hops.iter().find(|hop| !known.contains(hop)).copied());
        let Some(index) = hop else { return };
        let headers = self.exchanges.headers(&raw.headers);
        self.exchanges.raw_response.insert(index);
        if let Some(record) = self.requests.get_mut(index)
            && !headers.is_empty()
        {
            record.exchange.response_headers = headers;
        }
    }

    /// Bytes of a body as the page gets them.
    pub(super) fn data_received(&mut self, data: &DataReceived) {
        let length = data.data_length.map_or(0, whole);
        if let Some(record) = self.newest_mut(&data.request_id) {
            let so_far = record.exchange.body_bytes.unwrap_or(0);
            record.exchange.body_bytes = Some(so_far.saturating_add(length));
        }
    }

    /// The answer came out of the page's own memory.
    pub(super) fn served_from_memory(&mut self, request_id: &str) {
        if let Some(record) = self.newest_mut(request_id) {
            record.exchange.served_from = Some("memory".to_owned());
        }
    }
}

fn word(text: &str) -> String {
    clip_text(text, WORD_CHARS)
}

fn served_from(answer: &ResponseHead) -> Option<String> {
    let yes = |flag: Option<bool>| flag.unwrap_or(false);
    let from = if yes(answer.from_service_worker) {
        "service_worker"
    } else if yes(answer.from_prefetch_cache) {
        "prefetch"
    } else if yes(answer.from_disk_cache) {
        "disk"
    } else {
        return None;
    };
    Some(from.to_owned())
}

fn connection_security(details: &SecurityDetails) -> ConnectionSecurity {
    let key_exchange = [details.key_exchange.as_str(), &details.key_exchange_group]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    ConnectionSecurity {
        protocol: word(&details.protocol),
        key_exchange: word(&key_exchange),
        cipher: word(&details.cipher),
        subject: word(&details.subject_name),
        issuer: word(&details.issuer),
    }
}

/// `None` where the numbers are none.
fn load_timing(timing: &ResourceTiming, sent: Option<f64>) -> Option<LoadTiming> {
    let queued = millis_between(sent?, timing.request_time)?;
    let stage = |ms: Option<f64>| {
        let ms = ms.unwrap_or(-1.0);
        if ms.is_finite() {
            micros(ms.clamp(-1.0, 1e9))
        } else {
            -1.0
        }
    };
    Some(LoadTiming {
        queued,
        dns_start: stage(timing.dns_start),
        dns_end: stage(timing.dns_end),
        connect_start: stage(timing.connect_start),
        connect_end: stage(timing.connect_end),
        ssl_start: stage(timing.ssl_start),
        ssl_end: stage(timing.ssl_end),
        send_start: stage(timing.send_start),
        send_end: stage(timing.send_end),
        headers_end: stage(timing.receive_headers_end),
    })
}

/// Seconds of one monotonic clock to milliseconds between them.
fn millis_between(from_s: f64, to_s: f64) -> Option<f64> {
    let ms = (to_s - from_s) * 1000.0;
    (ms.is_finite() && (-1e3..1e9).contains(&ms)).then(|| micros(ms.max(0.0)))
}

/// No clock is finer, and fewer digits make smaller files.
fn micros(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Instant;

    use serde_json::{Value, json};

    use super::*;
    use crate::emc::EmcSettings;
    use crate::visit::recorder::Recorder;

    /// One event as Chromium writes it.
    fn read<T: serde::de::DeserializeOwned>(event: Value) -> T {
        serde_json::from_value(event).unwrap()
    }

    fn sent(url: &str, at: f64, redirect: Option<&Value>) -> RequestSent {
        read(json!({
            "requestId": "1", "timestamp": at, "wallTime": 1e9 + at, "redirectResponse": redirect,
            "redirectHasExtraInfo": redirect.is_some(),
            "request": { "url": url, "method": "GET", "headers": { "X-Provisional": "1" } },
        }))
    }

    fn raw(host: &str) -> RequestHeaders {
        read(json!({ "requestId": "1", "headers": { "Host": host, "Cookie": "secret=1" } }))
    }

    fn names(recorder: &Recorder, index: usize) -> Vec<String> {
        let record = recorder.read();
        let headers = record.requests[index].exchange.request_headers.iter();
        headers.map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn an_answer_that_is_told_before_its_request_is_kept() {
        let recorder = Recorder::new(Instant::now(), &EmcSettings::default());
        let mut record = recorder.read();
        record.raw_headers(&read(
            json!({ "requestId": "1", "statusCode": 410, "headers": { "Server": "x" } }),
        ));
        record.request_sent(&sent("https://a/", 1.0, None));
        assert_eq!(record.finished_requests()[0].status, Some(410));
    }

    #[test]
    fn raw_headers_find_their_hop_whatever_the_order() {
        let recorder = Recorder::new(Instant::now(), &EmcSettings::default());
        let mut record = recorder.read();
        // Before its request, and those of the second hop before that is known.
        record.request_headers(raw("a"));
        record.request_sent(&sent("https://u:p@a/", 1.0, None));
        record.request_headers(raw("b"));
        let redirect = json!({ "status": 302, "headers": { "Set-Cookie": "secret=1" }, "protocol": "h2" });
        record.request_sent(&sent("https://b/", 1.25, Some(&redirect)));
        record.response_headers(&read(
            json!({ "requestId": "1", "headers": { "Server": "first" } }),
        ));
        record.response_headers(&read(
            json!({ "requestId": "1", "headers": { "Server": "second" } }),
        ));
        drop(record);
        assert_eq!(names(&recorder, 0), ["Cookie: [redacted]", "Host: a"]);
        assert_eq!(names(&recorder, 1), ["Cookie: [redacted]", "Host: b"]);
        let record = recorder.read();
        let [first, second] = record.requests.as_slice() else {
            panic!("two hops are two records");
        };
        assert_eq!(first.url, "https://a/");
        assert_eq!(first.exchange.response_headers[0].1, "first");
        assert_eq!(second.exchange.response_headers[0].1, "second");
        assert_eq!(first.exchange.ended_after_ms, Some(250.0));
        assert_eq!(first.exchange.protocol.as_deref(), Some("h2"));
        assert!(!format!("{record:?}").contains("secret=1"));
    }

    #[test]
    fn headers_of_a_visit_are_bounded() {
        let recorder = Recorder::new(Instant::now(), &EmcSettings::default());
        let mut record = recorder.read();
        for number in 0..2000 {
            let event = json!({
                "requestId": number.to_string(),
                "request": { "url": "https://a/", "headers": { "X": "y".repeat(4000) } },
            });
            record.request_sent(&read(event));
        }
        assert!(record.headers_cut());
        let bytes: usize = record
            .requests
            .iter()
            .flat_map(|request| &request.exchange.request_headers)
            .map(|(_, value)| value.len())
            .sum();
        assert!(bytes < HEADERS_BYTES_MAX + 10_000, "{bytes}");
    }

    #[test]
    fn times_that_are_none_are_left_out() {
        for odd in [f64::NAN, f64::INFINITY, -1e18] {
            assert_eq!(millis_between(0.0, odd), None);
        }
        assert_eq!(millis_between(1.0, 1.5), Some(500.0));
        assert_eq!(millis_between(1.0, 0.999_9), Some(0.0), "clocks of two processes");
    }
}
