//! Secrets we hand out: 256 random bits, shown once, kept as their SHA-256. The word in front says what a secret is, to people and to
//! scanners that look for leaked ones.

use base::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Failure, Result};

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// A session of a browser.
    Session,
    /// A program that speaks the API.
    Token,
    /// A link that works once.
    Link,
}

impl For {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "dws_",
            Self::Token => "dwt_",
            Self::Link => "dwl_",
        }
    }
}

/// A secret in clear. It is shown to who it is for, and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

const BYTES: usize = 32;
/// A secret that is longer than any of ours is none, and is not hashed.
const LONGEST: usize = 64;

impl Secret {
    /// A fresh one.
    pub fn fresh(purpose: For) -> Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::internal(format!("the system gives no random bytes: {error}"))
        })?;
        Ok(Self(
            purpose.word().to_owned() + &URL_SAFE_NO_PAD.encode(bytes),
        ))
    }

    /// In clear.
    pub fn shown(&self) -> &str {
        &self.0
    }

    /// As it is kept.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

/// Never in clear, so that no log has it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The digest of what somebody shows, if it looks like a secret for this purpose.
pub fn digest_of(purpose: For, shown: &str) -> Option<Digest> {
    let looks_so = shown.len() <= LONGEST && shown.starts_with(purpose.word());
    looks_so.then(|| Digest::of(shown.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_again_by_its_digest_and_shown_in_no_log() {
        let secret = Secret::fresh(For::Token).unwrap();
        assert_eq!(digest_of(For::Token, secret.shown()), Some(secret.digest()));
        assert_eq!(digest_of(For::Session, secret.shown()), None);
        assert_eq!(digest_of(For::Token, &"dwt_".repeat(1000)), None);
        assert!(!format!("{secret:?}").contains("dwt_"));
        assert_ne!(secret, Secret::fresh(For::Token).unwrap());
    }
}
