//! Alpine package versions, as apk-tools 3 orders them (<https://gitlab.alpinelinux.org/alpine/apk-tools>, `src/version.c`;
//! apk-package(5)): `digits{.digits}{letter}{_suffix{digits}}{~hash}{-rN}`.
//!
//! `apk version -t` orders texts that do not fit this grammar as well: they are read up to the first misfit. So does
//! `compare`; `validate` is strict. Digits behind a letter (`6.0.2p1`) are a misfit to apk-tools 3, which would leave
//! `6.0.2p1-r0` and `6.0.2p1-r1` equal; they are read as numbers, as apk-tools 2 did when such versions were published.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// Alpine's order: numbers, one letter, suffixes before or after the release, a build number.
pub(super) struct Apk;

const ID: &str = "apk";

impl Scheme for Apk {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Alpine packages and their kin (apk-tools 3)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &[
            "Alpine",
            "Chainguard",
            "Wolfi",
            "MinimOS",
            "CleanStart",
            "Alpaquita",
            "BellSoft Hardened Containers",
            "postmarketOS",
        ]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (mut left, mut right) = (Tokens::new(a)?, Tokens::new(b)?);
        loop {
            let (a, b) = (left.next_token(), right.next_token());
            let order = a.compare(b);
            if order.is_ne() || a.is_last() {
                return Ok(order);
            }
        }
    }

    fn validate(&self, version: &str) -> Result<(), InvalidVersion> {
        let mut tokens = Tokens::new(version)?;
        loop {
            match tokens.next_token() {
                Token::End => return Ok(()),
                Token::Misfit => {
                    return Err(InvalidVersion::new(
                        ID,
                        version,
                        "apk cannot read it to its end",
                    ));
                }
                _ => {}
            }
        }
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let mut tokens = Tokens::new(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        loop {
            let token = tokens.next_token();
            token.push_key(&mut key);
            if token.is_last() {
                return Some(key);
            }
        }
    }
}

/// The suffixes, in order; the release itself stands between `rc` and `cvs`.
const SUFFIXES: [&str; 9] = ["alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"];
const FIRST_POST_SUFFIX: u8 = 4;

