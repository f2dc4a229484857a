//! Removing what may go, run by run, each under its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::plan::{RunPlan, SitePlan, days, limit};
use super::read::{Decisions, newest_full, view};
use crate::bundle::{
    Removal, RunFolder, RunRecord, RunState, Signer, StoreError, Tombstone, VerifyError, verify,
};
use crate::dispatch::RunJudge;
use crate::history::{History, LinesRemoved, LoggedRemoval, ended_runs};
use crate::judge::KnownSite;
use crate::language::Language;
use crate::review::{CarryError, remake};
use crate::rules::Rules;
use crate::settings::RetentionSettings;
use crate::site::SiteId;

/// Why a run was left as it is.
#[derive(Debug)]
pub enum Why {
    /// Something in it was changed: what is wrong must not be covered up by a new list.
    Touched {
        problems: usize,
        first: String,
    },
    Failed(CarryError),
}

/// A run that was left as it is.
#[derive(Debug)]
pub struct LeftOut {
    pub run: String,
    pub why: Why,
}

/// What may go at this moment.
#[derive(Debug, Serialize)]
pub struct PrunePlan {
    /// Runs that have ended, oldest first.
    pub runs: Vec<RunPlan>,
    /// Lines of the connection log.
    pub log: Option<LinesRemoved>,
    #[serde(skip)]
    pub left_out: Vec<LeftOut>,
    /// Runs in which an earlier removal broke off.
    pub unfinished: Vec<String>,
    #[serde(skip)]
    now: Timestamp,
}

impl PrunePlan {
    pub fn is_empty(&self) -> bool {
        self.log.is_none() && self.unfinished.is_empty() && self.runs.iter().all(|run| run.remove.is_empty())
    }

    /// Bytes that would be free, and bytes of the evidence that stays.
    pub fn bytes(&self) -> (u64, u64) {
        let freed = self.runs.iter().map(RunPlan::bytes).sum();
        (freed, self.runs.iter().map(|run| run.kept_bytes).sum())
    }
}

/// What went.
#[derive(Debug, Default)]
pub struct Pruned {
    pub runs: Vec<LoggedRemoval>,
    pub log: Option<LinesRemoved>,
    pub left_out: Vec<LeftOut>,
}

