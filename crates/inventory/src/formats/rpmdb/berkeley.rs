//! The `Packages` of rpm before 4.16 (CentOS 7, RHEL 7 and 8): a hash table of Berkeley DB 4.x or 5.x.
//!
//! Only what rpm writes is read: pages of keys and values, and values too large for a page in a chain of overflow pages
//! (page layouts: `dbinc/db_page.h` of Berkeley DB). The buckets are not needed to list everything.

use std::borrow::Cow;

use base::{Limit, Note};

use super::Blobs;

/// `DB_HASHMAGIC`, in the byte order of the machine that wrote the file.
const HASH_MAGIC: u32 = 0x0006_1561;
const MAGIC_AT: usize = 12;
const PAGE_SIZE_AT: usize = 20;
/// In every page: the next of a chain, the number of entries (overflow: of bytes used at `USED_AT`), and the type.
const NEXT_AT: usize = 16;
const ENTRIES_AT: usize = 20;
const USED_AT: usize = 22;
const TYPE_AT: usize = 25;
const PAGE_HEAD_BYTES: usize = 26;

const PAGE_HASH_UNSORTED: u8 = 2;
const PAGE_OVERFLOW: u8 = 7;
const PAGE_HASH: u8 = 13;

/// A key or value in its page (`H_KEYDATA`).
const ITEM_INLINE: u8 = 1;
/// A value in overflow pages (`H_OFFPAGE`).
const ITEM_OFF_PAGE: u8 = 3;

/// Whether the bytes begin like a hash table of Berkeley DB.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    order(bytes).is_some()
}

/// Hands over each header blob with the number rpm gave it, in the order of the pages.
pub(super) fn each_blob(
    bytes: &[u8],
    limit: Limit,
    take: impl FnMut(i64, &[u8]),
) -> Result<(), Note> {
    let file = File::open(bytes)
        .ok_or_else(|| Note::error("the header of the Berkeley DB file is broken"))?;
    let mut blobs = Blobs::new(bytes.len(), limit, take);
    for page in bytes.chunks_exact(file.page_bytes).skip(1) {
        if !matches!(page[TYPE_AT], PAGE_HASH | PAGE_HASH_UNSORTED) {
            continue;
        }
        for pair in file.entries(page).chunks_exact(2) {
            let nowhere = || Note::error("an entry of the Berkeley DB file points nowhere");
            let number = file.key(page, pair[0]).ok_or_else(nowhere)?;
            // Number 0 is rpm's own counter.
            if number != 0 {
                blobs.take(number, &file.value(page, pair[1]).ok_or_else(nowhere)?)?;
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

fn order(bytes: &[u8]) -> Option<Order> {
    let magic = bytes.get(MAGIC_AT..)?.first_chunk().copied()?;
    match HASH_MAGIC {
        m if m == u32::from_le_bytes(magic) => Some(Order::Little),
        m if m == u32::from_be_bytes(magic) => Some(Order::Big),
        _ => None,
    }
}

struct File<'a> {
    bytes: &'a [u8],
    order: Order,
    page_bytes: usize,
}

/// Where an entry of a page begins and ends.
type Span = (usize, usize);

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let order = order(bytes)?;
        let mut file = Self {
            bytes,
            order,
            page_bytes: 0,
        };
        file.page_bytes = file.word(bytes, PAGE_SIZE_AT)?;
        // The sizes Berkeley DB allows.
        (512..=65_536).contains(&file.page_bytes).then_some(file)
    }

    fn word(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let word = bytes.get(at..)?.first_chunk().copied()?;
        let number = match self.order {
            Order::Little => u32::from_le_bytes(word),
            Order::Big => u32::from_be_bytes(word),
        };
        usize::try_from(number).ok()
    }

    fn half(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let half = bytes.get(at..)?.first_chunk().copied()?;
        Some(usize::from(match self.order {
            Order::Little => u16::from_le_bytes(half),
            Order::Big => u16::from_be_bytes(half),
        }))
    }

    /// Items fill the page from its end; each ends where the one before it begins.
    fn entries(&self, page: &[u8]) -> Vec<Span> {
        let count = self.half(page, ENTRIES_AT).unwrap_or_default();
        let starts = (0..count).map_while(|i| self.half(page, PAGE_HEAD_BYTES + 2 * i));
        let mut end = page.len();
        starts
            .map(|start| (start, std::mem::replace(&mut end, start)))
            .collect()
    }

    /// rpm's keys are four bytes in the page.
    fn key(&self, page: &[u8], (start, end): Span) -> Option<i64> {
        let (kind, rest) = page.get(start..end)?.split_first()?;
        let number = self.word(rest, 0).filter(|_| *kind == ITEM_INLINE)?;
        i64::try_from(number).ok()
    }

    fn value(&self, page: &'a [u8], (start, end): Span) -> Option<Cow<'a, [u8]>> {
        let (kind, rest) = page.get(start..end)?.split_first()?;
        match *kind {
            ITEM_INLINE => Some(Cow::Borrowed(rest)),
            // Three bytes of padding, the first page, the length.
            ITEM_OFF_PAGE => self
                .chain(self.word(rest, 3)?, self.word(rest, 7)?)
                .map(Cow::Owned),
            _ => None,
        }
    }

    /// A value of several pages. It cannot be longer than the file, so a chain that runs in a circle ends.
    fn chain(&self, first: usize, length: usize) -> Option<Vec<u8>> {
        if length > self.bytes.len() {
            return None;
        }
        let mut value = Vec::with_capacity(length);
        let mut next = first;
        while next != 0 {
            let at = next.checked_mul(self.page_bytes)?;
            let page = self.bytes.get(at..at.checked_add(self.page_bytes)?)?;
            let used = self.half(page, USED_AT)?;
            if page[TYPE_AT] != PAGE_OVERFLOW || used == 0 {
                return None;
            }
            value.extend_from_slice(page.get(PAGE_HEAD_BYTES..PAGE_HEAD_BYTES + used)?);
            if value.len() > length {
                return None;
            }
            next = self.word(page, NEXT_AT)?;
        }
        (value.len() == length).then_some(value)
    }
}
