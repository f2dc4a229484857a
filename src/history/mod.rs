//! What earlier runs said of each site: one `SQLite` file beside the runs, filled from what they wrote.
//!
//! The runs on disk stay the evidence. The store can always be made again from those that are still there,
//! and knows of those that are not.

mod carry;
mod chain;
mod course;
mod difference;
mod log;
mod log_removed;
mod past;
mod reviews;
mod store;
mod take_in;
#[cfg(test)]
mod tests;
mod visits;

pub use carry::Decided;
pub(crate) use carry::carry;
pub use chain::{
    LinesRemoved, LogEntry, LogEvent, LogHead, LogProblem, LogReport, LogResult, LoggedRemoval,
    LoggedRequest, LoggedVisit,
};
pub use course::{CoursePoint, RECENT, SiteCourse};
pub use difference::{Change, CheckChange, Difference, Said, SiteChange, difference};
pub use log::verify_log_lines;
pub use past::{COURSE_RUNS, Changes, Past, PastRun, past_in};
pub use reviews::{Accepted, NewReview, Review};
pub use store::{History, HistoryError};
pub(crate) use take_in::ended_runs;
pub use take_in::{FindingEntry, RunEntry, SiteEntry};
pub use visits::MonthVisits;
