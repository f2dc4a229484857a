//! The pictures of the documentation: the main views of the fixture province, written into `docs/pictures` by
//! `scripts/screenshots`. No test of the program, and left out when tests are run.
#![allow(clippy::unwrap_used)]

#[path = "support/chromium.rs"]
mod chromium;
#[path = "support/past.rs"]
mod past;
#[path = "support/review_server.rs"]
mod review_server;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use chromium::Chromium;
use past::{earlier_run, let_check};
use review_server::Review;
use serde_json::{Value, json};
use support::{Run, audit, fixtures, serve};

/// As documents show it; a picture that is larger would be a burden to everybody who reads them.
const BYTES_MAX: usize = 250_000;
const DESKTOP: (u32, u32) = (1366, 900);
const PHONE: (u32, u32) = (390, 844);
/// A site whose badge is hidden.
const FAILING: &str = "sites/congan.tinhmau.gov.vn.html";
const CHECKS: [&str; 4] = ["emc.script", "emc.beacon", "emc.site_id", "emc.badge"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes docs/pictures: scripts/screenshots"]
async fn pictures_of_the_main_views() {
    let web = serve().await;
    let run = audit(&web, &fixtures().join("sites/list.csv"), &["--no-confirm"]).await;
    let ranking = with_a_past(&run);
    let report = run.folder().join("report");
    let file = |path: &Path| format!("file://{}", path.display());
    let mut browser = Chromium::start();
    browser.call("Emulation.setScrollbarsHidden", json!({"hidden": true}));
    for (name, size) in [("", DESKTOP), ("-phone", PHONE)] {
        browser.size(size.0, size.1);
        for (view, path) in [
            ("report", report.join("index.html")),
            ("portal", report.join("portals/tinhmau.gov.vn.html")),
            ("site", report.join(FAILING)),
            ("ranking", ranking.clone()),
        ] {
            browser.visit(&file(&path));
            keep(&mut browser, &format!("{view}{name}"));
        }
        browser.visit(&file(&report.join("index.html")));
        browser.value("document.getElementById('sites').scrollIntoView()");
        browser.wait("[...document.querySelectorAll('#table tr:nth-child(-n+4) img')].every((image) => image.complete)");
        keep(&mut browser, &format!("table{name}"));
        browser.visit(&file(&report.join(FAILING)));
        browser.value("document.querySelector('.calls').scrollIntoView({ block: 'center' })");
        keep(&mut browser, &format!("calls{name}"));
        browser.click_on(".pictures figure img");
        browser.wait("document.querySelector('#large img').naturalWidth > 0");
        keep(&mut browser, &format!("lightbox{name}"));
    }
    dark(&mut browser, &file(&report.join("index.html")));
    review(&mut browser, &run);
    web.shutdown().await;
}

fn dark(browser: &mut Chromium, page: &str) {
    browser.size(DESKTOP.0, DESKTOP.1);
    let feature = |value: &str| json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
    browser.call("Emulation.setEmulatedMedia", feature("dark"));
    browser.visit(page);
    keep(browser, "report-dark");
    browser.call("Emulation.setEmulatedMedia", feature("light"));
}

fn review(browser: &mut Chromium, run: &Run) {
    let settings = run.out.path().join("emc-audit.toml");
    std::fs::write(&settings, "").unwrap();
    let server = Review::start(run.out.path(), &settings, &[]);
    for (name, size) in [("", DESKTOP), ("-phone", PHONE)] {
        browser.size(size.0, size.1);
        browser.visit(&format!("http://127.0.0.1:{}/", server.port));
        browser.wait("document.body.innerText.includes('tinhmau.gov.vn') && [...document.images].some((image) => image.naturalWidth > 0)");
        browser.wait("[...document.images].every((image) => image.complete)");
        keep(browser, &format!("review{name}"));
    }
    server.end();
}

/// Seven earlier runs, in which what fails today was mended step by step or broke, and three months of visits; the
/// page of the ranking.
fn with_a_past(run: &Run) -> PathBuf {
    let (out, newest) = (run.out.path(), run.folder());
    for week in 0..7_usize {
        let day = format!("202610{:02}T020000Z", 1 + week * 4);
        earlier_run(out, &newest, &day, |result| earlier(result, week));
    }
    let mut table = "Website;09/2026;10/2026;11/2026\n".to_owned();
    for (number, site) in run.results.keys().enumerate() {
        let most = 90_000 / (number + 1);
        table.extend([format!(
            "{site};{};{};{}\n",
            most * 8 / 10,
            most,
            most * (9 + number % 4) / 10
        )]);
    }
    let visits = out.join("visits.csv");
    std::fs::write(&visits, table).unwrap();
    for arguments in [&["rank", "--visits", visits.to_str().unwrap()][..], &["report"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
        let output = command.args(arguments).arg("--out").arg(out).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    out.join("ranking/2026-11/ranking.html")
}

fn earlier(result: &mut Value, week: usize) -> bool {
    let site = result["site"].as_str().unwrap().to_owned();
    let number = site.bytes().map(usize::from).sum::<usize>() % 11;
    if number > week + 4 {
        for check in CHECKS {
            let_check(result, check, "fail", "absent");
        }
    } else if number == 3 {
        for check in CHECKS
            .into_iter()
            .chain(["links.portal", "look.header", "look.footer"])
        {
            let_check(result, check, "pass", "visible");
        }
    }
    number != 2 || week > 2
}

/// Writes what is seen into `docs/pictures`, as good as fits.
fn keep(browser: &mut Chromium, name: &str) {
    // Where the machine stands is nobody's business.
    browser.value("for (const line of document.querySelectorAll('p.sub')) if (line.textContent.includes('kiểm tra từ máy')) line.textContent = line.textContent.replace(/ · kiểm tra từ máy.*/, '')");
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/pictures")
        .join(format!("{name}.jpg"));
    for quality in [85, 70, 55] {
        let taken = browser.call(
            "Page.captureScreenshot",
            json!({"format": "jpeg", "quality": quality}),
        );
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(taken["data"].as_str().unwrap())
            .unwrap();
        if bytes.len() <= BYTES_MAX {
            std::fs::write(&place, bytes).unwrap();
            return;
        }
    }
    panic!("{name} has more than {BYTES_MAX} bytes");
}
