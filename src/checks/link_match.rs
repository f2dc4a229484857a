//! Which site a link of the page leads to, and how well it is shown.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use super::finding::{cut, rect_value};
use super::link_redirect::{Explained, Hint, goes_by_number, only_carries};
use super::own_page::bare_host;
use super::{CheckContext, OwnPage};
use crate::observation::{FollowedLink, Link, LinkForm, LinkVisibility, Observation};
use crate::site::{Place, SiteId, SiteIndex, registrable_domain};

/// Addresses inside a redirector's own address that are read.
const MOST_TARGETS: usize = 5;

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
    /// Links to addresses of these sites that may lead on, and why; followed or not.
    pub redirectors: Vec<(Hint, &'a Link)>,
    /// Those of them that speak for it, and of which nobody knows where they end.
    pub unsettled: Vec<&'a Link>,
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
    let all = links_that_count(observation, portal);
    let explained = Explained::by(&all, context.signals);
    let here = observation
        .final_url
        .as_deref()
        .and_then(bare_host)
        .unwrap_or_default();
    let domain = registrable_domain(&here);
    let page = observation.page.as_ref();
    let mut links = PageLinks {
        targets: Vec::new(),
        opaque: Vec::new(),
        unfollowed: Vec::new(),
        redirectors: Vec::new(),
        unsettled: Vec::new(),
        all: Vec::new(),
        truncated: page.is_some_and(|page| page.truncated.iter().any(|list| list.starts_with("links"))),
    };
    for link in &all {
        let mut found = destinations(link, context.index, &domain);
        let followed = followed_to(link, observation);
        found.extend(followed.iter().filter_map(|url| located(url, context.index)));
        let own = |(site, _): &(SiteId, Place)| *site == context.listed.site;
        let below = found.iter().any(|at| own(at) && at.1 == Place::Below);
        // A redirector that stayed where it was may still lead on in a browser that clicks it.
        let led_on = followed
            .as_ref()
            .is_some_and(|url| host_of(url) != host_of_text(&link.url));
        let nowhere_else = found.is_empty() || found.iter().any(own);
        let url =
            web_address(link).filter(|url| registrable_domain(&host_of(url).unwrap_or_default()) == domain);
        if let Some(url) = url.filter(|_| !led_on && nowhere_else) {
            let own_page = below && bare_host(&link.url).as_deref() == Some(here.as_str());
            let may_lead = own_page || found.is_empty();
            let hint = explained.hint(link, &url, own_page, context.signals);
            if let Some(hint) = hint.filter(|_| may_lead && reachable(link)) {
                links.redirectors.push((hint, *link));
                if followed.is_none() && hint != Hint::NewWindow {
                    links.unsettled.push(*link);
                }
            }
            if goes_by_number(&url, context.signals) {
                links.opaque.push(*link);
            }
        }
        if link.form == LinkForm::Opaque {
            links.opaque.push(*link);
        }
        if followed.is_none() && below {
            links.unfollowed.push(*link);
        }
        let target = |(site, place)| Target { link, site, place };
        links.targets.extend(found.into_iter().map(target));
    }
    links.all = all;
    links
}

/// Those in own frames, and in frames that `portal` serves.
fn links_that_count<'a>(observation: &'a Observation, portal: Option<&SiteId>) -> Vec<&'a Link> {
    let own = OwnPage::new(observation);
    let own_frames: HashSet<&str> = own
        .frames()
        .filter(|frame| frame.top || frame.same_host || is_served_by(&frame.url, portal))
        .map(|frame| frame.id.as_str())
        .collect();
    let known: HashSet<&str> = own.frames().map(|frame| frame.id.as_str()).collect();
    let page = observation.page.as_ref();
    page.iter()
        .flat_map(|page| &page.links)
        .filter(|link| own_frames.contains(link.frame.as_str()) || !known.contains(link.frame.as_str()))
        .collect()
}

fn web_address(link: &Link) -> Option<Url> {
    let url = Url::parse(&link.url).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn is_served_by(address: &str, portal: Option<&SiteId>) -> bool {
    portal.is_some_and(|portal| bare_host(address).as_deref() == Some(portal.bare_host()))
}

/// Where a link leads: to its own address, and through a redirector of these sites to the address in it.
fn destinations(link: &Link, index: &SiteIndex, domain: &str) -> Vec<(SiteId, Place)> {
    let mut found = Vec::new();
    let Some(url) = web_address(link) else {
        return found;
    };
    if let Some((site, place)) = index.locate(&url) {
        found.push((site.clone(), place));
    }
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    if registrable_domain(&host) != domain || only_carries(&host, &url) {
        return found;
    }
    for target in link.targets.iter().take(MOST_TARGETS) {
        if let Some((site, place)) = Url::parse(target).ok().and_then(|target| index.locate(&target)) {
            found.push((site.clone(), place));
        }
    }
    found
}

/// Where a browser that followed the link ended; `None` where nobody followed it, nothing answered, or the
/// site turned the browser away.
fn followed_to(link: &Link, observation: &Observation) -> Option<Url> {
    let followed = observation
        .followed
        .iter()
        .find(|followed| followed.url == link.url)?;
    let end = Url::parse(followed.final_url.as_deref()?).ok()?;
    let stayed = host_of(&end) == host_of_text(&link.url);
    (!stayed || !was_turned_away(followed)).then_some(end)
}

/// An answer that says nothing of where the address leads: refused, too many, or the server is in trouble.
fn was_turned_away(followed: &FollowedLink) -> bool {
    matches!(
        followed.status,
        Some(401 | 403 | 405 | 407 | 408 | 425 | 429 | 500..=599)
    )
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
