//! Installed packages of Debian and Ubuntu as `dpkg-query -W`, `dpkg -l` and `apt list --installed` print them
//! (<https://manpages.debian.org/dpkg-query>). None of them says the source package unless it is asked to.

use base::{Note, Parsed};

use super::deb_columns::{self, DebLine, State};
use super::deb_table::{Layout, TableLine, is_table};
use super::{Listed, columns, filled_lines, is_named, nearly_all};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing, Location, Package, PackageManager, Source};

/// Lists of dpkg and apt.
pub struct DpkgList;

/// What files with such a list are called.
const NAMES: &[&str] = &[
    "dpkg",
    "dpkg-l",
    "dpkg-list",
    "dpkg-query",
    "dpkg-query-w",
    "installed-debs",
    "apt-list",
    "apt-list-installed",
];

impl Format for DpkgList {
    fn id(&self) -> &'static str {
        "dpkg-list"
    }

    fn about(&self) -> &'static str {
        "installed packages of Debian and Ubuntu as printed by dpkg-query -W (any columns), dpkg -l or apt list --installed"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_named(path, NAMES)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = crate::formats::text::sample(input.bytes);
        if head.trim_start().starts_with(['{', '[']) {
            return false;
        }
        let is_package = |line: &str| deb_columns::read(&split(line)).is_some() || is_remark(line);
        is_table(&head)
            || (nearly_all(input.bytes, is_package)
                && (self.wants(input.path) || is_debian(input.bytes)))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let mut listed = Listed::new(note);
        let lines = filled_lines(&text, &mut listed);
        let mut reader = Reader {
            path: input.path,
            ..Reader::default()
        };
        if is_table(crate::formats::text::head(&text)) {
            reader.read_table(&lines, &mut listed);
        } else {
            reader.read_columns(&lines, &mut listed);
        }
        reader.tell(&mut listed);
        listed.finish()
    }
}

/// The columns; apt writes the archives a package comes from behind its name, with commas.
fn split(line: &str) -> Vec<&str> {
    match line.split_once('/') {
        Some((name, rest)) if deb_columns::is_name(name) && rest.contains(' ') => {
            let columns = rest.split_whitespace().skip(1);
            std::iter::once(name).chain(columns).collect()
        }
        _ => columns(line),
    }
}

/// What the tools print besides.
fn is_remark(line: &str) -> bool {
    line.starts_with("Listing...")
        || line.starts_with("WARNING: apt does not have a stable CLI")
        || line.starts_with("dpkg-query: ")
        || line.starts_with("N: ")
}

/// Signs that a list of names and versions is Debian's: its architectures, its tabs, its own tools.
fn is_debian(bytes: &[u8]) -> bool {
    let text = decode(&bytes[..bytes.len().min(1 << 20)]).0;
    let own = ["dpkg", "apt", "base-files", "libc6", "debconf"];
    text.lines().take(20_000).any(|line| {
        deb_columns::read(&split(line)).is_some_and(|l| {
            l.arch.is_some_and(|arch| arch != "any")
                || (l.version.is_some() && own.contains(&l.name))
        })
    })
}

#[derive(Default)]
struct Reader<'t> {
    path: &'t str,
    any_state: bool,
    may_be_cut: usize,
}

impl Reader<'_> {
    fn read_table(&mut self, lines: &[(u64, &str)], listed: &mut Listed) {
        let mut layout = Layout::default();
        self.any_state = true;
        for (number, text) in lines {
            match layout.read(text) {
                TableLine::Package { line, may_be_cut } => {
                    let is_present = line.state == Some(State::Present);
                    self.may_be_cut += usize::from(may_be_cut && is_present);
                    self.take(*number, &line, listed);
                }
                TableLine::Heading => {}
                TableLine::NotUnderstood => listed.not_understood(*number, text),
            }
        }
    }

    fn read_columns(&mut self, lines: &[(u64, &str)], listed: &mut Listed) {
        let read: Vec<_> = lines
            .iter()
            .map(|(number, text)| (*number, *text, deb_columns::read(&split(text))))
            .collect();
        // `${Source}` is empty where it is the package's own name; a list that gives it for some says it of all.
        let gives_source = read
            .iter()
            .any(|(.., line)| line.is_some_and(|l| l.source.is_some()));
        for (number, text, line) in read {
            match line {
                Some(mut line) => {
                    if gives_source {
                        line.source = line.source.or(Some(line.name));
                    }
                    self.any_state |= line.state.is_some();
                    self.take(number, &line, listed);
                }
                // A package that is only known, not installed, has no version.
                None if is_remark(text) || deb_columns::is_name(text.trim_end_matches('\t')) => {}
                None => listed.not_understood(number, text),
            }
        }
    }

    fn take(&self, number: u64, line: &DebLine<'_>, listed: &mut Listed) {
        if line.state == Some(State::Absent) {
            return;
        }
        let version = line.version.map(str::to_owned);
        let source = line.source.map(|name| Source {
            name: name.to_owned(),
            version: line.source_version.or(line.version).map(str::to_owned),
        });
        listed.take(Package {
            ecosystem: Some(PackageManager::Deb.ecosystem()),
            source,
            arch: line.arch.map(str::to_owned),
            ..Package::new(line.name, version, Location::line(self.path, number))
        });
    }

    fn tell(&self, listed: &mut Listed) {
        if !self.any_state && !listed.packages.is_empty() {
            listed.notes.push(Note::info(
                "the list does not say which packages are removed but for their configuration; all count as installed",
            ));
        }
        if self.may_be_cut > 0 {
            let what = format!(
                "names or versions that fill their column and may be cut off: {}",
                self.may_be_cut
            );
            listed.notes.push(Note::warning(what));
        }
    }
}
