//! OSV records (<https://ossf.github.io/osv-schema/>, versions 1.0 to 1.7): ids, dates, scores and affected packages.
//!
//! A document is one record, a list of records, an object with a list under `vulns` (the answer of the osv.dev API), or
//! several of these one after the other. A record without a package that can be matched is kept for its ids.

mod affected;
mod locations;

use std::borrow::Cow;
use std::collections::HashSet;

use base::{Level, Note, Parsed, Severity};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::json::Hint;
use super::ledger::Ledger;
use super::wire::{self, Item, LIST_MAX, Lenient, List, Raw, Text, wire};
use super::{Document, Feed, Location, json, prose};
use crate::join;
use crate::model::{Advisory, Batch, CvssVector, REFERENCES_MAX};
use affected::AffectedWire;

/// The feed.
pub struct Osv;

wire! {
    /// The top level of a record.
    struct RecordWire<'a> {
        "id" => id: Text<'a>,
        "modified" => modified: Text<'a>,
        "published" => published: Text<'a>,
        "withdrawn" => withdrawn: Text<'a>,
        "aliases" => aliases: List<Text<'a>>,
        "related" => related: List<Text<'a>>,
        "upstream" => upstream: List<Text<'a>>,
        "summary" => summary: Text<'a>,
        "details" => details: Raw<'a>,
        "severity" => severity: List<Lenient<SeverityWire<'a>>>,
        "affected" => affected: List<Lenient<AffectedWire<'a>>>,
        "references" => references: List<Lenient<ReferenceWire<'a>>>,
        "database_specific" => specific: Lenient<SpecificWire<'a>>,
    }
}

wire! {
    /// `severity[]`: a CVSS vector, or a distribution's word (`Ubuntu`).
    struct SeverityWire<'a> {
        "type" => kind: Text<'a>,
        "score" => score: Text<'a>,
    }
}

wire! {
    /// `references[]`.
    struct ReferenceWire<'a> {
        "type" => kind: Text<'a>,
        "url" => url: Text<'a>,
    }
}

wire! {
    /// The parts of the top-level `database_specific` that are facts.
    struct SpecificWire<'a> {
        "severity" => severity: Text<'a>,
        "lower_bound_exclusive" => lower_bound_exclusive: List<Text<'a>>,
    }
}

impl Feed for Osv {
    fn id(&self) -> &'static str {
        "osv"
    }

    fn about(&self) -> &'static str {
        "OSV records of every ecosystem (osv.dev exports, GitHub, distributions)"
    }

    fn locations(&self) -> &'static [Location] {
        locations::LOCATIONS
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        let (mut id, mut shape) = (false, false);
        json::recognise(document.bytes, |key| {
            match key {
                "vulns" => return Hint::Yes,
                "cveMetadata" | "containers" | "catalogVersion" | "bomFormat" | "document"
                | "@context" => return Hint::No,
                "id" => id = true,
                "modified" | "affected" | "schema_version" | "withdrawn" => shape = true,
                _ => {}
            }
            if id && shape { Hint::Yes } else { Hint::Open }
        })
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut reading = Reading::default();
        let text = json::text(document.bytes, &mut reading.ledger);
        let wrapped = json::recognise(text.as_bytes(), |key| {
            if key == "vulns" {
                Hint::Yes
            } else {
                Hint::Open
            }
        });
        let result = wire::each(&text, wrapped.then_some("vulns"), &mut |item| {
            if let Item::Record(record) = item {
                reading.add(&record);
            }
        });
        if let Err(broken) = result {
            reading.ledger.broken(&broken);
        }
        let (read, skipped, notes) = reading.ledger.close();
        let value = Batch {
            advisories: reading.advisories,
            read,
            skipped,
            ..Batch::default()
        };
        Parsed { value, notes }
    }
}

/// What has been read of a document so far.
#[derive(Default)]
struct Reading {
    advisories: Vec<Advisory>,
    ledger: Ledger,
}

