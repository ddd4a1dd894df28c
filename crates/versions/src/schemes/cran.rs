//! R packages on CRAN and Bioconductor, as R's `compareVersion` orders them
//! (<https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file>): numbers with dots or hyphens
//! between them, and a longer list is above its own beginning.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `1.2-3`; the hyphen is a dot.
pub(super) struct Cran;

const ID: &str = "cran";

impl Scheme for Cran {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "R packages (compareVersion)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["CRAN", "Bioconductor"]
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
    let parts = version
        .trim()
        .as_bytes()
        .split(|b| matches!(b, b'.' | b'-'));
    if !parts.clone().all(is_number) {
        return Err(InvalidVersion::new(
            ID,
            version,
            "it is not numbers with dots or hyphens between them",
        ));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Cran.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn a_longer_list_is_above_its_beginning() {
        let ascending = ["0.1", "0.1.0", "0.1-1", "0.1-2", "0.9", "0.75"];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn a_hyphen_is_a_dot() {
        check("0.01.0", "0.1-0", Some(Ordering::Equal));
    }

    #[test]
    fn junk_is_an_error() {
        for version in ["", "1.a", "1..2", "-1"] {
            check(version, version, None);
        }
    }
}
