//! The numbers that divide alike, borderline and different.

use serde::{Deserialize, Serialize};

/// Where the thresholds lie on the scale of the one score.
const SCORE_DIFFERENT: f64 = 0.4;
const SCORE_ALIKE: f64 = 0.7;

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

impl LookThresholds {
    /// One number for both questions, 0 to 1: the lesser of colour and layout on a scale on which the
    /// thresholds of both lie at the same places.
    pub(crate) fn score(&self, colour: f64, layout: f64) -> f64 {
        let placed = |value: f64, different: f64, alike: f64| {
            let between = |low: f64, high: f64| ((value - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
            if value < different {
                SCORE_DIFFERENT * between(0.0, different)
            } else if value < alike {
                SCORE_DIFFERENT + (SCORE_ALIKE - SCORE_DIFFERENT) * between(different, alike)
            } else {
                SCORE_ALIKE + (1.0 - SCORE_ALIKE) * between(alike, 1.0)
            }
        };
        placed(colour, self.colour_different, self.colour_alike).min(placed(
            layout,
            self.layout_different,
            self.layout_alike,
        ))
    }
}

impl Default for LookThresholds {
    fn default() -> Self {
        Self {
            colour_alike: 0.8,
            layout_alike: 0.68,
            palette_alike: 0.65,
            colour_different: 0.62,
            layout_different: 0.56,
            least_confidence: 0.5,
            accusing_confidence: 0.65,
            mostly_picture: 0.6,
            least_area: 0.12,
            grey_chroma: 5.0,
            least_agreement: 0.4,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_rules_that_come_with_the_program_hold_the_same_thresholds() {
        let rules: toml::Table = toml::from_str(include_str!("../rules/rules.toml")).unwrap();
        let look: LookThresholds = rules["look"].clone().try_into().unwrap();
        assert_eq!(look, LookThresholds::default());
        let names = rules["look"].as_table().unwrap().len();
        assert_eq!(names, 11, "every threshold can be seen in the rules");
    }

    #[test]
    fn the_score_has_the_thresholds_at_the_same_places_for_colour_and_layout() {
        let limits = LookThresholds::default();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(limits.score(limits.colour_different, 1.0), SCORE_DIFFERENT));
        assert!(near(limits.score(1.0, limits.layout_alike), SCORE_ALIKE));
        assert!(near(limits.score(1.0, 1.0), 1.0) && near(limits.score(0.0, 1.0), 0.0));
        assert!(limits.score(0.9, 0.5) < limits.score(0.9, 0.6));
    }
}
