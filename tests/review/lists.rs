//! A list is uploaded with a slip in it, mended on the page, run, watched and stopped.

use base64::Engine as _;
use serde_json::json;

use crate::access::no_name_became_markup;
use crate::axe::Access;
use crate::chromium::Chromium;
use crate::page::{click, says};
use crate::review_server::{JSON, Review};
use crate::{ACTIVE, HOSTILE, list};

pub fn are_mended_run_and_stopped(browser: &mut Chromium, access: &mut Access, review: &Review) {
    let (cookie, token) = review.log_in(HOSTILE);
    let headers = [
        ("Cookie", cookie.as_str()),
        ("X-Emc-Audit-Token", token.as_str()),
        JSON,
    ];
    let text = list().replacen(",component,", ",neither,", 1);
    let body =
        json!({"name": "danh sách.csv", "base64": base64::engine::general_purpose::STANDARD.encode(text)});
    assert_eq!(
        review.status("POST", "/api/v1/lists", &headers, &body.to_string()),
        200
    );

    click(browser, "to-lists");
    browser.wait("document.querySelector('#list-names button')");
    browser.value("document.querySelector('#list-names button').click()");
    browser.wait("document.querySelector('#list-table td input.bad')");
    assert_eq!(
        browser.value("document.querySelector('#list-table td input.bad').value"),
        "neither"
    );
    says(browser, "list-problems", "neither");
    assert_eq!(browser.value("document.getElementById('list-run').hidden"), true);
    no_name_became_markup(browser, "list");
    access.look(browser, "list");
    browser.value("document.querySelector('#list-table td input.bad').select()");
    browser.type_text("component");
    click(browser, "list-save");
    click(browser, "list-run");
    says(browser, "job-state", "Đang chạy: danh sách.csv");
    says(browser, "job-state", &format!("/{ACTIVE} "));
    access.look(browser, "run under way");
    click(browser, "stop");
    says(browser, "job-state", "Đã xong");
}
