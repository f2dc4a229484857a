#![allow(clippy::unwrap_used)]
use super::*;
use crate::report::results::sample::record;
use crate::rules::CheckId;
use crate::verdict::Verdict;

#[test]
fn names_of_folders_cannot_break_out_of_a_link() {
    assert_eq!(link("sites/a.gov.vn~web/visit-1"), "sites/a.gov.vn~web/visit-1");
    assert_eq!(link("a?b#c\"d%"), "a%3Fb%23c%22d%25");
}

#[test]
fn the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() {
    let policy = policy(Some(TABLE_SCRIPT));
    assert!(policy.starts_with("default-src 'none'"));
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"));
    assert!(!super::policy(None).contains("script-src"));
}

#[test]
fn no_text_ends_the_block_of_data() {
    let hostile = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\u{202e}\0\"'&",
    ];
    let json = data::in_a_script(&serde_json::to_string(&hostile).unwrap());
    assert!(!json.contains(['<', '>', '&', '\0']));
    assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), hostile);
}

#[test]
fn what_a_person_decided_stands_beside_the_verdict() {
    use crate::verdict::{Decision, Reviewed, Status};
    let mut result = crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    result.reviewed = Some(Verdict::Pass);
    result.findings[0].reviewed = Some(Reviewed {
        decision: Decision::Pass,
        by: "Nguyễn <b>An</b>".to_owned(),
        at: "2026-11-22T02:00:00Z".to_owned(),
        note: "Nhãn <i>có</i> thật".to_owned(),
        status: Status::Fail,
        code: "absent".to_owned(),
        rules: "1".to_owned(),
        run: "20261120T020000Z".to_owned(),
    });
    let [_, site] = pages(&record(), result);
    for words in [
        "<span class=\"word fail\">Không đạt</span>",
        "<span class=\"word pass\">Đạt</span>",
        "Nguyễn &#60;b&#62;An",
        "Nhãn &#60;i&#62;có",
        "xem ở đợt 20261120T020000Z",
    ] {
        assert!(site.contains(words), "{words}");
    }
}

/// The first page, and that of the only site.
fn pages(record: &RunRecord, result: SiteResult) -> [String; 2] {
    pages_with(record, result, &Past::default())
}

fn pages_with(record: &RunRecord, result: SiteResult, past: &Past) -> [String; 2] {
    let rules = Rules::builtin().unwrap();
    let results = [result];
    let report = Report {
        record,
        results: &results,
        profile: rules.profile(None).unwrap(),
        rules: &rules,
        language: Language::Vietnamese,
        removed: std::collections::BTreeMap::new(),
        past,
        rechecked: &[],
    };
    let folder = tempfile::tempdir().unwrap();
    report.write(folder.path(), "..", &[Exhibits::default()]).unwrap();
    let site = folder.path().join("sites").join(file_name(&results[0]));
    [folder.path().join("index.html"), site].map(|page| fs_err::read_to_string(page).unwrap())
}

#[test]
fn a_run_of_some_checks_says_so_on_every_page() {
    let sample = || crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    let mut record = record();
    for page in pages(&record, sample()) {
        assert!(!page.contains("chỉ đánh giá"));
    }
    record.judged_by.only = Some(vec![CheckId::EmcBadge, CheckId::LinksPortal]);
    for page in pages(&record, sample()) {
        let banner = page.split("class=\"banner\">").nth(1).unwrap();
        assert!(
            banner.starts_with("Đợt này chỉ đánh giá: Nhãn đã kết nối EMC, Liên kết đến cổng."),
            "{banner:.200}"
        );
    }
}

#[test]
fn a_site_without_agency_and_name_is_named_once() {
    let host = "sxd.tinhmau.gov.vn";
    let mut result = crate::report::results::sample::result(host, Verdict::Fail);
    let told = |result: &SiteResult| pages(&record(), result.clone())[1].clone();
    assert!(told(&result).contains("Cơ quan: Sở Xây dựng"));
    result.agency = host.to_owned();
    result.name = host.to_owned();
    let page = told(&result);
    assert!(!page.contains("Cơ quan:"));
    let head = page.split("<h1>").nth(1).unwrap().split("</p>").next().unwrap();
    let words = head.replace(&format!("https://{host}"), "");
    assert_eq!(words.matches(host).count(), 1, "{head}");
}

