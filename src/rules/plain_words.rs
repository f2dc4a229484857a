//! What a check found in the page's own terms (a place in the code, a style), in words that a clerk
//! understands. The terms themselves follow in brackets, for whoever mends the page.

use serde_json::{Map, Value};

use super::check::CheckId;
use crate::language::Sentence;
use crate::verdict::Message;

/// What `{how}` stands for in the sentence of a code; `None` where nothing needs to be explained.
pub(super) fn how(check: CheckId, code: &str, facts: &Map<String, Value>) -> Option<Message> {
    let fact = |name: &str| {
        facts
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let sentence = match (check, code) {
        (CheckId::EmcScript, "not_executed") => place(fact("place")?),
        (CheckId::EmcBadge, "hidden") => hiding(fact("cause")?),
        (CheckId::EmcBadge, "covered") => covering(fact("cause")?),
        (CheckId::LinksPortal, "hidden") => hiding_link(fact("cause")?),
        _ => return None,
    };
    Some(sentence.message())
}

/// Why code that is in the page does not run.
fn place(place: &str) -> Sentence {
    Sentence::new("how", place_key(place)).with("place", place)
}

/// The kind of place that code stands in without running, as a key of `[how]`.
pub(crate) fn place_key(place: &str) -> &'static str {
    match place {
        "script" => "place_script",
        "/* */" => "place_comment",
        _ if place.contains("preload") => "place_fetched",
        _ if place.contains("noscript") => "place_element",
        _ => "place_type",
    }
}

/// What takes a badge out of sight.
fn hiding(cause: &str) -> Sentence {
    let key = if cause.contains('{') {
        "hidden_style"
    } else if cause.contains("script") {
        "hidden_script"
    } else if cause.starts_with("opacity") {
        "hidden_transparent"
    } else if cause.ends_with("px") {
        "hidden_size"
    } else {
        "hidden_otherwise"
    };
    Sentence::new("how", key).with("cause", cause)
}

/// What keeps visitors from a link.
fn hiding_link(cause: &str) -> Sentence {
    let key = if cause == "disabled" {
        "link_disabled"
    } else if cause.contains(" on ") {
        "link_style"
    } else if cause.ends_with("px") || cause == "empty" || cause == "no box" {
        "link_size"
    } else {
        "link_otherwise"
    };
    Sentence::new("how", key).with("cause", cause)
}

/// What lies over a badge: an element, or nothing that takes clicks.
fn covering(cause: &str) -> Sentence {
    let key = if cause.starts_with("pointer-events") {
        "covered_untouchable"
    } else {
        "covered_element"
    };
    Sentence::new("how", key).with("cause", cause)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::Rules;

    fn said(check: CheckId, code: &str, fact: &str, value: &str) -> Message {
        let portal = ("portal".to_owned(), Value::from("tinh.gov.vn"));
        let facts = [portal, (fact.to_owned(), Value::from(value))]
            .into_iter()
            .collect();
        Rules::builtin().unwrap().message(check, code, &facts)
    }

    #[test]
    fn terms_of_the_page_are_explained_and_stand_only_in_brackets() {
        let script = CheckId::EmcScript;
        let badge = CheckId::EmcBadge;
        let portal = CheckId::LinksPortal;
        for (check, code, fact, value) in [
            (script, "not_executed", "place", "preload, integrity"),
            (script, "not_executed", "place", "noscript, template, textarea"),
            (script, "not_executed", "place", "/* */"),
            (script, "not_executed", "place", "text/plain"),
            (badge, "hidden", "cause", ".yhy-append-wrap { display: none }"),
            (badge, "hidden", "cause", "display: none (script)"),
            (badge, "hidden", "cause", "opacity: 0"),
            (badge, "hidden", "cause", "0 × 0 px"),
            (badge, "covered", "cause", "div#zalo-chat"),
            (badge, "covered", "cause", "pointer-events: none"),
            (portal, "hidden", "cause", "display: none on #footer > div"),
            (portal, "hidden", "cause", "disabled"),
            (portal, "hidden", "cause", "no box"),
            (portal, "hidden", "cause", "opacity: 0 together"),
        ] {
            let message = said(check, code, fact, value);
            for text in [&message.vi, &message.en] {
                let (plain, rest) = text.split_once(" (").unwrap();
                assert!(!plain.contains(value) && rest.contains(value), "{text}");
                assert!(plain.contains(": ") && !text.contains('…'), "{text}");
            }
        }
        let plain = said(script, "not_executed", "place", "script");
        assert!(
            !plain.vi.contains("script") && !plain.vi.contains('…'),
            "{}",
            plain.vi
        );
    }
}
