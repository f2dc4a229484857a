//! What every command that visits sites has in common: settings, rules and browsers, the run itself under
//! signals and with its progress, its files, and the exit code.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::key::signer;
use super::progress::Progress;
use super::timestamp::{Stamping, in_background};
use super::{CommandError, Complaint, error, failed, failed_to, usage};
use crate::browser::{
    EngineError, InstalledEngine, TrustStore, find_engine, installed_version, sweep_stale_profiles,
};
use crate::bundle::{ListKey, RunList, SpaceNeeded, free_bytes};
use crate::cli::{Cli, EXIT_FAIL, EXIT_INTERRUPTED, EXIT_PASS, EXIT_REVIEW, VisitArguments};
use crate::dispatch::{Audit, AuditError, AuditOptions, AuditSummary, Beginning};
use crate::history::{History, HistoryError, Past};
use crate::language::{Language, Sentence};
use crate::observation::Engine;
use crate::report::{self, Judged};
use crate::review;
use crate::rules::{CheckId, Profile, Rules};
use crate::settings::Settings;
use crate::timings::step;
use crate::verdict::{SiteResult, Verdict};

/// The target of notes, which are shown by default, as other news of this level are not.
pub const NOTES: &str = "emc_audit::notes";

/// How a command audits.
#[derive(Debug)]
pub(super) struct Auditor {
    pub settings: Settings,
    pub rules: Rules,
    pub profile: Profile,
    pub only: Option<Vec<CheckId>>,
    pub out: PathBuf,
    pub language: Language,
    /// The list that is audited as a whole.
    pub list_key: Option<ListKey>,
}

impl Auditor {
    /// Settings from file, environment and flags, in this order, with the rules that they name.
    pub(super) fn new(cli: &Cli, flags: &VisitArguments) -> Result<Self, CommandError> {
        let mut settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
        apply(&mut settings, flags);
        let rules = read_rules(settings.run.rules.as_deref())?;
        let name = flags.profile.as_deref().or(settings.run.profile.as_deref());
        let profile = rules.profile(name).map_err(usage)?.clone();
        Ok(Self {
            settings,
            rules,
            profile,
            only: only(flags)?,
            out: flags.out.clone(),
            language: cli.lang,
            list_key: None,
        })
    }

    /// Visits and judges the list and writes the run's files. Nothing when the run was ended at once.
    pub(super) fn audit(
        &self,
        list: RunList,
        beginning: Beginning,
    ) -> Result<Option<AuditSummary>, CommandError> {
        fs_err::create_dir_all(&self.out).map_err(usage)?;
        let _lock = match &self.list_key {
            Some(key) => Some(key.lock(&self.out).map_err(usage)?),
            None => None,
        };
        self.refuse_without_space(list.judged().count())?;
        let signer = signer(&self.settings.evidence)?;
        let stamping = Stamping::of(&self.settings)?;
        let options = self.options(list, beginning)?;
        let swept = sweep_stale_profiles();
        if swept > 0 {
            tracing::info!(swept, "profile folders of a robot that was killed were removed");
        }
        if !options.sandbox {
            say(&Sentence::new("notice", "sandbox_off"), self.language);
        }
        let mut summary = run_to_its_end(options, self.language)?;
        if let Some(summary) = &mut summary {
            self.carry(summary);
            self.log(summary);
            let past = self.past(summary);
            let judged = Judged {
                folder: &summary.folder,
                record: &summary.record,
                results: &summary.results,
                rules: &self.rules,
                profile: &self.profile,
                language: self.language,
                past: &past,
            };
            step!("report")
                .in_scope(|| report::write_run(judged, &self.out, signer.as_ref()))
                .map_err(failed_to("write_results"))?;
            let folder = summary.folder.clone();
            in_background(stamping.as_ref(), &folder, self.language, || {
                self.remember();
                if self.settings.retention.after_run {
                    let retention = &self.settings.retention;
                    super::prune::prune_after_run(&self.out, retention, signer.as_ref(), self.language);
                }
            })?;
        }
        Ok(summary)
    }

    /// Puts in what people decided in earlier runs. The run is whole without it, and `judge` makes up for it.
    fn carry(&self, summary: &mut AuditSummary) {
        if let Err(cause) = review::carry_into(Some(&self.out), &summary.folder, &mut summary.results) {
            let what = Complaint::from(cause).in_one_line();
            let notice = Sentence::new("notice", "no_reviews").with_message("what", what);
            say(&notice, self.language);
        }
    }

    /// Appends the visits to the connection log; the run remembers how far the log goes with them. Without it the
    /// run is whole, and the next one makes up for it.
    fn log(&self, summary: &mut AuditSummary) {
        let logged = History::open(&self.out).and_then(|history| {
            history.log_visits(&self.out)?;
            history.log_head()
        });
        match logged {
            Ok(head) => summary.record.log = Some(head),
            Err(cause) => {
                let what = Complaint::from(cause).in_one_line();
                let notice = Sentence::new("notice", "no_log").with_message("what", what);
                say(&notice, self.language);
            }
        }
    }

