//! Results for programs and people: `results.jsonl`, `results.csv`, `run.json`, and the table at the end of
//! a run.

mod calls;
mod changed_site;
mod decisions;
mod exhibits;
mod glyphs;
mod html;
mod icon;
mod pack;
mod pictures;
mod repair;
mod results;
mod run_file;
mod side_by_side;
mod site_text;
mod summary;
mod tables;
mod time;

pub(crate) use changed_site::{SITES_LISTED_MAX, changed_site_text};
pub use html::{Rechecked, Report, ReportError};
pub(crate) use icon::ICON;
pub use pack::{PackError, pack};
pub use repair::{Paste, Repair, Repairs};
#[cfg(test)]
pub(crate) use results::sample;
pub use results::{CsvWriter, ResultsError, ResultsWriter, guarded, read_results, schema};
pub use run_file::{Judged, Making, RunFileError, page_now, summary_text, write_judgement, write_run};
pub use site_text::{changes_text, site_text};
pub use summary::{Summary, only_text};
pub use tables::TableError;
pub use time::for_people as time_for_people;
