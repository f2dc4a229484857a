//! One file for each subcommand.

mod arguments;
mod auditing;
mod check;
mod complaint;
mod diff;
mod discover;
mod doctor;
mod explain;
mod history;
mod judge;
mod key;
pub mod list;
mod log;
mod manual;
mod notify;
mod pack;
mod progress;
mod prune;
mod rank;
mod recheck;
mod report;
mod run;
mod schedule;
mod serve;
mod timestamp;
mod user;
mod verify;

use std::path::{Path, PathBuf};

use crate::bundle::{Problem, Reason, RunFolder, RunRecord, verify};
use crate::cli::{Cli, Command, ListCommand};

pub use arguments::{complaint_of, language_asked_for};
pub use auditing::NOTES;
pub use complaint::{CommandError, Complaint};
use complaint::{error, failed, failed_to, usage};

/// Runs that are offered where somebody names one that is not there.
const RUNS_OFFERED: usize = 5;

/// A run is named by its folder's name in `out/runs`, by `latest`, or by a path.
fn run_path(out: &Path, run: &str) -> PathBuf {
    let named = match run {
        "latest" => out.join("latest"),
        name => out.join("runs").join(name),
    };
    if named.is_dir() { named } else { PathBuf::from(run) }
}

/// The run that somebody named, with what it says of itself.
fn open_run(out: &Path, run: &str) -> Result<(RunFolder, RunRecord), CommandError> {
    let path = run_path(out, run);
    if !path.is_dir() {
        let known = runs_in(out);
        let key = if known.is_empty() {
            "no_runs"
        } else {
            "no_such_run"
        };
        let complaint = error(key).with("run", run).with("out", out.display());
        return Err(usage(complaint.with("known", known.join(", "))));
    }
    RunFolder::open(&path).map_err(|cause| {
        let doing = error("open_run").with("run", run);
        usage(Complaint::from(cause).without_hint().during(&doing))
    })
}

/// Refuses stored evidence that somebody changed: what is made of it would make the change look sound. Only
/// what `counts`, by its path below `path`, is asked for.
fn refuse_touched(path: &Path, counts: impl Fn(&str) -> bool) -> Result<(), CommandError> {
    let report = verify(path).map_err(usage)?;
    // A run that goes on has no list yet.
    let unsealed = |problem: &Problem| problem.reason == Some(Reason::NotSealed);
    let problems = report.problems.iter();
    let touched: Vec<&Problem> = problems
        .filter(|problem| !unsealed(problem) && counts(&problem.path))
        .collect();
    let Some(first) = touched.first() else {
        return Ok(());
    };
    let complaint = error("touched").with("path", path.display());
    let complaint = Complaint::from(complaint.with("problems", touched.len()));
    Err(usage(complaint.because(&first.path)))
}

/// Names of the newest runs in a folder of runs, newest first.
fn runs_in(out: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(out.join("runs")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(RUNS_OFFERED);
    names
}

/// Runs the subcommand; the value is the exit code.
pub fn execute(cli: &Cli) -> Result<u8, CommandError> {
    match &cli.command {
        Command::Run(arguments) => run::run(cli, arguments),
        Command::Check(arguments) => check::check(cli, arguments),
        Command::Recheck(arguments) => recheck::recheck(cli, arguments),
        Command::Judge(arguments) => judge::judge(cli, arguments),
        Command::Diff(arguments) => diff::diff(cli, arguments),
        Command::History(arguments) => history::history(cli, arguments),
        Command::Discover(arguments) => discover::discover(cli, arguments),
        Command::Doctor(arguments) => doctor::doctor(cli, arguments),
        Command::Key(command) => key::key(cli, command),
        Command::Log(command) => log::log(cli, command),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man => manual::page(),
        Command::Rank(arguments) => rank::rank_by_visits(cli, arguments),
        Command::Pack(arguments) => pack::pack_site(cli, arguments),
        Command::Prune(arguments) => prune::prune(cli, arguments),
        Command::Timestamp(arguments) => timestamp::timestamp(cli, arguments),
        Command::Report(arguments) => report::report(cli, arguments),
        Command::Verify(arguments) => verify::verify(cli, arguments),
        Command::List(ListCommand::Check { file, out }) => list::check(file, out.as_deref(), cli.lang),
        Command::List(ListCommand::New { file }) => list::new(file),
        Command::Serve(arguments) => serve::serve(cli, arguments),
        Command::Schedule(arguments) => schedule::schedule(cli, arguments),
        Command::Notify(arguments) => notify::notify(cli, arguments),
        Command::Health(arguments) => schedule::health(cli, arguments),
        Command::User(command) => user::user(command, cli.lang),
    }
}