    /// What earlier runs said, those among them that nobody took in yet. A report is whole without it.
    fn past(&self, summary: &AuditSummary) -> Past {
        let read = History::open(&self.out).and_then(|history| {
            history.take_in(&self.out)?;
            history.past(&summary.record, &summary.results)
        });
        known_past(read, self.language)
    }

    /// Takes the run into the history. The run is whole without it, and the next one makes up for it.
    fn remember(&self) {
        if let Err(cause) = History::open(&self.out).and_then(|history| history.take_in(&self.out)) {
            let what = Complaint::from(cause).in_one_line();
            let notice = Sentence::new("notice", "no_history").with_message("what", what);
            say(&notice, self.language);
        }
    }

    /// Behind results as text: that only some checks were judged, if it is so.
    pub(super) fn write_only(&self, out: &mut dyn Write) -> std::io::Result<()> {
        match report::only_text(self.only.as_deref(), &self.rules, self.language) {
            Some(only) => writeln!(out, "{only}"),
            None => Ok(()),
        }
    }

    /// A run that would fill the disk is not begun.
    fn refuse_without_space(&self, sites: usize) -> Result<(), CommandError> {
        let needed = SpaceNeeded::for_sites(sites);
        let free = free_bytes(&self.out).map_err(failed_to("free_space"))?;
        if needed.fits(free) {
            return Ok(());
        }
        Err(failed(
            error("no_space")
                .with("out", self.out.display())
                .with("free", free >> 20)
                .with("sites", sites)
                .with("needed", needed.mib()),
        ))
    }

    fn options(&self, list: RunList, beginning: Beginning) -> Result<AuditOptions, CommandError> {
        let engines = engines(&self.settings, self.language)?;
        let program = engines
            .get(&Engine::Chrome)
            .or_else(|| engines.get(&Engine::Shell));
        let browser_version = program
            .and_then(|program| installed_version(program))
            .ok_or_else(|| failed(error("no_version")))?;
        Ok(AuditOptions {
            settings: self.settings.clone(),
            list,
            beginning,
            out: self.out.clone(),
            rules: self.rules.clone(),
            profile: self.profile.clone(),
            only: self.only.clone(),
            engines,
            trust: trust_store(&self.settings)?,
            browser_version,
            sandbox: !rustix::process::geteuid().is_root(),
            command_line: std::env::args().collect(),
            list_key: self.list_key.clone(),
        })
    }
}

/// The past that could be read; nothing, and a word about it, where it could not.
pub(super) fn known_past(read: Result<Past, HistoryError>, language: Language) -> Past {
    read.unwrap_or_else(|cause| {
        let what = Complaint::from(cause).in_one_line();
        let notice = Sentence::new("notice", "no_past").with_message("what", what);
        say(&notice, language);
        Past::default()
    })
}

/// What browsers trust besides their own list, if the settings name anything.
pub(super) fn trust_store(settings: &Settings) -> Result<Option<Arc<TrustStore>>, CommandError> {
    let files = &settings.network.extra_ca;
    if files.is_empty() {
        return Ok(None);
    }
    TrustStore::of(files)
        .map(|store| Some(Arc::new(store)))
        .map_err(usage)
}

/// Flags come last and win.
pub(super) fn apply(settings: &mut Settings, flags: &VisitArguments) {
    if let Some(concurrency) = flags.concurrency {
        settings.run.concurrency = concurrency;
    }
    if flags.engine.is_some() {
        settings.run.engine = flags.engine;
    }
    if let Some(beacon) = flags.emc_beacon {
        settings.run.beacon = beacon;
    }
    if flags.proxy.is_some() {
        settings.network.proxy.clone_from(&flags.proxy);
    }
    settings.network.extra_ca.extend(flags.extra_ca.iter().cloned());
    // The first rule that fits counts.
    let rules = flags.connect_to.iter().cloned();
    settings.network.connect_to = rules.chain(settings.network.connect_to.drain(..)).collect();
    settings.network.allow_private |= flags.allow_private;
    settings.run.confirm &= !flags.no_confirm;
}

