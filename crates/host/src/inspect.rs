//! A target read with every format `inventory` knows: one file, recognised by what is in it, a directory, walked, or the
//! layers of a container image and the members of a tar archive, as if they were unpacked.

use std::collections::HashSet;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use base::{Limit, Note, Parsed};
use inventory::formats::{self, FORMATS, Format, Input, ReadSeek};
use inventory::{HostKind, Listing};

use crate::error::ReadError;
use crate::image::{self, Image, Opened, Platform, Seen, Sink};
use crate::name::shown;
use crate::open::{Source, is_inherited_pipe, is_stdin, regular};
use crate::read::read;
use crate::walk::{WalkOptions, walk};

/// How to read a target.
#[derive(Clone, Debug, Default)]
pub struct InspectOptions {
    /// How a directory is walked. The largest file that is opened holds for images and archives too.
    pub walk: WalkOptions,
    /// Of an image for several platforms the one to read; linux/amd64 if nobody says.
    pub platform: Option<Platform>,
}

/// What one file gave.
#[derive(Clone)]
pub struct Reading {
    /// The file: as the user named it, or its path below the directory the user named.
    pub file: String,
    /// The format it was recognised as.
    pub format: &'static dyn Format,
    /// What it lists.
    pub listing: Listing,
}

/// What a target gave. All listings belong to one host: a directory is one system or one application, and so is an image.
#[derive(Clone, Default)]
pub struct Inspected {
    /// One for each file that was recognised, or for each host a file lists, in the order of their names.
    pub readings: Vec<Reading>,
    /// What was not understood, each with its file.
    pub notes: Vec<Note>,
    /// How many files were opened.
    pub files_read: u64,
    /// What the image says of itself, if it is one.
    pub image: Option<Image>,
}

impl Inspected {
    /// Whether any format knew any file, or it is an image, which may be empty. If not, the user named the wrong thing.
    pub const fn recognised(&self) -> bool {
        !self.readings.is_empty() || self.image.is_some()
    }

    /// The listings alone, as [`inventory::assemble`] takes them.
    pub fn into_listings(self) -> (Vec<Listing>, Vec<Note>) {
        let mut listings: Vec<Listing> = self
            .readings
            .into_iter()
            .map(|reading| reading.listing)
            .collect();
        if let Some(image) = self.image {
            listings.push(Listing {
                subject: Some((image.name.unwrap_or_default(), Some(HostKind::Image))),
                ..Listing::default()
            });
        }
        (listings, self.notes)
    }
}

/// Reads a file, standard input (`-`), every wanted file below a directory, or the images or files in an archive: one answer
/// for each host, which are several only where an archive holds several images. The error is about the target itself.
pub fn inspect(target: &Path, options: &InspectOptions) -> Result<Vec<Inspected>, ReadError> {
    if image::is_layout(target) {
        return opened(target, image::open_folder(target), options);
    }
    if target.is_dir() {
        return Ok(vec![directory(target, &options.walk)]);
    }
    if is_stdin(target) || is_inherited_pipe(target) {
        // A pipe is read once, so it is held whole.
        return inspect_bytes(target, read(target, options.walk.limits.file)?, options);
    }
    if let Some(archive) = image::open_archive(target, &regular(target)?.0)? {
        return opened(target, archive, options);
    }
    let mut inspected = Inspected::default();
    inspected.take(target, shown(target), &options.walk)?;
    Ok(vec![inspected])
}

/// The same for the bytes of a file, already decompressed, that goes by a name.
pub fn inspect_bytes(
    name: &Path,
    bytes: Vec<u8>,
    options: &InspectOptions,
) -> Result<Vec<Inspected>, ReadError> {
    let bytes: Arc<[u8]> = bytes.into();
    let source = Source::of_bytes(Arc::clone(&bytes));
    if let Some(archive) = image::open_archive(name, &source)? {
        return opened(name, archive, options);
    }
    let mut inspected = Inspected::default();
    inspected.parse(&shown(name), &bytes, None);
    Ok(vec![inspected])
}

