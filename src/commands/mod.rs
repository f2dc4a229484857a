//! One file for each subcommand.

mod auditing;
mod check;
mod doctor;
mod judge;
pub mod list;
mod manual;
mod pack;
mod progress;
mod recheck;
mod run;
mod verify;

use std::path::{Path, PathBuf};

use crate::cli::{Cli, Command, ListCommand};

/// Why a command brought no result.
#[derive(Debug)]
pub enum CommandError {
    /// What the user gave is not right; nothing was done.
    Usage(anyhow::Error),
    /// The command itself failed.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Makes any error one of wrong usage.
fn usage(error: impl Into<anyhow::Error>) -> CommandError {
    CommandError::Usage(error.into())
}

/// A run is named by its folder's name in `out/runs`, by `latest`, or by a path.
fn run_path(out: &Path, run: &str) -> PathBuf {
    let named = match run {
        "latest" => out.join("latest"),
        name => out.join("runs").join(name),
    };
    if named.is_dir() { named } else { PathBuf::from(run) }
}

/// Runs the subcommand; the value is the exit code.
pub fn execute(cli: &Cli) -> Result<u8, CommandError> {
    match &cli.command {
        Command::Run(arguments) => run::run(cli, arguments),
        Command::Check(arguments) => check::check(cli, arguments),
        Command::Recheck(arguments) => recheck::recheck(cli, arguments),
        Command::Judge(arguments) => judge::judge(cli, arguments),
        Command::Doctor(arguments) => doctor::doctor(cli, arguments),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man => manual::page(),
        Command::Pack(arguments) => pack::pack_site(cli, arguments),
        Command::Verify(arguments) => verify::verify(cli, arguments),
        Command::List(ListCommand::Check { file, out }) => list::check(file, out.as_deref(), cli.lang),
        Command::List(ListCommand::New { file }) => list::new(file),
    }
}
