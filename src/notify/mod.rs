//! Messages about runs: what they say, and how they get to people by e-mail and to programs by a webhook, past
//! servers that are down for a while.

mod channels;
mod mail;
mod message;
mod notifier;
mod outbox;
mod webhook;

pub use channels::{ChannelKind, Channels, ChannelsError, DeliveryError, http_client};
pub use message::{Message, MessageEvent, MessageFacts, schema};
pub use notifier::{DeliveryResult, Notifier};
