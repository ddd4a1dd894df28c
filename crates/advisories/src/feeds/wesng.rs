//! The definitions of Windows Exploit Suggester NG (<https://github.com/bitsadmin/wesng>): one CSV that says for each CVE, product
//! and update of Microsoft what replaces what, compiled from MSRC's bulletins (to 2017) and its security update guide.
//!
//! The columns are `DatePosted, CVE, BulletinKB, Title, AffectedProduct, AffectedComponent, Severity, Impact, Supersedes,
//! Exploits`. `DatePosted` is the day of the vulnerability, not of the update, so an update's day is the one most of its rows
//! have. The same columns are how a hand-made list for older systems is written (examples/historic).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base::{CveId, Ecosystem, Kb, Limit, Note, Parsed, Severity};
use csv::ByteRecord;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ledger::Ledger;
use super::{Document, Feed, Location, prose};
use crate::model::{Advisory, Affected, Batch, MICROSOFT, Update};

/// The feed.
pub struct Wesng;

/// The first columns, by which a document is recognised.
const HEADER: [&str; 9] = [
    "DatePosted",
    "CVE",
    "BulletinKB",
    "Title",
    "AffectedProduct",
    "AffectedComponent",
    "Severity",
    "Impact",
    "Supersedes",
];

/// The largest list, which is read row by row and keeps a fraction of its size; that of June 2026 has 136 MB.
const DOCUMENT_BYTES: Limit = Limit::new("wesng-document-bytes", 512 << 20);

/// The longest field; the longest real one has 300 bytes.
const FIELD_BYTES: Limit = Limit::new("wesng-field-bytes", 16 << 10);

/// The most updates one row may replace; the most a real one does is 26.
const SUPERSEDES: Limit = Limit::new("wesng-supersedes", 1_000);

impl Feed for Wesng {
    fn id(&self) -> &'static str {
        "wesng"
    }

    fn about(&self) -> &'static str {
        "updates of Windows and other Microsoft products, and what they replace (MSRC, by WES-NG)"
    }

    fn locations(&self) -> &'static [Location] {
        &[Location {
            feed: "wesng",
            url: "https://raw.githubusercontent.com/bitsadmin/wesng/master/definitions.zip",
        }]
    }

    fn document_limit(&self) -> Limit {
        DOCUMENT_BYTES
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        let head = &document.bytes[..document.bytes.len().min(1024)];
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let line = head.split(|&b| b == b'\n').next().unwrap_or(head);
        let mut reader = reader(line);
        let mut record = ByteRecord::new();
        matches!(reader.read_byte_record(&mut record), Ok(true)) && is_header(&record)
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut reading = Reading::default();
        let bytes = document.bytes;
        let mut rows = reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
        let mut record = ByteRecord::new();
        loop {
            match rows.read_byte_record(&mut record) {
                Ok(true) => reading.row(&record),
                Ok(false) => break,
                // Bytes in memory cannot fail to be read, and every number of fields is taken.
                Err(error) => {
                    reading
                        .ledger
                        .note(Note::error(format!("broken CSV: {error}")));
                    break;
                }
            }
        }
        reading.finish()
    }
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(bytes)
}

fn is_header(record: &ByteRecord) -> bool {
    let name = |field: &[u8]| String::from_utf8_lossy(field).trim().to_owned();
    record.len() >= HEADER.len()
        && HEADER
            .iter()
            .zip(record)
            .all(|(expected, field)| name(field).eq_ignore_ascii_case(expected))
}

/// What is gathered while rows are read. Texts that repeat are numbered: the file has 600,000 rows.
#[derive(Default)]
struct Reading {
    products: Names,
    components: Names,
    records: BTreeMap<String, Record>,
    updates: BTreeMap<(u32, Kb), UpdateRows>,
    newest: Option<Date>,
    ledger: Ledger,
}

/// One vulnerability.
#[derive(Default)]
struct Record {
    cve: Option<CveId>,
    title: String,
    severity: Option<Severity>,
    first: Option<Date>,
    last: Option<Date>,
    /// By product and component the updates, any of which closes it there.
    affected: BTreeMap<(u32, u32), BTreeSet<Kb>>,
}

/// What the rows of one update of one product say of it.
#[derive(Default)]
struct UpdateRows {
    days: BTreeMap<Date, u32>,
    supersedes: BTreeSet<Kb>,
}

/// Texts by number.
#[derive(Default)]
struct Names {
    numbers: BTreeMap<String, u32>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn texts(self) -> Vec<String> {
        let mut texts: Vec<(u32, String)> = self.numbers.into_iter().map(|(t, n)| (n, t)).collect();
        texts.sort_unstable();
        texts.into_iter().map(|(_, text)| text).collect()
    }
}

