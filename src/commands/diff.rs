//! `emc-audit diff`: what changed from one run to another.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::auditing::to_stdout;
use super::{CommandError, error, failed_to, open_run, usage};
use crate::bundle::RunState;
use crate::cli::{Cli, DiffArguments, EXIT_PASS};
use crate::history::{Change, CheckChange, Difference, History, RECENT, RunEntry, SiteChange, difference};
use crate::language::{Language, Sentence, word};
use crate::report::time_for_people;
use crate::rules::{CheckId, Rules};

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
            .find(|run| (&run.started, &run.run) < (&later.started, &later.run))
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
            site_line(&mut text, site, language);
            for check in &site.checks {
                check_line(&mut text, check, rules.as_ref(), language);
            }
        }
    }
    let unchanged = Sentence::new("diff", "unchanged").with("count", found.unchanged);
    let _ = writeln!(text, "\n{}", unchanged.text(language));
    text
}

fn site_line(text: &mut String, site: &SiteChange, language: Language) {
    let _ = write!(text, "  {}", site.site);
    if site.name != site.site {
        let _ = write!(text, " — {}", site.name);
    }
    let verdict = |word_of: &Option<String>| {
        word_of
            .as_ref()
            .map(|key| word("status", key, language).to_owned())
    };
    let verdicts = [verdict(&site.was), verdict(&site.is)];
    let mut said: Vec<String> = verdicts.into_iter().flatten().collect();
    said.dedup();
    let _ = write!(text, ": {}", said.join(" → "));
    if site.flaky {
        let _ = write!(text, " ({})", word("diff", "flaky", language));
    }
    text.push('\n');
}

fn check_line(text: &mut String, change: &CheckChange, rules: Option<&Rules>, language: Language) {
    let name = change.check.parse::<CheckId>().ok().zip(rules);
    let name = name.map(|(check, rules)| rules.check_name(check).in_language(language).to_owned());
    let name = name.unwrap_or_else(|| change.check.clone());
    let said = |status: &str, code: &str| format!("{} ({code})", word("status", status, language));
    let was = said(&change.was.status, &change.was.code);
    let is = said(&change.is.status, &change.is.code);
    let _ = writeln!(text, "    {name}: {was} → {is}");
}
