//! The database of Portage, Gentoo's package manager: `var/db/pkg/CATEGORY/NAME-VERSION/PF`
//! (<https://wiki.gentoo.org/wiki//var/db/pkg>); the file holds name and version.

use base::Parsed;

use super::{Manager, one, parts};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// Packages of Gentoo.
pub struct Portage;

const GENTOO: Manager = Manager {
    ecosystem: "Gentoo",
    purl: ("ebuild", None),
};

impl Format for Portage {
    fn id(&self) -> &'static str {
        "portage"
    }

    fn about(&self) -> &'static str {
        "an installed package of Gentoo: var/db/pkg/*/*/PF (listed; no feed covers it)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("/PF") && path.contains("var/db/pkg/")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let written = text.lines().next().unwrap_or_default().trim();
        let category = parts(input.path).get(2).copied();
        let (name, version) = match name_and_version(written) {
            Some((name, version)) => (name, Some(version)),
            None => (written, None),
        };
        let full = match category {
            Some(category) if !name.is_empty() => format!("{category}/{name}"),
            _ => name.to_owned(),
        };
        let mut parsed = one(&GENTOO, input.path, Some(&full), version, None);
        parsed.notes.extend(note);
        parsed
    }
}

/// The version begins behind the last hyphen that a digit follows, the revision `-r1` left out (Package Manager Specification 3.2).
fn name_and_version(written: &str) -> Option<(&str, &str)> {
    let without_revision = match written.rsplit_once("-r") {
        Some((rest, digits))
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            rest
        }
        _ => written,
    };
    let (name, version) = without_revision.rsplit_once('-')?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    is_version.then(|| (name, &written[name.len() + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_belongs_to_the_version() {
        let check = |written: &str, expected: Option<(&str, &str)>| {
            assert_eq!(name_and_version(written), expected, "{written}")
        };
        check("skopeo-1.5.1", Some(("skopeo", "1.5.1")));
        check("Getopt-Long-2.580.0", Some(("Getopt-Long", "2.580.0")));
        check("openssl-3.0.9-r2", Some(("openssl", "3.0.9-r2")));
        check("name", None);
        check("name-rest", None);
    }
}
