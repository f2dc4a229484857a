#![allow(clippy::unwrap_used)]
use super::super::text::placeholders;
use super::*;
use serde_json::json;

fn built_in() -> Rules {
    Rules::builtin().unwrap()
}

#[test]
fn every_code_of_every_check_speaks_both_languages() {
    let rules = built_in();
    for check in CheckId::ALL {
        let name = rules.check_name(check);
        assert!(
            !name.vi.is_empty() && !name.en.is_empty() && name.vi != name.en,
            "{check}"
        );
        for (code, _) in check.codes() {
            let message = rules.message(check, code, &Map::new());
            assert!(
                message.vi.len() > code.len() && message.vi != message.en,
                "{check} {code}"
            );
            assert!(message.en.len() > code.len(), "{check} {code}");
        }
    }
    for word in COMMON_CODES {
        assert_ne!(
            rules.common_message(word).vi,
            rules.common_message(word).en,
            "{word}"
        );
    }
    for (_, reason) in REASONS {
        assert_ne!(rules.reason_message(reason, None).vi, *reason);
    }
}

#[test]
fn both_languages_use_the_same_facts() {
    let raw: RawRules = toml::from_str(BUILT_IN).unwrap();
    for (check, texts) in &raw.checks {
        for (code, message) in &texts.codes {
            let strip = |text: &str| -> Vec<String> {
                let mut names: Vec<String> = placeholders(text)
                    .into_iter()
                    .map(|name| name.trim_end_matches("_en").to_owned())
                    .collect();
                names.sort();
                names
            };
            assert_eq!(strip(&message.vi), strip(&message.en), "{check} {code}");
        }
    }
}

#[test]
fn a_code_that_nobody_knows_is_named_with_its_place() {
    let text = BUILT_IN.replace("commented_out =", "comented_out =");
    let error = Rules::from_toml(&text).unwrap_err().to_string();
    assert!(
        error.contains("emc.script") && error.contains("comented_out"),
        "{error}"
    );
}

/// The rules that a run kept were written before the program learnt more codes.
#[test]
fn older_rules_get_the_texts_that_they_lack() {
    let kept = |line: &&str| !line.starts_with("asked_to_wait =") && !line.starts_with("captcha = {");
    let older = BUILT_IN.lines().filter(kept).collect::<Vec<_>>().join("\n");
    assert!(older.len() < BUILT_IN.len());
    let (older, known) = (Rules::from_toml(&older).unwrap(), built_in());
    assert_eq!(
        older.reason_message("asked_to_wait", None),
        known.reason_message("asked_to_wait", None)
    );
    assert_eq!(older.signals, known.signals);
}

#[test]
fn the_built_in_rules_lack_nothing() {
    assert!(toml::from_str::<RawRules>(BUILT_IN).is_ok());
}

#[test]
fn an_unknown_text_a_wrong_check_and_a_wrong_day_are_errors() {
    let without = BUILT_IN.replace("unstable = {", "unsteady = {");
    assert!(
        Rules::from_toml(&without)
            .unwrap_err()
            .to_string()
            .contains("unsteady")
    );
    let check = BUILT_IN.replacen("checks = [\"emc.badge\"]", "checks = [\"emc.bagde\"]", 1);
    assert!(
        Rules::from_toml(&check)
            .unwrap_err()
            .to_string()
            .contains("emc.bagde")
    );
    let day = BUILT_IN.replace("until = \"2026-07-01\"", "until = \"1/7/2026\"");
    assert!(
        Rules::from_toml(&day)
            .unwrap_err()
            .to_string()
            .contains("decree-42-2022")
    );
    let basis = BUILT_IN.replace("id = \"decree-224-2026\"", "id = \"decree-225-2026\"");
    assert!(
        Rules::from_toml(&basis)
            .unwrap_err()
            .to_string()
            .contains("decree-224-2026")
    );
}

#[test]
fn the_decree_in_force_depends_on_the_day() {
    let rules = built_in();
    let criterion = &rules.profile(None).unwrap().criteria[0];
    let ids = |day: &str| -> Vec<String> {
        rules
            .bases_in_force(criterion, day)
            .iter()
            .map(|basis| basis.id.clone())
            .collect()
    };
    assert!(ids("2026-06-30").contains(&"decree-42-2022".to_owned()));
    assert!(!ids("2026-07-01T00:00:00Z").contains(&"decree-42-2022".to_owned()));
    assert_eq!(ids("2026-07-01"), ["circular-22-2023-4-6", "decree-224-2026"]);
    assert!(!ids("2026-06-30").contains(&"decree-224-2026".to_owned()));
}

#[test]
fn the_profiles_differ_in_what_the_look_means() {
    let rules = built_in();
    let ministry = rules.profile(Some("ministry-2024")).unwrap();
    let province = rules.profile(None).unwrap();
    assert_eq!(province.id, "province");
    assert!(province.is_mandatory(CheckId::LookHeader) && !ministry.is_mandatory(CheckId::LookHeader));
    assert!(!province.is_mandatory(CheckId::SiteAvailable));
    assert!(
        CheckId::ALL
            .iter()
            .all(|check| province.has(*check) && ministry.has(*check))
    );
    let error = rules.profile(Some("city")).unwrap_err().to_string();
    assert!(error.contains("city") && error.contains("ministry-2024"));
}

#[test]
fn a_status_without_its_own_sentence_gets_the_general_one() {
    let rules = built_in();
    assert!(rules.reason_message("http_503", None).en.contains("503"));
    assert!(rules.reason_message("http_403", None).vi.contains("HTTP 403"));
}

#[test]
fn facts_fill_a_message() {
    let facts = json!({"found": 1, "expected": 2, "missing_named": ["syt.tinh.gov.vn"]});
    let message = built_in().message(CheckId::LinksComponents, "missing", facts.as_object().unwrap());
    assert!(message.vi.contains("1/2") && message.vi.contains("syt.tinh.gov.vn"));
}
