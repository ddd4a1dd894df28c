//! Batches: documents collected until they are worth handing over, within the bounds of one call.

use std::ops::ControlFlow;

use base::Note;

use crate::limits::DocumentLimits;

/// One document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is from: the file, or `archive.zip!member`.
    pub name: String,
    /// The line, when each line of the file is a document.
    pub line: Option<u64>,
    /// All of it, decompressed.
    pub bytes: Vec<u8>,
}

/// Collects documents until they make a batch.
pub(crate) struct Batcher<'s> {
    pub(crate) limits: &'s DocumentLimits,
    sink: &'s mut dyn FnMut(Vec<Document>) -> ControlFlow<()>,
    waiting: Vec<Document>,
    waiting_bytes: u64,
    total: u64,
    notes: Vec<Note>,
    stopped: bool,
}

impl<'s> Batcher<'s> {
    pub(crate) fn new(
        limits: &'s DocumentLimits,
        sink: &'s mut dyn FnMut(Vec<Document>) -> ControlFlow<()>,
    ) -> Self {
        Self {
            limits,
            sink,
            waiting: Vec::new(),
            waiting_bytes: 0,
            total: 0,
            notes: Vec::new(),
            stopped: false,
        }
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(crate) fn push(&mut self, document: Document) -> ControlFlow<()> {
        let size = document.bytes.len() as u64;
        self.total += size;
        if self.limits.total.is_exceeded_by(self.total) {
            let note =
                Note::warning("too much in all; the rest is not read").in_file(document.name);
            self.note(note.because_of(self.limits.total));
            self.hand_over()?;
            return self.stop();
        }
        if self.waiting_bytes + size > self.limits.batch_bytes {
            self.hand_over()?;
        }
        self.waiting_bytes += size;
        self.waiting.push(document);
        ControlFlow::Continue(())
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        if self.waiting.is_empty() {
            return ControlFlow::Continue(());
        }
        self.waiting_bytes = 0;
        match (self.sink)(std::mem::take(&mut self.waiting)) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => self.stop(),
        }
    }

    fn stop(&mut self) -> ControlFlow<()> {
        self.stopped = true;
        ControlFlow::Break(())
    }

    pub(crate) fn finish(mut self) -> Vec<Note> {
        if !self.stopped {
            // The last batch: there is nothing left to stop.
            let _ = self.hand_over();
        }
        self.notes
    }
}
