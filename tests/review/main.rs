//! The review server as the real binary on a run of fixture sites: what it refuses, and how a person works with
//! its page in a real Chromium.
#![allow(clippy::unwrap_used)]

#[path = "support/chromium.rs"]
mod chromium;
#[path = "support/review_server.rs"]
mod review_server;
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use chromium::Chromium;
use fixture_web::FixtureWeb;
use review_server::{JSON, Review, SECRET};
use serde_json::{Value, json};
use support::{audit, serve};

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>'\"&lt;";

fn list() -> String {
    let quoted = HOSTILE.replace('"', "\"\"");
    let first = format!(
        "url,name,role,portal\nsxd.tinhmau.gov.vn,Cổng,portal,\nsct.tinhmau.gov.vn,\"{quoted}\",component,sxd.tinhmau.gov.vn\n"
    );
    let others = [
        "xadonghai",
        "xadongxuan",
        "xalongson",
        "xanamthanh",
        "xathanhcong",
    ]
    .map(|site| format!("{site}.tinhmau.gov.vn,{site},component,sxd.tinhmau.gov.vn\n"));
    first + &others.concat()
}

fn emc_audit(arguments: &[&str], out: &Path, stdin: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.args(arguments).arg("--out").arg(out);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    // 3 and 4 are results.
    assert_ne!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
}

/// Settings by which audits that the page starts find the fixture web.
fn settings(web: &FixtureWeb, folder: &Path) -> PathBuf {
    let path = folder.join("emc-audit.toml");
    let connect_to = json!(web.connect_to());
    std::fs::write(
        &path,
        format!("[network]\nconnect_to = {connect_to}\n[run]\nconfirm = false\n"),
    )
    .unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn people_decide_and_strangers_do_not() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, list()).unwrap();
    let run = audit(&web, &path, &["--no-confirm"]).await;
    assert_eq!(run.results.len(), 7, "{}", run.stderr());
    let out = run.out.path().to_path_buf();
    for role in ["view", "review", "run"] {
        emc_audit(
            &["user", "add", role, "--role", role],
            &out,
            &format!("{SECRET}\n"),
        );
    }
    let settings = settings(&web, folder.path());
    let name = run.folder().file_name().unwrap().to_str().unwrap().to_owned();

    let person = tokio::task::spawn_blocking(move || {
        let review = Review::start(&out, &settings);
        strangers_are_refused(&review, &out, &name);
        roles_and_tokens_hold(&review, &name);
        let mut browser = Chromium::start();
        let lock = std::fs::File::create(out.join(format!(".{name}.lock"))).unwrap();
        lock.lock().unwrap();
        ten_findings_by_keys(&mut browser, &review);
        files_follow_when_they_can(lock, &out.join("runs").join(&name));
        a_session_that_ended_asks_again_and_loses_no_note(&mut browser);
        a_shared_id_is_accepted(&mut browser);
        a_list_is_mended_run_and_stopped(&mut browser, &review);
        a_recheck_is_watched_to_its_end(&mut browser);
        a_telephone_needs_no_scrolling_sideways(&mut browser);
        assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
        drop(browser);
        review.end();
        judging_again_changes_nothing(&out, &name);
    });
    person.await.unwrap();
    web.shutdown().await;
}

/// Hosts that are not ours, ways out of the folder, pages of sites as pages, wrong passwords without end; and
/// every route that is described is there, and asks who asks.
fn strangers_are_refused(review: &Review, out: &Path, run: &str) {
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
                &[200, 422]
            } else {
                &[401]
            };
            assert!(wanted.contains(&status), "{method} {path}: {status}");
        }
    }
    let (cookie, _) = review.log_in("view");
    let cookie = [("Cookie", cookie.as_str())];
    for path in [
        "../../users.json",
        "..%2f..%2fusers.json",
        "%2e%2e/%2e%2e/users.json",
        "sites/../../../users.json",
        "%2fetc%2fpasswd",
        "run.json%00.png",
    ] {
        let (status, _, body) = review.ask("GET", &format!("/files/{run}/{path}"), &cookie, "");
        assert_eq!(status, 404, "{path}");
        assert!(!String::from_utf8_lossy(&body).contains("argon2"), "{path}");
    }
    assert!(out.join("users.json").is_file());
    let page = format!("/files/{run}/sites/sct.tinhmau.gov.vn/visit-1/data/page.html");
    let (status, head, _) = review.ask("GET", &page, &cookie, "");
    assert!(
        status == 200 && head.contains("content-disposition: attachment"),
        "{head}"
    );
    assert!(
        head.contains("x-content-type-options: nosniff") && !head.contains("text/html"),
        "{head}"
    );

    let wrong = json!({"name": "nobody", "password": "wrong"}).to_string();
    let tries: Vec<u16> = (0..6)
        .map(|_| review.status("POST", "/api/v1/login", &[JSON], &wrong))
        .collect();
    assert_eq!(tries, [401, 401, 401, 401, 401, 429]);
}

