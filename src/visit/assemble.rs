//! Putting the observation together from what was recorded and gathered.

use std::time::Instant;

use url::Url;

use super::addresses;
use super::facts::millis;
use super::recorder::{Record, ShownDocument};
use super::redact::without_credentials;
use super::visitor::{OpenVisit, VisitOutput};
use crate::browser::SecurityDetails;
use crate::observation::{
    Attempt, Certificate, ClockFact, DocumentFacts, Observation, PageFacts, ProtocolCounts, Provenance,
    RequestRecord, SCHEMA, Size,
};
use crate::site::ListedSite;

impl OpenVisit<'_> {
    /// The end of the visit: the observation, with the files that belong to it.
    pub(super) fn finish(mut self) -> VisitOutput {
        let in_flight: Vec<String> = {
            let record = self.recorder.read();
            record
                .in_flight()
                .take(10)
                .map(|request| request.url.clone())
                .collect()
        };
        if !in_flight.is_empty() {
            self.facts
                .note_cut(format!("in flight at the end: {}", in_flight.join(" ")));
        }
        let observation = self.observation();
        VisitOutput {
            observation,
            files: std::mem::take(&mut self.facts.files),
        }
    }

    /// What is known so far, as an observation; also what "is a question still open?" is asked of.
    pub(super) fn observation(&self) -> Observation {
        let record = self.recorder.read();
        let mut requests = record.finished_requests();
        for (id, hash) in &self.facts.script_hashes {
            let owners = requests
                .iter_mut()
                .zip(&record.request_ids)
                .filter(|(_, request)| *request == id);
            owners.for_each(|(request, _)| request.body_sha256 = Some(hash.clone()));
        }
        let mut cut_short = self.facts.cut_short.clone();
        if record.requests_left_out > 0 {
            cut_short.push(format!("requests: {} left out", record.requests_left_out));
        }
        if record.popup_count > 0 {
            cut_short.push(format!(
                "windows opened by the page and closed: {}",
                record.popup_count
            ));
        }
        if record.headers_cut() {
            cut_short.push("headers of requests: no room for all of them".to_owned());
        }
        let document = record.speaking_document(self.facts.page.is_some());
        let asked = document
            .as_ref()
            .and_then(|document| requests.get(document.index));
        let asked_url = asked.map(|request| request.url.clone());
        let facts = self.document_facts(&record, document.as_ref(), asked);
        Observation {
            schema: SCHEMA.to_owned(),
            site: self.request.listed.site.clone(),
            visit: self.request.visit,
            engine: self.request.engine,
            provenance: Provenance {
                clock: clock_fact(document.as_ref(), asked),
                ..self.provenance()
            },
            started_at: self.started_at.to_string(),
            ended_at: jiff::Timestamp::now().to_string(),
            attempts: self.attempts(),
            splash: self.facts.splash.clone(),
            final_url: self
                .facts
                .final_url
                .as_deref()
                .map(without_credentials)
                .or_else(|| facts.url.clone()),
            document: facts,
            page: self.page(),
            layout: self.facts.layout.clone(),
            requests,
            console: record.console.clone(),
            dialogs: record.dialogs.clone(),
            overlay: self.facts.overlay.clone(),
            certificate: document.as_ref().and_then(|document| {
                let details = document.security.as_ref()?;
                Some(certificate(details, asked_url.as_deref()))
            }),
            followed: self.facts.followed.clone(),
            pictures: self.facts.pictures.clone(),
            kept: self.facts.files.iter().map(|file| file.name.clone()).collect(),
            timings: self.facts.timings.clone(),
            cut_short,
            protocol: self.protocol_counts(),
        }
    }

    fn document_facts(
        &self,
        record: &Record,
        document: Option<&ShownDocument>,
        asked: Option<&RequestRecord>,
    ) -> DocumentFacts {
        DocumentFacts {
            url: asked.map(|request| request.url.clone()),
            status: asked.and_then(|request| request.status),
            mime_type: asked.and_then(|request| request.mime_type.clone()),
            address: asked.and_then(|request| request.address.clone()),
            headers: document.map_or_else(Vec::new, |document| document.headers.clone()),
            cookie_names: document.map_or_else(Vec::new, |document| document.cookie_names.clone()),
            redirects: document.map_or_else(Vec::new, |document| record.redirects_to(document.index)),
            served_code: self.facts.served_code.clone(),
            served_bytes: self.facts.served_bytes,
            served_badge: self.facts.served_badge,
            breaks_off: self.facts.breaks_off,
            dom_content_loaded_ms: record.dom_content_loaded.map(|at| self.millis_at(at)),
            loaded_ms: record.loaded.map(|at| self.millis_at(at)),
        }
    }

    /// Milliseconds from the start of the visit.
    fn millis_at(&self, at: Instant) -> u64 {
        millis(at.saturating_duration_since(self.started))
    }

    fn attempts(&self) -> Vec<Attempt> {
        let attempts = self.facts.attempts.iter().map(|attempt| Attempt {
            url: without_credentials(&attempt.url),
            ending: attempt.ending.clone(),
        });
        attempts.collect()
    }

    /// The probed page; its frames' addresses without credentials, like those of its requests.
    fn page(&self) -> Option<PageFacts> {
        let mut page = self.facts.page.clone()?;
        for frame in &mut page.frames {
            frame.url = without_credentials(&frame.url);
        }
        Some(page)
    }

    fn provenance(&self) -> Provenance {
        let size = |(width, height): (u32, u32)| Size {
            width: f64::from(width),
            height: f64::from(height),
        };
        let settings = &self.options.settings;
        Provenance {
            program: crate::PROGRAM.to_owned(),
            commit: crate::COMMIT.to_owned(),
            rules: self.options.rules.clone(),
            command_line: clean(&self.options.command_line),
            browser: self.lease.version().to_owned(),
            browser_flags: clean(self.lease.flags()),
            user_agent: self.options.identity.user_agent.clone(),
            viewport: size(settings.desktop),
            mobile_viewport: size(settings.mobile),
            locale: settings.locale.clone(),
            time_zone: settings.time_zone.clone(),
            sandbox: self.lease.sandbox(),
            addresses: addresses_of(&self.request.listed),
            clock: None,
        }
    }

    fn protocol_counts(&self) -> ProtocolCounts {
        let counts = self.page.counts();
        ProtocolCounts {
            events: counts.events,
            unknown: counts.unknown,
            undecodable: counts.undecodable + self.lease.lost_messages(),
            unused_kinds: counts.kinds,
        }
    }
}

