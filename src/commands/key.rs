//! `emc-audit key make`, and the key that the settings name.

use super::auditing::{note, to_stdout};
use super::user::password;
use super::{CommandError, error, failed_to, usage};
use crate::bundle::{PASSWORD_VARIABLE, Signer, make_keys};
use crate::cli::{Cli, EXIT_PASS, KeyCommand};
use crate::language::Sentence;
use crate::settings::EvidenceSettings;

/// Runs the subcommand; the value is the exit code.
pub(super) fn key(cli: &Cli, command: &KeyCommand) -> Result<u8, CommandError> {
    let KeyCommand::Make { folder, no_password } = command;
    let password = if *no_password {
        None
    } else {
        let password = password(cli.lang).map_err(usage)?;
        if password.is_empty() {
            return Err(usage(error("key_no_password")));
        }
        Some(password)
    };
    let (public, secret) = make_keys(folder, password).map_err(failed_to("make_key"))?;
    note(
        &Sentence::new("notice", "key_made").with("secret", secret.display()),
        cli.lang,
    );
    to_stdout(|out| writeln!(out, "{}", public.display()))?;
    Ok(EXIT_PASS)
}

/// The key that runs are signed with, if the settings name one.
///
/// # Errors
/// When it cannot be read or opened: better before a run than at its end.
pub(super) fn signer(settings: &EvidenceSettings) -> Result<Option<Signer>, CommandError> {
    let Some(path) = &settings.sign_key else {
        return Ok(None);
    };
    let password = match &settings.sign_password_file {
        Some(file) => {
            let text = fs_err::read_to_string(file).map_err(usage)?;
            Some(text.lines().next().unwrap_or_default().to_owned())
        }
        None => std::env::var(PASSWORD_VARIABLE)
            .ok()
            .filter(|password| !password.is_empty()),
    };
    Signer::read(path, password).map(Some).map_err(usage)
}
