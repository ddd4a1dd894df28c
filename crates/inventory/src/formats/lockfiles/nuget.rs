//! `packages.lock.json` of NuGet
//! (<https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files#locking-dependencies>).

use base::Parsed;

use super::json::{Entry, Members, Step, entries_along};
use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of NuGet.
pub struct NugetLock;

impl Format for NugetLock {
    fn id(&self) -> &'static str {
        "nuget-lock"
    }

    fn about(&self) -> &'static str {
        "packages.lock.json, the lockfile of .NET's NuGet"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    /// A project may give its lockfile a name of its own: `packages.web.lock.json`.
    fn wants(&self, path: &str) -> bool {
        let file = file_name(path);
        file.starts_with("packages.") && file.ends_with("lock.json")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        let tell_tale = ["\"dependencies\"", "\"resolved\"", "\"contentHash\""];
        self.wants(input.path)
            || text.trim_start().starts_with('{')
                && tell_tale.iter().all(|word| text.contains(word))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::NUGET, note);
        // Each entry is a target framework with its own closure.
        let way = &[Step::Member("dependencies"), Step::All];
        let read = entries_along(&text, way, |entry: Entry<'_>| {
            let line = lines.of(entry.value.get());
            pin(&mut pins, line, &entry.key, &Members::of(entry.value));
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

/// A project of the same solution is the user's own code.
fn pin(pins: &mut Pins<'_>, line: u64, name: &str, entry: &Members<'_>) {
    if entry.string("type").as_deref() == Some("Project") {
        return;
    }
    match entry.string("resolved") {
        Some(version) => pins.pin(Some(line), name, &version),
        None => pins.skip(Some(line), format!("no resolved version: {}", shown(name))),
    }
}
