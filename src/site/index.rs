//! Which site an address belongs to, among all the sites of a list.

use std::collections::HashMap;

use url::Url;

use super::SiteId;
use super::address::landing_tail;
use super::id::bare_host;

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
    by_host: HashMap<(String, Option<u16>), Vec<Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    address: SiteId,
    site: SiteId,
}

impl SiteIndex {
    /// Adds a site under its own address.
    pub fn add(&mut self, site: &SiteId) {
        self.add_alias(site, site);
    }

    /// Adds another address of `site`: a former name, a second path, a redirect's target.
    pub fn add_alias(&mut self, site: &SiteId, address: &SiteId) {
        let key = (address.bare_host().to_owned(), address.port());
        let entries = self.by_host.entry(key).or_default();
        entries.push(Entry {
            address: address.clone(),
            site: site.clone(),
        });
        entries.sort_by_key(|entry| {
            std::cmp::Reverse((entry.address.query().is_some(), entry.address.base_path().len()))
        });
    }

    /// The site that `url` belongs to, and where in it the address points.
    pub fn locate(&self, url: &Url) -> Option<(&SiteId, Place)> {
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        let entries = self.by_host.get(&(bare_host(&host).to_owned(), url.port()))?;
        entries
            .iter()
            .find_map(|entry| Some((&entry.site, place(&entry.address, url)?)))
    }
}

/// Where `url` points in a site at `address`, if the host is the same and the path is inside.
fn place(address: &SiteId, url: &Url) -> Option<Place> {
    let base = address.base_path().to_lowercase();
    let path = url.path().trim_end_matches('/').to_lowercase();
    if let Some(query) = address.query() {
        let same = path == base && url.query().is_some_and(|other| has_parameters(other, query));
        return same.then_some(Place::Home);
    }
    if path == base || landing_tail(&path) == base {
        return Some(Place::Home);
    }
    (path.strip_prefix(&base)?.starts_with('/')).then_some(Place::Below)
}

/// Whether `query` has every parameter of `wanted`, in any order.
fn has_parameters(query: &str, wanted: &str) -> bool {
    let given: Vec<&str> = query.split('&').collect();
    wanted.split('&').all(|parameter| given.contains(&parameter))
}
