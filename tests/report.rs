//! The report in a real browser, opened from the disk as a person does: its course and changes, filter and order,
//! pictures by mouse and by keyboard, print; and names that try to become markup stay names.
#![allow(clippy::unwrap_used)]

#[path = "support/chromium.rs"]
mod chromium;
#[path = "support/past.rs"]
mod past;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use chromium::Chromium;
use emc_audit::bundle::{RunFolder, RunRecord};
use emc_audit::history::{History, Past};
use emc_audit::language::Language;
use emc_audit::report::{Judged, Making, write_judgement};
use emc_audit::rules::Rules;
use emc_audit::verdict::SiteResult;
use past::{earlier_run, let_check};
use serde_json::{Value, json};
use support::{audit, serve};

/// Ends a script, turns what follows around, and has quotes of both kinds.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{202e}'\"";
const PHONE: (u32, u32) = (390, 844);

fn emc_audit(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.args(arguments).arg("--out").arg(out).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn address(page: &Path) -> String {
    format!("file://{}", page.display())
}

fn rows(browser: &mut Chromium) -> Value {
    browser.value("document.querySelectorAll('#table tbody tr').length")
}

/// Nothing but files of the run were asked for, and the page complained of nothing.
fn is_quiet(browser: &Chromium, run: &Path) {
    assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
    let own = address(run);
    for url in &browser.requests {
        let is_own =
            url.starts_with(&own) || url.starts_with("data:image/png;base64,") || url == "about:blank";
        assert!(is_own, "{url} was asked for");
    }
}

/// An audit of four sites with two earlier runs: the badge of one was seen before, and another site is new.
async fn run_with_a_past() -> support::Run {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    let quoted = HOSTILE.replace('"', "\"\"");
    let sites = format!(
        "url,name,role,portal\ntinhmau.gov.vn,Cổng tỉnh Mẫu,portal,\nsxd.tinhmau.gov.vn,\"{quoted}\",component,tinhmau.gov.vn\n\
         xaphuocan.tinhmau.gov.vn,Xã Phước An,component,tinhmau.gov.vn\nxatanlap.tinhmau.gov.vn,Xã Tân Lập,component,tinhmau.gov.vn\n"
    );
    std::fs::write(&list, sites).unwrap();
    let run = audit(&web, &list, &["--no-confirm"]).await;
    assert_eq!(run.results.len(), 4, "{}", run.stderr());
    let (out, newest) = (run.out.path(), run.folder());
    earlier_run(out, &newest, "20260907T020000Z", |result| {
        let_check(result, "emc.badge", "fail", "hidden");
        result["site"] != "xatanlap.tinhmau.gov.vn"
    });
    earlier_run(out, &newest, "20260914T020000Z", |result| {
        for check in [
            "emc.script",
            "emc.beacon",
            "emc.site_id",
            "emc.badge",
            "links.portal",
            "links.components",
        ] {
            let_check(result, check, "pass", "visible");
        }
        result["site"] != "xatanlap.tinhmau.gov.vn"
    });
    let visits = folder.path().join("visits.csv");
    std::fs::write(
        &visits,
        "Website;09/2026;10/2026\nsxd.tinhmau.gov.vn;1.000;1.234\n",
    )
    .unwrap();
    let ranked = emc_audit(&["rank", "--visits", visits.to_str().unwrap()], out);
    assert_eq!(ranked.status.code(), Some(0), "{}", text(&ranked.stderr));
    let written = emc_audit(&["report"], out);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(text(&written.stdout).trim().ends_with("report/index.html"));
    web.shutdown().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_run_is_read_as_a_person_does() {
    let run = run_with_a_past().await;
    let folder = run.folder();
    let mut browser = Chromium::start();
    browser.size(1366, 900);
    first_page(&mut browser, &folder);
    filter_and_order(&mut browser, &folder);
    site_page(&mut browser, &folder);
    pictures_by_mouse(&mut browser);
    pictures_by_keyboard(&mut browser, &folder);
    is_quiet(&browser, &folder);
    let pages = [
        "index.html",
        "portals/tinhmau.gov.vn.html",
        "sites/sxd.tinhmau.gov.vn.html",
    ];
    for page in pages {
        let url = address(&folder.join("report").join(page));
        browser.size(PHONE.0, PHONE.1);
        browser.visit(&url);
        assert_eq!(browser.sideways(), 0, "{page} fits a telephone");
        prints(&mut browser, page);
    }
    is_quiet(&browser, &folder);
    drop(browser);
    reports_without_history(&run);
}

fn first_page(browser: &mut Chromium, run: &Path) {
    browser.visit(&address(&run.join("report/index.html")));
    assert_eq!(rows(browser), 4, "every site has a row");
    assert_eq!(
        browser.value("document.querySelectorAll('.course .day').length"),
        3
    );
    let columns =
        browser.value("[...document.querySelectorAll('.course tbody tr')].map((row) => row.cells.length)");
    assert_eq!(columns, json!([5, 5, 5]), "the chart's numbers are in a table");
    let new = browser.value("document.querySelector('.changes.new li a').getAttribute('href')");
    assert_eq!(new, "sites/xatanlap.tinhmau.gov.vn.html");
    assert_eq!(
        browser.value("document.querySelector('.changes.new ul').innerText.includes('Xã Tân Lập')"),
        true
    );
    browser.click_on(".changes.new .note a");
    browser
        .wait("location.hash === '#change=new' && document.querySelectorAll('#table tbody tr').length === 1");
    browser.value("document.querySelector('#table').scrollIntoView()");
    browser.wait(
        "[...document.querySelectorAll('#table .thumbs img')].every((image) => image.naturalWidth > 0)",
    );
    let kinds = browser.value(
        "[...document.querySelectorAll('#table .thumbs img')].map((image) => image.src.split('/').pop())",
    );
    for name in ["thumb.jpg", "thumb-header.jpg", "thumb-footer.jpg"] {
        assert!(
            kinds.as_array().unwrap().contains(&json!(name)),
            "{name}: {kinds}"
        );
    }
}

fn filter_and_order(browser: &mut Chromium, run: &Path) {
    let page = address(&run.join("report/index.html"));
    // The address holds a filter, and marks need not be typed.
    browser.visit(&format!("{page}#text=phuoc+an"));
    assert_eq!(rows(browser), 1);
    browser.visit(&format!("{page}#portal=nowhere"));
    assert_eq!(rows(browser), 0);
    browser.visit(&page);
    browser.tab_to("input[name=text]");
    browser.type_text("tan lap");
    browser.wait("document.querySelectorAll('#table tbody tr').length === 1");
    browser.tab_to("button[type=reset]");
    browser.key("Enter");
    browser.wait("document.querySelectorAll('#table tbody tr').length === 4");
    let first = "document.querySelector('#table tbody .name a').textContent";
    browser.click_on("[data-sort=name]");
    let up = browser.value(first);
    browser.click_on("[data-sort=name]");
    assert_ne!(browser.value(first), up);
    assert_eq!(
        browser.value("document.querySelector('th.name').getAttribute('aria-sort')"),
        "descending"
    );
}

fn site_page(browser: &mut Chromium, run: &Path) {
    browser.visit(&address(&run.join("report/sites/sxd.tinhmau.gov.vn.html")));
    assert_eq!(browser.value("document.querySelector('h1').textContent"), HOSTILE);
    let marks = browser.value("[...document.querySelectorAll('.marks li')].map((mark) => mark.innerText)");
    assert_eq!(marks.as_array().unwrap().len(), 3, "{marks}");
    assert!(marks[0].as_str().unwrap().starts_with("07/09/2026"), "{marks}");
    let body = text_of(browser);
    for words in [
        "Tháng 10/2026: 1.234 lượt truy cập",
        "Các lần trang gọi Hệ thống EMC",
        "Tiêu chí 2.2a",
        "Yêu cầu bắt buộc · Căn cứ: Điểm a khoản 7 Điều 4",
    ] {
        assert!(body.contains(words), "{words}");
    }
    let ids = browser.value("[...document.querySelectorAll('.calls mark')].map((mark) => mark.textContent)");
    assert_eq!(ids[0], "idsite=8101", "{ids}");
    let kinds = browser
        .value("[...document.querySelectorAll('.calls tbody tr')].map((row) => row.cells[3].textContent)");
    assert!(kinds.as_array().unwrap().contains(&json!("200")), "{kinds}");
    let sums = browser.value(
        "[...document.querySelectorAll('.sums tbody td:last-child')].map((sum) => sum.textContent.length)",
    );
    assert!(
        sums.as_array().unwrap().iter().all(|length| *length == 64),
        "{sums}"
    );
    let steady = browser.value("[...document.images].filter((image) => image.src).every((image) => image.width && image.getAttribute('height'))");
    assert_eq!(steady, true, "room is kept for every picture");
}

fn text_of(browser: &mut Chromium) -> String {
    browser
        .value("document.body.innerText")
        .as_str()
        .unwrap()
        .to_owned()
}

const OPEN: &str = "document.getElementById('large').open";
const ZOOMED: &str = "document.getElementById('large').classList.contains('zoomed')";

fn pictures_by_mouse(browser: &mut Chromium) {
    browser.click_on(".pictures figure img");
    browser.wait(OPEN);
    browser.wait("document.querySelector('#large img').naturalWidth > 0");
    let width = "document.querySelector('#large img').width";
    let before = browser.value(width).as_f64().unwrap();
    browser.click_on("#large img");
    browser.wait(ZOOMED);
    assert!(browser.value(width).as_f64().unwrap() > before, "it is larger");
    close_by_mouse(browser);
    // A small picture opens the same large.
    browser.click_on("p.thumbs a");
    browser.wait(OPEN);
    close_by_mouse(browser);
}

/// Closes the large picture and waits until the page has put the focus back, which scrolls it.
fn close_by_mouse(browser: &mut Chromium) {
    browser.value(
        "(() => { const large = document.getElementById('large');
         window.hasClosed = new Promise((done) => large.addEventListener('close', () => done(true), { once: true })); })()",
    );
    browser.click_on("#large [data-act=close]");
    assert_eq!(browser.value("window.hasClosed"), true);
    assert_eq!(browser.value(OPEN), false);
}

