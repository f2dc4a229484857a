//! The course of a search, portal by portal: its pages, its site map, its certificate, usual names; then one look at
//! each site that was named. Bounded in pages, sites and time; what was found so far is kept when it is stopped.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use url::Url;

use super::address::Place;
use super::draft::{Discovered, discovered};
use super::find::{Finds, Source};
use super::look::{Wanted, addresses, links, sight_of};
use super::names;
use super::sitemap::{maps_in_robots, on_host, read_site_map};
use super::words::words;
use crate::browser::BrowserError;
use crate::checks::{mentions, says};
use crate::dispatch::Glances;
use crate::observation::{LinkForm, Observation};
use crate::rules::Rules;
use crate::settings::DiscoverySettings;
use crate::site::{ListedSite, Role, SiteId, SiteState};

/// Looks that wait for their turn or go on at the same time.
const AT_ONCE: usize = 24;
/// Pages of pages: from the home page to a list, and from there to a list below it.
const DEPTH_MAX: usize = 2;

/// What a search rests on.
#[derive(Debug)]
pub struct DiscoveryOptions {
    pub settings: DiscoverySettings,
    pub rules: Rules,
    /// More labels to ask for than the program knows.
    pub labels: Vec<String>,
    /// The sites of a list that the finds are merged with.
    pub listed: Vec<ListedSite>,
}

#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    #[error(transparent)]
    Browser(#[from] BrowserError),
}

/// News of a search, for a progress bar and a log.
#[derive(Debug, Clone)]
pub enum DiscoveryEvent {
    /// The portal answered with a page, or why not.
    Portal {
        site: SiteId,
        reason: Option<String>,
    },
    /// So many more steps are known to come.
    Ahead {
        steps: usize,
    },
    /// One of them is done.
    Step,
    Looked {
        site: SiteId,
        outcome: &'static str,
    },
    /// Any name below this domain resolves: only what resolves otherwise is a find.
    Wildcard {
        domain: String,
    },
    NamesFailed {
        domain: String,
        reason: String,
    },
    /// More sites were named than are looked at.
    Cut {
        sites: usize,
        most: usize,
    },
}

type Reporter = Arc<dyn Fn(DiscoveryEvent) + Send + Sync>;

/// A search under way.
pub struct Discovery<'a> {
    options: &'a DiscoveryOptions,
    glances: &'a Glances,
    report: Reporter,
}

impl std::fmt::Debug for Discovery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discovery")
            .field("options", self.options)
            .finish_non_exhaustive()
    }
}

impl<'a> Discovery<'a> {
    pub fn new(options: &'a DiscoveryOptions, glances: &'a Glances, report: Reporter) -> Self {
        Self {
            options,
            glances,
            report,
        }
    }

    /// Looks for the component sites of one portal.
    pub async fn of_portal(&self, portal: &ListedSite) -> Result<Discovered, DiscoveryError> {
        let mut finds = Finds::new(&portal.site);
        self.note_listed(&mut finds);
        let home = self
            .glances
            .look(portal, Wanted::of_portal(self.glances.emc()))
            .await?;
        let sight = home.as_ref().map(|home| self.sight(home, portal, &finds));
        (self.report)(DiscoveryEvent::Portal {
            site: portal.site.clone(),
            reason: sight.as_ref().and_then(|sight| sight.reason.clone()),
        });
        let mut texts = Vec::new();
        if let Some(home) = &home {
            note_certificate(&mut finds, home);
            self.read_pages(&mut finds, portal, home, &mut texts).await?;
            self.read_site_maps(&mut finds, home).await?;
        }
        self.ask_names(&mut finds, &texts).await?;
        self.look_at_all(&mut finds).await?;
        Ok(discovered(&finds, portal, sight, self.glances.stopped()))
    }

    fn sight(&self, seen: &Observation, listed: &ListedSite, finds: &Finds) -> super::find::Sight {
        sight_of(seen, listed, &finds.here, &self.options.rules, self.glances.emc())
    }

    /// Active sites of the list are looked at too, so that it can be said which of them are gone or moved.
    fn note_listed(&self, finds: &mut Finds) {
        let portal = finds.here.portal().clone();
        let own = self.options.listed.iter().filter(|site| {
            site.role == Role::Component
                && site.state == SiteState::Active
                && site.portal.as_ref().is_none_or(|named| *named == portal)
        });
        for site in own {
            if let Ok(url) = Url::parse(&site.url) {
                finds.note(&url, &site.name, Source::List);
            }
        }
    }

