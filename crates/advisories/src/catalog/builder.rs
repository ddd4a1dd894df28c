//! Takes batches, gives the bytes of a catalog. Everything is interned when it is added; nothing fat is kept.

use std::collections::BTreeMap;

use base::CveId;
use jiff::Timestamp;
use rayon::prelude::*;

use super::compile::{self, FeedContent};
use super::error::CatalogError;
use super::merge::{self, IncomingCopy};
use super::packed::{PackedAdvisory, PackedCve, PackedKev, PackedUpdate, Ranked as _};
use super::part::FeedRow;
use super::reader::Catalog;
use super::residue::drop_covered_versions;
use super::strings::{Interner, Ranking};
use super::wire::offset;
use crate::model::{Advisory, Batch, EpssModel, EpssRow};

/// Collects what feeds bring. The file depends on what was added, never on the order.
#[derive(Default)]
pub struct Builder {
    texts: Interner,
    feeds: Vec<FeedInput>,
    copies: Vec<IncomingCopy>,
}

/// What one feed brought. Rows carry the date of their document: the newest replaces the others.
#[derive(Default)]
struct FeedInput {
    name: String,
    /// A feed that only a date was set for, or that was discarded, stays out of the catalog.
    added: bool,
    as_of_set: Option<Timestamp>,
    as_of_stated: Option<Timestamp>,
    read: u64,
    skipped: BTreeMap<String, u64>,
    kev: Vec<(CveId, Option<Timestamp>, PackedKev)>,
    epss: Vec<(Option<Timestamp>, EpssRow)>,
    model: Option<(Option<Timestamp>, EpssModel)>,
    cves: Vec<(CveId, PackedCve)>,
    updates: Vec<PackedUpdate>,
}

impl Builder {
    /// Without any feed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what one document of a feed brought.
    pub fn add(&mut self, feed: &str, batch: Batch) {
        let number = self.feed_number(feed);
        for mut advisory in batch.advisories {
            drop_covered_versions(&mut advisory);
            self.keep(vec![offset(number)], &advisory);
        }
        let (texts, input) = (&mut self.texts, &mut self.feeds[number]);
        let as_of = batch.as_of;
        input.added = true;
        input.as_of_stated = input.as_of_stated.max(as_of);
        // A damaged catalog may carry over any number.
        input.read = input.read.saturating_add(batch.read);
        for (reason, count) in batch.skipped {
            let skipped = input.skipped.entry(reason).or_default();
            *skipped = skipped.saturating_add(count);
        }
        input.kev.extend(
            batch
                .kev
                .iter()
                .map(|kev| (kev.cve, as_of, PackedKev::pack(texts, kev))),
        );
        input
            .epss
            .extend(batch.epss.into_iter().map(|row| (as_of, row)));
        input.cves.extend(
            batch
                .cves
                .iter()
                .map(|record| (record.cve, PackedCve::pack(texts, record))),
        );
        input.updates.extend(
            batch
                .updates
                .iter()
                .map(|update| PackedUpdate::pack(texts, update)),
        );
        if let Some(model) = batch.epss_model {
            let key = |(at, model): &(Option<Timestamp>, EpssModel)| {
                (*at, model.date, model.version.clone())
            };
            let new = (as_of, model);
            if input
                .model
                .as_ref()
                .is_none_or(|known| key(known) < key(&new))
            {
                input.model = Some(new);
            }
        }
    }

    /// Starts from an existing catalog, carrying over every feed but those named (they are about to be replaced). With the
    /// current documents of those feeds added, the file is the same as a full build from the current documents of all. A catalog
    /// that is laid over another is none to start from: its own files are.
    pub fn carry_over(&mut self, old: &Catalog, except: &[&str]) -> Result<(), CatalogError> {
        let old = old.only_part()?;
        let carried: Vec<Option<u32>> = old
            .feeds
            .iter()
            .map(|FeedRow { info, .. }| {
                (!except.contains(&&*info.name)).then(|| offset(self.feed_number(&info.name)))
            })
            .collect();
        for chunk in old.chunks() {
            for (feeds, mut advisory) in old.copies(chunk)? {
                let feeds: Vec<u32> = feeds
                    .into_iter()
                    .filter_map(|feed| carried[feed as usize])
                    .collect();
                if !feeds.is_empty() {
                    drop_covered_versions(&mut advisory);
                    self.keep(feeds, &advisory);
                }
            }
        }
        for (name, batch) in old.fact_batches()? {
            if !except.contains(&&*name) {
                self.add(&name, batch);
            }
        }
        Ok(())
    }

