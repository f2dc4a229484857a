//! Judging what is on disk: which visits a run still lacks while it goes on, and its results at the end.
//!
//! Nothing is judged that was not stored before, so that the same folder gives the same results years later.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use rayon::prelude::*;

use crate::bundle::{RunFolder, RunList, RunRecord, StoreError};
use crate::checks::outcome_of;
use crate::emc::EmcSettings;
use crate::judge::{
    Confirmation, ControlFacts, JudgeContext, KnownSite, Needed, RunFacts, SiteRecord, judge_site,
};
use crate::observation::Observation;
use crate::rules::{CheckId, Profile, Rules};
use crate::site::{ListedSite, Role, SiteId};
use crate::verdict::{Outcome, SiteResult};

/// Records that are in memory together while facts are gathered.
const READ_AT_ONCE: usize = 16;
/// Portals whose visits stay in memory while their components are judged.
const PORTALS_KEPT: usize = 16;

/// What a run is judged by.
#[derive(Debug, Clone)]
pub struct JudgeTerms {
    pub rules: Rules,
    pub profile: Profile,
    pub only: Option<Vec<CheckId>>,
    pub emc: EmcSettings,
    /// Calls of EMC's tracker were answered by the robot.
    pub beacon_stub: bool,
    /// A fail counts only when a second visit agrees.
    pub confirm: bool,
}

/// The stored visits of one run, with all that is needed to judge them.
#[derive(Debug)]
pub struct RunJudge {
    folder: RunFolder,
    terms: JudgeTerms,
    list: RunList,
    /// The sites to judge and the portals that they are compared with, portals first: an index into it
    /// names a site of the run.
    records: Vec<ListedSite>,
    references: HashSet<SiteId>,
    places: HashMap<SiteId, usize>,
    control: Mutex<ControlFacts>,
    facts: RwLock<RunFacts>,
    /// Sites whose visits were removed because their time was over, with what is still known of them.
    removed: BTreeMap<SiteId, Option<KnownSite>>,
}

impl RunJudge {
    /// For the visits that a run left on disk, as its record says that they were judged.
    ///
    /// # Errors
    /// When its list, or a tombstone of a visit that was removed, cannot be read.
    pub fn stored(
        folder: RunFolder,
        record: &RunRecord,
        rules: Rules,
        profile: Profile,
    ) -> Result<Self, StoreError> {
        let by = &record.judged_by;
        let terms = JudgeTerms {
            rules,
            profile,
            only: by.only.clone(),
            emc: by.emc.clone(),
            beacon_stub: by.beacon_stub,
            confirm: by.confirm,
        };
        let list = folder.read_list()?;
        let tombstones = folder.removed()?.into_iter();
        let removed =
            tombstones.map(|(site, visits)| (site, visits.into_iter().find_map(|visit| visit.known)));
        let removed = removed.collect();
        let mut judge = Self::new(folder, list, terms);
        judge.removed = removed;
        judge.control().samples.clone_from(&record.control.samples);
        Ok(judge)
    }

    pub fn new(folder: RunFolder, list: RunList, terms: JudgeTerms) -> Self {
        let facts = first_facts(&list);
        let references = list.compared().map(|listed| listed.site.clone()).collect();
        let mut records: Vec<ListedSite> = list.compared().chain(list.judged()).cloned().collect();
        records.sort_by_key(|listed| listed.role != Role::Portal);
        let places = records
            .iter()
            .enumerate()
            .map(|(index, listed)| (listed.site.clone(), index))
            .collect();
        Self {
            folder,
            terms,
            list,
            records,
            references,
            places,
            control: Mutex::default(),
            facts: RwLock::new(facts),
            removed: BTreeMap::new(),
        }
    }

    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    pub fn terms(&self) -> &JudgeTerms {
        &self.terms
    }

    /// The sites to judge and the portals that they are compared with, portals first.
    pub fn records(&self) -> &[ListedSite] {
        &self.records
    }

