//! Which copy of a record counts, where several feeds, or several documents of one feed, carry the same id.
//!
//! - Within a feed the newest `modified` replaces older copies. Equally new copies that differ become one: the affected
//!   entries of all, the other fields of the one that sorts last.
//! - Between feeds every distinct copy stays in the file with the feeds that carry it, the newest first. Only the newest
//!   counts; where several are equally new, they count together: the affected entries of all, the other fields of the first.
//!   Because the others stay, replacing the feed that held the newest copy leaves what a full build without it would give.
//!
//! Every step is associative, commutative and idempotent, so the order of documents cannot show.

use std::collections::BTreeMap;

use super::packed::PackedAdvisory;
use super::strings::Symbol;

/// A copy as it came in; symbols ranked, feeds numbered by name.
pub(super) struct IncomingCopy {
    pub(super) id: Symbol,
    pub(super) feeds: Vec<u32>,
    pub(super) advisory: PackedAdvisory,
}

/// One distinct copy and the feeds that carry it.
#[derive(Debug, PartialEq)]
pub(super) struct Variant {
    /// Sorted.
    pub(super) feeds: Vec<u32>,
    pub(super) advisory: PackedAdvisory,
}

/// Everything the catalog holds under one id.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    pub(super) id: Symbol,
    /// Never empty; the newest first.
    pub(super) variants: Vec<Variant>,
}

impl Record {
    /// The copies that count.
    pub(super) fn newest(&self) -> &[Variant] {
        let modified = self.variants[0].advisory.modified;
        let count = self
            .variants
            .iter()
            .take_while(|v| v.advisory.modified == modified)
            .count();
        &self.variants[..count]
    }
}

/// One record for each id, sorted by id.
pub(super) fn merge(mut copies: Vec<IncomingCopy>) -> Vec<Record> {
    copies.sort_by_key(|copy| copy.id);
    let mut records: Vec<Record> = Vec::new();
    let mut same_id: Vec<IncomingCopy> = Vec::new();
    for copy in copies {
        if same_id.last().is_some_and(|last| last.id != copy.id) {
            records.extend(merge_one(std::mem::take(&mut same_id)));
        }
        same_id.push(copy);
    }
    records.extend(merge_one(same_id));
    records
}

fn merge_one(copies: Vec<IncomingCopy>) -> Option<Record> {
    let id = copies.first()?.id;
    if copies.len() == 1 {
        let only = copies.into_iter().map(|copy| Variant {
            feeds: copy.feeds,
            advisory: copy.advisory,
        });
        return Some(Record {
            id,
            variants: only.collect(),
        });
    }
    let mut by_feed: BTreeMap<u32, PackedAdvisory> = BTreeMap::new();
    for copy in copies {
        for feed in copy.feeds {
            let known = by_feed.remove(&feed);
            let merged = match known {
                Some(known) => merge_within_feed(known, copy.advisory.clone()),
                None => copy.advisory.clone(),
            };
            by_feed.insert(feed, merged);
        }
    }
    let mut variants: Vec<Variant> = Vec::new();
    for (feed, advisory) in by_feed {
        match variants.iter_mut().find(|v| v.advisory == advisory) {
            Some(variant) => variant.feeds.push(feed),
            None => variants.push(Variant {
                feeds: vec![feed],
                advisory,
            }),
        }
    }
    variants.sort_by(|a, b| b.advisory.cmp(&a.advisory));
    Some(Record { id, variants })
}

fn merge_within_feed(mut a: PackedAdvisory, mut b: PackedAdvisory) -> PackedAdvisory {
    if a.modified != b.modified || a == b {
        return a.max(b);
    }
    let mut affected = std::mem::take(&mut a.affected);
    affected.append(&mut b.affected);
    affected.sort_unstable();
    affected.dedup();
    let mut merged = a.max(b);
    merged.affected = affected;
    merged
}
