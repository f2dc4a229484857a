//! What the page and other programs ask: JSON in, JSON out. What is described in `schema/openapi.json`.

use std::collections::HashMap;
use std::fmt::Display;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::accounts::AccountsError;
use super::carried::{CarryError, agencies_of, carry_into};
use super::guard::{Asker, session_key};
use super::job::{JobState, Work};
use super::queue::{Before, queue as queue_of};
use super::rechecked::{Told, rechecks_of, told};
use super::server::Shared;
use crate::bundle::{RunFolder, RunKind, RunRecord, RunState};
use crate::history::{Accepted, History, HistoryError, NewReview};
use crate::language::{Sentence, words_of};
use crate::report::read_results;
use crate::rules::{CheckId, Rules};
use crate::verdict::{Decision, Message, SiteResult, Status};

const NOTE_MAX: usize = 2000;
const AT_ONCE_MAX: usize = 2000;

/// An answer that says no, in both languages.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    key: &'static str,
    message: Message,
}

/// A refusal with the sentence `key` of the section `review`.
pub(super) fn refused(status: StatusCode, key: &'static str) -> ApiError {
    let sentence = match key {
        "bad_login" => Sentence::new("review", "bad_login"),
        "throttled" => Sentence::new("review", "throttled"),
        "needs_login" => Sentence::new("review", "needs_login"),
        "not_allowed" => Sentence::new("review", "not_allowed"),
        "foreign" => Sentence::new("review", "foreign"),
        "moved_on" => Sentence::new("review", "moved_on"),
        "bad_decision" => Sentence::new("review", "bad_decision"),
        "busy" => Sentence::new("review", "busy"),
        "broken" => Sentence::new("review", "broken"),
        "bad_list" => Sentence::new("review", "bad_list"),
        "too_many_listen" => Sentence::new("review", "too_many_listen"),
        "not_yet" => Sentence::new("review", "not_yet"),
        "bad_list_name" => Sentence::new("review", "bad_list_name"),
        _ => Sentence::new("review", "not_found"),
    };
    ApiError {
        status,
        key,
        message: sentence.message(),
    }
}

impl ApiError {
    /// The same with a sentence that says more.
    pub(super) fn saying(self, message: Message) -> Self {
        Self { message, ..self }
    }

    /// Something that the asker cannot help; the log has the cause.
    pub(super) fn broken(cause: impl Display) -> Self {
        tracing::error!(%cause, "a request could not be answered");
        refused(StatusCode::INTERNAL_SERVER_ERROR, "broken")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.key, "message": self.message});
        (self.status, Json(body)).into_response()
    }
}

impl From<AccountsError> for ApiError {
    fn from(cause: AccountsError) -> Self {
        Self::broken(cause)
    }
}

impl From<CarryError> for ApiError {
    fn from(cause: CarryError) -> Self {
        Self::broken(cause)
    }
}

impl From<HistoryError> for ApiError {
    fn from(cause: HistoryError) -> Self {
        Self::broken(cause)
    }
}

pub(super) type Answer = Result<Json<Value>, ApiError>;

/// Work that reads and writes files, away from the threads that answer.
pub(super) async fn apart(
    shared: Shared,
    work: impl FnOnce(&Shared) -> Result<Value, ApiError> + Send + 'static,
) -> Answer {
    let done = tokio::task::spawn_blocking(move || work(&shared)).await;
    done.map_err(ApiError::broken)?.map(Json)
}

pub(super) async fn words(State(shared): State<Shared>) -> Json<Value> {
    let language = shared.options().language;
    Json(json!({
        "language": language.to_string(),
        "page": words_of("review", language),
        "status": words_of("status", language),
        "decision": words_of("decision", language),
        "picture": words_of("review_picture", language),
    }))
}

pub(super) async fn session(
    State(shared): State<Shared>,
    Extension(asker): Extension<Option<Asker>>,
) -> Json<Value> {
    Json(match asker {
        Some(asker) => json!({
            "accounts": shared.has_accounts(), "name": asker.name, "role": asker.role, "token": asker.token,
        }),
        None => json!({"accounts": true, "name": null, "role": null, "token": null}),
    })
}

#[derive(Deserialize)]
pub(super) struct Login {
    name: String,
    password: String,
}

pub(super) async fn login(
    State(shared): State<Shared>,
    Json(login): Json<Login>,
) -> Result<Response, ApiError> {
    if !shared.sessions().may_try(&login.name) {
        return Err(refused(StatusCode::TOO_MANY_REQUESTS, "throttled"));
    }
    let (accounts, name) = (shared.options().accounts.clone(), login.name.clone());
    let checked = tokio::task::spawn_blocking(move || accounts.check(&name, &login.password)).await;
    if !checked.map_err(ApiError::broken)?? {
        return Err(refused(StatusCode::UNAUTHORIZED, "bad_login"));
    }
    shared.sessions().succeeded(&login.name);
    let key = shared.sessions().begin(&login.name);
    Ok(with_cookie(&shared, &key, ""))
}

pub(super) async fn logout(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Some(key) = session_key(&shared, &headers) {
        shared.sessions().end(&key);
    }
    with_cookie(&shared, "", "; Max-Age=0")
}

