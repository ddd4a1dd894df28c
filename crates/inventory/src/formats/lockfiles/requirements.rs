//! `requirements.txt` (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>): only what is pinned with
//! `==` or `===` says which version is installed; the rest is noted.

use base::Parsed;

use super::origin::{Origin, shown};
use super::pins::{Pins, Registry};
use super::python::{name_and_version, normalized};
use super::text::opening;
use crate::formats::text::{decode, numbered_lines};
use crate::{Format, HostKind, Input, Listing};

/// The pinned requirements of pip.
pub struct Requirements;

impl Format for Requirements {
    fn id(&self) -> &'static str {
        "requirements"
    }

    fn about(&self) -> &'static str {
        "requirements*.txt of Python's pip; only pinned versions are listed"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        let mut parts = path.rsplit('/');
        let Some(stem) = parts.next().and_then(|file| file.strip_suffix(".txt")) else {
            return false;
        };
        stem.contains("requirements")
            || stem == "constraints"
            || parts.next() == Some("requirements")
    }

    /// Under another name, every line must be one that pip takes, and one must pin: a list of words is not enough.
    fn recognise(&self, input: &Input<'_>) -> bool {
        if self.wants(input.path) {
            return true;
        }
        let text = opening(input.bytes);
        let mut pinned = false;
        // The last line of the opening may be cut off.
        for line in text
            .lines()
            .map(without_comment)
            .filter(|line| !line.is_empty())
        {
            match read(line) {
                Requirement::Pinned { .. } => pinned = true,
                Requirement::Option | Requirement::Ranged => {}
                Requirement::Include | Requirement::Elsewhere(_) | Requirement::Unclear => {
                    return false;
                }
            }
        }
        pinned
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut pins = Pins::new(input.path, &Registry::PYPI, note);
        for (number, line) in logical_lines(&text) {
            if !line.is_empty() {
                pin(&mut pins, number, &line);
            }
        }
        pins.finish()
    }
}

/// Lines joined where one ends in `\`, without comments, each with the number of its first.
fn logical_lines(text: &str) -> impl Iterator<Item = (u64, String)> {
    let mut lines = numbered_lines(text);
    std::iter::from_fn(move || {
        let (number, mut line) = lines.next()?;
        let mut joined = String::new();
        // A comment ends with its line, also after a backslash.
        while let Some(more) = line
            .strip_suffix('\\')
            .filter(|_| without_comment(line) == line.trim())
        {
            joined.push_str(more);
            match lines.next() {
                Some((_, next)) => line = next,
                None => return Some((number, joined)),
            }
        }
        joined.push_str(without_comment(line));
        Some((number, joined.trim().to_owned()))
    })
}

/// A comment begins at the start of a line or behind a blank, so that `#egg=` in an address is none.
fn without_comment(line: &str) -> &str {
    let starts = |at: usize| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    let end = line
        .match_indices('#')
        .find(|(at, _)| starts(*at))
        .map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}

/// What a line of the file asks for.
enum Requirement<'a> {
    Pinned {
        name: &'a str,
        version: &'a str,
    },
    /// From an address or a path.
    Elsewhere(&'a str),
    Ranged,
    /// `-r` or `-c`: another file.
    Include,
    /// Any other option: `--index-url`, `--hash`.
    Option,
    Unclear,
}

fn pin(pins: &mut Pins<'_>, line: u64, text: &str) {
    let number = Some(line);
    match read(text) {
        Requirement::Pinned { name, version } => pins.pin(number, &normalized(name), version),
        Requirement::Elsewhere(address) => match name_and_version(address) {
            Some((name, version)) => pins.pin_from(
                number,
                &normalized(name),
                version,
                is_remote(address)
                    .then(|| Origin::download(address.split('#').next().unwrap_or(address))),
            ),
            None => pins.skip(
                number,
                format!("from an address, its version is not known: {}", shown(text)),
            ),
        },
        Requirement::Ranged => pins.skip(number, format!("not pinned: {}", shown(text))),
        Requirement::Include => pins.inform(
            number,
            format!("another file is included and not followed: {}", shown(text)),
        ),
        Requirement::Option => {}
        Requirement::Unclear => pins.broken(number, format!("not a requirement: {}", shown(text))),
    }
}

fn read(line: &str) -> Requirement<'_> {
    if line.starts_with('-') {
        return read_option(line);
    }
    // Options of one requirement, such as hashes, come last.
    let line = line.find(" --").map_or(line, |at| &line[..at]).trim_end();
    let name_len = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(name_len);
    let rest = rest.trim_start();
    if rest.starts_with([':', '/', '+']) || name.starts_with('.') || is_archive(line) {
        return Requirement::Elsewhere(line);
    }
    if name.is_empty() {
        return Requirement::Unclear;
    }
    let rest = match rest.strip_prefix('[').map(|extras| extras.split_once(']')) {
        Some(Some((_, rest))) => rest.trim_start(),
        Some(None) => return Requirement::Unclear,
        None => rest,
    };
    if let Some(address) = rest.strip_prefix('@') {
        return Requirement::Elsewhere(address.split(" ;").next().unwrap_or(address).trim());
    }
    let specifiers = rest.split(';').next().unwrap_or(rest).trim();
    let specifiers = specifiers
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(specifiers);
    read_specifiers(name, specifiers)
}

/// One exact clause decides, whatever the others exclude.
fn read_specifiers<'a>(name: &'a str, specifiers: &'a str) -> Requirement<'a> {
    let exact = |clause: &'a str| {
        let version = clause.trim().strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        // `==2.8.*` is a range, and what follows a blank is not part of the version.
        let version = version.split_whitespace().next()?;
        (!version.ends_with('*') && is_version(version)).then_some(version)
    };
    let is_clause = |clause: &str| {
        clause.trim().is_empty() || clause.trim().starts_with(['=', '<', '>', '!', '~'])
    };
    match specifiers.split(',').find_map(exact) {
        Some(version) => Requirement::Pinned { name, version },
        None if specifiers.split(',').all(is_clause) => Requirement::Ranged,
        None => Requirement::Unclear,
    }
}

/// A variable such as `${VERSION}` is none.
fn is_version(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '!'))
}

fn read_option(line: &str) -> Requirement<'_> {
    let (option, value) = line.split_once([' ', '=']).unwrap_or((line, ""));
    match option {
        "-r" | "--requirement" | "--requirements" | "-c" | "--constraint" => Requirement::Include,
        "-e" | "--editable" => Requirement::Elsewhere(value.trim()),
        // `-rother.txt` is the same as `-r other.txt`.
        _ if option.starts_with("-r") || option.starts_with("-c") => Requirement::Include,
        _ => Requirement::Option,
    }
}

fn is_archive(line: &str) -> bool {
    let path = line.split([' ', ';', '#']).next().unwrap_or(line);
    [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz"]
        .iter()
        .any(|end| path.ends_with(end))
        && !path.contains("==")
}

fn is_remote(address: &str) -> bool {
    address.contains("://")
}
