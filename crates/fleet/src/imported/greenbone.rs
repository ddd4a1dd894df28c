//! Greenbone's (OpenVAS') report in XML, as GMP 9 to 22 write it
//! (<https://docs.greenbone.net/API/GMP/gmp-22.5.html#type_report>): `results/result` with `host`, `port` and `nvt`. Log entries without a
//! CVE and what was marked a false positive are counted and left out.

use base::{Note, Parsed};
use inventory::Location;
use matching::FixState;

use super::nessus::value_of;
use super::xml::{Element, Visitor, root, walk};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line, rating};

/// The format.
pub(super) struct Greenbone;

impl Reader for Greenbone {
    fn id(&self) -> &'static str {
        "greenbone"
    }

    fn about(&self) -> &'static str {
        "Greenbone/OpenVAS: report in XML (GMP 9 to 22)"
    }

    fn recognise(&self, head: &str) -> bool {
        const MARKS: [&str; 5] = [
            "<gmp>",
            "<omp>",
            "<nvt ",
            "scan_run_status>",
            "content_type=\"text/xml\"",
        ];
        let is_report = |head: &str| MARKS.iter().any(|mark| head.contains(mark));
        head.starts_with('<')
            && match root(head) {
                Some("get_reports_response") => true,
                Some("report") => is_report(head),
                _ => false,
            }
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let mut report = Report::default();
        let mut notes = walk(bytes, &mut report);
        if report.left_out > 0 {
            notes.push(Note::info(format!(
                "log entries without a CVE and false positives left out: {}",
                report.left_out
            )));
        }
        Parsed {
            value: Imported {
                tool: "greenbone".to_owned(),
                subjects: report.subjects,
            },
            notes,
        }
    }
}

#[derive(Default)]
struct Report {
    subjects: Vec<Subject>,
    by_name: std::collections::HashMap<String, usize>,
    item: Item,
    left_out: usize,
}

/// A `result` while it is read.
#[derive(Default)]
struct Item {
    host: String,
    hostname: String,
    port: String,
    oid: String,
    name: String,
    cves: String,
    vectors: Vec<(String, String)>,
    threat: String,
    severity: String,
    description: String,
}

impl Visitor for Report {
    fn open(&mut self, element: &Element<'_>) {
        match (element.parent(), element.name()) {
            ("results", "result") => self.item = Item::default(),
            ("result", "nvt") => {
                element
                    .attribute("oid")
                    .unwrap_or_default()
                    .clone_into(&mut self.item.oid);
            }
            (_, "ref") if element.attribute("type") == Some("cve") => {
                self.item
                    .cves
                    .push_str(element.attribute("id").unwrap_or_default());
                self.item.cves.push(' ');
            }
            _ => {}
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let (item, text) = (&mut self.item, element.text);
        match (element.parent(), element.name()) {
            ("results", "result") => self.finish(),
            ("result", "host") => item.host = line::plain(text),
            ("host", "hostname") => item.hostname = line::plain(text),
            ("result", "port") => text.clone_into(&mut item.port),
            ("nvt", "name") => item.name = line::plain(text),
            // Until GMP 9 the ids stood in one element.
            ("nvt", "cve") => item.cves.push_str(text),
            ("severity", "value") if text.contains("AV:") => {
                item.vectors.push((text.to_owned(), "greenbone".to_owned()));
            }
            ("result", "threat") => text.clone_into(&mut item.threat),
            ("result", "severity") => text.clone_into(&mut item.severity),
            ("result", "description") => text.clone_into(&mut item.description),
            _ => {}
        }
    }
}

impl Report {
    fn finish(&mut self) {
        let item = std::mem::take(&mut self.item);
        let cves = ids::cves([item.cves.as_str()]);
        let score: Option<f64> = item.severity.parse().ok();
        let is_false = item.threat == "False Positive" || score.is_some_and(|s| s < 0.0);
        let is_log = cves.is_empty() && (item.threat == "Log" || score == Some(0.0));
        if is_false || is_log {
            self.left_out += 1;
            return;
        }
        let id = match item.oid.as_str() {
            "" | "0" => String::new(),
            oid => format!("greenbone-{oid}"),
        };
        let installed = value_of(&item.description, "Installed version").unwrap_or_default();
        let mut finding = ImportedFinding::new(&id, &item.name, &installed);
        finding.cves = cves;
        finding.fixed = value_of(&item.description, "Fixed version")
            .into_iter()
            .collect();
        if !finding.fixed.is_empty() {
            finding.fix_state = FixState::Fixed;
        }
        finding.severity = score.and_then(rating::of_score);
        finding.vectors = item.vectors;
        finding.title = item.name;
        if !item.port.is_empty() && !item.port.starts_with("general/") {
            finding.package.locations = vec![Location::file(line::plain(&item.port))];
        }
        let name = match item.hostname.as_str() {
            "" => item.host,
            hostname => hostname.to_owned(),
        };
        let at = *self.by_name.entry(name.clone()).or_insert_with(|| {
            self.subjects.push(Subject {
                name: Some(name).filter(|n| !n.is_empty()),
                ..Subject::default()
            });
            self.subjects.len() - 1
        });
        self.subjects[at].findings.push(finding);
    }
}
