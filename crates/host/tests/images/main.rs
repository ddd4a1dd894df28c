//! Container images and archives as targets: what is seen, from which layer, and what hostile ones do not achieve. The
//! archives are written by the `tar` crate; what `skopeo`, `buildah` and `umoci` write was read once by hand.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod build;
mod hostile;
mod kept;
mod seen;

use std::path::Path;

use host::{InspectOptions, Inspected, ReadError, inspect};

use crate::build::Dir;

/// `name version @layer`, the layer by its index in the image.
pub(crate) fn packages(inspected: &Inspected) -> Vec<String> {
    let layers = inspected.image.as_ref().map(|i| i.layers.clone());
    let layers = layers.unwrap_or_default();
    let listed = inspected.readings.iter().flat_map(|r| &r.listing.packages);
    listed
        .map(|p| {
            let layer = p.locations[0].layer.as_ref();
            let layer = layer.and_then(|digest| layers.iter().position(|l| l == digest));
            let layer = layer.map_or(String::new(), |layer| format!(" @{layer}"));
            let version = p.version.as_deref().unwrap_or("-");
            format!("{} {version}{layer}", p.name)
        })
        .collect()
}

pub(crate) fn read_all(target: &Path) -> Result<Vec<Inspected>, ReadError> {
    inspect(target, &InspectOptions::default())
}

pub(crate) fn read(target: &Path) -> Inspected {
    let mut all = read_all(target).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

pub(crate) fn read_for(target: &Path, platform: &str) -> Result<Vec<Inspected>, ReadError> {
    let options = InspectOptions {
        platform: Some(platform.parse().unwrap()),
        ..InspectOptions::default()
    };
    inspect(target, &options)
}

/// What the notes say that are more than information.
pub(crate) fn complaints(inspected: &Inspected) -> Vec<String> {
    let notes = inspected.notes.iter();
    notes
        .filter(|note| note.level > base::Level::Info)
        .map(|note| note.to_string().replace(&Dir::shown_root(), ""))
        .collect()
}
