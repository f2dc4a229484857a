//! What is said behind the sentence of a finding, because its reader would ask.

use serde_json::{Map, Value};

use crate::language::Sentence;
use crate::verdict::{Message, Status};

/// The sentence with what its facts call for.
pub(super) fn with_remarks(message: Message, status: Status, facts: &Map<String, Value>) -> Message {
    let is = |name: &str, value: bool| facts.get(name) == Some(&Value::Bool(value));
    let (passes, fails) = (status == Status::Pass, status == Status::Fail);
    let remarks = [
        ("foreign_frame", is("in_foreign_frame", true)),
        ("not_delivered", is("delivered", false)),
        ("not_on_mobile", passes && is("mobile_visible", false)),
        ("on_mobile", fails && is("mobile_visible", true)),
    ];
    remarks
        .into_iter()
        .filter(|(_, called_for)| *called_for)
        .fold(message, |message, (key, _)| {
            joined(&message, &Sentence::new("remark", key).message())
        })
}

/// Two sentences, one behind the other.
pub(super) fn joined(first: &Message, second: &Message) -> Message {
    Message {
        vi: format!("{} {}", first.vi, second.vi),
        en: format!("{} {}", first.en, second.en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: Status, facts: &[(&str, bool)]) -> String {
        let facts = facts
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::Bool(*value)));
        let message = Message {
            en: "It is so.".to_owned(),
            ..Message::default()
        };
        with_remarks(message, status, &facts.collect()).en
    }

    #[test]
    fn a_telephone_is_spoken_of_only_where_it_shows_something_else() {
        for (status, shown, remarked) in [
            (Status::Pass, true, false),
            (Status::Pass, false, true),
            (Status::Fail, false, false),
            (Status::Fail, true, true),
            (Status::Review, true, false),
        ] {
            let said = said(status, &[("mobile_visible", shown)]);
            assert_eq!(said.contains("telephone"), remarked, "{said}");
        }
    }

    #[test]
    fn a_call_that_was_kept_back_and_the_code_of_a_strangers_frame_are_spoken_of() {
        assert!(said(Status::Pass, &[("delivered", false)]).contains("not delivered"));
        assert!(said(Status::Fail, &[("in_foreign_frame", true)]).contains("frame"));
        assert_eq!(said(Status::Fail, &[("in_foreign_frame", false)]), "It is so.");
    }
}
