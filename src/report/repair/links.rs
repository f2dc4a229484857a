//! Repairs of links, as HTML that can be pasted, and of the look.

use serde_json::Value;

use super::Repairs;
use super::plan::{Place, Plan};
use super::snippet;
use crate::site::SiteId;

/// Links that one piece of HTML has at most.
const MOST_LINKS: usize = 200;
/// Colours that a sentence names.
const MOST_COLOURS: usize = 4;

impl Repairs<'_> {
    pub(super) fn links_to_components(&self, plan: &mut Plan<'_>) {
        let lists: &[&str] = match plan.code() {
            "missing" => &["missing"],
            "hidden" => &["hidden"],
            "via_index" => &["missing", "hidden"],
            "deep_link_only" => &["deep"],
            "uncertain" => &["uncertain"],
            _ => return,
        };
        let sites: Vec<&str> = lists.iter().flat_map(|list| plan.listed(list)).collect();
        plan.fact("count", sites.len().to_string());
        plan.place(Place::Link);
        if sites.is_empty() {
            return;
        }
        let entries = sites.iter().take(MOST_LINKS);
        let mut html: Vec<String> = entries
            .map(|site| format!("  <li>{}</li>", self.link(site)))
            .collect();
        if sites.len() > MOST_LINKS {
            html.push(format!("  <!-- +{} -->", sites.len() - MOST_LINKS));
        }
        plan.paste("links", format!("<ul>\n{}\n</ul>", html.join("\n")));
    }

    pub(super) fn link_to_portal(&self, plan: &mut Plan<'_>) {
        plan.place(Place::Link);
        if let Some(portal) = plan.found("portal") {
            plan.paste("links", self.link(portal));
        }
    }

    /// A link to a site's home, with its name where the run knows it.
    fn link(&self, site: &str) -> String {
        let Ok(id) = site.parse::<SiteId>() else {
            return snippet::link(site, site);
        };
        match self.sites.get(&id) {
            Some(known) => snippet::link(&known.url, &known.name),
            None => snippet::link(&id.home_url("https"), site),
        }
    }
}

/// The portal's main colours, with their shares.
pub(super) fn colours(plan: &mut Plan<'_>) {
    let palette = plan
        .finding
        .measured
        .get("portal_palette")
        .and_then(Value::as_array);
    let colours = palette
        .into_iter()
        .flatten()
        .take(MOST_COLOURS)
        .filter_map(|colour| {
            let hex = colour.get("hex")?.as_str()?;
            let share = colour.get("share")?.as_f64()?;
            Some(format!("{hex} ({:.0}%)", share * 100.0))
        });
    let colours = colours.collect::<Vec<_>>().join(", ");
    if !colours.is_empty() {
        plan.fact("colours", colours);
        plan.prefer("colours");
    }
}
