//! Haskell packages, as `Data.Version` orders them (<https://pvp.haskell.org/>): numbers with dots between them, and a
//! longer list is above its own beginning, so `1.0.0` is above `1.0`.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `1.2.3.4`.
pub(super) struct Hackage;

const ID: &str = "hackage";

impl Scheme for Hackage {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Haskell packages (Package Versioning Policy)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Hackage", "GHC"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        Ok(digits::compare_lists(numbers(a)?, numbers(b)?))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        numbers(version).ok().map(digits::list_key)
    }
}

fn numbers(version: &str) -> Result<impl Iterator<Item = &[u8]>, InvalidVersion> {
    let is_number = |part: &[u8]| !part.is_empty() && digits::run(part) == part.len();
    let parts = version.trim().as_bytes().split(|b| *b == b'.');
    if !parts.clone().all(is_number) {
        return Err(InvalidVersion::new(
            ID,
            version,
            "it is not numbers with dots between them",
        ));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Hackage.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn a_longer_list_is_above_its_beginning() {
        let ascending = [
            "0", "0.1", "0.1.0", "0.1.0.0", "0.2", "0.11", "1.0", "1.0.0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn junk_is_an_error() {
        for version in ["", "1.a", "1..2", "1-2"] {
            check(version, version, None);
        }
    }
}
