//! Who is visited when, by which browser, and how often: from a list to visits on disk and results.

mod audit;
mod control;
mod glances;
mod outage;
mod pace;
mod politeness;
mod prepare;
mod reach;
mod rounds;
mod run_judge;
mod visits;

pub use audit::{Audit, AuditError, AuditOptions, AuditSummary, Beginning, RunEvent};
pub use glances::{GlanceOptions, Glances};
pub use prepare::pool_options;
pub use reach::{Reach, Reached};
pub use run_judge::{JudgeTerms, RunJudge};
