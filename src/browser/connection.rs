//! One flat protocol connection: typed commands out, raw messages in, over a pair of pipes.
//!
//! Messages are JSON texts ended by a zero byte. The reader routes each event to the visit that owns
//! its session or browser context; sessions of frames and workers are routed before anything else can
//! happen in them, so no event of theirs is lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide::types::Command;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::error::BrowserError;
use super::process::Pipes;
use super::tap::is_chatter;

/// A longer message is skipped and counted: pages can log strings as long as their heap.
const MESSAGE_MAX: usize = 96 << 20;
const COMMAND_QUEUE: usize = 512;
/// Events of a page that may wait before its console and errors are left out; the tap cuts them off
/// much earlier anyway.
const CHATTER_QUEUE: usize = 1000;

/// An event as it came, for whoever owns the session.
#[derive(Debug)]
pub(super) struct RawEvent {
    pub session: Option<String>,
    pub method: String,
    pub params: Box<RawValue>,
}

pub(super) type EventSender = mpsc::Sender<RawEvent>;

/// A command's result, or the words with which the browser refused it.
type Answer = Result<Box<RawValue>, String>;

/// Shared handle of one browser's connection.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    next_id: AtomicU64,
    outbox: mpsc::Sender<Vec<u8>>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
    routes: Mutex<Routes>,
    closed: CancellationToken,
    unreadable: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Routes {
    sessions: HashMap<String, EventSender>,
    contexts: HashMap<String, EventSender>,
}

#[derive(Deserialize)]
struct Message {
    id: Option<u64>,
    method: Option<String>,
    #[serde(rename = "sessionId")]
    session: Option<String>,
    params: Option<Box<RawValue>>,
    result: Option<Box<RawValue>>,
    error: Option<ErrorBody>,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct AttachedIds {
    #[serde(rename = "sessionId")]
    session: Option<String>,
}

#[derive(Deserialize)]
struct TargetContext {
    #[serde(rename = "targetInfo")]
    info: Option<TargetContextInfo>,
}

#[derive(Deserialize)]
struct TargetContextInfo {
    #[serde(rename = "browserContextId")]
    context: Option<String>,
}

impl Connection {
    /// Begins to read and write. `closed` of the connection fires when the browser's end is gone.
    pub(super) fn open(pipes: Pipes) -> Self {
        let (outbox, queue) = mpsc::channel(COMMAND_QUEUE);
        let inner = Arc::new(Inner {
            next_id: AtomicU64::new(1),
            outbox,
            waiting: Mutex::default(),
            routes: Mutex::default(),
            closed: CancellationToken::new(),
            unreadable: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        });
        tokio::spawn(write_commands(pipes.commands, queue, inner.closed.clone()));
        tokio::spawn(read_messages(pipes.messages, Arc::clone(&inner)));
        Self { inner }
    }

    /// Fires once the pipe is closed from either side.
    pub(super) fn closed(&self) -> &CancellationToken {
        &self.inner.closed
    }

    /// Messages that were no readable protocol message, since the start of the browser.
    pub(super) fn unreadable(&self) -> u64 {
        self.inner.unreadable.load(Ordering::Relaxed)
    }

    /// Events that had to be dropped because their visit did not keep up.
    pub(super) fn dropped(&self) -> u64 {
        self.inner.dropped.load(Ordering::Relaxed)
    }

    /// Sends a command and waits for its answer, at most `limit`.
    pub(super) async fn call<C: Command>(
        &self,
        session: Option<&str>,
        command: &C,
        limit: Duration,
    ) -> Result<C::Response, BrowserError> {
        self.call_as(session, command, limit).await
    }

    /// As [`call`](Self::call), with an answer type of our own where the generated one is too strict.
    pub(super) async fn call_as<C: Command, R: DeserializeOwned>(
        &self,
        session: Option<&str>,
        command: &C,
        limit: Duration,
    ) -> Result<R, BrowserError> {
        let method = command.identifier();
        let (answered, answer) = oneshot::channel();
        let id = self.inner.next_id.fetch_add(1, Ordering::Relaxed);
        lock(&self.inner.waiting).insert(id, answered);
        let sent = tokio::time::timeout(limit, async {
            self.send(id, session, command).await?;
            tokio::select! {
                biased;
                answer = answer => answer.map_err(|_| BrowserError::Gone("pipe closed".to_owned())),
                () = self.inner.closed.cancelled() => Err(BrowserError::Gone("pipe closed".to_owned())),
            }
        })
        .await;
        lock(&self.inner.waiting).remove(&id);
        match sent {
            Err(_) => Err(BrowserError::NoAnswer {
                method: method.into_owned(),
                limit,
            }),
            Ok(Err(error)) => Err(error),
            Ok(Ok(Err(message))) => Err(BrowserError::Refused {
                method: method.into_owned(),
                message,
            }),
            Ok(Ok(Ok(result))) => {
                serde_json::from_str(result.get()).map_err(|error| BrowserError::Unreadable {
                    method: method.into_owned(),
                    reason: error.to_string(),
                })
            }
        }
    }

    /// Sends a command whose answer nobody needs.
    pub(super) async fn post<C: Command>(
        &self,
        session: Option<&str>,
        command: &C,
    ) -> Result<(), BrowserError> {
        let id = self.inner.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(id, session, command).await
    }

