//! The event side of one page: reads every event of the page, its frames and workers, answers those
//! that must be answered at once (dialogs, new frames, gated requests), and hands on the rest.
//!
//! It runs in a task of its own, so that a page that wedges the visit cannot keep a dialog open.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chromiumoxide::cdp::browser_protocol::fetch::{
    AuthChallengeResponse, AuthChallengeResponseResponse, ContinueRequestParams, ContinueWithAuthParams,
    EnableParams as FetchEnable, FailRequestParams, FulfillRequestParams, HeaderEntry, RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::log::DisableParams as LogDisable;
use chromiumoxide::cdp::browser_protocol::network::{EnableParams as NetworkEnable, ErrorReason};
use chromiumoxide::cdp::browser_protocol::page::{EnableParams as PageEnable, HandleJavaScriptDialogParams};
use chromiumoxide::cdp::browser_protocol::target::{CloseTargetParams, SetAutoAttachParams};
use chromiumoxide::cdp::js_protocol::runtime::{DisableParams, RunIfWaitingForDebuggerParams};
use chromiumoxide::types::Command;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::connection::{Connection, RawEvent};
use super::event::{AttachedToTarget, Decoded, DialogOpening, PageEvent, RequestPaused, TargetNews, decode};
use super::identity::Identity;
use crate::network::ProxyLogin;

/// Lines of console, errors and log after which a page is no longer listened to for them.
const CHATTER_MAX: u64 = 500;
/// Post data of a request is brought along up to this length.
const POST_DATA_MAX: i64 = 64 << 10;

/// Decides on each request before it leaves the browser.
pub trait RequestGate: Send + Sync + std::fmt::Debug {
    fn judge(&self, url: String, resource: Option<String>) -> BoxFuture<'_, RequestVerdict>;
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum RequestVerdict {
    Allow,
    /// Refused; the reason goes into the record.
    Refuse(String),
    /// Answered with an empty success instead of being sent.
    AnswerHere,
}

/// What a page's events are handed to; called in the order of the events.
pub(super) type Listener = Arc<dyn Fn(PageEvent) + Send + Sync>;

/// Counts of messages that could not be used.
#[derive(Debug, Clone, Default)]
pub struct TapCounts {
    pub events: u64,
    pub unknown: u64,
    pub undecodable: u64,
    pub kinds: Vec<(String, u64)>,
}

/// State that the page's handle and its tap share.
#[derive(Debug, Default)]
pub(super) struct TapState {
    events: AtomicU64,
    unknown: AtomicU64,
    undecodable: AtomicU64,
    unused: Mutex<HashMap<String, u64>>,
    /// Sessions of frames in other processes: session, target (which is the frame's id).
    pub frame_sessions: Mutex<Vec<(String, String)>>,
    /// Those of them that did not answer once, and are not asked again.
    pub deaf_sessions: Mutex<HashSet<String>>,
    /// Main-world context of each frame, with the session it lives in.
    pub main_worlds: Mutex<HashMap<String, (String, i64)>>,
    /// Requests for which the proxy has been told who is there.
    logged_in: Mutex<HashSet<String>>,
    chatter: AtomicU64,
    chatter_off: AtomicBool,
}

impl TapState {
    pub(super) fn counts(&self) -> TapCounts {
        let mut kinds: Vec<(String, u64)> = locked(&self.unused)
            .iter()
            .map(|(name, n)| (name.clone(), *n))
            .collect();
        kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        kinds.truncate(20);
        TapCounts {
            events: self.events.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
            undecodable: self.undecodable.load(Ordering::Relaxed),
            kinds,
        }
    }

    fn count_unused(&self, method: &str, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut unused = locked(&self.unused);
        if unused.len() < 200 || unused.contains_key(method) {
            *unused.entry(method.to_owned()).or_default() += 1;
        }
    }
}

/// Everything the tap needs to run.
pub(super) struct Tap {
    pub connection: Connection,
    pub session: String,
    pub target: String,
    pub identity: Arc<Identity>,
    pub gate: Option<Arc<dyn RequestGate>>,
    /// For a proxy that asks who is there.
    pub proxy_login: Option<ProxyLogin>,
    pub listener: Listener,
    pub state: Arc<TapState>,
}

impl Tap {
    /// Runs until the page's routes are removed.
    pub(super) async fn run(self, mut events: mpsc::Receiver<RawEvent>) {
        while let Some(event) = events.recv().await {
            self.state.events.fetch_add(1, Ordering::Relaxed);
            self.handle(event).await;
        }
    }

