//! `emc.script`: did the page itself ask for EMC's script, and did the script run?
//!
//! Every request is followed to its end (redirects included) and classified; the page gets the best of them.
//! Only where nothing was asked for does the code in the page explain why.

use url::Url;

use super::finding::cut;
use super::refusal::{inline_refused, refused, with_policy};
use super::site_ids::tracker_calls;
use super::snippet::is_embed;
use super::{CheckContext, OwnPage, VisitFinding};
use crate::emc::EmcSettings;
use crate::observation::{
    BadgeKind, BlockReason, CodeSnippet, Observation, PictureKind, RequestRecord, SnippetPlace,
};
use crate::rules::CheckId;
use crate::verdict::Status;

/// Redirects of a script that are followed.
const MOST_HOPS: usize = 10;

/// How one request for the script ended, best first; the order is that of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Loaded,
    HostDown,
    MixedContent,
    BlockedByCsp,
    HttpError,
    NotJavaScript,
    NetworkError,
    /// It was answered, but the browser hid the status with the answer.
    Hidden,
    NotExecuted,
}

impl Ending {
    const fn code(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::HostDown => "emc_host_down",
            Self::MixedContent => "mixed_content",
            Self::BlockedByCsp => "blocked_by_csp",
            Self::HttpError => "http_error",
            Self::NotJavaScript => "not_javascript",
            Self::NetworkError => "network_error",
            Self::Hidden => "uncertain",
            Self::NotExecuted => "not_executed",
        }
    }
}

/// Judges the script of one measured visit.
pub(super) fn emc_script(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let own = OwnPage::new(observation);
    let ran = has_run(observation, &own, context.emc);
    let best = observation
        .requests
        .iter()
        .filter(|request| is_script_request(request, context.emc) && own.owns_request(request))
        .map(|first| {
            let last = followed(first, &observation.requests);
            (classify(first, last, ran, observation, &own, context), last)
        })
        .min_by_key(|(ending, _)| *ending);
    let finding = match best {
        Some((Ending::BlockedByCsp, request)) => {
            let finding = requested(Ending::BlockedByCsp, request, context);
            with_policy(finding, observation, &request.url)
        }
        Some((ending, request)) => requested(ending, request, context),
        None if ran => unsure("call_without_script"),
        None => not_requested(observation, &own, context),
    };
    let finding = with_line(finding, observation, context.emc);
    let finding = behind_splash(finding, observation, context.emc);
    finding
        .fact("queue_consumed", own.queue_consumed())
        .evidence("network.har")
        .evidence("page.html")
        .pictures(observation, &[PictureKind::Desktop])
}

/// A request for EMC's script, or for a script that EMC's host does not have at the address that the page names.
fn is_script_request(request: &RequestRecord, emc: &EmcSettings) -> bool {
    let came = request.failure.is_none() && request.status.is_none_or(|status| status < 400);
    let misnamed = !came && request.resource.eq_ignore_ascii_case("script");
    Url::parse(&request.url)
        .is_ok_and(|url| emc.is_script(&url) || (misnamed && emc.is_host(&url) && !emc.is_tracker(&url)))
}

/// What only a running script does: it takes over the queue, calls the tracker, puts the badge in.
fn has_run(observation: &Observation, own: &OwnPage<'_>, emc: &EmcSettings) -> bool {
    let called = tracker_calls(observation, own, emc).iter().any(|call| {
        call.initiator
            .url
            .as_deref()
            .is_some_and(|url| is_script_address(url, emc))
    });
    let badge = observation
        .page
        .iter()
        .flat_map(|page| &page.badges)
        .any(|badge| badge.kind == BadgeKind::Injected && own.owns_frame(&badge.frame));
    called || (own.queue_consumed() && (badge || !tracker_calls(observation, own, emc).is_empty()))
}

fn is_script_address(url: &str, emc: &EmcSettings) -> bool {
    Url::parse(url).is_ok_and(|url| emc.is_script(&url))
}

/// The end of a chain of redirects.
fn followed<'a>(first: &'a RequestRecord, all: &'a [RequestRecord]) -> &'a RequestRecord {
    let mut last = first;
    for _ in 0..MOST_HOPS {
        let Some(target) = &last.redirected_to else { break };
        let next = all.iter().find(|one| {
            one.url == *target
                && one.at_ms >= last.at_ms
                && one.frame == last.frame
                && !std::ptr::eq(*one, last)
        });
        match next {
            Some(next) => last = next,
            None => break,
        }
    }
    last
}

