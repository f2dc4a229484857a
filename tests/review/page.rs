//! What a person does with any part of the page: press, choose, read.

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::review_server::SECRET;

pub fn click(browser: &mut Chromium, id: &str) {
    browser.wait(&format!("document.getElementById('{id}').offsetParent"));
    browser.value(&format!("document.getElementById('{id}').click()"));
}

pub fn says(browser: &mut Chromium, id: &str, text: &str) {
    browser.wait(&format!(
        "document.getElementById('{id}').textContent.includes({})",
        json!(text)
    ));
}

pub fn choose(browser: &mut Chromium, why: &str) {
    browser.value(&format!(
        "(() => {{ const why = document.getElementById('why'); why.value = '{why}'; why.dispatchEvent(new Event('change')); }})()"
    ));
}

pub fn left(browser: &mut Chromium) -> u64 {
    let text = browser.value("document.getElementById('left').textContent");
    let digits: String = text
        .as_str()
        .unwrap()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

pub fn shown(browser: &mut Chromium) -> (Value, Value) {
    let mut text = |id: &str| browser.value(&format!("document.getElementById('{id}').textContent"));
    (text("site"), text("check"))
}

/// By keys alone; the name has the focus.
pub fn log_in(browser: &mut Chromium, name: &str, password: &str) {
    browser.wait("document.activeElement.id === 'login-name'");
    browser.value("document.getElementById('login-name').select()");
    browser.type_text(name);
    browser.key("Tab");
    browser.type_text(password);
    browser.key("Enter");
}

/// Logs in as one who may do everything, and waits for the queue.
pub fn enter(browser: &mut Chromium, name: &str) {
    log_in(browser, name, SECRET);
    is_ready(browser);
}

/// Waits for a finding.
pub fn is_ready(browser: &mut Chromium) {
    browser
        .wait("document.getElementById('entry').offsetParent && document.getElementById('site').textContent");
}

/// By keys: goes on until a finding is shown for which the expression holds.
pub fn go_to(browser: &mut Chromium, holds: &str) {
    let all = left(browser);
    for _ in 0..all {
        browser.key("ArrowLeft");
    }
    for _ in 0..all {
        if browser.value(holds) == true {
            return;
        }
        browser.key("ArrowRight");
    }
    let told = browser
        .value("JSON.stringify(wanted().map(({ site, check, code, run }) => [site, check, code, run]))");
    panic!("no finding for which {holds}: {told}");
}
