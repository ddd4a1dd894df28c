//! OpenSSL releases (<https://openssl-library.org/policies/general/versioning-policy/>): before 3.0 a patch is a letter or
//! two behind three numbers (`1.0.2zg`), since then three numbers are all; pre-releases follow a hyphen.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `major.minor.fix[letters][-pre]`; `z` is followed by `za`.
pub(super) struct Openssl;

const ID: &str = "openssl";

impl Scheme for Openssl {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "OpenSSL releases: 1.0.2z is below 1.0.2za"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &[]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Version::parse(a)?, Version::parse(b)?);
        let numbers = digits::compare_lists(a.numbers(), b.numbers());
        Ok(numbers.then_with(|| a.patch_and_stage().cmp(&b.patch_and_stage())))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let version = Version::parse(version).ok()?;
        let mut key = digits::list_key(version.numbers());
        key.extend((version.letters.len() as u64).to_be_bytes());
        key.extend(version.letters.bytes().map(|b| b.to_ascii_lowercase()));
        let (stage, number) = version.stage;
        key.push(stage as u8);
        digits::push_key(&mut key, number);
        Some(key)
    }
}

/// How far a version is from its release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Dev,
    Alpha,
    Beta,
    Pre,
    Release,
}

struct Version<'a> {
    numbers: &'a str,
    letters: &'a str,
    stage: (Stage, &'a [u8]),
}

impl<'a> Version<'a> {
    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let invalid =
            || InvalidVersion::new(ID, version, "it is not numbers, letters and a pre-release");
        let text = version.trim();
        let (main, suffix) = text.split_once('-').unwrap_or((text, ""));
        let numbers = main.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_number = |part: &str| !part.is_empty() && digits::run(part.as_bytes()) == part.len();
        if !numbers.split('.').all(is_number) {
            return Err(invalid());
        }
        Ok(Self {
            numbers: std::str::from_utf8(digits::trim_zero_parts(numbers.as_bytes()))
                .map_err(|_| invalid())?,
            letters: &main[numbers.len()..],
            stage: stage(suffix),
        })
    }

    fn numbers(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.numbers.as_bytes().split(|b| *b == b'.')
    }

    fn patch_and_stage(&self) -> impl Ord + use<'a> {
        let (stage, number) = self.stage;
        let number = digits::significant(number);
        (
            self.letters.len(),
            self.letters.to_ascii_lowercase(),
            stage,
            number.len(),
            number,
        )
    }
}

/// Other suffixes, such as `fips`, name a build of the release.
fn stage(suffix: &str) -> (Stage, &[u8]) {
    let word = suffix.bytes().take_while(u8::is_ascii_alphabetic).count();
    let stage = match suffix[..word].to_ascii_lowercase().as_str() {
        "dev" => Stage::Dev,
        "alpha" => Stage::Alpha,
        "beta" => Stage::Beta,
        "pre" => Stage::Pre,
        _ => return (Stage::Release, b""),
    };
    let number = &suffix.as_bytes()[word..];
    (stage, &number[..digits::run(number)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Openssl.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn letters_are_patches() {
        let ascending = [
            "0.9.8",
            "0.9.8z",
            "0.9.8za",
            "1.0.2-beta1",
            "1.0.2",
            "1.0.2zg",
            "1.1.0-pre2",
            "1.1.0",
            "3.0.0-alpha2",
            "3.0.0-alpha10",
            "3.0.0-beta1",
            "3.0.0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn other_suffixes_name_a_build() {
        for (a, b) in [
            ("1.0.2k-fips", "1.0.2k"),
            ("1.0.2A", "1.0.2a"),
            ("3.0", "3.0.0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn junk_is_an_error() {
        for version in ["", "a", "1..0", "1.0_2"] {
            check(version, version, None);
        }
    }
}
