//! Errors of the library as complaints in the reader's language. Those in words of another program (the
//! system, the browser, a parser) come as they are, behind a sentence that says what they are about.

use std::io;
use std::path::Path;

use super::complaint::{Complaint, error};
use crate::browser::{BrowserError, EngineError, TrustError};
use crate::bundle::{KeyError, StoreError, VerifyError};
use crate::discovery::DiscoveryError;
use crate::dispatch::AuditError;
use crate::history::HistoryError;
use crate::inventory::{FileProblem, ListError, WriteError};
use crate::language::{Language, Sentence};
use crate::notify::ChannelsError;
use crate::ranking::RankingError;
use crate::report::{PackError, ReportError, ResultsError, RunFileError, TableError};
use crate::review::{AccountsError, CarryError, ServeError};
use crate::rules::{CheckId, RulesError, UnknownCheck};
use crate::schedule::{PlanError, ScheduleError, TimetableError};
use crate::settings::SettingsError;
use crate::site::SiteError;
use crate::verdict::Message;

fn kind_of(cause: &io::Error) -> Sentence {
    error(match cause.kind() {
        io::ErrorKind::NotFound => "io_not_found",
        io::ErrorKind::PermissionDenied => "io_denied",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "io_full",
        io::ErrorKind::ReadOnlyFilesystem => "io_read_only",
        _ => "io_other",
    })
}

/// What the system said of a path, which is named once: some of its errors name it themselves.
fn at(path: &Path, cause: &io::Error) -> Complaint {
    let (words, path) = (cause.to_string(), path.display().to_string());
    let is_named = words.contains(&path);
    let complaint = Complaint::from(kind_of(cause)).because(words);
    if is_named {
        complaint
    } else {
        complaint.during(&error("file").with("path", path))
    }
}

impl From<io::Error> for Complaint {
    fn from(cause: io::Error) -> Self {
        // The system's words name the path.
        Self::from(kind_of(&cause)).because(cause)
    }
}

impl From<SiteError> for Complaint {
    fn from(cause: SiteError) -> Self {
        Self::from(match cause {
            SiteError::Empty => error("address_empty"),
            SiteError::NotAnAddress(text) => error("address_bad").with("text", text),
            SiteError::Scheme(scheme) => error("address_scheme").with("scheme", scheme),
        })
    }
}

impl From<KeyError> for Complaint {
    fn from(cause: KeyError) -> Self {
        match cause {
            KeyError::Io(cause) => cause.into(),
            KeyError::Unusable { path, reason } => {
                Self::from(error("key_unusable").with("path", path.display())).because(reason)
            }
            KeyError::NoPassword(path) => Self::from(error("key_password").with("path", path.display())),
            KeyError::Exists(path) => Self::from(error("key_exists").with("path", path.display())),
            KeyError::Signing(reason) => Self::from(error("signing")).because(reason),
        }
    }
}

impl From<CarryError> for Complaint {
    fn from(cause: CarryError) -> Self {
        match cause {
            CarryError::History(cause) => cause.into(),
            CarryError::Store(cause) => cause.into(),
            CarryError::Rules(cause) => cause.into(),
            CarryError::Results(cause) => cause.into(),
            CarryError::Write(cause) => cause.into(),
        }
    }
}

impl From<AccountsError> for Complaint {
    fn from(cause: AccountsError) -> Self {
        match cause {
            AccountsError::Io(cause) => cause.into(),
            AccountsError::Unreadable { path, reason } => {
                Self::from(error("accounts_unreadable").with("path", path.display())).because(reason)
            }
            AccountsError::Name => error("account_name").into(),
            AccountsError::ShortPassword => error("account_password").into(),
            AccountsError::Hash(reason) => Self::from(error("account_hash")).because(reason),
        }
    }
}

impl From<ServeError> for Complaint {
    fn from(cause: ServeError) -> Self {
        match cause {
            ServeError::Io(cause) => cause.into(),
            ServeError::NeedsAccounts => error("serve_needs_accounts").into(),
        }
    }
}

