//! Arguments of `emc-audit log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Show the lines, oldest first
    Show(LogShowArguments),
    /// Write all lines as JSON lines on stdout; the file can be checked alone
    Export(LogPlace),
    /// Find lines that were changed, removed or inserted
    #[command(after_help = "Exit codes: 0 sound, 2 bad usage, 3 something is wrong and each thing is named")]
    Verify(LogVerifyArguments),
}

#[derive(Debug, Args)]
pub struct LogPlace {
    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct LogShowArguments {
    /// Only this site, as results name it
    #[arg(long, value_name = "SITE")]
    pub site: Option<String>,

    /// Only visits from this day or moment on (UTC), such as 2026-11-21
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// The lines as they are kept, in JSON
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub place: LogPlace,
}

#[derive(Debug, Args)]
pub struct LogVerifyArguments {
    /// An exported file instead of the log itself
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// The findings as one JSON object on stdout
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub place: LogPlace,
}
