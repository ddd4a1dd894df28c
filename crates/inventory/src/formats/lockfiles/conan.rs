//! `conan.lock` of Conan 1 and 2 (<https://docs.conan.io/2/tutorial/versioning/lockfiles.html>) and the versions that a
//! `conanfile.txt` gives exactly (<https://docs.conan.io/2/reference/conanfile_txt.html>).

use base::Parsed;

use super::json::{Entry, Members, Step, entries, entries_along, has_member};
use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Conan.
pub struct ConanLock;

/// The lists of version 2.
const LISTS: &[&str] = &[
    "requires",
    "build_requires",
    "python_requires",
    "config_requires",
];

impl Format for ConanLock {
    fn id(&self) -> &'static str {
        "conan-lock"
    }

    fn about(&self) -> &'static str {
        "conan.lock, the lockfile of C and C++'s Conan 1 and 2"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "conan.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = opening(input.bytes);
            has_member(&text, "graph_lock")
                || (has_member(&text, "build_requires") && has_member(&text, "python_requires"))
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::CONAN, note);
        let read = if has_member(&text, "graph_lock") {
            let way = &[Step::Member("graph_lock"), Step::Member("nodes")];
            entries_along(&text, way, |entry: Entry<'_>| {
                let node = Members::of(entry.value);
                // The node of the project itself has no reference, or a path.
                if let (Some(reference), None) = (node.string("ref"), node.value("path")) {
                    pin(&mut pins, lines.of(entry.value.get()), &reference);
                }
            })
        } else {
            entries(&text, LISTS, |entry: Entry<'_>| {
                let reference = serde_json::from_str::<String>(entry.value.get());
                if let (false, Ok(reference)) = (entry.list.is_empty(), reference) {
                    pin(&mut pins, lines.of(entry.value.get()), &reference);
                }
            })
        };
        pins.end_of_json(read);
        pins.finish()
    }
}

/// `name/version@user/channel#revision%time`.
fn pin(pins: &mut Pins<'_>, line: u64, reference: &str) {
    let reference = reference.split(['#', '%']).next().unwrap_or(reference);
    let recipe = reference.split('@').next().unwrap_or(reference);
    match recipe.split_once('/') {
        Some((name, version)) if version.starts_with('[') => {
            pins.skip(Some(line), format!("not pinned: {}", shown(name)));
        }
        Some((name, version)) => pins.pin(Some(line), name.trim(), version.trim()),
        None => pins.broken(
            Some(line),
            format!("not a name and a version: {}", shown(reference)),
        ),
    }
}

/// The list of requirements of Conan.
pub struct Conanfile;

impl Format for Conanfile {
    fn id(&self) -> &'static str {
        "conanfile"
    }

    fn about(&self) -> &'static str {
        "conanfile.txt of C and C++'s Conan: the versions it gives exactly"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "conanfile.txt"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = opening(input.bytes);
            let has = |line: &str| text.lines().any(|l| l.trim() == line);
            has("[requires]")
                && (has("[generators]") || has("[options]") || has("[build_requires]"))
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::CONAN, note);
        let mut in_requirements = false;
        for (number, line) in numbered_lines(&text) {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.starts_with('[') && line.ends_with(']') {
                in_requirements = line.ends_with("requires]");
            } else if in_requirements && !line.is_empty() && !line.starts_with('#') {
                pin(&mut pins, number, line);
            }
        }
        pins.expect_mark(&text, &["["], "no section of a conanfile");
        pins.finish()
    }
}
