//! What a run says of itself: `run.json`, the list that it visited, and the rules that it judged by. They
//! are written when it begins, so that a run that was killed can be gone on with, and judged again later.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::list_lock::ListKey;
use super::removal::is_set_aside;
use super::run_folder::{RunFolder, StoreError};
use super::walk::folders_in;
use crate::browser::BrowserWork;
use crate::emc::EmcSettings;
use crate::history::LogHead;
use crate::judge::{ControlFacts, KnownSite};
use crate::rules::CheckId;
use crate::settings::Settings;
use crate::site::{ListedSite, SiteId};
use crate::verdict::{Outcome, SiteResult, Verdict};

/// Written into every `run.json`.
const SCHEMA: &str = "emc-audit/run/1";
const RECORD: &str = "run.json";
const LIST: &str = "list.json";
const RULES: &str = "rules.toml";
/// Below it lie results by other rules or criteria than the run's own.
const JUDGED: &str = "judged";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// A whole list.
    Full,
    /// Some sites of an earlier run once more.
    Recheck,
    /// One address, without a list.
    Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It goes on, or was killed.
    Running,
    Finished,
    /// Ended before every site was visited; what is there was judged.
    Interrupted,
}

/// `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunRecord {
    pub schema: String,
    pub run: String,
    pub kind: RunKind,
    pub state: RunState,
    /// The run whose sites were checked again.
    #[serde(default)]
    pub of: Option<String>,
    /// The list that it is a run of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListKey>,
    pub program: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub ended: Option<String>,
    pub judged_by: JudgedBy,
    pub counts: RunCounts,
    /// Calls of EMC's tracker that left the robot in this run.
    pub beacon_calls_let_out: u64,
    #[serde(default)]
    pub browser_work: BrowserWork,
    pub sandbox: bool,
    /// Program by engine, and the version.
    pub browsers: BTreeMap<String, String>,
    pub vantage: Vantage,
    pub control: ControlFacts,
    /// How far the connection log went when the run ended: a log that was cut later is shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogHead>,
    /// As they were in force; for people and for going on with the run.
    pub settings: serde_json::Value,
}

/// All that verdicts depend on besides the visits and the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedBy {
    pub profile: String,
    /// Version of the rules; the rules themselves lie beside, in `rules.toml`.
    pub rules: String,
    #[serde(default)]
    pub only: Option<Vec<CheckId>>,
    pub beacon_stub: bool,
    pub confirm: bool,
    pub emc: EmcSettings,
}

/// How many of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounts {
    pub sites: usize,
    pub visits: usize,
    pub verdicts: BTreeMap<Verdict, usize>,
    pub outcomes: BTreeMap<Outcome, usize>,
}

impl RunCounts {
    /// Counts the lines of the results.
    pub fn of(results: &[SiteResult]) -> Self {
        let mut counts = Self {
            sites: results.len(),
            visits: results.iter().map(|result| result.visits.len()).sum(),
            ..Self::default()
        };
        for result in results {
            *counts.verdicts.entry(result.verdict).or_default() += 1;
            *counts.outcomes.entry(result.outcome).or_default() += 1;
        }
        counts
    }
}

/// From where the sites were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vantage {
    pub host: String,
    /// The machine's own addresses from which connections leave; behind a router others see another one.
    pub addresses: Vec<String>,
    /// The name servers that were asked.
    #[serde(default)]
    pub name_servers: Vec<String>,
    pub proxy: Option<String>,
    pub time_zone: String,
}

/// `list.json`: whom the run visits, and what else it knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RunList {
    pub sites: Vec<ListedSite>,
    /// Portals outside the list: visited without being judged.
    pub references: Vec<ListedSite>,
    /// The sites to visit and judge, when it is not all of them.
    #[serde(default)]
    pub chosen: Option<BTreeSet<SiteId>>,
    /// What the run before saw of the others: who uses which site id is a question to all sites.
    #[serde(default)]
    pub known: Vec<KnownSite>,
}

impl RunList {
    /// The sites that get a line in the results, in the order of the list.
    pub fn judged(&self) -> impl Iterator<Item = &ListedSite> {
        let is_chosen = |site| self.chosen.as_ref().is_none_or(|chosen| chosen.contains(site));
        self.sites.iter().filter(move |listed| is_chosen(&listed.site))
    }

    /// Portals that are visited so that others can be judged.
    pub fn compared(&self) -> impl Iterator<Item = &ListedSite> {
        let portals: BTreeSet<&SiteId> = self
            .judged()
            .filter_map(|listed| listed.portal.as_ref())
            .collect();
        let judged: BTreeSet<&SiteId> = self.judged().map(|listed| &listed.site).collect();
        self.references
            .iter()
            .chain(&self.sites)
            .filter(move |listed| portals.contains(&listed.site) && !judged.contains(&listed.site))
    }
}

