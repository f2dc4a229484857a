//! Header and footer against the portal's: the place where the comparison of looks comes in.

use super::VisitFinding;
use crate::judge::PictureSource;
use crate::observation::Observation;
use crate::rules::CheckId;

/// What the comparison says of both regions.
#[derive(Debug, Clone, PartialEq)]
pub struct LookFindings {
    pub header: VisitFinding,
    pub footer: VisitFinding,
}

/// Compares one visit of a component with one visit of its portal in the same engine. `thresholds` is the
/// table `[look]` of the rules; what it leaves out has the program's own value.
pub fn judge_look(
    _component: &Observation,
    _portal: &Observation,
    _pictures: &dyn PictureSource,
    _thresholds: &toml::Table,
) -> LookFindings {
    LookFindings {
        header: VisitFinding::new(CheckId::LookHeader, "portal_not_measured"),
        footer: VisitFinding::new(CheckId::LookFooter, "portal_not_measured"),
    }
}
