//! The component sites of a portal: found where the portal, its site map, its certificate and the DNS name them,
//! looked at once, and weighed. What comes out is a draft of a list, for a person to correct.

mod address;
mod course;
mod draft;
mod find;
mod look;
mod names;
mod sitemap;
mod words;

pub use course::{Discovery, DiscoveryError, DiscoveryEvent, DiscoveryOptions};
pub use draft::{Discovered, Mark};
