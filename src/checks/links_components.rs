//! `links.components`: does the portal's home page show a link to every active listed component site?

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use url::Url;

use super::link_match::{PageLinks, Target, link_value, page_links, reachable};
use super::link_name::{Named, brings_more, folded_text, says};
use super::own_page::bare_host;
use super::{CheckContext, Expected, VisitFinding};
use crate::observation::{FollowedLink, Link, LinkForm, LinkVisibility, Observation, PictureKind};
use crate::rules::CheckId;
use crate::site::{Place, SiteId, registrable_domain};

/// A control this far from a link belongs to the same list.
const BESIDE_PX: f64 = 160.0;
const COLUMN_GAP_PX: f64 = 60.0;
/// Hosts found but not listed that a finding names.
const MOST_UNLISTED: usize = 200;
/// Links of which nobody knows where they end, for a person to look at.
const MOST_UNSETTLED: usize = 20;

/// How one component is linked, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Linked {
    Shown,
    Unclear,
    Deep,
    Hidden,
    Missing,
}

/// Judges the links to component sites of one measured visit of a portal.
pub(super) fn links_components(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    if context.expected.is_empty() {
        return VisitFinding::new(CheckId::LinksComponents, "no_components");
    }
    let links = page_links(observation, context, None);
    let mut by_site: HashMap<&SiteId, Vec<&Target<'_>>> = HashMap::new();
    for target in &links.targets {
        by_site.entry(&target.site).or_default().push(target);
    }
    let hopeless = unreadable_lists(&links, context) || !links.unsettled.is_empty();
    let doubtful = doubtful_texts(&links);
    let may_be_named = |expected: &Expected| {
        let name = Named::unit(&expected.name, &context.listed.name, context.signals);
        doubtful.iter().any(|text| name.is_in(text))
    };
    let mut groups: BTreeMap<Linked, Vec<&Expected>> = BTreeMap::new();
    let mut shown = Vec::new();
    for expected in context.expected {
        let targets = by_site.get(&expected.site).map_or(&[][..], Vec::as_slice);
        let (mut linked, link) = best(targets);
        if linked >= Linked::Hidden && (hopeless || may_be_named(expected)) {
            linked = Linked::Unclear;
        }
        if let Some(link) = link {
            shown.push(link_value(link, Some(&expected.site)));
        }
        groups.entry(linked).or_default().push(expected);
    }
    let missing = groups.get(&Linked::Missing).map_or(&[][..], Vec::as_slice);
    let indexes = index_links(&links, missing, observation, context);
    let count = |linked: Linked| groups.get(&linked).map_or(0, Vec::len);
    let found = count(Linked::Shown);
    // Unread, a list is only believed where the home page names few of the sites itself.
    let read = indexes.iter().any(|link| {
        let followed = observation.followed.iter().find(|page| page.url == link.url);
        followed.is_some_and(|page| page.final_url.is_some())
    });
    let led_away = read || (!indexes.is_empty() && found * 2 < context.expected.len());
    let code = if count(Linked::Missing) + count(Linked::Hidden) > 0 && led_away {
        "via_index"
    } else if count(Linked::Missing) > 0 {
        "missing"
    } else if count(Linked::Hidden) > 0 {
        "hidden"
    } else if count(Linked::Deep) > 0 {
        "deep_link_only"
    } else if count(Linked::Unclear) > 0 {
        "uncertain"
    } else {
        "all"
    };
    if code == "uncertain" {
        let unsettled = links.unsettled.iter().take(MOST_UNSETTLED);
        shown.extend(unsettled.map(|link| link_value(link, None)));
    }
    written(code, &groups, &indexes, &links, context, observation)
        .fact("links", shown)
        .fact("found", found)
}

/// The best way to a site, with the link that is it.
fn best<'a>(targets: &[&Target<'a>]) -> (Linked, Option<&'a Link>) {
    targets
        .iter()
        .map(|target| (linked(target), target.link))
        .min_by_key(|(linked, _)| *linked)
        .map_or((Linked::Missing, None), |(linked, link)| (linked, Some(link)))
}

fn linked(target: &Target<'_>) -> Linked {
    match (target.place, target.link.visibility) {
        (Place::Home, LinkVisibility::Shown | LinkVisibility::Openable) => Linked::Shown,
        (Place::Home, LinkVisibility::Unclear) => Linked::Unclear,
        (Place::Home, LinkVisibility::Hidden) => Linked::Hidden,
        (Place::Below, LinkVisibility::Hidden) => Linked::Missing,
        (Place::Below, _) => Linked::Deep,
    }
}

/// Texts of links that may lead to a site although they cannot be read, or were not followed.
fn doubtful_texts(links: &PageLinks<'_>) -> Vec<String> {
    let doubtful = links.opaque.iter().chain(&links.unfollowed);
    doubtful
        .filter(|link| link.visibility >= LinkVisibility::Unclear)
        .map(|link| folded_text(link))
        .collect()
}

/// A tab or list for the sites that only a script can fill, or more links than were brought back.
fn unreadable_lists(links: &PageLinks<'_>, context: &CheckContext<'_>) -> bool {
    let expected: HashSet<&SiteId> = context.expected.iter().map(|one| &one.site).collect();
    let to_units = links
        .targets
        .iter()
        .filter(|target| expected.contains(&target.site));
    let units: Vec<&Link> = to_units.map(|target| target.link).collect();
    links.truncated
        || links.opaque.iter().any(|link| {
            let list = link.visibility >= LinkVisibility::Unclear
                && (says(link, &context.signals.index_links)
                    || (says(link, &context.signals.see_more)
                        && units.iter().any(|unit| stands_by(link, unit))));
            list || brings_more(link, context.signals)
        })
}

