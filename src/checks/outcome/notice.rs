//! A page as something that may stand in place of the home page: its words without the site's own name, and
//! how little else there is.

use std::collections::BTreeSet;

use url::Url;

use crate::observation::{FrameFacts, PageFacts, PageText};
use crate::rules::{Signals, plain};
use crate::site::ListedSite;

/// Notices (maintenance, refusal, browser check) are shorter than this, and hardly link anywhere.
const NOTICE_CHARACTERS: u64 = 600;
const NOTICE_LINKS: u64 = 5;
/// Words that a small home page may have as well are believed with so many links.
const BARE_LINKS: u64 = 2;
/// Ways of any form (choices, maps, controls) that a notice has at most.
const BARE_WAYS: usize = 3;
/// Own pages that a page leads on to which does not say whose it is.
const LEADING_ON: usize = 3;
/// A page with more pictures is one that shows instead of saying.
const BARE_IMAGES: u64 = 4;
/// With the notice already in its title a page may be somewhat longer.
const TITLED_CHARACTERS: u64 = 1_500;
const TITLED_LINKS: u64 = 15;
/// Default pages of web servers explain themselves at length.
const DEFAULT_PAGE_LINKS: u64 = 25;
/// A displayed frame of this size may hold the page's content.
const CONTENT_FRAME_PX: f64 = 200.0;
/// Shorter names are found everywhere.
const NAME_CHARACTERS: usize = 6;
/// A site is named within so many words before what is said of it, or right after it.
const SUBJECT_BEFORE: usize = 8;
const SUBJECT_AFTER: usize = 4;
/// The same for words that mean other things too.
const SUBJECT_NEARBY: usize = 4;

/// A page's title and text, folded for comparing with word lists.
pub(super) struct Notice<'a> {
    page: &'a PageFacts,
    /// The top document, and the frames of its host that may hold its content.
    texts: Vec<&'a PageText>,
    url: Option<Url>,
    title: String,
    text: String,
    /// The page says the site's name.
    named: bool,
    unread_frame: bool,
}

impl<'a> Notice<'a> {
    pub(super) fn new(
        page: &'a PageFacts,
        url: Option<&str>,
        listed: &ListedSite,
        signals: &Signals,
    ) -> Self {
        let frames: Vec<&FrameFacts> = page
            .frames
            .iter()
            .filter(|frame| may_hold_content(frame))
            .collect();
        let read = frames.iter().filter(|frame| frame.same_host);
        let texts: Vec<&PageText> = std::iter::once(&page.text)
            .chain(read.clone().filter_map(|frame| frame.text.as_ref()))
            .collect();
        let titles = std::iter::once(&page.title).chain(read.filter_map(|frame| frame.title.as_ref()));
        let names = names(listed, signals);
        let (title, in_title) = without(&names, padded(&joined(titles)));
        let (text, in_text) = without(&names, padded(&joined(texts.iter().map(|text| &text.start))));
        Self {
            page,
            unread_frame: frames
                .iter()
                .any(|frame| !frame.same_host || frame.text.is_none()),
            texts,
            url: url.and_then(|url| Url::parse(url).ok()),
            title,
            text,
            named: in_title || in_text,
        }
    }

    fn sum(&self, count: impl Fn(&PageText) -> u64) -> u64 {
        self.texts.iter().map(|text| count(text)).sum()
    }

    pub(super) fn length(&self) -> u64 {
        self.sum(|text| text.length)
    }

    pub(super) fn links(&self) -> u64 {
        self.sum(|text| text.links)
    }

    pub(super) fn images(&self) -> u64 {
        self.sum(|text| text.images)
    }

    pub(super) fn forms(&self) -> u64 {
        self.sum(|text| text.forms)
    }

    /// Ways to other addresses, of every form.
    pub(super) fn ways(&self) -> usize {
        self.page.links.len()
    }

