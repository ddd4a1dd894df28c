//! One layer: a tar stream, plain or compressed with gzip or Zstandard (OCI image specification, layer.md), read once for
//! the names in it and once more for the files somebody wants.

use std::io::{self, BufReader, Read};

use base::{Limit, Note};

use crate::error::ReadError;
use crate::expand::Expanded;
use crate::image::digest::{Digest, Hashed, Hasher};
use crate::limits::{
    IMAGE_ENTRIES, IMAGE_NAME_BYTES, IMAGE_PATH_BYTES, LAYER_BYTES, NOTES_OF_A_KIND,
};
use crate::name::member;
use crate::tarball::{Member, MemberKind, Tarball};

/// How much is taken from a layer at once.
const BUFFER: usize = 128 << 10;

/// An entry of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: Box<[u8]>,
    pub(crate) ordinal: u64,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Folder,
    File(u64),
    Sparse(u64),
    Symlink(Box<[u8]>),
    Hardlink(Box<[u8]>),
    Other,
}

/// What is left of the bounds that hold for all layers of an image together.
#[derive(Debug)]
pub(crate) struct Room {
    entries: u64,
    name_bytes: u64,
}

impl Room {
    pub(crate) const fn new() -> Self {
        Self {
            entries: IMAGE_ENTRIES.max,
            name_bytes: IMAGE_NAME_BYTES.max,
        }
    }

    fn take(&mut self, member: &Member) -> Result<(), Limit> {
        let bytes = (member.path.len() + member.link.len()) as u64;
        self.entries = self.entries.checked_sub(1).ok_or(IMAGE_ENTRIES)?;
        self.name_bytes = self.name_bytes.checked_sub(bytes).ok_or(IMAGE_NAME_BYTES)?;
        Ok(())
    }
}

/// The names in a layer.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) entries: Vec<Named>,
    pub(crate) remarks: Remarks,
    /// The digest of the blob as it is stored, if it was asked for.
    pub(crate) stored: Option<Digest>,
    /// The digest of the tar stream, unless it could not be read to its end.
    pub(crate) diff_id: Option<Digest>,
}

impl Names {
    pub(crate) fn push(&mut self, member: Member, room: &mut Room) -> Result<(), Limit> {
        room.take(&member)?;
        if IMAGE_PATH_BYTES.is_exceeded_by(member.path.len().max(member.link.len()) as u64) {
            let note = Note::warning("a path too long, left out").because_of(IMAGE_PATH_BYTES);
            self.remarks.push(note);
            return Ok(());
        }
        let what = match member.kind {
            MemberKind::Folder => What::Folder,
            MemberKind::File => What::File(member.size),
            MemberKind::Sparse => What::Sparse(member.size),
            MemberKind::Symlink => What::Symlink(member.link.into()),
            MemberKind::Hardlink => What::Hardlink(member.link.into()),
            MemberKind::Other => What::Other,
        };
        self.entries.push(Named {
            path: member.path.into(),
            ordinal: member.ordinal,
            what,
        });
        Ok(())
    }
}

/// Reads the names, and both digests on the way. What the stream itself is worth is told by the digests, so its errors are
/// notes: the names before them are good.
pub(crate) fn names(
    blob: &mut dyn Read,
    stored: Option<&Digest>,
    room: &mut Room,
) -> io::Result<Names> {
    let mut raw = Hashed::new(blob, stored.and_then(Hasher::for_digest));
    let mut names = Names::default();
    let is_sha256 = stored.is_some_and(|digest| digest.as_str().starts_with("sha256:"));
    let read = expand(&mut raw, is_sha256, &mut names, room);
    names.stored = raw.finish()?;
    match read {
        Ok(Stream::Same) => names.diff_id.clone_from(&names.stored),
        Ok(Stream::Other) => {}
        Err(error) => names.remarks.push(unread(error)),
    }
    Ok(names)
}

/// What a blob is to the stream in it.
enum Stream {
    /// Not compressed, so both digests are the same one and it is computed once.
    Same,
    Other,
}

