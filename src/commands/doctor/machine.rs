//! What the machine has: fonts, sandbox, shared memory, disk, write access.

use std::path::Path;
use std::process::Command;

use super::Remark;
use crate::bundle::{SpaceNeeded, free_bytes};
use crate::commands::Complaint;
use crate::inventory::SiteList;
use crate::retention::plan;
use crate::settings::RetentionSettings;

/// Chromium wants about this much for its pages.
const SHARED_MEMORY_MIB: u64 = 512;
/// Sites that a run is reckoned with where no list is given.
const SITES_GUESSED: usize = 400;

pub(super) fn look_at(out: &Path, list: Option<&SiteList>, retention: &RetentionSettings) -> Vec<Remark> {
    vec![
        fonts(),
        sandbox(),
        shared_memory(),
        write_access(out),
        space(out, list.map_or(SITES_GUESSED, |list| list.sites.len())),
        evidence(out, retention),
    ]
}

/// How much the evidence of earlier runs takes, and how much of it is over its time.
fn evidence(out: &Path, retention: &RetentionSettings) -> Remark {
    match plan(out, retention, jiff::Timestamp::now()) {
        Ok(plan) => {
            let (freed, kept) = plan.bytes();
            Remark::good("evidence")
                .with("runs", plan.runs.len())
                .with("mib", (freed + kept) >> 20)
                .with("freed", freed >> 20)
        }
        Err(error) => {
            Remark::warning("evidence_unknown").with_message("error", Complaint::from(error).in_one_line())
        }
    }
}

/// Pictures with boxes instead of letters are no evidence.
fn fonts() -> Remark {
    let listed = Command::new("fc-list").args([":lang=vi", "family"]).output();
    match listed {
        Ok(listed) if listed.status.success() && !listed.stdout.is_empty() => {
            let families = String::from_utf8_lossy(&listed.stdout).lines().count();
            Remark::good("fonts_good").with("families", families)
        }
        Ok(_) => Remark::problem("fonts_none"),
        Err(_) => Remark::warning("fonts_unknown"),
    }
}

fn sandbox() -> Remark {
    if rustix::process::geteuid().is_root() {
        return Remark::warning("sandbox_root");
    }
    // Where ordinary users may make no namespaces, Chromium has no sandbox to work in.
    let works = Command::new("unshare")
        .args(["--user", "--map-root-user", "true"])
        .output();
    match works {
        Ok(works) if works.status.success() => Remark::good("sandbox_good"),
        Ok(_) => Remark::problem("sandbox_forbidden"),
        Err(_) => Remark::warning("sandbox_unknown"),
    }
}

fn shared_memory() -> Remark {
    match free_bytes(Path::new("/dev/shm")) {
        Ok(free) if free >> 20 >= SHARED_MEMORY_MIB => {
            Remark::good("shared_memory_good").with("mib", free >> 20)
        }
        Ok(free) => Remark::warning("shared_memory_small")
            .with("mib", free >> 20)
            .with("wanted", SHARED_MEMORY_MIB),
        Err(error) => Remark::warning("shared_memory_none").with("error", error),
    }
}

fn write_access(out: &Path) -> Remark {
    let tried = fs_err::create_dir_all(out).and_then(|()| {
        tempfile::Builder::new()
            .prefix(".doctor-")
            .tempfile_in(out)
            .map(drop)
    });
    match tried {
        Ok(()) => Remark::good("write_good").with("folder", out.display()),
        Err(error) => Remark::problem("write_denied")
            .with("folder", out.display())
            .with("error", error),
    }
}

fn space(out: &Path, sites: usize) -> Remark {
    let needed = SpaceNeeded::for_sites(sites);
    match free_bytes(out) {
        Ok(free) => {
            let remark = if needed.fits(free) {
                Remark::good("space_good")
            } else {
                Remark::problem("space_short")
            };
            remark
                .with("free", free >> 20)
                .with("needed", needed.mib())
                .with("sites", sites)
        }
        Err(error) => Remark::warning("space_unknown").with("error", error),
    }
}
