//! From finds to lines of a list: what each line says, how sure it is, and what became of the lines that a list had
//! already.

use std::collections::BTreeMap;

use super::find::{Confidence, Find, Finds, Sight, Source};
use crate::inventory::DraftRow;
use crate::language::Sentence;
use crate::site::{ListedSite, Role, SiteId};
use crate::verdict::{Message, Outcome};

/// What became of a line that the list had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It answers, and the portal names it.
    Known,
    /// It answers, and nothing that was read names it.
    NotNamed,
    /// It does not answer, and nothing names it.
    Gone,
    /// It does not answer, and is still named.
    Silent,
    Moved(SiteId),
}

impl Mark {
    pub fn sentence(&self) -> Option<Sentence> {
        let say = |key| Sentence::new("discovery", key);
        match self {
            Self::Known => None,
            Self::NotNamed => Some(say("mark_not_named")),
            Self::Gone => Some(say("mark_gone")),
            Self::Silent => Some(say("mark_silent")),
            Self::Moved(to) => Some(say("mark_moved").with("site", to)),
        }
    }
}

/// What a search of one portal brought.
#[derive(Debug)]
pub struct Discovered {
    /// The portal first, then its component sites, the sure ones before the others.
    pub rows: Vec<DraftRow>,
    /// Of sites that the list had.
    pub marks: BTreeMap<SiteId, Mark>,
    /// Sites that were looked at and are none.
    pub left_out: usize,
    /// It was stopped before its end: nothing is said of what it did not see.
    pub cut_short: bool,
}

pub(super) fn discovered(
    finds: &Finds,
    portal: &ListedSite,
    sight: Option<Sight>,
    cut_short: bool,
) -> Discovered {
    let mut found: Vec<(Confidence, &Find)> = finds
        .by_site
        .values()
        .filter_map(|find| Some((find.weigh(&finds.here)?, find)))
        .filter(|(_, find)| is_named(find) || !find.sources.contains(&Source::List))
        .collect();
    found.sort_by_key(|(confidence, _)| std::cmp::Reverse(*confidence));
    let is_whole = !cut_short
        && sight
            .as_ref()
            .is_some_and(|sight| sight.outcome == Outcome::Measured);
    let left_out = finds.by_site.len() - found.len();
    let mut rows = vec![portal_row(portal, sight)];
    rows.extend(
        found
            .iter()
            .map(|(confidence, find)| row(*confidence, find, finds, portal)),
    );
    let listed = finds
        .by_site
        .values()
        .filter(|find| find.sources.contains(&Source::List));
    let marks = listed.filter_map(|find| Some((find.site.clone(), mark(find)?)));
    // Without the portal's page, or before the end, that nothing names a site says nothing; and a machine that is
    // offline reaches nobody.
    let marks = marks.filter(|(_, mark)| is_whole || matches!(mark, Mark::Moved(_)));
    Discovered {
        rows,
        marks: marks.collect(),
        left_out,
        cut_short,
    }
}

/// Something else than the list names it.
fn is_named(find: &Find) -> bool {
    find.sources.iter().any(|source| *source != Source::List)
}

fn mark(find: &Find) -> Option<Mark> {
    let sight = find.sight.as_ref()?;
    if let Some(to) = &sight.went_to {
        return Some(Mark::Moved(to.clone()));
    }
    // A server that turns a robot away is there.
    let is_there = matches!(
        sight.outcome,
        Outcome::Measured | Outcome::Blocked | Outcome::Broken
    );
    Some(match (is_there, is_named(find)) {
        (true, true) => Mark::Known,
        (true, false) => Mark::NotNamed,
        (false, true) => Mark::Silent,
        (false, false) => Mark::Gone,
    })
}

fn portal_row(portal: &ListedSite, sight: Option<Sight>) -> DraftRow {
    let title = sight.map(|sight| super::words::one_line(&sight.title));
    let title = title.filter(|title| !title.is_empty());
    DraftRow {
        site: portal.site.clone(),
        url: portal.url.clone(),
        name: title.unwrap_or_else(|| portal.name.clone()),
        role: Role::Portal,
        portal: None,
        aliases: Vec::new(),
        is_sure: true,
        confidence: "high",
        reasons: Sentence::new("discovery", "is_portal").message(),
    }
}

fn row(confidence: Confidence, find: &Find, finds: &Finds, portal: &ListedSite) -> DraftRow {
    let reasons: Vec<Message> = find.reasons().iter().map(Sentence::message).collect();
    let joined = |of: fn(&Message) -> &str| reasons.iter().map(of).collect::<Vec<_>>().join("; ");
    DraftRow {
        site: find.site.clone(),
        url: find.url.clone(),
        name: find.name_for_people(),
        role: Role::Component,
        portal: Some(portal.site.clone()),
        aliases: aliases(find, finds),
        is_sure: confidence > Confidence::Low,
        confidence: confidence.as_str(),
        reasons: Message {
            vi: joined(|message| &message.vi),
            en: joined(|message| &message.en),
        },
    }
}

/// Other addresses that lead here, as far as they are no lines of their own.
fn aliases(find: &Find, finds: &Finds) -> Vec<SiteId> {
    let from = find.sources.iter().filter_map(|source| match source {
        Source::Redirect(site) => Some(site.clone()),
        _ => None,
    });
    let is_line = |site: &SiteId| {
        finds
            .by_site
            .get(site)
            .is_some_and(|other| other.weigh(&finds.here).is_some())
    };
    from.filter(|site| !is_line(site) && site != finds.here.portal())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sight(outcome: Outcome) -> Sight {
        Sight {
            outcome,
            reason: None,
            went_to: None,
            title: String::new(),
            system: None,
            links_back: false,
            has_code: false,
            emc_ids: Vec::new(),
        }
    }

    #[test]
    fn a_site_is_gone_only_where_the_portal_was_seen_to_the_end() {
        let portal = ListedSite::new("p.gov.vn".parse().unwrap(), Role::Portal);
        let mut finds = Finds::new(&portal.site);
        let url = "https://a.p.gov.vn/".parse().unwrap();
        finds.note(&url, "Sở A", Source::List);
        for find in finds.by_site.values_mut() {
            find.sight = Some(sight(Outcome::Unreachable));
        }
        let marks = |portal_seen, cut_short| {
            let found = discovered(&finds, &portal, Some(sight(portal_seen)), cut_short);
            assert_eq!(found.rows.len(), 1, "what only the list names is no find");
            found.marks.into_values().collect::<Vec<_>>()
        };
        assert_eq!(marks(Outcome::Measured, false), [Mark::Gone]);
        assert!(marks(Outcome::Measured, true).is_empty(), "it was stopped");
        assert!(marks(Outcome::Unreachable, false).is_empty(), "we may be offline");
    }
}
