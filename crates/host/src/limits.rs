//! Every bound of this crate, by the name a user sees when it is reached.

use base::Limit;

/// How far output may exceed input when decompressing, as a factor. DEFLATE ends at 1032, real feeds stay below 100.
pub(crate) const RATIO: Limit = Limit::new("compression-ratio", 200);

/// Output below this many bytes is never called a bomb, whatever its ratio: a small file of zeros is just that.
pub(crate) const RATIO_FLOOR: u64 = 16 << 20;

/// Bounds on reading many documents.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// The largest single document, decompressed; larger ones are left out with a note.
    pub document: Limit,
    /// All documents of one call together, decompressed; reading stops there with a note.
    pub total: Limit,
    /// Members of one archive, files of one directory.
    pub entries: Limit,
    /// How many bytes of documents are handed over at once. A document larger than this comes alone.
    pub batch_bytes: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            document: Limit::new("document-bytes", 512 << 20),
            total: Limit::new("documents-total-bytes", 64 << 30),
            entries: Limit::new("archive-entries", 2_000_000),
            batch_bytes: 32 << 20,
        }
    }
}

/// Bounds on a walk.
#[derive(Clone, Copy, Debug)]
pub struct WalkLimits {
    /// Directories within directories.
    pub depth: Limit,
    /// Files and directories looked at.
    pub entries: Limit,
    /// The largest file that is opened, decompressed.
    pub file: Limit,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self {
            depth: Limit::new("walk-depth", 128),
            entries: Limit::new("walk-entries", 10_000_000),
            file: Limit::new("file-bytes", 512 << 20),
        }
    }
}

/// A name or the extended header of one tar member, in bytes; Go's reader, which wrote most images, stops there too.
pub(crate) const TAR_HEADER_BYTES: Limit = Limit::new("tar-header-bytes", 1 << 20);

/// The whole of an archive that is an image or a file system, decompressed.
pub(crate) const IMAGE_BYTES: Limit = Limit::new("image-bytes", 256 << 30);

/// One layer of an image, decompressed.
pub(crate) const LAYER_BYTES: Limit = Limit::new("layer-bytes", 64 << 30);

/// Layers of one image; Docker itself stops at 127.
pub(crate) const IMAGE_LAYERS: Limit = Limit::new("image-layers", 1000);

/// Files, directories and links in all layers of an image together.
pub(crate) const IMAGE_ENTRIES: Limit = Limit::new("image-entries", 4_000_000);

/// Their names, in bytes.
pub(crate) const IMAGE_NAME_BYTES: Limit = Limit::new("image-name-bytes", 512 << 20);

/// One path in an image; the kernel's PATH_MAX.
pub(crate) const IMAGE_PATH_BYTES: Limit = Limit::new("image-path-bytes", 4096);

/// Directories within directories in an image.
pub(crate) const IMAGE_DEPTH: Limit = Limit::new("image-depth", 128);

/// Symbolic links followed to put the layers of one image on each other.
pub(crate) const IMAGE_LINKS: Limit = Limit::new("image-links-followed", 4_000_000);

/// Symbolic links followed for one path; the kernel's own bound.
pub(crate) const LINKS_IN_A_PATH: u32 = 40;

/// One JSON document of an image: index, manifest, configuration. Registries take manifests of 4 MiB and no more.
pub(crate) const IMAGE_JSON_BYTES: Limit = Limit::new("image-json-bytes", 4 << 20);

/// The JSON documents kept while an archive that can only be read from the start is indexed.
pub(crate) const IMAGE_JSON_KEPT: Limit = Limit::new("image-json-kept-bytes", 32 << 20);

/// Manifests and indexes of one layout; an index may list indexes.
pub(crate) const IMAGE_MANIFESTS: Limit = Limit::new("image-manifests", 1000);

/// Images of one target that are read.
pub(crate) const IMAGES: Limit = Limit::new("images", 100);

/// Notes of one kind about one layer; what is over it is counted.
pub(crate) const NOTES_OF_A_KIND: usize = 10;
