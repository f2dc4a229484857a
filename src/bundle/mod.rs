//! What visits leave on disk: one folder for each visit, complete or not there at all.

mod run_folder;

pub use run_folder::{RunFolder, StoreError};
