//! Which site a link of the page leads to, and how well it is shown.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use super::finding::{cut, rect_value};
use super::own_page::bare_host;
use super::{CheckContext, OwnPage};
use crate::observation::{Link, LinkForm, LinkVisibility, Observation};
use crate::rules::{Signals, plain};
use crate::site::{Place, SiteId, SiteIndex, registrable_domain};

/// Addresses inside a redirector's own address that are read.
const MOST_TARGETS: usize = 5;
/// Parts of addresses that carry an address without leading to it: login, sharing, printing.
const NO_REDIRECTORS: &[&str] = &[
    "login", "signin", "sso", "oauth", "openid", "cas", "saml", "logout", "dangnhap", "share", "sharer",
    "print",
];
/// Parts of addresses that lead elsewhere by number.
const REDIRECTORS: &[&str] = &[
    "redirect", "redir", "lienket", "weblink", "link", "links", "out", "goto", "go", "url", "openlink",
    "click",
];

/// A link of the page with the place in a site that it leads to.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    pub link: &'a Link,
    pub site: SiteId,
    pub place: Place,
}

/// Everything that leads somewhere known, and what leads nowhere that can be read.
#[derive(Debug)]
pub(super) struct PageLinks<'a> {
    pub targets: Vec<Target<'a>>,
    /// Postbacks and scripts whose target cannot be read, and redirectors that go by number.
    pub opaque: Vec<&'a Link>,
    /// Links to pages of this site itself that nobody followed: an address that redirects looks like one.
    pub unfollowed: Vec<&'a Link>,
    /// All links that count, known or not.
    pub all: Vec<&'a Link>,
    /// The page had more links than were brought back.
    pub truncated: bool,
}

/// Reads the links in own frames, and in those that `portal` serves.
pub(super) fn page_links<'a>(
    observation: &'a Observation,
    context: &CheckContext<'_>,
    portal: Option<&SiteId>,
) -> PageLinks<'a> {
    let own = OwnPage::new(observation);
    let here = observation
        .final_url
        .as_deref()
        .and_then(bare_host)
        .unwrap_or_default();
    let here = registrable_domain(&here);
    let own_frames: HashSet<&str> = own
        .frames()
        .filter(|frame| frame.top || frame.same_host || is_served_by(&frame.url, portal))
        .map(|frame| frame.id.as_str())
        .collect();
    let known: HashSet<&str> = own.frames().map(|frame| frame.id.as_str()).collect();
    let page = observation.page.as_ref();
    let all: Vec<&Link> = page
        .iter()
        .flat_map(|page| &page.links)
        .filter(|link| own_frames.contains(link.frame.as_str()) || !known.contains(link.frame.as_str()))
        .collect();
    let mut targets = Vec::new();
    let mut opaque = Vec::new();
    let mut unfollowed = Vec::new();
    for link in &all {
        let mut found = destinations(link, context.index, &here);
        let followed = followed_to(link, observation);
        found.extend(followed.iter().filter_map(|url| located(url, context.index)));
        let to_own = found.iter().any(|(site, _)| *site == context.listed.site);
        // A redirector that stayed where it was may still lead on in a browser that clicks it.
        let led_on = followed
            .as_ref()
            .is_some_and(|url| host_of(url) != host_of_text(&link.url));
        let by_number = !led_on && (found.is_empty() || to_own) && is_numeric_redirector(&link.url, &here);
        if link.form == LinkForm::Opaque || by_number {
            opaque.push(*link);
        }
        let below = |(site, place): &(SiteId, Place)| *site == context.listed.site && *place == Place::Below;
        if followed.is_none() && found.iter().any(below) {
            unfollowed.push(*link);
        }
        targets.extend(
            found
                .into_iter()
                .map(|(site, place)| Target { link, site, place }),
        );
    }
    PageLinks {
        targets,
        opaque,
        unfollowed,
        all,
        truncated: page.is_some_and(|page| page.truncated.iter().any(|list| list.starts_with("links"))),
    }
}

fn is_served_by(address: &str, portal: Option<&SiteId>) -> bool {
    portal.is_some_and(|portal| bare_host(address).as_deref() == Some(portal.bare_host()))
}

