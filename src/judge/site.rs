//! One site's line: outcome, findings, verdict.

use jiff::Timestamp;
use serde_json::Value;

use super::combine::{Combined, combine};
use super::control::ControlFacts;
use super::facts::RunFacts;
use super::fingerprint::fingerprint;
use super::record::{PictureSource, SiteRecord};
use super::remarks::{joined, with_remarks};
use super::visits::{JudgedVisit, as_seen, checks_for, excused, judge_visits, seen_by};
use crate::checks::{OutcomeFacts, REASONS, VisitFinding, cut, site_available};
use crate::emc::EmcSettings;
use crate::language::{Sentence, has_word};
use crate::observation::PictureKind;
use crate::rules::{CheckId, Profile, Rules};
use crate::system::{System, SystemKind, recognise};
use crate::verdict::{
    Facts, Finding, Message, Outcome, RESULT_SCHEMA, SiteResult, Status, Verdict, VisitSummary,
};

/// Addresses that a result names as still in flight.
const MOST_IN_FLIGHT: usize = 10;

/// What holds for every site of a run.
#[derive(Debug, Clone, Copy)]
pub struct JudgeContext<'a> {
    pub run: &'a str,
    pub rules: &'a Rules,
    pub profile: &'a Profile,
    /// Only these checks, if the user chose some.
    pub only: Option<&'a [CheckId]>,
    pub emc: &'a EmcSettings,
    pub control: &'a ControlFacts,
    /// The robot answered tracker calls itself.
    pub beacon_stub: bool,
    /// A fail needs a second visit that agrees.
    pub confirm: bool,
}

/// Judges one listed site. `portal` is the record of a component's portal, listed or reference.
pub fn judge_site(
    record: &SiteRecord,
    portal: Option<&SiteRecord>,
    facts: &RunFacts,
    context: &JudgeContext<'_>,
    pictures: &dyn PictureSource,
) -> SiteResult {
    let visits = judge_visits(record, portal, facts, context, pictures);
    let outcome = site_outcome(record, &visits);
    let findings: Vec<Finding> = checks_for(record, context)
        .into_iter()
        .map(|check| {
            let mut finding = finding(check, record, &visits, &outcome, context);
            finding.mandatory = context.profile.is_mandatory(check) && excused(record).is_none();
            finding
        })
        .collect();
    let listed = &record.listed;
    let shown = visits
        .iter()
        .find(|visit| visit.measured())
        .or_else(|| visits.last());
    SiteResult {
        schema: RESULT_SCHEMA.to_owned(),
        run: context.run.to_owned(),
        site: listed.site.clone(),
        host: listed.site.host().to_owned(),
        url: listed.url.clone(),
        final_url: shown.and_then(|visit| visit.observation.final_url.clone()),
        name: listed.name.clone(),
        agency: listed.owner(),
        role: listed.role,
        portal: listed.portal.clone(),
        outcome: outcome.outcome,
        outcome_reason: outcome.reason_word(),
        outcome_message: outcome
            .reason_word()
            .map(|reason| context.rules.reason_message(&reason, outcome.detail.as_deref())),
        outcome_detail: outcome.detail.clone(),
        outcome_hint: hint(&outcome),
        outcome_in_flight: visits.last().map_or_else(Vec::new, in_flight),
        verdict: Verdict::over(&findings),
        system: system(&visits),
        group: listed.group.clone(),
        vendor: listed.vendor.clone(),
        emc_site_ids: listed.emc_site_ids.clone(),
        profile: context.profile.id.clone(),
        rules: context.rules.version.clone(),
        visits: visits.iter().map(summary).collect(),
        findings,
        reviewed: None,
    }
}

