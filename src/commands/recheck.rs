//! `emc-audit recheck`: audit sites of the newest full run again, and say what changed.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan};

use super::auditing::{Auditor, exit_code, json_lines, note, to_stdout};
use super::judge::judge_of;
use super::{CommandError, Complaint, error, failed, failed_to, open_run, usage};
use crate::bundle::{RunFolder, RunList, RunRecord};
use crate::cli::{Cli, EXIT_INTERRUPTED, RecheckArguments};
use crate::dispatch::Beginning;
use crate::language::Sentence;
use crate::report::{self, read_results};
use crate::rules::CheckId;
use crate::site::{SiteId, parse_address};
use crate::verdict::{SiteResult, Verdict};

/// A portal whose stored look is older is visited anew.
const LOOK_KEEPS_HOURS: i64 = 7 * 24;

/// Audits the sites again; the value is the exit code.
pub(super) fn recheck(cli: &Cli, arguments: &RecheckArguments) -> Result<u8, CommandError> {
    let mut auditor = Auditor::new(cli, &arguments.visiting)?;
    if !auditor.out.join("latest").is_dir() {
        let complaint = error("no_full_run").with("out", auditor.out.display());
        return Err(usage(complaint));
    }
    let (of, record) = open_run(&auditor.out, "latest")?;
    if arguments.visiting.profile.is_none() {
        let same = auditor.rules.profile(Some(&record.judged_by.profile));
        auditor.profile = same.map_err(usage)?.clone();
    }
    let before = read_results(&of.path().join("results.jsonl")).map_err(failed_to("read_run"))?;
    let list = list(arguments, &of, &record, &before)?;
    let portals = fresh_portals(&list, &of)?;
    auditor.only = same_checks(&auditor, &record);
    let Some(summary) = auditor.audit(list, Beginning::Recheck { of, portals })? else {
        return Ok(EXIT_INTERRUPTED);
    };
    let before: HashMap<&SiteId, &SiteResult> = before.iter().map(|result| (&result.site, result)).collect();
    to_stdout(|out| {
        if arguments.visiting.json {
            return json_lines(&summary.results, out);
        }
        let emc = &summary.record.judged_by.emc;
        let repairs = report::Repairs::new(&summary.results, emc, cli.lang);
        for result in &summary.results {
            let was = before.get(&result.site).copied();
            let text = report::changes_text(was, result, &repairs, &summary.folder, &auditor.rules, cli.lang);
            out.write_all(text.as_bytes())?;
        }
        auditor.write_only(out)
    })?;
    Ok(exit_code(&summary))
}

/// The checks that are asked for, or else those of the run before: what it never judged would look like news.
fn same_checks(auditor: &Auditor, record: &RunRecord) -> Option<Vec<CheckId>> {
    if auditor.only.is_some() {
        return auditor.only.clone();
    }
    let only = record.judged_by.only.clone()?;
    let names: Vec<&str> = only.iter().map(|check| check.as_str()).collect();
    let notice = Sentence::new("notice", "same_checks").with("run", &record.run);
    note(&notice.with("checks", names.join(",")), auditor.language);
    Some(only)
}

/// The list of the run before, with the sites that are asked for chosen from it.
fn list(
    arguments: &RecheckArguments,
    of: &RunFolder,
    record: &RunRecord,
    before: &[SiteResult],
) -> Result<RunList, CommandError> {
    let list = of.read_list().map_err(failed_to("read_run"))?;
    let mut chosen = BTreeSet::new();
    let mut unknown = Vec::new();
    for text in &arguments.sites {
        match find(&list, text)? {
            Some(site) => {
                chosen.insert(site);
            }
            None => unknown.push(text.as_str()),
        }
    }
    if !unknown.is_empty() {
        let complaint = error("not_in_list").with("run", &record.run);
        return Err(usage(complaint.with("sites", unknown.join(", "))));
    }
    if let Some(agency) = &arguments.agency {
        let of_agency = before
            .iter()
            .filter(|result| same_words(&result.agency, agency) || same_words(&result.name, agency));
        let found: Vec<SiteId> = of_agency.map(|result| result.site.clone()).collect();
        if found.is_empty() {
            let complaint = error("no_agency").with("run", &record.run);
            return Err(usage(complaint.with("agency", agency)));
        }
        chosen.extend(found);
    }
    if arguments.failed {
        let failed = before.iter().filter(|result| result.verdict == Verdict::Fail);
        chosen.extend(failed.map(|result| result.site.clone()));
    }
    if chosen.is_empty() {
        let key = if arguments.failed {
            "none_failed"
        } else {
            "nothing_named"
        };
        return Err(usage(error(key).with("run", &record.run)));
    }
    let known = judge_of(of, record, None, None)?
        .known()
        .map_err(failed_to("read_run"))?;
    Ok(RunList {
        chosen: Some(chosen),
        known,
        ..list
    })
}

/// A listed site by its name, or by any of its addresses.
fn find(list: &RunList, text: &str) -> Result<Option<SiteId>, CommandError> {
    let url = parse_address(text).map_err(usage)?;
    let site = SiteId::from_url(&url);
    let named = list
        .sites
        .iter()
        .find(|listed| listed.site == site || listed.aliases.contains(&site) || listed.url == url.as_str());
    Ok(named.map(|listed| listed.site.clone()))
}

fn same_words(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Portals that need no new visit, because the run before saw them not long ago.
fn fresh_portals(list: &RunList, of: &RunFolder) -> Result<Vec<SiteId>, CommandError> {
    let oldest = Timestamp::now()
        .checked_sub(LOOK_KEEPS_HOURS.hours())
        .map_err(|cause| failed(Complaint::from(error("clock")).because(cause)))?;
    let mut fresh = Vec::new();
    for portal in list.compared() {
        let visits = of.visits(&portal.site).map_err(failed_to("read_run"))?;
        let young = |at: &str| at.parse::<Timestamp>().is_ok_and(|at| at >= oldest);
        if visits.first().is_some_and(|visit| young(&visit.started_at)) {
            fresh.push(portal.site.clone());
        }
    }
    Ok(fresh)
}