    async fn handle(&self, event: RawEvent) {
        match event.method.as_str() {
            "Page.javascriptDialogOpening" => self.dismiss_dialog(&event).await,
            "Target.attachedToTarget" => self.attach(&event).await,
            "Target.targetCreated" => self.close_popup(&event).await,
            "Fetch.requestPaused" => self.judge_request(&event),
            "Fetch.authRequired" => self.log_in(&event).await,
            "Runtime.executionContextCreated" => self.note_context(&event),
            method => {
                if is_chatter(method) && !self.chatter_wanted(&event).await {
                    return;
                }
                self.hand_on(&event);
            }
        }
    }

    fn hand_on(&self, event: &RawEvent) {
        match decode(&event.method, &event.params) {
            Decoded::Used(mut used) => {
                let of_frame =
                    event.session.as_deref() == Some(self.session.as_str()) || self.is_frame(event);
                match &mut used {
                    PageEvent::RequestSent(request) => request.worker = !of_frame,
                    PageEvent::DomContentLoaded | PageEvent::Loaded | PageEvent::Crashed
                        if event.session.as_deref() != Some(self.session.as_str()) =>
                    {
                        return;
                    }
                    _ => {}
                }
                (self.listener)(used);
            }
            Decoded::Known => {}
            Decoded::Unknown => self.state.count_unused(&event.method, &self.state.unknown),
            Decoded::Undecodable => self.state.count_unused(&event.method, &self.state.undecodable),
        }
    }

    fn is_frame(&self, event: &RawEvent) -> bool {
        let sessions = locked(&self.state.frame_sessions);
        event
            .session
            .as_ref()
            .is_some_and(|session| sessions.iter().any(|(known, _)| known == session))
    }

    /// Pages that log or throw without end are cut off: their words would hold up every other message
    /// of the browser, and what a verdict needs is in the first lines.
    async fn chatter_wanted(&self, event: &RawEvent) -> bool {
        let before = self.state.chatter.fetch_add(1, Ordering::Relaxed);
        if before < CHATTER_MAX {
            return true;
        }
        if !self.state.chatter_off.swap(true, Ordering::Relaxed) || before.is_multiple_of(CHATTER_MAX) {
            let session = event.session.as_deref();
            self.post(session, &DisableParams::default()).await;
            self.post(session, &LogDisable::default()).await;
        }
        false
    }

    async fn dismiss_dialog(&self, event: &RawEvent) {
        let dialog: DialogOpening = self.parse(event).unwrap_or_default();
        // A page that asks "leave?" must be left; every other dialog is answered as Esc would.
        let leave = dialog.kind == "beforeunload";
        self.post(
            event.session.as_deref(),
            &HandleJavaScriptDialogParams::new(leave),
        )
        .await;
        (self.listener)(PageEvent::Dialog {
            kind: dialog.kind,
            text: dialog.message,
        });
    }

    async fn attach(&self, event: &RawEvent) {
        let Some(child) = self.parse::<AttachedToTarget>(event) else {
            return;
        };
        let session = Some(child.session_id.as_str());
        let is_frame = child.target_info.kind == "iframe";
        if is_frame {
            locked(&self.state.frame_sessions)
                .push((child.session_id.clone(), child.target_info.target_id.clone()));
            self.post(session, &PageEnable::default()).await;
            self.post(
                session,
                &chromiumoxide::cdp::js_protocol::runtime::EnableParams::default(),
            )
            .await;
        }
        self.post(session, &network_enable()).await;
        self.post(session, &self.identity.user_agent_override()).await;
        if let Some(fetch) = fetch_enable(self.gate.is_some(), self.proxy_login.is_some()) {
            self.post(session, &fetch).await;
        }
        self.post(session, &auto_attach()).await;
        if child.waiting_for_debugger {
            self.post(session, &RunIfWaitingForDebuggerParams::default())
                .await;
        }
    }

    async fn close_popup(&self, event: &RawEvent) {
        let Some(news) = self.parse::<TargetNews>(event) else {
            return;
        };
        let target = news.target_info;
        if target.kind != "page" || target.target_id == self.target {
            return;
        }
        self.post(None, &CloseTargetParams::new(target.target_id)).await;
        (self.listener)(PageEvent::Popup { url: target.url });
    }

    fn note_context(&self, event: &RawEvent) {
        let Some(created) = self.parse::<ContextCreated>(event) else {
            return;
        };
        let context = created.context;
        if let (true, Some(frame), Some(session)) = (
            context.aux_data.is_default,
            context.aux_data.frame_id,
            event.session.clone(),
        ) {
            let mut worlds = locked(&self.state.main_worlds);
            if worlds.len() < 1000 || worlds.contains_key(&frame) {
                worlds.insert(frame, (session, context.id));
            }
        }
    }

