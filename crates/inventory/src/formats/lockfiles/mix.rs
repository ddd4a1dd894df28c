//! `mix.lock` of Elixir's Mix and of Rebar3 (<https://hexdocs.pm/mix/Mix.Tasks.Deps.html>, written by `Mix.Dep.Lock`): an
//! Elixir map with a line a dependency.

use base::Parsed;

use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, opening};
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Mix.
pub struct MixLock;

impl Format for MixLock {
    fn id(&self) -> &'static str {
        "mix-lock"
    }

    fn about(&self) -> &'static str {
        "mix.lock, the lockfile of Elixir's Mix"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "mix.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = opening(input.bytes);
            text.trim_start().starts_with("%{")
                && (text.contains("{:hex, ") || text.contains("{:git, "))
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::HEX, note);
        for (number, line) in numbered_lines(&text) {
            let line = line.trim();
            if !matches!(line, "" | "%{" | "}" | "%{}") && !line.starts_with('#') {
                pin(&mut pins, number, line);
            }
        }
        pins.finish()
    }
}

/// `"name": {:hex, :package, "version", …` or `"name": {:git, "address", "revision", …`. The package may have another name
/// than the application. A path is the user's own code.
fn pin(pins: &mut Pins<'_>, number: u64, line: &str) {
    let Some((_, entry)) = line.split_once(": {:") else {
        return pins.broken(Some(number), format!("not a dependency: {}", shown(line)));
    };
    let mut fields = entry
        .split(", ")
        .map(|field| field.trim_matches([':', '"', '}', ',']));
    match (fields.next(), fields.next(), fields.next()) {
        (Some("hex"), Some(name), Some(version)) => pins.pin(Some(number), name, version),
        (Some("path"), ..) => {}
        (Some("git"), Some(address), _) => {
            pins.skip(
                Some(number),
                format!("a repository has no version here: {}", shown(address)),
            );
        }
        _ => pins.broken(Some(number), format!("not a dependency: {}", shown(line))),
    }
}
