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
