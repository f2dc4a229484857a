//! `emc-audit history`: how a site went from run to run.

use std::fmt::Write as _;

use super::auditing::to_stdout;
use super::diff::opened;
use super::{CommandError, error, usage};
use crate::cli::{Cli, EXIT_PASS, HistoryArguments};
use crate::history::{CoursePoint, SiteCourse};
use crate::language::{Language, Sentence, word};
use crate::report::time_for_people;
use crate::site::{SiteId, parse_address};

/// Prints the course; the value is the exit code.
pub(super) fn history(cli: &Cli, arguments: &HistoryArguments) -> Result<u8, CommandError> {
    let history = opened(&arguments.out)?;
    let site = SiteId::from_url(&parse_address(&arguments.host).map_err(usage)?);
    let courses = history.course(&site.to_string(), arguments.last).map_err(usage)?;
    if courses.is_empty() {
        let complaint = error("no_history_of").with("host", &site);
        return Err(usage(complaint.with("out", arguments.out.display())));
    }
    to_stdout(|to| {
        for course in &courses {
            if arguments.json {
                serde_json::to_writer(&mut *to, course).map_err(std::io::Error::from)?;
                to.write_all(b"\n")?;
            } else {
                to.write_all(text(course, cli.lang).as_bytes())?;
            }
        }
        Ok(())
    })?;
    Ok(EXIT_PASS)
}

fn text(course: &SiteCourse, language: Language) -> String {
    let heading = Sentence::new("diff", "course_of")
        .with("site", &course.site)
        .with("count", course.points.len());
    let mut text = heading.text(language);
    if course.name != course.site {
        let _ = write!(text, " — {}", course.name);
    }
    text.push('\n');
    for point in &course.points {
        let kind = word("diff", &point.kind, language);
        let verdict = word("status", &point.verdict, language);
        let at = time_for_people(&point.started);
        let _ = write!(text, "  {at}  {verdict}");
        let why = why(point, language);
        if !why.is_empty() {
            let _ = write!(text, ": {why}");
        }
        let _ = writeln!(text, "  [{kind}, {}]", point.run);
    }
    text
}

/// The checks that decided, or why nothing was measured.
fn why(point: &CoursePoint, language: Language) -> String {
    if point.outcome != "measured" {
        let outcome = word("outcome", &point.outcome, language);
        let reason = point.reason.as_deref();
        return reason.map_or_else(|| outcome.to_owned(), |reason| format!("{outcome} ({reason})"));
    }
    let deciding = point
        .findings
        .iter()
        .filter(|finding| finding.mandatory && finding.status == point.verdict && point.verdict != "pass");
    let words: Vec<String> = deciding
        .map(|finding| format!("{} {}", finding.check_name, finding.code))
        .collect();
    words.join(", ")
}
