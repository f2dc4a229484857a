//! Arguments of `emc-audit prune`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct PruneArguments {
    /// Only say what would be removed
    #[arg(long)]
    pub dry_run: bool,

    /// What would be removed and what stays, as one JSON object on stdout
    #[arg(long)]
    pub json: bool,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}
