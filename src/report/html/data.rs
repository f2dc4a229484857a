//! The sites of a run as data for the table of the first page: short rows, in a block of JSON that no text
//! of a site can end.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::pictures::THUMBS;
use super::course::RESTLESS;
use super::portal::Group;
use super::{Report, link};
use crate::history::Change;
use crate::language::has_word;
use crate::rules::CheckId;
use crate::verdict::{Finding, Status, Verdict};

/// Longer names are cut here; the site's own page has them whole.
const NAME_CHARS: usize = 160;

/// Words of the table that only a reader with scripts sees.
const WORDS: &[&str] = &[
    "shown_of",
    "previous",
    "next",
    "page_of",
    "none_found",
    "reviewed",
];

#[derive(Serialize)]
struct Data<'a> {
    words: BTreeMap<&'a str, &'a str>,
    verdicts: Vec<(&'static str, String)>,
    statuses: Vec<(&'static str, String)>,
    checks: Vec<String>,
    portals: Vec<(String, String)>,
    /// Where the folders with small pictures are, and the names of these.
    place: String,
    thumbs: [&'static str; 4],
    /// Kinds of change by which the table is filtered.
    changes: Vec<(&'static str, String)>,
    rows: Vec<Row>,
}

/// Everything in the order that the script expects.
#[derive(Serialize)]
struct Row(
    /// Name, site, agency, outcome.
    [String; 4],
    /// Portal, verdict, verdict after review, change since the run before (-1: none), and 1 where it is restless.
    [i32; 5],
    /// Folder, by which its page and its small pictures are named.
    String,
    /// Which small pictures there are, one bit for each of their names.
    u8,
    /// Check, status and cause of what fails or needs a person.
    Vec<(usize, usize, String)>,
);

const OPEN: [Status; 2] = [Status::Fail, Status::Review];

impl Report<'_> {
    /// The block of data; `root` leads from the page to the run's folder.
    pub(super) fn data(&self, groups: &[Group<'_>], root: &str) -> String {
        let word = |class: &'static str| (class, self.say("status", class).to_owned());
        let checks: Vec<CheckId> = CheckId::ALL.into_iter().collect();
        let changes = self.changes_by_site();
        let rows = groups.iter().enumerate().flat_map(|(number, group)| {
            let (checks, changes) = (&checks, &changes);
            group.members.iter().map(move |(result, files)| {
                Row(
                    [
                        cut(result.name_told().unwrap_or_default()),
                        cut(&result.site.to_string()),
                        cut(result
                            .agency_told()
                            .filter(|agency| *agency != result.name)
                            .unwrap_or_default()),
                        cut(&self.outcome(result).unwrap_or_default()),
                    ],
                    [
                        i32::try_from(number).unwrap_or(i32::MAX),
                        position(Some(result.verdict)),
                        position(result.reviewed),
                        changes
                            .get(result.site.to_string().as_str())
                            .copied()
                            .unwrap_or(-1),
                        i32::from(self.is_restless(result)),
                    ],
                    link(&result.site.folder_name()),
                    files.thumbs.iter().fold(0, |bits, thumb| bits | 1 << thumb.kind),
                    result
                        .findings
                        .iter()
                        .filter_map(|finding| self.open(finding, checks))
                        .collect(),
                )
            })
        });
        let data = Data {
            words: WORDS.iter().map(|key| (*key, self.say("report", key))).collect(),
            verdicts: Verdict::ALL.map(|verdict| word(verdict.as_str())).into(),
            statuses: OPEN.map(|status| word(status.as_str())).into(),
            checks: checks
                .iter()
                .map(|check| {
                    self.rules
                        .check_name(*check)
                        .in_language(self.language)
                        .to_owned()
                })
                .collect(),
            portals: groups
                .iter()
                .map(|group| (cut(&group.name), link(&format!("portals/{}", group.file))))
                .collect(),
            place: place_of(groups, root),
            thumbs: THUMBS.map(|thumb| thumb.name),
            changes: self.change_words(),
            rows: rows.collect(),
        };
        in_a_script(&serde_json::to_string(&data).unwrap_or_default())
    }

    /// The place of each changed site's kind of change in the filter.
    fn changes_by_site(&self) -> BTreeMap<&str, i32> {
        let changes = self.past.changes.iter().flat_map(|past| &past.difference.sites);
        let placed = changes.filter_map(|change| {
            let place = Change::ALL.into_iter().position(|one| one == change.change)?;
            Some((change.site.as_str(), i32::try_from(place).ok()?))
        });
        placed.collect()
    }

    /// Kinds of change in the order of [`Change::ALL`], and last what goes back and forth.
    fn change_words(&self) -> Vec<(&'static str, String)> {
        if self.past.changes.is_none() {
            return Vec::new();
        }
        let kinds = Change::ALL.map(Change::as_str).into_iter().chain([RESTLESS]);
        kinds
            .map(|kind| (kind, self.change_word(kind).to_owned()))
            .collect()
    }

    /// What the table says of a finding that fails or needs a person.
    fn open(&self, finding: &Finding, checks: &[CheckId]) -> Option<(usize, usize, String)> {
        let status = OPEN.iter().position(|status| *status == finding.status)?;
        let check = checks.iter().position(|check| check.as_str() == finding.check)?;
        let cause = if has_word("fault", &finding.code) {
            self.say("fault", &finding.code).to_owned()
        } else {
            String::new()
        };
        Some((check, status, cause))
    }
}

/// The folder that has the sites' folders, from the page; the same for all of them.
fn place_of(groups: &[Group<'_>], root: &str) -> String {
    let members = groups.iter().flat_map(|group| &group.members);
    let places = members.filter_map(|(result, files)| files.place.strip_suffix(&result.site.folder_name()));
    let place = places.into_iter().next().unwrap_or_default();
    link(&format!("{root}/{place}"))
}

fn position(verdict: Option<Verdict>) -> i32 {
    let found = verdict.and_then(|verdict| Verdict::ALL.into_iter().position(|one| one == verdict));
    found.and_then(|found| i32::try_from(found).ok()).unwrap_or(-1)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(NAME_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// JSON that does not end the script element that it stands in, nor opens a comment there.
pub(super) fn in_a_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
