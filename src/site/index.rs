//! Which site an address belongs to, among all the sites of a list.

use std::collections::HashMap;

use url::Url;

use super::SiteId;
use super::address::{chooses_page, clean_path, fold, landing_tail, parameters};
use super::id::{bare_host, host_of, port_of};

/// Where in a site an address points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The home page: root, base path or a landing page.
    Home,
    /// A page below it.
    Below,
}

/// Finds the site of an address; the longest base path wins, so that a unit's page under the
/// portal's host is the unit's and not the portal's.
#[derive(Debug, Default, Clone)]
pub struct SiteIndex {
    by_host: HashMap<(String, Option<u16>), HostSites>,
}

/// The sites under one host, by base path.
#[derive(Debug, Default, Clone)]
struct HostSites {
    by_path: HashMap<String, SiteId>,
    /// Sites told apart by their query, at the path without its landing tail.
    by_query: HashMap<String, Vec<QuerySite>>,
    /// Bytes of the longest base path: no prefix beyond it needs a look, however long an address is.
    longest: usize,
}

#[derive(Debug, Clone)]
struct QuerySite {
    parameters: Vec<String>,
    site: SiteId,
}

impl SiteIndex {
    /// Adds a site under its own address.
    pub fn add(&mut self, site: &SiteId) {
        self.add_alias(site, site);
    }

    /// Adds another address of `site`: a former name, a second path, a redirect's target.
    /// An address that is taken stays with the site that had it first.
    pub fn add_alias(&mut self, site: &SiteId, address: &SiteId) {
        let key = (address.bare_host().to_owned(), address.port());
        let host = self.by_host.entry(key).or_default();
        let base = address.folded_base();
        let parameters = address.folded_query();
        if parameters.is_empty() {
            host.longest = host.longest.max(base.len());
            host.by_path.entry(base).or_insert_with(|| site.clone());
            return;
        }
        let sites = host.by_query.entry(base).or_default();
        if !sites.iter().any(|known| known.parameters == parameters) {
            sites.push(QuerySite {
                parameters,
                site: site.clone(),
            });
            // The most particular first.
            sites.sort_by_key(|known| std::cmp::Reverse(known.parameters.len()));
        }
    }

    /// The site that `url` belongs to, and where in it the address points.
    pub fn locate(&self, url: &Url) -> Option<(&SiteId, Place)> {
        let host = host_of(url);
        let sites = self.by_host.get(&(bare_host(&host).to_owned(), port_of(url)))?;
        let path = clean_path(url);
        let home = fold(landing_tail(&path));
        if let Some(found) = sites.by_query(&home, url.query()) {
            return Some(found);
        }
        let (site, place) = sites.by_path(&fold(&path), &home)?;
        let is_page = url.query().is_some_and(chooses_page);
        Some((site, if is_page { Place::Below } else { place }))
    }
}

impl HostSites {
    /// The site whose parameters are all in `query`; with further ones it is a page below.
    fn by_query(&self, home: &str, query: Option<&str>) -> Option<(&SiteId, Place)> {
        let known = self.by_query.get(home)?;
        let given = parameters(query?);
        let found = known.iter().find(|site| {
            site.parameters
                .iter()
                .all(|wanted| given.binary_search(wanted).is_ok())
        })?;
        let place = if found.parameters.len() == given.len() {
            Place::Home
        } else {
            Place::Below
        };
        Some((&found.site, place))
    }

    /// The site with the longest base path that `path` is at or below.
    fn by_path(&self, path: &str, home: &str) -> Option<(&SiteId, Place)> {
        if let Some(site) = self.by_path.get(path) {
            return Some((site, Place::Home));
        }
        let mut prefix = path;
        loop {
            if prefix.len() <= self.longest
                && let Some(site) = self.by_path.get(prefix)
            {
                let place = if prefix == home { Place::Home } else { Place::Below };
                return Some((site, place));
            }
            prefix = &prefix[..prefix.rfind('/')?];
        }
    }
}
