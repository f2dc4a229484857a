//! How to mend what a check found: made from the evidence of the finding and from the system that the site
//! runs on. The texts are in `repair.toml`; what is to be pasted is made here.

mod badge;
mod emc;
mod links;
mod plan;
mod snippet;

use std::collections::HashMap;

use crate::emc::EmcSettings;
use crate::language::Language;
use crate::rules::CheckId;
use crate::site::SiteId;
use crate::verdict::{Finding, SiteResult, Status};

use plan::Plan;

/// What to do about one finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repair {
    pub text: String,
    pub pastes: Vec<Paste>,
    /// Where it is done in the site's system.
    pub place: Option<String>,
}

/// Something to paste, or to look for, with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paste {
    pub caption: String,
    pub code: String,
}

impl Repair {
    /// What to do, and where.
    pub fn lines(&self) -> Vec<&str> {
        let place = self.place.iter().map(String::as_str);
        std::iter::once(self.text.as_str()).chain(place).collect()
    }

    /// Everything to paste, each under its caption.
    pub fn code(&self) -> String {
        let blocks = self
            .pastes
            .iter()
            .map(|paste| format!("{}:\n{}", paste.caption, paste.code));
        blocks.collect::<Vec<_>>().join("\n\n")
    }
}

/// Makes the repairs of a run.
#[derive(Debug)]
pub struct Repairs<'a> {
    sites: HashMap<&'a SiteId, &'a SiteResult>,
    emc: &'a EmcSettings,
    language: Language,
}

impl<'a> Repairs<'a> {
    /// `results` are the sites that a link may have to lead to.
    pub fn new(results: &'a [SiteResult], emc: &'a EmcSettings, language: Language) -> Self {
        Self {
            sites: results.iter().map(|result| (&result.site, result)).collect(),
            emc,
            language,
        }
    }

    /// What to do about a finding that fails or that a person must see; nothing for others.
    pub fn of(&self, result: &SiteResult, finding: &Finding) -> Option<Repair> {
        if !matches!(finding.status, Status::Fail | Status::Review) {
            return None;
        }
        let check: CheckId = finding.check.parse().ok()?;
        let mut plan = Plan::new(finding, self.language);
        match check {
            CheckId::EmcScript => self.script(&mut plan, result),
            CheckId::EmcBeacon => self.beacon(&mut plan, result),
            CheckId::EmcSiteId => self.site_id(&mut plan, result),
            CheckId::EmcBadge => self.badge(&mut plan),
            CheckId::LinksComponents => self.links_to_components(&mut plan),
            CheckId::LinksPortal => self.link_to_portal(&mut plan),
            CheckId::LookHeader | CheckId::LookFooter => links::colours(&mut plan),
            CheckId::SiteAvailable => {}
        }
        let unconfirmed =
            finding.status == Status::Review && check.status_of(&finding.code) == Some(Status::Fail);
        plan.finish(check, result.system.as_ref(), unconfirmed)
    }
}

#[cfg(test)]
mod tests;
