//! The real binary imports figures and ranks by them.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

const LIST: &str = "url,name,role,portal\np.gov.vn,Cổng tỉnh P,portal,\nsxd.p.gov.vn,Sở Xây dựng,component,p.gov.vn\n\
    p.gov.vn/web/so-noi-vu,Sở Nội vụ,component,p.gov.vn\n";

fn rank(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .args(["rank", "--out", "out"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn months_that_were_imported_are_kept_and_a_bad_cell_imports_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("list.csv"), LIST).unwrap();
    std::fs::write(
        path.join("october.csv"),
        "Website;10/2026\np.gov.vn;1.000\nsxd.p.gov.vn;50\np.gov.vn/web/so-noi-vu;70\n",
    )
    .unwrap();
    std::fs::write(
        path.join("november.csv"),
        "Website;11/2026\np.gov.vn;2.000\nsxd.p.gov.vn;90\np.gov.vn/web/so-noi-vu;60\n",
    )
    .unwrap();
    std::fs::write(
        path.join("bad.csv"),
        "Website;12/2026\np.gov.vn;5\nsxd.p.gov.vn;nhiều\nla.gov.vn;3\n",
    )
    .unwrap();

    let none = rank(path, &["--visits", "october.csv"]);
    assert_eq!(
        none.status.code(),
        Some(2),
        "no list, and no run: {}",
        said(&none)
    );
    for file in ["october.csv", "november.csv"] {
        let ranked = rank(path, &["--sites", "list.csv", "--visits", file]);
        assert_eq!(ranked.status.code(), Some(0), "{}", said(&ranked));
    }
    let bad = rank(path, &["--sites", "list.csv", "--visits", "bad.csv"]);
    assert_eq!(bad.status.code(), Some(2));
    for part in ["dòng 3", "“nhiều”", "dòng 4", "la.gov.vn"] {
        assert!(said(&bad).contains(part), "{part}: {}", said(&bad));
    }

    // Nothing of December was kept: November is still the newest month.
    let again = rank(path, &["--sites", "list.csv", "--to", "again"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert_eq!(
        String::from_utf8_lossy(&again.stdout).trim(),
        "again/ranking.html"
    );
    let csv = std::fs::read_to_string(path.join("again/ranking.csv")).unwrap();
    let line = csv.lines().find(|line| line.contains("sxd.p.gov.vn")).unwrap();
    assert!(
        line.contains(",1,▲ 1,Sở Xây dựng,sxd.p.gov.vn,90,50,60,2,"),
        "{line}"
    );
    assert!(line.ends_with(",50,90"), "the trend has both months: {line}");
    assert!(path.join("out/ranking/2026-11/ranking.xlsx").exists());
}
