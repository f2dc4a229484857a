//! Times as people in Viet Nam read them, wherever the robot runs.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

fn in_viet_nam(text: &str) -> Option<Zoned> {
    let at: Timestamp = text.parse().ok()?;
    Some(at.to_zoned(TimeZone::fixed(Offset::constant(7))))
}

/// RFC 3339 as people read it: `21/11/2026 09:05`. A text that is no time stays as it is.
pub fn for_people(text: &str) -> String {
    in_viet_nam(text).map_or_else(|| text.to_owned(), |at| at.strftime("%d/%m/%Y %H:%M").to_string())
}

/// RFC 3339 as spreadsheets and people read it: `2026-11-21T09:05:30+07:00`. A text that is no time stays
/// as it is.
pub(super) fn with_offset(text: &str) -> String {
    in_viet_nam(text).map_or_else(
        || text.to_owned(),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_the_reader_lives_them() {
        assert_eq!(for_people("2026-11-21T19:05:00Z"), "22/11/2026 02:05");
        assert_eq!(for_people("no time"), "no time");
    }

    #[test]
    fn a_table_has_seconds_and_the_offset_and_nothing_finer() {
        let at = "2026-11-21T19:05:30.123456789Z";
        assert_eq!(with_offset(at), "2026-11-22T02:05:30+07:00");
        assert_eq!(with_offset("no time"), "no time");
    }
}
