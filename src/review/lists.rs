//! Lists of sites that were given to the page: kept beside the runs, and checked as `run` checks them.

use std::io::Write;
use std::path::{Path, PathBuf};

use axum::Json;
use axum::extract::{Path as Named, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Answer, ApiError, apart, begin, refused};
use super::job::Work;
use super::server::Shared;
use crate::inventory::{Examined, FileProblem, OUR_SHEETS, RowProblem, examine_bytes, read_tables_of};
use crate::language::Language;
use crate::verdict::Message;

const FOLDER: &str = "lists";
const NAME_MAX: usize = 80;

pub(super) async fn all(State(shared): State<Shared>) -> Answer {
    apart(shared, |shared| {
        let folder = shared.options().out.join(FOLDER);
        let entries = fs_err::read_dir(&folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| is_good_name(name))
            .collect();
        names.sort();
        let told = names.into_iter().map(|name| {
            let bytes = fs_err::read(folder.join(&name)).map_err(ApiError::broken)?;
            Ok(match examine_bytes(&bytes) {
                Ok(examined) => json!({
                    "name": name, "sites": examined.list.sites.len(), "problems": examined.problems.len(),
                }),
                Err(_) => json!({"name": name, "sites": 0, "problems": 1}),
            })
        });
        Ok(json!({"lists": told.collect::<Result<Vec<Value>, ApiError>>()?}))
    })
    .await
}

pub(super) async fn one(State(shared): State<Shared>, Named(name): Named<String>) -> Answer {
    apart(shared, move |shared| {
        let path = path_of(&shared.options().out, &name)?;
        let bytes = fs_err::read(path).map_err(ApiError::broken)?;
        told(&name, &bytes, shared.options().language)
    })
    .await
}

/// A list: either a file as it is, or the cells of a table.
#[derive(Deserialize)]
pub(super) struct NewList {
    name: String,
    base64: Option<String>,
    rows: Option<Vec<Vec<String>>>,
}

