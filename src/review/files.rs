//! Files of runs: pictures are shown, our own report is shown, and everything else is a download. What a site
//! wrote never becomes a page of this server.

use std::path::{Component, Path};

use axum::extract::{Path as Named, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;

use super::api::{ApiError, refused};
use super::live;
use super::server::Shared;

/// Our report carries a stricter policy of its own, with the sums of its style and script; this one holds beside it.
const REPORT_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn file(
    State(shared): State<Shared>,
    Named((run, path)): Named<(String, String)>,
) -> Result<impl IntoResponse, ApiError> {
    let read = move || newest(&shared, &run, &path).map(|bytes| (bytes, path));
    let found = tokio::task::spawn_blocking(read)
        .await
        .map_err(ApiError::broken)?;
    let (bytes, path) = found?;
    let (kind, place, policy) = manner(&path);
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, place),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    Ok((headers, bytes))
}

/// A file with all that was decided up to now. What is only written once, as evidence is, is read as it is.
fn newest(shared: &Shared, run: &str, path: &str) -> Result<Vec<u8>, ApiError> {
    let out = &shared.options().out;
    // Whatever else is asked for has to be there too: no name is looked into before that is known.
    let on_disk = read(out, run, path).ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found"))?;
    if let Some(page) = path.strip_prefix("report/") {
        let drawn = live::page(shared, run, page)?;
        return Ok(drawn.map_or(on_disk, String::into_bytes));
    }
    if !follows_decisions(path) || !shared.is_stale(run) {
        return Ok(on_disk);
    }
    if !shared.write(run) {
        return Err(refused(StatusCode::CONFLICT, "not_yet"));
    }
    read(out, run, path).ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found"))
}

/// Whether a file of a run says what was decided.
fn follows_decisions(path: &str) -> bool {
    matches!(path, "results.jsonl" | "results.csv" | "report.xlsx")
        || (path.starts_with("sites/") && path.ends_with("/result.json"))
}

/// A file of a run, whatever its name tries: only plain names, and nothing that lies elsewhere in the end.
fn read(out: &Path, run: &str, path: &str) -> Option<Vec<u8>> {
    let is_plain = |path: &str| {
        let mut parts = Path::new(path).components();
        !path.is_empty() && !path.contains('\0') && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    if !is_plain(run) || run.contains('/') || !is_plain(path) {
        return None;
    }
    let folder = fs_err::canonicalize(out.join("runs").join(run)).ok()?;
    let file = fs_err::canonicalize(folder.join(path)).ok()?;
    let is_inside = file.starts_with(&folder) && folder.starts_with(out) && file.is_file();
    is_inside.then(|| fs_err::read(file).ok()).flatten()
}

/// How a file goes out: its type, whether it is shown, and what it may do.
fn manner(path: &str) -> (&'static str, &'static str, &'static str) {
    let nothing = "default-src 'none'; sandbox";
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str());
    match extension {
        Some("png") => ("image/png", "inline", nothing),
        Some("jpg") => ("image/jpeg", "inline", nothing),
        Some("html") if path.starts_with("report/") => ("text/html; charset=utf-8", "inline", REPORT_POLICY),
        _ => ("application/octet-stream", "attachment", nothing),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_outside_of_the_run_is_read() {
        let out = tempfile::tempdir().unwrap();
        let out = fs_err::canonicalize(out.path()).unwrap();
        let run = out.join("runs/r");
        fs_err::create_dir_all(&run).unwrap();
        fs_err::write(out.join("users.json"), "secret").unwrap();
        fs_err::write(run.join("a.png"), "picture").unwrap();
        std::os::unix::fs::symlink(out.join("users.json"), run.join("link.png")).unwrap();
        assert!(read(&out, "r", "a.png").is_some());
        for (run, path) in [
            ("r", "../../users.json"),
            ("..", "users.json"),
            ("r", "/etc/passwd"),
            ("r", "link.png"),
            ("r", "a.png\0"),
            ("r/..", "r/a.png"),
            ("", "r/a.png"),
            ("r", "."),
        ] {
            assert!(read(&out, run, path).is_none(), "{run} {path}");
        }
    }

    #[test]
    fn what_a_site_wrote_is_never_shown_as_a_page() {
        for path in [
            "sites/a/visit-1/data/page.html",
            "sites/a/x.svg",
            "a.HTML",
            "results.jsonl",
        ] {
            assert_eq!(manner(path).1, "attachment", "{path}");
        }
        assert_eq!(manner("report/sites/a.html").1, "inline");
    }
}
