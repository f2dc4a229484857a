#![allow(clippy::unwrap_used)]

use calamine::{Data, Reader, Xlsx, open_workbook};

use super::super::{Figures, Known, rank};
use super::*;
use crate::site::{ListedSite, Role};

fn ranking() -> Ranking {
    let mut portal = ListedSite::new("p.gov.vn".parse().unwrap(), Role::Portal);
    portal.name = "=HYPERLINK(\"x\")".to_owned();
    let mut unit = ListedSite::new("p.gov.vn/web/so-noi-vu".parse().unwrap(), Role::Component);
    unit.name = "<script>alert(1)</script>".to_owned();
    unit.portal = Some(portal.site.clone());
    let mut other = ListedSite::new("a.p.gov.vn".parse().unwrap(), Role::Component);
    other.portal = Some(portal.site.clone());
    let month = |text: &str| text.parse().unwrap();
    let figures = Figures::from([
        (
            portal.site.clone(),
            [(month("2026-10"), 1_000), (month("2026-11"), 2_000)].into(),
        ),
        (
            unit.site.clone(),
            [(month("2026-10"), 3), (month("2026-11"), 30)].into(),
        ),
        (
            other.site.clone(),
            [(month("2026-10"), 5), (month("2026-11"), 10)].into(),
        ),
    ]);
    rank(
        &Known::of_list(&[portal, unit, other], &[]),
        &figures,
        month("2026-11"),
    )
}

#[test]
fn the_page_is_closed_to_everything_and_escapes_what_it_shows() {
    for language in [Language::Vietnamese, Language::English] {
        let html = page(&ranking(), language).unwrap();
        assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
        assert!(!html.contains("<script"), "names are escaped");
        assert!(html.contains("2.000") && html.contains("75,0%"), "{html}");
        assert!(html.contains("▲ 1") && html.contains("▼ 1"));
        assert!(
            !html.contains("style=") && !html.contains("http:") && !html.contains("https:"),
            "nothing from outside"
        );
        assert!(!html.contains('…'), "every sentence has its facts");
    }
}

#[test]
fn the_workbook_has_numbers_and_no_formula() {
    let folder = tempfile::tempdir().unwrap();
    write_ranking(&ranking(), folder.path(), Language::Vietnamese).unwrap();
    let mut book: Xlsx<_> = open_workbook(folder.path().join("ranking.xlsx")).unwrap();
    let names = book.sheet_names().clone();
    assert_eq!(names.len(), 2);
    let portals = book.worksheet_range(&names[0]).unwrap();
    assert_eq!(portals.get_value((2, 4)), Some(&Data::Float(2_000.0)));
    assert_eq!(
        portals.get_value((2, 2)),
        Some(&Data::String("'=HYPERLINK(\"x\")".to_owned()))
    );
    assert!(book.worksheet_formula(&names[0]).unwrap().is_empty());
    let units = book.worksheet_range(&names[1]).unwrap();
    assert_eq!(
        units.get_value((2, 3)),
        Some(&Data::String("p.gov.vn/web/so-noi-vu".to_owned()))
    );
    assert_eq!(units.get_value((2, 6)), Some(&Data::Float(75.0)));

    let csv = std::fs::read_to_string(folder.path().join("ranking.csv")).unwrap();
    assert!(csv.starts_with('\u{feff}'));
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(!csv.contains(",=") && !csv.contains("\"="), "{csv}");
}
