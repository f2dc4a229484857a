//! What of an observation can be a sign, compared without letter case, quoted as it stands.

use std::collections::BTreeSet;

use url::Url;

use super::signs::{Place, Sign};
use crate::checks::cut;
use crate::observation::Observation;

/// Characters of a sign that results quote.
const QUOTED: usize = 120;
/// Characters of a text that are looked at.
const LONGEST: usize = 2_000;
/// One file of another site is a quotation; a platform serves many.
const FILES_OF_A_HOST: usize = 3;

/// Texts of one page by the place that they stand in.
pub(super) struct PageSigns {
    generators: Vec<Quoted>,
    headers: Vec<(String, Quoted)>,
    cookies: Vec<Quoted>,
    /// Paths on the page's own host: what it shows of other sites says nothing of its own system.
    paths: BTreeSet<Quoted>,
    names: BTreeSet<String>,
    /// Hosts of other files, one entry for each file.
    hosts: Vec<String>,
}

/// A text in lower case, and as it stands in the page.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Quoted {
    lower: String,
    text: String,
}

impl Quoted {
    fn new(text: &str) -> Self {
        let text = cut(text.trim(), LONGEST);
        Self {
            lower: text.to_lowercase(),
            text,
        }
    }
}

impl PageSigns {
    /// Nothing where no page was seen.
    pub(super) fn of(observation: &Observation) -> Option<Self> {
        let page = observation.page.as_ref()?;
        let home = observation
            .final_url
            .as_deref()
            .and_then(|url| Url::parse(url).ok())?;
        let generators = page
            .meta
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("generator"))
            .map(|(_, content)| Quoted::new(content));
        let mut signs = Self {
            generators: generators.collect(),
            headers: observation
                .document
                .headers
                .iter()
                .map(|(name, value)| (name.to_lowercase(), Quoted::new(value)))
                .collect(),
            cookies: observation
                .document
                .cookie_names
                .iter()
                .map(|name| Quoted::new(name))
                .collect(),
            paths: BTreeSet::from([Quoted::new(home.path())]),
            names: observation
                .layout
                .iter()
                .flat_map(|layout| &layout.blocks)
                .flat_map(names_of)
                .collect(),
            hosts: Vec::new(),
        };
        for request in &observation.requests {
            let Ok(url) = Url::parse(&request.url) else {
                continue;
            };
            let host = url.host_str().unwrap_or_default();
            if bare(host) == bare(home.host_str().unwrap_or_default()) {
                signs.paths.insert(Quoted::new(url.path()));
            } else {
                signs.hosts.push(host.to_lowercase());
            }
        }
        Some(signs)
    }

    /// The sign as it stands in the page, if it does.
    pub(super) fn find(&self, sign: &Sign) -> Option<String> {
        let pattern = sign.pattern;
        let found = match sign.place {
            Place::Generator => {
                let found = self
                    .generators
                    .iter()
                    .find(|one| one.lower.starts_with(pattern))?;
                format!("generator: {}", found.text)
            }
            Place::Header => {
                let (name, part) = pattern.split_once(':').unwrap_or((pattern, ""));
                let mut headers = self.headers.iter();
                let (name, value) =
                    headers.find(|(known, value)| known == name && value.lower.contains(part))?;
                format!("{name}: {}", value.text)
            }
            Place::Cookie => {
                let found = self.cookies.iter().find(|one| one.lower.starts_with(pattern))?;
                format!("cookie: {}", found.text)
            }
            Place::Path => {
                let found = self.paths.iter().find(|one| one.lower.contains(pattern))?;
                found.text.clone()
            }
            Place::Name => {
                let name = self.names.iter().find(|name| name.starts_with(pattern))?;
                format!("id/class: {name}")
            }
            Place::Host => {
                let files = self.hosts.iter().filter(|host| *host == pattern).count();
                (files >= FILES_OF_A_HOST).then(|| pattern.to_owned())?
            }
        };
        Some(cut(&found, QUOTED))
    }
}

fn names_of(block: &crate::observation::Block) -> impl Iterator<Item = String> {
    block.names.split_whitespace().map(str::to_lowercase)
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}
