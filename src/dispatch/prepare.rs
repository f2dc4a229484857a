//! From the options of a run to its parts: folder, browsers, network policy, judge and record.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::audit::{Audit, AuditError, AuditOptions, Beginning, Reporter};
use super::control::Control;
use super::outage::FailureRows;
use super::pace::Pace;
use super::politeness::Politeness;
use super::reach::Reach;
use super::run_judge::{JudgeTerms, RunJudge};
use super::visits::VisitMaker;
use crate::browser::{BrowserPool, Identity, LaunchOptions, PoolOptions, TrustStore};
use crate::bundle::{JudgedBy, RunFolder, RunKind, RunLock, RunRecord, RunState, StoreError, Vantage};
use crate::judge::RunFacts;
use crate::network::{
    AddressPolicy, ConnectToRules, PolicyOptions, Proxy, TrackerCalls, name_servers, outgoing_addresses,
};
use crate::observation::Engine;
use crate::settings::{Beacon, Settings};
use crate::visit::{Visitor, VisitorOptions};

impl Audit {
    pub(super) fn prepare(
        options: AuditOptions,
        report: Reporter,
        stop: &CancellationToken,
    ) -> Result<Self, AuditError> {
        let settings = &options.settings;
        let identity = Arc::new(Identity::chrome(
            &options.browser_version,
            &settings.visit.locale,
            settings.visit.contact.as_deref(),
        ));
        let connect_to = ConnectToRules::new(settings.network.connect_to.clone());
        let pool = Arc::new(BrowserPool::new(pool_options(
            settings,
            &options.engines,
            options.sandbox,
            &identity,
            &connect_to,
            options.trust.as_ref(),
        )));
        let policy = Arc::new(address_policy(settings, connect_to));
        let first_engine = first_engine(settings, &options.engines);
        let (folder, record, lock) = begin(&options)?;
        let judge = RunJudge::new(folder.clone(), options.list.clone(), terms(&options));
        judge.control().samples.clone_from(&record.control.samples);
        let tracker = Arc::new(tracker_calls(settings, &record));
        let visitor = Visitor::new(VisitorOptions {
            settings: settings.visit.clone(),
            emc: settings.emc.clone(),
            policy: Arc::clone(&policy),
            identity: Arc::clone(&identity),
            tracker: Arc::clone(&tracker),
            command_line: options.command_line.clone(),
            rules: options.rules.version.clone(),
        });
        Ok(Self {
            maker: VisitMaker {
                pool: Arc::clone(&pool),
                visitor,
                politeness: Politeness::new(policy, &settings.run),
                pace: Pace::new(settings.run.visits_in_flight(), settings.run.most_in_flight()),
                under_way: AtomicUsize::new(0),
                folder,
            },
            control: Control {
                reach: Reach {
                    pool,
                    engine: first_engine,
                    identity,
                    gate: None,
                },
                emc_script: settings.emc.script_url.clone(),
                others: settings.network.control_urls.clone(),
            },
            judge,
            record: Mutex::new(record),
            known_sites: Arc::new(RunFacts::new(&options.list.sites)),
            emc: Arc::new(settings.emc.clone()),
            rules: Arc::new(options.rules.clone()),
            first_engine,
            report,
            // An error stops this run, not what its caller does next.
            stop: stop.child_token(),
            tracker,
            rows: FailureRows::default(),
            _lock: lock,
            network_up: tokio::sync::RwLock::new(()),
            options,
        })
    }

    /// Brings the record up to date, with what `change` adds.
    pub(super) fn note_record(&self, change: impl FnOnce(&mut RunRecord)) -> RunRecord {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.control.clone_from(&self.judge.control());
        record.beacon_calls_let_out = self.tracker.let_out();
        change(&mut record);
        record.clone()
    }
}

pub(super) fn address_policy(settings: &Settings, connect_to: ConnectToRules) -> AddressPolicy {
    AddressPolicy::new(PolicyOptions {
        connect_to,
        allow_private: settings.network.allow_private,
        allow_private_for: settings.network.allow_private_for.clone(),
        proxied: settings.network.proxy.is_some(),
    })
}

/// The engine that the settings name, else the cheaper one that is there.
pub(super) fn first_engine(settings: &Settings, engines: &HashMap<Engine, PathBuf>) -> Engine {
    let shell = engines.contains_key(&Engine::Shell);
    let cheapest = if shell { Engine::Shell } else { Engine::Chrome };
    settings.run.engine.unwrap_or(cheapest)
}

