#![allow(clippy::unwrap_used)]

use super::*;
use crate::inventory::read_tables_of;
use crate::site::{ListedSite, Role};

pub(super) fn known() -> Known {
    let mut portal = ListedSite::new("p.gov.vn".parse().unwrap(), Role::Portal);
    portal.emc_site_ids = vec![163];
    let mut unit = ListedSite::new("p.gov.vn/web/so-noi-vu".parse().unwrap(), Role::Component);
    unit.portal = Some(portal.site.clone());
    Known::of_list(&[portal, unit], &[])
}

fn read(text: &str) -> Result<VisitsRead, VisitsError> {
    read_visit_tables(&read_tables_of(text.as_bytes()).unwrap(), &known())
}

fn figure(read: &VisitsRead, site: &str, month: &str) -> Option<u64> {
    read.figures
        .get(&site.parse().unwrap())?
        .get(&month.parse().unwrap())
        .copied()
}

#[test]
fn months_may_be_columns_or_lines() {
    let wide = "BÁO CÁO LƯỢT TRUY CẬP\n\nSTT;Tên miền;Tháng 10/2026;T11/2026\n1;https://p.gov.vn/;1.234.567;1.300.000\n\
                2;p.gov.vn/web/so-noi-vu;12.000;-\n;Tổng cộng;1.246.567;1.300.000\n";
    let long = "Website,Tháng,Năm,Lượt truy cập\np.gov.vn,10,2026,\"1,234,567\"\np.gov.vn,11,2026,1300000\n\
                p.gov.vn/web/so-noi-vu,10/2026,2026,12000\n";
    for text in [wide, long] {
        let read = read(text).unwrap();
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(figure(&read, "p.gov.vn", "2026-10"), Some(1_234_567));
        assert_eq!(figure(&read, "p.gov.vn", "2026-11"), Some(1_300_000));
        assert_eq!(figure(&read, "p.gov.vn/web/so-noi-vu", "2026-10"), Some(12_000));
        assert_eq!(figure(&read, "p.gov.vn/web/so-noi-vu", "2026-11"), None);
    }
    let by_id = read("Mã EMC;11/2026\n163;5\n").unwrap();
    assert_eq!(figure(&by_id, "p.gov.vn", "2026-11"), Some(5));
}

#[test]
fn every_bad_cell_is_named_with_its_place() {
    let text = "Website;10/2026;11/2026\np.gov.vn;-5;12.5\nkhac.gov.vn;1;2\nsở y tế;1;2\np.gov.vn/web/so-noi-vu;7;abc\n\
                p.gov.vn/web/so-noi-vu;8;9\n;3;4\n";
    let read = read(text).unwrap();
    let said = VisitsError::message(&read.problems);
    for language in [Language::Vietnamese, Language::English] {
        let text = said.in_language(language);
        assert_eq!(text.lines().count(), 7, "{text}");
        assert!(!text.contains('{') && !text.contains('…'), "{text}");
    }
    let places: Vec<(u32, &str, &str)> = read
        .problems
        .iter()
        .map(|one| (one.line, one.column.as_str(), one.value.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (2, "10/2026", "-5"),
            (2, "11/2026", "12.5"),
            (3, "Website", "khac.gov.vn"),
            (4, "Website", "sở y tế"),
            (5, "11/2026", "abc"),
            (6, "10/2026", "8"),
            (7, "Website", ""),
        ]
    );
    assert_eq!(
        figure(&read, "p.gov.vn/web/so-noi-vu", "2026-10"),
        Some(7),
        "the first stands"
    );
    assert!(matches!(
        super::read_visit_tables(&read_tables_of(b"a;b\n1;2\n").unwrap(), &known()),
        Err(VisitsError::NoHeading)
    ));
}