fn directory(target: &Path, options: &WalkOptions) -> Inspected {
    let mut inspected = Inspected::default();
    let place = target.canonicalize().map(|root| shown(&root));
    let place = place.unwrap_or_else(|_| shown(target));
    // A program is read under its own name; the many links to it add nothing.
    let walking = WalkOptions {
        follows: |name| !formats::is_read_in_place(name),
        ..*options
    };
    let found = walk(target, &|name| placed(&place, name).is_some(), &walking);
    inspected.notes = found.notes;
    let names: HashSet<&str> = found.value.iter().map(|file| file.name.as_str()).collect();
    for file in &found.value {
        if is_ruled(&file.name, &names) {
            continue;
        }
        let name = placed(&place, &file.name).unwrap_or_else(|| file.name.clone());
        let taken = if formats::is_read_in_place(&name) {
            regular(&file.path).map(|(mut source, _)| inspected.look_into(&name, &mut source, None))
        } else {
            inspected.take(&file.path, name, options)
        };
        if let Err(error) = taken {
            inspected.notes.push(error.to_note().in_file(&file.name));
        }
    }
    inspected
}

/// Reads the images or files of an archive.
fn opened(
    target: &Path,
    opened: Opened,
    options: &InspectOptions,
) -> Result<Vec<Inspected>, ReadError> {
    let (store, notes) = match opened {
        Opened::Files(archive, names) => {
            let mut taken = Taken::within(options.walk.limits.file);
            image::read_files(&archive, names, &mut taken);
            return Ok(vec![taken.sorted()]);
        }
        Opened::Images(store, notes) => (store, notes),
    };
    let mut inspected = Vec::new();
    let mut lost = Vec::new();
    for plan in image::plans(&store, options.platform.as_ref())? {
        let mut taken = Taken::within(options.walk.limits.file);
        match plan.and_then(|plan| image::read_image(&store, plan, &mut taken)) {
            Ok(image) => inspected.push(of_image(target, taken.sorted(), image)),
            Err(error) => lost.push(error),
        }
    }
    match inspected.first_mut() {
        Some(first) => {
            first.notes.extend(notes);
            first.notes.extend(lost.iter().map(ReadError::to_note));
        }
        None => return lost.into_iter().next().map_or(Ok(Vec::new()), Err),
    }
    Ok(inspected)
}

/// An image, described in a note; one kept under a tag alone is named by where it is and the tag.
fn of_image(target: &Path, mut inspected: Inspected, mut image: Image) -> Inspected {
    image.name = image.name.map(|name| {
        if name.contains([':', '/']) {
            name
        } else {
            format!("{}:{name}", shown(target))
        }
    });
    let platform = image.platform.as_ref().map(Platform::to_string);
    let platform = platform.as_deref().unwrap_or("an unknown platform");
    let count = image.layers.len();
    let what = format!(
        "image for {platform}, layers: {count}, base image: {}",
        image.base.described(count)
    );
    inspected
        .notes
        .insert(0, Note::info(what).in_file(shown(target)));
    if inspected.readings.is_empty() {
        let note = Note::warning("nothing in the image lists packages");
        inspected.notes.push(note.in_file(shown(target)));
    }
    inspected.image = Some(image);
    inspected
}

/// Whether the file that rules this one lies beside it.
fn is_ruled(name: &str, names: &HashSet<&str>) -> bool {
    let (folder, file) = name
        .rfind('/')
        .map_or(("", name), |at| name.split_at(at + 1));
    formats::lockfiles::ruled_by(file)
        .is_some_and(|ruler| names.contains(format!("{folder}{ruler}").as_str()))
}

/// The name a file is read under: its path below the root, or, when only the folders above the root tell what it is (the
/// user named `/var/lib/dpkg` itself), its whole path. `None` if nobody wants it.
fn placed(root: &str, name: &str) -> Option<String> {
    if wanted(name) {
        return Some(name.to_owned());
    }
    let whole = format!("{}/{name}", root.trim_end_matches('/'));
    if wanted(&whole) {
        return Some(whole);
    }
    // Last, because a program may have any name; and by the whole path, which tells the files of the kernel.
    formats::is_read_in_place(&whole).then(|| name.to_owned())
}

