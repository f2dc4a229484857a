//! One visit: load a site's home page like a visitor and write down what is seen.
//!
//! Knows no verdicts: the only thing it asks the judging half is whether a question is still open.

mod addresses;
mod assemble;
mod badge;
mod capture;
mod clip;
mod facts;
mod follow;
mod open;
mod overlay;
mod probe;
mod recorder;
mod served;
mod settle;
mod visitor;

pub use facts::EvidenceFile;
pub use visitor::{Questions, VisitOutput, VisitRequest, Visitor, VisitorOptions};
