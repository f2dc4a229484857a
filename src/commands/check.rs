//! `emc-audit check`: audit one address, without a list.

use super::auditing::{Auditor, exit_code, json_lines, to_stdout};
use super::{CommandError, error, usage};
use crate::bundle::{RunKind, RunList};
use crate::cli::{CheckArguments, Cli, EXIT_INTERRUPTED};
use crate::dispatch::Beginning;
use crate::report;
use crate::site::{ListedSite, Role, SiteId, parse_address};

/// Audits the address; the value is the exit code.
pub(super) fn check(cli: &Cli, arguments: &CheckArguments) -> Result<u8, CommandError> {
    let list = list(arguments)?;
    let auditor = Auditor::new(cli, &arguments.visiting)?;
    let Some(summary) = auditor.audit(list, Beginning::New(RunKind::Check))? else {
        return Ok(EXIT_INTERRUPTED);
    };
    to_stdout(|out| {
        if arguments.visiting.json {
            return json_lines(&summary.results, out);
        }
        let emc = &summary.record.judged_by.emc;
        let repairs = report::Repairs::new(&summary.results, emc, cli.lang);
        for result in &summary.results {
            let text = report::site_text(result, &repairs, &summary.folder, &auditor.rules, cli.lang);
            out.write_all(text.as_bytes())?;
        }
        auditor.write_only(out)
    })?;
    Ok(exit_code(&summary))
}

/// The site, and its portal to compare with.
fn list(arguments: &CheckArguments) -> Result<RunList, CommandError> {
    let portal = arguments
        .portal
        .as_deref()
        .map(|portal| listed(portal, Role::Portal))
        .transpose()?;
    // Without a portal nothing is asked about one.
    let role = if portal.is_some() {
        Role::Component
    } else {
        Role::Portal
    };
    let mut site = listed(&arguments.url, role)?;
    if portal.as_ref().is_some_and(|portal| portal.site == site.site) {
        return Err(usage(error("own_portal").with("site", &site.site)));
    }
    site.portal = portal.as_ref().map(|portal| portal.site.clone());
    site.emc_site_ids.clone_from(&arguments.emc_site_id);
    Ok(RunList {
        sites: vec![site],
        references: portal.into_iter().collect(),
        ..RunList::default()
    })
}

fn listed(text: &str, role: Role) -> Result<ListedSite, CommandError> {
    let url = parse_address(text).map_err(usage)?;
    Ok(ListedSite {
        url: url.to_string(),
        scheme_given: text.contains("://"),
        ..ListedSite::new(SiteId::from_url(&url), role)
    })
}
