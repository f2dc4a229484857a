//! Tells the program which commit it is built from, so that evidence can say what made it.
//!
//! `BUILT_FROM_COMMIT` goes before git, for builds from a source archive. Without either it is `unknown`.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=BUILT_FROM_COMMIT");
    for path in ["src", "Cargo.toml", "Cargo.lock", "build.rs"] {
        println!("cargo::rerun-if-changed={path}");
    }
    // Every commit and checkout adds a line there.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && std::path::Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let given = std::env::var("BUILT_FROM_COMMIT").ok();
    let commit = given.filter(|text| !text.is_empty()).or_else(commit);
    println!(
        "cargo::rustc-env=BUILT_FROM_COMMIT={}",
        commit.as_deref().unwrap_or("unknown")
    );
}

/// The commit, with `+` where the sources differ from it.
fn commit() -> Option<String> {
    // A repository around an unpacked archive is not this project's.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let here = std::env::var("CARGO_MANIFEST_DIR").ok()?;
    if std::fs::canonicalize(top).ok()? != std::fs::canonicalize(here).ok()? {
        return None;
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&[
        "status",
        "--porcelain",
        "--",
        "src",
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
    ])?;
    Some(if changed.is_empty() {
        commit
    } else {
        format!("{commit}+")
    })
}

/// What a git command says, or nothing where it fails or git is not there.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
