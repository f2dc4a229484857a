//! The scheduler: waits for due times, starts audits as processes of their own, and sees each to its end. It
//! stays small, so that what kills an audit does not kill it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;
use tokio::process::Child;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use super::plan::PlannedList;
use super::state::{StateFile, UnderWay};
use crate::bundle::{ListKey, RunRecord, RunState};
use crate::cli::LogFormat;
use crate::language::Language;
use crate::notify::{Channels, Notifier};
use crate::subprocess::{Launch, Task, send};

/// Held by the one scheduler of a folder of runs.
const LOCK: &str = ".schedule.lock";
/// A sleeping machine, or a clock that is set, is noticed after so long.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);
/// An audit that crashes is gone on with so often.
const ATTEMPTS: u32 = 3;
/// How long visits under way may take when the scheduler is told to end; then the audit is told once more…
const FINISH: Duration = Duration::from_secs(23);
/// …and killed after this. Together they stay below the half minute that containers and services give.
const END: Duration = Duration::from_secs(4);

/// How long a single audit waits for its messages to arrive.
const DELIVER: Duration = Duration::from_secs(45);

/// How what was begun for a due time ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    Finished,
    /// The audit could not be made: a list that is not right, a disk that is full, no browser.
    Failed,
    /// It died each time.
    Crashed,
    /// Told to end; the next start goes on with it.
    Interrupted,
    /// Somebody else ended it, or nobody went on with it until the next one was due.
    GivenUp,
}

impl End {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
            Self::Interrupted => "interrupted",
            Self::GivenUp => "given_up",
        }
    }
}

/// What happens, for a log.
#[derive(Debug, Clone)]
pub enum News {
    Waits {
        list: String,
        until: Timestamp,
    },
    Missed {
        list: String,
        due: Timestamp,
    },
    Begins {
        list: String,
        /// The run that is gone on with.
        resumed: Option<String>,
    },
    /// A run of the list goes on that was started elsewhere.
    Busy {
        list: String,
    },
    Died {
        list: String,
        /// When it is gone on with; never, where it died for the last time.
        again: Option<Timestamp>,
    },
    Ended {
        list: String,
        end: End,
        run: Option<Box<RunRecord>>,
    },
    /// What should be remembered could not be written.
    Forgets {
        list: String,
        cause: Arc<io::Error>,
    },
}

/// How it ended, and the run that came of it.
type Ended = (End, Option<RunRecord>);

/// Why the scheduler cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("another scheduler works in this folder")]
    Busy,
    #[error("a part of the scheduler ended unexpectedly: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// When to end: in good order, or at once.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    pub finish_up: CancellationToken,
    pub end_now: CancellationToken,
}

pub type Reporter = Arc<dyn Fn(News) + Send + Sync>;

/// What a scheduler is given.
pub struct SchedulerOptions {
    pub out: PathBuf,
    /// Settings file for the audits.
    pub settings: Option<PathBuf>,
    pub language: Language,
    pub log_format: LogFormat,
    /// Lists that are audited at the same time.
    pub runs_at_once: usize,
    pub channels: Channels,
    pub report: Reporter,
    pub stop: Stop,
}

/// A scheduler that has its folder to itself.
pub struct Scheduler {
    launch: Launch,
    state: StateFile,
    pub metrics: Arc<Metrics>,
    notifier: Arc<Notifier>,
    turns: Semaphore,
    report: Reporter,
    stop: Stop,
    _lock: std::fs::File,
}