impl From<ScheduleError> for Complaint {
    fn from(cause: ScheduleError) -> Self {
        match cause {
            ScheduleError::Io(cause) => cause.into(),
            ScheduleError::Busy => error("schedule_busy").into(),
            ScheduleError::Task(cause) => Self::from(error("task")).because(cause),
        }
    }
}

impl From<ChannelsError> for Complaint {
    fn from(cause: ChannelsError) -> Self {
        match cause {
            ChannelsError::Wrong { key, value, reason } => {
                Self::from(error("notify_wrong").with("key", key).with("value", value)).because(reason)
            }
            ChannelsError::File { key, source } => {
                Self::from(source).during(&error("notify_file").with("key", key))
            }
            ChannelsError::EmptySecret { key, path } => error("notify_secret")
                .with("key", key)
                .with("path", path.display())
                .into(),
            ChannelsError::PlainPassword => error("notify_password").into(),
            ChannelsError::Tls(reason) => Self::from(error("notify_tls")).because(reason),
        }
    }
}

impl From<PlanError> for Complaint {
    fn from(cause: PlanError) -> Self {
        match cause {
            PlanError::Empty => error("plan_empty").into(),
            PlanError::Name(name) => error("plan_name").with("name", name).into(),
            PlanError::Twice(name) => error("plan_twice").with("name", name).into(),
            PlanError::NoSuchList { asked, known } => error("plan_no_list")
                .with("list", asked)
                .with("known", known.join(", "))
                .into(),
            PlanError::Timetable { list, source } => match source {
                TimetableError::Cron { cron, reason } => {
                    Self::from(error("plan_cron").with("list", list).with("cron", cron)).because(reason)
                }
                TimetableError::Zone(zone) => error("plan_zone").with("list", list).with("zone", zone).into(),
                TimetableError::Never(cron) => {
                    error("plan_never").with("list", list).with("cron", cron).into()
                }
            },
        }
    }
}

impl From<SettingsError> for Complaint {
    fn from(cause: SettingsError) -> Self {
        match cause {
            SettingsError::Read(cause) => Self::from(cause).during(&error("settings_read")),
            SettingsError::Wrong { place, reason } => {
                Self::from(error("settings_wrong").with("place", place)).because(reason.trim_end())
            }
            SettingsError::OutOfBounds {
                key,
                value,
                least,
                most,
            } => {
                let sentence = error("settings_bounds").with("key", key).with("value", value);
                Self::from(sentence.with("least", least).with("most", most))
            }
            SettingsError::BelowAYear { key, days } => {
                Self::from(error("below_a_year").with("key", key).with("days", days))
            }
            SettingsError::BadText { key } => Self::from(error("settings_text").with("key", key)),
            SettingsError::NoAddress { key, value } => {
                Self::from(error("settings_address").with("key", key).with("value", value))
            }
        }
    }
}

impl From<RulesError> for Complaint {
    fn from(cause: RulesError) -> Self {
        match cause {
            RulesError::Toml(reason) => Self::from(error("rules_toml")).because(reason.trim_end()),
            RulesError::Content { place, what } => {
                Self::from(error("rules_content").with("place", place)).because(what)
            }
            RulesError::UnknownProfile { name, known } => {
                Self::from(error("no_profile").with("name", name).with("known", known))
            }
        }
    }
}

impl From<UnknownCheck> for Complaint {
    fn from(cause: UnknownCheck) -> Self {
        let known = CheckId::ALL.map(CheckId::as_str).join(", ");
        Self::from(error("no_check").with("name", cause.name).with("known", known))
    }
}

impl From<RankingError> for Complaint {
    fn from(cause: RankingError) -> Self {
        let doing = error("write_ranking");
        match cause {
            RankingError::Io(cause) => Self::from(cause).during(&doing),
            other => Self::from(doing).because(other),
        }
    }
}

impl From<DiscoveryError> for Complaint {
    fn from(cause: DiscoveryError) -> Self {
        match cause {
            DiscoveryError::Browser(cause) => cause.into(),
        }
    }
}

