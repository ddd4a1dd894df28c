//! Documents: what is in a file a user names, whether that is one JSON text, an archive of 40,000, a stream of lines or a
//! directory of all these. They come in batches of bounded size so that the caller can parse a batch on every core.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use base::Note;

use crate::archive;
use crate::batch::{Batcher, Document};
use crate::error::ReadError;
use crate::expand::read_all;
use crate::limits::DocumentLimits;
use crate::name::shown;
use crate::open::{Source, is_inherited_pipe, is_stdin, regular};
use crate::texts::{stream, unread};
use crate::walk::{WalkOptions, walk};

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