impl std::fmt::Debug for SchedulerOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SchedulerOptions")
            .field("out", &self.out)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler")
            .field("launch", &self.launch)
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Takes the folder of runs.
    ///
    /// # Errors
    /// [`ScheduleError::Busy`] where another scheduler has it.
    pub fn new(options: SchedulerOptions) -> Result<Self, ScheduleError> {
        fs_err::create_dir_all(&options.out)?;
        let out = fs_err::canonicalize(&options.out)?;
        let lock = fs_err::File::create(out.join(LOCK))?.into_file();
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(ScheduleError::Busy),
            Err(std::fs::TryLockError::Error(cause)) => return Err(cause.into()),
        }
        let metrics = Arc::<Metrics>::default();
        let counted = Arc::clone(&metrics);
        let count = Arc::new(move |channel, result| counted.delivered(channel, result));
        Ok(Self {
            notifier: Arc::new(Notifier::new(&out, options.channels, options.language, count)?),
            state: StateFile::open(&out)?,
            metrics,
            turns: Semaphore::new(options.runs_at_once),
            report: options.report,
            stop: options.stop,
            launch: Launch {
                out,
                settings: options.settings,
                language: options.language,
                log_format: options.log_format,
            },
            _lock: lock,
        })
    }

    /// Audits each list whenever it is due, until it is told to end.
    pub async fn keep(self: Arc<Self>, lists: Vec<PlannedList>) -> Result<(), ScheduleError> {
        let mut tasks = JoinSet::new();
        let (notifier, ended) = (Arc::clone(&self.notifier), self.stop.finish_up.clone());
        let delivering = tokio::spawn(async move { notifier.keep_delivering(ended).await });
        for list in lists {
            let known = self.state.list(&list.name);
            self.metrics.remember(&list.name, known.last_success);
            let scheduler = Arc::clone(&self);
            tasks.spawn(async move { scheduler.keep_list(list).await });
        }
        while let Some(ended) = tasks.join_next().await {
            ended?;
        }
        delivering.abort();
        Ok(())
    }

    /// Audits a list now, or goes on with what an earlier start left.
    pub async fn once(&self, list: &PlannedList) -> End {
        let ended = match self.take_up(list).await {
            Some(end) if end != End::GivenUp => end,
            _ => self.begin(list, Timestamp::now()).await,
        };
        self.notifier.deliver_within(DELIVER).await;
        ended
    }

    async fn keep_list(&self, list: PlannedList) {
        self.take_up(&list).await;
        while !self.stop.finish_up.is_cancelled() {
            let now = Timestamp::now();
            let handled = self.state.list(&list.name).handled.unwrap_or_else(|| {
                // Nothing was missed before the list was known.
                self.remember(&list, |state| state.handled = Some(now));
                now
            });
            let Some(due) = list.timetable.next(handled, now) else {
                return;
            };
            let begins = list.begins(due.at, fastrand::f64());
            self.metrics.waits(&list.name, begins);
            if due.missed {
                self.tell(News::Missed {
                    list: list.name.clone(),
                    due: due.at,
                });
            } else {
                self.tell(News::Waits {
                    list: list.name.clone(),
                    until: begins,
                });
            }
            // A stop meanwhile leaves it owed: the next start makes up for it.
            if !self.sleep_until(begins).await {
                return;
            }
            self.begin(&list, due.at).await;
        }
    }

    /// Whether the time came before the end.
    async fn sleep_until(&self, at: Timestamp) -> bool {
        loop {
            // Nothing to wait for where it has passed.
            let left = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
            if left.is_zero() {
                return !self.stop.finish_up.is_cancelled();
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(LOOK_AT_CLOCK)) => {}
                () = self.stop.finish_up.cancelled() => return false,
            }
        }
    }

    /// What an earlier start left under way: gone on with, or given up where the next one is due.
    async fn take_up(&self, list: &PlannedList) -> Option<End> {
        let under_way = self.state.list(&list.name).under_way?;
        let is_current = list.timetable.is_current(under_way.due, Timestamp::now());
        let end = if is_current {
            self.attend(list, &under_way).await
        } else {
            match self.left_behind(list, under_way.began).await {
                Some(record) if record.state == RunState::Finished => (End::Finished, Some(record)),
                left => (End::GivenUp, left),
            }
        };
        Some(self.conclude(list, &under_way, end).await)
    }

    /// Begins for a due time, as soon as it is the list's turn.
    async fn begin(&self, list: &PlannedList, due: Timestamp) -> End {
        if !self.until_free(list).await {
            return End::Interrupted;
        }
        let under_way = UnderWay {
            due,
            began: Timestamp::now(),
        };
        self.remember(list, |state| {
            state.handled = Some(due);
            state.under_way = Some(under_way.clone());
        });
        let end = self.attend(list, &under_way).await;
        self.conclude(list, &under_way, end).await
    }

    /// Starts the audit, and again where it dies.
    async fn attend(&self, list: &PlannedList, under_way: &UnderWay) -> Ended {
        let mut end = End::Crashed;
        for attempt in 1..=ATTEMPTS {
            // Given back before a pause: other lists need not wait for it.
            let turn = tokio::select! {
                turn = self.turns.acquire() => turn,
                () = self.stop.finish_up.cancelled() => {
                    end = End::Interrupted;
                    break;
                }
            };
            self.metrics.works(&list.name, true);
            if !self.until_free(list).await {
                end = End::Interrupted;
                break;
            }
            let left = self.left_behind(list, under_way.began).await;
            if left
                .as_ref()
                .is_some_and(|record| record.state == RunState::Finished)
            {
                return (End::Finished, left);
            }
            let resumed = left.map(|record| record.run);
            if let Some(ended) = self.audit(list, resumed).await {
                end = ended;
                break;
            }
            drop(turn);
            self.metrics.works(&list.name, false);
            if !self.pause(list, attempt).await {
                end = End::Interrupted;
                break;
            }
        }
        (end, self.left_behind(list, under_way.began).await)
    }

    /// Tells that the audit died, and waits until it is gone on with. Whether that time came before the end.
    async fn pause(&self, list: &PlannedList, died: u32) -> bool {
        let again = (died < ATTEMPTS).then(|| list.tries_again(died, Timestamp::now()));
        self.metrics.died(&list.name, again);
        self.tell(News::Died {
            list: list.name.clone(),
            again,
        });
        match again {
            Some(again) => self.sleep_until(again).await,
            None => true,
        }
    }

    /// One process. Nothing where it died.
    async fn audit(&self, list: &PlannedList, resumed: Option<String>) -> Option<End> {
        let task = resumed.as_deref().map_or(Task::List(&list.sites), Task::Resume);
        let started = self.launch.command(task).and_then(|mut command| {
            // A signal to the whole group, as tini's or a terminal's, would count twice.
            command.process_group(0).spawn()
        });
        self.tell(News::Begins {
            list: list.name.clone(),
            resumed: resumed.clone(),
        });
        let code = match started {
            Ok(child) => self.see_to_its_end(child).await,
            Err(cause) => Err(cause),
        };
        let stopped = self.stop.finish_up.is_cancelled();
        match code {
            Ok(Some(0 | 3 | 4)) => Some(End::Finished),
            Ok(None | Some(130)) if stopped => Some(End::Interrupted),
            Ok(Some(130)) => Some(End::GivenUp),
            Ok(Some(_)) => Some(End::Failed),
            Ok(None) => None,
            Err(cause) => {
                tracing::error!(%cause, list = list.name, "the audit could not be started");
                Some(End::Failed)
            }
        }
    }

    /// Waits for its end, and passes on that everything is to end. Its exit code, or nothing where a signal killed it.
    async fn see_to_its_end(&self, mut child: Child) -> io::Result<Option<i32>> {
        tokio::select! {
            status = child.wait() => return Ok(status?.code()),
            () = self.stop.finish_up.cancelled() => {}
        }
        send(child.id(), Signal::TERM);
        tokio::select! {
            status = child.wait() => return Ok(status?.code()),
            () = tokio::time::sleep(FINISH) => {}
            () = self.stop.end_now.cancelled() => {}
        }
        send(child.id(), Signal::TERM);
        tokio::select! {
            status = child.wait() => return Ok(status?.code()),
            () = tokio::time::sleep(END) => {}
        }
        send(child.id(), Signal::KILL);
        Ok(child.wait().await?.code())
    }

    /// Waits for a run of the list that was started elsewhere: by hand, on the page of reviewers, or by a
    /// scheduler that was killed. Whether it ended before everything is to end. A list that is not there is free.
    async fn until_free(&self, list: &PlannedList) -> bool {
        let Ok(key) = ListKey::of(&list.sites) else {
            return !self.stop.finish_up.is_cancelled();
        };
        let out = self.launch.out.clone();
        if key.lock(&out).is_err() {
            self.tell(News::Busy {
                list: list.name.clone(),
            });
        }
        let free = tokio::task::spawn_blocking(move || key.wait_until_free(&out));
        tokio::select! {
            _ = free => !self.stop.finish_up.is_cancelled(),
            () = self.stop.finish_up.cancelled() => false,
        }
    }

    async fn left_behind(&self, list: &PlannedList, since: Timestamp) -> Option<RunRecord> {
        let (out, sites) = (self.launch.out.clone(), list.sites.clone());
        let found = tokio::task::spawn_blocking(move || {
            let (_, record) = ListKey::of(&sites).ok()?.newest_run(&out, since)?;
            Some(record)
        });
        found.await.ok().flatten()
    }

    /// Remembers and tells how it ended.
    async fn conclude(&self, list: &PlannedList, under_way: &UnderWay, ended: Ended) -> End {
        let (end, record) = ended;
        let now = Timestamp::now();
        let previous = self.state.list(&list.name).last_run;
        // First: a kill in between sends the same message once more, and loses none.
        let run = record.as_ref();
        match (end, run) {
            (End::Finished, Some(run)) => {
                let notifier = Arc::clone(&self.notifier);
                notifier.run_ended(&list.name, run, previous).await;
            }
            (End::Failed | End::Crashed, _) => {
                let run = run.map(|run| run.run.as_str());
                self.notifier.run_failed(&list.name, end.as_str(), run);
            }
            _ => {}
        }
        self.remember(list, |state| {
            state.last_end = Some(end.as_str().to_owned());
            if end == End::Interrupted {
                return;
            }
            state.under_way = None;
            // What fell due while it went on is covered by it; what did while nobody was there is not.
            state.handled = Some(if end == End::GivenUp { under_way.due } else { now });
            if let (End::Finished, Some(record)) = (end, run) {
                state.last_run = Some(record.run.clone());
                state.last_success = Some(now);
            }
        });
        self.metrics.works(&list.name, false);
        self.metrics.ended(&list.name, end, now);
        if let (End::Finished, Some(record)) = (end, run) {
            self.metrics.finished(&list.name, record);
        }
        self.tell(News::Ended {
            list: list.name.clone(),
            end,
            run: record.map(Box::new),
        });
        end
    }

    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    fn remember(&self, list: &PlannedList, change: impl FnOnce(&mut super::state::ListState)) {
        let written = self.state.change(&list.name, change);
        self.metrics.remembers(written.is_ok());
        if let Err(cause) = written {
            let (list, cause) = (list.name.clone(), Arc::new(cause));
            self.tell(News::Forgets { list, cause });
        }
    }

    fn tell(&self, news: News) {
        (self.report)(news);
    }
}
