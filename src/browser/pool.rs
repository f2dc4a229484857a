//! The pool of Chromium processes: who gets a page in which one, and who replaces a dead one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::{CloseParams, GetVersionParams};
use chromiumoxide::cdp::browser_protocol::target::SetDiscoverTargetsParams;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::connection::Connection;
use super::error::BrowserError;
use super::flags::LaunchOptions;
use super::page::{Page, PageOptions};
use super::process::{BrowserProcess, stale_profiles};
use super::work::{BrowserWork, Counts};
use crate::network::{Proxy, ProxyLogin};
use crate::observation::Engine;
use crate::timings::step;

/// A start that takes longer has failed.
const START_LIMIT: Duration = Duration::from_secs(30);
/// A browser that does not answer `Browser.getVersion` for this long is dead.
const PING_LIMIT: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(5);
/// How long an orderly end may take.
const END_GRACE: Duration = Duration::from_millis(1500);

/// How many processes, and for how long.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    pub launch: HashMap<Engine, LaunchOptions>,
    /// Processes of one engine at the same time.
    pub browsers_per_engine: usize,
    /// Visits after which a process is replaced.
    pub retire_after: u32,
}

/// Processes by engine. [`close`](Self::close) it; dropping it kills what is left.
#[derive(Debug)]
pub struct BrowserPool {
    options: PoolOptions,
    slots: Mutex<HashMap<Engine, Vec<Arc<Browser>>>>,
    /// One start at a time for each engine, so that a burst of visits does not start a burst of browsers.
    starting: HashMap<Engine, tokio::sync::Mutex<()>>,
    tasks: TaskTracker,
    counts: Arc<Counts>,
}

/// One live process.
#[derive(Debug)]
struct Browser {
    connection: Connection,
    version: String,
    process_id: u32,
    served: AtomicU32,
    in_use: AtomicU32,
    /// Fires to end the process in an orderly way.
    retire: CancellationToken,
    /// Fires to end it at once.
    kill: CancellationToken,
}

/// The right to open pages in one process; gives it back when dropped.
#[derive(Debug)]
pub struct Lease {
    browser: Arc<Browser>,
    flags: Vec<String>,
    proxy_login: Option<ProxyLogin>,
    sandbox: bool,
    retire_after: u32,
}

impl BrowserPool {
    pub fn new(options: PoolOptions) -> Self {
        let starting = options
            .launch
            .keys()
            .map(|engine| (*engine, tokio::sync::Mutex::new(())))
            .collect();
        Self {
            options,
            slots: Mutex::default(),
            starting,
            tasks: TaskTracker::new(),
            counts: Arc::default(),
        }
    }

    /// Engines that this pool can start.
    pub fn has(&self, engine: Engine) -> bool {
        self.options.launch.contains_key(&engine)
    }

    /// What became of the processes so far; what they lost is known once they have ended.
    pub fn work(&self) -> BrowserWork {
        self.counts.told()
    }

    /// A lease on the least busy process of `engine`, started if there are too few.
    pub async fn lease(&self, engine: Engine) -> Result<Lease, BrowserError> {
        let (Some(launch), Some(starting)) = (self.options.launch.get(&engine), self.starting.get(&engine))
        else {
            return Err(BrowserError::Start {
                program: format!("{engine:?}"),
                reason: "this engine is not installed".to_owned(),
            });
        };
        if let Some(lease) = self.take_running(engine, launch, self.options.browsers_per_engine) {
            return Ok(lease);
        }
        let _one_at_a_time = starting.lock().await;
        if let Some(lease) = self.take_running(engine, launch, self.options.browsers_per_engine) {
            return Ok(lease);
        }
        let browser = self.start(launch).instrument(step!("launch")).await?;
        let lease = Lease::take(&browser, launch, self.options.retire_after);
        self.slots().entry(engine).or_default().push(browser);
        Ok(lease)
    }

    /// A lease on a process of its own: what happens in it is nobody else's fault. For visits that lost
    /// their browser; the process ends with the lease.
    pub async fn lease_alone(&self, engine: Engine) -> Result<Lease, BrowserError> {
        let (Some(launch), Some(starting)) = (self.options.launch.get(&engine), self.starting.get(&engine))
        else {
            return self.lease(engine).await;
        };
        let _one_at_a_time = starting.lock().await;
        let browser = self.start(launch).await?;
        let lease = Lease::take(&browser, launch, self.options.retire_after);
        browser.retire.cancel();
        Ok(lease)
    }

    /// The least busy process, unless all are busy and there may be more of them.
    fn take_running(&self, engine: Engine, launch: &LaunchOptions, wanted: usize) -> Option<Lease> {
        let mut slots = self.slots();
        let running = slots.entry(engine).or_default();
        running
            .retain(|browser| !browser.retire.is_cancelled() && !browser.connection.closed().is_cancelled());
        let least_busy = running
            .iter()
            .min_by_key(|browser| browser.in_use.load(Ordering::Relaxed))?;
        let idle = least_busy.in_use.load(Ordering::Relaxed) == 0;
        (idle || running.len() >= wanted).then(|| Lease::take(least_busy, launch, self.options.retire_after))
    }

