//! Documents: what is in a file a user names, whether that is one JSON text, an archive of 40,000, a stream of lines or a
//! directory of all these. They come in batches of bounded size so that the caller can parse a batch on every core.

use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use base::{Limit, Note};

use crate::archive;
use crate::error::{Exceeded, ReadError};
use crate::expand::{Expanded, read_all};
use crate::limits::DocumentLimits;
use crate::name::shown;
use crate::open::{Source, is_inherited_pipe, is_stdin, regular};
use crate::walk::{WalkOptions, walk};

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

/// Hands over every document below `path`, in an order that is the same each time: members as the archive lists them,
/// files of a directory by name. `sink` may stop the reading. The error is about `path` itself; whatever goes wrong inside
/// is a note.
pub fn documents(
    path: &Path,
    limits: &DocumentLimits,
    mut sink: impl FnMut(Document) -> ControlFlow<()>,
) -> Result<Vec<Note>, ReadError> {
    batches(path, limits, |batch| {
        batch.into_iter().try_for_each(&mut sink)
    })
}

/// The same, many at a time: [`DocumentLimits::batch_bytes`] of them, or one that is larger.
pub fn batches(
    path: &Path,
    limits: &DocumentLimits,
    mut sink: impl FnMut(Vec<Document>) -> ControlFlow<()>,
) -> Result<Vec<Note>, ReadError> {
    let mut batcher = Batcher::new(limits, &mut sink);
    let name = shown(path);
    if is_stdin(path) {
        // What ends the reading has told the sink or left a note.
        let _ = piped(&name, io::stdin().lock(), &mut batcher);
    } else if is_inherited_pipe(path) {
        let pipe = std::fs::File::open(path).map_err(|cause| ReadError::from_io(path, cause))?;
        let _ = piped(&name, pipe, &mut batcher);
    } else if path.is_dir() {
        let _ = directory(path, &mut batcher);
    } else {
        let (source, _) = regular(path)?;
        let _ = file(&name, source, &mut batcher);
    }
    Ok(batcher.finish())
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
    fn new(
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

    fn finish(mut self) -> Vec<Note> {
        if !self.stopped {
            // The last batch: there is nothing left to stop.
            let _ = self.hand_over();
        }
        self.notes
    }
}

/// A directory: each file as if it had been named, in the order of their names.
fn directory(root: &Path, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    let options = WalkOptions {
        honour_gitignore: false,
        ..WalkOptions::default()
    };
    let found = walk(root, &|_| true, &options);
    found.notes.into_iter().for_each(|note| batcher.note(note));
    for found in found.value {
        match regular(&found.path) {
            Ok((source, _)) => file(&shown(&found.path), source, batcher)?,
            Err(error) => batcher.note(error.to_note()),
        }
    }
    ControlFlow::Continue(())
}

fn file(name: &str, mut source: Source, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    let start = source.clone();
    match head(&mut source) {
        Ok(head) if archive::is_zip(&head) => archive::members(name, start, batcher),
        Ok(_) => stream(name, start, batcher),
        Err(cause) => unread(name, cause, batcher),
    }
}

/// A pipe: an archive in it is held in memory, because its directory is at the end.
fn piped(name: &str, mut pipe: impl Read, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    let head = match head(&mut pipe) {
        Ok(head) => head,
        Err(cause) => return unread(name, cause, batcher),
    };
    let is_zip = archive::is_zip(&head);
    let whole = io::Cursor::new(head).chain(pipe);
    if !is_zip {
        return stream(name, whole, batcher);
    }
    match read_all(whole, batcher.limits.document, 0) {
        Ok(bytes) => archive::members(name, Source::Bytes(io::Cursor::new(bytes.into())), batcher),
        Err(cause) => unread(name, cause, batcher),
    }
}

fn head(raw: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    raw.by_ref()
        .take(archive::MAGIC_BYTES)
        .read_to_end(&mut head)?;
    Ok(head)
}

fn unread(name: &str, cause: io::Error, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    batcher.note(ReadError::from_io_at(name.to_owned(), cause).to_note());
    ControlFlow::Continue(())
}

/// One text, or one text a line, from a stream that may be compressed.
pub(crate) fn stream(name: &str, raw: impl Read, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    let (document, total) = (batcher.limits.document, batcher.limits.total);
    let read =
        Expanded::new(raw, total).map(|expanded| BufReader::with_capacity(256 << 10, expanded));
    match read.and_then(|mut reader| texts(name, &mut reader, document, batcher)) {
        Ok(flow) => flow,
        Err(cause) => unread(name, cause, batcher),
    }
}

fn texts(
    name: &str,
    reader: &mut impl BufRead,
    limit: Limit,
    batcher: &mut Batcher<'_>,
) -> io::Result<ControlFlow<()>> {
    let mut first = Vec::new();
    let whole = |bytes| Document {
        name: name.to_owned(),
        line: None,
        bytes,
    };
    if !read_line(reader, &mut first, limit)? {
        return Err(Exceeded(limit).into());
    }
    if !is_complete_object(&first) {
        let rest = limit.max.saturating_sub(first.len() as u64);
        reader
            .by_ref()
            .take(rest.saturating_add(1))
            .read_to_end(&mut first)?;
        if limit.is_exceeded_by(first.len() as u64) {
            return Err(Exceeded(limit).into());
        }
        return Ok(batcher.push(whole(first)));
    }
    let (mut line, mut number) = (Vec::new(), 1);
    let mut held = Some(first);
    while !reader.fill_buf()?.is_empty() {
        number += 1;
        line.clear();
        let fits = read_line(reader, &mut line, limit)?;
        if fits && line.trim_ascii().is_empty() {
            continue;
        }
        // A second line that holds something makes the file one of lines, and its first line a document.
        if let Some(first) = held.take()
            && batcher.push(document_at(name, 1, first)).is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
        if !fits {
            batcher.note(
                Note::warning("a document too large, left out")
                    .in_file(name)
                    .at_line(number)
                    .because_of(limit),
            );
        } else if batcher
            .push(document_at(name, number, std::mem::take(&mut line)))
            .is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(held.map_or(ControlFlow::Continue(()), |only| batcher.push(whole(only))))
}

fn document_at(name: &str, line: u64, bytes: Vec<u8>) -> Document {
    Document {
        name: name.to_owned(),
        line: Some(line),
        bytes,
    }
}

/// Reads to the end of the line; one over the limit is passed over and `false`.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>, limit: Limit) -> io::Result<bool> {
    reader
        .by_ref()
        .take(limit.max.saturating_add(1))
        .read_until(b'\n', line)?;
    if !limit.is_exceeded_by(line.len() as u64) {
        return Ok(true);
    }
    if !line.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
    }
    Ok(false)
}

/// Whether each line of the text is a document: the first is a complete JSON object and another follows.
pub(crate) fn is_lines(text: &[u8]) -> bool {
    let Some(end) = text.iter().position(|&b| b == b'\n') else {
        return false;
    };
    let (first, rest) = text.split_at(end);
    !rest.trim_ascii().is_empty() && is_complete_object(first)
}

fn is_complete_object(line: &[u8]) -> bool {
    line.trim_ascii().starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}
