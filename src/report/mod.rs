//! Results for programs and people: `results.jsonl`, `results.csv`, and the table at the end of a run.

mod results;
mod summary;

pub use results::{CsvWriter, ResultsError, ResultsWriter, guarded, schema};
pub use summary::Summary;
