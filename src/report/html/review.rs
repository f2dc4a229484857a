//! What a person decided about a finding, shown beside what the program said.

use super::super::time;
use super::Report;
use crate::verdict::Reviewed;

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
        ReviewView {
            title: self.say("report", "reviewed"),
            decision: self.say("decision", reviewed.decision.as_str()),
            by: &reviewed.by,
            at: time::for_people(&reviewed.at),
            note: &reviewed.note,
            run: self.say("report", "decided_in").replace("{run}", &reviewed.run),
        }
    }
}
