//! How the sites went from run to run, and what changed since the run before: on the first page for all of them, on
//! the page of a site for that one. Only whole runs of all checks are compared.

use std::collections::BTreeSet;

use super::super::time;
use super::{Report, Word, link};
use crate::history::{Change, CheckChange, PastRun, SiteChange};
use crate::language::{Sentence, has_word};
use crate::rules::CheckId;
use crate::site::SiteId;
use crate::verdict::{SiteResult, Verdict};

/// Height of the tallest column and distance from column to column, in pixels: a day is read below each, and twelve
/// of them still are on a telephone, a little smaller.
const HEIGHT: usize = 120;
const STEP: usize = 38;
const WIDTH: usize = 28;
/// Room for the days below the columns.
const FOOT: usize = 18;
/// A part that is lower has no room for its sign.
const SIGN_HEIGHT: usize = 13;
/// Sites of a kind of change that are named on the first page; the table below it has all of them.
const NAMED: usize = 50;
/// A kind of its own beside those of [`Change`]: a site may have changed, and go back and forth.
pub(super) const RESTLESS: &str = "flaky";

/// The course of all sites, and what changed.
#[derive(Debug)]
pub(super) struct CourseView<'a> {
    pub words: Words<'a>,
    pub width: usize,
    pub height: usize,
    pub columns: Vec<Column>,
    pub verdicts: Vec<Word>,
    pub since: String,
    /// That the two runs were judged by different rules.
    pub rules: Option<String>,
    pub changes: Vec<ChangeView>,
    pub unchanged: String,
}

#[derive(Debug)]
pub(super) struct Words<'a> {
    pub course: &'a str,
    pub numbers: &'a str,
    pub run: &'a str,
    pub filter: &'a str,
}

/// A run of the chart, and its line in the table.
#[derive(Debug)]
pub(super) struct Column {
    /// `21/11`, and with year and time.
    pub day: String,
    pub at: String,
    pub middle: usize,
    pub parts: Vec<Part>,
    pub counts: Vec<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub class: &'static str,
    pub x: usize,
    pub y: usize,
    pub height: usize,
    /// Told apart by more than colour, where there is room.
    pub sign: Option<Sign>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub text: &'static str,
    pub y: usize,
}

/// One kind of change with its sites.
#[derive(Debug)]
pub(super) struct ChangeView {
    pub kind: &'static str,
    pub name: String,
    pub count: usize,
    pub sites: Vec<ChangedSite>,
    /// How many are not named.
    pub more: Option<String>,
    /// The table can show them all: they are sites of this run.
    pub is_in_table: bool,
}

#[derive(Debug)]
pub(super) struct ChangedSite {
    pub name: String,
    /// Nothing for a site that has no page in this run.
    pub page: Option<String>,
    pub site: Option<String>,
    /// Verdict before and after.
    pub verdicts: Vec<Word>,
    pub checks: Vec<String>,
}

/// The course of one site.
#[derive(Debug)]
pub(super) struct SiteCourse<'a> {
    pub title: &'a str,
    pub marks: Vec<Mark>,
    pub change: Option<SiteChangeView>,
    pub restless: Option<&'a str>,
}

#[derive(Debug)]
pub(super) struct Mark {
    pub at: String,
    /// Nothing where the run had no line of the site.
    pub verdict: Option<Word>,
}

#[derive(Debug)]
pub(super) struct SiteChangeView {
    pub kind: &'static str,
    pub told: String,
    pub checks: Vec<String>,
}

