//! The shapes of HAR 1.2. Names and units are the format's own; what begins with `_` is Chromium's, or ours
//! where its comment says so.

use serde::{Deserialize, Serialize};

/// A whole log.
#[derive(Debug, Clone, Serialize)]
pub struct Har {
    pub(super) log: Log,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Log {
    pub version: &'static str,
    pub creator: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<Named>,
    pub pages: Vec<Page>,
    pub entries: Vec<Entry>,
    pub comment: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Named {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names)] // the format's own name
pub(super) struct Page {
    pub started_date_time: String,
    pub id: &'static str,
    /// The document's address, as Chromium writes it.
    pub title: String,
    pub page_timings: PageTimings,
    /// Ours: what the log is evidence of.
    #[serde(rename = "_site")]
    pub site: String,
    #[serde(rename = "_visit")]
    pub visit: u32,
    #[serde(rename = "_finalUrl", skip_serializing_if = "Option::is_none")]
    pub final_url: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageTimings {
    pub on_content_load: f64,
    pub on_load: f64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub pageref: &'static str,
    pub started_date_time: String,
    pub time: f64,
    pub request: Request,
    pub response: Response,
    pub cache: Empty,
    pub timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    pub server_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    #[serde(rename = "_serverPort", skip_serializing_if = "Option::is_none")]
    pub server_port: Option<u16>,
    #[serde(rename = "_resourceType", skip_serializing_if = "String::is_empty")]
    pub resource_type: String,
    /// Absent where unknown: `DevTools` refuses a log with `null` here.
    #[serde(rename = "_initiator", skip_serializing_if = "Option::is_none")]
    pub initiator: Option<InitiatedBy>,
    #[serde(rename = "_priority", skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    #[serde(rename = "_fromCache", skip_serializing_if = "Option::is_none")]
    pub from_cache: Option<String>,
    #[serde(rename = "_blockedReason", skip_serializing_if = "Option::is_none")]
    pub blocked_reason: Option<String>,
    #[serde(rename = "_securityDetails", skip_serializing_if = "Option::is_none")]
    pub security: Option<Security>,
    /// Ours: the request of the page that was visited, of which there is one at most.
    #[serde(rename = "_mainDocument", skip_serializing_if = "is_false")]
    pub main_document: bool,
    /// Ours: the robot answered this call itself and let nothing out.
    #[serde(rename = "_answeredByRobot", skip_serializing_if = "is_false")]
    pub answered_by_robot: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `{}`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Empty {}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitiatedBy {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Security {
    pub protocol: String,
    pub key_exchange: String,
    pub cipher: String,
    pub subject_name: String,
    pub issuer: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Pair {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub method: String,
    pub url: String,
    pub http_version: String,
    /// Always empty: cookies are secrets.
    pub cookies: [Pair; 0],
    pub headers: Vec<Pair>,
    pub query_string: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
    pub headers_size: i64,
    pub body_size: i64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    pub mime_type: String,
    pub text: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub status: u16,
    pub status_text: String,
    pub http_version: String,
    /// Always empty: cookies are secrets.
    pub cookies: [Pair; 0],
    pub headers: Vec<Pair>,
    pub content: Content,
    #[serde(rename = "redirectURL")]
    pub redirect_url: String,
    pub headers_size: i64,
    pub body_size: i64,
    #[serde(rename = "_transferSize", skip_serializing_if = "Option::is_none")]
    pub transfer_size: Option<u64>,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(rename = "_fetchedViaServiceWorker", skip_serializing_if = "is_false")]
    pub via_service_worker: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub size: i64,
    pub mime_type: String,
}

/// Milliseconds; -1 where a stage did not happen or is not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Timings {
    pub blocked: f64,
    pub dns: f64,
    /// With `ssl` in it.
    pub connect: f64,
    pub ssl: f64,
    pub send: f64,
    pub wait: f64,
    pub receive: f64,
    #[serde(rename = "_blocked_queueing")]
    pub queueing: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What tells whom a log on disk belongs to; everything else in it is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HarHead {
    pub log: HeadLog,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HeadLog {
    pub pages: Vec<HeadPage>,
    pub entries: Vec<HeadEntry>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HeadPage {
    pub title: String,
    #[serde(rename = "_site", default)]
    pub site: String,
    #[serde(rename = "_visit", default)]
    pub visit: u32,
    #[serde(rename = "_finalUrl", default)]
    pub final_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HeadEntry {
    pub request: HeadRequest,
    pub response: HeadResponse,
    #[serde(rename = "_mainDocument", default)]
    pub main_document: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HeadRequest {
    pub url: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct HeadResponse {
    pub status: u16,
}

impl From<&Har> for HarHead {
    fn from(har: &Har) -> Self {
        let page = |page: &Page| HeadPage {
            title: page.title.clone(),
            site: page.site.clone(),
            visit: page.visit,
            final_url: page.final_url.clone(),
        };
        let entry = |entry: &Entry| HeadEntry {
            request: HeadRequest {
                url: entry.request.url.clone(),
            },
            response: HeadResponse {
                status: entry.response.status,
            },
            main_document: entry.main_document,
        };
        Self {
            log: HeadLog {
                pages: har.log.pages.iter().map(page).collect(),
                entries: har.log.entries.iter().map(entry).collect(),
            },
        }
    }
}
