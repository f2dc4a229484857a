//! `report/index.html`: opens from the disk and asks no server for anything.
//!
//! All text of a page is escaped by the templates, and the policy in each file forbids everything but its
//! own style, its own script by their sums, and the pictures beside it. Without the script numbers, portals
//! and sites are there to read; it adds the table of all sites, and pictures that open large.

mod calls;
mod chart;
mod course;
mod data;
mod details;
mod index;
mod pack;
mod portal;
mod review;
mod since;
mod site;
mod tally;
mod visited;

pub use since::Rechecked;

use std::collections::BTreeMap;
use std::path::Path;

use askama::Template;
use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::exhibits::Exhibits;
use super::repair::Repairs;
use super::summary::only_text;
use crate::bundle::RunRecord;
use crate::history::Past;
use crate::language::{Language, Sentence, word};
use crate::rules::{Profile, Rules};
use crate::site::SiteId;
use crate::verdict::SiteResult;

const STYLE: &str = include_str!("style.css");
/// Filters and sorts the sites of the first page.
const TABLE_SCRIPT: &str = include_str!("table.js");
/// Opens the pictures of a site's page large.
const PICTURE_SCRIPT: &str = include_str!("lightbox.js");

/// What every page of a report is made from.
#[derive(Debug)]
pub struct Report<'a> {
    pub record: &'a RunRecord,
    pub results: &'a [SiteResult],
    pub rules: &'a Rules,
    pub profile: &'a Profile,
    pub language: Language,
    /// Sites whose visits were removed, and when: their files are named, and not linked.
    pub removed: BTreeMap<SiteId, String>,
    /// What earlier runs said; its default where nothing is known of them.
    pub past: &'a Past,
    /// Rechecks since the run; none in the files of a run.
    pub rechecked: &'a [Rechecked],
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("failed to write the report: {0}")]
    Io(#[from] std::io::Error),
    #[error("failed to fill a page of the report: {0}")]
    Template(#[from] askama::Error),
}

/// A small picture, and what opens when it is clicked on.
#[derive(Debug)]
struct ThumbView {
    link: String,
    whole: String,
    caption: String,
    class: &'static str,
}

/// A status or verdict as its class and its word.
#[derive(Debug)]
struct Word {
    class: &'static str,
    word: String,
}

impl Report<'_> {
    /// Writes the pages into `place`; the run's files are linked relative to it as `root` says (`..` for
    /// a folder in the run's own).
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, place: &Path, root: &str, files: &[Exhibits]) -> Result<(), ReportError> {
        let sites = place.join("sites");
        fs_err::create_dir_all(&sites)?;
        let repairs = self.repairs();
        for (result, files) in self.results.iter().zip(files) {
            // A copy: the facts that a page shows are not held open for all pages.
            let page = self
                .site_page(&result.clone(), files, &format!("../{root}"), &repairs)
                .render()?;
            write(&sites.join(file_name(result)), &page)?;
        }
        let portals = place.join("portals");
        fs_err::create_dir_all(&portals)?;
        let groups = self.groups(files);
        for group in &groups {
            let page = self.portal_page(group, &format!("../{root}")).render()?;
            write(&portals.join(&group.file), &page)?;
        }
        write(&place.join("index.html"), &self.index(&groups, root).render()?)
    }

    /// What to do about the findings of this run.
    fn repairs(&self) -> Repairs<'_> {
        Repairs::new(self.results, &self.record.judged_by.emc, self.language)
    }

    /// That the run judged only some checks, if it did.
    pub(super) fn only(&self) -> Option<String> {
        only_text(self.record.judged_by.only.as_deref(), self.rules, self.language)
    }

    /// `root` leads from the page to the run's folder.
    fn thumbs(&self, files: &Exhibits, root: &str) -> Vec<ThumbView> {
        let thumbs = files.thumbs.iter().map(|thumb| ThumbView {
            link: link(&format!("{root}/{}", thumb.path)),
            whole: link(&format!("{root}/{}", thumb.whole)),
            caption: self.caption(thumb.caption, thumb.visit),
            class: if thumb.kind == 0 { "top" } else { "strip" },
        });
        thumbs.collect()
    }

    fn caption(&self, key: &'static str, visit: u32) -> String {
        Sentence::new("report", key)
            .with("visit", visit)
            .text(self.language)
    }

    pub(super) fn say<'k>(&self, section: &str, key: &'k str) -> &'k str {
        word(section, key, self.language)
    }
}

fn write(path: &Path, page: &str) -> Result<(), ReportError> {
    Ok(fs_err::write(path, page)?)
}

/// The page of a site, beside those of the others.
pub(super) fn file_name(result: &SiteResult) -> String {
    format!("{}.html", result.site.folder_name())
}

/// A relative address, whatever characters are in the name of a folder.
fn link(path: &str) -> String {
    let kept = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(byte);
    path.bytes()
        .map(|byte| {
            if kept(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Nothing but the style, the script and the icon that are in the file, and pictures from the disk.
fn policy(script: Option<&str>) -> String {
    let sum = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
    let script = script.map_or_else(String::new, |script| {
        format!("script-src 'sha256-{}'; ", sum(script))
    });
    format!(
        "default-src 'none'; img-src 'self' file: data:; {script}style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        sum(STYLE)
    )
}

#[cfg(test)]
mod tests;
