//! Reads `rules.toml` and refuses what the program does not know: a misspelt code must not go unnoticed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::check::{COMMON_CODES, CheckId};
use super::plain_words::how;
use super::signals::Signals;
use super::text::fill;
use crate::checks::REASONS;
use crate::look::LookThresholds;
use crate::verdict::Message;

const BUILT_IN: &str = include_str!("rules.toml");

/// Why a rules file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    #[error("rules are not readable: {0}")]
    Toml(String),
    #[error("{place}: {what}")]
    Content { place: String, what: String },
    #[error("there is no profile {name:?}; the rules have {known}")]
    UnknownProfile { name: String, known: String },
}

/// Everything in a rules file, checked.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `2026-11-21.1`: the day, and the number of the edition on it.
    pub version: String,
    pub default_profile: String,
    pub profiles: Vec<Profile>,
    pub bases: Vec<LegalBasis>,
    pub signals: Signals,
    /// Thresholds of the look, read by `look` itself.
    pub look: toml::Table,
    checks: BTreeMap<CheckId, CheckText>,
    common: BTreeMap<String, Message>,
    reasons: BTreeMap<String, Message>,
    source: String,
}

/// Criteria as one evaluating body numbers them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub id: String,
    pub name: Message,
    #[serde(rename = "criterion")]
    pub criteria: Vec<Criterion>,
}

/// One numbered demand, made of checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// As the evaluating body numbers it: `2.2a`.
    pub id: String,
    pub name: Message,
    pub checks: Vec<CheckId>,
    /// An advisory criterion never changes a verdict.
    pub mandatory: bool,
    /// Ids of the legal bases.
    #[serde(default)]
    pub basis: Vec<String>,
}

