//! OCI image layouts (OCI image specification, image-layout.md, image-index.md, manifest.md): `index.json` lists manifests, or
//! indexes that list manifests, one for each platform.

use std::collections::{BTreeMap, BTreeSet};

use base::Note;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::ReadError;
use crate::image::base_image::BaseImage;
use crate::image::config::Config;
use crate::image::digest::Digest;
use crate::image::plan::{Layer, Plan, document};
use crate::image::platform::Platform;
use crate::image::store::Store;
use crate::limits::IMAGE_MANIFESTS;

/// The file that says what a directory or archive is.
pub(crate) const MARK: &str = "oci-layout";
/// Where its manifests are listed.
pub(crate) const INDEX: &str = "index.json";

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Value>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    platform: Option<PlatformWords>,
    #[serde(default)]
    annotations: Option<Map<String, Value>>,
    #[serde(default)]
    urls: Option<Vec<String>>,
}

#[derive(Clone, Deserialize)]
struct PlatformWords {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default)]
    annotations: Option<Map<String, Value>>,
}

/// A manifest that may be the one to read.
struct Candidate {
    digest: Digest,
    platform: Option<Platform>,
    annotations: Map<String, Value>,
}

/// Candidates of which the platform decides.
#[derive(Default)]
struct Group {
    name: Option<String>,
    candidates: Vec<Candidate>,
    /// They stand side by side in the layout: all that fit are read, each an image of its own.
    side_by_side: bool,
}

/// Every image of the layout, for the platform asked for.
pub(crate) fn images(
    store: &Store,
    asked: Option<&Platform>,
) -> Result<Vec<Result<Plan, ReadError>>, ReadError> {
    let index: Index = document(store, INDEX, None)?;
    let mut listed = Listed {
        store,
        seen: BTreeSet::new(),
        notes: Vec::new(),
        missing: 0,
    };
    let groups = listed.groups(index);
    let mut notes = listed.notes;
    if listed.missing > 0 {
        notes.push(Note::info(format!(
            "manifests that are listed and not there: {}",
            listed.missing
        )));
    }
    let mut images: Vec<Result<Plan, ReadError>> = Vec::new();
    for group in groups {
        match choose(store, group.candidates, group.side_by_side, asked) {
            Ok(chosen) => {
                for candidate in chosen {
                    match plan(store, group.name.clone(), &candidate) {
                        Ok(Some(image)) => images.push(Ok(image)),
                        Ok(None) => notes.push(Note::info(
                            "signatures and other artefacts in the layout are not read",
                        )),
                        Err(error) => images.push(Err(error)),
                    }
                }
            }
            Err(error) => images.push(Err(error)),
        }
    }
    if let Some(Ok(first)) = images.iter_mut().find(|image| image.is_ok()) {
        first.notes.extend(notes);
    }
    Ok(images)
}

/// What was listed so far.
struct Listed<'s> {
    store: &'s Store,
    seen: BTreeSet<Digest>,
    notes: Vec<Note>,
    missing: usize,
}

