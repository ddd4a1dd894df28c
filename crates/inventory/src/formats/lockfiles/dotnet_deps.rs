//! `*.deps.json`, which the .NET SDK writes beside a built program
//! (<https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>): the packages it was
//! built with, and the runtime it carries.

use base::Parsed;

use super::json::{Entry, Members, entries, has_member};
use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{Lines, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The dependency file of a built .NET program.
pub struct DotnetDeps;

impl Format for DotnetDeps {
    fn id(&self) -> &'static str {
        "dotnet-deps"
    }

    fn about(&self) -> &'static str {
        "*.deps.json, what a built .NET program is made of"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with(".deps.json")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || has_member(&opening(input.bytes), "runtimeTarget")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::NUGET, note);
        let read = entries(&text, &["libraries"], |entry: Entry<'_>| {
            if !entry.list.is_empty() {
                pin(&mut pins, lines.of(entry.value.get()), &entry);
            }
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

/// A library is `name/version`. A runtime is a package too, under its name without the prefix; projects and references
/// are the user's own code.
fn pin(pins: &mut Pins<'_>, line: u64, entry: &Entry<'_>) {
    let ty = Members::of(entry.value).string("type").unwrap_or_default();
    if !matches!(ty.as_str(), "package" | "runtimepack") {
        return;
    }
    match entry.key.split_once('/') {
        Some((name, version)) => pins.pin(
            Some(line),
            name.strip_prefix("runtimepack.").unwrap_or(name),
            version,
        ),
        None => pins.skip(
            Some(line),
            format!("not a name and version: {}", shown(&entry.key)),
        ),
    }
}
