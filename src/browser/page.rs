//! One page in a browser context of its own, as the visiting half sees it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use chromiumoxide::cdp::browser_protocol::browser::{
    BrowserContextId, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::dom::{BackendNodeId, GetBoxModelParams, GetFrameOwnerParams};
use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetFocusEmulationEnabledParams, SetTouchEmulationEnabledParams,
};
use chromiumoxide::cdp::browser_protocol::input::{
    DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
    MouseButton,
};
use chromiumoxide::cdp::browser_protocol::log::EnableParams as LogEnable;
use chromiumoxide::cdp::browser_protocol::network::{GetRequestPostDataParams, GetResponseBodyParams};
use chromiumoxide::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CaptureScreenshotParams, CreateIsolatedWorldParams, EnableParams as PageEnable,
    GetFrameTreeParams, NavigateParams, StopLoadingParams, Viewport,
};
use chromiumoxide::cdp::browser_protocol::security::SetIgnoreCertificateErrorsParams;
use chromiumoxide::cdp::browser_protocol::target::{
    AttachToTargetParams, CloseTargetParams, CreateBrowserContextParams, CreateTargetParams,
    DisposeBrowserContextParams,
};
use chromiumoxide::cdp::js_protocol::runtime::{
    EnableParams as RuntimeEnable, EvaluateParams, ExecutionContextId, TerminateExecutionParams,
};
use chromiumoxide::types::Command;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::connection::{Connection, EventSender};
use super::error::BrowserError;
use super::event::PageEvent;
use super::identity::Identity;
use super::tap::{RequestGate, Tap, TapCounts, TapState, auto_attach, fetch_enable, locked, network_enable};

/// Events of one page that may wait for its tap; a page that floods more loses (counted) events.
const EVENT_QUEUE: usize = 16_384;
/// Frames in processes of their own that are asked for their frames, and how long they may take.
const FRAME_SESSIONS_MAX: usize = 40;
const FRAME_LIMIT: Duration = Duration::from_millis(1500);
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

/// A frame of the page and the session that speaks for it.
#[derive(Debug, Clone)]
pub struct Frame {
    pub id: String,
    pub parent: Option<String>,
    pub url: String,
    session: String,
}

/// A script world in a frame.
#[derive(Debug, Clone)]
pub struct World {
    session: String,
    context: Option<i64>,
}

/// What `navigate` was answered with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NavigationAnswer {
    pub loader_id: Option<String>,
    pub error_text: Option<String>,
    pub is_download: Option<bool>,
}

/// A part of the page to capture, CSS pixels in page coordinates.
#[derive(Debug, Clone, Copy)]
pub struct Clip {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Device pixels per CSS pixel of the picture.
    pub scale: f64,
}

#[derive(Debug, Clone, Copy)]
pub enum PictureFormat {
    /// Lossless, encoded for speed.
    Png,
    Jpeg {
        quality: u8,
    },
}

#[derive(Deserialize)]
struct Evaluated {
    result: EvaluatedObject,
    #[serde(rename = "exceptionDetails")]
    exception: Option<EvaluatedException>,
}