/// Says what may go at `now`. Nothing is changed but the connection log, which gets the visits that it lacks.
///
/// # Errors
/// When decisions or the connection log cannot be read. A run that cannot be read is left out.
pub fn plan(out: &Path, settings: &RetentionSettings, now: Timestamp) -> Result<PrunePlan, CarryError> {
    let decisions = Decisions::read(out)?;
    let runs = ended_runs(out);
    let newest = newest_full(&runs);
    // What others start from, whatever came after it.
    let latest = fs_err::read_link(out.join("latest")).ok();
    let latest = latest
        .as_deref()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let (mut views, mut left_out, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
    for (folder, record) in &runs {
        let seen = view(out, folder, record, &decisions).and_then(|view| {
            if folder.has_unfinished_removal()? {
                unfinished.push(record.run.clone());
            }
            Ok(view)
        });
        match seen {
            Ok(mut view) => {
                view.is_newest_full = [newest, latest].contains(&Some(record.run.as_str()));
                views.push(view);
            }
            Err(error) => left_out.push(LeftOut {
                run: record.run.clone(),
                why: Why::Failed(error),
            }),
        }
    }
    let log = match History::open_existing(out)? {
        Some(history) => {
            history.log_visits(out)?;
            history.old_log_lines(log_limit(settings, now), settings.log_days)?
        }
        None => None,
    };
    Ok(PrunePlan {
        runs: super::plan::plan(&views, settings, now),
        log,
        left_out,
        unfinished,
        now,
    })
}

fn log_limit(settings: &RetentionSettings, now: Timestamp) -> Timestamp {
    now.saturating_sub(days(settings.log_days))
        .unwrap_or(Timestamp::MIN)
}

/// Removes what `plan` says. Reports are written anew in `language`, and lists signed where there is a key.
///
/// # Errors
/// When the connection log cannot be written. A run that is worked on, was changed or cannot be written is left
/// out, and named.
pub fn prune(
    out: &Path,
    plan: PrunePlan,
    settings: &RetentionSettings,
    signer: Option<&Signer>,
    language: Language,
) -> Result<Pruned, CarryError> {
    let mut pruned = Pruned {
        left_out: plan.left_out,
        ..Pruned::default()
    };
    // Every visit has its line before it goes.
    let history = History::open(out)?;
    history.log_visits(out)?;
    for run in &plan.runs {
        if run.remove.is_empty() && !plan.unfinished.contains(&run.run) {
            continue;
        }
        let pruning = Pruning {
            out,
            history: &history,
            settings,
            signer,
            language,
            now: plan.now,
        };
        match pruning.run(run, &mut pruned.runs) {
            Ok(None) => {}
            Ok(Some(why)) | Err(why) => pruned.left_out.push(LeftOut {
                run: run.run.clone(),
                why,
            }),
        }
    }
    pruned.log = history.remove_log_lines(log_limit(settings, plan.now), settings.log_days)?;
    Ok(pruned)
}

impl<E: Into<CarryError>> From<E> for Why {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What is the same for every run.
#[derive(Clone, Copy)]
struct Pruning<'a> {
    out: &'a Path,
    history: &'a History,
    settings: &'a RetentionSettings,
    signer: Option<&'a Signer>,
    language: Language,
    now: Timestamp,
}

impl Pruning<'_> {
    /// Prunes one run; why it was left as it is, if it was.
    fn run(&self, plan: &RunPlan, told: &mut Vec<LoggedRemoval>) -> Result<Option<Why>, Why> {
        let path = self.out.join("runs").join(&plan.run);
        let (folder, _) = RunFolder::open(&path)?;
        let _lock = folder.lock()?;
        let (folder, record) = RunFolder::open(&path)?;
        // Somebody may have gone on with it, or decided, since the plan was made.
        if record.state == RunState::Running {
            return Err(StoreError::Busy(record.run).into());
        }
        if folder.has_unfinished_removal()? {
            let listed_in = folder.keep_list()?;
            self.bring_to_its_end(&folder, &record, listed_in, told)?;
        }
        let decisions = Decisions::read(self.out)?;
        let due = plan.remove.iter();
        let due: Vec<&SitePlan> = due.filter(|site| !decisions.has(&plan.run, &site.site)).collect();
        if due.is_empty() {
            return Ok(None);
        }
        if let Some(touched) = touched(&path)? {
            return Ok(Some(touched));
        }
        let known = known(&folder, &record)?;
        let listed_in = folder.keep_list()?;
        if let Err(error) = self.write_tombstones(&folder, &plan.since, &due, &known, &listed_in) {
            // A disk that is full, most often: nothing has gone yet, and nothing goes.
            folder.take_back_removals(&listed_in)?;
            return Err(error.into());
        }
        for site in &due {
            for visit in &site.visits {
                folder.set_aside(&site.site, *visit)?;
            }
        }
        self.bring_to_its_end(&folder, &record, listed_in, told)?;
        Ok(None)
    }

    fn write_tombstones(
        &self,
        folder: &RunFolder,
        since: &str,
        due: &[&SitePlan],
        known: &BTreeMap<SiteId, KnownSite>,
        listed_in: &str,
    ) -> Result<(), StoreError> {
        for site in due {
            let removal = Removal {
                because: site.because,
                days: limit(self.settings, site.because),
                since: since.to_owned(),
                at: self.now.to_string(),
                settings: self.settings.clone(),
                known: known.get(&site.site).cloned(),
            };
            for visit in &site.visits {
                folder.write_tombstone(&site.site, *visit, &removal, listed_in)?;
            }
        }
        Ok(())
    }

    /// The steps after bags were set aside; also those that a crash left to be done.
    fn bring_to_its_end(
        &self,
        folder: &RunFolder,
        record: &RunRecord,
        listed_in: String,
        told: &mut Vec<LoggedRemoval>,
    ) -> Result<(), CarryError> {
        let aside = folder.set_aside_visits()?;
        remake(self.out, folder, record, self.language)?;
        folder.seal(self.signer)?;
        if let Some(newest) = aside.iter().map(|tombstone| &tombstone.at).max() {
            let sites: BTreeSet<&SiteId> = aside.iter().map(|tombstone| &tombstone.site).collect();
            let removal = LoggedRemoval {
                run: record.run.clone(),
                at: newest.clone(),
                sites: sites.len() as u64,
                visits: aside.len() as u64,
                files: aside.iter().map(|tombstone| tombstone.files.len() as u64).sum(),
                bytes: aside.iter().map(Tombstone::bytes).sum(),
                listed_in,
                manifest: folder.list_sum()?,
            };
            self.history.log_removal(&removal)?;
            told.push(removal);
        }
        Ok(folder.remove_set_aside()?)
    }
}

/// What is wrong with a run, if anything is.
fn touched(path: &Path) -> Result<Option<Why>, StoreError> {
    let report = verify(path).map_err(|error| match error {
        VerifyError::Io(error) => StoreError::Io(error),
        VerifyError::Nothing(path) => StoreError::Unreadable {
            path,
            reason: "no run".to_owned(),
        },
    })?;
    Ok(report.problems.first().map(|first| Why::Touched {
        problems: report.problems.len(),
        first: first.path.clone(),
    }))
}

/// What the other sites of a run have to know of each.
fn known(folder: &RunFolder, record: &RunRecord) -> Result<BTreeMap<SiteId, KnownSite>, CarryError> {
    let rules = Rules::from_toml(&folder.read_rules()?)?;
    let profile = rules.profile(Some(&record.judged_by.profile))?.clone();
    let judge = RunJudge::stored(folder.clone(), record, rules, profile)?;
    let known = judge.known()?.into_iter();
    Ok(known.map(|known| (known.site.clone(), known)).collect())
}