    /// The home page, then pages of the portal that may list units, nearest first.
    async fn read_pages(
        &self,
        finds: &mut Finds,
        portal: &ListedSite,
        home: &Observation,
        texts: &mut Vec<String>,
    ) -> Result<(), DiscoveryError> {
        let mut read: BTreeSet<String> = BTreeSet::new();
        let mut queue: VecDeque<(String, bool, usize)> = VecDeque::new();
        read.extend([portal.url.clone()]);
        read.extend(home.final_url.clone());
        self.read_page(finds, home, &Source::Home, texts, &mut |url, sure| {
            queue.push_back((url, sure, 1));
        });
        let mut pages = 0;
        while let Some((url, sure, depth)) = queue.pop_front() {
            if pages >= self.options.settings.pages_max || self.glances.stopped() {
                break;
            }
            if !read.insert(url.clone()) {
                continue;
            }
            pages += 1;
            (self.report)(DiscoveryEvent::Ahead { steps: 1 });
            let page = ListedSite {
                url: url.clone(),
                scheme_given: true,
                home_url: Some(url.clone()),
                ..ListedSite::new(portal.site.clone(), Role::Portal)
            };
            let seen = self
                .glances
                .look(&page, Wanted::of_portal(self.glances.emc()))
                .await?;
            (self.report)(DiscoveryEvent::Step);
            let Some(seen) = seen.filter(|seen| seen.document.status.is_none_or(|status| status < 400))
            else {
                continue;
            };
            let source = if sure {
                Source::ListPage(url)
            } else {
                Source::Page(url)
            };
            self.read_page(finds, &seen, &source, texts, &mut |url, sure| {
                if depth < DEPTH_MAX {
                    queue.push_back((url, sure, depth + 1));
                }
            });
        }
        Ok(())
    }

    /// Notes what a page of the portal links to; `further` is given its links to pages that may list units.
    fn read_page(
        &self,
        finds: &mut Finds,
        page: &Observation,
        source: &Source,
        texts: &mut Vec<String>,
        further: &mut dyn FnMut(String, bool),
    ) {
        let signals = &self.options.rules.signals;
        let mut perhaps = Vec::new();
        for link in links(page).filter(|link| link.form != LinkForm::Opaque) {
            texts.push(link.text.clone());
            for url in addresses(link) {
                let place = finds.note(&url, &link.text, source.clone());
                let is_page = place == Some(Place::Portal) && url.as_str() == link.url;
                if is_page && says(link, &signals.index_links) {
                    further(link.url.clone(), true);
                } else if is_page && mentions(link, &signals.index_pages) {
                    perhaps.push(link.url.clone());
                }
            }
        }
        texts.extend(page.page.iter().map(|page| page.text.start.clone()));
        let blocks = page.layout.iter().flat_map(|layout| &layout.blocks);
        texts.extend(
            blocks
                .filter(|block| !block.text.is_empty())
                .map(|block| block.text.clone()),
        );
        for url in perhaps {
            further(url, false);
        }
    }

    async fn read_site_maps(&self, finds: &mut Finds, home: &Observation) -> Result<(), DiscoveryError> {
        let at = home.final_url.as_deref().and_then(|url| Url::parse(url).ok());
        let Some(at) = at.filter(|url| matches!(url.scheme(), "http" | "https")) else {
            return Ok(());
        };
        let settings = &self.options.settings;
        let Some(robots) = on_host(&at, "/robots.txt").filter(|_| settings.site_maps_max > 0) else {
            return Ok(());
        };
        let mut queue: VecDeque<Url> = VecDeque::new();
        let mut known: BTreeSet<Url> = BTreeSet::new();
        let (mut asked, mut last) = (0, None::<Url>);
        let reading = self.glances.read_files(&at, settings.site_map_bytes_max, |text| {
            let was_robots = last.as_ref() == Some(&robots);
            if last.is_none() {
                last = Some(robots.clone());
                return last.clone();
            }
            let text = text.unwrap_or_default();
            let mut maps = if was_robots {
                maps_in_robots(&text)
            } else {
                let map = read_site_map(&text);
                for page in map.pages.iter().filter_map(|page| Url::parse(page).ok()) {
                    finds.note(&page, "", Source::SiteMap);
                }
                map.maps
            };
            if was_robots && maps.is_empty() {
                maps.push("/sitemap.xml".to_owned());
            }
            let further = maps.iter().filter_map(|map| on_host(&at, map));
            queue.extend(further.filter(|map| known.insert(map.clone())));
            asked += 1;
            last = queue.pop_front().filter(|_| asked <= settings.site_maps_max);
            last.clone()
        });
        reading.await?;
        Ok(())
    }

