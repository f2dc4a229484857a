//! `emc-audit completions` and `emc-audit man`: made from the command line itself.

use clap::CommandFactory;

use super::CommandError;
use super::auditing::to_stdout;
use crate::cli::{Cli, EXIT_PASS};

/// Completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<u8, CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "emc-audit", &mut text);
    to_stdout(|out| out.write_all(&text))?;
    Ok(EXIT_PASS)
}

/// The manual page with every subcommand, in roff.
pub(super) fn page() -> Result<u8, CommandError> {
    to_stdout(|out| {
        let mut command = Cli::command();
        command.build();
        clap_mangen::Man::new(command.clone()).render(out)?;
        command
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
            .try_for_each(|command| clap_mangen::Man::new(command.clone()).render(out))
    })?;
    Ok(EXIT_PASS)
}
