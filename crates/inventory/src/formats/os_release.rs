//! `os-release(5)` (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>): which operating system and
//! release a tree is. Values are quoted as in a shell.

use base::{Note, Parsed};

use super::{Format, Input, Listing, text};
use crate::{HostKind, Os};

/// `/etc/os-release` and `/usr/lib/os-release`.
pub struct OsRelease;

impl Format for OsRelease {
    fn id(&self) -> &'static str {
        "os-release"
    }

    fn about(&self) -> &'static str {
        "the operating system's own description, os-release(5)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.rsplit('/').next() == Some("os-release")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let name = input.file_name();
        (name == "os-release" || name.ends_with(".os-release") || name.starts_with("os-release."))
            && !input.bytes.contains(&0)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let Parsed { value: os, notes } = read(input.bytes);
        let listing = Listing {
            os,
            ..Listing::default()
        };
        Parsed {
            value: listing,
            notes,
        }
    }
}

/// The system described, or `None` with a note when there is no `ID`. A key given twice counts the last time, as in a shell.
pub fn read(bytes: &[u8]) -> Parsed<Option<Os>> {
    let (text, note) = text::decode(bytes);
    let mut notes: Vec<Note> = note.into_iter().collect();
    let mut os = Os::default();
    for (number, line) in text::numbered_lines(&text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once('=') {
            Some((key, value)) => set(&mut os, key.trim(), &unquote(value.trim())),
            None => notes.push(
                Note::warning(format!("not KEY=value: {}", text::excerpt(line))).at_line(number),
            ),
        }
    }
    if os.id.is_empty() {
        notes.push(Note::error("no ID: the operating system is not known"));
        return Parsed { value: None, notes };
    }
    Parsed {
        value: Some(os),
        notes,
    }
}

fn set(os: &mut Os, key: &str, value: &str) {
    let some = || Some(value.to_owned()).filter(|v| !v.is_empty());
    match key {
        "ID" => os.id = value.to_ascii_lowercase(),
        "VERSION_ID" => os.version = some(),
        "VERSION_CODENAME" => os.codename = some(),
        "PRETTY_NAME" => os.pretty = some(),
        "ID_LIKE" => os.id_like = value.split_ascii_whitespace().map(str::to_owned).collect(),
        _ => {}
    }
}

/// A shell word: single quotes are literal, double quotes and bare text know the backslash.
fn unquote(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut quote: Option<char> = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => plain.extend(chars.next()),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            // A comment or a second word ends a bare value, as it would in a shell.
            (' ' | '\t', None) => break,
            (c, _) => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, id: &str, version: Option<&str>) {
        let os = read(text.as_bytes()).value.unwrap();
        assert_eq!(
            (os.id.as_str(), os.version.as_deref()),
            (id, version),
            "{text}"
        );
    }

    #[test]
    fn values_are_unquoted_as_a_shell_would() {
        check("ID=debian\nVERSION_ID=\"12\"\n", "debian", Some("12"));
        check(
            "ID=\"almalinux\"\r\nVERSION_ID='9.4'\r\n",
            "almalinux",
            Some("9.4"),
        );
        check(
            "# comment\n\nID=alpine # trailing\nVERSION_ID=3.20.1",
            "alpine",
            Some("3.20.1"),
        );
        check(
            "ID=a\\\"b\nVERSION_ID=\"1\\$2\\\\3\"",
            "a\"b",
            Some("1$2\\3"),
        );
        check("ID='it\\s'", "it\\s", None);
        check("ID=old\nID=new\nVERSION_ID=", "new", None);
        check("\u{FEFF}ID=debian", "debian", None);
        check("ID=\"open\nVERSION_ID=3", "open", Some("3"));
    }

    #[test]
    fn lines_that_are_not_assignments_are_noted_and_the_rest_is_kept() {
        let parsed = read(b"<<<<\nID=debian\n");
        assert_eq!(parsed.notes.len(), 1);
        assert_eq!(parsed.notes[0].line, Some(1));
        assert_eq!(parsed.value.unwrap().id, "debian");
    }

    #[test]
    fn without_an_id_nothing_is_known() {
        assert!(read(b"NAME=x\n").failed());
        assert!(read(b"").failed());
    }
}
