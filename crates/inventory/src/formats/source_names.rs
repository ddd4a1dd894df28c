//! Which source package a binary one is built from, for lists that do not say: advisories of Debian, Ubuntu and Alpine name
//! source packages only, so `libssl3 3.0.11-1` would be found in none of them.
//!
//! The shipped lists (`source_names/*.txt`, made by `dev/source_names.py`) hold names. A line is a source and its binaries; a
//! leading `=` stands for the source's name, and `!` marks a binary with a version number of its own, from which the source's
//! cannot be told. Names that change with a release (`libicu67`, `libicu72`) are found with other numbers, if all that differ
//! by numbers alone come from one source. What the lists do not know is said, with its number.

use std::collections::HashMap;
use std::sync::LazyLock;

use base::{Ecosystem, Note};

use super::notes::Notes;
use crate::os::leading_digits;
use crate::{Package, Source};

static DEBIAN: LazyLock<Names> =
    LazyLock::new(|| Names::read(include_str!("source_names/debian.txt")));
static ALPINE: LazyLock<Names> =
    LazyLock::new(|| Names::read(include_str!("source_names/alpine.txt")));

/// What abuild appends to the origin's name for the parts it splits off by itself.
const ALPINE_PARTS: &[&str] = &[
    "-dev",
    "-doc",
    "-libs",
    "-openrc",
    "-lang",
    "-static",
    "-dbg",
    "-pyc",
    "-bash-completion",
    "-zsh-completion",
    "-fish-completion",
];

/// What one list says.
#[derive(Default)]
struct Names {
    /// Binary to source.
    exact: HashMap<String, Known>,
    /// Names with `#` for every number; `None` where sources differ.
    shapes: HashMap<String, Option<Shape>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    source: &'static str,
    has_own_version: bool,
}

/// How the source of names that differ by numbers is called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    /// `python#.#`, or a name without numbers.
    source: String,
    /// Which of the binary's numbers is the source's first one.
    first_number: usize,
}

impl Names {
    fn read(text: &'static str) -> Self {
        let mut names = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let Some(source) = words.next().filter(|s| !s.is_empty()) else {
                continue;
            };
            for word in words {
                let (word, has_own_version) = match word.strip_suffix('!') {
                    Some(word) => (word, true),
                    None => (word, false),
                };
                let binary = match word.strip_prefix('=') {
                    Some(rest) => format!("{source}{rest}"),
                    None => word.to_owned(),
                };
                if !has_own_version {
                    names.add_shape(&binary, source);
                }
                names.exact.insert(
                    binary,
                    Known {
                        source,
                        has_own_version,
                    },
                );
            }
        }
        names
    }

    fn add_shape(&mut self, binary: &str, source: &str) {
        if !binary.bytes().any(|b| b.is_ascii_digit()) {
            return;
        }
        let shape = Shape::of(binary, source);
        self.shapes
            .entry(shaped(binary))
            .and_modify(|known| {
                if *known != shape {
                    *known = None;
                }
            })
            .or_insert(shape);
    }

    fn by_shape(&self, binary: &str) -> Option<String> {
        self.shapes
            .get(&shaped(binary))?
            .as_ref()?
            .source_of(binary)
    }
}

impl Shape {
    /// `None` if the source has numbers that the binary has not: those of another release cannot be told.
    fn of(binary: &str, source: &str) -> Option<Self> {
        let (theirs, its) = (numbers(binary), numbers(source));
        let first_number = match its.is_empty() {
            true => 0,
            false => theirs.windows(its.len()).position(|w| w == its)?,
        };
        Some(Self {
            source: shaped(source),
            first_number,
        })
    }

    fn source_of(&self, binary: &str) -> Option<String> {
        let mut theirs = numbers(binary).into_iter().skip(self.first_number);
        let mut source = String::with_capacity(self.source.len() + 8);
        for c in self.source.chars() {
            match c {
                '#' => source.push_str(theirs.next()?),
                c => source.push(c),
            }
        }
        Some(source)
    }
}

/// The runs of digits.
fn numbers(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .collect()
}

/// The name with `#` for every run of digits.
fn shaped(name: &str) -> String {
    let mut shape = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            c if !c.is_ascii_digit() => shape.push(c),
            _ if shape.ends_with('#') => {}
            _ => shape.push('#'),
        }
    }
    shape
}

