//! An audit that was started from the page: this program once more, as a process of its own. One at a time.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::server::ServeOptions;
use crate::bundle::RunFolder;
use crate::cli::LogFormat;
use crate::site::{SiteId, SiteState};
use crate::subprocess::{Launch, Task, runs_in, send};

/// What the page shows of it.
const LINES: usize = 12;

/// What is asked for.
#[derive(Debug, Clone, Serialize)]
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

#[derive(Debug, Clone, Default, Serialize)]
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
    /// Runs that were there before it.
    #[serde(skip)]
    before: BTreeSet<String>,
    #[serde(skip)]
    sites: Vec<SiteId>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Job(Arc<Mutex<JobState>>);

impl Job {
    fn state(&self) -> MutexGuard<'_, JobState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it is; asks the folder of its run.
    pub fn told(&self, out: &Path) -> JobState {
        let mut state = self.state();
        if state.work.is_some() {
            state.look(out);
        }
        state.clone()
    }

    /// Begins to audit; not where another one goes on.
    pub fn begin(&self, options: &ServeOptions, work: Work) -> io::Result<bool> {
        let mut state = self.state();
        if state.running {
            return Ok(false);
        }
        let launch = Launch {
            out: options.out.clone(),
            settings: options.settings.clone(),
            language: options.language,
            // Its lines are shown on the page.
            log_format: LogFormat::Text,
        };
        let mut command = launch.command(match &work {
            Work::Recheck(sites) => Task::Recheck(sites),
            Work::Run { path, .. } => Task::List(path),
        })?;
        command.stderr(Stdio::piped());
        let before = runs_in(&options.out);
        let child = command.spawn()?;
        *state = JobState {
            running: true,
            work: Some(work),
            process: child.id(),
            before,
            ..JobState::default()
        };
        drop(state);
        tokio::spawn(self.clone().follow(child));
        Ok(true)
    }

    async fn follow(self, mut child: Child) {
        if let Some(stderr) = child.stderr.take() {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut state = self.state();
                if state.lines.len() == LINES {
                    state.lines.pop_front();
                }
                state.lines.push_back(line);
            }
        }
        let ended = child.wait().await;
        let mut state = self.state();
        state.running = false;
        state.process = None;
        state.exit_code = ended.ok().and_then(|status| status.code());
    }

    /// Lets it finish the visits under way; a second time it ends at once.
    pub fn stop(&self) {
        send(self.state().process, rustix::process::Signal::INT);
    }
}

impl JobState {
    fn look(&mut self, out: &Path) {
        if self.run.is_none() {
            self.run = runs_in(out).difference(&self.before).next().cloned();
        }
        let Some(run) = &self.run else { return };
        let Ok((folder, _)) = RunFolder::open(&out.join("runs").join(run)) else {
            return;
        };
        if self.sites.is_empty()
            && let Ok(list) = folder.read_list()
        {
            let active = list.judged().filter(|listed| listed.state == SiteState::Active);
            self.sites = active.map(|listed| listed.site.clone()).collect();
        }
        let is_seen = |site: &&SiteId| folder.site_path(site).join("visit-1").is_dir();
        self.visited = self.sites.iter().filter(is_seen).count();
        self.of = self.sites.len();
    }
}
