//! Homebrew: `Cellar/NAME/VERSION/INSTALL_RECEIPT.json` (<https://docs.brew.sh/Manpage>). Name and version are the folders.

use base::Parsed;

use super::{Manager, one, parts};
use crate::{Format, HostKind, Input, Listing};

/// Packages of Homebrew.
pub struct Homebrew;

const BREW: Manager = Manager {
    ecosystem: "Homebrew",
    purl: ("brew", None),
};

impl Format for Homebrew {
    fn id(&self) -> &'static str {
        "homebrew"
    }

    fn about(&self) -> &'static str {
        "an installed package of Homebrew: Cellar/*/*/INSTALL_RECEIPT.json (listed; no feed covers it)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        matches!(
            parts(path)[..],
            ["INSTALL_RECEIPT.json", _, _, "Cellar", ..]
        )
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        match parts(input.path)[..] {
            [_, version, name, ..] => one(&BREW, input.path, Some(name), Some(version), None),
            _ => one(&BREW, input.path, None, None, None),
        }
    }
}
