//! One page in a browser context of its own, as the visiting half sees it: opening, loading, bodies,
//! closing. What is asked inside it is in `frames`, what is seen and clicked in `picture`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use chromiumoxide::cdp::browser_protocol::browser::{
    BrowserContextId, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::emulation::SetFocusEmulationEnabledParams;
use chromiumoxide::cdp::browser_protocol::fetch::EnableParams as FetchEnable;
use chromiumoxide::cdp::browser_protocol::log::EnableParams as LogEnable;
use chromiumoxide::cdp::browser_protocol::network::{GetRequestPostDataParams, GetResponseBodyParams};
use chromiumoxide::cdp::browser_protocol::page::{
    EnableParams as PageEnable, NavigateParams, StopLoadingParams,
};
use chromiumoxide::cdp::browser_protocol::security::SetIgnoreCertificateErrorsParams;
use chromiumoxide::cdp::browser_protocol::target::{
    AttachToTargetParams, CloseTargetParams, CreateBrowserContextParams, CreateTargetParams,
    DisposeBrowserContextParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    EnableParams as RuntimeEnable, EvaluateParams, TerminateExecutionParams,
};
use chromiumoxide::types::Command;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::connection::{Connection, EventSender};
use super::error::BrowserError;
use super::event::PageEvent;
use super::identity::Identity;
use super::tap::{RequestGate, Tap, TapCounts, TapState, auto_attach, fetch_enable, network_enable};
use crate::network::ProxyLogin;

mod frames;
mod picture;
mod shadow;

pub use frames::{Frame, World};
pub use picture::{Clip, PictureFormat};

/// Events of one page that may wait for its tap; a page that floods more loses (counted) events.
const EVENT_QUEUE: usize = 16_384;
/// Commands that Chromium answers without asking the page.
const QUICK: Duration = Duration::from_secs(10);

/// How a page is opened.
pub struct PageOptions {
    pub identity: Arc<Identity>,
    pub viewport: (u32, u32),
    pub gate: Option<Arc<dyn RequestGate>>,
    pub listener: Arc<dyn Fn(PageEvent) + Send + Sync>,
}

impl std::fmt::Debug for PageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageOptions")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// A page; [`close`](Page::close) it to give the browser its memory back.
#[derive(Debug)]
pub struct Page {
    connection: Connection,
    context: BrowserContextId,
    target: String,
    session: String,
    state: Arc<TapState>,
    events: EventSender,
    tap: JoinHandle<()>,
}

