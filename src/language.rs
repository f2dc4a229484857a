//! The two languages of everything that people read, and the words that belong to no rule.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::verdict::Message;

const VIETNAMESE: &str = include_str!("language/vi.toml");
const ENGLISH: &str = include_str!("language/en.toml");

type Section = BTreeMap<String, Message>;

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::of(VIETNAMESE, ENGLISH));

/// Words and sentences in both languages, in sections.
#[derive(Debug, Default)]
pub(crate) struct Book(BTreeMap<String, Section>);

/// One language of a book.
type Words = BTreeMap<String, BTreeMap<String, String>>;

impl Book {
    /// From a file of each language: `key = "…"` in sections. What only one of them has is left out; a test names it.
    fn of(vietnamese: &str, english: &str) -> Self {
        let [vietnamese, mut english] = [vietnamese, english].map(words_in);
        let both = |(section, words): (String, BTreeMap<String, String>)| {
            let mut others = english.remove(&section).unwrap_or_default();
            let pairs = words.into_iter().filter_map(|(key, vi)| {
                let en = others.remove(&key)?;
                Some((key, Message { vi, en }))
            });
            let pairs = pairs.collect();
            (section, pairs)
        };
        Self(vietnamese.into_iter().map(both).collect())
    }

    /// From a file that has both side by side: `key = { vi = "…", en = "…" }`, for texts that belong to a rule.
    ///
    /// Such files are part of the program and tests read them, so an error leaves only plain keys.
    pub(crate) fn read(text: &str) -> Self {
        Self(toml::from_str(text).unwrap_or_default())
    }

    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&Message> {
        self.0.get(section)?.get(key)
    }
}

fn words_in(text: &str) -> Words {
    toml::from_str(text).unwrap_or_default()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "vi")]
    Vietnamese,
    #[serde(rename = "en")]
    English,
}

/// The text names no language that the program speaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no language of this program: write vi or en")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "vi" => Ok(Self::Vietnamese),
            "en" => Ok(Self::English),
            _ => Err(UnknownLanguage(text.to_owned())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        })
    }
}

impl Message {
    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.vi,
            Language::English => &self.en,
        }
    }
}

/// A word of the language files, such as `word("status", "pass", Language::Vietnamese)`; the key itself where there is none.
pub fn word<'a>(section: &str, key: &'a str, language: Language) -> &'a str {
    BOOK.get(section, key)
        .map_or(key, |message| message.in_language(language))
}

/// All words of a section in one language, by key.
pub(crate) fn words_of(section: &str, language: Language) -> BTreeMap<&'static str, &'static str> {
    let words = BOOK.0.get(section).into_iter().flatten();
    words
        .map(|(key, message)| (key.as_str(), message.in_language(language)))
        .collect()
}

/// Whether the file has such a word.
pub(crate) fn has_word(section: &str, key: &str) -> bool {
    BOOK.get(section, key).is_some()
}

/// A sentence of the language files with the facts that it speaks of. In which language it is said is decided
/// by whoever shows it, so that errors and remarks are made without knowing their reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    section: &'static str,
    key: &'static str,
    facts: Vec<(&'static str, Message)>,
}

impl Sentence {
    pub const fn new(section: &'static str, key: &'static str) -> Self {
        Self {
            section,
            key,
            facts: Vec::new(),
        }
    }

    /// A fact that is the same in both languages: a path, a number, a name.
    #[allow(clippy::needless_pass_by_value)] // callers give what they have
    #[must_use]
    pub fn with(self, name: &'static str, value: impl fmt::Display) -> Self {
        let text = value.to_string();
        self.with_message(
            name,
            Message {
                vi: text.clone(),
                en: text,
            },
        )
    }

    /// A fact that is itself said in words.
    #[must_use]
    pub fn with_message(mut self, name: &'static str, value: Message) -> Self {
        self.facts.push((name, value));
        self
    }

    /// The sentence of the same key and facts in another section, if there is one.
    pub fn beside(&self, section: &'static str) -> Option<Self> {
        has_word(section, self.key).then(|| Self {
            section,
            ..self.clone()
        })
    }

    pub fn text(&self, language: Language) -> String {
        fill(word(self.section, self.key, language), |name| {
            let fact = self.facts.iter().find(|(known, _)| *known == name);
            fact.map(|(_, value)| Cow::Borrowed(value.in_language(language)))
        })
    }

    /// Said in both languages.
    pub fn message(&self) -> Message {
        Message {
            vi: self.text(Language::Vietnamese),
            en: self.text(Language::English),
        }
    }
}

