//! Arguments of `emc-audit timestamp`.

use std::path::PathBuf;

use clap::Args;

use crate::network::{ConnectTo, Proxy};

#[derive(Debug, Args)]
pub struct TimestampArguments {
    /// The run: its name, or its folder
    #[arg(value_name = "RUN", default_value = "latest")]
    pub run: String,

    /// Connect to ADDR:PORT instead of HOST:PORT, as curl does; an empty HOST or PORT means any (repeatable)
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub connect_to: Vec<ConnectTo>,

    /// Proxy that the question goes through, such as `http://proxy:3128`
    #[arg(long, value_name = "URL")]
    pub proxy: Option<Proxy>,

    /// Folder of all runs
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub out: PathBuf,
}
