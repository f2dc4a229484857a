//! `emc-audit discover`: the component sites of portals, as a draft of a list or merged into one.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::auditing::{engines, note, publish, say, stop_on_signals, to_stdout, trust_store};
use super::{CommandError, Complaint, error, failed, usage};
use crate::browser::{installed_version, sweep_stale_profiles};
use crate::cli::{Cli, DiscoverArguments, EXIT_INTERRUPTED, EXIT_PASS, EXIT_RUN_FAILED};
use crate::discovery::{Discovered, Discovery, DiscoveryError, DiscoveryEvent, DiscoveryOptions};
use crate::dispatch::{GlanceOptions, Glances};
use crate::inventory::{DraftRow, ReadOptions, draft_csv, merge_csv, read_list};
use crate::language::{Language, Sentence, word};
use crate::settings::Settings;
use crate::site::{ListedSite, Role, SiteId, parse_address};

const DRAFT: &str = "draft.csv";

/// Searches and writes the draft; the value is the exit code.
pub(super) fn discover(cli: &Cli, arguments: &DiscoverArguments) -> Result<u8, CommandError> {
    let portals = portals(&arguments.portals)?;
    let target = target(arguments)?;
    let settings = settings(cli, arguments)?;
    let listed = match &arguments.merge {
        Some(list) => {
            refuse_workbook(list)?;
            read_list(list, &ReadOptions { skip_bad_rows: true })
                .map_err(usage)?
                .sites
        }
        None => Vec::new(),
    };
    let rules = super::auditing::read_rules(settings.run.rules.as_deref())?;
    let options = DiscoveryOptions {
        settings: settings.discovery.clone(),
        rules,
        labels: arguments
            .names
            .as_deref()
            .map(labels)
            .transpose()?
            .unwrap_or_default(),
        listed,
    };
    sweep_stale_profiles();
    let Some(found) = search(&settings, &options, &portals, cli.lang)? else {
        return Ok(EXIT_INTERRUPTED);
    };
    let found = found.map_err(failed)?;
    write(arguments, &found, &target, cli.lang)?;
    to_stdout(|out| writeln!(out, "{}", target.display()))?;
    let cut_short = found.iter().any(|one| one.cut_short);
    let nothing = found.iter().all(|one| one.rows.len() <= 1);
    Ok(match (cut_short, nothing) {
        (true, _) => EXIT_INTERRUPTED,
        (false, true) => EXIT_RUN_FAILED,
        (false, false) => EXIT_PASS,
    })
}

/// A workbook written anew would lose its looks and formulas.
fn refuse_workbook(list: &Path) -> Result<(), CommandError> {
    let mut head = [0; 4];
    let read = fs_err::File::open(list).and_then(|mut file| std::io::Read::read(&mut file, &mut head));
    let is_workbook = read.is_ok() && (head.starts_with(b"PK") || head == [0xd0, 0xcf, 0x11, 0xe0]);
    if is_workbook {
        return Err(usage(error("merge_workbook").with("path", list.display())));
    }
    Ok(())
}

fn portals(texts: &[String]) -> Result<Vec<ListedSite>, CommandError> {
    let read = |text: &String| {
        let url = parse_address(text).map_err(usage)?;
        Ok(ListedSite {
            url: url.to_string(),
            scheme_given: text.contains("://"),
            ..ListedSite::new(SiteId::from_url(&url), Role::Portal)
        })
    };
    texts.iter().map(read).collect()
}

/// Where the draft goes. Nothing that is there is written over, unless it is asked for.
fn target(arguments: &DiscoverArguments) -> Result<PathBuf, CommandError> {
    if arguments.in_place
        && let Some(list) = &arguments.merge
    {
        return Ok(list.clone());
    }
    let beside = || match &arguments.merge {
        Some(list) => list.with_extension("merged.csv"),
        None => PathBuf::from(DRAFT),
    };
    let target = arguments.to.clone().unwrap_or_else(beside);
    if target.exists() {
        return Err(usage(error("draft_exists").with("path", target.display())));
    }
    Ok(target)
}

fn settings(cli: &Cli, arguments: &DiscoverArguments) -> Result<Settings, CommandError> {
    let mut settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    if let Some(concurrency) = arguments.concurrency {
        settings.run.concurrency = concurrency;
    }
    settings.run.engine = arguments.engine.or(settings.run.engine);
    if arguments.no_names {
        settings.discovery.names_max = 0;
    }
    let network = &mut settings.network;
    network.proxy = arguments.proxy.clone().or(network.proxy.take());
    network.extra_ca.extend(arguments.extra_ca.iter().cloned());
    network.allow_private |= arguments.allow_private;
    // The first rule that fits counts.
    let rules = arguments.connect_to.iter().cloned();
    network.connect_to = rules.chain(network.connect_to.drain(..)).collect();
    Ok(settings)
}

/// Labels of hosts, one on each line; what is none is left out.
fn labels(path: &Path) -> Result<Vec<String>, CommandError> {
    let text = fs_err::read_to_string(path).map_err(usage)?;
    let is_label = |label: &String| {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(good) && !label.starts_with('-')
    };
    let lines = text.lines().map(|line| line.trim().to_ascii_lowercase());
    Ok(lines.filter(is_label).collect())
}