    async fn start(&self, launch: &LaunchOptions) -> Result<Arc<Browser>, BrowserError> {
        if self.tasks.is_closed() {
            return Err(BrowserError::Gone("the pool is closed".to_owned()));
        }
        let (process, pipes) = BrowserProcess::start(launch)?;
        let connection = Connection::open(pipes);
        let version = connection
            .call(None, &GetVersionParams::default(), START_LIMIT)
            .await
            .map_err(|error| BrowserError::Start {
                program: launch.program.display().to_string(),
                reason: error.to_string(),
            })?;
        connection
            .call(None, &SetDiscoverTargetsParams::new(true), START_LIMIT)
            .await?;
        let browser = Arc::new(Browser {
            connection,
            version: version.product,
            process_id: process.id(),
            served: AtomicU32::new(0),
            in_use: AtomicU32::new(0),
            retire: CancellationToken::new(),
            kill: CancellationToken::new(),
        });
        self.counts.started.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(
            process = browser.process_id,
            version = browser.version,
            "a browser was started"
        );
        self.tasks
            .spawn(supervise(Arc::clone(&browser), process, Arc::clone(&self.counts)));
        // Closed meanwhile: nobody else would end this one.
        if self.tasks.is_closed() {
            browser.kill.cancel();
        }
        Ok(browser)
    }

    /// Ends every process in an orderly way and waits until they are gone.
    pub async fn close(&self) {
        self.counts.closing.store(true, Ordering::Relaxed);
        for browser in self.slots().drain().flat_map(|(_, browsers)| browsers) {
            browser.retire.cancel();
            browser.kill.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<Engine, Vec<Arc<Browser>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches one process until it ends: by itself, by silence, or because it was told to.
async fn supervise(browser: Arc<Browser>, process: BrowserProcess, counts: Arc<Counts>) {
    let mut unused_since_retired = tokio::time::interval(Duration::from_millis(50));
    let mut pings = tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
    // A busy machine may make a sound browser miss one.
    let mut unanswered = 0;
    let how = loop {
        tokio::select! {
            biased;
            () = browser.kill.cancelled() => {
                break (!counts.closing.load(Ordering::Relaxed)).then_some(&counts.crashed);
            }
            () = browser.connection.closed().cancelled() => {
                tracing::debug!(process = browser.process_id, "the browser ended by itself");
                break Some(&counts.crashed);
            }
            _ = unused_since_retired.tick(), if browser.retire.is_cancelled() => {
                if browser.in_use.load(Ordering::Relaxed) == 0 {
                    break Some(&counts.retired);
                }
            }
            () = browser.retire.cancelled(), if !browser.retire.is_cancelled() => {}
            _ = pings.tick() => {
                let ask = GetVersionParams::default();
                let ping = browser.connection.call(None, &ask, PING_LIMIT).await;
                unanswered = if ping.is_ok() { 0 } else { unanswered + 1 };
                if let (Err(error), 2..) = (ping, unanswered) {
                    tracing::warn!(process = browser.process_id, %error, "the browser does not answer and is replaced");
                    break Some(&counts.crashed);
                }
            }
        }
    };
    if let Some(count) = how {
        count.fetch_add(1, Ordering::Relaxed);
    }
    browser.retire.cancel();
    if !browser.connection.closed().is_cancelled()
        && let Err(error) = browser.connection.post(None, &CloseParams::default()).await
    {
        tracing::debug!(%error, "the browser could not be asked to end");
    }
    process.end(END_GRACE).await;
    browser.connection.closed().cancel();
    let lost = browser.connection.unreadable() + browser.connection.dropped();
    counts.lost_messages.fetch_add(lost, Ordering::Relaxed);
}

impl Lease {
    fn take(browser: &Arc<Browser>, launch: &LaunchOptions, retire_after: u32) -> Self {
        browser.in_use.fetch_add(1, Ordering::Relaxed);
        let served = browser.served.fetch_add(1, Ordering::Relaxed) + 1;
        if served >= retire_after {
            browser.retire.cancel();
        }
        Self {
            browser: Arc::clone(browser),
            flags: launch.flags(),
            proxy_login: launch.proxy.as_ref().and_then(Proxy::login).cloned(),
            sandbox: launch.sandbox,
            retire_after,
        }
    }

    pub async fn open_page(&self, options: PageOptions) -> Result<Page, BrowserError> {
        Page::open(self.browser.connection.clone(), options, self.proxy_login.clone()).await
    }

    /// Product and version as the browser says it.
    pub fn version(&self) -> &str {
        &self.browser.version
    }

    pub fn flags(&self) -> &[String] {
        &self.flags
    }

    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// Fires when the process is gone; a visit in it must end.
    pub fn gone(&self) -> &CancellationToken {
        self.browser.connection.closed()
    }

    /// Protocol messages of this process that were unreadable or dropped, since its start.
    pub fn lost_messages(&self) -> u64 {
        self.browser.connection.unreadable() + self.browser.connection.dropped()
    }

    /// Kills the whole process: the last step when a page cannot be ended in any other way.
    pub fn kill_browser(&self) {
        tracing::warn!(
            process = self.browser.process_id,
            "a page could not be ended: its browser is killed"
        );
        self.browser.kill.cancel();
    }

    /// No other visit gets into this process any more.
    pub fn retire_browser(&self) {
        self.browser.retire.cancel();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.browser.in_use.fetch_sub(1, Ordering::Relaxed);
        tracing::trace!(
            served = self.browser.served.load(Ordering::Relaxed),
            of = self.retire_after,
            "lease ended"
        );
    }
}

/// Removes profile folders that a killed robot left in the temporary folder; says how many.
pub fn sweep_stale_profiles() -> usize {
    let removed = |path: &Path| std::fs::remove_dir_all(path).is_ok();
    stale_profiles().iter().filter(|path| removed(path)).count()
}
