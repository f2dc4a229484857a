//! Arguments of `emc-audit discover`.

use std::path::PathBuf;

use clap::Args;

use crate::network::{ConnectTo, Proxy};
use crate::observation::Engine;

#[derive(Debug, Args)]
pub struct DiscoverArguments {
    /// Addresses of portals
    #[arg(value_name = "PORTAL", required = true)]
    pub portals: Vec<String>,

    /// Where the draft goes [default: draft.csv here, or LIST with .merged.csv]
    #[arg(long, value_name = "FILE", conflicts_with = "in_place")]
    pub to: Option<PathBuf>,

    /// Put the draft into this list (CSV): lines, cells and order stay, new lines come below, and what is gone or
    /// moved is marked
    #[arg(long, value_name = "LIST")]
    pub merge: Option<PathBuf>,

    /// Write the merged list over the list itself
    #[arg(long, requires = "merge")]
    pub in_place: bool,

    /// More names to ask for below each portal's domain, one on each line: soxaydung, xaanphu
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,

    /// Ask for no usual names
    #[arg(long, conflicts_with = "names")]
    pub no_names: bool,

    /// Visits in flight [default: six for each core]
    #[arg(long, value_name = "N")]
    pub concurrency: Option<usize>,

    /// Engine of the visits [default: shell where installed]
    #[arg(long, value_name = "shell|chrome", value_parser = super::parse_engine)]
    pub engine: Option<Engine>,

    /// Connect to ADDR:PORT instead of HOST:PORT, as curl does (repeatable)
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub connect_to: Vec<ConnectTo>,

    /// Visit sites on private addresses too
    #[arg(long)]
    pub allow_private: bool,

    /// Proxy for everything the robot loads, such as `http://proxy:3128`
    #[arg(long, value_name = "URL")]
    pub proxy: Option<Proxy>,

    /// Trust the certificates in FILE (PEM or DER) besides the browser's own (repeatable; needs certutil)
    #[arg(long, value_name = "FILE")]
    pub extra_ca: Vec<PathBuf>,
}
