//! Files as they come: workbooks old and new, CSV in every dress, and files that are no list.
use super::support::*;

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
    assert!(matches!(problem(&folder.path("none.csv")), FileProblem::NotThere));
    assert!(matches!(problem(folder.0.path()), FileProblem::Folder));
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
