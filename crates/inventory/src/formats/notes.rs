//! The notes of one file, bounded: a hostile or badly broken file must not fill the report.

use base::{Level, Limit, Note};

/// The most notes kept of one file; the rest are counted.
const NOTES: Limit = Limit::new("notes-per-file", 200);

/// Notes as they come in.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    kept: Vec<Note>,
    left_out: usize,
}

impl Notes {
    /// Takes a note; one that says the whole file was not read is always kept.
    pub(crate) fn push(&mut self, note: Note) {
        if note.level < Level::Error && NOTES.is_exceeded_by(self.kept.len() as u64 + 1) {
            self.left_out += 1;
        } else {
            self.kept.push(note);
        }
    }

    /// A part of the input, beginning on that line, was left out or doubtful.
    pub(crate) fn warn(&mut self, line: u64, what: impl Into<String>) {
        self.push(Note::warning(what).at_line(line));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Errors become warnings: only a part of the input was lost.
    pub(crate) fn soften(&mut self) {
        for note in &mut self.kept {
            note.level = note.level.min(Level::Warning);
        }
    }

    /// In the order of the input, those without a line first.
    pub(crate) fn into_vec(mut self) -> Vec<Note> {
        self.kept.sort_by_key(|note| note.line);
        if self.left_out > 0 {
            let what = format!("{} more notes were left out", self.left_out);
            self.kept.push(Note::warning(what).because_of(NOTES));
        }
        self.kept
    }
}

impl Extend<Note> for Notes {
    fn extend<I: IntoIterator<Item = Note>>(&mut self, notes: I) {
        for note in notes {
            self.push(note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_counted() {
        let mut notes = Notes::default();
        notes.extend((0..250).map(|n| Note::info(n.to_string())));
        let all = notes.into_vec();
        assert_eq!(all.len(), 201);
        assert_eq!(all[200].what, "50 more notes were left out");
        assert_eq!(all[200].limit, Some(NOTES));
    }
}