fn roles_and_tokens_hold(review: &Review, run: &str) {
    let decision = json!({
        "decision": "pass", "note": "", "run": run,
        "findings": [{"site": "sct.tinhmau.gov.vn", "check": "emc.script", "fingerprint": "another"}],
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
    let (cookie, token) = review.log_in("run");
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

fn click(browser: &mut Chromium, id: &str) {
    browser.wait(&format!("document.getElementById('{id}').offsetParent"));
    browser.value(&format!("document.getElementById('{id}').click()"));
}

fn says(browser: &mut Chromium, id: &str, text: &str) {
    browser.wait(&format!(
        "document.getElementById('{id}').textContent.includes({})",
        json!(text)
    ));
}

fn choose(browser: &mut Chromium, why: &str) {
    browser.value(&format!(
        "(() => {{ const why = document.getElementById('why'); why.value = '{why}'; why.dispatchEvent(new Event('change')); }})()"
    ));
}

fn left(browser: &mut Chromium) -> u64 {
    let text = browser.value("document.getElementById('left').textContent");
    let digits: String = text
        .as_str()
        .unwrap()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

fn log_in(browser: &mut Chromium, password: &str) {
    browser.wait("document.activeElement.id === 'login-name'");
    browser.value("document.getElementById('login-name').select()");
    browser.type_text("run");
    browser.key("Tab");
    browser.type_text(password);
    browser.key("Enter");
}

fn ten_findings_by_keys(browser: &mut Chromium, review: &Review) {
    browser.size(1366, 900);
    browser.open(&format!("http://127.0.0.1:{}/", review.port));
    log_in(browser, "wrong password");
    says(browser, "message", "Tên hoặc mật khẩu không đúng");
    browser.value("document.getElementById('login-name').focus()");
    log_in(browser, SECRET);
    browser.wait("document.getElementById('entry').offsetParent && document.querySelector('#pictures img')");
    // The refused password is an error of the network, which is meant.
    browser.complaints.clear();
    let before = left(browser);
    assert!(before > 12, "{before} findings wait");
    let mut seen_hostile = false;
    let mut decided = 0;
    let mut last = (Value::Null, Value::Null);
    while decided < 10 {
        let agency = browser.value("document.getElementById('agency').textContent");
        seen_hostile |= agency.as_str().unwrap().contains(HOSTILE);
        assert_eq!(browser.value("document.querySelectorAll('#facts img').length"), 0);
        let was = left(browser);
        // What is for review cannot be confirmed; a shared id is kept for later.
        let key = match browser
            .value("document.getElementById('status').textContent")
            .as_str()
            .unwrap()
        {
            text if text.contains("shared") => {
                browser.key("ArrowRight");
                continue;
            }
            text if text.starts_with("Không đạt") => ["c", "F"][decided % 2],
            _ => "p",
        };
        last = shown(browser);
        browser.key(key);
        browser.wait(&format!(
            "document.getElementById('left').textContent.includes(': {}')",
            was - 1
        ));
        decided += 1;
    }
    assert!(seen_hostile, "the name that tries to be markup was shown");
    assert!(left(browser) < before);

    // A decision is undone by another one; both are kept.
    browser.key("u");
    assert_eq!(shown(browser), last);
    browser.key("p");
    says(browser, "message", "Kết luận: đạt");
    browser.key("u");
    assert_eq!(shown(browser), last);
    browser.value("document.getElementById('past').open = true");
    browser.wait("document.querySelectorAll('#past-list li').length === 2");
    browser.value("document.getElementById('past').open = false");
    choose(browser, "");
    // Past the two sites with a shared id.
    browser.key("ArrowRight");
    browser.key("ArrowRight");
}

/// While another program holds the run its files wait; then they follow by themselves.
fn files_follow_when_they_can(lock: std::fs::File, run: &Path) {
    let says_so = || {
        let results = std::fs::read_to_string(run.join("results.jsonl")).unwrap();
        results.contains("\"decision\":\"confirm\"")
    };
    assert!(!says_so());
    drop(lock);
    let began = std::time::Instant::now();
    while !says_so() {
        assert!(
            began.elapsed().as_secs() < 120,
            "the files of the run never followed"
        );
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

fn a_session_that_ended_asks_again_and_loses_no_note(browser: &mut Chromium) {
    browser.value("document.getElementById('note').focus()");
    browser.type_text(HOSTILE);
    browser.key("Escape");
    browser.call("Network.clearBrowserCookies", json!({}));
    let was = left(browser);
    browser.key("d");
    says(browser, "message", "Phiên làm việc đã hết");
    log_in(browser, SECRET);
    browser.wait("document.getElementById('entry').offsetParent");
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
    assert_eq!(browser.value("document.querySelectorAll('#facts img').length"), 0);
    choose(browser, "");
}

fn shown(browser: &mut Chromium) -> (Value, Value) {
    let mut text = |id: &str| browser.value(&format!("document.getElementById('{id}').textContent"));
    (text("site"), text("check"))
}

fn a_shared_id_is_accepted(browser: &mut Chromium) {
    let was = left(browser);
    for _ in 0..was {
        if browser.value("document.getElementById('shared').hidden") == false {
            break;
        }
        browser.key("ArrowRight");
    }
    let boxes = "document.querySelectorAll('#shared-agencies input')";
    browser.wait(&format!("{boxes}.length === 2"));
    browser.value(&format!("{boxes}.forEach((box) => box.click())"));
    browser.value("document.querySelector('#shared button').click()");
    says(browser, "message", "xadongxuan");
    assert_eq!(left(browser), was - 2, "both sites of the id are answered");
}

fn a_list_is_mended_run_and_stopped(browser: &mut Chromium, review: &Review) {
    let (cookie, token) = review.log_in("run");
    let headers = [
        ("Cookie", cookie.as_str()),
        ("X-Emc-Audit-Token", token.as_str()),
        JSON,
    ];
    let text = list().replacen("component", "neither", 1);
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
    browser.value("document.querySelector('#list-table td input.bad').select()");
    browser.type_text("component");
    click(browser, "list-save");
    click(browser, "list-run");
    says(browser, "job-state", "Đang chạy: danh sách.csv");
    says(browser, "job-state", "/7 ");
    click(browser, "stop");
    says(browser, "job-state", "Đã xong");
}

fn a_recheck_is_watched_to_its_end(browser: &mut Chromium) {
    click(browser, "to-work");
    let (site, _) = shown(browser);
    click(browser, "recheck-now");
    says(
        browser,
        "job-state",
        &format!("Đang chạy: {}", site.as_str().unwrap()),
    );
    says(browser, "job-state", "Đã xong");
    click(browser, "job-run");
    browser.wait("document.getElementById('run').selectedOptions[0].textContent.includes('kiểm tra lại')");
}

fn a_telephone_needs_no_scrolling_sideways(browser: &mut Chromium) {
    browser.size(390, 844);
    for view in ["to-work", "to-lists"] {
        click(browser, view);
        assert_eq!(
            browser.value("document.documentElement.scrollWidth"),
            390,
            "{view}"
        );
    }
    click(browser, "logout");
    browser.wait("document.getElementById('login').offsetParent");
    assert_eq!(browser.value("document.documentElement.scrollWidth"), 390);
}

/// The server has put all decisions into the files of the run: to judge it again says the same.
fn judging_again_changes_nothing(out: &Path, run: &str) {
    let folder = out.join("runs").join(run);
    let before = files(&folder);
    let results = std::fs::read_to_string(folder.join("results.jsonl")).unwrap();
    for wanted in ["\"decision\":\"disputed\"", "\"decision\":\"confirm\"", "onerror"] {
        assert!(results.contains(wanted), "{wanted}");
    }
    emc_audit(&["judge", run], out, "");
    let after = files(&folder);
    let changed: Vec<&String> = before
        .keys()
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?}");
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
