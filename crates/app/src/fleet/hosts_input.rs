//! What an input of `hosts import` is, told by its first bytes: lines of hosts, a list of hosts kept elsewhere, or an inventory.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use inventory::{FORMATS, Input};

use crate::brief::{host_name, places};
use crate::error::{Failure, Result};

/// How much is looked at to tell what it is.
const HEAD_BYTES: u64 = 64 << 10;
/// The format of lines of hosts.
const LINES: &str = "daywatch-host";
/// The form of a list that is nothing but words: only a file that was named itself is taken for it, or every stray file of a
/// directory would be a list.
const NAMES: &str = "names";
/// Standard input.
const STDIN: &str = "-";

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines of `daywatch.host/1`.
    Lines,
    /// A list of hosts kept elsewhere, with its form.
    List(&'static str),
    /// What `scan` reads, by the format of its first bytes.
    Inventory(&'static str),
    /// A directory, an archive, or nothing that is known: what is in it tells.
    Unknown,
}

/// An input.
#[derive(Clone, Debug)]
pub struct HostsInput {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Which of the paths the user named it belongs to.
    pub(super) of: usize,
    /// What was read of standard input to tell.
    head: Vec<u8>,
}

impl Kind {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Lines => "lines of hosts (daywatch.host/1)".to_owned(),
            Self::List(form) => format!("a list of hosts kept elsewhere ({form})"),
            Self::Inventory(format) => format!("an inventory ({format})"),
            Self::Unknown => "whatever is in it: a directory, an image, an archive".to_owned(),
        }
    }

    /// What can be imported, for the message about what cannot.
    pub fn readable() -> String {
        let lists: Vec<&str> = fleet::lists::LISTS.iter().map(|form| form.id()).collect();
        format!(
            "lines of daywatch.host/1, lists of hosts ({}), and whatever `daywatch scan` reads",
            lists.join(", ")
        )
    }

    fn of(shown: &str, head: &[u8], has_map: bool) -> Self {
        let input = Input {
            path: shown,
            bytes: head,
        };
        match FORMATS.iter().find(|format| format.recognise(&input)) {
            Some(format) if format.id() == LINES => Self::Lines,
            Some(format) => Self::Inventory(format.id()),
            // Whoever gives a map of columns means a table.
            None if has_map => Self::List("table"),
            None => fleet::lists::form_of(head).map_or(Self::Unknown, Self::List),
        }
    }
}

impl HostsInput {
    /// What it is told by.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// What a list is called where nobody says: as its file is.
    pub(super) fn list_name(&self) -> String {
        match self.path.as_os_str() == STDIN {
            true => "list".to_owned(),
            false => host_name(&self.path),
        }
    }

    /// Opens it from its first byte.
    pub(super) fn open(&self) -> Result<Box<dyn Read + '_>> {
        if self.path.as_os_str() == STDIN {
            return Ok(Box::new(self.head.as_slice().chain(io::stdin().lock())));
        }
        let file = File::open(&self.path).map_err(|e| unreadable(&self.path, &e))?;
        Ok(Box::new(file))
    }

    /// Whether it is standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.path.as_os_str() == STDIN
    }
}

/// The inputs in the paths the user named. A directory holds one file or one directory for each host, files of lines, and lists.
pub fn inputs(paths: &[PathBuf], has_map: bool) -> Result<Vec<HostsInput>> {
    let mut inputs = Vec::new();
    for (of, path) in paths.iter().enumerate() {
        if path.is_dir() && !is_one(path) {
            for one in places(path)? {
                let mut input = input(&one, of, false)?;
                if input.kind == Kind::List(NAMES) {
                    input.kind = Kind::Unknown;
                }
                inputs.push(input);
            }
        } else {
            inputs.push(input(path, of, has_map)?);
        }
    }
    Ok(inputs)
}

/// What only the root of one system has, or an image (OCI image layout, `oci-layout` file).
const OF_ONE: &[&str] = &[
    "oci-layout",
    "etc/os-release",
    "usr/lib/os-release",
    "var/lib/dpkg",
    "var/lib/rpm",
    "lib/apk/db",
];

/// Whether a directory is one host, and not one of hosts.
fn is_one(path: &Path) -> bool {
    OF_ONE.iter().any(|below| path.join(below).exists())
}

fn input(path: &Path, of: usize, has_map: bool) -> Result<HostsInput> {
    let is_stdin = path.as_os_str() == STDIN;
    let mut head = Vec::new();
    let shown = path.display().to_string();
    if is_stdin {
        let from = io::stdin().lock().take(HEAD_BYTES).read_to_end(&mut head);
        from.map_err(|e| unreadable(path, &e))?;
    } else if path.is_file() {
        let file = File::open(path).map_err(|e| unreadable(path, &e))?;
        let from = file.take(HEAD_BYTES).read_to_end(&mut head);
        from.map_err(|e| unreadable(path, &e))?;
    }
    let kind = match head.is_empty() {
        true => Kind::Unknown,
        false => Kind::of(&shown, &head, has_map),
    };
    Ok(HostsInput {
        path: path.to_owned(),
        kind,
        of,
        head: if is_stdin { head } else { Vec::new() },
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_told_by_its_first_bytes() {
        let check = |name: &str, head: &str, expected: Kind| {
            assert_eq!(Kind::of(name, head.as_bytes(), false), expected, "{name}");
        };
        let line = r#"{"schema":"daywatch.host/1","name":"web-01","packages":[]}"#;
        check("web.ndjson", line, Kind::Lines);
        check("-", line, Kind::Lines);
        check(
            "cmdb.csv",
            "name,owner\nweb-01,web team\n",
            Kind::List("table"),
        );
        check("names.txt", "web-01\nweb-02\n", Kind::List("names"));
        check("noise", "\u{0}\u{1}", Kind::Unknown);
        check(
            "shop.cdx.json",
            r#"{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}"#,
            Kind::Inventory("cyclonedx"),
        );
    }
}
