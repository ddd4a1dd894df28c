//! Lists that a package manager prints: what people save when they are asked "what is installed?", and what collectors such
//! as sosreport put into their archives. One file a manager; this one holds what they share.
//!
//! Such a list has no header that says what it is, so its lines decide: nearly all of them must read as the manager's.

mod apk_list;
mod deb_columns;
mod deb_list;
mod deb_table;
mod pacman_list;
mod rpm_columns;
mod rpm_list;

pub use apk_list::ApkList;
pub use deb_list::DpkgList;
pub use pacman_list::PacmanList;
pub use rpm_list::RpmList;

use base::{Limit, Note, Parsed};

use super::notes::Notes;
use super::{Listing, source_names, text};
use crate::Package;

/// The most packages read from one list.
const PACKAGES: Limit = Limit::new("list-packages", 200_000);
/// The longest line that is believed to name a package.
const LINE_BYTES: Limit = Limit::new("list-line-bytes", 8192);

/// What has been read of a list so far.
struct Listed {
    packages: Vec<Package>,
    notes: Notes,
    left_out: u64,
}

impl Listed {
    fn new(note: Option<Note>) -> Self {
        let mut notes = Notes::default();
        notes.extend(note);
        Self {
            packages: Vec::new(),
            notes,
            left_out: 0,
        }
    }

    fn take(&mut self, package: Package) {
        if PACKAGES.is_exceeded_by(self.packages.len() as u64 + 1) {
            self.left_out += 1;
        } else {
            self.packages.push(package);
        }
    }

    /// A line that names no package: what a tool said besides, or something broken.
    fn not_understood(&mut self, number: u64, line: &str) {
        let what = format!("not a package: {}", text::excerpt(line));
        self.notes.warn(number, what);
    }

    fn finish(mut self) -> Parsed<Listing> {
        source_names::fill(self.packages.iter_mut(), &mut self.notes);
        if self.left_out > 0 {
            let what = format!("more packages were left out: {}", self.left_out);
            self.notes.push(Note::warning(what).because_of(PACKAGES));
        }
        if self.packages.is_empty() && !self.notes.is_empty() {
            self.notes.push(Note::error("no package could be read"));
        }
        Parsed {
            value: Listing {
                packages: self.packages,
                ..Listing::default()
            },
            notes: self.notes.into_vec(),
        }
    }
}

/// The lines that hold something, with their number and without blanks around them; overlong ones are noted.
fn filled_lines<'t>(text: &'t str, listed: &mut Listed) -> Vec<(u64, &'t str)> {
    let mut lines = Vec::new();
    for (number, line) in text::numbered_lines(text) {
        let line = line.trim_end();
        if LINE_BYTES.is_exceeded_by(line.len() as u64) {
            let note = Note::warning("an overlong line was left out").at_line(number);
            listed.notes.push(note.because_of(LINE_BYTES));
        } else if !line.is_empty() {
            lines.push((number, line));
        }
    }
    lines
}

/// Whether a file is called after a command: `dpkg-query.txt`, `rpm_-qa`, `installed-rpms`.
fn is_named(path: &str, names: &[&str]) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = [".txt", ".list", ".out", ".tsv", ".csv", ".log"]
        .iter()
        .find_map(|end| file.strip_suffix(end))
        .unwrap_or(&file);
    let stem = stem.replace("_-", "-").replace('_', "-");
    names.contains(&stem.as_str())
}

/// Whether nearly all of the first lines are of a kind: nine of ten, or all but one of a few.
fn nearly_all(bytes: &[u8], is_kind: impl Fn(&str) -> bool) -> bool {
    const LOOKED_AT: usize = 200;
    let sample = text::decode(&bytes[..bytes.len().min(16 << 10)]).0;
    // The last line of the sample may be cut off.
    let whole = match sample.rfind('\n') {
        Some(end) if sample.len() < bytes.len() => &sample[..end],
        _ => &sample,
    };
    let lines = || {
        whole
            .lines()
            .filter(|l| !l.trim().is_empty())
            .take(LOOKED_AT)
    };
    let (all, alike) = (
        lines().count(),
        lines().filter(|l| is_kind(l.trim_end())).count(),
    );
    (alike > 0 && alike * 10 >= all * 9) || (alike >= 3 && alike + 1 == all)
}

/// The columns of a line, by the separator it is written with: tabs, bars, semicolons, commas, else blanks.
fn columns(line: &str) -> Vec<&str> {
    let separator = ['\t', '|', ';', ',']
        .into_iter()
        .find(|c| line.contains(*c));
    match separator {
        Some(c) => line
            .split(c)
            .map(|part| part.trim().trim_matches('"'))
            .filter(|part| !part.is_empty())
            .collect(),
        None => line
            .split_whitespace()
            .map(|part| part.trim_matches('"'))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_called_after_its_command() {
        let check = |path: &str, expected: bool| {
            assert_eq!(
                is_named(path, &["rpm-qa", "installed-rpms"]),
                expected,
                "{path}"
            )
        };
        check("web-01/rpm-qa.txt", true);
        check("web-01/rpm_-qa", true);
        check("sos/installed-rpms", true);
        check("RPM_QA.TXT", true);
        check("rpm-qa.txt.bak", false);
        check("x", false);
    }

    #[test]
    fn columns_are_split_as_the_line_is_written() {
        let check = |line: &str, expected: &[&str]| assert_eq!(columns(line), expected);
        check("a\t1.0", &["a", "1.0"]);
        check("a|1.0|", &["a", "1.0"]);
        check("\"a\",\"1.0\"", &["a", "1.0"]);
        check("  a   1.0 ", &["a", "1.0"]);
    }
}
