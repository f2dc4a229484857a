//! Bare navigation: what loading pages costs in the browser alone, with nothing looked at and nothing kept. The
//! limit that a visit is measured against; `scripts/bench` runs it.
//!
//!     navigate ADDRESSES CONNECT-TO…     (a file with one address a line; rules as of --connect-to)
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use emc_audit::browser::{BrowserPool, Identity, PageEvent, PageOptions, find_engine, installed_version};
use emc_audit::dispatch::pool_options;
use emc_audit::network::ConnectToRules;
use emc_audit::observation::Engine;
use emc_audit::settings::Settings;
use futures::StreamExt;
use tokio::sync::Notify;

const LOAD_LIMIT: Duration = Duration::from_secs(20);

fn main() {
    // Cargo calls a bench with words of its own.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let arguments: Vec<String> = words.collect();
    let Some((addresses, rules)) = arguments.split_first() else {
        println!("left out: scripts/bench runs this one");
        return;
    };
    let addresses = std::fs::read_to_string(addresses).unwrap();
    let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let settings = Settings::default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let at_once = settings.run.visits_in_flight();
    runtime.block_on(async {
        let (pool, identity) = browsers(&settings, &ConnectToRules::new(rules));
        let loads = addresses
            .lines()
            .map(|address| load(&pool, &identity, &settings, address));
        let loaded: Vec<bool> = futures::stream::iter(loads)
            .buffer_unordered(at_once)
            .collect()
            .await;
        let whole = loaded.iter().filter(|loaded| **loaded).count();
        println!("{whole} of {} pages loaded", loaded.len());
        pool.close().await;
    });
}

fn browsers(settings: &Settings, connect_to: &ConnectToRules) -> (BrowserPool, Arc<Identity>) {
    let shell = find_engine(Engine::Shell, settings.browser.shell.as_deref()).unwrap();
    let version = installed_version(&shell.program).unwrap();
    let identity = Arc::new(Identity::chrome(&version, &settings.visit.locale, None));
    let engines = HashMap::from([(Engine::Shell, shell.program)]);
    let sandbox = !rustix::process::geteuid().is_root();
    let options = pool_options(settings, &engines, sandbox, &identity, connect_to, None);
    (BrowserPool::new(options), identity)
}

/// Loads one page in a fresh context; says whether its load event came.
async fn load(pool: &BrowserPool, identity: &Arc<Identity>, settings: &Settings, address: &str) -> bool {
    let lease = pool.lease(Engine::Shell).await.unwrap();
    let loaded = Arc::new(Notify::new());
    let heard = Arc::clone(&loaded);
    let options = PageOptions {
        identity: Arc::clone(identity),
        viewport: settings.visit.desktop,
        gate: None,
        listener: Arc::new(move |event| {
            if matches!(event, PageEvent::Loaded) {
                heard.notify_one();
            }
        }),
    };
    let page = lease.open_page(options).await.unwrap();
    let came = tokio::time::timeout(LOAD_LIMIT, async {
        page.navigate(address, LOAD_LIMIT).await.unwrap();
        loaded.notified().await;
    });
    let came = came.await.is_ok();
    page.close(Duration::from_secs(5)).await.unwrap();
    came
}
