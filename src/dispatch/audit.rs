//! A whole run: control visit, first visits, confirming visits, verdicts.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::control::Control;
use super::outage::FailureRows;
use super::run_judge::RunJudge;
use super::visits::{VisitError, VisitMaker};
use crate::browser::{BrowserError, TrustStore};
use crate::bundle::{
    ListKey, RunCounts, RunFolder, RunKind, RunList, RunLock, RunRecord, RunState, StoreError,
};
use crate::emc::EmcSettings;
use crate::judge::{PageQuestions, RunFacts};
use crate::network::TrackerCalls;
use crate::observation::{Engine, Observation};
use crate::rules::{CheckId, Profile, Rules};
use crate::settings::Settings;
use crate::site::{SiteId, SiteState};
use crate::timings::step;
use crate::verdict::{Outcome, SiteResult, Verdict};
use crate::visit::{Course, Questions, VisitRequest};

/// What a run is started with.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    pub settings: Settings,
    pub list: RunList,
    pub beginning: Beginning,
    pub out: PathBuf,
    pub rules: Rules,
    pub profile: Profile,
    pub only: Option<Vec<CheckId>>,
    /// Programs by engine; at least one.
    pub engines: HashMap<Engine, PathBuf>,
    /// Certificates that the browsers trust besides their own list.
    pub trust: Option<Arc<TrustStore>>,
    /// The version of the browser that visitors seem to use (`156.0.8078.79`).
    pub browser_version: String,
    pub sandbox: bool,
    pub command_line: Vec<String>,
    /// The list that it is a run of.
    pub list_key: Option<ListKey>,
}

/// Where a run begins.
#[derive(Debug, Clone)]
pub enum Beginning {
    /// With an empty folder.
    New(RunKind),
    /// With the visits that a run left which was killed or interrupted.
    Resumed(RunFolder, Box<RunRecord>),
    /// With the newest visits of some portals from the run whose sites are checked again.
    Recheck { of: RunFolder, portals: Vec<SiteId> },
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
        outcome: Outcome,
        /// Other visits that go on.
        in_flight: usize,
    },
    /// No further visit of a site is needed after those that confirmed or tried again.
    Settled {
        site: SiteId,
        verdict: Verdict,
        visits: usize,
    },
    /// So many sites wait for a visit that confirms or tries again.
    Confirming {
        sites: usize,
    },
    /// Sites that were not reached are tried again after this time.
    TryingAgain {
        sites: usize,
        wait: Duration,
    },
    /// Our own network is down; the run waits.
    Waiting,
    /// It did not come back in time; the run goes on.
    NetworkLost,
    /// No control address answered in the whole run.
    NetworkNever,
    Judging,
}

/// What came of a run.
#[derive(Debug)]
pub struct AuditSummary {
    pub folder: RunFolder,
    pub record: RunRecord,
    pub results: Vec<SiteResult>,
}