impl Reading {
    fn add(&mut self, record: &Lenient<RecordWire<'_>>) {
        if !self.ledger.admit() {
            return;
        }
        let id = record.value.id.trimmed();
        if id.is_empty() {
            self.ledger.refuse("record without an id", None);
            return;
        }
        if record.repeated {
            self.note(Level::Info, id, "a key is given twice, the last one counts");
        }
        if record.value.is_cut() {
            let note = Note::warning(format!(
                "{}: a list is too long, the rest is left out",
                short(id)
            ));
            self.ledger.note(note.because_of(LIST_MAX));
        }
        let advisory = self.advisory(&record.value);
        self.advisories.push(advisory);
    }

    fn note(&mut self, level: Level, id: &str, what: &str) {
        self.ledger
            .note(Note::new(level, format!("{}: {what}", short(id))));
    }

    fn advisory(&mut self, record: &RecordWire<'_>) -> Advisory {
        let id = record.id.trimmed();
        let scorer = scorer(id);
        let affected = self.affected(record, &scorer);
        Advisory {
            id: id.to_owned(),
            aliases: record.aliases.owned(),
            related: record.related.owned(),
            upstream: record.upstream.owned(),
            published: self
                .date(id, &record.published, "published")
                .filter(|at| !is_import_date(id, *at)),
            modified: self.date(id, &record.modified, "modified"),
            withdrawn: self.date(id, &record.withdrawn, "withdrawn"),
            summary: summary(record),
            scores: vectors(&record.severity, &scorer),
            severity: severity(record),
            informational: record
                .affected
                .items
                .iter()
                .find_map(|a| a.value.informational()),
            exploited: None,
            affected,
            references: references(&record.references),
        }
    }

    fn affected(&mut self, record: &RecordWire<'_>, scorer: &str) -> Vec<crate::model::Affected> {
        let exclusive = record
            .specific
            .value
            .lower_bound_exclusive
            .owned()
            .into_iter()
            .collect();
        let mut kept = Vec::with_capacity(record.affected.items.len());
        for wire in &record.affected.items {
            match wire.value.read(&exclusive, scorer) {
                Ok(read) => {
                    if let Some(what) = read.odd {
                        self.note(Level::Warning, record.id.trimmed(), what);
                    }
                    kept.push(read.affected);
                }
                Err(reason) => self.ledger.skip(reason),
            }
        }
        if kept.is_empty() {
            self.ledger
                .skip("kept for its ids only: record without a package to match");
        }
        kept
    }

    /// A date; one that is there and means nothing is noted only if it is not one of the known fillers.
    fn date(&mut self, id: &str, text: &Text<'_>, field: &str) -> Option<Timestamp> {
        let instant = prose::instant(text.trimmed());
        let filler = text.trimmed().is_empty()
            || text.trimmed().starts_with("0001-")
            || text.trimmed().starts_with("1970-");
        if instant.is_none() && !filler {
            self.note(Level::Warning, id, &format!("{field} is not a date"));
        }
        instant
    }
}

impl RecordWire<'_> {
    fn is_cut(&self) -> bool {
        let ids = [&self.aliases, &self.related, &self.upstream];
        self.affected.cut
            || ids.iter().any(|list| list.cut)
            || self.affected.items.iter().any(|a| a.value.is_cut())
    }
}

/// An id for a note: never raw input of unbounded length.
fn short(id: &str) -> Cow<'_, str> {
    match id.char_indices().nth(60) {
        Some((at, _)) => Cow::Owned(format!("{}…", &id[..at])),
        None => Cow::Borrowed(id),
    }
}

/// Who gave the scores of a record: the database its id belongs to. The `CVE-` records of OSV are conversions, so the id
/// says nothing of the scorer.
fn scorer(id: &str) -> String {
    match id.split_once('-') {
        Some((prefix, _)) if !prefix.eq_ignore_ascii_case("cve") => prefix.to_ascii_lowercase(),
        _ => "osv".to_owned(),
    }
}

