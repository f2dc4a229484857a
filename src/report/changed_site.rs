//! A site that is not as it was, as text: verdicts and what each check said before and after.

use std::fmt::Write as _;

use crate::history::{CheckChange, SiteChange};
use crate::language::{Language, word};
use crate::rules::{CheckId, Rules};

/// Sites that a message lists; the report has all of them.
pub(crate) const SITES_LISTED_MAX: usize = 50;

/// A line for the site and one for each check, each with a line break at its end.
pub(crate) fn changed_site_text(site: &SiteChange, rules: Option<&Rules>, language: Language) -> String {
    let mut text = String::new();
    site_line(&mut text, site, language);
    for check in &site.checks {
        check_line(&mut text, check, rules, language);
    }
    text
}

fn site_line(text: &mut String, site: &SiteChange, language: Language) {
    let _ = write!(text, "  {}", site.site);
    if site.name != site.site {
        let _ = write!(text, " — {}", site.name);
    }
    let verdict = |word_of: &Option<String>| {
        word_of
            .as_ref()
            .map(|key| word("status", key, language).to_owned())
    };
    let verdicts = [verdict(&site.was), verdict(&site.is)];
    let mut said: Vec<String> = verdicts.into_iter().flatten().collect();
    said.dedup();
    let _ = write!(text, ": {}", said.join(" → "));
    if site.flaky {
        let _ = write!(text, " ({})", word("diff", "flaky", language));
    }
    text.push('\n');
}

fn check_line(text: &mut String, change: &CheckChange, rules: Option<&Rules>, language: Language) {
    let name = change.check.parse::<CheckId>().ok().zip(rules);
    let name = name.map(|(check, rules)| rules.check_name(check).in_language(language).to_owned());
    let name = name.unwrap_or_else(|| change.check.clone());
    let said = |status: &str, code: &str| format!("{} ({code})", word("status", status, language));
    let was = said(&change.was.status, &change.was.code);
    let is = said(&change.is.status, &change.is.code);
    let _ = writeln!(text, "    {name}: {was} → {is}");
}
