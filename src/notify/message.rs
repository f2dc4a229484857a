//! What a message says: a run's counts, what changed since the run before, and where to look. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::bundle::RunRecord;
use crate::history::{Change, Difference};
use crate::language::{Language, Sentence, word};
use crate::report::{SITES_LISTED_MAX, changed_site_text, time_for_people};
use crate::rules::Rules;
use crate::settings::When;
use crate::verdict::Verdict;

const SCHEMA: &str = "emc-audit/message/1";

/// A message, as a webhook gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// `emc-audit/message/1`
    pub schema: String,
    /// The same when it is delivered once more: a receiver can tell that it knows it.
    pub id: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub event: MessageEvent,
    /// The scheduled list, by its name in the settings; empty in a test.
    pub list: String,
    pub run: Option<String>,
    /// The run that it is compared with.
    pub previous: Option<String>,
    /// Sites of the run.
    pub sites: usize,
    /// Sites by verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Sites by what became of them: `worse`, `fixed`, `other`, `new`, `gone`.
    pub changes: BTreeMap<String, usize>,
    /// Sites that changed for the worse, at most 50.
    pub worse: Vec<WorseSite>,
    pub links: Vec<Link>,
    /// `vi` or `en`, of what follows.
    pub language: String,
    pub subject: String,
    /// What a mail says.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageEvent {
    /// A run is finished.
    Run,
    /// A run could not be made.
    Failed,
    /// Somebody tries whether messages arrive.
    Test,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorseSite {
    pub site: String,
    pub name: String,
    /// Verdict before and after.
    pub was: Option<String>,
    pub is: Option<String>,
    pub checks: Vec<WorseCheck>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorseCheck {
    pub check: String,
    /// Code before and after.
    pub was: String,
    pub is: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// `report` or `review`
    pub what: String,
    pub url: String,
}

/// What a message is made from.
#[derive(Debug, Clone, Copy)]
pub struct MessageFacts<'a> {
    pub list: &'a str,
    pub at: Timestamp,
    pub base_url: Option<&'a Url>,
    pub language: Language,
}

impl Message {
    /// Of a finished run, and of what changed since `previous` where there is one.
    pub fn of_run(
        facts: MessageFacts<'_>,
        record: &RunRecord,
        compared: Option<(&str, &Difference)>,
    ) -> Self {
        let difference = compared.map(|(_, difference)| difference);
        let mut message = Self::begin(facts, MessageEvent::Run, Some(&record.run));
        message.previous = compared.map(|(previous, _)| previous.to_owned());
        message.sites = record.counts.sites;
        message.verdicts.clone_from(&record.counts.verdicts);
        if let Some(difference) = difference {
            message.take_changes(difference);
        }
        message.links = links(facts.base_url, &record.run);
        message.subject = message.subject_of_run(facts.language);
        message.text = message.text_of_run(facts.language, record, difference);
        message
    }

    /// Of a run that could not be made.
    pub fn of_failure(facts: MessageFacts<'_>, end: &str, run: Option<&str>) -> Self {
        let mut message = Self::begin(facts, MessageEvent::Failed, run);
        let about = |key| {
            let how = word("schedule_end", end, facts.language);
            let sentence = Sentence::new("message", key)
                .with("list", facts.list)
                .with("end", how);
            sentence
                .with("at", time_for_people(&message.at))
                .text(facts.language)
        };
        let (subject, text) = (about("failed_subject"), about("failed"));
        (message.subject, message.text) = (subject, text);
        message
    }

    /// Tries whether messages arrive.
    pub fn test(facts: MessageFacts<'_>) -> Self {
        let mut message = Self::begin(facts, MessageEvent::Test, None);
        word("message", "test_subject", facts.language).clone_into(&mut message.subject);
        word("message", "test", facts.language).clone_into(&mut message.text);
        message
    }

    fn begin(facts: MessageFacts<'_>, event: MessageEvent, run: Option<&str>) -> Self {
        let kind = match event {
            MessageEvent::Run => "run",
            MessageEvent::Failed => "failed",
            MessageEvent::Test => "test",
        };
        // A failure is no run's, and of a list and a moment.
        let of = run.map_or_else(
            || facts.at.strftime("%Y%m%dT%H%M%S%3fZ").to_string(),
            str::to_owned,
        );
        let mut id = vec![kind, facts.list, &of];
        id.retain(|part| !part.is_empty());
        Self {
            schema: SCHEMA.to_owned(),
            id: id.join("."),
            at: facts.at.to_string(),
            event,
            list: facts.list.to_owned(),
            run: run.map(str::to_owned),
            previous: None,
            sites: 0,
            verdicts: BTreeMap::new(),
            changes: BTreeMap::new(),
            worse: Vec::new(),
            links: Vec::new(),
            language: facts.language.to_string(),
            subject: String::new(),
            text: String::new(),
        }
    }

