//! A visit made by hand, for the tests of this room.
#![allow(clippy::unwrap_used)]

use crate::observation::{
    Attempt, Certificate, ConsoleEntry, DocumentFacts, Ending, Engine, Exchange, FrameFacts, LoadTiming,
    Observation, PageFacts, ProtocolCounts, Provenance, RequestRecord, SCHEMA,
};

/// A visit of `https://<site>/` that went well: a document, a script and a tracker call.
pub(crate) fn observation(site: &str, visit: u32) -> Observation {
    let home = format!("https://{site}/");
    let top = |url: &str, resource: &str| RequestRecord {
        at_ms: 10,
        url: url.to_owned(),
        method: "GET".to_owned(),
        resource: resource.to_owned(),
        top_frame: true,
        status: Some(200),
        mime_type: Some("text/html".to_owned()),
        address: Some("203.0.113.7:443".to_owned()),
        finished: true,
        encoded_bytes: Some(1234),
        exchange: exchange(),
        ..RequestRecord::default()
    };
    let mut call = top("https://f-emc.ngsp.gov.vn/tracking?idsite=163", "Ping");
    call.method = "POST".to_owned();
    call.post_data = Some("e=1".to_owned());
    Observation {
        schema: SCHEMA.to_owned(),
        site: site.parse().unwrap(),
        visit,
        engine: Engine::Shell,
        provenance: Provenance {
            program: "emc-audit 0.1.0".to_owned(),
            browser: "Chrome/156.0.8078.79".to_owned(),
            addresses: vec![home.clone(), format!("http://{site}/")],
            ..Provenance::default()
        },
        started_at: "2026-11-21T02:00:00Z".to_owned(),
        ended_at: "2026-11-21T02:00:05Z".to_owned(),
        attempts: vec![Attempt {
            url: home.clone(),
            ending: Ending::Loaded,
        }],
        splash: None,
        final_url: Some(home.clone()),
        document: DocumentFacts {
            url: Some(home.clone()),
            status: Some(200),
            redirects: vec![home.clone()],
            dom_content_loaded_ms: Some(200),
            loaded_ms: Some(400),
            ..DocumentFacts::default()
        },
        page: Some(PageFacts {
            frames: vec![FrameFacts {
                url: home.clone(),
                top: true,
                ..FrameFacts::default()
            }],
            ..PageFacts::default()
        }),
        layout: None,
        requests: vec![
            top(&home, "Document"),
            top("https://f-emc.ngsp.gov.vn/embed/x.js", "Script"),
            call,
        ],
        console: vec![ConsoleEntry {
            at_ms: 20,
            level: "log".to_owned(),
            text: "xin chào\nmột dòng".to_owned(),
            url: None,
        }],
        dialogs: Vec::new(),
        overlay: None,
        certificate: Some(Certificate::default()),
        followed: Vec::new(),
        pictures: Vec::new(),
        kept: vec!["served.html".to_owned()],
        timings: Vec::new(),
        cut_short: Vec::new(),
        protocol: ProtocolCounts::default(),
    }
}

/// The home page redirects to `url`, and the page is there.
pub(super) fn redirect_to(observation: &mut Observation, url: &str) {
    let mut last = observation.requests[0].clone();
    last.url = url.to_owned();
    observation.requests[0].status = Some(302);
    observation.requests[0].redirected_to = Some(url.to_owned());
    observation.requests.insert(1, last);
    observation.document.redirects.push(url.to_owned());
    observation.document.url = Some(url.to_owned());
    observation.final_url = Some(url.to_owned());
    observation.page.as_mut().unwrap().frames[0].url = url.to_owned();
}

fn exchange() -> Exchange {
    Exchange {
        sent_at_s: Some(1_795_226_400.25),
        answered_after_ms: Some(80.5),
        ended_after_ms: Some(100.25),
        timing: Some(LoadTiming {
            queued: 2.0,
            dns_start: 1.0,
            dns_end: 5.0,
            connect_start: 5.0,
            connect_end: 45.0,
            ssl_start: 15.0,
            ssl_end: 45.0,
            send_start: 45.5,
            send_end: 46.0,
            headers_end: 78.0,
        }),
        protocol: Some("h2".to_owned()),
        request_headers: vec![("Accept".to_owned(), "*/*".to_owned())],
        response_headers: vec![("x-two".to_owned(), "a\nb".to_owned())],
        ..Exchange::default()
    }
}
