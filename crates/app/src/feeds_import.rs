//! `feeds import`: files of feeds → a new catalog, atomically in the place of the old one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use advisories::catalog::{Builder, Catalog, FeedInfo, drop_covered_versions};
use advisories::feeds::{self, Document};
use advisories::model::Batch;
use base::{Level, Limit, Note, Parsed};
use rayon::prelude::*;

use crate::catalog_file;
use crate::error::{Failure, Result};
use crate::progress::Progress;

/// What to import and how careful to be.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// Files, archives and directories of feeds.
    pub paths: Vec<PathBuf>,
    /// The catalog file to make or to renew.
    pub catalog: PathBuf,
    /// The name to import under, instead of the one the content and the place suggest.
    pub feed: Option<String>,
    /// A feed that lost more than this share of its records against the last good one is refused; 0 to 1.
    pub max_shrink: f64,
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Every feed that was read, by name.
    pub feeds: Vec<ImportedFeed>,
    /// The bytes of the new catalog; `None` when nothing changed.
    pub catalog_bytes: Option<u64>,
    /// What could not be read, at most [`NOTES_KEPT`] of each feed.
    pub notes: Vec<Note>,
    /// How many notes were left out of `notes`.
    pub notes_dropped: u64,
}

/// One feed of an import.
#[derive(Clone, Debug)]
pub struct ImportedFeed {
    /// What was read, kept and skipped.
    pub info: FeedInfo,
    /// Why the feed was refused and the last good one kept; `None` when it was taken.
    pub refused: Option<String>,
}

/// The largest document any feed reads; each has its own limit below it.
const DOCUMENT_BYTES: Limit = Limit::new("document-bytes", 512 << 20);
/// Notes kept for people; the counts are always complete.
pub const NOTES_KEPT: usize = 50;

/// Reads every path, refuses feeds that shrank too much, and replaces the catalog.
pub fn import(options: &ImportOptions, progress: &dyn Progress) -> Result<Imported> {
    let old = open_old(&options.catalog)?;
    let mut reading = Reading::default();
    for path in &options.paths {
        for source in sources(path)? {
            reading.read(&source, options.feed.as_deref(), progress)?;
        }
    }
    reading.settle_unknown();
    if reading.tallies.is_empty() {
        return Err(nothing_known(&reading));
    }
    finish(options, old.as_ref(), reading, progress)
}

/// Why nothing could be imported: what was wrong with each file, as far as a person reads.
fn nothing_known(reading: &Reading) -> Failure {
    /// As many reasons as fit on a screen.
    const SHOWN: usize = 10;
    let mut message = "nothing in the paths named is a feed that is known".to_owned();
    for note in reading.notes.iter().take(SHOWN) {
        message.push_str(&format!("\n  {note}"));
    }
    let more = reading.notes.len().saturating_sub(SHOWN) as u64 + reading.notes_dropped;
    if more > 0 {
        message.push_str(&format!("\n  and {more} more"));
    }
    Failure::input(message).hint("known are: OSV records (json, zip, ndjson), the KEV catalogue, EPSS csv, CVE 5 records; see docs/adding/feed.md")
}

/// The catalog to renew. An empty file is a place somebody reserved; a damaged one is not silently replaced by a smaller.
fn open_old(path: &Path) -> Result<Option<Catalog>> {
    match path.metadata() {
        Err(_) => Ok(None),
        Ok(found) if found.is_file() && found.len() == 0 => Ok(None),
        Ok(_) => catalog_file::open(Some(path)).map(Some).map_err(|failure| {
            failure.hint("its other feeds cannot be carried over: restore it, or remove it and import every feed again")
        }),
    }
}

fn finish(
    options: &ImportOptions,
    old: Option<&Catalog>,
    reading: Reading,
    progress: &dyn Progress,
) -> Result<Imported> {
    let old_feeds = old.map(Catalog::feeds).unwrap_or_default();
    let refusals: BTreeMap<String, String> = reading
        .tallies
        .iter()
        .filter_map(|(name, tally)| {
            let before = old_feeds.iter().find(|f| f.name == *name)?;
            shrunk(before.kept, tally.kept, options.max_shrink).map(|why| (name.clone(), why))
        })
        .collect();
    let taken: Vec<&str> = reading
        .tallies
        .keys()
        .map(String::as_str)
        .filter(|n| !refusals.contains_key(*n))
        .collect();
    let mut bytes = None;
    if !taken.is_empty() {
        progress.begin("writing the catalog", None);
        let mut builder = reading.builder;
        refusals.keys().for_each(|feed| builder.discard(feed));
        if let Some(old) = old {
            builder
                .carry_over(old, &taken)
                .map_err(crate::scan::damaged)?;
        }
        let file = builder.finish();
        catalog_file::replace(&options.catalog, &file)?;
        bytes = Some(file.len() as u64);
        progress.end();
    }
    let feeds = reading
        .tallies
        .into_iter()
        .map(|(name, tally)| ImportedFeed {
            refused: refusals.get(&name).cloned(),
            info: FeedInfo {
                as_of: tally.as_of,
                read: tally.read,
                kept: tally.kept,
                skipped: tally.skipped.into_iter().collect(),
                name,
            },
        })
        .collect();
    Ok(Imported {
        feeds,
        catalog_bytes: bytes,
        notes: reading.notes,
        notes_dropped: reading.notes_dropped,
    })
}