impl From<ListError> for Complaint {
    fn from(cause: ListError) -> Self {
        let text = Message {
            vi: cause.text(Language::Vietnamese),
            en: cause.text(Language::English),
        };
        let key = match &cause {
            ListError::Rows { .. } => "list_rows",
            ListError::File {
                problem: FileProblem::NotThere | FileProblem::Folder,
                ..
            } => "no_list_there",
            ListError::File { .. } => "list_file",
        };
        Self::from(error(key).with_message("text", text))
    }
}

impl From<WriteError> for Complaint {
    fn from(cause: WriteError) -> Self {
        match cause {
            WriteError::Exists(path) => Self::from(error("file_exists").with("path", path.display())),
            WriteError::IsTheList(path) => Self::from(error("is_the_list").with("path", path.display())),
            WriteError::File { path, source } => at(&path, &source),
            WriteError::Workbook(cause) => Self::from(error("workbook")).because(cause),
        }
    }
}

impl From<HistoryError> for Complaint {
    fn from(cause: HistoryError) -> Self {
        match cause {
            HistoryError::Io(cause) => cause.into(),
            HistoryError::Stranger { path, reason } => {
                Self::from(error("history_stranger").with("path", path.display())).because(reason)
            }
            HistoryError::Newer { path, .. } => {
                Self::from(error("history_newer").with("path", path.display()))
            }
            HistoryError::Migrate { path, source } => {
                Self::from(error("history_stranger").with("path", path.display())).because(source)
            }
            HistoryError::Query(cause) => Self::from(error("history")).because(cause),
            HistoryError::Results(cause) => cause.into(),
        }
    }
}

impl From<StoreError> for Complaint {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::Io(cause) => cause.into(),
            StoreError::Unreadable { path, reason } => {
                Self::from(error("unreadable").with("path", path.display())).because(reason)
            }
            StoreError::Stranger {
                path,
                found,
                expected,
            } => Self::from(
                error("stranger")
                    .with("path", path.display())
                    .with("found", found)
                    .with("expected", expected),
            ),
            StoreError::Bag(cause) => Self::from(error("bag")).because(cause),
            StoreError::Busy(run) => Self::from(error("busy").with("run", run)),
            StoreError::ListBusy => error("list_busy").into(),
            StoreError::Mixed(cause) => Self::from(error("bag")).because(cause),
        }
    }
}

impl From<VerifyError> for Complaint {
    fn from(cause: VerifyError) -> Self {
        match cause {
            VerifyError::Nothing(path) => Self::from(error("verify_nothing").with("path", path.display())),
            VerifyError::Io(cause) => cause.into(),
        }
    }
}

impl From<BrowserError> for Complaint {
    fn from(cause: BrowserError) -> Self {
        match cause {
            BrowserError::Start { program, reason } => {
                Self::from(error("browser_start").with("program", program)).because(reason)
            }
            cause => Self::from(error("browser")).because(cause),
        }
    }
}

impl From<TrustError> for Complaint {
    fn from(cause: TrustError) -> Self {
        match cause {
            TrustError::Io(cause) => Self::from(cause).during(&error("trust")),
            TrustError::NoTool => Self::from(error("no_certutil")),
            TrustError::NotACertificate { path, reason } => {
                Self::from(error("no_certificate").with("path", path.display())).because(reason)
            }
        }
    }
}

impl From<EngineError> for Complaint {
    fn from(cause: EngineError) -> Self {
        match cause {
            EngineError::NotInstalled {
                engine, looked_for, ..
            } => Self::from(
                error(match engine {
                    "shell" => "no_shell",
                    _ => "no_chrome",
                })
                .with("looked_for", looked_for),
            ),
            EngineError::NotAProgram { setting, path } => Self::from(
                error("no_program")
                    .with("setting", setting)
                    .with("path", path.display()),
            ),
        }
    }
}

impl From<AuditError> for Complaint {
    fn from(cause: AuditError) -> Self {
        match cause {
            AuditError::Browser(cause) => cause.into(),
            AuditError::Store(cause) => cause.into(),
            AuditError::Unfinished { run, source } => {
                let hint = error("unfinished").with("run", run);
                Self::from(*source).without_hint().during(&hint)
            }
            AuditError::Task(cause) => Self::from(error("task")).because(cause),
        }
    }
}