/// What is known of a binary package's source.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// Its name; the version is the binary's.
    Source(String),
    /// There is a source, but its version is not the binary's.
    OtherVersion,
    Unknown,
}

fn debian(binary: &str) -> Answer {
    // The 64-bit time transition renamed libraries without changing their sources (Debian 13, Ubuntu 24.04).
    let plain = binary.strip_suffix("t64").unwrap_or(binary);
    for name in [binary, plain] {
        if let Some(known) = DEBIAN.exact.get(name) {
            return if known.has_own_version {
                Answer::OtherVersion
            } else {
                Answer::Source(known.source.to_owned())
            };
        }
    }
    kernel(binary)
        .or_else(|| DEBIAN.by_shape(plain))
        .map_or(Answer::Unknown, Answer::Source)
}

/// The kernel's packages are named anew with every build: `linux-image-6.1.0-18-amd64`. A flavour for a cloud has a source of
/// its own in Ubuntu, so only the general ones are told.
fn kernel(binary: &str) -> Option<String> {
    const PARTS: &[&str] = &[
        "image-",
        "headers-",
        "modules-",
        "modules-extra-",
        "image-unsigned-",
    ];
    const FLAVOURS: &[&str] = &["amd64", "arm64", "686-pae", "generic", "common"];
    let rest = binary.strip_prefix("linux-")?;
    let is_numbered = |part: &str| {
        rest.strip_prefix(part)
            .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
    };
    let is_general = FLAVOURS.iter().any(|f| rest.ends_with(f)) && !rest.contains("cloud");
    (PARTS.iter().any(|part| is_numbered(part)) && is_general).then(|| "linux".to_owned())
}

fn alpine(binary: &str) -> Answer {
    let known = |name: &str| ALPINE.exact.get(name).map(|k| k.source.to_owned());
    let part_of = || ALPINE_PARTS.iter().find_map(|end| binary.strip_suffix(end));
    known(binary)
        .or_else(|| part_of().map(|origin| known(origin).unwrap_or_else(|| origin.to_owned())))
        .map_or(Answer::Unknown, Answer::Source)
}

/// Gives the packages of dpkg and apk that say no source the one the lists know, and notes how many those are, and of how many
/// the source stays unknown.
pub(crate) fn fill<'p>(packages: impl Iterator<Item = &'p mut Package>, notes: &mut Notes) {
    let mut told = 0_usize;
    let mut other_version = Named::default();
    let mut unknown = Named::default();
    for package in packages.filter(|p| p.source.is_none()) {
        let look_up = match package.ecosystem.as_ref().map(Ecosystem::name) {
            Some("deb" | "Debian" | "Ubuntu") => debian,
            Some("apk" | "Alpine") => alpine,
            _ => continue,
        };
        match look_up(&package.name) {
            Answer::Source(name) => {
                told += 1;
                let version = package.version.as_deref().map(without_rebuild);
                package.source = Some(Source {
                    name: renumbered(name, &package.name, version),
                    version: version.map(str::to_owned),
                });
            }
            Answer::OtherVersion => other_version.add(&package.name),
            Answer::Unknown => unknown.add(&package.name),
        }
    }
    if told > 0 {
        notes.push(Note::info(format!(
            "source packages told by the list of names shipped with daywatch, since the file does not say: {told}"
        )));
    }
    unknown.tell(
        notes,
        "source package not known, so looked up by the package's own name only",
    );
    other_version.tell(
        notes,
        "the version of the source package is not known, so looked up by the package's own name only",
    );
}

/// Packages of which something is not known: how many, and the first names.
#[derive(Default)]
struct Named {
    count: usize,
    first: Vec<String>,
}

impl Named {
    fn add(&mut self, name: &str) {
        const SHOWN: usize = 8;
        self.count += 1;
        if self.first.len() < SHOWN && !self.first.iter().any(|n| n == name) {
            self.first.push(name.to_owned());
        }
    }

    fn tell(&self, notes: &mut Notes, what: &str) {
        if self.count == 0 {
            return;
        }
        let more = if self.count > self.first.len() {
            ", …"
        } else {
            ""
        };
        let shown = super::text::excerpt_of(&self.first.join(", "), 200);
        notes.push(Note::warning(format!(
            "{what}: {} ({shown}{more})",
            self.count
        )));
    }
}

