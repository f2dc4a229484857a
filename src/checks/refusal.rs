//! What the browser wrote on its console when it refused an address of EMC's before there was a request.
//!
//! A page that may not connect to EMC never gets as far as a request that could be recorded; the browser's own
//! sentence is the only trace.

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
