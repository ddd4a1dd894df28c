//! From merged records to the sections of the file. Where everything stands is planned first; then it is encoded twice by
//! the same code: to count the texts, and to write.

use std::collections::BTreeMap;

use base::CveId;
use jiff::Timestamp;
use rayon::prelude::*;

use super::columns::shelve;
use super::content;
use super::entry::put_statement;
use super::facts::{cve_block, epss_block, kev_block};
use super::ids;
use super::layout::{Section, assemble};
use super::merge::{Record, Variant};
use super::packed::{PackedCve, PackedKev, PackedUpdate};
use super::plan::Plan;
use super::record::{Place, put_copy, put_head};
use super::strings::{Symbol, TextWriter, Texts};
use super::updates::updates_block;
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
    pub(super) updates: Vec<PackedUpdate>,
}

/// The file for records sorted by id and feeds sorted by name.
pub(super) fn compile(texts: &Texts, records: &[Record], feeds: &[FeedContent]) -> Vec<u8> {
    let plan = Plan::new(records);
    let encoder = Encoder {
        texts,
        plan: &plan,
        records,
        feeds,
    };
    let with_texts = || {
        let mut writer = TextWriter::counting(texts);
        encoder.encode(&mut writer);
        let table = writer.number();
        (table, encoder.encode(&mut writer))
    };
    let of_records = || rayon::join(|| ids::index(texts, records), || encoder.contents());
    let (((string_offsets, strings), mut sections), (ids, contents)) =
        rayon::join(with_texts, of_records);
    sections[Section::Feeds as usize] = encoder.feed_infos();
    sections[Section::StringOffsets as usize] = string_offsets;
    sections[Section::Strings as usize] = strings;
    sections[Section::Ids as usize] = ids;
    sections[Section::Contents as usize] = contents;
    sections[Section::Epss as usize] = encoder.epss();
    assemble(&sections)
}

struct Encoder<'r> {
    texts: &'r Texts,
    plan: &'r Plan<'r>,
    records: &'r [Record],
    feeds: &'r [FeedContent],
}

type Sections = [Vec<u8>; Section::ALL.len()];

impl Encoder<'_> {
    /// The sections that hold texts; run twice.
    fn encode(&self, writer: &mut TextWriter<'_>) -> Sections {
        let mut sections: Sections = std::array::from_fn(|_| Vec::new());
        let mut set = |section: Section, bytes| sections[section as usize] = bytes;
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
        let kev = self.blocks(|feed| (!feed.kev.is_empty()).then(|| kev_block(writer, &feed.kev)));
        set(Section::Kev, kev);
        let cves =
            self.blocks(|feed| (!feed.cves.is_empty()).then(|| cve_block(writer, &feed.cves)));
        set(Section::Cves, cves);
        let updates = self.blocks(|feed| {
            (!feed.updates.is_empty()).then(|| updates_block(self.texts, writer, &feed.updates))
        });
        set(Section::Updates, updates);
        sections
    }

    /// The hash of what each record says.
    fn contents(&self) -> Vec<u8> {
        let feeds: Vec<&str> = self.feeds.iter().map(|feed| feed.name.as_str()).collect();
        let hash = |record: &Record| content::of_record(self.texts, &feeds, record).to_le_bytes();
        self.records.par_iter().flat_map_iter(hash).collect()
    }

    fn epss(&self) -> Vec<u8> {
        self.blocks(|feed| {
            let brought = !feed.epss.is_empty() || feed.model.is_some();
            brought.then(|| epss_block(&feed.epss, feed.model.as_ref()))
        })
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
            .map(|f| (f.kev.len() + f.epss.len() + f.cves.len() + f.updates.len()) as u64)
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
