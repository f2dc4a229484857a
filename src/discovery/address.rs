//! What an address is to a portal: a page of its own, the site of a unit under its host or its domain, or a stranger.

use url::Url;

use super::words::{Words, words};
use crate::site::{SiteId, landing_tail, registrable_domain};

/// Where an address lies, seen from a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The portal itself, or a page of it.
    Portal,
    /// A site on the portal's own host, under a path.
    Path(SiteId),
    /// A host below the portal's domain.
    Domain(SiteId),
    /// Another domain.
    Outside(SiteId),
}

/// Reads addresses for one portal.
#[derive(Debug, Clone)]
pub(super) struct Neighbourhood {
    portal: SiteId,
    domain: String,
}

impl Neighbourhood {
    pub(super) fn new(portal: &SiteId) -> Self {
        Self {
            portal: portal.clone(),
            domain: registrable_domain(portal.host()),
        }
    }

    pub(super) fn portal(&self) -> &SiteId {
        &self.portal
    }

    /// The domain that the sites of its units lie under.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// The place of an address; `text` is what the link to it says, where one does.
    pub(super) fn place(&self, url: &Url, text: &str) -> Option<Place> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let site = SiteId::from_url(url);
        if site.host().is_empty() {
            return None;
        }
        if site.bare_host() == self.portal.bare_host() && site.port() == self.portal.port() {
            return Some(unit_under(url, &site, &self.portal, text).map_or(Place::Portal, Place::Path));
        }
        let root = root_of(&site)?;
        Some(if registrable_domain(site.host()) == self.domain {
            Place::Domain(root)
        } else {
            Place::Outside(root)
        })
    }

    /// Whether a host lies below the portal's domain, the portal's own left aside.
    pub(super) fn is_below(&self, host: &str) -> bool {
        let host = host.strip_prefix("www.").unwrap_or(host);
        host != self.domain && host != self.portal.bare_host() && registrable_domain(host) == self.domain
    }

    /// The first label of a site's host, if the host lies below the domain.
    pub(super) fn label<'s>(&self, site: &'s SiteId) -> Option<&'s str> {
        let label = site.bare_host().strip_suffix(&self.domain)?.strip_suffix('.')?;
        label.split('.').next_back()
    }
}

/// The site of a host, whatever page of it an address shows, without `www.`, which is tried where nothing else answers.
fn root_of(site: &SiteId) -> Option<SiteId> {
    let port = site.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", site.bare_host()).parse().ok()
}

/// The site of a unit under the portal's host that an address belongs to.
fn unit_under(url: &Url, site: &SiteId, portal: &SiteId, text: &str) -> Option<SiteId> {
    let words = words();
    if let Some(query) = site.query()
        && landing_tail(site.base_path()).is_empty()
    {
        let chooses = |parameter: &str| {
            parameter
                .split_once('=')
                .is_some_and(|(name, value)| words.chooses_site(name) && words.is_unit_label(value))
        };
        return query.split('&').any(chooses).then(|| site.clone());
    }
    let path = landing_tail(url.path().trim_end_matches('/'));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let name = words.unit_name(text);
    let is_named = |segment: &str| {
        name.as_deref()
            .is_some_and(|name| Words::is_label_of(segment, name))
    };
    let base = match segments.as_slice() {
        [place, unit, ..] if words.is_container(place) && !words.is_no_unit(unit) => {
            (words.is_unit_label(unit) || is_named(unit)).then(|| format!("{place}/{unit}"))
        }
        // Without such a place only a link that names the unit tells its site from a page of the portal.
        [unit] => is_named(unit).then(|| (*unit).to_owned()),
        _ => None,
    }?;
    let address = format!("{}/{base}", portal.home_url("https").trim_end_matches('/'));
    let unit: SiteId = address.parse().ok()?;
    (unit != *portal).then_some(unit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn place(url: &str, text: &str) -> Option<Place> {
        Neighbourhood::new(&"tinhmau.gov.vn".parse().unwrap()).place(&url.parse().unwrap(), text)
    }

    fn site(text: &str) -> SiteId {
        text.parse().unwrap()
    }

    #[test]
    fn units_under_a_path_are_sites_and_pages_of_the_portal_are_not() {
        let unit = Place::Path(site("tinhmau.gov.vn/web/so-noi-vu"));
        for url in [
            "https://tinhmau.gov.vn/web/so-noi-vu",
            "http://www.tinhmau.gov.vn/web/so-noi-vu/home",
            "https://tinhmau.gov.vn/web/so-noi-vu/tin-tuc/1",
        ] {
            assert_eq!(place(url, ""), Some(unit.clone()), "{url}");
        }
        assert_eq!(
            place("https://tinhmau.gov.vn/sonoivu", "Sở Nội vụ"),
            Some(Place::Path(site("tinhmau.gov.vn/sonoivu")))
        );
        assert_eq!(
            place("https://tinhmau.gov.vn/Default.aspx?sname=ubnd-anphu&sid=4", ""),
            Some(Place::Path(site(
                "tinhmau.gov.vn/Default.aspx?sname=ubnd-anphu&sid=4"
            )))
        );
        for url in [
            "https://tinhmau.gov.vn/web/guest/home",
            "https://tinhmau.gov.vn/web/guest/so-xay-dung",
            "https://tinhmau.gov.vn/sonoivu",
            "https://tinhmau.gov.vn/so-do-cong",
            "https://tinhmau.gov.vn/chuyen-muc/1/2",
            "https://tinhmau.gov.vn/?id=4",
        ] {
            assert_eq!(place(url, "Tin tức"), Some(Place::Portal), "{url}");
        }
    }

    #[test]
    fn hosts_are_told_by_the_registrable_domain() {
        let below = Place::Domain(site("sxd.tinhmau.gov.vn"));
        assert_eq!(place("http://WWW.sxd.tinhmau.gov.vn/tin/1?id=2", ""), Some(below));
        for url in [
            "https://tinhmaux.gov.vn/",
            "https://sxd.tinhmau.gov.vn.example.com/",
        ] {
            assert!(matches!(place(url, ""), Some(Place::Outside(_))), "{url}");
        }
        assert_eq!(place("mailto:a@tinhmau.gov.vn", ""), None);
        let here = Neighbourhood::new(&site("tinhmau.gov.vn"));
        assert!(here.is_below("sxd.tinhmau.gov.vn"));
        assert!(!here.is_below("www.tinhmau.gov.vn") && !here.is_below("xtinhmau.gov.vn"));
        assert_eq!(here.label(&site("sxd.tinhmau.gov.vn")), Some("sxd"));
        assert_eq!(here.label(&site("a.sxd.tinhmau.gov.vn")), Some("sxd"));
        assert_eq!(here.label(&site("tinhmau.gov.vn/web/a")), None);
    }

    proptest! {
        #[test]
        fn no_address_makes_the_portal_its_own_unit(path in "[ -~]{0,60}", text in "\\PC{0,30}") {
            if let Ok(url) = Url::parse(&format!("https://tinhmau.gov.vn/{path}")) {
                match place(url.as_str(), &text) {
                    Some(Place::Path(unit)) => {
                        prop_assert_ne!(&unit, &site("tinhmau.gov.vn"));
                        prop_assert_eq!(unit.bare_host(), "tinhmau.gov.vn");
                    }
                    Some(Place::Portal) | None => {}
                    Some(other) => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }
}
