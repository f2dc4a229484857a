//! `emc-audit prune`: say what is over its time, and remove it.

use std::path::Path;

use jiff::Timestamp;

use super::auditing::{note, say, to_stdout};
use super::key::signer;
use super::{CommandError, Complaint, error, failed_to, usage};
use crate::bundle::Signer;
use crate::cli::{Cli, EXIT_PASS, EXIT_RUN_FAILED, PruneArguments};
use crate::language::{Language, Sentence, word};
use crate::report::time_for_people;
use crate::retention::{LeftOut, PrunePlan, Pruned, RunPlan, Why, plan, prune as remove};
use crate::settings::{RetentionSettings, Settings};

/// Prunes, or says what it would do; the value is the exit code.
pub(super) fn prune(cli: &Cli, arguments: &PruneArguments) -> Result<u8, CommandError> {
    let Settings {
        retention, evidence, ..
    } = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let signer = signer(&evidence)?;
    if !arguments.out.join("runs").is_dir() {
        let complaint = error("no_runs")
            .with("run", "")
            .with("out", arguments.out.display());
        return Err(usage(complaint));
    }
    let plan = plan(&arguments.out, &retention, Timestamp::now()).map_err(failed_to("prune"))?;
    to_stdout(|out| {
        if arguments.json {
            serde_json::to_writer(&mut *out, &plan).map_err(std::io::Error::from)?;
            return out.write_all(b"\n");
        }
        out.write_all(plan_text(&plan, cli.lang).as_bytes())
    })?;
    if arguments.dry_run {
        return Ok(exit_code(plan.left_out, cli.lang));
    }
    let pruned = remove(&arguments.out, plan, &retention, signer.as_ref(), cli.lang);
    let pruned = pruned.map_err(failed_to("prune"))?;
    note(&done(&pruned), cli.lang);
    Ok(exit_code(pruned.left_out, cli.lang))
}

/// Prunes at the end of a run, where the settings say so. The run is whole whatever comes of it.
pub(super) fn prune_after_run(
    out: &Path,
    settings: &RetentionSettings,
    signer: Option<&Signer>,
    language: Language,
) {
    let pruned = plan(out, settings, Timestamp::now()).and_then(|plan| {
        if plan.is_empty() {
            return Ok(Pruned::default());
        }
        remove(out, plan, settings, signer, language)
    });
    match pruned {
        Ok(pruned) => {
            if !pruned.runs.is_empty() || pruned.log.is_some() {
                note(&done(&pruned), language);
            }
            exit_code(pruned.left_out, language);
        }
        Err(cause) => {
            let what = Complaint::from(cause).in_one_line();
            say(
                &Sentence::new("notice", "no_prune").with_message("what", what),
                language,
            );
        }
    }
}

/// Names what was left as it is.
fn exit_code(left_out: Vec<LeftOut>, language: Language) -> u8 {
    let code = if left_out.is_empty() {
        EXIT_PASS
    } else {
        EXIT_RUN_FAILED
    };
    for LeftOut { run, why } in left_out {
        let notice = match why {
            Why::Touched { problems, first } => Sentence::new("notice", "prune_touched")
                .with("run", run)
                .with("problems", problems)
                .with("first", first),
            Why::Failed(what) => Sentence::new("notice", "prune_failed")
                .with("run", run)
                .with_message("what", Complaint::from(what).in_one_line()),
        };
        say(&notice, language);
    }
    code
}

fn done(pruned: &Pruned) -> Sentence {
    let visits: u64 = pruned.runs.iter().map(|run| run.visits).sum();
    let bytes: u64 = pruned.runs.iter().map(|run| run.bytes).sum();
    let lines = pruned
        .log
        .as_ref()
        .map_or(0, |lines| lines.through + 1 - lines.from);
    Sentence::new("notice", "pruned")
        .with("runs", pruned.runs.len())
        .with("visits", visits)
        .with("mib", bytes >> 20)
        .with("lines", lines)
}

/// A line for each run with something to remove, one for the log, and what stays in all runs.
fn plan_text(plan: &PrunePlan, language: Language) -> String {
    let mut lines: Vec<String> = Vec::new();
    let due = plan.runs.iter().filter(|run| !run.remove.is_empty());
    lines.extend(due.map(|run| run_line(run, language)));
    for run in &plan.unfinished {
        lines.push(
            Sentence::new("prune", "unfinished")
                .with("run", run)
                .text(language),
        );
    }
    if let Some(removed) = &plan.log {
        let line = Sentence::new("prune", "log")
            .with("from", removed.from)
            .with("through", removed.through)
            .with("at", time_for_people(&removed.logged_until))
            .with("days", removed.log_days);
        lines.push(line.text(language));
    }
    if lines.is_empty() {
        lines.push(word("prune", "nothing", language).to_owned());
    }
    let (freed, kept) = plan.bytes();
    let sum = Sentence::new("prune", "sum")
        .with("freed", freed >> 20)
        .with("kept", kept >> 20)
        .with("runs", plan.runs.len());
    lines.push(sum.text(language));
    lines.join("\n") + "\n"
}

fn run_line(run: &RunPlan, language: Language) -> String {
    let passing = |because: &str| {
        let sites = run.remove.iter();
        sites.filter(|site| site.because.as_str() == because).count()
    };
    let kept: Vec<String> = run
        .kept
        .iter()
        .map(|(why, sites)| format!("{} {sites}", word("prune", why.as_str(), language)))
        .collect();
    let kept = if kept.is_empty() {
        "–".to_owned()
    } else {
        kept.join(", ")
    };
    Sentence::new("prune", "run")
        .with("run", &run.run)
        .with("since", time_for_people(&run.since))
        .with("visits", run.visits())
        .with("passing", passing("passing"))
        .with("failing", passing("failing"))
        .with("mib", run.bytes() >> 20)
        .with("kept", kept)
        .text(language)
}
