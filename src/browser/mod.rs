//! Chromium: finding, starting, driving and ending it. The only module that knows protocol types.
//!
//! Commands go out typed (chromiumoxide's generated protocol), events come in raw and are read into
//! structs of our own whose fields are all optional, so that a new field or enum value in a later
//! Chromium is counted and never loses an event. Both share one pipe per browser process.

mod connection;
mod engine;
mod error;
mod event;
mod flags;
mod identity;
mod page;
mod pool;
mod process;
mod tap;
mod trust;
mod work;

pub use engine::{EngineError, InstalledEngine, find_engine, installed_version};
pub use error::BrowserError;
pub use event::{
    ConsoleCall, ConsoleException, DataReceived, FrameNavigated, LoadingFailed, LoadingFinished, LogEntry,
    PageEvent, RawHeaders, RequestHeaders, RequestSent, ResourceTiming, ResponseHead, ResponseReceived,
    SecurityDetails, ServedFromMemory, read_event,
};
pub use flags::LaunchOptions;
pub use identity::Identity;
pub use page::{Clip, Frame, Page, PageOptions, PictureFormat, World};
pub use pool::{BrowserPool, Lease, PoolOptions, sweep_stale_profiles};
pub use tap::{RequestGate, RequestVerdict, TapCounts};
pub use trust::{TrustError, TrustStore};
pub use work::BrowserWork;