    /// Whether somebody who asked for these occasions gets it.
    pub fn is_wanted(&self, when: &[When]) -> bool {
        match self.event {
            MessageEvent::Run => {
                when.contains(&When::Run) || (when.contains(&When::Worse) && !self.worse.is_empty())
            }
            MessageEvent::Failed => when.contains(&When::Failed),
            MessageEvent::Test => true,
        }
    }

    fn take_changes(&mut self, difference: &Difference) {
        for change in Change::ALL {
            let count = difference
                .sites
                .iter()
                .filter(|site| site.change == change)
                .count();
            self.changes.insert(change.as_str().to_owned(), count);
        }
        let worse = difference
            .sites
            .iter()
            .filter(|site| site.change == Change::Worse);
        self.worse = worse
            .take(SITES_LISTED_MAX)
            .map(|site| WorseSite {
                site: site.site.clone(),
                name: site.name.clone(),
                was: site.was.clone(),
                is: site.is.clone(),
                checks: site
                    .checks
                    .iter()
                    .map(|check| WorseCheck {
                        check: check.check.clone(),
                        was: check.was.code.clone(),
                        is: check.is.code.clone(),
                    })
                    .collect(),
            })
            .collect();
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.get(&verdict).copied().unwrap_or_default()
    }

    fn changed(&self, change: Change) -> usize {
        self.changes.get(change.as_str()).copied().unwrap_or_default()
    }

    fn subject_of_run(&self, language: Language) -> String {
        let key = if self.worse.is_empty() {
            "subject"
        } else {
            "subject_worse"
        };
        Sentence::new("message", key)
            .with("list", &self.list)
            .with("worse", self.changed(Change::Worse))
            .with("fail", self.count(Verdict::Fail))
            .with("sites", self.sites)
            .text(language)
    }

    fn text_of_run(&self, language: Language, record: &RunRecord, difference: Option<&Difference>) -> String {
        let ended = record.ended.as_deref().unwrap_or_default();
        let head = Sentence::new("message", "run")
            .with("list", &self.list)
            .with("run", &record.run)
            .with("started", time_for_people(&record.started))
            .with("ended", time_for_people(ended))
            .with("sites", self.sites);
        let mut text = head.text(language);
        text.push('\n');
        for verdict in Verdict::ALL {
            let name = word("status", verdict.as_str(), language);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {name}: {}", self.count(verdict));
        }
        text.push('\n');
        match difference {
            None => text.push_str(word("message", "first", language)),
            Some(difference) => self.add_changes(&mut text, difference, language),
        }
        text.push('\n');
        for link in &self.links {
            let _ = writeln!(text, "\n{}: {}", word("message", &link.what, language), link.url);
        }
        text
    }

    fn add_changes(&self, text: &mut String, difference: &Difference, language: Language) {
        let head =
            Sentence::new("message", "changes").with("run", self.previous.as_deref().unwrap_or_default());
        text.push_str(&head.text(language));
        text.push('\n');
        for change in Change::ALL {
            let name = word("diff", change.as_str(), language);
            let _ = writeln!(text, "  {name}: {}", self.changed(change));
        }
        // Names of checks are those of the built-in rules: the two runs may have had different ones.
        let rules = Rules::builtin().ok();
        let worse = difference
            .sites
            .iter()
            .filter(|site| site.change == Change::Worse);
        if !self.worse.is_empty() {
            let _ = writeln!(text, "\n{}:", word("diff", Change::Worse.as_str(), language));
        }
        for site in worse.take(SITES_LISTED_MAX) {
            text.push_str(&changed_site_text(site, rules.as_ref(), language));
        }
        let more = self.changed(Change::Worse).saturating_sub(SITES_LISTED_MAX);
        if more > 0 {
            let sentence = Sentence::new("message", "more").with("count", more);
            text.push_str(&sentence.text(language));
            text.push('\n');
        }
    }
}

fn links(base_url: Option<&Url>, run: &str) -> Vec<Link> {
    let Some(base) = base_url else {
        return Vec::new();
    };
    let link = |what: &str, path: &str| {
        let url = base.join(path).ok()?.to_string();
        let what = what.to_owned();
        Some(Link { what, url })
    };
    let report = format!("files/{run}/report/index.html");
    [link("report", &report), link("review", "")]
        .into_iter()
        .flatten()
        .collect()
}

