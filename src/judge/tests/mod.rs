#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;
use crate::checks::support::*;
use crate::emc::EmcSettings;
use crate::observation::*;
use crate::rules::{CheckId, Rules};
use crate::site::{ListedSite, Role, SiteState};
use crate::verdict::{Finding, Outcome, SiteResult, Status, Verdict};

mod properties;

/// A run over a few records, with everything at its default.
struct Run {
    rules: Rules,
    emc: EmcSettings,
    control: ControlFacts,
    confirm: bool,
    only: Option<Vec<CheckId>>,
    profile: &'static str,
    records: Vec<SiteRecord>,
}

fn run_of(records: Vec<SiteRecord>) -> Run {
    Run {
        rules: Rules::builtin().unwrap(),
        emc: EmcSettings::default(),
        control: ControlFacts::always(true),
        confirm: true,
        only: None,
        profile: "ministry-2024",
        records,
    }
}

impl Run {
    fn with<T>(&self, act: impl FnOnce(&RunFacts, &JudgeContext<'_>) -> T) -> T {
        let context = JudgeContext {
            run: "20261121T020000Z",
            rules: &self.rules,
            profile: self.rules.profile(Some(self.profile)).unwrap(),
            only: self.only.as_deref(),
            emc: &self.emc,
            control: &self.control,
            beacon_stub: false,
            confirm: self.confirm,
        };
        let listed: Vec<ListedSite> = self.records.iter().map(|record| record.listed.clone()).collect();
        let mut facts = RunFacts::new(&listed);
        for record in &self.records {
            facts.add(record, &context);
        }
        act(&facts, &context)
    }

    fn portal(&self, at: usize) -> Option<&SiteRecord> {
        let portal = self.records[at].listed.portal.as_ref()?;
        self.records.iter().find(|record| record.site() == portal)
    }

    fn result(&self, at: usize) -> SiteResult {
        self.with(|facts, context| {
            judge_site(&self.records[at], self.portal(at), facts, context, &NoPictures)
        })
    }

    fn needed(&self, at: usize) -> Needed {
        self.with(|facts, context| {
            Confirmation::needed(&self.records[at], self.portal(at), facts, context, &NoPictures)
        })
    }
}

fn component(visits: Vec<Observation>) -> SiteRecord {
    let listed = ListedSite {
        portal: Some(site(PORTAL)),
        ..ListedSite::new(site(SITE), Role::Component)
    };
    record(listed, visits)
}

fn record(listed: ListedSite, visits: Vec<Observation>) -> SiteRecord {
    let visits = visits
        .into_iter()
        .zip(1..)
        .map(|(visit, number)| Observation {
            visit: number,
            ..visit
        })
        .collect();
    SiteRecord {
        visits,
        ..SiteRecord::new(listed)
    }
}

fn portal() -> SiteRecord {
    let mut page = connected_as(PORTAL, "33");
    links(&mut page).push(link(
        "https://sxd.tinh.gov.vn/",
        "Sở Xây dựng",
        LinkVisibility::Shown,
    ));
    record(ListedSite::new(site(PORTAL), Role::Portal), vec![page])
}

/// A component page that meets everything.
fn good() -> Observation {
    let mut page = connected();
    links(&mut page).push(link("https://tinh.gov.vn/", "Cổng tỉnh", LinkVisibility::Shown));
    page
}

fn without_code() -> Observation {
    let mut page = page();
    links(&mut page).push(link("https://tinh.gov.vn/", "Cổng tỉnh", LinkVisibility::Shown));
    page
}

fn in_chrome(page: Observation) -> Observation {
    Observation {
        engine: Engine::Chrome,
        ..page
    }
}

fn blocked() -> Observation {
    let mut page = page();
    page.document.status = Some(403);
    page
}

fn finding(result: &SiteResult, check: CheckId) -> &Finding {
    result
        .findings
        .iter()
        .find(|finding| finding.check == check.as_str())
        .unwrap()
}

#[test]
fn a_good_site_passes_with_one_visit() {
    let run = run_of(vec![component(vec![good()]), portal()]);
    let result = run.result(0);
    assert_eq!(
        (result.outcome, result.verdict),
        (Outcome::Measured, Verdict::Pass)
    );
    assert_eq!(run.needed(0), Needed::default());
    let badge = finding(&result, CheckId::EmcBadge);
    assert_eq!((badge.status, badge.seen.as_str()), (Status::Pass, "1/1"));
    assert!(badge.evidence.contains(&"visit-1/data/desktop.jpg".to_owned()));
    assert_eq!(run.result(1).verdict, Verdict::Pass);
}

#[test]
fn each_role_is_asked_its_own_questions() {
    let run = run_of(vec![component(vec![good()]), portal()]);
    let names = |at: usize| -> Vec<String> { run.result(at).findings.into_iter().map(|f| f.check).collect() };
    assert!(!names(0).contains(&"links.components".to_owned()));
    assert!(names(0).contains(&"look.header".to_owned()));
    assert!(names(1).contains(&"links.components".to_owned()));
    assert!(
        !names(1)
            .iter()
            .any(|name| name == "links.portal" || name.starts_with("look."))
    );
}

#[test]
fn a_fail_waits_for_the_full_browser() {
    let run = run_of(vec![component(vec![without_code()]), portal()]);
    let needed = run.needed(0);
    assert!(needed.full_browser && !needed.third);
    assert_eq!(needed.next, Some(Engine::Chrome));
    let result = run.result(0);
    assert_eq!(result.verdict, Verdict::Review);
    assert_eq!(finding(&result, CheckId::EmcScript).code, "absent");
    assert!(
        finding(&result, CheckId::EmcScript)
            .message
            .en
            .contains("Not confirmed")
    );
}

#[test]
fn two_visits_that_agree_fail_the_site() {
    let run = run_of(vec![
        component(vec![without_code(), in_chrome(without_code())]),
        portal(),
    ]);
    assert!(!run.needed(0).any());
    let result = run.result(0);
    assert_eq!(result.verdict, Verdict::Fail);
    let script = finding(&result, CheckId::EmcScript);
    assert_eq!((script.status, script.seen.as_str()), (Status::Fail, "0/2"));
    assert_eq!(script.measured["confirmed"], json!(true));
    assert_eq!(script.measured["visits"][1]["address"], json!("203.0.113.7:443"));
    assert!(script.evidence.iter().any(|path| path.starts_with("visit-2/")));
}

#[test]
fn visits_that_disagree_ask_for_a_third_and_end_unstable() {
    let mut run = run_of(vec![component(vec![without_code(), in_chrome(good())]), portal()]);
    let needed = run.needed(0);
    assert!(needed.third && !needed.full_browser);
    run.records[0] = component(vec![without_code(), in_chrome(good()), in_chrome(without_code())]);
    assert!(!run.needed(0).any());
    let result = run.result(0);
    assert_eq!(result.verdict, Verdict::Review);
    let badge = finding(&result, CheckId::EmcBadge);
    assert_eq!((badge.code.as_str(), badge.seen.as_str()), ("unstable", "1/3"));
    assert!(badge.message.vi.contains("1/3"));
}

#[test]
fn a_confirming_visit_that_was_blocked_leaves_a_question() {
    let run = run_of(vec![
        component(vec![without_code(), in_chrome(blocked())]),
        portal(),
    ]);
    assert!(!run.needed(0).any());
    let result = run.result(0);
    assert_eq!(
        (result.outcome, result.verdict),
        (Outcome::Measured, Verdict::Review)
    );
    assert_eq!(finding(&result, CheckId::EmcScript).code, "absent");
}

#[test]
fn without_confirmation_one_visit_is_enough_and_says_so() {
    let mut run = run_of(vec![component(vec![without_code()]), portal()]);
    run.confirm = false;
    assert!(!run.needed(0).any());
    let result = run.result(0);
    assert_eq!(result.verdict, Verdict::Fail);
    assert_eq!(
        finding(&result, CheckId::EmcScript).measured["confirmed"],
        json!(false)
    );
}

#[test]
fn what_was_not_measured_is_tried_in_the_other_engine_and_accuses_nobody() {
    let mut run = run_of(vec![component(vec![blocked()]), portal()]);
    assert_eq!(run.needed(0).next, Some(Engine::Chrome));
    assert!(run.needed(0).other_engine);
    run.records[0] = component(vec![blocked(), in_chrome(blocked())]);
    assert!(!run.needed(0).any());
    let result = run.result(0);
    assert_eq!(
        (result.outcome, result.verdict),
        (Outcome::Blocked, Verdict::NotMeasured)
    );
    assert_eq!(result.outcome_reason.as_deref(), Some("http_403"));
    let badge = finding(&result, CheckId::EmcBadge);
    assert_eq!(
        (badge.status, badge.code.as_str(), badge.seen.as_str()),
        (Status::NotMeasured, "blocked", "0/0")
    );
    let available = finding(&result, CheckId::SiteAvailable);
    assert_eq!(
        (available.status, available.code.as_str()),
        (Status::Review, "blocked")
    );
}

#[test]
fn emc_being_down_fails_nobody() {
    let mut run = run_of(vec![component(vec![{
        let mut page = good();
        page.requests = vec![failed(script(), "net::ERR_CONNECTION_REFUSED", None)];
        badges(&mut page).clear();
        page
    }])]);
    run.control = ControlFacts::always(false);
    let result = run.result(0);
    assert_eq!(result.verdict, Verdict::NotMeasured);
    assert!(!run.needed(0).any());
}

#[test]
fn a_site_id_of_another_owner_is_found_by_the_whole_run() {
    let other = ListedSite {
        agency: Some("Sở Y tế".to_owned()),
        ..ListedSite::new(site("syt.tinh.gov.vn"), Role::Component)
    };
    let records = vec![
        component(vec![good()]),
        portal(),
        record(other, vec![connected_as("syt.tinh.gov.vn", "163")]),
    ];
    let mut run = run_of(records);
    let result = run.result(0);
    let id = finding(&result, CheckId::EmcSiteId);
    assert_eq!((id.code.as_str(), result.verdict), ("shared", Verdict::Review));
    assert_eq!(id.measured["shared_with"], json!(["syt.tinh.gov.vn"]));
    // The same owner may use one id on two sites.
    run.records[0].listed.agency = Some("Sở Y tế".to_owned());
    assert_eq!(finding(&run.result(0), CheckId::EmcSiteId).code, "valid");
}

#[test]
fn a_shared_id_is_another_question_when_another_owner_joins() {
    let with = |others: &[(&str, &str)]| {
        let mut records = vec![component(vec![good()]), portal()];
        records.extend(others.iter().map(|(address, agency)| {
            let listed = ListedSite {
                agency: Some((*agency).to_owned()),
                ..ListedSite::new(site(address), Role::Component)
            };
            record(listed, vec![connected_as(address, "163")])
        }));
        let result = run_of(records).result(0);
        let id = finding(&result, CheckId::EmcSiteId);
        assert_eq!(id.code, "shared");
        id.fingerprint.clone()
    };
    let health = ("syt.tinh.gov.vn", "Sở Y tế");
    let two = with(&[health]);
    // What was decided of two owners goes on while it is those two, on however many sites.
    assert_eq!(two, with(&[health, ("benhvien.tinh.gov.vn", "Sở Y tế")]));
    assert_ne!(two, with(&[health, ("sct.tinh.gov.vn", "Sở Công Thương")]));
}

#[test]
fn a_home_that_a_site_redirects_to_counts_as_its_address() {
    let mut page = good();
    page.final_url = Some("https://soxaydung.tinh.gov.vn/".to_owned());
    let mut portal = portal();
    links(&mut portal.visits[0])[0].url = "https://soxaydung.tinh.gov.vn/".to_owned();
    let run = run_of(vec![component(vec![page]), portal]);
    assert_eq!(finding(&run.result(1), CheckId::LinksComponents).code, "all");
}

#[test]
fn two_sites_behind_one_login_page_have_not_moved_to_each_other() {
    let login = |name: &str| {
        let mut page = connected_as(name, "5");
        page.final_url = Some("https://sso.tinh.gov.vn/login".to_owned());
        page
    };
    let other = ListedSite::new(site("syt.tinh.gov.vn"), Role::Component);
    let run = run_of(vec![
        component(vec![login(SITE)]),
        record(other, vec![login("syt.tinh.gov.vn")]),
    ]);
    assert_eq!(
        (run.result(0).outcome, run.result(1).outcome),
        (Outcome::Measured, Outcome::Measured)
    );
}

#[test]
fn closed_components_are_not_expected_and_get_their_line() {
    let mut closed = component(vec![]);
    closed.listed.state = SiteState::Closed;
    let run = run_of(vec![closed, portal()]);
    assert_eq!(
        finding(&run.result(1), CheckId::LinksComponents).code,
        "no_components"
    );
    let result = run.result(0);
    assert_eq!(
        (result.outcome, result.outcome_reason.as_deref()),
        (Outcome::NotVisited, Some("closed"))
    );
    assert!(
        result
            .findings
            .iter()
            .all(|finding| finding.status == Status::NotApplicable)
    );
    assert_eq!(result.verdict, Verdict::Pass);
}

#[test]
fn a_site_that_the_run_did_not_reach_is_not_measured() {
    let run = run_of(vec![component(vec![]), portal()]);
    let result = run.result(0);
    assert_eq!(
        (result.outcome, result.verdict),
        (Outcome::NotVisited, Verdict::NotMeasured)
    );
    assert!(!run.needed(0).any());
}

/// A site whose name no longer resolves.
fn gone() -> Observation {
    let mut gone = page();
    gone.page = None;
    gone.attempts[0].ending = Ending::NetworkError {
        error: "net::ERR_NAME_NOT_RESOLVED".to_owned(),
    };
    gone.document = DocumentFacts::default();
    gone
}

#[test]
fn a_site_that_is_down_while_nobody_else_answers_is_not_blamed_without_a_word() {
    let mut run = run_of(vec![component(vec![gone(), in_chrome(gone())])]);
    let told = |run: &Run| finding(&run.result(0), CheckId::SiteAvailable).message.clone();
    let alone = told(&run);
    run.control = ControlFacts::always(false);
    let together = told(&run);
    assert!(together.vi.starts_with(&alone.vi) && together.en.starts_with(&alone.en));
    assert!(together.vi.contains("mạng của máy kiểm tra"), "{}", together.vi);
    assert!(!alone.vi.contains("mạng của máy kiểm tra"), "{}", alone.vi);
}

#[test]
fn results_give_times_to_the_millisecond() {
    let mut page = good();
    page.started_at = "2026-11-21T02:00:00.123456789Z".to_owned();
    let run = run_of(vec![component(vec![page]), portal()]);
    assert_eq!(run.result(0).visits[0].at, "2026-11-21T02:00:00.123Z");
}

#[test]
fn a_site_that_does_not_answer_twice_is_down() {
    let mut run = run_of(vec![component(vec![gone()])]);
    assert_eq!(
        finding(&run.result(0), CheckId::SiteAvailable).status,
        Status::Review
    );
    run.records[0] = component(vec![gone(), in_chrome(gone())]);
    let result = run.result(0);
    assert_eq!(finding(&result, CheckId::SiteAvailable).code, "down");
    assert_eq!(
        (result.outcome, result.verdict),
        (Outcome::Unreachable, Verdict::NotMeasured)
    );
}

#[test]
fn only_the_chosen_checks_are_made() {
    let mut run = run_of(vec![component(vec![without_code()]), portal()]);
    run.only = Some(vec![CheckId::LinksPortal]);
    let result = run.result(0);
    assert_eq!((result.findings.len(), result.verdict), (1, Verdict::Pass));
    assert!(!run.needed(0).any());
}

#[test]
fn a_fingerprint_stays_while_the_facts_do() {
    let result = |page: Observation| run_of(vec![component(vec![page]), portal()]).result(0);
    let mut later = good();
    later.started_at = "2026-12-01T02:00:00Z".to_owned();
    badges(&mut later)[0].rect.y += 2.0;
    let print = |result: &SiteResult| finding(result, CheckId::EmcBadge).fingerprint.clone();
    assert_eq!(print(&result(good())), print(&result(later)));
    let mut other = good();
    badges(&mut other)[0].selector = "#footer a".to_owned();
    assert_ne!(print(&result(good())), print(&result(other)));
}

#[test]
fn a_record_added_again_replaces_what_it_said() {
    let run = run_of(vec![component(vec![good()]), portal()]);
    run.with(|facts, context| {
        let mut facts = facts.clone();
        let owner = ListedSite::new(site("syt.tinh.gov.vn"), Role::Component);
        let users = facts.others_with_id(&owner, 163);
        assert_eq!((users.len(), &users[0].site), (1, &site(SITE)));
        facts.add(&component(vec![page()]), context);
        assert!(facts.others_with_id(&owner, 163).is_empty());
        assert_eq!(facts.outcome(&site(SITE)), Some(Outcome::Measured));
    });
}

#[test]
fn what_judging_makes_meets_the_schema() {
    let validator = jsonschema::validator_for(&crate::report::schema()).unwrap();
    let records = [
        component(vec![good()]),
        component(vec![without_code(), in_chrome(without_code())]),
        component(vec![blocked()]),
        component(vec![]),
        portal(),
    ];
    for record in records {
        let result = run_of(vec![record, portal()]).result(0);
        let value = serde_json::to_value(&result).unwrap();
        assert!(validator.is_valid(&value), "{value:#}");
    }
}
