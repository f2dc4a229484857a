//! Requests and their answers, as they are put together from the browser's events.

use url::Url;

use super::{REQUESTS_MAX, Record, URL_CHARS};
use crate::browser::{
    LoadingFailed, LoadingFinished, RawHeaders, RequestSent, ResponseHead, ResponseReceived,
};
use crate::observation::{BlockReason, Initiator, NetworkFailure, RequestRecord};
use crate::visit::clip::clip_text;
use crate::visit::redact;

const POST_DATA_CHARS: usize = 4096;

impl Record {
    pub(super) fn newest_mut(&mut self, request_id: &str) -> Option<&mut RequestRecord> {
        let index = *self.newest.get(request_id)?;
        self.requests.get_mut(index)
    }

    pub(super) fn request_sent(&mut self, sent: &RequestSent) {
        if let Some(redirect) = &sent.redirect_response {
            self.redirected(sent, redirect);
        }
        let top_frame = sent.frame_id.is_some() && sent.frame_id == self.main_frame;
        let is_document = top_frame
            && sent.resource.as_deref() == Some("Document")
            && sent.loader_id.as_deref() == Some(&sent.request_id);
        if self.requests.len() >= REQUESTS_MAX && !self.is_needed(&sent.request.url, is_document) {
            self.requests_left_out += 1;
            return;
        }
        let index = self.requests.len();
        let mut record = self.record_of(sent, top_frame);
        record.answered_here = self.answered_early.remove(&sent.request_id);
        self.requests.push(record);
        if is_document {
            self.document = Some(index);
            self.document_headers.clear();
            self.document_cookies.clear();
            self.document_answered = None;
            self.security = None;
        }
        self.newest.insert(sent.request_id.clone(), index);
        self.request_ids.push(sent.request_id.clone());
        self.exchange_begins(index, sent);
        if let Some(early) = self.exchanges.early_answer(&sent.request_id) {
            self.raw_headers(&early);
        }
    }

    fn redirected(&mut self, sent: &RequestSent, answer: &ResponseHead) {
        let Some(&index) = self.newest.get(&sent.request_id) else {
            return;
        };
        let (to, at) = (address(&sent.request.url), self.elapsed_ms());
        if let Some(previous) = self.requests.get_mut(index) {
            fill_response(previous, answer);
            previous.redirected_to = Some(to);
            previous.finished_at_ms = Some(at);
        }
        self.exchange_redirected(index, sent, answer);
    }

    fn record_of(&self, sent: &RequestSent, top_frame: bool) -> RequestRecord {
        let tracker_call = Url::parse(&sent.request.url).is_ok_and(|url| self.emc.is_host(&url));
        let stack_top = sent
            .initiator
            .stack
            .as_ref()
            .and_then(|stack| stack.call_frames.first());
        let initiator = &sent.initiator;
        RequestRecord {
            at_ms: self.elapsed_ms(),
            url: address(&sent.request.url),
            method: clip_text(&sent.request.method, 40),
            resource: sent.resource.clone().unwrap_or_default(),
            frame: sent.frame_id.clone(),
            frame_url: sent.document_url.as_deref().map(address),
            top_frame,
            worker: sent.worker,
            preload: sent.request.is_link_preload.unwrap_or(false),
            initiator: Initiator {
                url: initiator
                    .url
                    .as_deref()
                    .or_else(|| stack_top.map(|frame| frame.url.as_str()))
                    .map(address),
                line: initiator
                    .line_number
                    .or(stack_top.map(|frame| frame.line_number))
                    .map(line_number),
                kind: initiator.kind.clone(),
            },
            post_data: sent
                .request
                .post_data
                .as_deref()
                .filter(|_| tracker_call)
                .map(|data| clip_text(data, POST_DATA_CHARS)),
            ..RequestRecord::default()
        }
    }

    /// EMC's addresses and the page's own document are recorded even where a page asks for thousands of files.
    fn is_needed(&self, url: &str, is_document: bool) -> bool {
        self.requests.len() < REQUESTS_MAX + 200
            && (is_document || Url::parse(url).is_ok_and(|url| self.emc.is_host(&url)))
    }

