//! How addresses are reached: rules that send connections elsewhere, and which addresses a page may
//! have the robot talk to.

mod connect_to;
mod gate;
mod outgoing;
mod policy;
mod post;
mod proxy;
mod range;

pub use connect_to::{ConnectTo, ConnectToError, ConnectToRules};
pub use gate::{SiteGate, TrackerCalls};
pub use outgoing::{name_servers, outgoing_addresses};
pub use policy::{AddressPolicy, PolicyOptions};
pub use post::{PostError, PostOptions, post};
pub use proxy::{Proxy, ProxyError, ProxyLogin};
pub use range::{AddressRange, is_private};
