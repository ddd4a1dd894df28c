//! The version range specifier `vers:deb/>=1|<2` (<https://github.com/package-url/vers-spec>, clause 5 and "How to parse
//! and validate VERS").
//!
//! The specification wants malformed specifiers refused, not repaired: unsorted or repeated versions, white space, a
//! leading `=`, comparators in an impossible sequence. Earlier editions let tools sort and simplify, and specifiers written
//! for them are in circulation: [`Vers::parse_unordered`] does that.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::{InvalidVersion, Scheme, scheme_for};

/// A parsed specifier: constraints in the order of their versions.
#[derive(Clone)]
pub struct Vers<'a> {
    scheme: Option<&'static dyn Scheme>,
    constraints: Constraints<'a>,
}

impl fmt::Debug for Vers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vers")
            .field("scheme", &self.scheme.map(Scheme::id))
            .field("constraints", &self.constraints)
            .finish()
    }
}

#[derive(Clone, Debug)]
enum Constraints<'a> {
    Nothing,
    Everything,
    List(Vec<Constraint<'a>>),
}

/// One comparator with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint<'a> {
    /// How a version must compare.
    pub comparator: Comparator,
    /// With what, percent-decoded.
    pub version: Cow<'a, str>,
}

/// The comparators of the specification; a version without one is `Equal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// Just this version.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Why a text is not a version range specifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVers {
    /// It does not have the form at all.
    #[error("not a version range specifier: {0}")]
    Form(&'static str),
    /// The order of this type is not known here.
    #[error("no order is known for the type {0:?}")]
    Type(String),
    /// A version in it cannot be compared.
    #[error(transparent)]
    Version(#[from] InvalidVersion),
}

/// Types that are named like neither a scheme nor an OSV ecosystem.
const TYPES: [(&str, &str); 10] = [
    ("alpine", "apk"),
    ("pypi", "pep440"),
    ("cargo", "semver"),
    ("golang", "semver"),
    ("swift", "semver"),
    ("github", "semver"),
    ("npm", "semver"),
    ("gem", "gem"),
    ("alpm", "pacman"),
    ("arch", "pacman"),
];

impl<'a> Vers<'a> {
    /// Reads a specifier, strictly.
    pub fn parse(text: &'a str) -> Result<Self, InvalidVers> {
        Self::read(text, |scheme, constraints| {
            check_order(scheme, constraints)?;
            check_sequence(constraints)
        })
    }

    /// Reads a specifier whose constraints may be in any order and redundant (`>1|>2` is `>1`).
    pub fn parse_unordered(text: &'a str) -> Result<Self, InvalidVers> {
        Self::read(text, |scheme, constraints| {
            sort(scheme, constraints)?;
            simplify(constraints);
            Ok(())
        })
    }

    fn read(
        text: &'a str,
        finish: impl FnOnce(&dyn Scheme, &mut Vec<Constraint<'a>>) -> Result<(), InvalidVers>,
    ) -> Result<Self, InvalidVers> {
        if text.contains(|c: char| c.is_ascii_whitespace()) {
            return Err(InvalidVers::Form("there is white space"));
        }
        let specifier = text
            .strip_prefix("vers:")
            .ok_or(InvalidVers::Form("it does not start with vers:"))?;
        let (name, constraints) = specifier
            .split_once('/')
            .ok_or(InvalidVers::Form("no slash ends the type"))?;
        check_type(name)?;
        let scheme = scheme_of(name);
        let constraints = match constraints {
            "*" if name == "none" => Constraints::Nothing,
            "*" => Constraints::Everything,
            "" => return Err(InvalidVers::Form("there are no constraints")),
            list => {
                let scheme = scheme.ok_or_else(|| InvalidVers::Type(name.to_owned()))?;
                let mut constraints = read_constraints(scheme, list)?;
                finish(scheme, &mut constraints)?;
                Constraints::List(constraints)
            }
        };
        Ok(Self {
            scheme,
            constraints,
        })
    }

    /// The constraints, in the order of their versions; none where the specifier is `*`.
    pub fn constraints(&self) -> &[Constraint<'a>] {
        match &self.constraints {
            Constraints::List(list) => list,
            Constraints::Nothing | Constraints::Everything => &[],
        }
    }

    /// Whether a version is in the range.
    ///
    /// A version that no constraint names is inside if the nearest bound below it opens an interval, or, with no bound
    /// below, the nearest above closes one: bounds alternate, which parsing has made sure of.
    pub fn contains(&self, version: &str) -> Result<bool, InvalidVersion> {
        let (list, scheme) = match (&self.constraints, self.scheme) {
            (Constraints::List(list), Some(scheme)) => (list, scheme),
            (constraints, _) => return Ok(matches!(constraints, Constraints::Everything)),
        };
        let mut is_inside = list.iter().find_map(|c| c.comparator.opens()) == Some(false);
        for constraint in list {
            match scheme.compare(version, &constraint.version)? {
                Ordering::Equal => return Ok(constraint.comparator.includes_its_version()),
                Ordering::Less => break,
                Ordering::Greater => is_inside = constraint.comparator.opens().unwrap_or(is_inside),
            }
        }
        if list.iter().all(|c| c.comparator == Comparator::NotEqual) {
            return Ok(true);
        }
        Ok(is_inside)
    }
}

impl Comparator {
    /// The comparator at the start of a constraint, and the rest.
    fn split(constraint: &str) -> (Self, &str) {
        const WRITTEN: [(&str, Comparator); 5] = [
            (">=", Comparator::GreaterOrEqual),
            ("<=", Comparator::LessOrEqual),
            ("!=", Comparator::NotEqual),
            ("<", Comparator::Less),
            (">", Comparator::Greater),
        ];
        WRITTEN
            .iter()
            .find_map(|(text, comparator)| Some((*comparator, constraint.strip_prefix(text)?)))
            .unwrap_or((Self::Equal, constraint))
    }

    /// Whether an interval begins above the version (`Some(true)`) or ends there (`Some(false)`).
    fn opens(self) -> Option<bool> {
        match self {
            Self::Greater | Self::GreaterOrEqual => Some(true),
            Self::Less | Self::LessOrEqual => Some(false),
            Self::Equal | Self::NotEqual => None,
        }
    }

    fn includes_its_version(self) -> bool {
        matches!(self, Self::Equal | Self::LessOrEqual | Self::GreaterOrEqual)
    }
}

/// ASCII lower-case letters, digits, `.` and `-`, a letter first; and not the type reserved for being wrong.
fn check_type(name: &str) -> Result<(), InvalidVers> {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.bytes().all(is_allowed) {
        return Err(InvalidVers::Form(
            "the type is not lower-case letters, digits, dots and dashes",
        ));
    }
    if name == "invalid" {
        return Err(InvalidVers::Form("the type \"invalid\" is reserved"));
    }
    Ok(())
}

fn scheme_of(name: &str) -> Option<&'static dyn Scheme> {
    let known = TYPES.iter().find(|(vers, _)| *vers == name);
    scheme_for(known.map_or(name, |(_, scheme)| scheme))
}

fn read_constraints<'a>(
    scheme: &dyn Scheme,
    list: &'a str,
) -> Result<Vec<Constraint<'a>>, InvalidVers> {
    let constraints: Vec<_> = list
        .split('|')
        .map(read_constraint)
        .collect::<Result<_, _>>()?;
    for constraint in &constraints {
        scheme.compare(&constraint.version, &constraint.version)?;
    }
    Ok(constraints)
}

