//! The members of a ZIP archive (APPNOTE.TXT 6.3), decompressed on every core, in the archive's order. Nothing is written
//! to disk, so a member's name is only ever shown.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base::{Limit, Note};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::batch::{Batcher, Document};
use crate::error::ReadError;
use crate::expand::{check_ratio, read_all};
use crate::name::member;
use crate::open::Source;
use crate::texts::{is_lines, stream};

type Archive = ZipArchive<Source>;

/// How many bytes [`is_zip`] looks at.
pub(crate) const MAGIC_BYTES: u64 = 4;

/// Whether a file that begins like this is a ZIP archive (also an empty one).
pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A member worth reading.
struct Member {
    index: usize,
    name: String,
    size: u64,
}

/// Hands over the members of an archive.
pub(crate) fn members(
    name: &str,
    mut source: Source,
    batcher: &mut Batcher<'_>,
) -> ControlFlow<()> {
    let entries = batcher.limits.entries;
    // Asked before the directory is read, because reading it costs memory for every entry.
    if declared_entries(&mut source).is_ok_and(|count| entries.is_exceeded_by(count)) {
        batcher.note(
            Note::error("too many members, left out")
                .in_file(name)
                .because_of(entries),
        );
        return ControlFlow::Continue(());
    }
    let mut archive = match ZipArchive::new(source) {
        Ok(archive) => archive,
        Err(error) => {
            batcher.note(broken(name, error));
            return ControlFlow::Continue(());
        }
    };
    let (mut group, mut group_bytes) = (Vec::new(), 0);
    for index in 0..archive.len() {
        let member = match look_at(&archive, name, index, batcher.limits.document) {
            Ok(Some(member)) => member,
            Ok(None) => continue,
            Err(note) => {
                batcher.note(note);
                continue;
            }
        };
        if group_bytes + member.size > batcher.limits.batch_bytes {
            read_group(&archive, &std::mem::take(&mut group), batcher)?;
            group_bytes = 0;
        }
        if member.size > batcher.limits.batch_bytes {
            read_large(&mut archive, &member, batcher)?;
        } else {
            group_bytes += member.size;
            group.push(member);
        }
    }
    read_group(&archive, &group, batcher)
}

/// How many members the end of the archive announces (APPNOTE 4.3.14 to 4.3.16), 0 if it cannot be found.
fn declared_entries(source: &mut Source) -> io::Result<u64> {
    /// The longest comment behind the record, the record, and the 64-bit locator before it.
    const TAIL_BYTES: u64 = 0xffff + 22 + 20;
    let len = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(len.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    source.read_to_end(&mut tail)?;
    let Some(at) = tail.windows(4).rposition(|magic| magic == b"PK\x05\x06") else {
        return Ok(0);
    };
    let count = number(&tail, at + 10, 2);
    let locator = at
        .checked_sub(20)
        .filter(|&at| tail[at..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else {
        return Ok(count);
    };
    source.seek(SeekFrom::Start(number(&tail, locator + 8, 8)))?;
    let mut record = Vec::new();
    source.take(40).read_to_end(&mut record)?;
    Ok(number(&record, 32, 8).max(count))
}

/// A little-endian number, 0 where the bytes end before it does.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    let digits = bytes.get(at..at + len).unwrap_or_default();
    digits
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What the archive's directory says of a member: nothing to read (`None`), or why it is left out.
fn look_at(
    archive: &Archive,
    archive_name: &str,
    index: usize,
    limit: Limit,
) -> Result<Option<Member>, Note> {
    let entry = archive
        .by_index_data(index)
        .map_err(|e| broken(archive_name, e))?;
    let name = format!("{archive_name}!{}", member(entry.name_raw()));
    if entry.is_dir() || entry.is_symlink() {
        return Ok(None);
    }
    let left_out = |what: &str| Note::warning(what).in_file(name.clone());
    if entry.encrypted() {
        return Err(left_out("encrypted, left out"));
    }
    let size = entry.size();
    if limit.is_exceeded_by(size) {
        return Err(left_out("too large, left out").because_of(limit));
    }
    if let Err(exceeded) = check_ratio(entry.compressed_size(), size) {
        return Err(left_out("too much from too little, left out").because_of(exceeded.0));
    }
    Ok(Some(Member { index, name, size }))
}

/// Decompresses a group of members on every core and hands them over in order.
fn read_group(archive: &Archive, group: &[Member], batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    let limit = batcher.limits.document;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut archive = archive.clone();
        let mut done = Vec::new();
        while let Some((place, member)) = take_next(&next, group) {
            done.push((place, read_member(&mut archive, member, limit)));
        }
        done
    };
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(group.len());
    let mut results: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    for (_, result) in results {
        match result {
            Ok(document) => hand_over(document, batcher)?,
            Err(note) => batcher.note(note),
        }
    }
    ControlFlow::Continue(())
}

fn take_next<'g>(next: &AtomicUsize, group: &'g [Member]) -> Option<(usize, &'g Member)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    group.get(place).map(|member| (place, member))
}

fn read_member(archive: &mut Archive, member: &Member, limit: Limit) -> Result<Document, Note> {
    let file = archive
        .by_index(member.index)
        .map_err(|e| broken(&member.name, e))?;
    // The declared size decided that the member fits into its group: what is longer is a lie.
    let file = file.take(member.size.saturating_add(1));
    let bytes = read_all(file, limit, member.size)
        .map_err(|e| ReadError::from_io_at(member.name.clone(), e).to_note())?;
    Ok(Document {
        name: member.name.clone(),
        line: None,
        bytes,
    })
}

/// A small member may itself be a stream of lines.
fn hand_over(document: Document, batcher: &mut Batcher<'_>) -> ControlFlow<()> {
    if is_lines(&document.bytes) {
        return stream(&document.name, document.bytes.as_slice(), batcher);
    }
    batcher.push(document)
}

/// A member larger than a batch is read as a stream, because it may be one of lines.
fn read_large(
    archive: &mut Archive,
    member: &Member,
    batcher: &mut Batcher<'_>,
) -> ControlFlow<()> {
    match archive.by_index(member.index) {
        Ok(file) => stream(
            &member.name,
            file.take(member.size.saturating_add(1)),
            batcher,
        ),
        Err(error) => {
            batcher.note(broken(&member.name, error));
            ControlFlow::Continue(())
        }
    }
}

fn broken(name: &str, error: ZipError) -> Note {
    let error = match error {
        ZipError::Io(cause) => ReadError::from_io_at(name.to_owned(), cause),
        other => ReadError::Broken {
            path: name.to_owned(),
            why: other.to_string(),
        },
    };
    error.to_note()
}
