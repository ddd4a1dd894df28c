//! Qualys' report as CSV (<https://docs.qualys.com/en/vm/latest/reports/>): rows under the header that names `IP` and `QID`, below a
//! preamble of any length. Columns are found by name.

use std::collections::BTreeMap;

use base::{Note, Parsed};

use super::qualys::{is_vulnerability, place, qid, severity};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line};

/// The format.
pub(super) struct QualysCsv;

/// Rows looked at for the header.
const PREAMBLE_ROWS: usize = 50;

impl Reader for QualysCsv {
    fn id(&self) -> &'static str {
        "qualys-csv"
    }

    fn about(&self) -> &'static str {
        "Qualys in CSV: the columns of a scan-based report"
    }

    fn recognise(&self, head: &str) -> bool {
        head.lines().take(PREAMBLE_ROWS).any(|l| {
            let mut cells = l.split(',').map(|c| c.trim().trim_matches('"'));
            let has = |name: &str| l.contains(name);
            has("IP") && has("QID") && has("Severity") && cells.any(|c| c == "QID")
        })
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut table = Table::default();
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(false) => break,
                Ok(true) => table.take(&record),
                Err(error) => {
                    table
                        .notes
                        .push(Note::warning(format!("rows not read: {error}")));
                    break;
                }
            }
        }
        table.finish()
    }
}

#[derive(Default)]
struct Table {
    columns: BTreeMap<String, usize>,
    hosts: Vec<Subject>,
    by_name: BTreeMap<String, usize>,
    notes: Vec<Note>,
    left_out: usize,
}

impl Table {
    fn take(&mut self, record: &csv::ByteRecord) {
        if self.columns.is_empty() {
            let cells = record.iter().enumerate();
            let columns: BTreeMap<String, usize> = cells
                .map(|(at, cell)| (String::from_utf8_lossy(cell).trim().to_lowercase(), at))
                .collect();
            if columns.contains_key("ip") && columns.contains_key("qid") {
                self.columns = columns;
            }
            return;
        }
        let cell = |name: &str| {
            let at = self.columns.get(name);
            let bytes = at.and_then(|&at| record.get(at)).unwrap_or_default();
            String::from_utf8_lossy(bytes).trim().to_owned()
        };
        // Rows without a QID are totals and blank lines of the report.
        if cell("qid").is_empty() {
            return;
        }
        let status = cell("vuln status");
        if !is_vulnerability(&cell("type")) || status.eq_ignore_ascii_case("fixed") {
            self.left_out += 1;
            return;
        }
        let title = line::plain(&cell("title"));
        let mut finding = ImportedFinding::new(&qid(&cell("qid")), &title, "");
        finding.cves = ids::cves([cell("cve id").as_str()]);
        finding.severity = severity(&cell("severity"));
        finding.package.locations = place(&cell("port"), &cell("protocol"));
        finding.title = title;
        let names = [cell("dns"), cell("fqdn"), cell("ip")];
        let name = names
            .into_iter()
            .find(|n| !n.is_empty() && n != "No registered hostname");
        self.add(line::plain(&name.unwrap_or_default()), finding);
    }

    fn add(&mut self, name: String, finding: ImportedFinding) {
        let at = *self.by_name.entry(name.clone()).or_insert_with(|| {
            self.hosts.push(Subject {
                name: Some(name).filter(|n| !n.is_empty()),
                ..Subject::default()
            });
            self.hosts.len() - 1
        });
        self.hosts[at].findings.push(finding);
    }

    fn finish(mut self) -> Parsed<Imported> {
        if self.left_out > 0 {
            self.notes.push(Note::info(format!(
                "information gathered and fixed items left out: {}",
                self.left_out
            )));
        }
        Parsed {
            value: Imported {
                tool: "qualys".to_owned(),
                subjects: self.hosts,
            },
            notes: self.notes,
        }
    }
}
