//! From one catalog to the next without sending the whole: a delta names the catalog it starts from and the one it ends in by
//! their digests, and gives the bytes of the second exactly, so the result is the same file as a full build.
//!
//! ```text
//! 0   8  magic "DAYWDLT\n"
//! 8   4  version of the form, little endian
//! 12  4  length of the manifest
//! 16  .. manifest, JSON
//! ..  .. payload: one Zstandard frame (RFC 8878) with the first catalog as its prefix, as `zstd --patch-from` makes
//! ```
//!
//! The manifest is small and stands first, so that a directory of deltas can be put in order without reading them.

use std::io::{Read as _, Write as _};

use base::Limit;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::CatalogError;
use super::part::Part;
use super::reader::Catalog;

const MAGIC: &[u8; 8] = b"DAYWDLT\n";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 16;

/// The largest manifest; a real one has 400 bytes.
const MANIFEST_BYTES: Limit = Limit::new("delta-manifest-bytes", 64 << 10);

/// The largest catalog a delta may end in.
const CATALOG_BYTES: Limit = Limit::new("delta-catalog-bytes", 2 << 30);

/// How hard the frame is pressed: higher levels take minutes for a tenth.
const LEVEL: i32 = 9;

/// Zstandard's windows are powers of two within these.
const WINDOW_LOG: std::ops::RangeInclusive<u32> = 20..=31;

/// What a delta says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `daywatch.delta/1`.
    pub schema: String,
    /// Digest of the catalog it starts from; `None`: it holds a whole catalog.
    pub from: Option<String>,
    /// Digest of the catalog it ends in.
    pub to: String,
    /// The newest as-of date of the catalog it ends in. A delta never leads back in time.
    pub built: Option<Timestamp>,
    /// Length of the catalog it ends in.
    pub bytes: u64,
    /// Length of the payload.
    pub payload_bytes: u64,
    /// BLAKE3 of the payload, to tell a damaged copy before anything is done with it.
    pub payload: String,
}

const SCHEMA: &str = "daywatch.delta/1";

/// A delta that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// The file does not begin like a delta.
    #[error("not a delta of a catalog")]
    NotADelta,
    /// The form is of another version.
    #[error("the delta has form {0}, this program reads form {VERSION}: update the program")]
    WrongVersion(u32),
    /// The file ends early.
    #[error("the delta is incomplete ({found} of {expected} bytes): copy it again")]
    Incomplete {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// The content is not what was written.
    #[error("the delta is damaged ({0}): copy it again")]
    Damaged(&'static str),
    /// Something in it is larger than any real one.
    #[error("the delta is too large (limit {}={})", .0.name, .0.max)]
    TooLarge(Limit),
    /// It starts from another catalog.
    #[error("the delta starts from {expected}, the catalog is {found}")]
    OtherStart {
        /// The digest it starts from.
        expected: String,
        /// The digest there is, or `none`.
        found: String,
    },
    /// The catalog it gives cannot be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// The delta from one catalog to another, or a whole catalog in the same form.
pub fn make(from: Option<&Catalog>, to: &Catalog) -> Result<Vec<u8>, CatalogError> {
    let old = from.map(Catalog::only_part).transpose()?;
    let (old, new) = (old.map_or(&[][..], Part::bytes), to.only_part()?.bytes());
    let frame = pressed(old, new).map_err(CatalogError::Unreadable)?;
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        from: from.map(Catalog::digest),
        to: to.digest(),
        built: to.built(),
        bytes: new.len() as u64,
        payload_bytes: frame.len() as u64,
        payload: digest(&frame),
    };
    // A struct of texts and numbers always has a JSON form.
    let manifest = serde_json::to_vec(&manifest).unwrap_or_default();
    let mut file = Vec::with_capacity(HEAD_BYTES + manifest.len() + frame.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&(manifest.len() as u32).to_le_bytes());
    file.extend_from_slice(&manifest);
    file.extend_from_slice(&frame);
    Ok(file)
}

fn pressed(old: &[u8], new: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(Vec::new(), LEVEL, old)?;
    encoder.window_log(window_log(old.len() + new.len()))?;
    encoder.long_distance_matching(true)?;
    encoder.set_pledged_src_size(Some(new.len() as u64))?;
    encoder.write_all(new)?;
    encoder.finish()
}

/// The window must reach from the end of the new catalog to the start of the old one.
fn window_log(bytes: usize) -> u32 {
    let log = usize::BITS - bytes.leading_zeros();
    log.clamp(*WINDOW_LOG.start(), *WINDOW_LOG.end())
}

fn digest(bytes: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(bytes).to_hex())
}

