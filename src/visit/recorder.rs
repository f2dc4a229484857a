//! Writes down what the browser reports while a page loads: requests, console, dialogs, navigations.
//!
//! Fed by the page's event tap; read by the visit at any time. Requests are put together in `network`, what
//! the page says in `console`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::browser::{FrameNavigated, PageEvent, SecurityDetails, read_event};
use crate::emc::EmcSettings;
use crate::observation::{ConsoleEntry, JavaScriptDialog, RequestRecord};

mod console;
mod exchange;
mod network;

const REQUESTS_MAX: usize = 3000;
const URL_CHARS: usize = 4096;

/// Shared by the tap, which writes, and the visit, which reads.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    record: Arc<Mutex<Record>>,
    changed: Arc<Notify>,
}

/// A document with what its answer said.
#[derive(Debug, Clone)]
pub(super) struct ShownDocument {
    /// Of its request's record.
    pub index: usize,
    pub headers: Vec<(String, String)>,
    pub cookie_names: Vec<String>,
    /// When the answer came, by our clock.
    pub answered: Option<jiff::Timestamp>,
    pub security: Option<SecurityDetails>,
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
    /// Requests that the robot answered before it was told of them.
    answered_early: HashSet<String>,
    raw_status: HashMap<usize, u16>,
    exchanges: exchange::Exchanges,
    /// The main document's request, and its answer's headers.
    pub document: Option<usize>,
    document_headers: Vec<(String, String)>,
    document_cookies: Vec<String>,
    document_answered: Option<jiff::Timestamp>,
    /// The document that the top frame went to last.
    shown: Option<ShownDocument>,
    security: Option<SecurityDetails>,
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

/// What a visit would have written down of the browser's messages in `log`: one JSON object with `method` and
/// `params` a line. Lines that are none, and messages that nobody listens to, are passed over.
pub fn replay(log: &[u8]) -> Vec<RequestRecord> {
    let recorder = Recorder::new(Instant::now(), &EmcSettings::default());
    recorder.set_main_frame("top");
    let listener = recorder.listener();
    for line in log.split(|byte| *byte == b'\n') {
        if let Some(event) = read_event(line) {
            listener(event);
        }
    }
    let record = recorder.read();
    record.finished_requests()
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
            answered_early: HashSet::new(),
            raw_status: HashMap::new(),
            exchanges: exchange::Exchanges::default(),
            document: None,
            document_headers: Vec::new(),
            document_cookies: Vec::new(),
            document_answered: None,
            shown: None,
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
        record.document_cookies.clear();
        record.document_answered = None;
        record.shown = None;
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

    /// Whether headers of messages had to be left out.
    pub(super) fn headers_cut(&self) -> bool {
        self.exchanges.is_full()
    }

    /// The main document's request record.
    pub(super) fn document_request(&self) -> Option<&RequestRecord> {
        self.requests.get(self.document?)
    }

    /// The document that speaks for the visit. Once a page was `probed` that is the one that is shown: a page
    /// may ask for a next one (an app's address, a download) and stay where it is.
    pub(super) fn speaking_document(&self, probed: bool) -> Option<ShownDocument> {
        let shown = self.shown.as_ref().filter(|_| probed);
        shown.cloned().or_else(|| self.asked_document())
    }

    /// The document that was asked for last, with what its answer says so far.
    fn asked_document(&self) -> Option<ShownDocument> {
        Some(ShownDocument {
            index: self.document?,
            headers: self.document_headers.clone(),
            cookie_names: self.document_cookies.clone(),
            answered: self.document_answered,
            security: self.security.clone(),
        })
    }

    /// Requests that have neither arrived nor failed.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter().filter(|request| {
            !request.finished && request.failure.is_none() && request.redirected_to.is_none()
        })
    }

    fn note(&mut self, event: PageEvent) {
        match event {
            PageEvent::RequestSent(request) => self.request_sent(&request),
            PageEvent::ResponseReceived(response) => self.response_received(*response),
            PageEvent::RawHeaders(headers) => self.raw_headers(&headers),
            PageEvent::RequestHeaders(raw) => self.request_headers(raw),
            PageEvent::DataReceived(data) => self.data_received(&data),
            PageEvent::ServedFromMemory(served) => self.served_from_memory(&served.request_id),
            PageEvent::LoadingFinished(finished) => self.loading_finished(&finished),
            PageEvent::LoadingFailed(failed) => self.loading_failed(&failed),
            PageEvent::FrameNavigated(navigated) => self.frame_navigated(&navigated),
            PageEvent::DomContentLoaded => self.dom_content_loaded = Some(Instant::now()),
            PageEvent::Loaded => self.loaded = Some(Instant::now()),
            PageEvent::Console(call) => self.console_call(&call),
            PageEvent::Exception(thrown) => self.exception(&thrown),
            PageEvent::Log(entry) => self.log_entry(&entry),
            PageEvent::Dialog { kind, text } => self.dialog(kind, &text),
            PageEvent::Popup { url } => self.popup(&url),
            PageEvent::Gated {
                network_id,
                url,
                reason,
            } => self.gated(network_id.as_deref(), &url, reason),
            PageEvent::AnsweredHere { network_id } => self.answered_here(network_id.as_deref()),
            PageEvent::DownloadBegan => self.download_began = true,
            PageEvent::Crashed => self.crashed = true,
        }
    }

    fn frame_navigated(&mut self, navigated: &FrameNavigated) {
        let frame = &navigated.frame;
        if frame.parent_id.is_none()
            && Some(&frame.id) == self.main_frame.as_ref()
            && frame.url != "about:blank"
        {
            self.main_navigations += 1;
            let asked = self.document.and_then(|index| self.request_ids.get(index));
            if asked.is_some() && asked == frame.loader_id.as_ref() {
                self.shown = self.asked_document();
            }
            self.dom_content_loaded = None;
            self.loaded = None;
        }
    }
}
