//! The layers of one image on their way onto each other: names read, digests checked, what is missing remarked.

use std::collections::BTreeMap;

use base::Note;

use crate::error::ReadError;
use crate::image::digest::Digest;
use crate::image::layer::{Named, Names, Remarks, Room, names};
use crate::image::overlay::{Marks, Origin, Refused, Tree};
use crate::image::plan::Layer;
use crate::image::store::Store;
use crate::name::member;

/// The layers of an image. The store may give them in any order.
pub(crate) struct Stack<'p> {
    store: &'p Store,
    layers: &'p [Layer],
    /// Each blob once: two layers may be the same one.
    blobs: Vec<Blob<'p>>,
    blob_of: Vec<Option<usize>>,
    pub(crate) tree: Tree,
    /// How many layers lie on each other.
    height: usize,
    pub(crate) remarks: Remarks,
}

struct Blob<'p> {
    path: &'p str,
    names: Option<Names>,
    diff_id: Option<Digest>,
    /// How many layers still need the names.
    uses: usize,
}

impl<'p> Stack<'p> {
    pub(crate) fn new(store: &'p Store, layers: &'p [Layer]) -> Self {
        let mut stack = Self {
            store,
            layers,
            blobs: Vec::new(),
            blob_of: Vec::new(),
            tree: Tree::new(),
            height: 0,
            remarks: Remarks::default(),
        };
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for layer in layers {
            let path = layer.path.as_deref().filter(|path| store.has(path));
            if path.is_none() {
                stack.remarks.push(absent(layer));
            }
            stack.blob_of.push(path.map(|path| {
                let index = *known.entry(path).or_insert_with(|| {
                    stack.blobs.push(Blob {
                        path,
                        names: None,
                        diff_id: None,
                        uses: 0,
                    });
                    stack.blobs.len() - 1
                });
                stack.blobs[index].uses += 1;
                index
            }));
        }
        stack
    }

    /// Reads the names of every layer and puts each on those below, as soon as they are there.
    pub(crate) fn read(&mut self, wants: &dyn Fn(&str) -> bool) -> Result<(), ReadError> {
        let mut room = Room::new();
        let paths: Vec<&str> = self.blobs.iter().map(|blob| blob.path).collect();
        let store = self.store;
        store.visit(&paths, &mut |index, reader| {
            let stated = self.layer_of(index).and_then(|layer| layer.stored.as_ref());
            let names = names(reader, stated, &mut room).map_err(|error| {
                ReadError::from_io_at(format!("{}!{}", store.name(), paths[index]), error)
            })?;
            self.check(index, &names)?;
            self.blobs[index].diff_id.clone_from(&names.diff_id);
            self.blobs[index].names = Some(names);
            self.put_on_what_is_there(wants);
            Ok(())
        })?;
        self.put_on_what_is_there(wants);
        Ok(())
    }

    fn layer_of(&self, blob: usize) -> Option<&'p Layer> {
        let layer = self.blob_of.iter().position(|of| *of == Some(blob));
        layer.map(|layer| &self.layers[layer])
    }

    /// Compares the digests with those the image lists.
    fn check(&self, blob: usize, names: &Names) -> Result<(), ReadError> {
        let Some(layer) = self.layer_of(blob) else {
            return Ok(());
        };
        let pairs = [
            (&layer.stored, &names.stored, ""),
            (&layer.diff_id, &names.diff_id, " (decompressed)"),
        ];
        for (stated, found, how) in pairs {
            if let (Some(stated), Some(found)) = (stated, found)
                && stated != found
                && stated.as_str().starts_with("sha")
            {
                return Err(ReadError::Digest {
                    path: self.store.name(),
                    what: format!("{}{how}", self.blobs[blob].path),
                    stated: stated.to_string(),
                    found: found.to_string(),
                });
            }
        }
        Ok(())
    }

    fn put_on_what_is_there(&mut self, wants: &dyn Fn(&str) -> bool) {
        while let Some(of) = self.blob_of.get(self.height) {
            if let Some(index) = *of {
                let blob = &mut self.blobs[index];
                let Some(mut names) = blob.names.take() else {
                    return;
                };
                let remarks = &mut self.remarks;
                let origin = Origin {
                    layer: narrow(self.height),
                    blob: narrow(index),
                };
                self.tree.put_on(
                    &names.entries,
                    origin,
                    Marks::Whiteouts,
                    &mut |entry, why| {
                        remarks.push_at(&entry.path, refusal(why, entry, wants));
                    },
                );
                let place = format!("{}!{}", self.store.name(), blob.path);
                for note in std::mem::take(&mut names.remarks).into_notes(&place) {
                    remarks.push(note);
                }
                blob.uses -= 1;
                blob.names = (blob.uses > 0).then_some(names);
            }
            self.height += 1;
        }
    }

    /// Where a blob is in the store.
    pub(crate) fn path_of(&self, blob: u16) -> &'p str {
        self.blobs[usize::from(blob)].path
    }

    /// The digests of the layers' tar streams: as computed, else as listed.
    pub(crate) fn layer_names(&self) -> Vec<String> {
        let of = |(layer, blob): (&Layer, &Option<usize>)| {
            let computed = blob.and_then(|blob| self.blobs[blob].diff_id.as_ref());
            let best = computed
                .or(layer.diff_id.as_ref())
                .or(layer.stored.as_ref());
            best.map_or("unknown".to_owned(), Digest::to_string)
        };
        self.layers.iter().zip(&self.blob_of).map(of).collect()
    }
}

/// Fits, since [`IMAGE_LAYERS`] is far below.
fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn absent(layer: &Layer) -> Note {
    let named = layer
        .stored
        .as_ref()
        .map(Digest::as_str)
        .or(layer.path.as_deref())
        .unwrap_or("without a digest");
    let why = if layer.path.is_none() && layer.stored.is_some() {
        "a layer that is no tar stream, not read"
    } else if layer.foreign {
        "a layer that is to be fetched from elsewhere and is not here, not read"
    } else {
        "a layer that is missing, not read"
    };
    Note::warning(format!("{why}: {named}"))
}

/// Why an entry was left out, which matters more if a format wants the file.
pub(crate) fn refusal(why: Refused, entry: &Named, wants: &dyn Fn(&str) -> bool) -> Note {
    match why {
        Refused::Outside => Note::warning("a name that leads out of the tree, left out"),
        Refused::NotAWhiteout => Note::warning("a whiteout that names nothing, ignored"),
        Refused::LeadsNowhere if wants(&member(&entry.path)) => {
            Note::warning("a link that leads nowhere, left out")
        }
        Refused::LeadsNowhere => Note::info("a link that leads nowhere, left out"),
        Refused::Over(limit) => Note::warning("over a limit, left out").because_of(limit),
    }
}