/// Where a link leads: to its own address, and through a redirector of these sites to the address in it.
fn destinations(link: &Link, index: &SiteIndex, here: &str) -> Vec<(SiteId, Place)> {
    let mut found = Vec::new();
    let Ok(url) = Url::parse(&link.url) else {
        return found;
    };
    if !matches!(url.scheme(), "http" | "https") {
        return found;
    }
    if let Some((site, place)) = index.locate(&url) {
        found.push((site.clone(), place));
    }
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    if registrable_domain(&host) != here
        || has_word(&host, NO_REDIRECTORS)
        || has_word(url.path(), NO_REDIRECTORS)
    {
        return found;
    }
    for target in link.targets.iter().take(MOST_TARGETS) {
        if let Some((site, place)) = Url::parse(target).ok().and_then(|target| index.locate(&target)) {
            found.push((site.clone(), place));
        }
    }
    found
}

/// Where a browser that followed the link ended; `None` where nobody followed it or nothing answered.
fn followed_to(link: &Link, observation: &Observation) -> Option<Url> {
    let followed = observation
        .followed
        .iter()
        .find(|followed| followed.url == link.url)?;
    Url::parse(followed.final_url.as_deref()?).ok()
}

fn located(url: &Url, index: &SiteIndex) -> Option<(SiteId, Place)> {
    index.locate(url).map(|(site, place)| (site.clone(), place))
}

fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(str::to_ascii_lowercase)
}

fn host_of_text(address: &str) -> Option<String> {
    host_of(&Url::parse(address).ok()?)
}

/// One of the words of a host or path is one of these.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| words.contains(&word))
}

/// An address of these sites that leads elsewhere by a number: `/redirect.aspx?id=12`.
fn is_numeric_redirector(address: &str, here: &str) -> bool {
    let Ok(url) = Url::parse(address) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let redirects = has_word(url.path(), REDIRECTORS) || url.path().to_ascii_lowercase().contains("lien-ket");
    if registrable_domain(&host) != here || !redirects {
        return false;
    }
    let last = url.path().rsplit('/').next().unwrap_or_default();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number(last) || url.query_pairs().take(20).any(|(_, value)| number(&value))
}

/// A name as it is looked for in link texts: folded, generic words before it left out. For questions, not for
/// proof.
#[derive(Debug, Clone)]
pub(super) struct Named(Option<String>);

impl Named {
    pub fn new(name: &str, signals: &Signals) -> Self {
        let name = without_prefix(&plain(name), signals);
        // Shorter names are found everywhere.
        Self((name.chars().count() >= 4).then(|| format!(" {name} ")))
    }

    /// Whether a text, folded and with blanks around it, names it right after these words.
    pub fn is_after(&self, before: &str, text: &str) -> bool {
        let name = self.0.as_ref();
        name.is_some_and(|name| text.contains(&format!(" {before}{name}")))
    }

    /// Whether a link text, folded by [`folded_text`], names it.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|name| text.contains(name))
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

/// Whether the text of a link, a short one, is or begins with one of these words.
pub(super) fn says(link: &Link, words: &[String]) -> bool {
    let text = plain(&link.text);
    text.chars().count() <= 60
        && words.iter().any(|word| {
            text.strip_prefix(word.as_str())
                .is_some_and(|after| after.is_empty() || after.starts_with(' '))
        })
}

/// Whether the text of a link, a short one, has one of these words anywhere.
pub(super) fn mentions(link: &Link, words: &[String]) -> bool {
    let text = folded_text(link);
    text.chars().count() <= 90 && words.iter().any(|word| text.contains(&format!(" {word} ")))
}

/// A control that fetches more links to other sites than the page brought.
pub(super) fn brings_more(link: &Link, signals: &Signals) -> bool {
    link.visibility >= LinkVisibility::Unclear && says(link, &signals.more_links)
}

/// A link as facts.
pub(super) fn link_value(link: &Link, site: Option<&SiteId>) -> Value {
    let mut map = Map::new();
    if let Some(site) = site {
        map.insert("site".to_owned(), Value::from(site.to_string()));
    }
    map.insert("url".to_owned(), Value::from(cut(&link.url, 300)));
    map.insert("text".to_owned(), Value::from(cut(&link.text, 160)));
    map.insert(
        "form".to_owned(),
        serde_json::to_value(link.form).unwrap_or_default(),
    );
    map.insert(
        "visibility".to_owned(),
        serde_json::to_value(link.visibility).unwrap_or_default(),
    );
    if let Some(reason) = &link.reason {
        map.insert("reason".to_owned(), Value::from(cut(reason, 160)));
    }
    if let Some(rect) = &link.rect {
        map.insert("rect".to_owned(), rect_value(rect));
    }
    Value::Object(map)
}

/// A visitor gets to it.
pub(super) fn reachable(link: &Link) -> bool {
    link.visibility >= LinkVisibility::Openable
}