/// What each portal's search brought; nothing when it was ended at once.
fn search(
    settings: &Settings,
    options: &DiscoveryOptions,
    portals: &[ListedSite],
    language: Language,
) -> Result<Option<Result<Vec<Discovered>, DiscoveryError>>, CommandError> {
    let engines = engines(settings, language)?;
    let version = engines.values().find_map(|program| installed_version(program));
    let glance = GlanceOptions {
        settings: settings.clone(),
        engines,
        trust: trust_store(settings)?,
        browser_version: version.ok_or_else(|| failed(error("no_version")))?,
        sandbox: !rustix::process::geteuid().is_root(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let shown = Shown::new(language);
    let bar = shown.bar.clone();
    let ended = runtime.block_on(async {
        let signals = stop_on_signals(language, "interrupted_search").map_err(failed)?;
        let stop = signals.finish_up.clone();
        let (limit, end) = (settings.discovery.time_max(), stop.child_token());
        let timer = end.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            timer.cancel();
        });
        let glances = Glances::new(&glance, end);
        let searched = async {
            let discovery = Discovery::new(options, &glances, Arc::new(move |event| shown.note(&event)));
            let mut found = Vec::new();
            for portal in portals {
                found.push(discovery.of_portal(portal).await?);
            }
            glances.close().await;
            Ok(found)
        };
        tokio::select! {
            found = searched => Ok(Some(found)),
            () = signals.end_now.cancelled() => Ok(None),
        }
    });
    bar.finish_and_clear();
    runtime.shutdown_timeout(Duration::from_secs(5));
    ended
}

fn write(
    arguments: &DiscoverArguments,
    found: &[Discovered],
    target: &Path,
    language: Language,
) -> Result<(), CommandError> {
    let rows: Vec<DraftRow> = found.iter().flat_map(|one| one.rows.iter().cloned()).collect();
    let csv = match &arguments.merge {
        Some(list) => {
            let marks: BTreeMap<SiteId, Sentence> = found
                .iter()
                .flat_map(|one| &one.marks)
                .filter_map(|(site, mark)| Some((site.clone(), mark.sentence()?)))
                .collect();
            let merged = merge_csv(list, &rows, &marks, language).map_err(usage)?;
            let told = Sentence::new("discovery", "merged").with("new", merged.new);
            note(&told.with("marked", marks.len()), language);
            merged.csv
        }
        None => draft_csv(&rows, language).map_err(|cause| failed(std::io::Error::other(cause)))?,
    };
    let sure = rows
        .iter()
        .filter(|row| row.is_sure && row.role == Role::Component)
        .count();
    let open = rows.iter().filter(|row| !row.is_sure).count();
    let left_out: usize = found.iter().map(|one| one.left_out).sum();
    let told = Sentence::new("discovery", "found")
        .with("sure", sure)
        .with("open", open);
    note(&told.with("left_out", left_out), language);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
        file.write_all(&csv)?;
        Ok(file)
    });
    let file = written.map_err(|cause| {
        failed(Complaint::from(cause).during(&error("write_file").with("path", target.display())))
    })?;
    publish(file, target)
}

/// What a person sees on stderr meanwhile.
struct Shown {
    bar: ProgressBar,
    language: Language,
}

impl Shown {
    fn new(language: Language) -> Self {
        // indicatif draws nothing by itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {prefix} [{bar:24}] {pos}/{len}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(word("discovery", "searching", language));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, language }
    }

    fn note(&self, event: &DiscoveryEvent) {
        let tell = |key, facts: [(&'static str, String); 2]| {
            let [one, two] = facts;
            let told = Sentence::new("discovery", key).with(one.0, one.1);
            self.bar.suspend(|| say(&told.with(two.0, two.1), self.language));
        };
        match event {
            DiscoveryEvent::Portal { site, reason: None } => tracing::info!(%site, "the portal answers"),
            DiscoveryEvent::Portal {
                site,
                reason: Some(reason),
            } => tell(
                "portal_not_seen",
                [("site", site.to_string()), ("reason", reason.clone())],
            ),
            DiscoveryEvent::Ahead { steps } => self.bar.inc_length(u64::try_from(*steps).unwrap_or_default()),
            DiscoveryEvent::Step => self.bar.inc(1),
            DiscoveryEvent::Looked { site, outcome } => {
                let outcome = word("outcome", outcome, self.language);
                tracing::info!(%site, outcome, "looked at");
                self.bar.println(format!("{site}: {outcome}"));
            }
            DiscoveryEvent::Wildcard { domain } => {
                tell(
                    "wildcard",
                    [("domain", domain.clone()), ("any", format!("*.{domain}"))],
                );
            }
            DiscoveryEvent::NamesFailed { domain, reason } => {
                tell(
                    "names_failed",
                    [("domain", domain.clone()), ("reason", reason.clone())],
                );
            }
            DiscoveryEvent::Cut { sites, most } => {
                tell("cut", [("sites", sites.to_string()), ("most", most.to_string())]);
            }
        }
    }
}
