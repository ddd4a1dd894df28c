//! Bitnami component versions, as Bitnami's own library orders them (<https://github.com/bitnami/go-version>): semantic
//! versions in which what follows the hyphen is a revision of the build, above the version without one.

use std::cmp::Ordering;

use crate::schemes::semver::{NUMBERS, Version, compare_identifiers, push_identifiers};
use crate::{InvalidVersion, Scheme};

/// `major.minor.patch[-revision]`: SemVer with the hyphen turned round.
pub(super) struct Bitnami;

const ID: &str = "bitnami";

impl Scheme for Bitnami {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Bitnami components (bitnami/go-version): SemVer, but 1.2.3-1 is above 1.2.3"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Bitnami"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (
            Version::parse(ID, NUMBERS, a)?,
            Version::parse(ID, NUMBERS, b)?,
        );
        Ok(a.compare_core(&b)
            .then_with(|| match (a.pre_release, b.pre_release) {
                (Some(a), Some(b)) => compare_identifiers(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parsed = Version::parse(ID, NUMBERS, version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        parsed.push_core(&mut key);
        if let Some(revision) = parsed.pre_release {
            push_identifiers(&mut key, revision);
        }
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Bitnami.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn a_revision_is_above_its_version() {
        let ascending = [
            "1.2.3",
            "1.2.3-0",
            "1.2.3-1",
            "1.2.3-10",
            "1.2.3-rc1",
            "1.2.4",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn missing_parts_are_zero() {
        for (a, b) in [("1.2", "1.2.0"), ("1.2.3+a", "1.2.3")] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn junk_is_an_error() {
        for version in ["", "latest", "1.2.3.4"] {
            check(version, version, None);
        }
    }
}
