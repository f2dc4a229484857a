#![allow(clippy::unwrap_used)]
use std::collections::HashSet;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

use super::names::SheetNames;
use super::*;
use crate::history::Past;
use crate::language::Language;
use crate::report::Report;
use crate::report::results::sample::{record, result};
use crate::rules::{CheckId, Rules};
use crate::site::Role;
use crate::system::{System, SystemKind};
use crate::verdict::{Outcome, SiteResult, Status, Verdict};

/// Two portals with components, one of each verdict, and one without a portal.
fn province() -> Vec<SiteResult> {
    let portal = |site: &str| SiteResult {
        role: Role::Portal,
        portal: None,
        ..result(site, Verdict::Pass)
    };
    let mut failing = result("sxd.tinh.gov.vn", Verdict::Fail);
    failing.findings[0].code = "hidden".to_owned();
    failing.vendor = Some("Công ty A".to_owned());
    failing.system = Some(System {
        name: SystemKind::WordPress,
        sign: None,
    });
    let mut blocked = result("syt.tinh.gov.vn", Verdict::NotMeasured);
    blocked.outcome = Outcome::Blocked;
    blocked.outcome_message = Some(blocked.findings[0].message.clone());
    blocked.vendor = Some("Công ty A".to_owned());
    let mut alone = result("don-vi.gov.vn/web/mot", Verdict::Review);
    alone.portal = None;
    vec![
        portal("tinh.gov.vn"),
        failing,
        blocked,
        alone,
        SiteResult {
            portal: Some("khac.gov.vn".parse().unwrap()),
            ..result("a.khac.gov.vn", Verdict::Review)
        },
    ]
}

fn workbook_in(language: Language, results: &[SiteResult]) -> Vec<u8> {
    let (record, rules) = (record(), Rules::builtin().unwrap());
    let profile = rules.profile(None).unwrap();
    let report = Report {
        record: &record,
        results,
        rules: &rules,
        profile,
        language,
        removed: std::collections::BTreeMap::new(),
        past: &Past::default(),
        rechecked: &[],
    };
    let mut file = Cursor::new(Vec::new());
    let scratch = tempfile::tempdir().unwrap();
    let tables = Tables::new(&report, Around::Run { root: "" });
    tables.write_to(&mut file, scratch.path(), results).unwrap();
    file.into_inner()
}

fn workbook(results: &[SiteResult]) -> Vec<u8> {
    workbook_in(Language::Vietnamese, results)
}

fn read(file: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(file.to_vec())).unwrap()
}

fn rows(file: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let range = read(file).worksheet_range(sheet).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(Data::to_string).collect())
        .collect()
}

