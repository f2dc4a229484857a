//! `emc-audit doctor`: is this machine fit to audit, and what to do where it is not?

mod machine;
mod network;

use std::path::Path;

use serde::Serialize;

use super::auditing::{self, engines_found, to_stdout};
use super::{CommandError, Complaint, error, failed, usage};
use crate::cli::{Cli, DoctorArguments, EXIT_PASS, EXIT_RUN_FAILED};
use crate::inventory::{ReadOptions, SiteList, read_list};
use crate::language::{Language, Sentence, word};
use crate::settings::Settings;
use crate::verdict::Message;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Good,
    /// Audits work, with a limit that one should know.
    Warning,
    /// Audits do not work, or say wrong things.
    Problem,
}

/// One thing that was looked at. Its sentence is `key` in the section `doctor` of the language file.
#[derive(Debug, Clone, Serialize)]
struct Remark {
    level: Level,
    key: &'static str,
    /// For programs; what is said in words is in English here.
    facts: Vec<(&'static str, String)>,
    #[serde(skip)]
    sentence: Sentence,
}

impl Remark {
    fn new(level: Level, key: &'static str) -> Self {
        Self {
            level,
            key,
            facts: Vec::new(),
            sentence: Sentence::new("doctor", key),
        }
    }

    fn good(key: &'static str) -> Self {
        Self::new(Level::Good, key)
    }

    fn warning(key: &'static str) -> Self {
        Self::new(Level::Warning, key)
    }

    fn problem(key: &'static str) -> Self {
        Self::new(Level::Problem, key)
    }

    #[allow(clippy::needless_pass_by_value)] // callers give what they have
    fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.sentence = self.sentence.with(name, &value);
        self.facts.push((name, value.to_string()));
        self
    }

    fn with_message(mut self, name: &'static str, value: Message) -> Self {
        self.facts.push((name, value.en.clone()));
        self.sentence = self.sentence.with_message(name, value);
        self
    }

    fn text(&self, language: Language) -> String {
        self.sentence.text(language)
    }
}

/// Looks at everything and says it; the value is the exit code.
pub(super) fn doctor(cli: &Cli, arguments: &DoctorArguments) -> Result<u8, CommandError> {
    let mut settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    auditing::apply(&mut settings, &arguments.visiting);
    let list = arguments.sites.as_deref().map(list).transpose()?;
    let mut remarks = machine::look_at(&arguments.visiting.out, list.as_ref(), &settings.retention);
    let (engines, mut found) = engines_found(&settings, |_, found| match found {
        Ok(engine) => Remark::good("engine_good")
            .with("engine", engine.engine.as_str())
            .with("program", engine.program.display())
            .with(
                "version",
                crate::browser::installed_version(&engine.program).unwrap_or_default(),
            ),
        Err(missing) => {
            Remark::warning("engine_missing").with_message("error", Complaint::from(missing).in_one_line())
        }
    });
    remarks.append(&mut found);
    if engines.is_empty() {
        remarks.push(Remark::problem("engine_none"));
    } else {
        remarks.append(&mut network::look_at(
            &settings,
            &engines,
            list.as_ref(),
            arguments.offline,
        )?);
    }
    let in_force = toml::to_string_pretty(&settings.presentable())
        .map_err(|cause| failed(Complaint::from(error("settings_print")).because(cause)))?;
    if arguments.visiting.json {
        to_stdout(|out| {
            remarks.iter().try_for_each(|remark| {
                serde_json::to_writer(&mut *out, remark)?;
                writeln!(out)
            })
        })?;
    } else {
        to_stdout(|out| {
            remarks.iter().try_for_each(|remark| {
                let mark = match remark.level {
                    Level::Good => "ok ",
                    Level::Warning => "!  ",
                    Level::Problem => "!! ",
                };
                writeln!(out, "{mark} {}", remark.text(cli.lang))
            })?;
            // In the form of the settings file, so that it can be copied and changed.
            write!(out, "\n# {}\n{in_force}", word("doctor", "settings", cli.lang))
        })?;
    }
    let broken = remarks.iter().any(|remark| remark.level == Level::Problem);
    Ok(if broken { EXIT_RUN_FAILED } else { EXIT_PASS })
}

fn list(path: &Path) -> Result<SiteList, CommandError> {
    let read = ReadOptions { skip_bad_rows: true };
    read_list(path, &read).map_err(usage)
}
