//! Lists as departments write them, read through the library's front door.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use calamine::Reader as _;
use emc_audit::commands::list::{CheckError, check_list, new_template};
use emc_audit::inventory::{
    FileProblem, ListError, Problem, ReadOptions, RemarkKind, SiteList, WriteError, examine, read_list,
};
use emc_audit::language::Language;
use emc_audit::site::{ListedSite, Role, SiteState};
use rust_xlsxwriter::{Format, Formula, Url, Workbook, Worksheet};
use tempfile::TempDir;

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lists")
        .join(name)
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs_err::write(&path, content).unwrap();
        path
    }

    fn book(&self, fill: impl FnOnce(&mut Workbook)) -> PathBuf {
        let path = self.path("list.xlsx");
        let mut book = Workbook::new();
        fill(&mut book);
        book.save(&path).unwrap();
        path
    }
}

fn strict(path: &Path) -> Result<SiteList, ListError> {
    read_list(path, &ReadOptions::default())
}

fn read(path: &Path) -> SiteList {
    strict(path).unwrap_or_else(|error| panic!("{}", error.text(Language::Vietnamese)))
}

fn read_text(text: &str) -> Result<SiteList, ListError> {
    let folder = Folder::new();
    strict(&folder.file("list.csv", text))
}

fn file_problem(result: Result<SiteList, ListError>) -> FileProblem {
    match result {
        Err(ListError::File { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

fn sites(list: &SiteList) -> Vec<String> {
    list.sites.iter().map(|listed| listed.site.to_string()).collect()
}

fn portals(list: &SiteList) -> Vec<Option<String>> {
    let text = |listed: &ListedSite| listed.portal.as_ref().map(ToString::to_string);
    list.sites.iter().map(text).collect()
}

fn row(sheet: &mut Worksheet, at: u32, texts: &[&str]) {
    for (column, text) in (0..).zip(texts) {
        if !text.is_empty() {
            sheet.write_string(at, column, *text).unwrap();
        }
    }
}

#[test]
fn a_province_as_its_clerk_wrote_it_in_csv() {
    let list = read(&stored("province.csv"));
    assert_eq!(
        sites(&list),
        [
            "tinhmau.gov.vn",
            "sxd.tinhmau.gov.vn",
            "tinhmau.gov.vn/web/so-noi-vu",
            "huyena.tinhmau.gov.vn",
            "huyenb.tinhmau.gov.vn",
            "huyenc.tinhmau.gov.vn",
        ]
    );
    let groups: Vec<Option<&str>> = list.sites.iter().map(|listed| listed.group.as_deref()).collect();
    let (departments, districts) = (Some("Sở, ban, ngành"), Some("UBND các huyện"));
    assert_eq!(
        groups,
        [None, departments, departments, districts, districts, districts]
    );
    assert_eq!(list.sites[0].role, Role::Portal);
    assert!(
        list.sites[1..]
            .iter()
            .all(|listed| listed.role == Role::Component)
    );
    assert!(
        portals(&list)[1..]
            .iter()
            .all(|portal| portal.as_deref() == Some("tinhmau.gov.vn"))
    );
    assert_eq!(list.sites[1].emc_site_ids, [163]);
    assert!(!list.sites[1].scheme_given && list.sites[2].scheme_given);
    assert_eq!(list.sites[2].url, "http://tinhmau.gov.vn/web/so-noi-vu/trang-chu");
    assert_eq!(list.sites[3].aliases, ["huyen-a.gov.vn".parse().unwrap()]);
    assert_eq!(list.sites[4].state, SiteState::Exempt);
    assert_eq!(list.sites[4].note.as_deref(), Some("đang sáp nhập"));
    assert_eq!(list.sites[5].state, SiteState::Closed);
    assert!(list.references.is_empty());
    let kinds: Vec<&RemarkKind> = list.remarks.iter().map(|remark| &remark.kind).collect();
    assert!(kinds.contains(&&RemarkKind::NoSiteYet {
        name: "Sở Y tế".to_owned()
    }));
    assert!(
        kinds
            .iter()
            .any(|kind| matches!(kind, RemarkKind::TextBelowTable { .. }))
    );
    let no_site = list
        .remarks
        .iter()
        .find(|remark| matches!(remark.kind, RemarkKind::NoSiteYet { .. }));
    assert_eq!(
        no_site.unwrap().text(Language::English),
        "line 12: Sở Y tế: no site yet, left out"
    );
}

#[test]
fn every_bad_row_is_named_at_once_with_line_column_value_and_hint() {
    let error = strict(&stored("bad.csv")).unwrap_err();
    let found: Vec<(u32, &str, &str, &Problem)> = error
        .row_problems()
        .iter()
        .map(|one| {
            (
                one.place.line,
                one.column.as_deref().unwrap_or(""),
                one.value.as_str(),
                &one.problem,
            )
        })
        .collect();
    let line = |at| emc_audit::inventory::RowPlace {
        sheet: None,
        line: at,
    };
    let wanted = [
        (3, "url", "", Problem::NoAddress { links_unread: false }),
        (
            4,
            "url",
            "ftp://a.tinhmau.gov.vn",
            Problem::Scheme("ftp".to_owned()),
        ),
        (5, "url", "sở y tế", Problem::NotAnAddress),
        (6, "url", "vanthu@b.tinhmau.gov.vn", Problem::MailAddress),
        (
            7,
            "portal",
            "https://www.C.tinhmau.gov.vn/",
            Problem::PortalIsItself,
        ),
        (
            8,
            "portal",
            "e.tinhmau.gov.vn",
            Problem::PortalIsComponent(line(9)),
        ),
        (10, "role", "trưởng phòng", Problem::UnknownRole),
        (
            11,
            "url",
            "HTTP://WWW.E.tinhmau.gov.vn/",
            Problem::Duplicate(line(9)),
        ),
        (12, "state", "có lẽ", Problem::UnknownState),
        (13, "note", "", Problem::ExemptWithoutNote),
        (14, "emc_site_id", "0", Problem::SiteIdZero),
        (15, "emc_site_id", "12a", Problem::SiteIdNotANumber),
        (16, "aliases", "e.tinhmau.gov.vn", Problem::AliasIsListed(line(9))),
        (17, "portal", "Cổng nào đó", Problem::PortalUnknown),
        (18, "role", "vai gì", Problem::UnknownRole),
        (18, "emc_site_id", "x1", Problem::SiteIdNotANumber),
    ];
    let wanted: Vec<_> = wanted
        .iter()
        .map(|(at, column, value, problem)| (*at, *column, *value, problem))
        .collect();
    assert_eq!(found, wanted);

    let english = error.to_string();
    assert_eq!(english.lines().count(), 17);
    assert!(
        english.contains("line 5, column “url”, value “sở y tế”: not a web address (hint: "),
        "{english}"
    );
    let vietnamese = error.text(Language::Vietnamese);
    assert!(vietnamese.contains("dòng 5, cột “url”, giá trị “sở y tế”: không phải địa chỉ website (gợi ý: "));
}

#[test]
fn bad_rows_can_be_skipped_and_become_remarks() {
    let options = ReadOptions { skip_bad_rows: true };
    let list = read_list(&stored("bad.csv"), &options).unwrap();
    assert_eq!(sites(&list), ["tinhmau.gov.vn", "e.tinhmau.gov.vn"]);
    let left_out = |kind: &RemarkKind| matches!(kind, RemarkKind::LeftOut(_));
    assert_eq!(
        list.remarks
            .iter()
            .filter(|remark| left_out(&remark.kind))
            .count(),
        16
    );
}

#[test]
fn the_portal_of_a_skipped_row_is_still_looked_at() {
    let folder = Folder::new();
    let path = folder.file(
        "list.csv",
        "url,role,emc id\np.gov.vn,portal,xx\na.p.gov.vn,component,5\n",
    );
    let list = read_list(&path, &ReadOptions { skip_bad_rows: true }).unwrap();
    assert_eq!(sites(&list), ["a.p.gov.vn"]);
    assert_eq!(list.references[0].site, "p.gov.vn".parse().unwrap());
    assert_eq!(strict(&path).unwrap_err().row_problems().len(), 1);
}

#[test]
fn a_workbook_with_titles_merged_cells_groups_and_links() {
    let folder = Folder::new();
    let path = folder.book(|book| {
        let plain = Format::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Cấp tỉnh").unwrap();
        sheet
            .merge_range(0, 0, 0, 5, "DANH SÁCH WEBSITE", &plain)
            .unwrap();
        row(
            sheet,
            2,
            &[
                "STT",
                "Cơ quan chủ quản",
                "TÊN ĐƠN VỊ",
                "Địa chỉ\nwebsite",
                "Loại",
                "Mã EMC",
            ],
        );
        row(
            sheet,
            3,
            &[
                "",
                "",
                "Cổng thông tin điện tử tỉnh Mẫu",
                "tinhmau.gov.vn",
                "Cổng",
            ],
        );
        sheet.write_number(3, 5, 33).unwrap();
        sheet
            .merge_range(4, 0, 4, 5, "I. Sở, ban, ngành", &plain)
            .unwrap();
        sheet.merge_range(5, 1, 6, 1, "UBND tỉnh Mẫu", &plain).unwrap();
        row(sheet, 5, &["1", "", "Sở Y tế", "", "trang thành phần"]);
        let link = Url::new("https://syt.tinhmau.gov.vn/").set_text("Xem trang");
        sheet.write_url(5, 3, link).unwrap();
        row(
            sheet,
            6,
            &["2", "", "So\u{31b}\u{309} Xây du\u{323}\u{31b}ng", "", "trang"],
        );
        let formula = Formula::new("=HYPERLINK(\"http://sxd.tinhmau.gov.vn\",\"Xem\")").set_result("Xem");
        sheet.write_formula(6, 3, formula).unwrap();
        row(sheet, 7, &["3", "", "", "Chưa có"]);
        row(sheet, 9, &["Tổng cộng", "", "", "4"]);
        row(sheet, 11, &["", "", "", "", "TM. ỦY BAN NHÂN DÂN"]);
        let second = book.add_worksheet();
        second.set_name("Cấp xã").unwrap();
        row(second, 0, &["TT", "Đơn vị", "Website"]);
        row(second, 1, &["1", "", "Phường An"]);
        let link = Url::new("https://pan.tinhmau.gov.vn/").set_text("Phường An");
        second.write_url(1, 1, link).unwrap();
        second.write_string(1, 2, "").unwrap();
        second.write_blank(1, 2, &plain).unwrap();
        let notes = book.add_worksheet();
        notes.set_name("Ghi nhớ").unwrap();
        row(notes, 0, &["Liên hệ phòng Công nghệ"]);
        let hidden = book.add_worksheet();
        hidden.set_name("Ẩn").unwrap().set_hidden(true);
        row(hidden, 0, &["url", "role"]);
    });
    let list = read(&path);
    assert_eq!(
        sites(&list),
        [
            "tinhmau.gov.vn",
            "syt.tinhmau.gov.vn",
            "sxd.tinhmau.gov.vn",
            "pan.tinhmau.gov.vn"
        ]
    );
    assert_eq!(list.sites[0].emc_site_ids, [33]);
    assert_eq!(list.sites[1].agency.as_deref(), Some("UBND tỉnh Mẫu"));
    assert_eq!(list.sites[2].agency.as_deref(), Some("UBND tỉnh Mẫu"));
    assert_eq!(list.sites[2].name, "Sở Xây dựng");
    assert_eq!(list.sites[2].url, "http://sxd.tinhmau.gov.vn/");
    assert_eq!(list.sites[2].group.as_deref(), Some("Sở, ban, ngành"));
    assert_eq!(list.sites[3].role, Role::Component);
    assert_eq!(list.sites[3].group, None);
    let said = |wanted: fn(&RemarkKind) -> bool| list.remarks.iter().any(|remark| wanted(&remark.kind));
    assert!(said(
        |kind| matches!(kind, RemarkKind::SheetWithoutHeading { sheet } if sheet == "Ghi nhớ")
    ));
    assert!(said(
        |kind| matches!(kind, RemarkKind::HiddenSheet { sheet } if sheet == "Ẩn")
    ));
    assert!(said(|kind| matches!(
        kind,
        RemarkKind::RoleDerived(Role::Component)
    )));
}

#[test]
fn an_old_workbook_is_read_and_says_that_it_hides_links() {
    let error = strict(&stored("old.xls")).unwrap_err();
    let [problem] = error.row_problems() else {
        panic!("{error}");
    };
    assert_eq!(problem.place.line, 7);
    assert!(problem.text(Language::Vietnamese).contains(".xlsx"), "{error}");
    let list = read_list(&stored("old.xls"), &ReadOptions { skip_bad_rows: true }).unwrap();
    assert_eq!(
        sites(&list),
        ["tinhmau.gov.vn", "sxd.tinhmau.gov.vn", "snv.tinhmau.gov.vn"]
    );
    assert_eq!(list.sites[1].agency.as_deref(), Some("UBND tỉnh"));
    assert_eq!(list.sites[1].emc_site_ids, [163]);
    assert_eq!(list.sites[2].group.as_deref(), Some("Sở, ban, ngành"));
}

#[test]
fn the_text_counts_when_the_link_under_it_leads_elsewhere() {
    let folder = Folder::new();
    let path = folder.book(|book| {
        let sheet = book.add_worksheet();
        row(sheet, 0, &["Website", "Loại"]);
        let link = Url::new("https://khac.gov.vn/").set_text("https://p.gov.vn");
        sheet.write_url(1, 0, link).unwrap();
        row(sheet, 1, &["", "cổng"]);
    });
    let list = read(&path);
    assert_eq!(sites(&list), ["p.gov.vn"]);
    assert!(
        list.remarks
            .iter()
            .any(|remark| matches!(remark.kind, RemarkKind::LinkDiffers { .. }))
    );
}

#[test]
fn roles_and_portals_that_are_not_written_are_derived_where_evident() {
    let single =
        read_text("Đơn vị,Website\nCổng TTĐT tỉnh,tinh.gov.vn\nSở A,a.tinh.gov.vn\nBáo,bao.vn\n").unwrap();
    assert_eq!(single.sites[0].role, Role::Portal);
    assert_eq!(
        portals(&single)[1..],
        [Some("tinh.gov.vn".to_owned()), Some("tinh.gov.vn".to_owned())]
    );

    let named = read_text("url,portal\na.x.vn,b.y.vn\nb.y.vn,\nc.z.vn,b.y.vn\n").unwrap();
    let roles: Vec<Role> = named.sites.iter().map(|listed| listed.role).collect();
    assert_eq!(roles, [Role::Component, Role::Portal, Role::Component]);

    let two =
        read_text("url,name\nx.gov.vn,X\ny.gov.vn,Y\na.x.gov.vn,A\nwww.b.a.x.gov.vn,B\ny.gov.vn/web/c,C\n")
            .unwrap();
    assert_eq!(
        portals(&two),
        [
            None,
            None,
            Some("x.gov.vn".to_owned()),
            Some("x.gov.vn".to_owned()),
            Some("y.gov.vn".to_owned())
        ]
    );

    let unclear = read_text("url,name\nx.gov.vn,X\ny.gov.vn,Y\n").unwrap_err();
    assert!(
        unclear
            .row_problems()
            .iter()
            .all(|one| one.problem == Problem::RoleUnclear)
    );
    assert_eq!(unclear.row_problems().len(), 2);

    let homeless =
        read_text("url,role\nx.gov.vn,portal\ny.gov.vn,portal\na.z.gov.vn,component\n").unwrap_err();
    assert_eq!(homeless.row_problems()[0].problem, Problem::PortalUnclear(2));
}

#[test]
fn a_portal_outside_the_list_is_a_reference() {
    let list =
        read_text("url,role,portal\na.gov.vn,component,http://cong.gov.vn\nb.gov.vn,component,\n").unwrap();
    assert_eq!(list.references.len(), 1);
    let reference = &list.references[0];
    assert_eq!(
        (reference.url.as_str(), reference.scheme_given),
        ("http://cong.gov.vn/", true)
    );
    assert_eq!(reference.role, Role::Portal);
    assert_eq!(portals(&list)[1].as_deref(), Some("cong.gov.vn"));
}

#[test]
fn rows_that_list_nothing_are_told_from_units_without_address() {
    let rows = [
        "STT,Tên cơ quan,Website,Loại,Thuộc cổng,Ghi chú",
        "A,Cấp tỉnh,,20 đơn vị,",
        ",Cổng TTĐT tỉnh Mẫu,p.gov.vn,cổng,",
        "1,Khối các sở,,,",
        "1.1,Sở A,a.p.gov.vn,trang,Cổng thông tin điện tử tỉnh Mẫu",
        "2,UBND các xã,,,",
        "2.1,Tổng công ty B,b.p.gov.vn,trang,cổng ttđt Tỉnh Mẫu",
        "2.2,Xã C,,trang,",
        "STT,Tên cơ quan,Website,Loại,Thuộc cổng",
        "2.3,Xã D,d.p.gov.vn,trang,",
        "2.4,,,,",
        "2.5,Xã E,,trang,,chưa có website",
        "Cộng,,3 trang,,",
        ",Người lập biểu,,Giám đốc,",
    ];
    let folder = Folder::new();
    let path = folder.file("list.csv", rows.join("\n"));
    let error = strict(&path).unwrap_err();
    let lines: Vec<u32> = error.row_problems().iter().map(|one| one.place.line).collect();
    assert_eq!(lines, [8], "{error}");
    let list = read_list(&path, &ReadOptions { skip_bad_rows: true }).unwrap();
    assert_eq!(
        sites(&list),
        ["p.gov.vn", "a.p.gov.vn", "b.p.gov.vn", "d.p.gov.vn"]
    );
    let groups: Vec<Option<&str>> = list.sites.iter().map(|listed| listed.group.as_deref()).collect();
    assert_eq!(
        groups,
        [
            Some("Cấp tỉnh"),
            Some("Khối các sở"),
            Some("UBND các xã"),
            Some("UBND các xã")
        ]
    );
}

#[test]
fn csv_in_every_dress() {
    let rows = "url;name;role\nhttps://p.gov.vn;\"Cổng; \"\"Mẫu\"\"\nmới\";portal\n";
    let tab = rows.replace(';', "\t").replace("\"Cổng\t", "\"Cổng;");
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(tab.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let folder = Folder::new();
    let files = [
        folder.file("plain.csv", rows),
        folder.file("bom.csv", format!("\u{feff}{rows}")),
        folder.file("crlf.csv", rows.replace('\n', "\r\n")),
        folder.file("sep.csv", format!("sep=;\r\n{rows}")),
        folder.file("tab.txt", &tab),
        folder.file("utf16.txt", utf16),
    ];
    for file in files {
        let list = read(&file);
        assert_eq!(sites(&list), ["p.gov.vn"], "{}", file.display());
        assert_eq!(list.sites[0].name, "Cổng; \"Mẫu\" mới", "{}", file.display());
    }
    let late = read_text("url,role\n\n\np.gov.vn,portal\n\nxx,portal\n").unwrap_err();
    assert_eq!(late.row_problems()[0].place.line, 6);
}

#[test]
fn files_that_are_no_list_say_why() {
    let folder = Folder::new();
    let problem = |path: &Path| file_problem(strict(path));
    assert!(matches!(
        problem(&folder.path("none.csv")),
        FileProblem::CannotOpen(_)
    ));
    assert!(matches!(problem(folder.0.path()), FileProblem::CannotOpen(_)));
    assert_eq!(problem(&folder.file("empty.csv", "")), FileProblem::Empty);
    assert_eq!(
        problem(&folder.file("heading.csv", "url,role\n")),
        FileProblem::Empty
    );
    let legacy = b"url,name,role\na.gov.vn,S\xf4 Y t\xea,portal\n";
    assert_eq!(
        problem(&folder.file("1258.csv", legacy)),
        FileProblem::UnknownEncoding { line: Some(2) }
    );
    let page = "<html><table><tr><td>url</td></tr></table>";
    assert_eq!(
        problem(&folder.file("page.xls", page)),
        FileProblem::OtherFormat("HTML")
    );
    assert_eq!(
        problem(&folder.file("doc.pdf", "%PDF-1.7")),
        FileProblem::OtherFormat("PDF")
    );
    assert!(matches!(
        problem(&folder.file("cut.xlsx", b"PK\x03\x04xl/")),
        FileProblem::Damaged(_)
    ));
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing more";
    assert!(matches!(
        problem(&folder.file("cut.xls", ole)),
        FileProblem::Damaged(_)
    ));
    let open = "url,role\np.gov.vn,portal\n\"a.gov.vn,component\nb.gov.vn,component\n";
    assert_eq!(
        problem(&folder.file("quote.csv", open)),
        FileProblem::UnclosedQuote { line: 3 }
    );
    let FileProblem::NoHeading { known, unknown } =
        problem(&folder.file("x.csv", "STT,Đơn vị,Số lượng\n1,Sở A,5\n"))
    else {
        panic!("a heading was found");
    };
    assert_eq!((known.len(), unknown), (2, vec!["Số lượng".to_owned()]));
}

#[test]
fn a_huge_file_is_not_even_read() {
    let folder = Folder::new();
    let huge = folder.path("huge.csv");
    fs_err::File::create(&huge).unwrap().set_len(200 << 20).unwrap();
    assert!(matches!(
        file_problem(strict(&huge)),
        FileProblem::TooLarge { .. }
    ));

    let many = format!("url,role\n{}", "a.gov.vn,component\n".repeat(100_001));
    assert!(matches!(
        file_problem(read_text(&many)),
        FileProblem::TooManyRows { .. }
    ));
}

#[test]
fn a_stray_cell_in_the_last_corner_costs_nothing() {
    let folder = Folder::new();
    let path = folder.book(|book| {
        let sheet = book.add_worksheet();
        row(sheet, 0, &["url", "role"]);
        row(sheet, 1, &["p.gov.vn", "portal"]);
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
    });
    assert_eq!(sites(&read(&path)), ["p.gov.vn"]);
}

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
fn the_template_reads_as_a_good_list_and_is_never_written_over() {
    let folder = Folder::new();
    let path = folder.path("template.xlsx");
    new_template(&path).unwrap();
    let list = read(&path);
    assert_eq!(sites(&list), ["tinhmau.gov.vn", "sxd.tinhmau.gov.vn"]);
    assert_eq!(list.sites[1].portal, Some("tinhmau.gov.vn".parse().unwrap()));
    assert!(list.remarks.is_empty(), "{:?}", list.remarks);
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
