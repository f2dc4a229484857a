#![allow(clippy::unwrap_used)]

use super::super::read::examine_bytes;
use super::*;
use crate::site::SiteState;

const VI: Language = Language::Vietnamese;

fn row(site: &str, name: &str, is_sure: bool) -> DraftRow {
    let site: SiteId = site.parse().unwrap();
    DraftRow {
        url: site.home_url("https"),
        site,
        name: name.to_owned(),
        role: Role::Component,
        portal: Some("p.gov.vn".parse().unwrap()),
        aliases: Vec::new(),
        is_sure,
        confidence: if is_sure { "high" } else { "low" },
        reasons: Message {
            vi: "có liên kết; =1+1".to_owned(),
            en: "linked".to_owned(),
        },
    }
}

#[test]
fn a_draft_reads_as_a_list_without_remarks_and_what_is_open_is_not_active() {
    for language in [VI, Language::English] {
        let portal = DraftRow {
            role: Role::Portal,
            portal: None,
            ..row("p.gov.vn", "=cmd|' /C calc'!A0", true)
        };
        let rows = [
            portal,
            row("a.p.gov.vn", "Sở A", true),
            row("p.gov.vn/web/b", "Sở B", false),
        ];
        let csv = draft_csv(&rows, language).unwrap();
        let read = examine_bytes(&csv).unwrap();
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert!(read.list.remarks.is_empty(), "{:?}", read.list.remarks);
        let sites = &read.list.sites;
        assert_eq!(sites.len(), 3);
        assert!(!String::from_utf8(csv).unwrap().contains(",=cmd"), "no formula");
        assert_eq!(sites[0].role, Role::Portal);
        assert_eq!(sites[1].portal, Some("p.gov.vn".parse().unwrap()));
        let states: Vec<SiteState> = sites.iter().map(|site| site.state).collect();
        assert_eq!(states, [SiteState::Active, SiteState::Active, SiteState::Exempt]);
    }
}

#[test]
fn merging_keeps_what_a_person_wrote_and_marks_the_rest() {
    let list = "DANH SÁCH\n\nSTT;Ghi nhớ;Website;Tên cơ quan;Thuộc cổng\n\
                1;gọi lại;p.gov.vn;Cổng tỉnh;\n2;\"a;b\";https://a.p.gov.vn/;Sở A (tên tôi sửa);p.gov.vn\n3;;old.p.gov.vn;Sở Cũ;p.gov.vn\n";
    let rows = [row("a.p.gov.vn", "Sở A", true), row("n.p.gov.vn", "Sở Mới", true)];
    let marks = BTreeMap::from([(
        "old.p.gov.vn".parse().unwrap(),
        Sentence::new("discovery", "mark_gone"),
    )]);
    let merged = merge_bytes(list.as_bytes(), &rows, &marks, VI).unwrap();
    assert_eq!(merged.new, 1);
    let text = String::from_utf8(merged.csv.clone()).unwrap();
    for kept in [
        "2;\"a;b\";https://a.p.gov.vn/;Sở A (tên tôi sửa);p.gov.vn;cao",
        "gọi lại",
    ] {
        assert!(text.contains(kept), "{text}");
    }
    let line = |site: &str| text.lines().find(|line| line.contains(site)).unwrap().to_owned();
    assert!(line("old.p.gov.vn").contains("không còn"), "{text}");
    assert!(line("n.p.gov.vn").ends_with(";mới"), "{text}");
    assert!(
        text.lines().last().unwrap().contains("n.p.gov.vn"),
        "new lines come below"
    );

    // Once more: the columns are used again, nothing is new, and a mark that holds no longer is gone.
    let again = merge_bytes(&merged.csv, &rows, &BTreeMap::new(), VI).unwrap();
    let text = String::from_utf8(again.csv).unwrap();
    assert_eq!(again.new, 0);
    assert_eq!(text.matches("Độ tin cậy").count(), 1, "{text}");
    assert!(!text.contains("không còn"), "{text}");
}
