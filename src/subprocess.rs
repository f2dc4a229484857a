//! This program once more, as a process of its own: an audit that may crash, be stopped and be gone on with
//! without whoever started it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use crate::cli::LogFormat;
use crate::language::Language;

/// What every audit is told.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// Folder of all runs.
    pub out: PathBuf,
    /// Settings file; else the program looks for its own.
    pub settings: Option<PathBuf>,
    pub language: Language,
    pub log_format: LogFormat,
}

/// What is to be audited.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Task<'a> {
    /// A whole list.
    List(&'a Path),
    /// Sites of the newest full run once more.
    Recheck(&'a [String]),
    /// A run that was killed or interrupted.
    Resume(&'a str),
}

impl Launch {
    /// The command, which reads nothing and whose results are in its files.
    pub fn command(&self, task: Task<'_>) -> io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        if let Some(settings) = &self.settings {
            command.arg("--settings").arg(settings);
        }
        command.arg("--lang").arg(self.language.to_string());
        command.args(["--log-format", self.log_format.as_str()]);
        match task {
            // Names of sites come from a page: behind `--` none of them is a flag.
            Task::Recheck(sites) => command
                .args(["recheck", "--out"])
                .arg(&self.out)
                .arg("--")
                .args(sites),
            Task::List(path) => command
                .args(["run", "--out"])
                .arg(&self.out)
                .arg("--sites")
                .arg(path),
            Task::Resume(run) => command
                .args(["run", "--out"])
                .arg(&self.out)
                .arg("--resume")
                .arg(run),
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    }
}

/// Sends a signal to a process that was started here and has not been waited for.
pub(crate) fn send(process: Option<u32>, signal: Signal) {
    let process = process.and_then(|id| i32::try_from(id).ok());
    if let Some(process) = process.and_then(Pid::from_raw)
        && let Err(cause) = kill_process(process, signal)
    {
        tracing::warn!(%cause, "the audit could not be stopped");
    }
}

/// Names of all runs.
pub(crate) fn runs_in(out: &Path) -> BTreeSet<String> {
    let entries = fs_err::read_dir(out.join("runs")).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
