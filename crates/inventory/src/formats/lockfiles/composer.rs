//! `composer.lock` (<https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control>) and
//! `vendor/composer/installed.json`, which Composer writes beside what it installed: the same packages, in Composer 1 as
//! a list of its own.

use base::Parsed;

use super::json::{Entry, Members, entries, has_member, items};
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Composer.
pub struct ComposerLock;

impl Format for ComposerLock {
    fn id(&self) -> &'static str {
        "composer-lock"
    }

    fn about(&self) -> &'static str {
        "composer.lock or vendor/composer/installed.json of PHP's Composer"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        matches!(file_name(path), "composer.lock" | "installed.json")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        if file_name(input.path) == "composer.lock"
            || input.path.ends_with("composer/installed.json")
        {
            return true;
        }
        let text = opening(input.bytes);
        has_member(&text, "packages-dev") || text.contains("\"version_normalized\"")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::PACKAGIST, note);
        let each = |entry: Entry<'_>| {
            if !entry.list.is_empty() {
                pin(
                    &mut pins,
                    lines.of(entry.value.get()),
                    &Members::of(entry.value),
                );
            }
        };
        let read = match text.trim_start().starts_with('[') {
            true => items(&text, "packages", each),
            false => entries(&text, &["packages", "packages-dev"], each),
        };
        pins.end_of_json(read);
        pins.finish()
    }
}

/// Names are compared without regard to case. A package from a path is the user's own code.
fn pin(pins: &mut Pins<'_>, line: u64, entry: &Members<'_>) {
    let name = entry.string("name").unwrap_or_default().to_lowercase();
    let is_path = entry
        .value("dist")
        .is_some_and(|dist| Members::of(dist).string("type").as_deref() == Some("path"));
    if !is_path {
        pins.pin(
            Some(line),
            &name,
            &entry.string("version").unwrap_or_default(),
        );
    }
}
