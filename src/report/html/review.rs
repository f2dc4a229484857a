//! What a person decided about a finding, shown beside what the program said.

use super::super::time;
use super::Report;
use crate::verdict::{Decision, Reviewed};

/// One decision, in words.
pub(super) struct ReviewView<'a> {
    pub title: &'a str,
    pub decision: &'a str,
    pub by: &'a str,
    pub at: String,
    pub note: &'a str,
    pub run: String,
}

impl Report<'_> {
    pub(super) fn review<'a>(&'a self, reviewed: &'a Reviewed) -> ReviewView<'a> {
        let decision = match reviewed.decision {
            Decision::Confirm => "decided_confirm",
            Decision::Pass => "decided_pass",
            Decision::Fail => "decided_fail",
            Decision::Recheck => "decided_recheck",
        };
        ReviewView {
            title: self.say("report", "reviewed"),
            decision: self.say("report", decision),
            by: &reviewed.by,
            at: time::for_people(&reviewed.at),
            note: &reviewed.note,
            run: self.say("report", "decided_in").replace("{run}", &reviewed.run),
        }
    }
}
