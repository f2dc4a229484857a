//! `emc-audit schedule`: lists audited by a timetable; and `emc-audit health`, which asks how that is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::auditing::{NOTES, Signals, stop_on_signals, to_stdout};
use super::{CommandError, Complaint, error, failed, failed_to, usage};
use crate::cli::{Cli, EXIT_INTERRUPTED, EXIT_PASS, EXIT_RUN_FAILED};
use crate::cli::{HealthArguments, ScheduleArguments};
use crate::inventory::{ReadOptions, read_list};
use crate::language::{Language, Sentence, word};
use crate::notify::Channels;
use crate::report::time_for_people;
use crate::schedule::{
    End, HealthServer, News, PlannedList, Scheduler, SchedulerOptions, Stop, ask_health, named, plan,
    seconds_of,
};
use crate::settings::Settings;

/// Times of each list that `--check` tells.
const TIMES_TOLD: usize = 3;
/// What is left of the scheduler ends within this.
const LEAVE: Duration = Duration::from_secs(2);

/// A sentence for people, and its facts for programs: a log in words leaves spans out.
macro_rules! said {
    ($language:expr, $sentence:expr, $($fact:tt)*) => {
        tracing::info_span!(target: NOTES, "schedule", $($fact)*)
            .in_scope(|| tracing::info!(target: NOTES, "{}", $sentence.text($language)))
    };
}

/// Audits by the timetable until it is told to end; the value is the exit code.
pub(super) fn schedule(cli: &Cli, arguments: &ScheduleArguments) -> Result<u8, CommandError> {
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let lists = plan(&settings.schedule).map_err(usage)?;
    let channels = Channels::of(&settings).map_err(usage)?;
    if arguments.check {
        return check(&lists, &channels, cli.lang);
    }
    let once = arguments.once.as_deref();
    let lists = match once {
        Some(asked) => vec![named(lists, asked).map_err(usage)?],
        None => lists,
    };
    in_runtime(async {
        let signals = stop_on_signals(cli.lang, "schedule_ends").map_err(failed)?;
        let options = options(cli, &arguments.out, &settings, channels, &signals);
        let scheduler = Arc::new(Scheduler::new(options).map_err(failed_to("schedule"))?);
        match lists.as_slice() {
            [list] if once.is_some() => Ok(exit_code(&scheduler, list).await),
            _ => keep(cli, &settings, scheduler, lists).await,
        }
    })
}

pub(super) fn in_runtime<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let ended = runtime.block_on(work);
    // A thread may wait for a list that somebody else audits.
    runtime.shutdown_timeout(LEAVE);
    ended
}

fn options(
    cli: &Cli,
    out: &Path,
    settings: &Settings,
    channels: Channels,
    signals: &Signals,
) -> SchedulerOptions {
    let language = cli.lang;
    SchedulerOptions {
        out: out.to_path_buf(),
        settings: cli.settings.clone(),
        language,
        log_format: cli.log_format,
        runs_at_once: settings.schedule.runs_at_once,
        channels,
        report: Arc::new(move |news| tell(&news, language)),
        stop: Stop {
            finish_up: signals.finish_up.clone(),
            end_now: signals.end_now.clone(),
        },
    }
}

async fn keep(
    cli: &Cli,
    settings: &Settings,
    scheduler: Arc<Scheduler>,
    lists: Vec<PlannedList>,
) -> Result<u8, CommandError> {
    let listen = settings.schedule.listen;
    let taken = || error("listen").with("address", listen);
    let server = HealthServer::bind(listen, Arc::clone(&scheduler.metrics)).await;
    let server = server.map_err(|cause| failed(Complaint::from(cause).during(&taken())))?;
    let address = server.address().map_err(failed)?;
    let notice = Sentence::new("notice", "scheduling").with("lists", lists.len());
    super::auditing::note(&notice.with("address", address), cli.lang);
    let ended = scheduler.stop().finish_up.clone();
    let answering = tokio::spawn(server.serve(ended.clone()));
    let kept = Arc::clone(&scheduler).keep(lists).await;
    ended.cancel();
    kept.map_err(failed_to("schedule"))?;
    answering
        .await
        .map_err(std::io::Error::other)
        .flatten()
        .map_err(failed_to("schedule"))?;
    Ok(EXIT_PASS)
}

/// A timer of the host asks whether the audit was made, not what it found.
async fn exit_code(scheduler: &Scheduler, list: &PlannedList) -> u8 {
    match scheduler.once(list).await {
        End::Finished => EXIT_PASS,
        End::Interrupted => EXIT_INTERRUPTED,
        End::Failed | End::Crashed | End::GivenUp => EXIT_RUN_FAILED,
    }
}

