//! The first page: one table by portal.

use std::collections::BTreeMap;

use askama::Template;

use super::super::pictures::SitePictures;
use super::super::time;
use super::tally::Tallies;
use super::{Report, STYLE, Word, file_name, link, policy};
use crate::site::Role;
use crate::verdict::{SiteResult, Status, Verdict};

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct IndexPage<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    words: Words<'a>,
    run: &'a str,
    of: Option<&'a str>,
    started: String,
    profile: &'a str,
    rules: &'a str,
    vantage: String,
    counts: Vec<Count>,
    groups: Vec<Group<'a>>,
    tallies: Tallies<'a>,
    only: Option<String>,
}

struct Words<'a> {
    title: &'a str,
    run: &'a str,
    recheck_of: &'a str,
    rules: &'a str,
    vantage: &'a str,
    site: &'a str,
    verdict: &'a str,
    findings: &'a str,
}

struct Count {
    class: &'static str,
    number: usize,
    word: String,
}

struct Group<'a> {
    name: String,
    tally: String,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    page: String,
    thumb: Option<String>,
    name: &'a str,
    site: Option<String>,
    verdict: Word,
    outcome: Option<String>,
    todo: Vec<ToDo<'a>>,
}

struct ToDo<'a> {
    status: Word,
    text: &'a str,
}

impl Report<'_> {
    pub(super) fn index<'a>(&'a self, pictures: &'a [SitePictures], root: &str) -> IndexPage<'a> {
        let record = self.record;
        let say = |section, key| self.say(section, key);
        IndexPage {
            lang: self.language.to_string(),
            policy: policy(),
            style: STYLE,
            words: Words {
                title: say("report", "title"),
                run: say("report", "run"),
                recheck_of: say("report", "recheck_of"),
                rules: say("report", "rules"),
                vantage: say("report", "vantage"),
                site: say("heading", "site"),
                verdict: say("heading", "verdict"),
                findings: say("heading", "findings"),
            },
            run: &record.run,
            of: record.of.as_deref(),
            started: time::for_people(&record.started),
            profile: self.profile.name.in_language(self.language),
            rules: &self.rules.version,
            vantage: self.vantage(),
            counts: Verdict::ALL
                .map(|verdict| Count {
                    class: verdict.as_str(),
                    number: self
                        .results
                        .iter()
                        .filter(|result| result.verdict == verdict)
                        .count(),
                    word: self.verdict(verdict).word,
                })
                .into(),
            groups: self.groups(pictures, root),
            tallies: self.tallies(),
            only: self.only(),
        }
    }

    /// Portals in the order of their names, each before its components; failing sites first.
    fn groups<'a>(&'a self, pictures: &'a [SitePictures], root: &str) -> Vec<Group<'a>> {
        let mut by_portal: BTreeMap<String, Vec<(&SiteResult, &SitePictures)>> = BTreeMap::new();
        for (result, pictures) in self.results.iter().zip(pictures) {
            let portal = match (&result.portal, result.role) {
                (Some(portal), _) => portal.to_string(),
                (None, Role::Portal) => result.site.to_string(),
                (None, Role::Component) => String::new(),
            };
            by_portal.entry(portal).or_default().push((result, pictures));
        }
        let groups = by_portal.into_iter().map(|(portal, mut members)| {
            members.sort_by_key(|(result, _)| (result.role != Role::Portal, weight(result.verdict)));
            let listed = members
                .iter()
                .find(|(result, _)| result.site.to_string() == portal);
            let name = match listed {
                Some((result, _)) => result.name.clone(),
                None if portal.is_empty() => self.say("heading", "no_portal").to_owned(),
                None => portal,
            };
            Group {
                name,
                tally: self.tally(&members),
                rows: members
                    .into_iter()
                    .map(|(result, pictures)| self.row(result, pictures, root))
                    .collect(),
            }
        });
        groups.collect()
    }

    fn tally(&self, members: &[(&SiteResult, &SitePictures)]) -> String {
        let told = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = members
                .iter()
                .filter(|(result, _)| result.verdict == verdict)
                .count();
            (count > 0).then(|| format!("{count} {}", self.verdict(verdict).word.to_lowercase()))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    fn row<'a>(&'a self, result: &'a SiteResult, pictures: &SitePictures, root: &str) -> Row<'a> {
        let open = |status| matches!(status, Status::Fail | Status::Review);
        let mut todo: Vec<_> = result
            .findings
            .iter()
            .filter(|finding| open(finding.status))
            .collect();
        todo.sort_by_key(|finding| (!finding.mandatory, finding.status != Status::Fail));
        Row {
            page: link(&format!("sites/{}", file_name(result))),
            thumb: pictures
                .thumb
                .as_ref()
                .map(|thumb| link(&format!("{root}/{thumb}"))),
            name: &result.name,
            site: result.name_told().map(|_| result.site.to_string()),
            verdict: self.verdict(result.verdict),
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

    pub(super) fn verdict(&self, verdict: Verdict) -> Word {
        let class = verdict.as_str();
        Word {
            class,
            word: self.say("status", class).to_owned(),
        }
    }

    pub(super) fn status(&self, status: Status) -> Word {
        let class = status.as_str();
        Word {
            class,
            word: self.say("status", class).to_owned(),
        }
    }

    /// From where and through what the sites were looked at: machine, addresses, proxy, name servers.
    pub(in crate::report) fn vantage(&self) -> String {
        let vantage = &self.record.vantage;
        let proxy = vantage.proxy.as_ref().map(|proxy| format!("proxy {proxy}"));
        let names = (!vantage.name_servers.is_empty()).then(|| {
            format!(
                "{} {}",
                self.say("report", "name_servers"),
                vantage.name_servers.join(", ")
            )
        });
        let network: Vec<String> = vantage
            .addresses
            .iter()
            .cloned()
            .chain(proxy)
            .chain(names)
            .collect();
        if network.is_empty() {
            return vantage.host.clone();
        }
        format!("{} ({})", vantage.host, network.join("; "))
    }

    /// Why a site was not measured, for people.
    pub(in crate::report) fn outcome(&self, result: &SiteResult) -> Option<String> {
        let message = result.outcome_message.as_ref()?;
        let outcome = self.say("outcome", result.outcome.as_str());
        Some(format!("{outcome}: {}", message.in_language(self.language)))
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
