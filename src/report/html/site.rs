//! The page of one site: criteria, findings with their evidence, pictures and visits.

use askama::Template;

use super::super::exhibits::Exhibits;
use super::super::pictures::may_be_opened;
use super::super::repair::{Repair, Repairs};
use super::super::time;
use super::calls::CallsView;
use super::course::SiteCourse;
use super::details::Details;
use super::review::ReviewView;
use super::since::RecheckView;
use super::visited::VisitedView;
use super::{PICTURE_SCRIPT, Report, STYLE, ThumbView, Word, link, policy};
use crate::language::Sentence;
use crate::rules::{CheckId, Criterion};
use crate::verdict::{Finding, SiteResult};

#[derive(Template)]
#[template(path = "site.html")]
pub(super) struct SitePage<'a> {
    lang: String,
    policy: String,
    style: &'static str,
    script: &'static str,
    words: Words<'a>,
    name: &'a str,
    site: Option<String>,
    agency: Option<&'a str>,
    portal: Option<String>,
    final_url: &'a str,
    verdict: Word,
    outcome: Option<String>,
    system: Option<&'a str>,
    sign: Option<&'a str>,
    vendor: Option<&'a str>,
    group: Option<&'a str>,
    hint: Option<&'a str>,
    in_flight: &'a [String],
    criteria: Vec<CriterionView<'a>>,
    pictures: Vec<PictureView>,
    visits: Vec<VisitView>,
    reviewed: Option<Word>,
    files: Vec<SumView<'a>>,
    only: Option<String>,
    /// That the visits were removed, and when.
    removed: Option<String>,
    course: Option<SiteCourse<'a>>,
    visited: Option<VisitedView<'a>>,
    thumbs: Vec<ThumbView>,
    calls: Option<CallsView<'a>>,
    rechecks: Vec<RecheckView<'a>>,
}

struct Words<'a> {
    back: &'a str,
    agency: &'a str,
    portal: &'a str,
    final_url: &'a str,
    advisory: &'a str,
    mandatory: &'a str,
    basis: &'a str,
    check: &'a str,
    verdict: &'a str,
    reason: &'a str,
    seen: &'a str,
    facts: &'a str,
    pictures: &'a str,
    visits: &'a str,
    when: &'a str,
    engine: &'a str,
    address: &'a str,
    outcome: &'a str,
    in_flight: &'a str,
    files: &'a str,
    system: &'a str,
    vendor: &'a str,
    group: &'a str,
    repair: &'a str,
    reviewed: &'a str,
    rechecked: &'a str,
    sums: &'a str,
    sums_note: &'a str,
    file: &'a str,
    close: &'a str,
    previous: &'a str,
    next: &'a str,
    larger: &'a str,
    smaller: &'a str,
}

struct CriterionView<'a> {
    name: String,
    mandatory: bool,
    basis: String,
    findings: Vec<FindingView<'a>>,
}

pub(super) struct FindingView<'a> {
    pub name: String,
    pub status: Word,
    pub text: &'a str,
    pub seen: &'a str,
    pub code: &'a str,
    pub details: Details<'a>,
    pub repair: Option<Repair>,
    pub reviewed: Option<ReviewView<'a>>,
    pub evidence: Vec<FileView>,
    pub facts: String,
}

pub(super) struct FileView {
    pub link: String,
    pub name: String,
    /// Its time was over.
    pub is_removed: bool,
}

impl FileView {
    pub(super) fn is_safe(&self) -> bool {
        !self.is_removed && may_be_opened(&self.name)
    }
}

/// A file of the evidence with its sum, as the list of its visit has it.
struct SumView<'a> {
    link: Option<String>,
    name: String,
    sum: &'a str,
}

struct PictureView {
    link: String,
    caption: String,
    wide: bool,
    size: Option<(u32, u32)>,
}

struct VisitView {
    at: String,
    engine: String,
    address: String,
    status: String,
    outcome: String,
    folder: Option<String>,
    name: String,
}

