//! One visit: load a site's home page like a visitor and write down what is seen.
//!
//! Knows no verdicts: the only thing it asks the judging half is whether a question is still open.

mod addresses;
mod again;
mod ask;
mod assemble;
mod badge;
mod capture;
mod clip;
mod facts;
mod files;
mod follow;
mod follow_gate;
mod open;
mod overlay;
mod plain;
mod probe;
mod recorder;
mod redact;
mod scroll;
mod served;
mod settle;
mod style_line;
mod visitor;
mod wake;

pub use facts::EvidenceFile;
pub use files::SiteFiles;
pub use recorder::replay;
pub use redact::without_credentials;
pub use visitor::{Course, Questions, VisitOutput, VisitRequest, Visitor, VisitorOptions};
