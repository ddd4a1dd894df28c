//! Installed packages of Alpine and its kin as `apk list -I` and `apk info -v` print them
//! (<https://man.archlinux.org/man/apk-list.8>). The first one gives the origin in braces, the second does not.

use base::Parsed;

use super::{Listed, filled_lines, is_named, nearly_all};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing, Location, Package, PackageManager, Source};

/// Lists of apk.
pub struct ApkList;

const NAMES: &[&str] = &["apk", "apk-list", "apk-list-i", "apk-info", "apk-info-v"];

impl Format for ApkList {
    fn id(&self) -> &'static str {
        "apk-list"
    }

    fn about(&self) -> &'static str {
        "installed packages of Alpine and its kin as printed by apk list -I or apk info -v"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_named(path, NAMES)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        nearly_all(input.bytes, |line| read(line).is_some() || is_remark(line))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut listed = Listed::new(note);
        let lines = filled_lines(&text, &mut listed);
        // `apk list` without -I also lists what could be installed, and says which is.
        let says_installed = lines.iter().any(|(_, line)| line.contains("[installed]"));
        for (number, line) in lines {
            match read(line) {
                Some(_) if says_installed && !is_installed(line) => {}
                Some(found) => listed.take(package(&found, input.path, number)),
                None if is_remark(line) => {}
                None => listed.not_understood(number, line),
            }
        }
        listed.finish()
    }
}

/// A line of what could be installed names what is installed behind `[upgradable from: `.
fn is_installed(line: &str) -> bool {
    line.contains("[installed]") || line.contains(UPGRADABLE)
}

const UPGRADABLE: &str = "[upgradable from: ";

fn is_remark(line: &str) -> bool {
    line.starts_with("WARNING: ") || line.starts_with("fetch ")
}

struct ApkLine<'t> {
    name: &'t str,
    version: &'t str,
    arch: Option<&'t str>,
    origin: Option<&'t str>,
}

/// `musl-1.2.5-r0 x86_64 {musl} (MIT) [installed]`, or its first word, or that and a description behind a dash.
fn read(line: &str) -> Option<ApkLine<'_>> {
    let mut words = line.split_whitespace();
    let first = name_and_version(words.next()?)?;
    let installed = line
        .split_once(UPGRADABLE)
        .map(|(_, rest)| rest.trim_end_matches(']'));
    let (name, version) = installed.and_then(name_and_version).unwrap_or(first);
    let second = words.next().filter(|w| *w != "-");
    let origin = words
        .next()
        .and_then(|w| w.strip_prefix('{')?.strip_suffix('}'))
        .filter(|o| !o.is_empty());
    Some(ApkLine {
        name,
        version,
        arch: second.filter(|_| origin.is_some()),
        origin,
    })
}

/// `-r` and the number of the build end every version.
fn name_and_version(word: &str) -> Option<(&str, &str)> {
    let (rest, build) = word.rsplit_once("-r")?;
    let (name, version) = rest.rsplit_once('-')?;
    let is_build = !build.is_empty() && build.bytes().all(|b| b.is_ascii_digit());
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    (is_build && is_version && !name.is_empty()).then(|| (name, &word[name.len() + 1..]))
}

fn package(line: &ApkLine<'_>, path: &str, number: u64) -> Package {
    let version = Some(line.version.to_owned());
    Package {
        ecosystem: Some(PackageManager::Apk.ecosystem()),
        source: line.origin.map(|origin| Source {
            name: origin.to_owned(),
            version: version.clone(),
        }),
        arch: line.arch.map(str::to_owned),
        ..Package::new(line.name, version, Location::line(path, number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_begins_before_the_build() {
        let check = |word: &str, expected: Option<(&str, &str)>| {
            assert_eq!(name_and_version(word), expected, "{word}")
        };
        check("musl-1.2.5-r0", Some(("musl", "1.2.5-r0")));
        check(
            "alpine-baselayout-data-3.6.5-r0",
            Some(("alpine-baselayout-data", "3.6.5-r0")),
        );
        check(
            "py3-x-1.0_git20240101-r12",
            Some(("py3-x", "1.0_git20240101-r12")),
        );
        check("musl-1.2.5", None);
        check("musl-r0", None);
        check("-1-r0", None);
    }
}