impl Report<'_> {
    /// `root` leads from the page to the run's folder.
    pub(super) fn site_page<'a>(
        &'a self,
        result: &'a SiteResult,
        files: &'a Exhibits,
        root: &str,
        repairs: &Repairs<'_>,
    ) -> SitePage<'a> {
        let place = format!("{root}/sites/{}", result.site.folder_name());
        SitePage {
            lang: self.language.to_string(),
            policy: policy(Some(PICTURE_SCRIPT)),
            style: STYLE,
            script: PICTURE_SCRIPT,
            words: self.site_words(),
            name: &result.name,
            site: result.name_told().map(|_| result.site.to_string()),
            only: self.only(),
            removed: self.removed_text(result),
            course: self.site_course(result),
            visited: self.visited(result),
            thumbs: self.thumbs(files, root),
            calls: self.calls(files),
            agency: result.agency_told(),
            portal: result.portal.as_ref().map(ToString::to_string),
            final_url: result.final_url.as_deref().unwrap_or(&result.url),
            verdict: self.verdict(result.verdict),
            outcome: self.outcome(result),
            system: result
                .system
                .as_ref()
                .map(|system| self.say("system", system.name.as_str())),
            sign: result.system.as_ref().and_then(|system| system.sign.as_deref()),
            vendor: result.vendor.as_deref(),
            group: result.group.as_deref(),
            hint: result
                .outcome_hint
                .as_ref()
                .map(|hint| hint.in_language(self.language)),
            in_flight: &result.outcome_in_flight,
            criteria: self.criteria(result, &place, repairs),
            pictures: self.picture_views(files, root),
            visits: self.visit_views(result, &place),
            reviewed: result.reviewed.map(|verdict| self.verdict(verdict)),
            files: self.sum_views(result, files, &place),
            rechecks: self.rechecks(root, |site| *site == result.site),
        }
    }

    fn site_words(&self) -> Words<'_> {
        let say = |section, key| self.say(section, key);
        Words {
            back: say("report", "back"),
            agency: say("heading", "agency"),
            portal: say("heading", "portal"),
            final_url: say("heading", "final_url"),
            advisory: say("report", "is_advisory"),
            mandatory: say("report", "is_mandatory"),
            basis: say("heading", "basis"),
            check: say("heading", "check"),
            verdict: say("heading", "verdict"),
            reason: say("report", "reason"),
            seen: say("report", "seen"),
            facts: say("report", "facts"),
            pictures: say("report", "pictures"),
            visits: say("report", "visits"),
            when: say("report", "when"),
            engine: say("report", "engine"),
            address: say("report", "address"),
            outcome: say("heading", "outcome"),
            in_flight: say("report", "in_flight"),
            files: say("report", "files"),
            system: say("detail", "system"),
            vendor: say("heading", "vendor"),
            group: say("heading", "group"),
            repair: say("detail", "repair"),
            reviewed: say("report", "reviewed"),
            rechecked: say("report", "rechecked"),
            sums: say("report", "sums"),
            sums_note: say("report", "sums_note"),
            file: say("report", "file"),
            close: say("report", "close"),
            previous: say("report", "previous"),
            next: say("report", "next"),
            larger: say("report", "larger"),
            smaller: say("report", "smaller"),
        }
    }

    /// Criteria of the profile that say something of this site, and last what belongs to none.
    fn criteria<'a>(
        &'a self,
        result: &'a SiteResult,
        files: &str,
        repairs: &Repairs<'_>,
    ) -> Vec<CriterionView<'a>> {
        let of = |checks: &dyn Fn(&str) -> bool| -> Vec<FindingView<'a>> {
            let findings = result.findings.iter().filter(|finding| checks(&finding.check));
            findings
                .map(|finding| self.finding(result, finding, files, repairs))
                .collect()
        };
        let covers =
            |criterion: &Criterion, check: &str| criterion.checks.iter().any(|known| known.as_str() == check);
        let mut views: Vec<CriterionView> = Vec::new();
        for criterion in &self.profile.criteria {
            views.push(CriterionView {
                name: self.titled(criterion),
                mandatory: criterion.mandatory,
                basis: self.basis(criterion),
                findings: of(&|check| covers(criterion, check)),
            });
        }
        let other = |check: &str| {
            !self
                .profile
                .criteria
                .iter()
                .any(|criterion| covers(criterion, check))
        };
        views.push(CriterionView {
            name: self.say("report", "others").to_owned(),
            mandatory: false,
            basis: String::new(),
            findings: of(&other),
        });
        views.retain(|view| !view.findings.is_empty());
        views
    }

    pub(super) fn finding<'a>(
        &'a self,
        result: &'a SiteResult,
        finding: &'a Finding,
        files: &str,
        repairs: &Repairs<'_>,
    ) -> FindingView<'a> {
        let name = finding.check.parse::<CheckId>().map_or_else(
            |_| finding.check.clone(),
            |check| self.rules.check_name(check).in_language(self.language).to_owned(),
        );
        FindingView {
            name,
            status: self.status(finding.status),
            text: finding.message.in_language(self.language),
            seen: &finding.seen,
            code: &finding.code,
            details: self.details(result, finding),
            repair: repairs.of(result, finding),
            reviewed: finding.reviewed.as_ref().map(|reviewed| self.review(reviewed)),
            evidence: finding
                .evidence
                .iter()
                .map(|path| FileView {
                    link: link(&format!("{files}/{path}")),
                    name: path.replace("/data/", "/"),
                    is_removed: self.removed.contains_key(&result.site) && is_of_visit(path),
                })
                .collect(),
            facts: serde_json::to_string_pretty(&finding.measured).unwrap_or_default(),
        }
    }

    /// Criteria have the number that an evaluating body gave them, if it gave one.
    pub(in crate::report) fn numbered(&self, criterion: &Criterion) -> String {
        let name = criterion.name.in_language(self.language);
        if criterion.id.starts_with(|first: char| first.is_ascii_digit()) {
            format!("{} {name}", criterion.id)
        } else {
            name.to_owned()
        }
    }

    /// The same as the heading of a page.
    fn titled(&self, criterion: &Criterion) -> String {
        let name = self.numbered(criterion);
        if name.starts_with(&criterion.id) {
            format!("{} {name}", self.say("heading", "criterion"))
        } else {
            name
        }
    }

    /// What a criterion rested on in law on the day of the run.
    pub(in crate::report) fn basis(&self, criterion: &Criterion) -> String {
        let day = self.record.started.get(..10).unwrap_or_default();
        let bases = self.rules.bases_in_force(criterion, day);
        let texts: Vec<&str> = bases
            .iter()
            .map(|basis| basis.text.in_language(self.language))
            .collect();
        texts.join("; ")
    }

    fn picture_views(&self, files: &Exhibits, root: &str) -> Vec<PictureView> {
        let views = files.shown.iter().map(|picture| PictureView {
            link: link(&format!("{root}/{}", picture.path)),
            caption: self.caption(picture.caption, picture.visit),
            wide: picture.wide,
            size: picture.size,
        });
        views.collect()
    }

    fn visit_views(&self, result: &SiteResult, files: &str) -> Vec<VisitView> {
        let is_there = !self.removed.contains_key(&result.site);
        let views = result.visits.iter().zip(1..).map(|(visit, number)| VisitView {
            at: time::for_people(&visit.at),
            engine: self.say("report", visit.engine.as_str()).to_owned(),
            address: visit.address.clone().unwrap_or_default(),
            status: visit.status.map_or_else(String::new, |status| status.to_string()),
            outcome: self.say("outcome", visit.outcome.as_str()).to_owned(),
            folder: is_there.then(|| link(&format!("{files}/visit-{number}/data/"))),
            name: format!("visit-{number}"),
        });
        views.collect()
    }

    /// That the visits of a site were removed, if they were.
    fn removed_text(&self, result: &SiteResult) -> Option<String> {
        let at = self.removed.get(&result.site)?;
        let text = Sentence::new("report", "removed").with("at", time::for_people(at));
        Some(text.text(self.language))
    }

    fn sum_views<'a>(&self, result: &SiteResult, files: &'a Exhibits, place: &str) -> Vec<SumView<'a>> {
        let is_there = !self.removed.contains_key(&result.site);
        let views = files.sums.iter().map(|(path, sum)| SumView {
            link: (is_there && may_be_opened(path)).then(|| link(&format!("{place}/{path}"))),
            name: path.replace("/data/", "/"),
            sum,
        });
        views.collect()
    }
}

/// Whether a file of the evidence lies in a visit, and not beside them.
fn is_of_visit(path: &str) -> bool {
    path.starts_with("visit-")
}
