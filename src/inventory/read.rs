//! From a file to a list: rows become drafts, drafts are checked against each other, and either all
//! is right or every bad row is named at once.

use std::path::Path;
use std::sync::Arc;

use crate::site::{ListedSite, Role, SiteId, SiteState};

use super::fold::one_line;
use super::headings::{Column, Headings, Understood, find_headings};
use super::problem::{FileProblem, ListError, Problem, Remark, RemarkKind, RowPlace, RowProblem};
use super::resolve::{Draft, NamedPortal, Titles, Written, resolve};
use super::rows::{Listed, has_no_site, listing};
use super::source::{self, Source};
use super::table::{Row, Sheet};
use super::template::{is_example_address, is_example_name};
use super::values;

/// Sheets that this program writes itself; without a list, and not worth a remark.
pub(super) const NOTES_SHEET: &str = "Hướng dẫn";
pub(super) const RESULT_SHEET: &str = "Kết quả kiểm tra";
pub(crate) const OUR_SHEETS: [&str; 2] = [NOTES_SHEET, RESULT_SHEET];

#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// Go on without bad rows; they become remarks.
    pub skip_bad_rows: bool,
}

/// A list that can be audited.
#[derive(Debug, Clone, Default)]
pub struct SiteList {
    /// In the order of the file, closed and exempt ones too.
    pub sites: Vec<ListedSite>,
    /// Portals that rows name but the list does not have: visited for comparison, not judged.
    pub references: Vec<ListedSite>,
    pub remarks: Vec<Remark>,
}

/// All that reading a file brought, right or wrong.
#[derive(Debug, Default)]
pub struct Examined {
    /// Without the bad rows.
    pub list: SiteList,
    pub problems: Vec<RowProblem>,
    /// The tables as read, for giving them back with remarks.
    pub sheets: Vec<Sheet>,
}

/// Reads a list. All bad rows are named in the error, unless they are to be skipped.
pub fn read_list(path: &Path, options: &ReadOptions) -> Result<SiteList, ListError> {
    let examined = examine(path)?;
    let Examined {
        mut list, problems, ..
    } = examined;
    if !problems.is_empty() && (!options.skip_bad_rows || list.sites.is_empty()) {
        return Err(ListError::Rows {
            path: path.to_owned(),
            problems,
        });
    }
    if list.sites.is_empty() {
        return Err(ListError::File {
            path: path.to_owned(),
            problem: FileProblem::Empty,
        });
    }
    list.remarks.extend(problems.into_iter().map(|problem| Remark {
        place: Some(problem.place.clone()),
        kind: RemarkKind::LeftOut(Box::new(problem)),
    }));
    list.remarks.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(list)
}

/// Reads a list and keeps everything, also when rows are bad. Errors are those of the file itself.
pub fn examine(path: &Path) -> Result<Examined, ListError> {
    source::open(path)
        .and_then(examine_source)
        .map_err(|problem| ListError::File {
            path: path.to_owned(),
            problem,
        })
}

/// [`examine`] for a file that has been read already.
pub fn examine_bytes(bytes: &[u8]) -> Result<Examined, FileProblem> {
    source::read_bytes(bytes).and_then(examine_source)
}

pub(super) fn examine_source(source: Source) -> Result<Examined, FileProblem> {
    let Source { book, links_unread } = source;
    let mut examined = Examined::default();
    let mut drafts = Vec::new();
    let mut nearest = Understood::default();
    let mut has_heading = false;
    for sheet in book.sheets.iter().filter(|sheet| !is_ours(sheet)) {
        match find_headings(sheet) {
            Ok(headings) => {
                has_heading = true;
                let mut reader = SheetReader {
                    headings: &headings,
                    titles: &Arc::new(Titles::new(&headings)),
                    name: sheet.name.as_deref().map(Arc::from),
                    links_unread,
                    examined: &mut examined,
                    drafts: &mut drafts,
                };
                reader.read(sheet);
            }
            Err(understood) => {
                if understood.known.len() >= nearest.known.len() {
                    nearest = understood;
                }
                let name = sheet.name.clone().unwrap_or_default();
                if !sheet.rows.is_empty() {
                    let kind = RemarkKind::SheetWithoutHeading { sheet: name };
                    examined.list.remarks.push(Remark { place: None, kind });
                }
            }
        }
    }
    if !has_heading {
        let Understood { known, unknown } = nearest;
        return Err(FileProblem::NoHeading { known, unknown });
    }
    let hidden = book.hidden.into_iter().map(|sheet| Remark {
        place: None,
        kind: RemarkKind::HiddenSheet { sheet },
    });
    examined.list.remarks.extend(hidden);
    resolve(drafts, &mut examined);
    if examined.list.sites.is_empty() && examined.problems.is_empty() && examined.list.remarks.is_empty() {
        return Err(FileProblem::Empty);
    }
    examined.problems.sort_by(|a, b| a.place.cmp(&b.place));
    examined.list.remarks.sort_by(|a, b| a.place.cmp(&b.place));
    examined.sheets = book.sheets;
    Ok(examined)
}