impl From<ResultsError> for Complaint {
    fn from(cause: ResultsError) -> Self {
        match cause {
            ResultsError::Io { path, source } => at(&path, &source),
            ResultsError::Json { site, source } => {
                Self::from(error("unreadable").with("path", site)).because(source)
            }
            ResultsError::Csv { path, source } => {
                Self::from(error("write_file").with("path", path.display())).because(source)
            }
        }
    }
}

impl From<ReportError> for Complaint {
    fn from(cause: ReportError) -> Self {
        match cause {
            ReportError::Io(cause) => cause.into(),
            ReportError::Template(cause) => Self::from(error("template")).because(cause),
        }
    }
}

impl From<RunFileError> for Complaint {
    fn from(cause: RunFileError) -> Self {
        match cause {
            RunFileError::Results(cause) => cause.into(),
            RunFileError::Store(cause) => cause.into(),
            RunFileError::Report(cause) => cause.into(),
            RunFileError::Table(cause) => cause.into(),
        }
    }
}

impl From<TableError> for Complaint {
    fn from(cause: TableError) -> Self {
        match cause {
            TableError::Workbook(cause) => Self::from(error("workbook")).because(cause),
            TableError::File(cause) => cause.into(),
        }
    }
}

impl From<PackError> for Complaint {
    fn from(cause: PackError) -> Self {
        match cause {
            PackError::Io { path, source } => at(&path, &source),
            PackError::Zip(cause) => Self::from(error("zip")).because(cause),
            PackError::Report(cause) => cause.into(),
            PackError::Table(cause) => cause.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bundle::BagError;

    fn gone() -> io::Error {
        fs_err::read("/nowhere/at/all").unwrap_err()
    }

    #[test]
    fn errors_of_the_library_are_whole_sentences_and_name_each_thing_once() {
        let path = || Path::new("/out/x").to_owned();
        let complaints: Vec<(Complaint, &str)> = vec![
            (gone().into(), "/nowhere/at/all"),
            (at(Path::new("/nowhere/at/all"), &gone()), "/nowhere/at/all"),
            (SiteError::NotAnAddress("x y".to_owned()).into(), "x y"),
            (SettingsError::Read(gone()).into(), "/nowhere/at/all"),
            (
                SettingsError::BadText { key: "visit.contact" }.into(),
                "visit.contact",
            ),
            (RulesError::Toml("line 3".to_owned()).into(), "line 3"),
            ("no.such".parse::<CheckId>().unwrap_err().into(), "no.such"),
            (WriteError::Exists(path()).into(), "/out/x"),
            (
                StoreError::Stranger {
                    path: path(),
                    found: "a.gov.vn".to_owned(),
                    expected: "b.gov.vn".to_owned(),
                }
                .into(),
                "a.gov.vn",
            ),
            (StoreError::Bag(BagError::Exists(path())).into(), "/out/x"),
            (VerifyError::Nothing(path()).into(), "/out/x"),
            (BrowserError::Crashed.into(), "crashed"),
            (
                EngineError::NotAProgram {
                    setting: "browser.shell",
                    path: path(),
                }
                .into(),
                "/out/x",
            ),
            (
                AuditError::Unfinished {
                    run: "20261121T020000Z".to_owned(),
                    source: Box::new(StoreError::Io(gone()).into()),
                }
                .into(),
                "/nowhere/at/all",
            ),
        ];
        for (complaint, named) in complaints {
            let what = complaint.what();
            for text in [&what.vi, &what.en] {
                assert_eq!(text.matches(named).count(), 1, "{text}");
                assert!(!text.contains('…') && text.contains(' '), "{text}");
            }
            assert_ne!(what.vi, what.en);
        }
    }

    #[test]
    fn a_run_that_ended_early_says_how_to_go_on() {
        let full = StoreError::Io(io::Error::from(io::ErrorKind::StorageFull));
        let (run, source) = ("20261121T020000Z".to_owned(), Box::new(full.into()));
        let said = Complaint::from(AuditError::Unfinished { run, source }).text(Language::Vietnamese);
        assert!(said.contains("đĩa đầy"), "{said}");
        assert!(said.contains("--resume 20261121T020000Z"), "{said}");
    }
}
