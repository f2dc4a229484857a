//! Rankings by visits: EMC's figures are imported from a table, portals and component sites are ranked by them, and
//! what does not fit what the newest run saw is pointed out.

mod chart;
mod figures;
mod known;
mod page;
mod rank;
mod read;
mod tables;

pub use chart::trend_svg;
pub use figures::{Figures, Month, with_points};
pub use known::{Connected, Known, KnownSite};
pub use rank::{Doubt, Group, Ranked, Ranking, newest_month, rank, trend_of};
pub use read::{VisitProblem, VisitsError, VisitsRead, read_visits_file};
pub use tables::{RankingError, write_ranking};
