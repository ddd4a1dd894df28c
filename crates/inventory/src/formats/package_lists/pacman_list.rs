//! Installed packages of Arch Linux as `pacman -Q` prints them (<https://man.archlinux.org/man/pacman.8>). No feed covers them.

use base::{Ecosystem, Parsed, Purl};

use super::{Listed, filled_lines, is_named, nearly_all};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing, Location, Package};

/// Lists of pacman.
pub struct PacmanList;

const NAMES: &[&str] = &["pacman", "pacman-q", "pacman-list"];

impl Format for PacmanList {
    fn id(&self) -> &'static str {
        "pacman-list"
    }

    fn about(&self) -> &'static str {
        "installed packages of Arch Linux as printed by pacman -Q (listed; no feed covers them)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_named(path, NAMES)
    }

    /// Names and versions alone could be anybody's: pacman itself must be among them.
    fn recognise(&self, input: &Input<'_>) -> bool {
        let has_pacman = || {
            let text = decode(&input.bytes[..input.bytes.len().min(1 << 20)]).0;
            text.lines()
                .any(|l| l.starts_with("pacman ") || l.starts_with("archlinux-keyring "))
        };
        nearly_all(input.bytes, |line| read(line).is_some())
            && (self.wants(input.path) || has_pacman())
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut listed = Listed::new(note);
        for (number, line) in filled_lines(&text, &mut listed) {
            match read(line) {
                Some((name, version)) => listed.take(Package {
                    ecosystem: Some(Ecosystem::new("Arch Linux")),
                    purl: Purl::new("alpm", Some("arch"), name, Some(version)).ok(),
                    ..Package::new(
                        name,
                        Some(version.to_owned()),
                        Location::line(input.path, number),
                    )
                }),
                None => listed.not_understood(number, line),
            }
        }
        listed.finish()
    }
}

/// `name version-build`.
fn read(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    let build = version.rsplit_once('-')?.1;
    let is_build = build.starts_with(|c: char| c.is_ascii_digit());
    (words.next().is_none() && is_build).then_some((name, version))
}
