//! What waits for a person, and why, and what was decided already. Pure: results in, entries out, those with a
//! common cause told alike.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::rechecked::{Rechecks, Told, told};
use crate::verdict::{Decision, Finding, Message, Outcome, Reviewed, SiteResult, Status};

/// Why a finding waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Disputed,
    Review,
    Changed,
    NotMeasured,
    Fail,
    /// It waits no longer, but may be decided anew.
    Decided,
}

/// A finding that waits or was decided, with what is shown of it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub why: Why,
    /// The run that it is of: a recheck, where that is newer.
    pub run: String,
    pub site: String,
    pub url: String,
    pub name: String,
    pub agency: String,
    pub check: String,
    pub check_name: Message,
    pub status: Status,
    pub code: String,
    pub message: Message,
    pub fingerprint: String,
    /// The same for findings with one cause: one decision may be made for all of them.
    pub cause: String,
    /// Its site in the report of the run.
    pub page: String,
    /// Files of the run.
    pub pictures: Vec<String>,
    pub reviewed: Option<Reviewed>,
    /// Of a site that was visited again since.
    pub rechecked: Option<Rechecked>,
    /// Of a site id that several agencies use.
    pub shared: Option<SharedId>,
}

/// When a site was visited again, and what the run itself had said.
#[derive(Debug, Serialize)]
pub(super) struct Rechecked {
    /// RFC 3339, UTC.
    pub at: String,
    pub was_status: Status,
    pub was_code: String,
}

/// A site id with everybody who uses it.
#[derive(Debug, Serialize)]
pub(super) struct SharedId {
    pub emc_site_id: u64,
    pub agencies: BTreeSet<String>,
}

/// What the run before said: site and check to status and code.
pub(super) type Before = HashMap<(String, String), (String, String)>;

/// Everything that waits, disputes first; then fails that only want to be confirmed, and what was decided.
pub(super) fn queue(
    results: &[SiteResult],
    rechecks: &Rechecks,
    before: &Before,
    agencies: &HashMap<String, String>,
    name_of: impl Fn(&str) -> Message,
) -> Vec<Entry> {
    let users = users(results);
    let all = results.iter().flat_map(|result| told(result, rechecks));
    let mut entries: Vec<Entry> = all
        .filter_map(|one| {
            let why = why(&one, before)?;
            let name = name_of(&one.finding.check);
            Some(entry(&one, why, name, shared(&one, &users, agencies)))
        })
        .collect();
    entries.sort_by_key(|entry| entry.why as u8);
    entries
}

fn entry(told: &Told<'_>, why: Why, check_name: Message, shared: Option<SharedId>) -> Entry {
    let Told { result, finding, was } = *told;
    let again = |(_, was): (&SiteResult, &Finding)| Rechecked {
        at: result
            .visits
            .last()
            .map_or_else(String::new, |visit| visit.at.clone()),
        was_status: was.status,
        was_code: was.code.clone(),
    };
    Entry {
        why,
        run: result.run.clone(),
        site: result.site.to_string(),
        url: result.final_url.clone().unwrap_or_else(|| result.url.clone()),
        name: result.name.clone(),
        agency: result.agency.clone(),
        check: finding.check.clone(),
        check_name,
        status: finding.status,
        code: finding.code.clone(),
        message: finding.message.clone(),
        fingerprint: finding.fingerprint.clone(),
        cause: cause(result, finding),
        page: format!("report/sites/{}.html", result.site.folder_name()),
        pictures: pictures(result, finding),
        reviewed: finding.reviewed.clone(),
        rechecked: was.map(again),
        shared,
    }
}

/// Who uses which site id.
fn users(results: &[SiteResult]) -> HashMap<u64, BTreeSet<String>> {
    let mut users: HashMap<u64, BTreeSet<String>> = HashMap::new();
    for result in results {
        for finding in result
            .findings
            .iter()
            .filter(|finding| finding.check == "emc.site_id")
        {
            if let Some(id) = site_id(finding) {
                users.entry(id).or_default().insert(result.agency.clone());
            }
        }
    }
    users
}

fn site_id(finding: &Finding) -> Option<u64> {
    finding.measured.get("site_id")?.as_str()?.parse().ok()
}

fn shared(
    told: &Told<'_>,
    users: &HashMap<u64, BTreeSet<String>>,
    agencies: &HashMap<String, String>,
) -> Option<SharedId> {
    let Told { result, finding, .. } = *told;
    if finding.check != "emc.site_id" || finding.code != "shared" {
        return None;
    }
    let emc_site_id = site_id(finding)?;
    let mut named = users.get(&emc_site_id).cloned().unwrap_or_default();
    named.insert(result.agency.clone());
    let with = finding
        .measured
        .get("shared_with")
        .and_then(|with| with.as_array());
    let others = with
        .into_iter()
        .flatten()
        .filter_map(|site| agencies.get(site.as_str()?));
    named.extend(others.cloned());
    Some(SharedId {
        emc_site_id,
        agencies: named,
    })
}

