//! `emc-audit notify --test`: do messages arrive?

use jiff::Timestamp;

use super::auditing::to_stdout;
use super::schedule::in_runtime;
use super::{CommandError, Complaint, error, failed, usage};
use crate::cli::{Cli, EXIT_PASS, NotifyArguments};
use crate::language::Sentence;
use crate::notify::{Channels, Message, MessageFacts};
use crate::settings::Settings;

/// Sends a message by every way that is set; the value is the exit code.
pub(super) fn notify(cli: &Cli, arguments: &NotifyArguments) -> Result<u8, CommandError> {
    debug_assert!(arguments.test, "the only thing that it can be asked for");
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let channels = Channels::of(&settings).map_err(usage)?;
    if channels.kinds().is_empty() {
        return Err(usage(error("no_channel")));
    }
    let message = Message::test(MessageFacts {
        list: "",
        at: Timestamp::now(),
        base_url: channels.base_url.as_ref(),
        language: cli.lang,
    });
    for kind in channels.kinds() {
        let sent = in_runtime(async { Ok(channels.send(kind, &message).await) })?;
        if let Some(Err(cause)) = sent {
            let complaint = error("not_delivered").with("channel", kind.as_str());
            return Err(failed(Complaint::from(complaint).because(cause)));
        }
        let line = Sentence::new("message", "arrived").with("channel", kind.as_str());
        to_stdout(|out| writeln!(out, "{}", line.text(cli.lang)))?;
    }
    Ok(EXIT_PASS)
}
