//! The rules: which checks a profile is made of, what they rest on in law, and what they say to people.
//!
//! All of it is data in `rules.toml`, built in and replaceable, with its own version; only the catalogue
//! of checks and codes is part of the program.

mod check;
mod load;
mod plain_words;
mod signals;
mod text;

pub use check::{COMMON_CODES, CheckId, UnknownCheck};
pub use load::{Criterion, LegalBasis, Profile, Rules, RulesError};
pub(crate) use plain_words::place_key;
pub use signals::{Signals, plain};
pub(crate) use text::words as fact_words;
