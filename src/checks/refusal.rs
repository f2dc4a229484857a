//! What the browser wrote on its console when it refused an address of EMC's before there was a request.
//!
//! A page that may not connect to EMC never gets as far as a request that could be recorded; the browser's own
//! sentence is the only trace.

use super::VisitFinding;
use super::finding::cut;
use crate::observation::{ConsoleEntry, Observation};

/// Levels under which the browser itself speaks; a page's own words prove nothing.
const OWN_LEVELS: &[&str] = &["security", "network", "violation", "javascript", "other"];

/// Why an address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Csp,
    MixedContent,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Csp => "blocked_by_csp",
            Self::MixedContent => "mixed_content",
        }
    }
}

/// The refusal of an address on the console, with the address; `is_wanted` says which addresses count.
pub(super) fn refused(
    observation: &Observation,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<(Refusal, String)> {
    observation.console.iter().find_map(|entry| {
        let refusal = refusal(entry)?;
        let address = quoted(&entry.text).find(|address| is_wanted(address))?;
        Some((refusal, address.to_owned()))
    })
}

/// Adds what of the site's own policy stands in the way of an address: the directive as the browser quotes it,
/// and whether the policy comes with the answer (`header`) or stands in the page (`meta`).
pub(super) fn with_policy(finding: VisitFinding, observation: &Observation, address: &str) -> VisitFinding {
    let name = |name: &str| name.eq_ignore_ascii_case("content-security-policy");
    let in_header = observation.document.headers.iter().any(|(key, _)| name(key));
    let in_page = observation
        .page
        .iter()
        .flat_map(|page| &page.meta)
        .any(|(key, _)| name(key));
    let place = if in_header {
        Some("header")
    } else {
        in_page.then_some("meta")
    };
    let mut refusals = observation.console.iter().filter(|entry| {
        refusal(entry) == Some(Refusal::Csp) && quoted(&entry.text).any(|one| one == address)
    });
    let directive = refusals.find_map(|entry| {
        let (_, quoted) = entry.text.split_once("directive: \"")?;
        // Without its end it was cut, and must not be copied.
        quoted.split_once('"').map(|(directive, _)| directive)
    });
    finding
        .fact_if("policy_in", place)
        .fact_if("directive", directive.map(|text| cut(text.trim(), 1_000)))
}

/// The directive by which the site's own policy keeps code from running that is written into the page.
pub(super) fn inline_refused(observation: &Observation) -> Option<String> {
    let refusals = observation
        .console
        .iter()
        .filter(|entry| refusal(entry) == Some(Refusal::Csp) && entry.text.contains("inline script"));
    let mut directives = refusals.filter_map(|entry| {
        let (_, quoted) = entry.text.split_once("directive '")?;
        quoted
            .split_once("'. ")
            .map(|(directive, _)| cut(directive, 1_000))
    });
    directives.next()
}

fn refusal(entry: &ConsoleEntry) -> Option<Refusal> {
    if !OWN_LEVELS.contains(&entry.level.as_str()) {
        return None;
    }
    let text = &entry.text;
    let only_reported = text.contains("report-only") || text.contains("Report Only");
    if text.contains("Content Security Policy") && !only_reported {
        Some(Refusal::Csp)
    } else if text.starts_with("Mixed Content") && text.contains("blocked") {
        Some(Refusal::MixedContent)
    } else {
        None
    }
}

/// Addresses that stand between single quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('\'').filter(|part| part.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::support::{SCRIPT, page};

    fn of(level: &str, text: &str) -> Option<Refusal> {
        let mut page = page();
        page.console.push(ConsoleEntry {
            at_ms: 1,
            level: level.to_owned(),
            text: text.to_owned(),
            url: None,
        });
        refused(&page, |address| address == SCRIPT).map(|(refusal, _)| refusal)
    }

    #[test]
    fn the_directive_that_refuses_is_quoted_with_the_place_of_its_policy() {
        let mut page = page();
        let text = format!(
            "Loading the script '{SCRIPT}' violates the following Content Security Policy directive: \"script-src 'self' https://a\". The action has been blocked."
        );
        page.console.push(ConsoleEntry {
            at_ms: 1,
            level: "security".to_owned(),
            text,
            url: None,
        });
        page.document.headers.push((
            "content-security-policy".to_owned(),
            "script-src 'self'".to_owned(),
        ));
        let finding = VisitFinding::new(crate::rules::CheckId::EmcScript, "blocked_by_csp");
        let told = with_policy(finding.clone(), &page, SCRIPT);
        assert_eq!(told.facts["directive"], "script-src 'self' https://a");
        assert_eq!(told.facts["policy_in"], "header");
        assert!(
            !with_policy(finding, &page, "https://b/")
                .facts
                .contains_key("directive")
        );
    }

    #[test]
    fn a_policy_against_inline_code_is_quoted() {
        let mut page = page();
        let text = "Executing inline script violates the following Content Security Policy directive 'script-src 'self''. Either the 'unsafe-inline' keyword, a hash, or a nonce is required.";
        page.console.push(ConsoleEntry {
            at_ms: 1,
            level: "security".to_owned(),
            text: text.to_owned(),
            url: None,
        });
        assert_eq!(inline_refused(&page).as_deref(), Some("script-src 'self'"));
        page.console[0].level = "log".to_owned();
        assert_eq!(inline_refused(&page), None, "a page's own words prove nothing");
    }

    #[test]
    fn the_browsers_own_sentence_counts_and_a_report_or_the_pages_words_do_not() {
        let csp = format!(
            "Connecting to '{SCRIPT}' violates the following Content Security Policy directive: \"connect-src 'self'\"."
        );
        assert_eq!(of("security", &csp), Some(Refusal::Csp));
        assert_eq!(of("log", &csp), None);
        assert_eq!(of("security", &format!("{csp} The policy is report-only.")), None);
        assert_eq!(of("security", &csp.replace("gov-tracking", "other")), None);
    }
}
