//! Lists of SHA-256 sums: hashing files in pieces, writing the lists, and reading those of strangers.
//!
//! Two spellings of the same list: a bag's manifest percent-encodes what would break a line (RFC 8493), a
//! run's manifest escapes it as `sha256sum` does. Where names are plain, as ours are, they are the same.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::language::Sentence;

/// Lists longer than this are no list of ours: two million files with long names.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;
const PIECE: usize = 64 << 10;

/// Sums by path; paths are relative, with `/`.
pub(super) type Sums = BTreeMap<String, String>;

/// How paths are written into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// RFC 8493: CR, LF and `%` are percent-encoded.
    Bag,
    /// GNU coreutils: a line with an escaped name begins with a backslash.
    Coreutils,
}

/// A list as it was read, with the lines that are none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ReadManifest {
    pub sums: Sums,
    /// What is wrong with lines that could not be used, at most ten.
    pub bad_lines: Vec<Sentence>,
}

/// The sum of what was read and its length in bytes.
pub(super) fn hash_reader(mut reader: impl Read) -> io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut piece = vec![0_u8; PIECE];
    let mut length = 0_u64;
    loop {
        let count = reader.read(&mut piece)?;
        if count == 0 {
            return Ok((hex(&digest.finalize()), length));
        }
        digest.update(&piece[..count]);
        length += u64::try_from(count).unwrap_or(u64::MAX);
    }
}

/// The sum of a file and its length in bytes, read in pieces.
pub(super) fn hash_file(path: &Path) -> io::Result<(String, u64)> {
    hash_reader(fs_err::File::open(path)?)
}

/// A list, or another small text of a bag; one that is longer than any of ours is an error.
pub(super) fn read_limited(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = fs_err::File::open(path)?;
    let length = file.take(MANIFEST_BYTES_MAX + 1).read_to_string(&mut text)?;
    if u64::try_from(length).is_ok_and(|length| length > MANIFEST_BYTES_MAX) {
        return Err(io::Error::other(format!(
            "{} is longer than any list of ours",
            path.display()
        )));
    }
    Ok(text)
}

/// The sum of bytes at hand.
pub(super) fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

/// The text of a list, sorted by path.
pub(super) fn write_manifest(sums: &Sums, spelling: Spelling) -> String {
    let mut text = String::new();
    for (path, sum) in sums {
        let (mark, path) = spell(path, spelling);
        text.push_str(mark);
        text.push_str(sum);
        text.push_str("  ");
        text.push_str(&path);
        text.push('\n');
    }
    text
}

fn spell(path: &str, spelling: Spelling) -> (&'static str, String) {
    match spelling {
        Spelling::Bag => {
            let encoded = path.replace('%', "%25").replace('\n', "%0A").replace('\r', "%0D");
            ("", encoded)
        }
        Spelling::Coreutils if path.contains(['\\', '\n', '\r']) => {
            let escaped = path
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\r', "\\r");
            ("\\", escaped)
        }
        Spelling::Coreutils => ("", path.to_owned()),
    }
}

/// Reads a list that anybody may have written.
pub(super) fn read_manifest(text: &str, spelling: Spelling) -> ReadManifest {
    let mut read = ReadManifest::default();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let problem = match read_line(line, spelling) {
            None => "no_line",
            Some((path, _)) if !is_inside(&path) => "outside",
            Some((path, sum)) => match read.sums.insert(path, sum) {
                None => continue,
                Some(_) => "twice",
            },
        };
        if read.bad_lines.len() < 10 {
            let sentence = Sentence::new("bad_line", problem);
            read.bad_lines.push(sentence.with("line", number + 1));
        }
    }
    read
}

