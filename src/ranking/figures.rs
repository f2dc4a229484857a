//! Months and numbers as people write them, and the figures made of them. Pure.

use std::collections::BTreeMap;
use std::fmt;

use crate::rules::plain;
use crate::site::SiteId;

/// Days of a spreadsheet's calendar from 2000 to 2099.
const SPREADSHEET_DAYS: std::ops::RangeInclusive<i64> = 36_526..=73_050;
/// Words that may stand beside a month, folded.
const BESIDE: &[&str] = &[
    "thang", "t", "nam", "ky", "month", "m", "luot", "truy", "cap", "so", "visits", "visit", "trong",
];
const ENGLISH: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Visits by site and month.
pub type Figures = BTreeMap<SiteId, BTreeMap<Month, u64>>;

/// A month of a year, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: u8,
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl std::str::FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).ok_or_else(|| format!("{text:?} is no month; write 2026-11"))
    }
}

impl Month {
    pub fn new(year: i64, month: i64) -> Option<Self> {
        let in_time = (2000..=2099).contains(&year) && (1..=12).contains(&month);
        in_time.then_some(Self {
            year: i16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
        })
    }

    /// `11/2026`, `Tháng 11 năm 2026`, `T11/2026`, `2026-11`, `01/11/2026`, `November 2026`, or the number under
    /// which a spreadsheet keeps a date.
    pub fn read(text: &str) -> Option<Self> {
        let folded = plain(text);
        let mut numbers: Vec<&str> = Vec::new();
        let mut named = None;
        for word in folded.split_whitespace() {
            let digits = word.trim_start_matches(|c: char| c.is_alphabetic());
            let letters = &word[..word.len() - digits.len()];
            if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                numbers.push(digits);
            } else if !digits.is_empty() {
                return None;
            }
            if let Some(month) = english(letters) {
                named = Some(month);
            } else if !letters.is_empty() && !BESIDE.contains(&letters) {
                return None;
            }
        }
        let number = |text: &str| text.parse::<i64>().ok();
        match (named, numbers.as_slice()) {
            (Some(month), [year]) => Self::new(number(year)?, month),
            (None, [one]) if one.len() == 6 => Self::new(number(&one[..4])?, number(&one[4..])?),
            (None, [one]) => of_day(number(one)?),
            (None, [year, month]) if year.len() == 4 => Self::new(number(year)?, number(month)?),
            (None, [month, year]) if year.len() == 4 => Self::new(number(year)?, number(month)?),
            (None, [year, month, ..]) if year.len() == 4 && numbers.len() <= 6 => {
                Self::new(number(year)?, number(month)?)
            }
            (None, [_, month, year]) if year.len() == 4 => Self::new(number(year)?, number(month)?),
            _ => None,
        }
    }

    /// As people write it: `11/2026`.
    pub fn for_people(self) -> String {
        format!("{:02}/{}", self.month, self.year)
    }

    #[must_use]
    pub fn before(self) -> Self {
        if self.month > 1 {
            Self {
                month: self.month - 1,
                ..self
            }
        } else {
            Self {
                year: self.year - 1,
                month: 12,
            }
        }
    }
}

fn english(letters: &str) -> Option<i64> {
    let at = ENGLISH
        .iter()
        .position(|name| letters.len() >= 3 && name.starts_with(letters))?;
    i64::try_from(at + 1).ok()
}

/// The month of a spreadsheet's day.
fn of_day(day: i64) -> Option<Month> {
    if !SPREADSHEET_DAYS.contains(&day) {
        return None;
    }
    let first = jiff::civil::date(1899, 12, 30);
    let date = first.checked_add(jiff::Span::new().days(day)).ok()?;
    Month::new(date.year().into(), date.month().into())
}

/// Why a cell is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadNumber {
    Negative,
    NotWhole,
    NotANumber,
}

impl BadNumber {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::NotWhole => "not_whole",
            Self::NotANumber => "not_a_number",
        }
    }
}

