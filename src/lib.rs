//! emc-audit: does a government site carry the EMC code, badge, links and common look?
pub mod checks;
pub mod emc;
pub mod judge;
pub mod language;
pub mod observation;
pub mod report;
pub mod rules;
pub mod site;
pub mod verdict;
