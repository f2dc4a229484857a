//! What is kept, and for how long: which evidence and which lines of the connection log may go by the settings,
//! and how they go without a trace of doubt about the rest.

mod plan;
mod prune;
mod read;

pub use plan::{Kept, RunPlan, SitePlan};
pub use prune::{LeftOut, PrunePlan, Pruned, Why, plan, prune};

#[cfg(test)]
mod tests;
