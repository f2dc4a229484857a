//! `emc-audit judge`: judge the stored visits of a run again, without browser and network.
//!
//! Under the rules that the run had, the results come out as they were; under others they go into a folder
//! of their own, and the old ones stay as they are.

use std::io::{BufRead, BufReader};

use super::auditing::{exit_code_of, json_lines, known_past, read_rules, say, to_stdout};
use super::key::signer;
use super::{CommandError, Complaint, error, failed_to, open_run, refuse_touched, usage};
use crate::bundle::{RunFolder, RunRecord, RunState, Signer, judgement_base};
use crate::cli::{Cli, JudgeArguments};
use crate::dispatch::{JudgeTerms, RunJudge};
use crate::history::past_in;
use crate::language::Sentence;
use crate::report::{self, Judged, Making};
use crate::review;
use crate::rules::Rules;
use crate::settings::Settings;
use crate::verdict::SiteResult;

/// Judges again; the value is the exit code.
pub(super) fn judge(cli: &Cli, arguments: &JudgeArguments) -> Result<u8, CommandError> {
    let (folder, record) = open_run(&arguments.out, &arguments.run)?;
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let signer = signer(&settings.evidence)?;
    let _lock = folder.lock().map_err(usage)?;
    let rules = match (&arguments.rules, arguments.current_rules) {
        (None, false) => None,
        (path, _) => Some(read_rules(path.as_deref())?),
    };
    let judge = judge_of(&folder, &record, rules, arguments.profile.as_deref())?;
    refuse_touched(folder.path(), is_judged_from)?;
    let terms = judge.terms();
    let base = base(&record, terms);
    refuse_other_rules(&folder, &base, &terms.rules)?;
    let earlier = kept_lines(cli, &judge)?;
    let mut results = judge.judge(&earlier).map_err(failed_to("judge"))?;
    let out = folder.out();
    if let Err(cause) = review::carry_into(out.as_deref(), &folder, &mut results) {
        let what = Complaint::from(cause).in_one_line();
        say(
            &Sentence::new("notice", "no_reviews").with_message("what", what),
            cli.lang,
        );
        review::keep_decisions(&folder, &mut results).map_err(failed_to("read_run"))?;
    }
    if !base.is_empty() || differs(&folder, &results) {
        keep(cli, &folder, &record, (&results, &base), terms, signer.as_ref())?;
    }
    to_stdout(|out| {
        if arguments.json {
            return json_lines(&results, out);
        }
        let text = report::summary_text(
            &results,
            &terms.rules,
            &terms.profile,
            terms.only.as_deref(),
            cli.lang,
        );
        writeln!(out, "{}", folder.path().join(&base).display())?;
        out.write_all(text.as_bytes())
    })?;
    Ok(exit_code_of(&results))
}

/// What judging reads: the visits, and what the run was made with.
pub(super) fn is_judged_from(path: &str) -> bool {
    path.contains("/visit-") || matches!(path, "list.json" | "rules.toml" | "run.json")
}

/// Two files of rules with one version would make results that nobody can tell apart.
fn refuse_other_rules(folder: &RunFolder, base: &str, rules: &Rules) -> Result<(), CommandError> {
    let kept = folder.path().join(format!("{base}rules.toml"));
    match fs_err::read_to_string(&kept) {
        Ok(text) if text != rules.source() => {
            let complaint = error("same_version").with("version", &rules.version);
            Err(usage(complaint.with("path", kept.display())))
        }
        // Without any there are no results under this version yet.
        _ => Ok(()),
    }
}

/// The lines of sites whose visits were removed: they stay as they are, and it is said so.
fn kept_lines(cli: &Cli, judge: &RunJudge) -> Result<Vec<SiteResult>, CommandError> {
    let removed = judge.removed().count();
    if removed == 0 {
        return Ok(Vec::new());
    }
    say(
        &Sentence::new("notice", "judge_removed").with("sites", removed),
        cli.lang,
    );
    let path = judge.folder().path().join("results.jsonl");
    report::read_results(&path).map_err(failed_to("read_run"))
}

/// Whether the results are others than those that are there. What would come out the same stays untouched. Line by
/// line: those of ten thousand sites would be a hundred megabytes more, twice.
fn differs(folder: &RunFolder, results: &[SiteResult]) -> bool {
    let Ok(file) = fs_err::File::open(folder.path().join("results.jsonl")) else {
        return true;
    };
    let mut there = BufReader::new(file);
    let (mut line, mut kept) = (Vec::new(), Vec::new());
    for result in results {
        line.clear();
        kept.clear();
        let read = there.read_until(b'\n', &mut kept).is_ok();
        if !read || json_lines(std::slice::from_ref(result), &mut line).is_err() || line != kept {
            return true;
        }
    }
    !there.fill_buf().is_ok_and(<[u8]>::is_empty)
}

fn keep(
    cli: &Cli,
    folder: &RunFolder,
    record: &RunRecord,
    (results, base): (&[SiteResult], &str),
    terms: &JudgeTerms,
    signer: Option<&Signer>,
) -> Result<(), CommandError> {
    let past = known_past(past_in(folder.out().as_deref(), record, results), cli.lang);
    let judged = Judged {
        folder,
        record,
        results,
        rules: &terms.rules,
        profile: &terms.profile,
        language: cli.lang,
        past: &past,
    };
    report::write_judgement(judged, base, Making::Everything).map_err(failed_to("write_results"))?;
    if !base.is_empty() {
        let rules = terms.rules.source().as_bytes();
        folder
            .write_file(&format!("{base}rules.toml"), rules)
            .map_err(failed_to("write_results"))?;
    }
    if record.state != RunState::Running {
        folder.seal(signer).map_err(failed_to("seal"))?;
    }
    Ok(())
}

/// Results under other rules or criteria stand beside the old ones, in a folder of their own.
fn base(record: &RunRecord, terms: &JudgeTerms) -> String {
    let same = terms.rules.version == record.judged_by.rules && terms.profile.id == record.judged_by.profile;
    if same {
        return String::new();
    }
    judgement_base(&terms.rules.version, &terms.profile.id)
}

/// What is needed to judge a stored run, by its own rules and profile unless others are given.
pub(super) fn judge_of(
    folder: &RunFolder,
    record: &RunRecord,
    rules: Option<Rules>,
    profile: Option<&str>,
) -> Result<RunJudge, CommandError> {
    let rules = match rules {
        Some(rules) => rules,
        None => Rules::from_toml(&folder.read_rules().map_err(usage)?).map_err(|cause| {
            let doing = error("rules_of").with("run", &record.run);
            usage(Complaint::from(cause).during(&doing))
        })?,
    };
    let profile = rules
        .profile(Some(profile.unwrap_or(&record.judged_by.profile)))
        .map_err(usage)?
        .clone();
    RunJudge::stored(folder.clone(), record, rules, profile).map_err(usage)
}
