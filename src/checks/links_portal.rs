//! `links.portal`: does the component's home page show a link to its portal's home?

use super::link_match::{PageLinks, Target, link_value, page_links, reachable};
use super::link_name::{Named, brings_more, folded_text, says};
use super::own_page::bare_host;
use super::{CheckContext, OwnPage, Portal, VisitFinding};
use crate::observation::{Link, LinkVisibility, Observation, PictureKind};
use crate::rules::{CheckId, plain};
use crate::site::Place;

/// Links that a finding lists.
const MOST_LINKS: usize = 20;

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
    let finding = match home.map(|target| target.link.visibility) {
        Some(LinkVisibility::Shown | LinkVisibility::Openable) => told("linked", portal),
        Some(LinkVisibility::Unclear) => unsure(portal, "opening_unclear"),
        other => {
            if let Some(doubt) = doubt(observation, &links, portal, context) {
                unsure(portal, doubt)
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
    let listed: Vec<_> = to_portal
        .iter()
        .take(MOST_LINKS)
        .map(|target| link_value(target.link, Some(&target.site)))
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
    VisitFinding::new(CheckId::LinksPortal, code).fact("portal", portal.site.to_string())
}

fn unsure(portal: &Portal, doubt: &str) -> VisitFinding {
    told("uncertain", portal).doubt(doubt)
}

/// Something on the page may be the link although it cannot be read.
fn doubt(
    observation: &Observation,
    links: &PageLinks<'_>,
    portal: &Portal,
    context: &CheckContext<'_>,
) -> Option<&'static str> {
    let name = Named::new(&portal.name, context.signals);
    let may_be = |link: &&&Link| {
        link.visibility >= LinkVisibility::Unclear
            && (name.is_in(&folded_text(link)) || says(link, &context.signals.portal_links))
    };
    if links.opaque.iter().any(|link| may_be(&link)) {
        return Some("portal_named_unreadable");
    }
    let named_after = |link: &&&Link| reachable(link) && name.is_in(&folded_text(link));
    if links.unfollowed.iter().any(|link| named_after(&link)) {
        return Some("portal_named_own_address");
    }
    if links.opaque.iter().any(|link| brings_more(link, context.signals)) {
        return Some("more_links_unread");
    }
    if dialog_names_portal(observation, &name, context) {
        return Some("portal_named_in_dialog");
    }
    if unread_portal_frame(observation, links, portal) {
        return Some("portal_frame_unread");
    }
    links.truncated.then_some("too_many_links")
}

/// The dialog that greets a visitor was closed before the links were read. A greeting names its own site, and
/// often the province: only a portal of that name counts.
fn dialog_names_portal(observation: &Observation, name: &Named, context: &CheckContext<'_>) -> bool {
    observation.overlay.as_ref().is_some_and(|overlay| {
        let text = format!(" {} ", plain(&overlay.text));
        let prefixes = context.signals.name_prefixes.iter().map(String::as_str);
        let mut portals = prefixes.filter(|prefix| prefix.starts_with("cong"));
        name.is_after("cong", &text) || portals.any(|prefix| name.is_after(prefix, &text))
    })
}

/// A menu or footer that the portal serves in a frame is drawn, but its links were not brought back.
fn unread_portal_frame(observation: &Observation, links: &PageLinks<'_>, portal: &Portal) -> bool {
    OwnPage::new(observation).frames().any(|frame| {
        !frame.top
            && !frame.same_host
            && frame.rect.is_some_and(|rect| rect.area() > 0.0)
            && bare_host(&frame.url).as_deref() == Some(portal.site.bare_host())
            && !links.all.iter().any(|link| link.frame == frame.id)
    })
}

#[cfg(test)]
mod tests;
