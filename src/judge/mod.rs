//! Judging: a pure function from the visits of a run to one line for each listed site.
//!
//! First every record is added to [`RunFacts`], because some questions only a whole run can answer; then
//! [`judge_site`] judges each one. [`Confirmation`] says which visits are still missing before a fail may stand.

mod combine;
mod confirm;
mod control;
mod facts;
mod fingerprint;
mod questions;
mod record;
mod remarks;
mod site;
mod visits;

pub use confirm::{Confirmation, Missed, Needed};
pub use control::{ControlFacts, ControlSample, ControlTarget};
pub use facts::{KnownSite, RunFacts};
pub use questions::PageQuestions;
pub use record::{NoPictures, PictureSource, SiteRecord};
pub use site::{JudgeContext, judge_site};

#[cfg(test)]
mod tests;
