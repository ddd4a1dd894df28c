//! The running kernel: `/proc/sys/kernel/osrelease`, or the output of `uname -r` or `uname -a`
//! (<https://man7.org/linux/man-pages/man2/uname.2.html>).

use base::{Note, Parsed};

use super::is_capture_of;
use crate::HostKind;
use crate::formats::{Format, Input, Listing, text};

/// The running kernel, by itself in a file.
pub struct Uname;

/// No release is longer: `struct utsname` has room for 64 bytes.
const RELEASE_BYTES_MAX: usize = 64;

impl Format for Uname {
    fn id(&self) -> &'static str {
        "uname"
    }

    fn about(&self) -> &'static str {
        "the running kernel: the output of `uname -r` or `uname -a` in a file such as uname.txt, or proc/sys/kernel/osrelease"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("proc/sys/kernel/osrelease") || is_capture_of("uname", path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        // `uname -r` alone says nothing of itself, so there the name of the file decides.
        self.wants(input.path) || all_of_uname(first_line(&text::sample(input.bytes))).is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut notes: Vec<Note> = note.into_iter().collect();
        let line = first_line(&text);
        let release = all_of_uname(line).or_else(|| Some(line).filter(|l| is_release(l)));
        if release.is_none() {
            let what = format!("not the release of a Linux kernel: {}", text::excerpt(line));
            notes.push(Note::error(what));
        }
        Parsed {
            value: Listing {
                kernel: release.map(str::to_owned),
                ..Listing::default()
            },
            notes,
        }
    }
}

fn first_line(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

/// The release of `Linux web-01 6.1.0-18-amd64 #1 SMP … GNU/Linux`.
fn all_of_uname(line: &str) -> Option<&str> {
    let mut words = line.split_ascii_whitespace();
    let (system, _host, release) = (words.next()?, words.next()?, words.next()?);
    let is_all = system == "Linux" && words.next()?.starts_with('#');
    (is_all && is_release(release)).then_some(release)
}

/// `6.1.0-18-amd64`, `5.14.0-427.13.1.el9_4.x86_64+rt`.
fn is_release(word: &str) -> bool {
    word.len() <= RELEASE_BYTES_MAX
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.contains('.')
        && word.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let input = Input {
            path: "uname.txt",
            bytes: text.as_bytes(),
        };
        let parsed = Uname.parse(&input);
        assert_eq!(parsed.value.kernel.as_deref(), expected, "{text}");
        assert_eq!(parsed.failed(), expected.is_none(), "{text}");
    }

    #[test]
    fn the_release_is_found_in_either_form() {
        check("6.1.0-18-amd64\n", Some("6.1.0-18-amd64"));
        check(
            "\nLinux web-01 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 x86_64 GNU/Linux",
            Some("6.1.0-18-amd64"),
        );
        check("FreeBSD web-01 14.0-RELEASE FreeBSD 14.0-RELEASE", None);
        check("", None);
        check("6.1\u{1b}[2J", None);
    }

    #[test]
    fn other_text_is_not_taken_for_it() {
        let recognised = |bytes: &[u8]| {
            Uname.recognise(&Input {
                path: "notes",
                bytes,
            })
        };
        assert!(recognised(b"Linux a 6.1.0 #1 SMP x86_64 GNU/Linux"));
        assert!(!recognised(b"Linux is an operating system"));
        assert!(!recognised(b"6.1.0-18-amd64"));
    }
}
