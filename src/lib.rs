//! emc-audit: does a government site carry the EMC code, badge, links and common look?
//!
//! Two halves. The one that touches the world: a list becomes visits, a visit becomes an
//! [`observation::Observation`] on disk. The pure one, without browser or network: observations of a
//! whole run become [`verdict::SiteResult`]s. What was seen is stored, so a run can be judged again.
pub mod browser;
pub mod bundle;
pub mod checks;
pub mod cli;
pub mod commands;
pub mod discovery;
pub mod dispatch;
pub mod emc;
pub mod history;
pub mod inventory;
pub mod judge;
pub mod language;
pub mod look;
pub mod network;
pub mod notify;
pub mod observation;
pub mod ranking;
pub mod report;
pub mod retention;
pub mod review;
pub mod rules;
pub mod schedule;
pub mod settings;
pub mod site;
mod subprocess;
pub mod system;
pub mod timings;
pub mod verdict;
pub mod visit;

/// Name and version, as evidence and results give them.
pub const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// The commit that it was built from: `unknown` outside a checkout, with `+` where the sources differ.
pub(crate) const COMMIT: &str = env!("BUILT_FROM_COMMIT");
