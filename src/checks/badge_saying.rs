//! What the sentence with the badge's words says beside them: whose connection it speaks of.

use crate::emc::fold_label;
use crate::observation::BadgeCandidate;
use crate::rules::plain;

/// Whom a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// "Trang này đã kết nối EMC", or the bare label.
    ThisSite,
    /// Begins like the name of an agency, which may be the one that owns the site.
    Somebody,
    /// A word or two that say nothing of anybody: "Trạng thái: đã kết nối EMC".
    Brief,
    Something,
}

/// Words before a label that mean the site itself.
const ITSELF: &[&str] = &[
    "website", "web", "site", "trang", "cổng", "thông", "tin", "điện", "tử", "ttđt", "hệ", "thống", "này",
    "của", "chúng", "tôi", "đơn", "vị", "được", "và",
];
/// First words of the names of agencies.
const AGENCIES: &[&str] = &[
    "ubnd",
    "ủy",
    "uỷ",
    "hđnd",
    "xã",
    "phường",
    "thị",
    "huyện",
    "quận",
    "đặc",
    "tỉnh",
    "thành",
    "tp",
    "sở",
    "ban",
    "chi",
    "cục",
    "trung",
    "văn",
    "thanh",
    "trường",
    "bệnh",
    "viện",
    "bộ",
    "tổng",
    "công",
    "hội",
    "đài",
    "báo",
    "phòng",
];
const NAME_WORDS: usize = 10;
const BRIEF_WORDS: usize = 3;
/// Words of one who speaks of a connection that is not there, or is not his.
const DENIALS: &[&str] = &[
    "sẽ",
    "chưa",
    "không",
    "hướng dẫn",
    "yêu cầu",
    "đề nghị",
    "kế hoạch",
    "chuẩn bị",
    "quy trình",
    "danh sách",
    "tỷ lệ",
    "tỉ lệ",
    "báo cáo",
    "cần",
    "phải",
    "chua",
    "khong",
    "not",
    "will",
];

/// The sentence of a candidate, folded and cut at the label.
#[derive(Debug)]
pub(super) struct Saying {
    text: String,
    before: String,
    /// Characters of the whole sentence, and of the label in it.
    pub length: usize,
    pub label_length: usize,
}

impl Saying {
    /// `labels` are folded, the longest first.
    pub(super) fn of(badge: &BadgeCandidate, labels: &[String]) -> Self {
        let said = match badge.placement.sentence.as_str() {
            "" => &badge.words,
            sentence => sentence,
        };
        let text = fold_label(said);
        let label = labels.iter().find(|label| text.contains(label.as_str()));
        let before = label
            .and_then(|label| text.split_once(label.as_str()))
            .map_or("", |(before, _)| before)
            .trim()
            .to_owned();
        Self {
            length: text.chars().count(),
            label_length: label.map_or(0, |label| label.chars().count()),
            before,
            text,
        }
    }

    /// "… đã kết nối EMC không?"
    pub(super) fn asks(&self) -> bool {
        let bare = self
            .text
            .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?');
        bare.ends_with('?') || bare.ends_with(" không")
    }

    pub(super) fn denies(&self) -> bool {
        let spaced = format!(" {} ", self.text);
        DENIALS.iter().any(|word| spaced.contains(&format!(" {word} ")))
    }

    /// Whom it is about, by the words before the label. `name` is that of the site in the list.
    pub(super) fn about(&self, name: &str) -> About {
        let words: Vec<&str> = self
            .before
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let others: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !ITSELF.contains(word))
            .collect();
        if others.is_empty() || is_part_of(&others, name) {
            return About::ThisSite;
        }
        let digits = self.before.contains(|c: char| c.is_ascii_digit());
        let named = others.first().is_some_and(|first| AGENCIES.contains(first));
        if digits {
            About::Something
        } else if named && words.len() <= NAME_WORDS {
            About::Somebody
        } else if others.len() <= BRIEF_WORDS {
            About::Brief
        } else {
            About::Something
        }
    }
}

/// Whether words, at least two of them, stand in a name in this order. "Xã" alone is in many names.
fn is_part_of(words: &[&str], name: &str) -> bool {
    let known: Vec<String> = words_of(name);
    let asked: Vec<String> = words_of(&words.join(" "));
    let kept: Vec<&String> = known.iter().filter(|word| !is_itself(word)).collect();
    let asked: Vec<&String> = asked.iter().filter(|word| !is_itself(word)).collect();
    asked.len() >= 2 && kept.windows(asked.len()).any(|part| part == asked)
}

fn words_of(text: &str) -> Vec<String> {
    plain(text).split_whitespace().map(str::to_owned).collect()
}

fn is_itself(word: &str) -> bool {
    ITSELF.iter().any(|own| plain(own).trim() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emc::EmcSettings;

    fn saying(words: &str) -> Saying {
        let badge = BadgeCandidate {
            words: words.to_owned(),
            ..BadgeCandidate::default()
        };
        Saying::of(&badge, &EmcSettings::default().labels())
    }

    #[test]
    fn words_before_the_label_tell_whom_it_is_about() {
        let name = "UBND xã Hải Hòa";
        for words in [
            "Đã kết nối EMC",
            "✔ Website đã kết nối với Hệ thống EMC",
            "Trang thông tin điện tử này đã kết nối EMC",
            "Cổng thông tin điện tử xã Hải Hòa đã được kết nối EMC",
        ] {
            assert_eq!(saying(words).about(name), About::ThisSite, "{words}");
        }
        for words in ["Xã Kim Liên: đã kết nối EMC", "Sở Xây dựng đã kết nối EMC"] {
            assert_eq!(saying(words).about(name), About::Somebody, "{words}");
        }
        for words in [
            "Cán bộ kiểm tra trang đã kết nối EMC",
            "8h00: Họp với các xã đã kết nối EMC",
            "78/120 xã đã kết nối EMC",
        ] {
            assert_eq!(saying(words).about(name), About::Something, "{words}");
        }
    }

    #[test]
    fn a_word_or_two_are_no_sentence() {
        for words in ["Trạng thái: Đã kết nối EMC", "Chứng nhận đã kết nối EMC"] {
            assert_eq!(saying(words).about("UBND xã Hải Hòa"), About::Brief, "{words}");
        }
    }

    #[test]
    fn questions_and_denials_are_heard() {
        assert!(saying("Ông/bà có biết trang này đã kết nối EMC không?").asks());
        assert!(saying("Trang đã kết nối EMC không").asks());
        assert!(!saying("Đã kết nối EMC").asks());
        assert!(saying("Trang sẽ kết nối EMC trong quý I/2027").denies());
        assert!(saying("Không kết nối EMC").denies());
        assert!(!saying("EMC: Đã kết nối").denies());
    }
}