/// How much of a file's start [`manifest`] needs.
pub const MANIFEST_HEAD_BYTES: u64 = HEAD_BYTES as u64 + (64 << 10);

/// What a delta says of itself, from the start of its file.
pub fn manifest(head: &[u8]) -> Result<Manifest, DeltaError> {
    Ok(split(head)?.0)
}

/// The manifest and what follows it.
fn split(file: &[u8]) -> Result<(Manifest, &[u8]), DeltaError> {
    let Some((magic, rest)) = file.split_at_checked(8) else {
        return Err(DeltaError::NotADelta);
    };
    if magic != MAGIC {
        return Err(DeltaError::NotADelta);
    }
    let (version, rest) = number(rest, file)?;
    if version != VERSION {
        return Err(DeltaError::WrongVersion(version));
    }
    let (length, rest) = number(rest, file)?;
    if MANIFEST_BYTES.is_exceeded_by(length.into()) {
        return Err(DeltaError::TooLarge(MANIFEST_BYTES));
    }
    let length = length as usize;
    let (manifest, payload) = rest
        .split_at_checked(length)
        .ok_or(DeltaError::Incomplete {
            found: file.len() as u64,
            expected: (HEAD_BYTES + length) as u64,
        })?;
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|_| DeltaError::Damaged("manifest"))?;
    if manifest.schema != SCHEMA {
        return Err(DeltaError::Damaged("schema"));
    }
    if CATALOG_BYTES.is_exceeded_by(manifest.bytes) {
        return Err(DeltaError::TooLarge(CATALOG_BYTES));
    }
    Ok((manifest, payload))
}

fn number<'b>(bytes: &'b [u8], file: &[u8]) -> Result<(u32, &'b [u8]), DeltaError> {
    let (number, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or(DeltaError::Incomplete {
            found: file.len() as u64,
            expected: HEAD_BYTES as u64,
        })?;
    Ok((u32::from_le_bytes(*number), rest))
}

/// The catalog a delta ends in, as bytes whose digest was checked.
pub fn apply(file: &[u8], from: Option<&Catalog>) -> Result<Vec<u8>, DeltaError> {
    let (manifest, payload) = split(file)?;
    if payload.len() as u64 != manifest.payload_bytes {
        let head = (file.len() - payload.len()) as u64;
        return Err(DeltaError::Incomplete {
            found: file.len() as u64,
            expected: head.saturating_add(manifest.payload_bytes),
        });
    }
    if digest(payload) != manifest.payload {
        return Err(DeltaError::Damaged("payload"));
    }
    let old = match &manifest.from {
        None => &[][..],
        Some(expected) => match from.filter(|c| c.digest() == *expected) {
            Some(catalog) => catalog.only_part()?.bytes(),
            None => {
                return Err(DeltaError::OtherStart {
                    expected: expected.clone(),
                    found: from.map_or_else(|| "none".to_owned(), Catalog::digest),
                });
            }
        },
    };
    let new = unpressed(old, payload, manifest.bytes)?;
    // The header of a catalog holds its own digest, and `verify` holds the content to it.
    let catalog = Part::from_bytes(new)?;
    catalog.verify()?;
    if catalog.digest() != manifest.to {
        return Err(DeltaError::Damaged("result"));
    }
    // What was promised decided that this is no step back in time.
    if catalog.built() != manifest.built {
        return Err(DeltaError::Damaged("date"));
    }
    Ok(catalog.into_bytes())
}

fn unpressed(old: &[u8], payload: &[u8], bytes: u64) -> Result<Vec<u8>, DeltaError> {
    let broken = |_| DeltaError::Damaged("payload");
    let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(payload, old).map_err(broken)?;
    decoder.window_log_max(*WINDOW_LOG.end()).map_err(broken)?;
    // Nothing is reserved on the word of the manifest.
    let mut new = Vec::new();
    decoder
        .take(bytes.saturating_add(1))
        .read_to_end(&mut new)
        .map_err(broken)?;
    if new.len() as u64 == bytes {
        Ok(new)
    } else {
        Err(DeltaError::Damaged("length of the result"))
    }
}
