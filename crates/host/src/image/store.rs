//! Where the blobs of an image are: files below a directory, or members of a tar archive. An archive that is compressed as a
//! whole can only be read from its start, so blobs are asked for together and come in whatever order they lie.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::ReadError;
use crate::expand::Expanded;
use crate::image::layer::{Named, Names, Room, What, contents_of};
use crate::image::overlay::parts;
use crate::limits::{IMAGE_BYTES, IMAGE_JSON_BYTES, IMAGE_JSON_KEPT};
use crate::name::{member, shown};
use crate::open::{Source, regular};
use crate::tarball::{Member, MemberKind, Tarball};

/// How much is taken from an archive at once.
const BUFFER: usize = 128 << 10;

/// Blobs and documents by their path in the image's directory or archive.
pub(crate) enum Store {
    Folder(PathBuf),
    Archive(Box<Archive>),
}

/// Hands over one blob: its place in what was asked for, and its bytes.
type Each<'e> = &'e mut dyn FnMut(usize, &mut dyn Read) -> Result<(), ReadError>;

impl Store {
    /// What the user named, as it may be shown.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Folder(root) => shown(root),
            Self::Archive(archive) => archive.name.clone(),
        }
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        match self {
            Self::Folder(root) => root.join(path).is_file(),
            Self::Archive(archive) => archive.find(path).is_some(),
        }
    }

    /// A JSON document, whole.
    pub(crate) fn document(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let place = format!("{}!{path}", self.name());
        if let Self::Archive(archive) = self
            && archive.compressed
        {
            return archive.kept_document(path, place);
        }
        let fail = |error| ReadError::from_io_at(place.clone(), error);
        let mut read = None;
        self.visit(&[path], &mut |_, reader| {
            let most = IMAGE_JSON_BYTES.max + 1;
            let bytes = read.insert(Vec::new());
            reader.take(most).read_to_end(bytes).map_err(fail)?;
            Ok(())
        })?;
        let Some(bytes) = read else {
            return Err(ReadError::Missing { path: place });
        };
        if IMAGE_JSON_BYTES.is_exceeded_by(bytes.len() as u64) {
            return Err(ReadError::TooLarge {
                path: place,
                limit: IMAGE_JSON_BYTES,
            });
        }
        Ok(bytes)
    }

    /// Hands over blobs; those that are not there are passed over.
    pub(crate) fn visit(&self, paths: &[&str], each: Each<'_>) -> Result<(), ReadError> {
        match self {
            Self::Folder(root) => {
                for (index, path) in paths.iter().enumerate() {
                    match regular(&root.join(path)) {
                        Ok((mut source, _)) => each(index, &mut source)?,
                        Err(ReadError::Missing { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
            Self::Archive(archive) => archive.visit(paths, each),
        }
    }
}

/// A tar archive with the index of its members.
pub(crate) struct Archive {
    pub(crate) name: String,
    source: Source,
    compressed: bool,
    /// The folder the image lies in, `layout/`; empty where it lies at the root.
    prefix: String,
    entries: HashMap<String, Entry>,
    /// Documents of an archive that is compressed as a whole, by ordinal: reading one again means reading all before it.
    kept: HashMap<u64, Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Entry {
    ordinal: u64,
    offset: u64,
    size: u64,
    /// Where a link leads.
    link: Option<String>,
}

impl Archive {
    /// Reads the index. What it gives besides is the list of all names, for an archive that turns out to be no image.
    pub(crate) fn open(name: String, source: Source) -> Result<(Self, Names), ReadError> {
        let mut archive = Self {
            name,
            source,
            compressed: false,
            prefix: String::new(),
            entries: HashMap::new(),
            kept: HashMap::new(),
        };
        let mut names = Names::default();
        let mut offsets = HashMap::new();
        archive
            .index(&mut names, &mut offsets)
            .map_err(|error| ReadError::from_io_at(archive.name.clone(), error))?;
        for entry in &names.entries {
            archive.take(entry, &offsets);
        }
        archive.prefix = archive.folder_of_layout().unwrap_or_default();
        Ok((archive, names))
    }

    fn index(&mut self, names: &mut Names, offsets: &mut HashMap<u64, u64>) -> io::Result<()> {
        let mut room = Room::new();
        let mut kept_bytes = 0;
        let source = self.source.clone();
        let expanded = Expanded::new(source.clone(), IMAGE_BYTES)?;
        self.compressed = !expanded.is_plain();
        if !self.compressed {
            let mut source = source;
            source.seek(SeekFrom::Start(0))?;
            let mut tarball = Tarball::seeking(source);
            return members(&mut tarball, names, &mut room, &mut |member, _| {
                if may_be_of_an_image(&member.path) {
                    offsets.insert(member.ordinal, member.offset);
                }
                Ok(())
            });
        }
        let kept = &mut self.kept;
        let mut tarball = Tarball::streamed(BufReader::with_capacity(BUFFER, expanded));
        members(&mut tarball, names, &mut room, &mut |member, reader| {
            let fits = !IMAGE_JSON_BYTES.is_exceeded_by(member.size)
                && !IMAGE_JSON_KEPT.is_exceeded_by(kept_bytes + member.size);
            if member.kind != MemberKind::File || !fits || !may_be_of_an_image(&member.path) {
                return Ok(());
            }
            let mut bytes = Vec::new();
            reader.take(1).read_to_end(&mut bytes)?;
            if matches!(bytes.as_slice(), b"{" | b"[") {
                reader.read_to_end(&mut bytes)?;
                kept_bytes += member.size;
                kept.insert(member.ordinal, bytes);
            }
            Ok(())
        })
    }

    fn take(&mut self, entry: &Named, offsets: &HashMap<u64, u64>) {
        if !may_be_of_an_image(&entry.path) {
            return;
        }
        let Some(path) = clean(&entry.path) else {
            return;
        };
        let (size, link) = match &entry.what {
            What::File(size) => (*size, None),
            What::Hardlink(target) => (0, clean(target)),
            What::Symlink(target) => (0, beside(&path, target)),
            _ => return,
        };
        let entry = Entry {
            ordinal: entry.ordinal,
            offset: offsets.get(&entry.ordinal).copied().unwrap_or_default(),
            size,
            link,
        };
        self.entries.insert(path, entry);
    }

    /// A layout may have been packed together with the folder it is in.
    fn folder_of_layout(&self) -> Option<String> {
        let at_root = |name: &&str| self.entries.contains_key(*name);
        if ["oci-layout", "manifest.json", "repositories"]
            .iter()
            .any(at_root)
        {
            return None;
        }
        let folders = self.entries.keys().filter_map(|name| {
            let folder = name.strip_suffix("oci-layout")?;
            (folder.matches('/').count() == 1).then(|| folder.to_owned())
        });
        folders.min()
    }

    /// The entry of a path, through links: older programs save equal layers once.
    fn find(&self, path: &str) -> Option<&Entry> {
        /// A link to a link to a link is nothing a program writes.
        const LINKS: usize = 4;
        let mut entry = self.entries.get(&format!("{}{path}", self.prefix))?;
        for _ in 0..LINKS {
            match &entry.link {
                None => return Some(entry),
                Some(target) => entry = self.entries.get(target)?,
            }
        }
        None
    }

    /// A document of a compressed archive: only what was kept, since looking for another costs a whole reading.
    fn kept_document(&self, path: &str, place: String) -> Result<Vec<u8>, ReadError> {
        let Some(entry) = self.find(path) else {
            return Err(ReadError::Missing { path: place });
        };
        let kept = self.kept.get(&entry.ordinal).cloned();
        kept.ok_or_else(|| {
            if IMAGE_JSON_BYTES.is_exceeded_by(entry.size) {
                let limit = IMAGE_JSON_BYTES;
                ReadError::TooLarge { path: place, limit }
            } else {
                let why = format!("no JSON document, or too many before it ({IMAGE_JSON_KEPT})");
                ReadError::Broken { path: place, why }
            }
        })
    }

    /// Lets go of what only an image needs.
    pub(crate) fn forget_image(&mut self) {
        self.entries = HashMap::new();
        self.kept = HashMap::new();
    }

    fn visit(&self, paths: &[&str], each: Each<'_>) -> Result<(), ReadError> {
        let found = paths
            .iter()
            .enumerate()
            .filter_map(|(index, path)| self.find(path).map(|entry| (index, entry)));
        if self.compressed {
            let by_ordinal = found.map(|(index, e)| (e.ordinal, index)).collect();
            return self.visit_from_start(by_ordinal, each);
        }
        for (index, entry) in found {
            let mut source = self.source.clone();
            source
                .seek(SeekFrom::Start(entry.offset))
                .map_err(|error| ReadError::from_io_at(self.name.clone(), error))?;
            each(index, &mut source.take(entry.size))?;
        }
        Ok(())
    }

    /// One way through a compressed archive, up to the last member wanted.
    fn visit_from_start(
        &self,
        mut wanted: BTreeMap<u64, usize>,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let fail = |error| ReadError::from_io_at(self.name.clone(), error);
        let expanded = Expanded::new(self.source.clone(), IMAGE_BYTES).map_err(fail)?;
        let mut tarball = Tarball::streamed(BufReader::with_capacity(BUFFER, expanded));
        while !wanted.is_empty() {
            let Some(member) = tarball.next_member().map_err(fail)? else {
                return Ok(());
            };
            if let Some(index) = wanted.remove(&member.ordinal) {
                each(index, &mut tarball)?;
            }
        }
        Ok(())
    }

    /// Hands over the bytes of the members with these ordinals, which are sorted, of an archive that is no image.
    pub(crate) fn members(
        &self,
        wanted: &[u64],
        each: &mut dyn FnMut(u64, &mut dyn Read),
    ) -> Result<(), ReadError> {
        let source = self.source.clone();
        let read = if self.compressed {
            Expanded::new(source, IMAGE_BYTES).and_then(|expanded| {
                let reader = BufReader::with_capacity(BUFFER, expanded);
                contents_of(Tarball::streamed(reader), wanted, each)
            })
        } else {
            contents_of(Tarball::seeking(source), wanted, each)
        };
        read.map_err(|error| ReadError::from_io_at(self.name.clone(), error))
    }
}

/// Every member, into the names; what breaks off after some of them is a note.
fn members<R: Read>(
    tarball: &mut Tarball<R>,
    names: &mut Names,
    room: &mut Room,
    each: &mut dyn FnMut(&Member, &mut dyn Read) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let next = tarball.next_member().and_then(|member| {
            if let Some(member) = &member {
                each(member, tarball)?;
            }
            Ok(member)
        });
        let member = match next {
            Ok(Some(member)) => member,
            Ok(None) => return Ok(()),
            Err(error) if names.entries.is_empty() => return Err(error),
            Err(error) => {
                let note = ReadError::from_io_at(String::new(), error).to_note();
                names.remarks.push(base::Note {
                    what: format!("the rest of the archive could not be read: {}", note.what),
                    file: None,
                    ..note
                });
                return Ok(());
            }
        };
        if let Err(limit) = names.push(member, room) {
            let note = base::Note::error("too many members; the rest is not looked at");
            names.remarks.push(note.because_of(limit));
            return Ok(());
        }
    }
}

/// Whether a member may be part of an image: what programs write lies no deeper than `layout/blobs/sha256/<hex>`.
fn may_be_of_an_image(path: &[u8]) -> bool {
    let parts = path.split(|b| *b == b'/');
    parts.filter(|part| !matches!(*part, b"" | b".")).count() <= 4
}

fn clean(path: &[u8]) -> Option<String> {
    let parts = parts(path).ok()?;
    (!parts.is_empty()).then(|| member(&parts.join(&b'/')))
}

/// What a symbolic link at `path` leads to.
fn beside(path: &str, target: &[u8]) -> Option<String> {
    if target.starts_with(b"/") {
        return clean(target);
    }
    let folder = Path::new(path).parent()?.to_str()?;
    clean(&[folder.as_bytes(), b"/", target].concat())
}
