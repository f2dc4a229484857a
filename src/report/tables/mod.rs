//! Tables for people: `report.xlsx`, and results by what sites have in common, because one repair at a vendor
//! mends a hundred sites.

mod looks;
mod names;
mod rows;
mod sheet;
mod summary_sheet;
mod tally;
mod workbook;

pub(super) use tally::{Sort, Tally, tallies};
pub use workbook::TableError;
pub(super) use workbook::{Around, Tables};

#[cfg(test)]
mod tests;
