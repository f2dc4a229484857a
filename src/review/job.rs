//! An audit that was started from the page: this program once more, as a process of its own. One at a time.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

use super::server::ServeOptions;
use crate::bundle::RunFolder;
use crate::cli::LogFormat;
use crate::site::{SiteId, SiteState};
use crate::subprocess::{Launch, Task, runs_in, send};

/// What the page shows of it.
const LINES: usize = 12;
/// How often its folder is looked at.
const LOOKS: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Work {
    /// Sites of the newest full run once more.
    Recheck(Vec<String>),
    /// A whole list.
    Run {
        list: String,
        #[serde(skip)]
        path: PathBuf,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct JobState {
    pub running: bool,
    pub work: Option<Work>,
    /// The run that it makes, as soon as that is there.
    pub run: Option<String>,
    /// Sites that were seen at least once, and all of them.
    pub visited: usize,
    pub of: usize,
    /// What it said last.
    pub lines: VecDeque<String>,
    /// As the program's: 0, 3 and 4 are results.
    pub exit_code: Option<i32>,
    #[serde(skip)]
    process: Option<u32>,
}

/// The audit under way, or the last one. Of what happens only the newest state is kept, however many watch.
#[derive(Debug, Clone)]
pub(super) struct Job(Arc<watch::Sender<JobState>>);

impl Default for Job {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(JobState::default())))
    }
}

impl Job {
    /// How far it is.
    pub fn told(&self) -> JobState {
        self.0.borrow().clone()
    }

    /// Every change of it, beginning with how far it is.
    pub fn watch(&self) -> watch::Receiver<JobState> {
        let mut states = self.0.subscribe();
        states.mark_changed();
        states
    }

    /// Begins to audit; not where another one goes on.
    pub fn begin(&self, options: &ServeOptions, work: Work) -> io::Result<bool> {
        let mut begun = Ok(None);
        self.0.send_if_modified(|state| {
            if state.running {
                return false;
            }
            begun = start(options, &work).map(Some);
            let Ok(Some((child, _))) = &begun else {
                return false;
            };
            *state = JobState {
                running: true,
                work: Some(work),
                process: child.id(),
                ..JobState::default()
            };
            true
        });
        let Some((child, progress)) = begun? else {
            return Ok(false);
        };
        tokio::spawn(self.clone().follow(child, progress));
        Ok(true)
    }

    async fn follow(self, mut child: Child, mut progress: Progress) {
        let mut lines = child.stderr.take().map(|stderr| BufReader::new(stderr).lines());
        let mut looks = tokio::time::interval(LOOKS);
        while let Some(said) = &mut lines {
            tokio::select! {
                line = said.next_line() => match line {
                    Ok(Some(line)) => self.0.send_modify(|state| state.say(line)),
                    Ok(None) | Err(_) => lines = None,
                },
                _ = looks.tick() => self.look(&mut progress),
            }
        }
        let ended = child.wait().await;
        self.look(&mut progress);
        self.0.send_modify(|state| {
            state.running = false;
            state.process = None;
            state.exit_code = ended.ok().and_then(|status| status.code());
        });
    }

    /// Asks the folder of its run how far it is: the audit is a program of its own, and its visits are its news.
    fn look(&self, progress: &mut Progress) {
        tokio::task::block_in_place(|| progress.look());
        self.0.send_if_modified(|state| {
            let is_news =
                state.run != progress.run || state.visited != progress.visited() || state.of != progress.of;
            state.run.clone_from(&progress.run);
            state.visited = progress.visited();
            state.of = progress.of;
            is_news
        });
    }

    /// Lets it finish the visits under way; a second time it ends at once.
    pub fn stop(&self) {
        send(self.0.borrow().process, rustix::process::Signal::INT);
    }
}

impl JobState {
    fn say(&mut self, line: String) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

/// Starts the program once more.
fn start(options: &ServeOptions, work: &Work) -> io::Result<(Child, Progress)> {
    let launch = Launch {
        out: options.out.clone(),
        settings: options.settings.clone(),
        language: options.language,
        // Its lines are shown on the page.
        log_format: LogFormat::Text,
    };
    let mut command = launch.command(match work {
        Work::Recheck(sites) => Task::Recheck(sites),
        Work::Run { path, .. } => Task::List(path),
    })?;
    command.stderr(Stdio::piped());
    let progress = Progress {
        before: runs_in(&options.out),
        out: options.out.clone(),
        run: None,
        unseen: Vec::new(),
        of: 0,
    };
    Ok((command.spawn()?, progress))
}

/// How far an audit is, as its folder shows.
struct Progress {
    out: PathBuf,
    /// Runs that were there before it.
    before: BTreeSet<String>,
    run: Option<String>,
    unseen: Vec<SiteId>,
    of: usize,
}

impl Progress {
    fn visited(&self) -> usize {
        self.of - self.unseen.len()
    }

    fn look(&mut self) {
        if self.run.is_none() {
            self.run = runs_in(&self.out).difference(&self.before).next().cloned();
        }
        let Some(run) = &self.run else { return };
        let Ok((folder, _)) = RunFolder::open(&self.out.join("runs").join(run)) else {
            return;
        };
        if self.of == 0
            && let Ok(list) = folder.read_list()
        {
            let active = list.judged().filter(|listed| listed.state == SiteState::Active);
            self.unseen = active.map(|listed| listed.site.clone()).collect();
            self.of = self.unseen.len();
        }
        let is_unseen = |site: &SiteId| !folder.site_path(site).join("visit-1").is_dir();
        self.unseen.retain(is_unseen);
    }
}
