//! Signatures of a run's list in the format of minisign, so that anybody can check them with that program:
//! `minisign -Vm manifest-sha256.txt -p emc-audit.pub`.

use std::fmt;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};

use super::bag::MANIFEST;
use super::manifest::read_limited;
use super::run_folder::{RunFolder, StoreError};

/// Behind the name of the list that is signed.
pub(super) const SIGNATURE_SUFFIX: &str = ".minisig";
/// The password of the key, where the settings name no file with it. No setting: those are kept in `run.json`.
pub const PASSWORD_VARIABLE: &str = "EMC_AUDIT_SIGN_PASSWORD";
const PUBLIC_FILE: &str = "emc-audit.pub";
const SECRET_FILE: &str = "emc-audit.key";

/// Why something was not signed, or a key not made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{path}: no key that can be used ({reason})")]
    Unusable { path: PathBuf, reason: String },
    /// It is protected, and nobody said how it is opened.
    #[error("{0}: the key needs a password")]
    NoPassword(PathBuf),
    #[error("{0} is there already")]
    Exists(PathBuf),
    #[error("signing failed: {0}")]
    Signing(String),
}

/// The key of an agency, ready to sign.
pub struct Signer {
    secret: SecretKey,
    public: PublicKey,
}

impl fmt::Debug for Signer {
    // The library's own would print the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer")
            .field(&key_id(self.public.keynum()))
            .finish()
    }
}

impl Signer {
    /// Reads the secret key in `path`. A password is needed where the key has one.
    ///
    /// # Errors
    /// When there is no such key, or the password is not right.
    pub fn read(path: &Path, password: Option<String>) -> Result<Self, KeyError> {
        let unusable = |reason: minisign::PError| KeyError::Unusable {
            path: path.to_path_buf(),
            reason: reason.to_string(),
        };
        let text = read_limited(path)?;
        let stored = SecretKeyBox::from_string(&text).map_err(unusable)?;
        // Without a password the library would ask at the terminal, in the middle of a run.
        let secret = match (is_protected(&text), password) {
            (false, _) => stored.into_unencrypted_secret_key(),
            (true, Some(password)) => stored.into_secret_key(Some(password)),
            (true, None) => return Err(KeyError::NoPassword(path.to_path_buf())),
        };
        let secret = secret.map_err(unusable)?;
        let public = PublicKey::from_secret_key(&secret).map_err(unusable)?;
        Ok(Self { secret, public })
    }

    fn sign(&self, bytes: &[u8], trusted_comment: &str) -> Result<String, KeyError> {
        let signature = minisign::sign(
            Some(&self.public),
            &self.secret,
            Cursor::new(bytes),
            Some(trusted_comment),
            Some("signature of a run of emc-audit"),
        );
        signature
            .map(SignatureBox::into_string)
            .map_err(|error| KeyError::Signing(error.to_string()))
    }
}

/// Whether a stored key is opened by a password: its third and fourth byte name how.
fn is_protected(stored: &str) -> bool {
    let key = stored.lines().nth(1).unwrap_or_default();
    let bytes = STANDARD.decode(key.trim()).unwrap_or_default();
    bytes.get(2..4) == Some(b"Sc")
}

/// A public key, by which signatures are checked.
#[derive(Debug, Clone)]
pub struct Verifier(PublicKey);

impl Verifier {
    /// From a file as minisign writes it, or from the key itself.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let unusable = |reason: minisign::PError| KeyError::Unusable {
            path: PathBuf::from(text),
            reason: reason.to_string(),
        };
        let path = Path::new(text);
        if !path.is_file() {
            return PublicKey::from_base64(text).map(Self).map_err(unusable);
        }
        let text = read_limited(path)?;
        let key = text
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty())
            .unwrap_or_default();
        PublicKey::from_base64(key).map(Self).map_err(unusable)
    }

    /// The key's number, as minisign shows it.
    pub fn id(&self) -> String {
        key_id(self.0.keynum())
    }
}

/// What a signature turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Signed {
    /// By this key; what the signer says of it is signed too.
    Good { key: String, comment: String },
    /// It is there, and no key was given.
    Unchecked { key: String },
    /// By another key than the one that was given.
    OtherKey { key: String },
    /// Of other bytes, or nothing that can be read.
    Bad(String),
}

/// Checks the text of a signature of `bytes`.
pub(super) fn check_signature(text: &str, bytes: &[u8], verifier: Option<&Verifier>) -> Signed {
    let signature = match SignatureBox::from_string(text) {
        Ok(signature) => signature,
        Err(error) => return Signed::Bad(error.to_string()),
    };
    let key = key_id(signature.keynum());
    let Some(verifier) = verifier else {
        return Signed::Unchecked { key };
    };
    if key != verifier.id() {
        return Signed::OtherKey { key };
    }
    match minisign::verify(&verifier.0, &signature, Cursor::new(bytes), true, false, false) {
        Ok(()) => Signed::Good {
            key,
            comment: signature.trusted_comment().unwrap_or_default(),
        },
        Err(error) => Signed::Bad(error.to_string()),
    }
}

