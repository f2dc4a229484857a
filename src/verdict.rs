//! What judging makes: findings, outcomes and the one line that each listed site gets.
//!
//! The shape is a contract that other programs read: `schema/result.schema.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod facts;

pub use facts::Facts;

use crate::observation::Engine;
use crate::site::{Role, SiteId};
use crate::system::System;

/// Written into every line of `results.jsonl`.
pub const RESULT_SCHEMA: &str = "emc-audit/result/1";

/// One line of `results.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SiteResult {
    pub schema: String,
    pub run: String,
    pub site: SiteId,
    pub host: String,
    pub url: String,
    pub final_url: Option<String>,
    pub name: String,
    pub agency: String,
    pub role: Role,
    pub portal: Option<SiteId>,
    pub outcome: Outcome,
    /// A stable word for programs (`http_403`, `dns`, `captcha`, `redirect_loop`, `maintenance` …);
    /// `null` when measured.
    pub outcome_reason: Option<String>,
    /// The same for people.
    pub outcome_message: Option<Message>,
    /// What the facts were: an error text, a status, an address.
    pub outcome_detail: Option<String>,
    /// What can be done about it; `null` when measured.
    #[serde(default)]
    pub outcome_hint: Option<Message>,
    /// What the last visit still waited for when it ended without being measured: at most ten addresses.
    #[serde(default)]
    pub outcome_in_flight: Vec<String>,
    pub verdict: Verdict,
    /// What the site runs on, by what a visit saw; `null` where no page was seen.
    #[serde(default)]
    pub system: Option<System>,
    /// As the list groups its sites, and who maintains this one.
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub vendor: Option<String>,
    /// Site ids registered with EMC, as listed.
    #[serde(default)]
    pub emc_site_ids: Vec<u64>,
    pub profile: String,
    pub rules: String,
    pub visits: Vec<VisitSummary>,
    pub findings: Vec<Finding>,
    /// The verdict with what people decided about the findings; absent where nobody decided anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Verdict>,
}

impl SiteResult {
    /// The agency for people; nothing where the list has none and the site stands for itself.
    pub fn agency_told(&self) -> Option<&str> {
        (self.agency != self.site.to_string()).then_some(self.agency.as_str())
    }

    /// The name for people; nothing where it only repeats the site.
    pub fn name_told(&self) -> Option<&str> {
        (self.name != self.site.to_string()).then_some(self.name.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VisitSummary {
    /// RFC 3339, UTC.
    pub at: String,
    pub engine: Engine,
    pub address: Option<String>,
    pub status: Option<u16>,
    pub outcome: Outcome,
}

/// What one check says of one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// `emc.script`, `links.portal` …
    pub check: String,
    pub status: Status,
    pub code: String,
    pub mandatory: bool,
    pub message: Message,
    /// Measured visits in which the thing was seen, of all measured visits: `0/2`.
    pub seen: String,
    /// Hash of the facts that the finding rests on; the same from run to run while they stay.
    pub fingerprint: String,
    /// Paths relative to the site's folder.
    pub evidence: Vec<String>,
    /// Facts by name.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub measured: Facts,
    /// What a person decided about it; absent where nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Reviewed>,
}

/// What a person decided about a finding. It stands beside what the program said, never in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reviewed {
    pub decision: Decision,
    /// The reviewer's name.
    pub by: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub note: String,
    /// What the program said when it was decided.
    pub status: Status,
    pub code: String,
    /// The rules by which it said so.
    pub rules: String,
    /// The run that the reviewer looked at: an earlier one, where the finding's facts stayed the same since.
    pub run: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// What the program said is right.
    Confirm,
    /// The site passes this check, whatever the program said.
    Pass,
    /// The site fails this check, whatever the program said.
    Fail,
    /// To be visited again before anything is decided.
    Recheck,
    /// The agency objects: the question is open until somebody decides anew.
    Disputed,
}

impl Decision {
    pub const ALL: [Self; 5] = [
        Self::Confirm,
        Self::Pass,
        Self::Fail,
        Self::Recheck,
        Self::Disputed,
    ];

    /// The word that results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Recheck => "recheck",
            Self::Disputed => "disputed",
        }
    }

    /// Whether it leaves the question open.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Recheck | Self::Disputed)
    }
}

impl Finding {
    /// The status with what a person decided: open questions are for review.
    pub fn decided_status(&self) -> Status {
        match self.reviewed.as_ref().map(|reviewed| reviewed.decision) {
            None | Some(Decision::Confirm) => self.status,
            Some(Decision::Pass) => Status::Pass,
            Some(Decision::Fail) => Status::Fail,
            Some(Decision::Recheck | Decision::Disputed) => Status::Review,
        }
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    pub vi: String,
    pub en: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pass,
    Fail,
    Review,
    NotApplicable,
    NotMeasured,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    Review,
    NotMeasured,
}

impl Status {
    /// The word that results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Review => "review",
            Self::NotApplicable => "not_applicable",
            Self::NotMeasured => "not_measured",
        }
    }
}

impl Verdict {
    pub const ALL: [Self; 4] = [Self::Pass, Self::Fail, Self::Review, Self::NotMeasured];

    /// The word that results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Review => "review",
            Self::NotMeasured => "not_measured",
        }
    }

    /// The verdict over findings: one fail decides, then what could not be measured, then what a person
    /// must see. Advisory findings and those that do not apply change nothing.
    pub fn over(findings: &[Finding]) -> Self {
        Self::by(findings, |finding| finding.status)
    }

    /// The verdict with what people decided; nothing where nobody decided anything.
    pub fn reviewed(findings: &[Finding]) -> Option<Self> {
        let is_decided = findings.iter().any(|finding| finding.reviewed.is_some());
        is_decided.then(|| Self::by(findings, Finding::decided_status))
    }

    fn by(findings: &[Finding], status_of: impl Fn(&Finding) -> Status) -> Self {
        let any = |status: Status| {
            findings
                .iter()
                .any(|finding| finding.mandatory && status_of(finding) == status)
        };
        if any(Status::Fail) {
            Self::Fail
        } else if any(Status::NotMeasured) {
            Self::NotMeasured
        } else if any(Status::Review) {
            Self::Review
        } else {
            Self::Pass
        }
    }
}

/// Whether the site's home page could be measured, and if not, what kind of obstacle it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Measured,
    Blocked,
    Unreachable,
    Broken,
    NotHtml,
    Moved,
    NotTheSite,
    /// Not an obstacle of the site's: closed or exempt by the list, or the run ended before its turn.
    NotVisited,
}

impl Outcome {
    pub const ALL: [Self; 8] = [
        Self::Measured,
        Self::Blocked,
        Self::Unreachable,
        Self::Broken,
        Self::NotHtml,
        Self::Moved,
        Self::NotTheSite,
        Self::NotVisited,
    ];

    /// The word that results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Blocked => "blocked",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::NotHtml => "not_html",
            Self::Moved => "moved",
            Self::NotTheSite => "not_the_site",
            Self::NotVisited => "not_visited",
        }
    }
}
