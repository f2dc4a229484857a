//! `emc-audit diff`: what changed from one run to another.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::auditing::to_stdout;
use super::{CommandError, error, failed_to, open_run, usage};
use crate::bundle::RunState;
use crate::cli::{Cli, DiffArguments, EXIT_PASS};
use crate::history::{Change, Difference, History, RECENT, RunEntry, SiteChange, difference};
use crate::language::{Language, Sentence, word};
use crate::report::{changed_site_text, time_for_people};
use crate::rules::Rules;

/// Compares; the value is the exit code.
pub(super) fn diff(cli: &Cli, arguments: &DiffArguments) -> Result<u8, CommandError> {
    let out = &arguments.out;
    let history = opened(out)?;
    let (earlier, later) = runs(&history, arguments)?;
    let restless: BTreeSet<String> = history.restless(RECENT).map_err(usage)?.into_iter().collect();
    let sites = |run: &RunEntry| history.sites(&run.run).map_err(usage);
    let found = difference(&sites(&earlier)?, &sites(&later)?, &restless);
    to_stdout(|to| {
        if arguments.json {
            let whole = json!({ "earlier": earlier, "later": later, "sites": found.sites, "unchanged": found.unchanged });
            return writeln!(to, "{whole}");
        }
        to.write_all(text(&earlier, &later, &found, cli.lang).as_bytes())
    })?;
    Ok(EXIT_PASS)
}

/// The history with everything taken in that lies beside it.
pub(super) fn opened(out: &Path) -> Result<History, CommandError> {
    if !out.is_dir() {
        return Err(usage(
            error("no_runs").with("run", "latest").with("out", out.display()),
        ));
    }
    let history = History::open(out).map_err(usage)?;
    history.take_in(out).map_err(failed_to("history"))?;
    Ok(history)
}

fn runs(history: &History, arguments: &DiffArguments) -> Result<(RunEntry, RunEntry), CommandError> {
    let newest = history.newest_full(u32::MAX).map_err(usage)?;
    let none = || usage(error("no_earlier_run").with("out", arguments.out.display()));
    let later = match &arguments.later {
        Some(run) => named(history, &arguments.out, run)?,
        None => newest.first().cloned().ok_or_else(none)?,
    };
    let earlier = match &arguments.earlier {
        Some(run) => named(history, &arguments.out, run)?,
        None => newest
            .into_iter()
            .find(|run| {
                (&run.started, &run.run) < (&later.started, &later.run) && run.is_of_the_same_list(&later)
            })
            .ok_or_else(none)?,
    };
    Ok((earlier, later))
}

/// A run may be known to the history alone, when its folder is gone.
fn named(history: &History, out: &Path, run: &str) -> Result<RunEntry, CommandError> {
    if let Some(known) = history.run(run).map_err(usage)? {
        return Ok(known);
    }
    let (_, record) = open_run(out, run)?;
    if record.state == RunState::Running {
        return Err(usage(error("run_not_ended").with("run", &record.run)));
    }
    let known = history.run(&record.run).map_err(usage)?;
    known.ok_or_else(|| usage(error("open_run").with("run", run)))
}

fn text(earlier: &RunEntry, later: &RunEntry, found: &Difference, language: Language) -> String {
    let between = Sentence::new("diff", "between")
        .with("earlier", time_for_people(&earlier.started))
        .with("later", time_for_people(&later.started));
    let mut text = between.text(language);
    text.push('\n');
    if earlier.rules != later.rules {
        let rules = Sentence::new("diff", "other_rules")
            .with("was", &earlier.rules)
            .with("is", &later.rules);
        let _ = writeln!(text, "  {}", rules.text(language));
    }
    // Names of checks are those of the built-in rules: the two runs may have had different ones.
    let rules = Rules::builtin().ok();
    for change in Change::ALL {
        let sites: Vec<&SiteChange> = found.sites.iter().filter(|site| site.change == change).collect();
        if sites.is_empty() {
            continue;
        }
        let heading = word("diff", change.as_str(), language);
        let _ = writeln!(text, "\n{heading}: {}", sites.len());
        for site in sites {
            text.push_str(&changed_site_text(site, rules.as_ref(), language));
        }
    }
    let unchanged = Sentence::new("diff", "unchanged").with("count", found.unchanged);
    let _ = writeln!(text, "\n{}", unchanged.text(language));
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bundle::{JudgedBy, ListKey, RunFolder, RunKind, RunRecord};
    use crate::emc::EmcSettings;

    /// The name of a run of `list` that ended on the `day`th, without a site.
    fn run_of(out: &Path, day: u8, list: Option<&ListKey>) -> String {
        let started = format!("2026-11-{day:02}T02:00:00Z").parse().unwrap();
        let folder = RunFolder::create(out, started).unwrap();
        let judged_by = JudgedBy {
            profile: "province".to_owned(),
            rules: "1".to_owned(),
            only: None,
            beacon_stub: false,
            confirm: true,
            emc: EmcSettings::default(),
        };
        let mut record = RunRecord::begin(folder.name(), RunKind::Full, started, judged_by);
        record.state = RunState::Finished;
        record.list = list.cloned();
        folder.write_record(&record).unwrap();
        folder.write_file("results.jsonl", b"").unwrap();
        record.run
    }

    #[test]
    fn without_names_the_newest_run_is_compared_with_the_one_of_its_list() {
        let out = tempfile::tempdir().unwrap();
        let key = |name: &str| {
            let path = out.path().join(name);
            fs_err::write(&path, "").unwrap();
            ListKey::of(&path).unwrap()
        };
        let (province, ministry) = (key("tinh.csv"), key("bo.csv"));
        let compared = |earlier: Option<&str>| {
            let arguments = DiffArguments {
                earlier: earlier.map(str::to_owned),
                later: None,
                json: false,
                out: out.path().to_owned(),
            };
            let history = opened(out.path()).unwrap();
            runs(&history, &arguments).map(|(earlier, later)| (earlier.run, later.run))
        };
        let first = run_of(out.path(), 1, Some(&province));
        let other = run_of(out.path(), 2, Some(&ministry));
        assert!(compared(None).is_err(), "two runs, but of two lists");
        let newest = run_of(out.path(), 3, Some(&province));
        assert_eq!(compared(None).unwrap(), (first, newest.clone()));
        // Who names a run gets it.
        assert_eq!(compared(Some(&other)).unwrap(), (other, newest));
        // Runs from before there were keys may be of any list.
        let unknown = run_of(out.path(), 4, None);
        let ministry_again = run_of(out.path(), 5, Some(&ministry));
        assert_eq!(compared(None).unwrap(), (unknown, ministry_again));
    }
}
