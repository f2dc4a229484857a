//! Weighs the signs of a page.

use super::facts::PageSigns;
use super::signs::{ENOUGH, SIGNS, Sign};
use super::{System, SystemKind};
use crate::observation::Observation;

/// A system that the page shows signs of.
struct Weighed {
    kind: SystemKind,
    weight: u32,
    /// The heaviest sign, as it stands in the page.
    sign: (u32, String),
}

/// The system of a page; nothing where no page was seen.
pub fn recognise(observation: &Observation) -> Option<System> {
    let page = PageSigns::of(observation)?;
    let found = SystemKind::ALL.into_iter().filter_map(|kind| weigh(kind, &page));
    let named: Vec<Weighed> = found.filter(|one| one.weight >= ENOUGH).collect();
    // PHP is what most of the others are written in.
    let own = named.iter().filter(|one| one.kind != SystemKind::Php);
    let heaviest = own.clone().map(|one| one.weight).max();
    let best = named
        .iter()
        .find(|one| stands_on_another(one.kind))
        .or_else(|| own.clone().find(|one| Some(one.weight) == heaviest))
        .or(named.first());
    Some(best.map_or(
        System {
            name: SystemKind::General,
            sign: None,
        },
        |one| System {
            name: one.kind,
            sign: Some(one.sign.1.clone()),
        },
    ))
}

/// It shows all signs of what it is built upon as well.
fn stands_on_another(kind: SystemKind) -> bool {
    matches!(kind, SystemKind::OpenCps | SystemKind::VnptPortal)
}

fn weigh(kind: SystemKind, page: &PageSigns) -> Option<Weighed> {
    let of_kind = SIGNS.iter().filter(|sign: &&Sign| sign.system == kind);
    let found: Vec<(u32, String)> = of_kind
        .filter_map(|sign| Some((sign.weight, page.find(sign)?)))
        .collect();
    let weight = found.iter().map(|(weight, _)| weight).sum();
    let heaviest = found.iter().map(|(weight, _)| *weight).max()?;
    let sign = found.into_iter().find(|(weight, _)| *weight == heaviest)?;
    Some(Weighed { kind, weight, sign })
}
