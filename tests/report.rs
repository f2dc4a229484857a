//! The report in a real browser, opened from the disk: its script runs under its own policy, a filter in the
//! address holds, and names that try to become markup stay names.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::{audit, serve};

/// Ends a script, turns what follows around, and has quotes of both kinds.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{202e}'\"";

/// The page as the browser has it after its scripts, and what it said meanwhile.
fn opened(page: &Path, fragment: &str) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let Output { stdout, stderr, .. } = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=5000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}{fragment}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(stdout), text(stderr))
}

fn rows(dom: &str) -> usize {
    let table = dom.split("id=\"table\"").nth(1).unwrap();
    let body = table.split("<tbody>").nth(1).unwrap();
    body.split("</tbody>").next().unwrap().matches("<tr>").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_opens_from_the_disk_filters_and_keeps_hostile_names_as_text() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    let quoted = HOSTILE.replace('"', "\"\"");
    let text = format!(
        "url,name,role,portal\ntinhmau.gov.vn,Cổng tỉnh Mẫu,portal,\nsxd.tinhmau.gov.vn,\"{quoted}\",component,tinhmau.gov.vn\n\
         xaphuocan.tinhmau.gov.vn,Xã Phước An,component,tinhmau.gov.vn\n"
    );
    std::fs::write(&list, text).unwrap();
    let run = audit(&web, &list, &["--no-confirm"]).await;
    assert_eq!(run.results.len(), 3, "{}", run.stderr());
    let report = run.folder().join("report");

    let pages = [
        ("index.html", ""),
        ("index.html", "#text=phuoc+an"),
        ("index.html", "#portal=nowhere"),
        ("portals/tinhmau.gov.vn.html", ""),
        ("sites/sxd.tinhmau.gov.vn.html", ""),
    ];
    let opened = pages.map(|(page, fragment)| opened(&report.join(page), fragment));
    for ((page, fragment), (dom, said)) in pages.iter().zip(&opened) {
        assert!(dom.contains("</html>"), "{page}{fragment}: {said}");
        assert!(!dom.contains("<img src=\"x\""), "{page}{fragment}");
        assert!(!said.contains("CONSOLE"), "{page}{fragment}: {said}");
    }
    assert_eq!(rows(&opened[0].0), 3, "every site has a row");
    assert_eq!(
        rows(&opened[1].0),
        1,
        "a filter in the address holds, without marks too"
    );
    assert_eq!(rows(&opened[2].0), 0, "what matches nothing shows nothing");
    let site = &opened[4].0;
    assert!(site.contains("visit-1/network.har"), "evidence is listed");
    web.shutdown().await;
}
