//! Words by which a page shows that it is not the home page, and words that name lists and portals.
//!
//! Everything is compared without diacritics and letter case, because pages are written both ways.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::emc::fold_words;

/// Word lists from `rules.toml`, folded once when they are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// A browser check that the visit did not get past.
    pub challenge: Vec<String>,
    /// A question that only a person answers.
    pub captcha: Vec<String>,
    /// A firewall's refusal.
    pub waf: Vec<String>,
    /// A login in place of the home page.
    #[serde(default)]
    pub login: Vec<String>,
    pub maintenance: Vec<String>,
    /// Work that is done on other things than sites as well.
    #[serde(default)]
    pub maintenance_works: Vec<String>,
    /// Names of a site, shortly before such words or right after them.
    #[serde(default)]
    pub site_words: Vec<String>,
    /// What means a site only right before such words.
    #[serde(default)]
    pub site_words_nearby: Vec<String>,
    /// Beginnings of titles and headings of lists of files; compared in lower case as written.
    #[serde(default)]
    pub listing: Vec<String>,
    /// Default page of a web server or hosting panel; compared with the title first.
    pub default_page: Vec<String>,
    pub parking: Vec<String>,
    /// An account or contract that has run out.
    pub suspended: Vec<String>,
    /// An error page that came with status 200; compared with the title only.
    pub error_page: Vec<String>,
    /// What servers say of an error in the text of a short page.
    #[serde(default)]
    pub error_text: Vec<String>,
    /// What stands where the content of a page has not come.
    #[serde(default)]
    pub loading: Vec<String>,
    /// What comes before the address of a site's owner.
    #[serde(default)]
    pub address_words: Vec<String>,
    /// Link texts that lead to a list of the units' sites.
    pub index_links: Vec<String>,
    /// Words of link texts that may lead to such a list: followed, and believed when the page there is one.
    #[serde(default)]
    pub index_pages: Vec<String>,
    /// Link texts that mean the portal without naming it.
    pub portal_links: Vec<String>,
    /// Controls that bring more of what stands beside them.
    #[serde(default)]
    pub see_more: Vec<String>,
    /// Controls that bring more links to other sites than the page has.
    pub more_links: Vec<String>,
    /// Generic words before a unit's name.
    pub name_prefixes: Vec<String>,
    /// Kinds of units: names that mean one only with the place that they are of.
    #[serde(default)]
    pub name_generic: Vec<String>,
    /// Parts of addresses that lead on to another one.
    #[serde(default)]
    pub redirectors: Vec<String>,
    /// What pictures are called that are not described.
    #[serde(default)]
    pub wordless: Vec<String>,
    /// Words beside `emc` that mean something else.
    pub other_emc: Vec<String>,
    /// Beginnings of a line that counts who is connected; compared with diacritics.
    pub badge_counts: Vec<String>,
    /// Beginnings of words that list who is connected, and may be a heading of something else as well.
    pub badge_lists: Vec<String>,
    /// Words of a line that says who is not connected; compared with diacritics.
    pub badge_denials: Vec<String>,
}

impl Signals {
    /// Folds every list, so that callers fold only the page's text.
    pub(super) fn folded(mut self) -> Self {
        for list in [
            &mut self.challenge,
            &mut self.captcha,
            &mut self.waf,
            &mut self.login,
            &mut self.maintenance,
            &mut self.maintenance_works,
            &mut self.site_words,
            &mut self.site_words_nearby,
            &mut self.default_page,
            &mut self.parking,
            &mut self.suspended,
            &mut self.error_page,
            &mut self.error_text,
            &mut self.loading,
            &mut self.address_words,
            &mut self.index_links,
            &mut self.index_pages,
            &mut self.portal_links,
            &mut self.see_more,
            &mut self.more_links,
            &mut self.name_prefixes,
            &mut self.name_generic,
            &mut self.redirectors,
            &mut self.wordless,
            &mut self.other_emc,
        ] {
            for words in list.iter_mut() {
                *words = plain(words);
            }
        }
        // "sở" is an office and "số" a number: these keep their diacritics.
        for list in [
            &mut self.badge_counts,
            &mut self.badge_lists,
            &mut self.badge_denials,
        ] {
            for words in list.iter_mut() {
                *words = fold_words(words);
            }
        }
        self
    }
}

/// Lower case, without diacritics (`đ` becomes `d`), everything but letters and digits folded to blanks.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        let c = match c {
            'đ' | 'Đ' => 'd',
            other => other,
        };
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_diacritics_fold_alike() {
        assert_eq!(plain("  Đang BẢO trì… "), "dang bao tri");
        let decomposed: String = "bảo trì".nfd().collect();
        assert_eq!(plain(&decomposed), plain("BẢO-TRÌ"));
    }
}