fn classify(
    first: &RequestRecord,
    last: &RequestRecord,
    ran: bool,
    observation: &Observation,
    own: &OwnPage<'_>,
    context: &CheckContext<'_>,
) -> Ending {
    if let Some(reason) = last.failure.as_ref().and_then(|failure| failure.blocked.as_ref()) {
        match reason {
            BlockReason::MixedContent => return Ending::MixedContent,
            BlockReason::Csp => return Ending::BlockedByCsp,
            // The robot's own rule stood in the way, not the site.
            BlockReason::PrivateAddress => return Ending::HostDown,
            BlockReason::Other(_) => {}
        }
    }
    match last.status {
        Some(500..) => return Ending::HostDown,
        Some(400..=499) => return Ending::HttpError,
        Some(200..=299 | 304) => {}
        // The answer may be an error of EMC's own server.
        None if is_opaque(last) => return Ending::Hidden,
        _ => return connection_failed(last, context),
    }
    if is_opaque(last) || is_refused_type(last) {
        return Ending::NotJavaScript;
    }
    if ran {
        return Ending::Loaded;
    }
    if last.failure.is_some() || !last.finished {
        return connection_failed(last, context);
    }
    // HTML runs as a script only into its first `<`.
    if is_markup(last) || has_syntax_error(observation, &last.url) {
        return Ending::NotJavaScript;
    }
    if fails_integrity(observation, &first.url) {
        return Ending::NotExecuted;
    }
    if fetched_only(first, own, context.emc) {
        return Ending::NotExecuted;
    }
    Ending::Loaded
}

/// The browser kept an answer from the page that is no script.
fn is_opaque(request: &RequestRecord) -> bool {
    let failure = request.failure.as_ref();
    failure
        .is_some_and(|failure| failure.error.contains("BLOCKED_BY_ORB") || failure.error.contains("NOSNIFF"))
}

/// No answer came: EMC's fault unless EMC is known to have answered others at the time.
fn connection_failed(request: &RequestRecord, context: &CheckContext<'_>) -> Ending {
    let policy = request
        .failure
        .as_ref()
        .is_some_and(|failure| matches!(failure.blocked, Some(BlockReason::Other(_))));
    if policy || !context.emc_was_down() {
        Ending::NetworkError
    } else {
        Ending::HostDown
    }
}

/// A preload, or a fetch as data, that no script element used: it brings the file but does not run it.
fn fetched_only(request: &RequestRecord, own: &OwnPage<'_>, emc: &EmcSettings) -> bool {
    let as_script = request.resource.is_empty() || request.resource.eq_ignore_ascii_case("script");
    if as_script && !request.preload {
        return false;
    }
    let used = own.running_snippets().any(|snippet| {
        snippet
            .src
            .as_deref()
            .is_some_and(|source| source == request.url && is_script_address(source, emc))
    });
    !used || own.queue_waiting()
}

