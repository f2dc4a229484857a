//! What comes after the first visits: rounds that confirm, and rounds at the end that try again what was
//! missed. In a round each site is visited once, so that the visits of one site lie as far apart as the list
//! is long.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;

use super::audit::{Audit, AuditError, RunEvent, blocking};
use crate::judge::{Missed, Needed};
use crate::observation::Engine;
use crate::site::Role;

/// Sites that were missed for a reason that may pass, by their number in the run.
type MissedSites = BTreeMap<usize, Missed>;

impl Audit {
    /// Visits `wanted` again until their results may stand, or nothing more can be done about it.
    pub(super) async fn confirm_all(self: &Arc<Self>, wanted: &[usize]) -> Result<(), AuditError> {
        let mut confirmed = 0;
        let mut missed = self.confirm_in_rounds(wanted, &mut confirmed).await?;
        let pauses = if self.options.settings.run.confirm {
            self.options.settings.run.retry_pauses_s.as_slice()
        } else {
            &[]
        };
        for pause in pauses {
            if confirmed > 0 {
                self.sample_control().await?;
            }
            let due = self.worth_trying(&missed);
            if due.is_empty() || self.stop.is_cancelled() {
                break;
            }
            confirmed += due.len();
            let tried = self.try_again(due, Duration::from_secs(*pause)).await?;
            let changed = self.touched_by(&tried, wanted);
            missed = self.confirm_in_rounds(&changed, &mut confirmed).await?;
        }
        if confirmed > 0 {
            self.sample_control().await?;
        }
        Ok(())
    }

    /// Portals first, so that they are there when what is like them is judged. A component's look can only be
    /// compared in an engine that saw its portal: after a portal's visit its components are asked about again.
    async fn confirm_in_rounds(
        self: &Arc<Self>,
        wanted: &[usize],
        confirmed: &mut usize,
    ) -> Result<MissedSites, AuditError> {
        let is_component = |index: &usize| self.judge.records()[*index].role != Role::Portal;
        let mut asked = wanted.to_vec();
        asked.sort_by_key(is_component);
        let mut missed = MissedSites::new();
        let mut visited = BTreeSet::new();
        loop {
            let (waiting, settled) = self.waiting_among(asked, &mut missed).await?;
            for index in settled {
                if visited.remove(&index) {
                    self.tell_settled(index).await?;
                }
            }
            if waiting.is_empty() {
                return Ok(missed);
            }
            *confirmed += waiting.len();
            (self.report)(RunEvent::Confirming { sites: waiting.len() });
            let made = self
                .each(waiting, |audit, (index, engine)| audit.visit_again(index, engine))
                .await?;
            let made: Vec<usize> = made.into_iter().flatten().collect();
            asked = self.touched_by(&made, wanted);
            visited.extend(made);
        }
    }

    /// Which of `asked` need another visit now, and in which engine; and those that need none. Sites that a
    /// visit at the end may serve better go to `missed`.
    async fn waiting_among(
        self: &Arc<Self>,
        asked: Vec<usize>,
        missed: &mut MissedSites,
    ) -> Result<(Vec<(usize, Engine)>, Vec<usize>), AuditError> {
        let (mut waiting, mut settled) = (Vec::new(), Vec::new());
        if self.stop.is_cancelled() {
            return Ok((waiting, settled));
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut answers = futures::stream::iter(asked)
            .map(|index| {
                let audit = Arc::clone(self);
                blocking(move || Ok((index, audit.judge.needed(index)?)))
            })
            .buffered(threads);
        while let Some(answer) = answers.next().await {
            let (
                index,
                Needed {
                    next, missed: at_end, ..
                },
            ) = answer?;
            match at_end {
                Some(reason) => missed.insert(index, reason),
                None => missed.remove(&index),
            };
            match next {
                Some(engine) => waiting.push((index, engine)),
                None => settled.push(index),
            }
        }
        Ok((waiting, settled))
    }

    /// One more visit of a site; its number if the visit was made.
    async fn visit_again(self: Arc<Self>, index: usize, wanted: Engine) -> Result<Option<usize>, AuditError> {
        let visits = self.maker.folder.visits(&self.judge.records()[index].site)?;
        let number = u32::try_from(visits.len()).unwrap_or(u32::MAX) + 1;
        let engine = if self.maker.pool.has(wanted) {
            wanted
        } else {
            wanted.other()
        };
        let Some(observation) = self.visit(index, number, engine).await? else {
            return Ok(None);
        };
        self.judge
            .add_facts(index, visits.into_iter().chain([observation]).collect());
        Ok(Some(index))
    }

    /// What was missed because EMC was silent is only worth a visit when EMC answers again.
    fn worth_trying(&self, missed: &MissedSites) -> Vec<usize> {
        let emc_answers = self.judge.control().emc_answered_last();
        let worth = |reason: &Missed| *reason == Missed::Site || emc_answers;
        missed
            .iter()
            .filter_map(|(index, reason)| worth(reason).then_some(*index))
            .collect()
    }

    /// Tries once more, in the browser that people use, when `pause` has passed since each site's last visit.
    async fn try_again(self: &Arc<Self>, due: Vec<usize>, pause: Duration) -> Result<Vec<usize>, AuditError> {
        let now = Timestamp::now();
        let mut wait = Duration::ZERO;
        for index in &due {
            let visits = self.maker.folder.visits(&self.judge.records()[*index].site)?;
            let ended = visits.last().and_then(|visit| visit.ended_at.parse().ok());
            let ago = ended.map_or(Duration::ZERO, |ended: Timestamp| {
                Duration::try_from(now.duration_since(ended)).unwrap_or_default()
            });
            wait = wait.max(pause.saturating_sub(ago));
        }
        (self.report)(RunEvent::TryingAgain {
            sites: due.len(),
            wait,
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.stop.cancelled() => return Ok(Vec::new()),
        }
        let due = due.into_iter().map(|index| (index, Engine::Chrome)).collect();
        let visited = self
            .each(due, |audit, (index, engine)| audit.visit_again(index, engine))
            .await?;
        Ok(visited.into_iter().flatten().collect())
    }

    /// The sites that were tried, and the components of the portals among them: they are compared with it.
    fn touched_by(&self, tried: &[usize], wanted: &[usize]) -> Vec<usize> {
        let records = self.judge.records();
        let tried: BTreeSet<usize> = tried.iter().copied().collect();
        let portals: BTreeSet<_> = tried.iter().map(|index| &records[*index].site).collect();
        let compared = |index: &usize| {
            let portal = records[*index].portal.as_ref();
            portal.is_some_and(|portal| portals.contains(portal))
        };
        wanted
            .iter()
            .copied()
            .filter(|index| tried.contains(index) || compared(index))
            .collect()
    }

    async fn tell_settled(self: &Arc<Self>, index: usize) -> Result<(), AuditError> {
        let audit = Arc::clone(self);
        let result = blocking(move || audit.judge.judge_one(index)).await?;
        (self.report)(RunEvent::Settled {
            verdict: result.verdict,
            visits: result.visits.len(),
            site: result.site,
        });
        Ok(())
    }
}