/// What a criterion rests on, and when that was in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub id: String,
    pub text: Message,
    /// First day in force, `2026-07-01`.
    #[serde(default)]
    pub from: Option<String>,
    /// First day no longer in force.
    #[serde(default)]
    pub until: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckText {
    name: Message,
    codes: BTreeMap<String, Message>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRules {
    version: String,
    default_profile: String,
    signals: Signals,
    #[serde(default)]
    look: toml::Table,
    #[serde(rename = "basis")]
    bases: Vec<LegalBasis>,
    #[serde(rename = "profile")]
    profiles: Vec<Profile>,
    #[serde(rename = "check")]
    checks: BTreeMap<String, CheckText>,
    common: BTreeMap<String, Message>,
    reason: BTreeMap<String, Message>,
}

impl Rules {
    /// The rules that the program carries.
    pub fn builtin() -> Result<Self, RulesError> {
        Self::from_toml(BUILT_IN)
    }

    /// The built-in file as text, as a start for an own one.
    pub fn builtin_toml() -> &'static str {
        BUILT_IN
    }

    /// The file that these rules were read from, so that a run can keep it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Reads a rules file. Texts and lists that it lacks are those of the program: a run's own rules are read
    /// by later programs too, which know more codes.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let direct = toml::from_str::<RawRules>(text);
        // An error of the file as it stands names its line.
        let raw = completed(text)
            .or_else(|error| direct.map_err(|direct| if direct.span().is_some() { direct } else { error }));
        let raw = raw.map_err(|error| RulesError::Toml(error.to_string()))?;
        let mut checks = BTreeMap::new();
        for (name, texts) in raw.checks {
            let check: CheckId = name
                .parse()
                .map_err(|error| content("check", &format!("{error}")))?;
            check_codes(check, &texts)?;
            checks.insert(check, texts);
        }
        if let Some(check) = CheckId::ALL.iter().find(|check| !checks.contains_key(check)) {
            return Err(content("check", &format!("there are no texts for {check}")));
        }
        same_words("common", &raw.common, COMMON_CODES.iter().copied())?;
        same_words("reason", &raw.reason, REASONS.iter().map(|(_, reason)| *reason))?;
        if let Err(error) = raw.look.clone().try_into::<LookThresholds>() {
            return Err(content("look", &error.to_string()));
        }
        check_bases(&raw.bases)?;
        check_profiles(&raw.profiles, &raw.bases)?;
        let rules = Self {
            version: raw.version,
            default_profile: raw.default_profile,
            profiles: raw.profiles,
            bases: raw.bases,
            signals: raw.signals.folded(),
            look: raw.look,
            checks,
            common: raw.common,
            reasons: raw.reason,
            source: text.to_owned(),
        };
        rules.profile(None)?;
        Ok(rules)
    }

    /// The profile of that name, or the default one.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, RulesError> {
        let name = name.unwrap_or(&self.default_profile);
        self.profiles
            .iter()
            .find(|profile| profile.id == name)
            .ok_or_else(|| RulesError::UnknownProfile {
                name: name.to_owned(),
                known: self
                    .profiles
                    .iter()
                    .map(|profile| profile.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// What a check is called for people.
    pub fn check_name(&self, check: CheckId) -> Message {
        self.checks
            .get(&check)
            .map_or_else(|| same(check.as_str()), |texts| texts.name.clone())
    }

    /// The sentence for a code of a check, its placeholders filled from `facts`.
    pub fn message(&self, check: CheckId, code: &str, facts: &Map<String, Value>) -> Message {
        let own = self.checks.get(&check).and_then(|texts| texts.codes.get(code));
        let Some(template) = own.or_else(|| self.common.get(code)) else {
            return same(code);
        };
        let Some(how) = how(check, code, facts) else {
            return filled(template, facts);
        };
        let with = |how: String| {
            let mut facts = facts.clone();
            facts.insert("how".to_owned(), Value::from(how));
            facts
        };
        Message {
            vi: fill(&template.vi, &with(how.vi)),
            en: fill(&template.en, &with(how.en)),
        }
    }

    /// A sentence that belongs to no check of its own: `unstable`, `unconfirmed`, `closed` …
    pub fn common_message(&self, word: &str) -> Message {
        self.common.get(word).cloned().unwrap_or_else(|| same(word))
    }

    /// Why a site was not measured, for people. `http_NNN` without a sentence of its own gets that of `http`.
    pub fn reason_message(&self, reason: &str, detail: Option<&str>) -> Message {
        let mut facts = Map::new();
        facts.insert("detail".to_owned(), Value::from(detail.unwrap_or_default()));
        if let Some(status) = reason.strip_prefix("http_") {
            facts.insert("status".to_owned(), Value::from(status));
        }
        let generic = reason.starts_with("http_").then_some("http");
        let template = self
            .reasons
            .get(reason)
            .or_else(|| generic.and_then(|word| self.reasons.get(word)));
        template.map_or_else(|| same(reason), |template| filled(template, &facts))
    }

    /// The legal bases of a criterion that were in force on `day` (`2026-11-21`, or a longer RFC 3339 time).
    pub fn bases_in_force(&self, criterion: &Criterion, day: &str) -> Vec<&LegalBasis> {
        self.bases
            .iter()
            .filter(|basis| criterion.basis.contains(&basis.id) && basis.in_force(day))
            .collect()
    }
}

impl Profile {
    /// Whether a fail of this check fails the site. Checks outside the profile are advisory.
    pub fn is_mandatory(&self, check: CheckId) -> bool {
        self.criteria
            .iter()
            .any(|criterion| criterion.mandatory && criterion.checks.contains(&check))
    }

    /// Whether the profile has the check at all.
    pub fn has(&self, check: CheckId) -> bool {
        self.criteria
            .iter()
            .any(|criterion| criterion.checks.contains(&check))
    }
}

impl LegalBasis {
    /// ISO dates compare as text, so the day of a longer time is its first ten characters.
    pub fn in_force(&self, day: &str) -> bool {
        let day = day.get(..10).unwrap_or(day);
        self.from.as_deref().is_none_or(|from| from <= day)
            && self.until.as_deref().is_none_or(|until| day < until)
    }
}

/// The rules in `text`, with what they lack of texts, signals and thresholds taken from the built-in ones.
/// Whose rules they are (version, profiles, legal bases) has to stand in them.
fn completed(text: &str) -> Result<RawRules, toml::de::Error> {
    let mut given: toml::Table = toml::from_str(text)?;
    let built_in: toml::Table = toml::from_str(BUILT_IN)?;
    for part in ["signals", "look", "check", "common", "reason"] {
        match (given.get_mut(part), built_in.get(part)) {
            (Some(given), Some(known)) => fill_up(given, known),
            (None, Some(known)) => {
                given.insert(part.to_owned(), known.clone());
            }
            _ => {}
        }
    }
    given.try_into()
}

fn fill_up(given: &mut toml::Value, known: &toml::Value) {
    if let (toml::Value::Table(given), toml::Value::Table(known)) = (given, known) {
        for (key, value) in known {
            match given.get_mut(key) {
                Some(own) => fill_up(own, value),
                None => {
                    given.insert(key.clone(), value.clone());
                }
            }
        }
    }
}

fn content(place: &str, what: &str) -> RulesError {
    RulesError::Content {
        place: place.to_owned(),
        what: what.to_owned(),
    }
}

fn same(word: &str) -> Message {
    Message {
        vi: word.to_owned(),
        en: word.to_owned(),
    }
}

fn filled(template: &Message, facts: &Map<String, Value>) -> Message {
    Message {
        vi: fill(&template.vi, facts),
        en: fill(&template.en, facts),
    }
}

/// The texts have exactly the check's own codes; a word of [`COMMON_CODES`] may be said otherwise here.
fn check_codes(check: CheckId, texts: &CheckText) -> Result<(), RulesError> {
    let place = format!("check.\"{check}\".codes");
    for code in texts.codes.keys() {
        if check.status_of(code).is_none() && !COMMON_CODES.contains(&code.as_str()) {
            return Err(content(&place, &format!("{code:?} is no code of this check")));
        }
    }
    for (code, _) in check.codes() {
        if !texts.codes.contains_key(*code) {
            return Err(content(&place, &format!("there is no text for {code:?}")));
        }
    }
    Ok(())
}

fn same_words<'a>(
    place: &str,
    given: &BTreeMap<String, Message>,
    wanted: impl Iterator<Item = &'a str>,
) -> Result<(), RulesError> {
    let wanted: Vec<&str> = wanted.collect();
    for word in given.keys() {
        if !wanted.contains(&word.as_str()) {
            return Err(content(place, &format!("{word:?} is not known")));
        }
    }
    match wanted.iter().find(|word| !given.contains_key(**word)) {
        Some(word) => Err(content(place, &format!("there is no text for {word:?}"))),
        None => Ok(()),
    }
}

fn check_bases(bases: &[LegalBasis]) -> Result<(), RulesError> {
    for (number, basis) in bases.iter().enumerate() {
        let place = format!("basis {:?}", basis.id);
        if bases[..number].iter().any(|other| other.id == basis.id) {
            return Err(content(&place, "stands twice"));
        }
        for day in [&basis.from, &basis.until].into_iter().flatten() {
            if day.parse::<Date>().is_err() || day.len() != 10 {
                return Err(content(&place, &format!("{day:?} is no date like 2026-07-01")));
            }
        }
    }
    Ok(())
}

fn check_profiles(profiles: &[Profile], bases: &[LegalBasis]) -> Result<(), RulesError> {
    for profile in profiles {
        for criterion in &profile.criteria {
            let place = format!("profile {:?}, criterion {:?}", profile.id, criterion.id);
            if criterion.checks.is_empty() {
                return Err(content(&place, "has no checks"));
            }
            for id in &criterion.basis {
                if !bases.iter().any(|basis| basis.id == *id) {
                    return Err(content(&place, &format!("there is no basis {id:?}")));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
