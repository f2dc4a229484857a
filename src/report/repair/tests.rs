#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};

use super::plan::TEXTS;
use super::*;
use crate::language::assert_both_languages;
use crate::report::results::sample::result;
use crate::system::{System, SystemKind};
use crate::verdict::Verdict;

const LANGUAGES: [Language; 2] = [Language::Vietnamese, Language::English];

/// A failing site whose only finding is this.
fn site(check: CheckId, code: &str, measured: &Value) -> SiteResult {
    let mut site = result("sxd.tinh.gov.vn", Verdict::Fail);
    site.findings.truncate(1);
    let finding = &mut site.findings[0];
    finding.check = check.to_string();
    finding.code = code.to_owned();
    finding.status = check.status_of(code).unwrap_or(Status::Review);
    finding.measured = measured.as_object().unwrap().clone().into();
    site
}

fn repair_in(language: Language, site: &SiteResult) -> Repair {
    let mut portal = result("tinh.gov.vn", Verdict::Pass);
    portal.name = "Cổng <tỉnh> \"Mẫu\"".to_owned();
    let emc = EmcSettings::default();
    let results = [portal];
    Repairs::new(&results, &emc, language)
        .of(site, &site.findings[0])
        .unwrap()
}

fn repair(check: CheckId, code: &str, measured: &Value) -> Repair {
    repair_in(Language::Vietnamese, &site(check, code, measured))
}

/// Every fact that texts speak of, as checks write them.
fn all_facts() -> Value {
    json!({
        "url": "http://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js", "place": "text/plain", "line": 12, "excerpt": "<script>",
        "ids": ["33"], "listed": [163], "site_id": "33", "shared_with": ["b.tinh.gov.vn"], "script": "absent",
        "selector": "#btnEMC", "cause": "opacity: 0", "hidden_element": ".a", "hidden_property": "display",
        "coverer": "div#chat", "drawn_width": 2, "drawn_height": 2,
        "missing": ["a.tinh.gov.vn"], "hidden": ["a.tinh.gov.vn"], "deep": ["a.tinh.gov.vn"], "uncertain": ["a.tinh.gov.vn"],
        "index_text": "Các đơn vị", "portal": "tinh.gov.vn", "portal_palette": [{"hex": "#B11116", "share": 0.8}],
    })
}

#[test]
fn the_file_says_the_same_in_both_languages() {
    assert_both_languages(TEXTS);
}

#[test]
fn every_failing_and_questionable_code_of_the_catalogue_has_a_text() {
    for check in CheckId::ALL {
        let open = check
            .codes()
            .iter()
            .filter(|(_, status)| matches!(status, Status::Fail | Status::Review));
        for code in open.map(|(code, _)| *code).chain(["unstable"]) {
            for language in LANGUAGES {
                let made = repair_in(language, &site(check, code, &all_facts()));
                assert!(made.text.chars().count() > 30, "{check} {code}");
                assert!(
                    !made.text.contains(['…', '{', '}']),
                    "{check} {code}: {}",
                    made.text
                );
                // A finding without facts still gets a text.
                assert!(
                    !repair_in(language, &site(check, code, &json!({})))
                        .text
                        .is_empty(),
                    "{check} {code}"
                );
            }
        }
    }
}

#[test]
fn what_passes_or_was_not_measured_is_not_repaired() {
    let emc = EmcSettings::default();
    let repairs = Repairs::new(&[], &emc, Language::Vietnamese);
    for code in ["visible", "emc_host_down"] {
        let site = site(CheckId::EmcBadge, code, &json!({}));
        assert_eq!(repairs.of(&site, &site.findings[0]), None);
    }
}

#[test]
fn every_system_says_where_code_links_and_styles_are_changed() {
    for (check, code) in [
        (CheckId::EmcScript, "absent"),
        (CheckId::LinksPortal, "absent"),
        (CheckId::EmcBadge, "hidden"),
        (CheckId::EmcScript, "blocked_by_csp"),
    ] {
        for kind in SystemKind::ALL {
            let mut site = site(check, code, &all_facts());
            site.system = Some(System {
                name: kind,
                sign: None,
            });
            for language in LANGUAGES {
                let place = repair_in(language, &site).place.unwrap();
                assert!(place.chars().count() > 20, "{check} {kind:?}");
            }
        }
    }
}

#[test]
fn the_code_has_the_registered_id_and_no_other() {
    let mut site = site(CheckId::EmcScript, "absent", &json!({}));
    let code = |site: &SiteResult| repair_in(Language::Vietnamese, site).code();
    assert!(code(&site).contains("'setSiteId', 'MA_TRANG'"));
    site.emc_site_ids = vec![163];
    let pasted = code(&site);
    assert!(pasted.contains("['setSiteId', '163']") && pasted.contains("https://f-emc.ngsp.gov.vn/tracking"));
    assert!(pasted.contains("g.src = 'https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js'"));
    site.emc_site_ids.push(164);
    assert!(code(&site).contains("MA_TRANG"), "nobody knows which of two");
}

