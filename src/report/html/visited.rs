//! The visits of a site as EMC counted them, where people imported the figures.

use super::Report;
use crate::language::Sentence;
use crate::ranking::{Month, trend_of, trend_svg, with_points};
use crate::verdict::SiteResult;

const CHART_PX: u32 = 340;

/// The newest figure, the trend up to it, and the figures of the trend, newest first.
#[derive(Debug)]
pub(super) struct VisitedView<'a> {
    pub title: &'a str,
    pub newest: String,
    /// Made of numbers alone.
    pub chart: String,
    pub table: &'a str,
    pub month: &'a str,
    pub visits: &'a str,
    pub months: Vec<(String, String)>,
}

impl Report<'_> {
    /// Nothing where there is no figure of the site.
    pub(super) fn visited(&self, result: &SiteResult) -> Option<VisitedView<'_>> {
        let trend = trend_of(self.past.visits.get(&result.site)?);
        let (month, Some(visits)) = *trend.last()? else {
            return None;
        };
        let newest = Sentence::new("report", "visited")
            .with("month", month.for_people())
            .with("visits", with_points(visits));
        let told = |(month, visits): &(Month, Option<u64>)| {
            let visits = visits.map_or_else(|| "–".to_owned(), with_points);
            (month.for_people(), visits)
        };
        Some(VisitedView {
            title: self.say("report", "visited_title"),
            newest: newest.text(self.language),
            chart: trend_svg(&trend, CHART_PX),
            table: self.say("report", "visited_table"),
            month: self.say("report", "month"),
            visits: self.say("ranking", "visits"),
            months: trend.iter().rev().map(told).collect(),
        })
    }
}
