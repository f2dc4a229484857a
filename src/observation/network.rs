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
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
