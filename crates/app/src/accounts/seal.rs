//! Secrets that must be had again in clear (those of one-time codes, of mail servers, of tickets) are sealed with AES-256-GCM. The key
//! is a file beside the store, readable by its owner alone, and in no backup: a stolen store gives none of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::{Failure, Result};

/// The name of the key's file in the directory of the store.
pub const KEY_FILE: &str = "daywatch.key";
const KEY_BYTES: usize = 32;

/// A key.
pub struct Key {
    key: LessSafeKey,
}

/// Never in clear.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key of a directory; one is made where there is none.
    pub fn of(directory: &Path) -> Result<Self> {
        let file = directory.join(KEY_FILE);
        match fs::read(&file) {
            Ok(bytes) => Self::from_bytes(&bytes).ok_or_else(|| damaged(&file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(directory, &file),
            Err(error) => Err(unreadable(&file, &error)),
        }
    }

    fn make(directory: &Path, file: &Path) -> Result<Self> {
        let mut bytes = [0; KEY_BYTES];
        random(&mut bytes)?;
        fs::create_dir_all(directory).map_err(|e| unreadable(directory, &e))?;
        match write_private(file, &bytes) {
            Ok(()) => Self::from_bytes(&bytes).ok_or_else(|| damaged(file)),
            // Another process was faster; its key holds.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::of(directory),
            Err(error) => Err(unreadable(file, &error)),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).ok()?;
        Some(Self {
            key: LessSafeKey::new(key),
        })
    }

    /// Seals a secret. What it is for is sealed with it, so that it opens nowhere else.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce)?;
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Failure::internal("a secret could not be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let opened = sealed
            .split_at_checked(NONCE_LEN)
            .and_then(|(nonce, rest)| {
                let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
                let mut rest = rest.to_vec();
                let opened = self
                    .key
                    .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut rest)
                    .ok()?;
                Some(opened.to_vec())
            });
        opened.ok_or_else(|| {
            Failure::input(format!(
                "a sealed secret ({purpose}) does not open with the key at hand"
            ))
            .hint(format!(
                "put back the {KEY_FILE} it was sealed with, or set the secret again"
            ))
        })
    }
}

fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| Failure::internal(format!("the system gives no random bytes: {error}")))
}

#[cfg(unix)]
fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = fs::OpenOptions::new();
    let mut opened = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

#[cfg(not(unix))]
fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    let mut opened = options.write(true).create_new(true).open(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}

fn damaged(file: &Path) -> Failure {
    Failure::input(format!("{} is no key of {KEY_BYTES} bytes", file.display()))
        .hint("put back a copy of it; without it the sealed secrets must be set again")
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    let path: PathBuf = file.to_owned();
    Failure::input(format!("cannot use {}: {error}", path.display()))
        .hint("the key lies beside the store and must be readable by who runs the program")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_purpose() {
        let directory = tempfile::tempdir().unwrap();
        let key = Key::of(directory.path()).unwrap();
        let sealed = key.seal("totp 1", b"a secret").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        let again = Key::of(directory.path()).unwrap();
        assert_eq!(again.open("totp 1", &sealed).unwrap(), b"a secret");
        assert!(again.open("totp 2", &sealed).is_err());
        let other = tempfile::tempdir().unwrap();
        let other = Key::of(other.path()).unwrap();
        assert!(other.open("totp 1", &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(again.open("totp 1", &sealed[..cut]).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        Key::of(directory.path()).unwrap();
        let file = fs::metadata(directory.path().join(KEY_FILE)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_told_and_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(KEY_FILE);
        fs::write(&file, b"short").unwrap();
        assert!(
            Key::of(directory.path())
                .unwrap_err()
                .message
                .contains("no key")
        );
        assert_eq!(fs::read(&file).unwrap(), b"short");
    }
}