fn content_type(request: &RequestRecord) -> String {
    let full = request.content_type.as_deref().or(request.mime_type.as_deref());
    let bare = full.unwrap_or_default().split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Types that Chromium never runs as a script, whatever they hold.
fn is_refused_type(request: &RequestRecord) -> bool {
    let kind = content_type(request);
    ["image/", "audio/", "video/"]
        .iter()
        .any(|start| kind.starts_with(start))
        || kind == "text/csv"
}

pub(super) fn is_markup(request: &RequestRecord) -> bool {
    matches!(
        content_type(request).as_str(),
        "text/html" | "application/xhtml+xml" | "text/xml" | "application/xml"
    )
}

fn has_syntax_error(observation: &Observation, url: &str) -> bool {
    observation.console.iter().any(|entry| {
        entry.text.contains("SyntaxError") && (entry.url.as_deref() == Some(url) || entry.text.contains(url))
    })
}

fn fails_integrity(observation: &Observation, url: &str) -> bool {
    observation
        .console
        .iter()
        .any(|entry| entry.text.contains("integrity") && entry.text.contains(url))
}

fn requested(ending: Ending, request: &RequestRecord, context: &CheckContext<'_>) -> VisitFinding {
    let error = request.failure.as_ref().map(|failure| failure.error.clone());
    let mut finding = VisitFinding::new(CheckId::EmcScript, ending.code())
        .fact("url", cut(&request.url, 300))
        .fact_if("status", request.status)
        .fact_if(
            "content_type",
            request.content_type.as_deref().or(request.mime_type.as_deref()),
        )
        .fact_if("address", request.address.as_deref())
        .fact_if("sha256", request.body_sha256.as_deref())
        .stable(request.url.clone());
    if ending != Ending::Loaded {
        let shown = error.unwrap_or_else(|| match request.status {
            Some(status) => format!("HTTP {status}"),
            None => "no answer".to_owned(),
        });
        finding = finding.fact("error", shown);
    }
    if ending == Ending::Hidden {
        finding = finding.veiled();
    }
    if ending == Ending::NotExecuted {
        finding = finding.fact("place", "preload, integrity");
    }
    if let (Some(usual), Some(hash)) = (context.usual_script, request.body_sha256.as_deref())
        && usual != hash
    {
        finding = finding.fact("unusual_script", true);
    }
    finding
}

/// The page never asked for the script: say what became of the code.
fn not_requested(observation: &Observation, own: &OwnPage<'_>, context: &CheckContext<'_>) -> VisitFinding {
    let wanted = |address: &str| is_script_address(address, context.emc);
    if let Some((refusal, address)) = refused(observation, wanted) {
        let finding = VisitFinding::new(CheckId::EmcScript, refusal.code()).fact("url", cut(&address, 300));
        return with_policy(finding, observation, &address);
    }
    let embeds: Vec<&CodeSnippet> = own
        .snippets()
        .filter(|snippet| is_embed(snippet, context.emc))
        .collect();
    let inert = embeds.iter().find(|one| one.place != SnippetPlace::HtmlComment);
    if let Some(snippet) = inert {
        let inline = snippet.place == SnippetPlace::Live && snippet.src.is_none();
        let directive = inline.then(|| inline_refused(observation)).flatten();
        return explained("not_executed", snippet).fact_if("inline_directive", directive);
    }
    if let Some(snippet) = embeds.first() {
        return explained("commented_out", snippet);
    }
    if observation
        .cut_short
        .iter()
        .any(|what| what.starts_with("requests"))
    {
        return unsure("too_many_requests");
    }
    let foreign = observation
        .requests
        .iter()
        .any(|request| is_script_request(request, context.emc));
    VisitFinding::new(CheckId::EmcScript, "absent").fact("in_foreign_frame", foreign)
}

fn explained(code: &'static str, snippet: &CodeSnippet) -> VisitFinding {
    let place = match snippet.place {
        SnippetPlace::Live => "script",
        SnippetPlace::HtmlComment => "<!-- -->",
        SnippetPlace::InertType => snippet.script_type.as_deref().unwrap_or("type"),
        SnippetPlace::InertElement => "noscript, template, textarea",
        SnippetPlace::ScriptComment => "/* */",
    };
    let excerpt = if snippet.text.is_empty() {
        snippet.src.as_deref().unwrap_or_default()
    } else {
        &snippet.text
    };
    VisitFinding::new(CheckId::EmcScript, code)
        .fact("place", cut(place, 60))
        .fact_if("line", snippet.line)
        .fact("excerpt", cut(excerpt.trim(), 400))
        .stable(place)
        .evidence("served.html")
}

/// Adds the line of the served document on which the code begins that the finding speaks of, for whoever mends it.
fn with_line(finding: VisitFinding, observation: &Observation, emc: &EmcSettings) -> VisitFinding {
    if finding.status != Status::Fail || finding.facts.contains_key("line") {
        return finding;
    }
    let in_comment = finding.code == "commented_out";
    let served = &observation.document.served_code.snippets;
    let embeds = served.iter().filter(|snippet| is_embed(snippet, emc));
    let meant = embeds
        .clone()
        .find(|snippet| (snippet.place == SnippetPlace::HtmlComment) == in_comment);
    finding.fact_if("line", meant.and_then(|snippet| snippet.line))
}

/// A splash page is the home page that visitors get; code only behind it is for a person to judge.
fn behind_splash(finding: VisitFinding, observation: &Observation, emc: &EmcSettings) -> VisitFinding {
    let Some(splash) = &observation.splash else {
        return finding;
    };
    let in_splash = splash
        .code
        .snippets
        .iter()
        .any(|snippet| snippet.place == SnippetPlace::Live && is_embed(snippet, emc))
        || observation.requests.iter().any(|request| {
            request.frame_url.as_deref() == Some(splash.url.as_str()) && is_script_request(request, emc)
        });
    if finding.status != Status::Pass || in_splash {
        return finding;
    }
    let unsure = unsure("behind_splash");
    VisitFinding {
        status: unsure.status,
        code: unsure.code,
        facts: finding.facts.into_iter().chain(unsure.facts).collect(),
        ..finding
    }
}

fn unsure(doubt: &str) -> VisitFinding {
    VisitFinding::new(CheckId::EmcScript, "uncertain").doubt(doubt)
}

#[cfg(test)]
mod tests;
