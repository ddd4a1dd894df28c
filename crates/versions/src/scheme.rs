//! What a version scheme is.

use std::cmp::Ordering;

/// One order of versions. Equal is not identical: `1.0` and `1.00` are equal to dpkg.
pub trait Scheme: Sync {
    /// The scheme's own name: `deb`, `rpm`, `semver`; lower case, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it orders and which specification it follows.
    fn about(&self) -> &'static str;

    /// The OSV ecosystem names (without release) that use it, in OSV's spelling.
    fn ecosystems(&self) -> &'static [&'static str];

    /// Compares two versions; an error names the one that is not a version of this scheme.
    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion>;

    /// Whether the text is a version of this scheme at all.
    fn validate(&self, version: &str) -> Result<(), InvalidVersion> {
        self.compare(version, version).map(|_| ())
    }

    /// Bytes that compare (as `[u8]`) like the version does, where the scheme allows it; `None` where it does not or the
    /// version is invalid. Equal versions have equal keys.
    fn sort_key(&self, version: &str) -> Option<Vec<u8>>;
}

/// A text that is not a version of the scheme it was read in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {scheme} version: {version:?}: {why}")]
pub struct InvalidVersion {
    /// The scheme's id.
    pub scheme: &'static str,
    /// The text, cut to 100 characters.
    pub version: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl InvalidVersion {
    const MAX_SHOWN: usize = 100;

    pub(crate) fn new(scheme: &'static str, version: &str, why: &'static str) -> Self {
        Self {
            scheme,
            version: version.chars().take(Self::MAX_SHOWN).collect(),
            why,
        }
    }
}
