//! What the national measuring system looks like from outside: hosts, paths, names and words.
//!
//! All of it is configuration with defaults as seen on public sites, because the ministry may change it.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use url::Url;

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
    /// Words that say "connected to EMC"; compared in NFC without letter case, white space folded.
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
            badge_words: badge_words(),
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

/// The ways to say it that are in use on public sites: verb, preposition, and a name of the system.
fn badge_words() -> Vec<String> {
    const NAMES: [&str; 6] = [
        "emc",
        "hệ thống emc",
        "hệ thống giám sát emc",
        "hệ thống đo lường emc",
        "hệ thống giám sát, đo lường emc",
        "hệ thống giám sát, đo lường mức độ cung cấp và sử dụng dịch vụ chính phủ số",
    ];
    let mut words = Vec::new();
    for verb in ["đã kết nối", "đã được kết nối", "đã kết nối, liên thông"] {
        for preposition in ["", " với", " đến", " tới", " vào"] {
            words.extend(NAMES.map(|name| format!("{verb}{preposition} {name}")));
        }
    }
    words
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

    /// Whether a text carries the badge's words.
    pub fn has_badge_words(&self, text: &str) -> bool {
        let text = fold_words(text);
        self.badge_words
            .iter()
            .any(|words| text.contains(&fold_words(words)))
    }
}

/// NFC, lower case, white space folded to single blanks.
pub fn fold_words(text: &str) -> String {
    let lower: String = text.nfc().collect::<String>().to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}