    pub(super) fn response_received(&mut self, received: ResponseReceived) {
        let Some(&index) = self.newest.get(&received.request_id) else {
            return;
        };
        if let Some(record) = self.requests.get_mut(index) {
            fill_response(record, &received.response);
            if let Some(resource) = received.resource {
                record.resource = resource;
            }
        }
        self.exchange_answered(index, &received.response, received.timestamp);
        if self.document == Some(index) {
            self.document_headers = readable_headers(&received.response.headers);
            self.document_answered = Some(jiff::Timestamp::now());
            self.security = received.response.security_details;
        }
        self.refresh_shown(index);
    }

    /// The answer's events may be read after the frame went to the document.
    fn refresh_shown(&mut self, index: usize) {
        if self.document == Some(index) && self.shown.as_ref().is_some_and(|shown| shown.index == index) {
            self.shown = self.asked_document();
        }
    }

    pub(super) fn raw_headers(&mut self, raw: &RawHeaders) {
        self.response_headers(raw);
        let Some(&index) = self.newest.get(&raw.request_id) else {
            self.exchanges.answered_early(raw);
            return;
        };
        if let Some(status) = raw.status_code.map(status_code) {
            self.raw_status.insert(index, status);
        }
        let content_type = header(&raw.headers, "content-type");
        if let Some(record) = self.requests.get_mut(index)
            && content_type.is_some()
        {
            record.content_type = content_type;
        }
        if self.document == Some(index) {
            self.document_cookies = redact::cookie_names(&raw.headers);
            if self.document_headers.is_empty() {
                self.document_headers = readable_headers(&raw.headers);
                self.document_answered = Some(jiff::Timestamp::now());
            }
        }
        self.refresh_shown(index);
    }

    pub(super) fn loading_finished(&mut self, finished: &LoadingFinished) {
        let at = self.elapsed_ms();
        let Some(&index) = self.newest.get(&finished.request_id) else {
            return;
        };
        if let Some(record) = self.requests.get_mut(index) {
            record.finished = true;
            record.finished_at_ms = Some(at);
            record.encoded_bytes = finished.encoded_data_length.map(whole);
        }
        self.exchange_ended(index, finished.timestamp);
    }

    /// A request that the robot answered itself.
    pub(super) fn answered_here(&mut self, network_id: Option<&str>) {
        let Some(id) = network_id else { return };
        if let Some(record) = self.newest_mut(id) {
            record.answered_here = true;
        } else if self.answered_early.len() < REQUESTS_MAX {
            // The gate may be asked before the request is told of.
            self.answered_early.insert(id.to_owned());
        }
    }

    pub(super) fn loading_failed(&mut self, failed: &LoadingFailed) {
        let at = self.elapsed_ms();
        let Some(&index) = self.newest.get(&failed.request_id) else {
            return;
        };
        self.exchange_ended(index, failed.timestamp);
        let Some(record) = self.requests.get_mut(index) else {
            return;
        };
        record.finished_at_ms = Some(at);
        // What the robot refused has its reason already; the browser only says that it failed.
        if record
            .failure
            .as_ref()
            .is_some_and(|failure| failure.blocked.is_some())
        {
            return;
        }
        record.failure = Some(NetworkFailure {
            error: failed.error_text.clone(),
            blocked: failed.blocked_reason.as_deref().map(block_reason),
            cancelled: failed.canceled.unwrap_or(false),
        });
    }

    pub(super) fn gated(&mut self, network_id: Option<&str>, url: &str, reason: String) {
        let failure = NetworkFailure {
            error: reason,
            blocked: Some(BlockReason::PrivateAddress),
            cancelled: false,
        };
        let known = network_id.and_then(|id| self.newest.get(id).copied());
        if let Some(record) = known.and_then(|index| self.requests.get_mut(index)) {
            record.failure = Some(failure);
        } else if self.requests.len() < REQUESTS_MAX {
            self.requests.push(RequestRecord {
                at_ms: self.elapsed_ms(),
                url: address(url),
                failure: Some(failure),
                ..RequestRecord::default()
            });
            self.request_ids.push(network_id.unwrap_or_default().to_owned());
        } else {
            self.requests_left_out += 1;
        }
    }