    async fn ask_names(&self, finds: &mut Finds, texts: &[String]) -> Result<(), DiscoveryError> {
        let domain = finds.here.domain().to_owned();
        let mut labels = self.options.labels.clone();
        labels.extend(words().labels_to_ask(texts.iter().map(String::as_str)));
        labels.retain(|label| !finds.knows(&format!("{label}.{domain}")));
        labels.truncate(self.options.settings.names_max);
        if labels.is_empty() || self.glances.stopped() {
            return Ok(());
        }
        (self.report)(DiscoveryEvent::Ahead { steps: labels.len() });
        let report = Arc::clone(&self.report);
        let mut step = move || report(DiscoveryEvent::Step);
        let pace = self.options.settings.names_per_s;
        let found = names::ask(&domain, &labels, pace, self.glances, &mut step).await?;
        if found.wildcard {
            (self.report)(DiscoveryEvent::Wildcard {
                domain: domain.clone(),
            });
        }
        if let Some(reason) = found.failed {
            (self.report)(DiscoveryEvent::NamesFailed { domain, reason });
        }
        for host in found.found {
            note_host(finds, &host, &Source::Name);
        }
        Ok(())
    }

    /// Looks at everything that was named, and at what those pages name in turn, until nothing new comes.
    async fn look_at_all(&self, finds: &mut Finds) -> Result<(), DiscoveryError> {
        let most = self.options.settings.sites_max;
        let mut begun: BTreeSet<SiteId> = BTreeSet::new();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < AT_ONCE && begun.len() < most && !self.glances.stopped() {
                let Some(listed) = finds.next_to_see(&begun) else {
                    break;
                };
                begun.insert(listed.site.clone());
                (self.report)(DiscoveryEvent::Ahead { steps: 1 });
                let wanted = Wanted::of_component(finds.here.portal(), self.glances.emc());
                under_way.push(async move {
                    let seen = self.glances.look(&listed, wanted).await;
                    (listed, seen)
                });
            }
            let Some((listed, seen)) = under_way.next().await else {
                break;
            };
            (self.report)(DiscoveryEvent::Step);
            if let Some(seen) = seen? {
                self.note_seen(finds, &listed, &seen);
            }
        }
        if begun.len() >= most && finds.next_to_see(&begun).is_some() {
            let sites = finds.by_site.len();
            (self.report)(DiscoveryEvent::Cut { sites, most });
        }
        Ok(())
    }

    fn note_seen(&self, finds: &mut Finds, listed: &ListedSite, seen: &Observation) {
        let sight = self.sight(seen, listed, finds);
        (self.report)(DiscoveryEvent::Looked {
            site: listed.site.clone(),
            outcome: sight.outcome.as_str(),
        });
        if let Some(to) = &sight.went_to
            && let Ok(url) = Url::parse(&to.home_url("https"))
        {
            finds.note(&url, "", Source::Redirect(listed.site.clone()));
        }
        // Of a stranger's page nothing is believed.
        let is_inside = finds
            .by_site
            .get(&listed.site)
            .is_some_and(|find| !matches!(find.place, Place::Outside(_)));
        if is_inside && sight.went_to.is_none() {
            for link in links(seen).filter(|link| link.form != LinkForm::Opaque) {
                for url in addresses(link) {
                    finds.note(&url, &link.text, Source::Component(listed.site.clone()));
                }
            }
        }
        if let Some(find) = finds.by_site.get_mut(&listed.site) {
            find.sight = Some(sight);
        }
    }
}

fn note_certificate(finds: &mut Finds, home: &Observation) {
    let names = home.certificate.iter().flat_map(|certificate| &certificate.names);
    let whole: Vec<String> = names
        .filter(|name| !name.contains('*'))
        .take(500)
        .cloned()
        .collect();
    for host in whole {
        if finds.here.is_below(&host) {
            note_host(finds, &host, &Source::Certificate);
        }
    }
}

fn note_host(finds: &mut Finds, host: &str, source: &Source) {
    if let Ok(url) = Url::parse(&format!("https://{host}/")) {
        finds.note(&url, "", source.clone());
    }
}

impl Finds {
    fn knows(&self, host: &str) -> bool {
        host.parse::<SiteId>()
            .is_ok_and(|site| self.by_site.contains_key(&site))
    }

    /// The next site to look at: first what the portal names, last what only the DNS knows. A stranger that no
    /// portal calls a unit is never visited.
    fn next_to_see(&self, begun: &BTreeSet<SiteId>) -> Option<ListedSite> {
        let open = self.by_site.values().filter(|find| {
            let is_of_interest = !matches!(find.place, Place::Outside(_)) || find.unit().is_some();
            find.sight.is_none() && is_of_interest && !begun.contains(&find.site)
        });
        let next = open.min_by_key(|find| find.sources.first().cloned())?;
        Some(ListedSite {
            url: next.url.clone(),
            scheme_given: next.url.starts_with("http:"),
            name: next.unit().unwrap_or_else(|| next.site.to_string()),
            portal: Some(self.here.portal().clone()),
            ..ListedSite::new(next.site.clone(), Role::Component)
        })
    }
}