impl Listed<'_> {
    fn groups(&mut self, index: Index) -> Vec<Group> {
        let mut unnamed = Group {
            side_by_side: true,
            ..Group::default()
        };
        let mut named: BTreeMap<String, Group> = BTreeMap::new();
        let mut nested = Vec::new();
        for descriptor in self.descriptors(index.manifests) {
            let name = reference(&descriptor);
            let is_index = is_index(&descriptor);
            let candidates = self.expand(descriptor);
            if let Some(name) = name {
                let group = named.entry(name.clone()).or_default();
                group.name = Some(name);
                group.candidates.extend(candidates);
            } else if is_index {
                nested.push(Group {
                    candidates,
                    ..Group::default()
                });
            } else {
                unnamed.candidates.extend(candidates);
            }
        }
        let mut groups: Vec<Group> = named.into_values().chain(nested).collect();
        groups.push(unnamed);
        groups.retain(|group| !group.candidates.is_empty());
        groups
    }

    /// The entries of an index, without those that are broken or about an image rather than one.
    fn descriptors(&mut self, entries: Vec<Value>) -> Vec<Descriptor> {
        let mut descriptors = Vec::new();
        if IMAGE_MANIFESTS.is_exceeded_by(entries.len() as u64) {
            self.notes.push(too_many());
        }
        let most = usize::try_from(IMAGE_MANIFESTS.max).unwrap_or(usize::MAX);
        for entry in entries.into_iter().take(most) {
            match serde_json::from_value::<Descriptor>(entry) {
                Ok(descriptor) if is_about_another(&descriptor) => {}
                Ok(descriptor) => descriptors.push(descriptor),
                Err(error) => self
                    .notes
                    .push(Note::warning(format!("an entry that is none: {error}")).in_file(INDEX)),
            }
        }
        descriptors
    }

    /// The manifests a descriptor stands for. Each digest is looked at once, so that indexes that list each other end.
    fn expand(&mut self, descriptor: Descriptor) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        let mut waiting = vec![descriptor];
        while let Some(descriptor) = waiting.pop() {
            let Some(digest) = Digest::parse(&descriptor.digest) else {
                let note = Note::warning("a digest that is none, left out").in_file(INDEX);
                self.notes.push(note);
                continue;
            };
            if IMAGE_MANIFESTS.is_exceeded_by(self.seen.len() as u64) {
                self.notes.push(too_many());
                break;
            }
            if !self.seen.insert(digest.clone()) {
                continue;
            }
            if !self.store.has(&digest.place()) {
                self.missing += 1;
            } else if is_index(&descriptor) {
                match document::<Index>(self.store, &digest.place(), Some(&digest)) {
                    Ok(index) => {
                        waiting.extend(self.descriptors(index.manifests).into_iter().rev())
                    }
                    Err(error) => self.notes.push(error.to_note()),
                }
            } else {
                candidates.push(Candidate {
                    digest,
                    platform: descriptor.platform.as_ref().and_then(platform),
                    annotations: descriptor.annotations.unwrap_or_default(),
                });
            }
        }
        candidates
    }
}

fn too_many() -> Note {
    Note::warning("too many manifests; the rest is not looked at")
        .in_file(INDEX)
        .because_of(IMAGE_MANIFESTS)
}

fn is_index(descriptor: &Descriptor) -> bool {
    // `…image.index.v1+json` and Docker's `…manifest.list.v2+json`.
    let ty = &descriptor.media_type;
    ty.contains(".index.") || ty.contains(".manifest.list.")
}

/// An attestation or a signature, which BuildKit lists beside the image it is about.
fn is_about_another(descriptor: &Descriptor) -> bool {
    let annotations = descriptor.annotations.as_ref();
    annotations.is_some_and(|a| a.contains_key("vnd.docker.reference.type"))
}

fn platform(words: &PlatformWords) -> Option<Platform> {
    (!words.os.is_empty() && !words.architecture.is_empty())
        .then(|| Platform::new(&words.os, &words.architecture, words.variant.as_deref()))
}

/// What the image is kept under: containerd and Docker write the whole reference, others a tag or what they were told.
fn reference(descriptor: &Descriptor) -> Option<String> {
    let annotations = descriptor.annotations.as_ref()?;
    [
        "io.containerd.image.name",
        "org.opencontainers.image.ref.name",
    ]
    .iter()
    .find_map(|key| annotations.get(*key)?.as_str())
    .filter(|name| !name.is_empty())
    .map(str::to_owned)
}

fn choose(
    store: &Store,
    mut candidates: Vec<Candidate>,
    side_by_side: bool,
    asked: Option<&Platform>,
) -> Result<Vec<Candidate>, ReadError> {
    if candidates.len() == 1 && asked.is_none() {
        return Ok(candidates);
    }
    for candidate in &mut candidates {
        if candidate.platform.is_none() {
            candidate.platform = stated_platform(store, candidate);
        }
    }
    let usual = Platform::usual();
    let wanted = asked.unwrap_or(&usual);
    let there: BTreeSet<String> = candidates
        .iter()
        .map(|c| {
            c.platform
                .as_ref()
                .map_or("unknown".to_owned(), Platform::to_string)
        })
        .collect();
    let fits = |c: &Candidate| c.platform.as_ref().is_some_and(|p| wanted.accepts(p));
    candidates.retain(fits);
    if !side_by_side {
        candidates.truncate(1);
    }
    if candidates.is_empty() {
        return Err(ReadError::NoPlatform {
            path: store.name(),
            wanted: wanted.to_string(),
            there: there.into_iter().collect::<Vec<_>>().join(", "),
        });
    }
    Ok(candidates)
}

