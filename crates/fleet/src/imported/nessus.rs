//! Nessus' own export, `.nessus` version 2 (`NessusClientData_v2`; the format is described at
//! <https://docs.tenable.com/nessus/Content/ScanExports.htm>): a target a `ReportHost`, a finding a `ReportItem`. Items rated "info"
//! without a CVE say what the scanner saw, not what is wrong; they are counted and left out.

use base::{Note, Parsed, Severity};
use inventory::Location;
use matching::FixState;

use super::xml::{Element, Visitor, root, walk};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line};

/// The format.
pub(super) struct Nessus;

impl Reader for Nessus {
    fn id(&self) -> &'static str {
        "nessus"
    }

    fn about(&self) -> &'static str {
        "Nessus: `.nessus` version 2 (XML)"
    }

    fn recognise(&self, head: &str) -> bool {
        head.starts_with('<') && root(head) == Some("NessusClientData_v2")
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let mut report = Report::default();
        let mut notes = walk(bytes, &mut report);
        if report.informational > 0 {
            notes.push(Note::info(format!(
                "items that inform and name no CVE left out: {}",
                report.informational
            )));
        }
        Parsed {
            value: Imported {
                tool: "nessus".to_owned(),
                subjects: report.subjects,
            },
            notes,
        }
    }
}

#[derive(Default)]
struct Report {
    subjects: Vec<Subject>,
    item: Item,
    informational: usize,
}

/// A `ReportItem` while it is read.
#[derive(Default)]
struct Item {
    cves: Vec<String>,
    vectors: Vec<(String, String)>,
    synopsis: String,
    output: String,
}

impl Visitor for Report {
    fn open(&mut self, element: &Element<'_>) {
        match element.name() {
            "ReportHost" => self.subjects.push(Subject {
                name: element.attribute("name").map(line::plain),
                ..Subject::default()
            }),
            "ReportItem" => self.item = Item::default(),
            _ => {}
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let text = element.text;
        match (element.parent(), element.name()) {
            (_, "ReportItem") => self.finish(element),
            ("ReportItem", "cve") => self.item.cves.push(text.to_owned()),
            ("ReportItem", "cvss_vector") => {
                let vector = text.strip_prefix("CVSS2#").unwrap_or(text);
                self.item
                    .vectors
                    .push((vector.to_owned(), "nessus".to_owned()));
            }
            ("ReportItem", "cvss3_vector" | "cvss4_vector") => {
                self.item
                    .vectors
                    .insert(0, (text.to_owned(), "nessus".to_owned()));
            }
            ("ReportItem", "synopsis") => self.item.synopsis = line::plain(text),
            ("ReportItem", "plugin_output") => self.item.output = text.to_owned(),
            _ => {}
        }
    }
}

impl Report {
    fn finish(&mut self, element: &Element<'_>) {
        let item = std::mem::take(&mut self.item);
        let attribute = |name: &str| element.attribute(name).unwrap_or_default();
        let cves = ids::cves(item.cves.iter().map(String::as_str));
        let severity = attribute("severity");
        if severity == "0" && cves.is_empty() {
            self.informational += 1;
            return;
        }
        let Some(subject) = self.subjects.last_mut() else {
            return;
        };
        let installed = value_of(&item.output, "Installed version").unwrap_or_default();
        let id = match attribute("pluginID") {
            "" => String::new(),
            plugin => format!("nessus-{plugin}"),
        };
        let mut finding = ImportedFinding::new(&id, attribute("pluginName"), &installed);
        finding.cves = cves;
        finding.fixed = value_of(&item.output, "Fixed version")
            .into_iter()
            .collect();
        finding.fix_state = match finding.fixed.is_empty() {
            true => FixState::Unknown,
            false => FixState::Fixed,
        };
        finding.severity = match severity {
            "0" => Some(Severity::None),
            "1" => Some(Severity::Low),
            "2" => Some(Severity::Medium),
            "3" => Some(Severity::High),
            "4" => Some(Severity::Critical),
            _ => None,
        };
        finding.vectors = item.vectors;
        finding.title = item.synopsis;
        finding.package.locations = port(attribute("port"), attribute("protocol"));
        subject.findings.push(finding);
    }
}

/// `443/tcp`; port 0 is the host itself.
fn port(port: &str, protocol: &str) -> Vec<Location> {
    match port {
        "" | "0" => Vec::new(),
        _ => vec![Location::file(line::plain(&format!("{port}/{protocol}")))],
    }
}

/// `  Installed version : 1.2.3` in the output of a plug-in.
pub(super) fn value_of(output: &str, key: &str) -> Option<String> {
    const LINES_MAX: usize = 200;
    let mut lines = output.lines().take(LINES_MAX).map(str::trim);
    let rest = lines.find_map(|l| l.strip_prefix(key)?.trim_start().strip_prefix(':'))?;
    Some(line::plain(rest)).filter(|value| !value.is_empty())
}
