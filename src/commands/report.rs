//! `emc-audit report`: writes the report and the tables of a run anew from its results as they stand, with what the
//! history says by now: visits that were imported since, runs that were not known. Nothing is judged.

use super::auditing::{known_past, to_stdout};
use super::judge::{is_judged_from, judge_of};
use super::key::signer;
use super::{CommandError, error, failed_to, open_run, refuse_touched, usage};
use crate::bundle::RunState;
use crate::cli::{Cli, EXIT_PASS, ReportArguments};
use crate::history::{History, Past};
use crate::report::{Judged, Making, read_results, write_judgement};
use crate::settings::Settings;

/// Writes it; the value is the exit code.
pub(super) fn report(cli: &Cli, arguments: &ReportArguments) -> Result<u8, CommandError> {
    let (folder, record) = open_run(&arguments.out, &arguments.run)?;
    if record.state == RunState::Running {
        return Err(usage(error("run_not_ended").with("run", &record.run)));
    }
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let signer = signer(&settings.evidence)?;
    let _lock = folder.lock().map_err(usage)?;
    // The run is sealed anew at the end: a change must not look sound then.
    refuse_touched(folder.path(), |path| {
        path == "results.jsonl" || is_judged_from(path)
    })?;
    let results = read_results(&folder.path().join("results.jsonl")).map_err(failed_to("read_run"))?;
    let judge = judge_of(&folder, &record, None, None)?;
    let past = match folder.out() {
        Some(out) => History::open(&out).and_then(|history| {
            history.take_in(&out)?;
            history.past(&record, &results)
        }),
        None => Ok(Past::default()),
    };
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &judge.terms().rules,
        profile: &judge.terms().profile,
        language: cli.lang,
        past: &known_past(past, cli.lang),
    };
    write_judgement(judged, "", Making::ButPictures).map_err(failed_to("write_results"))?;
    folder.seal(signer.as_ref()).map_err(failed_to("seal"))?;
    let page = folder.path().join("report/index.html");
    to_stdout(|out| writeln!(out, "{}", page.display()))?;
    Ok(EXIT_PASS)
}