/// Replaces each `{name}` by its fact, once: braces that a fact brings along are left as they are. A fact
/// that is missing becomes an ellipsis.
pub(crate) fn fill<'a>(template: &str, fact: impl Fn(&str) -> Option<Cow<'a, str>>) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let after = &rest[start + 1..];
        let Some(end) = after.find('}') else {
            break;
        };
        filled.push_str(&rest[..start]);
        filled.push_str(&fact(&after[..end]).unwrap_or(Cow::Borrowed("…")));
        rest = &after[end + 1..];
    }
    filled.push_str(rest);
    filled
}

/// Fails where a text of a file lacks a language, or speaks of other facts in one than in the other.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) fn assert_both_languages(text: &str) {
    let book: BTreeMap<String, Section> = toml::from_str(text).unwrap();
    for (section, words) in &book {
        for (key, message) in words {
            assert!(
                !message.vi.is_empty() && !message.en.is_empty(),
                "{section}.{key}"
            );
            assert_eq!(facts_of(&message.vi), facts_of(&message.en), "{section}.{key}");
        }
    }
}

/// The facts that a text speaks of.
#[cfg(test)]
fn facts_of(text: &str) -> std::collections::BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::verdict::{Outcome, Status};

    /// What one file lacks that the other has, what is empty, and where they speak of other facts.
    fn disagreements(vi: &str, en: &str) -> Vec<String> {
        let [vi, en]: [Words; 2] = [vi, en].map(|text| toml::from_str(text).unwrap());
        let mut told = Vec::new();
        for (name, own, other) in [("en", &vi, &en), ("vi", &en, &vi)] {
            for (section, words) in own {
                let others = other.get(section);
                let missing = words
                    .keys()
                    .filter(|key| !others.is_some_and(|words| words.contains_key(*key)));
                told.extend(missing.map(|key| format!("{name} lacks {section}.{key}")));
            }
        }
        for (section, words) in &vi {
            for (key, text) in words {
                let other = en.get(section).and_then(|words| words.get(key));
                let Some(other) = other else { continue };
                if text.is_empty() || other.is_empty() {
                    told.push(format!("{section}.{key} is empty"));
                }
                if facts_of(text) != facts_of(other) {
                    told.push(format!("{section}.{key} speaks of other facts"));
                }
            }
        }
        told
    }

    #[test]
    fn both_languages_have_every_text_and_speak_of_the_same_facts() {
        assert_eq!(disagreements(VIETNAMESE, ENGLISH), Vec::<String>::new());
        let told = disagreements(
            "[a]\nb = \"{x}\"\nc = \"\"\nd = \"d\"\n",
            "[a]\nb = \"{y}\"\nc = \"c\"\n[e]\nf = \"f\"\n",
        );
        assert_eq!(
            told,
            [
                "en lacks a.d",
                "vi lacks e.f",
                "a.b speaks of other facts",
                "a.c is empty"
            ]
        );
    }

    #[test]
    fn a_fact_is_put_in_once_and_braces_in_it_stay() {
        let said = Sentence::new("verify", "more").with("count", "{count}");
        assert_eq!(said.text(Language::English), "… and {count} more");
        assert_eq!(fill("{a} {b} {", |_| None), "… … {");
    }

    #[test]
    fn languages_read_as_they_are_written() {
        for language in [Language::Vietnamese, Language::English] {
            assert_eq!(language.to_string().parse(), Ok(language));
        }
        assert_eq!("fr".parse::<Language>(), Err(UnknownLanguage("fr".to_owned())));
    }

    #[test]
    fn every_status_and_outcome_has_a_word_in_both_languages() {
        for status in [
            Status::Pass,
            Status::Fail,
            Status::Review,
            Status::NotApplicable,
            Status::NotMeasured,
        ] {
            assert_ne!(
                word("status", status.as_str(), Language::Vietnamese),
                status.as_str()
            );
            assert_ne!(
                word("status", status.as_str(), Language::English),
                status.as_str()
            );
        }
        for outcome in [
            Outcome::Measured,
            Outcome::NotTheSite,
            Outcome::NotVisited,
            Outcome::NotHtml,
        ] {
            assert_ne!(
                word("outcome", outcome.as_str(), Language::Vietnamese),
                outcome.as_str()
            );
        }
    }

    #[test]
    fn a_word_that_is_not_there_is_its_own_key() {
        assert_eq!(word("status", "odd", Language::English), "odd");
        assert!("fr".parse::<Language>().is_err());
        assert_eq!("VI".parse::<Language>().unwrap(), Language::Vietnamese);
    }
}
