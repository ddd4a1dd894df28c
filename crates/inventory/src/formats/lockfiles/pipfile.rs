//! `Pipfile.lock` of Pipenv (<https://pipenv.pypa.io/en/latest/pipfile.html>, read as `pipenv.utils.locking` writes it).

use base::Parsed;

use super::json::{Entry, Members, Step, entries_along, has_member};
use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::python::normalized;
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Pipenv.
pub struct PipfileLock;

impl Format for PipfileLock {
    fn id(&self) -> &'static str {
        "pipfile-lock"
    }

    fn about(&self) -> &'static str {
        "Pipfile.lock, the lockfile of Python's Pipenv"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "Pipfile.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        self.wants(input.path) || has_member(&text, "_meta") && text.contains("\"pipfile-spec\"")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::PYPI, note);
        // Every member but `_meta` is a category: `default`, `develop`, and those the user named.
        let read = entries_along(&text, &[Step::AllBut("_meta")], |entry: Entry<'_>| {
            let line = lines.of(entry.value.get());
            pin(&mut pins, line, &entry.key, &Members::of(entry.value));
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

/// A path is the user's own code; a repository has no version here.
fn pin(pins: &mut Pins<'_>, line: u64, name: &str, entry: &Members<'_>) {
    if entry.value("path").is_some() {
        return;
    }
    let version = entry.string("version");
    let pinned = version
        .as_deref()
        .and_then(|version| Some(version.strip_prefix("==")?.trim_start_matches('=').trim()));
    let origin = entry
        .string("git")
        .map(|url| Origin::git_at(&url, &entry.string("ref").unwrap_or_default()));
    match pinned {
        Some(version) => pins.pin_from(Some(line), &normalized(name), version, origin),
        None => pins.skip(Some(line), format!("not pinned: {}", shown(name))),
    }
}
