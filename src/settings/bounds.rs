//! Values that make no sense are refused before anything is visited: a limit of no time would call absent what
//! had no chance to come.

use std::ops::RangeInclusive;

use url::Url;

use super::{Settings, SettingsError};

/// Characters of a contact token, which goes into every request.
const LONGEST_CONTACT: usize = 200;
const DAY_S: u64 = 86_400;

impl Settings {
    /// The first value that is out of its bounds, as an error that names it.
    pub(super) fn check_bounds(&self) -> Result<(), SettingsError> {
        self.check_numbers()?;
        self.discovery.check_bounds()?;
        self.schedule.check_bounds()?;
        self.evidence.check_bounds()?;
        self.retention.check_bounds()?;
        self.check_texts()?;
        self.check_addresses()
    }

    fn check_numbers(&self) -> Result<(), SettingsError> {
        let (run, visit) = (&self.run, &self.visit);
        within("run.concurrency", run.concurrency as u64, 0..=500)?;
        within("run.visits_per_host", run.visits_per_host as u64, 1..=100)?;
        within("run.visits_per_address", run.visits_per_address as u64, 1..=500)?;
        within("run.host_pause_ms", run.host_pause_ms, 0..=600_000)?;
        within("run.outage_wait_s", run.outage_wait_s, 0..=DAY_S)?;
        within("run.retry_after_max_s", run.retry_after_max_s, 0..=DAY_S)?;
        for pause in &run.retry_pauses_s {
            within("run.retry_pauses_s", *pause, 0..=7 * DAY_S)?;
        }
        within("visit.navigation_s", visit.navigation_s, 2..=300)?;
        within("visit.soft_limit_s", visit.soft_limit_s, 2..=300)?;
        let shortest = visit.soft_limit_s.max(visit.navigation_s);
        within("visit.hard_limit_s", visit.hard_limit_s, shortest..=900)?;
        within("visit.watchdog_s", visit.watchdog_s, visit.hard_limit_s..=1800)?;
        within("visit.second_look_ms", visit.second_look_ms, 500..=60_000)?;
        within(
            "visit.picture_height_max",
            visit.picture_height_max.into(),
            1_000..=16_384,
        )?;
        within("visit.picture_quality", visit.picture_quality.into(), 10..=100)?;
        for (key, (width, height)) in [("visit.desktop", visit.desktop), ("visit.mobile", visit.mobile)] {
            within(key, width.into(), 240..=4_000)?;
            within(key, height.into(), 240..=4_000)?;
        }
        within("browser.processes", self.browser.processes as u64, 0..=100)?;
        within(
            "browser.retire_after",
            self.browser.retire_after.into(),
            1..=100_000,
        )?;
        within(
            "browser.script_memory_mib",
            self.browser.script_memory_mib.into(),
            128..=8_192,
        )
    }

    /// What goes into headers. The browser refuses control characters there, and the visitor would lose its
    /// whole identity with them.
    fn check_texts(&self) -> Result<(), SettingsError> {
        let contact = self.visit.contact.as_deref().unwrap_or_default();
        let texts = [
            ("visit.contact", contact),
            ("visit.locale", &self.visit.locale),
            ("visit.time_zone", &self.visit.time_zone),
        ];
        for (key, text) in texts {
            if text.chars().any(char::is_control) || text.chars().count() > LONGEST_CONTACT {
                return Err(SettingsError::BadText { key });
            }
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), SettingsError> {
        let addresses = self
            .network
            .control_urls
            .iter()
            .map(|url| ("network.control_urls", url));
        let script = std::iter::once(("emc.script_url", &self.emc.script_url));
        let stamps = self.evidence.timestamp_authorities.iter();
        let stamps = stamps.map(|url| ("evidence.timestamp_authorities", url));
        for (key, address) in addresses.chain(script).chain(stamps) {
            let web = Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !web {
                return Err(SettingsError::NoAddress {
                    key,
                    value: address.clone(),
                });
            }
        }
        Ok(())
    }
}

pub(super) fn within(
    key: &'static str,
    value: u64,
    bounds: RangeInclusive<u64>,
) -> Result<(), SettingsError> {
    if bounds.contains(&value) {
        return Ok(());
    }
    let (least, most) = bounds.into_inner();
    Err(SettingsError::OutOfBounds {
        key,
        value,
        least,
        most,
    })
}
