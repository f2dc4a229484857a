//! Arguments of `emc-audit schedule` and of what belongs to it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    told to end, and ended in good order; --once: the audit was made, whatever it found; --check: the plan is right
  1    it cannot work; --once: the audit could not be made
  2    bad usage or settings
  130  --once: told to end; the next start goes on with the run";

#[derive(Debug, Args)]
pub struct ScheduleArguments {
    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,

    /// Say when each list is due next, and try what the settings name, without auditing
    #[arg(long, conflicts_with = "once")]
    pub check: bool,

    /// Audit this list now and end, as a timer of the host wants it
    #[arg(long, value_name = "LIST")]
    pub once: Option<String>,
}

#[derive(Debug, Args)]
pub struct NotifyArguments {
    /// Send a test message by every way that is set
    #[arg(long, required = true)]
    pub test: bool,
}

#[derive(Debug, Args)]
pub struct HealthArguments {
    /// Where the scheduler listens [default: as the settings say]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}