/// What the site runs on: the first visit that knows, else that nothing is known.
fn system(visits: &[JudgedVisit<'_>]) -> Option<System> {
    let measured = visits.iter().filter(|visit| visit.measured());
    let seen: Vec<System> = measured
        .filter_map(|visit| recognise(visit.observation))
        .collect();
    let known = seen.iter().find(|system| system.name != SystemKind::General);
    known.or(seen.first()).cloned()
}

fn summary(visit: &JudgedVisit<'_>) -> VisitSummary {
    VisitSummary {
        at: to_the_millisecond(&visit.observation.started_at),
        engine: visit.observation.engine,
        address: visit.observation.document.address.clone(),
        status: visit.observation.document.status,
        outcome: visit.outcome.outcome,
    }
}

/// What can be done about an outcome: what is known of its reason, else of its kind.
fn hint(outcome: &OutcomeFacts) -> Option<Message> {
    let reason = outcome.reason_word()?;
    let known = REASONS
        .iter()
        .map(|(_, known)| *known)
        .find(|known| *known == reason);
    let mut keys = known.into_iter().chain([outcome.outcome.as_str()]);
    let key = keys.find(|key| has_word("remedy", key))?;
    Some(Sentence::new("remedy", key).message())
}

/// Addresses that a visit had asked and not heard from to the end, where it could not be measured.
fn in_flight(visit: &JudgedVisit<'_>) -> Vec<String> {
    if visit.measured() {
        return Vec::new();
    }
    let open =
        visit.observation.requests.iter().filter(|request| {
            !request.finished && request.failure.is_none() && request.redirected_to.is_none()
        });
    open.take(MOST_IN_FLIGHT)
        .map(|request| cut(&request.url, 200))
        .collect()
}

/// Finer than a millisecond is noise to whoever reads results.
fn to_the_millisecond(time: &str) -> String {
    time.parse::<Timestamp>()
        .map_or_else(|_| time.to_owned(), |at| format!("{at:.3}"))
}

/// Measured if one visit was. Else what most visits met, and among equals what the latest met.
fn site_outcome(record: &SiteRecord, visits: &[JudgedVisit<'_>]) -> OutcomeFacts {
    if visits.is_empty() {
        let reason = excused(record).unwrap_or("not_reached");
        return OutcomeFacts::new(Outcome::NotVisited, Some(reason), None);
    }
    if visits.iter().any(JudgedVisit::measured) {
        return OutcomeFacts::new(Outcome::Measured, None, None);
    }
    let count = |outcome: Outcome| {
        visits
            .iter()
            .filter(|visit| visit.outcome.outcome == outcome)
            .count()
    };
    visits
        .iter()
        .enumerate()
        .max_by_key(|(at, visit)| (count(visit.outcome.outcome), *at))
        .map_or_else(
            || OutcomeFacts::new(Outcome::NotVisited, Some("not_reached"), None),
            |(_, visit)| visit.outcome.clone(),
        )
}

/// The finding of one check over all visits. Whether it is mandatory is left to the caller.
fn finding(
    check: CheckId,
    record: &SiteRecord,
    visits: &[JudgedVisit<'_>],
    outcome: &OutcomeFacts,
    context: &JudgeContext<'_>,
) -> Finding {
    if visits.is_empty() {
        let (status, code) = match excused(record) {
            Some(code) => (Status::NotApplicable, code),
            None => (Status::NotMeasured, Outcome::NotVisited.as_str()),
        };
        return plain_finding(check, status, code, &[], context);
    }
    if check == CheckId::SiteAvailable {
        return available(visits, context);
    }
    let found = seen_by(check, visits);
    let seen = as_seen(&found, visits);
    let Some(combined) = combine(check, &seen, context.confirm) else {
        return plain_finding(
            check,
            Status::NotMeasured,
            outcome.outcome.as_str(),
            visits,
            context,
        );
    };
    written(check, &found, &combined, visits, context)
}

/// A finding that rests on no check's own facts.
fn plain_finding(
    check: CheckId,
    status: Status,
    code: &str,
    visits: &[JudgedVisit<'_>],
    context: &JudgeContext<'_>,
) -> Finding {
    let evidence = first_pictures(visits);
    Finding {
        check: check.as_str().to_owned(),
        status,
        code: code.to_owned(),
        mandatory: false,
        message: context.rules.common_message(code),
        seen: "0/0".to_owned(),
        fingerprint: fingerprint(check, code, &[]),
        evidence,
        measured: Facts::default(),
        reviewed: None,
    }
}

fn available(visits: &[JudgedVisit<'_>], context: &JudgeContext<'_>) -> Finding {
    let check = CheckId::SiteAvailable;
    let outcomes: Vec<&OutcomeFacts> = visits.iter().map(|visit| &visit.outcome).collect();
    let one = site_available(&outcomes);
    let status = if one.status == Status::Fail && context.confirm && visits.len() < 2 {
        Status::Review
    } else {
        one.status
    };
    let mut message = context.rules.message(check, one.code, &one.facts);
    let mut measured = one.facts;
    if let Some(why) = measured.get("reason").and_then(Value::as_str) {
        let detail = measured.get("detail").and_then(Value::as_str);
        message = joined(&message, &context.rules.reason_message(why, detail));
    }
    if one.code == "down" && may_be_offline(visits, context.control) {
        message = joined(&message, &Sentence::new("offline", "site_down").message());
        measured.insert("control_silent".to_owned(), Value::from(true));
    }
    let answered = outcomes
        .iter()
        .filter(|one| one.outcome != Outcome::Unreachable)
        .count();
    Finding {
        check: check.as_str().to_owned(),
        status,
        code: one.code.to_owned(),
        mandatory: false,
        message,
        seen: format!("{answered}/{}", visits.len()),
        fingerprint: fingerprint(check, one.code, &one.stable),
        evidence: first_pictures(visits),
        measured: measured.into(),
        reviewed: None,
    }
}

/// In every visit of a site that never answered, nobody else answered either.
fn may_be_offline(visits: &[JudgedVisit<'_>], control: &ControlFacts) -> bool {
    visits
        .iter()
        .all(|visit| control.nobody_answered_near(&visit.observation.started_at))
}

/// Writes the combined finding with facts, evidence of all its visits, and who saw what.
fn written(
    check: CheckId,
    found: &[(usize, VisitFinding)],
    combined: &Combined,
    visits: &[JudgedVisit<'_>],
    context: &JudgeContext<'_>,
) -> Finding {
    let chosen = &found[combined.chosen].1;
    let seen = format!("{}/{}", combined.passed, found.len());
    let mut measured = chosen.facts.clone();
    if let Some(confirmed) = combined.confirmed {
        measured.insert("confirmed".to_owned(), Value::from(confirmed));
    }
    if visits.len() > 1 {
        measured.insert("visits".to_owned(), each_visit(found, visits));
    }
    measured.insert("seen".to_owned(), Value::from(seen.clone()));
    let message = context.rules.message(check, combined.code, &measured);
    let mut message = with_remarks(message, combined.status, &measured);
    if combined.confirmed == Some(false) && combined.code == chosen.code && chosen.status == Status::Fail {
        message = joined(&message, &context.rules.common_message("unconfirmed"));
    }
    measured.remove("seen");
    let mut evidence = Vec::new();
    for (at, finding) in found {
        let visit = &visits[*at];
        for file in finding.evidence.iter().filter(|file| is_kept(visit, file)) {
            let path = evidence_path(visit, file);
            if !evidence.contains(&path) {
                evidence.push(path);
            }
        }
    }
    Finding {
        check: check.as_str().to_owned(),
        status: combined.status,
        code: combined.code.to_owned(),
        mandatory: false,
        message,
        seen,
        fingerprint: fingerprint(check, combined.code, &chosen.stable),
        evidence,
        measured: measured.into(),
        reviewed: None,
    }
}

/// Engine, address, server and code of each visit, so that two nodes behind one name show.
fn each_visit(found: &[(usize, VisitFinding)], visits: &[JudgedVisit<'_>]) -> Value {
    let entries = visits.iter().enumerate().map(|(at, visit)| {
        let observation = visit.observation;
        let server = observation
            .document
            .headers
            .iter()
            .find(|(name, _)| name == "server")
            .map(|(_, value)| value.clone());
        let code = found
            .iter()
            .find(|(number, _)| *number == at)
            .map_or(visit.outcome.outcome.as_str(), |(_, finding)| finding.code);
        serde_json::json!({
            "visit": observation.visit,
            "engine": observation.engine,
            "address": observation.document.address,
            "server": server,
            "code": code,
        })
    });
    Value::Array(entries.collect())
}

/// One picture of each visit, where a finding has nothing of its own to show.
fn first_pictures(visits: &[JudgedVisit<'_>]) -> Vec<String> {
    visits
        .iter()
        .filter_map(|visit| {
            let pictures = &visit.observation.pictures;
            let page = pictures
                .iter()
                .find(|picture| picture.kind == PictureKind::Desktop);
            Some(evidence_path(visit, &page.or(pictures.first())?.file))
        })
        .collect()
}

/// Whether the visit kept a file of this name; its observation and the network log are always there.
fn is_kept(visit: &JudgedVisit<'_>, file: &str) -> bool {
    let observation = visit.observation;
    let pictures = &observation.pictures;
    matches!(file, "observation.json" | "network.har")
        || observation.kept.iter().any(|kept| kept == file)
        || pictures.iter().any(|picture| picture.file == file)
}

/// Where a visit's file stands, seen from the site's folder.
fn evidence_path(visit: &JudgedVisit<'_>, file: &str) -> String {
    format!("visit-{}/data/{file}", visit.observation.visit)
}
