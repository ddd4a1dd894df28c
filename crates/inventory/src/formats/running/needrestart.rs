//! The output of `needrestart -b`, its batch mode
//! (<https://github.com/liske/needrestart/blob/master/README.batch.md>): `NEEDRESTART-<KEY>: value` lines.

use base::{Limit, Note, Parsed};

use super::is_capture_of;
use crate::formats::notes::Notes;
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, StaleProcess};

/// The most entries read from one capture.
const ENTRIES: Limit = Limit::new("needrestart-entries", 100_000);

/// What needs a restart, as needrestart tells it.
pub struct Needrestart;

impl Format for Needrestart {
    fn id(&self) -> &'static str {
        "needrestart"
    }

    fn about(&self) -> &'static str {
        "what runs replaced code, and the running kernel: the output of `needrestart -b`"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_capture_of("needrestart", path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        sample.trim_start().starts_with("NEEDRESTART-")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut notes = Notes::default();
        notes.extend(note);
        let mut listing = Listing::default();
        let mut expected = None;
        let mut state = None;
        for (number, line) in text::numbered_lines(&text) {
            if line.trim().is_empty() {
                continue;
            }
            let entry = line
                .strip_prefix("NEEDRESTART-")
                .and_then(|l| l.split_once(':'));
            let Some((key, value)) = entry else {
                notes.warn(number, format!("not understood: {}", text::excerpt(line)));
                continue;
            };
            let value = value.trim();
            match key {
                "KCUR" if !value.is_empty() => listing.kernel = Some(value.to_owned()),
                "KEXP" => expected = Some(value),
                "KSTA" => state = Some(value),
                "SVC" | "CONT" | "SESS" | "PID" | "AUX" => listing.stale.push(stale(key, value)),
                _ => {}
            }
            if ENTRIES.is_exceeded_by(listing.stale.len() as u64) {
                listing.stale.pop();
                notes.push(Note::warning("more entries were left out").because_of(ENTRIES));
                break;
            }
        }
        notes.extend(kernel_note(state, expected));
        Parsed {
            value: listing,
            notes: notes.into_vec(),
        }
    }
}

/// A unit, a container, a session or, in newer versions, a process: `1234=/usr/bin/foo`.
fn stale(key: &str, value: &str) -> StaleProcess {
    let (pid, program) = value.split_once(['=', ' ']).unwrap_or(("", value));
    let pid = match key {
        "PID" | "AUX" => pid.parse().ok(),
        _ => None,
    };
    StaleProcess {
        pid,
        program: match (key, pid) {
            (_, Some(_)) => program.to_owned(),
            ("CONT", _) => format!("container {value}"),
            ("SESS", _) => format!("session {value}"),
            _ => value.to_owned(),
        },
        file: None,
        package: None,
    }
}

/// `KSTA`: 0 unknown, 1 nothing waits, 2 a rebuilt kernel waits, 3 a newer one does.
fn kernel_note(state: Option<&str>, expected: Option<&str>) -> Option<Note> {
    let expected = text::excerpt(expected.unwrap_or("of an unknown release"));
    match state? {
        "2" | "3" => Some(Note::warning(format!(
            "a newer kernel is installed and does not run, restart needed: {expected}"
        ))),
        _ => None,
    }
}