fn only(flags: &VisitArguments) -> Result<Option<Vec<CheckId>>, CommandError> {
    let only = flags
        .only
        .iter()
        .map(|name| name.trim().parse::<CheckId>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(usage)?;
    Ok((!only.is_empty()).then_some(only))
}

/// The rules in `path`, or those that the program carries.
pub(super) fn read_rules(path: Option<&Path>) -> Result<Rules, CommandError> {
    let Some(path) = path else {
        return Rules::builtin().map_err(failed);
    };
    let text = fs_err::read_to_string(path).map_err(usage)?;
    Rules::from_toml(&text).map_err(|cause| {
        let place = error("file").with("path", path.display());
        usage(Complaint::from(cause).during(&place))
    })
}

/// The engines that are there. One suffices, but then fails are confirmed by the same engine.
pub(super) fn engines(
    settings: &Settings,
    language: Language,
) -> Result<HashMap<Engine, PathBuf>, CommandError> {
    let (engines, missing) = engines_found(settings, |engine, found| Some((engine, found.err()?)));
    for (engine, missing) in missing.into_iter().flatten() {
        let named = match engine {
            Engine::Shell => settings.browser.shell.is_some(),
            Engine::Chrome => settings.browser.chrome.is_some(),
        };
        if named || settings.run.engine == Some(engine) {
            return Err(usage(missing));
        }
        let what = Complaint::from(missing).in_one_line();
        say(
            &Sentence::new("notice", "engine_missing").with_message("what", what),
            language,
        );
    }
    if engines.is_empty() {
        return Err(failed(error("no_browser")));
    }
    Ok(engines)
}

/// Looks for both engines; `told` is what is kept of each search.
pub(super) fn engines_found<T>(
    settings: &Settings,
    mut told: impl FnMut(Engine, Result<InstalledEngine, EngineError>) -> T,
) -> (HashMap<Engine, PathBuf>, Vec<T>) {
    let named = [
        (Engine::Shell, &settings.browser.shell),
        (Engine::Chrome, &settings.browser.chrome),
    ];
    let mut engines = HashMap::new();
    let mut kept = Vec::new();
    for (engine, path) in named {
        let found = find_engine(engine, path.as_deref());
        if let Ok(found) = &found {
            engines.insert(engine, found.program.clone());
        }
        kept.push(told(engine, found));
    }
    (engines, kept)
}

fn run_to_its_end(options: AuditOptions, language: Language) -> Result<Option<AuditSummary>, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let progress = Progress::new(language);
    let reporter = progress.clone();
    let ended = runtime.block_on(async {
        let stop = stop_on_signals(language, "interrupted").map_err(failed)?;
        let report = Arc::new(move |event| reporter.note(&event));
        stop.audit(Audit::run(options, report, stop.finish_up.clone()))
            .await
    });
    progress.end();
    // Tasks are dropped here, and with them the browsers of a run that was ended at once.
    runtime.shutdown_timeout(Duration::from_secs(5));
    ended
}

/// The first signal lets visits under way finish, the second one ends everything.
pub(super) struct Signals {
    pub finish_up: CancellationToken,
    pub end_now: CancellationToken,
}

/// `notice` is what is said at the first one.
pub(super) fn stop_on_signals(language: Language, notice: &'static str) -> std::io::Result<Signals> {
    let signals = Signals {
        finish_up: CancellationToken::new(),
        end_now: CancellationToken::new(),
    };
    let (finish_up, end_now) = (signals.finish_up.clone(), signals.end_now.clone());
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if finish_up.is_cancelled() {
                end_now.cancel();
            } else {
                say(&Sentence::new("notice", notice), language);
                finish_up.cancel();
            }
        }
    });
    Ok(signals)
}

impl Signals {
    /// The run's result, or nothing when it was ended at once: dropping it kills its browsers.
    async fn audit(
        &self,
        run: impl Future<Output = Result<AuditSummary, AuditError>>,
    ) -> Result<Option<AuditSummary>, CommandError> {
        tokio::select! {
            ended = run => ended.map(Some).map_err(failed),
            () = self.end_now.cancelled() => Ok(None),
        }
    }
}

/// Something that the user should know, on stderr; the run goes on.
pub(super) fn say(sentence: &Sentence, language: Language) {
    tracing::warn!("{}", sentence.text(language));
}

/// Something that explains what is being done, on stderr; nothing is wrong.
pub(super) fn note(sentence: &Sentence, language: Language) {
    tracing::info!(target: NOTES, "{}", sentence.text(language));
}

/// Puts a finished file in its place, readable for everyone who may read the folder.
pub(super) fn publish(file: tempfile::NamedTempFile, path: &Path) -> Result<(), CommandError> {
    use std::os::unix::fs::PermissionsExt;
    let placed = file
        .as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
        .and_then(|()| file.persist(path).map(drop).map_err(|error| error.error));
    placed.map_err(|cause| {
        let doing = error("write_file").with("path", path.display());
        failed(Complaint::from(cause).during(&doing))
    })
}

/// Writes data for the caller to stdout.
pub(super) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(failed(Complaint::from(cause).during(&error("write_stdout"))))
        }
        _ => Ok(()),
    }
}

/// Results as JSON lines.
pub(super) fn json_lines(results: &[SiteResult], out: &mut dyn Write) -> std::io::Result<()> {
    results.iter().try_for_each(|result| {
        serde_json::to_writer(&mut *out, result).map_err(std::io::Error::from)?;
        out.write_all(b"\n")
    })
}

/// What the results mean for the caller.
pub(super) fn exit_code(summary: &AuditSummary) -> u8 {
    if summary.interrupted() {
        EXIT_INTERRUPTED
    } else {
        exit_code_of(&summary.results)
    }
}

pub(super) fn exit_code_of(results: &[SiteResult]) -> u8 {
    let has = |verdict| results.iter().any(|result| result.verdict == verdict);
    if has(Verdict::Fail) {
        EXIT_FAIL
    } else if has(Verdict::Review) || has(Verdict::NotMeasured) {
        EXIT_REVIEW
    } else {
        EXIT_PASS
    }
}
