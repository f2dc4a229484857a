//! What of an observation can be a sign, in lower case, each with how a person would name it.

use std::collections::BTreeSet;

use url::Url;

use super::signs::{Place, Sign};
use crate::checks::cut;
use crate::observation::Observation;

/// Characters of a sign that results quote.
const QUOTED: usize = 120;
/// One file of another site is a quotation; a platform serves many.
const FILES_OF_A_HOST: usize = 3;

/// Texts of one page by the place that they stand in.
pub(super) struct PageSigns {
    generators: Vec<String>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    /// Paths on the page's own host: what it shows of other sites says nothing of its own system.
    paths: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Hosts of other files, one entry for each file.
    hosts: Vec<String>,
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
            .map(|(_, content)| content.trim().to_lowercase());
        let mut signs = Self {
            generators: generators.collect(),
            headers: lower_pairs(&observation.document.headers),
            cookies: observation
                .document
                .cookie_names
                .iter()
                .map(|name| name.to_lowercase())
                .collect(),
            paths: BTreeSet::from([home.path().to_lowercase()]),
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
                signs.paths.insert(url.path().to_lowercase());
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
                let text = self.generators.iter().find(|text| text.starts_with(pattern))?;
                format!("generator: {text}")
            }
            Place::Header => {
                let (name, part) = pattern.split_once(':').unwrap_or((pattern, ""));
                let (name, value) = self
                    .headers
                    .iter()
                    .find(|(known, value)| known == name && value.contains(part))?;
                format!("{name}: {value}")
            }
            Place::Cookie => {
                let name = self.cookies.iter().find(|name| name.starts_with(pattern))?;
                format!("cookie: {name}")
            }
            Place::Path => self.paths.iter().find(|path| path.contains(pattern))?.clone(),
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

fn lower_pairs(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let lower = |(name, value): &(String, String)| (name.to_lowercase(), value.to_lowercase());
    pairs.iter().map(lower).collect()
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}
