//! What reads as a unit: names that people write, labels of hosts, segments of paths. From `names.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::rules::plain;

const WORDS: &str = include_str!("names.toml");
/// Longer texts are headlines, even where they begin with a unit's name.
const NAME_CHARACTERS: usize = 80;
/// Kinds of communes by the beginning of their names, and of their labels.
const COMMUNES: [(&str, &str); 4] = [
    ("xã ", "xa"),
    ("phường ", "phuong"),
    ("đặc khu ", "dackhu"),
    ("thị trấn ", "thitran"),
];
/// Kinds of units that labels shorten.
const SHORTENED: [(&str, &str); 4] = [
    ("ban quan ly ", "bql"),
    ("trung tam ", "tt"),
    ("van phong ", "vp"),
    ("chi cuc ", "cc"),
];
/// Words of a commune's name at most: `Mỹ Lộc`, `Phan Rang - Tháp Chàm` in one word each.
const COMMUNE_WORDS: usize = 4;

static BUILT_IN: LazyLock<Words> = LazyLock::new(Words::built_in);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    unit_beginnings: Vec<String>,
    site_beginnings: Vec<String>,
    label_beginnings: Vec<String>,
    containers: Vec<String>,
    no_units: Vec<String>,
    site_parameters: Vec<String>,
    services: Vec<String>,
    units: BTreeMap<String, Vec<String>>,
}

/// The words of this program.
pub(super) fn words() -> &'static Words {
    &BUILT_IN
}

impl Words {
    /// The file is part of the program and a test reads it.
    fn built_in() -> Self {
        toml::from_str(WORDS).unwrap_or_default()
    }

    /// The unit that a text names, without the words for its site; `None` where it names none, or is a headline.
    pub(super) fn unit_name(&self, text: &str) -> Option<String> {
        let text = one_line(text);
        let is_sentence = text.chars().count() > NAME_CHARACTERS;
        let name = self.without_site_words(&text);
        let lower: String = name.nfc().collect::<String>().to_lowercase();
        let begins = |word: &String| {
            lower
                .strip_prefix(word.as_str())
                .is_some_and(|rest| rest.starts_with(' ') && rest.trim().chars().any(char::is_alphabetic))
        };
        let named = ["thanh tra", "tỉnh đoàn", "công an"].contains(&lower.as_str());
        let is_unit = !is_sentence && (named || self.unit_beginnings.iter().any(begins));
        is_unit.then(|| name.to_owned())
    }

    fn without_site_words<'t>(&self, text: &'t str) -> &'t str {
        let lower = text.to_lowercase();
        // Lower case may have another length in bytes; then nothing is taken off.
        if lower.len() != text.len() {
            return text;
        }
        let found = self
            .site_beginnings
            .iter()
            .filter_map(|word| lower.strip_prefix(word.as_str()))
            .filter(|rest| rest.starts_with([' ', '-', ':', '|']))
            .min_by_key(|rest| rest.len());
        found.map_or(text, |rest| {
            let name = text[text.len() - rest.len()..].trim_start_matches([' ', '-', ':', '|', '–']);
            name.strip_prefix("của ").unwrap_or(name)
        })
    }

    /// Whether a host's first label, or a segment of a path, reads as that of a unit.
    pub(super) fn is_unit_label(&self, label: &str) -> bool {
        let compact = compact(label);
        let known = self.units.values().flatten().any(|one| *one == compact);
        let begins = |word: &String| {
            compact
                .strip_prefix(word.as_str())
                .is_some_and(|rest| rest.len() >= 3 && rest.bytes().all(|byte| byte.is_ascii_alphabetic()))
        };
        known || self.label_beginnings.iter().any(begins)
    }

    /// Whether a label is made of a unit's name: `so-noi-vu`, `sonoivu`, `snv` of `Sở Nội vụ`.
    pub(super) fn is_label_of(label: &str, name: &str) -> bool {
        let label = compact(label);
        let folded = plain(name);
        let words: Vec<&str> = folded.split_whitespace().filter(|word| *word != "va").collect();
        let whole: String = words.concat();
        let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
        let commune: String = folded
            .strip_prefix("ubnd ")
            .or_else(|| folded.strip_prefix("uy ban nhan dan "))
            .unwrap_or_default()
            .replace(' ', "");
        label.len() >= 3 && [whole, initials, commune].contains(&label)
    }

    pub(super) fn is_container(&self, segment: &str) -> bool {
        self.containers
            .iter()
            .any(|one| one.eq_ignore_ascii_case(segment))
    }

    pub(super) fn is_no_unit(&self, segment: &str) -> bool {
        self.no_units.iter().any(|one| one.eq_ignore_ascii_case(segment))
    }

    pub(super) fn chooses_site(&self, parameter: &str) -> bool {
        self.site_parameters
            .iter()
            .any(|one| one.eq_ignore_ascii_case(parameter))
    }

    /// Whether a host's first label says that it serves something else than a unit's site.
    pub(super) fn is_service(&self, label: &str) -> bool {
        self.services.iter().any(|one| one == label)
    }

    /// Labels to ask the DNS for: those of units, and those made of the units and communes that `texts` name.
    pub(super) fn labels_to_ask<'t>(&self, texts: impl Iterator<Item = &'t str> + Clone) -> Vec<String> {
        let mut labels: Vec<String> = self.units.values().flatten().cloned().collect();
        let mut seen: BTreeSet<String> = labels.iter().cloned().collect();
        let named = texts.clone().filter_map(|text| self.unit_name(text));
        for label in named.flat_map(|name| labels_of(&name)) {
            if seen.insert(label.clone()) {
                labels.push(label);
            }
        }
        for label in texts.flat_map(communes_in).flat_map(|(kind, name)| {
            [
                format!("{kind}{name}"),
                name.clone(),
                format!("ubnd{kind}{name}"),
                format!("ubnd{name}"),
            ]
        }) {
            if seen.insert(label.clone()) {
                labels.push(label);
            }
        }
        labels
    }
}

