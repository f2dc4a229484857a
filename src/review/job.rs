//! A recheck that was started from the page: this program once more, as a process of its own. One at a time.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What the page shows of it.
const LINES: usize = 12;

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct JobState {
    pub running: bool,
    pub sites: Vec<String>,
    /// What it said last.
    pub lines: VecDeque<String>,
    /// As the program's: 0, 3 and 4 are results.
    pub exit_code: Option<i32>,
    #[serde(skip)]
    process: Option<u32>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Job(Arc<Mutex<JobState>>);

impl Job {
    fn state(&self) -> MutexGuard<'_, JobState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn told(&self) -> JobState {
        self.state().clone()
    }

    /// Begins to visit sites again; not where another one goes on.
    pub fn recheck(&self, out: &Path, settings: Option<&Path>, sites: Vec<String>) -> io::Result<bool> {
        let mut state = self.state();
        if state.running {
            return Ok(false);
        }
        let mut command = Command::new(std::env::current_exe()?);
        if let Some(settings) = settings {
            command.arg("--settings").arg(settings);
        }
        // Names of sites come from a page: behind `--` none of them is a flag.
        command
            .arg("recheck")
            .arg("--out")
            .arg(out)
            .arg("--")
            .args(&sites);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command.spawn()?;
        *state = JobState {
            running: true,
            sites,
            process: child.id(),
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
        let process = self.state().process.and_then(|id| i32::try_from(id).ok());
        if let Some(process) = process.and_then(rustix::process::Pid::from_raw)
            && let Err(cause) = rustix::process::kill_process(process, rustix::process::Signal::INT)
        {
            tracing::warn!(%cause, "the recheck could not be stopped");
        }
    }
}