    pub(super) fn markers(&self) -> impl Iterator<Item = &'a str> {
        self.texts
            .iter()
            .flat_map(|text| text.markers.iter().map(String::as_str))
    }

    /// A frame that may hold the page's content, and whose text nobody knows.
    pub(super) fn has_unread_frame(&self) -> bool {
        self.unread_frame
    }

    pub(super) fn is_short(&self) -> bool {
        self.length() <= NOTICE_CHARACTERS && self.links() <= NOTICE_LINKS
    }

    fn is_titled(&self) -> bool {
        self.length() <= TITLED_CHARACTERS && self.links() <= TITLED_LINKS
    }

    /// A few words that lead nowhere.
    pub(super) fn leads_nowhere(&self) -> bool {
        self.length() <= NOTICE_CHARACTERS && self.links() <= BARE_LINKS
    }

    /// Nothing but a notice, whatever it says. A small page of its own has pictures to show, or says whose it
    /// is and leads on to its other pages, or leads on to several.
    pub(super) fn is_only_a_notice(&self, address_words: &[String]) -> bool {
        let is_own = self.named || find(&self.text, address_words).is_some();
        let has_code = self
            .page
            .frames
            .iter()
            .any(|frame| (frame.top || frame.same_host) && !frame.code.snippets.is_empty());
        self.leads_nowhere()
            && self.ways() <= BARE_WAYS
            && self.images() <= BARE_IMAGES
            && !has_code
            && self.own_ways() < if is_own { 2 } else { LEADING_ON }
    }

    /// Other pages of the same host that this one leads to.
    fn own_ways(&self) -> usize {
        let Some(here) = &self.url else { return 0 };
        let urls = self
            .page
            .links
            .iter()
            .filter_map(|link| Url::parse(&link.url).ok());
        let other = urls.filter(|url| url.host_str() == here.host_str() && url.path() != here.path());
        other
            .map(|url| url.path().to_owned())
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// The words of a short page, or of the title of one that is not long.
    pub(super) fn says<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let in_title = find(&self.title, words).filter(|_| self.is_titled());
        in_title.or_else(|| find(&self.text, words).filter(|_| self.is_short()))
    }

    /// The same for words that small home pages may have as well.
    pub(super) fn whispers<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let in_title = find(&self.title, words).filter(|_| self.is_short());
        in_title.or_else(|| find(&self.text, words).filter(|_| self.leads_nowhere()))
    }

    /// The title says that the site is closed for work.
    pub(super) fn closed_for_work<'w>(&self, signals: &'w Signals) -> Option<&'w str> {
        let works = &signals.maintenance_works;
        find(&self.title, &signals.maintenance)
            .or_else(|| said_of_the_site(&self.title, works, signals))
            .or_else(|| begins_with(&self.title, works))
    }

    /// The site is closed for work: by words that say it of a site, or by the work alone where nothing else is.
    pub(super) fn maintenance<'w>(&self, signals: &'w Signals) -> Option<&'w str> {
        let works = &signals.maintenance_works;
        let of_the_site = |text: &str| said_of_the_site(text, works, signals);
        self.says(&signals.maintenance)
            .or_else(|| of_the_site(&self.title).filter(|_| self.is_titled()))
            .or_else(|| of_the_site(&self.text).filter(|_| self.is_short()))
            .or_else(|| begins_with(&self.title, works).filter(|_| self.is_short()))
            .or_else(|| self.whispers(works))
    }

    /// A login in its title, or as the only thing to do.
    pub(super) fn asks_to_log_in<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        begins_with(&self.title, words).or_else(|| {
            let asks = |word: &&'w String| word.contains(' ') && self.text.contains(&format!(" {word} "));
            words
                .iter()
                .find(asks)
                .map(String::as_str)
                .filter(|_| self.leads_nowhere())
        })
    }

    /// A list of files, which has as many links as files: by the beginning of its title or heading.
    pub(super) fn listing<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let titles = [&self.page.title, &self.page.text.start].map(|text| text.trim().to_lowercase());
        let begins = |word: &&String| titles.iter().any(|title| title.starts_with(word.as_str()));
        if let Some(word) = words.iter().find(begins) {
            return Some(word);
        }
        // Of the kind `host - /folder/`.
        let host = self.url.as_ref().and_then(Url::host_str)?;
        let of_host = format!("{host} - /");
        titles
            .iter()
            .all(|title| title.starts_with(&of_host))
            .then_some("- /")
    }

    pub(super) fn default_page<'w>(&self, words: &'w [String]) -> Option<&'w str> {
        let few = self.links() <= DEFAULT_PAGE_LINKS;
        let in_title = find(&self.title, words).filter(|_| few);
        in_title.or_else(|| find(&self.text, words).filter(|_| self.is_short()))
    }

    /// Error pages give themselves away at the beginning of the title, or by what servers say of errors.
    pub(super) fn error_page<'w>(&self, titles: &'w [String], texts: &'w [String]) -> Option<&'w str> {
        // One word alone may begin the name of anything.
        let believed = |word: &&'w str| self.is_short() || (self.is_titled() && word.contains(' '));
        begins_with(&self.title, titles)
            .filter(believed)
            .or_else(|| self.whispers(texts))
    }

    /// The beginning of the text as a person reads it.
    pub(super) fn beginning(&self, most: usize) -> String {
        let text = joined(self.texts.iter().map(|text| &text.start));
        let shown = text.chars().filter(|c| !c.is_control());
        let mut told: String = shown.take(most).collect();
        if text.chars().count() > most {
            told.push('…');
        }
        told
    }
}

