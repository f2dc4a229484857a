//! The server: what it is given, its routes, and the files of runs that follow what is decided.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use super::accounts::{Accounts, AccountsError};
use super::carried::rewrite;
use super::guard::guard;
use super::job::Job;
use super::sessions::{Sessions, secret};
use super::{api, events, files, lists};
use crate::bundle::RunFolder;
use crate::bundle::Signer;
use crate::language::Language;

const BODY_MAX: usize = 2 << 20;
const LIST_MAX: usize = 16 << 20;
/// Decisions come one after the other: files are written anew when they pause.
const PAUSE: Duration = Duration::from_secs(2);
/// Until what could not be written, as while another program works on the run, is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(10);
/// Runs whose files are looked at when the server starts: it may have been killed before it wrote them.
const LOOKED_AT: usize = 5;

/// What a server is given.
#[derive(Debug)]
pub struct ServeOptions {
    /// Folder of all runs.
    pub out: PathBuf,
    pub listen: SocketAddr,
    pub behind_tls: bool,
    pub accounts: Accounts,
    /// Settings file for the audits that it starts.
    pub settings: Option<PathBuf>,
    /// Signs the lists of runs whose files are written anew.
    pub signer: Option<Arc<Signer>>,
    pub language: Language,
}

/// Why the page could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("without accounts only this machine may ask")]
    NeedsAccounts,
}

/// What all handlers share.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<State>);

#[derive(Debug)]
struct State {
    options: ServeOptions,
    port: u16,
    has_accounts: bool,
    /// In the place of a session's where there are no accounts.
    token: String,
    sessions: Sessions,
    job: Job,
    listeners: Arc<Semaphore>,
    /// The server ends: nobody listens any more.
    ending: CancellationToken,
    /// Runs whose files are older than what was decided, each with the number of the newest decision.
    stale: Mutex<BTreeMap<String, u64>>,
    /// Held while the files of a run are written.
    writing: Mutex<()>,
    decided: Notify,
}

impl Shared {
    pub fn options(&self) -> &ServeOptions {
        &self.0.options
    }

    pub fn port(&self) -> u16 {
        self.0.port
    }

    pub fn has_accounts(&self) -> bool {
        self.0.has_accounts
    }

    pub fn token(&self) -> &str {
        &self.0.token
    }

    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub fn job(&self) -> &Job {
        &self.0.job
    }

