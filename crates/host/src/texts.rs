//! The texts of one stream: the whole of it, or, where each line is a complete JSON object, one a line.

use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use base::{Limit, Note};

use crate::batch::{Batcher, Document};
use crate::error::{Exceeded, ReadError};
use crate::expand::Expanded;

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

pub(crate) fn unread(name: &str, cause: io::Error, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    batcher.note(ReadError::from_io_at(name.to_owned(), cause).to_note());
    ControlFlow::Continue(())
}
