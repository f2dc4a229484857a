//! The line of the style rule that hides a badge: browsers do not tell it, so the rule is looked for in the
//! text of its style sheet, or of the document as served.

use super::facts::SERVED;
use super::visitor::OpenVisit;
use crate::observation::{RulePlace, StyleRule};

/// Style sheets that are looked through for one page.
const SHEETS_MAX: usize = 4;
const SHEET_BYTES: usize = 2 << 20;

impl OpenVisit<'_> {
    /// Adds the line to each rule that hides a candidate, where it is found.
    pub(super) async fn find_style_lines(&mut self) {
        let mut sheets: Vec<(String, String)> = Vec::new();
        for rule in self.rules() {
            if let (RulePlace::Sheet, Some(address)) = (rule.place, rule.sheet)
                && sheets.len() < SHEETS_MAX
                && sheets.iter().all(|(known, _)| *known != address)
                && let Some(text) = self.sheet_text(&address).await
            {
                sheets.push((address, text));
            }
        }
        let served = self.facts.files.iter().find(|file| file.name == SERVED);
        let served = served.map(|file| String::from_utf8_lossy(&file.bytes));
        let badges = self.facts.page.iter_mut().flat_map(|page| &mut page.badges);
        let rules = badges.filter_map(|badge| badge.hidden_by.as_mut()?.rule.as_mut());
        for rule in rules {
            let text = match rule.place {
                RulePlace::Attribute => None,
                RulePlace::Document => served.as_deref(),
                RulePlace::Sheet => sheets
                    .iter()
                    .find(|(address, _)| Some(address) == rule.sheet.as_ref())
                    .map(|(_, text)| text.as_str()),
            };
            rule.line = text.and_then(|text| line_of(text, rule));
        }
    }

    fn rules(&self) -> Vec<StyleRule> {
        let badges = self.facts.page.iter().flat_map(|page| &page.badges);
        badges
            .filter_map(|badge| badge.hidden_by.as_ref()?.rule.clone())
            .collect()
    }

    async fn sheet_text(&self, address: &str) -> Option<String> {
        let id = {
            let record = self.recorder.read();
            let mut asked = record.requests.iter().zip(&record.request_ids);
            let answered = asked.find(|(request, _)| request.url == address && request.finished);
            answered.map(|(_, id)| id.clone())?
        };
        let mut body = self.page.response_body(&id, self.call_limit()).await.ok()?;
        body.truncate(SHEET_BYTES);
        Some(String::from_utf8_lossy(&body).into_owned())
    }
}

/// The one-based line on which a rule with this selector and declaration begins.
fn line_of(text: &str, rule: &StyleRule) -> Option<u32> {
    let (css, places) = folded(text);
    let (selector, _) = folded(&rule.selector);
    let declaration = rule.declaration.trim_end_matches(" !important");
    let (wanted, _) = folded(declaration);
    let opening = format!("{}{{", selector.trim());
    let (property, _) = wanted.split_once(':')?;
    let rules = css
        .match_indices(&opening)
        .filter(|(at, _)| begins_rule(&css[..*at]));
    let declares = |(at, _): &(usize, &str), wanted: &dyn Fn(&str) -> bool| {
        let body = &css[at + opening.len()..];
        let body = &body[..body.find('}').unwrap_or(body.len())];
        body.split(';')
            .any(|one| wanted(one.trim().trim_end_matches("!important").trim()))
    };
    let exact = |one: &str| one == wanted.trim();
    // Browsers write some values otherwise than authors do: `0` as `0px`.
    let same_property = |one: &str| one.split(':').next() == Some(property);
    let mut exactly = rules.clone().filter(|rule| declares(rule, &exact));
    let mut otherwise = rules.filter(|rule| declares(rule, &same_property));
    let only = || otherwise.next().filter(|_| otherwise.next().is_none());
    let (at, _) = exactly.next().or_else(only)?;
    let place = *places.get(at)?;
    let lines = text[..place].matches('\n').count();
    u32::try_from(lines + 1).ok()
}

/// Whether a selector may begin after this text, and is not the rest of another one.
fn begins_rule(before: &str) -> bool {
    before.chars().next_back().is_none_or(|last| match last {
        // The end of `<style>`, not a combinator.
        '>' => before.rfind('<') > before.rfind(['{', '}', ';']),
        last => "{};".contains(last),
    })
}

/// Style text as browsers write it: without comments, in lower case, quotes alike, white space only where it
/// means something. Beside it, for each byte, where it stands in the text.
fn folded(text: &str) -> (String, Vec<usize>) {
    const TIGHT: &str = "{}:;,>+~()";
    let mut out = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let mut gap = false;
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        if text[at..].starts_with("/*") {
            let end = text[at..].find("*/").map_or(text.len(), |end| at + end + 2);
            while rest.as_str().len() > text.len() - end {
                rest.next();
            }
            gap = true;
        } else if c.is_whitespace() {
            gap = true;
        } else {
            let tight = TIGHT.contains(c) || out.chars().next_back().is_none_or(|last| TIGHT.contains(last));
            if gap && !tight {
                out.push(' ');
                places.push(at);
            }
            gap = false;
            let c = if c == '\'' { '"' } else { c.to_ascii_lowercase() };
            out.push(c);
            places.extend(std::iter::repeat_n(at, c.len_utf8()));
        }
    }
    (out, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(text: &str, selector: &str, declaration: &str) -> Option<u32> {
        line_of(
            text,
            &StyleRule {
                selector: selector.to_owned(),
                declaration: declaration.to_owned(),
                ..StyleRule::default()
            },
        )
    }

    #[test]
    fn a_rule_is_found_however_it_is_written() {
        let css = "/* .a{display:none} */\n.b { color: red }\n\n.yhy-append-wrap>A[title='x'],\n.c  .d\n{\n  color:red;\n  DISPLAY : none !important\n}";
        let selector = ".yhy-append-wrap > a[title=\"x\"], .c .d";
        assert_eq!(line(css, selector, "display: none !important"), Some(4));
        assert_eq!(line(css, ".a", "display: none"), None, "a comment hides nothing");
        assert_eq!(
            line(css, ".d", "display: none"),
            None,
            "a part of another selector"
        );
    }

    #[test]
    fn of_two_rules_the_one_with_the_declaration_is_meant() {
        let css = ".a{color:red}\n.a{display:none}\n@media (min-width: 1px) {\n.m { display: none }\n}";
        assert_eq!(line(css, ".a", "display: none"), Some(2));
        assert_eq!(line(css, ".m", "display: none"), Some(4));
    }

    #[test]
    fn a_value_that_the_browser_writes_otherwise_is_known_by_its_property() {
        let css = ".a{color:red}\n.a{clip:rect(0,0,0,0)}";
        assert_eq!(line(css, ".a", "clip: rect(0px, 0px, 0px, 0px)"), Some(2));
        assert_eq!(line(css, ".a", "display: none"), None);
    }

    #[test]
    fn a_style_in_the_served_document_is_found() {
        let html = "<html>\n<head>\n<style>\n#yhy-append {display:none}\n</style>";
        assert_eq!(line(html, "#yhy-append", "display: none"), Some(4));
        assert_eq!(
            line("<style>.a{display:none}</style>", ".a", "display: none"),
            Some(1)
        );
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(css in "[.a{}:;/*'é \n]{0,60}", selector in "[.a é]{0,6}") {
            let found = line(&css, &selector, "display: none");
            prop_assert!(found.is_none_or(|line| line >= 1));
        }
    }
}
