//! A whole run: control visit, first visits, confirming visits, verdicts.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::control::Control;
use super::politeness::Politeness;
use super::visits::{VisitError, VisitMaker};
use crate::browser::{BrowserError, BrowserPool, Identity, LaunchOptions, PoolOptions};
use crate::bundle::{RunFolder, StoreError};
use crate::emc::EmcSettings;
use crate::judge::{
    Confirmation, ControlFacts, JudgeContext, Needed, PageQuestions, RunFacts, SiteRecord, judge_site,
};
use crate::network::{AddressPolicy, ConnectToRules, PolicyOptions, TrackerCalls};
use crate::observation::{Engine, Observation};
use crate::rules::{CheckId, Profile, Rules};
use crate::settings::{Beacon, Settings};
use crate::site::{ListedSite, Role, SiteId, SiteState};
use crate::verdict::SiteResult;
use crate::visit::{Questions, VisitRequest, Visitor, VisitorOptions};

/// Visits in a row that reached nobody before the network itself is doubted.
const DOUBT_AFTER: u32 = 5;
/// Between two control visits while the run waits for its network.
const OUTAGE_PAUSE: Duration = Duration::from_secs(10);

/// What a run is started with.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    pub settings: Settings,
    pub sites: Vec<ListedSite>,
    /// Portals that are named in the list without being in it: visited, not judged.
    pub references: Vec<ListedSite>,
    pub out: PathBuf,
    pub rules: Rules,
    pub profile: Profile,
    pub only: Option<Vec<CheckId>>,
    /// Programs by engine; at least one.
    pub engines: HashMap<Engine, PathBuf>,
    /// The version of the browser that visitors seem to use (`156.0.8078.79`).
    pub browser_version: String,
    pub sandbox: bool,
    pub command_line: Vec<String>,
}

/// News of a run, for a progress bar and a log.
#[derive(Debug, Clone)]
pub enum RunEvent {
    /// Sites to visit, references included.
    Started {
        folder: PathBuf,
        visits: usize,
    },
    Visited {
        site: SiteId,
        visit: u32,
        took: Duration,
        reached: bool,
    },
    /// So many sites wait for a visit that confirms or tries again.
    Confirming {
        sites: usize,
    },
    /// Our own network is down; the run waits.
    Waiting {
        reason: String,
    },
    Judging,
}

/// What came of a run.
#[derive(Debug)]
pub struct AuditSummary {
    pub folder: RunFolder,
    pub results: Vec<SiteResult>,
    pub interrupted: bool,
    pub control: ControlFacts,
    pub started: jiff::Timestamp,
    pub ended: jiff::Timestamp,
    pub visits: usize,
    /// Calls of EMC's tracker that left the robot.
    pub beacon_calls: u64,
    pub profile: String,
    pub rules: String,
    pub sandbox: bool,
    pub settings: Settings,
    /// Program by engine.
    pub browsers: BTreeMap<String, String>,
}

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a part of the run ended unexpectedly: {0}")]
    Task(String),
}

type Reporter = Arc<dyn Fn(RunEvent) + Send + Sync>;

/// A run under way, shared by its tasks.
pub struct Audit {
    options: AuditOptions,
    maker: VisitMaker,
    control: Control,
    control_facts: Mutex<ControlFacts>,
    facts: RwLock<RunFacts>,
    /// The facts as they were at the start: enough for questions while visiting, and never copied.
    known_sites: Arc<RunFacts>,
    emc: Arc<EmcSettings>,
    rules: Arc<Rules>,
    /// Listed sites and references, portals first.
    records: Vec<ListedSite>,
    references: usize,
    first_engine: Engine,
    report: Reporter,
    stop: CancellationToken,
    visits: std::sync::atomic::AtomicUsize,
    tracker: Arc<TrackerCalls>,
    unreached_in_a_row: std::sync::atomic::AtomicU32,
    /// Held for writing while the run waits for its network.
    network_up: tokio::sync::RwLock<()>,
    started: jiff::Timestamp,
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Audit")
            .field("folder", &self.maker.folder)
            .finish_non_exhaustive()
    }
}

impl Audit {
    /// Runs from the first control visit to the last verdict. When `stop` fires, visits under way are
    /// finished and what is there is judged.
    pub async fn run(
        options: AuditOptions,
        report: Reporter,
        stop: CancellationToken,
    ) -> Result<AuditSummary, AuditError> {
        let audit = Arc::new(Self::prepare(options, report, stop)?);
        let ended = audit.visit_all().await;
        let judged = match ended {
            Ok(()) => Self::judge_all(&audit).await,
            Err(error) => Err(error),
        };
        audit.maker.pool.close().await;
        let results = judged?;
        Ok(AuditSummary {
            folder: audit.maker.folder.clone(),
            results,
            interrupted: audit.stop.is_cancelled(),
            control: audit.control_facts().clone(),
            started: audit.started,
            ended: jiff::Timestamp::now(),
            visits: audit.visits.load(std::sync::atomic::Ordering::Relaxed),
            beacon_calls: audit.tracker.let_out(),
            profile: audit.options.profile.id.clone(),
            rules: audit.options.rules.version.clone(),
            sandbox: audit.options.sandbox,
            settings: audit.options.settings.clone(),
            browsers: audit.browsers(),
        })
    }

