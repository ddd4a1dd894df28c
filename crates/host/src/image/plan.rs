//! What is to be read of an image, whatever it is kept in: its layers from the bottom up, and what it says of itself.

use base::Note;

use crate::error::ReadError;
use crate::image::base_image::BaseImage;
use crate::image::digest::Digest;
use crate::image::platform::Platform;
use crate::image::store::Store;

/// An image that was found.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The reference it is kept under, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) platform: Option<Platform>,
    pub(crate) base: BaseImage,
    /// From the bottom up.
    pub(crate) layers: Vec<Layer>,
    pub(crate) notes: Vec<Note>,
}

/// A layer, and where it should be.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The blob's path in the [`Store`]; `None` if it is known not to be a tar stream.
    pub(crate) path: Option<String>,
    /// The digest of the blob as it is stored.
    pub(crate) stored: Option<Digest>,
    /// The digest of the tar stream.
    pub(crate) diff_id: Option<Digest>,
    /// It is to be fetched from elsewhere, as base layers of Windows are.
    pub(crate) foreign: bool,
}

/// A JSON document of the image, its digest checked where one is known.
pub(crate) fn document<T: serde::de::DeserializeOwned>(
    store: &Store,
    path: &str,
    digest: Option<&Digest>,
) -> Result<T, ReadError> {
    let bytes = store.document(path)?;
    if let Some(digest) = digest
        && digest.is_of(&bytes) == Some(false)
    {
        return Err(ReadError::Digest {
            path: store.name(),
            what: path.to_owned(),
            stated: digest.to_string(),
            found: Digest::of(&bytes).to_string(),
        });
    }
    serde_json::from_slice(&bytes).map_err(|error| ReadError::Broken {
        path: format!("{}!{path}", store.name()),
        why: error.to_string(),
    })
}
