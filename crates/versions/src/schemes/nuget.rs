//! NuGet package versions, as `NuGet.Versioning` orders them
//! (<https://learn.microsoft.com/nuget/concepts/package-versioning>): up to four numbers, pre-release labels without regard
//! to case, build metadata ignored.
//!
//! NuGet refuses numbers past 32 bits; they are read here, because lists of affected versions hold them.

use std::cmp::Ordering;

use crate::schemes::semver::{RELEASE, Version};
use crate::{InvalidVersion, Scheme};

/// `major[.minor[.patch[.revision]]][-labels][+build]`.
pub(super) struct Nuget;

const ID: &str = "nuget";
const MAX_NUMBERS: usize = 4;

impl Scheme for Nuget {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "NuGet packages (NuGet.Versioning)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["NuGet"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (parse(a)?, parse(b)?);
        Ok(a.compare_core(&b)
            .then_with(|| match (a.pre_release, b.pre_release) {
                (Some(a), Some(b)) => compare_labels(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            }))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parsed = parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        parsed.push_core(&mut key);
        match parsed.pre_release {
            Some(labels) => push_labels(&mut key, labels),
            None => key.push(RELEASE),
        }
        Some(key)
    }
}

fn parse(version: &str) -> Result<Version<'_>, InvalidVersion> {
    let invalid = |why| InvalidVersion::new(ID, version, why);
    let text = version.trim();
    let numbers_end = text.find(['-', '+']).unwrap_or(text.len());
    let numbers = &text[..numbers_end];
    if !numbers.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(invalid(
            "only digits and dots may stand before the first hyphen or plus sign",
        ));
    }
    if numbers.split('.').any(str::is_empty) || numbers.split('.').count() > MAX_NUMBERS {
        return Err(invalid("it must begin with one to four numbers"));
    }
    Version::parse(ID, MAX_NUMBERS, text)
}

/// A label is a number only where .NET can read it as an `int`, sign included.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Label<'a> {
    Number(i32),
    Word(Folded<'a>),
}

impl<'a> Label<'a> {
    fn read(text: &'a str) -> Self {
        text.parse().map_or(Self::Word(Folded(text)), Self::Number)
    }
}

/// A text ordered by its upper-case form (`StringComparer.OrdinalIgnoreCase`).
struct Folded<'a>(&'a str);

impl Folded<'_> {
    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|b| b.to_ascii_uppercase())
    }
}

impl PartialEq for Folded<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Folded<'_> {}

impl PartialOrd for Folded<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Folded<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

fn compare_labels(a: &str, b: &str) -> Ordering {
    a.split('.')
        .map(Label::read)
        .cmp(b.split('.').map(Label::read))
}

fn push_labels(key: &mut Vec<u8>, labels: &str) {
    for label in labels.split('.').map(Label::read) {
        match label {
            Label::Number(number) => {
                key.push(1);
                key.extend((i64::from(number) - i64::from(i32::MIN)).to_be_bytes());
            }
            Label::Word(word) => {
                key.push(2);
                key.extend(word.bytes());
                key.push(0);
            }
        }
    }
    key.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Nuget.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn labels_order_without_regard_to_case() {
        let ascending = [
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-ALPHA",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0-Beta2",
            "1.0.0",
            "1.0.0.1-a",
            "1.0.0.1",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn only_32_bits_make_a_number() {
        let ascending = ["1.0-99999999999", "1.0-9999999999999", "1.0-a"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn a_label_may_be_a_negative_number() {
        let ascending = ["1.0--5", "1.0--4", "1.0-0"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn missing_numbers_and_builds_say_nothing() {
        for (a, b) in [
            ("1.0", "1.0.0.0"),
            ("1.0.01", "1.0.1"),
            ("1.0-A", "1.0-a"),
            ("1.0+x", "1.0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn malformed_versions_are_errors() {
        for version in [
            "",
            "v1.0",
            "1.",
            "1..0",
            "1.2.3.4.5",
            "1.0-",
            "1.0-a..b",
            "1.0.0beta",
            "1.0 .0",
        ] {
            check(version, version, None);
        }
    }
}
