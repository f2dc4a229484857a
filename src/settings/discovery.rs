//! `[discovery]`: how far the component sites of a portal are looked for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::bounds::within;

const DAY_S: u64 = 86_400;

/// Bounds of one search; each of them ends it in good order, and what was found until then is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscoverySettings {
    /// Pages of each portal that are read because they may list its units, its home page left aside.
    pub pages_max: usize,
    /// Sites that are visited for each portal.
    pub sites_max: usize,
    /// Files of each portal's site map, and the bytes that are read of each.
    pub site_maps_max: usize,
    pub site_map_bytes_max: u64,
    /// Usual names that are asked for below each portal's domain; 0: none.
    pub names_max: usize,
    pub names_per_s: u32,
    /// How long a page is waited for that has not yet shown what it is asked for.
    pub soft_limit_s: u64,
    /// The whole search.
    pub time_max_s: u64,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            pages_max: 40,
            sites_max: 600,
            site_maps_max: 20,
            site_map_bytes_max: 8 << 20,
            names_max: 600,
            names_per_s: 10,
            soft_limit_s: 5,
            time_max_s: 3600,
        }
    }
}

impl DiscoverySettings {
    pub fn time_max(&self) -> Duration {
        Duration::from_secs(self.time_max_s)
    }

    pub(super) fn check_bounds(&self) -> Result<(), SettingsError> {
        within("discovery.pages_max", self.pages_max as u64, 0..=2_000)?;
        within("discovery.sites_max", self.sites_max as u64, 1..=20_000)?;
        within("discovery.site_maps_max", self.site_maps_max as u64, 0..=1_000)?;
        within(
            "discovery.site_map_bytes_max",
            self.site_map_bytes_max,
            1_024..=(64 << 20),
        )?;
        within("discovery.names_max", self.names_max as u64, 0..=20_000)?;
        within("discovery.names_per_s", self.names_per_s.into(), 1..=200)?;
        within("discovery.soft_limit_s", self.soft_limit_s, 2..=300)?;
        within("discovery.time_max_s", self.time_max_s, 10..=7 * DAY_S)
    }
}
