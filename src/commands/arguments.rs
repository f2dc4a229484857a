//! A command line that is not right, in the reader's language: the parser's own words are English.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::complaint::{Complaint, error};
use crate::language::{Language, Sentence};

/// The language that a command line asks for, which may be too wrong to be read as a whole.
pub fn language_asked_for(arguments: impl IntoIterator<Item = String>) -> Language {
    let mut arguments = arguments.into_iter();
    let mut asked = None;
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix("--lang") {
            Some("") => asked = arguments.next(),
            Some(rest) => asked = rest.strip_prefix('=').map(str::to_owned).or(asked),
            None => {}
        }
    }
    asked.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// What is wrong with the command line; `None` for what is no error (help, version), and for what the
/// parser alone can say.
pub fn complaint_of(refused: &clap::Error) -> Option<Complaint> {
    let one = |kind| refused.get(kind).map(words).unwrap_or_default();
    let argument = one(ContextKind::InvalidArg);
    let value = one(ContextKind::InvalidValue);
    let sentence = match refused.kind() {
        ErrorKind::InvalidValue if value.is_empty() => error("cli_no_value").with("argument", argument),
        ErrorKind::InvalidValue => error("cli_not_one_of")
            .with("argument", argument)
            .with("value", value)
            .with("known", one(ContextKind::ValidValue)),
        ErrorKind::ValueValidation => error("cli_bad_value")
            .with("argument", argument)
            .with("value", without_login(&value)),
        ErrorKind::UnknownArgument => error("cli_unknown").with("argument", argument),
        ErrorKind::InvalidSubcommand => {
            error("cli_no_command").with("command", one(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => error("cli_missing").with("argument", argument),
        ErrorKind::ArgumentConflict => error("cli_conflict")
            .with("argument", argument)
            .with("other", one(ContextKind::PriorArg)),
        _ => return None,
    };
    let nearest = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg]
        .into_iter()
        .find_map(|kind| refused.get(kind).map(words));
    // Where the parser knows what may have been meant, that is the best thing to do.
    let sentence = match nearest {
        Some(nearest) => sentence.with("nearest", nearest),
        None => sentence.with("nearest", "emc-audit --help"),
    };
    let complaint = Complaint::from(sentence);
    Some(match std::error::Error::source(refused) {
        Some(cause) => match takes(&one(ContextKind::InvalidArg)) {
            Some(hint) => complaint.with_hint(&hint),
            None => complaint.because(cause),
        },
        None => complaint,
    })
}

/// Which values an option takes (`--lang <vi|en>`), where the language file knows it.
fn takes(argument: &str) -> Option<Sentence> {
    const KNOWN: [&str; 6] = [
        "concurrency",
        "connect-to",
        "emc-site-id",
        "engine",
        "lang",
        "proxy",
    ];
    let option = argument.split_whitespace().next()?;
    let key = KNOWN
        .into_iter()
        .find(|key| option.strip_prefix("--") == Some(key))?;
    Some(Sentence::new("option", key).with("option", option))
}

/// What was given for a proxy may hold a password: what stands before the last `@` is not shown again.
fn without_login(value: &str) -> &str {
    value.rsplit_once('@').map_or(value, |(_, rest)| rest)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn said(line: &str) -> String {
        let words = std::iter::once("emc-audit").chain(line.split_whitespace());
        let refused = Cli::try_parse_from(words).unwrap_err();
        complaint_of(&refused).unwrap().text(Language::Vietnamese)
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_said_in_vietnamese_with_what_was_written() {
        for (line, named) in [
            ("rum", "rum"),
            ("run", "--sites"),
            ("run --sites", "--sites"),
            ("run --sites x --bad", "--bad"),
            ("run --sites x --resume y", "--resume"),
            ("check a.gov.vn --emc-site-id x", "--emc-site-id"),
            ("check a.gov.vn --emc-site-id 0", "--emc-site-id"),
            ("run --sites x --emc-beacon z", "pass, stub"),
            ("run --sites x --connect-to z", "--connect-to"),
            ("run --sites x --concurrency -1", "--concurrency"),
            ("run --sites x --proxy ftp://me:secret@p:1", "--proxy"),
        ] {
            let said = said(line);
            assert!(said.contains(named), "{line}: {said}");
            assert!(
                said.starts_with("lỗi: ") && said.contains("\ngợi ý: ") && !said.contains('…'),
                "{line}: {said}"
            );
        }
        assert!(said("rum").contains("run"), "the nearest command is offered");
        assert!(!said("run --sites x --proxy ftp://me:secret@p:1").contains("secret"));
    }

    #[test]
    fn help_is_no_error() {
        let help = Cli::try_parse_from(["emc-audit", "--help"]).unwrap_err();
        assert!(complaint_of(&help).is_none());
    }

    #[test]
    fn the_language_is_found_in_a_line_that_cannot_be_read() {
        let asked = |line: &str| language_asked_for(line.split(' ').map(str::to_owned));
        assert_eq!(asked("emc-audit rum --lang en"), Language::English);
        assert_eq!(asked("emc-audit --lang=en rum"), Language::English);
        assert_eq!(asked("emc-audit rum --lang"), Language::Vietnamese);
        assert_eq!(asked("emc-audit rum --language en"), Language::Vietnamese);
    }
}