    /// Every record, with the raw status filled in where Chromium hid the answer from the page.
    pub(in crate::visit) fn finished_requests(&self) -> Vec<RequestRecord> {
        let fill = |(index, record): (usize, &RequestRecord)| {
            let mut record = record.clone();
            if record.status.is_none() {
                record.status = self.raw_status.get(&index).copied();
            }
            record
        };
        self.requests.iter().enumerate().map(fill).collect()
    }

    /// Addresses from the first request for a document to the document itself.
    pub(in crate::visit) fn redirects_to(&self, document: usize) -> Vec<String> {
        let Some(id) = self.request_ids.get(document) else {
            return Vec::new();
        };
        let same = |index: &usize| self.request_ids.get(*index) == Some(id);
        (0..=document)
            .filter(same)
            .filter_map(|index| Some(self.requests.get(index)?.url.clone()))
            .collect()
    }
}

fn fill_response(record: &mut RequestRecord, response: &ResponseHead) {
    record.status = response.status.map(status_code);
    record.mime_type.clone_from(&response.mime_type);
    if let Some(content_type) = header(&response.headers, "content-type") {
        record.content_type = Some(content_type);
    }
    if let Some(address) = response
        .remote_ip_address
        .as_ref()
        .filter(|address| !address.is_empty())
    {
        let port = response.remote_port.map(whole).unwrap_or_default();
        record.address = Some(format!("{address}:{port}"));
    }
}

fn block_reason(word: &str) -> BlockReason {
    match word {
        "mixed-content" => BlockReason::MixedContent,
        "csp" => BlockReason::Csp,
        other => BlockReason::Other(clip_text(other, 60)),
    }
}

fn header(headers: &serde_json::Map<String, serde_json::Value>, name: &str) -> Option<String> {
    let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str().map(|value| clip_text(value, 300))
}

/// Headers without those that carry secrets, names in lower case.
fn readable_headers(headers: &serde_json::Map<String, serde_json::Value>) -> Vec<(String, String)> {
    redact::headers(headers)
        .into_iter()
        .filter(|(name, _)| !redact::is_secret(name))
        .take(60)
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect()
}

/// An address of bounded length, without credentials.
fn address(url: &str) -> String {
    clip_text(&redact::without_credentials(url), URL_CHARS)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before the cast
fn status_code(status: f64) -> u16 {
    status.clamp(0.0, 999.0) as u16
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before the cast
fn line_number(line: f64) -> u32 {
    line.clamp(0.0, 1e9) as u32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before the cast
pub(super) fn whole(number: f64) -> u64 {
    number.clamp(0.0, 1e15) as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Instant;

    use serde_json::json;

    use crate::browser::PageEvent;
    use crate::emc::EmcSettings;
    use crate::visit::recorder::Recorder;

    #[test]
    fn a_page_that_asks_for_an_app_is_still_the_page() {
        let recorder = Recorder::new(Instant::now(), &EmcSettings::default());
        recorder.set_main_frame("top");
        let mut record = recorder.read();
        let ask = |id: &str, url: &str| {
            let event = json!({
                "requestId": id, "loaderId": id, "frameId": "top", "type": "Document", "request": { "url": url },
            });
            PageEvent::RequestSent(serde_json::from_value(event).unwrap())
        };
        record.note(ask("1", "https://a.gov.vn/"));
        let answer = json!({
            "requestId": "1", "response": { "status": 200, "headers": { "Server": "x" } },
        });
        record.note(PageEvent::ResponseReceived(
            serde_json::from_value(answer).unwrap(),
        ));
        let went = json!({ "frame": { "id": "top", "loaderId": "1", "url": "https://a.gov.vn/" } });
        record.note(PageEvent::FrameNavigated(serde_json::from_value(went).unwrap()));
        record.note(ask("2", "intent://x"));
        assert_eq!(
            record.speaking_document(false).unwrap().index,
            1,
            "it may yet come"
        );
        let shown = record.speaking_document(true).unwrap();
        assert_eq!(
            (shown.index, shown.headers),
            (0, vec![("server".to_owned(), "x".to_owned())])
        );
        assert_eq!(record.redirects_to(0), ["https://a.gov.vn/"]);
    }
}
