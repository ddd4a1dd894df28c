//! Maven versions, as `ComparableVersion` of Maven 3.9 orders them
//! (<https://maven.apache.org/pom.html#version-order-specification>, class `org.apache.maven.artifact.versioning.ComparableVersion`).
//!
//! Maven reads anything. Its order is no order in the mathematical sense: `1` < `1-1` < `1.0.alpha.1` < `1`, so there is no
//! sort key. The class is followed all the same, since that is what decides in every Maven build.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// Numbers, qualifiers and nested lists: each hyphen, and each change between digits and letters, opens a list.
pub(super) struct Maven;

const ID: &str = "maven";

impl Scheme for Maven {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Maven artifacts (ComparableVersion of Maven 3.9)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Maven"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (normalize(a), normalize(b));
        Ok(compare_items(&parse(&a), &parse(&b)))
    }

    fn sort_key(&self, _version: &str) -> Option<Vec<u8>> {
        None
    }
}

/// One token of a version. Lists only ever nest at the end of a list, so a version is a flat row of items in which
/// [`Item::Open`] says that the rest is one level deeper.
#[derive(Clone, Copy)]
enum Item<'a> {
    Number(Number<'a>),
    Qualifier(Qualifier<'a>),
    Open,
}

/// Maven keeps numbers in an `int`, a `long` or a `BigInteger`, chosen by how many digits there are, and any of a wider
/// kind is above any of a narrower one. Ten zeros are a `long`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number<'a> {
    width: Width,
    len: usize,
    digits: &'a [u8],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Int,
    Long,
    Big,
}

impl<'a> Number<'a> {
    fn new(text: &'a [u8]) -> Self {
        let digits = digits::significant(text);
        let written = if digits.is_empty() {
            text.len()
        } else {
            digits.len()
        };
        let width = match written {
            0..=9 => Width::Int,
            10..=18 => Width::Long,
            _ => Width::Big,
        };
        Self {
            width,
            len: digits.len(),
            digits,
        }
    }
}

/// A word: its place among the known ones, and itself if it is unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Qualifier<'a> {
    rank: u8,
    unknown: &'a str,
}

const RELEASE: u8 = 5;
const UNKNOWN: u8 = 7;

impl<'a> Qualifier<'a> {
    fn new(text: &'a str, before_digit: bool) -> Self {
        let rank = match text {
            "a" if before_digit => 0,
            "b" if before_digit => 1,
            "m" if before_digit => 2,
            "alpha" => 0,
            "beta" => 1,
            "milestone" => 2,
            "rc" | "cr" => 3,
            "snapshot" => 4,
            "" | "ga" | "final" | "release" => RELEASE,
            "sp" => 6,
            _ => UNKNOWN,
        };
        let unknown = if rank == UNKNOWN { text } else { "" };
        Self { rank, unknown }
    }

    /// Java compares strings by UTF-16 units.
    fn compare(self, other: Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| {
            self.unknown
                .encode_utf16()
                .cmp(other.unknown.encode_utf16())
        })
    }
}

impl Item<'_> {
    /// The comparison with a version that ends here.
    fn compare_with_nothing(self) -> Ordering {
        match self {
            Self::Number(number) => number.len.cmp(&0),
            Self::Qualifier(qualifier) => qualifier.rank.cmp(&RELEASE),
            Self::Open => Ordering::Equal,
        }
    }

    fn is_null(self) -> bool {
        !matches!(self, Self::Open) && self.compare_with_nothing().is_eq()
    }
}

fn compare_items(a: &[Item<'_>], b: &[Item<'_>]) -> Ordering {
    for (left, right) in a.iter().zip(b) {
        let order = match (*left, *right) {
            (Item::Number(left), Item::Number(right)) => left.cmp(&right),
            (Item::Qualifier(left), Item::Qualifier(right)) => left.compare(right),
            (Item::Open, Item::Open) => Ordering::Equal,
            (left, right) => kind(left).cmp(&kind(right)),
        };
        if order.is_ne() {
            return order;
        }
    }
    let common = a.len().min(b.len());
    let first_that_counts = |rest: &[Item<'_>]| {
        rest.iter()
            .map(|item| item.compare_with_nothing())
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    first_that_counts(&a[common..]).then(first_that_counts(&b[common..]).reverse())
}

/// A qualifier is below a list and a list below a number, whatever they hold.
fn kind(item: Item<'_>) -> u8 {
    match item {
        Item::Qualifier(_) => 0,
        Item::Open => 1,
        Item::Number(_) => 2,
    }
}

/// The version as Maven reads it: in lower case, and with the digits of every script as ASCII digits.
fn normalize(version: &str) -> Cow<'_, str> {
    let is_normal = version
        .bytes()
        .all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if is_normal {
        return Cow::Borrowed(version);
    }
    Cow::Owned(
        version
            .chars()
            .flat_map(char::to_lowercase)
            .map(ascii_digit)
            .collect(),
    )
}

