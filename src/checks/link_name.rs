//! What a link says of where it leads: names of sites in its text, and words for lists and controls.

use crate::observation::{Link, LinkVisibility};
use crate::rules::{Signals, plain};

/// Words after `tỉnh` that may be the name of a province.
const PROVINCE_WORDS: usize = 4;
/// Shorter names are found everywhere.
const NAME_CHARACTERS: usize = 4;

/// What a place may be; its name follows.
const PLACES: &[&str] = &[
    " tinh",
    " thanh pho",
    " xa",
    " phuong",
    " thi tran",
    " huyen",
    " quan",
    " dac khu",
];

/// A name as it is looked for in link texts: folded, generic words before it left out. For questions, not for
/// proof.
#[derive(Debug, Clone, Default)]
pub(super) struct Named(Vec<String>);

impl Named {
    pub fn new(name: &str, signals: &Signals) -> Self {
        Self::of(vec![without_prefix(&plain(name), signals)])
    }

    /// A unit is called by its name in full, or without the province that everything on the portal is of.
    pub fn unit(name: &str, portal: &str, signals: &Signals) -> Self {
        let full = without_prefix(&plain(name), signals);
        let place = without_prefix(&plain(portal), signals);
        let short = without_place(&full, &place, signals);
        Self::of(short.into_iter().chain([full]).collect())
    }

    fn of(mut names: Vec<String>) -> Self {
        names.retain(|name| name.chars().count() >= NAME_CHARACTERS);
        Self(names.iter().map(|name| format!(" {name} ")).collect())
    }

    /// Whether a text, folded and with blanks around it, names it right after these words.
    pub fn is_after(&self, before: &str, text: &str) -> bool {
        let named = |name: &String| text.contains(&format!(" {before}{name}"));
        self.0.iter().any(named)
    }

    /// Whether a link text, folded by [`folded_text`], names it.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|name| text.contains(name))
    }
}

/// The text of a link, folded, with blanks around it so that whole words are found. Fold each link once: a
/// portal has thousands of links and hundreds of sites.
pub(super) fn folded_text(link: &Link) -> String {
    format!(" {} ", plain(&link.text))
}

fn without_prefix(name: &str, signals: &Signals) -> String {
    let mut rest = name;
    for prefix in &signals.name_prefixes {
        if let Some(after) = rest.strip_prefix(prefix.as_str())
            && (after.is_empty() || after.starts_with(' '))
        {
            rest = after.trim_start();
        }
    }
    rest.to_owned()
}

/// `so noi vu` of `so noi vu tinh nam ha`; `None` where nothing is left that means one unit only.
fn without_place(name: &str, portal: &str, signals: &Signals) -> Option<String> {
    let after_province = |name: &str| {
        let (head, province) = name.rsplit_once(" tinh ")?;
        (province.split(' ').count() <= PROVINCE_WORDS).then(|| head.to_owned())
    };
    let of_portal = |name: &str| {
        let bare = ["tinh ", "thanh pho ", "tp "];
        let bare = bare.iter().find_map(|kind| portal.strip_prefix(kind));
        let places = [Some(portal), bare];
        let mut places = places.into_iter().flatten().filter(|place| !place.is_empty());
        let head = places.find_map(|place| name.strip_suffix(&format!(" {place}")))?;
        Some(head.strip_suffix(" tp").unwrap_or(head).to_owned())
    };
    let short = of_portal(name).or_else(|| after_province(name))?;
    // A ward may be called like its province.
    let of_a_place = PLACES.iter().any(|kind| short.ends_with(kind));
    let one_unit = short.contains(' ') && !of_a_place && !signals.name_generic.contains(&short);
    one_unit.then_some(short)
}

/// Whether the text of a link, a short one, is or begins with one of these words.
pub(crate) fn says(link: &Link, words: &[String]) -> bool {
    let text = plain(&link.text);
    text.chars().count() <= 60
        && words.iter().any(|word| {
            text.strip_prefix(word.as_str())
                .is_some_and(|after| after.is_empty() || after.starts_with(' '))
        })
}

/// Whether the text of a link, a short one, has one of these words anywhere.
pub(crate) fn mentions(link: &Link, words: &[String]) -> bool {
    let text = folded_text(link);
    text.chars().count() <= 90 && words.iter().any(|word| text.contains(&format!(" {word} ")))
}

/// A control that fetches more links to other sites than the page brought.
pub(super) fn brings_more(link: &Link, signals: &Signals) -> bool {
    link.visibility >= LinkVisibility::Unclear && says(link, &signals.more_links)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::Rules;

    #[test]
    fn a_unit_is_found_under_its_short_name_and_never_under_one_that_means_many() {
        let signals = Rules::builtin().unwrap().signals;
        let portal = "Cổng Thông tin điện tử tỉnh Nam Hà";
        let named =
            |unit: &str, text: &str| Named::unit(unit, portal, &signals).is_in(&format!(" {} ", plain(text)));
        for (unit, text) in [
            ("Trang thông tin điện tử Sở Nội vụ tỉnh Nam Hà", "Sở Nội vụ"),
            ("Cổng thông tin Sở Y tế Nam Hà", "SỞ Y TẾ"),
            ("Sở Tư pháp tỉnh Bà Rịa - Vũng Tàu", "Sở Tư pháp"),
            ("UBND phường Nam Hà", "UBND phường Nam Hà"),
        ] {
            assert!(named(unit, text), "{unit}");
        }
        for (unit, text) in [
            ("UBND phường Nam Hà", "UBND phường"),
            ("Ủy ban nhân dân tỉnh Nam Hà", "Ủy ban nhân dân huyện"),
            ("Bệnh viện đa khoa thành phố Vinh", "Bệnh viện đa khoa"),
            ("Sở Nội vụ tỉnh Nam Hà", "Sở Tài chính"),
        ] {
            assert!(!named(unit, text), "{unit}");
        }
    }
}
