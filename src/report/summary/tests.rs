#![allow(clippy::unwrap_used)]
use super::*;
use crate::report::results::sample::result;

fn summary() -> (Summary, Rules) {
    let mut summary = Summary::default();
    summary.add(&result("sxd.tinh.gov.vn", Verdict::Pass));
    summary.add(&result("syt.tinh.gov.vn", Verdict::Fail));
    (summary, Rules::builtin().unwrap())
}

#[test]
fn it_counts_by_portal_and_by_check() {
    let (summary, rules) = summary();
    assert_eq!((summary.sites(), summary.with(Verdict::Fail)), (2, 1));
    let text = summary.render(&rules, rules.profile(None).unwrap(), Language::English);
    assert!(text.contains("tinh.gov.vn"), "{text}");
    assert!(text.contains("EMC badge"), "{text}");
    assert!(text.contains("The site answers (advisory)"), "{text}");
}

#[test]
fn columns_line_up_in_vietnamese_however_the_marks_are_written() {
    let rows = |name: &str| {
        vec![
            vec![name.to_owned(), "1".to_owned()],
            vec!["abc".to_owned(), "10".to_owned()],
        ]
    };
    let decomposed: String = "Đạt yêu cầu".nfd().collect();
    assert_eq!(table(&rows("Đạt yêu cầu")), table(&rows(&decomposed)));
    let (summary, rules) = summary();
    let text = summary.render(&rules, rules.profile(None).unwrap(), Language::Vietnamese);
    for part in text.split("\n\n") {
        let widths: Vec<usize> = part.lines().map(width).collect();
        assert!(widths.iter().all(|one| *one == widths[0]), "{part}");
    }
}

#[test]
fn a_long_or_dirty_name_keeps_the_table_whole() {
    let rows = vec![vec!["x\n\u{1b}[31m".repeat(40), "1".to_owned()]];
    let text = table(&rows);
    assert_eq!(text.lines().count(), 2);
    assert!(!text.contains('\u{1b}'));
}
