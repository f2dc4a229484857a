//! `emc-audit run`: audit every site of a list, or go on with a run that was killed.

use std::path::{Path, PathBuf};

use super::auditing::{Auditor, apply, exit_code, json_lines, note, to_stdout};
use super::{CommandError, Complaint, error, open_run, usage};
use crate::bundle::{ListKey, RunFolder, RunKind, RunList, RunState};
use crate::cli::{Cli, EXIT_INTERRUPTED, RunArguments};
use crate::dispatch::Beginning;
use crate::inventory::{ReadOptions, read_list};
use crate::language::Sentence;
use crate::report;
use crate::rules::Rules;

/// Audits the list; the value is the exit code.
pub(super) fn run(cli: &Cli, arguments: &RunArguments) -> Result<u8, CommandError> {
    let (auditor, list, beginning) = match &arguments.resume {
        Some(run) => resumed(cli, arguments, run)?,
        None => fresh(cli, arguments)?,
    };
    let Some(summary) = auditor.audit(list, beginning)? else {
        let stopped = Sentence::new("notice", "stopped").with("out", auditor.out.join("runs").display());
        note(&stopped, cli.lang);
        return Ok(EXIT_INTERRUPTED);
    };
    to_stdout(|out| {
        if arguments.visiting.json {
            return json_lines(&summary.results, out);
        }
        let text = report::summary_text(
            &summary.results,
            &auditor.rules,
            &auditor.profile,
            auditor.only.as_deref(),
            cli.lang,
        );
        out.write_all(text.as_bytes())
    })?;
    let path = summary.folder.path();
    let report = Sentence::new("notice", "report_at").with("path", path.join("report/index.html").display());
    note(&report, cli.lang);
    if summary.interrupted() {
        let go_on = Sentence::new("notice", "go_on").with("run", path.display());
        note(&go_on, cli.lang);
    }
    Ok(exit_code(&summary))
}

fn fresh(cli: &Cli, arguments: &RunArguments) -> Result<(Auditor, RunList, Beginning), CommandError> {
    let Some(sites) = &arguments.sites else {
        return Err(usage(error("no_list")));
    };
    let mut auditor = Auditor::new(cli, &arguments.visiting)?;
    let read = ReadOptions {
        skip_bad_rows: arguments.skip_bad_rows,
    };
    let list = read_list(sites, &read).map_err(usage)?;
    for remark in &list.remarks {
        tracing::warn!("{}", remark.text(cli.lang));
    }
    auditor.list_key = Some(ListKey::of(sites).map_err(usage)?);
    let list = RunList {
        sites: list.sites,
        references: list.references,
        ..RunList::default()
    };
    Ok((auditor, list, Beginning::New(RunKind::Full)))
}

/// The folder of results that a run lies in, wherever it was named from.
fn out_of(folder: &RunFolder, named: &Path) -> PathBuf {
    let out = folder.path().parent().and_then(Path::parent);
    out.map_or_else(|| named.to_path_buf(), Path::to_path_buf)
}

/// The list, settings and rules that the run began with; flags may change how it goes on.
fn resumed(
    cli: &Cli,
    arguments: &RunArguments,
    run: &str,
) -> Result<(Auditor, RunList, Beginning), CommandError> {
    let (folder, record) = open_run(&arguments.visiting.out, run)?;
    if record.state == RunState::Finished {
        return Err(usage(error("finished").with("run", run)));
    }
    if !folder.removed().map_err(usage)?.is_empty() {
        return Err(usage(error("resume_removed").with("run", run)));
    }
    let mut settings = record.settings().map_err(|cause| {
        let complaint = error("other_settings").with("run", run);
        usage(Complaint::from(complaint).because(cause))
    })?;
    apply(&mut settings, &arguments.visiting);
    let rules = Rules::from_toml(&folder.read_rules().map_err(usage)?).map_err(usage)?;
    let profile = rules
        .profile(Some(&record.judged_by.profile))
        .map_err(usage)?
        .clone();
    let auditor = Auditor {
        settings,
        rules,
        profile,
        only: record.judged_by.only.clone(),
        out: out_of(&folder, &arguments.visiting.out),
        language: cli.lang,
        list_key: record.list.clone(),
    };
    let list = folder.read_list().map_err(usage)?;
    Ok((auditor, list, Beginning::Resumed(folder, Box::new(record))))
}
