//! From merged records to the sections of the file.
//!
//! First the [`Plan`]: which (ecosystem, package) keys there are, which entry goes where, which sets of releases occur. Then
//! everything is encoded twice by the same code: to count the texts, and to write.

use std::collections::{BTreeMap, HashMap};

use base::CveId;
use jiff::Timestamp;
use rayon::prelude::*;

use super::columns::shelve;
use super::entry::put_statement;
use super::facts::{cve_block, epss_block, kev_block};
use super::ids;
use super::layout::{Section, assemble};
use super::merge::{Record, Variant};
use super::packed::{PackedAffected, PackedCve, PackedKev};
use super::record::{Place, put_copy, put_head};
use super::strings::{Symbol, TextWriter, Texts};
use super::wire::{offset, put_count, put_timestamp, put_u32, put_varint};
use crate::model::{EpssModel, EpssRow};

/// What one feed brought, one row for each CVE, sorted.
pub(super) struct FeedContent {
    pub(super) name: String,
    pub(super) as_of_set: Option<Timestamp>,
    pub(super) as_of_stated: Option<Timestamp>,
    pub(super) read: u64,
    pub(super) skipped: Vec<(String, u64)>,
    pub(super) kev: Vec<(CveId, PackedKev)>,
    pub(super) epss: Vec<EpssRow>,
    pub(super) model: Option<EpssModel>,
    pub(super) cves: Vec<(CveId, PackedCve)>,
}

/// The file for records sorted by id and feeds sorted by name.
pub(super) fn compile(texts: &Texts, records: &[Record], feeds: &[FeedContent]) -> Vec<u8> {
    let plan = Plan::new(records);
    let mut writer = TextWriter::counting(texts);
    let encoder = Encoder {
        texts,
        plan: &plan,
        records,
        feeds,
    };
    encoder.encode(&mut writer);
    let (string_offsets, strings) = writer.number();
    let mut sections = encoder.encode(&mut writer);
    sections[Section::StringOffsets as usize] = string_offsets;
    sections[Section::Strings as usize] = strings;
    assemble(&sections)
}

/// An entry to be written: the releases of one copy for which the same is said of a package.
struct PlannedEntry<'r> {
    key: u32,
    /// Not to be found by package: the record was withdrawn, or the copy does not count, or an equal entry does.
    hidden: bool,
    record: u32,
    /// Counted over all copies of all records.
    variant: u32,
    releases: u32,
    what: &'r PackedAffected,
}

struct Plan<'r> {
    /// (ecosystem name, package key), sorted.
    keys: Vec<(Symbol, Symbol)>,
    /// Sorted by key, found before hidden, then by record, copy and what is said.
    entries: Vec<PlannedEntry<'r>>,
    /// Ecosystems with their release, sorted; the most used set first.
    release_sets: Vec<Vec<Symbol>>,
    variants: usize,
}

impl<'r> Plan<'r> {
    fn new(records: &'r [Record]) -> Self {
        let affected = || {
            records
                .iter()
                .flat_map(|r| &r.variants)
                .flat_map(|v| &v.advisory.affected)
        };
        let mut keys: Vec<(Symbol, Symbol)> = affected().map(|a| (a.name, a.key_package)).collect();
        keys.par_sort_unstable();
        keys.dedup();
        let mut plan = Self {
            keys,
            entries: Vec::new(),
            release_sets: Vec::new(),
            variants: 0,
        };
        let mut sets = HashMap::new();
        for (number, record) in records.iter().enumerate() {
            for at in 0..record.variants.len() {
                plan.add_variant(&mut sets, offset(number), record, at);
            }
        }
        plan.number_release_sets();
        // Stable: the groups of a copy stay in the order of what they say.
        plan.entries
            .sort_by_key(|e| (e.key, e.hidden, e.record, e.variant));
        plan
    }

    fn add_variant(
        &mut self,
        sets: &mut HashMap<Vec<Symbol>, u32>,
        number: u32,
        record: &'r Record,
        at: usize,
    ) {
        let same = |a: &PackedAffected, b: &PackedAffected| {
            (a.name, a.key_package, &a.statement) == (b.name, b.key_package, &b.statement)
        };
        for group in record.variants[at].advisory.affected.chunk_by(same) {
            let (hidden, found): (Vec<&PackedAffected>, Vec<_>) =
                group.iter().partition(|a| is_hidden(record, at, a));
            for (hidden, part) in [(false, found), (true, hidden)] {
                let Some(&what) = part.first() else { continue };
                let releases: Vec<Symbol> = part.iter().map(|a| a.ecosystem).collect();
                let releases = *sets.entry(releases).or_insert_with_key(|set| {
                    self.release_sets.push(set.clone());
                    offset(self.release_sets.len() - 1)
                });
                // Keys were collected from the same entries, so the search finds it.
                let key = offset(
                    self.keys
                        .partition_point(|k| *k < (what.name, what.key_package)),
                );
                self.entries.push(PlannedEntry {
                    key,
                    hidden,
                    record: number,
                    variant: offset(self.variants),
                    releases,
                    what,
                });
            }
        }
        self.variants += 1;
    }

