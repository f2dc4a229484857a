//! Pages drawn by a browser: boxes and crops as a visit stores them, with what a person says of each pair.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use image::RgbImage;
use serde::Deserialize;

use super::*;
use crate::observation::LayoutFacts;

#[derive(Deserialize)]
struct Cases {
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    portal: String,
    page: String,
    header: LookCode,
    footer: LookCode,
}

struct Recorded {
    layout: LayoutFacts,
    regions: Regions,
    header: RgbImage,
    footer: RgbImage,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/look/testdata")
}

fn cases() -> Vec<Pair> {
    let text = std::fs::read_to_string(folder().join("cases.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().pair
}

fn recorded(name: &str) -> Recorded {
    let json = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    let layout: LayoutFacts = serde_json::from_str(&json).unwrap();
    let picture = |part: &str| {
        image::open(folder().join(format!("{name}.{part}.png")))
            .unwrap()
            .to_rgb8()
    };
    Recorded {
        regions: regions::find(&layout),
        layout,
        header: picture("header"),
        footer: picture("footer"),
    }
}

fn side(page: &Recorded, kind: RegionKind) -> Side<'_> {
    let (region, absent, picture) = match kind {
        RegionKind::Header => (&page.regions.header, page.regions.header_absent, &page.header),
        RegionKind::Footer => (&page.regions.footer, page.regions.footer_absent, &page.footer),
    };
    Side {
        layout: &page.layout,
        region: region.as_ref(),
        absent,
        picture: Some(picture),
        changed: &[],
        dress_files: &[],
    }
}

/// The crops were cut where the regions were found on the day: they still have to be found there.
#[test]
fn regions_of_recorded_pages_are_found_where_they_were() {
    for name in cases().iter().flat_map(|pair| [&pair.portal, &pair.page]) {
        let page = recorded(name);
        for (region, picture) in [
            (&page.regions.header, &page.header),
            (&page.regions.footer, &page.footer),
        ] {
            let rect = region.as_ref().unwrap().rect;
            let shape = f64::from(picture.width()) / f64::from(picture.height());
            assert!(
                (rect.width / rect.height / shape - 1.0).abs() < 0.03,
                "{name}: {region:?}"
            );
        }
    }
}

#[test]
fn recorded_pairs_are_judged_as_a_person_judges_them() {
    let cases = cases();
    assert!(cases.len() >= 6);
    for pair in &cases {
        let (portal, page) = (recorded(&pair.portal), recorded(&pair.page));
        for (kind, expected) in [
            (RegionKind::Header, pair.header),
            (RegionKind::Footer, pair.footer),
        ] {
            let finding = compare(
                kind,
                &side(&portal, kind),
                &side(&page, kind),
                &LookThresholds::default(),
            );
            assert_eq!(
                finding.code, expected,
                "{} and {}: {kind:?} {finding:#?}",
                pair.portal, pair.page
            );
        }
    }
}

/// What is judged again must come out the same to the last digit.
#[test]
fn the_same_pages_give_the_same_finding_every_time() {
    for pair in cases() {
        let finding = || {
            let (portal, page) = (recorded(&pair.portal), recorded(&pair.page));
            [RegionKind::Header, RegionKind::Footer].map(|kind| {
                let (portal, page) = (side(&portal, kind), side(&page, kind));
                serde_json::to_string(&compare(kind, &portal, &page, &LookThresholds::default())).unwrap()
            })
        };
        assert_eq!(finding(), finding(), "{} and {}", pair.portal, pair.page);
    }
}