impl AuditSummary {
    pub fn interrupted(&self) -> bool {
        self.record.state == RunState::Interrupted
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Browser(#[from] BrowserError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It had begun: a disk that is full, most often, or a browser that does not start any more. Every visit
    /// that was finished is kept.
    #[error("run {run} ended early, and what was finished is kept")]
    Unfinished { run: String, source: Box<AuditError> },
    #[error("a part of the run ended unexpectedly: {0}")]
    Task(String),
}

pub(super) type Reporter = Arc<dyn Fn(RunEvent) + Send + Sync>;

/// A run under way, shared by its tasks.
pub struct Audit {
    pub(super) options: AuditOptions,
    pub(super) maker: VisitMaker,
    pub(super) control: Control,
    pub(super) judge: RunJudge,
    pub(super) record: Mutex<RunRecord>,
    /// The facts as they were at the start: enough for questions while visiting, and never copied.
    pub(super) known_sites: Arc<RunFacts>,
    pub(super) emc: Arc<EmcSettings>,
    pub(super) rules: Arc<Rules>,
    pub(super) first_engine: Engine,
    pub(super) report: Reporter,
    pub(super) stop: CancellationToken,
    pub(super) tracker: Arc<TrackerCalls>,
    pub(super) rows: FailureRows,
    /// Held until the run ends: nobody else writes into its folder.
    pub(super) _lock: RunLock,
    /// Held for writing while the run waits for its network.
    pub(super) network_up: tokio::sync::RwLock<()>,
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
        let audit = Arc::new(Self::prepare(options, report, &stop)?);
        let ended = audit.visit_all().await;
        let judged = match ended {
            Ok(()) => audit.judge_all().await,
            Err(error) => Err(error),
        };
        audit.maker.pool.close().await;
        let results = judged.map_err(|error| AuditError::Unfinished {
            run: audit.maker.folder.path().display().to_string(),
            source: Box::new(error),
        })?;
        let state = if audit.stop.is_cancelled() {
            RunState::Interrupted
        } else {
            RunState::Finished
        };
        Ok(AuditSummary {
            folder: audit.maker.folder.clone(),
            record: audit.note_record(|record| {
                record.state = state;
                record.browser_work += audit.maker.pool.work();
                record.ended = Some(jiff::Timestamp::now().to_string());
                record.counts = RunCounts::of(&results);
            }),
            results,
        })
    }

    async fn visit_all(self: &Arc<Self>) -> Result<(), AuditError> {
        let records = self.judge.records();
        let wanted: Vec<usize> = (0..records.len())
            .filter(|index| records[*index].state == SiteState::Active)
            .collect();
        let mut unseen = Vec::new();
        for index in &wanted {
            if !self.know_stored(*index)? {
                unseen.push(*index);
            }
        }
        (self.report)(RunEvent::Started {
            folder: self.maker.folder.path().to_path_buf(),
            visits: unseen.len(),
        });
        self.sample_control().await?;
        self.each(
            unseen,
            |audit, index| async move { audit.first_visit(index).await },
        )
        .await?;
        self.sample_control().await?;
        self.confirm_all(&wanted).await
    }

    /// Runs `work` for each of `tasks`, many at a time, and gives what came of them, in any order. After the first
    /// error nothing new begins, and what is under way is waited for: its visits are kept where that is possible.
    pub(super) async fn each<T, R, W, F>(
        self: &Arc<Self>,
        tasks: Vec<T>,
        work: W,
    ) -> Result<Vec<R>, AuditError>
    where
        W: Fn(Arc<Self>, T) -> F,
        F: Future<Output = Result<R, AuditError>> + Send + 'static,
        R: Send + 'static,
    {
        // More than visits in flight: some wait for their turn at a host while others go on.
        let at_once = 4 * self.options.settings.run.most_in_flight();
        let mut tasks = futures::stream::iter(tasks)
            .map(|task| tokio::spawn(work(Arc::clone(self), task)))
            .buffer_unordered(at_once);
        let (mut done, mut first_error) = (Vec::new(), None);
        while let Some(ended) = tasks.next().await {
            match ended.unwrap_or_else(|error| Err(AuditError::Task(error.to_string()))) {
                Ok(result) => done.push(result),
                Err(error) => {
                    self.stop.cancel();
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(done), Err)
    }

    /// Whether there are visits of a site already, from before the run was killed or from the run before.
    fn know_stored(&self, index: usize) -> Result<bool, AuditError> {
        let visits = self.maker.folder.visits(&self.judge.records()[index].site)?;
        let known = !visits.is_empty();
        if known {
            self.judge.add_facts(index, visits);
        }
        Ok(known)
    }

    async fn first_visit(self: Arc<Self>, index: usize) -> Result<(), AuditError> {
        let Some(observation) = self.visit(index, 1, self.first_engine).await? else {
            return Ok(());
        };
        self.judge.add_facts(index, vec![observation]);
        Ok(())
    }

    /// One stored visit, or nothing when the run is being stopped or the server asked to be left alone.
    pub(super) async fn visit(
        &self,
        index: usize,
        visit: u32,
        engine: Engine,
    ) -> Result<Option<Observation>, AuditError> {
        let listed = self.judge.records()[index].clone();
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
            course: Course::Whole,
            questions: Arc::new(questions),
        };
        drop(self.network_up.read().await);
        let began = Instant::now();
        let observation = match self.maker.make(&request, &self.stop).await {
            Ok(observation) => observation,
            Err(VisitError::Interrupted | VisitError::NotWelcome) => return Ok(None),
            Err(VisitError::Browser(error)) => return Err(error.into()),
            Err(VisitError::Store(error)) => return Err(error.into()),
        };
        (self.report)(RunEvent::Visited {
            site: request.listed.site.clone(),
            visit,
            took: began.elapsed(),
            outcome: self.judge.outcome(&request.listed, &observation),
            in_flight: self.maker.visits_in_flight(),
        });
        self.watch_network(&observation).await?;
        Ok(Some(observation))
    }

    async fn judge_all(self: &Arc<Self>) -> Result<Vec<SiteResult>, AuditError> {
        if !self.judge.control().ever_answered() && !self.stop.is_cancelled() {
            (self.report)(RunEvent::NetworkNever);
        }
        (self.report)(RunEvent::Judging);
        let audit = Arc::clone(self);
        blocking(move || step!("judge").in_scope(|| audit.judge.judge(&[]))).await
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

    fn is_home_of_another(&self, url: &Url) -> bool {
        PageQuestions::is_home_of_another(self, url)
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, AuditError> {
    let ended = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AuditError::Task(error.to_string()))?;
    Ok(ended?)
}
