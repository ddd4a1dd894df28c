//! Container images and tar archives as targets, read without unpacking anything: OCI layouts, what `docker save` writes, and
//! plain archives of a file system or a project.
//!
//! An image is read twice. First the names: every layer is listed, its digests are checked, and the layers are put on each
//! other, which tells where the file seen at each path lies. Then the contents, of those files only that some format
//! `wants`. So memory holds names and one file at a time, however large the image is.
//!
//! Imports inside go one way: `platform`, `digest`, `layer` ← `overlay`, `store`, `config` ← `base_image` ← `plan` ←
//! `layout`, `docker_archive`, `stack` ← here.

mod base_image;
mod config;
mod digest;
mod docker_archive;
mod layer;
mod layout;
mod overlay;
mod plan;
mod platform;
mod stack;
mod store;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base::{Limit, Note};

use crate::error::ReadError;
use crate::expand::{Expanded, read_all};
use crate::image::layer::{Names, Remarks};
pub(crate) use crate::image::overlay::Seen;
use crate::image::overlay::{Content, Marks, Origin, Tree};
use crate::image::plan::Plan;
use crate::image::stack::{Stack, refusal};
use crate::image::store::{Archive, Store};
use crate::limits::{IMAGE_LAYERS, IMAGES};
use crate::name::shown;
use crate::open::Source;
use crate::tarball::{MAGIC_BYTES, is_tar};

pub use base_image::BaseImage;
pub use platform::{NotAPlatform, Platform};

/// What an image says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The reference or tag it is kept under.
    pub name: Option<String>,
    /// What it runs on.
    pub platform: Option<Platform>,
    /// Its layers from the bottom up, each by the digest of its tar stream (the diffID).
    pub layers: Vec<String>,
    /// What it was built on.
    pub base: BaseImage,
}

/// Takes files as they are read.
pub(crate) trait Sink {
    /// Whether a format may read a file of this name.
    fn wants(&self, name: &str) -> bool;
    /// Leaves out the files that others make needless.
    fn choose(&self, files: Vec<Seen>) -> Vec<Seen>;
    /// Whether a format would look into the file whatever it is called: a program. Links to it add nothing.
    fn is_searched(&self, name: &str) -> bool;
    /// The largest file taken.
    fn limit(&self) -> Limit;
    /// A file, whole, and the digest of its layer.
    fn take(&mut self, name: &str, bytes: &[u8], layer: Option<&str>);
    /// What could not be read.
    fn note(&mut self, note: Note);
}

/// What a target with layers or members turned out to be.
pub(crate) enum Opened {
    /// Images, in a directory or an archive, and what is wrong with that as such.
    Images(Store, Vec<Note>),
    /// An archive of files.
    Files(Box<Archive>, Names),
}

/// Where package databases are looked for even behind a link to a directory.
const PLACES: [&str; 5] = [
    "var/lib/dpkg",
    "var/lib/rpm",
    "usr/lib/sysimage/rpm",
    "lib/apk/db",
    "usr/lib/apk/db",
];

/// Whether a directory is an OCI layout.
pub(crate) fn is_layout(folder: &Path) -> bool {
    folder.join(layout::MARK).is_file() && folder.join(layout::INDEX).is_file()
}

/// The images in a directory.
pub(crate) fn open_folder(folder: &Path) -> Opened {
    Opened::Images(Store::Folder(folder.to_owned()), Vec::new())
}

