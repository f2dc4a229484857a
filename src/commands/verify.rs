//! `emc-audit verify`: check a bag, a site or a run offline, and name what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use super::auditing::to_stdout;
use super::{CommandError, error, usage};
use crate::bundle::{Problem, Roots, Trust, Verifier, VerifyReport, verify_by};
use crate::cli::{Cli, EXIT_FAIL, EXIT_PASS, VerifyArguments};
use crate::language::{Language, Sentence, word};
use crate::report::time_for_people;
use crate::settings::Settings;

/// Checks; the value is the exit code.
pub(super) fn verify(cli: &Cli, arguments: &VerifyArguments) -> Result<u8, CommandError> {
    if fs_err::symlink_metadata(&arguments.path).is_err() {
        let complaint = error("verify_no_path").with("path", arguments.path.display());
        return Err(usage(complaint));
    }
    let public_key = arguments.public_key.as_deref().map(Verifier::read);
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let roots = arguments
        .timestamp_ca
        .as_ref()
        .or(settings.evidence.timestamp_ca.as_ref());
    let trust = Trust {
        public_key: public_key.transpose().map_err(usage)?,
        roots: roots.map(|path| Roots::read(path)).transpose().map_err(usage)?,
    };
    let report = verify_by(&arguments.path, &trust).map_err(usage)?;
    to_stdout(|out| {
        if arguments.json {
            serde_json::to_writer(&mut *out, &report).map_err(std::io::Error::from)?;
            return out.write_all(b"\n");
        }
        out.write_all(text(&report, &arguments.path, cli.lang).as_bytes())
    })?;
    Ok(if report.sound { EXIT_PASS } else { EXIT_FAIL })
}

/// One line for each problem, and one that sums up.
fn text(report: &VerifyReport, path: &Path, language: Language) -> String {
    let mut text: String = report
        .problems
        .iter()
        .map(|problem| line(problem, language))
        .collect();
    if report.problems_left_out > 0 {
        let more = Sentence::new("verify", "more").with("count", report.problems_left_out);
        text.push_str(&more.text(language));
        text.push('\n');
    }
    text.push_str(&removed_text(report, language));
    text.push_str(&seals_text(report, language));
    let outcome = if report.sound { "sound" } else { "not_sound" };
    let problems = report.problems.len() as u64 + report.problems_left_out;
    let sum = Sentence::new("verify", outcome)
        .with("what", word("verify", report.checked.as_str(), language))
        .with("bags", report.bags)
        .with("files", report.files)
        .with("problems", problems)
        .with("path", path.display());
    text.push_str(&sum.text(language));
    text.push('\n');
    text
}

/// A line for each time at which visits were removed because their time was over.
fn removed_text(report: &VerifyReport, language: Language) -> String {
    let mut times: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    for visit in &report.removed {
        let (visits, files, bytes) = times.entry(&visit.at).or_default();
        (*visits, *files, *bytes) = (*visits + 1, *files + visit.files, *bytes + visit.bytes);
    }
    let lines = times.into_iter().map(|(at, (visits, files, bytes))| {
        let line = Sentence::new("verify", "removed")
            .with("at", time_for_people(at))
            .with("visits", visits)
            .with("files", files)
            .with("mib", bytes >> 20);
        line.text(language) + "\n"
    });
    lines.collect()
}

/// A line for each signature and each time stamp of a list.
fn seals_text(report: &VerifyReport, language: Language) -> String {
    let mut text = String::new();
    for seal in &report.seals {
        let mut lines: Vec<Sentence> = Vec::new();
        lines.extend(seal.signature.as_ref().map(|signature| {
            Sentence::new("verify", signature.state.as_str())
                .with("key", &signature.key)
                .with("comment", signature.comment.as_deref().unwrap_or_default())
        }));
        lines.extend(seal.time_stamps.iter().map(|stamp| {
            Sentence::new("verify", stamp.state.as_str())
                .with("at", stamp.at.as_deref().map(time_for_people).unwrap_or_default())
                .with("authority", stamp.authority.as_deref().unwrap_or_default())
        }));
        for line in lines {
            let line = line.with("list", &seal.list).text(language).replace('\t', " ");
            text.extend(line.chars().map(tame).chain(['\n']));
        }
    }
    text
}

/// Names of files and of authorities are whatever somebody made them: they stay on their line and move no cursor.
fn tame(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

fn line(problem: &Problem, language: Language) -> String {
    let kind = word("verify", problem.kind.as_str(), language);
    let path = if problem.path.is_empty() {
        "."
    } else {
        &problem.path
    };
    let reason = problem
        .reason
        .map(|reason| word("verify", reason.as_str(), language));
    let said = problem.said.as_ref().map(|said| said.in_language(language));
    let detail = said.or(problem.detail.as_deref());
    let why: Vec<&str> = reason.into_iter().chain(detail).collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({})", why.join(": "))
    };
    let line = format!("{kind}: {path}{why}");
    line.chars().map(tame).chain(['\n']).collect()
}