#[derive(Clone, Copy)]
enum Token<'a> {
    Suffix(u8),
    Misfit,
    End,
    Revision(&'a [u8]),
    Hash(&'a [u8]),
    SuffixNumber(&'a [u8]),
    Letter(u8),
    Number(&'a [u8]),
    FirstNumber(&'a [u8]),
}

impl<'a> Token<'a> {
    fn is_last(self) -> bool {
        matches!(self, Self::Misfit | Self::End)
    }

    /// Where a token stands among unlike tokens: a pre-release suffix below the end, all others above it, and the earlier
    /// its place in the grammar, the higher.
    fn rank(self) -> u8 {
        match self {
            Self::Suffix(suffix) if suffix < FIRST_POST_SUFFIX => 1 + suffix,
            Self::Misfit => 10,
            Self::End => 11,
            Self::Revision(_) => 12,
            Self::Hash(_) => 13,
            Self::SuffixNumber(_) => 14,
            Self::Suffix(suffix) => 20 + suffix,
            Self::Letter(_) => 30,
            Self::Number(_) => 31,
            Self::FirstNumber(_) => 32,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) if a[0] == b'0' || b[0] == b'0' => a.cmp(b),
            (Self::Number(a), Self::Number(b))
            | (Self::FirstNumber(a), Self::FirstNumber(b))
            | (Self::SuffixNumber(a), Self::SuffixNumber(b))
            | (Self::Revision(a), Self::Revision(b)) => digits::compare(a, b),
            (Self::Letter(a), Self::Letter(b)) => a.cmp(&b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn push_key(self, key: &mut Vec<u8>) {
        key.push(self.rank());
        match self {
            // A leading zero makes apk compare texts; such a text is below every number without one.
            Self::Number(text) if text[0] == b'0' => {
                key.push(0);
                key.extend_from_slice(text);
                key.push(0);
            }
            Self::Number(number)
            | Self::FirstNumber(number)
            | Self::SuffixNumber(number)
            | Self::Revision(number) => {
                digits::push_key(key, number);
            }
            Self::Letter(letter) => key.push(letter),
            Self::Hash(hash) => {
                key.extend_from_slice(hash);
                key.push(0);
            }
            Self::Suffix(_) | Self::Misfit | Self::End => {}
        }
    }
}

/// What may still follow, in the grammar's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Start,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
}

struct Tokens<'a> {
    rest: &'a [u8],
    place: Place,
}

impl<'a> Tokens<'a> {
    fn new(version: &'a str) -> Result<Self, InvalidVersion> {
        if version.is_empty() {
            return Err(InvalidVersion::new(ID, version, "it is empty"));
        }
        Ok(Self {
            rest: version.as_bytes(),
            place: Place::Start,
        })
    }

    fn next_token(&mut self) -> Token<'a> {
        if self.place == Place::Start {
            self.place = Place::Number;
            return self.number().map_or(Token::Misfit, Token::FirstNumber);
        }
        let Some(&first) = self.rest.first() else {
            return Token::End;
        };
        let token = match first {
            b'a'..=b'z' => self.letter(),
            b'.' => self.dotted_number(),
            b'0'..=b'9' => self.number_behind_word(),
            b'_' => self.suffix(),
            b'~' => self.hash(),
            b'-' => self.revision(),
            _ => None,
        };
        token.unwrap_or(Token::Misfit)
    }

    fn letter(&mut self) -> Option<Token<'a>> {
        let letter = self.rest[0];
        self.enter(Place::Letter, Place::Number)?;
        self.rest = &self.rest[1..];
        Some(Token::Letter(letter))
    }

    fn dotted_number(&mut self) -> Option<Token<'a>> {
        self.enter(Place::Number, Place::Number)?;
        self.rest = &self.rest[1..];
        self.number().map(Token::Number)
    }

    fn number_behind_word(&mut self) -> Option<Token<'a>> {
        match self.place {
            Place::Letter => {
                self.place = Place::Number;
                self.number().map(Token::Number)
            }
            Place::Suffix => {
                self.place = Place::SuffixNumber;
                self.number().map(Token::SuffixNumber)
            }
            _ => None,
        }
    }

    fn suffix(&mut self) -> Option<Token<'a>> {
        self.enter(Place::Suffix, Place::SuffixNumber)?;
        let name = self.take(1, u8::is_ascii_lowercase);
        let index = SUFFIXES.iter().position(|s| s.as_bytes() == name)?;
        u8::try_from(index).ok().map(Token::Suffix)
    }

    fn hash(&mut self) -> Option<Token<'a>> {
        self.enter(Place::Hash, Place::SuffixNumber)?;
        let hash = self.take(1, u8::is_ascii_hexdigit);
        (!hash.is_empty()).then_some(Token::Hash(hash))
    }

    fn revision(&mut self) -> Option<Token<'a>> {
        self.enter(Place::Revision, Place::Hash)?;
        self.rest = self.rest.strip_prefix(b"-r")?;
        self.number().map(Token::Revision)
    }

    /// Moves on, unless the grammar is already past `latest`.
    fn enter(&mut self, place: Place, latest: Place) -> Option<()> {
        (self.place <= latest).then(|| self.place = place)
    }

    fn number(&mut self) -> Option<&'a [u8]> {
        let number = self.take(0, u8::is_ascii_digit);
        (!number.is_empty()).then_some(number)
    }

    /// Skips `skip` bytes, then takes the run of bytes that `belongs` accepts.
    fn take(&mut self, skip: usize, belongs: fn(&u8) -> bool) -> &'a [u8] {
        let rest = &self.rest[skip..];
        let len = rest.iter().take_while(|b| belongs(b)).count();
        self.rest = &rest[len..];
        &rest[..len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Apk.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn suffixes_stand_around_the_release() {
        let ascending = [
            "1_alpha",
            "1_alpha2",
            "1_beta",
            "1_pre",
            "1_rc",
            "1",
            "1-r0",
            "1-r1",
            "1_cvs",
            "1_git20200101",
            "1_p1",
            "1_p1-r1",
            "1_p10",
            "1a",
            "1.0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn a_leading_zero_makes_numbers_texts() {
        let ascending = ["1.0", "1.00", "1.01", "1.010", "1.09", "1.1", "1.10"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn digits_behind_a_letter_count() {
        let ascending = ["6.0.2p1-r0", "6.0.2p1-r1", "6.0.2p2-r0"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn the_first_number_is_a_number() {
        check("01.2", "1.2", Some(Ordering::Equal));
    }

    #[test]
    fn misfits_are_ordered_but_not_valid() {
        check("23_foo", "4_beta", Some(Ordering::Greater));
        check("1.0", "1.0bc", Some(Ordering::Less));
        for version in ["23_foo", "1.0bc", "1.", "1-r", "a", "1-1", "1~"] {
            assert!(Apk.validate(version).is_err(), "{version}");
        }
        for version in ["1", "1.2a_rc1_p2~cafe-r3", "02.08.01b"] {
            assert!(Apk.validate(version).is_ok(), "{version}");
        }
    }
}