    /// Places for those who listen to the audit under way.
    pub fn listeners(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.listeners)
    }

    pub fn ending(&self) -> &CancellationToken {
        &self.0.ending
    }

    /// Whether other machines reach it.
    pub fn is_public(&self) -> bool {
        self.0.options.behind_tls || !self.0.options.listen.ip().is_loopback()
    }

    pub fn cookie(&self) -> &'static str {
        if self.is_public() {
            "__Host-emc-audit"
        } else {
            "emc-audit"
        }
    }

    fn stale(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.stale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files of runs are to follow what was decided.
    pub fn are_stale(&self, runs: impl IntoIterator<Item = String>) {
        let mut stale = self.stale();
        for run in runs {
            *stale.entry(run).or_default() += 1;
        }
        self.0.decided.notify_one();
    }

    /// Whether the files of a run do not yet say what was decided.
    pub fn is_stale(&self, run: &str) -> bool {
        self.stale().contains_key(run)
    }

    /// Writes the files of a run anew where they are behind. Whether they now say what was decided.
    pub fn write(&self, run: &str) -> bool {
        let _one_at_a_time = self.0.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(number) = self.stale().get(run).copied() else {
            return true;
        };
        let options = self.options();
        let written = RunFolder::open(&options.out.join("runs").join(run))
            .map_err(Into::into)
            .and_then(|(folder, record)| {
                rewrite(
                    &options.out,
                    &folder,
                    &record,
                    options.language,
                    options.signer.as_deref(),
                )
            });
        if let Err(cause) = written {
            tracing::warn!(%cause, run, "the files of a run do not yet say what was decided");
            return false;
        }
        let mut stale = self.stale();
        // Something may have been decided meanwhile.
        if stale.get(run) == Some(&number) {
            stale.remove(run);
        }
        !stale.contains_key(run)
    }

    /// Writes the files of runs anew. What could not be written waits for the next time; whether nothing does.
    fn freshen(&self) -> bool {
        let runs: Vec<String> = self.stale().keys().cloned().collect();
        // Each is tried, also behind one that could not be written.
        runs.iter().filter(|run| !self.write(run)).count() == 0
    }

    /// Lets the files of runs follow what is decided, for as long as the server runs.
    async fn keep_fresh(self) {
        let looked_at = self.clone();
        let ended = tokio::task::spawn_blocking(move || api::ended_runs(&looked_at)).await;
        let newest = ended.into_iter().flatten().take(LOOKED_AT);
        self.are_stale(newest.map(|(_, record)| record.run));
        loop {
            self.0.decided.notified().await;
            tokio::time::sleep(PAUSE).await;
            let shared = self.clone();
            // A panic in it is told by the runtime, and the next decision tries again.
            let written = tokio::task::spawn_blocking(move || shared.freshen()).await;
            if matches!(written, Ok(false)) {
                tokio::time::sleep(TRY_AGAIN).await;
                self.0.decided.notify_one();
            }
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    shared: Shared,
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the address is taken, or other machines could ask while nobody has an account.
    pub async fn bind(mut options: ServeOptions) -> Result<Self, ServeError> {
        let has_accounts = options.accounts.exist().map_err(|cause| match cause {
            AccountsError::Io(cause) => cause,
            cause => io::Error::other(cause),
        })?;
        if !has_accounts && (options.behind_tls || !options.listen.ip().is_loopback()) {
            return Err(ServeError::NeedsAccounts);
        }
        let listener = TcpListener::bind(options.listen).await?;
        options.listen = listener.local_addr()?;
        let state = State {
            port: options.listen.port(),
            options,
            has_accounts,
            token: secret(),
            sessions: Sessions::default(),
            job: Job::default(),
            listeners: Arc::new(Semaphore::new(events::MOST)),
            ending: CancellationToken::new(),
            stale: Mutex::default(),
            writing: Mutex::default(),
            decided: Notify::new(),
        };
        Ok(Self {
            listener,
            shared: Shared(Arc::new(state)),
        })
    }

    pub fn address(&self) -> String {
        format!("http://{}/", self.shared.options().listen)
    }

    /// Serves until it is interrupted; then the files of runs say what was decided.
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn run(self) -> Result<(), ServeError> {
        let writer = tokio::spawn(self.shared.clone().keep_fresh());
        let service = routes(self.shared.clone());
        let ending = self.shared.ending().clone();
        axum::serve(self.listener, service)
            .with_graceful_shutdown(async move {
                let mut terminate =
                    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
                let terminated = async {
                    match terminate.as_mut() {
                        Some(terminate) => terminate.recv().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminated => {}
                }
                ending.cancel();
            })
            .await?;
        writer.abort();
        self.shared.job().stop();
        let shared = self.shared;
        tokio::task::spawn_blocking(move || shared.freshen())
            .await
            .map_err(io::Error::other)?;
        Ok(())
    }
}

fn routes(shared: Shared) -> Router {
    let page = || async { Html(include_str!("page/page.html")) };
    let style = || async { typed("text/css; charset=utf-8", include_str!("page/page.css")) };
    let script = || async { typed("text/javascript; charset=utf-8", include_str!("page/page.js")) };
    // Pages of the report name none, because they open from the disk; browsers ask for one all the same.
    let icon = || async { StatusCode::NO_CONTENT };
    let openapi = || async { typed("application/json", OPENAPI) };
    Router::new()
        .route("/", get(page))
        .route("/page.css", get(style))
        .route("/page.js", get(script))
        .route("/favicon.ico", get(icon))
        .route("/api/v1/openapi.json", get(openapi))
        .route("/api/v1/words", get(api::words))
        .route("/api/v1/session", get(api::session))
        .route("/api/v1/login", post(api::login))
        .route("/api/v1/logout", post(api::logout))
        .route("/api/v1/runs", get(api::runs))
        .route("/api/v1/queue", get(api::queue))
        .route("/api/v1/decisions", get(api::decisions).post(api::decide))
        .route("/api/v1/accepted-ids", post(api::accept_id))
        .route("/api/v1/recheck", post(api::recheck))
        .route("/api/v1/stop", post(api::stop))
        .route("/api/v1/job", get(api::job))
        .route("/api/v1/job/events", get(events::events))
        .route(
            "/api/v1/lists",
            get(lists::all)
                .post(lists::keep)
                .layer(DefaultBodyLimit::max(LIST_MAX)),
        )
        .route("/api/v1/lists/{name}", get(lists::one))
        .route("/api/v1/run", post(lists::run))
        .route("/files/{run}/{*path}", get(files::file))
        .route_layer(middleware::from_fn_with_state(shared.clone(), guard))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(shared)
}

/// What other programs may ask.
const OPENAPI: &str = include_str!("../../schema/openapi.json");

fn typed(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::guard::{ROUTES, WORK};
    use super::*;

    #[test]
    fn the_description_names_every_route_and_no_other() {
        let described: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let mut named: Vec<String> = Vec::new();
        for (path, methods) in described["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                named.push(format!("{} {path}", method.to_uppercase()));
            }
        }
        let mut served: Vec<String> = ROUTES
            .iter()
            .chain(&WORK)
            .map(|(method, path, _)| format!("{method} {}", path.replace("{*path}", "{path}")))
            .collect();
        named.sort();
        served.sort();
        assert_eq!(named, served);
    }
}
