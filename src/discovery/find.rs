//! What was found, where it was named, what a look at it brought, and how sure it is that it is a component site.
//! Pure: the same facts weigh the same.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{Neighbourhood, Place};
use super::words::{one_line, words};
use crate::language::Sentence;
use crate::site::SiteId;
use crate::verdict::Outcome;

/// Link texts that are kept of one site.
const TEXTS_MAX: usize = 20;

/// Where a site was named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The portal's home page.
    Home,
    /// A page of the portal that lists units.
    ListPage(String),
    /// Another page of the portal.
    Page(String),
    /// The home page of another find.
    Component(SiteId),
    /// It is where another find redirects to.
    Redirect(SiteId),
    SiteMap,
    Certificate,
    /// A usual name that answers.
    Name,
    /// The list that the finds are merged with.
    List,
}

impl Source {
    /// The portal itself names it for its visitors.
    fn is_portal(&self) -> bool {
        matches!(self, Self::Home | Self::ListPage(_) | Self::Page(_))
    }

    fn reason(&self) -> Sentence {
        let say = |key| Sentence::new("discovery", key);
        match self {
            Self::Home => say("on_home"),
            Self::ListPage(url) => say("on_list_page").with("url", url),
            Self::Page(url) => say("on_page").with("url", url),
            Self::Component(site) => say("on_component").with("site", site),
            Self::Redirect(site) => say("redirected_from").with("site", site),
            Self::SiteMap => say("in_site_map"),
            Self::Certificate => say("in_certificate"),
            Self::Name => say("usual_name"),
            Self::List => say("in_list"),
        }
    }
}

/// What one look at a site brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    pub outcome: Outcome,
    pub reason: Option<String>,
    /// The site that it ended at, where that is another one.
    pub went_to: Option<SiteId>,
    pub title: String,
    /// The word for its system.
    pub system: Option<&'static str>,
    pub links_back: bool,
    pub has_code: bool,
    /// Ids that the page gives to EMC.
    pub emc_ids: Vec<String>,
}

/// A site that may be a component site.
#[derive(Debug, Clone)]
pub(super) struct Find {
    pub site: SiteId,
    pub place: Place,
    /// The address that led to it.
    pub url: String,
    pub sources: BTreeSet<Source>,
    /// What links to it say.
    pub texts: Vec<String>,
    pub sight: Option<Sight>,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Confidence {
    /// A person has to decide.
    Low,
    Medium,
    High,
}

impl Confidence {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Find {
    pub(super) fn new(site: SiteId, place: Place, url: String) -> Self {
        Self {
            site,
            place,
            url,
            sources: BTreeSet::new(),
            texts: Vec::new(),
            sight: None,
        }
    }

    /// Notes where it was named once more, and how.
    pub(super) fn name(&mut self, source: Source, text: &str) {
        self.sources.insert(source);
        let text = one_line(text);
        if !text.is_empty() && self.texts.len() < TEXTS_MAX && !self.texts.contains(&text) {
            self.texts.push(text);
        }
    }

    /// The unit's name: as links say it, else as its own page does, else its address.
    pub(super) fn unit(&self) -> Option<String> {
        let linked = self.texts.iter().filter_map(|text| words().unit_name(text));
        let shortest = linked.min_by_key(|name| name.chars().count());
        shortest.or_else(|| {
            let title = &self.sight.as_ref()?.title;
            let parts = title.split([' ', '\u{a0}']).collect::<Vec<_>>().join(" ");
            let parts = parts.split(" - ").flat_map(|part| part.split('|'));
            parts.map(str::trim).find_map(|part| words().unit_name(part))
        })
    }

    pub(super) fn name_for_people(&self) -> String {
        let title = || {
            let title = one_line(&self.sight.as_ref()?.title);
            let cut: String = title.chars().take(160).collect();
            (!cut.is_empty()).then_some(cut)
        };
        self.unit()
            .or_else(title)
            .unwrap_or_else(|| self.site.to_string())
    }

