//! The program: arguments become one call per subcommand, errors become words and an exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use emc_audit::cli::{Cli, EXIT_RUN_FAILED, EXIT_USAGE};
use emc_audit::commands::{self, CommandError};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log(cli.verbose);
    match commands::execute(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(CommandError::Usage(error)) => {
            report(&error);
            ExitCode::from(EXIT_USAGE)
        }
        Err(CommandError::Failed(error)) => {
            report(&error);
            ExitCode::from(EXIT_RUN_FAILED)
        }
    }
}

/// Words go to stderr; stdout is for data.
#[allow(clippy::print_stderr)] // the one place where errors become words
fn report(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

fn start_log(verbose: u8) {
    let default = match verbose {
        0 => "warn",
        1 => "emc_audit=info,warn",
        2 => "emc_audit=debug,info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("EMC_AUDIT_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Someone who asks for more wants to know when and where; everyone else wants the words.
    if verbose == 0 {
        log.without_time().with_target(false).init();
    } else {
        log.init();
    }
}
