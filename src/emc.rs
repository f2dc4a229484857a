//! What the national measuring system looks like from outside: hosts, paths, names and words.
//!
//! All of it is configuration with defaults as seen on public sites, because the ministry may change it.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use url::Url;

/// Wordings that are read from one pattern at most.
const WORDINGS_MAX: usize = 4000;

/// How EMC is recognised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmcSettings {
    /// Host of script and tracker.
    pub hosts: Vec<String>,
    /// A script of EMC has a path that begins so.
    pub script_path: String,
    /// The script's usual address: the control visit loads it.
    pub script_url: String,
    /// A call to the tracker has a path that is this or begins with it and a slash.
    pub tracker_path: String,
    /// Global queue of commands, in the manner of Matomo.
    pub queue: String,
    /// Parameters of a tracker call that carry the site id.
    pub site_id_parameters: Vec<String>,
    /// Selectors of the badge that EMC's script puts into the page.
    pub badge_selectors: Vec<String>,
    /// Words that say "connected to EMC"; compared in NFC without letter case, white space and signs folded. Of
    /// what stands in brackets, apart by `|`, a label has one or none: `đã (được) kết nối (với|đến) emc`.
    pub badge_words: Vec<String>,
    /// Parts of file names and links that suggest a badge drawn as a picture.
    pub badge_hints: Vec<String>,
}

impl Default for EmcSettings {
    fn default() -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            hosts: owned(&["f-emc.ngsp.gov.vn"]),
            script_path: "/embed/".to_owned(),
            script_url: "https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js".to_owned(),
            tracker_path: "/tracking".to_owned(),
            queue: "_govaq".to_owned(),
            site_id_parameters: owned(&["idsite", "idSite", "siteId", "siteid", "site_id", "site"]),
            badge_selectors: owned(&["#btnEMC", "a.yhy-btn-emc"]),
            badge_words: owned(&[
                "đã (được) kết nối (liên thông|và liên thông) (với|đến|tới|vào) (hệ thống|hệ thống giám sát|hệ thống đo lường|hệ thống giám sát, đo lường) emc",
                "đã (được) kết nối (liên thông|và liên thông) (với|đến|tới|vào) hệ thống giám sát, đo lường \
                 (mức độ cung cấp và sử dụng dịch vụ) chính phủ số (emc|hệ thống emc)",
            ]),
            badge_hints: owned(&[
                "emc",
                "f-emc.ngsp.gov.vn",
                "emc.ngsp.gov.vn",
                "ket-noi-emc",
                "ketnoiemc",
            ]),
        }
    }
}

impl EmcSettings {
    /// The address is on one of EMC's hosts.
    pub fn is_host(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| {
            let host = host.trim_end_matches('.');
            self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
        })
    }

    /// The address is that of an EMC script.
    pub fn is_script(&self, url: &Url) -> bool {
        self.is_host(url) && url.path().starts_with(&self.script_path)
    }

    /// The address is that of EMC's tracker.
    pub fn is_tracker(&self, url: &Url) -> bool {
        let path = url.path();
        self.is_host(url)
            && path
                .strip_prefix(self.tracker_path.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '?']))
    }

    /// Every wording of the badge's words, folded; the longest first.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = self
            .badge_words
            .iter()
            .flat_map(|pattern| wordings(pattern))
            .map(|label| fold_label(&label))
            .filter(|label| !label.is_empty())
            .collect();
        labels.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        labels.dedup();
        labels
    }

    /// Whether a text carries the badge's words.
    pub fn has_badge_words(&self, text: &str) -> bool {
        let text = fold_label(text);
        self.labels().iter().any(|label| text.contains(label.as_str()))
    }
}

/// All ways to read a pattern: with one of what its brackets hold, or none of it.
fn wordings(pattern: &str) -> Vec<String> {
    let parts = pattern.find(')').and_then(|close| {
        let open = pattern[..close].rfind('(')?;
        Some((&pattern[..open], &pattern[open + 1..close], &pattern[close + 1..]))
    });
    let Some((before, choices, after)) = parts else {
        return vec![pattern.to_owned()];
    };
    let mut all = Vec::new();
    for choice in std::iter::once("").chain(choices.split('|')) {
        all.extend(wordings(&format!("{before}{choice}{after}")));
        if all.len() >= WORDINGS_MAX {
            break;
        }
    }
    all.truncate(WORDINGS_MAX);
    all
}

/// NFC, lower case, white space folded to single blanks.
pub fn fold_words(text: &str) -> String {
    let lower: String = text.nfc().collect::<String>().to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same without the signs that may stand in a label: those that end a sentence are kept.
pub fn fold_label(text: &str) -> String {
    let is_sign = |c: char| ",:()[]{}\"'`´‘’“”«»<>-/_*✓✔✅☑".contains(c) || ('‐'..='―').contains(&c);
    fold_words(&text.replace(is_sign, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_may_be_worded_in_many_ways() {
        let emc = EmcSettings::default();
        for words in [
            "Đã kết nối EMC",
            "Website đã được kết nối tới Hệ thống EMC",
            "Đã kết nối, liên thông với Hệ thống EMC",
            "Đã kết nối: “EMC”",
            "Đã kết nối Hệ thống giám sát EMC",
            "Đã kết nối Hệ thống giám sát, đo lường mức độ cung cấp và sử dụng dịch vụ Chính phủ số (Hệ thống EMC)",
            "Đã kết nối với Hệ thống giám sát, đo lường Chính phủ số",
        ] {
            assert!(emc.has_badge_words(words), "{words}");
        }
        for words in [
            "Kết nối EMC",
            "Đã kết nối. EMC là gì",
            "Sẽ kết nối EMC",
            "đã kết nối Dell EMC",
        ] {
            assert!(!emc.has_badge_words(words), "{words}");
        }
    }

    #[test]
    fn brackets_hold_choices_or_nothing() {
        assert_eq!(wordings("a (b|c) d"), ["a  d", "a b d", "a c d"]);
        assert_eq!(wordings("a) (b"), ["a) (b"]);
        assert!(wordings(&"(a|b)".repeat(40)).len() <= WORDINGS_MAX);
    }
}
