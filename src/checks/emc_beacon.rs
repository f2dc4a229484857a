//! `emc.beacon`: did a call to EMC's tracker leave the page with a site id?
//!
//! A call that left the browser counts whatever became of the answer; one that the browser or the network
//! stopped does not.

use url::Url;

use super::emc_script::emc_script;
use super::finding::cut;
use super::refusal::{refused, with_policy};
use super::site_ids::{CallId, SeenIds, call_id, seen_ids, tracker_calls};
use super::{CheckContext, OwnPage, VisitFinding};
use crate::observation::{BlockReason, Observation, RequestRecord};
use crate::rules::CheckId;
use crate::verdict::Status;

/// What became of one call, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Call {
    Sent,
    NoSiteId,
    HostDown,
    MixedContent,
    BlockedByCsp,
    Failed,
}

impl Call {
    const fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::NoSiteId => "no_site_id",
            Self::HostDown => "emc_host_down",
            Self::MixedContent => "mixed_content",
            Self::BlockedByCsp => "blocked_by_csp",
            Self::Failed => "failed",
        }
    }
}

/// Judges the tracker calls of one measured visit.
pub(super) fn emc_beacon(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let own = OwnPage::new(observation);
    let ids = seen_ids(observation, context.emc);
    let calls = tracker_calls(observation, &own, context.emc);
    let best = calls
        .iter()
        .map(|call| (judge_call(call, &ids, context), *call))
        .min_by_key(|(ending, _)| *ending);
    let finding = match best {
        Some((Call::BlockedByCsp, call)) => {
            let finding = called(Call::BlockedByCsp, call, &ids, context);
            with_policy(finding, observation, &call.url)
        }
        Some((ending, call)) => called(ending, call, &ids, context),
        None => refused_call(observation, context).unwrap_or_else(|| silent(observation, context)),
    };
    let sent = calls.iter().filter(|call| has_left(call)).count();
    finding
        .fact("calls", calls.len())
        .fact("calls_sent", sent)
        .evidence("network.har")
}

fn judge_call(call: &RequestRecord, ids: &SeenIds, context: &CheckContext<'_>) -> Call {
    if has_left(call) {
        return if has_id(call, ids, context) {
            Call::Sent
        } else {
            Call::NoSiteId
        };
    }
    match call.failure.as_ref().and_then(|failure| failure.blocked.as_ref()) {
        Some(BlockReason::MixedContent) => Call::MixedContent,
        Some(BlockReason::Csp) => Call::BlockedByCsp,
        Some(BlockReason::PrivateAddress) => Call::HostDown,
        None if context.emc_was_down() => Call::HostDown,
        Some(BlockReason::Other(_)) | None => Call::Failed,
    }
}

/// Whether the call went out. Errors that only the answer can cause mean that it did.
fn has_left(call: &RequestRecord) -> bool {
    const AFTER_SENDING: &[&str] = &[
        "EMPTY_RESPONSE",
        "CONNECTION_RESET",
        "CONNECTION_CLOSED",
        "INVALID_RESPONSE",
        "INVALID_HTTP_RESPONSE",
        "INCOMPLETE_CHUNKED",
        "CONTENT_LENGTH_MISMATCH",
        "CONTENT_DECODING",
        "HTTP2_PROTOCOL_ERROR",
        "BLOCKED_BY_ORB",
        "BLOCKED_BY_RESPONSE",
        "TOO_MANY_REDIRECTS",
    ];
    if call.answered_here || call.status.is_some() || call.finished || call.redirected_to.is_some() {
        return true;
    }
    let Some(failure) = &call.failure else {
        // Nothing was heard of it any more: it was still waiting for an answer.
        return true;
    };
    if failure.blocked.is_some() {
        return false;
    }
    AFTER_SENDING.iter().any(|error| failure.error.contains(error))
        || (failure.cancelled && call.address.is_some())
}

/// The call's own id; where its parameters do not say, that of queue or code.
fn has_id(call: &RequestRecord, ids: &SeenIds, context: &CheckContext<'_>) -> bool {
    match call_id(call, context.emc) {
        CallId::Given(id) => !id.is_empty(),
        CallId::Unnamed => ids.unreadable || ids.queued.iter().chain(&ids.written).any(|id| !id.is_empty()),
    }
}

fn called(ending: Call, call: &RequestRecord, ids: &SeenIds, context: &CheckContext<'_>) -> VisitFinding {
    let own_id = match call_id(call, context.emc) {
        CallId::Given(id) => Some(id),
        CallId::Unnamed => ids.in_use().first().cloned(),
    };
    let mut finding = VisitFinding::new(CheckId::EmcBeacon, ending.code())
        .fact("url", cut(&call.url, 300))
        .fact("method", cut(&call.method, 20))
        .fact_if("status", call.status)
        .fact_if("site_id", own_id.clone())
        .stable(own_id.unwrap_or_default());
    if call.answered_here {
        finding = finding.fact("delivered", false);
    }
    if let Some(failure) = &call.failure {
        finding = finding.fact("error", cut(&failure.error, 80));
    }
    if call.worker {
        finding = finding.fact("from_worker", true);
    }
    finding
}

/// The browser refused the call before there was a request.
fn refused_call(observation: &Observation, context: &CheckContext<'_>) -> Option<VisitFinding> {
    let (refusal, address) = refused(observation, |address| {
        Url::parse(address).is_ok_and(|url| context.emc.is_tracker(&url))
    })?;
    let finding = VisitFinding::new(CheckId::EmcBeacon, refusal.code()).fact("url", cut(&address, 300));
    Some(with_policy(finding, observation, &address))
}

/// No call at all. Where EMC's own script could not come, its call could not either.
fn silent(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let script = emc_script(observation, context);
    if script.status == Status::NotMeasured {
        let error = script.facts.get("error").cloned().unwrap_or_default();
        return VisitFinding::new(CheckId::EmcBeacon, "emc_host_down").fact("error", error);
    }
    if script.is_veiled() {
        return VisitFinding::new(CheckId::EmcBeacon, "uncertain").veiled();
    }
    if observation
        .cut_short
        .iter()
        .any(|what| what.starts_with("requests"))
    {
        return VisitFinding::new(CheckId::EmcBeacon, "uncertain").doubt("too_many_requests");
    }
    VisitFinding::new(CheckId::EmcBeacon, "none").fact("script", script.code)
}

#[cfg(test)]
mod tests;
