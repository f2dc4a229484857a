//! What people read when something is not right: in their language, each thing once, with what to do. No
//! browser is started.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the binary in a folder of its own, where no settings are.
fn said(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A command that cannot work, and what its error has to name.
const WRONG: &[(&[&str], &str)] = &[
    (&["run", "--sites", "nofile.csv"], "nofile.csv"),
    (&["run", "--sites", "."], "."),
    (&["run", "--sites", "cut.xls"], "cut.xls"),
    (&["run", "--sites", "list.csv", "--only", "no.check"], "no.check"),
    (&["run", "--sites", "list.csv", "--profile", "nobody"], "nobody"),
    (&["run", "--resume", "norun"], "norun"),
    (&["check", "not an address"], "not an address"),
    (&["check", "a.gov.vn", "--emc-site-id", "0"], "--emc-site-id"),
    (&["check", "a.gov.vn", "--portal", "www.a.gov.vn"], "a.gov.vn"),
    (&["recheck", "a.gov.vn"], "out"),
    (&["judge", "norun"], "norun"),
    (&["pack", "a.gov.vn", "--run", "norun"], "norun"),
    (&["verify", "nopath"], "nopath"),
    (&["verify", "list.csv"], "list.csv"),
    (&["list", "check", "nofile.csv"], "nofile.csv"),
    (&["list", "new", "list.csv"], "list.csv"),
    (&["doctor", "--settings", "nofile.toml"], "nofile.toml"),
    (&["schedule"], ""),
    (&["schedule", "--once", "tinh"], ""),
    (&["notify", "--test"], ""),
    (&["rum"], "rum"),
];

#[test]
fn errors_are_in_the_readers_language_and_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.csv"), "url,role\na.gov.vn,portal\n").unwrap();
    let mut damaged = include_bytes!("lists/old.xls").to_vec();
    // A part is missing, as after a copy that broke off: the parser panics.
    damaged.drain(1328..2863);
    std::fs::write(folder.path().join("cut.xls"), damaged).unwrap();
    for (arguments, named) in WRONG {
        for (language, error, hint) in [("vi", "lỗi: ", "gợi ý: "), ("en", "error: ", "hint: ")] {
            let output = said(folder.path(), &[*arguments, &["--lang", language]].concat());
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
            assert_eq!(text.lines().count(), 2, "{arguments:?}: {text}");
            let (first, second) = text.split_once('\n').unwrap();
            assert!(first.starts_with(error) && first.contains(named), "{text}");
            assert!(second.starts_with(hint), "{text}");
            assert_eq!(
                first.matches("os error").count(),
                usize::from(*named == "nofile.toml"),
                "the system's words only where they say more: {text}"
            );
        }
    }
    assert!(!folder.path().join("out").exists(), "nothing was begun");
}

#[test]
fn a_run_that_is_not_there_is_answered_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("out/runs/20261121T020000Z")).unwrap();
    let missing = stderr(&said(folder.path(), &["judge", "20261121"]));
    assert!(
        missing.contains("gợi ý: các đợt gần nhất: 20261121T020000Z"),
        "{missing}"
    );
    // The folder is there, and no run is in it: its path is named once.
    let empty = stderr(&said(folder.path(), &["judge", "20261121T020000Z"]));
    assert_eq!(empty.matches("run.json`").count(), 1, "{empty}");
}

#[test]
fn a_template_that_was_not_filled_in_is_not_audited() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        said(folder.path(), &["list", "new", "new.xlsx"]).status.code(),
        Some(0)
    );
    let run = said(folder.path(), &["run", "--sites", "new.xlsx"]);
    let text = stderr(&run);
    assert_eq!(run.status.code(), Some(2), "{text}");
    for line in ["dòng 2", "dòng 3"] {
        assert!(text.contains(line) && text.contains("ví dụ của mẫu"), "{text}");
    }
    assert!(!folder.path().join("out").exists(), "nothing was visited");
}
