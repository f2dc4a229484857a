//! Everything a visit can see, as plain versioned data. No logic and no verdict: what was seen is
//! written down so that it can be judged today and again under later rules.
//!
//! Lengths are CSS pixels in page coordinates (origin: top left of the document), times are
//! milliseconds since the start of the visit unless a name says otherwise.

mod layout;
mod network;
mod page;

pub use layout::{Block, BlockPosition, LayoutFacts};
pub use network::{
    BlockReason, ConnectionSecurity, Exchange, Initiator, LoadTiming, NetworkFailure, RequestRecord,
};
pub use page::{
    BadgeCandidate, BadgeKind, BadgeLook, CodeFacts, CodeSnippet, Coverer, FrameFacts, HitTest, Link,
    LinkForm, LinkVisibility, PageFacts, PageText, Placement, QueueFacts, RulePlace, SnippetPlace,
    StyleCause, StyleRule,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::site::SiteId;

/// Written into every stored observation.
pub const SCHEMA: &str = "emc-audit/observation/1";

/// One visit of one site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observation {
    pub schema: String,
    pub site: SiteId,
    /// 1 for the first visit of a site in a run.
    pub visit: u32,
    pub engine: Engine,
    pub provenance: Provenance,
    /// RFC 3339, UTC.
    pub started_at: String,
    pub ended_at: String,
    /// Every address that was tried, in order; the last is the one the rest speaks of.
    pub attempts: Vec<Attempt>,
    /// What a splash or language page led to, if one was passed.
    pub splash: Option<Splash>,
    /// `location.href` of the page that was probed, or the last known address.
    pub final_url: Option<String>,
    pub document: DocumentFacts,
    /// `None` when no page could be probed.
    pub page: Option<PageFacts>,
    pub layout: Option<LayoutFacts>,
    pub requests: Vec<RequestRecord>,
    pub console: Vec<ConsoleEntry>,
    pub dialogs: Vec<JavaScriptDialog>,
    pub overlay: Option<Overlay>,
    pub certificate: Option<Certificate>,
    /// Links that were followed because the home page alone left a question open.
    #[serde(default)]
    pub followed: Vec<FollowedLink>,
    pub pictures: Vec<Picture>,
    /// Names of all files that the visit kept, pictures among them: `served.html`, `page.html` …
    #[serde(default)]
    pub kept: Vec<String>,
    /// Duration of each step, in the order they ran.
    pub timings: Vec<Timing>,
    /// What was cut short, in words for a log: `settle: soft limit`, `requests: 5000 kept`.
    pub cut_short: Vec<String>,
    pub protocol: ProtocolCounts,
}

/// The two ways Chromium runs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// chrome-headless-shell: a quarter of the cost, used for first visits.
    Shell,
    /// The full browser with `--headless=new`, used to confirm.
    Chrome,
}

impl Engine {
    /// As settings and results name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Chrome => "chrome",
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Shell => Self::Chrome,
            Self::Chrome => Self::Shell,
        }
    }
}

/// What made the observation, so that it can be repeated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Provenance {
    pub program: String,
    /// The commit that the program was built from; `unknown` outside a checkout, with `+` where it was changed.
    #[serde(default)]
    pub commit: String,
    /// Version of the rules that were in force when the visit was made.
    #[serde(default)]
    pub rules: String,
    pub command_line: Vec<String>,
    pub browser: String,
    pub browser_flags: Vec<String>,
    pub user_agent: String,
    pub viewport: Size,
    pub mobile_viewport: Size,
    pub locale: String,
    pub time_zone: String,
    pub sandbox: bool,
    /// Every address under which the site may be found by its line of the list, in the order of trying.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// What a server's clock said beside ours, where an answer told.
    #[serde(default)]
    pub clock: Option<ClockFact>,
}

/// Two clocks at the same moment. A cache between may have an old `Date`, so this is a fact, not an error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockFact {
    /// Whose answer it was.
    pub source: String,
    /// The answer's `Date` as sent, and its `Age` where a cache answered.
    pub date: String,
    pub age: Option<String>,
    /// Our clock when the answer came, RFC 3339, UTC.
    pub ours: String,
    /// Ours minus theirs, in seconds; `Date` has no fractions, so one second is no difference.
    pub ahead_s: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// A rectangle in page coordinates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn area(&self) -> f64 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// The part that both cover; zero-sized where they do not meet.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = (self.right().min(other.right()) - x).max(0.0);
        let height = (self.bottom().min(other.bottom()) - y).max(0.0);
        Self { x, y, width, height }
    }
}

