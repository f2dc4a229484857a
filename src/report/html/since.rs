//! Pages as they would be written now, one at a time, and what was seen since the run: for a server that shows
//! them between two writings of the files.

use askama::Template;

use super::super::exhibits::Exhibits;
use super::super::time;
use super::{Report, ReportError, Word, file_name, link};
use crate::site::SiteId;
use crate::verdict::{SiteResult, Verdict};

/// What a recheck said of a site after the run. It stands beside the run's own result.
#[derive(Debug, Clone)]
pub struct Rechecked {
    pub site: SiteId,
    /// The recheck.
    pub run: String,
    /// RFC 3339, UTC: when it saw the site.
    pub at: String,
    /// With what people decided about it.
    pub verdict: Verdict,
}

/// One recheck, in words.
pub(super) struct RecheckView<'a> {
    pub page: String,
    pub name: &'a str,
    pub at: String,
    pub was: Word,
    pub now: Word,
}

impl Report<'_> {
    /// Rechecks of the sites for which `is_meant` holds. `root` leads from the page to the run's folder.
    pub(super) fn rechecks(&self, root: &str, is_meant: impl Fn(&SiteId) -> bool) -> Vec<RecheckView<'_>> {
        let meant = self.rechecked.iter().filter(|one| is_meant(&one.site));
        let views = meant.filter_map(|one| {
            let result = self.results.iter().find(|result| result.site == one.site)?;
            Some(RecheckView {
                page: link(&format!(
                    "{root}/../{}/report/sites/{}",
                    one.run,
                    file_name(result)
                )),
                name: &result.name,
                at: time::for_people(&one.at),
                was: self.verdict(result.reviewed.unwrap_or(result.verdict)),
                now: self.verdict(one.verdict),
            })
        });
        views.collect()
    }

    pub(in crate::report) fn first_page(
        &self,
        root: &str,
        files: &[Exhibits],
    ) -> Result<String, ReportError> {
        Ok(self.index(&self.groups(files), root).render()?)
    }

    /// The page of a portal by its name in the folder of such pages, where there is one.
    pub(in crate::report) fn page_of_portal(
        &self,
        name: &str,
        root: &str,
        files: &[Exhibits],
    ) -> Result<Option<String>, ReportError> {
        let groups = self.groups(files);
        let group = groups.iter().find(|group| group.file == name);
        let page = group.map(|group| self.portal_page(group, &format!("../{root}")).render());
        Ok(page.transpose()?)
    }

    pub(in crate::report) fn page_of_site(
        &self,
        result: &SiteResult,
        root: &str,
        files: &Exhibits,
    ) -> Result<String, ReportError> {
        let repairs = self.repairs();
        let page = self.site_page(result, files, &format!("../{root}"), &repairs);
        Ok(page.render()?)
    }
}