/// Whether the name says what the file is, so that it is to be read whole.
pub(crate) fn wanted(path: &str) -> bool {
    let mut by_name = FORMATS.iter().filter(|format| !format.reads_in_place());
    by_name.any(|format| format.wants(path))
}

impl Inspected {
    /// Reads one file.
    pub(crate) fn take(
        &mut self,
        path: &Path,
        file: String,
        options: &WalkOptions,
    ) -> Result<(), ReadError> {
        self.parse(&file, &read(path, options.limits.file)?, None);
        Ok(())
    }

    /// Recognises and parses one file.
    fn parse(&mut self, file: &str, bytes: &[u8], layer: Option<&str>) {
        self.files_read += 1;
        let input = Input { path: file, bytes };
        if let Some(format) = formats::recognise(&input) {
            self.keep(file, format, format.parse(&input), layer);
        }
    }

    /// A file that may be anything, of which a format reads only what it needs.
    fn look_into(&mut self, file: &str, source: &mut dyn ReadSeek, layer: Option<&str>) {
        if let Some((format, parsed)) = formats::parse_in_place(file, source) {
            self.files_read += 1;
            self.keep(file, format, parsed, layer);
        }
    }

    fn keep(
        &mut self,
        file: &str,
        format: &'static dyn Format,
        parsed: Parsed<Listing>,
        layer: Option<&str>,
    ) {
        let in_file = |note: Note| Note {
            file: note.file.or_else(|| Some(file.to_owned())),
            ..note
        };
        self.notes.extend(parsed.notes.into_iter().map(in_file));
        let mut own = parsed.value;
        let hosts = std::mem::take(&mut own.hosts);
        let is_of_hosts = !hosts.is_empty();
        let listings = hosts.into_iter().chain((!is_of_hosts).then_some(own));
        self.readings.extend(listings.map(|listing| Reading {
            file: file.to_owned(),
            format,
            listing: in_layer(listing, layer),
        }));
    }
}

/// With the layer at every place, unless an SBOM tells layers itself: they are of the image it is about.
fn in_layer(mut listing: Listing, layer: Option<&str>) -> Listing {
    let locations = listing.packages.iter_mut().flat_map(|p| &mut p.locations);
    for location in locations.filter(|location| location.layer.is_none()) {
        location.layer = layer.map(str::to_owned);
    }
    listing
}

/// What an image or archive gave so far, in the order it lies there.
struct Taken {
    inspected: Inspected,
    limit: Limit,
}

impl Taken {
    fn within(limit: Limit) -> Self {
        Self {
            inspected: Inspected::default(),
            limit,
        }
    }

    /// In the order of the names, whatever the archive's.
    fn sorted(mut self) -> Inspected {
        self.inspected.readings.sort_by(|a, b| a.file.cmp(&b.file));
        self.inspected
    }
}

impl Sink for Taken {
    fn wants(&self, name: &str) -> bool {
        wanted(name) || formats::is_read_in_place(name)
    }

    fn choose(&self, files: Vec<Seen>) -> Vec<Seen> {
        let names: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
        let names: HashSet<&str> = names.iter().map(String::as_str).collect();
        let is_read = |file: &Seen| !is_ruled(&file.name, &names);
        files.into_iter().filter(is_read).collect()
    }

    fn limit(&self) -> Limit {
        self.limit
    }

    fn is_searched(&self, name: &str) -> bool {
        formats::is_read_in_place(name)
    }

    fn take(&mut self, name: &str, bytes: &[u8], layer: Option<&str>) {
        if formats::is_read_in_place(name) {
            self.inspected
                .look_into(name, &mut Cursor::new(bytes), layer);
        } else {
            self.inspected.parse(name, bytes, layer);
        }
    }

    fn note(&mut self, note: Note) {
        self.inspected.notes.push(note);
    }
}