fn pictures_by_keyboard(browser: &mut Chromium, run: &Path) {
    browser.visit(&address(&run.join("report/sites/sxd.tinhmau.gov.vn.html")));
    browser.tab_to(".pictures figure > a");
    browser.key("Enter");
    browser.wait(OPEN);
    browser.key("+");
    browser.wait(ZOOMED);
    browser.key("-");
    browser.wait(&format!("!{ZOOMED}"));
    let caption = "document.querySelector('#large p').textContent";
    assert!(browser.value(caption).as_str().unwrap().starts_with("1/"));
    browser.key("ArrowRight");
    browser.wait(&format!("{caption}.startsWith('2/')"));
    browser.key("Escape");
    browser.wait(&format!("!{OPEN}"));
    let focus = browser.value("document.activeElement.matches('.pictures figure > a')");
    assert_eq!(focus, true, "the focus goes back to where it was");
}

/// On A4, as a clerk sends it along with a letter.
fn prints(browser: &mut Chromium, page: &str) {
    let printed = browser.call("Page.printToPDF", json!({"preferCSSPageSize": true}));
    let data = printed["data"].as_str().unwrap();
    let pdf = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    assert!(pdf.starts_with(b"%PDF-"), "{page}");
    let pdf = text(&pdf);
    // 210 mm × 297 mm in points.
    assert!(
        pdf.contains("/MediaBox [0 0 594.95996 841.91998]") || pdf.contains("/MediaBox [0 0 595"),
        "{page}"
    );
}