    fn number_release_sets(&mut self) {
        let mut uses = vec![0_u32; self.release_sets.len()];
        self.entries
            .iter()
            .for_each(|e| uses[e.releases as usize] += 1);
        let mut order: Vec<usize> = (0..uses.len()).collect();
        order.sort_by(|&a, &b| {
            uses[b]
                .cmp(&uses[a])
                .then_with(|| self.release_sets[a].cmp(&self.release_sets[b]))
        });
        let mut numbers = vec![0; order.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(new, &old)| numbers[old] = offset(new));
        self.entries
            .iter_mut()
            .for_each(|e| e.releases = numbers[e.releases as usize]);
        self.release_sets = order
            .iter()
            .map(|&old| std::mem::take(&mut self.release_sets[old]))
            .collect();
    }
}

fn is_hidden(record: &Record, at: usize, affected: &PackedAffected) -> bool {
    let newest = record.newest();
    newest[0].advisory.withdrawn.is_some()
        || at >= newest.len()
        || newest[..at]
            .iter()
            .any(|earlier| earlier.advisory.affected.binary_search(affected).is_ok())
}

struct Encoder<'r> {
    texts: &'r Texts,
    plan: &'r Plan<'r>,
    records: &'r [Record],
    feeds: &'r [FeedContent],
}

type Sections = [Vec<u8>; Section::ALL.len()];

