//! `yarn.lock` of Yarn 1 (<https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>): like YAML, but with a blank between key
//! and value.

use base::Parsed;

use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::text::{file_name, is_installed_module, opening};
use super::yaml_lines::unquote;
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of Yarn 1.
pub struct YarnLock;

impl Format for YarnLock {
    fn id(&self) -> &'static str {
        "yarn-lock"
    }

    fn about(&self) -> &'static str {
        "yarn.lock of Yarn 1 (classic)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "yarn.lock" && !is_installed_module(path)
    }

    /// Asked after [`super::YarnBerryLock`], which has the same file name and a tell-tale.
    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path) || opening(input.bytes).contains("# yarn lockfile v1")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::NPM, note);
        let mut entry = None;
        for (number, line) in numbered_lines(&text) {
            read_line(&mut pins, &mut entry, number, line);
        }
        entry.into_iter().for_each(|entry| pin(&mut pins, &entry));
        pins.finish()
    }
}

/// An entry: the line of ranges it satisfies, then its fields.
struct Entry<'a> {
    line: u64,
    ranges: &'a str,
    /// The package's own name, written when the ranges tell another or none.
    name: Option<&'a str>,
    version: Option<&'a str>,
    resolved: Option<&'a str>,
}

fn read_line<'a>(pins: &mut Pins<'_>, entry: &mut Option<Entry<'a>>, number: u64, line: &'a str) {
    let content = line.trim();
    let indent = line.len() - line.trim_start().len();
    if content.is_empty() || content.starts_with('#') {
        return;
    }
    match (indent, entry.as_mut()) {
        (0, _) => {
            entry.take().into_iter().for_each(|entry| pin(pins, &entry));
            match content.strip_suffix(':') {
                Some(ranges) => {
                    let (name, version, resolved) = (None, None, None);
                    *entry = Some(Entry {
                        line: number,
                        ranges,
                        name,
                        version,
                        resolved,
                    });
                }
                None => pins.broken(
                    Some(number),
                    format!("not an entry of a lockfile: {}", shown(content)),
                ),
            }
        }
        (2, Some(entry)) => {
            if let Some(value) = field(content, "version") {
                entry.version = Some(value);
            } else if let Some(value) = field(content, "name") {
                entry.name = Some(value);
            } else if let Some(value) = field(content, "resolved") {
                entry.resolved = Some(value);
            }
        }
        _ => {}
    }
}

/// The value of a field, if the line is that field: `version "1.2.3"`, also with a colon.
fn field<'a>(content: &'a str, name: &str) -> Option<&'a str> {
    let rest = content.strip_prefix(name)?;
    let value = rest.strip_prefix(':').unwrap_or(rest);
    value
        .starts_with(' ')
        .then(|| value.trim().trim_matches('"'))
}

/// Several ranges may be met by one entry, and may name it by different aliases.
fn pin(pins: &mut Pins<'_>, entry: &Entry<'_>) {
    let line = Some(entry.line);
    let Some(version) = entry.version else {
        return pins.skip(line, format!("no version: {}", shown(entry.ranges)));
    };
    for descriptor in entry.ranges.split(", ") {
        let descriptor = unquote(descriptor);
        let found = name_and_range(&descriptor).or(entry.name.map(|name| (name, &*descriptor)));
        let Some((name, range)) = found else {
            pins.skip(
                line,
                format!("not a package and its range: {}", shown(&descriptor)),
            );
            continue;
        };
        if is_local(range) {
            continue;
        }
        let aliased = range
            .strip_prefix("npm:")
            .and_then(|alias| Some(name_and_range(alias)?.0));
        let name = entry.name.or(aliased).unwrap_or(name);
        let git = entry.resolved.filter(|url| url.starts_with("git"));
        pins.pin_from(line, name, version, git.map(Origin::git));
    }
}

/// `@scope/name@range`: the name may begin with the character that ends it. An address with a user has one too, but no
/// name has a colon.
pub(super) fn name_and_range(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.get(1..)?.find('@')? + 1;
    let (name, range) = (&descriptor[..at], &descriptor[at + 1..]);
    (!name.contains(':')).then_some((name, range))
}

/// The user's own code, by path.
fn is_local(range: &str) -> bool {
    ["file:", "link:", "portal:", "workspace:", "./", "../", "/"]
        .iter()
        .any(|local| range.starts_with(local))
}
