//! One file for each subcommand: what it does, without printing.

pub mod list;
