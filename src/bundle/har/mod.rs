//! The network log of a visit as HAR 1.2, which Chrome's `DevTools` and every HAR viewer open.

mod entry;
mod log;
mod model;
mod timings;

pub use log::har_of;
pub use model::Har;
pub(super) use model::{HarHead, HeadEntry};

#[cfg(test)]
mod tests;
