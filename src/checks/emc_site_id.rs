//! `emc.site_id`: one positive number, registered for this site as far as the list knows, used by nobody else.

use super::emc_script::emc_script;
use super::site_ids::seen_ids;
use super::{CheckContext, VisitFinding};
use crate::observation::Observation;
use crate::rules::CheckId;
use crate::verdict::Status;

/// Other sites that a finding names.
const MOST_SHARED: usize = 50;

/// Judges the site id of one measured visit.
pub(super) fn emc_site_id(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let check = CheckId::EmcSiteId;
    let script = emc_script(observation, context);
    // No script ran either where the browser kept its answer from the page.
    if script.is_veiled() || !matches!(script.status, Status::Pass | Status::Review) {
        return VisitFinding::new(check, "no_code").fact("script", script.code);
    }
    let seen = seen_ids(observation, context.emc);
    let in_use: Vec<String> = seen
        .in_use()
        .iter()
        .filter(|id| !id.is_empty())
        .cloned()
        .collect();
    let everywhere = seen.everywhere();
    let numbers: Vec<u64> = in_use.iter().filter_map(|id| number(id)).collect();
    let listed = &context.listed.emc_site_ids;
    let shared = numbers
        .first()
        .map(|id| (context.others_with_id)(*id))
        .unwrap_or_default();
    let code = if in_use.is_empty() && seen.called.is_empty() && seen.unreadable {
        "uncertain"
    } else if in_use.is_empty() {
        "missing"
    } else if numbers.is_empty() {
        "not_a_number"
    } else if !listed.is_empty() && !numbers.iter().any(|id| listed.contains(id)) {
        "mismatch"
    } else if distinct(&everywhere) > 1 {
        "several"
    } else if !shared.is_empty() {
        "shared"
    } else {
        "valid"
    };
    let shown = if code == "several" { &everywhere } else { &in_use };
    let mut finding = VisitFinding::new(check, code)
        .fact("ids", shown.clone())
        .fact("called", seen.called.clone())
        .fact("queued", seen.queued.clone())
        .fact("written", seen.written.clone())
        .fact_if("site_id", in_use.first().cloned())
        .stable(shown.join(","))
        .evidence("network.har")
        .evidence("page.html");
    if !listed.is_empty() {
        finding = finding.fact("listed", listed.clone());
    }
    if !shared.is_empty() {
        let named = shared.iter().take(MOST_SHARED).map(|user| user.site.to_string());
        finding = finding.fact("shared_with", named.collect::<Vec<_>>());
    }
    if code == "shared" {
        // Another set of owners is another question: what was decided about the old one does not answer it.
        for user in &shared {
            finding = finding.stable(format!("shared with {}", user.owner));
        }
    }
    finding
}

/// Ids as EMC gives them: decimal digits, not zero.
fn number(id: &str) -> Option<u64> {
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    id.parse::<u64>().ok().filter(|id| digits && *id > 0)
}

/// `0163` and `163` are one id.
fn distinct(ids: &[String]) -> usize {
    let mut values: Vec<String> = ids
        .iter()
        .map(|id| number(id).map_or_else(|| id.clone(), |id| id.to_string()))
        .collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}

#[cfg(test)]
mod tests;
