//! `emc-audit user`: accounts of reviewers. A password comes from the terminal or from stdin, never from the
//! arguments, which every user of the machine can read.

use std::io::{IsTerminal, stdin};

use super::auditing::note;
use super::{CommandError, failed_to, usage};
use crate::cli::{EXIT_PASS, UserCommand};
use crate::language::{Language, Sentence, word};
use crate::review::Accounts;

/// Works on accounts; the value is the exit code.
pub(super) fn user(command: &UserCommand, language: Language) -> Result<u8, CommandError> {
    let UserCommand::Add {
        name,
        role,
        out,
        users,
    } = command;
    let path = users.clone().unwrap_or_else(|| Accounts::path_in(out));
    if users.is_none() {
        fs_err::create_dir_all(out).map_err(usage)?;
    }
    let accounts = Accounts::at(path.clone());
    let password = password(language).map_err(usage)?;
    accounts
        .add(name, *role, &password)
        .map_err(failed_to("account"))?;
    let made = Sentence::new("notice", "account_made").with("name", name);
    note(&made.with("path", path.display()), language);
    Ok(EXIT_PASS)
}

/// From the terminal, or the first line of stdin.
pub(super) fn password(language: Language) -> std::io::Result<String> {
    if stdin().is_terminal() {
        return rpassword::prompt_password(format!("{}: ", word("review", "password", language)));
    }
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
