//! `Package.resolved` of the Swift Package Manager, versions 1 to 3
//! (<https://github.com/swiftlang/swift-package-manager/blob/main/Documentation/Usage.md>, written by `PinsStore`).
//! Advisories name a package by its repository's address without scheme.

use base::Parsed;

use super::json::{Entry, Members, Step, entries_along, has_member};
use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Swift.
pub struct SwiftResolved;

impl Format for SwiftResolved {
    fn id(&self) -> &'static str {
        "swift-resolved"
    }

    fn about(&self) -> &'static str {
        "Package.resolved, the lockfile of the Swift Package Manager"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "Package.resolved"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || {
            let text = opening(input.bytes);
            let has = |word: &str| text.contains(word);
            text.trim_start().starts_with('{')
                && has("\"pins\"")
                && (has("\"repositoryURL\"") || has("SourceControl\""))
        }
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::SWIFT, note);
        let way: &[Step] = match has_member(&text, "object") {
            true => &[Step::Member("object"), Step::Member("pins")],
            false => &[Step::Member("pins")],
        };
        let read = entries_along(&text, way, |entry: Entry<'_>| {
            pin(
                &mut pins,
                lines.of(entry.value.get()),
                &Members::of(entry.value),
            );
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

fn pin(pins: &mut Pins<'_>, line: u64, entry: &Members<'_>) {
    let kind = entry.string("kind").unwrap_or_default();
    if kind == "localSourceControl" {
        return;
    }
    let address = entry
        .string("location")
        .or_else(|| entry.string("repositoryURL"));
    // A package of a registry has no address.
    let name = match address.as_deref().map(str::trim) {
        Some(address) if !address.is_empty() => repository(address),
        _ => entry.string("identity").unwrap_or_default(),
    };
    let version = entry
        .value("state")
        .and_then(|state| Members::of(state).string("version"));
    match version {
        Some(version) => pins.pin(Some(line), &name, &version),
        None => pins.skip(
            Some(line),
            format!("a branch or revision has no version: {}", shown(&name)),
        ),
    }
}

/// `github.com/apple/swift-nio` of `https://github.com/apple/swift-nio.git` and of `git@github.com:apple/swift-nio.git`.
fn repository(address: &str) -> String {
    let without_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let without_user = match without_scheme.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => without_scheme,
    };
    let path = without_user.trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path).replacen(
        ':',
        "/",
        usize::from(!address.contains("://")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_named_without_scheme_user_and_ending() {
        let check = |address: &str| {
            assert_eq!(
                repository(address),
                "github.com/apple/swift-nio",
                "{address}"
            )
        };
        check("https://github.com/apple/swift-nio.git");
        check("https://github.com/apple/swift-nio/");
        check("git@github.com:apple/swift-nio.git");
        check("ssh://git@github.com/apple/swift-nio.git");
    }
}