impl Report<'_> {
    /// For the first page; nothing where there is no run to compare with.
    pub(super) fn course(&self) -> Option<CourseView<'_>> {
        let changes = self.past.changes.as_ref()?;
        let since = &changes.since;
        let runs = &self.past.runs;
        let columns = columns(runs);
        let rules = (since.rules != self.rules.version).then(|| {
            Sentence::new("diff", "other_rules")
                .with("was", &since.rules)
                .with("is", &self.rules.version)
                .text(self.language)
        });
        Some(CourseView {
            words: Words {
                course: self.say("report", "course"),
                numbers: self.say("report", "course_numbers"),
                run: self.say("report", "run"),
                filter: self.say("report", "filter_table"),
            },
            width: STEP * columns.len(),
            height: HEIGHT + FOOT,
            columns,
            verdicts: Verdict::ALL.map(|verdict| self.verdict(verdict)).into(),
            since: self.since(&since.started),
            rules,
            changes: self.change_views(),
            unchanged: Sentence::new("diff", "unchanged")
                .with("count", changes.difference.unchanged)
                .text(self.language),
        })
    }

    fn since(&self, started: &str) -> String {
        Sentence::new("report", "since")
            .with("run", time::for_people(started))
            .text(self.language)
    }

    fn change_views(&self) -> Vec<ChangeView> {
        let Some(changes) = &self.past.changes else {
            return Vec::new();
        };
        let of_kind = |kind: Change| {
            let sites = changes.difference.sites.iter();
            let sites: Vec<&SiteChange> = sites.filter(|site| site.change == kind).collect();
            let views = sites.iter().take(NAMED).map(|site| self.changed_site(site));
            self.change_view(kind.as_str(), sites.len(), views.collect())
        };
        let mut views: Vec<ChangeView> = Change::ALL.into_iter().map(of_kind).collect();
        let restless: Vec<&SiteResult> = self
            .results
            .iter()
            .filter(|result| self.is_restless(result))
            .collect();
        let named = restless.iter().take(NAMED).map(|result| ChangedSite {
            name: result.name.clone(),
            page: Some(page_of(&result.site)),
            site: result.name_told().map(|_| result.site.to_string()),
            verdicts: vec![self.verdict(result.verdict)],
            checks: Vec::new(),
        });
        views.push(self.change_view(RESTLESS, restless.len(), named.collect()));
        views.retain(|view| view.count > 0);
        views
    }

    fn change_view(&self, kind: &'static str, count: usize, sites: Vec<ChangedSite>) -> ChangeView {
        let more = count - sites.len();
        ChangeView {
            kind,
            name: self.change_word(kind).to_owned(),
            count,
            more: (more > 0).then(|| {
                Sentence::new("report", "more_sites")
                    .with("count", more)
                    .text(self.language)
            }),
            sites,
            is_in_table: kind != Change::Gone.as_str(),
        }
    }

    fn changed_site(&self, change: &SiteChange) -> ChangedSite {
        let site = change.site.parse::<SiteId>().ok();
        let site = site.filter(|_| change.change != Change::Gone);
        let mut verdicts: Vec<&String> = change.was.iter().chain(&change.is).collect();
        verdicts.dedup();
        ChangedSite {
            name: change.name.clone(),
            page: site.as_ref().map(page_of),
            site: (change.name != change.site).then(|| change.site.clone()),
            verdicts: verdicts
                .into_iter()
                .filter_map(|verdict| self.verdict_named(verdict))
                .collect(),
            checks: self.check_changes(&change.checks),
        }
    }

    fn verdict_named(&self, name: &str) -> Option<Word> {
        let known = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == name);
        known.map(|verdict| self.verdict(verdict))
    }

    fn check_changes(&self, checks: &[CheckChange]) -> Vec<String> {
        let said = |status: &str, code: &str, is_alike: bool| {
            let word = self.say("status", status);
            if has_word("fault", code) {
                format!("{word} ({})", self.say("fault", code))
            } else if is_alike {
                format!("{word} ({code})")
            } else {
                word.to_owned()
            }
        };
        let told = checks.iter().map(|change| {
            let name = change.check.parse::<CheckId>().map_or_else(
                |_| change.check.clone(),
                |check| self.rules.check_name(check).in_language(self.language).to_owned(),
            );
            let is_alike = change.was.status == change.is.status;
            let was = said(&change.was.status, &change.was.code, is_alike);
            let is = said(&change.is.status, &change.is.code, is_alike);
            format!("{name}: {was} → {is}")
        });
        told.collect()
    }

    /// For the page of a site; nothing where there is no earlier run.
    pub(super) fn site_course(&self, result: &SiteResult) -> Option<SiteCourse<'_>> {
        let changes = self.past.changes.as_ref()?;
        let site = result.site.to_string();
        let verdicts = self.past.courses.get(&site)?;
        let marks = self.past.runs.iter().zip(verdicts).map(|(run, verdict)| Mark {
            at: time::for_people(&run.started),
            verdict: verdict.map(|verdict| self.verdict(verdict)),
        });
        let change = self.change_of(&site).map(|change| {
            let kind = change.change.as_str();
            let since = self.since(&changes.since.started);
            SiteChangeView {
                kind,
                told: format!("{since}: {}", self.change_word(kind)),
                checks: self.check_changes(&change.checks),
            }
        });
        Some(SiteCourse {
            title: self.say("report", "course"),
            marks: marks.collect(),
            change,
            restless: self.is_restless(result).then(|| self.change_word(RESTLESS)),
        })
    }

    /// What a kind of change is called.
    pub(super) fn change_word<'k>(&self, kind: &'k str) -> &'k str {
        let section = if kind == RESTLESS { "report" } else { "diff" };
        self.say(section, kind)
    }

    fn change_of(&self, site: &str) -> Option<&SiteChange> {
        let changes = self.past.changes.as_ref()?;
        changes.difference.sites.iter().find(|change| change.site == site)
    }

    pub(super) fn is_restless(&self, result: &SiteResult) -> bool {
        let restless: &BTreeSet<String> = &self.past.restless;
        restless.contains(&result.site.to_string())
    }
}