fn expand(
    raw: &mut dyn Read,
    is_hashed: bool,
    names: &mut Names,
    room: &mut Room,
) -> io::Result<Stream> {
    let expanded = Expanded::new(raw, LAYER_BYTES)?;
    let stream = match expanded.is_plain() && is_hashed {
        true => Stream::Same,
        false => Stream::Other,
    };
    let hasher = matches!(stream, Stream::Other).then(Hasher::sha256);
    let mut reader = BufReader::with_capacity(BUFFER, Hashed::new(expanded, hasher));
    let listed = list(&mut reader, names, room);
    // To the end even after an error, for the digest is of everything.
    let digest = reader.into_inner().finish();
    match (listed, digest) {
        (Err(error), Ok(digest)) => {
            names.diff_id = digest;
            Err(error)
        }
        (Err(error), Err(_)) | (Ok(()), Err(error)) => Err(error),
        (Ok(()), Ok(digest)) => {
            names.diff_id = digest;
            Ok(stream)
        }
    }
}

fn list(reader: &mut impl Read, names: &mut Names, room: &mut Room) -> io::Result<()> {
    let mut tarball = Tarball::streamed(reader);
    while let Some(member) = tarball.next_member()? {
        if let Err(limit) = names.push(member, room) {
            let note = Note::error("too many files; the rest is not looked at");
            names.remarks.push(note.because_of(limit));
            return Ok(());
        }
    }
    Ok(())
}

fn unread(error: io::Error) -> Note {
    let note = ReadError::from_io_at(String::new(), error).to_note();
    Note {
        what: format!("the rest of the layer could not be read: {}", note.what),
        file: None,
        ..note
    }
}

/// Hands over the bytes of the members with these ordinals, which are sorted. Stops after the last one.
pub(crate) fn contents(
    blob: &mut dyn Read,
    wanted: &[u64],
    each: &mut dyn FnMut(u64, &mut dyn Read),
) -> io::Result<()> {
    let expanded = Expanded::new(blob, LAYER_BYTES)?;
    let reader = BufReader::with_capacity(BUFFER, expanded);
    contents_of(Tarball::streamed(reader), wanted, each)
}

/// The same, of a tar stream.
pub(crate) fn contents_of<R: Read>(
    mut tarball: Tarball<R>,
    wanted: &[u64],
    each: &mut dyn FnMut(u64, &mut dyn Read),
) -> io::Result<()> {
    let mut wanted = wanted.iter().peekable();
    while let Some(next) = wanted.peek() {
        let Some(member) = tarball.next_member()? else {
            return Ok(());
        };
        if member.ordinal == **next {
            each(member.ordinal, &mut tarball);
            wanted.next();
        }
    }
    Ok(())
}

/// Notes, bounded: of each kind the first few, then how many more.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    notes: Vec<(Note, u64)>,
}

impl Remarks {
    pub(crate) fn push(&mut self, note: Note) {
        let same = |other: &&mut (Note, u64)| {
            other.0.what == note.what && (other.0.level, other.0.limit) == (note.level, note.limit)
        };
        // Kinds are few, so the notes kept are too.
        let mut alike = self.notes.iter_mut().filter(same);
        let (first, rest) = (alike.next(), alike.count());
        match first {
            Some(first) if rest + 1 >= NOTES_OF_A_KIND => first.1 += 1,
            _ => self.notes.push((note, 0)),
        }
    }

    /// A note on a path of the image.
    pub(crate) fn push_at(&mut self, path: &[u8], note: Note) {
        self.push(note.in_file(member(path)));
    }

    /// All of them; those without a file get this one.
    pub(crate) fn into_notes(self, file: &str) -> Vec<Note> {
        let place = |note: Note| Note {
            file: note.file.or_else(|| Some(file.to_owned())),
            ..note
        };
        let counted = |(note, more): (Note, u64)| match more {
            0 => note,
            more => Note {
                what: format!("{} (and {more} more like it)", note.what),
                ..note
            },
        };
        self.notes.into_iter().map(counted).map(place).collect()
    }
}