/// `schema/message.schema.json`.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Message).to_value();
    schema["title"] = "A message of a webhook".into();
    schema["properties"]["schema"] = serde_json::json!({ "const": SCHEMA });
    schema
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::bundle::{JudgedBy, RunKind};
    use crate::emc::EmcSettings;
    use crate::history::{CheckChange, Said, SiteChange};

    const SCHEMA_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/message.schema.json");

    fn record() -> RunRecord {
        let judged_by = JudgedBy {
            profile: "province".to_owned(),
            rules: "1".to_owned(),
            only: None,
            beacon_stub: false,
            confirm: true,
            emc: EmcSettings::default(),
        };
        let started = "2026-11-26T18:00:00Z".parse().unwrap();
        let mut record = RunRecord::begin("20261126T180000Z", RunKind::Full, started, judged_by);
        record.ended = Some("2026-11-26T18:10:00Z".to_owned());
        record.counts.sites = 150;
        record.counts.verdicts.insert(Verdict::Fail, 12);
        record
    }

    fn worse(number: usize) -> Difference {
        let said = |status: &str, code: &str| Said {
            status: status.to_owned(),
            code: code.to_owned(),
        };
        let site = |number: usize| SiteChange {
            site: format!("s{number}.p.gov.vn"),
            name: "Sở Xây dựng".to_owned(),
            change: Change::Worse,
            was: Some("pass".to_owned()),
            is: Some("fail".to_owned()),
            flaky: false,
            checks: vec![CheckChange {
                check: "emc.badge".to_owned(),
                was: said("pass", "visible"),
                is: said("fail", "hidden"),
            }],
        };
        Difference {
            sites: (0..number).map(site).collect(),
            unchanged: 3,
        }
    }

    fn message(worse_sites: usize) -> Message {
        let base = Url::parse("https://emc.p.gov.vn/page/").unwrap();
        let facts = MessageFacts {
            list: "tinh",
            at: "2026-11-26T18:10:01Z".parse().unwrap(),
            base_url: Some(&base),
            language: Language::Vietnamese,
        };
        Message::of_run(facts, &record(), Some(("20261125T180000Z", &worse(worse_sites))))
    }

    #[test]
    fn it_says_what_changed_and_where_to_look() {
        let message = message(2);
        assert_eq!(
            message.subject,
            "[EMC] tinh: 2 trang xấu đi, 12/150 trang không đạt"
        );
        for part in [
            "27/11/2026 01:00",
            "s1.p.gov.vn — Sở Xây dựng: Đạt → Không đạt",
            "(visible) → Không đạt (hidden)",
            "https://emc.p.gov.vn/page/files/20261126T180000Z/report/index.html",
        ] {
            assert!(message.text.contains(part), "{part}:\n{}", message.text);
        }
        assert!(
            !message.text.contains('…'),
            "no fact is missing: {}",
            message.text
        );
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let message = message(70);
        assert_eq!((message.worse.len(), message.changes["worse"]), (50, 70));
        assert!(message.text.contains("20 trang nữa"), "{}", message.text);
    }

    #[test]
    fn only_those_who_asked_are_told() {
        let (same, worse) = (message(0), message(1));
        assert!(same.is_wanted(&[When::Run]) && worse.is_wanted(&[When::Run]));
        assert!(!same.is_wanted(&[When::Worse, When::Failed]) && worse.is_wanted(&[When::Worse]));
        let facts = MessageFacts {
            list: "tinh",
            at: Timestamp::UNIX_EPOCH,
            base_url: None,
            language: Language::English,
        };
        let failure = Message::of_failure(facts, "crashed", None);
        assert!(failure.is_wanted(&[When::Failed]) && !failure.is_wanted(&[When::Run, When::Worse]));
        assert!(failure.text.contains("died several times"), "{}", failure.text);
        assert_eq!(failure.id, "failed.tinh.19700101T000000000Z");
        // As a part of a mail's id it has no empty part.
        let test = Message::test(MessageFacts { list: "", ..facts });
        assert_eq!(test.id, "test.19700101T000000000Z");
    }

    /// With `UPDATE_SCHEMA=1` in the environment the file is written anew.
    #[test]
    fn the_schema_in_the_project_is_current_and_holds() {
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
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let mut value = serde_json::to_value(message(1)).unwrap();
        assert!(validator.is_valid(&value));
        value["schema"] = "emc-audit/message/2".into();
        assert!(!validator.is_valid(&value));
    }
}
