//! Fills the placeholders of a message with the facts of a finding.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::language;

/// Entries of a list that a sentence names before it says how many more there are.
const LIST_ENTRIES: usize = 8;
/// Characters of one fact in a sentence.
const FACT_CHARACTERS: usize = 200;

/// Replaces each `{name}` by the fact of that name. A fact that is missing becomes an ellipsis.
pub(super) fn fill(template: &str, facts: &Map<String, Value>) -> String {
    language::fill(template, |name| {
        facts.get(name).map(|fact| Cow::Owned(words(fact)))
    })
}

/// Names of the placeholders in a template.
#[cfg(test)]
pub(super) fn placeholders(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

/// A fact as words: strings without quotes, lists joined, nothing longer than a sentence bears.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::Null => "…".to_owned(),
        Value::String(text) => shortened(text),
        Value::Array(entries) => {
            let named: Vec<String> = entries.iter().take(LIST_ENTRIES).map(words).collect();
            let more = entries.len().saturating_sub(LIST_ENTRIES);
            let tail = if more > 0 {
                format!(", … (+{more})")
            } else {
                String::new()
            };
            format!("{}{tail}", named.join(", "))
        }
        // A listed thing is known by its site, its address or its name.
        Value::Object(map) => ["site", "url", "name"]
            .iter()
            .find_map(|key| map.get(*key))
            .map_or_else(|| "…".to_owned(), words),
        other => other.to_string(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(FACT_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn filled(template: &str, facts: Value) -> String {
        let Value::Object(map) = facts else {
            return String::new();
        };
        fill(template, &map)
    }

    #[test]
    fn numbers_texts_and_lists_are_put_in() {
        let facts = json!({"found": 2, "missing": ["a.gov.vn", {"site": "b.gov.vn"}], "why": "x"});
        assert_eq!(
            filled("{found}: {missing} ({why}) {nothing}", facts),
            "2: a.gov.vn, b.gov.vn (x) …"
        );
    }

    #[test]
    fn a_long_list_says_how_many_more() {
        let all: Vec<String> = (0..20).map(|n| format!("s{n}")).collect();
        assert!(filled("{all}", json!({ "all": all })).ends_with("s7, … (+12)"));
    }

    #[test]
    fn a_brace_from_a_page_is_not_expanded_again() {
        assert_eq!(filled("{a} {b", json!({"a": "{b}", "b": "secret"})), "{b} {b");
    }
}
