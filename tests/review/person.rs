//! How a reviewer works: by keys, with a session that ends in the middle, and on a telephone.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::access::no_name_became_markup;
use crate::axe::Access;
use crate::chromium::Chromium;
use crate::page::{choose, click, enter, go_to, left, log_in, says, shown};
use crate::review_server::{JSON, Review, SECRET};
use crate::{HOSTILE, HOSTILE_SITE};

/// A wrong password first.
pub fn logs_in(browser: &mut Chromium, access: &mut Access, review: &Review) {
    browser.size(1366, 900);
    let url = format!("http://127.0.0.1:{}/", review.port);
    access.open(
        browser,
        &url,
        "document.getElementById('login').offsetParent",
        "login",
    );
    log_in(browser, HOSTILE, "wrong password");
    says(browser, "message", "Tên hoặc mật khẩu không đúng");
    // The refused password is an error of the network, which is meant.
    browser.complaints.clear();
    access.look(browser, "refused login");
    browser.value("document.getElementById('login-name').focus()");
    log_in(browser, HOSTILE, SECRET);
    browser.wait("document.getElementById('entry').offsetParent && document.querySelector('#pictures img')");
    let who = browser.value("document.getElementById('who').textContent");
    assert_eq!(who, HOSTILE);
    access.look(browser, "queue");
}

/// One finding of each of ten sites; the sites.
pub fn decides_ten_sites_by_keys(browser: &mut Chromium, access: &mut Access) -> BTreeSet<String> {
    let before = left(browser);
    assert!(before > 20, "{before} findings wait");
    let mut seen_hostile = false;
    let mut decided = BTreeSet::new();
    let mut last = (Value::Null, Value::Null);
    for _ in 0..before {
        if decided.len() == 10 {
            break;
        }
        let agency = browser.value("document.getElementById('agency').textContent");
        seen_hostile |= agency.as_str().unwrap().contains(HOSTILE);
        no_name_became_markup(browser, "finding");
        let was = left(browser);
        let status = browser.value("document.getElementById('status').textContent");
        let site = shown(browser).0.as_str().unwrap().to_owned();
        // What is for review cannot be confirmed; a shared id is kept for later.
        let key = match status.as_str().unwrap() {
            text if text.contains("shared") || decided.contains(&site) => {
                browser.key("ArrowRight");
                continue;
            }
            text if text.starts_with("Không đạt") => ["c", "F"][decided.len() % 2],
            _ => "p",
        };
        last = shown(browser);
        browser.key(key);
        browser.wait(&format!(
            "document.getElementById('left').textContent.includes(': {}')",
            was - 1
        ));
        decided.insert(site);
    }
    assert_eq!(decided.len(), 10, "{decided:?}");
    assert!(seen_hostile, "the name that tries to be markup was shown");
    assert_eq!(left(browser), before - 10);

    // A decision is undone by another one; both are kept.
    browser.key("u");
    assert_eq!(shown(browser), last);
    browser.key("p");
    says(browser, "message", "Kết luận: đạt");
    browser.key("u");
    assert_eq!(shown(browser), last);
    browser.value("document.getElementById('past').open = true");
    browser.wait("document.querySelectorAll('#past-list li').length === 2");
    says(browser, "past-list", HOSTILE);
    no_name_became_markup(browser, "past");
    access.look(browser, "finding with its past");
    browser.value("document.getElementById('past').open = false");
    choose(browser, "");
    decided
}

/// Somebody else ends the session, as with an account that is taken away; the note that was typed is kept.
pub fn goes_on_after_the_session_ended(browser: &mut Chromium, review: &Review) {
    go_to(
        browser,
        &format!("document.getElementById('site').textContent === '{HOSTILE_SITE}'"),
    );
    browser.value("document.getElementById('note').focus()");
    browser.type_text(HOSTILE);
    browser.key("Escape");
    end_session(browser, review);
    let was = left(browser);
    browser.key("d");
    says(browser, "message", "Phiên làm việc đã hết");
    enter(browser, HOSTILE);
    browser.complaints.clear();
    assert_eq!(left(browser), was, "nothing was decided without a session");
    assert_eq!(browser.value("document.getElementById('note').value"), HOSTILE);
    let (site, check) = shown(browser);
    browser.key("d");
    says(browser, "message", "Đã lưu");
    // A dispute stays in the queue, and its history has the note as text.
    assert_eq!(left(browser), was);
    choose(browser, "disputed");
    assert_eq!(shown(browser), (site, check));
    browser.value("document.getElementById('past').open = true");
    says(browser, "past-list", HOSTILE);
    no_name_became_markup(browser, "dispute");
    browser.value("document.getElementById('past').open = false");
    choose(browser, "");
}

fn end_session(browser: &mut Chromium, review: &Review) {
    let told = browser.call("Network.getCookies", json!({}));
    let mut cookies = told["cookies"].as_array().unwrap().iter();
    let cookie = cookies.find(|cookie| cookie["name"] == "emc-audit").unwrap();
    assert!(
        cookie["httpOnly"] == true && cookie["sameSite"] == "Strict",
        "{cookie}"
    );
    let cookie = format!("emc-audit={}", cookie["value"].as_str().unwrap());
    let (_, _, body) = review.ask("GET", "/api/v1/session", &[("Cookie", &cookie)], "");
    let session: Value = serde_json::from_slice(&body).unwrap();
    let token = session["token"].as_str().unwrap();
    let headers = [("Cookie", cookie.as_str()), ("X-Emc-Audit-Token", token), JSON];
    assert_eq!(review.status("POST", "/api/v1/logout", &headers, "{}"), 200);
}

pub fn accepts_a_shared_id(browser: &mut Chromium, access: &mut Access) {
    let was = left(browser);
    go_to(browser, "!document.getElementById('shared').hidden");
    let boxes = "document.querySelectorAll('#shared-agencies input')";
    browser.wait(&format!("{boxes}.length === 2"));
    access.look(browser, "shared id");
    browser.value(&format!("{boxes}.forEach((box) => box.click())"));
    browser.value("document.querySelector('#shared button').click()");
    says(browser, "message", "xadongxuan");
    assert_eq!(left(browser), was - 2, "both sites of the id are answered");
}

/// Without scrolling sideways, whatever is shown.
pub fn looks_at_a_telephone(browser: &mut Chromium) {
    browser.size(390, 844);
    for view in ["to-work", "to-lists"] {
        click(browser, view);
        assert_eq!(
            browser.value("document.documentElement.scrollWidth"),
            390,
            "{view}"
        );
    }
    browser.size(1366, 900);
}
