//! Writes down what the browser reports while a page loads: requests, console, dialogs, navigations.
//!
//! Fed by the page's event tap; read by the visit at any time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use url::Url;

use super::clip::clip_text;
use crate::browser::{
    ConsoleCall, ConsoleException, FrameNavigated, LoadingFailed, LogEntry, PageEvent, RawHeaders,
    RequestSent, ResponseHead, ResponseReceived, SecurityDetails,
};
use crate::emc::EmcSettings;
use crate::observation::{
    BlockReason, ConsoleEntry, Initiator, JavaScriptDialog, NetworkFailure, RequestRecord,
};

const REQUESTS_MAX: usize = 3000;
const CONSOLE_MAX: usize = 300;
const DIALOGS_MAX: usize = 50;
const URL_CHARS: usize = 4096;
const TEXT_CHARS: usize = 600;
const POST_DATA_CHARS: usize = 4096;

/// Shared by the tap, which writes, and the visit, which reads.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    record: Arc<Mutex<Record>>,
    changed: Arc<Notify>,
}

/// Everything recorded so far.
#[derive(Debug)]
pub(super) struct Record {
    started: Instant,
    emc: EmcSettings,
    main_frame: Option<String>,
    pub requests: Vec<RequestRecord>,
    /// Chromium's id of each record's request.
    pub request_ids: Vec<String>,
    newest: HashMap<String, usize>,
    raw_status: HashMap<usize, u16>,
    /// The main document's request, and its answer's headers.
    pub document: Option<usize>,
    pub document_headers: Vec<(String, String)>,
    pub security: Option<SecurityDetails>,
    pub console: Vec<ConsoleEntry>,
    pub dialogs: Vec<JavaScriptDialog>,
    pub dialog_count: u32,
    pub popup_count: u32,
    pub popups: Vec<String>,
    /// Times that the top frame went to a new document.
    pub main_navigations: u32,
    pub download_began: bool,
    pub crashed: bool,
    pub dom_content_loaded: Option<Instant>,
    pub loaded: Option<Instant>,
    pub requests_left_out: u64,
}

impl Recorder {
    pub(super) fn new(started: Instant, emc: &EmcSettings) -> Self {
        let record = Record {
            started,
            emc: emc.clone(),
            main_frame: None,
            requests: Vec::new(),
            request_ids: Vec::new(),
            newest: HashMap::new(),
            raw_status: HashMap::new(),
            document: None,
            document_headers: Vec::new(),
            security: None,
            console: Vec::new(),
            dialogs: Vec::new(),
            dialog_count: 0,
            popup_count: 0,
            popups: Vec::new(),
            main_navigations: 0,
            download_began: false,
            crashed: false,
            dom_content_loaded: None,
            loaded: None,
            requests_left_out: 0,
        };
        Self {
            record: Arc::new(Mutex::new(record)),
            changed: Arc::new(Notify::new()),
        }
    }

    /// The function that the page's tap calls with each event.
    pub(super) fn listener(&self) -> Arc<dyn Fn(PageEvent) + Send + Sync> {
        let recorder = self.clone();
        Arc::new(move |event| {
            recorder.read().note(event);
            recorder.changed.notify_waiters();
        })
    }

    pub(super) fn read(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes when something new was recorded.
    pub(super) async fn change(&self) {
        self.changed.notified().await;
    }

    /// Completes when the main document's answer or failure is recorded: the browser may say that a
    /// navigation is over before its events have been read.
    pub(super) async fn document_noted(&self, limit: Duration) {
        let noted = async {
            while !self
                .read()
                .document_request()
                .is_some_and(|request| request.status.is_some() || request.failure.is_some())
            {
                tokio::select! {
                    () = self.change() => {}
                    () = tokio::time::sleep(Duration::from_millis(50)) => {}
                }
            }
        };
        if tokio::time::timeout(limit, noted).await.is_err() {
            tracing::debug!("a navigation left no answer of its document");
        }
    }

    pub(super) fn set_main_frame(&self, frame: &str) {
        self.read().main_frame = Some(frame.to_owned());
    }

    /// Forgets the loading state before another address is tried; what was seen stays.
    pub(super) fn begin_attempt(&self) {
        let mut record = self.read();
        record.document = None;
        record.document_headers.clear();
        record.security = None;
        record.dom_content_loaded = None;
        record.loaded = None;
        record.main_navigations = 0;
        record.download_began = false;
    }
}

impl Record {
    pub(super) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The main document's request record.
    pub(super) fn document_request(&self) -> Option<&RequestRecord> {
        self.requests.get(self.document?)
    }

