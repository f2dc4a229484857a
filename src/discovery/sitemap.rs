//! `robots.txt` and site maps: addresses out of files that anybody may have written. No entity is expanded but those
//! of XML itself, nothing outside is loaded, and every list has an end.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use url::Url;

/// A longer address is none.
const ADDRESS_BYTES: usize = 2_000;
/// Addresses of one file; the standard allows 50,000.
const ADDRESSES_MAX: usize = 50_000;
/// No site map is deeper than this.
const DEPTH_MAX: usize = 8;

/// What one file of a site map names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SiteMap {
    pub pages: Vec<String>,
    /// Further files.
    pub maps: Vec<String>,
}

/// The site maps that a `robots.txt` names, in its order.
pub(super) fn maps_in_robots(text: &str) -> Vec<String> {
    let named = text.lines().take(10_000).filter_map(|line| {
        let (field, value) = line.split_once(':')?;
        let value = value.split('#').next().unwrap_or_default().trim();
        (field.trim().eq_ignore_ascii_case("sitemap") && value.len() <= ADDRESS_BYTES)
            .then(|| value.to_owned())
    });
    named.take(100).collect()
}

/// Reads a site map, or an index of them. What comes after the first error is left out.
pub(super) fn read_site_map(text: &str) -> SiteMap {
    let mut reader = Reader::from_str(text);
    let mut map = SiteMap::default();
    let mut path: Vec<String> = Vec::new();
    let mut address = String::new();
    let mut is_good = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                path.push(tag.local_name().as_ref().to_ascii_lowercase());
                if path.len() > DEPTH_MAX {
                    break;
                }
                (address, is_good) = (String::new(), true);
            }
            Ok(Event::End(_)) => {
                if is_good && map.pages.len() + map.maps.len() < ADDRESSES_MAX {
                    map.note(&path, address.trim());
                }
                address.clear();
                path.pop();
            }
            Ok(Event::Text(text)) => is_good &= push(&mut address, &text),
            Ok(Event::CData(data)) => is_good &= push(&mut address, &data),
            Ok(Event::GeneralRef(entity)) => {
                let number = entity.resolve_char_ref().ok().flatten().map(String::from);
                let known = number.or_else(|| resolve_predefined_entity(&entity).map(str::to_owned));
                is_good &= known.is_some_and(|text| push(&mut address, &text));
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    map
}

/// Whether there was room for the text.
fn push(address: &mut String, text: &str) -> bool {
    let has_room = address.len() + text.len() <= ADDRESS_BYTES;
    if has_room {
        address.push_str(text);
    }
    has_room
}

impl SiteMap {
    fn note(&mut self, path: &[String], address: &str) {
        let [.., parent, last] = path else { return };
        if last != "loc" || address.is_empty() {
            return;
        }
        match parent.as_str() {
            "url" => self.pages.push(address.to_owned()),
            "sitemap" => self.maps.push(address.to_owned()),
            _ => {}
        }
    }
}

/// The address of a file on the host of `home`, as it is read from there: what lies elsewhere is not asked for.
pub(super) fn on_host(home: &Url, address: &str) -> Option<Url> {
    let mut url = home.join(address).ok()?;
    let bare = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    };
    if !matches!(url.scheme(), "http" | "https") || bare(&url) != bare(home) {
        return None;
    }
    // The other scheme, and the host with or without `www.`, would be another origin that may not be read.
    url.set_scheme(home.scheme()).ok()?;
    url.set_host(home.host_str()).ok()?;
    url.set_port(home.port()).ok()?;
    Some(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn robots_name_their_site_maps() {
        let robots = "User-agent: *\nDisallow: /admin\nSitemap: https://a.gov.vn/s.xml # all\nSITEMAP:/t.xml.gz\nhost: x";
        assert_eq!(maps_in_robots(robots), ["https://a.gov.vn/s.xml", "/t.xml.gz"]);
    }

    #[test]
    fn pages_and_further_files_are_told_apart() {
        let map = read_site_map(
            "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
             <url><loc> https://a.gov.vn/?a=1&amp;b=&#50; </loc><lastmod>2026</lastmod></url>\
             <url><loc><![CDATA[https://b.gov.vn/]]></loc></url></urlset>",
        );
        assert_eq!(map.pages, ["https://a.gov.vn/?a=1&b=2", "https://b.gov.vn/"]);
        let index = read_site_map("<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>");
        assert_eq!(index.maps, ["/s1.xml"]);
    }

    #[test]
    fn entities_of_the_file_are_never_expanded() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>\
                    <urlset><url><loc>https://a.gov.vn/&b;</loc></url><url><loc>&f;</loc></url>\
                    <url><loc>https://good.gov.vn/</loc></url></urlset>";
        assert_eq!(read_site_map(bomb).pages, ["https://good.gov.vn/"]);
        let deep = "<a>".repeat(100_000);
        assert_eq!(read_site_map(&deep), SiteMap::default());
    }

    #[test]
    fn files_are_read_from_the_host_itself() {
        let home = "https://www.a.gov.vn/x".parse().unwrap();
        let there = |text: &str| on_host(&home, text).map(|url| url.to_string());
        assert_eq!(
            there("http://a.gov.vn/s.xml").as_deref(),
            Some("https://www.a.gov.vn/s.xml")
        );
        for other in [
            "https://b.gov.vn/s.xml",
            "file:///etc/passwd",
            "http://127.0.0.1/s.xml",
        ] {
            assert_eq!(there(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(<|>|/|&|;|loc|url|sitemap|!\\[CDATA\\[|\\]\\]>|\\PC){0,80}") {
            let map = read_site_map(&text);
            prop_assert!(map.pages.len() <= ADDRESSES_MAX);
            let _maps = maps_in_robots(&text);
        }
    }
}