    async fn send<C: Command>(
        &self,
        id: u64,
        session: Option<&str>,
        command: &C,
    ) -> Result<(), BrowserError> {
        let text = encode(id, session, command)?;
        let gone = || BrowserError::Gone("pipe closed".to_owned());
        tokio::select! {
            biased;
            () = self.inner.closed.cancelled() => Err(gone()),
            sent = self.inner.outbox.send(text) => sent.map_err(|_| gone()),
        }
    }

    /// Routes the events of a session, and of every session that attaches below it, to `events`.
    pub(super) fn route_session(&self, session: &str, events: &EventSender) {
        lock(&self.inner.routes)
            .sessions
            .insert(session.to_owned(), events.clone());
    }

    /// Routes news of targets in a browser context (windows that a page opens) to `events`.
    pub(super) fn route_context(&self, context: &str, events: &EventSender) {
        lock(&self.inner.routes)
            .contexts
            .insert(context.to_owned(), events.clone());
    }

    /// Ends all routes of a visit.
    pub(super) fn unroute(&self, context: &str, events: &EventSender) {
        let mut routes = lock(&self.inner.routes);
        routes.contexts.remove(context);
        routes.sessions.retain(|_, sender| !sender.same_channel(events));
    }
}

fn encode<C: Command>(id: u64, session: Option<&str>, command: &C) -> Result<Vec<u8>, BrowserError> {
    #[derive(serde::Serialize)]
    struct Call<'a, P> {
        id: u64,
        method: &'a str,
        #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
        session: Option<&'a str>,
        params: &'a P,
    }
    let method = command.identifier();
    let call = Call {
        id,
        method: &method,
        session,
        params: command,
    };
    let mut text = serde_json::to_vec(&call).map_err(|error| BrowserError::Unreadable {
        method: method.to_string(),
        reason: error.to_string(),
    })?;
    text.push(0);
    Ok(text)
}

async fn write_commands(
    mut pipe: pipe::Sender,
    mut queue: mpsc::Receiver<Vec<u8>>,
    closed: CancellationToken,
) {
    loop {
        let text = tokio::select! {
            () = closed.cancelled() => return,
            text = queue.recv() => match text { Some(text) => text, None => return },
        };
        if let Err(error) = pipe.write_all(&text).await {
            tracing::debug!(%error, "the browser's command pipe is closed");
            closed.cancel();
            return;
        }
    }
}

async fn read_messages(mut pipe: pipe::Receiver, inner: Arc<Inner>) {
    let mut chunk = vec![0_u8; 64 << 10];
    let mut message: Vec<u8> = Vec::new();
    let mut oversized = false;
    while let Ok(read) = pipe.read(&mut chunk).await {
        if read == 0 {
            break;
        }
        for part in chunk[..read].split_inclusive(|byte| *byte == 0) {
            let (body, ended) = part.strip_suffix(&[0]).map_or((part, false), |body| (body, true));
            oversized |= message.len() + body.len() > MESSAGE_MAX;
            if !oversized {
                message.extend_from_slice(body);
            }
            if ended {
                if oversized {
                    inner.unreadable.fetch_add(1, Ordering::Relaxed);
                } else {
                    inner.dispatch(&message);
                }
                message.clear();
                message.shrink_to(1 << 20);
                oversized = false;
            }
        }
    }
    inner.closed.cancel();
    lock(&inner.waiting).clear();
    *lock(&inner.routes) = Routes::default();
}

impl Inner {
    fn dispatch(&self, text: &[u8]) {
        let Ok(message) = serde_json::from_slice::<Message>(text) else {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if let Some(id) = message.id {
            let Some(waiting) = lock(&self.waiting).remove(&id) else {
                return;
            };
            let answer = match (message.error, message.result) {
                (Some(error), _) => Err(error.message),
                (None, Some(result)) => Ok(result),
                (None, None) => Ok(RawValue::NULL.to_owned()),
            };
            // A caller that stopped waiting does not want the answer any more.
            drop(waiting.send(answer));
            return;
        }
        let (Some(method), Some(params)) = (message.method, message.params) else {
            self.unreadable.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.route(RawEvent {
            session: message.session,
            method,
            params,
        });
    }

    fn route(&self, event: RawEvent) {
        let mut routes = lock(&self.routes);
        let sender = match &event.session {
            Some(session) => routes.sessions.get(session).cloned(),
            None => context_of(&event.params).and_then(|context| routes.contexts.get(&context).cloned()),
        };
        let Some(sender) = sender else { return };
        if event.method == "Target.attachedToTarget"
            && event.session.is_some()
            && let Some(child) = serde_json::from_str::<AttachedIds>(event.params.get())
                .ok()
                .and_then(|ids| ids.session)
        {
            routes.sessions.insert(child, sender.clone());
        }
        drop(routes);
        // Talk may not fill the queue that requests and dialogs need.
        if is_chatter(&event.method) && sender.max_capacity() - sender.capacity() > CHATTER_QUEUE {
            return;
        }
        if sender.try_send(event).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn context_of(params: &RawValue) -> Option<String> {
    serde_json::from_str::<TargetContext>(params.get())
        .ok()?
        .info?
        .context
}

/// A poisoned lock still guards consistent data here: every critical section is one map operation.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