    /// Takes back everything a feed brought, as if it had never been added: its documents turned out to be bad.
    pub fn discard(&mut self, feed: &str) {
        let number = self.feed_number(feed);
        self.feeds[number] = FeedInput {
            name: feed.to_owned(),
            ..FeedInput::default()
        };
        let number = offset(number);
        for copy in &mut self.copies {
            copy.feeds.retain(|f| *f != number);
        }
        self.copies.retain(|copy| !copy.feeds.is_empty());
    }

    /// Overrides a feed's as-of date (otherwise: the newest its documents state, else the newest `modified` of its records).
    pub fn set_as_of(&mut self, feed: &str, as_of: Timestamp) {
        let number = self.feed_number(feed);
        self.feeds[number].as_of_set = Some(as_of);
    }

    /// The bytes of the file.
    pub fn finish(self) -> Vec<u8> {
        let (texts, ranking) = self.texts.rank();
        let mut order: Vec<usize> = (0..self.feeds.len())
            .filter(|&feed| self.feeds[feed].added)
            .collect();
        order.sort_by(|&a, &b| self.feeds[a].name.cmp(&self.feeds[b].name));
        // Feeds are numbered by name; only added ones have copies.
        let mut numbers = vec![0; self.feeds.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(new, &old)| numbers[old] = offset(new));

        let mut copies = self.copies;
        copies.par_iter_mut().for_each(|copy| {
            copy.id.rank(&ranking);
            copy.advisory.rank(&ranking);
            copy.feeds
                .iter_mut()
                .for_each(|feed| *feed = numbers[*feed as usize]);
            copy.feeds.sort_unstable();
        });
        let added = self.feeds.into_iter().filter(|feed| feed.added);
        let mut feeds: Vec<FeedContent> = added.map(|feed| feed.settle(&ranking)).collect();
        feeds.sort_by(|a, b| a.name.cmp(&b.name));
        compile::compile(&texts, &merge::merge(copies), &feeds)
    }

    fn keep(&mut self, feeds: Vec<u32>, advisory: &Advisory) {
        let id = self.texts.intern(&advisory.id);
        let advisory = PackedAdvisory::pack(&mut self.texts, advisory);
        self.copies.push(IncomingCopy {
            id,
            feeds,
            advisory,
        });
    }

    fn feed_number(&mut self, name: &str) -> usize {
        self.feeds
            .iter()
            .position(|feed| feed.name == name)
            .unwrap_or_else(|| {
                self.feeds.push(FeedInput {
                    name: name.to_owned(),
                    ..FeedInput::default()
                });
                self.feeds.len() - 1
            })
    }
}

impl FeedInput {
    /// One row for each CVE: of the newest document, and of equals the one that sorts last.
    fn settle(mut self, ranking: &Ranking) -> FeedContent {
        self.kev
            .iter_mut()
            .for_each(|(_, _, kev)| kev.rank(ranking));
        self.cves
            .iter_mut()
            .for_each(|(_, record)| record.rank(ranking));
        self.updates
            .iter_mut()
            .for_each(|update| update.rank(ranking));
        self.updates.sort();
        self.kev.sort();
        self.cves.sort();
        let bits = |row: &EpssRow| (row.score.to_bits(), row.percentile.to_bits());
        self.epss.sort_by_key(|(at, row)| (row.cve, *at, bits(row)));
        FeedContent {
            name: self.name,
            as_of_set: self.as_of_set,
            as_of_stated: self.as_of_stated,
            read: self.read,
            skipped: self.skipped.into_iter().collect(),
            kev: last_of_each(
                self.kev.into_iter().map(|(cve, _, kev)| (cve, kev)),
                |(cve, _)| *cve,
            ),
            epss: last_of_each(self.epss.into_iter().map(|(_, row)| row), |row| row.cve),
            model: self.model.map(|(_, model)| model),
            cves: last_of_each(self.cves.into_iter(), |(cve, _)| *cve),
            updates: one_of_each(self.updates),
        }
    }
}

/// One row for each update of a product, with what all documents say of it.
fn one_of_each(sorted: Vec<PackedUpdate>) -> Vec<PackedUpdate> {
    let mut kept: Vec<PackedUpdate> = Vec::new();
    for update in sorted {
        match kept.last_mut() {
            Some(last) if (last.key, last.kb) == (update.key, update.kb) => last.absorb(update),
            _ => kept.push(update),
        }
    }
    kept
}

fn last_of_each<T>(sorted: impl Iterator<Item = T>, cve: impl Fn(&T) -> CveId) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for row in sorted {
        match kept.last_mut() {
            Some(last) if cve(last) == cve(&row) => *last = row,
            _ => kept.push(row),
        }
    }
    kept
}
