//! Packagist versions, as Composer normalises (`composer/semver`, `VersionParser::normalize`) and orders them (PHP's
//! `version_compare`): <https://getcomposer.org/doc/articles/versions.md>.
//!
//! A branch (`dev-main`) is below every number, equal to itself and in no order with another branch: that is an error.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `1.2.3.4-beta5`, dates, `1.x-dev` and `dev-branch`.
pub(super) struct Composer;

const ID: &str = "composer";

impl Scheme for Composer {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Packagist packages (composer/semver, PHP version_compare)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Packagist"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        match (Normal::parse(a)?, Normal::parse(b)?) {
            (Normal::Version(a), Normal::Version(b)) => Ok(a.compare(&b)),
            (Normal::Branch(_), Normal::Version(_)) => Ok(Ordering::Less),
            (Normal::Version(_), Normal::Branch(_)) => Ok(Ordering::Greater),
            (Normal::Branch(a), Normal::Branch(b)) if a == b => Ok(Ordering::Equal),
            _ => Err(InvalidVersion::new(ID, a, "two branches have no order")),
        }
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        match Normal::parse(version).ok()? {
            Normal::Version(version) => Some(version.key()),
            Normal::Branch(_) => None,
        }
    }
}

/// What Composer makes of a version before it compares.
enum Normal<'a> {
    Version(Version<'a>),
    Branch(&'a str),
}

/// `core`, a stability with its own numbers, `-dev`.
#[derive(Clone, Copy)]
struct Version<'a> {
    /// Numbers with separators; in a branch name also `x`.
    core: &'a str,
    /// Composer writes four numbers, except in dates.
    min_numbers: usize,
    /// What stands for a missing number, or an `x`.
    filler: &'static [u8],
    stability: Option<Stability>,
    stability_numbers: &'a str,
    is_dev: bool,
}

/// In `version_compare`'s order. It does not know the word `stable`, which Composer leaves in place in any spelling but
/// the lower-case one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stability {
    Unknown,
    Dev,
    Alpha,
    Beta,
    Candidate,
    Patch,
}

/// The word as published, and what it means; longer words before their own beginnings.
const STABILITIES: [(&str, Stability); 9] = [
    ("stable", Stability::Unknown),
    ("beta", Stability::Beta),
    ("b", Stability::Beta),
    ("rc", Stability::Candidate),
    ("alpha", Stability::Alpha),
    ("a", Stability::Alpha),
    ("patch", Stability::Patch),
    ("pl", Stability::Patch),
    ("p", Stability::Patch),
];
const FLAGS: [&str; 5] = ["@stable", "@rc", "@beta", "@alpha", "@dev"];
const NO_NUMBER: &[u8] = b"0";
/// Composer's number for "any" in a branch name.
const ANY_NUMBER: &[u8] = b"9999999";

impl<'a> Normal<'a> {
    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let text = without_flag(without_alias(trim(version)));
        if matches!(text, "master" | "trunk" | "default") {
            return Ok(Self::Branch(text));
        }
        if let Some(branch) = strip_prefix_ignoring_case(text, "dev-") {
            return Ok(Self::Branch(branch));
        }
        let text = without_build(text);
        classical(text)
            .or_else(|| date(text))
            .or_else(|| numeric_branch(text))
            .map(Self::Version)
            .ok_or_else(|| InvalidVersion::new(ID, version, "Composer cannot normalise it"))
    }
}

/// PHP's `trim`.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\0', '\x0b'])
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    text.get(at..)?
        .eq_ignore_ascii_case(suffix)
        .then(|| &text[..at])
}

/// `real as alias` is `real`.
fn without_alias(text: &str) -> &str {
    let is_name = |name: &str| !name.is_empty() && !name.contains(|c| c == ',' || is_space(c));
    match text.split_once(' ') {
        Some((real, rest)) if is_name(real) => {
            let alias = rest.trim_start_matches(' ').strip_prefix("as ");
            let is_alias = alias.is_some_and(|alias| is_name(alias.trim_start_matches(' ')));
            if is_alias { real } else { text }
        }
        _ => text,
    }
}

/// `1.0@beta` is `1.0`.
fn without_flag(text: &str) -> &str {
    FLAGS
        .iter()
        .find_map(|flag| strip_suffix_ignoring_case(text, flag))
        .unwrap_or(text)
}

/// `1.0+build` is `1.0`.
fn without_build(text: &str) -> &str {
    match text.split_once('+') {
        Some((version, build))
            if !version.is_empty()
                && !version.contains(|c| c == ',' || is_space(c))
                && !build.is_empty()
                && !build.contains(is_space) =>
        {
            version
        }
        _ => text,
    }
}

