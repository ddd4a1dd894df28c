//! Dart and Flutter packages, as `pub_semver` orders them (<https://dart.dev/tools/pub/versioning>): Semantic Versioning in
//! which build metadata decides last, above its absence.

use std::cmp::Ordering;

use crate::schemes::semver::{NUMBERS, RELEASE, Version, compare_identifiers, push_identifiers};
use crate::{InvalidVersion, Scheme};

/// SemVer with an order among builds of one version.
pub(super) struct PubDev;

const ID: &str = "pub";

impl Scheme for PubDev {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Dart packages (pub_semver): SemVer, then the build"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Pub"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (
            Version::parse(ID, NUMBERS, a)?,
            Version::parse(ID, NUMBERS, b)?,
        );
        Ok(a.compare(&b).then_with(|| match (a.build, b.build) {
            (Some(a), Some(b)) => compare_identifiers(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parsed = Version::parse(ID, NUMBERS, version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        parsed.push_core(&mut key);
        match parsed.pre_release {
            Some(identifiers) => push_identifiers(&mut key, identifiers),
            None => key.push(RELEASE),
        }
        if let Some(build) = parsed.build {
            push_identifiers(&mut key, build);
        }
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(PubDev.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn builds_decide_last() {
        let ascending = [
            "1.0.0-pre",
            "1.0.0-pre+build",
            "1.0.0",
            "1.0.0+1",
            "1.0.0+2",
            "1.0.0+a",
            "1.0.1",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn junk_is_an_error() {
        for version in ["", "latest", "1.2.3.4"] {
            check(version, version, None);
        }
    }
}
