#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::site::ListedSite;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A portal with components, whose figures of October and November are given.
fn ranked(figures_of: &[(Option<u64>, Option<u64>)]) -> Ranking {
    let portal = ListedSite::new("p.gov.vn".parse().unwrap(), Role::Portal);
    let mut sites = vec![portal.clone()];
    let mut figures = Figures::new();
    for (at, (october, november)) in figures_of.iter().enumerate() {
        let mut unit = ListedSite::new(format!("u{at}.p.gov.vn").parse().unwrap(), Role::Component);
        unit.portal = Some(portal.site.clone());
        let months = [("2026-10", october), ("2026-11", november)];
        let given = months
            .into_iter()
            .filter_map(|(name, visits)| Some((month(name), (*visits)?)));
        figures.insert(unit.site.clone(), given.collect());
        sites.push(unit);
    }
    rank(&Known::of_list(&sites, &[]), &figures, month("2026-11"))
}

#[test]
fn equal_figures_share_a_rank_and_changes_are_told() {
    let ranking = ranked(&[
        (Some(5), Some(50)),
        (Some(9), Some(100)),
        (None, Some(50)),
        (Some(1), None),
    ]);
    let units = &ranking.groups[1];
    let told: Vec<(String, Option<usize>, Option<usize>)> = units
        .lines
        .iter()
        .map(|line| (line.site.to_string(), line.rank, line.rank_before))
        .collect();
    let line = |name: &str, rank, before| (name.to_owned(), rank, before);
    assert_eq!(
        told,
        [
            line("u1.p.gov.vn", Some(1), Some(1)),
            line("u0.p.gov.vn", Some(2), Some(2)),
            line("u2.p.gov.vn", Some(2), None),
            line("u3.p.gov.vn", None, Some(3)),
        ]
    );
    assert_eq!(units.total, 200);
    assert_eq!(units.lines[0].share, Some(50.0));
    assert_eq!(units.trend.last().unwrap().1, Some(200));
    assert_eq!(ranking.groups[0].portal, None, "the portals come first");
}

#[test]
fn figures_that_do_not_fit_the_connection_are_pointed_out() {
    assert_eq!(
        doubt(Connected::No, Some(3)),
        Some(Doubt::VisitsWithoutConnection)
    );
    assert_eq!(doubt(Connected::Yes, None), Some(Doubt::ConnectionWithoutVisits));
    assert_eq!(
        doubt(Connected::Yes, Some(0)),
        Some(Doubt::ConnectionWithoutVisits)
    );
    assert_eq!(
        doubt(Connected::Unknown, Some(3)),
        None,
        "what was not measured accuses nobody"
    );
    assert_eq!(doubt(Connected::No, None), None);
}

proptest! {
    #[test]
    fn shares_add_up_and_ranks_follow_the_figures(figures in prop::collection::vec((any::<Option<u32>>(), any::<Option<u32>>()), 1..20)) {
        let wide = |one: Option<u32>| one.map(u64::from);
        let figures: Vec<_> = figures.into_iter().map(|(a, b)| (wide(a), wide(b))).collect();
        let ranking = ranked(&figures);
        let lines = &ranking.groups[1].lines;
        prop_assert_eq!(lines.len(), figures.len());
        let shares: f64 = lines.iter().filter_map(|line| line.share).sum();
        prop_assert!(ranking.groups[1].total == 0 || (shares - 100.0).abs() < 1e-6);
        for pair in lines.windows(2) {
            prop_assert!(pair[0].visits >= pair[1].visits || pair[1].visits.is_none());
            prop_assert_eq!(pair[0].visits == pair[1].visits, pair[0].rank == pair[1].rank);
        }
    }
}
