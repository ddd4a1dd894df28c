//! OCaml packages, as opam orders them (<https://opam.ocaml.org/doc/Manual.html#Version-ordering>, its
//! `opamVersionCompare.ml`): Debian's comparison without the epoch, over any text.

use std::cmp::Ordering;

use crate::schemes::deb::{compare_part, push_part};
use crate::{InvalidVersion, Scheme};

/// `1.0~beta` < `1.0` < `1.0-test` < `1.0.1`.
pub(super) struct Opam;

impl Scheme for Opam {
    fn id(&self) -> &'static str {
        "opam"
    }

    fn about(&self) -> &'static str {
        "OCaml packages (opam): Debian's comparison without the epoch"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &[]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let ((a, a_revision), (b, b_revision)) = (split(a), split(b));
        Ok(compare_part(a, b).then_with(|| compare_part(a_revision, b_revision)))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let mut key = Vec::with_capacity(version.len() + 12);
        let (version, revision) = split(version);
        push_part(&mut key, version);
        push_part(&mut key, revision);
        Some(key)
    }
}

/// The version and what follows its last hyphen.
fn split(version: &str) -> (&[u8], &[u8]) {
    let (version, revision) = version.rsplit_once('-').unwrap_or((version, ""));
    (version.as_bytes(), revision.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Opam.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn the_manuals_example_is_in_order() {
        let ascending = [
            "~~", "~", "~beta2", "~beta10", "0.1", "1.0~beta", "1.0", "1.0-test", "1.0.1",
            "1.0.10", "dev", "trunk",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }
}
