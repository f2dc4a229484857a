//! Header and footer by the real binary: who is accused was seen twice in the portal's engine, what changes by
//! itself is looked at twice, and what is on disk says the same every time.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use support::{Run, audit, list_where, serve};

const PORTAL: &str = "cong.look-header.thu.gov.vn";
const SITES: [&str; 5] = [
    PORTAL,
    "alike.look-header.thu.gov.vn",
    "recoloured.look-header.thu.gov.vn",
    "slideshow-drawn.look-header.thu.gov.vn",
    "alike-running-line.look-header.thu.gov.vn",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_differs_is_confirmed_in_the_portals_engine() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let (list, sites) = list_where(folder.path(), |site| SITES.contains(&site.id().as_str()));
    assert_eq!(sites.len(), SITES.len());
    for engine in ["shell", "chrome"] {
        let look = ["--only", "look.header,look.footer", "--engine", engine];
        let run = audit(&web, &list, &look).await;
        let of_portal = engines(&run.results[PORTAL]);
        assert_eq!(of_portal, [engine], "{}", run.stderr());
        let accused = &run.results["recoloured.look-header.thu.gov.vn"];
        let header = finding(accused, "look.header");
        assert_eq!(
            (&header["status"], &header["code"]),
            (&"fail".into(), &"different".into())
        );
        assert_eq!(header["seen"], "0/2", "two visits agree");
        assert_eq!(engines(accused), [engine, engine], "both in the portal's engine");
        let alike = &run.results["alike.look-header.thu.gov.vn"];
        assert_eq!(
            engines(alike),
            [engine],
            "nobody is accused, so nothing is confirmed"
        );
        what_moves_is_noted(&run);
        says_the_same_again(&run).await;
    }
    web.shutdown().await;
}

fn engines(result: &Value) -> Vec<&str> {
    let visits = result["visits"].as_array().unwrap();
    visits
        .iter()
        .map(|visit| visit["engine"].as_str().unwrap())
        .collect()
}

fn finding<'a>(result: &'a Value, check: &str) -> &'a Value {
    let findings = result["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["check"] == check).unwrap()
}

/// Slides and running words leave boxes and a second picture in the evidence; a page that stands still neither.
fn what_moves_is_noted(run: &Run) {
    let changed = |site: &str| {
        let data = run.folder().join("sites").join(site).join("visit-1/data");
        let observation: Value =
            serde_json::from_slice(&std::fs::read(data.join("observation.json")).unwrap()).unwrap();
        let pictures = observation["pictures"].as_array().unwrap();
        let header = pictures
            .iter()
            .find(|picture| picture["kind"] == "header")
            .unwrap();
        let boxes = header["changed"].as_array().map_or(0, Vec::len);
        assert_eq!(data.join("header-later.png").is_file(), boxes > 0, "{site}");
        boxes
    };
    assert_eq!(changed("slideshow-drawn.look-header.thu.gov.vn"), 1);
    assert!(changed("alike-running-line.look-header.thu.gov.vn") > 0);
    assert_eq!(changed("alike.look-header.thu.gov.vn"), 0);
    let slides = finding(
        &run.results["slideshow-drawn.look-header.thu.gov.vn"],
        "look.header",
    );
    assert_eq!(slides["status"], "review", "{slides}");
    assert_eq!(slides["measured"]["cause"], "mostly_moving", "{slides}");
    let later = "visit-1/data/header-later.png";
    assert!(
        slides["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .any(|file| file == later)
    );
}

/// The same bundles give the same score, to the byte.
async fn says_the_same_again(run: &Run) {
    let results = run.folder().join("results.jsonl");
    let before = std::fs::read(&results).unwrap();
    for _ in 0..2 {
        judge(run.folder().file_name().unwrap().as_ref(), run.out.path()).await;
        assert!(
            std::fs::read(&results).unwrap() == before,
            "judged again it says something else"
        );
    }
}

async fn judge(run: &Path, out: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command
        .arg("judge")
        .arg(run)
        .arg("--out")
        .arg(out)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
