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
