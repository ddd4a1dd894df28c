//! The order for ecosystems whose own is unknown here: a careful reading of what version strings have in common.
//!
//! Numbers, words and nothing else: every other character only separates. Numbers compare by value and a missing one is
//! zero (`1.0` is `1`). A word that names a pre-release (`alpha`, `beta`, `rc`…) is below the end, any other word above it
//! and below every number. Letter case does not matter, a `v` before the first number is ignored, and build metadata after
//! `+` counts like anything else. The order is total: every text that has a letter or a digit has its place.
//!
//! The Linux kernel's own versions (`6.1-rc3` < `6.1` < `6.1.2`) are in this order.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// Numbers by value, pre-release words below the end, other words above it.
pub(super) struct Generic;

const ID: &str = "generic";

impl Scheme for Generic {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Anything else: numbers by value, pre-release words below the release, other words above it"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Linux", "Android", "OSS-Fuzz"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (mut left, mut right) = (Segments::parse(a)?, Segments::parse(b)?);
        loop {
            let (a, b) = (left.next_run(), right.next_run());
            let order = a.compare(&b);
            if order.is_ne() || a.segment == Segment::End {
                return Ok(order);
            }
        }
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let mut segments = Segments::parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        loop {
            let run = segments.next_run();
            run.push_key(&mut key);
            if run.segment == Segment::End {
                return Some(key);
            }
        }
    }
}

/// Words that come before a release, in order; those in one row are the same.
const PRE_RELEASES: [&[&str]; 6] = [
    &["dev", "snapshot", "nightly"],
    &["alpha", "a"],
    &["beta", "b"],
    &["milestone", "m"],
    &["pre", "preview"],
    &["rc", "cr", "c"],
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment<'a> {
    /// A row of [`PRE_RELEASES`].
    PreRelease(u8),
    End,
    Word(&'a [u8]),
    /// Without leading zeros, and not zero.
    Number(&'a [u8]),
}

/// A segment and how many zeros stand before it. The end is endless zeros, which is what makes `1.0` and `1` equal.
struct Run<'a> {
    zeros: u64,
    segment: Segment<'a>,
}

impl Run<'_> {
    fn rank(&self) -> u8 {
        match self.segment {
            Segment::PreRelease(_) => 1,
            Segment::End => 2,
            Segment::Word(_) => 3,
            Segment::Number(_) => 4,
        }
    }

    /// Zeros before a pre-release lift it towards the end; before anything above the end they lower it towards the end.
    fn zeros_in_order(&self) -> u64 {
        match self.segment {
            Segment::PreRelease(_) => self.zeros,
            Segment::End => 0,
            Segment::Word(_) | Segment::Number(_) => u64::MAX - self.zeros,
        }
    }

    fn side(&self) -> Ordering {
        self.rank().cmp(&2)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.side()
            .cmp(&other.side())
            .then_with(|| self.zeros_in_order().cmp(&other.zeros_in_order()))
            .then_with(|| self.rank().cmp(&other.rank()))
            .then_with(|| match (self.segment, other.segment) {
                (Segment::PreRelease(a), Segment::PreRelease(b)) => a.cmp(&b),
                (Segment::Word(a), Segment::Word(b)) => lower(a).cmp(lower(b)),
                (Segment::Number(a), Segment::Number(b)) => digits::compare(a, b),
                _ => Ordering::Equal,
            })
    }

    fn push_key(&self, key: &mut Vec<u8>) {
        key.push(match self.side() {
            Ordering::Less => 1,
            Ordering::Equal => 2,
            Ordering::Greater => 3,
        });
        key.extend_from_slice(&self.zeros_in_order().to_be_bytes());
        key.push(self.rank());
        match self.segment {
            Segment::PreRelease(row) => key.push(row),
            Segment::End => {}
            Segment::Word(word) => {
                key.extend(lower(word));
                key.push(0);
            }
            Segment::Number(number) => digits::push_key(key, number),
        }
    }
}

fn lower(word: &[u8]) -> impl Iterator<Item = u8> {
    word.iter().map(u8::to_ascii_lowercase)
}

struct Segments<'a> {
    rest: &'a [u8],
}

impl<'a> Segments<'a> {
    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let bytes = version.trim().as_bytes();
        if !bytes.iter().any(|b| is_word(*b) || b.is_ascii_digit()) {
            return Err(InvalidVersion::new(
                ID,
                version,
                "it has neither letters nor digits",
            ));
        }
        let rest = match bytes {
            [b'v' | b'V', rest @ ..] if digits::run(rest) > 0 => rest,
            _ => bytes,
        };
        Ok(Self { rest })
    }

    fn next_run(&mut self) -> Run<'a> {
        let mut zeros = 0;
        loop {
            match self.next_segment() {
                Segment::Number([]) => zeros += 1,
                segment => return Run { zeros, segment },
            }
        }
    }

    fn next_segment(&mut self) -> Segment<'a> {
        let skip = self
            .rest
            .iter()
            .take_while(|b| !is_word(**b) && !b.is_ascii_digit())
            .count();
        let text = &self.rest[skip..];
        let number = digits::run(text);
        if number > 0 {
            self.rest = &text[number..];
            return Segment::Number(digits::significant(&text[..number]));
        }
        let len = text.iter().take_while(|b| is_word(**b)).count();
        self.rest = &text[len..];
        match &text[..len] {
            [] => Segment::End,
            word => pre_release(word).map_or(Segment::Word(word), Segment::PreRelease),
        }
    }
}

/// Letters, and whatever is not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

fn pre_release(word: &[u8]) -> Option<u8> {
    let row = PRE_RELEASES.iter().position(|row| {
        row.iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(word))
    })?;
    u8::try_from(row).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Generic.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn words_stand_around_the_release() {
        let ascending = [
            "1.0-dev",
            "1.0-alpha",
            "1.0-beta2",
            "1.0-M1",
            "1.0-pre",
            "1.0-rc1",
            "1.0",
            "1.0-foo",
            "1.0.1",
            "1.10",
            "2024-01-01",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn separators_case_and_zeros_say_nothing() {
        for (a, b) in [("v1.0", "1"), ("1_0-RC1", "1.0rc1"), ("1..0", "1.0.0")] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn a_version_needs_a_letter_or_a_digit() {
        for version in ["", "...", "-"] {
            check(version, version, None);
        }
    }
}