/// A key's number as minisign shows it.
fn key_id(number: &[u8]) -> String {
    let number = number.try_into().map_or(0, u64::from_le_bytes);
    format!("{number:016X}")
}

/// Makes a pair of keys in `folder`; the password protects the secret one. The paths of the public and of the
/// secret key.
///
/// # Errors
/// When a key is there already, or cannot be written.
pub fn make_keys(folder: &Path, password: Option<String>) -> Result<(PathBuf, PathBuf), KeyError> {
    use fs_err::os::unix::fs::OpenOptionsExt;
    use std::io::Write;
    let (public, secret) = (folder.join(PUBLIC_FILE), folder.join(SECRET_FILE));
    if let Some(there) = [&public, &secret]
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
    {
        return Err(KeyError::Exists(there.clone()));
    }
    let failed = |error: minisign::PError| KeyError::Signing(error.to_string());
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    };
    let KeyPair { pk, sk } = pair.map_err(failed)?;
    fs_err::create_dir_all(folder)?;
    let write = |path: &Path, mode: u32, text: String| -> Result<(), KeyError> {
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create_new(true).mode(mode);
        let mut file = options.open(path)?;
        file.write_all(text.as_bytes())?;
        Ok(file.sync_all()?)
    };
    write(&secret, 0o600, sk.to_box(None).map_err(failed)?.into_string())?;
    write(&public, 0o644, pk.to_box().map_err(failed)?.into_string())?;
    Ok((public, secret))
}

impl RunFolder {
    /// Signs the list of the run as it is.
    pub(super) fn sign_list(&self, signer: &Signer) -> Result<(), StoreError> {
        let list = fs_err::read(self.path().join(MANIFEST))?;
        let now = jiff::Timestamp::now();
        let comment = format!(
            "timestamp:{}\tfile:{MANIFEST}\trun:{}",
            now.as_second(),
            self.name()
        );
        let text = signer
            .sign(&list, &comment)
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.write_file(&format!("{MANIFEST}{SIGNATURE_SUFFIX}"), text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_signed_is_checked_by_the_public_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (public, secret) = make_keys(folder.path(), None).unwrap();
        assert!(matches!(make_keys(folder.path(), None), Err(KeyError::Exists(_))));
        let signer = Signer::read(&secret, None).unwrap();
        let text = signer.sign(b"list", "run:1").unwrap();
        let verifier = Verifier::read(public.to_str().unwrap()).unwrap();
        let good = Signed::Good {
            key: verifier.id(),
            comment: "run:1".to_owned(),
        };
        assert_eq!(check_signature(&text, b"list", Some(&verifier)), good);
        let written = fs_err::read_to_string(&public).unwrap();
        let key = written.lines().nth(1).unwrap();
        let same = Verifier::read(key).unwrap();
        assert_eq!(check_signature(&text, b"list", Some(&same)), good);
        let bad = |text: &str, bytes: &[u8], key: &Verifier| {
            matches!(check_signature(text, bytes, Some(key)), Signed::Bad(_))
        };
        assert!(bad(&text, b"lost", &verifier));
        assert!(bad(&text.replace("run:1", "run:2"), b"list", &verifier));
        assert!(bad("nothing", b"list", &verifier));
        let other = tempfile::tempdir().unwrap();
        let (other, _) = make_keys(other.path(), None).unwrap();
        let other = Verifier::read(other.to_str().unwrap()).unwrap();
        let by_other = check_signature(&text, b"list", Some(&other));
        assert_eq!(by_other, Signed::OtherKey { key: verifier.id() });
        let unchecked = check_signature(&text, b"list", None);
        assert_eq!(unchecked, Signed::Unchecked { key: verifier.id() });
        assert!(written.contains(&verifier.id()), "as minisign shows it");
        assert!(!format!("{signer:?}").contains("SecretKey"));
    }

    #[test]
    fn a_key_with_a_password_is_opened_by_it_and_never_asks() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (_, secret) = make_keys(folder.path(), Some("mật khẩu".to_owned())).unwrap();
        let mode = fs_err::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(
            Signer::read(&secret, None),
            Err(KeyError::NoPassword(_))
        ));
        let wrong = Signer::read(&secret, Some("khác".to_owned()));
        assert!(matches!(wrong, Err(KeyError::Unusable { .. })));
        Signer::read(&secret, Some("mật khẩu".to_owned())).unwrap();
        assert!(Verifier::read("no key").is_err());
    }
}
