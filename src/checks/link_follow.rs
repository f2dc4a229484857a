//! Which links of a home page a browser should follow before anyone is accused of a missing link: old
//! addresses that redirect, redirectors that go by number, and pages of a portal that list its sites.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::link_match::{PageLinks, page_links, reachable};
use super::link_name::{Named, folded_text, mentions, says};
use super::link_redirect::Hint;
use super::own_page::bare_host;
use super::{CheckContext, run};
use crate::observation::{Link, Observation};
use crate::rules::CheckId;
use crate::site::{Place, Role, SiteId, registrable_domain};
use crate::verdict::Status;

/// Pages of the portal that may list the sites.
const MOST_INDEXES: usize = 6;
/// Addresses that may redirect to a site that is asked for.
const MOST_REDIRECTS: usize = 40;
/// A text longer than this is a headline that names a unit rather than a link to its site.
const NAME_CHARACTERS: usize = 90;

/// Why an address may redirect to a site that is asked for, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chance {
    /// Named like it, at an address that speaks of leading on.
    NamedRedirector,
    Named,
    /// A host of this domain that the list does not know.
    Sibling,
    Redirector,
    Wordless,
    Headline,
    NewWindow,
}

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
    let redirects = may_redirect(observation, &links, context);
    let sure = redirects
        .iter()
        .filter(|(chance, _)| *chance == Chance::NamedRedirector);
    let rest = redirects
        .iter()
        .filter(|(chance, _)| *chance != Chance::NamedRedirector);
    let lists = (check == CheckId::LinksComponents).then(|| indexes(&links, context));
    // A redirector answers at once, a page that lists sites is loaded, and the others mostly lead nowhere.
    let wanted = sure
        .map(|(_, url)| *url)
        .chain(lists.into_iter().flatten())
        .chain(rest.map(|(_, url)| *url));
    let mut seen: HashSet<&str> = observation
        .followed
        .iter()
        .map(|page| page.url.as_str())
        .collect();
    wanted
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"))
        .filter(|url| seen.insert(url))
        .map(str::to_owned)
        .collect()
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

/// Links to nowhere known with what speaks for them, the best first.
fn may_redirect<'a>(
    observation: &Observation,
    links: &PageLinks<'a>,
    context: &CheckContext<'_>,
) -> Vec<(Chance, &'a str)> {
    let here = observation
        .final_url
        .as_deref()
        .and_then(bare_host)
        .unwrap_or_default();
    let names = names_asked_for(links, context);
    let hints: HashMap<&str, Hint> = links
        .redirectors
        .iter()
        .map(|(hint, link)| (link.url.as_str(), *hint))
        .collect();
    let opaque: HashSet<&str> = links.opaque.iter().map(|link| link.url.as_str()).collect();
    let own_pages: HashSet<&str> = links.unfollowed.iter().map(|link| link.url.as_str()).collect();
    let chance = |link: &'a Link| {
        let url = Url::parse(&link.url).ok()?;
        let host = bare_host(&link.url)?;
        let hint = hints.get(link.url.as_str()).copied();
        let known = context.index.locate(&url);
        let elsewhere = host != here && known.is_none();
        let own_page = own_pages.contains(link.url.as_str())
            || (host == here && !matches!(known, Some((_, Place::Home))));
        let open = elsewhere || own_page || opaque.contains(link.url.as_str());
        let text = folded_text(link);
        let says_portal = context.portal.is_some() && says(link, &context.signals.portal_links);
        let wanted = open && (says_portal || names.iter().any(|name| name.is_in(&text)));
        Some(match hint {
            Some(Hint::Path) if wanted => Chance::NamedRedirector,
            _ if wanted && text.chars().count() <= NAME_CHARACTERS => Chance::Named,
            _ if elsewhere && registrable_domain(&host) == registrable_domain(&here) => Chance::Sibling,
            Some(Hint::Path) => Chance::Redirector,
            Some(Hint::Wordless) => Chance::Wordless,
            _ if wanted => Chance::Headline,
            Some(Hint::NewWindow) => Chance::NewWindow,
            None => return None,
        })
    };
    let reached = links.all.iter().filter(|link| reachable(link));
    let mut candidates: Vec<(Chance, &str)> = reached
        .filter_map(|link| Some((chance(link)?, link.url.as_str())))
        .collect();
    candidates.sort_by_key(|(chance, _)| *chance);
    let mut seen = HashSet::new();
    candidates.retain(|(_, url)| seen.insert(*url));
    candidates.truncate(MOST_REDIRECTS);
    candidates
}

/// The portal, or the units to which no link was found yet.
fn names_asked_for(links: &PageLinks<'_>, context: &CheckContext<'_>) -> Vec<Named> {
    if let Some(portal) = &context.portal {
        return vec![Named::new(&portal.name, context.signals)];
    }
    let shown = links
        .targets
        .iter()
        .filter(|target| target.place == Place::Home && reachable(target.link));
    let found: HashSet<&SiteId> = shown.map(|target| &target.site).collect();
    let missing = context.expected.iter().filter(|unit| !found.contains(&unit.site));
    missing
        .map(|unit| Named::unit(&unit.name, &context.listed.name, context.signals))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::support::*;
    use crate::observation::{FollowedLink, LinkVisibility::Shown};

    const UNITS: &[(&str, &str)] = &[
        ("sxd.tinh.gov.vn", "Sở Xây dựng tỉnh Mẫu"),
        ("syt.tinh.gov.vn", "Sở Y tế tỉnh Mẫu"),
    ];

    fn paths(page: &Observation) -> Vec<String> {
        let found = portal_world(UNITS).within(|context| links_to_follow(page, context));
        let path = |url: &String| url.trim_start_matches("https://tinh.gov.vn").to_owned();
        found.iter().map(path).collect()
    }

    #[test]
    fn what_speaks_most_for_a_way_is_followed_first_and_a_page_that_passes_costs_nothing() {
        let mut page = page_of(PORTAL);
        let at = |path: &str, text: &str| link(&format!("https://tinh.gov.vn{path}"), text, Shown);
        let window = Link {
            new_window: true,
            ..at("/khac", "Sở khác")
        };
        *links(&mut page) = vec![
            window,
            at("/doi-tac", ""),
            at("/go/3", "Báo tỉnh"),
            at("/gioi-thieu/so-y-te", "Sở Y tế"),
            at("/don-vi", "Sở ban ngành"),
            at("/go/1", "Sở Xây dựng"),
            at("/tin/1", "Kỳ họp thứ 12"),
        ];
        let order = [
            "/go/1",
            "/don-vi",
            "/gioi-thieu/so-y-te",
            "/go/3",
            "/doi-tac",
            "/khac",
        ];
        assert_eq!(paths(&page), order);
        page.followed.push(FollowedLink {
            url: "https://tinh.gov.vn/go/1".to_owned(),
            final_url: Some("https://sxd.tinh.gov.vn/".to_owned()),
            ..FollowedLink::default()
        });
        assert_eq!(paths(&page), order[1..], "no link is followed twice");
        links(&mut page).push(link("https://syt.tinh.gov.vn/", "", Shown));
        assert!(paths(&page).is_empty());
    }
}