/// Other rules of judging, written beside: the same each time, and also where the history is nobody's.
fn reports_without_history(run: &support::Run) {
    let (out, folder) = (run.out.path(), run.folder());
    let judge = || emc_audit(&["judge", "latest", "--profile", "ministry-2024"], out);
    let page = || {
        let judged = std::fs::read_dir(folder.join("judged"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        std::fs::read_to_string(judged.path().join("report/index.html")).unwrap()
    };
    assert_eq!(judge().status.code(), Some(3));
    let first = page();
    assert!(first.contains("class=\"course\""));
    assert_eq!(judge().status.code(), Some(3));
    assert_eq!(page(), first, "judging twice writes the same");
    std::fs::write(out.join("history.sqlite"), "somebody's notes").unwrap();
    let judged = judge();
    let said = text(&judged.stderr);
    assert_eq!(judged.status.code(), Some(3), "{said}");
    assert!(said.contains("báo cáo không có diễn biến"), "{said}");
    assert!(!page().contains("class=\"course\""));
}

/// A record of a run as small as may be.
fn record(run: &str) -> Value {
    json!({
        "schema": "emc-audit/run/1", "run": run, "kind": "full", "state": "finished", "program": "", "started": "2026-11-21T02:00:00Z", "ended": null,
        "judged_by": {"profile": "province", "rules": "", "beacon_stub": false, "confirm": true, "emc": {}},
        "counts": {"sites": 1, "visits": 1, "verdicts": {}, "outcomes": {}}, "beacon_calls_let_out": 0, "sandbox": true, "browsers": {},
        "vantage": {"host": HOSTILE, "addresses": [HOSTILE], "proxy": null, "time_zone": ""}, "control": {"samples": []}, "settings": null
    })
}

/// A result in which every text that a list or a page could bring is `words`.
fn hostile_result(number: usize, run: &str, words: &str) -> Value {
    let host = format!("s{number}.tinhmau.gov.vn");
    let message = json!({"vi": words, "en": words});
    let finding = |check: &str, measured: Value| {
        json!({"check": check, "status": "fail", "code": words, "mandatory": true, "message": message, "seen": words, "fingerprint": words,
            "evidence": [words, format!("{words}.png")], "measured": measured})
    };
    let link = json!({"site": words, "url": words, "text": words, "form": words, "visibility": words});
    json!({
        "schema": "emc-audit/result/1", "run": run, "site": host, "host": host, "url": words, "final_url": words, "name": words, "agency": words,
        "role": if number == 0 { "portal" } else { "component" }, "portal": if number == 0 { Value::Null } else { json!("s0.tinhmau.gov.vn") },
        "outcome": "measured", "outcome_reason": words, "outcome_message": message, "outcome_detail": words, "outcome_hint": message,
        "outcome_in_flight": [words], "verdict": "fail", "group": words, "vendor": words, "system": {"name": "liferay", "sign": words},
        "profile": "province", "rules": words,
        "visits": [{"at": words, "engine": "shell", "address": words, "status": 200, "outcome": "measured"}],
        "findings": [
            finding("links.components", json!({"links": [link], "missing": [words], "unlisted": [link]})),
            finding("emc.badge", json!({"excerpt": words, "cause": words})),
        ],
    })
}

fn hostile_report(out: &Path) -> PathBuf {
    let folder = RunFolder::create(out, "2026-11-21T02:00:00Z".parse().unwrap()).unwrap();
    let long = "dài".repeat(3334);
    let words = [
        HOSTILE,
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "=cmd()|'/c calc'!A0",
        "\u{202e}\u{2066}\u{200f}ngược",
        "{{7*7}}${7*7}<!--",
        "javascript:alert(1)",
        &long,
    ];
    let results: Vec<SiteResult> = words
        .iter()
        .enumerate()
        .map(|(number, words)| serde_json::from_value(hostile_result(number, folder.name(), words)).unwrap())
        .collect();
    let record: RunRecord = serde_json::from_value(record(folder.name())).unwrap();
    let past = past_of(out, &folder, &record, &results);
    let rules = Rules::builtin().unwrap();
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &rules,
        profile: rules.profile(None).unwrap(),
        language: Language::Vietnamese,
        past: &past,
    };
    write_judgement(judged, "", Making::Everything).unwrap();
    folder.path().to_owned()
}

/// The same sites passed in the run before, and one more was there.
fn past_of(out: &Path, folder: &RunFolder, record: &RunRecord, results: &[SiteResult]) -> Past {
    folder.write_record(record).unwrap();
    let lines: String = results
        .iter()
        .map(|result| json!(result).to_string() + "\n")
        .collect();
    std::fs::write(folder.path().join("results.jsonl"), lines).unwrap();
    earlier_run(out, folder.path(), "20261114T020000Z", |result| {
        if result["site"] == "s0.tinhmau.gov.vn" {
            result["site"] = json!("gone.tinhmau.gov.vn");
        }
        let_check(result, "emc.badge", "pass", HOSTILE);
        true
    });
    let history = History::open(out).unwrap();
    history.take_in(out).unwrap();
    let past = history.past(record, results).unwrap();
    assert!(past.changes.is_some(), "there is a run to compare with");
    past
}

#[test]
fn names_that_try_to_become_markup_stay_names_and_fit_a_telephone() {
    let out = tempfile::tempdir().unwrap();
    let run = hostile_report(out.path());
    let report = run.join("report");
    let sites = (0..8).map(|number| format!("sites/s{number}.tinhmau.gov.vn.html"));
    let pages = ["index.html", "portals/s0.tinhmau.gov.vn.html"].map(str::to_owned);
    let mut browser = Chromium::start();
    for page in pages.into_iter().chain(sites) {
        for (width, height) in [(1366, 900), PHONE] {
            browser.size(width, height);
            browser.visit(&address(&report.join(&page)));
            let injected = browser.value("document.querySelectorAll('[onerror], main script:not([type]) ~ script, img[src=x], a[href^=javascript]').length");
            assert_eq!(injected, 0, "{page}");
            assert_eq!(browser.sideways(), 0, "{page} at {width} px");
        }
    }
    browser.visit(&address(&report.join("index.html")));
    assert_eq!(rows(&mut browser), 8);
    let gone = browser.value("document.querySelector('.changes.gone bdi').textContent");
    assert_eq!(gone, HOSTILE, "a site that is gone is named as text too");
    let worse = browser.value("document.querySelectorAll('.changes.worse > ul > li').length");
    assert!(worse.as_u64() > Some(0), "{worse}");
    let names =
        browser.value("[...document.querySelectorAll('#table .name bdi')].map((name) => name.textContent)");
    assert!(
        names.as_array().unwrap().contains(&json!(HOSTILE)),
        "shown as text: {names}"
    );
    is_quiet(&browser, &run);
}
