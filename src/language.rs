//! The two languages of everything that people read, and the words that belong to no rule.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::verdict::Message;

const WORDS: &str = include_str!("language.toml");

type Section = BTreeMap<String, Message>;

/// Read once. The file is part of the program and a test reads it, so an error leaves only plain keys.
static BOOK: LazyLock<BTreeMap<String, Section>> =
    LazyLock::new(|| toml::from_str(WORDS).unwrap_or_default());

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

/// A word of `language.toml`, such as `word("status", "pass", Language::Vietnamese)`; the key itself where there is none.
pub fn word<'a>(section: &str, key: &'a str, language: Language) -> &'a str {
    BOOK.get(section)
        .and_then(|words| words.get(key))
        .map_or(key, |message| message.in_language(language))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::verdict::{Outcome, Status};

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
