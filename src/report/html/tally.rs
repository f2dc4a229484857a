//! Tables of the first page: how the sites of one system, one vendor or one group came out.

use super::super::tables::{Sort, Tally, tallies};
use super::{Report, Word};
use crate::verdict::Verdict;

/// All sortings that the list or the pages say something of.
#[derive(Debug)]
pub(super) struct Tallies<'a> {
    pub words: Words<'a>,
    pub verdicts: Vec<Word>,
    pub sorts: Vec<SortView<'a>>,
}

#[derive(Debug)]
pub(super) struct Words<'a> {
    pub workbook: &'a str,
    pub title: &'a str,
    pub note: &'a str,
    pub sites: &'a str,
    pub fails: &'a str,
}

#[derive(Debug)]
pub(super) struct SortView<'a> {
    pub name: &'a str,
    pub rows: Vec<RowView>,
}

#[derive(Debug)]
pub(super) struct RowView {
    pub name: String,
    pub sites: usize,
    pub counts: Vec<CountView>,
    pub fails: String,
}

#[derive(Debug)]
pub(super) struct CountView {
    pub class: &'static str,
    pub word: String,
    pub number: usize,
}

impl Report<'_> {
    pub(super) fn tallies(&self) -> Tallies<'_> {
        let sorts = Sort::ALL.into_iter().filter_map(|sort| {
            let rows = tallies(self.results, sort, self.language);
            (!rows.is_empty()).then(|| SortView {
                name: self.say("heading", sort.heading()),
                rows: rows.into_iter().map(|row| self.tally_row(row)).collect(),
            })
        });
        Tallies {
            words: Words {
                workbook: self.say("detail", "workbook"),
                title: self.say("detail", "tallies"),
                note: self.say("detail", "tallies_note"),
                sites: self.say("heading", "sites"),
                fails: self.say("heading", "most_failing"),
            },
            verdicts: Verdict::ALL.map(|verdict| self.verdict(verdict)).into(),
            sorts: sorts.collect(),
        }
    }

    fn tally_row(&self, tally: Tally) -> RowView {
        let counts = Verdict::ALL
            .into_iter()
            .zip(tally.verdicts)
            .map(|(verdict, number)| {
                let Word { class, word } = self.verdict(verdict);
                CountView { class, word, number }
            });
        RowView {
            counts: counts.collect(),
            fails: tally.fails(self.rules, self.language),
            name: tally.name,
            sites: tally.sites,
        }
    }
}