    fn prepare(options: AuditOptions, report: Reporter, stop: CancellationToken) -> Result<Self, AuditError> {
        let settings = &options.settings;
        let started = jiff::Timestamp::now();
        let identity = Arc::new(Identity::chrome(
            &options.browser_version,
            &settings.visit.locale,
            settings.visit.contact.as_deref(),
        ));
        let connect_to = ConnectToRules::new(settings.network.connect_to.clone());
        let pool = Arc::new(BrowserPool::new(pool_options(&options, &identity, &connect_to)));
        let policy = Arc::new(AddressPolicy::new(PolicyOptions {
            connect_to,
            allow_private: settings.network.allow_private,
            allow_private_for: settings.network.allow_private_for.clone(),
            proxied: settings.network.proxy.is_some(),
        }));
        let shell = options.engines.contains_key(&Engine::Shell);
        let first_engine = settings
            .run
            .engine
            .unwrap_or(if shell { Engine::Shell } else { Engine::Chrome });
        let folder = RunFolder::create(&options.out, started)?;
        let mut records: Vec<ListedSite> = options.references.iter().chain(&options.sites).cloned().collect();
        records.sort_by_key(|listed| listed.role != Role::Portal);
        let stub = settings.run.beacon == Beacon::Stub;
        let tracker = Arc::new(TrackerCalls::new(settings.emc.clone(), stub));
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
                in_flight: Arc::new(tokio::sync::Semaphore::new(settings.run.visits_in_flight())),
                folder,
            },
            control: Control {
                pool,
                engine: first_engine,
                identity,
                emc_script: settings.emc.script_url.clone(),
                others: settings.network.control_urls.clone(),
            },
            control_facts: Mutex::default(),
            facts: RwLock::new(RunFacts::new(&options.sites)),
            known_sites: Arc::new(RunFacts::new(&options.sites)),
            emc: Arc::new(settings.emc.clone()),
            rules: Arc::new(options.rules.clone()),
            references: options.references.len(),
            records,
            first_engine,
            report,
            stop,
            visits: std::sync::atomic::AtomicUsize::new(0),
            tracker,
            unreached_in_a_row: std::sync::atomic::AtomicU32::new(0),
            network_up: tokio::sync::RwLock::new(()),
            started,
            options,
        })
    }

    fn browsers(&self) -> BTreeMap<String, String> {
        let name = |engine: &Engine| {
            if *engine == Engine::Shell {
                "shell"
            } else {
                "chrome"
            }
        };
        let programs = self.options.engines.iter();
        let named =
            programs.map(|(engine, program)| (name(engine).to_owned(), program.display().to_string()));
        named
            .chain([("version".to_owned(), self.options.browser_version.clone())])
            .collect()
    }

    async fn visit_all(self: &Arc<Self>) -> Result<(), AuditError> {
        let wanted: Vec<usize> = (0..self.records.len())
            .filter(|index| self.records[*index].state == SiteState::Active)
            .collect();
        (self.report)(RunEvent::Started {
            folder: self.maker.folder.path().to_path_buf(),
            visits: wanted.len(),
        });
        self.sample_control().await?;
        self.each(wanted.clone(), |audit, index| async move {
            audit.first_visit(index).await
        })
        .await?;
        self.sample_control().await?;
        // Portals first: a component's look can only be compared in an engine that saw its portal.
        let (portals, components): (Vec<usize>, Vec<usize>) = wanted
            .into_iter()
            .partition(|index| self.records[*index].role == Role::Portal);
        let mut confirmed = 0;
        for group in [portals, components] {
            let waiting = self.waiting_for_confirmation(group).await?;
            confirmed += waiting.len();
            if !waiting.is_empty() {
                (self.report)(RunEvent::Confirming { sites: waiting.len() });
            }
            self.each(waiting, |audit, index| async move { audit.confirm(index).await })
                .await?;
        }
        if confirmed > 0 {
            self.sample_control().await
        } else {
            Ok(())
        }
    }

    /// Runs `work` for each of `indices`, many at a time; the first error ends the rest.
    async fn each<W, F>(self: &Arc<Self>, indices: Vec<usize>, work: W) -> Result<(), AuditError>
    where
        W: Fn(Arc<Self>, usize) -> F,
        F: Future<Output = Result<(), AuditError>> + Send + 'static,
    {
        // More than visits in flight: some wait for their turn at a host while others go on.
        let at_once = 4 * self.options.settings.run.visits_in_flight();
        let mut tasks = futures::stream::iter(indices)
            .map(|index| tokio::spawn(work(Arc::clone(self), index)))
            .buffer_unordered(at_once);
        while let Some(ended) = tasks.next().await {
            ended.map_err(|error| AuditError::Task(error.to_string()))??;
        }
        Ok(())
    }

    async fn first_visit(self: Arc<Self>, index: usize) -> Result<(), AuditError> {
        drop(self.network_up.read().await);
        let Some(observation) = self.visit(index, 1, self.first_engine).await? else {
            return Ok(());
        };
        let reached = observation.document.status.is_some();
        self.watch_network(reached).await?;
        self.add_facts(index, vec![observation]);
        Ok(())
    }

    /// One stored visit, or nothing when the run is being stopped.
    async fn visit(
        &self,
        index: usize,
        visit: u32,
        engine: Engine,
    ) -> Result<Option<Observation>, AuditError> {
        let listed = self.records[index].clone();
        let questions = PageQuestions {
            listed: listed.clone(),
            facts: Arc::clone(&self.known_sites),
            emc: Arc::clone(&self.emc),
            rules: Arc::clone(&self.rules),
        };
        let request = VisitRequest {
            listed,
            visit,
            engine,
            questions: Arc::new(questions),
        };
        let began = Instant::now();
        let observation = match self.maker.make(&request, &self.stop).await {
            Ok(observation) => observation,
            Err(VisitError::Interrupted) => return Ok(None),
            Err(VisitError::Browser(error)) => return Err(error.into()),
            Err(VisitError::Store(error)) => return Err(error.into()),
        };
        self.visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (self.report)(RunEvent::Visited {
            site: request.listed.site.clone(),
            visit,
            took: began.elapsed(),
            reached: observation.document.status.is_some(),
        });
        Ok(Some(observation))
    }

    /// Doubts the network after a row of visits that reached nobody, and waits for it, within bounds.
    async fn watch_network(&self, reached: bool) -> Result<(), AuditError> {
        use std::sync::atomic::Ordering::Relaxed;
        if reached {
            self.unreached_in_a_row.store(0, Relaxed);
            return Ok(());
        }
        if self.unreached_in_a_row.fetch_add(1, Relaxed) + 1 < DOUBT_AFTER
            || !self.control_facts().ever_answered()
        {
            return Ok(());
        }
        let _everyone_waits = self.network_up.write().await;
        if self.unreached_in_a_row.swap(0, Relaxed) < DOUBT_AFTER {
            return Ok(());
        }
        let deadline = Instant::now() + Duration::from_secs(self.options.settings.run.outage_wait_s);
        loop {
            self.sample_control().await?;
            if self.control_facts().network_answered_last() {
                return Ok(());
            }
            if Instant::now() + OUTAGE_PAUSE >= deadline || self.stop.is_cancelled() {
                tracing::warn!("the network did not come back in time; the run goes on");
                return Ok(());
            }
            (self.report)(RunEvent::Waiting {
                reason: "no control address answers".to_owned(),
            });
            tokio::select! {
                () = tokio::time::sleep(OUTAGE_PAUSE) => {}
                () = self.stop.cancelled() => return Ok(()),
            }
        }
    }

    async fn sample_control(&self) -> Result<(), AuditError> {
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let mut fresh = ControlFacts::default();
        self.control.sample(&mut fresh).await?;
        self.control_facts().samples.append(&mut fresh.samples);
        Ok(())
    }

    /// The sites whose first visit does not suffice.
    async fn waiting_for_confirmation(self: &Arc<Self>, group: Vec<usize>) -> Result<Vec<usize>, AuditError> {
        if self.stop.is_cancelled() {
            return Ok(Vec::new());
        }
        let audit = Arc::clone(self);
        blocking(move || {
            let mut waiting = Vec::new();
            for index in group {
                if audit.needed(index)?.next.is_some() {
                    waiting.push(index);
                }
            }
            Ok(waiting)
        })
        .await
    }

    fn needed(&self, index: usize) -> Result<Needed, AuditError> {
        let record = self.record(index)?;
        let portal = self.portal_record(&record.listed)?;
        let control = self.control_facts().clone();
        let facts = self.facts();
        let context = self.context(&control);
        Ok(Confirmation::needed(
            &record,
            portal.as_ref(),
            &facts,
            &context,
            &self.maker.folder,
        ))
    }

    /// Visits a site again until its result may stand.
    async fn confirm(self: Arc<Self>, index: usize) -> Result<(), AuditError> {
        loop {
            let audit = Arc::clone(&self);
            let needed = blocking(move || audit.needed(index)).await?;
            let Some(wanted) = needed.next else { return Ok(()) };
            let visits = self.maker.folder.visits(&self.records[index].site)?;
            let number = u32::try_from(visits.len()).unwrap_or(u32::MAX) + 1;
            let engine = if self.maker.pool.has(wanted) {
                wanted
            } else {
                wanted.other()
            };
            let Some(observation) = self.visit(index, number, engine).await? else {
                return Ok(());
            };
            self.add_facts(index, visits.into_iter().chain([observation]).collect());
        }
    }

    fn add_facts(&self, index: usize, visits: Vec<Observation>) {
        let record = SiteRecord {
            listed: self.records[index].clone(),
            visits,
            reference: self.is_reference(index),
        };
        let control = self.control_facts().clone();
        let context = self.context(&control);
        self.facts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add(&record, &context);
    }

    fn is_reference(&self, index: usize) -> bool {
        self.references > 0
            && self
                .options
                .references
                .iter()
                .any(|known| known.site == self.records[index].site)
    }

    /// A site with its visits as they are on disk.
    fn record(&self, index: usize) -> Result<SiteRecord, AuditError> {
        let listed = self.records[index].clone();
        let visits = self.maker.folder.visits(&listed.site)?;
        Ok(SiteRecord {
            listed,
            visits,
            reference: self.is_reference(index),
        })
    }

    fn portal_record(&self, listed: &ListedSite) -> Result<Option<SiteRecord>, AuditError> {
        let Some(portal) = &listed.portal else {
            return Ok(None);
        };
        match self.records.iter().position(|record| record.site == *portal) {
            Some(index) => self.record(index).map(Some),
            None => Ok(None),
        }
    }

    fn context<'a>(&'a self, control: &'a ControlFacts) -> JudgeContext<'a> {
        JudgeContext {
            run: self.maker.folder.name(),
            rules: &self.options.rules,
            profile: &self.options.profile,
            only: self.options.only.as_deref(),
            emc: &self.options.settings.emc,
            control,
            beacon_stub: self.options.settings.run.beacon == Beacon::Stub,
            confirm: self.options.settings.run.confirm,
        }
    }

    /// Judges every listed site from what is on disk, in the order of the list.
    async fn judge_all(self: &Arc<Self>) -> Result<Vec<SiteResult>, AuditError> {
        (self.report)(RunEvent::Judging);
        let audit = Arc::clone(self);
        blocking(move || {
            let control = audit.control_facts().clone();
            let facts = audit.facts();
            let context = audit.context(&control);
            let mut portals: HashMap<SiteId, Option<SiteRecord>> = HashMap::new();
            let mut results = Vec::with_capacity(audit.options.sites.len());
            for listed in &audit.options.sites {
                let visits = audit.maker.folder.visits(&listed.site)?;
                let record = SiteRecord {
                    listed: listed.clone(),
                    visits,
                    reference: false,
                };
                if let Some(portal) = &listed.portal
                    && !portals.contains_key(portal)
                {
                    portals.insert(portal.clone(), audit.portal_record(listed)?);
                }
                let portal = listed
                    .portal
                    .as_ref()
                    .and_then(|portal| portals.get(portal)?.as_ref());
                results.push(judge_site(&record, portal, &facts, &context, &audit.maker.folder));
            }
            Ok(results)
        })
        .await
    }

    fn facts(&self) -> std::sync::RwLockReadGuard<'_, RunFacts> {
        self.facts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn control_facts(&self) -> std::sync::MutexGuard<'_, ControlFacts> {
        self.control_facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The checks' own questions are what a visit asks of a page.
