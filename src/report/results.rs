//! Writes `results.jsonl` and `results.csv`, one site after the other, into temporary files that take their
//! place only when they are whole.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::decisions::decisions_text;
use super::time;
use crate::language::{Language, word};
use crate::rules::{CheckId, Profile, Rules};
use crate::verdict::{Finding, RESULT_SCHEMA, SiteResult, Status, Verdict};

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    #[error("failed to write {path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("failed to write or read the result of {site}: {source}")]
    Json { site: String, source: serde_json::Error },
    #[error("failed to write {path}: {source}")]
    Csv { path: PathBuf, source: csv::Error },
}

/// A file that appears under its name only when [`Draft::publish`] is called.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    pub(super) file: BufWriter<NamedTempFile>,
}

impl Draft {
    pub(super) fn begin(path: &Path) -> Result<Self, ResultsError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file =
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(|source| io(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    /// Flushes, syncs and renames.
    pub(super) fn publish(self) -> Result<(), ResultsError> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(|error| io(&path, error.into_error()))?;
        file.as_file().sync_all().map_err(|source| io(&path, source))?;
        readable(file.as_file()).map_err(|source| io(&path, source))?;
        file.persist(&path).map_err(|error| io(&path, error.error))?;
        Ok(())
    }
}

/// Temporary files are private to their owner; results are not.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &std::fs::File) -> io::Result<()> {
    Ok(())
}

fn io(path: &Path, source: io::Error) -> ResultsError {
    ResultsError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Streams `results.jsonl`.
#[derive(Debug)]
pub struct ResultsWriter(Draft);

impl ResultsWriter {
    pub fn begin(path: &Path) -> Result<Self, ResultsError> {
        Draft::begin(path).map(Self)
    }

    /// Writes one line.
    pub fn push(&mut self, result: &SiteResult) -> Result<(), ResultsError> {
        serde_json::to_writer(&mut self.0.file, result).map_err(|source| ResultsError::Json {
            site: result.site.to_string(),
            source,
        })?;
        let path = &self.0.path;
        self.0.file.write_all(b"\n").map_err(|source| io(path, source))
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), ResultsError> {
        self.0.publish()
    }
}

/// The lines of a `results.jsonl`.
///
/// # Errors
/// When the file cannot be read, or a line is none of this program's.
pub fn read_results(path: &Path) -> Result<Vec<SiteResult>, ResultsError> {
    let text = fs_err::read_to_string(path).map_err(|source| io(path, source))?;
    let lines = text.lines().enumerate();
    lines
        .map(|(at, line)| {
            serde_json::from_str(line).map_err(|source| ResultsError::Json {
                site: format!("{}, line {}", path.display(), at + 1),
                source,
            })
        })
        .collect()
}

/// Streams `results.csv` for people who open it in a spreadsheet.
#[derive(Debug)]
pub struct CsvWriter<'a> {
    path: PathBuf,
    table: csv::Writer<BufWriter<NamedTempFile>>,
    rules: &'a Rules,
    profile: &'a Profile,
    language: Language,
}

impl<'a> CsvWriter<'a> {
    /// Begins with the byte-order mark that spreadsheets want, and the headings.
    pub fn begin(
        path: &Path,
        rules: &'a Rules,
        profile: &'a Profile,
        language: Language,
    ) -> Result<Self, ResultsError> {
        let mut draft = Draft::begin(path)?;
        draft
            .file
            .write_all("\u{feff}".as_bytes())
            .map_err(|source| io(path, source))?;
        let mut writer = Self {
            path: draft.path,
            table: csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(draft.file),
            rules,
            profile,
            language,
        };
        let heading = |key: &str| word("heading", key, language).to_owned();
        let mut row: Vec<String> = BEFORE.iter().map(|key| heading(key)).collect();
        for check in checks(profile) {
            row.push(rules.check_name(check).in_language(language).to_owned());
        }
        row.extend(AFTER.iter().map(|key| heading(key)));
        writer.write(&row)?;
        Ok(writer)
    }