/// Sources that are named for their major version while some of their binaries are not. Others end in a number that means
/// something else (`policykit-1`, `libtasn1-6`).
const NAMED_FOR_THEIR_MAJOR: &[&str] = &["gcc", "postgresql", "llvm-toolchain", "openjdk"];

/// `gcc-12` of `libstdc++6 6.3.0-18` is `gcc-6`: such a source has another name in another release.
fn renumbered(source: String, binary: &str, version: Option<&str>) -> String {
    let Some((stem, number)) = source.rsplit_once('-') else {
        return source;
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if !is_number || !NAMED_FOR_THEIR_MAJOR.contains(&stem) || numbers(binary).contains(&number) {
        return source;
    }
    let upstream = version.map(|v| v.split_once(':').map_or(v, |(_, rest)| rest));
    match upstream.and_then(leading_digits) {
        Some(major) => format!("{stem}-{major}"),
        None => source,
    }
}

/// A rebuild of the same source is numbered `+b1` in the binary's version only (Debian Policy 5.6.12).
fn without_rebuild(version: &str) -> &str {
    match version.rsplit_once("+b") {
        Some((source, build)) if !build.is_empty() && build.bytes().all(|b| b.is_ascii_digit()) => {
            source
        }
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(look_up: fn(&str) -> Answer, lines: &[(&str, &str)]) {
        for (binary, expected) in lines {
            let got = match look_up(binary) {
                Answer::Source(name) => name,
                Answer::OtherVersion => "!".to_owned(),
                Answer::Unknown => "?".to_owned(),
            };
            assert_eq!(got, *expected, "{binary}");
        }
    }

    #[test]
    fn debian_names_are_known_also_with_the_numbers_of_another_release() {
        check(
            debian,
            &[
                ("libssl3", "openssl"),
                ("libssl3t64", "openssl"),
                ("bash", "bash"),
                ("libicu67", "icu"),
                ("libicu74", "icu"),
                ("python3.9-minimal", "python3.9"),
                ("libpython3.12-stdlib", "python3.12"),
                ("gcc-10-base", "gcc-10"),
                ("linux-image-6.1.0-18-amd64", "linux"),
                ("linux-image-5.15.0-91-generic", "linux"),
                ("linux-image-6.5.0-1014-aws", "?"),
                ("libdevmapper1.02.1", "!"),
                ("an-own-package", "?"),
            ],
        );
    }

    #[test]
    fn alpine_names_are_known_or_told_by_what_abuild_appends() {
        check(
            alpine,
            &[
                ("libcrypto3", "openssl"),
                ("busybox-binsh", "busybox"),
                ("curl-dev", "curl"),
                ("nginx-openrc", "nginx"),
                ("nginx", "nginx"),
                ("nginx-mod-x", "?"),
            ],
        );
    }

    /// The pairs are those of Debian 9 and 12.
    #[test]
    fn a_source_named_for_its_major_version_follows_the_version() {
        let check = |source: &str, binary: &str, version: &str, expected: &str| {
            assert_eq!(
                renumbered(source.to_owned(), binary, Some(version)),
                expected
            );
        };
        check("gcc-12", "libstdc++6", "6.3.0-18+deb9u1", "gcc-6");
        check("gcc-12", "libstdc++6", "12.2.0-14", "gcc-12");
        check(
            "postgresql-15",
            "libpq5",
            "14.2-1.pgdg90+1",
            "postgresql-14",
        );
        check("gcc-12", "gcc-12-base", "13.1-1", "gcc-12");
        check("policykit-1", "pkexec", "122-3", "policykit-1");
        check("python3.11", "libpython3.11", "3.11.2-6", "python3.11");
    }

    #[test]
    fn a_rebuild_has_the_version_of_its_source() {
        let check = |version: &str, source: &str| assert_eq!(without_rebuild(version), source);
        check("1.0-1+b2", "1.0-1");
        check("1.0-1", "1.0-1");
        check("1.0+beta", "1.0+beta");
        check("5.1+b", "5.1+b");
    }
}
