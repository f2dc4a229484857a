//! Certificates that the browser trusts besides its own list: those of an authority inside an organisation,
//! or of a proxy that opens TLS.
//!
//! On Linux Chromium reads such certificates from the NSS database in the home folder of whoever started it.
//! One is made for the run, by `certutil` of the NSS tools, and each browser gets a copy in a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::process::PROFILE_PREFIX;

const TOOL: &str = "certutil";
/// Where Chromium looks, seen from the home folder.
const DATABASE: &str = ".pki/nssdb";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A database of certificates to trust; its folder is removed with it.
#[derive(Debug)]
pub struct TrustStore {
    folder: TempDir,
}

/// Why certificates cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("failed to read or write certificates: {0}")]
    Io(#[from] std::io::Error),
    #[error("{TOOL} is not installed")]
    NoTool,
    #[error("{path} holds no certificate that can be read: {reason}")]
    NotACertificate { path: PathBuf, reason: String },
}

impl TrustStore {
    /// A store of every certificate in `files`: PEM, with any number of them, or one in DER.
    pub fn of(files: &[PathBuf]) -> Result<Self, TrustError> {
        let store = Self {
            folder: tempfile::Builder::new()
                .prefix(&format!("{PROFILE_PREFIX}{}-", std::process::id()))
                .tempdir()?,
        };
        store
            .certutil(&["-N", "--empty-password"], None)?
            .map_err(std::io::Error::other)?;
        let mut number = 0;
        for path in files {
            for certificate in certificates(path)? {
                number += 1;
                let name = format!("emc-audit {number}");
                let added = store.certutil(&["-A", "-t", "C,,", "-n", &name], Some(&certificate))?;
                added.map_err(|reason| TrustError::NotACertificate {
                    path: path.clone(),
                    reason,
                })?;
            }
        }
        Ok(store)
    }

    /// Runs the tool on the database; the inner error is what it complains of.
    fn certutil(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Result<(), String>, TrustError> {
        let mut command = Command::new(TOOL);
        command
            .args(arguments)
            .arg("-d")
            .arg(format!("sql:{}", self.folder.path().display()))
            .stdin(Stdio::null());
        if let Some(bytes) = input {
            let file = self.folder.path().join("certificate");
            fs_err::write(&file, bytes)?;
            command.arg("-i").arg(file);
        }
        let output = command.output().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => TrustError::NoTool,
            _ => TrustError::Io(error),
        })?;
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Ok(if output.status.success() {
            Ok(())
        } else {
            Err(words)
        })
    }

    /// Puts a copy where a browser looks whose home folder is `home`.
    pub(super) fn copy_into(&self, home: &Path) -> std::io::Result<()> {
        let database = home.join(DATABASE);
        fs_err::create_dir_all(&database)?;
        for name in ["cert9.db", "key4.db", "pkcs11.txt"] {
            fs_err::copy(self.folder.path().join(name), database.join(name))?;
        }
        Ok(())
    }
}

/// Every certificate of a file, each by itself, because the tool reads one at a time.
fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, TrustError> {
    let bytes = fs_err::read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains(BEGIN) {
        return Ok(vec![bytes]);
    }
    let blocks = text.split(BEGIN).skip(1).map(|block| {
        let body = block.split(END).next().unwrap_or_default();
        format!("{BEGIN}{body}{END}\n").into_bytes()
    });
    Ok(blocks.collect())
}
