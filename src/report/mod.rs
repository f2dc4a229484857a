//! Results for programs and people: `results.jsonl`, `results.csv`, `run.json`, and the table at the end of
//! a run.

mod results;
mod run_file;
mod summary;

pub use results::{CsvWriter, ResultsError, ResultsWriter, guarded, schema};
pub use run_file::{RunFileError, summary_text, write_run};
pub use summary::Summary;
