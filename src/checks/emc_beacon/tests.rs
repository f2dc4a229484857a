#![allow(clippy::unwrap_used)]
use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;

fn code(page: &Observation) -> &'static str {
    world().code(CheckId::EmcBeacon, page)
}

fn calling(record: RequestRecord) -> Observation {
    let mut page = page();
    page.requests.push(script());
    page.requests.push(record);
    page
}

fn with_id() -> RequestRecord {
    call(&format!("{TRACKER}?idsite=163&rec=1"))
}

#[test]
fn a_call_with_an_id_is_sent_whatever_the_answer() {
    for status in [200, 204, 404, 500, 503] {
        let answered = RequestRecord {
            status: Some(status),
            ..with_id()
        };
        assert_eq!(code(&calling(answered)), "sent", "{status}");
    }
    assert_eq!(
        code(&calling(failed(with_id(), "net::ERR_EMPTY_RESPONSE", None))),
        "sent"
    );
    let waiting = RequestRecord {
        status: None,
        finished: false,
        ..with_id()
    };
    assert_eq!(code(&calling(waiting)), "sent");
}

#[test]
fn a_call_that_the_robot_answered_counts_and_says_so() {
    let stub = RequestRecord {
        answered_here: true,
        ..with_id()
    };
    let finding = world().check(CheckId::EmcBeacon, &calling(stub));
    assert_eq!(finding.code, "sent");
    assert_eq!(finding.facts["delivered"], false);
}

#[test]
fn an_empty_id_is_no_id() {
    assert_eq!(
        code(&calling(call(&format!("{TRACKER}?idsite=&rec=1")))),
        "no_site_id"
    );
    assert_eq!(
        code(&calling(call(TRACKER))),
        "no_site_id",
        "nothing on the page has one"
    );
}

#[test]
fn an_id_in_queue_or_body_counts() {
    let mut queued = calling(call(TRACKER));
    queued.page.as_mut().unwrap().frames[0].code.queue = Some(QueueFacts {
        site_ids: vec!["\"163\"".to_owned()],
        ..QueueFacts::default()
    });
    assert_eq!(code(&queued), "sent");
    let body = RequestRecord {
        method: "POST".to_owned(),
        post_data: Some("rec=1&idsite=163".to_owned()),
        ..call(TRACKER)
    };
    assert_eq!(code(&calling(body)), "sent");
}

#[test]
fn blocked_and_failed_calls_say_why() {
    let mixed = failed(with_id(), "net::ERR_BLOCKED", Some(BlockReason::MixedContent));
    assert_eq!(code(&calling(mixed)), "mixed_content");
    let csp = failed(with_id(), "net::ERR_BLOCKED_BY_CSP", Some(BlockReason::Csp));
    assert_eq!(code(&calling(csp)), "blocked_by_csp");
    let refused = calling(failed(with_id(), "net::ERR_CONNECTION_REFUSED", None));
    assert_eq!(code(&refused), "failed");
    let mut down = world();
    down.emc_answered = Some(false);
    assert_eq!(down.code(CheckId::EmcBeacon, &refused), "emc_host_down");
}

#[test]
fn a_call_that_was_refused_before_there_was_a_request_is_blocked() {
    let mut page = page();
    page.requests.push(script());
    page.console.push(ConsoleEntry {
        at_ms: 900,
        level: "security".to_owned(),
        text: format!(
            "Connecting to '{TRACKER}?idsite=163' violates the following Content Security Policy directive"
        ),
        url: None,
    });
    assert_eq!(code(&page), "blocked_by_csp");
}

#[test]
fn silence_is_none_unless_emc_was_down() {
    assert_eq!(code(&page()), "none");
    let mut loaded = page();
    loaded.requests.push(script());
    assert_eq!(code(&loaded), "none");
    let mut down = page();
    down.requests.push(RequestRecord {
        status: Some(503),
        ..script()
    });
    assert_eq!(code(&down), "emc_host_down");
}

#[test]
fn a_call_of_a_foreign_frame_is_not_this_sites_and_one_of_a_worker_is() {
    let foreign = RequestRecord {
        top_frame: false,
        frame: Some("f".to_owned()),
        frame_url: Some("https://lich.other.gov.vn/".to_owned()),
        ..with_id()
    };
    assert_eq!(code(&calling(foreign)), "none");
    let worker = RequestRecord {
        top_frame: false,
        frame: None,
        worker: true,
        ..with_id()
    };
    assert_eq!(code(&calling(worker)), "sent");
}

#[test]
fn a_question_before_a_call_is_no_call() {
    let preflight = RequestRecord {
        method: "OPTIONS".to_owned(),
        ..with_id()
    };
    assert_eq!(code(&calling(preflight)), "none");
}

#[test]
fn requests_that_were_not_all_recorded_prove_no_silence() {
    let mut page = page();
    page.cut_short.push("requests: 5000 kept".to_owned());
    assert_eq!(code(&page), "uncertain");
}
