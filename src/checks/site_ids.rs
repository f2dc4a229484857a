//! Where a site id is seen: in calls to the tracker, in the queue, in the code that runs.

use serde_json::Value;
use url::Url;
use url::form_urlencoded;

use super::OwnPage;
use super::snippet::{WrittenId, is_embed, written_ids};
use crate::emc::EmcSettings;
use crate::observation::{Observation, RequestRecord};

/// Ids that are kept of one page; more are of no use to anybody.
const MOST_IDS: usize = 20;
/// Nesting of a JSON body that is searched.
const JSON_DEPTH: u32 = 6;

/// The site id of one call to the tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallId {
    /// Its parameter, possibly empty.
    Given(String),
    /// No known parameter is there.
    Unnamed,
}

/// All ids of a page by where they were seen. Empty texts are kept: they mean "no id".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SeenIds {
    pub called: Vec<String>,
    pub queued: Vec<String>,
    pub written: Vec<String>,
    /// Code sets an id by an expression, or a call carries it in a parameter that nobody knows.
    pub unreadable: bool,
}

impl SeenIds {
    /// Those that count: of the calls, else of the queue, else of the code.
    pub fn in_use(&self) -> &[String] {
        [&self.called, &self.queued, &self.written]
            .into_iter()
            .find(|ids| !ids.is_empty())
            .map_or(&[], Vec::as_slice)
    }

    /// Every id on the page that is not empty.
    pub fn everywhere(&self) -> Vec<String> {
        let mut all = Vec::new();
        for id in self.called.iter().chain(&self.queued).chain(&self.written) {
            if !id.is_empty() {
                remember(&mut all, id);
            }
        }
        all
    }
}

/// Calls of the page itself to the tracker; a question to the server whether it may call is no call.
pub(super) fn tracker_calls<'a>(
    observation: &'a Observation,
    own: &OwnPage<'_>,
    emc: &EmcSettings,
) -> Vec<&'a RequestRecord> {
    observation
        .requests
        .iter()
        .filter(|request| !request.preload && !request.method.eq_ignore_ascii_case("OPTIONS"))
        .filter(|request| Url::parse(&request.url).is_ok_and(|url| emc.is_tracker(&url)))
        .filter(|request| own.owns_request(request))
        .collect()
}

/// Ids of the page, by where they were seen.
pub(super) fn seen_ids(observation: &Observation, emc: &EmcSettings) -> SeenIds {
    let own = OwnPage::new(observation);
    let mut ids = SeenIds::default();
    for call in tracker_calls(observation, &own, emc) {
        match call_id(call, emc) {
            CallId::Given(id) => remember(&mut ids.called, &id),
            CallId::Unnamed => {}
        }
    }
    for queue in own.live_code().filter_map(|code| code.queue.as_ref()) {
        for id in &queue.site_ids {
            remember(&mut ids.queued, unquoted(id));
        }
    }
    for snippet in own.running_snippets().filter(|one| is_embed(one, emc)) {
        for id in written_ids(&snippet.text, &emc.queue) {
            match id {
                WrittenId::Literal(id) => remember(&mut ids.written, &id),
                WrittenId::Variable => ids.unreadable = true,
            }
        }
    }
    ids
}

/// The ids that the page uses towards EMC, as texts.
pub(crate) fn ids_in_use(observation: &Observation, emc: &EmcSettings) -> Vec<String> {
    seen_ids(observation, emc).in_use().to_vec()
}

/// The site id that one call to the tracker carries, possibly empty; nothing where it has no known parameter.
pub(crate) fn call_site_id(call: &RequestRecord, emc: &EmcSettings) -> Option<String> {
    match call_id(call, emc) {
        CallId::Given(id) => Some(id),
        CallId::Unnamed => None,
    }
}

/// The id of one call: in its query, else in its body (form, JSON or multipart).
pub(super) fn call_id(call: &RequestRecord, emc: &EmcSettings) -> CallId {
    let query = Url::parse(&call.url)
        .ok()
        .and_then(|url| url.query().and_then(|query| in_pairs(query, emc)));
    let found = query.or_else(|| in_body(call.post_data.as_deref()?, emc));
    found.map_or(CallId::Unnamed, CallId::Given)
}