    /// Requests that have neither arrived nor failed.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter().filter(|request| {
            !request.finished && request.failure.is_none() && request.redirected_to.is_none()
        })
    }

    fn note(&mut self, event: PageEvent) {
        match event {
            PageEvent::RequestSent(request) => self.request_sent(*request),
            PageEvent::ResponseReceived(response) => self.response_received(*response),
            PageEvent::RawHeaders(headers) => self.raw_headers(&headers),
            PageEvent::LoadingFinished(finished) => {
                let at = self.elapsed_ms();
                if let Some(record) = self.newest_mut(&finished.request_id) {
                    record.finished = true;
                    record.finished_at_ms = Some(at);
                    record.encoded_bytes = finished.encoded_data_length.map(whole);
                }
            }
            PageEvent::LoadingFailed(failed) => self.loading_failed(&failed),
            PageEvent::FrameNavigated(navigated) => self.frame_navigated(&navigated),
            PageEvent::DomContentLoaded => self.dom_content_loaded = Some(Instant::now()),
            PageEvent::Loaded => self.loaded = Some(Instant::now()),
            PageEvent::Console(call) => self.console_call(&call),
            PageEvent::Exception(thrown) => self.exception(&thrown),
            PageEvent::Log(entry) => self.log_entry(&entry),
            PageEvent::Dialog { kind, text } => self.dialog(kind, &text),
            PageEvent::Popup { url } => {
                self.popup_count += 1;
                if self.popups.len() < DIALOGS_MAX {
                    self.popups.push(clip_text(&url, URL_CHARS));
                }
            }
            PageEvent::Gated {
                network_id,
                url,
                reason,
            } => self.gated(network_id.as_deref(), &url, reason),
            PageEvent::AnsweredHere { network_id } => {
                if let Some(record) = network_id.and_then(|id| self.newest_mut(&id)) {
                    record.answered_here = true;
                }
            }
            PageEvent::DownloadBegan => self.download_began = true,
            PageEvent::Crashed => self.crashed = true,
        }
    }

    fn newest_mut(&mut self, request_id: &str) -> Option<&mut RequestRecord> {
        let index = *self.newest.get(request_id)?;
        self.requests.get_mut(index)
    }

    fn request_sent(&mut self, sent: RequestSent) {
        if let Some(redirect) = &sent.redirect_response {
            let (to, at) = (clip_text(&sent.request.url, URL_CHARS), self.elapsed_ms());
            if let Some(previous) = self.newest_mut(&sent.request_id) {
                fill_response(previous, redirect);
                previous.redirected_to = Some(to);
                previous.finished_at_ms = Some(at);
            }
        }
        if self.requests.len() >= REQUESTS_MAX && !self.concerns_emc(&sent.request.url) {
            self.requests_left_out += 1;
            return;
        }
        let top_frame = sent.frame_id.is_some() && sent.frame_id == self.main_frame;
        let resource = sent.resource.clone().unwrap_or_default();
        let is_document =
            top_frame && resource == "Document" && sent.loader_id.as_deref() == Some(&sent.request_id);
        let tracker_call = Url::parse(&sent.request.url).is_ok_and(|url| self.emc.is_host(&url));
        let stack_top = sent
            .initiator
            .stack
            .as_ref()
            .and_then(|stack| stack.call_frames.first());
        let record = RequestRecord {
            at_ms: self.elapsed_ms(),
            url: clip_text(&sent.request.url, URL_CHARS),
            method: sent.request.method,
            resource,
            frame: sent.frame_id,
            frame_url: sent.document_url.map(|url| clip_text(&url, URL_CHARS)),
            top_frame,
            worker: sent.worker,
            preload: sent.request.is_link_preload.unwrap_or(false),
            initiator: Initiator {
                url: sent
                    .initiator
                    .url
                    .clone()
                    .or_else(|| stack_top.map(|frame| frame.url.clone())),
                line: sent
                    .initiator
                    .line_number
                    .or(stack_top.map(|frame| frame.line_number))
                    .map(line_number),
                kind: sent.initiator.kind,
            },
            post_data: sent
                .request
                .post_data
                .filter(|_| tracker_call)
                .map(|data| clip_text(&data, POST_DATA_CHARS)),
            ..RequestRecord::default()
        };
        let index = self.requests.len();
        self.requests.push(record);
        if is_document {
            self.document = Some(index);
            self.document_headers.clear();
        }
        self.newest.insert(sent.request_id.clone(), index);
        self.request_ids.push(sent.request_id);
    }

    fn concerns_emc(&self, url: &str) -> bool {
        self.requests.len() < REQUESTS_MAX + 200 && Url::parse(url).is_ok_and(|url| self.emc.is_host(&url))
    }

    fn response_received(&mut self, received: ResponseReceived) {
        let Some(&index) = self.newest.get(&received.request_id) else {
            return;
        };
        if let Some(record) = self.requests.get_mut(index) {
            fill_response(record, &received.response);
            if let Some(resource) = received.resource {
                record.resource = resource;
            }
        }
        if self.document == Some(index) {
            self.document_headers = readable_headers(&received.response.headers);
            self.security = received.response.security_details;
        }
    }

    fn raw_headers(&mut self, raw: &RawHeaders) {
        let Some(&index) = self.newest.get(&raw.request_id) else {
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
        if self.document == Some(index) && self.document_headers.is_empty() {
            self.document_headers = readable_headers(&raw.headers);
        }
    }

    fn loading_failed(&mut self, failed: &LoadingFailed) {
        let at = self.elapsed_ms();
        let Some(record) = self.newest_mut(&failed.request_id) else {
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

    fn gated(&mut self, network_id: Option<&str>, url: &str, reason: String) {
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
                url: clip_text(url, URL_CHARS),
                failure: Some(failure),
                ..RequestRecord::default()
            });
            self.request_ids.push(network_id.unwrap_or_default().to_owned());
        } else {
            self.requests_left_out += 1;
        }
    }

    fn frame_navigated(&mut self, navigated: &FrameNavigated) {
        let frame = &navigated.frame;
        if frame.parent_id.is_none()
            && Some(&frame.id) == self.main_frame.as_ref()
            && frame.url != "about:blank"
        {
            self.main_navigations += 1;
            self.dom_content_loaded = None;
            self.loaded = None;
        }
    }

    fn console_call(&mut self, call: &ConsoleCall) {
        let words: Vec<String> = call
            .args
            .iter()
            .take(8)
            .filter_map(|argument| match (&argument.value, &argument.description) {
                (Some(serde_json::Value::String(text)), _) => Some(text.clone()),
                (Some(value), _) => Some(value.to_string()),
                (None, description) => description.clone(),
            })
            .map(|text| clip_text(&text, TEXT_CHARS))
            .collect();
        let url = call
            .stack_trace
            .as_ref()
            .and_then(|stack| stack.call_frames.first())
            .map(|frame| frame.url.clone());
        self.console_entry(call.kind.clone(), &words.join(" "), url);
    }

    fn exception(&mut self, thrown: &ConsoleException) {
        let details = &thrown.exception_details;
        let description = details
            .exception
            .as_ref()
            .and_then(|thrown| thrown.description.as_deref());
        let text = description.map_or_else(
            || details.text.clone(),
            |words| format!("{} {words}", details.text),
        );
        self.console_entry("exception".to_owned(), &text, details.url.clone());
    }

    fn log_entry(&mut self, log: &LogEntry) {
        let level = if log.entry.source.is_empty() {
            log.entry.level.clone()
        } else {
            log.entry.source.clone()
        };
        self.console_entry(level, &log.entry.text, log.entry.url.clone());
    }

    fn console_entry(&mut self, level: String, text: &str, url: Option<String>) {
        if self.console.len() < CONSOLE_MAX {
            let entry = ConsoleEntry {
                at_ms: self.elapsed_ms(),
                level,
                text: clip_text(text, TEXT_CHARS),
                url: url.map(|url| clip_text(&url, URL_CHARS)),
            };
            self.console.push(entry);
        }
    }

    fn dialog(&mut self, kind: String, text: &str) {
        self.dialog_count += 1;
        if self.dialogs.len() < DIALOGS_MAX {
            let at_ms = self.elapsed_ms();
            self.dialogs.push(JavaScriptDialog {
                at_ms,
                kind,
                text: clip_text(text, TEXT_CHARS),
            });
        }
    }

    /// Every record, with the raw status filled in where Chromium hid the answer from the page.
    pub(super) fn finished_requests(&self) -> Vec<RequestRecord> {
        let fill = |(index, record): (usize, &RequestRecord)| {
            let mut record = record.clone();
            if record.status.is_none() {
                record.status = self.raw_status.get(&index).copied();
            }
            record
        };
        self.requests.iter().enumerate().map(fill).collect()
    }

    /// Addresses from the first request for the document to the document itself.
    pub(super) fn document_redirects(&self) -> Vec<String> {
        let Some(document) = self.document else {
            return Vec::new();
        };
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

/// Headers without those that carry secrets.
fn readable_headers(headers: &serde_json::Map<String, serde_json::Value>) -> Vec<(String, String)> {
    const SECRET: &[&str] = &["set-cookie", "cookie", "authorization", "proxy-authorization"];
    headers
        .iter()
        .filter(|(name, _)| !SECRET.contains(&name.to_ascii_lowercase().as_str()))
        .take(60)
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), clip_text(value.as_str()?, 2000))))
        .collect()
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
fn whole(number: f64) -> u64 {
    number.clamp(0.0, 1e15) as u64
}
