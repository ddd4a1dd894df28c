//! The local database of pacman, Arch Linux's package manager: `var/lib/pacman/local/NAME-VERSION/desc`
//! (<https://man.archlinux.org/man/alpm-db.7>), a field's name between percent signs and its values on the lines below.

use base::Parsed;

use super::{Manager, one};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// Packages of Arch Linux.
pub struct Pacman;

const ARCH: Manager = Manager {
    ecosystem: "Arch Linux",
    purl: ("alpm", Some("arch")),
};

impl Format for Pacman {
    fn id(&self) -> &'static str {
        "pacman"
    }

    fn about(&self) -> &'static str {
        "an installed package of Arch Linux: var/lib/pacman/local/*/desc (listed; no feed covers it)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("/desc") && path.contains("lib/pacman/local/")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || input.bytes.trim_ascii_start().starts_with(b"%NAME%")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let field = |name: &str| {
            let mut lines = text.lines().map(str::trim);
            lines.find(|line| *line == name)?;
            lines.next().filter(|value| !value.starts_with('%'))
        };
        let mut parsed = one(
            &ARCH,
            input.path,
            field("%NAME%"),
            field("%VERSION%"),
            field("%ARCH%"),
        );
        parsed.notes.extend(note);
        parsed
    }
}
