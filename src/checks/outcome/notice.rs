//! Words of a page that may stand in place of the home page: believed only where the page is nearly empty.

use crate::observation::PageFacts;
use crate::rules::plain;

/// Notices (maintenance, refusal, browser check) are shorter than this, and hardly link anywhere.
const NOTICE_CHARACTERS: u64 = 600;
const NOTICE_LINKS: u64 = 5;
/// With the notice already in its title a page may be somewhat longer.
const TITLED_CHARACTERS: u64 = 1_500;
const TITLED_LINKS: u64 = 15;
/// Default pages of web servers explain themselves at length.
const DEFAULT_PAGE_LINKS: u64 = 25;

/// A page's title and text, folded for comparing with word lists.
pub(super) struct Notice<'a> {
    page: &'a PageFacts,
    title: String,
    text: String,
}

impl<'a> Notice<'a> {
    pub(super) fn new(page: &'a PageFacts) -> Self {
        Self {
            page,
            title: padded(&page.title),
            text: padded(&page.text.start),
        }
    }

    pub(super) fn is_short(&self) -> bool {
        self.page.text.length <= NOTICE_CHARACTERS && self.page.text.links <= NOTICE_LINKS
    }

    pub(super) fn is_titled(&self) -> bool {
        self.page.text.length <= TITLED_CHARACTERS && self.page.text.links <= TITLED_LINKS
    }

    /// The words of a short page, or of the title of one that is not long.
    pub(super) fn says<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let in_title = self.title_says(words).filter(|_| self.is_titled());
        in_title.or_else(|| find(&self.text, words).filter(|_| self.is_short()))
    }

    pub(super) fn title_says<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        find(&self.title, words)
    }

    pub(super) fn default_page<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        // A listing of files has as many links as files.
        if let Some(word) = words.iter().find(|word| *word == "index of")
            && self.title.starts_with(" index of ")
        {
            return Some(word);
        }
        let few = self.page.text.links <= DEFAULT_PAGE_LINKS;
        let in_title = self.title_says(words).filter(|_| few);
        in_title.or_else(|| find(&self.text, words).filter(|_| self.is_short()))
    }

    /// Error pages give themselves away at the beginning of the title.
    pub(super) fn titled_error<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        if !self.is_titled() {
            return None;
        }
        words
            .iter()
            .find(|word| self.title.starts_with(&format!(" {word} ")))
            .map(String::as_str)
    }
}

/// Folded, with a blank at both ends so that whole words are found.
fn padded(text: &str) -> String {
    format!(" {} ", plain(text))
}

fn find<'w>(padded: &str, words: &'w [String]) -> Option<&'w str> {
    words
        .iter()
        .find(|word| padded.contains(&format!(" {word} ")))
        .map(String::as_str)
}
