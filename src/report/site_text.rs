//! One site as text for a terminal: every check with its reason and its evidence, and what changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::repair::{Repair, Repairs};
use crate::bundle::RunFolder;
use crate::language::{Language, word};
use crate::rules::{CheckId, Rules};
use crate::verdict::{Finding, SiteResult};

/// Longer pieces of code are left to the report.
const PASTED_LINES: usize = 4;

/// The verdict of one site, and every finding with its sentence and its evidence.
pub fn site_text(
    result: &SiteResult,
    repairs: &Repairs<'_>,
    folder: &RunFolder,
    rules: &Rules,
    language: Language,
) -> String {
    changes_text(None, result, repairs, folder, rules, language)
}

/// The same, with what each check said before.
pub fn changes_text(
    before: Option<&SiteResult>,
    result: &SiteResult,
    repairs: &Repairs<'_>,
    folder: &RunFolder,
    rules: &Rules,
    language: Language,
) -> String {
    let mut text = head(result, language);
    let was: BTreeMap<&str, &Finding> = before
        .into_iter()
        .flat_map(|before| &before.findings)
        .map(|finding| (finding.check.as_str(), finding))
        .collect();
    for finding in &result.findings {
        line(
            &mut text,
            finding,
            was.get(finding.check.as_str()).copied(),
            rules,
            language,
        );
        if let Some(repair) = repairs.of(result, finding) {
            mend(&mut text, &repair, language);
        }
    }
    tail(&mut text, result, folder, language);
    // What comes from a page must not command the terminal.
    text.retain(|c| !c.is_control() || c == '\n');
    text
}

fn head(result: &SiteResult, language: Language) -> String {
    let mut text = result.site.to_string();
    if let Some(name) = result.name_told() {
        // Writing to a String cannot fail.
        let _ = write!(text, " — {name}");
    }
    let verdict = word("status", result.verdict.as_str(), language);
    let _ = write!(text, ": {verdict}");
    if let Some(message) = &result.outcome_message {
        let outcome = word("outcome", result.outcome.as_str(), language);
        let _ = write!(text, " ({outcome}: {})", message.in_language(language));
    }
    text.push('\n');
    if let Some(system) = &result.system {
        let (title, name) = (word("detail", "system", language), system.name.as_str());
        let sign = system
            .sign
            .as_ref()
            .map_or_else(String::new, |sign| format!(" ({sign})"));
        let _ = writeln!(text, "  {title}: {}{sign}", word("system", name, language));
    }
    if let Some(hint) = &result.outcome_hint {
        let _ = writeln!(text, "  {}", hint.in_language(language));
    }
    if !result.outcome_in_flight.is_empty() {
        let waited = word("report", "in_flight", language);
        let _ = writeln!(text, "  {waited}: {}", result.outcome_in_flight.join(", "));
    }
    text
}

fn line(text: &mut String, finding: &Finding, was: Option<&Finding>, rules: &Rules, language: Language) {
    let name = finding.check.parse::<CheckId>().map_or_else(
        |_| finding.check.clone(),
        |check| rules.check_name(check).in_language(language).to_owned(),
    );
    let status = |finding: &Finding| word("status", finding.status.as_str(), language).to_owned();
    let changed = was.filter(|was| (was.status, &was.code) != (finding.status, &finding.code));
    let _ = match changed {
        Some(was) => writeln!(
            text,
            "  {name}: {} → {} ({} → {})",
            status(was),
            status(finding),
            was.code,
            finding.code
        ),
        None if was.is_some() => {
            let same = word("progress", "unchanged", language);
            writeln!(text, "  {name}: {} ({}), {same}", status(finding), finding.code)
        }
        None => writeln!(text, "  {name}: {} ({})", status(finding), finding.code),
    };
    let _ = writeln!(text, "    {}", finding.message.in_language(language));
}

/// What to do, and what can be pasted where it is short; the rest is in the report.
fn mend(text: &mut String, repair: &Repair, language: Language) {
    let title = word("detail", "repair", language);
    let _ = writeln!(text, "    {title}: {}", repair.lines().join(" "));
    for paste in repair
        .pastes
        .iter()
        .filter(|paste| paste.code.lines().count() <= PASTED_LINES)
    {
        let _ = writeln!(text, "    {}:", paste.caption);
        for line in paste.code.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
}

fn tail(text: &mut String, result: &SiteResult, folder: &RunFolder, language: Language) {
    let place = folder.site_path(&result.site);
    let _ = writeln!(
        text,
        "  {}: {}",
        word("heading", "evidence", language),
        place.display()
    );
}

#[cfg(test)]
mod tests {
    use super::super::repair::Paste;
    use super::*;

    #[test]
    fn what_is_short_can_be_pasted_and_the_rest_is_in_the_report() {
        let paste = |caption: &str, lines: usize| Paste {
            caption: caption.to_owned(),
            code: vec!["x"; lines].join("\n"),
        };
        let repair = Repair {
            text: "Sửa.".to_owned(),
            pastes: vec![paste("Ngắn", 2), paste("Dài", 40)],
            place: Some("Ở đây.".to_owned()),
        };
        let mut text = String::new();
        mend(&mut text, &repair, Language::Vietnamese);
        assert_eq!(text, "    Cách xử lý: Sửa. Ở đây.\n    Ngắn:\n      x\n      x\n");
    }
}
