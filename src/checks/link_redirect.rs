//! Which own addresses may lead on to another site although they do not say where: nothing but following
//! them tells.

use std::collections::HashSet;

use url::Url;

use crate::observation::Link;
use crate::rules::{Signals, plain};

/// Parts of addresses that carry an address without leading to it: login, sharing, printing.
const NO_REDIRECTORS: &[&str] = &[
    "login", "signin", "sso", "oauth", "openid", "cas", "saml", "logout", "dangnhap", "share", "sharer",
    "print",
];
/// Endings of addresses of programs and pages, which say nothing of what they do.
const PAGES: &[&str] = &[
    "aspx", "ashx", "asp", "php", "jsp", "jspx", "do", "html", "htm", "cfm",
];
/// Endings of files that a browser shows or saves.
const FILES: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "svg", "bmp", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
    "zip", "rar", "7z", "mp3", "mp4", "txt", "xml", "rss",
];
/// Parameters of an address that are looked at.
const PARAMETERS: usize = 20;

/// Why an own address may be one that redirects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    /// Its path speaks of leading on.
    Path,
    /// Nobody can read where it leads: a picture without words.
    Wordless,
    /// It asks for a window of its own, as links to other sites do.
    NewWindow,
}

/// Addresses of a page that some link says in words where they lead.
#[derive(Debug)]
pub(super) struct Explained<'a>(HashSet<&'a str>);

impl<'a> Explained<'a> {
    pub fn by(links: &[&'a Link], signals: &Signals) -> Self {
        let worded = links.iter().filter(|link| !is_wordless(&link.text, signals));
        Self(worded.map(|link| link.url.as_str()).collect())
    }

    /// What speaks for a link to an address of this domain (on `own_host`, of this host) being a redirector.
    pub fn hint(&self, link: &Link, url: &Url, own_host: bool, signals: &Signals) -> Option<Hint> {
        if !link.targets.is_empty() || is_file(url) || has_word(url.path(), NO_REDIRECTORS) {
            return None;
        }
        if speaks_of_redirecting(url, signals) {
            Some(Hint::Path)
        } else if own_host && !self.0.contains(link.url.as_str()) {
            Some(Hint::Wordless)
        } else if own_host && link.new_window {
            Some(Hint::NewWindow)
        } else {
            None
        }
    }
}

/// Whether the address is of a host or path that carries addresses for another purpose than leading there.
pub(super) fn only_carries(host: &str, url: &Url) -> bool {
    has_word(host, NO_REDIRECTORS) || has_word(url.path(), NO_REDIRECTORS)
}

/// `/lienket.aspx?id=12`: it leads elsewhere by a number.
pub(super) fn goes_by_number(url: &Url, signals: &Signals) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    speaks_of_redirecting(url, signals)
        && (number(last)
            || url
                .query_pairs()
                .take(PARAMETERS)
                .any(|(_, value)| number(&value)))
}

/// A part of the path, or a value of a parameter, is one of the words and nothing else but a number:
/// `/weblinks/visitlink-3.html`, `?task=weblink.go`, but no news of `go`, which is wood.
fn speaks_of_redirecting(url: &Url, signals: &Signals) -> bool {
    let says = |part: &str| {
        let part = plain(part);
        let words: Vec<&str> = part
            .split(' ')
            .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|word| !PAGES.contains(word))
            .collect();
        let known = |text: &str| signals.redirectors.iter().any(|one| one == text);
        !words.is_empty() && (known(&words.join(" ")) || words.iter().all(|word| known(word)))
    };
    url.path().split('/').any(says) || url.query_pairs().take(PARAMETERS).any(|(_, value)| says(&value))
}

/// A text that says nothing of where the link leads: none at all, a number, `Banner 2`, the name of a file.
fn is_wordless(text: &str, signals: &Signals) -> bool {
    let said = plain(text);
    let file = said.rsplit_once(' ').is_some_and(|(_, end)| FILES.contains(&end));
    let known = |word: &str| signals.wordless.iter().any(|one| one == word);
    (file && !text.trim().contains(' '))
        || known(&said)
        || said
            .split(' ')
            .all(|word| known(word) || word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_file(url: &Url) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    last.rsplit_once('.')
        .is_some_and(|(_, end)| FILES.contains(&end.to_ascii_lowercase().as_str()))
}

/// One of the words of a host or path is one of these.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::checks::support::link;
    use crate::observation::LinkVisibility::Shown;
    use crate::rules::Rules;

    fn hint_of(path: &str, text: &str, new_window: bool) -> Option<Hint> {
        let signals = Rules::builtin().unwrap().signals;
        let mut one = link(&format!("https://sxd.tinh.gov.vn{path}"), text, Shown);
        one.new_window = new_window;
        let url = Url::parse(&one.url).unwrap();
        Explained::by(&[&one], &signals).hint(&one, &url, true, &signals)
    }

    #[test]
    fn a_part_of_the_address_speaks_of_leading_on_and_a_word_of_a_headline_does_not() {
        for path in [
            "/vi/weblinks/visitlink/1.html",
            "/weblinks/visitlink-2.html",
            "/go/so-1",
            "/banner/click/15",
            "/Redirect.aspx?to=a",
            "/chuyen-huong/so-y-te",
            "/index.php?option=com_weblinks&task=weblink.go&id=3",
            "/index.php?nv=banners&op=click&id=5",
        ] {
            assert_eq!(hint_of(path, "Sở Y tế", false), Some(Hint::Path), "{path}");
        }
        for path in [
            "/tin-tuc/che-bien-go-xuat-khau",
            "/tin-tuc/123",
            "/sso/redirect?x=1",
            "/banner/anh.jpg",
        ] {
            assert_eq!(hint_of(path, "Tin", false), None, "{path}");
        }
    }

    #[test]
    fn a_picture_without_words_and_a_window_of_its_own_are_a_question() {
        for text in ["", "Banner 2", "logo", "logo-so-y-te.png", "12"] {
            assert_eq!(hint_of("/so-1", text, false), Some(Hint::Wordless), "{text}");
        }
        assert_eq!(hint_of("/so-1", "Giới thiệu", true), Some(Hint::NewWindow));
        assert_eq!(hint_of("/so-1", "Giới thiệu", false), None);
        assert_eq!(hint_of("/tep/van-ban.pdf", "", true), None);
    }

    #[test]
    fn a_picture_beside_the_headline_of_the_same_page_is_explained() {
        let signals = Rules::builtin().unwrap().signals;
        let picture = link("https://sxd.tinh.gov.vn/tin/1", "", Shown);
        let headline = link("https://sxd.tinh.gov.vn/tin/1", "Hội nghị giao ban", Shown);
        let url = Url::parse(&picture.url).unwrap();
        let explained = Explained::by(&[&picture, &headline], &signals);
        assert_eq!(explained.hint(&picture, &url, true, &signals), None);
    }
}