fn read_line(line: &str, spelling: Spelling) -> Option<(String, String)> {
    let (line, escaped) = match (spelling, line.strip_prefix('\\')) {
        (Spelling::Coreutils, Some(rest)) => (rest, true),
        _ => (line, false),
    };
    let (sum, rest) = line.split_at_checked(64)?;
    if !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let name = match spelling {
        Spelling::Coreutils => rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *"))?,
        Spelling::Bag => {
            let trimmed = rest.trim_start_matches([' ', '\t']);
            if trimmed.len() == rest.len() {
                return None;
            }
            trimmed.strip_prefix('*').unwrap_or(trimmed)
        }
    };
    let name = match spelling {
        Spelling::Bag => decode_percent(name),
        Spelling::Coreutils if escaped => unescape(name)?,
        Spelling::Coreutils => name.to_owned(),
    };
    (!name.is_empty()).then(|| (name, sum.to_ascii_lowercase()))
}

/// Only what the RFC lets be encoded; any other `%` stands for itself.
fn decode_percent(name: &str) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).map(str::to_ascii_uppercase);
        let (character, used) = match code.as_deref() {
            Some("0A") => ('\n', 3),
            Some("0D") => ('\r', 3),
            Some("25") => ('%', 3),
            _ => ('%', 1),
        };
        decoded.push(character);
        rest = &rest[at + used..];
    }
    decoded.push_str(rest);
    decoded
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

/// A relative path without steps upwards.
fn is_inside(path: &str) -> bool {
    !path.starts_with('/')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::language::Language;
    use proptest::prelude::*;

    const SUM: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn sums_are_those_of_the_standard() {
        assert_eq!(hash_bytes(b"test"), SUM);
        assert_eq!(hash_reader(&b"test"[..]).unwrap(), (SUM.to_owned(), 4));
        let long = vec![7_u8; PIECE * 3 + 1];
        assert_eq!(hash_reader(&long[..]).unwrap().0, hash_bytes(&long));
    }

    #[test]
    fn a_line_break_in_a_name_makes_no_second_line() {
        let sums = Sums::from([("data/a\nb\r%.txt".to_owned(), SUM.to_owned())]);
        let bag = write_manifest(&sums, Spelling::Bag);
        assert_eq!(bag, format!("{SUM}  data/a%0Ab%0D%25.txt\n"));
        let run = write_manifest(&sums, Spelling::Coreutils);
        assert_eq!(run, format!("\\{SUM}  data/a\\nb\\r%.txt\n"));
    }

    #[test]
    fn lines_of_other_tools_are_read() {
        let text = format!("{}\t*data/a b\r\n{SUM}   data/%41\n", SUM.to_uppercase());
        let read = read_manifest(&text, Spelling::Bag);
        assert_eq!(read.bad_lines, []);
        assert_eq!(read.sums.keys().collect::<Vec<_>>(), ["data/%41", "data/a b"]);
        assert_eq!(read.sums["data/a b"], SUM);
    }

    #[test]
    fn paths_that_lead_out_are_never_taken() {
        for path in ["/etc/passwd", "../x", "data/../../x", "data//x", "."] {
            let read = read_manifest(&format!("{SUM}  {path}\n"), Spelling::Bag);
            assert!(read.sums.is_empty() && read.bad_lines.len() == 1, "{path}");
        }
        let twice = read_manifest(&format!("{SUM}  a\n{SUM}  a\nnothing\n"), Spelling::Coreutils);
        let said: Vec<String> = twice
            .bad_lines
            .iter()
            .map(|line| line.text(Language::English))
            .collect();
        assert_eq!(said, ["line 2 names a file twice", "line 3 is no line of sums"]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(name in "[^/\\x00]{1,20}", folder in "[a-z%\\\\]{1,5}") {
            prop_assume!(name != "." && name != "..");
            // A name may begin with what separates it from its sum in other tools' lists.
            prop_assume!(!name.starts_with([' ', '\t', '*']));
            let sums = Sums::from([(format!("{folder}/{name}"), SUM.to_owned())]);
            for spelling in [Spelling::Bag, Spelling::Coreutils] {
                let read = read_manifest(&write_manifest(&sums, spelling), spelling);
                prop_assert_eq!(&read.sums, &sums);
            }
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
            for spelling in [Spelling::Bag, Spelling::Coreutils] {
                prop_assert!(read_manifest(&text, spelling).bad_lines.len() <= 10);
            }
        }
    }
}