/// One row, its fields as text.
struct Row<'r> {
    posted: Option<Date>,
    id: &'r str,
    kb: &'r str,
    title: &'r str,
    product: &'r str,
    component: &'r str,
    severity: &'r str,
    supersedes: &'r str,
}

impl Reading {
    fn row(&mut self, record: &ByteRecord) {
        let line = record.position().map(csv::Position::line);
        if is_header(record) || !self.ledger.admit() {
            return;
        }
        if record.len() < HEADER.len() {
            self.ledger.refuse("row with too few columns", line);
            return;
        }
        if record
            .iter()
            .any(|f| FIELD_BYTES.is_exceeded_by(f.len() as u64))
        {
            self.ledger
                .refuse("row with a field over the limit wesng-field-bytes", line);
            return;
        }
        let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        let field = |at: usize| fields[at].trim();
        let row = Row {
            posted: day(field(0)),
            id: field(1),
            kb: field(2),
            title: field(3),
            product: field(4),
            component: field(5),
            severity: field(6),
            supersedes: field(8),
        };
        match self.take(&row, line) {
            Ok(()) => {}
            Err(Refusal::Expected(reason)) => self.ledger.skip(reason),
            Err(Refusal::Broken(reason)) => self.ledger.refuse(reason, line),
        }
    }

    fn take(&mut self, row: &Row<'_>, line: Option<u64>) -> Result<(), Refusal> {
        let id = record_id(row)?;
        if row.product.is_empty() {
            return Err(Refusal::Broken("row without a product"));
        }
        if row.kb.is_empty() {
            return Err(Refusal::Expected("no update named"));
        }
        // "Release Notes", "Click to Run": a product that updates itself.
        let kb: Kb = row
            .kb
            .parse()
            .map_err(|_| Refusal::Expected("remedy that is no numbered update"))?;
        let component = self.components.number(row.component);
        self.newest = self.newest.max(row.posted);
        let supersedes = self.supersedes(row.supersedes, kb, line);
        let record = self.records.entry(id).or_default();
        record.complete(row);
        for name in single_products(row.product) {
            let product = self.products.number(&name);
            let update = self.updates.entry((product, kb)).or_default();
            update.supersedes.extend(&supersedes);
            if let Some(day) = row.posted {
                *update.days.entry(day).or_default() += 1;
            }
            let affected = record.affected.entry((product, component));
            affected.or_default().insert(kb);
        }
        Ok(())
    }

    /// The updates a row replaces. Names of service packs stand among them and are left out.
    fn supersedes(&mut self, text: &str, kb: Kb, line: Option<u64>) -> Vec<Kb> {
        let mut replaced = Vec::new();
        for (count, word) in text.split([';', ',']).map(str::trim).enumerate() {
            if SUPERSEDES.is_exceeded_by(count as u64 + 1) {
                self.ledger
                    .refuse("rest of a list over the limit wesng-supersedes", line);
                break;
            }
            match word.parse() {
                Ok(old) if old != kb => replaced.push(old),
                Ok(_) => self.ledger.skip("update that replaces itself"),
                Err(_) if word.is_empty() => {}
                Err(_) => self
                    .ledger
                    .skip("replaced name that is no number of an update"),
            }
        }
        replaced
    }

    fn finish(self) -> Parsed<Batch> {
        let (products, components) = (self.products.texts(), self.components.texts());
        let name = |number: u32| products.get(number as usize).cloned().unwrap_or_default();
        let component = |number: u32| components.get(number as usize).cloned().unwrap_or_default();
        let records = self.records.into_iter();
        let advisories = records
            .map(|(id, r)| r.into_advisory(id, &name, &component))
            .collect();
        let updates = self.updates.into_iter();
        let updates = updates
            .map(|((product, kb), rows)| rows.into_update(name(product), kb))
            .collect();
        let (read, skipped, notes) = self.ledger.close();
        Parsed {
            value: Batch {
                advisories,
                updates,
                as_of: self.newest.and_then(midnight),
                read,
                skipped,
                ..Batch::default()
            },
            notes,
        }
    }
}