/// In one column with it, and not far above or below.
fn stands_by(link: &Link, other: &Link) -> bool {
    let (Some(a), Some(b)) = (&link.rect, &other.rect) else {
        return false;
    };
    let column = a.x < b.right() + COLUMN_GAP_PX && b.x < a.right() + COLUMN_GAP_PX;
    column && (a.y - b.bottom()).max(b.y - a.bottom()) <= BESIDE_PX
}

/// Links to pages of this portal that list the sites: those that a browser followed and that together name
/// what is missing here, whatever they are called; or one that says so and that nobody could follow.
fn index_links<'a>(
    links: &PageLinks<'a>,
    missing: &[&Expected],
    observation: &Observation,
    context: &CheckContext<'_>,
) -> Vec<&'a Link> {
    let own_pages = links
        .targets
        .iter()
        .filter(|target| target.site == context.listed.site && target.place == Place::Below)
        .map(|target| target.link)
        .filter(|link| reachable(link));
    let mut left: HashSet<&SiteId> = missing.iter().map(|expected| &expected.site).collect();
    let (mut listing, mut unread) = (Vec::new(), None);
    for link in own_pages {
        let followed = observation.followed.iter().find(|page| page.url == link.url);
        match followed.filter(|page| page.final_url.is_some()) {
            Some(page) => {
                let before = left.len();
                for site in sites_of(page, context) {
                    left.remove(&site);
                }
                if left.len() < before {
                    listing.push(link);
                }
            }
            None if says(link, &context.signals.index_links) => unread = unread.or(Some(link)),
            None => {}
        }
    }
    if !listing.is_empty() && left.is_empty() {
        return listing;
    }
    unread.into_iter().collect()
}

/// The known sites that a followed page links to.
fn sites_of(page: &FollowedLink, context: &CheckContext<'_>) -> HashSet<SiteId> {
    let located = |address: &String| context.index.locate(&Url::parse(address).ok()?);
    page.links
        .iter()
        .filter_map(located)
        .map(|(site, _)| site.clone())
        .collect()
}

/// Hosts below the portal's domain that are linked but not listed, each with one link to it.
fn unlisted(links: &PageLinks<'_>, context: &CheckContext<'_>) -> Vec<Value> {
    let portal = context.listed.site.bare_host();
    let domain = registrable_domain(portal);
    let mut hosts: BTreeMap<SiteId, &Link> = BTreeMap::new();
    for link in links.all.iter().filter(|link| link.form != LinkForm::Script) {
        let Ok(url) = Url::parse(&link.url) else { continue };
        let Some(host) = bare_host(&link.url) else {
            continue;
        };
        if host != portal && registrable_domain(&host) == domain && context.index.locate(&url).is_none() {
            let mut root = url;
            root.set_path("");
            root.set_query(None);
            hosts.entry(SiteId::from_url(&root)).or_insert(link);
        }
        if hosts.len() == MOST_UNLISTED {
            break;
        }
    }
    hosts
        .iter()
        .map(|(host, link)| link_value(link, Some(host)))
        .collect()
}

/// `Sở Y tế (syt.tinh.gov.vn)`, as people know it.
fn named(expected: &Expected) -> String {
    let site = expected.site.to_string();
    match expected.name.trim() {
        "" => site,
        name if name == site => site,
        name => format!("{name} ({site})"),
    }
}

fn written(
    code: &'static str,
    groups: &BTreeMap<Linked, Vec<&Expected>>,
    indexes: &[&Link],
    links: &PageLinks<'_>,
    context: &CheckContext<'_>,
    observation: &Observation,
) -> VisitFinding {
    let mut finding = VisitFinding::new(CheckId::LinksComponents, code)
        .fact("expected", context.expected.len())
        .fact("unlisted", unlisted(links, context))
        .evidence("page.html")
        .pictures(observation, &[PictureKind::Desktop]);
    for (linked, name) in [
        (Linked::Missing, "missing"),
        (Linked::Hidden, "hidden"),
        (Linked::Deep, "deep"),
        (Linked::Unclear, "uncertain"),
    ] {
        let sites: Vec<Value> = groups
            .get(&linked)
            .into_iter()
            .flatten()
            .map(|expected| Value::from(expected.site.to_string()))
            .collect();
        for site in &sites {
            finding = finding.stable(format!("{name} {site}"));
        }
        let named: Vec<String> = groups
            .get(&linked)
            .into_iter()
            .flatten()
            .map(|unit| named(unit))
            .collect();
        finding = finding.fact(name, sites).fact(&format!("{name}_named"), named);
    }
    if !indexes.is_empty() {
        let all = |say: fn(&Link) -> &str| {
            indexes
                .iter()
                .map(|link| say(link))
                .collect::<Vec<_>>()
                .join("; ")
        };
        finding = finding
            .fact("index_text", all(|link| &link.text))
            .fact("index_url", all(|link| &link.url));
    }
    finding
}

#[cfg(test)]
mod tests;