/// Why a feed is refused, if it lost more than the share allowed.
fn shrunk(before: u64, after: u64, max_shrink: f64) -> Option<String> {
    let least = before as f64 * (1.0 - max_shrink);
    ((after as f64) < least).then(|| {
        let lost = 100.0 * (before - after) as f64 / before as f64;
        format!("it has {after} records, the last good one had {before} ({lost:.0} % fewer); the last good one is kept")
    })
}

/// A file to read, and the name its OSV records go under.
struct Source {
    path: PathBuf,
    osv_name: String,
}

/// The files of a path. Each archive below a directory is a feed of its own; loose files of one directory are one together.
fn sources(path: &Path) -> Result<Vec<Source>> {
    if !path.is_dir() {
        return Ok(vec![source(path)]);
    }
    let options = host::WalkOptions {
        honour_gitignore: false,
        ..host::WalkOptions::default()
    };
    let found = host::walk(path, &|_| true, &options).value;
    if found.is_empty() {
        return Err(Failure::input(format!("{}: no file in it", path.display())));
    }
    Ok(found.iter().map(|f| source(&f.path)).collect())
}

fn source(path: &Path) -> Source {
    let parent = path
        .parent()
        .and_then(Path::file_name)
        .map(|n| n.to_string_lossy().into_owned());
    let stem = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default().to_owned();
    // The OSV bucket names the ecosystem by the directory: `Debian/all.zip`, `Debian/DSA-1.json`.
    let osv_name = match parent {
        Some(directory) if stem == "all" || path.extension().is_none_or(|e| e != "zip") => {
            directory
        }
        _ => stem,
    };
    Source {
        path: path.to_owned(),
        osv_name,
    }
}

/// The published list of updates is one feed; a list of our own in the same columns (examples/historic) stands beside it
/// under the name of its file.
fn update_list(document: &str) -> String {
    let file = document.rsplit(['/', '\\', '!']).next().unwrap_or(document);
    let is_published = ["CVEs_", "Custom_"].iter().any(|p| file.starts_with(p));
    match file.split('.').next() {
        Some(stem) if !is_published && !stem.is_empty() => format!("wesng/{stem}"),
        _ => "wesng".to_owned(),
    }
}

/// Everything read so far.
#[derive(Default)]
struct Reading {
    builder: Builder,
    tallies: BTreeMap<String, Tally>,
    /// Documents that are no feed, by the file they are in: an archive of 40,000 is one line, not 40,000.
    unknown: BTreeMap<String, Unknown>,
    notes: Vec<Note>,
    notes_dropped: u64,
}

/// Documents of one file that no feed knows.
#[derive(Default)]
struct Unknown {
    count: u64,
    /// The first of them: a member of the archive, or a line.
    first: Option<Note>,
    /// Those that stand where a record of a feed would (a line, a JSON file), by the feed they would have been of.
    records: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Tally {
    as_of: Option<jiff::Timestamp>,
    read: u64,
    kept: u64,
    skipped: BTreeMap<String, u64>,
}

impl Reading {
    fn read(&mut self, source: &Source, feed: Option<&str>, progress: &dyn Progress) -> Result<()> {
        let mut done = 0;
        progress.begin(&source.path.display().to_string(), None);
        let limits = host::DocumentLimits {
            document: DOCUMENT_BYTES,
            ..host::DocumentLimits::default()
        };
        let notes = host::batches(&source.path, &limits, |documents| {
            done += documents.len() as u64;
            let parsed: Vec<_> = documents.par_iter().map(parse).collect();
            for (document, outcome) in documents.iter().zip(parsed) {
                self.take(document, outcome, feed, &source.osv_name);
            }
            progress.advance(done);
            ControlFlow::Continue(())
        })
        .map_err(|e| Failure::input(e.to_string()))?;
        progress.end();
        notes.into_iter().for_each(|n| self.note(n));
        Ok(())
    }

