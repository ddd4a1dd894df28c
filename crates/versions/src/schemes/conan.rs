//! C and C++ packages on ConanCenter, as Conan 2 orders them (<https://docs.conan.io/2/tutorial/versioning/versions.html>,
//! class `Version`): items between dots, a pre-release behind the first hyphen, a build behind the last plus sign.
//!
//! A number and a word compare as texts (`9` < `10` < `1a` < `9`), so there is no sort key.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `1.2.3a[-pre.1][+build]`; zeros at the end of each part do not count.
pub(super) struct Conan;

const ID: &str = "conan";

impl Scheme for Conan {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "C and C++ packages (Conan 2)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["ConanCenter"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Version::split(a), Version::split(b));
        Ok(compare_items(a.main, b.main)
            .then_with(|| match (a.pre_release, b.pre_release) {
                (Some(a), Some(b)) => compare_items(a, b),
                (a, b) => a.is_none().cmp(&b.is_none()),
            })
            .then_with(|| match (a.build, b.build) {
                (Some(a), Some(b)) => compare_items(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }))
    }

    fn sort_key(&self, _version: &str) -> Option<Vec<u8>> {
        None
    }
}

struct Version<'a> {
    main: &'a str,
    pre_release: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn split(text: &'a str) -> Self {
        let (version, build) = match text.rsplit_once('+') {
            Some((version, build)) => (version, Some(build)),
            None => (text, None),
        };
        let (main, pre_release) = match version.split_once('-') {
            Some((main, pre)) => (main, Some(pre)),
            None => (version, None),
        };
        Self {
            main,
            pre_release,
            build,
        }
    }
}

fn compare_items(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (items(a), items(b));
    loop {
        let order = match (left.next(), right.next()) {
            (Some(a), Some(b)) => compare_item(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// What stands between dots, without the zeros at the end.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let is_zero = |item: &&str| !item.is_empty() && item.bytes().all(|b| b == b'0');
    let zeros = text.rsplit('.').take_while(is_zero).count();
    text.split('.').take(text.split('.').count() - zeros)
}

fn compare_item(a: &str, b: &str) -> Ordering {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => digits::compare(a.as_bytes(), b.as_bytes()),
        (a_number, b_number) => a_number.unwrap_or(a).cmp(b_number.unwrap_or(b)),
    }
}

/// The item as Conan prints it if it is a number, that is, without leading zeros.
fn number(item: &str) -> Option<&str> {
    let is_number = !item.is_empty() && digits::run(item.as_bytes()) == item.len();
    is_number.then(|| match item.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Conan.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn pre_releases_are_below_and_builds_above() {
        let ascending = [
            "1.1-alpha.3",
            "1.1-alpha.22",
            "1.1",
            "1.1+b.3",
            "1.1+b.22",
            "1.1a",
            "1.2",
            "cci.20210118",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn trailing_zeros_say_nothing() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1-pre1", "1.0.0-pre1.0"),
            ("1+b1", "1.0+b1.0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }
}