fn tracker_calls(settings: &Settings, record: &RunRecord) -> TrackerCalls {
    let stub = settings.run.beacon == Beacon::Stub;
    let calls = TrackerCalls::new(settings.emc.clone(), stub);
    calls.add_let_out(record.beacon_calls_let_out);
    calls
}

/// The folder of the run, with what it says of itself from the first moment on.
fn begin(options: &AuditOptions) -> Result<(RunFolder, RunRecord, RunLock), StoreError> {
    let kind = match &options.beginning {
        Beginning::Resumed(folder, record) => {
            let lock = folder.lock()?;
            folder.sweep_partial()?;
            let mut record = RunRecord::clone(record);
            record.state = RunState::Running;
            folder.write_record(&record)?;
            return Ok((folder.clone(), record, lock));
        }
        Beginning::New(kind) => *kind,
        Beginning::Recheck { .. } => RunKind::Recheck,
    };
    let started = jiff::Timestamp::now();
    let folder = RunFolder::create(&options.out, started)?;
    let lock = folder.lock()?;
    let mut record = RunRecord::begin(folder.name(), kind, started, judged_by(options));
    record.sandbox = options.sandbox;
    record.list.clone_from(&options.list_key);
    record.browsers = browsers(options);
    record.vantage = vantage(options);
    record.settings = serde_json::to_value(options.settings.of_a_run()).map_err(std::io::Error::from)?;
    if let Beginning::Recheck { of, portals } = &options.beginning {
        record.of = Some(of.name().to_owned());
        for portal in portals {
            folder.take_over(of, portal)?;
        }
    }
    folder.write_list(&options.list)?;
    folder.write_rules(options.rules.source())?;
    folder.write_record(&record)?;
    Ok((folder, record, lock))
}

fn terms(options: &AuditOptions) -> JudgeTerms {
    let settings = &options.settings;
    JudgeTerms {
        rules: options.rules.clone(),
        profile: options.profile.clone(),
        only: options.only.clone(),
        emc: settings.emc.clone(),
        beacon_stub: settings.run.beacon == Beacon::Stub,
        confirm: settings.run.confirm,
    }
}

fn judged_by(options: &AuditOptions) -> JudgedBy {
    let settings = &options.settings;
    JudgedBy {
        profile: options.profile.id.clone(),
        rules: options.rules.version.clone(),
        only: options.only.clone(),
        beacon_stub: settings.run.beacon == Beacon::Stub,
        confirm: settings.run.confirm,
        emc: settings.emc.clone(),
    }
}

fn browsers(options: &AuditOptions) -> BTreeMap<String, String> {
    let named = options
        .engines
        .iter()
        .map(|(engine, program)| (engine.as_str().to_owned(), program.display().to_string()));
    named
        .chain([("version".to_owned(), options.browser_version.clone())])
        .collect()
}

fn vantage(options: &AuditOptions) -> Vantage {
    let host = rustix::system::uname();
    Vantage {
        host: host.nodename().to_string_lossy().into_owned(),
        addresses: outgoing_addresses().iter().map(ToString::to_string).collect(),
        name_servers: name_servers(),
        proxy: options.settings.network.proxy.as_ref().map(Proxy::server),
        time_zone: options.settings.visit.time_zone.clone(),
    }
}

/// How browsers are started for `settings`.
#[allow(clippy::implicit_hasher)] // only ever called with the standard one
pub fn pool_options(
    settings: &Settings,
    engines: &HashMap<Engine, PathBuf>,
    sandbox: bool,
    identity: &Identity,
    connect_to: &ConnectToRules,
    trust: Option<&Arc<TrustStore>>,
) -> PoolOptions {
    let launch = |engine: &Engine, program: &PathBuf| LaunchOptions {
        program: program.clone(),
        engine: *engine,
        sandbox,
        user_agent: identity.user_agent.clone(),
        script_memory_mib: settings.browser.script_memory_mib,
        host_rules: connect_to.resolver_rules(),
        proxy: settings.network.proxy.clone(),
        trust: trust.cloned(),
        locale: settings.visit.locale.clone(),
        time_zone: settings.visit.time_zone.clone(),
        viewport: settings.visit.desktop,
    };
    PoolOptions {
        launch: engines
            .iter()
            .map(|(engine, program)| (*engine, launch(engine, program)))
            .collect(),
        browsers_per_engine: settings.browser.processes_per_engine(),
        retire_after: settings.browser.retire_after,
    }
}
