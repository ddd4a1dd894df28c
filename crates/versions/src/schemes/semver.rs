//! Semantic Versioning 2.0.0 (<https://semver.org/#spec-item-11>), read leniently: real feeds and tags have a `v` before
//! the number, missing parts, leading zeros, pre-releases without the hyphen and numbers past 64 bits.
//!
//! Go pseudo-versions are ordinary pre-releases and `+incompatible` is build metadata, which never decides
//! (<https://go.dev/ref/mod#versions>).

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `major.minor.patch[-pre.release][+build]`; a pre-release is below its release.
pub(super) struct Semver;

const ID: &str = "semver";
/// Major, minor and patch.
pub(super) const NUMBERS: usize = 3;

impl Scheme for Semver {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Semantic Versioning 2.0.0, lenient: npm, crates.io, Go and others"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &[
            "npm",
            "crates.io",
            "Go",
            "SwiftURL",
            "Hex",
            "GitHub Actions",
            "VSCode",
            "Kubernetes",
            "Julia",
            "Docker Hardened Images",
        ]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        Ok(parse(a)?.compare(&parse(b)?))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parsed = parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        parsed.push_core(&mut key);
        match parsed.pre_release {
            Some(identifiers) => push_identifiers(&mut key, identifiers),
            None => key.push(RELEASE),
        }
        Some(key)
    }
}

fn parse(version: &str) -> Result<Version<'_>, InvalidVersion> {
    Version::parse(ID, NUMBERS, version)
}

/// A semantic version cut into the pieces that decide, for the schemes that share its syntax.
pub(super) struct Version<'a> {
    /// `1.2.3`: digits and dots.
    core: &'a str,
    /// What follows the hyphen, or `None` for a release.
    pub(super) pre_release: Option<&'a str>,
    /// What follows the plus sign.
    pub(super) build: Option<&'a str>,
}

impl<'a> Version<'a> {
    /// Reads a version of at most `max_numbers` numbers for the scheme named `id`.
    pub(super) fn parse(
        id: &'static str,
        max_numbers: usize,
        text: &'a str,
    ) -> Result<Self, InvalidVersion> {
        let invalid = |why| InvalidVersion::new(id, text, why);
        let number = text.trim().trim_start_matches(['v', 'V', '=', ' ']);
        let (number, build) = match number.split_once('+') {
            Some((number, build)) => (number, Some(build)),
            None => (number, None),
        };
        let (core, rest) = number.split_at(core_length(number.as_bytes()));
        if core.is_empty() {
            return Err(invalid("it does not start with a number"));
        }
        let numbers = core.split('.').count();
        if numbers > max_numbers {
            return Err(invalid("it has too many numbers"));
        }
        let pre_release = match rest.strip_prefix('-') {
            Some(identifiers) => Some(identifiers),
            None if rest.is_empty() => None,
            None if numbers == max_numbers => Some(rest),
            None => {
                return Err(invalid(
                    "a hyphen is missing before what follows the numbers",
                ));
            }
        };
        if !pre_release
            .into_iter()
            .chain(build)
            .all(has_only_identifiers)
        {
            return Err(invalid(
                "it has an empty identifier, or characters that no identifier has",
            ));
        }
        Ok(Self {
            core,
            pre_release,
            build,
        })
    }

    /// SemVer precedence.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        self.compare_core(other)
            .then_with(|| match (self.pre_release, other.pre_release) {
                (Some(a), Some(b)) => compare_identifiers(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            })
    }

    /// Only the numbers; a missing part is zero.
    pub(super) fn compare_core(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (self.core.split('.'), other.core.split('.'));
        loop {
            let (left, right) = (a.next(), b.next());
            if left.is_none() && right.is_none() {
                return Ordering::Equal;
            }
            let order = digits::compare(
                left.unwrap_or_default().as_bytes(),
                right.unwrap_or_default().as_bytes(),
            );
            if order.is_ne() {
                return order;
            }
        }
    }

    /// The numbers without trailing zeros, each behind a 1 byte, and a 0 byte at the end.
    pub(super) fn push_core(&self, key: &mut Vec<u8>) {
        for part in digits::trim_zero_parts(self.core.as_bytes()).split(|&b| b == b'.') {
            key.push(1);
            digits::push_key(key, part);
        }
        key.push(0);
    }
}

/// Digits, and single dots between digits.
fn core_length(text: &[u8]) -> usize {
    let mut end = digits::run(text);
    while end > 0 && text.get(end) == Some(&b'.') {
        match digits::run(&text[end + 1..]) {
            0 => break,
            digits => end += 1 + digits,
        }
    }
    end
}

fn has_only_identifiers(text: &str) -> bool {
    text.split('.')
        .all(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

fn is_number(identifier: &str) -> bool {
    identifier.bytes().all(|b| b.is_ascii_digit())
}

/// SemVer 11.4: numbers below words, numbers by value, words in ASCII order, the longer list above its own beginning.
pub(super) fn compare_identifiers(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        let order = match (is_number(a), is_number(b)) {
            (true, true) => digits::compare(a.as_bytes(), b.as_bytes()),
            (false, false) => a.cmp(b),
            (a_is_number, b_is_number) => b_is_number.cmp(&a_is_number),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The byte that stands for "no pre-release" in a key: above everything [`push_identifiers`] begins with.
pub(super) const RELEASE: u8 = 0xff;

/// Appends bytes that order like [`compare_identifiers`] does.
pub(super) fn push_identifiers(key: &mut Vec<u8>, identifiers: &str) {
    for identifier in identifiers.split('.') {
        if is_number(identifier) {
            key.push(1);
            digits::push_key(key, identifier.as_bytes());
        } else {
            key.push(2);
            key.extend_from_slice(identifier.as_bytes());
            key.push(0);
        }
    }
    key.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Semver.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn pre_releases_order_as_the_specification_says() {
        let ascending = [
            "1.0.0-1",
            "1.0.0-18446744073709551616",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn go_pseudo_versions_are_pre_releases() {
        let ascending = [
            "v0.0.0-20191109021931-daa7c04131f5",
            "v0.0.0-20200109021931-000000000000",
            "v0.0.1-0.20200109021931-000000000000",
            "v0.0.1",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn lenient_readings_agree() {
        for (a, b) in [
            ("v1.2.3", "1.2.3"),
            ("1", "1.0.0"),
            ("1.2", "1.2.0"),
            ("01.2.3", "1.2.3"),
            ("1.2.3+a", "1.2.3+b"),
            ("v2.0.0+incompatible", "2.0.0"),
            ("1.2.3beta", "1.2.3-beta"),
            (" =v1.2.3 ", "1.2.3"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn what_no_reading_accepts_is_an_error() {
        for version in [
            "",
            "v",
            "latest",
            "1.2.3.4",
            "1.2.3-",
            "1.2.3-a..b",
            "1.2.3+",
            "1.2.3-a_b",
            "1..2",
            "1.2beta",
            "x.1.2",
        ] {
            check(version, version, None);
        }
    }
}