fn may_hold_content(frame: &FrameFacts) -> bool {
    let large =
        |rect: crate::observation::Rect| rect.width >= CONTENT_FRAME_PX && rect.height >= CONTENT_FRAME_PX;
    !frame.top && frame.rect.is_some_and(large)
}

/// What the list calls the site, folded; the longest first.
fn names(listed: &ListedSite, signals: &Signals) -> Vec<String> {
    let mut names = Vec::new();
    for name in std::iter::once(&listed.name).chain(&listed.agency) {
        let name = plain(name);
        let bare = signals
            .name_prefixes
            .iter()
            .find_map(|prefix| name.strip_prefix(&format!("{prefix} ")));
        names.extend(bare.map(str::to_owned));
        names.push(name);
    }
    names.retain(|name| name.chars().count() >= NAME_CHARACTERS);
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// A folded text without these names, and whether one of them was in it.
fn without(names: &[String], mut padded: String) -> (String, bool) {
    let mut found = false;
    for name in names {
        let name = format!(" {name} ");
        while padded.contains(&name) {
            found = true;
            padded = padded.replace(&name, " ");
        }
    }
    (padded, found)
}

fn joined<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let texts: Vec<&str> = texts
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
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

fn begins_with<'w>(padded: &str, words: &'w [String]) -> Option<&'w str> {
    words
        .iter()
        .find(|word| padded.starts_with(&format!(" {word} ")))
        .map(String::as_str)
}

/// Words of work that are said of a web site, not of roads and canals: it is named shortly before or right after
/// them.
fn said_of_the_site<'w>(padded: &str, works: &'w [String], signals: &Signals) -> Option<&'w str> {
    let is_said = |work: &&String| {
        let parts: Vec<&str> = padded.split(&format!(" {work} ")).collect();
        parts.windows(2).any(|around| {
            let last = |count| format!(" {} ", last_words(around[0], count));
            let first = format!(" {} ", first_words(around[1], SUBJECT_AFTER));
            find(&last(SUBJECT_BEFORE), &signals.site_words).is_some()
                || find(&last(SUBJECT_NEARBY), &signals.site_words_nearby).is_some()
                || begins_with(&first, &signals.site_words).is_some()
        })
    };
    works.iter().find(is_said).map(String::as_str)
}

fn last_words(text: &str, count: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words[words.len().saturating_sub(count)..].join(" ")
}

fn first_words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}