fn without_v(text: &str) -> &str {
    strip_prefix_ignoring_case(text, "v").unwrap_or(text)
}

/// `^v?(\d{1,5})(\.\d+)?(\.\d+)?(\.\d+)?modifier$`
fn classical(text: &str) -> Option<Version<'_>> {
    let text = without_v(text);
    let bytes = text.as_bytes();
    let mut end = digits::run(bytes);
    if !(1..=5).contains(&end) {
        return None;
    }
    for _ in 1..4 {
        match bytes.get(end) {
            Some(b'.') if digits::run(&bytes[end + 1..]) > 0 => {
                end += 1 + digits::run(&bytes[end + 1..])
            }
            _ => break,
        }
    }
    with_modifier(&text[..end], &text[end..], 4)
}

/// `^v?(\d{4}([.:-]?\d{2}){1,6}([.:-]?\d{1,3}){0,2})modifier$`, as of composer/semver 3.4. A modifier cannot start with a
/// digit, so the date is all the numbers there are.
fn date(text: &str) -> Option<Version<'_>> {
    let text = without_v(text);
    let bytes = text.as_bytes();
    let mut end = digits::run(bytes);
    while let Some(b'.' | b':' | b'-') = bytes.get(end)
        && digits::run(&bytes[end + 1..]) > 0
    {
        end += 1 + digits::run(&bytes[end + 1..]);
    }
    is_date(&bytes[..end]).then(|| with_modifier(&text[..end], &text[end..], 0))?
}

/// A year of four digits, one to six numbers of two digits, at most two of one to three. The second of these, which older
/// releases did not know, must be set apart here: a run of twenty digits is no date to them.
fn is_date(text: &[u8]) -> bool {
    let tails = |from: usize| (1..=3).filter_map(move |count| after_digits(text, from, count));
    let ends_with_tail = |at: usize| tails(at).any(|at| at == text.len());
    let is_set_apart = |at: usize| text.get(at).is_some_and(|b| !b.is_ascii_digit());
    let ends = |at: usize| {
        at == text.len()
            || ends_with_tail(at)
            || tails(at).any(|at| is_set_apart(at) && ends_with_tail(at))
    };
    digits::run(text) >= 4
        && std::iter::successors(Some(4), |&at| after_digits(text, at, 2))
            .skip(1)
            .take(6)
            .any(ends)
}

/// The position behind an optional separator and `count` digits.
fn after_digits(text: &[u8], from: usize, count: usize) -> Option<usize> {
    let start = from + usize::from(matches!(text.get(from), Some(b'.' | b':' | b'-')));
    (digits::run(text.get(start..)?) >= count).then_some(start + count)
}

/// `[._-]?(word([.-]?\d+)*)?([.-]?dev)?` to the end.
fn with_modifier<'a>(core: &'a str, modifier: &'a str, min_numbers: usize) -> Option<Version<'a>> {
    let rest = modifier.strip_prefix(['.', '_', '-']).unwrap_or(modifier);
    let word = STABILITIES.iter().find_map(|(word, stability)| {
        Some((
            strip_prefix_ignoring_case(rest, word)?,
            word.len(),
            *stability,
        ))
    });
    let plain = Version {
        core,
        min_numbers,
        filler: NO_NUMBER,
        stability: None,
        stability_numbers: "",
        is_dev: false,
    };
    let Some((after_word, word_len, stability)) = word else {
        let is_dev = is_dev_or_nothing(rest).or_else(|| is_dev_or_nothing(modifier))?;
        return Some(Version { is_dev, ..plain });
    };
    let (numbers, end) = after_word.split_at(numbers_length(after_word.as_bytes()));
    let is_dev = is_dev_or_nothing(end)?;
    if &rest[..word_len] == "stable" {
        return Some(plain);
    }
    Some(Version {
        stability: Some(stability),
        stability_numbers: numbers.trim_start_matches(['.', '-']),
        is_dev,
        ..plain
    })
}

/// `([.-]?dev)?` to the end: whether it is there, or `None` if something else is.
fn is_dev_or_nothing(text: &str) -> Option<bool> {
    let word = text.strip_prefix(['.', '-']).unwrap_or(text);
    match word.eq_ignore_ascii_case("dev") {
        true => Some(true),
        false => text.is_empty().then_some(false),
    }
}

