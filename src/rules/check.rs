//! The catalogue of checks and of every code that each of them can give.
//!
//! Programs read these words, so the catalogue is a contract: texts may change, codes may only be added.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::Role;
use crate::verdict::Status;

/// One check, by the name that lists, settings and results use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum CheckId {
    #[serde(rename = "emc.script")]
    EmcScript,
    #[serde(rename = "emc.beacon")]
    EmcBeacon,
    #[serde(rename = "emc.site_id")]
    EmcSiteId,
    #[serde(rename = "emc.badge")]
    EmcBadge,
    #[serde(rename = "links.components")]
    LinksComponents,
    #[serde(rename = "links.portal")]
    LinksPortal,
    #[serde(rename = "look.header")]
    LookHeader,
    #[serde(rename = "look.footer")]
    LookFooter,
    #[serde(rename = "site.available")]
    SiteAvailable,
}

/// A name that is no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no check; there are {known}")]
pub struct UnknownCheck {
    pub name: String,
    known: String,
}

impl CheckId {
    /// In the order in which findings are written.
    pub const ALL: [Self; 9] = [
        Self::EmcScript,
        Self::EmcBeacon,
        Self::EmcSiteId,
        Self::EmcBadge,
        Self::LinksComponents,
        Self::LinksPortal,
        Self::LookHeader,
        Self::LookFooter,
        Self::SiteAvailable,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmcScript => "emc.script",
            Self::EmcBeacon => "emc.beacon",
            Self::EmcSiteId => "emc.site_id",
            Self::EmcBadge => "emc.badge",
            Self::LinksComponents => "links.components",
            Self::LinksPortal => "links.portal",
            Self::LookHeader => "look.header",
            Self::LookFooter => "look.footer",
            Self::SiteAvailable => "site.available",
        }
    }

    /// Whether a site of this role is asked the question at all.
    pub fn applies_to(self, role: Role) -> bool {
        match self {
            Self::LinksComponents => role == Role::Portal,
            Self::LinksPortal | Self::LookHeader | Self::LookFooter => role == Role::Component,
            _ => true,
        }
    }

    /// Compares pictures, so that only visits of one engine can confirm each other.
    pub fn is_look(self) -> bool {
        matches!(self, Self::LookHeader | Self::LookFooter)
    }

    /// Every code of its own, with the status that it has before confirmation.
    pub const fn codes(self) -> &'static [(&'static str, Status)] {
        use Status::{Fail, NotApplicable, NotMeasured, Pass, Review};
        match self {
            Self::EmcScript => &[
                ("loaded", Pass),
                ("mixed_content", Fail),
                ("blocked_by_csp", Fail),
                ("http_error", Fail),
                ("not_javascript", Fail),
                ("network_error", Fail),
                ("not_executed", Fail),
                ("commented_out", Fail),
                ("absent", Fail),
                ("uncertain", Review),
                ("emc_host_down", NotMeasured),
            ],
            Self::EmcBeacon => &[
                ("sent", Pass),
                ("no_site_id", Fail),
                ("mixed_content", Fail),
                ("blocked_by_csp", Fail),
                ("failed", Fail),
                ("none", Fail),
                ("uncertain", Review),
                ("emc_host_down", NotMeasured),
            ],
            Self::EmcSiteId => &[
                ("valid", Pass),
                ("missing", Fail),
                ("not_a_number", Fail),
                ("mismatch", Fail),
                ("several", Review),
                ("shared", Review),
                ("uncertain", Review),
                ("no_code", NotApplicable),
            ],
            Self::EmcBadge => &[
                ("visible", Pass),
                ("hidden", Fail),
                ("covered", Fail),
                ("off_screen", Fail),
                ("too_small", Fail),
                ("invisible_colour", Fail),
                ("label_without_connection", Fail),
                ("absent", Fail),
                ("uncertain", Review),
                ("emc_host_down", NotMeasured),
                ("beacon_stub", NotMeasured),
            ],
            Self::LinksComponents => &[
                ("all", Pass),
                ("missing", Fail),
                ("hidden", Fail),
                ("via_index", Review),
                ("deep_link_only", Review),
                ("uncertain", Review),
                ("no_components", NotApplicable),
            ],
            Self::LinksPortal => &[
                ("linked", Pass),
                ("absent", Fail),
                ("hidden", Fail),
                ("deep_link_only", Review),
                ("uncertain", Review),
                ("no_portal", NotApplicable),
            ],
            Self::LookHeader | Self::LookFooter => &[
                ("alike", Pass),
                ("borderline", Review),
                ("uncertain", Review),
                ("different", Fail),
                ("absent", Fail),
                ("portal_not_measured", NotMeasured),
                ("no_portal", NotApplicable),
            ],
            Self::SiteAvailable => &[
                ("up", Pass),
                ("down", Fail),
                ("blocked", Review),
                ("moved", Review),
                ("not_the_site", Review),
                ("private_address", NotMeasured),
            ],
        }
    }

    /// The status that a code of this check has before confirmation; `None` if it is not one of its own.
    pub fn status_of(self, code: &str) -> Option<Status> {
        self.codes()
            .iter()
            .find(|(known, _)| *known == code)
            .map(|(_, status)| *status)
    }
}

/// Codes that any check can give: what stood in the way, or that visits disagreed.
pub const COMMON_CODES: &[&str] = &[
    "unstable",
    "blocked",
    "unreachable",
    "broken",
    "not_html",
    "moved",
    "not_the_site",
    "not_visited",
    "closed",
    "exempt",
    // Not a code: the sentence that a fail carries until a second visit has agreed.
    "unconfirmed",
];

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CheckId {
    type Err = UnknownCheck;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|check| check.as_str() == name.trim())
            .ok_or_else(|| UnknownCheck {
                name: name.to_owned(),
                known: Self::ALL.map(Self::as_str).join(", "),
            })
    }
}