#[test]
fn what_a_page_says_never_becomes_markup() {
    let mut result = crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    result.name = "<img src=x onerror=alert(1)>\"'".to_owned();
    result.findings[0].message.vi = "</td><script>alert(1)</script>".to_owned();
    for html in pages(&record(), result) {
        assert!(!html.contains("<script>alert") && !html.contains("<img src=x") && !html.contains("<b>v"));
        assert!(html.contains("onerror"), "it is shown as text");
    }
}

#[test]
fn a_portals_page_lists_its_links_and_offers_what_is_not_listed() {
    let mut result = crate::report::results::sample::result("tinh.gov.vn", Verdict::Fail);
    let finding = &mut result.findings[0];
    finding.check = CheckId::LinksComponents.to_string();
    finding.measured = serde_json::json!({
        "links": [{"site": "a.tinh.gov.vn", "url": "https://a.tinh.gov.vn/", "text": "Sở A", "form": "select",
                   "visibility": "openable", "rect": {"x": 10.0, "y": 20.5, "width": 300.0, "height": 24.0}}],
        "missing": ["b.tinh.gov.vn"],
        "unlisted": [{"site": "c.tinh.gov.vn", "url": "https://c.tinh.gov.vn/vn", "text": "=Sở, <C>", "form": "anchor",
                      "visibility": "shown"}],
    })
    .as_object()
    .unwrap()
    .clone()
    .into();
    let [_, page] = pages(&record(), result);
    for words in ["<td>hộp chọn</td><td>mở ra được</td>", "<li>b.tinh.gov.vn</li>"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("300 × 24"));
    let row = "c.tinh.gov.vn,&#34;&#39;=Sở, &#60;C&#62;&#34;,component,tinh.gov.vn";
    assert!(
        page.contains(row),
        "a row of a list, with no formula and no markup"
    );
}

#[test]
fn visits_that_disagree_are_told_apart_by_address_and_server() {
    let mut result = crate::report::results::sample::result("sxd.tinh.gov.vn", Verdict::Review);
    let visit = |number: u32, address: &str, code: &str| serde_json::json!({"visit": number, "engine": "shell", "address": address, "server": "nginx", "code": code});
    let mut page_of = |visits: Vec<serde_json::Value>| {
        result.findings[0]
            .measured
            .insert("visits".to_owned(), visits.into());
        pages(&record(), result.clone())[1].clone()
    };
    let apart = page_of(vec![
        visit(1, "203.0.113.1", "visible"),
        visit(2, "203.0.113.2", "absent"),
    ]);
    assert!(apart.contains("203.0.113.2</td><td>nginx</td><td>absent"));
    let alike = page_of(vec![
        visit(1, "203.0.113.1", "visible"),
        visit(2, "203.0.113.2", "visible"),
    ]);
    assert!(!alike.contains("203.0.113.2</td>"));
}

#[test]
fn every_form_and_visibility_of_a_link_has_words() {
    use crate::observation::{LinkForm, LinkVisibility};
    use LinkForm::{Anchor, Data, Form, Map, Menu, Onclick, Opaque, Script, Select};
    use LinkVisibility::{Hidden, Openable, Shown, Unclear};
    let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let forms = [Anchor, Data, Form, Map, Menu, Onclick, Opaque, Script, Select];
    for form in forms.map(|form| name(serde_json::to_value(form).unwrap())) {
        assert_ne!(word("link_form", &form, Language::Vietnamese), form);
    }
    for shown in [Hidden, Openable, Shown, Unclear].map(|one| name(serde_json::to_value(one).unwrap())) {
        assert_ne!(word("link_visibility", &shown, Language::Vietnamese), shown);
    }
}

