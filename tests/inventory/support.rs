//! Lists made on the fly, and short ways to read them.

pub use std::path::{Path, PathBuf};

pub use calamine::Reader as _;
pub use emc_audit::commands::list::{CheckError, check_list, new_template};
pub use emc_audit::inventory::{
    FileProblem, ListError, Problem, ReadOptions, RemarkKind, SiteList, WriteError, examine, read_list,
};
pub use emc_audit::language::Language;
pub use emc_audit::site::{ListedSite, Role, SiteState};
pub use rust_xlsxwriter::{Format, Formula, Url, Workbook, Worksheet};
pub use tempfile::TempDir;

pub fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lists")
        .join(name)
}

pub struct Folder(pub TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs_err::write(&path, content).unwrap();
        path
    }

    pub fn book(&self, fill: impl FnOnce(&mut Workbook)) -> PathBuf {
        let path = self.path("list.xlsx");
        let mut book = Workbook::new();
        fill(&mut book);
        book.save(&path).unwrap();
        path
    }
}

pub fn strict(path: &Path) -> Result<SiteList, ListError> {
    read_list(path, &ReadOptions::default())
}

pub fn read(path: &Path) -> SiteList {
    strict(path).unwrap_or_else(|error| panic!("{}", error.text(Language::Vietnamese)))
}

pub fn read_text(text: &str) -> Result<SiteList, ListError> {
    let folder = Folder::new();
    strict(&folder.file("list.csv", text))
}

pub fn file_problem(result: Result<SiteList, ListError>) -> FileProblem {
    match result {
        Err(ListError::File { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

pub fn sites(list: &SiteList) -> Vec<String> {
    list.sites.iter().map(|listed| listed.site.to_string()).collect()
}

pub fn portals(list: &SiteList) -> Vec<Option<String>> {
    let text = |listed: &ListedSite| listed.portal.as_ref().map(ToString::to_string);
    list.sites.iter().map(text).collect()
}

pub fn row(sheet: &mut Worksheet, at: u32, texts: &[&str]) {
    for (column, text) in (0..).zip(texts) {
        if !text.is_empty() {
            sheet.write_string(at, column, *text).unwrap();
        }
    }
}