/// A number of visits: `1.234.567`, `1,234,567`, `1 234 567`, `1234567`. A point or comma before three digits parts
/// thousands, as people here write them. `None`: nothing is said.
pub fn read_visits(text: &str) -> Result<Option<u64>, BadNumber> {
    let text = text.trim();
    let folded = plain(text);
    let says_nothing = [
        "",
        "n a",
        "na",
        "khong co",
        "chua co",
        "khong co so lieu",
        "chua ket noi",
    ];
    let is_negative = text.starts_with(['-', '−', '–']) && text.contains(|c: char| c.is_ascii_digit());
    if says_nothing.contains(&folded.trim()) && !text.contains(|c: char| c.is_ascii_digit()) {
        return Ok(None);
    }
    if is_negative {
        return Err(BadNumber::Negative);
    }
    let kept: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = kept.split(['.', ',']).collect();
    let all_digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.iter().all(all_digits) {
        return Err(BadNumber::NotANumber);
    }
    let (last, before) = parts.split_last().ok_or(BadNumber::NotANumber)?;
    let is_thousands = |parts: &[&str]| {
        parts.first().is_some_and(|part| part.len() <= 3) && parts.iter().skip(1).all(|part| part.len() == 3)
    };
    let whole = if before.is_empty() || is_thousands(&parts) {
        parts.concat()
    } else if last.bytes().all(|byte| byte == b'0') && (before.len() == 1 || is_thousands(before)) {
        // A spreadsheet's `1234567.0`.
        before.concat()
    } else if before.len() == 1 {
        return Err(BadNumber::NotWhole);
    } else {
        return Err(BadNumber::NotANumber);
    };
    whole.parse().map(Some).map_err(|_| BadNumber::NotANumber)
}

/// As people here write it: `1.234.567`.
pub fn with_points(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_are_read_as_people_write_them() {
        for text in [
            "11/2026",
            "Tháng 11/2026",
            "Tháng 11 năm 2026",
            "T11/2026",
            "T11-2026",
            "2026-11",
            "2026-11-01",
            "01/11/2026",
            "202611",
            "Nov 2026",
            "Lượt truy cập tháng 11/2026",
            "46327",
        ] {
            assert_eq!(Month::read(text), Month::new(2026, 11), "{text}");
        }
        for text in [
            "",
            "STT",
            "Tháng 11",
            "13/2026",
            "11",
            "Top 10 2026",
            "2026",
            "Website",
        ] {
            assert_eq!(Month::read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for text in [
            "1.234.567",
            "1,234,567",
            "1 234 567",
            "1234567",
            "1234567.0",
            "1.234.567,0",
            " 1.234.567 ",
        ] {
            assert_eq!(read_visits(text), Ok(Some(1_234_567)), "{text}");
        }
        assert_eq!(read_visits("1.234"), Ok(Some(1234)));
        for text in ["", "-", "chưa có", "N/A"] {
            assert_eq!(read_visits(text), Ok(None), "{text}");
        }
        assert_eq!(read_visits("-5"), Err(BadNumber::Negative));
        assert_eq!(read_visits("12.5"), Err(BadNumber::NotWhole));
        for text in ["12a", "1.23.4", "=1+1", "1e6", "99999999999999999999999"] {
            assert_eq!(read_visits(text), Err(BadNumber::NotANumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back_as_it_was_written(number in any::<u64>()) {
            prop_assert_eq!(read_visits(&with_points(number)), Ok(Some(number)));
        }

        #[test]
        fn no_cell_panics(text in "\\PC{0,30}") {
            let _read = (Month::read(&text), read_visits(&text));
        }

        #[test]
        fn months_go_back_one_by_one(year in 2001_i64..2099, month in 1_i64..=12) {
            if let Some(here) = Month::new(year, month) {
                prop_assert!(here.before() < here);
                prop_assert_eq!(Month::read(&here.to_string()), Some(here));
            }
        }
    }
}
