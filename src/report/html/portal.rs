//! The page of a portal: the portal and its components, with what each of them has to mend.

use std::collections::BTreeMap;

use askama::Template;

use super::super::exhibits::Exhibits;
use super::super::time;
use super::{Report, STYLE, ThumbView, Word, file_name, link, policy};
use crate::site::Role;
use crate::verdict::{SiteResult, Status, Verdict};

/// Page of the sites that belong to no portal: no site has a folder of this name.
const NO_PORTAL: &str = "~.html";

#[derive(Template)]
#[template(path = "portal.html")]
pub(super) struct PortalPage<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    words: Words<'a>,
    run: &'a str,
    started: String,
    name: &'a str,
    tally: String,
    rows: Vec<Row<'a>>,
    only: Option<String>,
}

struct Words<'a> {
    back: &'a str,
    run: &'a str,
    site: &'a str,
    verdict: &'a str,
    findings: &'a str,
    reviewed: &'a str,
}

/// A portal and its components.
pub(super) struct Group<'a> {
    pub name: String,
    /// Name of its page, inside the folder of such pages.
    pub file: String,
    pub members: Vec<(&'a SiteResult, &'a Exhibits)>,
}

struct Row<'a> {
    page: String,
    thumbs: Vec<ThumbView>,
    name: &'a str,
    site: Option<String>,
    verdict: Word,
    reviewed: Option<Word>,
    outcome: Option<String>,
    todo: Vec<ToDo<'a>>,
}

struct ToDo<'a> {
    status: Word,
    text: &'a str,
}

impl Group<'_> {
    /// How many of its sites have each verdict.
    pub(super) fn counts(&self) -> [usize; 4] {
        Verdict::ALL.map(|verdict| {
            let alike = self.members.iter().filter(|(one, _)| one.verdict == verdict);
            alike.count()
        })
    }
}

impl Report<'_> {
    /// Portals in the order of their addresses, each before its components; failing sites first.
    pub(super) fn groups<'a>(&'a self, files: &'a [Exhibits]) -> Vec<Group<'a>> {
        let mut by_portal: BTreeMap<String, Group<'a>> = BTreeMap::new();
        for (result, files) in self.results.iter().zip(files) {
            let portal = match (&result.portal, result.role) {
                (Some(portal), _) => Some(portal),
                (None, Role::Portal) => Some(&result.site),
                (None, Role::Component) => None,
            };
            let key = portal.map(ToString::to_string).unwrap_or_default();
            let group = by_portal.entry(key).or_insert_with_key(|key| Group {
                name: match portal {
                    Some(_) => key.clone(),
                    None => self.say("heading", "no_portal").to_owned(),
                },
                file: portal.map_or_else(
                    || NO_PORTAL.to_owned(),
                    |site| format!("{}.html", site.folder_name()),
                ),
                members: Vec::new(),
            });
            if portal == Some(&result.site) {
                group.name.clone_from(&result.name);
            }
            group.members.push((result, files));
        }
        let mut groups: Vec<_> = by_portal.into_values().collect();
        for group in &mut groups {
            group
                .members
                .sort_by_key(|(result, _)| (result.role != Role::Portal, weight(result.verdict)));
        }
        groups
    }

    /// `root` leads from the page to the run's folder.
    pub(super) fn portal_page<'a>(&'a self, group: &'a Group<'a>, root: &str) -> PortalPage<'a> {
        let say = |section, key| self.say(section, key);
        let members = group.members.iter();
        PortalPage {
            lang: self.language.to_string(),
            policy: policy(None),
            style: STYLE,
            words: Words {
                back: say("report", "back"),
                run: say("report", "run"),
                site: say("heading", "site"),
                verdict: say("heading", "verdict"),
                findings: say("heading", "findings"),
                reviewed: say("report", "reviewed"),
            },
            run: &self.record.run,
            started: time::for_people(&self.record.started),
            name: &group.name,
            tally: self.tally(group),
            rows: members
                .map(|(result, files)| self.row(result, files, root))
                .collect(),
            only: self.only(),
        }
    }

    fn tally(&self, group: &Group<'_>) -> String {
        let counts = Verdict::ALL.into_iter().zip(group.counts());
        let told = counts.filter(|(_, count)| *count > 0);
        let texts =
            told.map(|(verdict, count)| format!("{count} {}", self.verdict(verdict).word.to_lowercase()));
        texts.collect::<Vec<_>>().join(", ")
    }

    fn row<'a>(&'a self, result: &'a SiteResult, files: &Exhibits, root: &str) -> Row<'a> {
        let open = |status| matches!(status, Status::Fail | Status::Review);
        let findings = result.findings.iter();
        let mut todo: Vec<_> = findings.filter(|finding| open(finding.status)).collect();
        todo.sort_by_key(|finding| (!finding.mandatory, finding.status != Status::Fail));
        Row {
            page: link(&format!("../sites/{}", file_name(result))),
            thumbs: self.thumbs(files, root),
            name: &result.name,
            site: result.name_told().map(|_| result.site.to_string()),
            verdict: self.verdict(result.verdict),
            reviewed: result.reviewed.map(|verdict| self.verdict(verdict)),
            outcome: self.outcome(result),
            todo: todo
                .into_iter()
                .map(|finding| ToDo {
                    status: self.status(finding.status),
                    text: finding.message.in_language(self.language),
                })
                .collect(),
        }
    }
}

fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Review => 1,
        Verdict::NotMeasured => 2,
        Verdict::Pass => 3,
    }
}
