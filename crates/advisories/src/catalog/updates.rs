//! Updates of Microsoft's products: one block a feed, products sorted by their normalised name and found by binary search.
//!
//! ```text
//! section   as in `columns`: u32 number of blocks; a block: feed u32, offset u32, length u32
//! block     u32 number of products; the start of each record and the end, u32; the records
//! record    length and bytes of the normalised name, hash of what follows (see `content`), product, number of updates, the updates by number
//! update    number; flags 1 released · 2 build · 4 component · 8 supersedes; those, in this order
//! ```

use std::collections::BTreeMap;

use base::Kb;

use super::columns::lower_bound;
use super::content::{HASH_BYTES, of_updates};
use super::entry::{put_kbs, read_kbs};
use super::error::CatalogError;
use super::layout::Section;
use super::packed::PackedUpdate;
use super::part::Part;
use super::reader::Catalog;
use super::strings::{StringTable, TextWriter, Texts};
use super::wire::{Cursor, offset, put_count, put_date, put_u32, put_varint, u32_at};
use crate::model::{MICROSOFT, Update};
use crate::names;

const SECTION: &str = Section::Updates.name();
const RELEASED: u8 = 1;
const BUILD: u8 = 1 << 1;
const COMPONENT: u8 = 1 << 2;
const SUPERSEDES: u8 = 1 << 3;

/// For each product the feeds that know updates of it, with the hash of what they say.
pub(super) type UpdateHashes<'c> = BTreeMap<String, Vec<(&'c str, &'c [u8])>>;

/// The block of a feed's updates, which are sorted by product and number.
pub(super) fn updates_block(
    texts: &Texts,
    writer: &mut TextWriter<'_>,
    updates: &[PackedUpdate],
) -> Vec<u8> {
    let (mut offsets, mut records) = (Vec::new(), Vec::new());
    for of_product in updates.chunk_by(|a, b| a.key == b.key) {
        put_u32(&mut offsets, offset(records.len()));
        let name = texts.text(of_product[0].key);
        put_count(&mut records, name.len());
        records.extend_from_slice(name.as_bytes());
        records.extend_from_slice(&of_updates(texts, of_product).to_le_bytes());
        writer.put(&mut records, of_product[0].product);
        put_count(&mut records, of_product.len());
        for update in of_product {
            put_update(&mut records, writer, update);
        }
    }
    let mut out = Vec::new();
    put_u32(&mut out, offset(offsets.len() / 4));
    put_u32(&mut offsets, offset(records.len()));
    out.extend_from_slice(&offsets);
    out.extend_from_slice(&records);
    out
}

fn put_update(out: &mut Vec<u8>, writer: &mut TextWriter<'_>, update: &PackedUpdate) {
    let has_component = !writer.is_empty(update.component);
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    put_varint(out, update.kb.number().into());
    out.push(
        flag(update.released.is_some(), RELEASED)
            | flag(update.build.is_some(), BUILD)
            | flag(has_component, COMPONENT)
            | flag(!update.supersedes.is_empty(), SUPERSEDES),
    );
    update
        .released
        .into_iter()
        .for_each(|date| put_date(out, date));
    update
        .build
        .into_iter()
        .for_each(|build| writer.put(out, build));
    if has_component {
        writer.put(out, update.component);
    }
    if !update.supersedes.is_empty() {
        put_kbs(out, &update.supersedes);
    }
}

/// The block of one feed.
struct Block<'c> {
    feed: usize,
    /// The texts of its file.
    strings: StringTable<'c>,
    products: usize,
    offsets: &'c [u8],
    records: &'c [u8],
}

impl<'c> Block<'c> {
    fn record(&self, at: usize) -> Result<Cursor<'c>, CatalogError> {
        let (start, end) = (
            u32_at(self.offsets, at, SECTION)? as usize,
            u32_at(self.offsets, at + 1, SECTION)? as usize,
        );
        let record = self.records.get(start..end);
        let record = record.ok_or(CatalogError::Damaged {
            section: SECTION,
            what: "a record lies outside",
        })?;
        Ok(Cursor::new(record, 0, SECTION))
    }

    /// The name a product stands under, the hash of its updates, and where they follow.
    fn named(&self, at: usize) -> Result<(&'c str, &'c [u8], Cursor<'c>), CatalogError> {
        let mut cursor = self.record(at)?;
        let len = cursor.count()?;
        Ok((cursor.text(len)?, cursor.take(HASH_BYTES)?, cursor))
    }

    fn find(&self, name: &str) -> Result<Option<Cursor<'c>>, CatalogError> {
        let at = lower_bound(0..self.products, |at| {
            Ok::<_, CatalogError>(self.named(at)?.0 < name)
        })?;
        if at == self.products {
            return Ok(None);
        }
        let (found, _, cursor) = self.named(at)?;
        Ok((found == name).then_some(cursor))
    }
}