    /// Tells a proxy who is there, once for each request; a site that asks is answered as without a login.
    async fn log_in(&self, event: &RawEvent) {
        let Some(asked) = self.parse::<AuthRequired>(event) else {
            return;
        };
        let by_proxy = asked.auth_challenge.source == "Proxy";
        let again = by_proxy && !locked(&self.state.logged_in).insert(asked.request_id.clone());
        let login = self.proxy_login.as_ref().filter(|_| by_proxy && !again);
        let answer = match login {
            Some(login) => AuthChallengeResponse {
                response: AuthChallengeResponseResponse::ProvideCredentials,
                username: Some(login.user.clone()),
                password: Some(login.password.clone()),
            },
            None if again => AuthChallengeResponse::new(AuthChallengeResponseResponse::CancelAuth),
            None => AuthChallengeResponse::new(AuthChallengeResponseResponse::Default),
        };
        let told = ContinueWithAuthParams::new(asked.request_id, answer);
        self.post(event.session.as_deref(), &told).await;
    }

    /// Asks the gate in a task of its own: a slow name server must not hold up other events.
    fn judge_request(&self, event: &RawEvent) {
        let Some(paused) = self.parse::<RequestPaused>(event) else {
            return;
        };
        let gate = self.gate.clone();
        let (connection, listener) = (self.connection.clone(), Arc::clone(&self.listener));
        let session = event.session.clone();
        tokio::spawn(async move {
            let url = paused.request.url.clone();
            let verdict = match gate {
                Some(gate) => gate.judge(url.clone(), paused.resource_type.clone()).await,
                None => RequestVerdict::Allow,
            };
            let session = session.as_deref();
            let id = paused.request_id;
            let sent = match verdict {
                RequestVerdict::Allow => connection.post(session, &ContinueRequestParams::new(id)).await,
                RequestVerdict::Refuse(reason) => {
                    listener(PageEvent::Gated {
                        network_id: paused.network_id,
                        url,
                        reason,
                    });
                    connection
                        .post(
                            session,
                            &FailRequestParams::new(id, ErrorReason::AddressUnreachable),
                        )
                        .await
                }
                RequestVerdict::AnswerHere => {
                    listener(PageEvent::AnsweredHere {
                        network_id: paused.network_id,
                    });
                    connection.post(session, &empty_success(id)).await
                }
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "a gated request could not be answered");
            }
        });
    }

    fn parse<'a, T: Deserialize<'a>>(&self, event: &'a RawEvent) -> Option<T> {
        let parsed = parse_params(&event.params);
        if parsed.is_none() {
            self.state.count_unused(&event.method, &self.state.undecodable);
        }
        parsed
    }

    async fn post<C: Command>(&self, session: Option<&str>, command: &C) {
        if let Err(error) = self.connection.post(session, command).await {
            tracing::debug!(%error, "a command of the event tap could not be sent");
        }
    }
}

/// Events that a page can send as fast as it can count.
pub(super) fn is_chatter(method: &str) -> bool {
    matches!(
        method,
        "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded"
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthRequired {
    request_id: String,
    auth_challenge: AuthChallenge,
}

#[derive(Deserialize)]
struct AuthChallenge {
    /// `Proxy` or `Server`.
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
struct ContextCreated {
    context: ContextHead,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextHead {
    id: i64,
    #[serde(default)]
    aux_data: ContextOwner,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ContextOwner {
    is_default: bool,
    frame_id: Option<String>,
}

fn parse_params<'a, T: Deserialize<'a>>(params: &'a RawValue) -> Option<T> {
    serde_json::from_str(params.get()).ok()
}

pub(super) fn network_enable() -> NetworkEnable {
    NetworkEnable {
        max_post_data_size: Some(POST_DATA_MAX),
        ..NetworkEnable::default()
    }
}

/// Requests are held up where a gate judges them, or where a proxy may ask for a login.
pub(super) fn fetch_enable(gated: bool, login: bool) -> Option<FetchEnable> {
    let pattern = RequestPattern {
        url_pattern: Some("*".to_owned()),
        ..RequestPattern::default()
    };
    (gated || login).then(|| FetchEnable {
        patterns: Some(vec![pattern]),
        handle_auth_requests: login.then_some(true),
    })
}

pub(super) fn auto_attach() -> SetAutoAttachParams {
    SetAutoAttachParams {
        auto_attach: true,
        wait_for_debugger_on_start: true,
        flatten: Some(true),
        filter: None,
    }
}

fn empty_success(id: String) -> FulfillRequestParams {
    let mut answer = FulfillRequestParams::new(id, 204);
    answer.response_headers = Some(vec![
        HeaderEntry::new("Access-Control-Allow-Origin", "*"),
        HeaderEntry::new("Cache-Control", "no-store"),
    ]);
    answer
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
