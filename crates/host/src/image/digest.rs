//! Digests as images write them, `sha256:<hex>` (OCI image specification, descriptor.md), and checking them on the way.

use std::fmt::{self, Write as _};
use std::io::{self, Read};

use sha2::{Digest as _, Sha256, Sha512};

/// The digest of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Digest(String);

impl Digest {
    /// Only well-formed ones: the text becomes part of a path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let is_algorithm = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let well_formed = !algorithm.is_empty()
            && algorithm.bytes().all(is_algorithm)
            && (32..=256).contains(&hex.len())
            && hex.bytes().all(is_hex);
        well_formed.then(|| Self(text.to_owned()))
    }

    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::sha256(&Sha256::digest(bytes))
    }

    fn sha256(digest: &[u8]) -> Self {
        Self(format!("sha256:{}", hex(digest)))
    }

    /// Where an OCI layout keeps the blob.
    pub(crate) fn place(&self) -> String {
        format!("blobs/{}", self.0.replacen(':', "/", 1))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `bytes` have this digest; `None` if the algorithm is not known.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> Option<bool> {
        let mut hasher = Hasher::for_digest(self)?;
        hasher.update(bytes);
        Some(hasher.finish() == *self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// A digest in the making.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    pub(crate) fn sha256() -> Self {
        Self::Sha256(Sha256::new())
    }

    /// The algorithm of a digest, if it is one of the two the specification registers.
    pub(crate) fn for_digest(digest: &Digest) -> Option<Self> {
        match digest.0.split_once(':')?.0 {
            "sha256" => Some(Self::sha256()),
            "sha512" => Some(Self::Sha512(Sha512::new())),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digest {
        match self {
            Self::Sha256(hasher) => Digest::sha256(&hasher.finalize()),
            Self::Sha512(hasher) => Digest(format!("sha512:{}", hex(&hasher.finalize()))),
        }
    }
}

/// A reader that hashes what passes.
pub(crate) struct Hashed<R> {
    inner: R,
    hasher: Option<Hasher>,
}

impl<R: Read> Hashed<R> {
    pub(crate) const fn new(inner: R, hasher: Option<Hasher>) -> Self {
        Self { inner, hasher }
    }

    /// The digest of everything, the rest included.
    pub(crate) fn finish(mut self) -> io::Result<Option<Digest>> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.hasher.map(Hasher::finish))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buf[..read]);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_well_formed_becomes_a_path() {
        let good = format!("sha256:{}", "ab".repeat(32));
        assert_eq!(
            Digest::parse(&good).unwrap().place(),
            format!("blobs/sha256/{}", "ab".repeat(32))
        );
        for text in [
            "",
            "sha256:",
            "sha256:../../etc/passwd",
            "../x:00",
            "sha256:ABCD",
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        // FIPS 180-4, the empty message.
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        let hashed = Hashed::new(io::empty(), Some(Hasher::sha256()));
        assert_eq!(hashed.finish().unwrap().unwrap().as_str(), empty);
        assert_eq!(Digest::parse(empty).unwrap().is_of(b"x"), Some(false));
    }
}
