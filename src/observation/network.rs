//! Requests as the browser reported them, frames and workers included.

use serde::{Deserialize, Serialize};

/// One request; a redirect ends one record and begins the next.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // independent facts about one request
pub struct RequestRecord {
    pub at_ms: u64,
    pub url: String,
    pub method: String,
    /// Chromium's resource type: `Document`, `Script`, `Image`, `Ping` …
    pub resource: String,
    /// The frame that asked, and the address of that frame's document when it asked.
    pub frame: Option<String>,
    pub frame_url: Option<String>,
    /// Whether the frame is the top document.
    pub top_frame: bool,
    /// A worker asked, not a document.
    pub worker: bool,
    /// Only a `<link rel=preload>`: fetched, never run by itself.
    pub preload: bool,
    pub initiator: Initiator,
    /// Request body of tracker calls, at most 4 KiB, as text.
    pub post_data: Option<String>,
    /// From the answer or, where Chromium hides that, from its raw headers.
    pub status: Option<u16>,
    pub mime_type: Option<String>,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    pub address: Option<String>,
    pub redirected_to: Option<String>,
    pub failure: Option<NetworkFailure>,
    /// The body arrived whole.
    pub finished: bool,
    pub finished_at_ms: Option<u64>,
    pub encoded_bytes: Option<u64>,
    /// SHA-256 of the body, for the tracking script.
    pub body_sha256: Option<String>,
    /// The robot answered this call itself (`--emc-beacon stub`).
    pub answered_here: bool,
    /// What a network log shows and no check asks for.
    #[serde(default)]
    pub exchange: Exchange,
}

/// The messages of a request and their times, with every secret taken out before it was written down.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exchange {
    /// When it was sent, seconds since 1970, by the clock of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at_s: Option<f64>,
    /// From sending it to the first bytes of the answer, and to its end or failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<LoadTiming>,
    /// `http/1.1`, `h2` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_text: Option<String>,
    /// At most 100 a message, each clipped; secrets read `[redacted]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_headers: Vec<(String, String)>,
    /// Length of the answer's body after decompression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    /// Requests of the same connection have the same number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
    /// `memory`, `disk`, `prefetch` or `service_worker`, where the answer did not come from the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_from: Option<String>,
    /// Chromium's word for it: `VeryHigh`, `Low` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<ConnectionSecurity>,
}

/// The stages of a request as Chromium's network stack reports them: milliseconds since it took the request
/// up, negative where a stage did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LoadTiming {
    /// From sending the request to when the network stack took it up.
    pub queued: f64,
    pub dns_start: f64,
    pub dns_end: f64,
    pub connect_start: f64,
    pub connect_end: f64,
    pub ssl_start: f64,
    pub ssl_end: f64,
    pub send_start: f64,
    pub send_end: f64,
    pub headers_end: f64,
}

/// How the connection was protected, and by whose certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionSecurity {
    /// `TLS 1.3` …
    pub protocol: String,
    pub key_exchange: String,
    pub cipher: String,
    pub subject: String,
    pub issuer: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Initiator {
    /// `parser`, `script`, `preload`, `other` …
    pub kind: String,
    pub url: Option<String>,
    /// Zero-based line in `url`.
    pub line: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkFailure {
    /// Chromium's error text, `net::ERR_…`.
    pub error: String,
    pub blocked: Option<BlockReason>,
    pub cancelled: bool,
}

/// Why the browser itself refused a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockReason {
    MixedContent,
    Csp,
    /// The target is a private address and not allowed for this site.
    PrivateAddress,
    /// Another reason, in Chromium's word for it.
    Other(String),
}
