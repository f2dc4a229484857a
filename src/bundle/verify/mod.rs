//! Checks bags, sites and runs offline: what was changed, what is missing, what was added, and what does
//! not belong. Reads files in pieces and opens nothing outside of what it was given.

mod bag;
mod removed;
mod report;
mod run;

pub use report::{Checked, Problem, ProblemKind, Reason, RemovedVisit, VerifyReport};
pub use run::{VerifyError, verify};

#[cfg(test)]
mod tests;
