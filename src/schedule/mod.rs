//! Lists that are audited by a timetable: when they are due, what is remembered, the audits as processes of
//! their own, and what a watcher is told.

mod due;
mod health;
mod metrics;
mod plan;
mod runner;
mod state;

pub use due::{Due, Timetable, TimetableError};
pub use health::{HealthServer, ask_health};
pub use metrics::Metrics;
pub(crate) use metrics::seconds_of;
pub use plan::{PlanError, PlannedList, named, plan};
pub use runner::{End, News, ScheduleError, Scheduler, SchedulerOptions, Stop};
pub(crate) use state::write_whole;