    fn take(
        &mut self,
        document: &host::Document,
        outcome: Option<(&'static str, Parsed<Batch>)>,
        feed: Option<&str>,
        osv_name: &str,
    ) {
        let Some((id, parsed)) = outcome else {
            return self.take_unknown(document, feed, osv_name);
        };
        for note in parsed.notes.into_iter().filter(|n| n.level > Level::Info) {
            self.note(in_document(note, document));
        }
        let batch = parsed.value;
        let name = match (feed, id) {
            (Some(name), _) => name.to_owned(),
            (None, "osv") => format!("osv/{osv_name}"),
            (None, "wesng") => update_list(&document.name),
            (None, other) => other.to_owned(),
        };
        self.tallies.entry(name.clone()).or_default().count(&batch);
        self.builder.add(&name, batch);
    }

    fn take_unknown(&mut self, document: &host::Document, feed: Option<&str>, osv_name: &str) {
        let file = document.name.split('!').next().unwrap_or_default();
        let unknown = self.unknown.entry(file.to_owned()).or_default();
        unknown.count += 1;
        unknown.first.get_or_insert_with(|| {
            in_document(Note::warning("not a feed that is known"), document)
        });
        let is_json = Path::new(&document.name)
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("json"));
        if document.line.is_some() || is_json {
            let feed = feed.map_or_else(|| format!("osv/{osv_name}"), str::to_owned);
            *unknown.records.entry(feed).or_default() += 1;
        }
    }

    /// Says what no feed knows, and counts it as skipped where the rest of the feed was read.
    fn settle_unknown(&mut self) {
        for unknown in std::mem::take(&mut self.unknown).into_values() {
            if let Some(mut first) = unknown.first {
                if unknown.count > 1 {
                    first.what = format!(
                        "{} documents that are no feed that is known; this is the first",
                        unknown.count
                    );
                }
                self.note(first);
            }
            for (feed, count) in unknown.records {
                if let Some(tally) = self.tallies.get_mut(&feed) {
                    tally.skip("not a record that is known", count);
                }
            }
        }
    }

    fn note(&mut self, note: Note) {
        if self.notes.len() < NOTES_KEPT {
            self.notes.push(note);
        } else {
            self.notes_dropped += 1;
        }
    }
}

impl Tally {
    fn skip(&mut self, why: &str, count: u64) {
        self.read += count;
        *self.skipped.entry(why.to_owned()).or_default() += count;
    }

    fn count(&mut self, batch: &Batch) {
        self.as_of = self
            .as_of
            .max(batch.as_of)
            .max(batch.advisories.iter().filter_map(|a| a.modified).max());
        self.as_of = self
            .as_of
            .max(batch.cves.iter().filter_map(|c| c.modified).max());
        self.read += batch.read;
        self.kept +=
            (batch.advisories.len() + batch.kev.len() + batch.epss.len() + batch.cves.len()) as u64;
        for (why, count) in &batch.skipped {
            *self.skipped.entry(why.clone()).or_default() += count;
        }
    }
}

fn parse(document: &host::Document) -> Option<(&'static str, Parsed<Batch>)> {
    let document = Document {
        name: &document.name,
        bytes: &document.bytes,
    };
    let feed = feeds::recognise(&document)?;
    let limit = feed.document_limit();
    if limit.is_exceeded_by(document.bytes.len() as u64) {
        let note = Note::warning("too large, left out").because_of(limit);
        return Some((
            feed.id(),
            Parsed {
                value: Batch::default(),
                notes: vec![note],
            },
        ));
    }
    let mut parsed = feed.parse(&document);
    // Comparing versions is the slow part of adding a record; here it runs on every core.
    parsed
        .value
        .advisories
        .iter_mut()
        .for_each(drop_covered_versions);
    Some((feed.id(), parsed))
}

fn in_document(note: Note, document: &host::Document) -> Note {
    Note {
        file: note.file.or_else(|| Some(document.name.clone())),
        line: note.line.or(document.line),
        ..note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_lost_too_much_is_refused() {
        let check = |before, after, refused: bool| {
            assert_eq!(
                shrunk(before, after, 0.1).is_some(),
                refused,
                "{before} {after}"
            )
        };
        check(100, 90, false);
        check(100, 89, true);
        check(100, 200, false);
        check(0, 0, false);
    }

    #[test]
    fn the_place_names_the_feed() {
        let check = |path: &str, name: &str| assert_eq!(source(Path::new(path)).osv_name, name);
        assert_eq!(update_list("definitions.zip!CVEs_20260628.csv"), "wesng");
        assert_eq!(
            update_list("historic/microsoft-worms.csv"),
            "wesng/microsoft-worms"
        );
        check("osv/Debian/all.zip", "Debian");
        check("osv/Red Hat/RHSA-1.json", "Red Hat");
        check("downloads/npm.zip", "npm");
        check("all.zip", "all");
    }
}
