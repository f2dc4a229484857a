#![allow(clippy::unwrap_used)]
use crate::checks::support::*;
use crate::observation::*;
use crate::rules::CheckId;

fn code(page: &Observation) -> &'static str {
    world().code(CheckId::EmcScript, page)
}

fn asked(record: RequestRecord) -> Observation {
    let mut page = page();
    snippet(&mut page, SnippetPlace::Live, SNIPPET);
    page.requests.push(record);
    page
}

#[test]
fn a_script_that_came_and_ran_is_loaded() {
    assert_eq!(code(&connected()), "loaded");
    assert_eq!(code(&asked(script())), "loaded");
}

#[test]
fn what_the_browser_or_the_site_blocks_is_named() {
    let mixed = failed(script(), "net::ERR_BLOCKED", Some(BlockReason::MixedContent));
    assert_eq!(code(&asked(mixed)), "mixed_content");
    let csp = failed(script(), "net::ERR_BLOCKED_BY_CSP", Some(BlockReason::Csp));
    assert_eq!(code(&asked(csp)), "blocked_by_csp");
}

#[test]
fn a_missing_file_is_an_error_whatever_its_body_and_though_chromium_hides_it() {
    let missing = RequestRecord {
        status: Some(404),
        ..failed(script(), "net::ERR_BLOCKED_BY_ORB", None)
    };
    assert_eq!(code(&asked(missing)), "http_error");
}

#[test]
fn html_in_place_of_a_script_is_no_javascript() {
    let hidden = RequestRecord {
        status: Some(200),
        content_type: Some("text/html".to_owned()),
        ..failed(script(), "net::ERR_BLOCKED_BY_ORB", None)
    };
    assert_eq!(code(&asked(hidden)), "not_javascript");
    let html = RequestRecord {
        content_type: Some("text/html; charset=utf-8".to_owned()),
        ..script()
    };
    assert_eq!(code(&asked(html)), "not_javascript");
    let mut disguised = asked(script());
    disguised.console.push(ConsoleEntry {
        at_ms: 500,
        level: "exception".to_owned(),
        text: "Uncaught SyntaxError: Unexpected token '<'".to_owned(),
        url: Some(SCRIPT.to_owned()),
    });
    assert_eq!(code(&disguised), "not_javascript");
}

#[test]
fn a_script_sent_as_plain_text_still_runs() {
    let plain = RequestRecord {
        content_type: Some("text/plain".to_owned()),
        ..script()
    };
    assert_eq!(code(&asked(plain)), "loaded");
}

#[test]
fn a_failed_connection_is_the_sites_only_if_emc_was_up() {
    let refused = asked(failed(script(), "net::ERR_CONNECTION_REFUSED", None));
    let mut world = world();
    assert_eq!(world.code(CheckId::EmcScript, &refused), "network_error");
    world.emc_answered = Some(false);
    assert_eq!(world.code(CheckId::EmcScript, &refused), "emc_host_down");
    world.emc_answered = None;
    assert_eq!(world.code(CheckId::EmcScript, &refused), "emc_host_down");
}

#[test]
fn an_error_of_emcs_own_server_accuses_nobody() {
    let down = RequestRecord {
        status: Some(503),
        ..failed(script(), "net::ERR_BLOCKED_BY_ORB", None)
    };
    assert_eq!(code(&asked(down)), "emc_host_down");
}

#[test]
fn a_redirect_is_followed_to_its_end() {
    let mut page = asked(RequestRecord {
        status: Some(301),
        url: SCRIPT.replace("https", "http"),
        redirected_to: Some(SCRIPT.to_owned()),
        ..script()
    });
    page.requests.push(script());
    assert_eq!(code(&page), "loaded");
    page.requests[1].status = Some(404);
    assert_eq!(code(&page), "http_error");
}

#[test]
fn code_that_never_ran_is_told_from_code_in_a_comment() {
    for place in [
        SnippetPlace::Live,
        SnippetPlace::InertType,
        SnippetPlace::InertElement,
    ] {
        let mut page = page();
        snippet(&mut page, place, SNIPPET);
        assert_eq!(code(&page), "not_executed", "{place:?}");
    }
    let mut page = page();
    snippet(&mut page, SnippetPlace::HtmlComment, SNIPPET);
    assert_eq!(code(&page), "commented_out");
}

#[test]
fn a_comment_in_the_served_html_alone_is_enough_to_say_so() {
    let mut page = page();
    page.document.served_code.snippets.push(CodeSnippet {
        place: SnippetPlace::HtmlComment,
        text: SNIPPET.to_owned(),
        line: Some(41),
        ..CodeSnippet::default()
    });
    let finding = world().check(CheckId::EmcScript, &page);
    assert_eq!(finding.code, "commented_out");
    assert_eq!(finding.facts["line"], 41);
}

