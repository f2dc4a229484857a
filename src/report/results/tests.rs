#![allow(clippy::unwrap_used)]
use super::sample::result;
use super::*;
use crate::verdict::Verdict;

const SCHEMA_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/result.schema.json");

/// With `UPDATE_SCHEMA=1` in the environment the file is written anew.
#[test]
fn the_schema_in_the_project_is_current() {
    let mut current = serde_json::to_string_pretty(&schema()).unwrap();
    current.push('\n');
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs_err::write(SCHEMA_FILE, &current).unwrap();
    }
    let stored = fs_err::read_to_string(SCHEMA_FILE).unwrap();
    assert!(
        stored == current,
        "the types have changed: run with UPDATE_SCHEMA=1"
    );
}

#[test]
fn lines_are_written_whole_and_meet_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    let mut writer = ResultsWriter::begin(&path).unwrap();
    writer.push(&result("sxd.tinh.gov.vn", Verdict::Fail)).unwrap();
    writer
        .push(&result("tinh.gov.vn/web/so-noi-vu", Verdict::NotMeasured))
        .unwrap();
    assert!(!path.exists(), "nothing stands under the name before it is whole");
    writer.finish().unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let text = fs_err::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(validator.is_valid(&value), "{line}");
    }
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_schema_refuses_what_is_no_result() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut value = serde_json::to_value(result("sxd.tinh.gov.vn", Verdict::Pass)).unwrap();
    assert!(validator.is_valid(&value));
    value["verdict"] = "passed".into();
    assert!(!validator.is_valid(&value));
    value["verdict"] = "pass".into();
    value["schema"] = "emc-audit/result/2".into();
    assert!(!validator.is_valid(&value));
}

#[test]
fn a_table_for_a_spreadsheet_has_a_mark_headings_and_no_formula() {
    let rules = Rules::builtin().unwrap();
    let profile = rules.profile(None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.csv");
    let mut writer = CsvWriter::begin(&path, &rules, profile, Language::Vietnamese).unwrap();
    let mut dirty = result("sxd.tinh.gov.vn", Verdict::Fail);
    dirty.name = "=HYPERLINK(\"https://x\")".to_owned();
    dirty.agency = "sxd.tinh.gov.vn".to_owned();
    dirty.vendor = Some("@cmd".to_owned());
    dirty.system = Some(crate::system::System {
        name: crate::system::SystemKind::WordPress,
        sign: Some("=generator".to_owned()),
    });
    dirty.visits[0].at = "2026-11-21T19:05:30.123456789Z".to_owned();
    writer.push(&dirty).unwrap();
    writer.finish().unwrap();
    let text = fs_err::read_to_string(&path).unwrap();
    assert!(text.starts_with("\u{feff}Trang,Tên,"), "{text}");
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    assert!(
        table
            .headers()
            .unwrap()
            .iter()
            .any(|cell| cell == "Nhãn đã kết nối EMC")
    );
    let row = table.records().next().unwrap().unwrap();
    assert_eq!(&row[1], "'=HYPERLINK(\"https://x\")");
    let last: Vec<&str> = row.iter().skip(row.len() - 6).collect();
    assert_eq!(last, ["WordPress", "'=generator", "'@cmd", "", "", ""]);
    assert_eq!(&row[2], "", "who has no agency does not stand for one");
    assert_eq!(&row[5], "Không đạt");
    assert!(
        row.iter().any(|cell| cell == "2026-11-22T02:05:30+07:00"),
        "{row:?}"
    );
    assert!(row.iter().any(|cell| cell == "Không đạt (visible)"));
    assert!(
        row.iter().any(|cell| cell == "Nhãn EMC"),
        "the sentence of what fails"
    );
}

#[test]
fn every_beginning_of_a_formula_is_guarded() {
    for cell in ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1", "＠x"] {
        assert!(guarded(cell).starts_with('\''), "{cell:?}");
    }
    assert_eq!(guarded("Sở = Y"), "Sở = Y");
}
