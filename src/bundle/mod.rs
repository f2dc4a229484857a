//! What visits leave on disk: one `BagIt` bag for each visit, complete or not there at all, and the means to
//! check it years later.

mod bag;
mod contents;
mod har;
mod identity;
mod kept;
mod list_lock;
mod manifest;
mod run_folder;
mod run_record;
mod seal;
mod space;
mod verify;
mod walk;

pub use bag::{BagError, BagInfo, PayloadFile, write_bag};
pub use har::{Har, har_of};
pub use identity::Mixed;
pub use kept::KeptVisit;
pub use list_lock::{ListKey, ListLock};
pub(crate) use manifest::hex;
pub use run_folder::{RunFolder, RunLock, StoreError};
pub use run_record::{JudgedBy, RunCounts, RunKind, RunList, RunRecord, RunState, Vantage};
pub use space::{SpaceNeeded, free_bytes};
pub use verify::{Checked, Problem, ProblemKind, Reason, VerifyError, VerifyReport, verify};

#[cfg(test)]
mod sample;
