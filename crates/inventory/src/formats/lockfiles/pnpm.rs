//! `pnpm-lock.yaml`, lockfileVersion 5, 6 and 9 (<https://github.com/pnpm/spec/tree/master/lockfile>). Later pnpm writes
//! two documents in one file, the first for pnpm itself; both are read.

use base::Parsed;

use super::origin::shown;
use super::pins::{Pins, Registry};
use super::text::{file_name, is_installed_module, opening};
use super::yaml_lines::{Line, flow_member, lines, unquote};
use super::yarn::name_and_range;
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of pnpm.
pub struct PnpmLock;

impl Format for PnpmLock {
    fn id(&self) -> &'static str {
        "pnpm-lock"
    }

    fn about(&self) -> &'static str {
        "pnpm-lock.yaml, the lockfile of pnpm"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "pnpm-lock.yaml" && !is_installed_module(path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path)
            || opening(input.bytes)
                .lines()
                .any(|line| line.starts_with("lockfileVersion:"))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut reader = Reader::new(Pins::new(input.path, &Registry::NPM, note));
        let mut any = false;
        for line in lines(&text) {
            any = true;
            reader.read(&line);
        }
        reader.end_entry();
        if !reader.versioned && (any || !text.trim().is_empty()) {
            reader.pins.broken(None, "no lockfileVersion");
        }
        reader.pins.finish()
    }
}

struct Reader<'a> {
    pins: Pins<'a>,
    /// Whether any document says which version it is.
    versioned: bool,
    /// Before version 6 a key is `/name/version`, since then `name@version`.
    slashes: bool,
    /// Whether the lines belong to `packages`.
    in_packages: bool,
    entry: Option<Entry>,
    /// The field of the entry whose members are on the lines below.
    field: String,
}

/// One member of `packages`.
struct Entry {
    line: u64,
    key: String,
    name: Option<String>,
    version: Option<String>,
    is_directory: bool,
}

impl<'a> Reader<'a> {
    fn new(pins: Pins<'a>) -> Self {
        Self {
            pins,
            versioned: false,
            slashes: false,
            in_packages: false,
            entry: None,
            field: String::new(),
        }
    }

    fn read(&mut self, line: &Line<'_>) {
        match line.indent {
            0 if !line.is_key => {
                self.pins.broken(
                    Some(line.number),
                    format!("not a key: {}", shown(line.value)),
                );
            }
            0 => {
                self.end_entry();
                self.in_packages = line.key == "packages";
                if line.key == "lockfileVersion" {
                    self.versioned = true;
                    let version = unquote(line.value);
                    let major = version
                        .split('.')
                        .next()
                        .and_then(|major| major.parse::<u32>().ok());
                    self.slashes = major.is_some_and(|major| major < 6);
                }
            }
            2 if self.in_packages => {
                self.end_entry();
                self.entry = Some(Entry {
                    line: line.number,
                    key: line.key.clone().into_owned(),
                    name: None,
                    version: None,
                    is_directory: false,
                });
            }
            _ => self.read_field(line),
        }
    }

    fn read_field(&mut self, line: &Line<'_>) {
        let Some(entry) = &mut self.entry else {
            return;
        };
        if line.indent == 4 {
            self.field = line.key.clone().into_owned();
            match self.field.as_str() {
                "name" => entry.name = Some(unquote(line.value).into_owned()),
                "version" => entry.version = Some(unquote(line.value).into_owned()),
                "resolution" => {
                    entry.is_directory =
                        flow_member(line.value, "type").as_deref() == Some("directory")
                }
                _ => {}
            }
        } else if self.field == "resolution" && line.key == "type" {
            entry.is_directory = unquote(line.value) == "directory";
        }
    }

    fn end_entry(&mut self) {
        self.field.clear();
        if let Some(entry) = self.entry.take() {
            pin(&mut self.pins, &entry, self.slashes);
        }
    }
}

/// A directory is the user's own code. What is not from a registry has its name and version in fields of their own.
fn pin(pins: &mut Pins<'_>, entry: &Entry, slashes: bool) {
    let line = Some(entry.line);
    if entry.is_directory {
        return;
    }
    let parts = if slashes {
        by_slash(&entry.key)
    } else {
        by_at(&entry.key)
    };
    let name = entry.name.as_deref().or(parts.map(|(name, _)| name));
    if let (Some(name), Some(version)) = (name, &entry.version) {
        return pins.pin(line, name, version);
    }
    match parts {
        Some((name, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
            pins.pin(line, name, version)
        }
        _ => pins.skip(
            line,
            format!(
                "not from a registry, its version is not known: {}",
                shown(&entry.key)
            ),
        ),
    }
}

/// `/@scope/name/1.2.3_peers`, with the registry's host before it if it is not the default one.
fn by_slash(key: &str) -> Option<(&str, &str)> {
    let (name, version) = key.rsplit_once('/')?;
    let version = version.split('_').next().unwrap_or(version);
    let name = match name.strip_prefix('/') {
        Some(name) => name,
        None => name
            .split_once('/')
            .filter(|(host, _)| host.contains('.'))
            .map_or(name, |(_, name)| name),
    };
    Some((name, version))
}

/// `/@scope/name@1.2.3(peers)`; the leading slash went with version 9.
fn by_at(key: &str) -> Option<(&str, &str)> {
    let key = key.strip_prefix('/').unwrap_or(key);
    let (name, version) = name_and_range(key)?;
    Some((name, version.split('(').next().unwrap_or(version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_name_and_version_in_every_lockfile_version() {
        let check = |found: Option<(&str, &str)>, name: &str, version: &str| {
            assert_eq!(found, Some((name, version)))
        };
        check(by_slash("/nanoid/3.3.4"), "nanoid", "3.3.4");
        check(
            by_slash("/@babel/core/7.1.0_react@17.0.0"),
            "@babel/core",
            "7.1.0",
        );
        check(
            by_slash("registry.node-modules.io/foo/1.0.0"),
            "foo",
            "1.0.0",
        );
        check(
            by_at("/@babel/core@7.1.0(react@18.2.0)(a@1)"),
            "@babel/core",
            "7.1.0",
        );
        check(by_at("minimist@1.2.0"), "minimist", "1.2.0");
        check(by_at("@a/b@1.0.0-rc.1+x"), "@a/b", "1.0.0-rc.1+x");
    }
}
