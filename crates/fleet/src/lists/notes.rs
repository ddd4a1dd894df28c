//! Notes of one list, bounded.

use base::{Level, Limit, Note, Parsed};

/// The most notes kept of one list; the rest are counted.
const NOTES: Limit = Limit::new("notes-per-file", 200);

/// Notes as they come in.
#[derive(Debug)]
pub struct Notes {
    file: String,
    kept: Vec<Note>,
    left_out: u64,
}

impl Notes {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            kept: Vec::new(),
            left_out: 0,
        }
    }

    pub(super) fn push(&mut self, note: Note) {
        if note.level < Level::Error && NOTES.is_exceeded_by(self.kept.len() as u64 + 1) {
            self.left_out += 1;
        } else {
            self.kept.push(note.in_file(&*self.file));
        }
    }

    pub(super) fn warn(&mut self, line: u64, what: impl Into<String>) {
        self.push(Note::warning(what).at_line(line));
    }

    pub(super) fn with<T>(mut self, value: T) -> Parsed<T> {
        if self.left_out > 0 {
            let note = Note::warning(format!("{} more notes were left out", self.left_out));
            self.kept.push(note.in_file(&*self.file).because_of(NOTES));
        }
        Parsed {
            value,
            notes: self.kept,
        }
    }
}
