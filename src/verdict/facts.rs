//! Facts of a finding. In memory they are text until somebody asks: as trees of small objects those of one site take ten
//! times as much, and a ministry's list has ten thousand.

use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Facts by name, as a JSON object. What was read once stays open for as long as this value lives: who looks at many
/// findings looks at copies, which are closed.
pub struct Facts {
    text: Box<str>,
    open: OnceLock<Map<String, Value>>,
}

impl Facts {
    fn closed(text: Box<str>) -> Self {
        Self {
            text,
            open: OnceLock::new(),
        }
    }

    /// It was written from such an object.
    fn read(&self) -> Map<String, Value> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// One more of them.
    #[cfg(test)]
    pub(crate) fn insert(&mut self, name: String, value: Value) {
        let mut facts = Map::clone(self);
        facts.insert(name, value);
        *self = facts.into();
    }
}

impl From<Map<String, Value>> for Facts {
    fn from(facts: Map<String, Value>) -> Self {
        // Written by its own rules: an object has a text in one form only.
        Self::closed(Value::Object(facts).to_string().into_boxed_str())
    }
}

impl Default for Facts {
    fn default() -> Self {
        Map::new().into()
    }
}

impl Deref for Facts {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        self.open.get_or_init(|| self.read())
    }
}

impl std::fmt::Debug for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Clone for Facts {
    fn clone(&self) -> Self {
        Self::closed(self.text.clone())
    }
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What is written is not held open.
        self.read().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts() -> Map<String, Value> {
        let value = serde_json::json!({"b": [1, {"rect": {"x": 1.5}}], "a": "Nhãn \"EMC\""});
        value.as_object().unwrap().clone()
    }

    #[test]
    fn facts_are_read_and_written_as_the_object_that_they_are() {
        let packed = Facts::from(facts());
        assert_eq!(packed.get("a"), Some(&Value::from("Nhãn \"EMC\"")));
        let written = serde_json::to_string_pretty(&packed).unwrap();
        assert_eq!(written, serde_json::to_string_pretty(&facts()).unwrap());
        assert_eq!(serde_json::from_str::<Facts>(&written).unwrap(), packed);
        assert!(Facts::default().is_empty());
    }

    #[test]
    fn what_is_written_or_copied_stays_closed() {
        let packed = Facts::from(facts());
        let copy = packed.clone();
        assert_eq!(copy.len(), 2);
        serde_json::to_string(&packed).unwrap();
        assert!(packed.open.get().is_none() && copy.open.get().is_some());
    }

    #[test]
    fn what_is_added_is_there() {
        let mut added = Facts::from(facts());
        assert!(added.get("c").is_none());
        added.insert("c".to_owned(), Value::from(3));
        assert_eq!(added.get("c"), Some(&Value::from(3)));
    }
}
