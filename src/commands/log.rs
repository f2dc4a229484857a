//! `emc-audit log`: show, export and check the connection log.

use super::auditing::to_stdout;
use super::{CommandError, failed_to, usage};
use crate::cli::{Cli, EXIT_FAIL, EXIT_PASS, LogCommand, LogPlace, LogShowArguments, LogVerifyArguments};
use crate::history::{History, LogEntry, LogEvent, LogProblem, LogReport, LoggedVisit, verify_log_lines};
use crate::language::{Language, Sentence, word};
use crate::report::time_for_people;

/// Runs the subcommand; the value is the exit code.
pub(super) fn log(cli: &Cli, command: &LogCommand) -> Result<u8, CommandError> {
    match command {
        LogCommand::Show(arguments) => show(cli, arguments),
        LogCommand::Export(place) => export(place),
        LogCommand::Verify(arguments) => verify(cli, arguments),
    }
}

/// The history with a line for every visit on disk.
fn opened(place: &LogPlace) -> Result<History, CommandError> {
    let history = super::diff::opened(&place.out)?;
    history.log_visits(&place.out).map_err(failed_to("history"))?;
    Ok(history)
}

fn show(cli: &Cli, arguments: &LogShowArguments) -> Result<u8, CommandError> {
    let history = opened(&arguments.place)?;
    let mut shown = Vec::new();
    let read = history.log_lines(|line, _| {
        let Ok(entry) = serde_json::from_str::<LogEntry>(line) else {
            return Ok(());
        };
        // A line that is of no visit is older or younger by when it was written.
        let (site, at) = match &entry.event {
            LogEvent::Visit(visit) => (Some(&visit.site), &visit.at),
            LogEvent::Removed(_) | LogEvent::LinesRemoved(_) => (None, &entry.logged),
        };
        let of_site = arguments.site.is_none() || arguments.site.as_ref() == site;
        // Times in UTC sort as text, and so do their beginnings.
        let young = arguments.since.as_ref().is_none_or(|since| at >= since);
        if of_site && young {
            shown.push(if arguments.json {
                line.to_owned()
            } else {
                text(&entry, cli.lang)
            });
        }
        Ok(())
    });
    read.map_err(failed_to("history"))?;
    to_stdout(|to| shown.iter().try_for_each(|line| writeln!(to, "{line}")))?;
    Ok(EXIT_PASS)
}

fn text(entry: &LogEntry, language: Language) -> String {
    let line = match &entry.event {
        LogEvent::Visit(visit) => visit_line(entry, visit, language),
        LogEvent::Removed(removal) => Sentence::new("log", "evidence_removed")
            .with("sequence", entry.sequence)
            .with("at", time_for_people(&removal.at))
            .with("run", &removal.run)
            .with("visits", removal.visits)
            .with("sites", removal.sites)
            .with("files", removal.files)
            .with("mib", removal.bytes >> 20),
        LogEvent::LinesRemoved(removed) => Sentence::new("log", "lines_removed")
            .with("sequence", entry.sequence)
            .with("at", time_for_people(&entry.logged))
            .with("from", removed.from)
            .with("through", removed.through)
            .with("days", removed.log_days),
    };
    // An id is whatever a page sends: it stays on its line and moves no cursor.
    let tame = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    line.text(language).chars().map(tame).collect()
}

fn visit_line(entry: &LogEntry, visit: &LoggedVisit, language: Language) -> Sentence {
    let ids = if visit.site_ids.is_empty() {
        "–".to_owned()
    } else {
        visit.site_ids.join(", ")
    };
    Sentence::new("log", "line")
        .with("sequence", entry.sequence)
        .with("at", time_for_people(&visit.at))
        .with("site", &visit.site)
        .with("visit", visit.visit)
        .with("run", &visit.run)
        .with("ids", ids)
        .with("result", word("log", visit.result.as_str(), language))
}

fn export(place: &LogPlace) -> Result<u8, CommandError> {
    let history = opened(place)?;
    let mut lines = Vec::new();
    let read = history.log_lines(|line, _| {
        lines.push(line.to_owned());
        Ok(())
    });
    read.map_err(failed_to("history"))?;
    let head = history.log_head().map_err(failed_to("history"))?;
    to_stdout(|to| {
        lines.iter().try_for_each(|line| writeln!(to, "{line}"))?;
        serde_json::to_writer(&mut *to, &head).map_err(std::io::Error::from)?;
        to.write_all(b"\n")
    })?;
    Ok(EXIT_PASS)
}

fn verify(cli: &Cli, arguments: &LogVerifyArguments) -> Result<u8, CommandError> {
    let report = match &arguments.file {
        Some(file) => verify_log_lines(fs_err::read_to_string(file).map_err(usage)?.lines()),
        None => opened(&arguments.place)?
            .verify_log(&arguments.place.out)
            .map_err(failed_to("history"))?,
    };
    to_stdout(|to| {
        if arguments.json {
            serde_json::to_writer(&mut *to, &report).map_err(std::io::Error::from)?;
            return to.write_all(b"\n");
        }
        to.write_all(report_text(&report, cli.lang).as_bytes())
    })?;
    Ok(if report.sound { EXIT_PASS } else { EXIT_FAIL })
}

fn report_text(report: &LogReport, language: Language) -> String {
    let mut text = String::new();
    for problem in &report.problems {
        let line = match problem {
            LogProblem::Changed { sequence } => Sentence::new("log", "changed").with("sequence", sequence),
            LogProblem::Removed { from, to } => {
                Sentence::new("log", "removed").with("from", from).with("to", to)
            }
            LogProblem::Inserted { after } => Sentence::new("log", "inserted").with("after", after),
            LogProblem::Cut { from, to, run } => {
                let cut = Sentence::new("log", "cut").with("from", from).with("to", to);
                cut.with("run", run)
            }
            LogProblem::Rewritten { sequence, run } => Sentence::new("log", "rewritten")
                .with("sequence", sequence)
                .with("run", run),
        };
        text.push_str(&line.text(language));
        text.push('\n');
    }
    if let Some(removed) = &report.lines_removed {
        let gone = Sentence::new("log", "begins_later")
            .with("from", removed.from)
            .with("through", removed.through)
            .with("days", removed.log_days);
        text.push_str(&gone.text(language));
        text.push('\n');
    }
    let outcome = if report.sound { "sound" } else { "not_sound" };
    let sum = Sentence::new("log", outcome)
        .with("lines", report.lines)
        .with("heads", report.heads)
        .with("problems", report.problems.len());
    text.push_str(&sum.text(language));
    text.push('\n');
    text.push_str(word("log", "control", language));
    text.push('\n');
    text
}