/// A part of the file by its name.
fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file.to_vec())).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn there_is_a_sheet_of_all_sites_and_one_for_each_portal_that_say_what_the_results_say() {
    let results = province();
    let file = workbook(&results);
    let names = read(&file).sheet_names();
    let first = [
        "Tổng hợp",
        "Tất cả các trang",
        "Việc cần xử lý",
        "Theo hệ thống, nhà cung cấp",
    ];
    assert_eq!(names[..4], first);
    assert_eq!(names[4..], ["khac.gov.vn", "tinh.gov.vn", "(không ghi cổng)"]);
    let all = rows(&file, "Tất cả các trang");
    assert_eq!(all[0][..4], ["STT", "Trang", "Tên", "Kết quả"]);
    assert_eq!(all.len(), 1 + results.len());
    for (row, result) in all[1..].iter().zip(&results) {
        assert_eq!(row[1], result.site.to_string());
        let word = crate::language::word("status", result.verdict.as_str(), Language::Vietnamese);
        assert_eq!(row[3], word);
        assert!(row.contains(&"21/11/2026 09:00".to_owned()), "{row:?}");
    }
    let portal = rows(&file, "tinh.gov.vn");
    let sites: Vec<&str> = portal[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(sites, ["tinh.gov.vn", "sxd.tinh.gov.vn", "syt.tinh.gov.vn"]);
}

#[test]
fn what_has_to_be_done_comes_with_repair_basis_and_evidence() {
    let file = workbook(&province());
    let todo = rows(&file, "Việc cần xử lý");
    let column = |name: &str| todo[0].iter().position(|heading| heading == name).unwrap();
    let row = todo.iter().find(|row| row[1] == "sxd.tinh.gov.vn").unwrap();
    assert_eq!(row[column("Kết quả")], "Không đạt");
    assert!(row[column("Cách xử lý")].contains("ẩn"), "{row:?}");
    assert!(
        row[column("Cách xử lý")].contains("WordPress"),
        "where in its system"
    );
    assert!(row[column("Căn cứ")].contains("Điểm a khoản 7 Điều 4 Thông tư số 22/2023/TT-BTTTT"));
    assert!(row[column("Căn cứ")].contains("224/2026") && !row[column("Căn cứ")].contains("42/2022"));
    assert_eq!(row[column("Mã kết quả")], "hidden");
    let blocked = todo.iter().find(|row| row[1] == "syt.tinh.gov.vn").unwrap();
    assert_eq!(blocked[column("Kết quả")], "Không đo được");
    assert!(blocked[column("Giải thích")].starts_with("Bị chặn: "));
    let english = workbook_in(Language::English, &province());
    assert_eq!(rows(&english, "To mend")[0][5], "Explanation");
}

#[test]
fn links_are_relative_so_that_they_survive_moving_the_folder() {
    let file = workbook(&province());
    let targets = part(&file, "xl/worksheets/_rels/sheet2.xml.rels");
    assert!(
        targets.contains("Target=\"report/sites/sxd.tinh.gov.vn.html\" TargetMode=\"External\""),
        "{targets}"
    );
    assert!(
        targets.contains("Target=\"sites/don-vi.gov.vn~web~mot/visit-1/data/desktop.jpg\""),
        "{targets}"
    );
    assert!(!targets.contains("file:") && !targets.contains("https:"));
    let package = Around::Package {
        page: "huong-dan.html",
    };
    assert_eq!(
        package.file(&province()[0], "visit-1/data/desktop.jpg"),
        "visit-1/data/desktop.jpg"
    );
    let judged = Around::Run { root: "../../" };
    assert_eq!(judged.file(&province()[1], "x"), "../../sites/sxd.tinh.gov.vn/x");
}

#[test]
fn headings_stay_filter_and_are_printed_on_every_page_of_a4() {
    let file = workbook(&province());
    let sheet = part(&file, "xl/worksheets/sheet2.xml");
    for wanted in [
        "state=\"frozen\"",
        "<autoFilter ref=\"A1:",
        "paperSize=\"9\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
    ] {
        assert!(sheet.contains(wanted), "{wanted}");
    }
    let book = part(&file, "xl/workbook.xml");
    assert!(book.contains("_xlnm.Print_Titles") && book.contains("$1:$1"));
}

#[test]
fn no_cell_is_a_formula_whatever_a_page_says() {
    let mut results = province();
    for (result, evil) in results.iter_mut().zip(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]) {
        result.name = evil.to_owned();
        result.agency = format!("{evil}\u{0}\u{b}");
        result.vendor = Some(evil.to_owned());
        result.findings[0].message.vi = evil.to_owned();
    }
    let file = workbook(&results);
    let mut archive = zip::ZipArchive::new(Cursor::new(file.clone())).unwrap();
    let names = archive.file_names().map(|name| name.unwrap().into_owned());
    let sheets: Vec<String> = names.filter(|name| name.contains("sheet")).collect();
    for name in sheets {
        let mut text = String::new();
        archive.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
        assert!(!text.contains("<f>"), "{name}");
    }
    let all = rows(&file, "Tất cả các trang");
    for (row, evil) in all[1..].iter().zip(["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1"]) {
        assert_eq!(row[2], evil);
    }
}