#[derive(Deserialize)]
struct EvaluatedObject {
    value: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct EvaluatedException {
    #[serde(default)]
    text: String,
    exception: Option<EvaluatedThrown>,
}

#[derive(Deserialize)]
struct EvaluatedThrown {
    description: Option<String>,
}

#[derive(Deserialize)]
struct FrameTreeAnswer {
    #[serde(rename = "frameTree")]
    tree: FrameTreeNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTreeNode {
    frame: FrameTreeFrame,
    #[serde(default)]
    child_frames: Vec<FrameTreeNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTreeFrame {
    id: String,
    parent_id: Option<String>,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct WorldAnswer {
    #[serde(rename = "executionContextId")]
    context: i64,
}

#[derive(Deserialize)]
struct PictureAnswer {
    data: String,
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameOwnerAnswer {
    backend_node_id: i64,
}

#[derive(Deserialize)]
struct BoxModelAnswer {
    model: BoxModelBody,
}

#[derive(Deserialize)]
struct BoxModelBody {
    content: Vec<f64>,
}

impl Page {
    /// Opens an empty page in a fresh browser context, with every event routed to its tap.
    pub(super) async fn open(connection: Connection, options: PageOptions) -> Result<Self, BrowserError> {
        let context = CreateBrowserContextParams {
            dispose_on_detach: Some(true),
            ..Default::default()
        };
        let context = connection.call(None, &context, QUICK).await?.browser_context_id;
        let opened = Self::open_in(connection.clone(), context.clone(), options).await;
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
        let gated = options.gate.is_some();
        let tap = Tap {
            connection: connection.clone(),
            session: session.clone(),
            target: target.clone(),
            identity: Arc::clone(&options.identity),
            gate: options.gate,
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
        page.prepare(&options.identity, options.viewport, gated).await?;
        Ok(page)
    }

    /// Everything that must hold before the first request leaves. Sent in one go; the last answer
    /// comes after all of them took effect.
    async fn prepare(
        &self,
        identity: &Identity,
        viewport: (u32, u32),
        gated: bool,
    ) -> Result<(), BrowserError> {
        self.post(&PageEnable::default()).await?;
        self.post(&network_enable()).await?;
        self.post(&RuntimeEnable::default()).await?;
        self.post(&LogEnable::default()).await?;
        self.post(&SetIgnoreCertificateErrorsParams::new(true)).await?;
        self.post(&identity.user_agent_override()).await?;
        self.post(&SetFocusEmulationEnabledParams::new(true)).await?;
        if gated {
            self.post(&fetch_enable()).await?;
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

    /// All frames, the top document first. Frames that do not answer in time are left out.
    pub async fn frames(&self, limit: Duration) -> Result<Vec<Frame>, BrowserError> {
        let sessions: Vec<String> = {
            let deaf = locked(&self.state.deaf_sessions);
            locked(&self.state.frame_sessions)
                .iter()
                .map(|(session, _)| session.clone())
                .filter(|session| !deaf.contains(session))
                .take(FRAME_SESSIONS_MAX)
                .collect()
        };
        let mut frames = Vec::new();
        collect_frames(
            self.frame_tree(&self.session, limit).await?,
            &self.session,
            &mut frames,
        );
        // All at once: a stranger's frame that hangs may not cost more than its share of time, and only once.
        let limit = limit.min(FRAME_LIMIT);
        let asked = sessions.iter().map(|session| self.frame_tree(session, limit));
        for (session, answer) in sessions.iter().zip(futures::future::join_all(asked).await) {
            match answer {
                Ok(tree) => collect_frames(tree, session, &mut frames),
                Err(error) => {
                    tracing::debug!(%error, "a frame is gone or deaf");
                    locked(&self.state.deaf_sessions).insert(session.clone());
                    // A frame that hangs would also hold up every picture of the page.
                    let stop = TerminateExecutionParams::default();
                    self.connection.post(Some(session), &stop).await?;
                }
            }
        }
        Ok(frames)
    }

    async fn frame_tree(&self, session: &str, limit: Duration) -> Result<FrameTreeNode, BrowserError> {
        let ask = GetFrameTreeParams::default();
        let answer: FrameTreeAnswer = self.connection.call_as(Some(session), &ask, limit).await?;
        Ok(answer.tree)
    }

    /// A world of our own in `frame`: the page's scripts cannot reach or disturb it.
    pub async fn isolated_world(&self, frame: &Frame, limit: Duration) -> Result<World, BrowserError> {
        let mut create = CreateIsolatedWorldParams::new(frame.id.clone());
        create.world_name = Some("emc-audit".to_owned());
        let answer: WorldAnswer = self
            .connection
            .call_as(Some(&frame.session), &create, limit)
            .await?;
        Ok(World {
            session: frame.session.clone(),
            context: Some(answer.context),
        })
    }

    /// The world of the page's own scripts in `frame`.
    pub fn main_world(&self, frame: &Frame) -> Option<World> {
        let known = locked(&self.state.main_worlds).get(&frame.id).cloned();
        known.map(|(session, context)| World {
            session,
            context: Some(context),
        })
    }

    /// Runs an expression and reads its (JSON-able) value.
    pub async fn evaluate<T: DeserializeOwned>(
        &self,
        world: &World,
        expression: &str,
        limit: Duration,
    ) -> Result<T, BrowserError> {
        let mut params = EvaluateParams::new(expression);
        params.context_id = world.context.map(ExecutionContextId::new);
        params.return_by_value = Some(true);
        params.await_promise = Some(true);
        params.silent = Some(true);
        let answer: Evaluated = self
            .connection
            .call_as(Some(&world.session), &params, limit)
            .await?;
        if let Some(thrown) = answer.exception {
            let words = thrown
                .exception
                .and_then(|thrown| thrown.description)
                .unwrap_or(thrown.text);
            return Err(BrowserError::Script(words.chars().take(500).collect()));
        }
        let value = answer.result.value.unwrap_or(serde_json::Value::Null);
        serde_json::from_value(value).map_err(|error| BrowserError::Unreadable {
            method: "Runtime.evaluate".to_owned(),
            reason: error.to_string(),
        })
    }

    /// Where a frame's content stands, in viewport coordinates: x, y, width, height.
    pub async fn frame_box(
        &self,
        frame: &Frame,
        limit: Duration,
    ) -> Result<Option<(f64, f64, f64, f64)>, BrowserError> {
        let session = Some(self.session.as_str());
        let owner = GetFrameOwnerParams::new(frame.id.clone());
        let Ok(owner) = self
            .connection
            .call_as::<_, FrameOwnerAnswer>(session, &owner, limit)
            .await
        else {
            return Ok(None);
        };
        let params = GetBoxModelParams::builder()
            .backend_node_id(BackendNodeId::new(owner.backend_node_id))
            .build();
        let Ok(answer) = self
            .connection
            .call_as::<_, BoxModelAnswer>(session, &params, limit)
            .await
        else {
            return Ok(None);
        };
        let quad = answer.model.content;
        Ok((quad.len() == 8).then(|| (quad[0], quad[1], quad[4] - quad[0], quad[5] - quad[1])))
    }

    /// Captures `clip`; `beyond` lets it reach outside the viewport, which moves fixed elements.
    pub async fn picture(
        &self,
        clip: Clip,
        format: PictureFormat,
        beyond: bool,
        limit: Duration,
    ) -> Result<Vec<u8>, BrowserError> {
        let mut params = CaptureScreenshotParams {
            clip: Some(Viewport {
                x: clip.x,
                y: clip.y,
                width: clip.width,
                height: clip.height,
                scale: clip.scale,
            }),
            capture_beyond_viewport: Some(beyond),
            ..Default::default()
        };
        match format {
            PictureFormat::Png => {
                params.format = Some(CaptureScreenshotFormat::Png);
                params.optimize_for_speed = Some(true);
            }
            PictureFormat::Jpeg { quality } => {
                params.format = Some(CaptureScreenshotFormat::Jpeg);
                params.quality = Some(i64::from(quality));
            }
        }
        let answer: PictureAnswer = self
            .connection
            .call_as(Some(&self.session), &params, limit)
            .await?;
        decode_base64("Page.captureScreenshot", &answer.data)
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

    /// Viewport size in CSS pixels; `mobile` switches touch and the mobile viewport on.
    pub async fn set_viewport(&self, size: (u32, u32), mobile: bool) -> Result<(), BrowserError> {
        let metrics = SetDeviceMetricsOverrideParams::new(i64::from(size.0), i64::from(size.1), 1.0, mobile);
        self.post(&SetTouchEmulationEnabledParams::new(mobile)).await?;
        self.call(&metrics, QUICK).await.map(drop)
    }

    /// A real click, viewport coordinates.
    pub async fn click(&self, x: f64, y: f64, limit: Duration) -> Result<(), BrowserError> {
        let event = |kind| {
            let mut event = DispatchMouseEventParams::new(kind, x, y);
            event.button = Some(MouseButton::Left);
            event.click_count = Some(1);
            event
        };
        self.post(&DispatchMouseEventParams::new(
            DispatchMouseEventType::MouseMoved,
            x,
            y,
        ))
        .await?;
        self.post(&event(DispatchMouseEventType::MousePressed)).await?;
        self.call(&event(DispatchMouseEventType::MouseReleased), limit)
            .await
            .map(drop)
    }

    /// Presses and releases Esc.
    pub async fn press_escape(&self, limit: Duration) -> Result<(), BrowserError> {
        let event = |kind| {
            let mut event = DispatchKeyEventParams::new(kind);
            event.key = Some("Escape".to_owned());
            event.code = Some("Escape".to_owned());
            event.windows_virtual_key_code = Some(27);
            event
        };
        self.post(&event(DispatchKeyEventType::RawKeyDown)).await?;
        self.call(&event(DispatchKeyEventType::KeyUp), limit)
            .await
            .map(drop)
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

fn collect_frames(node: FrameTreeNode, session: &str, frames: &mut Vec<Frame>) {
    let frame = Frame {
        id: node.frame.id,
        parent: node.frame.parent_id,
        url: node.frame.url,
        session: session.to_owned(),
    };
    if let Some(known) = frames.iter_mut().find(|known| known.id == frame.id) {
        // A frame in its own process stands in its parent's tree too; its own session speaks for it.
        known.session.clone_from(&frame.session);
        known.url = frame.url;
    } else if frames.len() < 200 {
        frames.push(frame);
    }
    for child in node.child_frames {
        collect_frames(child, session, frames);
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
