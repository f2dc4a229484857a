//! Why a command brought no result, for its reader: what and where, then what to do about it. Words of the
//! system come last, and everything is said once.

use std::fmt::Display;

use crate::language::{Language, Sentence, word};
use crate::verdict::Message;

/// Why a command brought no result.
#[derive(Debug)]
pub enum CommandError {
    /// What the user gave is not right; nothing was done.
    Usage(Complaint),
    /// The command itself failed.
    Failed(Complaint),
}

/// An error in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    what: Message,
    hint: Option<Message>,
    /// In the system's own words, which are in no language of ours.
    cause: Option<String>,
}

/// The sentence `key` of the section `error`. What to do about it has the same key in the section `hint`.
pub(super) const fn error(key: &'static str) -> Sentence {
    Sentence::new("error", key)
}

impl From<Sentence> for Complaint {
    fn from(sentence: Sentence) -> Self {
        Self {
            what: sentence.message(),
            hint: sentence.beside("hint").map(|hint| hint.message()),
            cause: None,
        }
    }
}

impl Complaint {
    /// What the system said.
    #[must_use]
    pub(super) fn because(mut self, cause: impl Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Names what was being done when it happened. The hint of the cause is the better one, if it has one.
    #[must_use]
    pub(super) fn during(mut self, doing: &Sentence) -> Self {
        let outer = doing.message();
        self.what = Message {
            vi: format!("{}: {}", outer.vi, self.what.vi),
            en: format!("{}: {}", outer.en, self.what.en),
        };
        self.hint = self
            .hint
            .or_else(|| doing.beside("hint").map(|hint| hint.message()));
        self
    }

    /// What to do about this very case.
    #[must_use]
    pub(super) fn with_hint(mut self, hint: &Sentence) -> Self {
        self.hint = Some(hint.message());
        self
    }

    /// Where what was being done has the better hint.
    #[must_use]
    pub(super) fn without_hint(mut self) -> Self {
        self.hint = None;
        self
    }

    /// What is wrong, without the hint.
    pub(super) fn what(&self) -> Message {
        let with_cause = |text: &str| match &self.cause {
            Some(cause) => format!("{text}: {cause}"),
            None => text.to_owned(),
        };
        Message {
            vi: with_cause(&self.what.vi),
            en: with_cause(&self.what.en),
        }
    }

    /// What is wrong and what to do, on one line.
    pub(super) fn in_one_line(&self) -> Message {
        let what = self.what();
        match &self.hint {
            Some(hint) => Message {
                vi: format!("{}; {}", what.vi, hint.vi),
                en: format!("{}; {}", what.en, hint.en),
            },
            None => what,
        }
    }

    /// All of it: what is wrong, and a line that says what to do.
    pub fn text(&self, language: Language) -> String {
        let head = word("label", "error", language);
        let mut text = format!("{head}: {}", self.what().in_language(language));
        if let Some(hint) = &self.hint {
            let head = word("label", "hint", language);
            text = format!("{text}\n{head}: {}", hint.in_language(language));
        }
        text
    }
}

/// Makes any error one of wrong usage.
pub(super) fn usage(error: impl Into<Complaint>) -> CommandError {
    CommandError::Usage(error.into())
}

/// Makes any error one of the command itself.
pub(super) fn failed(error: impl Into<Complaint>) -> CommandError {
    CommandError::Failed(error.into())
}

/// Makes any error one of the command, which was doing what the sentence `key` says.
pub(super) fn failed_to<E: Into<Complaint>>(key: &'static str) -> impl FnOnce(E) -> CommandError {
    move |cause| failed(cause.into().during(&error(key)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::language::has_word;

    #[test]
    fn what_where_cause_and_hint_are_each_said_once() {
        let complaint = Complaint::from(error("no_agency").with("run", "r").with("agency", "abc"))
            .because("os error 2")
            .during(&error("pack"));
        for language in [Language::Vietnamese, Language::English] {
            let text = complaint.text(language);
            assert_eq!(text.matches("abc").count(), 1, "{text}");
            assert_eq!(text.matches("os error 2").count(), 1, "{text}");
            assert_eq!(text.lines().count(), 2, "{text}");
            assert!(!text.contains('…') && !text.contains('{'), "{text}");
        }
        let said = complaint.text(Language::Vietnamese);
        assert!(said.starts_with("lỗi: ") && said.contains("\ngợi ý: "), "{said}");
    }

    #[test]
    fn a_hint_of_the_cause_wins_over_that_of_what_was_done() {
        let inner = error("no_such_run").with("run", "a").with("out", "b");
        let outer = error("io_full");
        let said = Complaint::from(inner.clone()).during(&outer);
        assert_eq!(said.hint, Complaint::from(inner).hint);
        let said = Complaint::from(error("task")).during(&outer);
        assert!(said.hint.is_some(), "the outer one is better than none");
    }

    /// Every `error("key")` and the like in the sources, with the section that it looks in.
    fn keys_in(text: &str) -> Vec<(String, String)> {
        let mut keys = Vec::new();
        for (before, section) in [
            (" error(\"", "error"),
            ("(error(\"", "error"),
            ("&error(\"", "error"),
            ("failed_to(\"", "error"),
        ] {
            let found = text.split(before).skip(1);
            keys.extend(
                found.filter_map(|rest| Some((section.to_owned(), rest.split_once('"')?.0.to_owned()))),
            );
        }
        for rest in text.split("Sentence::new(\"").skip(1) {
            let mut quoted = rest.split('"');
            if let (Some(section), Some(", "), Some(key)) = (quoted.next(), quoted.next(), quoted.next()) {
                keys.push((section.to_owned(), key.to_owned()));
            }
        }
        keys
    }

    #[test]
    fn every_sentence_that_the_program_speaks_is_in_the_language_file() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    for (section, key) in keys_in(&fs_err::read_to_string(&path).unwrap()) {
                        seen += 1;
                        let is_there = has_word(&section, &key);
                        assert!(is_there, "{}: {section}.{key}", path.display());
                    }
                }
            }
        }
        assert!(seen > 60, "the sources were read: {seen}");
    }
}
