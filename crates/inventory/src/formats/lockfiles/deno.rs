//! `deno.lock`, versions 2 to 5 (<https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files>). Of the
//! packages, those of npm have advisories; those of JSR are listed, and no feed covers them.

use base::Parsed;

use super::json::{Entry, Step, entries_along, has_member};
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Deno.
pub struct DenoLock;

/// Where the packages of a registry stand, by version of the file.
const WAYS: [(&Registry, &[Step]); 5] = [
    (&Registry::NPM, &[Step::Member("npm")]),
    (
        &Registry::NPM,
        &[Step::Member("packages"), Step::Member("npm")],
    ),
    (
        &Registry::NPM,
        &[Step::Member("npm"), Step::Member("packages")],
    ),
    (&Registry::JSR, &[Step::Member("jsr")]),
    (
        &Registry::JSR,
        &[Step::Member("packages"), Step::Member("jsr")],
    ),
];

impl Format for DenoLock {
    fn id(&self) -> &'static str {
        "deno-lock"
    }

    fn about(&self) -> &'static str {
        "deno.lock, the lockfile of Deno: its packages from npm and JSR"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "deno.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        let has = |word: &str| text.contains(word);
        self.wants(input.path)
            || (has_member(&text, "version")
                && has("\"specifiers\"")
                && (has("\"npm\"") || has("\"jsr\"")))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::NPM, note);
        let mut end = Ok(());
        for (registry, way) in WAYS {
            pins.of_registry(registry);
            let read = entries_along(&text, way, |entry: Entry<'_>| {
                let line = lines.of(entry.value.get());
                if let Some((name, version)) = name_and_version(&entry.key) {
                    pins.pin(Some(line), name, version);
                }
            });
            end = end.and(read);
        }
        pins.end_of_json(end);
        pins.finish()
    }
}

/// `@scope/name@1.2.3`; behind `_` stand the peers it was resolved with.
fn name_and_version(key: &str) -> Option<(&str, &str)> {
    let first = key.chars().next()?.len_utf8();
    let at = key[first..].find('@')? + first;
    let (name, version) = (&key[..at], &key[at + 1..]);
    let version = version.split('_').next().unwrap_or(version);
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_name_and_a_version() {
        let check = |key: &str, expected: Option<(&str, &str)>| {
            assert_eq!(name_and_version(key), expected, "{key}")
        };
        check("chalk@5.3.0", Some(("chalk", "5.3.0")));
        check("@std/assert@1.0.0", Some(("@std/assert", "1.0.0")));
        check(
            "react-dom@18.2.0_react@18.2.0",
            Some(("react-dom", "18.2.0")),
        );
        check("packages", None);
        check("@", None);
        check("é@1", Some(("é", "1")));
    }
}