#[test]
fn texts_longer_than_a_cell_are_cut_and_the_file_still_opens() {
    let mut results = province();
    results[1].findings[0].message.vi = "ề".repeat(70_000);
    results[1].name = "_x0041_ ]]> <a> & \u{feff}".to_owned();
    let all = rows(&workbook(&results), "Tất cả các trang");
    assert_eq!(all[2][2], "_x0041_ ]]> <a> & \u{feff}");
    assert!(all[2].iter().any(|cell| cell.chars().count() == 32_000));
}

#[test]
fn only_a_fail_looks_like_one() {
    let looks = looks::Looks::new();
    let fail = looks.verdict(Verdict::Fail);
    for verdict in [Verdict::Pass, Verdict::Review, Verdict::NotMeasured] {
        assert_ne!(looks.verdict(verdict), fail, "{verdict:?}");
    }
}

#[test]
fn the_same_results_make_the_same_file() {
    assert_eq!(workbook(&province()), workbook(&province()));
}

#[test]
fn sheets_have_legal_names_of_their_own() {
    let mut names = SheetNames::default();
    let wanted = [
        "tinh.gov.vn",
        "TINH.gov.vn",
        "a/b:c?d*e[f]g\\h",
        "'trong dấu nháy'",
        "",
        "History",
        "history",
        "mot-ten-mien-rat-dai-cua-mot-don-vi.tinh.gov.vn",
        "mot-ten-mien-rat-dai-cua-mot-don-vi.thanhpho.gov.vn",
        "Cổng Thông tin điện tử tỉnh 🏛🏛🏛🏛🏛🏛🏛",
    ];
    let mut seen = HashSet::new();
    for name in wanted.map(|wanted| names.name(wanted)) {
        assert!((1..=31).contains(&name.encode_utf16().count()), "{name}");
        assert!(!name.contains(['[', ']', ':', '*', '?', '/', '\\']), "{name}");
        assert!(!name.starts_with('\'') && !name.ends_with('\''), "{name}");
        assert!(!name.eq_ignore_ascii_case("history"), "{name}");
        assert!(seen.insert(name.to_lowercase()), "{name} stands twice");
        let mut workbook = rust_xlsxwriter::Workbook::new();
        assert!(workbook.add_worksheet().set_name(&name).is_ok(), "{name}");
    }
}

#[test]
fn sites_are_counted_by_system_vendor_and_group() {
    let results = province();
    let by = |sort| tallies(&results, sort, Language::Vietnamese);
    let vendors = by(Sort::Vendor);
    assert_eq!(vendors[0].name, "Công ty A");
    assert_eq!((vendors[0].sites, vendors[0].verdicts), (2, [0, 1, 0, 1]));
    assert_eq!(vendors[0].codes[0].1, "hidden");
    assert_eq!(vendors[1].name, "(không ghi)");
    let systems = by(Sort::System);
    assert_eq!((systems[0].name.as_str(), systems[0].sites), ("WordPress", 1));
    assert!(by(Sort::Group).is_empty(), "the list has no groups");
    let file = workbook(&results);
    let causes = rows(&file, "Theo hệ thống, nhà cung cấp");
    let row = causes.iter().find(|row| row[1] == "Công ty A").unwrap();
    assert_eq!(row[..7], ["Nhà cung cấp", "Công ty A", "2", "0", "1", "0", "1"]);
    assert!(row[7].contains("Nhãn đã kết nối EMC: bị ẩn (1)"));
}

#[test]
fn every_code_that_fails_has_words_for_sums() {
    let fails = CheckId::ALL.into_iter().flat_map(CheckId::codes);
    for (code, _) in fails.filter(|(_, status)| *status == Status::Fail) {
        assert_ne!(crate::language::word("fault", code, Language::Vietnamese), *code);
    }
}
