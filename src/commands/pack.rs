//! `emc-audit pack`: one ZIP with all that is kept of a site, for its agency.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::auditing::to_stdout;
use super::judge::judge_of;
use super::{CommandError, Complaint, error, failed_to, open_run, refuse_touched, usage};
use crate::cli::{Cli, EXIT_PASS, PackArguments};
use crate::history::Past;
use crate::report::{Report, pack, read_results, time_for_people};
use crate::site::{SiteId, parse_address};

/// Writes the package; the value is the exit code.
pub(super) fn pack_site(cli: &Cli, arguments: &PackArguments) -> Result<u8, CommandError> {
    let (folder, record) = open_run(&arguments.out, &arguments.run)?;
    let results = read_results(&folder.path().join("results.jsonl")).map_err(failed_to("read_run"))?;
    let site = SiteId::from_url(&parse_address(&arguments.site).map_err(usage)?);
    let result = results
        .iter()
        .find(|result| result.site == site)
        .ok_or_else(|| usage(error("no_line").with("site", &site).with("run", &record.run)))?;
    refuse_touched(&folder.site_path(&site), |_| true)?;
    let removed = folder.removed().map_err(failed_to("read_run"))?;
    if let Some(tombstone) = removed.get(&site).and_then(|visits| visits.last()) {
        let complaint = error("pack_removed").with("site", &site).with("run", &record.run);
        return Err(usage(complaint.with("at", time_for_people(&tombstone.at))));
    }
    let judge = judge_of(&folder, &record, None, None)?;
    let report = Report {
        record: &record,
        results: &results,
        rules: &judge.terms().rules,
        profile: &judge.terms().profile,
        language: cli.lang,
        removed: BTreeMap::new(),
        // What others did is none of this agency's business.
        past: &Past::default(),
        rechecked: &[],
    };
    let name = format!("{}-{}.zip", site.folder_name(), record.run);
    let path = arguments.to.clone().unwrap_or_else(|| PathBuf::from(name));
    // Written beside its place: a package that is there is whole.
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let file = tempfile::NamedTempFile::new_in(beside.unwrap_or(".".as_ref())).map_err(|cause| {
        let doing = error("write_file").with("path", path.display());
        usage(Complaint::from(cause).during(&doing))
    })?;
    let file = pack(&report, &folder, result, file).map_err(failed_to("pack"))?;
    super::auditing::publish(file, &path)?;
    to_stdout(|out| writeln!(out, "{}", path.display()))?;
    Ok(EXIT_PASS)
}
