//! What a page says beside its document: console, exceptions, log entries, dialogs.

use super::{Record, URL_CHARS};
use crate::browser::{ConsoleCall, ConsoleException, LogEntry};
use crate::observation::{ConsoleEntry, JavaScriptDialog};
use crate::visit::clip::clip_text;

const CONSOLE_MAX: usize = 300;
const DIALOGS_MAX: usize = 50;
const TEXT_CHARS: usize = 600;

impl Record {
    pub(super) fn console_call(&mut self, call: &ConsoleCall) {
        let words: Vec<String> = call
            .args
            .iter()
            .take(8)
            .filter_map(|argument| match (&argument.value, &argument.description) {
                (Some(serde_json::Value::String(text)), _) => Some(text.clone()),
                (Some(value), _) => Some(value.to_string()),
                (None, description) => description.clone(),
            })
            .map(|text| clip_text(&text, TEXT_CHARS))
            .collect();
        let url = call
            .stack_trace
            .as_ref()
            .and_then(|stack| stack.call_frames.first())
            .map(|frame| frame.url.clone());
        self.console_entry(call.kind.clone(), &words.join(" "), url);
    }

    pub(super) fn exception(&mut self, thrown: &ConsoleException) {
        let details = &thrown.exception_details;
        let description = details
            .exception
            .as_ref()
            .and_then(|thrown| thrown.description.as_deref());
        let text = description.map_or_else(
            || details.text.clone(),
            |words| format!("{} {words}", details.text),
        );
        self.console_entry("exception".to_owned(), &text, details.url.clone());
    }

    pub(super) fn log_entry(&mut self, log: &LogEntry) {
        let level = if log.entry.source.is_empty() {
            log.entry.level.clone()
        } else {
            log.entry.source.clone()
        };
        self.console_entry(level, &log.entry.text, log.entry.url.clone());
    }

    fn console_entry(&mut self, level: String, text: &str, url: Option<String>) {
        if self.console.len() < CONSOLE_MAX {
            let entry = ConsoleEntry {
                at_ms: self.elapsed_ms(),
                level,
                text: clip_text(text, TEXT_CHARS),
                url: url.map(|url| clip_text(&url, URL_CHARS)),
            };
            self.console.push(entry);
        }
    }

    pub(super) fn dialog(&mut self, kind: String, text: &str) {
        self.dialog_count += 1;
        if self.dialogs.len() < DIALOGS_MAX {
            let at_ms = self.elapsed_ms();
            self.dialogs.push(JavaScriptDialog {
                at_ms,
                kind,
                text: clip_text(text, TEXT_CHARS),
            });
        }
    }

    pub(super) fn popup(&mut self, url: &str) {
        self.popup_count += 1;
        if self.popups.len() < DIALOGS_MAX {
            self.popups.push(clip_text(url, URL_CHARS));
        }
    }
}
