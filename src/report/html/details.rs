//! What stands below the sentence of a finding: how far EMC's code got, which links were found and which were
//! not, and what each visit saw where they disagree.

use serde_json::Value;

use super::Report;
use crate::rules::CheckId;
use crate::verdict::{Finding, SiteResult, Status};

/// Everything a finding says beyond its sentence; empty lists are not shown.
#[derive(Debug)]
pub(super) struct Details<'a> {
    pub words: Words<'a>,
    /// In the order in which the code gets on.
    pub layers: Vec<Layer<'a>>,
    /// Another script than most sites of the run got.
    pub unusual_script: Option<&'a str>,
    pub links: Vec<LinkRow<'a>>,
    pub missing: Vec<&'a str>,
    /// Rows for a list of sites, with their heading: found on a portal, and not listed. `None` if there are none.
    pub unlisted: Option<Unlisted>,
    pub visits: Vec<VisitRow<'a>>,
}

#[derive(Debug)]
pub(super) struct Words<'a> {
    pub links: &'a str,
    pub missing: &'a str,
    pub unlisted: &'a str,
    pub visits: &'a str,
    pub form: &'a str,
    pub shown: &'a str,
    pub place: &'a str,
    pub text: &'a str,
    pub target: &'a str,
    pub engine: &'a str,
    pub address: &'a str,
    pub server: &'a str,
    pub code: &'a str,
}

#[derive(Debug)]
pub(super) struct Layer<'a> {
    pub name: &'a str,
    pub class: &'static str,
    pub answer: &'a str,
}

#[derive(Debug)]
pub(super) struct LinkRow<'a> {
    pub text: &'a str,
    pub url: &'a str,
    pub form: &'a str,
    pub shown: &'a str,
    /// Position and size in the picture of the whole page, in its pixels.
    pub place: String,
}

#[derive(Debug)]
pub(super) struct Unlisted {
    pub count: usize,
    pub rows: String,
}

#[derive(Debug)]
pub(super) struct VisitRow<'a> {
    pub number: u64,
    pub engine: &'a str,
    pub address: &'a str,
    pub server: &'a str,
    pub code: &'a str,
}

impl Report<'_> {
    pub(super) fn details<'a>(&'a self, result: &'a SiteResult, finding: &'a Finding) -> Details<'a> {
        let unusual = finding.measured.get("unusual_script").and_then(Value::as_bool);
        Details {
            words: self.details_words(),
            layers: self.layers(finding),
            unusual_script: (unusual == Some(true)).then(|| self.say("detail", "unusual_script")),
            links: self.link_rows(finding),
            missing: missing(finding),
            unlisted: unlisted(result, finding),
            visits: self.visit_rows(finding),
        }
    }

    fn details_words(&self) -> Words<'_> {
        let say = |key| self.say("detail", key);
        Words {
            links: say("links"),
            missing: say("missing"),
            unlisted: say("unlisted"),
            visits: say("visits"),
            form: say("form"),
            shown: say("shown"),
            place: say("place"),
            text: say("text"),
            target: say("target"),
            engine: self.say("report", "engine"),
            address: self.say("report", "address"),
            server: say("server"),
            code: say("code"),
        }
    }

    fn layers<'a>(&'a self, finding: &'a Finding) -> Vec<Layer<'a>> {
        let view = |entry: &'a Value| {
            let (class, answer) = match entry.get("found").and_then(Value::as_bool) {
                Some(true) => ("pass", "yes"),
                // What does not accuse does not look as if it did.
                Some(false) if finding.status == Status::Fail => ("fail", "no"),
                Some(false) => ("not_applicable", "no"),
                None => ("not_applicable", "unknown"),
            };
            Some(Layer {
                name: self.say("layer", entry.get("layer")?.as_str()?),
                class,
                answer: self.say("layer", answer),
            })
        };
        entries(finding, "layers").filter_map(view).collect()
    }

    fn link_rows<'a>(&'a self, finding: &'a Finding) -> Vec<LinkRow<'a>> {
        entries(finding, "links")
            .map(|link| LinkRow {
                text: text(link, "text"),
                url: text(link, "url"),
                form: self.say("link_form", text(link, "form")),
                shown: self.say("link_visibility", text(link, "visibility")),
                place: link.get("rect").map_or_else(String::new, place),
            })
            .collect()
    }

    /// Only where the visits did not say the same: one name may stand for several servers.
    fn visit_rows<'a>(&'a self, finding: &'a Finding) -> Vec<VisitRow<'a>> {
        let rows: Vec<VisitRow<'a>> = entries(finding, "visits")
            .map(|visit| VisitRow {
                number: visit.get("visit").and_then(Value::as_u64).unwrap_or_default(),
                engine: self.say("report", text(visit, "engine")),
                address: text(visit, "address"),
                server: text(visit, "server"),
                code: text(visit, "code"),
            })
            .collect();
        let agree = rows.windows(2).all(|pair| pair[0].code == pair[1].code);
        if agree { Vec::new() } else { rows }
    }
}

fn entries<'a>(finding: &'a Finding, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = finding.measured.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// With their names, where the finding has them.
fn missing(finding: &Finding) -> Vec<&str> {
    let named: Vec<&str> = entries(finding, "missing_named")
        .filter_map(Value::as_str)
        .collect();
    if named.is_empty() {
        entries(finding, "missing").filter_map(Value::as_str).collect()
    } else {
        named
    }
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn place(rect: &Value) -> String {
    let number = |key: &str| rect.get(key).and_then(Value::as_f64).unwrap_or_default();
    format!(
        "x {:.0} y {:.0}, {:.0} × {:.0}",
        number("x"),
        number("y"),
        number("width"),
        number("height")
    )
}

/// Sites that a portal links to and that the list does not have, as rows of a list.
fn unlisted(result: &SiteResult, finding: &Finding) -> Option<Unlisted> {
    if finding.check != CheckId::LinksComponents.as_str() {
        return None;
    }
    let portal = result.site.to_string();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["url", "name", "role", "portal"]).ok()?;
    let mut count = 0;
    for link in entries(finding, "unlisted") {
        let name = super::super::guarded(text(link, "text"));
        table
            .write_record([text(link, "site"), &name, "component", &portal])
            .ok()?;
        count += 1;
    }
    let rows = String::from_utf8(table.into_inner().ok()?).ok()?;
    (count > 0).then_some(Unlisted { count, rows })
}
