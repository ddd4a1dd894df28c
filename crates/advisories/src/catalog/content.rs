//! The hash of what a record says: two catalogs are compared by it without reading their records. It is over the texts
//! themselves, so neither the other records of the catalog nor the numbers they give to texts show.
//!
//! Dates do not count: a source that touches a record has said nothing new. Whether it is withdrawn does, and so do the
//! feeds that carry it. Eight bytes of BLAKE3: a change goes unnoticed once in 10¹⁹.

use jiff::civil::Date;

use super::merge::Record;
use super::packed::{PackedAffected, PackedScore, PackedUpdate};
use super::strings::{Symbol, Texts};
use super::wire::{put_count, put_date, put_varint};

/// How many bytes a hash takes in the file.
pub(super) const HASH_BYTES: usize = 8;

/// The hash of a record: of all that [`Catalog::advisory`](super::Catalog::advisory) and
/// [`Catalog::affected`](super::Catalog::affected) tell of it, without its dates.
pub(super) fn of_record(texts: &Texts, feeds: &[&str], record: &Record) -> u64 {
    let mut text = Content::of(texts);
    text.put(record.id);
    let mut carried: Vec<&str> = record
        .variants
        .iter()
        .flat_map(|copy| &copy.feeds)
        .map(|&feed| feeds[feed as usize])
        .collect();
    carried.sort_unstable();
    put_count(&mut text.bytes, carried.len());
    carried.iter().for_each(|feed| text.put_text(feed));
    let first = &record.newest()[0].advisory;
    for list in [
        &first.aliases,
        &first.related,
        &first.upstream,
        &first.references,
    ] {
        text.put_list(list);
    }
    text.put(first.summary);
    text.put_option(first.informational);
    text.put_option(first.exploited.map(|(says, _)| says));
    text.put_date(first.exploited.and_then(|(_, since)| since));
    text.put_scores(&first.scores);
    text.bytes.push(first.severity.map_or(0, |s| s as u8 + 1));
    text.bytes.push(first.withdrawn.is_some().into());
    let newest = record.newest().iter();
    let mut affected: Vec<&PackedAffected> =
        newest.flat_map(|copy| &copy.advisory.affected).collect();
    affected.sort_unstable();
    affected.dedup();
    put_count(&mut text.bytes, affected.len());
    affected.iter().for_each(|entry| text.put_affected(entry));
    text.hash()
}

/// The hash of what a feed says of the updates of one product.
pub(super) fn of_updates(texts: &Texts, updates: &[PackedUpdate]) -> u64 {
    let mut text = Content::of(texts);
    // The file keeps one spelling of the product.
    updates
        .first()
        .into_iter()
        .for_each(|first| text.put(first.product));
    for update in updates {
        put_varint(&mut text.bytes, update.kb.number().into());
        text.put(update.component);
        text.put_option(update.build);
        text.put_date(update.released);
        put_count(&mut text.bytes, update.supersedes.len());
        for kb in &update.supersedes {
            put_varint(&mut text.bytes, kb.number().into());
        }
    }
    text.hash()
}

/// Bytes that are equal only where what they were made of is: every text and list has its length before it.
struct Content<'t> {
    texts: &'t Texts,
    bytes: Vec<u8>,
}

impl<'t> Content<'t> {
    const fn of(texts: &'t Texts) -> Self {
        Self {
            texts,
            bytes: Vec::new(),
        }
    }

    fn put(&mut self, symbol: Symbol) {
        let texts = self.texts;
        self.put_text(texts.text(symbol));
    }

    fn put_text(&mut self, text: &str) {
        put_count(&mut self.bytes, text.len());
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn put_option(&mut self, symbol: Option<Symbol>) {
        self.bytes.push(symbol.is_some().into());
        symbol.into_iter().for_each(|symbol| self.put(symbol));
    }

    fn put_date(&mut self, date: Option<Date>) {
        self.bytes.push(date.is_some().into());
        date.into_iter()
            .for_each(|date| put_date(&mut self.bytes, date));
    }

    fn put_list(&mut self, list: &[Symbol]) {
        put_count(&mut self.bytes, list.len());
        list.iter().for_each(|&symbol| self.put(symbol));
    }

    fn put_scores(&mut self, scores: &[PackedScore]) {
        put_count(&mut self.bytes, scores.len());
        for score in scores {
            self.put(score.vector);
            self.put(score.source);
        }
    }

    fn put_affected(&mut self, entry: &PackedAffected) {
        let statement = &entry.statement;
        self.put(entry.ecosystem);
        self.put(statement.package);
        put_count(&mut self.bytes, statement.ranges.len());
        for range in &statement.ranges {
            self.bytes.push(range.kind);
            put_count(&mut self.bytes, range.events.len());
            for &(version, kind) in &range.events {
                self.bytes.push(kind);
                self.put(version);
            }
        }
        self.put_list(&statement.versions);
        self.put_list(&statement.except);
        self.put_scores(&statement.scores);
        self.put_option(statement.component);
        put_count(&mut self.bytes, statement.updates.len());
        for kb in &statement.updates {
            put_varint(&mut self.bytes, kb.number().into());
        }
        self.bytes.push(statement.state);
    }

    fn hash(&self) -> u64 {
        let hash = blake3::hash(&self.bytes);
        let mut first = [0; HASH_BYTES];
        first.copy_from_slice(&hash.as_bytes()[..HASH_BYTES]);
        u64::from_le_bytes(first)
    }
}
