//! RPM package versions, as `rpmvercmp` and `rpmverCmp` order them (<https://rpm.org/docs/latest/man/rpm-version.7>).
//!
//! rpm reads anything: what is neither letter, digit, `~` nor `^` only separates. A missing epoch is zero; a missing
//! release is below every release.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `[epoch:]version[-release]`, compared in segments of digits or letters, `~` below the end and `^` just above it.
pub(super) struct Rpm;

const ID: &str = "rpm";

impl Scheme for Rpm {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "RPM packages (rpm-version(7), rpmvercmp)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &[
            "Red Hat",
            "Rocky Linux",
            "AlmaLinux",
            "Oracle Linux",
            "Oracle",
            "CentOS",
            "Fedora",
            "Amazon Linux",
            "SUSE",
            "openSUSE",
            "openEuler",
            "Mageia",
            "Azure Linux",
            "Photon OS",
            "Anolis OS",
        ]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Parts::parse(a)?, Parts::parse(b)?);
        Ok(digits::compare(a.epoch, b.epoch)
            .then_with(|| compare_segments(a.version, b.version))
            .then_with(|| compare_releases(a.release, b.release)))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parts = Parts::parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 12);
        digits::push_key(&mut key, parts.epoch);
        push_segments(&mut key, parts.version);
        if let Some(release) = parts.release {
            key.push(1);
            push_segments(&mut key, release);
        }
        Some(key)
    }
}

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Result<Self, InvalidVersion> {
        if text.is_empty() {
            return Err(InvalidVersion::new(ID, text, "it is empty"));
        }
        let bytes = text.as_bytes();
        let colon = digits::run(bytes);
        let (epoch, rest) = match bytes.get(colon) {
            Some(b':') => (&bytes[..colon], &bytes[colon + 1..]),
            _ => (&[][..], bytes),
        };
        let (version, release) = match rest.iter().rposition(|&b| b == b'-') {
            Some(dash) => (&rest[..dash], Some(&rest[dash + 1..])),
            None => (rest, None),
        };
        Ok(Self {
            epoch,
            version,
            release,
        })
    }
}

fn compare_releases(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare_segments(a, b),
        _ => a.is_some().cmp(&b.is_some()),
    }
}

/// What a version is made of, lowest first: the order of the variants is the order rpm puts unlike segments in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a [u8]),
    Number(&'a [u8]),
}

/// Takes the next segment off the front.
fn next_segment<'a>(rest: &mut &'a [u8]) -> Segment<'a> {
    let is_separator = |b: &u8| !b.is_ascii_alphanumeric() && *b != b'~' && *b != b'^';
    let start = rest.iter().take_while(|b| is_separator(b)).count();
    let text = &rest[start..];
    let (segment, len) = match text.first() {
        None => (Segment::End, 0),
        Some(b'~') => (Segment::Tilde, 1),
        Some(b'^') => (Segment::Caret, 1),
        Some(c) if c.is_ascii_digit() => {
            let len = digits::run(text);
            (Segment::Number(digits::significant(&text[..len])), len)
        }
        Some(_) => {
            let len = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
            (Segment::Letters(&text[..len]), len)
        }
    };
    *rest = &text[len..];
    segment
}

fn compare_segments(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (left, right) = (next_segment(&mut a), next_segment(&mut b));
        let order = match (left, right) {
            (Segment::Number(left), Segment::Number(right)) => digits::compare(left, right),
            _ => left.cmp(&right),
        };
        if order.is_ne() || left == Segment::End {
            return order;
        }
    }
}

fn push_segments(key: &mut Vec<u8>, mut text: &[u8]) {
    loop {
        match next_segment(&mut text) {
            Segment::Tilde => key.push(1),
            Segment::End => {
                key.push(2);
                return;
            }
            Segment::Caret => key.push(3),
            Segment::Letters(letters) => {
                key.push(4);
                key.extend_from_slice(letters);
                key.push(0);
            }
            Segment::Number(number) => {
                key.push(5);
                digits::push_key(key, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Rpm.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn tilde_is_below_the_end_and_caret_above() {
        let ascending = [
            "1~rc1",
            "1~rc1^git",
            "1~rc2",
            "1",
            "1^",
            "1^git1",
            "1a",
            "1.1",
            "1.10",
            "1:0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn no_release_is_below_every_release() {
        let ascending = ["1", "1-", "1-0", "1-1"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn separators_and_zeros_say_nothing() {
        for (a, b) in [
            ("1.0", "1_0"),
            ("1.0.", "1.0"),
            ("01", "1"),
            ("0:1", ":1"),
            ("1.é", "1"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn only_nothing_is_refused() {
        check("", "", None);
    }
}
