//! The page of a package for an agency: what was found, and how to see the same in Chrome's own tools.

use askama::Template;

use super::super::pictures::is_picture;
use super::super::time;
use super::site::{FileView, FindingView};
use super::{Report, ReportError, STYLE, Word, link, policy};
use crate::verdict::SiteResult;

/// Steps of the guides, by their keys in the section `pack` of the language file.
const STEPS: &[&str] = &[
    "step_open",
    "step_network",
    "step_load",
    "step_script",
    "step_beacon",
    "step_console",
    "step_badge",
    "step_links",
];
const STORED: &[&str] = &["stored_har", "stored_page", "stored_pictures"];

#[derive(Template)]
#[template(path = "pack.html")]
struct PackPage<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    words: Words<'a>,
    name: &'a str,
    site: Option<String>,
    only: Option<String>,
    run: &'a str,
    started: String,
    rules: &'a str,
    verdict: Word,
    outcome: Option<String>,
    findings: Vec<FindingView<'a>>,
    steps: Vec<String>,
    stored: Vec<String>,
    pictures: Vec<FileView>,
}

struct Words<'a> {
    title: &'a str,
    run: &'a str,
    rules: &'a str,
    check: &'a str,
    verdict: &'a str,
    reason: &'a str,
    seen: &'a str,
    how: &'a str,
    stored: &'a str,
    repair: &'a str,
    sums: &'a str,
    sums_text: &'a str,
    sums_one: &'a str,
    pictures: &'a str,
}

impl Report<'_> {
    /// The page for the agency of one site; `files` are the files of the package, relative to the page.
    ///
    /// # Errors
    /// When the template cannot be filled.
    pub fn pack_page(&self, result: &SiteResult, files: &[String]) -> Result<String, ReportError> {
        let say = |section, key| self.say(section, key);
        let url = result.final_url.as_deref().unwrap_or(&result.url);
        let steps = |keys: &[&'static str]| -> Vec<String> {
            let texts = keys.iter().map(|key| self.say("pack", key));
            texts.map(|text| text.replace("{url}", url)).collect()
        };
        let repairs = self.repairs();
        let page = PackPage {
            lang: self.language.to_string(),
            policy: policy(None),
            style: STYLE,
            words: Words {
                title: say("report", "title"),
                run: say("report", "run"),
                rules: say("report", "rules"),
                check: say("heading", "check"),
                verdict: say("heading", "verdict"),
                reason: say("report", "reason"),
                seen: say("report", "seen"),
                how: say("pack", "how"),
                stored: say("pack", "stored"),
                repair: say("detail", "repair"),
                sums: say("pack", "sums"),
                sums_text: say("pack", "sums_text"),
                sums_one: say("pack", "sums_one"),
                pictures: say("report", "pictures"),
            },
            name: &result.name,
            site: result.name_told().map(|_| result.site.to_string()),
            only: self.only(),
            run: &self.record.run,
            started: time::for_people(&self.record.started),
            rules: &self.rules.version,
            verdict: self.verdict(result.verdict),
            outcome: self.outcome(result),
            findings: result
                .findings
                .iter()
                .map(|finding| self.finding(result, finding, ".", &repairs))
                .collect(),
            steps: steps(STEPS),
            stored: steps(STORED),
            pictures: files
                .iter()
                .filter(|path| is_picture(path))
                .map(|path| FileView {
                    link: link(path),
                    name: path.clone(),
                    is_removed: false,
                })
                .collect(),
        };
        Ok(page.render()?)
    }
}
