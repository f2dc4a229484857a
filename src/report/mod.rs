//! Results as people and programs get them.

mod run_file;

pub use run_file::{summary_text, write_run};