/// The platform in the configuration, where the index does not say it.
fn stated_platform(store: &Store, candidate: &Candidate) -> Option<Platform> {
    let (_, config) = parts(store, candidate).ok()?;
    config?.platform()
}

fn parts(store: &Store, candidate: &Candidate) -> Result<(Manifest, Option<Config>), ReadError> {
    let digest = &candidate.digest;
    let manifest: Manifest = document(store, &digest.place(), Some(digest))?;
    let config = match Digest::parse(&manifest.config.digest) {
        Some(digest) if store.has(&digest.place()) => {
            Some(document(store, &digest.place(), Some(&digest))?)
        }
        _ => None,
    };
    Ok((manifest, config))
}

/// `None` for what is no container image: its configuration or all its layers are of another type.
fn plan(
    store: &Store,
    name: Option<String>,
    candidate: &Candidate,
) -> Result<Option<Plan>, ReadError> {
    let (manifest, config) = parts(store, candidate)?;
    let ty = &manifest.config.media_type;
    let is_config = ty.is_empty() || ty.contains("image.config") || ty.contains("container.image");
    let layers = &manifest.layers;
    if !is_config || (!layers.is_empty() && !layers.iter().any(is_tar)) {
        return Ok(None);
    }
    let mut notes = Vec::new();
    if config.is_none() {
        let note = Note::warning(
            "the configuration of the image is missing, so its layers are not checked against it",
        );
        notes.push(note);
    }
    let config = config.unwrap_or_default();
    let diff_ids = config.diff_ids();
    let annotations = [manifest.annotations, Some(candidate.annotations.clone())]
        .into_iter()
        .flatten()
        .rev()
        .flatten()
        .collect();
    let mut base = BaseImage::stated(&annotations, &config);
    if base.layers.is_none() {
        base.layers = layers_of_base(store, &base, &diff_ids);
    }
    let layers = manifest
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| layer_of(layer, diff_ids.get(index).cloned().flatten()))
        .collect::<Vec<_>>();
    if !diff_ids.is_empty() && diff_ids.len() != layers.len() {
        notes.push(Note::warning(format!(
            "the configuration lists {} layers, the manifest {}",
            diff_ids.len(),
            layers.len()
        )));
    }
    Ok(Some(Plan {
        name,
        platform: config.platform().or_else(|| candidate.platform.clone()),
        base,
        layers,
        notes,
    }))
}

/// The media type only tells what is no tar stream; how one is compressed its first bytes tell.
fn is_tar(layer: &Descriptor) -> bool {
    let ty = &layer.media_type;
    ty.is_empty() || (ty.contains("tar") && !ty.contains("encrypted"))
}

fn layer_of(layer: &Descriptor, diff_id: Option<Digest>) -> Layer {
    let stored = Digest::parse(&layer.digest);
    Layer {
        path: stored.as_ref().filter(|_| is_tar(layer)).map(Digest::place),
        stored,
        diff_id,
        foreign: layer.media_type.contains("foreign")
            || layer.urls.as_ref().is_some_and(|u| !u.is_empty()),
    }
}

/// How many layers are the base image's, which can be counted if its manifest lies in the same layout.
fn layers_of_base(store: &Store, base: &BaseImage, diff_ids: &[Option<Digest>]) -> Option<usize> {
    let candidate = Candidate {
        digest: Digest::parse(base.digest.as_deref()?)?,
        platform: None,
        annotations: Map::new(),
    };
    if !store.has(&candidate.digest.place()) {
        return None;
    }
    let (_, config) = parts(store, &candidate).ok()?;
    BaseImage::count(diff_ids, &config?.diff_ids())
}
