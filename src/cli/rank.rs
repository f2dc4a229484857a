//! Arguments of `emc-audit rank`.

use std::path::PathBuf;

use clap::Args;

use crate::ranking::Month;

#[derive(Debug, Args)]
pub struct RankArguments {
    /// Visits that EMC counted, CSV or XLSX: a line for each site with a column for each month, or a line for each
    /// site and month [default: what was imported before]
    #[arg(long, value_name = "FILE")]
    pub visits: Option<PathBuf>,

    /// The sites to rank [default: those of the newest full run]
    #[arg(long, value_name = "FILE")]
    pub sites: Option<PathBuf>,

    /// The month to rank by, such as 2026-11 [default: the newest]
    #[arg(long, value_name = "MONTH")]
    pub month: Option<Month>,

    /// Go on without the cells that are not right
    #[arg(long)]
    pub skip_bad_rows: bool,

    /// Folder for page, workbook and table [default: ranking/MONTH in the folder of all runs]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}