/// Why a row is left out: as the file is, or because it is broken.
enum Refusal {
    Expected(&'static str),
    Broken(&'static str),
}

/// The products a name stands for: `Microsoft .NET Framework 3.5 AND 4.7/4.7.1 on Windows Server 2019` is three on that system.
fn single_products(name: &str) -> Vec<Cow<'_, str>> {
    const FAMILY: &str = "Microsoft .NET Framework ";
    let several = name
        .strip_prefix(FAMILY)
        .and_then(|rest| rest.split_once(" on "))
        .filter(|(versions, _)| versions.contains('/') || versions.contains(" AND "));
    let Some((versions, system)) = several else {
        return vec![Cow::Borrowed(name)];
    };
    let versions = versions.split(" AND ").flat_map(|v| v.split('/'));
    versions
        .map(|version| Cow::Owned(format!("{FAMILY}{} on {system}", version.trim())))
        .collect()
}

/// `MSRC-CVE-2019-0708`; bulletins without a CVE go by their own number (`ADV190005`), or by the update's.
fn record_id(row: &Row<'_>) -> Result<String, Refusal> {
    // The component stands at a few rows of Windows too.
    if row.component == "Mariner" && !row.product.starts_with("Windows") {
        return Err(Refusal::Expected(
            "package of Azure Linux, without a version",
        ));
    }
    if row.id.parse::<CveId>().is_ok() {
        return Ok(format!("MSRC-{}", row.id.to_ascii_uppercase()));
    }
    if row.id.is_empty() && !row.kb.is_empty() {
        return Ok(format!("MSRC-KB{}", row.kb));
    }
    match row.id.strip_prefix("ADV") {
        Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => Ok(row.id.to_owned()),
        _ if row.id.is_empty() => Err(Refusal::Broken("row without a vulnerability or an update")),
        // `SP81U1X86`, `SRV08R2SP1X64`: service packs stand in the list so that other tools can propose them.
        _ => Err(Refusal::Expected(
            "service pack or other entry that is no vulnerability",
        )),
    }
}

impl Record {
    fn complete(&mut self, row: &Row<'_>) {
        self.cve = self.cve.or_else(|| row.id.parse().ok());
        if self.title.is_empty() {
            self.title = prose::one_line(row.title);
        }
        self.severity = self.severity.max(row.severity.parse().ok());
        self.last = self.last.max(row.posted);
        self.first = match (self.first, row.posted) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    fn into_advisory(
        self,
        id: String,
        product: &impl Fn(u32) -> String,
        component: &impl Fn(u32) -> String,
    ) -> Advisory {
        let affected =
            |((number, updates), parts): ((u32, BTreeSet<Kb>), BTreeSet<String>)| Affected {
                ecosystem: Ecosystem::new(MICROSOFT),
                package: product(number),
                ranges: Vec::new(),
                versions: Vec::new(),
                except: Vec::new(),
                scores: Vec::new(),
                component: Some(parts.into_iter().collect::<Vec<_>>().join("; "))
                    .filter(|c| !c.is_empty()),
                updates: updates.into_iter().collect(),
                vendor_state: None,
            };
        // The versions of a browser share an update: one entry with all their names.
        let mut by_updates: BTreeMap<(u32, BTreeSet<Kb>), BTreeSet<String>> = BTreeMap::new();
        for ((product, part), updates) in self.affected {
            let parts = by_updates.entry((product, updates)).or_default();
            parts.extend(Some(component(part)).filter(|p| !p.is_empty()));
        }
        let page =
            |cve: CveId| format!("https://msrc.microsoft.com/update-guide/vulnerability/{cve}");
        Advisory {
            aliases: self.cve.iter().map(CveId::to_string).collect(),
            references: self.cve.into_iter().map(page).collect(),
            related: Vec::new(),
            upstream: Vec::new(),
            published: self.first.and_then(midnight),
            modified: self.last.and_then(midnight),
            withdrawn: None,
            summary: self.title,
            scores: Vec::new(),
            severity: self.severity,
            informational: None,
            exploited: None,
            affected: by_updates.into_iter().map(affected).collect(),
            id,
        }
    }
}

impl UpdateRows {
    fn into_update(self, product: String, kb: Kb) -> Update {
        // Vulnerabilities are added to old updates for years; most were published with it. Of equals the earliest.
        let released = self
            .days
            .iter()
            .max_by_key(|&(day, rows)| (*rows, std::cmp::Reverse(*day)));
        Update {
            product,
            kb,
            released: released.map(|(day, _)| *day),
            supersedes: self.supersedes.into_iter().collect(),
            build: None,
            component: String::new(),
        }
    }
}

/// `20260609`.
fn day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(
        text[..4].parse().ok()?,
        text[4..6].parse().ok()?,
        text[6..].parse().ok()?,
    )
    .ok()
}

fn midnight(day: Date) -> Option<Timestamp> {
    let at = day.to_zoned(TimeZone::UTC).ok()?;
    Some(at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &[&str]) {
        assert_eq!(single_products(name), expected);
    }

    #[test]
    fn a_name_with_several_versions_is_several_products() {
        check("Windows Server 2019", &["Windows Server 2019"]);
        check(
            "Microsoft .NET Framework 3.5 AND 4.7.1/4.7.2 on Windows Server 2019",
            &[
                "Microsoft .NET Framework 3.5 on Windows Server 2019",
                "Microsoft .NET Framework 4.7.1 on Windows Server 2019",
                "Microsoft .NET Framework 4.7.2 on Windows Server 2019",
            ],
        );
        check(
            "Microsoft .NET Framework 4.8 on Windows Server 2019",
            &["Microsoft .NET Framework 4.8 on Windows Server 2019"],
        );
    }
}