/// One address that was tried for the site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    pub url: String,
    pub ending: Ending,
}

/// How the attempt to load an address ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ending {
    /// A page is there and answers.
    Loaded,
    /// Chromium's network error, `net::ERR_…`.
    NetworkError { error: String },
    /// No answer within the navigation timeout.
    TimedOut { limit_ms: u64 },
    /// The answer has no page in it: 204, a download, another type.
    NotAPage { mime_type: Option<String> },
    /// The site's own address is private and not allowed.
    PrivateAddress { address: String },
    /// The page or the browser died, or answered nothing any more.
    Wedged { what: String },
    /// The page kept opening dialogs or navigating by itself.
    Runaway { what: String, count: u32 },
    /// Not tried: the server had asked, in an answer for another site, to be left alone for longer than a run waits.
    AskedToWait { seconds: u64 },
}

/// A splash or language page with one way in, passed once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Splash {
    pub url: String,
    pub way_in: String,
    /// EMC code in the splash page itself.
    pub code: CodeFacts,
}

/// Where a link of the home page leads, as a browser that followed it saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowedLink {
    /// The link's address as it stands on the home page.
    pub url: String,
    /// Where it ended; `None` where nothing answered.
    pub final_url: Option<String>,
    pub status: Option<u16>,
    /// Addresses of the links on the page there, absolute, at most 3,000.
    pub links: Vec<String>,
}

/// The main document's answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DocumentFacts {
    pub url: Option<String>,
    pub status: Option<u16>,
    pub mime_type: Option<String>,
    /// `ip:port` as the browser saw it.
    pub address: Option<String>,
    /// Lower-case names; cookies and authorisation left out.
    pub headers: Vec<(String, String)>,
    /// Names of the cookies that the answer set, without their values.
    #[serde(default)]
    pub cookie_names: Vec<String>,
    /// Every address from the first request to the document, redirects included.
    pub redirects: Vec<String>,
    /// EMC code in the HTML as the server sent it.
    pub served_code: CodeFacts,
    /// Length of the served HTML in bytes.
    pub served_bytes: Option<u64>,
    /// The markup of EMC's badge stands in the HTML as served: it was written by hand.
    #[serde(default)]
    pub served_badge: bool,
    /// It ends in the middle of a tag, a script, a comment or a text, without its closing tags.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaks_off: bool,
    /// When its DOM was there and when it had loaded, ms since the start of the visit.
    #[serde(default)]
    pub dom_content_loaded_ms: Option<u64>,
    #[serde(default)]
    pub loaded_ms: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConsoleEntry {
    pub at_ms: u64,
    /// `log`, `warning`, `error`, `exception`, or Chromium's own `security`, `network` …
    pub level: String,
    pub text: String,
    pub url: Option<String>,
}

/// `alert`, `confirm`, `prompt` or `beforeunload`, dismissed at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JavaScriptDialog {
    pub at_ms: u64,
    pub kind: String,
    pub text: String,
}

/// A dialog drawn by the page over itself at load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Overlay {
    pub selector: String,
    pub text: String,
    pub rect: Rect,
    /// It, or the backdrop under it, is painted over the whole view.
    #[serde(default)]
    pub veil: bool,
    /// `escape`, `button …`, `backdrop`; `None` when nothing closed it.
    pub closed_by: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Certificate {
    pub subject: String,
    pub issuer: String,
    pub names: Vec<String>,
    pub valid_from: Option<f64>,
    pub valid_to: Option<f64>,
    pub protocol: String,
    /// `net::ERR_CERT_…`, recorded and passed.
    pub error: Option<String>,
}

/// A picture in the evidence of this visit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Picture {
    pub kind: PictureKind,
    /// Path inside the visit's `data` folder.
    pub file: String,
    /// The part of the page that it shows.
    pub rect: Rect,
    /// Boxes of it that looked otherwise when it was looked at again in the same visit: slides, running lines,
    /// clocks. Header and footer only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Rect>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    Desktop,
    Mobile,
    Header,
    Footer,
    Badge,
    OverlayBefore,
    OverlayAfter,
    /// The second look at a region of which something had changed.
    HeaderLater,
    FooterLater,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timing {
    pub step: String,
    pub took_ms: u64,
}

/// Protocol messages that the program could not use: none is lost without a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolCounts {
    pub events: u64,
    pub unknown: u64,
    pub undecodable: u64,
    /// Name and number of each kind that could not be used, at most 20 kinds.
    pub unused_kinds: Vec<(String, u64)>,
}
