//! Who is not let in: other hosts and origins, ways out of the folder, other roles, guessed tokens, wrong passwords.

use std::path::Path;

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::page::{click, is_ready, log_in, says};
use crate::review_server::{JSON, Review};
use crate::{HOSTILE, HOSTILE_SITE};

/// Ways to the accounts, which lie beside the runs, and to the machine's files.
const WAYS_OUT: [&str; 22] = [
    "../../users.json",
    "..%2f..%2fusers.json",
    "..%2F..%2Fusers.json",
    "%2e%2e/%2e%2e/users.json",
    "%2e%2e%2f%2e%2e%2fusers.json",
    "%252e%252e%252f%252e%252e%252fusers.json",
    "..%252f..%252fusers.json",
    ".%2e/.%2e/users.json",
    "..%5c..%5cusers.json",
    "..\\..\\users.json",
    "....//....//users.json",
    "..;/..;/users.json",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/users.json",
    "%u002e%u002e/users.json",
    "sites/../../../users.json",
    "sites/%2e%2e/%2e%2e/%2e%2e/users.json",
    "./../../users.json",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "file:%2f%2f%2fetc%2fpasswd",
    "../../users.json%00.png",
    "run.json%00.png",
];

/// Hosts that are not ours, ways out of the folder, pages of sites as pages, and
/// every route that is described is there, and asks who asks.
pub fn are_refused(review: &Review, out: &Path, run: &str) {
    assert_eq!(review.status("GET", "/", &[("Host", "evil.example")], ""), 403);
    assert_eq!(review.status("GET", "/", &[], ""), 200);
    let description = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/openapi.json");
    let description: Value = serde_json::from_slice(&std::fs::read(description).unwrap()).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let real = path
                .replace("{run}", run)
                .replace("{path}", "run.json")
                .replace("{name}", "a.csv");
            let status = review.status(&method.to_uppercase(), &real, &[JSON], "{}");
            let wanted: &[u16] = if about["x-role"] == "none" {
                &[200, 204, 422]
            } else {
                &[401]
            };
            assert!(wanted.contains(&status), "{method} {path}: {status}");
        }
    }
    let (cookie, _) = review.log_in("view");
    let cookie = [("Cookie", cookie.as_str())];
    let refused = |path: &str| {
        let (status, _, body) = review.ask("GET", path, &cookie, "");
        assert!(matches!(status, 400 | 404), "{path}: {status}");
        let body = String::from_utf8_lossy(&body);
        assert!(!body.contains("argon2") && !body.contains("root:"), "{path}");
    };
    for way in WAYS_OUT {
        refused(&format!("/files/{run}/{way}"));
        refused(&format!("/files/{run}/report/{way}"));
        refused(&format!("/files/{way}"));
        refused(&format!("/files/{}/x", way.replace('/', "%2f")));
        refused(&format!("/api/v1/lists/{}", way.replace('/', "%2f")));
        refused(&format!("/api/v1/queue?run={way}"));
    }
    assert!(out.join("users.json").is_file());
    let page = format!("/files/{run}/sites/{HOSTILE_SITE}/visit-1/data/page.html");
    let (status, head, _) = review.ask("GET", &page, &cookie, "");
    assert!(
        status == 200 && head.contains("content-disposition: attachment"),
        "{head}"
    );
    assert!(
        head.contains("x-content-type-options: nosniff") && !head.contains("text/html"),
        "{head}"
    );
}