/// The length of `([.-]?\d+)*`.
fn numbers_length(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let start = end + usize::from(matches!(text.get(end), Some(b'.' | b'-')));
        match digits::run(&text[start..]) {
            0 => return end,
            digits => end = start + digits,
        }
    }
}

/// `1.x-dev`: `^v?(\d+)(\.(\d+|[xX*])){0,3}$` before the `dev`.
fn numeric_branch(text: &str) -> Option<Version<'_>> {
    let name = strip_suffix_ignoring_case(text, "dev")?;
    let name = without_v(trim(name.strip_suffix(['.', '-']).unwrap_or(name)));
    let is_number = |part: &str| !part.is_empty() && digits::run(part.as_bytes()) == part.len();
    let mut parts = name.split('.');
    let fits = parts.next().is_some_and(is_number)
        && name.split('.').count() <= 4
        && parts.all(|part| is_number(part) || matches!(part, "x" | "X" | "*"));
    fits.then_some(Version {
        core: name,
        min_numbers: 4,
        filler: ANY_NUMBER,
        stability: None,
        stability_numbers: "",
        is_dev: true,
    })
}

/// A part of the normal form. `version_compare` puts a number above the end, and both between `RC` and `patch`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(Stability),
    Number(&'a [u8]),
    End,
}

impl Token<'_> {
    fn rank(self) -> u8 {
        match self {
            Self::Word(word) if word < Stability::Patch => word as u8,
            Self::End => 10,
            Self::Number(_) => 11,
            Self::Word(_) => 12,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => digits::compare(as_long(a), as_long(b)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

/// PHP reads numbers with `strtol`, which stops at the largest `long`.
fn as_long(number: &[u8]) -> &[u8] {
    const LARGEST: &[u8] = b"9223372036854775807";
    match digits::compare(number, LARGEST) {
        Ordering::Greater => LARGEST,
        _ => number,
    }
}

impl<'a> Version<'a> {
    fn tokens(self) -> impl Iterator<Item = Token<'a>> {
        let is_separator = |c| matches!(c, '.' | ':' | '-');
        let written = self.core.split(is_separator).count();
        let numbers = self.core.split(is_separator).map(move |part| match part {
            "x" | "X" | "*" => ANY_NUMBER,
            digits => digits.as_bytes(),
        });
        let missing = std::iter::repeat_n(self.filler, self.min_numbers.saturating_sub(written));
        let of_stability = self
            .stability_numbers
            .split(is_separator)
            .filter(|n| !n.is_empty());
        numbers
            .chain(missing)
            .map(Token::Number)
            .chain(self.stability.map(Token::Word))
            .chain(of_stability.map(|n| Token::Number(n.as_bytes())))
            .chain(self.is_dev.then_some(Token::Word(Stability::Dev)))
            .chain([Token::End])
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.tokens()
            .zip(other.tokens())
            .map(|(a, b)| a.compare(b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.core.len() + 16);
        for token in self.tokens() {
            key.push(token.rank());
            if let Token::Number(number) = token {
                digits::push_key(&mut key, as_long(number));
            }
        }
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Composer.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn stabilities_have_their_places() {
        let ascending = [
            "dev-main",
            "1.0-dev",
            "1.0-alpha",
            "1.0-alpha1",
            "1.0b1",
            "1.0RC1",
            "1.0",
            "1.0-patch1",
            "1.0.0.1",
            "1.0.1",
            "1.x-dev",
            "2.0",
            "2024.01.02",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn normal_forms_agree() {
        for (a, b) in [
            ("v1.0", "1.0.0.0"),
            ("1.0-stable", "1.0"),
            ("1.0@beta", "1.0"),
            ("1.0+build", "1.0"),
            ("1.0a1", "1.0-alpha.1"),
            ("1.0pl1", "1.0-p1"),
            ("1.x-dev", "1.9999999.9999999.9999999-dev"),
            ("1.0 as 2.0", "1.0"),
            ("master", "dev-master"),
            ("1.0-", "1.0"),
            ("2024-01-02", "2024:01:02"),
            ("20240102.0.0", "20240102.0.0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn what_composer_cannot_normalise_is_an_error() {
        for version in [
            "",
            "foo",
            "1.2.3.4.5",
            "1.0-foo",
            "1.0.x",
            "1.0 2.0",
            "1234567x",
        ] {
            check(version, version, None);
        }
    }

    #[test]
    fn branches_have_no_order() {
        check("dev-a", "dev-b", None);
        check("dev-a", "dev-a", Some(Ordering::Equal));
        assert_eq!(Composer.sort_key("dev-a"), None);
    }
}
