//! `links.portal`: does the component's home page show a link to its portal's home?

use super::finding::cut;
use super::link_match::{PageLinks, Target, link_value, page_links, reachable};
use super::link_name::{Named, brings_more, folded_text, says};
use super::own_page::bare_host;
use super::{CheckContext, OwnPage, Portal, VisitFinding};
use crate::observation::{Link, LinkVisibility, Observation, PictureKind};
use crate::rules::{CheckId, plain};
use crate::site::Place;

/// Links that a finding lists.
const MOST_LINKS: usize = 20;
/// Places that a sentence tells a person to look at.
const MOST_PLACES: usize = 3;
const PLACE_CHARACTERS: usize = 60;

/// Judges the links to the portal of one measured visit.
pub(super) fn links_portal(observation: &Observation, context: &CheckContext<'_>) -> VisitFinding {
    let Some(portal) = &context.portal else {
        return VisitFinding::new(CheckId::LinksPortal, "no_portal");
    };
    let links = page_links(observation, context, Some(&portal.site));
    let to_portal: Vec<&Target<'_>> = links
        .targets
        .iter()
        .filter(|target| target.site == portal.site)
        .collect();
    let home = to_portal
        .iter()
        .filter(|target| target.place == Place::Home)
        .max_by_key(|target| target.link.visibility);
    let below = to_portal
        .iter()
        .find(|target| target.place == Place::Below && reachable(target.link));
    let mut doubtful = Vec::new();
    let finding = match home.map(|target| target.link.visibility) {
        Some(LinkVisibility::Shown | LinkVisibility::Openable) => told("linked", portal),
        Some(LinkVisibility::Unclear) => {
            let at = home.map(|target| vec![target.link]).unwrap_or_default();
            unsure(portal, &Doubt::links("opening_unclear", at))
        }
        other => {
            if let Some(doubt) = doubt(observation, &links, portal, context) {
                doubtful.clone_from(&doubt.links);
                unsure(portal, &doubt)
            } else if below.is_some() {
                told("deep_link_only", portal)
            } else if other.is_some() {
                told("hidden", portal)
            } else {
                told("absent", portal)
            }
        }
    };
    let shown = home.or(below);
    let known = to_portal
        .iter()
        .map(|target| link_value(target.link, Some(&target.site)));
    let listed: Vec<_> = doubtful
        .iter()
        .map(|link| link_value(link, None))
        .chain(known)
        .take(MOST_LINKS)
        .collect();
    let mut finding = finding
        .fact("links", listed)
        .evidence("page.html")
        .pictures(observation, &[PictureKind::Desktop]);
    if let Some(target) = shown {
        finding = finding
            .stable(target.link.url.clone())
            .stable(target.link.text.clone());
        if let Some(reason) = &target.link.reason {
            finding = finding.fact("cause", reason.clone());
        }
    }
    finding
}

fn told(code: &'static str, portal: &Portal) -> VisitFinding {
    VisitFinding::new(CheckId::LinksPortal, code)
        .fact("portal", portal.site.to_string())
        .fact("where", "")
}

fn unsure(portal: &Portal, doubt: &Doubt<'_>) -> VisitFinding {
    let where_to_look = match doubt.places().as_slice() {
        [] => String::new(),
        places => format!(" ({})", places.join("; ")),
    };
    told("uncertain", portal)
        .doubt(doubt.key)
        .fact("where", where_to_look)
}

/// Why it cannot be told, and what of the page a person should look at.
struct Doubt<'a> {
    /// Of `[doubt]`.
    key: &'static str,
    links: Vec<&'a Link>,
    /// What is no link: the words of a dialog, the address of a frame.
    place: Option<String>,
}

impl<'a> Doubt<'a> {
    fn links(key: &'static str, links: Vec<&'a Link>) -> Self {
        Self {
            key,
            links,
            place: None,
        }
    }

    fn place(key: &'static str, place: &str) -> Self {
        Self {
            key,
            links: Vec::new(),
            place: Some(place.to_owned()),
        }
    }

    /// In quotation marks: link texts, and addresses of links without one.
    fn places(&self) -> Vec<String> {
        let of_link = |link: &&Link| match link.text.trim() {
            "" => link.url.clone(),
            text => text.to_owned(),
        };
        let links = self.links.iter().map(of_link);
        links
            .chain(self.place.clone())
            .map(|place| format!("“{}”", cut(place.trim(), PLACE_CHARACTERS)))
            .take(MOST_PLACES)
            .collect()
    }
}

/// Something on the page may be the link although it cannot be read.
fn doubt<'a>(
    observation: &'a Observation,
    links: &PageLinks<'a>,
    portal: &Portal,
    context: &CheckContext<'_>,
) -> Option<Doubt<'a>> {
    let name = Named::new(&portal.name, context.signals);
    let may_be = |link: &&Link| {
        link.visibility >= LinkVisibility::Unclear
            && (name.is_in(&folded_text(link)) || says(link, &context.signals.portal_links))
    };
    let named_after = |link: &&Link| reachable(link) && name.is_in(&folded_text(link));
    let chosen = |all: &[&'a Link], fits: &dyn Fn(&&Link) -> bool| -> Vec<&'a Link> {
        all.iter().copied().filter(|link| fits(link)).collect()
    };
    let all_links = [
        ("portal_named_unreadable", chosen(&links.opaque, &may_be)),
        (
            "portal_named_own_address",
            chosen(&links.unfollowed, &named_after),
        ),
        ("redirector_not_followed", links.unsettled.clone()),
        (
            "more_links_unread",
            chosen(&links.opaque, &|link| brings_more(link, context.signals)),
        ),
    ];
    let doubted = all_links.into_iter().find(|(_, links)| !links.is_empty());
    if let Some((key, links)) = doubted {
        return Some(Doubt::links(key, links));
    }
    if let Some(words) = dialog_naming_portal(observation, &name, context) {
        return Some(Doubt::place("portal_named_in_dialog", words));
    }
    if let Some(address) = unread_portal_frame(observation, links, portal) {
        return Some(Doubt::place("portal_frame_unread", address));
    }
    links
        .truncated
        .then(|| Doubt::links("too_many_links", Vec::new()))
}

/// The dialog that greets a visitor was closed before the links were read. A greeting names its own site, and
/// often the province: only a portal of that name counts.
fn dialog_naming_portal<'a>(
    observation: &'a Observation,
    name: &Named,
    context: &CheckContext<'_>,
) -> Option<&'a str> {
    let overlay = observation.overlay.as_ref()?;
    let text = format!(" {} ", plain(&overlay.text));
    let prefixes = context.signals.name_prefixes.iter().map(String::as_str);
    let mut portals = prefixes.filter(|prefix| prefix.starts_with("cong"));
    let names = name.is_after("cong", &text) || portals.any(|prefix| name.is_after(prefix, &text));
    names.then_some(overlay.text.as_str())
}

/// A menu or footer that the portal serves in a frame is drawn, but its links were not brought back.
fn unread_portal_frame<'a>(
    observation: &'a Observation,
    links: &PageLinks<'_>,
    portal: &Portal,
) -> Option<&'a str> {
    let unread = OwnPage::new(observation).frames().find(|frame| {
        !frame.top
            && !frame.same_host
            && frame.rect.is_some_and(|rect| rect.area() > 0.0)
            && bare_host(&frame.url).as_deref() == Some(portal.site.bare_host())
            && !links.all.iter().any(|link| link.frame == frame.id)
    });
    unread.map(|frame| frame.url.as_str())
}

#[cfg(test)]
mod tests;