/// The addresses that a visit of this site may try.
pub(super) fn addresses_of(listed: &ListedSite) -> Vec<String> {
    let candidates = addresses::candidates(listed);
    candidates
        .iter()
        .map(|url| without_credentials(url.as_str()))
        .collect()
}

/// A proxy may be named with a password.
fn clean(words: &[String]) -> Vec<String> {
    words.iter().map(|word| without_credentials(word)).collect()
}

/// What the document's answer says of the time, beside our clock when it came.
fn clock_fact(document: Option<&ShownDocument>, asked: Option<&RequestRecord>) -> Option<ClockFact> {
    let document = document?;
    let named = |name: &str| {
        let mut headers = document.headers.iter();
        headers
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    let (date, ours) = (named("date")?, document.answered?);
    let theirs = jiff::fmt::rfc2822::parse(&date).ok()?.timestamp();
    Some(ClockFact {
        source: asked?.url.clone(),
        age: named("age"),
        ahead_s: Some((ours - theirs).total(jiff::Unit::Second).ok()?.round()),
        ours: ours.to_string(),
        date,
    })
}

/// The certificate with what is wrong with it. The browser passed over errors, so they are found here:
/// dates and names; who issued it is recorded for people to judge.
fn certificate(details: &SecurityDetails, document: Option<&str>) -> Certificate {
    let host = document
        .and_then(|url| Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    #[allow(clippy::cast_precision_loss)] // seconds since 1970
    let now = jiff::Timestamp::now().as_second() as f64;
    let out_of_date =
        details.valid_to.is_some_and(|end| end < now) || details.valid_from.is_some_and(|begin| begin > now);
    let covers = |name: &String| host.as_deref().is_none_or(|host| name_covers(name, host));
    let error = if out_of_date {
        Some("net::ERR_CERT_DATE_INVALID")
    } else if !details.san_list.is_empty() && !details.san_list.iter().any(covers) {
        Some("net::ERR_CERT_COMMON_NAME_INVALID")
    } else {
        None
    };
    Certificate {
        subject: details.subject_name.clone(),
        issuer: details.issuer.clone(),
        names: details.san_list.iter().take(50).cloned().collect(),
        valid_from: details.valid_from,
        valid_to: details.valid_to,
        protocol: details.protocol.clone(),
        error: error.map(str::to_owned),
    }
}

/// RFC 6125: a star stands for exactly one label, at the left.
fn name_covers(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::name_covers;

    #[test]
    fn a_star_covers_one_label_only() {
        assert!(name_covers("*.tinh.gov.vn", "sxd.tinh.gov.vn"));
        assert!(!name_covers("*.tinh.gov.vn", "a.sxd.tinh.gov.vn"));
        assert!(!name_covers("*.tinh.gov.vn", "tinh.gov.vn"));
        assert!(name_covers("Tinh.gov.vn", "tinh.gov.vn"));
    }
}
