//! Reviewers in a file that only its owner can read: names, roles and hashes of passwords.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

const FILE: &str = "users.json";
const LEAST_PASSWORD: usize = 10;
/// Of a name that is not there a password is checked too: the time that it takes tells nothing.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// What an account may do; each includes the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    View,
    Review,
    Run,
}

/// Why accounts could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{path}: no file of accounts ({reason})")]
    Unreadable { path: PathBuf, reason: String },
    #[error("the name of an account is empty, too long or not printable")]
    Name,
    #[error("the password is too short or too long")]
    ShortPassword,
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Account {
    role: Role,
    /// In the PHC form, with its parameters.
    password: String,
}

type Book = BTreeMap<String, Account>;

/// The file of accounts; it need not be there.
#[derive(Debug, Clone)]
pub struct Accounts {
    path: PathBuf,
}

impl Accounts {
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is unless somebody says otherwise.
    pub fn path_in(out: &Path) -> PathBuf {
        out.join(FILE)
    }

    fn read(&self) -> Result<Book, AccountsError> {
        match fs_err::read(&self.path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|cause| AccountsError::Unreadable {
                path: self.path.clone(),
                reason: cause.to_string(),
            }),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Book::new()),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Whether there is any.
    pub fn exist(&self) -> Result<bool, AccountsError> {
        Ok(!self.read()?.is_empty())
    }

    /// What an account may do; nothing for one that is not there.
    pub fn role(&self, name: &str) -> Result<Option<Role>, AccountsError> {
        Ok(self.read()?.get(name).map(|account| account.role))
    }

    /// Whether this is the password of the account.
    pub fn check(&self, name: &str, password: &str) -> Result<bool, AccountsError> {
        let book = self.read()?;
        let stored = book
            .get(name)
            .map_or(NOBODY.as_str(), |account| &account.password);
        let hash = PasswordHash::new(stored).map_err(|cause| AccountsError::Hash(cause.to_string()))?;
        let is_right = Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok();
        Ok(is_right && book.contains_key(name))
    }

    /// Makes an account, or gives one a new role and password.
    pub fn add(&self, name: &str, role: Role, password: &str) -> Result<(), AccountsError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return Err(AccountsError::Name);
        }
        if !(LEAST_PASSWORD..=200).contains(&password.chars().count()) {
            return Err(AccountsError::ShortPassword);
        }
        let mut book = self.read()?;
        let password = hash(password)?;
        book.insert(name.to_owned(), Account { role, password });
        let text = serde_json::to_vec_pretty(&book).map_err(io::Error::other)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Temporary files are for their owner alone, and stay so under the new name.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(&text)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|cause| cause.error)?;
        Ok(())
    }
}

fn hash(password: &str) -> Result<String, AccountsError> {
    let salt = SaltString::generate(&mut OsRng);
    let hashed = Argon2::default().hash_password(password.as_bytes(), &salt);
    hashed
        .map(|hash| hash.to_string())
        .map_err(|cause| AccountsError::Hash(cause.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn passwords_are_hashed_in_a_file_of_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::at(Accounts::path_in(folder.path()));
        assert!(!accounts.exist().unwrap());
        accounts.add("Lan", Role::Review, "mật khẩu dài").unwrap();
        assert!(accounts.check("Lan", "mật khẩu dài").unwrap());
        assert!(!accounts.check("Lan", "mật khẩu").unwrap());
        assert!(!accounts.check("Hoa", "nobody has this password").unwrap());
        assert_eq!(accounts.role("Lan").unwrap(), Some(Role::Review));
        let text = fs_err::read_to_string(&accounts.path).unwrap();
        assert!(text.contains("$argon2id$") && !text.contains("dài"));
        let mode = fs_err::metadata(&accounts.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(accounts.add("Lan", Role::Run, "short").is_err());
        assert!(accounts.add("a\nb", Role::Run, "long enough, really").is_err());
    }
}
