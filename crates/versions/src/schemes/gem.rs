//! RubyGems versions, as `Gem::Version` orders them (<https://guides.rubygems.org/patterns/#semantic-versioning>,
//! `rubygems/version.rb`): numbers and words in any number; a word is below the end, so it makes a pre-release.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `1.2.3`, `1.2.3.rc1`, `1.2.3-x86`: a hyphen reads as `.pre.`.
pub(super) struct Gem;

const ID: &str = "gem";

impl Scheme for Gem {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "RubyGems packages (Gem::Version)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["RubyGems"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (mut left, mut right) = (Segments::parse(a)?, Segments::parse(b)?);
        loop {
            let (a, b) = (left.next_segment(), right.next_segment());
            let order = match (&a, &b) {
                (Segment::Number(a), Segment::Number(b)) => digits::compare(a, b),
                (Segment::Number(a), Segment::End) => digits::compare(a, b""),
                (Segment::End, Segment::Number(b)) => digits::compare(b"", b),
                _ => a.cmp(&b),
            };
            if order.is_ne() || (a == Segment::End && b == Segment::End) {
                return Ok(order);
            }
        }
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let mut segments = Segments::parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        while push_segment(&mut key, &mut segments) {}
        Some(key)
    }
}

/// Lowest first; the end compares with a number as zero does.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Word(&'a [u8]),
    End,
    Number(&'a [u8]),
}

/// The segments of a version. Zeros just before the first word do not count: `1.0.a` is `1.a`.
struct Segments<'a> {
    numbers: &'a [u8],
    from_first_word: &'a [u8],
}

impl<'a> Segments<'a> {
    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let text = version.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
        if !is_correct(text) {
            return Err(InvalidVersion::new(
                ID,
                version,
                "it is not numbers and words with dots between them",
            ));
        }
        let bytes = text.as_bytes();
        let first_word = bytes
            .iter()
            .take_while(|b| b.is_ascii_digit() || **b == b'.')
            .count();
        let (numbers, from_first_word) = bytes.split_at(first_word);
        Ok(Self {
            numbers: digits::trim_zero_parts(numbers),
            from_first_word,
        })
    }

    fn next_segment(&mut self) -> Segment<'a> {
        let dots = |text: &[u8]| text.iter().take_while(|b| **b == b'.').count();
        if self.numbers.is_empty() {
            self.from_first_word = &self.from_first_word[dots(self.from_first_word)..];
            return take_segment(&mut self.from_first_word);
        }
        let number = take_segment(&mut self.numbers);
        self.numbers = &self.numbers[dots(self.numbers)..];
        number
    }
}

/// `\A\s*([0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?)?\s*\z`; nothing at all is version zero.
fn is_correct(text: &str) -> bool {
    let (release, pre) = match text.split_once('-') {
        Some((release, pre)) => (release, Some(pre)),
        None => (text, None),
    };
    let filled = |parts: &str, also: Option<u8>| {
        parts.split('.').all(|p| {
            !p.is_empty()
                && p.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || Some(b) == also)
        })
    };
    let first = release.split('.').next().unwrap_or_default();
    text.is_empty()
        || (digits::run(first.as_bytes()) == first.len()
            && filled(release, None)
            && pre.is_none_or(|p| filled(p, Some(b'-'))))
}

fn take_segment<'a>(rest: &mut &'a [u8]) -> Segment<'a> {
    let text = *rest;
    let (segment, len) = match text.first() {
        None => (Segment::End, 0),
        Some(b'-') => (Segment::Word(b"pre"), 1),
        Some(c) if c.is_ascii_digit() => {
            let len = digits::run(text);
            (Segment::Number(digits::significant(&text[..len])), len)
        }
        Some(_) => {
            let len = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
            (Segment::Word(&text[..len]), len)
        }
    };
    *rest = &text[len..];
    segment
}

/// Appends the next segment with the zeros before it, and says whether there are more.
///
/// The end stands for endless zeros. So zeros before a word lift it towards the end, and zeros before a number lower it:
/// the count of them is part of the key.
fn push_segment(key: &mut Vec<u8>, segments: &mut Segments<'_>) -> bool {
    const BELOW_END: u8 = 1;
    const END: u8 = 2;
    const ABOVE_END: u8 = 3;
    let mut zeros = 0_u64;
    loop {
        match segments.next_segment() {
            Segment::Number([]) => zeros += 1,
            Segment::End => {
                key.push(END);
                return false;
            }
            Segment::Word(word) => {
                key.push(BELOW_END);
                key.extend_from_slice(&zeros.to_be_bytes());
                key.extend_from_slice(word);
                key.push(0);
                return true;
            }
            Segment::Number(number) => {
                key.push(ABOVE_END);
                key.extend_from_slice(&(u64::MAX - zeros).to_be_bytes());
                digits::push_key(key, number);
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Gem.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn a_word_makes_a_pre_release() {
        let ascending = [
            "1.0.a", "1.0.a.1", "1.0.b", "1.0.rc1", "1.0.rc2", "1", "1.0.1",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn zeros_behind_a_word_count_towards_the_end() {
        let ascending = ["1.a.b", "1.a.0.b", "1.a", "1.a.0.1", "1.a.1"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn trailing_zeros_say_nothing() {
        for (a, b) in [
            ("1.0", "1"),
            ("1.0.a", "1.a"),
            ("", "0"),
            ("1-a", "1.pre.a"),
            (" 1 ", "1"),
            ("1.0a", "1.0.a"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn malformed_versions_are_errors() {
        for version in ["a", "1a", "1..2", "1.", "1+1", "1-", "1-a_b", "1 2"] {
            check(version, version, None);
        }
    }
}
