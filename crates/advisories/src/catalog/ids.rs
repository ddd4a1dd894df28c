//! The index from ids to advisories: (hash of the lower-case id, advisory), eight bytes a row, sorted. A hash only proposes;
//! the record itself is read to see whether it has the id.

use super::columns::lower_bound;
use super::error::CatalogError;
use super::layout::Section;
use super::merge::Record;
use super::strings::{Symbol, Texts};
use super::wire::{offset, put_u32, u32_at};

/// FNV-1a, 32 bits (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>), over the bytes in ASCII lower case.
fn hash(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

/// The rows for every id a record has or names.
pub(super) fn index(texts: &Texts, records: &[Record]) -> Vec<u8> {
    let mut rows: Vec<(u32, u32)> = Vec::new();
    for (number, record) in records.iter().enumerate() {
        let newest = &record.variants[0].advisory;
        let named = [&newest.aliases, &newest.related, &newest.upstream]
            .into_iter()
            .flat_map(|list| list.iter());
        let row = |id: &Symbol| (hash(texts.text(*id)), offset(number));
        rows.extend(named.chain([&record.id]).map(row));
    }
    rows.sort_unstable();
    rows.dedup();
    let mut out = Vec::with_capacity(rows.len() * 8);
    for (hash, number) in rows {
        put_u32(&mut out, hash);
        put_u32(&mut out, number);
    }
    out
}

/// The advisories that may have or name an id, in the order of their numbers.
pub(super) fn proposals(index: &[u8], id: &str) -> Result<Vec<u32>, CatalogError> {
    let (hash, rows) = (hash(id), index.len() / 8);
    let section = Section::Ids.name();
    let mut row = lower_bound(0..rows, |row| {
        Ok::<_, CatalogError>(u32_at(index, row * 2, section)? < hash)
    })?;
    let mut found = Vec::new();
    while row < rows && u32_at(index, row * 2, section)? == hash {
        found.push(u32_at(index, row * 2 + 1, section)?);
        row += 1;
    }
    Ok(found)
}
