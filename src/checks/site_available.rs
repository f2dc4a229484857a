//! `site.available`: whether the site answered at one of its addresses, in any visit.

use super::{OutcomeFacts, VisitFinding};
use crate::rules::CheckId;
use crate::verdict::Outcome;

/// Judges the outcomes of all visits. A visit that brought an answer outweighs those that brought none.
pub(crate) fn site_available(outcomes: &[&OutcomeFacts]) -> VisitFinding {
    let first = |wanted: Outcome| outcomes.iter().find(|facts| facts.outcome == wanted);
    let check = CheckId::SiteAvailable;
    if outcomes.iter().any(|facts| {
        matches!(
            facts.outcome,
            Outcome::Measured | Outcome::Broken | Outcome::NotHtml
        )
    }) {
        return VisitFinding::new(check, "up");
    }
    for (outcome, code) in [
        (Outcome::Blocked, "blocked"),
        (Outcome::Moved, "moved"),
        (Outcome::NotTheSite, "not_the_site"),
    ] {
        if let Some(facts) = first(outcome) {
            return told(code, facts);
        }
    }
    match first(Outcome::Unreachable) {
        Some(facts) if facts.reason == Some("private_address") => VisitFinding::new(check, "private_address")
            .fact("detail", facts.detail.clone().unwrap_or_default())
            .stable("private_address"),
        Some(facts) => told("down", facts).fact("tries", outcomes.len()),
        None => VisitFinding::new(check, "up"),
    }
}

fn told(code: &'static str, facts: &OutcomeFacts) -> VisitFinding {
    let reason = facts.reason_word().unwrap_or_default();
    VisitFinding::new(CheckId::SiteAvailable, code)
        .fact_if("detail", facts.detail.clone())
        .stable(reason.clone())
        .fact("reason", reason)
}
