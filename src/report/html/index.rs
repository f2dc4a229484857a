//! The first page: the numbers, the portals, and a table of all sites to filter and sort.

use askama::Template;

use super::super::time;
use super::chart::{self, Bar};
use super::course::CourseView;
use super::portal::Group;
use super::since::RecheckView;
use super::tally::Tallies;
use super::{Report, STYLE, TABLE_SCRIPT, Word, link, policy};
use crate::rules::CheckId;
use crate::verdict::{SiteResult, Status, Verdict};

#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct IndexPage<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    script: &'static str,
    words: Words<'a>,
    run: &'a str,
    of: Option<&'a str>,
    started: String,
    profile: &'a str,
    rules: &'a str,
    vantage: String,
    sites: usize,
    counts: Vec<Count>,
    bar: Bar,
    statuses: Vec<Word>,
    verdicts: Vec<Word>,
    checks: Vec<CheckRow>,
    portals: Vec<PortalRow<'a>>,
    data: String,
    course: Option<CourseView<'a>>,
    tallies: Tallies<'a>,
    only: Option<String>,
    rechecks: Vec<RecheckView<'a>>,
}

struct Words<'a> {
    title: &'a str,
    run: &'a str,
    recheck_of: &'a str,
    rechecked: &'a str,
    rules: &'a str,
    vantage: &'a str,
    site: &'a str,
    sites: &'a str,
    portal: &'a str,
    agency: &'a str,
    check: &'a str,
    verdict: &'a str,
    findings: &'a str,
    advisory: &'a str,
    chart: &'a str,
    by_check: &'a str,
    by_portal: &'a str,
    all_sites: &'a str,
    text: &'a str,
    any: &'a str,
    clear: &'a str,
    change: &'a str,
    no_script: &'a str,
}

struct Count {
    class: &'static str,
    number: usize,
    word: String,
}

struct CheckRow {
    name: String,
    number: usize,
    advisory: bool,
    counts: Vec<Count>,
    bar: Bar,
}

struct PortalRow<'a> {
    name: &'a str,
    page: String,
    sites: usize,
    counts: Vec<Count>,
    bar: Bar,
}

/// Statuses of a check, in the order of the columns.
const STATUSES: [Status; 5] = [
    Status::Pass,
    Status::Fail,
    Status::Review,
    Status::NotMeasured,
    Status::NotApplicable,
];

impl Report<'_> {
    /// `root` leads from the page to the run's folder.
    pub(super) fn index<'a>(&'a self, groups: &'a [Group<'a>], root: &str) -> IndexPage<'a> {
        let record = self.record;
        let counts = Verdict::ALL.map(|verdict| {
            let alike = self.results.iter().filter(|one| one.verdict == verdict);
            alike.count()
        });
        let counts = self.verdict_counts(counts);
        IndexPage {
            lang: self.language.to_string(),
            policy: policy(Some(TABLE_SCRIPT)),
            style: STYLE,
            script: TABLE_SCRIPT,
            words: self.index_words(),
            run: &record.run,
            of: record.of.as_deref(),
            started: time::for_people(&record.started),
            profile: self.profile.name.in_language(self.language),
            rules: &self.rules.version,
            vantage: self.vantage(),
            sites: self.results.len(),
            bar: bar(&counts),
            counts,
            statuses: STATUSES.map(|status| self.status(status)).into(),
            verdicts: Verdict::ALL.map(|verdict| self.verdict(verdict)).into(),
            checks: self.check_rows(),
            portals: groups.iter().map(|group| self.portal_row(group)).collect(),
            data: self.data(groups, root),
            course: self.course(),
            tallies: self.tallies(),
            only: self.only(),
            rechecks: self.rechecks(root, |_| true),
        }
    }

    fn index_words(&self) -> Words<'_> {
        let say = |section, key| self.say(section, key);
        Words {
            title: say("report", "title"),
            run: say("report", "run"),
            recheck_of: say("report", "recheck_of"),
            rechecked: say("report", "rechecked"),
            rules: say("report", "rules"),
            vantage: say("report", "vantage"),
            site: say("heading", "site"),
            sites: say("heading", "sites"),
            portal: say("heading", "portal"),
            agency: say("heading", "agency"),
            check: say("heading", "check"),
            verdict: say("heading", "verdict"),
            findings: say("heading", "findings"),
            advisory: say("heading", "advisory"),
            chart: say("report", "chart"),
            by_check: say("report", "by_check"),
            by_portal: say("report", "by_portal"),
            all_sites: say("report", "back"),
            text: say("report", "text"),
            any: say("report", "any"),
            clear: say("report", "clear"),
            change: say("report", "change"),
            no_script: say("report", "no_script"),
        }
    }

    fn verdict_counts(&self, counts: [usize; 4]) -> Vec<Count> {
        let counts = Verdict::ALL.into_iter().zip(counts);
        let told = counts.map(|(verdict, number)| {
            let Word { class, word } = self.verdict(verdict);
            Count { class, number, word }
        });
        told.collect()
    }

    fn check_rows(&self) -> Vec<CheckRow> {
        let rows = CheckId::ALL
            .into_iter()
            .enumerate()
            .filter_map(|(number, check)| {
                let findings = self.results.iter().flat_map(|result| &result.findings);
                let of: Vec<Status> = findings
                    .filter(|finding| finding.check == check.as_str())
                    .map(|finding| finding.status)
                    .collect();
                if of.is_empty() {
                    return None;
                }
                let counts = STATUSES.map(|status| {
                    let Word { class, word } = self.status(status);
                    let number = of.iter().filter(|one| **one == status).count();
                    Count { class, number, word }
                });
                Some(CheckRow {
                    name: self.rules.check_name(check).in_language(self.language).to_owned(),
                    number,
                    advisory: !self.profile.is_mandatory(check),
                    bar: bar(&counts),
                    counts: counts.into(),
                })
            });
        rows.collect()
    }

    fn portal_row<'a>(&self, group: &'a Group<'_>) -> PortalRow<'a> {
        let counts = self.verdict_counts(group.counts());
        PortalRow {
            name: &group.name,
            page: link(&format!("portals/{}", group.file)),
            sites: group.members.len(),
            bar: bar(&counts),
            counts,
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

fn bar(counts: &[Count]) -> Bar {
    let numbers: Vec<_> = counts.iter().map(|count| (count.class, count.number)).collect();
    chart::bar(&numbers)
}
