//! The index from ids to advisories: buckets by the hash of the lower-case id. A hash only proposes; the record itself is read
//! to see whether it has the id.
//!
//! ```text
//! u32      how many of the first bits of the hash choose the bucket
//! u32 ..   where each bucket starts, and the end of the last
//! buckets  rows: the last 16 bits of the hash, then the advisory as a varint; where the 16 bits are those of the row
//!          before, the difference to its advisory. Sorted.
//! ```

use base::CveId;

use super::error::CatalogError;
use super::layout::Section;
use super::merge::Record;
use super::strings::{Symbol, Texts};
use super::wire::{Cursor, offset, put_u32, put_varint, u32_at};

/// FNV-1a, 32 bits (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>), over the bytes in ASCII lower case.
fn hash(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

/// The rows for every id a record has or names, and every CVE it is about.
pub(super) fn index(texts: &Texts, records: &[Record]) -> Vec<u8> {
    let mut rows: Vec<(u32, u32)> = Vec::new();
    for (number, record) in records.iter().enumerate() {
        let newest = &record.variants[0].advisory;
        let named = [&newest.aliases, &newest.related, &newest.upstream]
            .into_iter()
            .flat_map(|list| list.iter());
        let row = |id: &Symbol| (hash(texts.text(*id)), offset(number));
        rows.extend(named.chain([&record.id]).map(row));
        // Most of them are named above; an id like `ALPINE-CVE-2024-1` says it without naming it.
        let of_cve = |cve: &CveId| (hash(&cve.to_string()), offset(number));
        rows.extend(newest.cves.iter().map(of_cve));
    }
    rows.sort_unstable();
    rows.dedup();
    // About eight rows a bucket; the last 16 bits of the hash are in the row, so more than 16 for the bucket are of no use.
    let bits = (rows.len() / 8).checked_ilog2().unwrap_or(0).min(16);
    let (mut starts, mut buckets) = (Vec::new(), Vec::new());
    let mut rows = rows.as_slice();
    for bucket in 0..1_u32 << bits {
        put_u32(&mut starts, offset(buckets.len()));
        let (here, later) =
            rows.split_at(rows.partition_point(|(hash, _)| bucket_of(*hash, bits) <= bucket));
        put_bucket(&mut buckets, here);
        rows = later;
    }
    put_u32(&mut starts, offset(buckets.len()));
    let mut out = bits.to_le_bytes().to_vec();
    out.append(&mut starts);
    out.append(&mut buckets);
    out
}

const fn bucket_of(hash: u32, bits: u32) -> u32 {
    ((hash as u64) << bits >> 32) as u32
}

fn put_bucket(out: &mut Vec<u8>, rows: &[(u32, u32)]) {
    let mut rows: Vec<(u16, u32)> = rows
        .iter()
        .map(|&(hash, number)| (hash as u16, number))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let mut before = None;
    for (hash, number) in rows {
        out.extend_from_slice(&hash.to_le_bytes());
        let base = before
            .filter(|(known, _)| *known == hash)
            .map_or(0, |(_, number)| number);
        put_varint(out, (number - base).into());
        before = Some((hash, number));
    }
}

/// The advisories that may have or name an id, in the order of their numbers.
pub(super) fn proposals(index: &[u8], id: &str) -> Result<Vec<u32>, CatalogError> {
    let section = Section::Ids.name();
    let hash = hash(id);
    let bits = u32_at(index, 0, section)?;
    if bits > 16 {
        return Err(CatalogError::Damaged {
            section,
            what: "too many buckets",
        });
    }
    let bucket = bucket_of(hash, bits) as usize;
    let (start, end) = (
        u32_at(index, 1 + bucket, section)?,
        u32_at(index, 2 + bucket, section)?,
    );
    let buckets = (2 + (1 << bits)) * 4;
    let at = |position: u32| buckets + position as usize;
    let mut cursor = Cursor::new(index, at(start), section).first(at(end))?;
    let (mut found, mut before) = (Vec::new(), None);
    while cursor.left() > 0 {
        let low = cursor.u16()?;
        let base = before
            .filter(|(known, _)| *known == low)
            .map_or(0, |(_, number)| number);
        let number = cursor
            .index()?
            .checked_add(base)
            .ok_or_else(|| cursor.damaged("impossible advisory"))?;
        before = Some((low, number));
        if low == hash as u16 {
            found.push(number);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one_and_has_no_case() {
        // Test vectors of the draft, appendix C.
        let vectors = [
            ("", 0x811c_9dc5),
            ("a", 0xe40c_292c),
            ("foobar", 0xbf9c_f968),
        ];
        vectors
            .iter()
            .for_each(|(text, value)| assert_eq!(hash(text), *value, "{text}"));
        assert_eq!(hash("CVE-2024-1"), hash("cve-2024-1"));
    }

    #[test]
    fn buckets_are_the_first_bits() {
        assert_eq!(
            (
                bucket_of(u32::MAX, 0),
                bucket_of(u32::MAX, 16),
                bucket_of(0x8000_0000, 1)
            ),
            (0, 0xffff, 1)
        );
    }
}
