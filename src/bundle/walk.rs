//! Everything below a folder, links named and never followed: what is checked may come from anybody.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Folders within folders; ours are five deep.
const DEPTH_MAX: usize = 24;
const ENTRIES_MAX: usize = 5_000_000;

/// What stands under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// A regular file that may be opened.
    File,
    /// A symbolic link, wherever it leads.
    Link,
    /// A pipe, a device, or a name that is no text: never opened.
    Odd,
}

/// Entries by path below the folder, with `/`. Folders themselves are not listed.
pub(super) type Tree = BTreeMap<String, Entry>;

/// Walks `root`; `skip` says which folders are left out, by their path.
pub(super) fn walk(root: &Path, skip: impl Fn(&str) -> bool) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut folders: Vec<(PathBuf, String, usize)> = vec![(root.to_path_buf(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            let kind = entry.file_type()?;
            let readable = name.to_str().is_some();
            if kind.is_dir() && readable && depth < DEPTH_MAX {
                if !skip(&path) {
                    folders.push((entry.path(), format!("{path}/"), depth + 1));
                }
                continue;
            }
            let found = if kind.is_symlink() {
                Entry::Link
            } else if kind.is_file() && readable {
                Entry::File
            } else {
                Entry::Odd
            };
            tree.insert(path, found);
            if tree.len() > ENTRIES_MAX {
                return Err(io::Error::other("more files than any run has"));
            }
        }
    }
    Ok(tree)
}

/// Names of the real folders directly in `folder`, sorted.
pub(super) fn folders_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir()
            && let Some(name) = entry.file_name().to_str()
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The number of a visit's folder, `visit-N`.
pub(super) fn visit_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("visit-")?;
    let number: u32 = digits.parse().ok()?;
    (number > 0 && number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn links_are_named_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("run");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "x").unwrap();
        std::fs::write(folder.path().join("outside"), "secret").unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join("a/up")).unwrap();
        std::os::unix::fs::symlink("../outside", root.join("out")).unwrap();
        let tree = walk(&root, |_| false).unwrap();
        let expected = [
            ("a/b/file", Entry::File),
            ("a/up", Entry::Link),
            ("out", Entry::Link),
        ];
        assert_eq!(
            tree.iter()
                .map(|(path, entry)| (path.as_str(), *entry))
                .collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn only_plain_numbers_are_visits() {
        assert_eq!(visit_number("visit-12"), Some(12));
        for name in [
            "visit-0",
            "visit-01",
            "visit-+1",
            "visit-",
            "visit-1.partial",
            ".visit-1",
        ] {
            assert_eq!(visit_number(name), None, "{name}");
        }
    }
}
