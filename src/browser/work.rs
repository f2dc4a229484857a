//! What became of a pool's browsers: told by the run, and counted by whoever watches the robot.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// What became of browsers, and of what they said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserWork {
    pub started: u64,
    /// Replaced in good order, after so many visits.
    pub retired: u64,
    /// Died, fell silent, or had to be killed.
    pub crashed: u64,
    /// Protocol messages that were unreadable, or dropped because nobody read them in time.
    pub lost_messages: u64,
}

impl std::ops::AddAssign for BrowserWork {
    fn add_assign(&mut self, other: Self) {
        self.started += other.started;
        self.retired += other.retired;
        self.crashed += other.crashed;
        self.lost_messages += other.lost_messages;
    }
}

/// The same while browsers run.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub started: AtomicU64,
    pub retired: AtomicU64,
    pub crashed: AtomicU64,
    pub lost_messages: AtomicU64,
    /// What is killed from now on did its work.
    pub closing: AtomicBool,
}

impl Counts {
    pub fn told(&self) -> BrowserWork {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        BrowserWork {
            started: count(&self.started),
            retired: count(&self.retired),
            crashed: count(&self.crashed),
            lost_messages: count(&self.lost_messages),
        }
    }
}
