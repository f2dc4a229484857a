//! A repair in the making: which text fits the facts, what there is to paste, and where.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::{Paste, Repair};
use crate::language::{Book, Language, fill};
use crate::rules::{CheckId, fact_words};
use crate::system::{System, SystemKind};
use crate::verdict::Finding;

pub(super) const TEXTS: &str = include_str!("repair.toml");

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::read(TEXTS));

/// What kind of change it is; each system has its own place for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Code,
    Link,
    Style,
    Policy,
    /// A policy that stands in the page itself.
    PolicyInPage,
}

impl Place {
    const fn section(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Link => "link",
            Self::Style => "style",
            Self::Policy | Self::PolicyInPage => "policy",
        }
    }
}

pub(super) struct Plan<'a> {
    pub finding: &'a Finding,
    language: Language,
    /// Suffixes of the code's own key, the most telling first.
    variants: Vec<String>,
    facts: BTreeMap<&'static str, String>,
    pastes: Vec<Paste>,
    place: Option<Place>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(finding: &'a Finding, language: Language) -> Self {
        Self {
            finding,
            language,
            variants: Vec::new(),
            facts: BTreeMap::new(),
            pastes: Vec::new(),
            place: None,
        }
    }

    pub(super) fn code(&self) -> &'a str {
        &self.finding.code
    }

    /// A fact of the finding that is a text with something in it.
    pub(super) fn found(&self, name: &str) -> Option<&'a str> {
        text_of(self.finding.measured.get(name)?)
    }

    /// A list of texts among the facts of the finding.
    pub(super) fn listed(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let list = self.finding.measured.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(text_of)
    }

    pub(super) fn fact(&mut self, name: &'static str, value: impl Into<String>) {
        self.facts.insert(name, value.into());
    }

    /// Prefers the text `code_variant`, where all that it speaks of is known.
    pub(super) fn prefer(&mut self, variant: impl Into<String>) {
        self.variants.push(variant.into());
    }

    pub(super) fn place(&mut self, place: Place) {
        self.place = Some(place);
    }

    pub(super) fn paste(&mut self, caption: &str, code: impl Into<String>) {
        let caption = self.said("caption", caption).unwrap_or_default();
        let code = code.into();
        self.pastes.push(Paste { caption, code });
    }

    /// A text of the file with the facts known so far; nothing where there is none, or a fact is missing.
    pub(super) fn said(&self, section: &str, key: &str) -> Option<String> {
        let template = BOOK.get(section, key)?.in_language(self.language);
        let missing = Cell::new(false);
        let text = fill(template, |name| {
            let own = self.facts.get(name).map(|fact| Cow::Borrowed(fact.as_str()));
            let found = || self.finding.measured.get(name).filter(|fact| is_something(fact));
            let fact = own.or_else(|| found().map(|fact| Cow::Owned(fact_words(fact))));
            missing.set(missing.get() || fact.is_none());
            fact
        });
        (!missing.get()).then_some(text)
    }

    /// The text that fits best. One that lacks a fact is still better than none.
    pub(super) fn finish(self, check: CheckId, system: Option<&System>, unconfirmed: bool) -> Option<Repair> {
        let code = self.code();
        let sections = [check.as_str(), "common"];
        let variants = self.variants.iter().map(|variant| format!("{code}_{variant}"));
        let keys: Vec<String> = variants.chain([code.to_owned()]).collect();
        let mut texts = keys
            .iter()
            .flat_map(|key| sections.map(|section| self.said(section, key)));
        let bare = || {
            let message = sections.iter().find_map(|section| BOOK.get(section, code))?;
            Some(fill(message.in_language(self.language), |name| {
                self.facts.get(name).map(|fact| Cow::Borrowed(fact.as_str()))
            }))
        };
        let text = texts.find_map(|text| text).or_else(bare)?;
        let text = match self.said("common", "unconfirmed").filter(|_| unconfirmed) {
            Some(first) => format!("{first} {text}"),
            None => text,
        };
        let place = self.place.and_then(|place| self.where_to(place, system));
        Some(Repair {
            text,
            pastes: self.pastes,
            place,
        })
    }

    /// Where such a change is made in this system.
    fn where_to(&self, place: Place, system: Option<&System>) -> Option<String> {
        let key = match (place, system) {
            (Place::PolicyInPage, _) => "meta",
            (_, Some(system)) => system.name.as_str(),
            (_, None) => SystemKind::General.as_str(),
        };
        let section = place.section();
        self.said(section, key)
            .or_else(|| self.said(section, SystemKind::General.as_str()))
    }
}

fn text_of(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(entries) => !entries.is_empty(),
        _ => true,
    }
}
