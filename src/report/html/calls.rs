//! The calls of EMC on the page of a site, one table for each visit, with the site id marked where it stands.

use super::super::calls::{Call, VisitCalls};
use super::super::exhibits::Exhibits;
use super::Report;
use crate::language::{Language, Sentence};
use crate::observation::{BlockReason, NetworkFailure};

/// Signs that may stand between the name of a parameter and its value, in queries and in JSON.
const BETWEEN: &[char] = &['=', ':', '"', ' '];
/// A page may be called anything; a table is read.
const INITIATOR_CHARS: usize = 120;

#[derive(Debug)]
pub(super) struct CallsView<'a> {
    pub words: Words<'a>,
    pub visits: Vec<VisitView>,
}

#[derive(Debug)]
pub(super) struct Words<'a> {
    pub title: &'a str,
    pub none: &'a str,
    pub after: &'a str,
    pub request: &'a str,
    pub address: &'a str,
    pub status: &'a str,
    pub initiator: &'a str,
    pub error: &'a str,
}

#[derive(Debug)]
pub(super) struct VisitView {
    pub name: String,
    pub rows: Vec<Row>,
    pub left_out: Option<String>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub after: String,
    pub what: String,
    pub url: Marked,
    pub body: Option<Marked>,
    /// The HTTP status, or that there was none.
    pub status: String,
    pub initiator: String,
    pub frame: Option<String>,
    pub error: Option<String>,
}

/// A text with one part of it marked, or none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub before: String,
    pub mark: String,
    pub after: String,
}

impl Report<'_> {
    /// Nothing where no visit was stored.
    pub(super) fn calls(&self, files: &Exhibits) -> Option<CallsView<'_>> {
        let say = |key| self.say("calls", key);
        (!files.calls.is_empty()).then(|| CallsView {
            words: Words {
                title: say("title"),
                none: say("none"),
                after: say("after"),
                request: say("request"),
                address: self.say("heading", "url"),
                status: say("status"),
                initiator: say("initiator"),
                error: say("error"),
            },
            visits: files.calls.iter().map(|visit| self.visit_calls(visit)).collect(),
        })
    }

    fn visit_calls(&self, visit: &VisitCalls) -> VisitView {
        let sentence = |key, count: usize| {
            let said = Sentence::new("calls", key).with("count", count);
            said.text(self.language)
        };
        VisitView {
            name: Sentence::new("calls", "visit")
                .with("visit", visit.visit)
                .text(self.language),
            rows: visit.calls.iter().map(|call| self.call_row(call)).collect(),
            left_out: (visit.left_out > 0).then(|| sentence("left_out", visit.left_out)),
        }
    }

    fn call_row(&self, call: &Call) -> Row {
        let what = self.say("calls", if call.is_script { "script" } else { "tracker" });
        let parameters = &self.record.judged_by.emc.site_id_parameters;
        let marked = |text: &str| marked(text, call.site_id.as_deref(), parameters);
        let status = match call.status {
            Some(status) => status.to_string(),
            None => "–".to_owned(),
        };
        Row {
            after: seconds(call.at_ms, self.language),
            what: format!("{what} ({})", call.method),
            url: marked(&call.url),
            body: call.body.as_ref().map(|body| marked(body)),
            status,
            initiator: self.initiator(call),
            frame: call.frame.as_ref().map(|url| {
                Sentence::new("calls", "frame")
                    .with("url", url)
                    .text(self.language)
            }),
            error: self.call_error(call),
        }
    }

    fn initiator(&self, call: &Call) -> String {
        let kind = self.say("initiator", &call.initiator.kind);
        let Some(url) = &call.initiator.url else {
            return kind.to_owned();
        };
        let url: String = url.chars().take(INITIATOR_CHARS).collect();
        match call.initiator.line {
            Some(line) => format!("{kind}: {url}:{}", line + 1),
            None => format!("{kind}: {url}"),
        }
    }

    fn call_error(&self, call: &Call) -> Option<String> {
        if call.answered_here {
            return Some(self.say("calls", "answered_here").to_owned());
        }
        let Some(failure) = &call.failure else {
            let is_open = call.status.is_none() && !call.finished;
            return is_open.then(|| self.say("calls", "no_answer").to_owned());
        };
        let NetworkFailure { error, blocked, .. } = failure;
        let why = match blocked {
            None => return Some(error.clone()),
            Some(BlockReason::MixedContent) => self.say("fault", "mixed_content"),
            Some(BlockReason::Csp) => self.say("fault", "blocked_by_csp"),
            Some(BlockReason::PrivateAddress) => self.say("calls", "private_address"),
            Some(BlockReason::Other(word)) => word.as_str(),
        };
        Some(format!("{why} ({error})"))
    }
}

/// `1,25` in Vietnamese, `1.25` in English.
fn seconds(at_ms: u64, language: Language) -> String {
    let text = format!("{}.{:02}", at_ms / 1000, at_ms % 1000 / 10);
    match language {
        Language::Vietnamese => text.replace('.', ","),
        Language::English => text,
    }
}

/// The first known parameter that is followed by the id, with it.
fn marked(text: &str, id: Option<&str>, parameters: &[String]) -> Marked {
    let place = id.and_then(|id| parameters.iter().find_map(|name| place_of(text, name, id)));
    let (from, to) = place.unwrap_or((text.len(), text.len()));
    Marked {
        before: text[..from].to_owned(),
        mark: text[from..to].to_owned(),
        after: text[to..].to_owned(),
    }
}

fn place_of(text: &str, name: &str, id: &str) -> Option<(usize, usize)> {
    text.match_indices(name).find_map(|(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let rest = &text[at + name.len()..];
        let value = rest.trim_start_matches(BETWEEN);
        let follows = value.len() < rest.len() && value.starts_with(id);
        let ends = follows && !value[id.len()..].starts_with(is_word);
        let begins = !text[..at].ends_with(is_word);
        (begins && ends).then(|| (at, text.len() - value.len() + id.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_marked_where_its_parameter_has_it() {
        let names = ["idsite".to_owned(), "site_id".to_owned()];
        let marked = |text: &str, id: &str| marked(text, Some(id), &names).mark;
        assert_eq!(marked("https://e/t?rec=163&idsite=163&x=1", "163"), "idsite=163");
        assert_eq!(marked("https://e/t?idsite=&x=1", ""), "idsite=");
        assert_eq!(marked("{\"site_id\": 163}", "163"), "site_id\": 163");
        assert_eq!(marked("https://e/t?idsite=1630", "163"), "");
        assert_eq!(marked("https://e/t?myidsite=163", "163"), "");
        assert_eq!(super::marked("a", None, &names).before, "a");
    }

    #[test]
    fn seconds_are_written_as_the_reader_writes_them() {
        assert_eq!(seconds(12_059, Language::Vietnamese), "12,05");
        assert_eq!(seconds(59, Language::English), "0.05");
    }
}
