//! Whether the parts of a bag belong together: site, addresses that were tried, document in the network log,
//! final address and `location.href`. A bag that mixes two pages would accuse one site of another's faults,
//! so it is refused before it is written, and named when one is found on the disk.

use url::Url;

use super::har::{HarHead, HeadEntry};
use crate::language::{Language, Sentence};
use crate::observation::Observation;
use crate::site::SiteId;

/// Which two parts do not belong together, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parts of this visit do not belong together: {}", .0.text(Language::English))]
pub struct Mixed(pub(super) Sentence);

/// Checks an observation and the network log that stands beside it.
pub(super) fn check(observation: &Observation, har: &HarHead) -> Result<(), Mixed> {
    let nothing_seen = observation.page.is_none() && observation.requests.is_empty();
    if !nothing_seen {
        addresses_are_of_the_site(observation)?;
    }
    log_is_of_the_visit(observation, har)?;
    match &observation.document.url {
        Some(document) => document_is_the_page(observation, document, har),
        None if observation.page.is_some() => Err(Mixed(what("none_loaded"))),
        None => Ok(()),
    }
}

/// The sentence `key` of the section `mixed`.
const fn what(key: &'static str) -> Sentence {
    Sentence::new("mixed", key)
}

/// What was tried are addresses of the site's line in the list, and one of those is the site's own.
fn addresses_are_of_the_site(observation: &Observation) -> Result<(), Mixed> {
    let site = &observation.site;
    let known = &observation.provenance.addresses;
    let tried = observation.attempts.iter().map(|attempt| &attempt.url);
    let own = known
        .iter()
        .chain(tried.clone())
        .filter_map(|address| Url::parse(address).ok())
        .any(|url| SiteId::from_url(&url) == *site);
    if !own {
        return Err(Mixed(what("no_own_address").with("site", site)));
    }
    for address in tried {
        if !known.is_empty() && !known.iter().any(|one| same_place(one, address)) {
            let strange = what("strange_address").with("address", address);
            return Err(Mixed(strange.with("site", site)));
        }
    }
    Ok(())
}

fn log_is_of_the_visit(observation: &Observation, har: &HarHead) -> Result<(), Mixed> {
    let [page] = har.log.pages.as_slice() else {
        return Err(Mixed(what("log_pages").with("count", har.log.pages.len())));
    };
    if page.site != observation.site.to_string() || page.visit != observation.visit {
        return Err(Mixed(
            what("log_of_other")
                .with("log_site", &page.site)
                .with("log_visit", page.visit)
                .with("site", &observation.site)
                .with("visit", observation.visit),
        ));
    }
    if page.final_url != observation.final_url {
        return Err(Mixed(
            what("log_ends_elsewhere")
                .with("log_url", page.final_url.as_deref().unwrap_or("–"))
                .with("url", observation.final_url.as_deref().unwrap_or("–")),
        ));
    }
    if har.log.entries.len() != observation.requests.len() {
        return Err(Mixed(
            what("log_requests")
                .with("log_count", har.log.entries.len())
                .with("count", observation.requests.len()),
        ));
    }
    Ok(())
}

/// The document is the one main document of the log, was reached from the address that was tried, and is
/// where `location.href` was read.
fn document_is_the_page(observation: &Observation, document: &str, har: &HarHead) -> Result<(), Mixed> {
    let mains: Vec<usize> = (0..har.log.entries.len())
        .filter(|index| {
            har.log
                .entries
                .get(*index)
                .is_some_and(|entry| entry.main_document)
        })
        .collect();
    let [main] = mains.as_slice() else {
        return Err(Mixed(
            what("log_documents")
                .with("count", mains.len())
                .with("url", document),
        ));
    };
    let entries: &[HeadEntry] = har.log.entries.get(..=*main).unwrap_or_default();
    let entry = entries.last();
    let of_document = |entry: &HeadEntry| {
        entry.request.url == document && entry.response.status == observation.document.status.unwrap_or(0)
    };
    if !entry.is_some_and(of_document) || har.log.pages.first().is_none_or(|page| page.title != document) {
        let logged = entry.map_or("–", |entry| entry.request.url.as_str());
        return Err(Mixed(
            what("log_document").with("log_url", logged).with("url", document),
        ));
    }
    let Some(tried) = observation.attempts.last() else {
        return Err(Mixed(what("none_tried").with("url", document)));
    };
    if !entries
        .iter()
        .any(|entry| same_place(&entry.request.url, &tried.url))
    {
        let never = what("never_asked").with("url", document);
        return Err(Mixed(never.with("tried", &tried.url)));
    }
    location_is_the_document(observation, document)
}