fn check_order(scheme: &dyn Scheme, constraints: &[Constraint<'_>]) -> Result<(), InvalidVers> {
    for pair in constraints.windows(2) {
        match scheme.compare(&pair[0].version, &pair[1].version)? {
            Ordering::Less => {}
            Ordering::Equal => return Err(InvalidVers::Form("a version occurs twice")),
            Ordering::Greater => return Err(InvalidVers::Form("the versions are not in order")),
        }
    }
    Ok(())
}

/// By insertion, not by [`slice::sort_by`], which may panic where a scheme's own order is inconsistent.
fn sort(scheme: &dyn Scheme, constraints: &mut Vec<Constraint<'_>>) -> Result<(), InvalidVers> {
    let mut sorted: Vec<Constraint<'_>> = Vec::with_capacity(constraints.len());
    for constraint in constraints.drain(..) {
        let (mut low, mut high) = (0, sorted.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match scheme.compare(&sorted[middle].version, &constraint.version)? {
                Ordering::Less => low = middle + 1,
                Ordering::Equal if sorted[middle] == constraint => break,
                Ordering::Equal => return Err(InvalidVers::Form("a version occurs twice")),
                Ordering::Greater => high = middle,
            }
        }
        if low == high {
            sorted.insert(low, constraint);
        }
    }
    *constraints = sorted;
    Ok(())
}

/// Of lower bounds that follow each other only the first counts, of upper bounds only the last.
fn simplify(constraints: &mut Vec<Constraint<'_>>) {
    let mut last_bound = None;
    constraints.retain(|constraint| {
        let bound = constraint.comparator.opens();
        let is_redundant = bound == Some(true) && last_bound == Some(true);
        last_bound = bound.or(last_bound);
        !is_redundant
    });
    let mut next_bound = None;
    let mut kept: Vec<_> = std::mem::take(constraints)
        .into_iter()
        .rev()
        .filter(|constraint| {
            let bound = constraint.comparator.opens();
            let is_redundant = bound == Some(false) && next_bound == Some(false);
            next_bound = bound.or(next_bound);
            !is_redundant
        })
        .collect();
    kept.reverse();
    *constraints = kept;
}

fn read_constraint(text: &str) -> Result<Constraint<'_>, InvalidVers> {
    if text.is_empty() {
        return Err(InvalidVers::Form("a constraint is empty"));
    }
    let (comparator, version) = Comparator::split(text);
    if version.is_empty() {
        return Err(InvalidVers::Form("a comparator has no version"));
    }
    let must_be_encoded =
        |b: u8| !b.is_ascii_graphic() || matches!(b, b'<' | b'>' | b'=' | b'!' | b'*');
    if version.bytes().any(must_be_encoded) {
        return Err(InvalidVers::Form(
            "a version has a character that must be percent-encoded",
        ));
    }
    Ok(Constraint {
        comparator,
        version: decode(version).ok_or(InvalidVers::Form(
            "a version is not properly percent-encoded",
        ))?,
    })
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let ([high, low], tail) = rest.split_first_chunk::<2>()?;
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Clause 5.4: without the `!=`, an equal version stands only before equals and lower bounds; without the equals too, upper
/// and lower bounds alternate.
fn check_sequence(constraints: &[Constraint<'_>]) -> Result<(), InvalidVers> {
    let mut follows_equal = false;
    let mut last_bound = None;
    for comparator in constraints
        .iter()
        .map(|c| c.comparator)
        .filter(|c| *c != Comparator::NotEqual)
    {
        let bound = comparator.opens();
        if follows_equal && bound == Some(false) {
            return Err(InvalidVers::Form("an upper bound follows an equal version"));
        }
        if bound.is_some() && bound == last_bound {
            return Err(InvalidVers::Form(
                "two bounds of one direction follow each other",
            ));
        }
        follows_equal = bound.is_none();
        last_bound = bound.or(last_bound);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(specifier: &str, inside: &[&str], outside: &[&str]) {
        let vers = Vers::parse(specifier).unwrap_or_else(|e| panic!("{specifier}: {e}"));
        for (versions, expected) in [(inside, true), (outside, false)] {
            for version in versions {
                assert_eq!(
                    vers.contains(version),
                    Ok(expected),
                    "{version} in {specifier}"
                );
            }
        }
    }

    #[test]
    fn bounds_make_intervals() {
        check(
            "vers:deb/>=1|<2",
            &["1", "1.9", "2~rc1"],
            &["0.9", "2", "3"],
        );
        check(
            "vers:npm/1.2.3|>=2.0.0|<5.0.0",
            &["1.2.3", "2.0.0", "4.9.9"],
            &["1.2.4", "5.0.0"],
        );
        check(
            "vers:gem/>=2.2.0|!=2.2.1|<2.3.0",
            &["2.2.0", "2.2.2"],
            &["2.2.1", "2.3.0"],
        );
        check(
            "vers:pypi/<=1.0|>2.0",
            &["0.1", "1.0.0", "2.1"],
            &["1.1", "2.0"],
        );
        check(
            "vers:pypi/<1|>=2|<3|>=4",
            &["0", "2", "2.9", "4", "9"],
            &["1", "3", "3.9"],
        );
    }

    #[test]
    fn exclusions_alone_leave_the_rest() {
        check(
            "vers:npm/!=1.0.0|!=2.0.0",
            &["0.1.0", "1.5.0"],
            &["1.0.0", "2.0.0"],
        );
        check(
            "vers:npm/1.0.0|!=2.0.0",
            &["1.0.0"],
            &["0.1.0", "2.0.0", "3.0.0"],
        );
    }

    #[test]
    fn a_star_is_everything_and_needs_no_order() {
        check("vers:npm/*", &["1.0.0", "anything"], &[]);
        check("vers:all/*", &["1"], &[]);
        check("vers:none/*", &[], &["1"]);
    }

    /// The required cases of the specification's tests/vers_canonical_parse_test.json, but those of its `datetime` and
    /// `lexicographic` types.
    #[test]
    fn malformed_specifiers_are_refused() {
        for text in [
            "vers:npm/>=1.0.0| <2.0.0",
            "vers:npm/|>=1.0.0|<2.0.0",
            "vers:npm/>=1.0.0|<2.0.0|",
            "vers:npm/>=1.0.0||<2.0.0",
            "vers:npm/>=2.0.0|<1.0.0",
            "vers:npm/1.0%2G0",
            "vers:npm/1.0.0|1.0.0",
            "vers:npm/1.0.0|v1.0.0",
            "vers:npm/=1.0.0",
            "vers:npm/>=",
            "vers:npm/",
            "vers:npm",
            "npm/1.0.0",
            "VERS:npm/1.0.0",
            "vers:NPM/1.0.0",
            "vers:1npm/1.0.0",
            "vers:invalid/*",
            "vers:npm/*|1.0.0",
            "vers:npm/>1.0.0|>2.0.0",
            "vers:npm/<1.0.0|<2.0.0",
            "vers:npm/1.0.0|<2.0.0",
            "vers:npm/1.0.0|!=1.5.0|<2.0.0",
            "vers:npm/1.0é",
            "vers:npm/1.0%",
            "vers:npm/1.0%ff",
            "vers:npm/junk",
        ] {
            assert!(Vers::parse(text).is_err(), "{text}");
        }
        assert!(matches!(
            Vers::parse("vers:test/1"),
            Err(InvalidVers::Type(_))
        ));
    }

    /// From the specification's tests/pypi_range_containment_test.json and pypi_range_validate_test.json.
    #[test]
    fn earlier_editions_sort_and_simplify() {
        for (text, version, expected) in [
            ("vers:pypi/>=3.0.0|2.0.3", "2.0.3", true),
            ("vers:pypi/>=3.0.0|!=2.0.3", "2.0.3", false),
            (
                "vers:pypi/0.0.2|0.0.6|>=3.0.0|0.0.1|0.0.4|0.0.5|0.0.3",
                "2.0.3",
                false,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|0.0.2|<0.0.3|0.0.4|<0.0.5|>=0.0.6",
                "0.0.3.1",
                true,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|0.0.2|<0.0.3|0.0.4|<0.0.5|>=0.0.6",
                "0.0.0.1",
                true,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|0.0.2|<0.0.3|0.0.4|<0.0.5|>=0.0.6",
                "0.0.5",
                false,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|>=0.0.1|0.0.2|0.0.3|0.0.4|<0.0.5|<=0.0.6|!=0.7|8.0|>12|<15.3",
                "0.0.6",
                true,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|>=0.0.1|0.0.2|0.0.3|0.0.4|<0.0.5|<=0.0.6|!=0.7|8.0|>12|<15.3",
                "8.0",
                true,
            ),
            (
                "vers:pypi/>0.0.0|>=0.0.1|>=0.0.1|0.0.2|0.0.3|0.0.4|<0.0.5|<=0.0.6|!=0.7|8.0|>12|<15.3",
                "9",
                false,
            ),
        ] {
            let vers = Vers::parse_unordered(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(vers.contains(version), Ok(expected), "{version} in {text}");
            assert!(
                Vers::parse(text).is_err() || !text.contains(">=0.0.1"),
                "{text}"
            );
        }
        assert!(Vers::parse_unordered("vers:pypi/>1|<1.0").is_err());
    }

    #[test]
    fn versions_are_decoded_once() {
        let vers = Vers::parse("vers:deb/>=1%3A2.0%257e1").expect("well-formed");
        assert_eq!(
            vers.constraints(),
            [Constraint {
                comparator: Comparator::GreaterOrEqual,
                version: Cow::Borrowed("1:2.0%7e1"),
            }]
        );
    }
}
