//! emc-audit: does a government site carry the EMC code, badge, links and common look?
pub mod browser;
pub mod emc;
pub mod network;
pub mod observation;
pub mod settings;
pub mod site;
pub mod verdict;
