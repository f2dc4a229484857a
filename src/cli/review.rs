//! Arguments of the commands for reviewers.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::review::Role;

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,

    /// Where to listen; other addresses than this machine's need accounts
    #[arg(long, default_value = "127.0.0.1:8480", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// A proxy with TLS stands before it: cookies are only sent over https
    #[arg(long)]
    pub behind_tls: bool,

    /// Accounts of reviewers [default: users.json in the folder of all runs]
    #[arg(long, value_name = "FILE")]
    pub users: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account, or give one a new password; it is asked for, or read from stdin
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        /// What the account may do: view, review, run (each includes the one before)
        #[arg(long, default_value = "review")]
        role: Role,
        /// Folder of all runs
        #[arg(long, default_value = "out", value_name = "DIR")]
        out: PathBuf,
        /// Accounts of reviewers [default: users.json in the folder of all runs]
        #[arg(long, value_name = "FILE")]
        users: Option<PathBuf>,
    },
}