    pub fn control(&self) -> MutexGuard<'_, ControlFacts> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn facts(&self) -> RwLockReadGuard<'_, RunFacts> {
        self.facts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn context<'a>(&'a self, control: &'a ControlFacts) -> JudgeContext<'a> {
        JudgeContext {
            run: self.folder.name(),
            rules: &self.terms.rules,
            profile: &self.terms.profile,
            only: self.terms.only.as_deref(),
            emc: &self.terms.emc,
            control,
            beacon_stub: self.terms.beacon_stub,
            confirm: self.terms.confirm,
        }
    }

    /// Tells the run what the visits of one site saw; they replace what was said of it before.
    pub fn add_facts(&self, index: usize, visits: Vec<Observation>) {
        let record = self.record_of(&self.records[index], visits);
        let control = self.control().clone();
        let context = self.context(&control);
        self.facts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add(&record, &context);
    }

    /// Which visits of a site are missing before its result may stand.
    pub fn needed(&self, index: usize) -> Result<Needed, StoreError> {
        let record = self.record(index)?;
        let portal = self.portal_record(&record.listed)?;
        let control = self.control().clone();
        let facts = self.facts();
        let context = self.context(&control);
        Ok(Confirmation::needed(
            &record,
            portal.as_ref(),
            &facts,
            &context,
            &self.folder,
        ))
    }

    /// A site with its visits as they are on disk.
    fn record(&self, index: usize) -> Result<SiteRecord, StoreError> {
        let listed = &self.records[index];
        let visits = self.folder.visits(&listed.site)?;
        Ok(self.record_of(listed, visits))
    }

    fn record_of(&self, listed: &ListedSite, visits: Vec<Observation>) -> SiteRecord {
        SiteRecord {
            reference: self.references.contains(&listed.site),
            listed: listed.clone(),
            visits,
        }
    }

    fn portal_record(&self, listed: &ListedSite) -> Result<Option<SiteRecord>, StoreError> {
        let place = listed.portal.as_ref().and_then(|portal| self.places.get(portal));
        place.map(|index| self.record(*index)).transpose()
    }

    /// How a visit of a site came out, as far as it can be said at once.
    pub fn outcome(&self, listed: &ListedSite, visit: &Observation) -> Outcome {
        let facts = self.facts();
        outcome_of(
            visit,
            listed,
            facts.listed(),
            &self.terms.rules.signals,
            &self.terms.emc,
        )
        .outcome
    }

    /// The result of one site with what is known at this moment.
    pub fn judge_one(&self, index: usize) -> Result<SiteResult, StoreError> {
        let record = self.record(index)?;
        let portal = self.portal_record(&record.listed)?;
        let control = self.control().clone();
        let facts = self.facts();
        let context = self.context(&control);
        Ok(judge_site(
            &record,
            portal.as_ref(),
            &facts,
            &context,
            &self.folder,
        ))
    }

    /// What this run's visits say of every site, for a later run that visits only some of them.
    pub fn known(&self) -> Result<Vec<KnownSite>, StoreError> {
        let control = self.control().clone();
        Ok(self.facts_on_disk(&self.context(&control))?.known())
    }

    /// Facts depend on the order in which records are added; reading them is what takes time.
    fn facts_on_disk(&self, context: &JudgeContext<'_>) -> Result<RunFacts, StoreError> {
        let mut facts = first_facts(&self.list);
        for known in self.removed.values().flatten() {
            facts.add_known(known);
        }
        for records in self.records.chunks(READ_AT_ONCE) {
            let read: Result<Vec<SiteRecord>, StoreError> = records
                .par_iter()
                .filter(|listed| !self.removed.contains_key(&listed.site))
                .map(|listed| Ok(self.record_of(listed, self.folder.visits(&listed.site)?)))
                .collect();
            for record in read? {
                facts.add(&record, context);
            }
        }
        Ok(facts)
    }

    /// Sites whose visits were removed: they cannot be judged any more.
    pub fn removed(&self) -> impl Iterator<Item = &SiteId> {
        self.removed.keys()
    }

    /// Judges every listed site from what is on disk alone, in the order of the list; several at a time. A site
    /// whose visits were removed keeps its line in `earlier`.
    ///
    /// # Errors
    /// When visits cannot be read, or a site without visits has no line to keep.
    pub fn judge(&self, earlier: &[SiteResult]) -> Result<Vec<SiteResult>, StoreError> {
        let kept: HashMap<&SiteId, &SiteResult> = earlier
            .iter()
            .filter(|result| self.removed.contains_key(&result.site))
            .map(|result| (&result.site, result))
            .collect();
        let control = self.control().clone();
        let context = self.context(&control);
        let facts = self.facts_on_disk(&context)?;
        let judged: Vec<&ListedSite> = self.list.judged().collect();
        let portals = KeptPortals::default();
        let results = judged.par_iter().map(|listed| {
            if let Some(result) = kept.get(&listed.site) {
                return Ok((*result).clone());
            }
            if self.removed.contains_key(&listed.site) {
                return Err(StoreError::Unreadable {
                    path: self.folder.site_path(&listed.site),
                    reason: "its visits were removed, and the results have no line of it".to_owned(),
                });
            }
            let record = self.record_of(listed, self.folder.visits(&listed.site)?);
            let portal = portals.get(listed, || self.portal_record(listed))?;
            Ok(judge_site(
                &record,
                portal.as_deref(),
                &facts,
                &context,
                &self.folder,
            ))
        });
        results.collect()
    }
}

/// Portals that were read lately: components of one portal stand together in most lists.
#[derive(Debug, Default)]
struct KeptPortals {
    kept: Mutex<VecDeque<(SiteId, Arc<SiteRecord>)>>,
}

impl KeptPortals {
    /// The portal of a site, by `read` where it is not at hand.
    fn get(
        &self,
        listed: &ListedSite,
        read: impl Fn() -> Result<Option<SiteRecord>, StoreError>,
    ) -> Result<Option<Arc<SiteRecord>>, StoreError> {
        let Some(portal) = &listed.portal else {
            return Ok(None);
        };
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, record)) = lock().iter().find(|(site, _)| site == portal) {
            return Ok(Some(Arc::clone(record)));
        }
        let Some(record) = read()?.map(Arc::new) else {
            return Ok(None);
        };
        let mut kept = lock();
        kept.push_front((portal.clone(), Arc::clone(&record)));
        kept.truncate(PORTALS_KEPT);
        Ok(Some(record))
    }
}

/// What is known before the first visit.
fn first_facts(list: &RunList) -> RunFacts {
    let mut facts = RunFacts::new(&list.sites);
    for known in &list.known {
        facts.add_known(known);
    }
    facts
}
