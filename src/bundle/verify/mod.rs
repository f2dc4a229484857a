//! Checks bags, sites and runs offline: what was changed, what is missing, what was added, and what does
//! not belong. Reads files in pieces and opens nothing outside of what it was given.

mod bag;
mod removed;
mod report;
mod run;
mod seals;

pub use report::{Checked, Problem, ProblemKind, Reason, RemovedVisit, VerifyReport};
pub use run::{Trust, VerifyError, verify, verify_by};
pub use seals::{Seal, SignatureState, StampState};

#[cfg(test)]
mod seals_tests;
#[cfg(test)]
mod tests;
