//! `emc-audit run`: audit every site of a list.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use super::{CommandError, usage};
use crate::browser::{find_engine, installed_version, sweep_stale_profiles};
use crate::cli::{Cli, EXIT_FAIL, EXIT_INTERRUPTED, EXIT_PASS, EXIT_REVIEW, RunArguments, VisitArguments};
use crate::dispatch::{Audit, AuditOptions, AuditSummary};
use crate::inventory::{ReadOptions, read_list};
use crate::language::Language;
use crate::observation::Engine;
use crate::report;
use crate::rules::{CheckId, Profile, Rules};
use crate::settings::Settings;
use crate::verdict::{SiteResult, Verdict};

/// Audits the list; the value is the exit code.
pub(super) fn run(cli: &Cli, arguments: &RunArguments) -> Result<u8, CommandError> {
    let settings = settings(cli, &arguments.visiting)?;
    let options = options(settings, arguments, cli.lang)?;
    fs_err::create_dir_all(&arguments.out).map_err(usage)?;
    let (rules, profile) = (options.rules.clone(), options.profile.clone());
    let swept = sweep_stale_profiles();
    if swept > 0 {
        tracing::info!(swept, "profile folders of a robot that was killed were removed");
    }
    if !options.sandbox {
        tracing::warn!("running as root: Chromium's sandbox is off. hint: run as another user");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the asynchronous runtime")?;
    let progress = Progress::new();
    let reporter = progress.clone();
    let ended = runtime.block_on(async {
        let stop = stop_on_signals().context("failed to listen for signals")?;
        let report = Arc::new(move |event| reporter.note(&event));
        stop.audit(Audit::run(options, report, stop.finish_up.clone()))
            .await
    });
    progress.end();
    // Tasks are dropped here, and with them the browsers of a run that was ended at once.
    runtime.shutdown_timeout(Duration::from_secs(5));
    let Some(summary) = ended? else {
        return Ok(EXIT_INTERRUPTED);
    };
    report::write_run(&summary, &arguments.out, &rules, &profile, cli.lang)
        .context("failed to write the results")?;
    print(&summary, &rules, &profile, cli, arguments)?;
    Ok(exit_code(&summary))
}

/// Settings from file, environment and flags, in this order.
pub(super) fn settings(cli: &Cli, flags: &VisitArguments) -> Result<Settings, CommandError> {
    let mut settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
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
    settings
        .network
        .connect_to
        .extend(flags.connect_to.iter().cloned());
    settings.network.allow_private |= flags.allow_private;
    settings.run.confirm &= !flags.no_confirm;
    Ok(settings)
}

fn options(
    settings: Settings,
    arguments: &RunArguments,
    lang: Language,
) -> Result<AuditOptions, CommandError> {
    let rules = match &settings.run.rules {
        None => Rules::builtin().map_err(|error| CommandError::Failed(error.into()))?,
        Some(path) => {
            let text = fs_err::read_to_string(path).map_err(usage)?;
            Rules::from_toml(&text)
                .with_context(|| format!("{}", path.display()))
                .map_err(CommandError::Usage)?
        }
    };
    let name = arguments.profile.as_deref().or(settings.run.profile.as_deref());
    let profile = rules.profile(name).map_err(usage)?.clone();
    let only = arguments
        .only
        .iter()
        .map(|name| name.trim().parse::<CheckId>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(usage)?;
    let read = ReadOptions {
        skip_bad_rows: arguments.skip_bad_rows,
    };
    let list = read_list(&arguments.sites, &read).map_err(usage)?;
    for remark in &list.remarks {
        tracing::warn!("{}", remark.text(lang));
    }
    let engines = engines(&settings)?;
    let program = engines
        .get(&Engine::Chrome)
        .or_else(|| engines.get(&Engine::Shell));
    let browser_version = program
        .and_then(|program| installed_version(program))
        .ok_or_else(|| CommandError::Failed(anyhow!("the installed browser does not say its version")))?;
    Ok(AuditOptions {
        settings,
        sites: list.sites,
        references: list.references,
        out: arguments.out.clone(),
        rules,
        profile,
        only: (!only.is_empty()).then_some(only),
        engines,
        browser_version,
        sandbox: !rustix::process::geteuid().is_root(),
        command_line: std::env::args().collect(),
    })
}

/// The engines that are there. One suffices, but then fails are confirmed by the same engine.
fn engines(settings: &Settings) -> Result<HashMap<Engine, PathBuf>, CommandError> {
    let named = [
        (Engine::Shell, &settings.browser.shell),
        (Engine::Chrome, &settings.browser.chrome),
    ];
    let mut engines = HashMap::new();
    for (engine, path) in named {
        match find_engine(engine, path.as_deref()) {
            Ok(found) => {
                engines.insert(engine, found.program);
            }
            Err(error) if path.is_some() || settings.run.engine == Some(engine) => return Err(usage(error)),
            Err(error) => tracing::warn!("{error}"),
        }
    }
    if engines.is_empty() {
        return Err(CommandError::Failed(anyhow!(
            "no Chromium is installed. hint: install the packages chromium and chromium-headless-shell"
        )));
    }
    Ok(engines)
}

/// The first signal lets visits under way finish, the second one ends everything.
struct Signals {
    finish_up: CancellationToken,
    end_now: CancellationToken,
}

fn stop_on_signals() -> std::io::Result<Signals> {
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
                tracing::warn!("interrupted: visits under way are finished; once more to stop at once");
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
        run: impl Future<Output = Result<AuditSummary, crate::dispatch::AuditError>>,
    ) -> Result<Option<AuditSummary>, CommandError> {
        tokio::select! {
            ended = run => ended.map(Some).map_err(|error| CommandError::Failed(error.into())),
            () = self.end_now.cancelled() => Ok(None),
        }
    }
}

fn print(
    summary: &AuditSummary,
    rules: &Rules,
    profile: &Profile,
    cli: &Cli,
    arguments: &RunArguments,
) -> Result<(), CommandError> {
    let mut out = std::io::stdout().lock();
    let written = if arguments.json {
        summary.results.iter().try_for_each(|result| {
            serde_json::to_writer(&mut out, result).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })
    } else {
        out.write_all(report::summary_text(summary, rules, profile, cli.lang).as_bytes())
    };
    match written.and_then(|()| out.flush()) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::Failed(
            anyhow!(error).context("failed to write to stdout"),
        )),
        _ => Ok(()),
    }
}

fn exit_code(summary: &AuditSummary) -> u8 {
    let has = |verdict| {
        summary
            .results
            .iter()
            .any(|result: &SiteResult| result.verdict == verdict)
    };
    if summary.interrupted {
        EXIT_INTERRUPTED
    } else if has(Verdict::Fail) {
        EXIT_FAIL
    } else if has(Verdict::Review) || has(Verdict::NotMeasured) {
        EXIT_REVIEW
    } else {
        EXIT_PASS
    }
}
