//! A file of lines of hosts, in blocks: read on every core, handed over in order.

use std::collections::HashMap;

use base::{Level, Limit, Note, Parsed};
use jiff::Timestamp;
use rayon::prelude::*;

use super::lines::{LINE_BYTES, Line, Lines};
use super::{Incoming, line};
use crate::asset::excerpt;
use crate::identity::{Identifier, IdentifierKind};

/// Notes of one file that are kept; the rest are counted.
pub const STREAM_NOTES: Limit = Limit::new("notes-per-file", 200);
/// Hosts of one file that are remembered, to tell which are told twice.
pub const STREAM_HOSTS: Limit = Limit::new("stream-hosts", 2_000_000);

/// A file that is being read.
#[derive(Debug)]
pub struct Stream {
    source: String,
    now: Timestamp,
    lines: Lines,
    told: HashMap<Identifier, Told>,
    notes: Notes,
    hosts: u64,
    lost: u64,
}

/// Where a host was told, and of when.
#[derive(Debug)]
struct Told {
    line: u64,
    seen_at: Timestamp,
    label: String,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Reports handed over.
    pub hosts: u64,
    /// Lines that gave none.
    pub lost: u64,
    /// What was noted, those of hosts too, in the order of the file and bounded.
    pub notes: Vec<Note>,
}

impl Stream {
    /// A file under the name it is told by.
    pub fn new(source: impl Into<String>, now: Timestamp) -> Self {
        Self {
            source: source.into(),
            now,
            lines: Lines::default(),
            told: HashMap::new(),
            notes: Notes::default(),
            hosts: 0,
            lost: 0,
        }
    }

    /// The hosts of the lines that end in this block, in their order. Memory is that of the block.
    pub fn feed(&mut self, block: &[u8]) -> Vec<Incoming> {
        let lines = self.lines.feed(block);
        self.read(lines)
    }

    /// The host of the last line, and what became of the file.
    pub fn finish(mut self) -> (Option<Incoming>, Summary) {
        let last = std::mem::take(&mut self.lines).finish();
        let last = self.read(last.into_iter().collect()).pop();
        let summary = Summary {
            hosts: self.hosts,
            lost: self.lost,
            notes: self.notes.finish(&self.source),
        };
        (last, summary)
    }

    fn read(&mut self, lines: Vec<Line>) -> Vec<Incoming> {
        let (source, now) = (&self.source, self.now);
        let read: Vec<Parsed<Option<Incoming>>> = lines
            .into_par_iter()
            .map(|line| match line {
                Line::Whole(number, bytes) => line::read(source, number, &bytes, now),
                Line::TooLong(number) => Parsed {
                    value: None,
                    notes: vec![
                        Note::warning("left out, the line is too long")
                            .at_line(number)
                            .because_of(LINE_BYTES),
                    ],
                },
            })
            .collect();
        read.into_iter().filter_map(|one| self.take(one)).collect()
    }

    fn take(&mut self, read: Parsed<Option<Incoming>>) -> Option<Incoming> {
        for note in read.notes {
            self.notes.push(note);
        }
        let Some(mut incoming) = read.value else {
            self.lost += 1;
            return None;
        };
        self.hosts += 1;
        self.compare(&mut incoming);
        for note in &mut incoming.notes {
            note.file = Some(self.source.clone());
            self.notes.push(note.clone());
        }
        Some(incoming)
    }

    /// Notes what contradicts earlier lines of this file. Every line is handed over all the same: what an older report says is
    /// history, and whose host it is, is not decided here.
    fn compare(&mut self, incoming: &mut Incoming) {
        let line = incoming.line.unwrap_or_default();
        let mut again: Option<(u64, Timestamp)> = None;
        for id in known_by(&incoming.identifiers) {
            let is_full = STREAM_HOSTS.is_exceeded_by(self.told.len() as u64 + 1);
            match self.told.get_mut(id) {
                Some(told) if id.kind() == IdentifierKind::Tool && told.label != incoming.label => {
                    let (one, other) = (excerpt(&told.label), excerpt(&incoming.label));
                    let earlier = told.line;
                    let what = format!(
                        "two hosts with one id, {id}: {one} on line {earlier}, and {other}"
                    );
                    incoming.notes.push(Note::warning(what).at_line(line));
                }
                Some(told) => {
                    again = again.max(Some((told.line, told.seen_at)));
                    (told.line, told.seen_at) = (line, incoming.seen_at);
                }
                None if is_full => {}
                None => {
                    let told = Told {
                        line,
                        seen_at: incoming.seen_at,
                        label: incoming.label.clone(),
                    };
                    self.told.insert(id.clone(), told);
                }
            }
        }
        if let Some((earlier, seen_at)) = again {
            let what = format!("its name or id was told on line {earlier} already");
            let what = match incoming.seen_at < seen_at {
                true => format!("{what}, of a later time: this is history only"),
                false => what,
            };
            incoming.notes.push(Note::info(what).at_line(line));
        }
    }
}

/// The ids by which a line is known again: those of tools, and what the host is called, as a whole.
fn known_by(ids: &[Identifier]) -> Vec<&Identifier> {
    let is_full = |id: &Identifier| id.kind() == IdentifierKind::FullName;
    let has_full = ids.iter().any(is_full);
    let is_main = |id: &&Identifier| match id.kind() {
        IdentifierKind::Tool | IdentifierKind::FullName | IdentifierKind::Reference => true,
        IdentifierKind::Name => !has_full,
        _ => false,
    };
    ids.iter().filter(is_main).collect()
}

#[derive(Debug, Default)]
struct Notes {
    kept: Vec<Note>,
    left_out: u64,
}

impl Notes {
    fn push(&mut self, note: Note) {
        if note.level < Level::Error && STREAM_NOTES.is_exceeded_by(self.kept.len() as u64 + 1) {
            self.left_out += 1;
        } else {
            self.kept.push(note);
        }
    }

    fn finish(mut self, source: &str) -> Vec<Note> {
        if self.left_out > 0 {
            let note = Note::warning(format!("{} more notes were left out", self.left_out));
            self.kept.push(note.because_of(STREAM_NOTES));
        }
        for note in &mut self.kept {
            note.file = Some(source.to_owned());
        }
        self.kept
    }
}