/// The next times of each list, and whether its file can be audited.
fn check(lists: &[PlannedList], channels: &Channels, language: Language) -> Result<u8, CommandError> {
    let mut lines = Vec::new();
    let now = Timestamp::now();
    for list in lists {
        let read = read_list(&list.sites, &ReadOptions::default()).map_err(|cause| {
            let place = error("scheduled_list").with("list", &list.name);
            usage(Complaint::from(cause).during(&place))
        })?;
        let first = list.timetable.after(now);
        let times = std::iter::successors(first, |at| list.timetable.after(*at)).take(TIMES_TOLD);
        let times: Vec<String> = times.map(|at| list.timetable.shown(at)).collect();
        let line = Sentence::new("schedule", "due")
            .with("list", &list.name)
            .with("sites", read.sites.len())
            .with("times", times.join(", "));
        lines.push(line.text(language));
    }
    let told: Vec<&str> = channels.kinds().iter().map(|kind| kind.as_str()).collect();
    lines.push(if told.is_empty() {
        word("schedule", "tells_nobody", language).to_owned()
    } else {
        let sentence = Sentence::new("schedule", "tells").with("channels", told.join(", "));
        sentence.text(language)
    });
    to_stdout(|out| lines.iter().try_for_each(|line| writeln!(out, "{line}")))?;
    Ok(EXIT_PASS)
}

/// Tells what happens: as a sentence, and in a log for programs with its facts beside.
fn tell(news: &News, language: Language) {
    match news {
        News::Waits { list, until } => {
            let sentence = Sentence::new("schedule", "waits").with("list", list);
            let sentence = sentence.with("until", time_for_people(&until.to_string()));
            said!(language, sentence, list = list, due = %until);
        }
        News::Missed { list, due } => {
            let sentence = Sentence::new("schedule", "missed").with("list", list);
            let sentence = sentence.with("due", time_for_people(&due.to_string()));
            said!(language, sentence, list = list, due = %due);
        }
        News::Begins { list, resumed: None } => {
            let sentence = Sentence::new("schedule", "begins").with("list", list);
            said!(language, sentence, list = list);
        }
        News::Begins {
            list,
            resumed: Some(run),
        } => {
            let sentence = Sentence::new("schedule", "resumes")
                .with("list", list)
                .with("run", run);
            said!(language, sentence, list = list, run = run);
        }
        News::Busy { list } => {
            let sentence = Sentence::new("schedule", "busy").with("list", list);
            said!(language, sentence, list = list);
        }
        News::Died { list, again } => {
            let sentence = match again {
                Some(again) => {
                    Sentence::new("schedule", "died").with("until", time_for_people(&again.to_string()))
                }
                None => Sentence::new("schedule", "died_again"),
            };
            let again = again.map(|again| again.to_string());
            tracing::info_span!(target: NOTES, "schedule", list = list, again = again).in_scope(|| {
                tracing::warn!("{}", sentence.with("list", list).text(language));
            });
        }
        News::Forgets { list, cause } => {
            let what = Complaint::from(std::io::Error::new(cause.kind(), cause.to_string())).in_one_line();
            let sentence = Sentence::new("schedule", "forgets")
                .with("list", list)
                .with_message("what", what);
            tracing::error!("{}", sentence.text(language));
        }
        News::Ended { list, end, run } => {
            let name = run.as_ref().map_or("–", |record| record.run.as_str());
            let seconds = run.as_ref().and_then(|record| seconds_of(record));
            let sites = run.as_ref().map_or(0, |record| record.counts.sites);
            let sentence = Sentence::new("schedule", "ended")
                .with("list", list)
                .with("run", name);
            let end = end.as_str();
            let sentence = sentence.with("end", word("schedule_end", end, language));
            said!(
                language,
                sentence,
                list = list,
                run = name,
                end = end,
                seconds = seconds,
                sites = sites
            );
        }
    }
}

/// Asks the scheduler on this machine how it is; the value is the exit code.
pub(super) fn health(cli: &Cli, arguments: &HealthArguments) -> Result<u8, CommandError> {
    let listen = match arguments.listen {
        Some(listen) => listen,
        None => {
            Settings::load(cli.settings.as_deref())
                .map_err(usage)?
                .schedule
                .listen
        }
    };
    let asked = in_runtime(async { ask_health(listen).await.map_err(failed) });
    let (is_well, said) = asked.map_err(|_| failed(error("no_scheduler").with("address", listen)))?;
    to_stdout(|out| writeln!(out, "{said}"))?;
    Ok(if is_well { EXIT_PASS } else { EXIT_RUN_FAILED })
}