impl Encoder<'_> {
    fn encode(&self, writer: &mut TextWriter<'_>) -> Sections {
        let mut sections: Sections = std::array::from_fn(|_| Vec::new());
        let mut set = |section: Section, bytes| sections[section as usize] = bytes;
        set(Section::Feeds, self.feed_infos());
        set(Section::Ecosystems, self.ecosystems(writer));
        let (offsets, sets) = self.release_sets(writer);
        set(Section::ReleaseSetOffsets, offsets);
        set(Section::ReleaseSets, sets);
        let (keys, names, entries, places) = self.entries(writer);
        set(Section::Keys, keys);
        set(Section::KeyNames, names);
        set(Section::Entries, entries);
        let (offsets, advisories) = self.advisories(writer, &places);
        set(Section::AdvisoryOffsets, offsets);
        set(Section::Advisories, advisories);
        set(Section::Ids, ids::index(self.texts, self.records));
        set(
            Section::Kev,
            self.blocks(|feed| (!feed.kev.is_empty()).then(|| kev_block(writer, &feed.kev))),
        );
        set(
            Section::Epss,
            self.blocks(|feed| {
                (!feed.epss.is_empty() || feed.model.is_some())
                    .then(|| epss_block(&feed.epss, feed.model.as_ref()))
            }),
        );
        set(
            Section::Cves,
            self.blocks(|feed| (!feed.cves.is_empty()).then(|| cve_block(writer, &feed.cves))),
        );
        sections
    }

    fn blocks(&self, mut block: impl FnMut(&FeedContent) -> Option<Vec<u8>>) -> Vec<u8> {
        let blocks: Vec<(u32, Vec<u8>)> = self
            .feeds
            .iter()
            .enumerate()
            .filter_map(|(number, feed)| Some((offset(number), block(feed)?)))
            .collect();
        shelve(&blocks)
    }

    /// name, flags (has as-of, the documents stated it), as-of, read, kept, skipped.
    fn feed_infos(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_count(&mut out, self.feeds.len());
        let (kept, newest) = self.count_records();
        for (number, feed) in self.feeds.iter().enumerate() {
            put_inline(&mut out, &feed.name);
            let stated = feed.as_of_set.or(feed.as_of_stated);
            let as_of = stated.or(newest[number]);
            out.push(u8::from(as_of.is_some()) | u8::from(stated.is_some()) << 1);
            as_of
                .into_iter()
                .for_each(|time| put_timestamp(&mut out, time));
            put_varint(&mut out, feed.read);
            put_varint(&mut out, kept[number]);
            put_count(&mut out, feed.skipped.len());
            for (reason, count) in &feed.skipped {
                put_inline(&mut out, reason);
                put_varint(&mut out, *count);
            }
        }
        out
    }

    /// For each feed how many records it keeps, and the newest change among them.
    fn count_records(&self) -> (Vec<u64>, Vec<Option<Timestamp>>) {
        let mut kept: Vec<u64> = self
            .feeds
            .iter()
            .map(|f| (f.kev.len() + f.epss.len() + f.cves.len()) as u64)
            .collect();
        let mut newest: Vec<Option<Timestamp>> = self
            .feeds
            .iter()
            .map(|f| {
                f.cves
                    .iter()
                    .filter_map(|(_, record)| record.modified)
                    .max()
            })
            .collect();
        for variant in self.records.iter().flat_map(|r| &r.variants) {
            for &feed in &variant.feeds {
                kept[feed as usize] += 1;
                newest[feed as usize] = newest[feed as usize].max(variant.advisory.modified);
            }
        }
        (kept, newest)
    }

    /// name, number of keys, releases (ecosystem texts) that can be found.
    fn ecosystems(&self, writer: &mut TextWriter<'_>) -> Vec<u8> {
        let mut releases: BTreeMap<Symbol, Vec<Symbol>> = BTreeMap::new();
        for entry in &self.plan.entries {
            let list = releases.entry(entry.what.name).or_default();
            if !entry.hidden {
                list.extend(&self.plan.release_sets[entry.releases as usize]);
            }
        }
        let mut out = Vec::new();
        put_count(&mut out, releases.len());
        for (name, mut list) in releases {
            list.sort_unstable();
            list.dedup();
            put_inline(&mut out, self.texts.text(name));
            put_count(
                &mut out,
                self.plan.keys.iter().filter(|(n, _)| *n == name).count(),
            );
            put_count(&mut out, list.len());
            list.iter()
                .for_each(|&release| writer.put(&mut out, release));
        }
        out
    }

    fn release_sets(&self, writer: &mut TextWriter<'_>) -> (Vec<u8>, Vec<u8>) {
        let (mut offsets, mut out) = (Vec::new(), Vec::new());
        for set in &self.plan.release_sets {
            put_u32(&mut offsets, offset(out.len()));
            put_count(&mut out, set.len());
            set.iter()
                .for_each(|&release| writer.put(&mut out, release));
        }
        (offsets, out)
    }

    /// The rows of the keys (name, first byte of the entries, length of those that can be found), the names, the entries,
    /// and where each copy finds its own.
    fn entries(&self, writer: &mut TextWriter<'_>) -> (Vec<u8>, Vec<u8>, Vec<u8>, Vec<Vec<Place>>) {
        let mut places = vec![Vec::new(); self.plan.variants];
        let (mut rows, mut names, mut out) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = |names: usize, start: usize, found: usize| {
            [names, start, found]
                .into_iter()
                .for_each(|n| put_u32(&mut rows, offset(n)))
        };
        for of_key in self.plan.entries.chunk_by(|a, b| a.key == b.key) {
            let (name_start, start, mut found, mut before) =
                (names.len(), out.len(), 0, (false, 0));
            names.extend_from_slice(self.texts.text(of_key[0].what.key_package).as_bytes());
            for entry in of_key {
                if entry.hidden != before.0 {
                    before = (true, 0);
                }
                places[entry.variant as usize].push(Place {
                    key: entry.key,
                    position: offset(out.len() - start),
                });
                put_varint(&mut out, (entry.record - before.1).into());
                put_varint(&mut out, entry.releases.into());
                put_statement(
                    &mut out,
                    writer,
                    &entry.what.statement,
                    entry.what.key_package,
                );
                before.1 = entry.record;
                if !entry.hidden {
                    found = out.len() - start;
                }
            }
            row(name_start, start, found);
        }
        row(names.len(), out.len(), 0);
        (rows, names, out, places)
    }

    fn advisories(&self, writer: &mut TextWriter<'_>, places: &[Vec<Place>]) -> (Vec<u8>, Vec<u8>) {
        let (mut offsets, mut out) = (Vec::new(), Vec::new());
        let mut places = places.iter();
        for record in self.records {
            put_u32(&mut offsets, offset(out.len()));
            put_head(
                &mut out,
                writer,
                record.id,
                record.variants.len(),
                record.newest().len(),
            );
            let with_places = |(variant, places): (&Variant, &Vec<Place>)| {
                put_copy(&mut out, writer, variant, places)
            };
            record
                .variants
                .iter()
                .zip(places.by_ref())
                .for_each(with_places);
        }
        (offsets, out)
    }
}

fn put_inline(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}