#[test]
fn a_finding_shows_how_to_mend_it_in_the_system_of_its_site_and_escapes_what_the_page_says() {
    use crate::system::{System, SystemKind};
    let mut result = crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    result.system = Some(System {
        name: SystemKind::Liferay,
        sign: Some("<b>/o/frontend-js-web/</b>".to_owned()),
    });
    result.vendor = Some("Công ty <A>".to_owned());
    let finding = &mut result.findings[0];
    finding.check = CheckId::EmcScript.to_string();
    finding.code = "commented_out".to_owned();
    let facts = serde_json::json!({"line": 88, "excerpt": "<!-- <script>evil()</script> -->"});
    finding.measured = facts.as_object().unwrap().clone().into();
    let [index, page] = pages(&record(), result);
    for words in [
        "Hệ thống: Liferay (<code>&#60;b&#62;/o/frontend-js-web/&#60;/b&#62;</code>) · Nhà cung cấp: Công ty &#60;A&#62;",
        "dòng 88",
        "&#60;!-- &#60;script&#62;evil()",
        "portal_normal.ftl",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script>evil"));
    for words in [
        "Theo hệ thống, nhà cung cấp và nhóm",
        "Công ty &#60;A&#62;",
        "Mã giám sát EMC: mã nằm trong ghi chú (1)",
    ] {
        assert!(index.contains(words), "{words}");
    }
}

/// What is known beside a run whose only site got worse, and that lost another.
fn past() -> Past {
    use crate::history::{Changes, PastRun, RunEntry, difference};
    let entry = |site: &str, name: &str, verdict: &str| {
        let entry = crate::history::SiteEntry {
            site: site.to_owned(),
            name: name.to_owned(),
            outcome: "measured".to_owned(),
            reason: None,
            verdict: verdict.to_owned(),
        };
        let finding = crate::history::FindingEntry {
            site: site.to_owned(),
            check_name: "emc.badge".to_owned(),
            status: verdict.to_owned(),
            code: if verdict == "fail" { "hidden" } else { "visible" }.to_owned(),
            mandatory: true,
            seen: String::new(),
            fingerprint: String::new(),
        };
        (entry, vec![finding])
    };
    let run = |day: &str, counts| PastRun {
        run: format!("202611{day}T020000Z"),
        started: format!("2026-11-{day}T02:00:00Z"),
        counts,
    };
    let site = "sxd.tinhmau.gov.vn";
    let earlier = [
        entry(site, "Sở Xây dựng", "pass"),
        entry("cu.tinhmau.gov.vn", "<script>alert(1)</script>", "pass"),
    ];
    let later = [entry(site, "Sở Xây dựng", "fail")];
    let runs = vec![
        run("07", [1, 0, 0, 0]),
        run("14", [2, 0, 0, 0]),
        run("21", [0, 1, 0, 0]),
    ];
    let since = RunEntry {
        run: runs[1].run.clone(),
        kind: "full".to_owned(),
        state: "finished".to_owned(),
        started: runs[1].started.clone(),
        ended: None,
        profile: "province".to_owned(),
        rules: "2026-01-01.1".to_owned(),
        list: None,
    };
    let restless = [site.to_owned()].into();
    let difference = difference(&earlier, &later, &restless);
    Past {
        runs,
        changes: Some(Changes { since, difference }),
        courses: [(
            site.to_owned(),
            vec![None, Some(Verdict::Pass), Some(Verdict::Fail)],
        )]
        .into(),
        restless,
        ..Past::default()
    }
}

#[test]
fn the_course_and_the_changes_stand_on_the_first_page_and_on_that_of_the_site() {
    let result = || crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    let [index, site] = pages_with(&record(), result(), &past());
    for words in [
        "So với đợt 14/11/2026 09:00",
        "hai bộ quy tắc khác nhau (2026-01-01.1",
        "Xấu đi: <b>1</b>",
        "<a href=\"sites/sxd.tinhmau.gov.vn.html\"><bdi>Sở Xây dựng</bdi></a>",
        "Nhãn đã kết nối EMC: Đạt → Không đạt (bị ẩn)",
        "Không còn trong danh sách: <b>1</b>",
        "<bdi>&#60;script&#62;alert(1)&#60;/script&#62;</bdi>",
        "<th scope=\"row\">14/11/2026 09:00</th><td>2</td><td>0</td><td>0</td><td>0</td>",
        "<select name=\"change\">",
    ] {
        assert!(index.contains(words), "{words}");
    }
    assert!(!index.contains("<script>alert"));
    assert_eq!(index.matches("<text class=\"day\"").count(), 3);
    let marks = site
        .split("class=\"marks\">")
        .nth(1)
        .unwrap()
        .split("</ol>")
        .next()
        .unwrap();
    assert_eq!(marks.matches("<li>").count(), 3);
    assert!(marks.contains("<time>21/11/2026 09:00</time><span class=\"word fail\">Không đạt</span>"));
    assert!(site.contains("So với đợt 14/11/2026 09:00: Xấu đi") && site.contains("Hay thay đổi"));
    for page in pages(&record(), result()) {
        assert!(!page.contains("So với đợt") && !page.contains("class=\"marks\""));
    }
}
