//! What the rows of a list say.
use super::support::*;

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
