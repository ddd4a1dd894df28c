//! `package-lock.json` and `npm-shrinkwrap.json`, lockfileVersion 1, 2 and 3
//! (<https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>).

use base::{Limit, Parsed};
use serde_json::value::RawValue;

use super::json::{Entry, Members, entries, has_member};
use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, is_installed_module, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// How deep `dependencies` within `dependencies` are followed (version 1).
const NESTING: Limit = Limit::new("npm-nesting", 64);

/// The lockfile of npm.
pub struct NpmLock;

impl Format for NpmLock {
    fn id(&self) -> &'static str {
        "npm-lock"
    }

    fn about(&self) -> &'static str {
        "package-lock.json or npm-shrinkwrap.json, the lockfile of npm"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let is_lock = matches!(file_name(path), "package-lock.json" | "npm-shrinkwrap.json");
        is_lock && !is_installed_module(path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || has_member(&opening(input.bytes), "lockfileVersion")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::NPM, note);
        // A version 2 file has both lists; `packages` is the better one, whichever comes first.
        let (mut has_packages, mut tree) = (false, Vec::new());
        let read = entries(
            &text,
            &["packages", "dependencies"],
            |entry: Entry<'_>| match entry.list {
                "packages" => {
                    has_packages = true;
                    pin_installed(
                        &mut pins,
                        lines.of(entry.value.get()),
                        &entry.key,
                        &Members::of(entry.value),
                    );
                }
                "dependencies" => tree.push((entry.key, entry.value, 1)),
                _ => {}
            },
        );
        if !has_packages {
            pin_tree(&mut pins, &lines, tree);
        }
        pins.end_of_json(read);
        pins.finish()
    }
}

/// One member of `packages` (version 2 and 3): the key is the place it is installed at. Places outside `node_modules` are
/// the project and its workspaces, links lead to them.
fn pin_installed(pins: &mut Pins<'_>, line: u64, place: &str, entry: &Members<'_>) {
    let Some((_, name)) = place.rsplit_once("node_modules/") else {
        return;
    };
    if entry.is_true("link") {
        return;
    }
    // An alias is installed under another name than the package's own, which is then written out.
    let name = entry.string("name").unwrap_or_else(|| name.to_owned());
    let Some(version) = entry.string("version") else {
        return pins.skip(Some(line), format!("no version: {}", shown(place)));
    };
    pin_version(
        pins,
        line,
        &name,
        &version,
        &entry.string("resolved").unwrap_or_default(),
    );
}

/// The members of `dependencies` (version 1), which nest.
fn pin_tree(pins: &mut Pins<'_>, lines: &Lines<'_>, mut waiting: Vec<(String, &RawValue, u64)>) {
    waiting.reverse();
    while let Some((name, value, depth)) = waiting.pop() {
        let entry = Members::of(value);
        let line = lines.of(value.get());
        match entry.string("version") {
            Some(version) => pin_version(
                pins,
                line,
                &name,
                &version,
                &entry.string("resolved").unwrap_or_default(),
            ),
            None => pins.skip(Some(line), format!("no version: {}", shown(&name))),
        }
        let Some(nested) = entry.value("dependencies") else {
            continue;
        };
        if NESTING.is_exceeded_by(depth + 1) {
            pins.skip(
                Some(line),
                format!("nested too deep, the rest is left out (limit {NESTING})"),
            );
            continue;
        }
        let first = waiting.len();
        waiting.extend(
            Members::of(nested)
                .into_iter()
                .map(|(name, value)| (name, value, depth + 1)),
        );
        waiting[first..].reverse();
    }
}

/// In version 1 the version of what is no plain registry package says where it comes from instead.
fn pin_version(pins: &mut Pins<'_>, line: u64, name: &str, version: &str, resolved: &str) {
    if let Some((real, version)) = version
        .strip_prefix("npm:")
        .and_then(|alias| alias.rsplit_once('@'))
    {
        return pins.pin(Some(line), real, version);
    }
    if version.starts_with("file:") || version.starts_with("link:") {
        return;
    }
    if version.contains(':') || version.contains('/') {
        return match tarball_version(name, version) {
            Some(found) => pins.pin_from(Some(line), name, found, Some(Origin::download(version))),
            None => pins.skip(
                Some(line),
                format!(
                    "not from a registry, its version is not known: {}",
                    shown(name)
                ),
            ),
        };
    }
    // A git dependency keeps the version its own package.json gives.
    let origin = resolved.starts_with("git").then(|| Origin::git(resolved));
    pins.pin_from(Some(line), name, version, origin);
}

/// The version in a registry's address `…/name/-/name-1.2.3.tgz`.
fn tarball_version<'v>(name: &str, url: &'v str) -> Option<&'v str> {
    let base = name.rsplit('/').next()?;
    let file = file_name(url.split(['?', '#']).next()?);
    let version = file
        .strip_prefix(base)?
        .strip_prefix('-')?
        .strip_suffix(".tgz")?;
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(version)
}