/// Whether the date printed as that of publication is one of the source's own machinery, and may start no clock.
///
/// Bitnami prints the day it imported a record. Red Hat's export began in September 2024 and gave every older erratum a day
/// of that month; where it prints a later year than the erratum's own it cannot be right either.
fn is_import_date(id: &str, published: Timestamp) -> bool {
    if id.starts_with("BIT-") {
        return true;
    }
    let red_hat = ["RHSA-", "RHBA-", "RHEA-"]
        .iter()
        .find_map(|prefix| id.strip_prefix(prefix));
    let Some(year) = red_hat
        .and_then(|rest| rest.get(..4))
        .and_then(|y| y.parse::<i16>().ok())
    else {
        return false;
    };
    let day = TimeZone::UTC.to_datetime(published).date();
    year < day.year() || (day.year(), day.month()) == (2024, 9)
}

fn summary(record: &RecordWire<'_>) -> String {
    let own = prose::one_line(&record.summary.0);
    if own.is_empty() {
        prose::first_sentence(&record.details.text().0)
    } else {
        own
    }
}

/// The entries that are CVSS vectors; a bare number or a word is not one.
fn vectors(entries: &List<Lenient<SeverityWire<'_>>>, scorer: &str) -> Vec<CvssVector> {
    let mut seen = HashSet::new();
    let mut vectors = Vec::new();
    for entry in &entries.items {
        let score = entry.value.score.trimmed();
        let known = entry
            .value
            .kind
            .trimmed()
            .to_ascii_uppercase()
            .starts_with("CVSS_V");
        if known && score.contains('/') && seen.insert(score) {
            vectors.push(CvssVector {
                vector: score.to_owned(),
                source: scorer.to_owned(),
            });
        }
    }
    vectors
}

/// The source's word: of the record, else the worst of its packages, else (errata) the word its title starts with or the
/// section of Red Hat's page on classification that it points to.
fn severity(record: &RecordWire<'_>) -> Option<Severity> {
    let word = |text: &Text<'_>| text.trimmed().parse::<Severity>().ok();
    let listed = record
        .severity
        .items
        .iter()
        .filter_map(|s| word(&s.value.score))
        .max();
    let packages = || {
        record
            .affected
            .items
            .iter()
            .filter_map(|a| a.value.severity())
            .max()
    };
    let title = || {
        let (first, _) = record.summary.trimmed().split_once(':')?;
        join::is_erratum(record.id.trimmed()).then(|| first.trim().parse().ok())?
    };
    let classified = || {
        let mut urls = record
            .references
            .items
            .iter()
            .map(|r| r.value.url.trimmed());
        urls.find_map(|url| {
            url.strip_prefix(RED_HAT_CLASSES)?
                .trim_start_matches('/')
                .strip_prefix('#')?
                .parse()
                .ok()
        })
    };
    word(&record.specific.value.severity)
        .or(listed)
        .or_else(packages)
        .or_else(title)
        .or_else(classified)
}

/// The page a Red Hat erratum points to, with its own class as the fragment.
const RED_HAT_CLASSES: &str = "https://access.redhat.com/security/updates/classification";

/// The web addresses a person would open first, in the order of how close they are to the source's own advisory.
fn references(entries: &List<Lenient<ReferenceWire<'_>>>) -> Vec<String> {
    let mut urls: Vec<(usize, &str)> = Vec::new();
    for entry in &entries.items {
        let url = entry.value.url.trimmed();
        let web = url.starts_with("https://") || url.starts_with("http://");
        if web && !url.starts_with(RED_HAT_CLASSES) && url.len() <= REFERENCE_BYTES_MAX {
            urls.push((reference_rank(entry.value.kind.trimmed()), url));
        }
    }
    urls.sort_by_key(|(rank, _)| *rank);
    let mut best: Vec<String> = Vec::with_capacity(REFERENCES_MAX);
    for (_, url) in urls {
        if best.len() == REFERENCES_MAX {
            break;
        }
        if !best.iter().any(|b| b == url) {
            best.push(url.to_owned());
        }
    }
    best
}

/// Longer addresses are no use to a person.
const REFERENCE_BYTES_MAX: usize = 500;

fn reference_rank(kind: &str) -> usize {
    let order = [
        "ADVISORY",
        "FIX",
        "ARTICLE",
        "REPORT",
        "WEB",
        "DISCUSSION",
        "DETECTION",
        "INTRODUCED",
        "EVIDENCE",
        "GIT",
        "PACKAGE",
    ];
    order.iter().position(|k| *k == kind).unwrap_or(order.len())
}