fn why(told: &Told<'_>, before: &Before) -> Option<Why> {
    let Told { result, finding, .. } = *told;
    match finding.reviewed.as_ref().map(|reviewed| reviewed.decision) {
        Some(Decision::Disputed) => return Some(Why::Disputed),
        Some(Decision::Recheck) => return Some(Why::Review),
        Some(_) => return Some(Why::Decided),
        None => {}
    }
    // A site that could not be measured waits once, with the finding that says why.
    if result.outcome != Outcome::Measured {
        let speaks = finding.check == "site.available" && finding.status != Status::NotApplicable;
        return (speaks && result.outcome != Outcome::NotVisited).then_some(Why::NotMeasured);
    }
    let key = (result.site.to_string(), finding.check.clone());
    let was = before.get(&key);
    let is_changed = told.is_news()
        || was.is_some_and(|(status, code)| *status != finding.status.as_str() || *code != finding.code);
    // That it could be measured at last is no news by itself.
    let was_measured = match told.was {
        Some((_, was)) => was.status != Status::NotMeasured,
        None => was.is_none_or(|(status, _)| status != Status::NotMeasured.as_str()),
    };
    match finding.status {
        Status::Review => Some(Why::Review),
        Status::NotMeasured => Some(Why::NotMeasured),
        Status::Pass if !was_measured => None,
        _ if is_changed => Some(Why::Changed),
        Status::Fail => Some(Why::Fail),
        Status::Pass | Status::NotApplicable => None,
    }
}

/// A shared id is one cause wherever it is; else one code on sites of one portal and one system.
fn cause(result: &SiteResult, finding: &Finding) -> String {
    let id = finding.measured.get("site_id").and_then(|id| id.as_str());
    match id {
        Some(id) if finding.check == "emc.site_id" => format!("{} {} {id}", finding.check, finding.code),
        _ => {
            let portal = result.portal.as_ref().unwrap_or(&result.site);
            let system = result.system.as_ref().map_or("", |system| system.name.as_str());
            format!("{} {} {portal} {system}", finding.check, finding.code)
        }
    }
}

/// The pictures of the finding, then those of its site.
fn pictures(result: &SiteResult, finding: &Finding) -> Vec<String> {
    let folder = result.site.folder_name();
    let mut names: Vec<String> = Vec::new();
    match finding.check.as_str() {
        "emc.badge" => names.push("annotated.png".to_owned()),
        "look.header" => names.push("look/header.png".to_owned()),
        "look.footer" => names.push("look/footer.png".to_owned()),
        _ => {}
    }
    let is_picture = |name: &&String| {
        let extension = std::path::Path::new(name.as_str()).extension();
        extension.is_some_and(|extension| extension == "png" || extension == "jpg")
    };
    names.extend(finding.evidence.iter().filter(is_picture).cloned());
    let last = result.visits.len();
    if last > 0 {
        names.push(format!("visit-{last}/data/desktop.jpg"));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
        .into_iter()
        .map(|name| format!("sites/{folder}/{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::verdict::Verdict;

    fn reasons(result: &SiteResult, before: &Before) -> Vec<Why> {
        let results = std::slice::from_ref(result);
        let entries = queue(results, &Rechecks::new(), before, &HashMap::new(), |_| {
            Message::default()
        });
        entries.iter().map(|entry| entry.why).collect()
    }

    #[test]
    fn what_waits_says_why_and_leaves_when_it_was_decided() {
        let mut result = sample::result("a.gov.vn", Verdict::Review);
        result.findings.truncate(1);
        let before = Before::new();
        assert_eq!(reasons(&result, &before), [Why::Review]);
        let mut reviewed = Reviewed {
            decision: Decision::Disputed,
            by: "Lan".to_owned(),
            at: String::new(),
            note: String::new(),
            status: Status::Review,
            code: String::new(),
            rules: String::new(),
            run: String::new(),
        };
        result.findings[0].reviewed = Some(reviewed.clone());
        assert_eq!(reasons(&result, &before), [Why::Disputed]);
        reviewed.decision = Decision::Pass;
        result.findings[0].reviewed = Some(reviewed);
        assert_eq!(reasons(&result, &before), [Why::Decided]);
    }

    #[test]
    fn what_changed_since_the_run_before_waits_also_where_it_passes() {
        let mut result = sample::result("a.gov.vn", Verdict::Pass);
        result.findings.truncate(1);
        let key = ("a.gov.vn".to_owned(), result.findings[0].check.clone());
        let before = |status: &str| Before::from([(key.clone(), (status.to_owned(), "visible".to_owned()))]);
        assert_eq!(reasons(&result, &before("pass")), []);
        assert_eq!(reasons(&result, &before("fail")), [Why::Changed]);
    }

    #[test]
    fn a_recheck_takes_the_place_of_what_it_mended_and_says_what_was() {
        let mut result = sample::result("a.gov.vn", Verdict::Fail);
        result.findings.truncate(1);
        let mut again = result.clone();
        again.run = "later".to_owned();
        again.findings[0].status = Status::Pass;
        let rechecks = Rechecks::from([(again.site.clone(), again)]);
        let results = std::slice::from_ref(&result);
        let entries = queue(results, &rechecks, &Before::new(), &HashMap::new(), |_| {
            Message::default()
        });
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!((entry.why, entry.run.as_str()), (Why::Changed, "later"));
        assert_eq!(entry.status, Status::Pass);
        let was = entry.rechecked.as_ref().map(|was| was.was_status);
        assert_eq!(was, Some(Status::Fail));
    }
}