#[test]
fn a_preload_alone_runs_nothing() {
    let preload = RequestRecord {
        preload: true,
        ..script()
    };
    let mut only = page();
    only.requests.push(preload.clone());
    assert_eq!(code(&only), "not_executed");
    let mut used = connected();
    used.requests[0] = preload;
    assert_eq!(
        code(&used),
        "loaded",
        "a preloaded script that called the tracker ran"
    );
}

#[test]
fn a_script_that_fails_its_integrity_did_not_run() {
    let mut page = asked(script());
    page.console.push(ConsoleEntry {
        at_ms: 500,
        level: "security".to_owned(),
        text: format!("Failed to find a valid digest in the 'integrity' attribute for resource '{SCRIPT}'"),
        url: None,
    });
    assert_eq!(code(&page), "not_executed");
}

#[test]
fn the_code_of_a_foreign_frame_is_not_this_sites() {
    let mut page = page();
    frame(&mut page, "f", "https://lich.other.gov.vn/", false);
    page.requests.push(RequestRecord {
        top_frame: false,
        frame: Some("f".to_owned()),
        frame_url: Some("https://lich.other.gov.vn/".to_owned()),
        ..script()
    });
    let finding = world().check(CheckId::EmcScript, &page);
    assert_eq!(finding.code, "absent");
    assert_eq!(finding.facts["in_foreign_frame"], true);
}

#[test]
fn the_code_of_a_frame_of_the_same_host_is() {
    let mut page = page();
    page.requests.push(RequestRecord {
        top_frame: false,
        frame: Some("f".to_owned()),
        frame_url: Some(format!("https://{SITE}/main.html")),
        ..script()
    });
    assert_eq!(code(&page), "loaded");
}

#[test]
fn a_page_without_any_code_has_none() {
    assert_eq!(code(&page()), "absent");
    let mut service = page();
    snippet(
        &mut service,
        SnippetPlace::Live,
        "_govaq.push(['trackDVC', 'x']);",
    );
    assert_eq!(
        code(&service),
        "absent",
        "a public service's own event is no embed"
    );
}

#[test]
fn a_guide_that_shows_the_code_embeds_nothing() {
    let mut page = page();
    snippet(&mut page, SnippetPlace::InertElement, SNIPPET);
    let shown = &mut page.page.as_mut().unwrap().frames[0].code.snippets[0];
    shown.script_type = Some("pre".to_owned());
    assert_eq!(code(&page), "absent");
    let shown = &mut page.page.as_mut().unwrap().frames[0].code.snippets[0];
    shown.script_type = Some("noscript".to_owned());
    assert_eq!(code(&page), "not_executed");
}

#[test]
fn a_missing_request_is_no_proof_when_the_script_was_at_work() {
    let mut page = connected();
    page.requests.remove(0);
    assert_eq!(code(&page), "uncertain");
}

#[test]
fn code_only_behind_a_splash_page_is_for_a_person() {
    let mut page = connected();
    page.splash = Some(Splash {
        url: format!("https://{SITE}/"),
        way_in: "Vào trang".to_owned(),
        code: CodeFacts::default(),
    });
    assert_eq!(code(&page), "uncertain");
    page.splash.as_mut().unwrap().code.snippets.push(CodeSnippet {
        text: SNIPPET.to_owned(),
        ..CodeSnippet::default()
    });
    assert_eq!(code(&page), "loaded");
}

#[test]
fn several_requests_give_the_best_and_then_the_cause_nearest_to_running() {
    let mut page = asked(failed(
        script(),
        "net::ERR_BLOCKED",
        Some(BlockReason::MixedContent),
    ));
    page.requests.push(RequestRecord {
        status: Some(404),
        ..script()
    });
    assert_eq!(code(&page), "mixed_content");
    page.requests.push(script());
    assert_eq!(code(&page), "loaded");
}

#[test]
fn an_answer_that_the_browser_hides_is_no_verdict() {
    let hidden = failed(script(), "net::ERR_BLOCKED_BY_ORB", None);
    assert_eq!(code(&asked(hidden.clone())), "uncertain");
    let status = |status| RequestRecord {
        status: Some(status),
        ..hidden.clone()
    };
    assert_eq!(code(&asked(status(503))), "emc_host_down");
    assert_eq!(code(&asked(status(410))), "http_error");
    assert_eq!(code(&asked(status(200))), "not_javascript");
}

#[test]
fn a_wrong_path_on_emcs_host_was_asked_for() {
    let missing = RequestRecord {
        status: Some(404),
        ..request("https://f-emc.ngsp.gov.vn/gov-tracking.min.js")
    };
    assert_eq!(code(&asked(missing)), "http_error");
}