fn with_cookie(shared: &Shared, value: &str, more: &str) -> Response {
    let secure = if shared.is_public() { "; Secure" } else { "" };
    let cookie = shared.cookie();
    let text = format!("{cookie}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    ([(header::SET_COOKIE, text)], Json(json!({}))).into_response()
}

/// Runs that have ended, newest first.
pub(super) fn ended_runs(shared: &Shared) -> Vec<(RunFolder, RunRecord)> {
    let entries = fs_err::read_dir(shared.options().out.join("runs"));
    let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut runs: Vec<_> = paths
        .filter_map(|path| RunFolder::open(&path).ok())
        .filter(|(_, record)| record.state != RunState::Running)
        .collect();
    runs.sort_by(|(_, a), (_, b)| b.run.cmp(&a.run));
    runs
}

/// A run by its name, once it has ended.
pub(super) fn ended_run(shared: &Shared, run: &str) -> Option<(RunFolder, RunRecord)> {
    let found = RunFolder::open(&shared.options().out.join("runs").join(run)).ok();
    found.filter(|(_, record)| record.state != RunState::Running)
}

pub(super) async fn runs(State(shared): State<Shared>) -> Answer {
    apart(shared, |shared| {
        let told = ended_runs(shared).into_iter().map(|(_, record)| {
            json!({"run": record.run, "kind": record.kind, "started": record.started, "counts": record.counts})
        });
        Ok(json!({"runs": told.collect::<Vec<_>>()}))
    })
    .await
}

/// The results of a run with all that was decided up to now; of the newest full run, where none is named, or of
/// the newest at all.
fn results_of(
    shared: &Shared,
    run: Option<&str>,
) -> Result<(RunFolder, RunRecord, Vec<SiteResult>), ApiError> {
    let mut runs = ended_runs(shared);
    let at = if let Some(run) = run {
        runs.iter().position(|(_, record)| record.run == run)
    } else {
        let is_whole =
            |record: &RunRecord| record.kind == RunKind::Full && record.state == RunState::Finished;
        let whole = runs.iter().position(|(_, record)| is_whole(record));
        whole.or((!runs.is_empty()).then_some(0))
    };
    let at = at.ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found"))?;
    let (folder, record) = runs.swap_remove(at);
    let mut results = read_results(&folder.path().join("results.jsonl")).map_err(ApiError::broken)?;
    carry_into(Some(&shared.options().out), &folder, &mut results)?;
    Ok((folder, record, results))
}

#[derive(Deserialize)]
pub(super) struct WhichRun {
    run: Option<String>,
}

pub(super) async fn queue(State(shared): State<Shared>, Query(which): Query<WhichRun>) -> Answer {
    apart(shared, move |shared| {
        let (folder, record, results) = results_of(shared, which.run.as_deref())?;
        let text = folder.read_rules().map_err(ApiError::broken)?;
        let rules = Rules::from_toml(&text).map_err(ApiError::broken)?;
        let name_of = |check: &str| match check.parse::<CheckId>() {
            Ok(known) => rules.check_name(known),
            Err(_) => Message::default(),
        };
        let agencies = agencies_of(&folder).map_err(ApiError::broken)?;
        let rechecks = rechecks_of(shared, &record, &results)?;
        let before = before(shared, &record)?;
        let mut entries = queue_of(&results, &rechecks, &before, &agencies, name_of);
        let runs = shared.options().out.join("runs");
        for entry in &mut entries {
            let of_run = runs.join(&entry.run);
            entry.pictures.retain(|name| of_run.join(name).is_file());
        }
        Ok(json!({"run": record.run, "entries": entries}))
    })
    .await
}

/// What the full run before this one said.
fn before(shared: &Shared, record: &RunRecord) -> Result<Before, ApiError> {
    let Some(history) = History::open_existing(&shared.options().out)? else {
        return Ok(Before::new());
    };
    let newest = history.newest_full(50)?;
    let Some(earlier) = newest.iter().find(|run| run.run < record.run) else {
        return Ok(Before::new());
    };
    let mut before = HashMap::new();
    for (site, findings) in history.sites(&earlier.run)? {
        for finding in findings {
            let key = (site.site.clone(), finding.check_name);
            before.insert(key, (finding.status, finding.code));
        }
    }
    Ok(before)
}

#[derive(Deserialize)]
pub(super) struct WhichSite {
    site: Option<String>,
}

pub(super) async fn decisions(State(shared): State<Shared>, Query(which): Query<WhichSite>) -> Answer {
    apart(shared, move |shared| {
        let Some(history) = History::open_existing(&shared.options().out)? else {
            return Ok(json!({"decisions": [], "accepted_ids": []}));
        };
        let reviews = history.reviews(which.site.as_deref())?;
        Ok(json!({"decisions": reviews, "accepted_ids": history.accepted_ids()?}))
    })
    .await
}

/// A finding as the reviewer saw it.
#[derive(Deserialize)]
pub(super) struct Seen {
    site: String,
    check: String,
    fingerprint: String,
}

#[derive(Deserialize)]
pub(super) struct NewDecision {
    decision: Decision,
    #[serde(default)]
    note: String,
    /// Who decides, where there are no accounts.
    #[serde(default)]
    reviewer: String,
    run: String,
    findings: Vec<Seen>,
}

/// Who decides: whoever is logged in, else who says so.
fn reviewer(asker: Option<Asker>, said: &str) -> Result<String, ApiError> {
    let name = asker
        .and_then(|asker| asker.name)
        .unwrap_or_else(|| said.trim().to_owned());
    let is_good = !name.is_empty() && name.chars().count() <= 60 && !name.chars().any(char::is_control);
    is_good.then_some(name).ok_or_else(bad_decision)
}

fn bad_decision() -> ApiError {
    refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_decision")
}

pub(super) async fn decide(
    State(shared): State<Shared>,
    Extension(asker): Extension<Option<Asker>>,
    Json(decision): Json<NewDecision>,
) -> Answer {
    let reviewer = reviewer(asker, &decision.reviewer)?;
    let note = decision.note.trim().to_owned();
    let is_long = note.chars().count() > NOTE_MAX || decision.findings.len() > AT_ONCE_MAX;
    let lacks_note = decision.decision == Decision::Disputed && note.is_empty();
    if is_long || lacks_note || decision.findings.is_empty() {
        return Err(bad_decision());
    }
    apart(shared, move |shared| {
        let (_, record, results) = results_of(shared, Some(&decision.run))?;
        let rechecks = rechecks_of(shared, &record, &results)?;
        let by_site: HashMap<String, &SiteResult> = results
            .iter()
            .map(|result| (result.site.to_string(), result))
            .collect();
        let mut reviews = Vec::new();
        for seen in &decision.findings {
            let mut all = by_site
                .get(&seen.site)
                .into_iter()
                .flat_map(|result| told(result, &rechecks));
            let is_seen = |one: &Told<'_>| {
                one.finding.check == seen.check && one.finding.fingerprint == seen.fingerprint
            };
            let one = all
                .find(is_seen)
                .ok_or_else(|| refused(StatusCode::CONFLICT, "moved_on"))?;
            let finding = one.finding;
            if decision.decision == Decision::Confirm && finding.status == Status::Review {
                return Err(bad_decision());
            }
            reviews.push(NewReview {
                at: Timestamp::now().to_string(),
                reviewer: reviewer.clone(),
                decision: decision.decision,
                note: note.clone(),
                run: one.run().to_owned(),
                site: seen.site.clone(),
                check: seen.check.clone(),
                fingerprint: seen.fingerprint.clone(),
                status: finding.status,
                code: finding.code.clone(),
                rules: one.result.rules.clone(),
                was: finding.reviewed.as_ref().map(|reviewed| reviewed.decision),
            });
        }
        History::open(&shared.options().out)?.decide(&reviews)?;
        // It goes on to later runs too, where their facts are the same.
        let runs = ended_runs(shared).into_iter().map(|(_, ended)| ended.run);
        shared.are_stale(runs.filter(|run| *run >= record.run));
        Ok(json!({"stored": reviews.len()}))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct NewAcceptance {
    emc_site_id: u32,
    /// Names of agencies; none: the id is accepted no longer.
    agencies: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    reviewer: String,
}

pub(super) async fn accept_id(
    State(shared): State<Shared>,
    Extension(asker): Extension<Option<Asker>>,
    Json(acceptance): Json<NewAcceptance>,
) -> Answer {
    let reviewer = reviewer(asker, &acceptance.reviewer)?;
    if acceptance.note.chars().count() > NOTE_MAX || acceptance.agencies.len() > AT_ONCE_MAX {
        return Err(bad_decision());
    }
    apart(shared, move |shared| {
        let accepted = Accepted {
            at: Timestamp::now().to_string(),
            reviewer,
            emc_site_id: acceptance.emc_site_id.into(),
            agencies: acceptance.agencies,
            note: acceptance.note.trim().to_owned(),
        };
        History::open(&shared.options().out)?.accept_id(&accepted)?;
        shared.are_stale(ended_runs(shared).into_iter().map(|(_, ended)| ended.run));
        Ok(json!({"stored": 1}))
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct Sites {
    sites: Vec<String>,
}

pub(super) async fn recheck(State(shared): State<Shared>, Json(asked): Json<Sites>) -> Answer {
    if asked.sites.is_empty() || asked.sites.len() > AT_ONCE_MAX {
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, "not_found"));
    }
    apart(shared, |shared| begin(shared, Work::Recheck(asked.sites))).await
}

/// Begins an audit, where none goes on.
pub(super) fn begin(shared: &Shared, work: Work) -> Result<Value, ApiError> {
    let options = shared.options();
    if !shared.job().begin(options, work).map_err(ApiError::broken)? {
        return Err(refused(StatusCode::CONFLICT, "busy"));
    }
    Ok(json!(shared.job().told()))
}

pub(super) async fn stop(State(shared): State<Shared>) -> Json<JobState> {
    shared.job().stop();
    job(State(shared)).await
}

pub(super) async fn job(State(shared): State<Shared>) -> Json<JobState> {
    Json(shared.job().told())
}