impl RunRecord {
    /// The record of a run that begins.
    pub fn begin(run: &str, kind: RunKind, started: jiff::Timestamp, judged_by: JudgedBy) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            run: run.to_owned(),
            kind,
            state: RunState::Running,
            of: None,
            list: None,
            program: crate::PROGRAM.to_owned(),
            started: started.to_string(),
            ended: None,
            judged_by,
            counts: RunCounts::default(),
            beacon_calls_let_out: 0,
            browser_work: BrowserWork::default(),
            sandbox: true,
            browsers: BTreeMap::new(),
            vantage: Vantage::default(),
            control: ControlFacts::default(),
            log: None,
            settings: serde_json::Value::Null,
        }
    }

    /// The settings of the run, as far as this program still knows them.
    pub fn settings(&self) -> Result<Settings, serde_json::Error> {
        serde_json::from_value(self.settings.clone())
    }
}

impl RunFolder {
    /// The folder of a run that was made before: `out/runs/<run>`, or a link to it.
    ///
    /// # Errors
    /// When there is no `run.json` in it, or none that this program reads.
    pub fn open(path: &Path) -> Result<(Self, RunRecord), StoreError> {
        let path = fs_err::canonicalize(path)?;
        let record: RunRecord = read_json(&path.join(RECORD))?;
        if record.schema != SCHEMA {
            return Err(StoreError::Unreadable {
                path: path.join(RECORD),
                reason: format!("schema {:?}, this program reads {SCHEMA:?}", record.schema),
            });
        }
        Ok((Self::at(path, record.run.clone()), record))
    }

    /// Removes what a run that was killed was still writing.
    pub fn sweep_partial(&self) -> Result<(), StoreError> {
        let sites = fs_err::read_dir(self.path().join("sites"))?;
        for folder in sites {
            sweep(&folder?.path())?;
        }
        Ok(sweep(self.path())?)
    }

    /// Copies the visits of a site from another run; bags are whole, so that a copy is as good as they are.
    pub fn take_over(&self, of: &Self, site: &SiteId) -> Result<(), StoreError> {
        let (from, to) = (of.site_path(site), self.site_path(site));
        fs_err::create_dir_all(&to)?;
        for number in 1_u32.. {
            let name = format!("visit-{number}");
            if !from.join(&name).is_dir() {
                break;
            }
            // Like any bag: whole under its name, or not there.
            let partial = to.join(format!(".{name}.partial"));
            copy_folder(&from.join(&name), &partial)?;
            fs_err::rename(&partial, to.join(&name))?;
        }
        Ok(())
    }

    pub fn write_record(&self, record: &RunRecord) -> Result<(), StoreError> {
        self.write_json(RECORD, record)
    }

    pub fn write_list(&self, list: &RunList) -> Result<(), StoreError> {
        self.write_json(LIST, list)
    }

    pub fn read_list(&self) -> Result<RunList, StoreError> {
        read_json(&self.path().join(LIST))
    }

    /// Keeps the rules that the run is judged by.
    pub fn write_rules(&self, text: &str) -> Result<(), StoreError> {
        self.write_file(RULES, text.as_bytes())
    }

    pub fn read_rules(&self) -> Result<String, StoreError> {
        Ok(fs_err::read_to_string(self.path().join(RULES))?)
    }

    /// Where results of this run are, relative to it and with a slash at the end: its own (empty), and those by
    /// other rules or criteria.
    pub fn judgements(&self) -> Result<Vec<String>, StoreError> {
        let mut bases = vec![String::new()];
        let others = self.path().join(JUDGED);
        if others.is_dir() {
            let names = folders_in(&others)?.into_iter();
            bases.extend(names.map(|name| format!("{JUDGED}/{name}/")));
        }
        bases.retain(|base| self.path().join(base).join("results.jsonl").is_file());
        Ok(bases)
    }

    /// Writes a value as JSON under a name below the run's folder.
    pub fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::from)?;
        text.push(b'\n');
        self.write_file(name, &text)
    }
}

/// The folder of results by other rules or criteria than a run's own, relative to it and with a slash at the end.
pub fn judgement_base(rules: &str, profile: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let name: String = format!("{rules}-{profile}")
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .collect();
    format!("{JUDGED}/{name}/")
}

fn read_json<T: DeserializeOwned>(path: &PathBuf) -> Result<T, StoreError> {
    let text = fs_err::read(path)?;
    serde_json::from_slice(&text).map_err(|error| StoreError::Unreadable {
        path: path.clone(),
        reason: error.to_string(),
    })
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs_err::create_dir(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &place)?;
        } else {
            fs_err::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

/// Everything is written under a hidden name first.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') || is_set_aside(&name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs_err::remove_dir_all(entry.path())?;
        } else {
            fs_err::remove_file(entry.path())?;
        }
    }
    Ok(())
}