/// Keeps a list, also one with bad rows: they are named, and can be mended on the page.
pub(super) async fn keep(State(shared): State<Shared>, Json(given): Json<NewList>) -> Answer {
    let (name, bytes) = match given {
        NewList {
            name,
            base64: Some(text),
            ..
        } => (name, STANDARD.decode(text).map_err(|_| bad_list())?),
        NewList {
            name,
            rows: Some(rows),
            ..
        } => (as_csv(&name), csv_of(&rows)?),
        NewList { .. } => return Err(bad_list()),
    };
    if !is_good_name(&name) {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_list_name"));
    }
    apart(shared, move |shared| {
        let told = told(&name, &bytes, shared.options().language)?;
        let folder = shared.options().out.join(FOLDER);
        fs_err::create_dir_all(&folder).map_err(ApiError::broken)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(ApiError::broken)?;
        file.write_all(&bytes).map_err(ApiError::broken)?;
        file.persist(folder.join(&name)).map_err(ApiError::broken)?;
        Ok(told)
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct WhichList {
    list: String,
}

/// Begins to audit a list, where every row of it is right.
pub(super) async fn run(State(shared): State<Shared>, Json(which): Json<WhichList>) -> Answer {
    apart(shared, move |shared| {
        let path = path_of(&shared.options().out, &which.list)?;
        let bytes = fs_err::read(&path).map_err(ApiError::broken)?;
        let examined = examine_bytes(&bytes).map_err(|problem| not_a_list(&problem))?;
        if !examined.problems.is_empty() || examined.list.sites.is_empty() {
            return Err(bad_list());
        }
        let list = which.list;
        begin(shared, Work::Run { list, path })
    })
    .await
}

fn bad_list() -> ApiError {
    refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_list")
}

fn not_a_list(problem: &FileProblem) -> ApiError {
    let message = Message {
        vi: problem.message(Language::Vietnamese),
        en: problem.message(Language::English),
    };
    refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_list").saying(message)
}

/// A plain name of one of the kinds that are read; nothing that leads elsewhere.
fn is_good_name(name: &str) -> bool {
    let kind = Path::new(name).extension().and_then(|kind| kind.to_str());
    let is_known = kind.is_some_and(|kind| {
        ["csv", "xlsx", "xls"]
            .iter()
            .any(|known| kind.eq_ignore_ascii_case(known))
    });
    let is_plain = |letter: char| letter.is_alphanumeric() || " ._-()".contains(letter);
    is_known && !name.starts_with('.') && name.chars().count() <= NAME_MAX && name.chars().all(is_plain)
}

fn path_of(out: &Path, name: &str) -> Result<PathBuf, ApiError> {
    let path = out.join(FOLDER).join(name);
    let is_there = is_good_name(name) && fs_err::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    is_there
        .then_some(path)
        .ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found"))
}

/// What was a workbook and was edited here is a table of texts from then on.
fn as_csv(name: &str) -> String {
    Path::new(name)
        .with_extension("csv")
        .to_string_lossy()
        .into_owned()
}

/// One line for each row, so that bad rows are named by the numbers that the page shows.
fn csv_of(rows: &[Vec<String>]) -> Result<Vec<u8>, ApiError> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_empty = |row: &&Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
    for row in rows.iter().filter(|row| !is_empty(row)) {
        let cells = (0..width).map(|column| row.get(column).map_or("", String::as_str));
        let cells = cells.map(|cell| cell.replace(['\r', '\n'], " "));
        writer.write_record(cells).map_err(ApiError::broken)?;
    }
    writer.into_inner().map_err(ApiError::broken)
}

fn told(name: &str, bytes: &[u8], language: Language) -> Result<Value, ApiError> {
    let Examined { list, problems, .. } = examine_bytes(bytes).map_err(|problem| not_a_list(&problem))?;
    let mut tables = read_tables_of(bytes).map_err(|problem| not_a_list(&problem))?;
    let is_ours = |name: &str| OUR_SHEETS.contains(&name);
    tables.retain(|table| !table.name.as_deref().is_some_and(is_ours));
    // Of several sheets none is chosen here: such a workbook is edited where it was made.
    let rows = match tables.as_slice() {
        [table] => json!(table.rows),
        _ => Value::Null,
    };
    let problems = problems.iter().map(|problem| told_problem(problem, language));
    let remarks = list.remarks.iter().map(|remark| remark.text(language));
    Ok(json!({
        "name": name,
        "sites": list.sites.len(),
        "problems": problems.collect::<Vec<_>>(),
        "remarks": remarks.collect::<Vec<_>>(),
        "rows": rows,
    }))
}

fn told_problem(problem: &RowProblem, language: Language) -> Value {
    json!({
        "line": problem.place.line,
        "sheet": problem.place.sheet,
        "column": problem.column,
        "value": problem.value,
        "text": problem.text(language),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        for name in ["danh sách.csv", "A-1 (2).XLSX", "a.xls"] {
            assert!(is_good_name(name), "{name}");
        }
        for name in [
            "../a.csv",
            "/a.csv",
            ".csv",
            ".a.csv",
            "a/b.csv",
            "a.txt",
            "a\0.csv",
            "a\u{202e}.csv",
            "",
        ] {
            assert!(!is_good_name(name), "{name}");
        }
    }

    #[test]
    fn what_was_edited_is_checked_line_by_line() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["url", "name", "role", "portal"]),
            row(["a.gov.vn", "Cổng\nA, \"mẫu\"", "portal", ""]),
            row(["", "", " ", ""]),
            row(["b.gov.vn", "B", "nothing", "a.gov.vn"]),
        ];
        let told = told("a.csv", &csv_of(&rows).unwrap(), Language::English).unwrap();
        assert_eq!(told["rows"][1][1][1], "Cổng A, \"mẫu\"");
        let problem = &told["problems"][0];
        assert_eq!(
            (&problem["line"], &problem["column"]),
            (&json!(3), &json!("role"))
        );
        assert_eq!(problem["value"], "nothing");
    }
}
