//! What one check says of one visit, before the visits of a site are put together.

use serde_json::{Map, Value};

use crate::language::{Language, word};
use crate::observation::{Observation, PictureKind, Rect};
use crate::rules::CheckId;
use crate::verdict::Status;

/// One check's word on one visit.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitFinding {
    pub status: Status,
    pub code: &'static str,
    /// Facts by name, for `measured` and for the placeholders of the message.
    pub facts: Map<String, Value>,
    /// Files inside the visit's `data` folder.
    pub evidence: Vec<String>,
    /// Facts that stay from run to run while nothing changes: the fingerprint is made of them.
    pub stable: Vec<String>,
}

impl VisitFinding {
    /// A finding with the status that `code` has in the catalogue; a code that is not in it is `review`.
    pub fn new(check: CheckId, code: &'static str) -> Self {
        Self {
            status: check.status_of(code).unwrap_or(Status::Review),
            code,
            facts: Map::new(),
            evidence: Vec::new(),
            stable: Vec::new(),
        }
    }

    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the fact only where there is one.
    #[must_use]
    pub fn fact_if(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.fact(name, value),
            None => self,
        }
    }

    /// The browser hid how EMC answered: such a visit says nothing against one that knows.
    #[must_use]
    pub fn veiled(self) -> Self {
        self.doubt("status_hidden").fact("status_hidden", true)
    }

    pub fn is_veiled(&self) -> bool {
        self.facts
            .get("status_hidden")
            .is_some_and(|hidden| *hidden == Value::Bool(true))
    }

    /// Why it cannot be told: a key of `[doubt]` in the language file, written in both languages.
    #[must_use]
    pub fn doubt(self, key: &str) -> Self {
        self.fact("reason", word("doubt", key, Language::Vietnamese))
            .fact("reason_en", word("doubt", key, Language::English))
    }

    #[must_use]
    pub fn stable(mut self, fact: impl Into<String>) -> Self {
        self.stable.push(fact.into());
        self
    }

    #[must_use]
    pub fn evidence(mut self, file: impl Into<String>) -> Self {
        let file = file.into();
        if !self.evidence.contains(&file) {
            self.evidence.push(file);
        }
        self
    }

    /// Points at the visit's pictures of these kinds.
    #[must_use]
    pub fn pictures(mut self, observation: &Observation, kinds: &[PictureKind]) -> Self {
        for picture in &observation.pictures {
            if kinds.contains(&picture.kind) {
                self = self.evidence(picture.file.clone());
            }
        }
        self
    }
}

/// A box as facts, in whole pixels.
pub(crate) fn rect_value(rect: &Rect) -> Value {
    let mut map = Map::new();
    for (name, value) in [
        ("x", rect.x),
        ("y", rect.y),
        ("width", rect.width),
        ("height", rect.height),
    ] {
        map.insert(name.to_owned(), Value::from(rounded(value)));
    }
    Value::Object(map)
}

/// Whole pixels; what is no number becomes zero, so that facts always serialise.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn rounded(value: f64) -> i64 {
    if value.is_finite() {
        value.round().clamp(-1e9, 1e9) as i64
    } else {
        0
    }
}

/// A box to the nearest ten pixels, for fingerprints: fonts move boxes by a pixel or two.
pub(crate) fn coarse_box(rect: &Rect) -> String {
    let coarse = |value: f64| rounded(value / 10.0) * 10;
    format!(
        "{},{} {}x{}",
        coarse(rect.x),
        coarse(rect.y),
        coarse(rect.width),
        coarse(rect.height)
    )
}

/// At most `limit` characters of a text from a page, with a sign that it was cut.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
