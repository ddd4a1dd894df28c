//! Arch Linux packages, as `vercmp(8)` orders them (<https://man.archlinux.org/man/vercmp.8>, libalpm's `version.c`).
//!
//! A version without a release equals every release of it, so this is no order to sort by: there is no sort key.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `[epoch:]version[-release]`, like rpm's but with letters at the end below the end: `1.0rc` is below `1.0`.
pub(super) struct Pacman;

const ID: &str = "pacman";

impl Scheme for Pacman {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Arch Linux packages (vercmp, libalpm)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Arch Linux", "alpm"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Parts::split(a), Parts::split(b));
        Ok(digits::compare(a.epoch, b.epoch)
            .then_with(|| compare_segments(a.version, b.version))
            .then_with(|| match (a.release, b.release) {
                (Some(a), Some(b)) => compare_segments(a, b),
                _ => Ordering::Equal,
            }))
    }

    fn sort_key(&self, _version: &str) -> Option<Vec<u8>> {
        None
    }
}

struct Parts<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Self {
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
        Self {
            epoch,
            version,
            release,
        }
    }
}

fn compare_segments(mut a: &[u8], mut b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    while !a.is_empty() && !b.is_empty() {
        let (before_a, before_b) = (separators(a), separators(b));
        (a, b) = (&a[before_a..], &b[before_b..]);
        if a.is_empty() || b.is_empty() {
            break;
        }
        if before_a != before_b {
            return before_a.cmp(&before_b);
        }
        let is_number = a[0].is_ascii_digit();
        let (len_a, len_b) = (segment(a, is_number), segment(b, is_number));
        let order = match (len_b, is_number) {
            (0, true) => Ordering::Greater,
            (0, false) => Ordering::Less,
            (_, true) => digits::compare(&a[..len_a], &b[..len_b]),
            (_, false) => a[..len_a].cmp(&b[..len_b]),
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (&a[len_a..], &b[len_b..]);
    }
    compare_rests(a, b)
}

fn separators(text: &[u8]) -> usize {
    text.iter()
        .take_while(|b| !b.is_ascii_alphanumeric())
        .count()
}

fn segment(text: &[u8], is_number: bool) -> usize {
    match is_number {
        true => digits::run(text),
        false => text.iter().take_while(|b| b.is_ascii_alphabetic()).count(),
    }
}

/// What is left when one side has ended: letters lose against nothing, anything else wins.
fn compare_rests(a: &[u8], b: &[u8]) -> Ordering {
    let starts_with_letter = |text: &[u8]| text.first().is_some_and(u8::is_ascii_alphabetic);
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !starts_with_letter(b) => Ordering::Less,
        _ if starts_with_letter(a) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Pacman.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn letters_at_the_end_are_below_it() {
        let ascending = [
            "1.0a", "1.0alpha", "1.0b", "1.0rc", "1.0", "1.0.a", "1.0.1", "1:0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn a_missing_release_equals_any() {
        for (a, b) in [("1.5-1", "1.5"), ("1.5", "1.5-2"), ("0:1", "1")] {
            check(a, b, Some(Ordering::Equal));
        }
    }
}