/// From the first page.
fn page_of(site: &SiteId) -> String {
    link(&format!("sites/{}.html", site.folder_name()))
}

/// Columns whose parts are as high as their numbers, the tallest run as high as the chart.
fn columns(runs: &[PastRun]) -> Vec<Column> {
    let most = runs.iter().map(|run| run.counts.iter().sum::<usize>()).max();
    let most = most.unwrap_or_default().max(1);
    let columns = runs.iter().enumerate().map(|(at, run)| {
        let x = at * STEP + (STEP - WIDTH) / 2;
        let mut below = 0;
        let mut parts = Vec::new();
        for (verdict, number) in Verdict::ALL.into_iter().zip(run.counts) {
            // Edges, not heights, are rounded, so that no gap comes between two parts.
            let bottom = HEIGHT - below * HEIGHT / most;
            below += number;
            let y = HEIGHT - below * HEIGHT / most;
            if bottom > y {
                parts.push(part(verdict, x, y, bottom - y));
            }
        }
        let told = time::for_people(&run.started);
        Column {
            day: told.chars().take(5).collect(),
            at: told,
            middle: at * STEP + STEP / 2,
            parts,
            counts: run.counts.into(),
        }
    });
    columns.collect()
}

fn part(verdict: Verdict, x: usize, y: usize, height: usize) -> Part {
    let text = match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✕",
        Verdict::Review => "?",
        Verdict::NotMeasured => "–",
    };
    Part {
        class: verdict.as_str(),
        x,
        y,
        height,
        sign: (height >= SIGN_HEIGHT).then_some(Sign {
            text,
            y: y + height / 2 + 4,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(counts: [usize; 4]) -> PastRun {
        PastRun {
            run: String::new(),
            started: "2026-11-21T02:00:00Z".to_owned(),
            counts,
        }
    }

    #[test]
    fn columns_stand_on_the_ground_and_are_as_high_as_their_numbers() {
        let drawn = columns(&[run([1, 1, 1, 0]), run([0; 4]), run([5, 0, 0, 1])]);
        assert_eq!(drawn[0].day, "21/11");
        let height = |column: &Column| column.parts.iter().map(|part| part.height).sum::<usize>();
        assert_eq!([0, 1, 2].map(|at| height(&drawn[at])), [60, 0, 120]);
        let first = &drawn[0].parts;
        assert_eq!(first[0].y + first[0].height, HEIGHT);
        assert!(
            first
                .windows(2)
                .all(|pair| pair[1].y + pair[1].height == pair[0].y)
        );
        assert!(first.iter().all(|part| part.sign.is_some()));
        assert!(
            drawn
                .iter()
                .flat_map(|column| &column.parts)
                .all(|part| part.x + WIDTH <= STEP * 3)
        );
    }
}
