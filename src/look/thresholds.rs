//! The numbers that divide alike, borderline and different.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LookThresholds {
    /// Colour at least this, and layout at least `layout_alike`: alike.
    pub colour_alike: f64,
    pub layout_alike: f64,
    /// The palettes alone have to be as alike as this too.
    pub palette_alike: f64,
    /// Colour below this, or layout below `layout_different`: different.
    pub colour_different: f64,
    pub layout_different: f64,
    /// Regions found with less confidence are not judged.
    pub least_confidence: f64,
    /// Regions found with less confidence are never called different.
    pub accusing_confidence: f64,
    /// Above this share of pictures nothing is called different.
    pub mostly_picture: f64,
    /// With less plain area than this there is nothing to compare.
    pub least_area: f64,
    /// A region whose strongest chroma is below this, against a coloured portal, has turned grey.
    pub grey_chroma: f64,
    /// Share of plain area in which picture and boxes have to agree before an accusation.
    pub least_agreement: f64,
}

impl Default for LookThresholds {
    fn default() -> Self {
        Self {
            colour_alike: 0.78,
            layout_alike: 0.7,
            palette_alike: 0.65,
            colour_different: 0.5,
            layout_different: 0.46,
            least_confidence: 0.5,
            accusing_confidence: 0.65,
            mostly_picture: 0.6,
            least_area: 0.12,
            grey_chroma: 5.0,
            least_agreement: 0.4,
        }
    }
}
