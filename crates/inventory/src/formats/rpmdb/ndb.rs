//! The `Packages.db` of rpm's own database "ndb" (SUSE): slots that point at blobs, all numbers little-endian
//! (<https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c>).

use base::{Limit, Note};

use super::Blobs;

/// The file begins with it.
pub(super) const MAGIC: &[u8; 4] = b"RpmP";

/// The only version there is.
const VERSION: usize = 0;
const PAGE_BYTES: usize = 4096;
/// Slots have this size, and the header takes the place of the first two.
const SLOT_BYTES: usize = 16;
const HEADER_SLOTS: usize = 2;
const SLOT_MAGIC: &[u8; 4] = b"Slot";
/// Offsets of blobs count in blocks.
const BLOCK_BYTES: usize = 16;
const BLOB_MAGIC: &[u8; 4] = b"BlbS";
const BLOB_HEAD_BYTES: usize = 16;

/// Hands over each header blob with its number, in the order of the slots.
pub(super) fn each_blob(
    bytes: &[u8],
    limit: Limit,
    take: impl FnMut(i64, &[u8]),
) -> Result<(), Note> {
    if number(bytes, 4) != Some(VERSION) {
        return Err(Note::error("not read: an ndb database of another version"));
    }
    let slot_pages = number(bytes, 12).ok_or_else(|| Note::error("the ndb header is cut off"))?;
    let slot_area = slot_pages.saturating_mul(PAGE_BYTES).min(bytes.len());
    let mut blobs = Blobs::new(bytes.len(), limit, take);
    for slot in bytes[..slot_area]
        .as_chunks::<SLOT_BYTES>()
        .0
        .iter()
        .skip(HEADER_SLOTS)
    {
        if !slot.starts_with(SLOT_MAGIC) {
            return Err(Note::error("a slot of the ndb database is broken"));
        }
        // A free slot has no block.
        let (Some(index), Some(block)) = (number(slot, 4), number(slot, 8)) else {
            continue;
        };
        if block == 0 {
            continue;
        }
        let blob = blob(bytes, index, block)
            .ok_or_else(|| Note::error("a slot of the ndb database points nowhere"))?;
        blobs.take(i64::try_from(index).unwrap_or(i64::MAX), blob)?;
    }
    Ok(())
}

/// The blob in a block, if it is the one the slot means.
fn blob(bytes: &[u8], index: usize, block: usize) -> Option<&[u8]> {
    let rest = bytes.get(block.checked_mul(BLOCK_BYTES)?..)?;
    let (head, data) = rest.split_at_checked(BLOB_HEAD_BYTES)?;
    let is_it = head.starts_with(BLOB_MAGIC) && number(head, 4)? == index;
    data.get(..number(head, 12)?).filter(|_| is_it)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..)?.first_chunk().copied()?;
    usize::try_from(u32::from_le_bytes(word)).ok()
}
