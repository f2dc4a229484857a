//! `emc-audit timestamp`, and time stamps at the end of a run: authorities are asked one after the other, and each that
//! does not answer is named. A run is whole without them.

use url::Url;

use super::auditing::{note, say, to_stdout};
use super::{CommandError, Complaint, error, failed, open_run, usage};
use crate::bundle::{Roots, RunFolder, RunState, Stamp, StampRequest, check_stamp};
use crate::cli::{Cli, EXIT_PASS, EXIT_RUN_FAILED, TimestampArguments};
use crate::language::{Language, Sentence};
use crate::network::{ConnectToRules, PostOptions, post};
use crate::report::time_for_people;
use crate::settings::Settings;
use crate::verdict::Message;

const QUERY: &str = "application/timestamp-query";

/// Asks for the stamps that a run lacks; the value is the exit code.
pub(super) fn timestamp(cli: &Cli, arguments: &TimestampArguments) -> Result<u8, CommandError> {
    let mut settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let rules = arguments.connect_to.iter().cloned();
    settings.network.connect_to = rules.chain(settings.network.connect_to).collect();
    settings.network.proxy = arguments.proxy.clone().or(settings.network.proxy);
    let stamping = Stamping::of(&settings)?.ok_or_else(|| usage(error("no_authorities")))?;
    let (folder, record) = open_run(&arguments.out, &arguments.run)?;
    if record.state == RunState::Running {
        return Err(usage(error("not_finished").with("run", &record.run)));
    }
    let told = stamping.stamp(&folder, cli.lang);
    to_stdout(|out| {
        told.iter()
            .try_for_each(|stamp| writeln!(out, "{}", stamp_sentence(stamp).text(cli.lang)))
    })?;
    let is_whole = folder.stamps() >= stamping.count;
    Ok(if is_whole { EXIT_PASS } else { EXIT_RUN_FAILED })
}

fn stamp_sentence(stamp: &Stamp) -> Sentence {
    Sentence::new("notice", "stamped")
        .with("at", time_for_people(&stamp.at.to_string()))
        .with("authority", &stamp.authority)
}

/// Whom to ask, and how.
#[derive(Debug)]
pub(super) struct Stamping {
    authorities: Vec<Url>,
    count: usize,
    options: PostOptions,
    roots: Option<Roots>,
}

impl Stamping {
    /// As the settings say; nothing where they name no authority.
    ///
    /// # Errors
    /// When the certificates to trust cannot be read: better before a run than at its end.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, CommandError> {
        let evidence = &settings.evidence;
        if evidence.timestamp_authorities.is_empty() {
            return Ok(None);
        }
        let authorities = evidence.timestamp_authorities.iter();
        let roots = evidence.timestamp_ca.as_deref().map(Roots::read).transpose();
        Ok(Some(Self {
            authorities: authorities.filter_map(|url| Url::parse(url).ok()).collect(),
            count: evidence.timestamp_count,
            options: PostOptions {
                connect_to: ConnectToRules::new(settings.network.connect_to.clone()),
                proxy: settings.network.proxy.clone(),
                extra_ca: settings.network.extra_ca.clone(),
                time_limit: evidence.timestamp_wait(),
            },
            roots: roots.map_err(usage)?,
        }))
    }

    /// Asks until the run has as many stamps as it should, or nobody is left to ask. Those that were kept.
    pub(super) fn stamp(&self, folder: &RunFolder, language: Language) -> Vec<Stamp> {
        let mut kept = Vec::new();
        for url in &self.authorities {
            if folder.stamps() >= self.count {
                break;
            }
            match self.ask(url, folder) {
                Ok(stamp) => kept.push(stamp),
                Err(what) => {
                    let notice = Sentence::new("notice", "no_stamp").with("url", url);
                    say(&notice.with_message("what", what), language);
                }
            }
        }
        kept
    }

    fn ask(&self, url: &Url, folder: &RunFolder) -> Result<Stamp, Message> {
        let said = |cause: &dyn std::fmt::Display| Complaint::from(error("stamp")).because(cause).what();
        let list = folder
            .list_bytes()
            .map_err(|error| Complaint::from(error).in_one_line())?;
        let request = StampRequest::new(&list).map_err(|error| said(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| said(&error))?;
        let answer = runtime
            .block_on(post(url, QUERY, request.bytes.clone(), &self.options))
            .map_err(|error| said(&error))?;
        // What would not pass for a stamp later is not kept.
        let stamp =
            check_stamp(&answer, &list, Some(&request), self.roots.as_ref()).map_err(|error| said(&error))?;
        match folder.keep_stamp(&list, &answer) {
            Ok(true) => Ok(stamp),
            Ok(false) => Err(error("stamp_late").message()),
            Err(cause) => Err(Complaint::from(cause).in_one_line()),
        }
    }
}

/// Time stamps at the end of a run, in a thread of their own while the rest is done.
pub(super) fn in_background<T>(
    stamping: Option<&Stamping>,
    folder: &RunFolder,
    language: Language,
    meanwhile: impl FnOnce() -> T,
) -> Result<T, CommandError> {
    let Some(stamping) = stamping else {
        return Ok(meanwhile());
    };
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| stamping.stamp(folder, language));
        let done = meanwhile();
        let stamps = asking.join().map_err(|_| failed(error("stamp")))?;
        for stamp in &stamps {
            note(&stamp_sentence(stamp), language);
        }
        Ok(done)
    })
}
