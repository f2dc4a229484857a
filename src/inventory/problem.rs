//! What can be wrong with a list, and what is worth a remark. The sentences are in `words`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::language::Language;
use crate::site::{Role, SiteId};

/// A row of the file, for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RowPlace {
    /// Name of the sheet; `None` for CSV.
    pub sheet: Option<Arc<str>>,
    /// Line of the file or row of the sheet, from 1.
    pub line: u32,
}

/// One thing wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    pub place: RowPlace,
    /// The heading as in the file; `None` if the list has no such column.
    pub column: Option<String>,
    /// What stands there.
    pub value: String,
    pub problem: Problem,
}

/// Why a row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    NoAddress {
        /// The file is an XLS, where an address under a text cannot be seen.
        links_unread: bool,
    },
    Scheme(String),
    NotAnAddress,
    MailAddress,
    UnknownRole,
    RoleUnclear,
    PortalIsItself,
    PortalIsComponent(RowPlace),
    PortalUnknown,
    /// No portal is named, and the list has this many that it could be.
    PortalUnclear(usize),
    /// The site is listed already, there.
    Duplicate(RowPlace),
    UnknownState,
    ExemptWithoutNote,
    SiteIdNotANumber,
    SiteIdZero,
    /// The other address is that of the site listed there.
    AliasIsListed(RowPlace),
    TooManyAddresses(usize),
    /// An example that came with the template.
    Example,
}

/// Something a person may want to know; the row (if there is one) is used unless the kind says not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `None`: about the file or a whole sheet.
    pub place: Option<RowPlace>,
    pub kind: RemarkKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemarkKind {
    /// The unit has no site yet; the row is left out.
    NoSiteYet {
        name: String,
    },
    /// A bad row that was left out on request.
    LeftOut(Box<RowProblem>),
    SheetWithoutHeading {
        sheet: String,
    },
    HiddenSheet {
        sheet: String,
    },
    UnknownColumns {
        sheet: Option<Arc<str>>,
        headings: Vec<String>,
    },
    SpareColumns {
        sheet: Option<Arc<str>>,
        headings: Vec<String>,
    },
    /// Signatures and notes under the table.
    TextBelowTable {
        text: String,
    },
    AddressFromLink {
        address: String,
    },
    LinkDiffers {
        link: String,
    },
    TextIgnored {
        text: String,
    },
    SeveralAddresses {
        aliases: Vec<SiteId>,
    },
    RoleDerived(Role),
    PortalDerived(SiteId),
    /// A portal names another portal as its own.
    PortalIgnored {
        named: String,
    },
    /// Not listed: visited for comparison and not judged.
    ReferencePortal(SiteId),
    SameSiteId {
        id: u64,
        first: RowPlace,
    },
}

/// Why a file is no list at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileProblem {
    CannotOpen(String),
    NotThere,
    NoAccess,
    Folder,
    TooLarge {
        limit: u64,
    },
    /// Small on disk, huge when unpacked or spread out; `limit` in bytes or cells.
    TooMuchInside {
        limit: u64,
    },
    TooManyRows {
        limit: usize,
    },
    UnknownEncoding {
        line: Option<u32>,
    },
    UnclosedQuote {
        line: u32,
    },
    /// Not CSV, XLSX or XLS: what it is.
    OtherFormat(&'static str),
    PasswordProtected,
    Damaged(String),
    NoHeading {
        known: Vec<String>,
        unknown: Vec<String>,
    },
    Empty,
}

/// The list cannot be used: because of the file, or because of rows, all of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListError {
    File {
        path: PathBuf,
        problem: FileProblem,
    },
    Rows {
        path: PathBuf,
        problems: Vec<RowProblem>,
    },
}

impl ListError {
    /// For people: one line for each problem.
    pub fn text(&self, language: Language) -> String {
        super::words::list_error(self, language)
    }

    /// The rows that are wrong; empty if the file itself is.
    pub fn row_problems(&self) -> &[RowProblem] {
        match self {
            Self::File { .. } => &[],
            Self::Rows { problems, .. } => problems,
        }
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for ListError {}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}