fn in_body(body: &str, emc: &EmcSettings) -> Option<String> {
    let body = body.trim();
    if body.starts_with(['{', '[']) {
        return serde_json::from_str::<Value>(body)
            .ok()
            .and_then(|value| in_json(&value, emc, JSON_DEPTH));
    }
    if body.contains("form-data") {
        return emc.site_id_parameters.iter().find_map(|name| {
            let (_, after) = body.split_once(&format!("name=\"{name}\""))?;
            let value = after.trim_start_matches(['\r', '\n', ';', ' ']);
            Some(value.lines().next().unwrap_or_default().trim().to_owned())
        });
    }
    in_pairs(body, emc)
}

/// The first known parameter, in the order of the settings, so that `idsite` wins over a vague `site`.
fn in_pairs(query: &str, emc: &EmcSettings) -> Option<String> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
        .take(200)
        .map(|(name, value)| (name.into_owned(), value.trim().chars().take(60).collect()))
        .collect();
    emc.site_id_parameters.iter().find_map(|parameter| {
        let (_, value) = pairs.iter().find(|(name, _)| name == parameter)?;
        // `site` may as well be a host name.
        (parameter != "site" || value.parse::<u64>().is_ok()).then(|| value.clone())
    })
}

fn in_json(value: &Value, emc: &EmcSettings, depth: u32) -> Option<String> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Object(map) => emc
            .site_id_parameters
            .iter()
            .find_map(|name| scalar(map.get(name)?))
            .or_else(|| map.values().find_map(|inner| in_json(inner, emc, depth - 1))),
        Value::Array(entries) => entries
            .iter()
            .take(50)
            .find_map(|inner| in_json(inner, emc, depth - 1)),
        // Matomo sends many calls at once as a list of queries.
        Value::String(text) if text.contains('=') => in_pairs(text, emc),
        _ => None,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().chars().take(60).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

fn unquoted(id: &str) -> &str {
    id.trim().trim_matches(['"', '\'']).trim()
}

fn remember(ids: &mut Vec<String>, id: &str) {
    if ids.len() < MOST_IDS && !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn call(url: &str, body: Option<&str>) -> CallId {
        let record = RequestRecord {
            url: url.to_owned(),
            post_data: body.map(str::to_owned),
            ..RequestRecord::default()
        };
        call_id(&record, &EmcSettings::default())
    }

    const TRACKER: &str = "https://f-emc.ngsp.gov.vn/tracking";

    #[test]
    fn the_id_is_found_in_query_and_body() {
        let given = CallId::Given("163".to_owned());
        assert_eq!(call(&format!("{TRACKER}?rec=1&idsite=163"), None), given);
        assert_eq!(call(TRACKER, Some("rec=1&siteId=163")), given);
        assert_eq!(call(TRACKER, Some("{\"data\":{\"site_id\":163}}")), given);
        assert_eq!(
            call(TRACKER, Some("{\"requests\":[\"?idsite=163&rec=1\"]}")),
            given
        );
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"idsite\"\r\n\r\n163\r\n--x--";
        assert_eq!(call(TRACKER, Some(multipart)), given);
    }

    #[test]
    fn an_empty_parameter_is_no_missing_parameter() {
        assert_eq!(
            call(&format!("{TRACKER}?idsite=&rec=1"), None),
            CallId::Given(String::new())
        );
        assert_eq!(call(&format!("{TRACKER}?rec=1"), None), CallId::Unnamed);
        assert_eq!(
            call(&format!("{TRACKER}?site=sxd.tinh.gov.vn"), None),
            CallId::Unnamed
        );
    }

    #[test]
    fn calls_count_before_the_queue_and_the_queue_before_the_code() {
        let ids = |called: &[&str], queued: &[&str], written: &[&str]| {
            let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            SeenIds {
                called: own(called),
                queued: own(queued),
                written: own(written),
                unreadable: false,
            }
        };
        assert_eq!(ids(&["1"], &["2"], &["3"]).in_use(), ["1"]);
        assert_eq!(ids(&[""], &["2"], &["3"]).in_use(), [""]);
        assert_eq!(ids(&[], &["2"], &["3"]).in_use(), ["2"]);
        assert_eq!(ids(&[], &[], &["3"]).in_use(), ["3"]);
        assert_eq!(ids(&[""], &[], &[]).in_use(), [""]);
        assert_eq!(ids(&["1"], &["2", ""], &["1"]).everywhere(), ["1", "2"]);
    }
}