    /// Writes one row.
    pub fn push(&mut self, result: &SiteResult) -> Result<(), ResultsError> {
        let language = self.language;
        let reason = result.outcome_message.as_ref();
        let portal = result.portal.as_ref().map(ToString::to_string);
        let mut row = vec![
            result.site.to_string(),
            result.name.clone(),
            result.agency_told().unwrap_or_default().to_owned(),
            word("role", result.role.as_str(), language).to_owned(),
            portal.unwrap_or_default(),
            word("status", result.verdict.as_str(), language).to_owned(),
            word("outcome", result.outcome.as_str(), language).to_owned(),
            reason.map_or(String::new(), |reason| reason.in_language(language).to_owned()),
        ];
        for check in checks(self.profile) {
            let finding = result
                .findings
                .iter()
                .find(|finding| finding.check == check.as_str());
            row.push(finding.map_or_else(String::new, |finding| cell(finding, language)));
        }
        row.push(to_do(result, language));
        row.push(result.visits.len().to_string());
        row.push(
            result
                .visits
                .first()
                .map_or_else(String::new, |visit| time::with_offset(&visit.at)),
        );
        row.push(result.url.clone());
        row.push(result.final_url.clone().unwrap_or_default());
        let system = result.system.as_ref();
        row.push(system.map_or_else(String::new, |system| {
            word("system", system.name.as_str(), language).to_owned()
        }));
        row.push(system.and_then(|system| system.sign.clone()).unwrap_or_default());
        row.push(result.vendor.clone().unwrap_or_default());
        row.push(result.group.clone().unwrap_or_default());
        let reviewed = result.reviewed.map(Verdict::as_str);
        row.push(reviewed.map_or_else(String::new, |verdict| {
            word("status", verdict, language).to_owned()
        }));
        row.push(decisions_text(result, |check| self.check_name(check), language));
        self.write(&row)
    }

    fn check_name(&self, check: &str) -> String {
        match check.parse::<CheckId>() {
            Ok(known) => self.rules.check_name(known).in_language(self.language).to_owned(),
            Err(_) => check.to_owned(),
        }
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), ResultsError> {
        let path = self.path;
        let file = self.table.into_inner().map_err(|error| ResultsError::Io {
            path: path.clone(),
            source: io::Error::other(error.to_string()),
        })?;
        Draft { path, file }.publish()
    }

    fn write(&mut self, row: &[String]) -> Result<(), ResultsError> {
        let cells = row.iter().map(|cell| guarded(cell));
        self.table
            .write_record(cells)
            .map_err(|source| ResultsError::Csv {
                path: self.path.clone(),
                source,
            })
    }
}

/// Columns before and after those of the checks.
const BEFORE: &[&str] = &[
    "site", "name", "agency", "role", "portal", "verdict", "outcome", "reason",
];
const AFTER: &[&str] = &[
    "findings",
    "visits",
    "visited_at",
    "url",
    "final_url",
    "system",
    "system_sign",
    "vendor",
    "group",
    "reviewed",
    "decisions",
];

/// The profile's checks in the order of the catalogue.
fn checks(profile: &Profile) -> impl Iterator<Item = CheckId> + '_ {
    CheckId::ALL.into_iter().filter(|check| profile.has(*check))
}

fn cell(finding: &Finding, language: Language) -> String {
    format!(
        "{} ({})",
        word("status", finding.status.as_str(), language),
        finding.code
    )
}

/// The sentences of what fails or needs a person, mandatory findings first.
fn to_do(result: &SiteResult, language: Language) -> String {
    let mut open: Vec<&Finding> = result
        .findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Fail | Status::Review))
        .collect();
    open.sort_by_key(|finding| !finding.mandatory);
    let sentences: Vec<&str> = open
        .iter()
        .map(|finding| finding.message.in_language(language))
        .collect();
    sentences.join(" ")
}

/// A cell that no spreadsheet takes for a formula.
pub fn guarded(cell: &str) -> String {
    // Spreadsheets for wide characters take the wide signs too.
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The JSON Schema of one line of `results.jsonl`.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(SiteResult).to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), "One line of results.jsonl".into());
        let name = serde_json::json!({ "const": RESULT_SCHEMA });
        if let Some(properties) = root.get_mut("properties").and_then(|one| one.as_object_mut()) {
            properties.insert("schema".to_owned(), name);
        }
    }
    schema
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
