//! `emc-audit list check` and `list new`: a list given back with remarks, and an empty one to fill in.

use std::path::{Path, PathBuf};

use super::auditing::to_stdout;
use super::{CommandError, Complaint, usage};
use crate::cli::{EXIT_PASS, EXIT_USAGE};

use crate::inventory::{
    CheckSummary, Examined, ListError, WriteError, examine, write_checked, write_template,
};
use crate::language::Language;

/// Why a list could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl From<CheckError> for Complaint {
    fn from(cause: CheckError) -> Self {
        match cause {
            CheckError::List(cause) => cause.into(),
            CheckError::Write(cause) => cause.into(),
        }
    }
}

/// A list that was read to its end, right or wrong.
#[derive(Debug)]
pub struct Checked {
    pub summary: CheckSummary,
    pub examined: Examined,
}

impl Checked {
    /// Problems and remarks for people, one on each line, problems first.
    pub fn text(&self, language: Language) -> String {
        let problems = self
            .examined
            .problems
            .iter()
            .map(|problem| problem.text(language));
        let remarks = self
            .examined
            .list
            .remarks
            .iter()
            .map(|remark| remark.text(language));
        problems.chain(remarks).collect::<Vec<_>>().join("\n")
    }
}

/// Reads the list `file` and writes it to `out` as XLSX with a column of remarks (in Vietnamese, for the
/// agency that wrote the list). Bad rows are no error here; a file that is no list is.
pub fn check_list(file: &Path, out: &Path) -> Result<Checked, CheckError> {
    let examined = examine(file)?;
    if is_same_file(file, out) {
        return Err(WriteError::IsTheList(file.to_owned()).into());
    }
    let summary = write_checked(&examined, out)?;
    Ok(Checked { summary, examined })
}

/// Writes an empty list with headings, examples, drop-downs and notes to `path`, which must not exist.
pub fn new_template(path: &Path) -> Result<(), WriteError> {
    write_template(path)
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs_err::canonicalize(one), fs_err::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// `emc-audit list check`: problems on stderr, the name of the list with remarks on stdout.
pub(super) fn check(file: &Path, out: Option<&Path>, language: Language) -> Result<u8, CommandError> {
    let out = out.map_or_else(|| beside(file), Path::to_path_buf);
    let checked = check_list(file, &out).map_err(usage)?;
    for line in checked.text(language).lines() {
        tracing::warn!("{line}");
    }
    print_path(&out)?;
    Ok(if checked.examined.problems.is_empty() {
        EXIT_PASS
    } else {
        EXIT_USAGE
    })
}

/// `emc-audit list new`.
pub(super) fn new(file: &Path) -> Result<u8, CommandError> {
    new_template(file).map_err(usage)?;
    print_path(file)?;
    Ok(EXIT_PASS)
}

/// `sites.xlsx` becomes `sites.checked.xlsx`.
fn beside(file: &Path) -> PathBuf {
    file.with_extension("checked.xlsx")
}

fn print_path(path: &Path) -> Result<(), CommandError> {
    to_stdout(|out| writeln!(out, "{}", path.display()))
}