#[test]
fn the_rule_that_hides_the_badge_is_named_with_file_and_line() {
    let mut facts = json!({
        "selector": "#btnEMC", "cause": ".yhy-append-wrap { display: none }",
        "hidden_element": "html > body > div:nth-of-type(2)", "hidden_property": "display",
        "rule": {"place": "sheet", "selector": ".yhy-append-wrap", "declaration": "display: none !important",
                 "sheet": "https://sxd.tinh.gov.vn/css/theme.css", "line": 214, "media": "(min-width: 900px)"},
    });
    let made = repair(CheckId::EmcBadge, "hidden", &facts);
    assert!(
        made.text
            .contains("tệp https://sxd.tinh.gov.vn/css/theme.css, dòng 214"),
        "{}",
        made.text
    );
    assert_eq!(
        made.pastes[0].code,
        "@media (min-width: 900px) {\n  .yhy-append-wrap { display: none !important; }\n}"
    );
    assert_eq!(
        made.pastes[1].code,
        ".yhy-append-wrap {\n  display: block !important;\n}"
    );
    facts["rule"] = json!({"place": "document", "selector": "#a", "declaration": "display: none"});
    assert!(
        repair(CheckId::EmcBadge, "hidden", &facts)
            .text
            .contains("một thẻ <style> của trang chủ")
    );
    facts["rule"] = json!({"place": "attribute", "selector": "", "declaration": "display: none"});
    let inline = repair(CheckId::EmcBadge, "hidden", &facts);
    assert!(inline.text.contains("style=\"display: none\""), "{}", inline.text);
    assert_eq!(inline.pastes.len(), 1);
    facts["cause"] = "display: none (script)".into();
    assert!(
        repair(CheckId::EmcBadge, "hidden", &facts)
            .text
            .contains("(script)")
    );
}

#[test]
fn the_directive_is_given_as_it_should_be() {
    for (directive, wanted) in [
        (
            "script-src 'self' https://a.vn",
            "script-src 'self' https://a.vn https://f-emc.ngsp.gov.vn",
        ),
        (
            "default-src 'self'",
            "script-src 'self' https://f-emc.ngsp.gov.vn",
        ),
        ("script-src 'none'", "script-src https://f-emc.ngsp.gov.vn"),
    ] {
        let made = repair(
            CheckId::EmcScript,
            "blocked_by_csp",
            &json!({ "directive": directive }),
        );
        assert!(made.text.contains(directive), "{}", made.text);
        assert_eq!(made.pastes[0].code, wanted);
    }
    let inline = json!({"place": "script", "inline_directive": "script-src 'self'"});
    let made = repair(CheckId::EmcScript, "not_executed", &inline);
    assert!(made.text.contains("“script-src 'self'”"), "{}", made.text);
    let long = json!({ "directive": "script-src 'self' https://a…" });
    assert!(
        repair(CheckId::EmcScript, "blocked_by_csp", &long)
            .pastes
            .is_empty()
    );
    let strict = json!({"directive": "script-src 'nonce-x' 'strict-dynamic'", "policy_in": "meta"});
    let made = repair(CheckId::EmcScript, "blocked_by_csp", &strict);
    assert!(made.text.contains("nonce") && made.pastes.is_empty());
    assert!(made.place.unwrap().contains("<meta http-equiv"));
}

#[test]
fn the_line_of_commented_code_is_named_where_it_is_known() {
    let with = repair(
        CheckId::EmcScript,
        "commented_out",
        &json!({"line": 88, "excerpt": "<!-- <script> -->"}),
    );
    assert!(with.text.contains("dòng 88"), "{}", with.text);
    assert_eq!(with.pastes[0].code, "<!-- <script> -->");
    let without = repair(CheckId::EmcScript, "commented_out", &json!({}));
    assert!(!without.text.contains("dòng") && without.text.contains("<!--"));
}

#[test]
fn links_can_be_pasted_and_names_cannot_break_out_of_them() {
    let made = repair(
        CheckId::LinksComponents,
        "missing",
        &json!({"missing": ["tinh.gov.vn", "p.vn/web/so-noi-vu"]}),
    );
    assert!(made.text.contains("2 liên kết"), "{}", made.text);
    let html = &made.pastes[0].code;
    assert!(
        html.contains("<a href=\"https://tinh.gov.vn/\">Cổng &#60;tỉnh&#62; &#34;Mẫu&#34;</a>"),
        "{html}"
    );
    assert!(
        html.contains("<a href=\"https://p.vn/web/so-noi-vu\">p.vn/web/so-noi-vu</a>"),
        "{html}"
    );
}

#[test]
fn mixed_content_is_told_with_its_right_address() {
    let url = "http://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js";
    let made = repair(CheckId::EmcScript, "mixed_content", &json!({ "url": url }));
    assert_eq!(made.pastes[0].code, url.replace("http:", "https:"));
}

#[test]
fn a_fail_that_nobody_confirmed_says_so() {
    let mut site = site(CheckId::EmcBadge, "absent", &json!({"script": "loaded"}));
    site.findings[0].status = Status::Review;
    assert!(
        repair_in(Language::Vietnamese, &site)
            .text
            .starts_with("Chưa được lần xem thứ hai xác nhận")
    );
    site.findings[0].status = Status::Fail;
    assert!(
        repair_in(Language::Vietnamese, &site)
            .text
            .starts_with("Mã giám sát đã chạy")
    );
}