    /// Where it was named and what was seen there, in words; the reasons that its confidence rests on.
    pub(super) fn reasons(&self) -> Vec<Sentence> {
        let say = |key| Sentence::new("discovery", key);
        let mut reasons: Vec<Sentence> = self.sources.iter().map(Source::reason).take(6).collect();
        reasons.push(say(match self.place {
            Place::Domain(_) => "below_domain",
            Place::Path(_) | Place::Portal => "below_portal",
            Place::Outside(_) => "other_domain",
        }));
        if let Some(unit) = self.unit() {
            reasons.push(say("named_as").with("name", unit));
        }
        let Some(sight) = &self.sight else {
            reasons.push(say("not_seen"));
            return reasons;
        };
        match sight.outcome {
            Outcome::Measured => reasons.push(say("answers")),
            other => {
                let reason = sight.reason.clone().unwrap_or_else(|| other.as_str().to_owned());
                reasons.push(say("answers_not").with("reason", reason));
            }
        }
        if let Some(to) = &sight.went_to {
            reasons.push(say("went_to").with("site", to));
        }
        if sight.links_back {
            reasons.push(say("links_back"));
        }
        if sight.has_code {
            reasons.push(
                say(if sight.emc_ids.is_empty() {
                    "has_code"
                } else {
                    "has_code_with"
                })
                .with("ids", sight.emc_ids.join(", ")),
            );
        }
        if let Some(system) = sight.system.filter(|system| *system != "general") {
            reasons.push(say("system").with("system", system));
        }
        if !sight.title.is_empty() {
            let title: String = one_line(&sight.title).chars().take(120).collect();
            reasons.push(say("title").with("title", title));
        }
        reasons
    }

    /// How sure it is that this is a component site of the portal; `None`: it is not one.
    pub(super) fn weigh(&self, here: &Neighbourhood) -> Option<Confidence> {
        let listed = self.sources.contains(&Source::List);
        let shown = self.sources.iter().any(Source::is_portal);
        let reads_so = here
            .label(&self.site)
            .is_some_and(|label| words().is_unit_label(label));
        let named = self.unit().is_some();
        let unseen = self.sight.is_none();
        let fits = |sight: &Sight| usize::from(sight.links_back) + usize::from(sight.has_code);
        let signs = usize::from(shown)
            + usize::from(named || reads_so)
            + self.sight.as_ref().map_or(0, fits)
            + usize::from(self.sources.contains(&Source::Certificate));
        match self.place {
            Place::Portal => return None,
            // The law wants them under the portal's domain: what is not there is for a person to decide.
            Place::Outside(_) => {
                let is_theirs = self.sight.as_ref().is_some_and(|sight| {
                    sight.outcome == Outcome::Measured && sight.links_back && sight.went_to.is_none()
                });
                return (is_theirs && shown && named).then_some(Confidence::Low);
            }
            Place::Path(_) | Place::Domain(_) => {}
        }
        if unseen {
            return (shown || listed).then_some(Confidence::Low);
        }
        let sight = self.sight.as_ref()?;
        let serves_else = here
            .label(&self.site)
            .is_some_and(|label| words().is_service(label));
        if serves_else && !named {
            return None;
        }
        match (sight.outcome, &sight.went_to) {
            // What only leads to the portal, or to another find, is no site of its own.
            (_, Some(to)) if here.portal() == to || here.is_below(to.host()) => None,
            (Outcome::Measured, None) => match signs {
                0 => None,
                1 if !shown && !sight.links_back && !sight.has_code => Some(Confidence::Low),
                1 => Some(Confidence::Medium),
                _ => Some(Confidence::High),
            },
            // It is there and says nothing of itself, or it led elsewhere: only the portal's word is left.
            (Outcome::NotTheSite, _) => match sight.reason.as_deref() {
                Some("maintenance" | "empty_shell" | "notice") if shown && named => Some(Confidence::Medium),
                _ if shown => Some(Confidence::Low),
                _ => None,
            },
            _ if shown && (named || reads_so) => Some(Confidence::Medium),
            _ if shown => Some(Confidence::Low),
            _ => None,
        }
    }
}

/// Everything found for one portal, by site.
#[derive(Debug)]
pub(super) struct Finds {
    pub here: Neighbourhood,
    pub by_site: BTreeMap<SiteId, Find>,
}

impl Finds {
    pub(super) fn new(portal: &SiteId) -> Self {
        Self {
            here: Neighbourhood::new(portal),
            by_site: BTreeMap::new(),
        }
    }

    /// Notes an address; the portal's own pages are none.
    pub(super) fn note(&mut self, url: &url::Url, text: &str, source: Source) -> Option<Place> {
        let place = self.here.place(url, text)?;
        let site = match &place {
            Place::Portal => return Some(place),
            Place::Outside(_) if !source.is_portal() && source != Source::List => return Some(place),
            Place::Path(site) | Place::Domain(site) | Place::Outside(site) => site.clone(),
        };
        if site == *self.here.portal() {
            return Some(Place::Portal);
        }
        if source == Source::Component(site.clone()) {
            return Some(place);
        }
        let scheme = url.scheme();
        let find = self
            .by_site
            .entry(site.clone())
            .or_insert_with(|| Find::new(site.clone(), place.clone(), site.home_url(scheme)));
        // What answers under both is visited over https first.
        if scheme == "https" && find.url.starts_with("http:") {
            find.url = site.home_url("https");
        }
        find.name(source, text);
        Some(place)
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
