//! Which links of a home page a browser should follow before anyone is accused of a missing link: old
//! addresses that redirect, redirectors that go by number, and pages of a portal that list its sites.

use std::collections::HashSet;

use url::Url;

use super::link_match::{Named, PageLinks, folded_text, mentions, page_links, reachable, says};
use super::own_page::bare_host;
use super::{CheckContext, run};
use crate::observation::{Link, Observation};
use crate::rules::CheckId;
use crate::site::{Place, Role, registrable_domain};
use crate::verdict::Status;

/// Pages of the portal that may list the sites.
const MOST_INDEXES: usize = 6;
/// Addresses that may redirect to a site that is asked for.
const MOST_REDIRECTS: usize = 8;

/// Addresses to follow, best first; none where the links of the page answer the question.
pub fn links_to_follow(observation: &Observation, context: &CheckContext<'_>) -> Vec<String> {
    let check = match context.listed.role {
        Role::Portal => CheckId::LinksComponents,
        Role::Component => CheckId::LinksPortal,
    };
    let open = run(check, observation, context)
        .is_some_and(|finding| !matches!(finding.status, Status::Pass | Status::NotApplicable));
    if !open {
        return Vec::new();
    }
    let portal = context.portal.as_ref().map(|portal| &portal.site);
    let links = page_links(observation, context, portal);
    let mut found: Vec<String> = Vec::new();
    let mut add = |url: &str| {
        let web = url.starts_with("http://") || url.starts_with("https://");
        if web && !found.iter().any(|known| known == url) {
            found.push(url.to_owned());
        }
    };
    if check == CheckId::LinksComponents {
        indexes(&links, context).for_each(&mut add);
    }
    may_redirect(observation, &links, context)
        .into_iter()
        .for_each(&mut add);
    found
}

/// Pages of the portal that may list its sites: those first that say so.
fn indexes<'a>(links: &'a PageLinks<'_>, context: &'a CheckContext<'_>) -> impl Iterator<Item = &'a str> {
    let own_pages = || {
        let below = links
            .targets
            .iter()
            .filter(|target| target.site == context.listed.site && target.place == Place::Below);
        below.map(|target| target.link).filter(|link| reachable(link))
    };
    let surely = own_pages().filter(|link| says(link, &context.signals.index_links));
    let perhaps = own_pages().filter(|link| mentions(link, &context.signals.index_pages));
    let mut seen = HashSet::new();
    surely
        .chain(perhaps)
        .map(|link| link.url.as_str())
        .filter(move |url| seen.insert(*url))
        .take(MOST_INDEXES)
}

/// Links to nowhere known, those first that are named like what is looked for.
fn may_redirect<'a>(
    observation: &Observation,
    links: &'a PageLinks<'_>,
    context: &CheckContext<'_>,
) -> Vec<&'a str> {
    let here = observation
        .final_url
        .as_deref()
        .and_then(bare_host)
        .unwrap_or_default();
    let domain = registrable_domain(&here);
    let names: Vec<Named> = match &context.portal {
        Some(portal) => vec![Named::new(&portal.name, context.signals)],
        None => context
            .expected
            .iter()
            .map(|expected| Named::new(&expected.name, context.signals))
            .collect(),
    };
    let is_named = |link: &Link| {
        let text = folded_text(link);
        names.iter().any(|name| name.is_in(&text))
            || (context.portal.is_some() && says(link, &context.signals.portal_links))
    };
    let addresses =
        |links: &[&'a Link]| -> HashSet<&'a str> { links.iter().map(|link| link.url.as_str()).collect() };
    let (opaque, own_pages) = (addresses(&links.opaque), addresses(&links.unfollowed));
    let mut candidates: Vec<(u8, &str)> = links
        .all
        .iter()
        .filter(|link| reachable(link))
        .filter_map(|link| {
            let url = Url::parse(&link.url).ok()?;
            let host = bare_host(&link.url)?;
            let by_number = opaque.contains(link.url.as_str());
            let elsewhere = host != here && context.index.locate(&url).is_none();
            let own_page = own_pages.contains(link.url.as_str())
                || (host == here && !matches!(context.index.locate(&url), Some((_, Place::Home))));
            let rank = match (is_named(link), elsewhere && registrable_domain(&host) == domain) {
                (true, _) if elsewhere || by_number || own_page => 0,
                (false, true) => 1,
                _ if by_number => 2,
                _ => return None,
            };
            Some((rank, link.url.as_str()))
        })
        .collect();
    candidates.sort_by_key(|(rank, _)| *rank);
    candidates.dedup();
    candidates
        .into_iter()
        .map(|(_, url)| url)
        .take(MOST_REDIRECTS)
        .collect()
}
