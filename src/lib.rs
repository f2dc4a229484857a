//! emc-audit: does a government site carry the EMC code, badge, links and common look?
pub mod commands;
pub mod emc;
pub mod inventory;
pub mod language;
pub mod observation;
pub mod site;
pub mod verdict;
