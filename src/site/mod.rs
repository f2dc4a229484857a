//! What a site is: a host, optionally with a port and a base path; and which addresses belong to it.
//!
//! Many units live under a path of their portal (`p.gov.vn/web/so-noi-vu`), so `p.gov.vn` and
//! `p.gov.vn/web/so-noi-vu` are two sites on one host. Everything that normalises an address is here.

mod address;
mod id;
mod index;
mod listed;
#[cfg(test)]
mod tests;

pub use address::{landing_tail, parse_address, registrable_domain};
pub use id::{SiteError, SiteId};
pub use index::{Place, SiteIndex};
pub use listed::{ListedSite, Role, SiteState};
