//! The list of sites: read from CSV or XLSX as departments write it, checked row by row, and given
//! back with remarks. Nothing is audited until every row is right or was left out on purpose.

mod checked;
mod csv_file;
mod draft;
mod fold;
mod headings;
mod plain;
mod problem;
mod read;
mod resolve;
mod rows;
mod source;
mod table;
mod template;
mod titles;
mod values;
mod words;
mod workbook;
mod write;

pub use checked::{CheckSummary, write_checked};
pub use draft::{DraftRow, Merged, draft_csv, merge_csv};
pub use plain::{PlainTable, read_tables, read_tables_of};
pub use problem::{FileProblem, ListError, Problem, Remark, RemarkKind, RowPlace, RowProblem};
pub(crate) use read::OUR_SHEETS;
pub use read::{Examined, ReadOptions, SiteList, examine, examine_bytes, read_list};
pub use template::write_template;
pub use write::WriteError;