impl Questions for PageQuestions {
    fn settled(&self, observation: &Observation) -> bool {
        PageQuestions::settled(self, observation)
    }

    fn to_follow(&self, observation: &Observation) -> Vec<String> {
        PageQuestions::to_follow(self, observation)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuditError> + Send + 'static,
) -> Result<T, AuditError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AuditError::Task(error.to_string()))?
}

fn pool_options(options: &AuditOptions, identity: &Identity, connect_to: &ConnectToRules) -> PoolOptions {
    let settings = &options.settings;
    let launch = |engine: &Engine, program: &PathBuf| LaunchOptions {
        program: program.clone(),
        engine: *engine,
        sandbox: options.sandbox,
        user_agent: identity.user_agent.clone(),
        script_memory_mib: settings.browser.script_memory_mib,
        host_rules: connect_to.resolver_rules(),
        proxy: settings.network.proxy.clone(),
        locale: settings.visit.locale.clone(),
        time_zone: settings.visit.time_zone.clone(),
        viewport: settings.visit.desktop,
    };
    PoolOptions {
        launch: options
            .engines
            .iter()
            .map(|(engine, program)| (*engine, launch(engine, program)))
            .collect(),
        browsers_per_engine: settings.browser.processes_per_engine(),
        retire_after: settings.browser.retire_after,
    }
}
