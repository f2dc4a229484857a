//! Header and footer: where they are on a page, how alike two of them are, and why.
//!
//! Pure: boxes and decoded pixels go in, numbers and sentences come out. The visiting half asks
//! [`regions::find`] which clips to keep; judging asks [`compare`] what the clips say.

mod arrangement;
mod bands;
mod boxes;
mod changed;
mod colour;
mod compare;
mod dress;
mod grid;
mod ground;
mod measure;
mod paint;
mod reasons;
pub mod regions;
mod spread;
mod thresholds;
mod view;
mod words;

#[cfg(test)]
mod recorded_tests;
#[cfg(test)]
mod tests;

pub use changed::changed;
pub use colour::Swatch;
pub use compare::{LookCode, LookFinding, RegionKind, Side, compare};
pub use dress::dress_files;
pub use measure::{Part, PartKind};
pub use reasons::Reason;
pub use regions::{Region, Regions};
pub use thresholds::LookThresholds;
