//! What visits leave on disk: one folder for each visit, complete or not there at all.

mod run_folder;
mod run_record;
mod space;

pub use run_folder::{RunFolder, StoreError};
pub use run_record::{JudgedBy, RunCounts, RunKind, RunList, RunRecord, RunState, Vantage};
pub use space::{SpaceNeeded, free_bytes};