/// The zeros of the other decimal digits of Unicode's first plane (category `Nd`), in order; the nine after each follow it.
const ZEROS: [char; 36] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}',
    '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}',
];

fn ascii_digit(c: char) -> char {
    let zero = ZEROS[..ZEROS.partition_point(|zero| *zero <= c)].last();
    zero.map(|zero| u32::from(c) - u32::from(*zero))
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or(c)
}

fn parse(version: &str) -> Vec<Item<'_>> {
    let mut items = Items::default();
    let mut start = 0;
    let mut in_digits = false;
    for (at, byte) in version.bytes().enumerate() {
        match byte {
            b'.' | b'-' => {
                items.push_text(&version[start..at], in_digits);
                start = at + 1;
                if byte == b'-' {
                    items.open();
                }
            }
            b'0'..=b'9' => {
                if !in_digits && at > start {
                    items.open_unless_empty();
                    items.push(Item::Qualifier(Qualifier::new(&version[start..at], true)));
                    items.open();
                    start = at;
                }
                in_digits = true;
            }
            _ => {
                if in_digits && at > start {
                    items.push_text(&version[start..at], true);
                    items.open();
                    start = at;
                }
                in_digits = false;
            }
        }
    }
    if start < version.len() {
        if !in_digits {
            items.open_unless_empty();
        }
        items.push_text(&version[start..], in_digits);
    }
    items.finish()
}

/// The row of items under construction; zeros and empty qualifiers at the end of a level are dropped as it is left.
#[derive(Default)]
struct Items<'a> {
    row: Vec<Item<'a>>,
    /// How many items the current level was given, dropped ones included.
    in_level: usize,
}

impl<'a> Items<'a> {
    fn push(&mut self, item: Item<'a>) {
        self.row.push(item);
        self.in_level += 1;
    }

    /// What stands between two separators; nothing reads as zero.
    fn push_text(&mut self, text: &'a str, is_number: bool) {
        self.push(if text.is_empty() || is_number {
            Item::Number(Number::new(text.as_bytes()))
        } else {
            Item::Qualifier(Qualifier::new(text, false))
        });
    }

    fn drop_nulls(&mut self) {
        while self.row.last().is_some_and(|item| item.is_null()) {
            self.row.pop();
        }
    }

    fn open(&mut self) {
        self.drop_nulls();
        self.row.push(Item::Open);
        self.in_level = 0;
    }

    /// `1.0.x1` is read as `1.0-x1`.
    fn open_unless_empty(&mut self) {
        if self.in_level > 0 {
            self.open();
        }
    }

    fn finish(mut self) -> Vec<Item<'a>> {
        self.drop_nulls();
        while matches!(self.row.last(), Some(Item::Open)) {
            self.row.pop();
        }
        self.row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Maven.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn qualifiers_have_their_places() {
        let ascending = [
            "1-alpha",
            "1-beta",
            "1-milestone",
            "1-rc",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-foo",
            "1-foo2",
            "1-1",
            "1.1",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn wider_numbers_are_larger() {
        let ascending = [
            "999999999",
            "1000000000",
            "999999999999999999",
            "1000000000000000000",
            "99999999999999999999",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn ten_zeros_are_a_long() {
        let ascending = ["1.5", "1.0000000000.1"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn aliases_and_zeros_say_nothing() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1", "1-ga"),
            ("1.final", "1-release"),
            ("1cr", "1rc"),
            ("1a1", "1-alpha-1"),
            ("1m3", "1Milestone3"),
            ("1.0.0-x", "1-x"),
            ("１.２", "1.2"),
            ("١", "1"),
            ("", "0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }
}
