//! What `emc-audit list` writes.
use super::support::*;

#[test]
fn a_checked_list_comes_back_with_remarks_and_can_be_checked_again() {
    let folder = Folder::new();
    let out = folder.path("checked.xlsx");
    let checked = check_list(&stored("bad.csv"), &out).unwrap();
    assert_eq!((checked.summary.sites, checked.summary.problems), (2, 16));
    assert!(checked.text(Language::Vietnamese).contains("dòng 18"));

    let first = examine(&out).unwrap();
    let problems = |examined: &emc_audit::inventory::Examined| -> Vec<(u32, Problem)> {
        examined
            .problems
            .iter()
            .map(|one| (one.place.line, one.problem.clone()))
            .collect()
    };
    // The rows keep their numbers; only the sheet's name is new.
    assert_eq!(problems(&first).len(), 16);
    let lines: Vec<u32> = problems(&first).iter().map(|(line, _)| *line).collect();
    let before: Vec<u32> = checked
        .examined
        .problems
        .iter()
        .map(|one| one.place.line)
        .collect();
    assert_eq!(lines, before);

    let again = folder.path("again.xlsx");
    check_list(&out, &again).unwrap();
    let third = folder.path("third.xlsx");
    check_list(&again, &third).unwrap();
    assert_eq!(cells(&third, "Danh sách"), cells(&again, "Danh sách"));
    assert_eq!(cells(&third, "Danh sách")[0], cells(&out, "Danh sách")[0]);
    let note = &cells(&out, "Danh sách")[4];
    assert!(
        note.last()
            .unwrap()
            .starts_with("Lỗi: cột “url” không phải địa chỉ website. Gợi ý: "),
        "{note:?}"
    );
    assert!(matches!(
        check_list(&out, &out),
        Err(CheckError::Write(WriteError::IsTheList(_)))
    ));
}

/// The cells of a sheet as texts, row by row.
fn cells(path: &Path, sheet: &str) -> Vec<Vec<String>> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

#[test]
fn what_looks_like_a_formula_stays_text() {
    let folder = Folder::new();
    let list = folder.file(
        "list.csv",
        "url,name,role\np.gov.vn,\"=cmd|' /C calc'!A0\",portal\n@x,+1,-2\n",
    );
    let out = folder.path("out.xlsx");
    check_list(&list, &out).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&out).unwrap();
    assert!(book.worksheet_formula("Danh sách").unwrap().is_empty());
    assert_eq!(cells(&out, "Danh sách")[1][1], "=cmd|' /C calc'!A0");
}

#[test]
fn the_templates_examples_are_no_sites_and_it_is_never_written_over() {
    let folder = Folder::new();
    let path = folder.path("template.xlsx");
    new_template(&path).unwrap();
    let untouched = examine(&path).unwrap();
    let lines: Vec<_> = untouched.problems.iter().map(|one| one.place.line).collect();
    assert_eq!(lines, [2, 3]);
    assert!(
        untouched
            .problems
            .iter()
            .all(|one| one.problem == Problem::Example),
        "nothing else is wrong with it: {:?}",
        untouched.problems
    );
    assert!(untouched.list.remarks.is_empty(), "{:?}", untouched.list.remarks);
    // Half filled in is not filled in; a real unit of that name is none of its examples.
    let mixed = "url,name,role,portal\n\
        ten-tinh.gov.vn,Cổng tỉnh A,portal,\n\
        a.gov.vn,\"Sở X (Ví dụ, xóa dòng này)\",portal,\n\
        b.gov.vn,Sở Y,component,ten-tinh.gov.vn\n\
        xin-ten-tinh.gov.vn,Cổng,portal,\n";
    let mixed = examine(&folder.file("mixed.csv", mixed)).unwrap();
    assert_eq!(mixed.problems.len(), 3, "{:?}", mixed.problems);
    assert_eq!(sites(&mixed.list), ["xin-ten-tinh.gov.vn"]);
    assert!(matches!(new_template(&path), Err(WriteError::Exists(_))));
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("type=\"list\"") && sheet.contains("trang thành phần"),
        "drop-downs"
    );
    assert!(sheet.contains("state=\"frozen\""), "frozen heading");
}

fn part(path: &Path, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs_err::File::open(path).unwrap()).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}
