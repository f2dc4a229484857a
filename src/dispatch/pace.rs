//! How many visits go on at once. Most of a visit is waiting: for answers, for what might still appear, for the
//! second look. While the processor is idle more visits are let in than it could carry if all of them worked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Between two readings of the processor.
const PERIOD: Duration = Duration::from_millis(400);
/// Below this share of busy time another visit is let in; above the second, one fewer than there were.
const IDLE: f64 = 0.75;
const BUSY: f64 = 0.9;
/// Memory that has to be free for one more page, KiB; a page of a browser takes a fifth of it.
const FREE_KIB: u64 = 1 << 20;

/// The slots of visits: a fixed number, or as many as the processor has time for.
#[derive(Debug)]
pub(super) struct Pace {
    slots: Arc<Semaphore>,
    least: usize,
    most: usize,
    width: Mutex<Width>,
}

#[derive(Debug)]
struct Width {
    slots: usize,
    /// Slots that are to go when they are given back.
    surplus: usize,
    read: Reading,
    at: Instant,
}

/// A visit's place among those that go on.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    pace: &'a Pace,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// Never fewer than `least` slots, and never more than `most`.
    pub(super) fn new(least: usize, most: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(least)),
            least,
            most: most.max(least),
            width: Mutex::new(Width {
                slots: least,
                surplus: 0,
                read: Reading::take(),
                at: Instant::now(),
            }),
        }
    }

    /// Waits for a place that counts as `weight` of them.
    pub(super) async fn slot(&self, weight: u32) -> Slot<'_> {
        let weight = weight.min(u32::try_from(self.least).unwrap_or(u32::MAX)).max(1);
        let acquire = Arc::clone(&self.slots).acquire_many_owned(weight);
        tokio::pin!(acquire);
        loop {
            tokio::select! {
                // Nobody closes it.
                permit = &mut acquire => return Slot { pace: self, permit: permit.ok() },
                () = tokio::time::sleep(PERIOD) => self.steer(),
            }
        }
    }

    /// Reads how busy the processor was since the last time, and lets one more in, or one fewer.
    fn steer(&self) {
        let mut width = self.width.lock().unwrap_or_else(PoisonError::into_inner);
        if self.least == self.most || width.at.elapsed() < PERIOD {
            return;
        }
        let now = Reading::take();
        let busy = now.busy_since(&width.read, width.at.elapsed());
        (width.read, width.at) = (now, Instant::now());
        let Some(busy) = busy else {
            return;
        };
        if busy > BUSY && width.slots - width.surplus > self.least {
            width.surplus += 1;
        } else if busy < IDLE && width.surplus > 0 {
            width.surplus -= 1;
        } else if busy < IDLE && width.slots < self.most && free_kib().is_none_or(|free| free > FREE_KIB) {
            width.slots += 1;
            self.slots.add_permits(1);
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else {
            return;
        };
        let mut width = self.pace.width.lock().unwrap_or_else(PoisonError::into_inner);
        let going = width.surplus.min(permit.num_permits());
        if let Some(surplus) = permit.split(going) {
            surplus.forget();
            width.surplus -= going;
            width.slots -= going;
        }
    }
}

/// What the processor had done at a moment; what the system does not say is missing.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Busy and all time of all cores, ticks (`/proc/stat`).
    ticks: Option<(u64, u64)>,
    /// Time used by this control group, a container most often, microseconds (`cpu.stat`).
    group_us: Option<u64>,
}

impl Reading {
    fn take() -> Self {
        let read = |path| std::fs::read_to_string(path).ok();
        Self {
            ticks: read("/proc/stat").as_deref().and_then(ticks_of),
            group_us: read("/sys/fs/cgroup/cpu.stat").as_deref().and_then(used_of),
        }
    }

    /// The busy share of the processor, or of what this container may have of it: whichever is shorter of time.
    fn busy_since(&self, before: &Self, elapsed: Duration) -> Option<f64> {
        let of_machine = self.ticks.zip(before.ticks).and_then(|(now, then)| {
            let all = now.1.saturating_sub(then.1);
            (all > 0).then(|| share(now.0.saturating_sub(then.0), all))
        });
        let of_group = self.group_us.zip(before.group_us).map(|(now, then)| {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let may_use = elapsed.as_micros().saturating_mul(cores as u128);
            share(
                now.saturating_sub(then),
                u64::try_from(may_use).unwrap_or(u64::MAX),
            )
        });
        match (of_machine, of_group) {
            (Some(machine), Some(group)) => Some(machine.max(group)),
            (machine, group) => machine.or(group),
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Busy and all ticks of the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal.
fn ticks_of(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line
        .split_ascii_whitespace()
        .take(8)
        .map_while(|field| field.parse().ok())
        .collect();
    let idle = ticks.get(3)? + ticks.get(4)?;
    let all: u64 = ticks.iter().sum();
    Some((all - idle, all))
}

fn used_of(stat: &str) -> Option<u64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("usage_usec "))?;
    line.trim().parse().ok()
}

/// Memory that programs may still take, KiB.
fn free_kib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn idle_and_waiting_for_disks_are_not_busy() {
        let stat = "cpu  100 5 45 700 140 3 7 0 0 0\ncpu0 1 2 3 4\n";
        assert_eq!(ticks_of(stat), Some((160, 1000)));
        assert_eq!(ticks_of("intr 5"), None);
        assert_eq!(ticks_of("cpu  1 2"), None);
    }

    #[test]
    fn a_container_that_used_up_its_share_is_busy_on_an_idle_machine() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        let reading = |busy, all, group| Reading {
            ticks: Some((busy, all)),
            group_us: Some(group),
        };
        let (before, now) = (reading(0, 0, 0), reading(10, 100, 1_000_000 * cores));
        let busy = now.busy_since(&before, Duration::from_secs(1)).unwrap();
        assert!((busy - 1.0).abs() < 1e-9, "{busy}");
        let unknown = Reading {
            ticks: None,
            group_us: None,
        };
        assert_eq!(unknown.busy_since(&before, Duration::from_secs(1)), None);
    }

    #[tokio::test]
    async fn what_is_let_in_goes_out_again_and_the_least_stay() {
        let pace = Pace::new(2, 4);
        pace.slots.add_permits(1);
        {
            let mut width = pace.width.lock().unwrap();
            (width.slots, width.surplus) = (3, 1);
        }
        let heavy = pace.slot(2).await;
        drop(heavy);
        assert_eq!(pace.slots.available_permits(), 2);
        assert_eq!(pace.width.lock().unwrap().slots, 2);
        assert_eq!(pace.width.lock().unwrap().surplus, 0);
    }

    #[tokio::test]
    async fn a_visit_that_weighs_more_than_there_are_slots_gets_them_all() {
        let pace = Pace::new(1, 1);
        drop(pace.slot(2).await);
        assert_eq!(pace.slots.available_permits(), 1);
    }
}
