//! What visits leave on disk: one `BagIt` bag for each visit, complete or not there at all, and the means to
//! check it years later.

mod bag;
mod contents;
mod har;
mod identity;
mod kept;
mod list_lock;
mod manifest;
mod removal;
mod run_folder;
mod run_record;
mod seal;
mod signature;
mod space;
mod timestamp;
mod verify;
mod walk;

pub use bag::{BagError, BagInfo, PayloadFile, write_bag};
pub use har::{Har, har_of};
pub use identity::Mixed;
pub use kept::KeptVisit;
pub use list_lock::{ListKey, ListLock};
pub(crate) use manifest::hex;
pub use removal::{Removal, RemovedBecause, RemovedFile, Tombstone};
pub use run_folder::{RunFolder, RunLock, StoreError};
pub use run_record::{JudgedBy, RunCounts, RunKind, RunList, RunRecord, RunState, Vantage, judgement_base};
pub use signature::{KeyError, PASSWORD_VARIABLE, Signer, Verifier, make_keys};
pub use space::{SpaceNeeded, free_bytes};
pub use timestamp::{Roots, Stamp, StampError, StampRequest, check_stamp};
pub use verify::{
    Checked, Problem, ProblemKind, Reason, RemovedVisit, Seal, SignatureState, StampState, Trust,
    VerifyError, VerifyReport, verify, verify_by,
};

#[cfg(test)]
pub(crate) mod sample;
