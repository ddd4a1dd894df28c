//! What `docker save` writes: `manifest.json` since version 1.10 (Docker image specification v1.2, "Combined Image JSON +
//! Filesystem Changeset Format"), and before it only `repositories` and a folder for each layer (v1.0). Since version 25 it
//! is an OCI layout too, which is then read instead.

use std::collections::{BTreeMap, HashSet};

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
use crate::limits::{IMAGE_LAYERS, IMAGES};

/// Lists the images, since version 1.10.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Lists them before that.
pub(crate) const REPOSITORIES: &str = "repositories";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Option<Vec<String>>,
}

/// A layer as version 1.0 describes it.
#[derive(Deserialize)]
struct V1 {
    parent: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
}

/// Whether a `manifest.json` is Docker's: many programs have a file of that name.
pub(crate) fn is_manifest(store: &Store) -> bool {
    let entries = document::<Vec<Value>>(store, MANIFEST, None);
    entries.is_ok_and(|entries| {
        entries
            .iter()
            .any(|entry| entry.get("Config").is_some() && entry.get("Layers").is_some())
    })
}

/// Whether a `repositories` is Docker's.
pub(crate) fn is_repositories(store: &Store) -> bool {
    document::<Repositories>(store, REPOSITORIES, None).is_ok_and(|r| !r.is_empty())
}

/// Repository → tag → the id of the topmost layer.
type Repositories = BTreeMap<String, BTreeMap<String, String>>;

/// The images `manifest.json` lists.
pub(crate) fn images(
    store: &Store,
    asked: Option<&Platform>,
) -> Result<Vec<Result<Plan, ReadError>>, ReadError> {
    let entries: Vec<Value> = document(store, MANIFEST, None)?;
    Ok(entries
        .into_iter()
        .take(most())
        .map(|entry| {
            let entry = serde_json::from_value(entry).map_err(|error| ReadError::Broken {
                path: format!("{}!{MANIFEST}", store.name()),
                why: error.to_string(),
            })?;
            fitting(store, plan(store, entry)?, asked)
        })
        .collect())
}

/// One more than are read, so that the reader of the images sees that there are too many.
fn most() -> usize {
    usize::try_from(IMAGES.max + 1).unwrap_or(usize::MAX)
}

fn plan(store: &Store, entry: Entry) -> Result<Plan, ReadError> {
    let mut notes = Vec::new();
    let config: Option<Config> = if store.has(&entry.config) {
        let digest = digest_in(&entry.config);
        Some(document(store, &entry.config, digest.as_ref())?)
    } else {
        let note = Note::warning(
            "the configuration of the image is missing, so its layers are not checked against it",
        );
        notes.push(note);
        None
    };
    let config = config.unwrap_or_default();
    let diff_ids = config.diff_ids();
    let paths = entry.layers.unwrap_or_default();
    if !diff_ids.is_empty() && diff_ids.len() != paths.len() {
        notes.push(Note::warning(format!(
            "the configuration lists {} layers, {MANIFEST} {}",
            diff_ids.len(),
            paths.len()
        )));
    }
    let layers = paths.into_iter().enumerate().map(|(index, path)| Layer {
        stored: digest_in(&path),
        path: Some(path),
        diff_id: diff_ids.get(index).cloned().flatten(),
        foreign: false,
    });
    Ok(Plan {
        name: entry.repo_tags.and_then(|tags| tags.into_iter().next()),
        platform: config.platform(),
        base: BaseImage::stated(&Map::new(), &config),
        layers: layers.collect(),
        notes,
    })
}

/// The digest a name gives: `blobs/sha256/<hex>` or `<hex>.json`.
fn digest_in(path: &str) -> Option<Digest> {
    let hex = path
        .strip_prefix("blobs/sha256/")
        .or_else(|| path.strip_suffix(".json"))?;
    (hex.len() == 64)
        .then(|| Digest::parse(&format!("sha256:{hex}")))
        .flatten()
}

fn fitting(store: &Store, plan: Plan, asked: Option<&Platform>) -> Result<Plan, ReadError> {
    match (asked, &plan.platform) {
        (Some(asked), Some(there)) if !asked.accepts(there) => Err(ReadError::NoPlatform {
            path: store.name(),
            wanted: asked.to_string(),
            there: there.to_string(),
        }),
        _ => Ok(plan),
    }
}

/// The images `repositories` lists; equal ones once, under the first of their tags.
pub(crate) fn old_images(
    store: &Store,
    asked: Option<&Platform>,
) -> Result<Vec<Result<Plan, ReadError>>, ReadError> {
    let repositories: Repositories = document(store, REPOSITORIES, None)?;
    let tags = repositories.iter().flat_map(|(repository, tags)| {
        tags.iter()
            .map(move |(tag, id)| (format!("{repository}:{tag}"), id))
    });
    let mut seen = HashSet::new();
    Ok(tags
        .filter(|(_, id)| seen.insert(*id))
        .take(most())
        .map(|(name, id)| fitting(store, chain(store, name, id)?, asked))
        .collect())
}

/// The layers of an image of version 1.0: each names its parent.
fn chain(store: &Store, name: String, top: &str) -> Result<Plan, ReadError> {
    let mut layers = Vec::new();
    let mut platform = None;
    let mut next = Some(top.to_owned());
    while let Some(id) = next {
        if IMAGE_LAYERS.is_exceeded_by(layers.len() as u64) {
            return Err(ReadError::TooLarge {
                path: store.name(),
                limit: IMAGE_LAYERS,
            });
        }
        let json: V1 = document(store, &format!("{id}/json"), None)?;
        if platform.is_none()
            && let (Some(os), Some(arch)) = (&json.os, &json.architecture)
        {
            platform = Some(Platform::new(os, arch, None));
        }
        layers.push(Layer {
            path: Some(format!("{id}/layer.tar")),
            stored: None,
            diff_id: None,
            foreign: false,
        });
        next = json.parent.filter(|parent| !parent.is_empty());
    }
    layers.reverse();
    Ok(Plan {
        name: Some(name),
        platform,
        base: BaseImage::default(),
        layers,
        notes: Vec::new(),
    })
}
