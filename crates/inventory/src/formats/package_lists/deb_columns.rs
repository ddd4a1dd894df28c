//! One line of `dpkg-query -W` in whatever columns it was asked for
//! (<https://manpages.debian.org/dpkg-query#Query_formats>), and of `apt list`. The name comes first; every other column is
//! told by what it looks like.

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DebLine<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
    pub(super) arch: Option<&'t str>,
    pub(super) source: Option<&'t str>,
    pub(super) source_version: Option<&'t str>,
    /// `installed`, `config-files`, ….
    pub(super) state: Option<State>,
}

/// Whether the package is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Present,
    Absent,
}

/// Debian's architectures, and the two words that stand for one.
const ARCHITECTURES: &[&str] = &[
    "all",
    "any",
    "amd64",
    "arm64",
    "armel",
    "armhf",
    "hppa",
    "hurd-i386",
    "i386",
    "ia64",
    "kfreebsd-amd64",
    "kfreebsd-i386",
    "loong64",
    "m68k",
    "mips",
    "mips64el",
    "mipsel",
    "powerpc",
    "ppc64",
    "ppc64el",
    "riscv64",
    "s390",
    "s390x",
    "sh4",
    "sparc",
    "sparc64",
    "x32",
];

pub(super) fn is_architecture(word: &str) -> bool {
    ARCHITECTURES.contains(&word)
}

/// Debian Policy 5.6.7, with capitals for the odd vendor.
pub(super) fn is_name(word: &str) -> bool {
    word.len() >= 2
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
}

/// Debian Policy 5.6.12: begins with a digit, perhaps after an epoch.
pub(super) fn is_version(word: &str) -> bool {
    let upstream = word.split_once(':').map_or(word, |(epoch, rest)| {
        if epoch.bytes().all(|b| b.is_ascii_digit()) {
            rest
        } else {
            ""
        }
    });
    upstream.starts_with(|c: char| c.is_ascii_digit())
        && upstream
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+-~:_".contains(&b))
}

/// The words of `${db:Status-Status}` (dpkg(1), "Package states").
pub(super) fn state(word: &str) -> Option<State> {
    match word {
        "installed" | "unpacked" | "half-installed" | "half-configured" | "triggers-awaited"
        | "triggers-pending" => Some(State::Present),
        "not-installed" | "config-files" => Some(State::Absent),
        _ => None,
    }
}

/// `${db:Status-Abbrev}`, the first column of `dpkg -l`: what is wanted, what is, and `R` for an error.
pub(super) fn abbreviated_state(word: &str) -> Option<State> {
    let mut letters = word.bytes();
    let wanted = letters.next().filter(|b| b"uihrp".contains(b));
    let is = letters.next();
    let error = letters.next();
    if wanted.is_none() || error.is_some_and(|b| b != b'R') || letters.next().is_some() {
        return None;
    }
    match is? {
        b'n' | b'c' => Some(State::Absent),
        b'i' | b'H' | b'U' | b'F' | b'W' | b't' => Some(State::Present),
        _ => None,
    }
}

/// The line's columns as they were read; `None` if they do not begin with a name and a version.
pub(super) fn read<'t>(columns: &[&'t str]) -> Option<DebLine<'t>> {
    let mut line = DebLine::default();
    let mut rest = columns;
    if let [first, second, third, ..] = columns
        && is_version(third)
        && is_name(without_arch(second).0)
        && let Some(found) = abbreviated_state(first)
    {
        line.state = Some(found);
        rest = &columns[1..];
    }
    let (first, rest) = rest.split_first()?;
    (line.name, line.arch) = without_arch(first);
    if !is_name(line.name) {
        return None;
    }
    for column in rest.iter().flat_map(|column| column.split(' ')) {
        line.take(column);
    }
    (line.version.is_some() || line.state == Some(State::Absent)).then_some(line)
}

/// `libc6:amd64` of dpkg, `libc6/stable,now` of apt.
fn without_arch(word: &str) -> (&str, Option<&str>) {
    let word = word.split('/').next().unwrap_or(word);
    match word.split_once(':') {
        Some((name, arch)) if is_architecture(arch) => (name, Some(arch)),
        _ => (word, None),
    }
}

impl<'t> DebLine<'t> {
    fn take(&mut self, column: &'t str) {
        let bare = column.trim_matches(['(', ')']);
        if self.version.is_none() && is_version(column) {
            self.version = Some(column);
        } else if is_architecture(column) {
            self.arch = self.arch.or(Some(column));
        } else if let Some(found) = state(column) {
            self.state = Some(found);
        } else if column.starts_with('[')
            || matches!(
                column,
                "install" | "hold" | "deinstall" | "purge" | "ok" | "reinstreq"
            )
        {
            // `[installed,automatic]` of apt; what is wanted, and the error flag, of `${Status}`.
        } else if self.source.is_some() && self.source_version.is_none() && is_version(bare) {
            self.source_version = Some(bare);
        } else if self.version.is_some() && self.source.is_none() && is_name(column) {
            self.source = Some(column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name version arch source source-version state`.
    fn check(line: &str, expected: &str) {
        let found = read(&super::super::columns(line)).map_or("none".to_owned(), |l| {
            let or_dash = |f: Option<&str>| f.unwrap_or("-").to_owned();
            let state = l
                .state
                .map_or("-".to_owned(), |s| format!("{s:?}").to_lowercase());
            [
                l.name.to_owned(),
                or_dash(l.version),
                or_dash(l.arch),
                or_dash(l.source),
                or_dash(l.source_version),
                state,
            ]
            .join(" ")
        });
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn every_column_is_told_by_its_look() {
        check("bash\t5.2.15-2+b7", "bash 5.2.15-2+b7 - - - -");
        check("libc6:amd64\t2.36-9", "libc6 2.36-9 amd64 - - -");
        check(
            "0ad 0.0.26-3 amd64 0ad 0.0.26-3 installed",
            "0ad 0.0.26-3 amd64 0ad 0.0.26-3 present",
        );
        check(
            "libc6 2.36-9 amd64 glibc 2.36-9 config-files",
            "libc6 2.36-9 amd64 glibc 2.36-9 absent",
        );
        check(
            "libc6,2.36-9,install ok installed",
            "libc6 2.36-9 - - - present",
        );
        check(
            "a2ps|1:4.14|amd64|deinstall ok config-files",
            "a2ps 1:4.14 amd64 - - absent",
        );
        check(
            "libgcc-s1 12.2.0-14 gcc-12 (12.2.0-15)",
            "libgcc-s1 12.2.0-14 - gcc-12 12.2.0-15 -",
        );
        check("ii  bash 5.2.15-2+b7", "bash 5.2.15-2+b7 - - - present");
        check(
            "adduser/stable 3.134 all [installed]",
            "adduser 3.134 all - - -",
        );
        check("gone\t", "none");
        check("Listing...", "none");
        check("some words here", "none");
    }
}
