//! Scores in words that a clerk can read. The sentences stand in `reasons.toml`, in both languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::observation::Rect;
use crate::verdict::Message;

use super::colour::Colour;

/// One thing that is alike or not, most telling first in a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Name of the sentence in `reasons.toml`.
    pub key: String,
    /// It speaks for likeness.
    pub alike: bool,
    /// How much of the score hangs on it, 0 to 1.
    pub effect: f64,
    /// What was filled in, without the words of either language.
    pub values: BTreeMap<String, String>,
    pub message: Message,
    /// What to outline, in page coordinates.
    pub portal_rect: Option<Rect>,
    pub page_rect: Option<Rect>,
}

#[derive(Debug, Default, Deserialize)]
struct Sentences {
    sentence: BTreeMap<String, Message>,
    word: BTreeMap<String, Message>,
}

static SENTENCES: LazyLock<Sentences> = LazyLock::new(|| {
    // A unit test reads the file as well, so that this cannot come out empty unseen.
    toml::from_str(include_str!("reasons.toml")).unwrap_or_default()
});

/// Fills `{name}` in the sentence `key`; values that are names of words are translated.
pub(crate) fn sentence(key: &str, values: &BTreeMap<String, String>) -> Message {
    let mut message = SENTENCES.sentence.get(key).cloned().unwrap_or_else(|| Message {
        vi: key.to_owned(),
        en: key.to_owned(),
    });
    for (name, value) in values {
        let slot = format!("{{{name}}}");
        let word = SENTENCES.word.get(value);
        message.vi = message
            .vi
            .replace(&slot, word.map_or(value.as_str(), |word| word.vi.as_str()));
        message.en = message
            .en
            .replace(&slot, word.map_or(value.as_str(), |word| word.en.as_str()));
    }
    // Where there is no colour there is no number for it either.
    for text in [&mut message.vi, &mut message.en] {
        *text = String::from(text.replace("  ", " ").replace(" ,", ",").trim_end());
    }
    message
}

/// The name of the word for a colour: `red`, `dark_blue` …
pub(crate) fn colour_word(colour: &Colour) -> &'static str {
    let lightness = colour.lab.l;
    let chroma = colour.chroma();
    if chroma < 8.0 || (lightness > 93.0 && chroma < 14.0) {
        return match lightness {
            l if l > 94.0 => "white",
            l if l > 75.0 => "light_grey",
            l if l > 30.0 => "grey",
            _ => "black",
        };
    }
    if lightness < 12.0 && chroma < 14.0 {
        return "black";
    }
    let base = match colour.hue() {
        h if h < 18.0 && lightness > 55.0 => "pink",
        h if h < 48.0 => "red",
        h if h < 72.0 => {
            if lightness < 45.0 {
                "brown"
            } else {
                "orange"
            }
        }
        h if h < 105.0 => {
            if lightness < 45.0 {
                "brown"
            } else {
                "yellow"
            }
        }
        h if h < 170.0 => "green",
        h if h < 220.0 => "teal",
        h if h < 308.0 => match lightness {
            l if l < 32.0 => "dark_blue",
            l if l > 70.0 => "light_blue",
            _ => "blue",
        },
        h if h < 335.0 => "purple",
        _ if lightness > 55.0 => "pink",
        _ => "red",
    };
    match (base, lightness) {
        ("red", l) if l < 25.0 => "dark_red",
        ("green", l) if l < 30.0 => "dark_green",
        _ => base,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_sentence_reads_in_both_languages() {
        let sentences: Sentences = toml::from_str(include_str!("reasons.toml")).unwrap();
        assert!(sentences.sentence.len() >= 20);
        for (key, message) in &sentences.sentence {
            assert!(!message.vi.is_empty() && !message.en.is_empty(), "{key}");
            let slots = |text: &str| text.matches('{').count();
            assert_eq!(slots(&message.vi), slots(&message.en), "{key}");
        }
    }

    #[test]
    fn colours_of_government_sites_have_their_everyday_names() {
        let named = |rgb| colour_word(&Colour::new(rgb));
        assert_eq!(named([0xB1, 0x11, 0x16]), "red");
        assert_eq!(named([0x0B, 0x6F, 0xB3]), "blue");
        assert_eq!(named([0xFF, 0xFF, 0xFF]), "white");
        assert_eq!(named([0x0A, 0x7A, 0x3B]), "green");
        assert_eq!(named([0xFF, 0xC1, 0x07]), "yellow");
        assert_eq!(named([0x22, 0x22, 0x22]), "black");
        assert_eq!(named([0x0B, 0x2F, 0x6B]), "dark_blue");
    }

    #[test]
    fn a_sentence_is_filled_in_both_languages() {
        let values = BTreeMap::from([
            ("portal".to_owned(), "red".to_owned()),
            ("portal_hex".to_owned(), "#B11116".to_owned()),
            ("page".to_owned(), "blue".to_owned()),
            ("page_hex".to_owned(), "#0B6FB3".to_owned()),
        ]);
        let message = sentence("menu_colour_other", &values);
        assert_eq!(
            message.vi,
            "thanh menu: cổng màu đỏ #B11116, trang màu xanh dương #0B6FB3"
        );
        assert!(
            message.en.contains("red #B11116") && message.en.contains("blue #0B6FB3"),
            "{}",
            message.en
        );
    }
}
