//! What a feed keeps account of while it reads a document: records seen, records left out by reason, and notes, all bounded.

use std::collections::BTreeMap;

use base::{Level, Limit, Note};

use super::wire::Broken;

/// The most records read of one JSON document.
const RECORDS_MAX: Limit = Limit::new("feed-records", 2_000_000);

/// The most notes kept of one document; what follows is only counted.
const NOTES_MAX: Limit = Limit::new("feed-notes", 500);

/// The account of one document.
#[derive(Default)]
pub(super) struct Ledger {
    read: u64,
    skipped: BTreeMap<&'static str, u64>,
    notes: Vec<Note>,
    unsaid: u64,
}

impl Ledger {
    /// One more record; `false` when it is over the limit and must be left out.
    pub(super) fn admit(&mut self) -> bool {
        self.read += 1;
        let over = RECORDS_MAX.is_exceeded_by(self.read);
        if over {
            *self.skipped.entry("record over the limit").or_default() += 1;
        }
        if self.read == RECORDS_MAX.max + 1 {
            self.notes.push(
                Note::warning("too many records, the rest is left out").because_of(RECORDS_MAX),
            );
        }
        !over
    }

    /// How many records were seen.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Counts something left out, without a note.
    pub(super) fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Counts a record left out and notes where it was.
    pub(super) fn refuse(&mut self, reason: &'static str, line: Option<u64>) {
        self.skip(reason);
        let mut note = match line {
            Some(_) => Note::warning(reason),
            None => Note::warning(format!("{reason}: number {}", self.read)),
        };
        note.line = line;
        self.note(note);
    }

    /// Notes something.
    pub(super) fn note(&mut self, note: Note) {
        if NOTES_MAX.is_exceeded_by(self.notes.len() as u64 + 1) {
            self.unsaid += 1;
        } else {
            self.notes.push(note);
        }
    }

    /// JSON that breaks off: the whole input is lost only if nothing was read before.
    pub(super) fn broken(&mut self, broken: &Broken) {
        let level = if self.read == 0 {
            Level::Error
        } else {
            Level::Warning
        };
        let why: String = broken.why.chars().take(160).collect();
        let what = format!("broken JSON after {} records: {why}", self.read);
        self.notes.push(Note::new(level, what).at_line(broken.line));
    }

    /// Records seen, counts in the order of the reasons' text, notes.
    pub(super) fn close(mut self) -> (u64, Vec<(String, u64)>, Vec<Note>) {
        if self.unsaid > 0 {
            let what = format!("{} more notes left out", self.unsaid);
            self.notes.push(Note::warning(what).because_of(NOTES_MAX));
        }
        let skipped = self.skipped.into_iter();
        (
            self.read,
            skipped
                .map(|(reason, count)| (reason.to_owned(), count))
                .collect(),
            self.notes,
        )
    }
}