fn location_is_the_document(observation: &Observation, document: &str) -> Result<(), Mixed> {
    let Some(location) = observation.final_url.as_deref() else {
        return if observation.page.is_some() {
            Err(Mixed(what("no_location")))
        } else {
            Ok(())
        };
    };
    // A page may change the path of its own address by script, but never the origin.
    if origin(location) != origin(document) {
        let elsewhere = what("location_elsewhere").with("url", document);
        return Err(Mixed(elsewhere.with("location", location)));
    }
    let probed = observation.page.as_ref().and_then(|page| page.frames.first());
    match probed {
        Some(frame) if frame.url != location => Err(Mixed(
            what("probed_elsewhere")
                .with("url", &frame.url)
                .with("location", location),
        )),
        _ => Ok(()),
    }
}

/// Scheme, host and port; `blob:` addresses have the origin of their page.
fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Host and path, whatever the scheme and however letters are written: browsers go to https by themselves,
/// and write addresses in a way of their own.
fn same_place(one: &str, other: &str) -> bool {
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn place(url: &str) -> Option<(String, String)> {
    let url = Url::parse(url).ok()?;
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    Some((url.host_str()?.to_ascii_lowercase(), path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bundle::har::har_of;
    use crate::bundle::sample;
    use crate::observation::PageFacts;

    fn verdict(observation: &Observation) -> Result<(), Mixed> {
        check(observation, &HarHead::from(&har_of(observation)))
    }

    fn refusal(observation: &Observation) -> String {
        verdict(observation).unwrap_err().to_string()
    }

    #[test]
    fn parts_of_one_visit_belong_together() {
        verdict(&sample::observation("a.gov.vn", 1)).unwrap();
    }

    #[test]
    fn another_sites_log_is_refused() {
        let (mine, other) = (
            sample::observation("a.gov.vn", 1),
            sample::observation("b.gov.vn", 1),
        );
        let log = HarHead::from(&har_of(&other));
        assert!(check(&mine, &log).unwrap_err().to_string().contains("b.gov.vn"));
        let log = HarHead::from(&har_of(&sample::observation("a.gov.vn", 2)));
        assert!(check(&mine, &log).unwrap_err().to_string().contains("visit 2"));
    }

    #[test]
    fn requests_of_another_visit_are_refused() {
        let mut mine = sample::observation("a.gov.vn", 1);
        mine.requests = sample::observation("b.gov.vn", 1).requests;
        assert!(refusal(&mine).contains("0 main documents"), "{}", refusal(&mine));
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        let mut mine = sample::observation("a.gov.vn", 1);
        let other = sample::observation("b.gov.vn", 1);
        mine.page.clone_from(&other.page);
        assert!(refusal(&mine).contains("the page that was probed is https://b.gov.vn/"));
        mine.final_url.clone_from(&other.final_url);
        assert!(refusal(&mine).contains("the page's address https://b.gov.vn/"));
    }

    #[test]
    fn a_whole_visit_under_another_sites_name_is_refused() {
        let mut mine = sample::observation("b.gov.vn", 1);
        mine.site = "a.gov.vn".parse().unwrap();
        assert!(refusal(&mine).contains("none of the addresses is one of a.gov.vn"));
        mine.provenance.addresses = vec!["https://a.gov.vn/".to_owned()];
        assert!(refusal(&mine).contains("is no address of a.gov.vn"));
    }

    #[test]
    fn a_document_that_no_tried_address_led_to_is_refused() {
        let mut mine = sample::observation("a.gov.vn", 1);
        mine.provenance.addresses.push("https://w3.a.gov.vn/".to_owned());
        mine.attempts[0].url = "https://w3.a.gov.vn/".to_owned();
        assert!(refusal(&mine).contains("was never asked for"));
    }

    #[test]
    fn a_probed_page_without_a_document_is_refused() {
        let mut mine = sample::observation("a.gov.vn", 1);
        mine.document.url = None;
        assert!(refusal(&mine).contains("none was loaded"));
        mine.page = None;
        verdict(&mine).unwrap();
    }

    #[test]
    fn a_site_that_moved_and_an_address_changed_by_script_are_one_visit() {
        let mut moved = sample::observation("a.gov.vn", 1);
        sample::redirect_to(&mut moved, "https://other.example/start");
        verdict(&moved).unwrap();

        let mut routed = sample::observation("a.gov.vn", 1);
        let address = "https://a.gov.vn/trang-chu".to_owned();
        routed.final_url = Some(address.clone());
        routed.page.get_or_insert_with(PageFacts::default).frames[0].url = address;
        verdict(&routed).unwrap();
    }

    #[test]
    fn spelling_of_the_browser_makes_no_other_address() {
        assert!(same_place("https://A.gov.vn/So/", "http://a.gov.vn/so"));
        assert!(!same_place("https://a.gov.vn/so", "https://a.gov.vn/so2"));
        assert!(!same_place("https://a.gov.vn/", "https://b.gov.vn/"));
        assert_eq!(
            origin("blob:https://a.gov.vn/0-1"),
            Some("https://a.gov.vn".to_owned())
        );
    }
}