fn read_updates<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
) -> Result<Vec<Update>, CatalogError> {
    let product = strings.read(cursor)?;
    let count = cursor.count()?;
    (0..count)
        .map(|_| read_update(cursor, strings, product))
        .collect()
}

fn read_update<'c>(
    cursor: &mut Cursor<'c>,
    strings: StringTable<'c>,
    product: &str,
) -> Result<Update, CatalogError> {
    let kb = Kb::new(cursor.index()?);
    let flags = cursor.byte()?;
    let has = |bit: u8| flags & bit != 0;
    // Fields are read in the order they are named here, which is the order of the file.
    Ok(Update {
        kb,
        product: product.to_owned(),
        released: has(RELEASED).then(|| cursor.date()).transpose()?,
        build: match has(BUILD) {
            true => Some(strings.read(cursor)?.to_owned()),
            false => None,
        },
        component: match has(COMPONENT) {
            true => strings.read(cursor)?.to_owned(),
            false => String::new(),
        },
        supersedes: match has(SUPERSEDES) {
            true => read_kbs(cursor)?,
            false => Vec::new(),
        },
    })
}

impl Catalog {
    /// Every update of a product, by number; the product in any spelling that MSRC has used. What several feeds say of one
    /// update is put together: the earliest date, the first build named, everything it replaces.
    pub fn updates(&self, product: &str) -> Result<Vec<Update>, CatalogError> {
        let name = names::normalise(MICROSOFT, product);
        let mut updates: BTreeMap<Kb, Update> = BTreeMap::new();
        for block in self.update_blocks()? {
            let Some(mut cursor) = block.find(&name)? else {
                continue;
            };
            for update in read_updates(&mut cursor, block.strings)? {
                match updates.get_mut(&update.kb) {
                    Some(known) => absorb(known, update),
                    None => {
                        updates.insert(update.kb, update);
                    }
                }
            }
        }
        Ok(updates.into_values().collect())
    }

    /// What each feed says of the updates of each product, by the product's normalised name: the feed's name and a hash.
    pub(super) fn update_hashes(&self) -> Result<UpdateHashes<'_>, CatalogError> {
        let mut hashes = UpdateHashes::new();
        for block in self.update_blocks()? {
            let feed = self.feeds[block.feed].info.name.as_str();
            for at in 0..block.products {
                let (name, hash, _) = block.named(at)?;
                hashes
                    .entry(name.to_owned())
                    .or_default()
                    .push((feed, hash));
            }
        }
        Ok(hashes)
    }

    /// The blocks by the name of their feed; of one feed that of the later file first.
    fn update_blocks(&self) -> Result<Vec<Block<'_>>, CatalogError> {
        let mut blocks = Vec::new();
        for member in self.members.iter().rev() {
            for block in member.part.update_blocks()? {
                let feed = Self::feed_of(member, offset(block.feed), Section::Updates)? as usize;
                blocks.push(Block { feed, ..block });
            }
        }
        blocks.sort_by_key(|block| block.feed);
        Ok(blocks)
    }
}

impl Part {
    /// Every update of every feed, by the feed's number.
    pub(super) fn all_updates(&self) -> Result<Vec<(usize, Vec<Update>)>, CatalogError> {
        let mut all = Vec::new();
        for block in self.update_blocks()? {
            let mut updates = Vec::new();
            for at in 0..block.products {
                let (_, _, mut cursor) = block.named(at)?;
                updates.extend(read_updates(&mut cursor, block.strings)?);
            }
            all.push((block.feed, updates));
        }
        Ok(all)
    }

    fn update_blocks(&self) -> Result<Vec<Block<'_>>, CatalogError> {
        let bytes = self.section(Section::Updates);
        let mut cursor = Cursor::new(bytes, 0, SECTION);
        let count = cursor.u32()?;
        let mut blocks = Vec::new();
        for _ in 0..count {
            let (feed, start, len) = (cursor.u32()?, cursor.u32()?, cursor.u32()?);
            if feed as usize >= self.feeds.len() {
                return Err(cursor.damaged("unknown feed"));
            }
            let block = Cursor::new(bytes, start as usize, SECTION).take(len as usize)?;
            let mut head = Cursor::new(block, 0, SECTION);
            let products = head.u32()? as usize;
            let offsets = head.take(products.saturating_add(1).saturating_mul(4))?;
            let records = head.take(head.left())?;
            blocks.push(Block {
                feed: feed as usize,
                strings: self.strings(),
                products,
                offsets,
                records,
            });
        }
        Ok(blocks)
    }
}

fn absorb(known: &mut Update, other: Update) {
    known.released = match (known.released, other.released) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    known.build = known.build.take().or(other.build);
    if known.component.is_empty() {
        known.component = other.component;
    }
    known.supersedes.extend(other.supersedes);
    known.supersedes.sort_unstable();
    known.supersedes.dedup();
}