/// Notes and results that this program wrote into the workbook.
pub(super) fn is_ours(sheet: &Sheet) -> bool {
    sheet
        .name
        .as_deref()
        .is_some_and(|name| OUR_SHEETS.contains(&name))
}

/// What a row says of its site beside address, role and portal.
#[derive(Debug, Default)]
struct Details {
    name: Option<String>,
    agency: Option<String>,
    vendor: Option<String>,
    group: Option<String>,
    note: Option<String>,
    emc_site_ids: Vec<u64>,
    state: SiteState,
    home_url: Option<String>,
}

impl Details {
    fn apply(self, site: &mut ListedSite) {
        if let Some(name) = self.name {
            site.name = name;
        }
        site.agency = self.agency;
        site.vendor = self.vendor;
        site.group = self.group.or(site.group.take());
        site.note = self.note;
        site.emc_site_ids = self.emc_site_ids;
        site.state = self.state;
        site.home_url = self.home_url;
    }
}

/// Turns the rows of one sheet into drafts.
struct SheetReader<'a> {
    headings: &'a Headings,
    titles: &'a Arc<Titles>,
    name: Option<Arc<str>>,
    links_unread: bool,
    examined: &'a mut Examined,
    drafts: &'a mut Vec<Draft>,
}

impl SheetReader<'_> {
    fn read(&mut self, sheet: &Sheet) {
        let listing = listing(sheet, self.headings);
        self.remark_columns();
        for row in listing.below {
            let texts: Vec<&str> = row.filled().map(|(_, cell)| cell.text.as_str()).collect();
            let text = one_line(&texts.join(" "));
            self.remark(row, RemarkKind::TextBelowTable { text });
        }
        for unit in listing.units {
            if has_no_site(unit.row, self.headings) {
                let name = one_line(self.text(unit.row, Column::Name));
                self.remark(unit.row, RemarkKind::NoSiteYet { name });
            } else if let Some(draft) = self.draft(unit) {
                self.drafts.push(draft);
            }
        }
    }

    fn remark_columns(&mut self) {
        let sheet = &self.name;
        let mut push = |headings: &Vec<String>, kind: fn(Option<Arc<str>>, Vec<String>) -> RemarkKind| {
            if !headings.is_empty() {
                let kind = kind(sheet.clone(), headings.clone());
                self.examined.list.remarks.push(Remark { place: None, kind });
            }
        };
        push(&self.headings.unknown, |sheet, headings| {
            RemarkKind::UnknownColumns { sheet, headings }
        });
        push(&self.headings.spare, |sheet, headings| RemarkKind::SpareColumns {
            sheet,
            headings,
        });
    }

    /// What the row says, as far as it can be known without the other rows. Every bad cell is noted.
    fn draft(&mut self, unit: Listed<'_>) -> Option<Draft> {
        let row = unit.row;
        if let Some(column) = self.example_in(row) {
            self.problem(row, column, Problem::Example);
            return None;
        }
        let addresses = self.address_of(row);
        let role = self.optional(row, Column::Role, values::role);
        let details = self.details(row);
        let others = self.optional(row, Column::Aliases, values::addresses);
        let mut found = addresses?.found.into_iter();
        let first = found.next()?;
        let is_good = role.is_ok() && details.is_some() && others.is_ok();
        let here = found.map(|one| (Column::Url, SiteId::from_url(&one.url)));
        let there = others.ok().flatten().unwrap_or_default().found;
        let there = there
            .iter()
            .map(|one| (Column::Aliases, SiteId::from_url(&one.url)));
        let mut site = ListedSite::new(SiteId::from_url(&first.url), Role::Component);
        site.url = first.url.to_string();
        site.scheme_given = first.scheme_given;
        site.group = unit.group;
        if let Some(details) = details {
            details.apply(&mut site);
        }
        let portal = self.text(row, Column::Portal);
        Some(Draft {
            place: self.place(row),
            is_role_bad: role.is_err(),
            is_portal_bad: false,
            role: role.ok().flatten(),
            portal: (!portal.is_empty() && !values::says_none(portal)).then(|| NamedPortal::read(portal)),
            aliases: here.chain(there).collect(),
            written: Written::new(self.titles, |column| self.text(row, column).to_owned()),
            site,
            is_good,
        })
    }

    /// The column that shows that the row came with the template and was not filled in.
    fn example_in(&self, row: &Row) -> Option<Column> {
        if is_example_name(self.text(row, Column::Name)) {
            return Some(Column::Name);
        }
        let is_example = |column: &Column| {
            values::addresses(self.text(row, *column)).is_ok_and(|written| {
                let mut sites = written.found.iter().map(|one| SiteId::from_url(&one.url));
                sites.any(|site| is_example_address(&site))
            })
        };
        [Column::Url, Column::Portal].into_iter().find(is_example)
    }

    /// The addresses of a row: in the cell, under the cell, or under the name.
    fn address_of(&mut self, row: &Row) -> Option<values::Addresses> {
        let text = self.text(row, Column::Url).to_owned();
        let linked = [Column::Url, Column::Name].into_iter().find_map(|column| {
            let cell = row.cell(self.headings.column(column)?)?;
            let address = values::addresses(cell.link.as_deref()?).ok()?;
            (!address.found.is_empty()).then_some((column, address))
        });
        match values::addresses(&text) {
            Ok(addresses) if !addresses.found.is_empty() => {
                self.remark_addresses(row, &addresses, linked);
                Some(addresses)
            }
            Ok(_) | Err(Problem::NotAnAddress) if linked.is_some() => {
                let (_, addresses) = linked?;
                let address = addresses.found.first().map(|one| one.url.to_string());
                let address = address.unwrap_or_default();
                self.remark(row, RemarkKind::AddressFromLink { address });
                Some(addresses)
            }
            Ok(_) => {
                let links_unread = self.links_unread;
                self.problem(row, Column::Url, Problem::NoAddress { links_unread });
                None
            }
            Err(problem) => {
                self.problem(row, Column::Url, problem);
                None
            }
        }
    }

    fn remark_addresses(
        &mut self,
        row: &Row,
        addresses: &values::Addresses,
        linked: Option<(Column, values::Addresses)>,
    ) {
        if !addresses.rest.is_empty() {
            let text = addresses.rest.clone();
            self.remark(row, RemarkKind::TextIgnored { text });
        }
        let sites: Vec<SiteId> = addresses
            .found
            .iter()
            .map(|one| SiteId::from_url(&one.url))
            .collect();
        let mut aliases = sites.get(1..).unwrap_or_default().to_vec();
        aliases.retain(|alias| Some(alias) != sites.first());
        if !aliases.is_empty() {
            self.remark(row, RemarkKind::SeveralAddresses { aliases });
        }
        if let Some((Column::Url, link)) = linked
            && let Some(other) = link.found.first()
            && !sites.contains(&SiteId::from_url(&other.url))
        {
            let link = other.url.to_string();
            self.remark(row, RemarkKind::LinkDiffers { link });
        }
    }

    /// The cells that need no other row; `None` if one is bad.
    fn details(&mut self, row: &Row) -> Option<Details> {
        let text = |column| {
            let text = one_line(self.text(row, column));
            (!text.is_empty()).then_some(text)
        };
        let value = |column| text(column).filter(|text| !values::says_none(text));
        let mut details = Details {
            name: text(Column::Name),
            agency: value(Column::Agency),
            vendor: value(Column::Vendor),
            group: value(Column::Group),
            note: text(Column::Note),
            ..Details::default()
        };
        let ids = self.optional(row, Column::EmcSiteId, values::emc_site_ids);
        let state = self.optional(row, Column::State, values::state);
        let home = self.optional(row, Column::HomeUrl, values::addresses);
        if matches!(state, Ok(Some(SiteState::Exempt))) && details.note.is_none() {
            self.problem(row, Column::Note, Problem::ExemptWithoutNote);
            return None;
        }
        details.emc_site_ids = ids.ok()?.unwrap_or_default();
        details.state = state.ok()?.unwrap_or_default();
        let home = home.ok()?.unwrap_or_default().found;
        details.home_url = home.first().map(|one| one.url.to_string());
        Some(details)
    }

    /// A cell's value, `None` where it is empty or says so; a bad one is noted.
    fn optional<T>(
        &mut self,
        row: &Row,
        column: Column,
        read: impl Fn(&str) -> Result<T, Problem>,
    ) -> Result<Option<T>, ()> {
        let text = self.text(row, column);
        let is_id = column == Column::EmcSiteId;
        if text.is_empty() || (!is_id && values::says_none(text)) {
            return Ok(None);
        }
        match read(text) {
            Ok(value) => Ok(Some(value)),
            Err(problem) => {
                self.problem(row, column, problem);
                Err(())
            }
        }
    }

    fn text<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        self.headings.column(column).map_or("", |at| row.text(at))
    }

    fn place(&self, row: &Row) -> RowPlace {
        RowPlace {
            sheet: self.name.clone(),
            line: row.line,
        }
    }

    fn problem(&mut self, row: &Row, column: Column, problem: Problem) {
        let problem = RowProblem {
            place: self.place(row),
            column: self.headings.title(column).map(str::to_owned),
            value: self.text(row, column).to_owned(),
            problem,
        };
        self.examined.problems.push(problem);
    }

    fn remark(&mut self, row: &Row, kind: RemarkKind) {
        let place = Some(self.place(row));
        self.examined.list.remarks.push(Remark { place, kind });
    }
}