/// What is in a tar archive, which may be compressed; `None` if it is none.
pub(crate) fn open_archive(path: &Path, source: &Source) -> Result<Option<Opened>, ReadError> {
    let mut head = Vec::new();
    let peeked = Expanded::new(source.clone(), Limit::new("archive-head", MAGIC_BYTES))
        .and_then(|expanded| expanded.take(MAGIC_BYTES).read_to_end(&mut head));
    if peeked.is_err() || !is_tar(&head) {
        // Whoever reads the whole file tells what is wrong with it.
        return Ok(None);
    }
    let (archive, names) = Archive::open(shown(path), source.clone())?;
    let store = Store::Archive(Box::new(archive));
    let is_image = (store.has(layout::MARK) && store.has(layout::INDEX))
        || (store.has(docker_archive::MANIFEST) && docker_archive::is_manifest(&store))
        || (store.has(docker_archive::REPOSITORIES) && docker_archive::is_repositories(&store));
    Ok(Some(match store {
        Store::Archive(mut archive) if !is_image => {
            archive.forget_image();
            Opened::Files(archive, names)
        }
        store => Opened::Images(store, names.remarks.into_notes(&shown(path))),
    }))
}

/// The images in a store, for the platform asked for: each a plan to read it by, or why there is none.
pub(crate) fn plans(
    store: &Store,
    asked: Option<&Platform>,
) -> Result<Vec<Result<Plan, ReadError>>, ReadError> {
    let mut plans = if store.has(layout::INDEX) && store.has(layout::MARK) {
        layout::images(store, asked)
    } else if store.has(docker_archive::MANIFEST) {
        docker_archive::images(store, asked)
    } else {
        docker_archive::old_images(store, asked)
    }?;
    if plans.is_empty() {
        return Err(ReadError::Broken {
            path: store.name(),
            why: "it lists no image".to_owned(),
        });
    }
    if IMAGES.is_exceeded_by(plans.len() as u64) {
        plans.truncate(usize::try_from(IMAGES.max).unwrap_or_default());
        plans.push(Err(ReadError::TooLarge {
            path: store.name(),
            limit: IMAGES,
        }));
    }
    Ok(plans)
}

/// Reads an archive of files.
pub(crate) fn read_files(archive: &Archive, names: Names, sink: &mut dyn Sink) {
    let mut remarks = names.remarks;
    let mut tree = Tree::new();
    let origin = Origin { layer: 0, blob: 0 };
    tree.put_on(&names.entries, origin, Marks::None, &mut |entry, why| {
        remarks.push_at(&entry.path, refusal(why, entry, &|name| sink.wants(name)));
    });
    drop(names.entries);
    let chosen = chosen(&mut tree, &mut remarks, sink);
    let mut wanted = Wanted::of(chosen, |_| None);
    let read = archive.members(&wanted.ordinals(0), &mut |ordinal, reader| {
        wanted.deliver((0, ordinal), reader, sink);
    });
    if let Err(error) = read {
        remarks.push(error.to_note());
    }
    remarks
        .into_notes(&archive.name)
        .into_iter()
        .for_each(|note| sink.note(note));
}

/// Reads an image.
pub(crate) fn read_image(
    store: &Store,
    plan: Plan,
    sink: &mut dyn Sink,
) -> Result<Image, ReadError> {
    if IMAGE_LAYERS.is_exceeded_by(plan.layers.len() as u64) {
        return Err(ReadError::TooLarge {
            path: store.name(),
            limit: IMAGE_LAYERS,
        });
    }
    let mut stack = Stack::new(store, &plan.layers);
    stack.read(&|name| sink.wants(name))?;
    let mut remarks = std::mem::take(&mut stack.remarks);
    plan.notes.into_iter().for_each(|note| remarks.push(note));
    let chosen = chosen(&mut stack.tree, &mut remarks, sink);
    let layers = stack.layer_names();
    let mut wanted = Wanted::of(chosen, |layer| layers.get(usize::from(layer)).cloned());
    let blobs: Vec<u16> = wanted.blobs();
    let paths: Vec<&str> = blobs.iter().map(|blob| stack.path_of(*blob)).collect();
    store.visit(&paths, &mut |index, reader| {
        let blob = blobs[index];
        let read = layer::contents(reader, &wanted.ordinals(blob), &mut |ordinal, reader| {
            wanted.deliver((blob, ordinal), reader, sink);
        });
        if let Err(error) = read {
            let place = format!("{}!{}", store.name(), paths[index]);
            sink.note(ReadError::from_io_at(place, error).to_note());
        }
        Ok(())
    })?;
    remarks
        .into_notes(&store.name())
        .into_iter()
        .for_each(|note| sink.note(note));
    Ok(Image {
        name: plan.name,
        platform: plan.platform,
        layers,
        base: plan.base,
    })
}

