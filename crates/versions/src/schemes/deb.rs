//! Debian and Ubuntu package versions, as `dpkg --compare-versions` orders them (Debian Policy 5.6.12,
//! <https://www.debian.org/doc/debian-policy/ch-controlfields.html#version>; `deb-version(7)`).
//!
//! What dpkg only warns about (a first character that is no digit, characters outside the policy) is accepted here too, and
//! nothing at all is the version below all others; what it refuses (an epoch that is no number, an empty revision, spaces
//! inside) is an error.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `[epoch:]upstream[-revision]`, compared in alternating runs of non-digits and digits, `~` before everything.
pub(super) struct Deb;

const ID: &str = "deb";

impl Scheme for Deb {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Debian and Ubuntu packages (Debian Policy 5.6.12, dpkg)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Debian", "Ubuntu", "Echo", "Raspbian", "Kali"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Parts::parse(a)?, Parts::parse(b)?);
        Ok((!a.is_nothing())
            .cmp(&!b.is_nothing())
            .then_with(|| a.epoch.cmp(&b.epoch))
            .then_with(|| compare_part(a.upstream, b.upstream))
            .then_with(|| compare_part(a.revision, b.revision)))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parts = Parts::parse(version).ok()?;
        if parts.is_nothing() {
            return Some(Vec::new());
        }
        let mut key = Vec::with_capacity(version.len() + 12);
        key.extend_from_slice(&parts.epoch.to_be_bytes());
        push_part(&mut key, parts.upstream);
        push_part(&mut key, parts.revision);
        Some(key)
    }
}

/// A version cut in three. dpkg keeps the epoch in an `int`, which is why it can be too big.
#[derive(Default)]
struct Parts<'a> {
    epoch: u32,
    upstream: &'a [u8],
    revision: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Only the empty text has no upstream version.
    fn is_nothing(&self) -> bool {
        self.upstream.is_empty()
    }

    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let invalid = |why| InvalidVersion::new(ID, version, why);
        if version.is_empty() {
            return Ok(Self::default());
        }
        let text = version.trim_matches([' ', '\t']);
        if text.contains([' ', '\t']) {
            return Err(invalid("there are spaces inside"));
        }
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (parse_epoch(epoch).map_err(invalid)?, rest),
            None => (0, text),
        };
        let (upstream, revision) = match rest.rsplit_once('-') {
            Some((_, "")) => return Err(invalid("the revision is empty")),
            Some(split) => split,
            None => (rest, ""),
        };
        if upstream.is_empty() {
            return Err(invalid("there is no version number"));
        }
        Ok(Self {
            epoch,
            upstream: upstream.as_bytes(),
            revision: revision.as_bytes(),
        })
    }
}

/// dpkg reads the epoch with `strtol`, so a sign is read and minus zero is zero.
fn parse_epoch(text: &str) -> Result<u32, &'static str> {
    let (negative, number) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let bytes = number.as_bytes();
    if bytes.is_empty() || digits::run(bytes) != bytes.len() {
        return Err("the epoch is not a number");
    }
    let largest = i32::MAX.unsigned_abs();
    match number.parse() {
        Ok(0) => Ok(0),
        _ if negative => Err("the epoch is negative"),
        Ok(epoch) if epoch <= largest => Ok(epoch),
        _ => Err("the epoch is too big"),
    }
}

pub(super) fn compare_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        let (text_a, text_b) = (text_run(a), text_run(b));
        let order = compare_text(&a[..text_a], &b[..text_b]);
        if order.is_ne() {
            return order;
        }
        (a, b) = (&a[text_a..], &b[text_b..]);
        let (number_a, number_b) = (digits::run(a), digits::run(b));
        let order = digits::compare(&a[..number_a], &b[..number_b]);
        if order.is_ne() {
            return order;
        }
        (a, b) = (&a[number_a..], &b[number_b..]);
        if a.is_empty() && b.is_empty() {
            return Ordering::Equal;
        }
    }
}

fn text_run(part: &[u8]) -> usize {
    part.iter().take_while(|b| !b.is_ascii_digit()).count()
}

fn compare_text(a: &[u8], b: &[u8]) -> Ordering {
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    weight(a.get(at)).cmp(&weight(b.get(at)))
}

/// `~` before the end of the run, then letters, then the rest. Bytes above ASCII are negative `char`s to dpkg, which puts
/// them between the letters and the punctuation.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(&c) if c.is_ascii_alphabetic() || !c.is_ascii() => i32::from(c),
        Some(&c) => i32::from(c) + 256,
    }
}

/// Runs of text, each closed by `END`, and numbers between them. Only the first run of a part can be empty, so no number
/// is ever taken for a part's end.
pub(super) fn push_part(key: &mut Vec<u8>, mut part: &[u8]) {
    const TILDE: u8 = 0;
    const END: u8 = 1;
    /// Above every UTF-8 byte.
    const PUNCTUATION: u8 = 0xff;
    loop {
        let text = text_run(part);
        for &byte in &part[..text] {
            match byte {
                b'~' => key.push(TILDE),
                c if c.is_ascii_alphabetic() || !c.is_ascii() => key.push(c),
                c => key.extend([PUNCTUATION, c]),
            }
        }
        key.push(END);
        part = &part[text..];
        let number = digits::run(part);
        digits::push_key(key, &part[..number]);
        part = &part[number..];
        if part.is_empty() {
            key.push(END);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Deb.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn text_and_numbers_alternate() {
        let ascending = [
            "1~~", "1~", "1", "1-1", "1a", "1z", "1+", "1.1", "1.2", "1.10", "2", "1:0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn what_dpkg_only_warns_about_is_ordered() {
        let ascending = ["", "~", "0", "1", "a", "z", "é", "+"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn zeros_say_nothing() {
        for (a, b) in [
            ("1.0", "1.00"),
            ("0:1", "1"),
            ("1", "1-0"),
            ("1.", "1.0"),
            ("+1:1", "1:1"),
            ("-0:1", "1"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn what_dpkg_refuses_is_an_error() {
        for version in [
            " ",
            "1 2",
            ":1",
            "a:1",
            "-1:1",
            "2147483648:1",
            "1:",
            "1-",
            "-1",
            "1:-1",
        ] {
            check(version, version, None);
        }
    }
}
