//! Reading EMC code as text: whether a snippet embeds EMC, and which site id is written in it.

use crate::emc::EmcSettings;
use crate::observation::{CodeSnippet, SnippetPlace};

/// Site ids that are read from one snippet at most.
const MOST_IDS: usize = 20;

/// The queue of a Matomo, which a site may have for itself.
const MATOMO: &str = "_paq";

/// Elements whose text a visitor reads: a guide that shows the code embeds nothing.
const SHOWN_AS_TEXT: &[&str] = &[
    "pre",
    "code",
    "textarea",
    "xmp",
    "samp",
    "kbd",
    "listing",
    "plaintext",
];

/// Whether a snippet would connect to EMC if it ran. Pushing to the queue alone is no embed: public-service
/// pages do that for themselves.
pub(super) fn is_embed(snippet: &CodeSnippet, emc: &EmcSettings) -> bool {
    let element = snippet.script_type.as_deref().unwrap_or_default();
    if snippet.place == SnippetPlace::InertElement && SHOWN_AS_TEXT.contains(&element) {
        return false;
    }
    let text = snippet.text.to_ascii_lowercase();
    let source = snippet.src.as_deref().unwrap_or_default().to_ascii_lowercase();
    emc.hosts.iter().any(|host| {
        let host = host.to_ascii_lowercase();
        text.contains(&host) || source.contains(&host)
    })
}

/// Argument of a `setSiteId` in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WrittenId {
    /// As written, possibly empty.
    Literal(String),
    /// An expression: the value is known only to the page.
    Variable,
}

/// The site ids that code sets, comments left out, in order. Where the code names EMC's queue for one of them,
/// what it tells another tracker's queue is not EMC's.
pub(super) fn written_ids(code: &str, queue: &str) -> Vec<WrittenId> {
    let code = without_comments(code);
    let mut set: Vec<(Option<&str>, WrittenId)> = Vec::new();
    for (at, name) in code.match_indices("setSiteId") {
        if set.len() == MOST_IDS {
            break;
        }
        if let Some(id) = argument(&code[at + name.len()..]) {
            set.push((receiver(&code[..at]), id));
        }
    }
    let named = set.iter().any(|(receiver, _)| *receiver == Some(queue));
    let of_others =
        |receiver: Option<&str>| receiver.is_some_and(|name| name != queue && (named || name == MATOMO));
    set.into_iter()
        .filter(|(receiver, _)| !of_others(*receiver))
        .map(|(_, id)| id)
        .collect()
}

/// The name of what a command is pushed to: `_govaq` before `_govaq.push(['`.
fn receiver(before: &str) -> Option<&str> {
    let before = before.trim_end_matches(['\'', '"', '`']).trim_end();
    let before = before.strip_suffix('[')?.trim_end().strip_suffix('(')?.trim_end();
    let before = before
        .strip_suffix("push")?
        .trim_end()
        .strip_suffix('.')?
        .trim_end();
    let start = before
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    (start < before.len()).then(|| &before[start..])
}

/// What follows `setSiteId`: `', '163']`, `",163)` or `(id)`.
fn argument(rest: &str) -> Option<WrittenId> {
    let rest = rest.trim_start_matches(['\'', '"', '`']).trim_start();
    let rest = rest.strip_prefix([',', '('])?.trim_start();
    let first = rest.chars().next()?;
    match first {
        '\'' | '"' | '`' => {
            let (literal, after) = rest[1..].split_once(first)?;
            // A literal that is joined with something else is an expression.
            let joined = after.trim_start().starts_with(['+', '.']) || literal.contains("${");
            Some(if joined {
                WrittenId::Variable
            } else {
                WrittenId::Literal(literal.trim().chars().take(60).collect())
            })
        }
        '0'..='9' => Some(WrittenId::Literal(
            rest.chars().take_while(char::is_ascii_digit).take(20).collect(),
        )),
        ']' | ')' => Some(WrittenId::Literal(String::new())),
        _ => Some(WrittenId::Variable),
    }
}

/// The code without `//` and `/* */` comments; what looks like one inside a string stays.
fn without_comments(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut chars = code.chars().peekable();
    let mut quote: Option<char> = None;
    while let Some(c) = chars.next() {
        if let Some(open) = quote {
            out.push(c);
            if c == '\\' {
                out.extend(chars.next());
            } else if c == open || (c == '\n' && open != '`') {
                quote = None;
            }
            continue;
        }
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                for skipped in chars.by_ref() {
                    if skipped == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            ('/', Some('*')) => {
                chars.next();
                let mut before = ' ';
                for skipped in chars.by_ref() {
                    if before == '*' && skipped == '/' {
                        break;
                    }
                    before = skipped;
                }
                out.push(' ');
            }
            ('\'' | '"' | '`', _) => {
                quote = Some(c);
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literals(code: &str) -> Vec<WrittenId> {
        written_ids(code, "_govaq")
    }

    fn literal(id: &str) -> WrittenId {
        WrittenId::Literal(id.to_owned())
    }

    #[test]
    fn ids_are_read_in_every_way_of_writing() {
        assert_eq!(literals("_govaq.push(['setSiteId', '163']);"), [literal("163")]);
        assert_eq!(literals("_govaq.push([\"setSiteId\",163])"), [literal("163")]);
        assert_eq!(literals("_govaq.push(['setSiteId', ''])"), [literal("")]);
        assert_eq!(literals("tracker.setSiteId(60)"), [literal("60")]);
        assert_eq!(
            literals("_govaq.push(['setSiteId', siteId])"),
            [WrittenId::Variable]
        );
        assert_eq!(
            literals("_govaq.push(['setSiteId', '' + id])"),
            [WrittenId::Variable]
        );
        assert_eq!(literals("_govaq.push(['setSiteId', 'abc'])"), [literal("abc")]);
    }

    #[test]
    fn an_id_in_a_comment_is_not_set_and_an_address_is_no_comment() {
        let code =
            "var u='https://x//y'; // ['setSiteId','33']\n/* ['setSiteId','34'] */ ['setSiteId','163']";
        assert_eq!(literals(code), [literal("163")]);
    }

    #[test]
    fn what_another_queue_is_told_is_not_emcs() {
        let both =
            "var _paq=window._paq||[];_paq.push(['setSiteId','3']);window._govaq.push(['setSiteId','163'])";
        assert_eq!(literals(both), [literal("163")]);
        // A queue under another name may be EMC's by way of a variable.
        let renamed = "var q = window._govaq; q.push([ 'setSiteId', '163' ])";
        assert_eq!(literals(renamed), [literal("163")]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(code in "(setSiteId|['\"`,(\\[/*\\\\ \n]|[0-9a-zđ]){0,60}") {
            prop_assert!(written_ids(&code, "_govaq").len() <= MOST_IDS);
        }
    }
}