/// The files to read; links that lead nowhere are remarked.
fn chosen(tree: &mut Tree, remarks: &mut Remarks, sink: &dyn Sink) -> Vec<Seen> {
    let wants =
        |name: &str, is_link: bool| sink.wants(name) && !(is_link && sink.is_searched(name));
    let files = tree.files(&wants, &PLACES, &mut |name| {
        remarks.push(
            Note::warning("a link that leads nowhere inside the tree, not followed").in_file(name),
        );
    });
    let limit = sink.limit();
    let mut readable = |seen: &Seen| {
        let note = if limit.is_exceeded_by(seen.content.size) {
            Note::warning("too large, left out").because_of(limit)
        } else if seen.content.sparse && sink.is_searched(&seen.name) {
            // A log of log-ins rather than a program.
            Note::info("stored with holes, left out")
        } else if seen.content.sparse {
            Note::warning("stored with holes, left out")
        } else {
            return true;
        };
        remarks.push(note.in_file(&seen.name));
        false
    };
    let files = sink.choose(files);
    files.into_iter().filter(|seen| readable(seen)).collect()
}

/// A path, and the layer it is seen in.
type Name = (String, Option<String>);

/// Files by where their bytes are, with the names they are seen under.
struct Wanted {
    names: BTreeMap<(u16, u64), Vec<Name>>,
    sizes: BTreeMap<(u16, u64), u64>,
}

impl Wanted {
    fn of(seen: Vec<Seen>, layer: impl Fn(u16) -> Option<String>) -> Self {
        let mut wanted = Self {
            names: BTreeMap::new(),
            sizes: BTreeMap::new(),
        };
        for seen in seen {
            let Content {
                blob,
                ordinal,
                size,
                ..
            } = seen.content;
            let names = wanted.names.entry((blob, ordinal)).or_default();
            names.push((seen.name, layer(seen.layer)));
            wanted.sizes.insert((blob, ordinal), size);
        }
        wanted
    }

    fn blobs(&self) -> Vec<u16> {
        let mut blobs: Vec<u16> = self.names.keys().map(|(blob, _)| *blob).collect();
        blobs.dedup();
        blobs
    }

    fn ordinals(&self, blob: u16) -> Vec<u64> {
        let of_blob = self.names.range((blob, 0)..=(blob, u64::MAX));
        of_blob.map(|((_, ordinal), _)| *ordinal).collect()
    }

    /// Reads one file and hands it over under each of its names; a program once, and no large file that is none.
    fn deliver(&mut self, place: (u16, u64), reader: &mut dyn Read, sink: &mut dyn Sink) {
        let size = self.sizes.get(&place).copied().unwrap_or_default();
        let mut names = self.names.remove(&place).unwrap_or_default();
        let mut head = Vec::new();
        if names.iter().all(|(name, _)| sink.is_searched(name)) {
            names.truncate(1);
            let read = reader.take(4).read_to_end(&mut head);
            if read.is_ok() && !is_program(&head) {
                return;
            }
        }
        match read_all(head.as_slice().chain(reader), sink.limit(), size) {
            Ok(bytes) => names
                .iter()
                .for_each(|(name, layer)| sink.take(name, &bytes, layer.as_deref())),
            Err(error) => {
                let name = names.into_iter().next().unwrap_or_default().0;
                sink.note(ReadError::from_io_at(name, error).to_note());
            }
        }
    }
}

/// The first bytes of ELF, PE and Mach-O, so that what is none of them is not held. The formats decide.
fn is_program(head: &[u8]) -> bool {
    const MACH_O: [&[u8]; 5] = [
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ];
    head.starts_with(b"\x7fELF") || head.starts_with(b"MZ") || MACH_O.contains(&head)
}