/// What `navigate` was answered with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NavigationAnswer {
    pub loader_id: Option<String>,
    pub error_text: Option<String>,
    pub is_download: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BodyAnswer {
    body: String,
    base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostDataAnswer {
    post_data: String,
}

impl Page {
    /// Opens an empty page in a fresh browser context, with every event routed to its tap.
    pub(super) async fn open(
        connection: Connection,
        options: PageOptions,
        proxy_login: Option<ProxyLogin>,
    ) -> Result<Self, BrowserError> {
        let context = CreateBrowserContextParams {
            dispose_on_detach: Some(true),
            ..Default::default()
        };
        let context = connection.call(None, &context, QUICK).await?.browser_context_id;
        let opened = Self::open_in(connection.clone(), context.clone(), options, proxy_login).await;
        if opened.is_err() {
            let dispose = DisposeBrowserContextParams::new(context);
            if let Err(error) = connection.call(None, &dispose, QUICK).await {
                tracing::debug!(%error, "the context of a page that did not open could not be disposed of");
            }
        }
        opened
    }

    async fn open_in(
        connection: Connection,
        context: BrowserContextId,
        options: PageOptions,
        proxy_login: Option<ProxyLogin>,
    ) -> Result<Self, BrowserError> {
        let (events, queue) = mpsc::channel(EVENT_QUEUE);
        let mut deny = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        deny.browser_context_id = Some(context.clone());
        connection.post(None, &deny).await?;
        let mut target = CreateTargetParams::new("about:blank");
        target.browser_context_id = Some(context.clone());
        let target = connection
            .call(None, &target, QUICK)
            .await?
            .target_id
            .inner()
            .clone();
        let attach = AttachToTargetParams {
            target_id: target.clone().into(),
            flatten: Some(true),
        };
        let session = connection
            .call(None, &attach, QUICK)
            .await?
            .session_id
            .inner()
            .clone();
        connection.route_session(&session, &events);
        connection.route_context(context.inner(), &events);
        let state = Arc::new(TapState::default());
        let fetch = fetch_enable(options.gate.is_some(), proxy_login.is_some());
        let tap = Tap {
            connection: connection.clone(),
            session: session.clone(),
            target: target.clone(),
            identity: Arc::clone(&options.identity),
            gate: options.gate,
            proxy_login,
            listener: options.listener,
            state: Arc::clone(&state),
        };
        let tap = tokio::spawn(tap.run(queue));
        let page = Self {
            connection,
            context,
            target,
            session,
            state,
            events,
            tap,
        };
        page.prepare(&options.identity, options.viewport, fetch).await?;
        Ok(page)
    }

    /// Everything that must hold before the first request leaves. Sent in one go; the last answer
    /// comes after all of them took effect.
    async fn prepare(
        &self,
        identity: &Identity,
        viewport: (u32, u32),
        fetch: Option<FetchEnable>,
    ) -> Result<(), BrowserError> {
        self.post(&PageEnable::default()).await?;
        self.post(&network_enable()).await?;
        self.post(&RuntimeEnable::default()).await?;
        self.post(&LogEnable::default()).await?;
        self.post(&SetIgnoreCertificateErrorsParams::new(true)).await?;
        self.post(&identity.user_agent_override()).await?;
        self.post(&SetFocusEmulationEnabledParams::new(true)).await?;
        if let Some(fetch) = fetch {
            self.post(&fetch).await?;
        }
        self.post(&auto_attach()).await?;
        self.set_viewport(viewport, false).await
    }

    /// Loads `url`; answered when the answer's first bytes are there or the attempt failed.
    pub async fn navigate(&self, url: &str, limit: Duration) -> Result<NavigationAnswer, BrowserError> {
        self.connection
            .call_as(Some(&self.session), &NavigateParams::new(url), limit)
            .await
    }

    /// From now on certificates that Chromium does not trust are refused, as for everyone else.
    pub async fn refuse_bad_certificates(&self) -> Result<(), BrowserError> {
        let refuse = SetIgnoreCertificateErrorsParams::new(false);
        self.call(&refuse, QUICK).await.map(drop)
    }

    pub async fn stop_loading(&self) -> Result<(), BrowserError> {
        self.call(&StopLoadingParams::default(), QUICK).await.map(drop)
    }

    /// Stops a script that keeps the page busy.
    pub async fn terminate_script(&self, limit: Duration) -> Result<(), BrowserError> {
        self.call(&TerminateExecutionParams::default(), limit)
            .await
            .map(drop)
    }

    /// Whether the page's process answers within `limit`.
    pub async fn answers(&self, limit: Duration) -> bool {
        let mut one = EvaluateParams::new("1");
        one.return_by_value = Some(true);
        self.connection
            .call_as::<_, serde_json::Value>(Some(&self.session), &one, limit)
            .await
            .is_ok()
    }

    /// The top frame's id.
    pub fn main_frame(&self) -> &str {
        &self.target
    }

    /// The body of a finished answer.
    pub async fn response_body(&self, request: &str, limit: Duration) -> Result<Vec<u8>, BrowserError> {
        let params = GetResponseBodyParams::new(request.to_owned());
        let answer: BodyAnswer = self
            .connection
            .call_as(Some(&self.session), &params, limit)
            .await?;
        if answer.base64_encoded {
            decode_base64("Network.getResponseBody", &answer.body)
        } else {
            Ok(answer.body.into_bytes())
        }
    }

    /// The body of a request that was too large or too unusual to come along with its event.
    pub async fn request_body(&self, request: &str, limit: Duration) -> Result<String, BrowserError> {
        let params = GetRequestPostDataParams::new(request.to_owned());
        let answer: PostDataAnswer = self
            .connection
            .call_as(Some(&self.session), &params, limit)
            .await?;
        Ok(answer.post_data)
    }

    /// What the event tap could not use so far.
    pub fn counts(&self) -> TapCounts {
        self.state.counts()
    }

    /// Closes the page and disposes of its context. The routes end first, so that nothing of this
    /// page can reach another visit.
    pub async fn close(self, limit: Duration) -> Result<(), BrowserError> {
        self.connection.unroute(self.context.inner(), &self.events);
        self.tap.abort();
        self.connection
            .post(None, &CloseTargetParams::new(self.target.clone()))
            .await?;
        let dispose = DisposeBrowserContextParams::new(self.context.clone());
        self.connection.call(None, &dispose, limit).await.map(drop)
    }

    async fn call<C: Command>(&self, command: &C, limit: Duration) -> Result<C::Response, BrowserError> {
        self.connection.call(Some(&self.session), command, limit).await
    }

    async fn post<C: Command>(&self, command: &C) -> Result<(), BrowserError> {
        self.connection.post(Some(&self.session), command).await
    }
}

fn decode_base64(method: &str, text: &str) -> Result<Vec<u8>, BrowserError> {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(|error| BrowserError::Unreadable {
            method: method.to_owned(),
            reason: error.to_string(),
        })
}
