//! What goes into the bag of a visit: its observation, the network log, and what people read of it without
//! a program of ours.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use url::Url;

use super::bag::BagInfo;
use super::har::{HarHead, har_of};
use super::identity::{self, Mixed};
use crate::observation::{Certificate, ConnectionSecurity, Observation};
use crate::visit::EvidenceFile;

/// The observation itself.
pub(super) const OBSERVATION: &str = "observation.json";
/// The network log.
pub(super) const NETWORK: &str = "network.har";
/// What the page wrote to its console, one JSON object a line.
const CONSOLE: &str = "console.jsonl";
/// The certificate, and how each host was spoken to.
const TLS: &str = "tls.json";

/// Why a bag could not be filled.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContentsError {
    #[error(transparent)]
    Mixed(#[from] Mixed),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The files that are made of the observation, after it was checked that its parts belong together.
pub(super) fn made_of(observation: &Observation) -> Result<Vec<EvidenceFile>, ContentsError> {
    let har = har_of(observation);
    identity::check(observation, &HarHead::from(&har))?;
    let mut files = vec![
        file(OBSERVATION, json(observation)?),
        file(NETWORK, json(&har)?),
        file(CONSOLE, console_lines(observation)?),
    ];
    if let Some(tls) = tls_of(observation) {
        files.push(file(
            TLS,
            serde_json::to_vec_pretty(&tls).map_err(io::Error::from)?,
        ));
    }
    Ok(files)
}

/// What the bag says of itself.
pub(super) fn info_of(observation: &Observation, run: &str) -> BagInfo {
    let provenance = &observation.provenance;
    let agent = match provenance.commit.as_str() {
        "" => provenance.program.clone(),
        commit => format!("{} ({commit})", provenance.program),
    };
    BagInfo {
        bagging_date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        software_agent: agent,
        external_identifier: identifier(observation),
        external_description: format!(
            "what a visit of {} saw at {}",
            observation.site, observation.started_at
        ),
        group_identifier: run.to_owned(),
    }
}

/// `site visit-N`: what a bag is evidence of.
pub(super) fn identifier(observation: &Observation) -> String {
    format!("{} visit-{}", observation.site, observation.visit)
}

fn file(name: &str, bytes: Vec<u8>) -> EvidenceFile {
    EvidenceFile {
        name: name.to_owned(),
        bytes,
    }
}

fn json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::from)
}

fn console_lines(observation: &Observation) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for entry in &observation.console {
        lines.extend(json(entry)?);
        lines.push(b'\n');
    }
    Ok(lines)
}

/// `tls.json`.
#[derive(Debug, Serialize)]
struct Tls<'a> {
    /// Of the page that was visited.
    certificate: Option<&'a Certificate>,
    /// How the first protected request to each host was protected.
    hosts: BTreeMap<String, &'a ConnectionSecurity>,
}

fn tls_of(observation: &Observation) -> Option<Tls<'_>> {
    let mut hosts = BTreeMap::new();
    for request in &observation.requests {
        if let Some(security) = &request.exchange.security
            && let Some(host) = Url::parse(&request.url).ok().and_then(|url| host_and_port(&url))
        {
            hosts.entry(host).or_insert(security);
        }
    }
    let certificate = observation.certificate.as_ref();
    (certificate.is_some() || !hosts.is_empty()).then_some(Tls { certificate, hosts })
}

fn host_and_port(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bundle::sample;
    use proptest::prelude::*;

    fn text(files: &[EvidenceFile], name: &str) -> String {
        let file = files.iter().find(|file| file.name == name).unwrap();
        String::from_utf8(file.bytes.clone()).unwrap()
    }

    #[test]
    fn a_line_of_the_console_stays_one_line() {
        let files = made_of(&sample::observation("a.gov.vn", 1)).unwrap();
        let lines = text(&files, CONSOLE);
        assert_eq!(lines.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(lines.trim()).unwrap();
        assert_eq!(line["text"], "xin chào\nmột dòng");
    }

    #[test]
    fn a_mixed_visit_fills_no_bag() {
        let mut mixed = sample::observation("a.gov.vn", 1);
        mixed.requests = sample::observation("b.gov.vn", 1).requests;
        assert!(matches!(made_of(&mixed), Err(ContentsError::Mixed(_))));
    }

    proptest! {
        /// Judging again from the disk must see what judging saw the first time.
        #[test]
        fn an_observation_comes_back_as_it_was(x in -1e6_f64..1e6, y in 0.0_f64..1.0, words in "\\PC{0,40}") {
            let mut seen = sample::observation("a.gov.vn", 1);
            seen.layout = Some(crate::observation::LayoutFacts {
                page_width: x,
                page_height: y / 3.0,
                html_background: words,
                ..Default::default()
            });
            seen.requests[0].exchange.answered_after_ms = Some(y);
            let files = made_of(&seen).unwrap();
            let back: Observation = serde_json::from_str(&text(&files, OBSERVATION)).unwrap();
            let as_value = |one: &Observation| format!("{one:?}");
            prop_assert_eq!(as_value(&back), as_value(&seen));
        }
    }
}