pub fn have_no_role_and_no_token(review: &Review, run: &str) {
    let decision = json!({
        "decision": "pass", "note": "", "run": run,
        "findings": [{"site": HOSTILE_SITE, "check": "emc.script", "fingerprint": "another"}],
    })
    .to_string();
    let decide = |headers: &[(&str, &str)]| review.status("POST", "/api/v1/decisions", headers, &decision);
    let (cookie, token) = review.log_in("review");
    let mine = [
        ("Cookie", cookie.as_str()),
        ("X-Emc-Audit-Token", token.as_str()),
        JSON,
    ];
    assert_eq!(decide(&mine), 409, "the facts are others than the reviewer saw");
    assert_eq!(decide(&[mine[0], JSON]), 403, "without the token");
    assert_eq!(decide(&[mine[0], ("X-Emc-Audit-Token", "guessed"), JSON]), 403);
    for foreign in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        assert_eq!(decide(&[mine[0], mine[1], JSON, foreign]), 403, "{foreign:?}");
    }
    assert_eq!(
        decide(&[mine[0], mine[1], ("Content-Type", "text/plain")]),
        403,
        "what a form can send"
    );
    let list = json!({"list": "a.csv"}).to_string();
    assert_eq!(
        review.status("POST", "/api/v1/run", &mine, &list),
        403,
        "who reviews starts no run"
    );
    let (cookie, token) = review.log_in("view");
    let theirs = [
        ("Cookie", cookie.as_str()),
        ("X-Emc-Audit-Token", token.as_str()),
        JSON,
    ];
    assert_eq!(decide(&theirs), 403, "who looks decides nothing");
    let (cookie, token) = review.log_in(HOSTILE);
    let headers = [
        ("Cookie", cookie.as_str()),
        ("X-Emc-Audit-Token", token.as_str()),
        JSON,
    ];
    for name in ["../a.csv", "a.html", ".csv"] {
        let body = json!({"name": name, "rows": [["url"]]}).to_string();
        assert_eq!(
            review.status("POST", "/api/v1/lists", &headers, &body),
            422,
            "{name}"
        );
    }
}

/// A page of another origin, with a browser that is logged in here: it can send, and nothing comes of it.
pub fn of_another_origin_decide_nothing(browser: &mut Chromium, review: &Review) {
    let count = |review: &Review| {
        let (cookie, _) = review.log_in("view");
        let (_, _, body) = review.ask("GET", "/api/v1/decisions", &[("Cookie", &cookie)], "");
        let told: Value = serde_json::from_slice(&body).unwrap();
        told["decisions"].as_array().unwrap().len()
    };
    let before = count(review);
    // Another site than 127.0.0.1, for a browser, and a page without a policy of its own.
    browser.open(&format!("http://localhost:{}/api/v1/openapi.json", review.port));
    browser.wait("location.hostname === 'localhost' && document.readyState === 'complete'");
    let target = format!("http://127.0.0.1:{}/api/v1/", review.port);
    let body = json!({"decision": "pass", "run": "x", "findings": [{"site": HOSTILE_SITE, "check": "emc.script", "fingerprint": "x"}]});
    for (kind, path) in [
        ("text/plain", "decisions"),
        ("application/json", "decisions"),
        ("text/plain", "stop"),
    ] {
        let sent = format!(
            "fetch('{target}{path}', {{ method: 'POST', mode: '{}', credentials: 'include', headers: {{ 'Content-Type': '{kind}' }}, body: {} }})
                .then((answer) => answer.type + answer.status, () => 'refused')",
            if kind == "text/plain" { "no-cors" } else { "cors" },
            json!(body.to_string()),
        );
        let answer = browser.value(&sent);
        assert!(
            ["refused", "opaque0"].contains(&answer.as_str().unwrap()),
            "{path} {kind}: {answer}"
        );
    }
    let read = browser.value(&format!(
        "fetch('{target}queue', {{ credentials: 'include' }}).then(() => 'read', () => 'refused')"
    ));
    assert_eq!(read, "refused", "nor does it read anything");
    assert_eq!(count(review), before);
    browser.complaints.clear();
    browser.open(&format!("http://127.0.0.1:{}/", review.port));
    is_ready(browser);
}

/// Wrong passwords are answered more slowly than anybody can guess, and the page says so.
pub fn are_throttled(browser: &mut Chromium, review: &Review) {
    let wrong = json!({"name": "nobody", "password": "wrong"}).to_string();
    let tries: Vec<u16> = (0..6)
        .map(|_| review.status("POST", "/api/v1/login", &[JSON], &wrong))
        .collect();
    assert_eq!(tries, [401, 401, 401, 401, 401, 429]);
    click(browser, "logout");
    browser.wait("document.getElementById('login').offsetParent");
    log_in(browser, "nobody", "wrong once more");
    says(browser, "message", "Thử sai quá nhiều lần");
    // That it was refused is an error of the network, which is meant.
    browser.complaints.clear();
}
