//! `emc-audit judge`: judge the stored visits of a run again, without browser and network.
//!
//! Under the rules that the run had, the results come out as they were; under others they go into a folder
//! of their own, and the old ones stay as they are.

use super::auditing::{exit_code_of, json_lines, read_rules, to_stdout};
use super::{CommandError, Complaint, error, failed_to, open_run, usage};
use crate::bundle::{RunFolder, RunRecord, RunState};
use crate::cli::{Cli, JudgeArguments};
use crate::dispatch::{JudgeTerms, RunJudge};
use crate::report::{self, Judged};
use crate::rules::Rules;

/// Judges again; the value is the exit code.
pub(super) fn judge(cli: &Cli, arguments: &JudgeArguments) -> Result<u8, CommandError> {
    let (folder, record) = open_run(&arguments.out, &arguments.run)?;
    let rules = match (&arguments.rules, arguments.current_rules) {
        (None, false) => None,
        (path, _) => Some(read_rules(path.as_deref())?),
    };
    let judge = judge_of(&folder, &record, rules, arguments.profile.as_deref())?;
    let results = judge.judge().map_err(failed_to("judge"))?;
    let terms = judge.terms();
    let base = base(&record, terms);
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &terms.rules,
        profile: &terms.profile,
        language: cli.lang,
    };
    report::write_judgement(judged, &base).map_err(failed_to("write_results"))?;
    if !base.is_empty() {
        let rules = terms.rules.source().as_bytes();
        folder
            .write_file(&format!("{base}rules.toml"), rules)
            .map_err(failed_to("write_results"))?;
    }
    if record.state != RunState::Running {
        folder.seal().map_err(failed_to("seal"))?;
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

/// Results under other rules or criteria stand beside the old ones, in a folder of their own.
fn base(record: &RunRecord, terms: &JudgeTerms) -> String {
    let same = terms.rules.version == record.judged_by.rules && terms.profile.id == record.judged_by.profile;
    if same {
        return String::new();
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let name: String = format!("{}-{}", terms.rules.version, terms.profile.id)
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    format!("judged/{name}/")
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
    let by = &record.judged_by;
    let profile = rules
        .profile(Some(profile.unwrap_or(&by.profile)))
        .map_err(usage)?
        .clone();
    let terms = JudgeTerms {
        rules,
        profile,
        only: by.only.clone(),
        emc: by.emc.clone(),
        beacon_stub: by.beacon_stub,
        confirm: by.confirm,
    };
    let list = folder.read_list().map_err(usage)?;
    let judge = RunJudge::new(folder.clone(), list, terms);
    judge.control().samples.clone_from(&record.control.samples);
    Ok(judge)
}