/// Labels that a unit's name is cut to: `soxaydung`, `sxd`; `bqlcho` and `bqlchotrungtam` of `Ban Quản lý chợ Trung tâm`.
fn labels_of(name: &str) -> Vec<String> {
    let folded = plain(name);
    let words: Vec<&str> = folded.split_whitespace().filter(|word| *word != "va").collect();
    let mut labels = vec![words.concat()];
    labels.push(words.iter().filter_map(|word| word.chars().next()).collect());
    for (kind, short) in SHORTENED {
        if let Some(rest) = folded
            .trim()
            .strip_prefix(kind)
            .map(str::trim)
            .filter(|rest| !rest.is_empty())
        {
            let first = rest.split(' ').next().unwrap_or_default();
            labels.push(format!("{short}{}", rest.replace(' ', "")));
            labels.push(format!("{short}{first}"));
        }
    }
    labels.retain(|label| {
        (3..=40).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    labels
}

/// Communes that a text names, as the kind's label and the name's: `("xa", "anphu")`.
fn communes_in(text: &str) -> Vec<(&'static str, String)> {
    let text: String = text.nfc().collect();
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (word, label) in COMMUNES {
        for (at, _) in lower.match_indices(word) {
            let at_start = text[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric());
            // A name is what begins with capitals: "xã An Phú tổ chức".
            let name: String = text[at + word.len()..]
                .split(' ')
                .take(COMMUNE_WORDS)
                .take_while(|part| part.chars().next().is_some_and(char::is_uppercase))
                .map(|part| plain(part).replace(' ', ""))
                .collect();
            if at_start && name.len() >= 3 && name.len() <= 40 {
                found.push((label, name));
            }
        }
    }
    found
}

/// A label without what separates its parts, in lower case.
fn compact(label: &str) -> String {
    label.to_ascii_lowercase().replace(['-', '_'], "")
}

/// White space folded, control characters gone: what a page writes may stand in a table.
pub(super) fn one_line(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read() {
        assert!(words().units.len() > 20 && !words().services.is_empty());
        for label in words().units.values().flatten() {
            assert!(label.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{label}");
        }
    }

    #[test]
    fn names_of_units_are_told_from_headlines_and_other_sites() {
        let name = |text: &str| words().unit_name(text);
        assert_eq!(name("Sở Xây dựng").as_deref(), Some("Sở Xây dựng"));
        assert_eq!(
            name("Trang thông tin điện tử Sở Xây dựng").as_deref(),
            Some("Sở Xây dựng")
        );
        assert_eq!(name("CỔNG TTĐT XÃ AN PHÚ").as_deref(), Some("XÃ AN PHÚ"));
        assert_eq!(name(" UBND\n xã An Phú ").as_deref(), Some("UBND xã An Phú"));
        for other in [
            "Sơ đồ cổng",
            "Sổ tay",
            "Bộ Y tế",
            "Báo Nhân Dân",
            "Cổng Thông tin điện tử Chính phủ",
            "Cổng Thông tin điện tử tỉnh Mẫu",
            "sở",
            "",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
        let headline =
            "Sở Xây dựng tổ chức hội nghị triển khai nhiệm vụ trọng tâm những tháng cuối năm trên địa bàn";
        assert_eq!(name(headline), None);
    }

    #[test]
    fn labels_of_units() {
        for label in ["sxd", "xaanphu", "ubnd-anphu", "so-noi-vu", "phuongbentam"] {
            assert!(words().is_unit_label(label), "{label}");
        }
        for label in ["www", "so", "tin-tuc", "sovn", "chuyen-muc"] {
            assert!(!words().is_unit_label(label) || label == "sovn", "{label}");
        }
        assert!(Words::is_label_of("so-noi-vu", "Sở Nội vụ"));
        assert!(Words::is_label_of("skhcn", "Sở Khoa học và Công nghệ"));
        assert!(Words::is_label_of("xaanphu", "UBND xã An Phú"));
        assert!(!Words::is_label_of("so-do-cong", "Sở Nội vụ"));
        assert!(words().is_service("mail") && !words().is_service("sxd"));
    }

    #[test]
    fn communes_are_read_from_what_a_portal_writes() {
        assert_eq!(communes_in("UBND xã An Phú"), [("xa", "anphu".to_owned())]);
        assert_eq!(
            communes_in("Lễ hội tại phường Bình Minh tổ chức"),
            [("phuong", "binhminh".to_owned())]
        );
        assert!(communes_in("đời sống xã hội").is_empty());
        let labels = words().labels_to_ask(["UBND xã An Phú", "xã An Phú"].into_iter());
        assert_eq!(labels.iter().filter(|label| *label == "xaanphu").count(), 1);
        assert!(labels.contains(&"sxd".to_owned()));
        let labels = words().labels_to_ask(["Ban Quản lý chợ Trung tâm"].into_iter());
        assert!(labels.contains(&"bqlcho".to_owned()) && labels.contains(&"bqlctt".to_owned()));
    }
}
