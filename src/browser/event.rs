//! Protocol events, read into structs of our own. Every field may be missing.

use serde::Deserialize;
use serde_json::value::RawValue;

/// An event that a visit uses. Frames are named by Chromium's frame ids.
#[derive(Debug)]
pub enum PageEvent {
    RequestSent(Box<RequestSent>),
    ResponseReceived(Box<ResponseReceived>),
    /// Raw status and headers, also where the answer itself is hidden from the page.
    RawHeaders(RawHeaders),
    /// Request headers as they went over the wire.
    RequestHeaders(RequestHeaders),
    DataReceived(DataReceived),
    ServedFromMemory(ServedFromMemory),
    LoadingFinished(LoadingFinished),
    LoadingFailed(LoadingFailed),
    FrameNavigated(FrameNavigated),
    DomContentLoaded,
    Loaded,
    Console(ConsoleCall),
    Exception(ConsoleException),
    Log(LogEntry),
    /// A JavaScript dialog; it has been dismissed already.
    Dialog {
        kind: String,
        text: String,
    },
    /// A window that the page opened; it has been closed already.
    Popup {
        url: String,
    },
    /// A request was refused by the gate before it left; the network id, and why.
    Gated {
        network_id: Option<String>,
        url: String,
        reason: String,
    },
    /// The gate answered a request itself.
    AnsweredHere {
        network_id: Option<String>,
    },
    DownloadBegan,
    Crashed,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestSent {
    pub request_id: String,
    pub loader_id: Option<String>,
    #[serde(rename = "documentURL")]
    pub document_url: Option<String>,
    pub request: RequestHead,
    pub initiator: InitiatorHead,
    pub redirect_response: Option<ResponseHead>,
    /// Whether raw headers of the answer that redirected come in events of their own.
    pub redirect_has_extra_info: Option<bool>,
    /// Seconds, monotonic; and since 1970.
    pub timestamp: Option<f64>,
    pub wall_time: Option<f64>,
    #[serde(rename = "type")]
    pub resource: Option<String>,
    pub frame_id: Option<String>,
    /// Filled in by the tap: the session is a worker's.
    #[serde(skip)]
    pub worker: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestHead {
    pub url: String,
    pub method: String,
    pub headers: serde_json::Map<String, serde_json::Value>,
    pub initial_priority: Option<String>,
    pub has_post_data: Option<bool>,
    pub post_data: Option<String>,
    pub is_link_preload: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InitiatorHead {
    #[serde(rename = "type")]
    pub kind: String,
    pub url: Option<String>,
    pub line_number: Option<f64>,
    pub stack: Option<Stack>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Stack {
    pub call_frames: Vec<CallFrame>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CallFrame {
    pub url: String,
    pub line_number: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponseReceived {
    pub request_id: String,
    pub timestamp: Option<f64>,
    #[serde(rename = "type")]
    pub resource: Option<String>,
    pub response: ResponseHead,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponseHead {
    pub url: String,
    pub status: Option<f64>,
    pub status_text: Option<String>,
    pub protocol: Option<String>,
    pub timing: Option<ResourceTiming>,
    pub connection_id: Option<f64>,
    pub from_disk_cache: Option<bool>,
    pub from_service_worker: Option<bool>,
    pub from_prefetch_cache: Option<bool>,
    pub headers: serde_json::Map<String, serde_json::Value>,
    pub mime_type: Option<String>,
    #[serde(rename = "remoteIPAddress")]
    pub remote_ip_address: Option<String>,
    pub remote_port: Option<f64>,
    pub security_details: Option<SecurityDetails>,
    pub security_state: Option<String>,
}

/// Milliseconds since `request_time` (seconds, monotonic); -1 where a stage did not happen.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResourceTiming {
    pub request_time: f64,
    pub dns_start: Option<f64>,
    pub dns_end: Option<f64>,
    pub connect_start: Option<f64>,
    pub connect_end: Option<f64>,
    pub ssl_start: Option<f64>,
    pub ssl_end: Option<f64>,
    pub send_start: Option<f64>,
    pub send_end: Option<f64>,
    pub receive_headers_end: Option<f64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SecurityDetails {
    pub protocol: String,
    pub key_exchange: String,
    pub key_exchange_group: String,
    pub cipher: String,
    pub subject_name: String,
    pub san_list: Vec<String>,
    pub issuer: String,
    pub valid_from: Option<f64>,
    pub valid_to: Option<f64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RawHeaders {
    pub request_id: String,
    pub status_code: Option<f64>,
    pub headers: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestHeaders {
    pub request_id: String,
    pub headers: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DataReceived {
    pub request_id: String,
    /// After decompression.
    pub data_length: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ServedFromMemory {
    pub request_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadingFinished {
    pub request_id: String,
    pub timestamp: Option<f64>,
    pub encoded_data_length: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LoadingFailed {
    pub request_id: String,
    pub timestamp: Option<f64>,
    pub error_text: String,
    pub canceled: Option<bool>,
    pub blocked_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FrameNavigated {
    pub frame: FrameHead,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FrameHead {
    pub id: String,
    pub parent_id: Option<String>,
    pub loader_id: Option<String>,
    pub url: String,
    pub mime_type: Option<String>,
    pub unreachable_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConsoleCall {
    #[serde(rename = "type")]
    pub kind: String,
    pub args: Vec<ConsoleArgument>,
    pub stack_trace: Option<Stack>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConsoleArgument {
    pub value: Option<serde_json::Value>,
    pub description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConsoleException {
    pub exception_details: ExceptionBody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExceptionBody {
    pub text: String,
    pub url: Option<String>,
    pub exception: Option<ConsoleArgument>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogEntry {
    pub entry: LogBody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogBody {
    pub source: String,
    pub level: String,
    pub text: String,
    pub url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DialogOpening {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AttachedToTarget {
    pub session_id: String,
    pub target_info: TargetHead,
    pub waiting_for_debugger: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TargetNews {
    pub target_info: TargetHead,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TargetHead {
    pub target_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RequestPaused {
    pub request_id: String,
    pub request: RequestHead,
    pub network_id: Option<String>,
    pub resource_type: Option<String>,
}

/// What became of reading an event.
pub(super) enum Decoded {
    Used(PageEvent),
    /// Handled by the tap itself or of no interest, but known.
    Known,
    /// A name that this program does not know.
    Unknown,
    /// A known name whose contents could not be read.
    Undecodable,
}

/// One message of the protocol, `{"method": …, "params": …}`, if it is an event that a visit listens to.
pub fn read_event(message: &[u8]) -> Option<PageEvent> {
    #[derive(Deserialize)]
    struct Message<'a> {
        method: &'a str,
        #[serde(borrow)]
        params: &'a RawValue,
    }
    let message: Message<'_> = serde_json::from_slice(message).ok()?;
    match decode(message.method, message.params) {
        Decoded::Used(event) => Some(event),
        Decoded::Known | Decoded::Unknown | Decoded::Undecodable => None,
    }
}

/// Reads an event that needs no answer from the tap.
pub(super) fn decode(method: &str, params: &RawValue) -> Decoded {
    match method {
        "Network.requestWillBeSent" => read(params, |event| PageEvent::RequestSent(Box::new(event))),
        "Network.responseReceived" => read(params, |event| PageEvent::ResponseReceived(Box::new(event))),
        "Network.responseReceivedExtraInfo" => read(params, PageEvent::RawHeaders),
        "Network.requestWillBeSentExtraInfo" => read(params, PageEvent::RequestHeaders),
        "Network.dataReceived" => read(params, PageEvent::DataReceived),
        "Network.requestServedFromCache" => read(params, PageEvent::ServedFromMemory),
        "Network.loadingFinished" => read(params, PageEvent::LoadingFinished),
        "Network.loadingFailed" => read(params, PageEvent::LoadingFailed),
        "Page.frameNavigated" => read(params, PageEvent::FrameNavigated),
        "Page.domContentEventFired" => Decoded::Used(PageEvent::DomContentLoaded),
        "Page.loadEventFired" => Decoded::Used(PageEvent::Loaded),
        "Page.downloadWillBegin" => Decoded::Used(PageEvent::DownloadBegan),
        "Runtime.consoleAPICalled" => read(params, PageEvent::Console),
        "Runtime.exceptionThrown" => read(params, PageEvent::Exception),
        "Log.entryAdded" => read(params, PageEvent::Log),
        "Inspector.targetCrashed" => Decoded::Used(PageEvent::Crashed),
        _ if is_known(method) => Decoded::Known,
        _ => Decoded::Unknown,
    }
}

fn read<'a, T: Deserialize<'a>>(params: &'a RawValue, wrap: impl FnOnce(T) -> PageEvent) -> Decoded {
    serde_json::from_str(params.get()).map_or(Decoded::Undecodable, |event| Decoded::Used(wrap(event)))
}

/// Events that say nothing a verdict could rest on.
fn is_known(method: &str) -> bool {
    const NAMES: &[&str] = &[
        "Network.responseReceivedEarlyHints",
        "Network.resourceChangedPriority",
        "Network.policyUpdated",
        "Network.signedExchangeReceived",
        "Network.trustTokenOperationDone",
        "Runtime.executionContextCreated",
        "Runtime.executionContextDestroyed",
        "Runtime.executionContextsCleared",
        "Runtime.exceptionRevoked",
        "Runtime.inspectRequested",
        "Inspector.detached",
        "Inspector.targetReloadedAfterCrash",
        "Inspector.workerScriptLoaded",
    ];
    const PREFIXES: &[&str] = &[
        "Page.",
        "Target.",
        "Network.webSocket",
        "Network.webTransport",
        "Network.subresourceWebBundle",
        "Network.reportingApi",
        "Network.direct",
        "Network.loadNetwork",
        "DOM.",
        "CSS.",
        "Security.",
        "Fetch.",
        "Network.deviceBoundSession",
        "Browser.",
    ];
    NAMES.contains(&method) || PREFIXES.iter().any(|prefix| method.starts_with(prefix))
}
