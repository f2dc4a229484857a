//! Arguments of `emc-audit key`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key that runs are signed with, and the public key that signatures are checked by
    Make {
        /// Where emc-audit.key and emc-audit.pub go
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Without a password: for a machine that signs by itself
        #[arg(long)]
        no_password: bool,
    },
}
