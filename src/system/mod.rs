//! What a site runs on, recognised from what a visit saw of its page, so that a repair can say where to
//! click. A guess for people: no check and no verdict rests on it.

mod facts;
mod recognise;
mod signs;

pub use recognise::recognise;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A content system, by the words that results use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SystemKind {
    #[serde(rename = "opencps")]
    OpenCps,
    VnptPortal,
    Liferay,
    #[serde(rename = "dotnetnuke")]
    DotNetNuke,
    #[serde(rename = "sharepoint")]
    SharePoint,
    #[serde(rename = "wordpress")]
    WordPress,
    Joomla,
    Drupal,
    #[serde(rename = "nukeviet")]
    NukeViet,
    #[serde(rename = "nextjs")]
    NextJs,
    /// PHP without any of the above.
    Php,
    /// Nothing that is known here.
    General,
}

impl SystemKind {
    /// Those that stand on another one before it: what `OpenCps` shows, Liferay shows too.
    pub const ALL: [Self; 12] = [
        Self::OpenCps,
        Self::VnptPortal,
        Self::Liferay,
        Self::DotNetNuke,
        Self::SharePoint,
        Self::WordPress,
        Self::Joomla,
        Self::Drupal,
        Self::NukeViet,
        Self::NextJs,
        Self::Php,
        Self::General,
    ];

    /// The word that results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenCps => "opencps",
            Self::VnptPortal => "vnpt_portal",
            Self::Liferay => "liferay",
            Self::DotNetNuke => "dotnetnuke",
            Self::SharePoint => "sharepoint",
            Self::WordPress => "wordpress",
            Self::Joomla => "joomla",
            Self::Drupal => "drupal",
            Self::NukeViet => "nukeviet",
            Self::NextJs => "nextjs",
            Self::Php => "php",
            Self::General => "general",
        }
    }
}

/// The system of a site with the sign that it was known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct System {
    pub name: SystemKind,
    /// In the page's own terms: `generator: Joomla! …`, `/wp-includes/…`; `null` where there was none.
    pub sign: Option<String>,
}

#[cfg(test)]
mod tests;
