//! What people decided about findings, in words for tables.

use super::time::for_people;
use crate::language::{Language, Sentence};
use crate::verdict::{Decision, Reviewed, SiteResult};

impl Decision {
    /// What was decided, as a sentence without its facts.
    fn sentence(self) -> Sentence {
        match self {
            Self::Confirm => Sentence::new("decision", "confirm"),
            Self::Pass => Sentence::new("decision", "pass"),
            Self::Fail => Sentence::new("decision", "fail"),
            Self::Recheck => Sentence::new("decision", "recheck"),
            Self::Disputed => Sentence::new("decision", "disputed"),
        }
    }
}

/// What was decided, by whom, when and why.
pub(super) fn decision_text(reviewed: &Reviewed, language: Language) -> String {
    let told = if reviewed.note.is_empty() {
        Sentence::new("decision", "told")
    } else {
        Sentence::new("decision", "told_note").with("note", &reviewed.note)
    };
    told.with_message("decision", reviewed.decision.sentence().message())
        .with("by", &reviewed.by)
        .with("at", for_people(&reviewed.at))
        .text(language)
}

/// Every decision about a site, each behind the check that it is about.
pub(super) fn decisions_text(
    result: &SiteResult,
    name_of: impl Fn(&str) -> String,
    language: Language,
) -> String {
    let decided = result.findings.iter().filter_map(|finding| {
        let reviewed = finding.reviewed.as_ref()?;
        Some(format!(
            "{}: {}",
            name_of(&finding.check),
            decision_text(reviewed, language)
        ))
    });
    decided.collect::<Vec<_>>().join("\n")
}
