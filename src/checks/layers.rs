//! How far EMC's code got on a page: from the HTML that was sent to a badge that a person sees. Each layer is said
//! by itself, with the file that shows it, so that whoever mends the page sees where the chain ends.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use super::site_ids::tracker_calls;
use super::snippet::is_embed;
use super::{OwnPage, VisitFinding};
use crate::emc::EmcSettings;
use crate::observation::{Observation, RequestRecord, SnippetPlace};
use crate::rules::CheckId;
use crate::verdict::Status;

/// The layers in their order, each with its name, whether it was found (`null` where nothing can be said) and its
/// evidence in the visit's `data` folder. The names are keys of `[layer]` in the language file.
pub(crate) fn layers(
    observation: &Observation,
    emc: &EmcSettings,
    findings: &BTreeMap<CheckId, VisitFinding>,
) -> Value {
    let own = OwnPage::new(observation);
    let served = observation.document.served_code.snippets.iter();
    let served = served
        .filter(|snippet| snippet.place == SnippetPlace::Live)
        .any(|snippet| is_embed(snippet, emc));
    let scripts: Vec<&RequestRecord> = observation
        .requests
        .iter()
        .filter(|request| own.owns_request(request))
        .filter(|request| Url::parse(&request.url).is_ok_and(|url| emc.is_script(&url)))
        .collect();
    let loaded = findings
        .get(&CheckId::EmcScript)
        .is_some_and(|script| script.code == "loaded");
    let badge = findings.get(&CheckId::EmcBadge);
    let candidates = badge.and_then(|badge| badge.facts.get("candidates")?.as_u64());
    let seen = [
        ("served_html", Some(served), "served.html"),
        (
            "live_dom",
            Some(own.running_snippets().any(|snippet| is_embed(snippet, emc))),
            "page.html",
        ),
        ("script_requested", Some(!scripts.is_empty()), "network.har"),
        (
            "script_answered",
            Some(loaded || scripts.iter().any(|request| brought_script(request))),
            "network.har",
        ),
        ("queue_consumed", Some(own.queue_consumed()), "observation.json"),
        (
            "tracker_called",
            Some(!tracker_calls(observation, &own, emc).is_empty()),
            "network.har",
        ),
        ("badge_in_dom", candidates.map(|count| count > 0), "page.html"),
        (
            "badge_seen",
            badge.map(|badge| badge.status == Status::Pass),
            "desktop.jpg",
        ),
    ];
    let entries =
        seen.map(|(layer, found, evidence)| json!({ "layer": layer, "found": found, "evidence": evidence }));
    Value::Array(entries.to_vec())
}

/// 2xx, whole, and not refused by the browser.
fn brought_script(request: &RequestRecord) -> bool {
    let fine = request
        .status
        .is_some_and(|status| (200..300).contains(&status) || status == 304);
    fine && request.finished && request.failure.is_none() && !super::emc_script::is_markup(request)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::support::{SNIPPET, connected, page, snippet, world};
    use super::*;

    fn found(observation: &Observation) -> Vec<(String, Option<bool>)> {
        let findings = [CheckId::EmcScript, CheckId::EmcBadge]
            .map(|check| (check, world().check(check, observation)))
            .into();
        let layers = layers(observation, &EmcSettings::default(), &findings);
        let entries = layers.as_array().unwrap().iter();
        entries
            .map(|one| (one["layer"].as_str().unwrap().to_owned(), one["found"].as_bool()))
            .collect()
    }

    #[test]
    fn a_connected_page_has_every_layer_that_it_was_given() {
        let missing: Vec<String> = found(&connected())
            .into_iter()
            .filter_map(|(layer, found)| (found != Some(true)).then_some(layer))
            .collect();
        // The sample's code was written by a script, and its queue was not read.
        assert_eq!(missing, ["served_html", "queue_consumed"]);
    }

    #[test]
    fn code_in_a_comment_is_in_no_layer() {
        let mut page = page();
        snippet(&mut page, SnippetPlace::HtmlComment, SNIPPET);
        assert!(found(&page).iter().all(|(_, found)| *found == Some(false)));
    }
}
