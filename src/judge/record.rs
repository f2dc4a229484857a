//! What judging is given: a listed site with all its visits, and where its pictures come from.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::observation::{Observation, PictureKind};
use crate::site::{ListedSite, SiteId};

/// A site with every visit of it in a run, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteRecord {
    pub listed: ListedSite,
    pub visits: Vec<Observation>,
    /// Visited only to compare others with: a portal that is not in the list. Gets no line.
    pub reference: bool,
}

impl SiteRecord {
    /// A listed site that has not been visited yet.
    pub fn new(listed: ListedSite) -> Self {
        Self {
            listed,
            visits: Vec::new(),
            reference: false,
        }
    }

    pub fn site(&self) -> &SiteId {
        &self.listed.site
    }
}

/// Decoded pictures of visits. Only `look` asks for them, so an implementation may read lazily.
pub trait PictureSource {
    /// The picture of this kind from visit number `visit` of `site`, or `None` where there is none.
    fn picture(&self, site: &SiteId, visit: u32, kind: PictureKind) -> Option<RgbImage>;
}

/// No pictures at all: for checks that need none, and for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPictures;

impl PictureSource for NoPictures {
    fn picture(&self, _site: &SiteId, _visit: u32, _kind: PictureKind) -> Option<RgbImage> {
        None
    }
}
