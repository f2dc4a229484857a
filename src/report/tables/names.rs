//! Names of sheets, as Excel bears them: 31 characters, no two alike, some signs forbidden.

use std::collections::HashSet;

/// In UTF-16 units, as Excel counts.
const LONGEST: usize = 31;

/// Gives each sheet a name of its own.
#[derive(Debug, Default)]
pub(super) struct SheetNames {
    taken: HashSet<String>,
}

impl SheetNames {
    /// The wanted name, made legal, cut, and numbered where it is taken.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        let legal: String = wanted
            .chars()
            .map(|c| {
                if c.is_control() || "[]:*?/\\".contains(c) {
                    '~'
                } else {
                    c
                }
            })
            .collect();
        let legal = legal.trim().trim_matches('\'');
        // Excel keeps the name for itself.
        let legal = if legal.is_empty() || legal.eq_ignore_ascii_case("history") {
            "~"
        } else {
            legal
        };
        let numbered = (2..).map(|number: u32| format!(" ({number})"));
        let endings = std::iter::once(String::new()).chain(numbered);
        for ending in endings {
            let name = format!("{}{ending}", cut(legal, LONGEST - ending.len()));
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
        }
        // There are more numbers than sheets.
        String::new()
    }
}

/// At most so many UTF-16 units, without a quotation mark or a space at the end.
fn cut(text: &str, units: usize) -> &str {
    let mut left = units;
    let fits = |c: char| {
        let enough = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        enough
    };
    let mut fits = fits;
    let end = text
        .char_indices()
        .find(|(_, c)| !fits(*c))
        .map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches(['\'', ' '])
}
