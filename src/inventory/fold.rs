//! Vietnamese text made comparable: without diacritics, letter case, punctuation or line breaks.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `Địa chỉ\nWebsite:` → `dia chi website`, in NFC or NFD, with or without diacritics.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        let c = if matches!(c, 'đ' | 'Đ') { 'd' } else { c };
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !is_invisible(c) && !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A cell's text as it is kept: NFC, without invisible characters and outer white space; line breaks
/// inside stay, because they separate addresses.
pub(super) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text
        .nfc()
        .filter(|c| !is_invisible(*c) && (!c.is_control() || matches!(c, '\n' | '\t')))
        .collect();
    kept.trim().to_owned()
}

/// A text on one line, white space folded.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `text` begins with one of `phrases` as whole words; both folded.
pub(super) fn begins_with(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        text.strip_prefix(phrase)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// Whether `text` has one of `phrases` as whole words; both folded.
pub(super) fn has_words(text: &str, phrases: &[&str]) -> bool {
    let padded = format!(" {text} ");
    phrases
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_compare_in_any_form() {
        for text in [
            "Địa chỉ\nwebsite",
            "ĐỊA CHỈ  WEBSITE:",
            "dia chi website",
            "Đi\u{323}a chi\u{309} Website *",
        ] {
            assert_eq!(fold(text), "dia chi website", "{text:?}");
        }
        assert_eq!(fold("Cơ quan, đơn vị (tên đầy đủ)"), "co quan don vi ten day du");
        assert_eq!(fold("---"), "");
    }

    #[test]
    fn kept_texts_are_composed_and_keep_their_line_breaks() {
        assert_eq!(
            clean(" \u{feff}Sơ\u{309} Y tê\u{301}\r\na.gov.vn\u{200b} "),
            "Sở Y tế\na.gov.vn"
        );
    }
}
