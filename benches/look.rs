//! The pure look over pages that a browser drew: what judging a component takes, from its stored crops and boxes.
//!
//!     cargo bench --bench look
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use emc_audit::look::{LookFinding, LookThresholds, RegionKind, Regions, Side, changed, compare, regions};
use emc_audit::observation::LayoutFacts;
use image::RgbImage;

/// A page as a visit stores it: boxes, and both regions as PNG.
struct Stored {
    layout: LayoutFacts,
    header: Vec<u8>,
    footer: Vec<u8>,
}

impl Stored {
    fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/look/testdata");
        let file = |ending: &str| std::fs::read(folder.join(format!("{name}.{ending}"))).unwrap();
        Self {
            layout: serde_json::from_slice(&file("json")).unwrap(),
            header: file("header.png"),
            footer: file("footer.png"),
        }
    }

    fn decoded(&self) -> Page<'_> {
        Page {
            regions: regions::find(&self.layout),
            layout: &self.layout,
            header: decode(&self.header),
            footer: decode(&self.footer),
        }
    }
}

struct Page<'a> {
    layout: &'a LayoutFacts,
    regions: Regions,
    header: RgbImage,
    footer: RgbImage,
}

impl Page<'_> {
    fn side(&self, kind: RegionKind) -> Side<'_> {
        let (region, absent, picture) = match kind {
            RegionKind::Header => (&self.regions.header, self.regions.header_absent, &self.header),
            RegionKind::Footer => (&self.regions.footer, self.regions.footer_absent, &self.footer),
        };
        Side {
            layout: self.layout,
            region: region.as_ref(),
            absent,
            picture: Some(picture),
            changed: &[],
            dress_files: &[],
        }
    }
}

fn decode(png: &[u8]) -> RgbImage {
    image::load_from_memory(png).unwrap().to_rgb8()
}

fn both(portal: &Page<'_>, page: &Page<'_>) -> [LookFinding; 2] {
    let thresholds = LookThresholds::default();
    [RegionKind::Header, RegionKind::Footer]
        .map(|kind| compare(kind, &portal.side(kind), &page.side(kind), &thresholds))
}

fn look(criterion: &mut Criterion) {
    for (portal, page) in [
        ("bands", "bands-recolour"),
        ("photo", "photo-photo"),
        ("table", "table-name"),
    ] {
        let (portal, stored) = (Stored::read(portal), Stored::read(page));
        criterion.bench_function(
            &format!("a component from stored crops, both regions: {page}"),
            |bench| {
                bench.iter(|| both(&portal.decoded(), &black_box(&stored).decoded()));
            },
        );
    }
    let (portal, page) = (Stored::read("photo"), Stored::read("photo-photo"));
    let (portal, page) = (portal.decoded(), page.decoded());
    criterion.bench_function("both regions, decoded: photo-photo", |bench| {
        bench.iter(|| both(black_box(&portal), black_box(&page)));
    });
    let region = portal.regions.header.as_ref().unwrap().rect;
    criterion.bench_function("what changed between two looks: photo-photo", |bench| {
        bench.iter(|| changed(black_box(&portal.header), black_box(&page.header), &region));
    });
}

criterion_group!(benches, look);
criterion_main!(benches);
