//! `emc-audit verify`: check a bag, a site or a run offline, and name what is wrong with it.

use std::path::Path;

use super::auditing::to_stdout;
use super::{CommandError, usage};
use crate::bundle::{Problem, VerifyReport, verify as check};
use crate::cli::{Cli, EXIT_FAIL, EXIT_PASS, VerifyArguments};
use crate::language::{Language, word};

/// Checks; the value is the exit code.
pub(super) fn verify(cli: &Cli, arguments: &VerifyArguments) -> Result<u8, CommandError> {
    let report = check(&arguments.path).map_err(usage)?;
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
        let more = word("verify", "more", language);
        text.push_str(&more.replace("{count}", &report.problems_left_out.to_string()));
        text.push('\n');
    }
    let outcome = if report.sound { "sound" } else { "not_sound" };
    let problems = report.problems.len() as u64 + report.problems_left_out;
    let sum = word("verify", outcome, language)
        .replace("{what}", word("verify", report.checked.as_str(), language))
        .replace("{bags}", &report.bags.to_string())
        .replace("{files}", &report.files.to_string())
        .replace("{problems}", &problems.to_string())
        .replace("{path}", &path.display().to_string());
    text.push_str(&sum);
    text.push('\n');
    text
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
    let why: Vec<&str> = reason.into_iter().chain(problem.detail.as_deref()).collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({})", why.join(": "))
    };
    // Names of files are whatever somebody made them: they stay on their line and move no cursor.
    let line = format!("{kind}: {path}{why}");
    let tame = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    line.chars().map(tame).chain(['\n']).collect()
}
