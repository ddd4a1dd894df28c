//! CISA's Known Exploited Vulnerabilities catalogue, JSON and CSV
//! (<https://www.cisa.gov/known-exploited-vulnerabilities-catalog>, schema beside it).
//!
//! Entries are edited in place, and some due dates precede the date added; both are taken as printed.

use std::collections::HashMap;

use base::{CveId, Note, Parsed};
use jiff::Timestamp;
use jiff::civil::Date;

use super::json::Hint;
use super::ledger::Ledger;
use super::wire::{self, Item, Text, wire};
use super::{Document, Feed, Location, json, prose};
use crate::model::{Batch, KevEntry};

/// The feed.
pub struct Kev;

wire! {
    /// `vulnerabilities[]`.
    struct EntryWire<'a> {
        "cveID" => cve: Text<'a>,
        "vendorProject" => vendor: Text<'a>,
        "product" => product: Text<'a>,
        "vulnerabilityName" => name: Text<'a>,
        "dateAdded" => added: Text<'a>,
        "dueDate" => due: Text<'a>,
        "knownRansomwareCampaignUse" => ransomware: Text<'a>,
    }
}

/// The first column of the CSV form.
const CSV_START: &[u8] = b"cveID,";

impl Feed for Kev {
    fn id(&self) -> &'static str {
        "kev"
    }

    fn about(&self) -> &'static str {
        "Known Exploited Vulnerabilities catalogue (CISA)"
    }

    fn locations(&self) -> &'static [Location] {
        &[Location {
            feed: "kev",
            url: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        }]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        if is_csv(document.bytes) {
            return true;
        }
        let (mut list, mut header) = (false, false);
        json::recognise(document.bytes, |key| {
            match key {
                "vulnerabilities" => list = true,
                "catalogVersion" | "dateReleased" => header = true,
                "id" | "affected" | "cveMetadata" | "containers" | "bomFormat" | "document" => {
                    return Hint::No;
                }
                _ => {}
            }
            if list && header {
                Hint::Yes
            } else {
                Hint::Open
            }
        })
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut reading = Reading::default();
        if is_csv(document.bytes) {
            reading.csv(document.bytes);
        } else {
            reading.json(document.bytes);
        }
        reading.finish()
    }
}

fn is_csv(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    bytes.starts_with(CSV_START) || bytes.starts_with(b"\"cveID\",")
}

#[derive(Default)]
struct Reading {
    entries: Vec<KevEntry>,
    at: HashMap<CveId, usize>,
    as_of: Option<Timestamp>,
    announced: Option<u64>,
    ledger: Ledger,
}

impl Reading {
    fn json(&mut self, bytes: &[u8]) {
        let text = json::text(bytes, &mut self.ledger);
        let result = wire::each(&text, Some("vulnerabilities"), &mut |item| match item {
            Item::Header(key, value) => self.header(&key, &value),
            Item::Record(entry) => self.entry(&entry.value, None),
        });
        if let Err(broken) = result {
            self.ledger.broken(&broken);
        }
    }

    fn header(&mut self, key: &str, value: &Text<'_>) {
        match key {
            "dateReleased" => self.as_of = prose::instant(value.trimmed()),
            "count" => self.announced = value.trimmed().parse().ok(),
            _ => {}
        }
    }

    fn csv(&mut self, bytes: &[u8]) {
        let text = json::text(bytes, &mut self.ledger);
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|c| c.trim().to_owned()).collect(),
            Err(_) => Vec::new(),
        };
        for row in reader.records() {
            match row {
                Ok(row) => {
                    let line = row.position().map(csv::Position::line);
                    self.entry(&entry_of_row(&columns, &row), line);
                }
                Err(e) => self
                    .ledger
                    .note(Note::warning(format!("row left out: {e}"))),
            }
        }
    }

    fn entry(&mut self, wire: &EntryWire<'_>, line: Option<u64>) {
        if !self.ledger.admit() {
            return;
        }
        match entry(wire) {
            Ok(entry) => self.keep(entry),
            Err(reason) => self.ledger.refuse(reason, line),
        }
    }

    /// A CVE listed twice counts once, as listed last.
    fn keep(&mut self, entry: KevEntry) {
        let next = self.entries.len();
        match *self.at.entry(entry.cve).or_insert(next) {
            at if at < next => {
                let what = format!("{} is listed twice, the last one counts", entry.cve);
                self.ledger.note(Note::info(what));
                self.entries[at] = entry;
            }
            _ => self.entries.push(entry),
        }
    }

    fn finish(mut self) -> Parsed<Batch> {
        let read = self.ledger.read();
        if let Some(count) = self.announced.filter(|count| *count != read) {
            let what = format!("the catalogue says {count} entries and has {read}");
            self.ledger.note(Note::warning(what));
        }
        let (read, skipped, notes) = self.ledger.close();
        let value = Batch {
            kev: self.entries,
            as_of: self.as_of,
            read,
            skipped,
            ..Batch::default()
        };
        Parsed { value, notes }
    }
}

fn entry_of_row<'a>(columns: &[String], row: &'a csv::StringRecord) -> EntryWire<'a> {
    let cell = |name: &str| {
        let at = columns.iter().position(|c| c == name);
        Text(at.and_then(|at| row.get(at)).unwrap_or_default().into())
    };
    EntryWire {
        cve: cell("cveID"),
        vendor: cell("vendorProject"),
        product: cell("product"),
        name: cell("vulnerabilityName"),
        added: cell("dateAdded"),
        due: cell("dueDate"),
        ransomware: cell("knownRansomwareCampaignUse"),
    }
}

fn entry(wire: &EntryWire<'_>) -> Result<KevEntry, &'static str> {
    let cve = wire
        .cve
        .trimmed()
        .parse()
        .map_err(|_| "entry without a CVE id")?;
    let added = date(&wire.added).ok_or("entry without a date added")?;
    Ok(KevEntry {
        cve,
        added,
        due: date(&wire.due),
        ransomware: match wire.ransomware.trimmed().to_ascii_lowercase().as_str() {
            "known" | "true" => Some(true),
            _ => None,
        },
        vendor: prose::one_line(&wire.vendor.0),
        product: prose::one_line(&wire.product.0),
        name: prose::one_line(&wire.name.0),
    })
}

fn date(text: &Text<'_>) -> Option<Date> {
    text.trimmed().get(..10)?.parse().ok()
}
