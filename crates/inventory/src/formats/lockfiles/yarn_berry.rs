//! `yarn.lock` of Yarn 2 and later, "Berry" (<https://yarnpkg.com/features/caching#lockfile>, written by
//! `@yarnpkg/core`'s `Project.generateLockfile`): YAML with a `__metadata` entry.

use base::Parsed;

use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::text::{file_name, is_installed_module, opening};
use super::yaml_lines::{Line, lines, unquote};
use super::yarn::name_and_range;
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Yarn 2 and later.
pub struct YarnBerryLock;

impl Format for YarnBerryLock {
    fn id(&self) -> &'static str {
        "yarn-berry-lock"
    }

    fn about(&self) -> &'static str {
        "yarn.lock of Yarn 2 and later (berry)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "yarn.lock" && !is_installed_module(path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        opening(input.bytes)
            .lines()
            .any(|line| line.trim_end() == "__metadata:")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::NPM, note);
        let mut entry: Option<Entry> = None;
        for line in lines(&text) {
            match (line.indent, entry.as_mut()) {
                (0, _) if !line.is_key => pins.broken(
                    Some(line.number),
                    format!("not an entry: {}", shown(line.value)),
                ),
                (0, _) => {
                    entry
                        .take()
                        .into_iter()
                        .for_each(|entry| pin(&mut pins, &entry));
                    entry = (line.key != "__metadata").then(|| Entry::new(&line));
                }
                (2, Some(entry)) => entry.read(&line),
                _ => {}
            }
        }
        entry.into_iter().for_each(|entry| pin(&mut pins, &entry));
        pins.finish()
    }
}

/// An entry; what it resolved to names the package, whatever aliases and ranges led there.
struct Entry {
    line: u64,
    key: String,
    version: String,
    resolution: String,
}

impl Entry {
    fn new(line: &Line<'_>) -> Self {
        Self {
            line: line.number,
            key: line.key.clone().into_owned(),
            version: String::new(),
            resolution: String::new(),
        }
    }

    fn read(&mut self, line: &Line<'_>) {
        match &*line.key {
            "version" => self.version = unquote(line.value).into_owned(),
            "resolution" => self.resolution = unquote(line.value).into_owned(),
            _ => {}
        }
    }
}

fn pin(pins: &mut Pins<'_>, entry: &Entry) {
    let line = Some(entry.line);
    let resolved = match entry.resolution.as_str() {
        "" => entry.key.split(", ").next().unwrap_or_default(),
        resolution => resolution,
    };
    let Some((name, reference)) = name_and_range(resolved) else {
        return pins.skip(
            line,
            format!("not a package and where it is from: {}", shown(resolved)),
        );
    };
    match reference.split_once(':').map(|(protocol, _)| protocol) {
        Some("workspace" | "link" | "portal" | "file" | "exec") => {}
        // A patch is laid over a release; the release itself has an entry of its own too.
        Some("npm" | "patch") | None => pins.pin(line, name, &entry.version),
        Some(_) => pins.pin_from(line, name, &entry.version, Some(origin(reference))),
    }
}

fn origin(reference: &str) -> Origin {
    let is_git = reference.starts_with("git")
        || reference.contains(".git#")
        || reference.contains("#commit=");
    if is_git {
        Origin::git(reference)
    } else {
        Origin::download(reference)
    }
}
