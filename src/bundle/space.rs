//! Room on the disk: a run that would fill it does not begin.

use std::path::Path;

/// Bytes that visits of one site take, with those that confirm: a measured median of 0.7 MB a visit, three
/// times that for long pages.
const PER_SITE: u64 = 4 << 20;
/// What a run takes besides, and what the machine needs to go on.
const BESIDES: u64 = 200 << 20;

/// An estimate of what a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceNeeded(u64);

impl SpaceNeeded {
    pub fn for_sites(sites: usize) -> Self {
        let sites = u64::try_from(sites).unwrap_or(u64::MAX);
        Self(sites.saturating_mul(PER_SITE).saturating_add(BESIDES))
    }

    pub fn fits(self, free: u64) -> bool {
        self.0 <= free
    }

    pub fn mib(self) -> u64 {
        self.0 >> 20
    }
}

/// Bytes that an ordinary user may still write below `path`.
pub fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_four_hundred_sites_wants_under_two_gibibytes() {
        let needed = SpaceNeeded::for_sites(400);
        assert!(needed.fits(2 << 30) && !needed.fits(1 << 30));
    }
}
