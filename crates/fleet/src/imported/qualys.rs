//! Qualys in XML: host detections (`HOST_LIST_VM_DETECTION_OUTPUT`, API v2 and later), a scan-based report
//! (`ASSET_DATA_REPORT`, `asset_data_report.dtd`) and a single scan (`SCAN`, `scan-1.dtd`); see
//! <https://docs.qualys.com/en/vm/api/>. Host detections name neither title nor CVE: the QID is all there is to join by, which
//! a note says. What was found fixed, information gathered, and ignored items are counted and left out.

use std::collections::HashMap;

use base::{Note, Parsed, Severity};
use inventory::Location;

use super::xml::{Element, Visitor, root, walk};
use super::{Imported, ImportedFinding, Reader, Subject, ids, line};

/// The format.
pub(super) struct Qualys;

impl Reader for Qualys {
    fn id(&self) -> &'static str {
        "qualys"
    }

    fn about(&self) -> &'static str {
        "Qualys in XML: host detections, scan-based reports, scans"
    }

    fn recognise(&self, head: &str) -> bool {
        const ROOTS: [&str; 2] = ["HOST_LIST_VM_DETECTION_OUTPUT", "ASSET_DATA_REPORT"];
        let is_scan = |name: &str| name == "SCAN" && head.contains("<SCAN value=");
        head.starts_with('<')
            && root(head).is_some_and(|name| ROOTS.contains(&name) || is_scan(name))
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Imported> {
        let mut report = Report::default();
        let mut notes = walk(bytes, &mut report);
        let left_out = report.left_out;
        let (subjects, unnamed) = report.finish();
        if unnamed > 0 {
            notes.push(Note::info(format!(
                "detections without a CVE, known by their QID alone: {unnamed}; a scan-based report names CVEs"
            )));
        }
        if left_out > 0 {
            notes.push(Note::info(format!(
                "information gathered, fixed and ignored items left out: {left_out}"
            )));
        }
        Parsed {
            value: Imported {
                tool: "qualys".to_owned(),
                subjects,
            },
            notes,
        }
    }
}

/// A rating of one to five; one is "minimal".
pub(super) fn severity(text: &str) -> Option<Severity> {
    Some(match text.trim() {
        "1" => Severity::None,
        "2" => Severity::Low,
        "3" => Severity::Medium,
        "4" => Severity::High,
        "5" => Severity::Critical,
        _ => return None,
    })
}

/// Whether an item is a vulnerability, confirmed or possible; in reports the types are `Vuln`, `Practice` and `Ig`.
pub(super) fn is_vulnerability(kind: &str) -> bool {
    !matches!(kind.trim().to_ascii_lowercase().as_str(), "ig" | "info")
}

#[derive(Default)]
struct Report {
    hosts: Vec<Host>,
    details: HashMap<String, Details>,
    item: Item,
    detail: Details,
    left_out: usize,
}

#[derive(Default)]
struct Host {
    name: String,
    items: Vec<Item>,
}

/// A detection on a host.
#[derive(Default)]
struct Item {
    qid: String,
    kind: String,
    status: String,
    severity: String,
    port: String,
    protocol: String,
    is_ignored: bool,
}

/// What the glossary, or a scan's own item, says of a QID.
#[derive(Default)]
struct Details {
    qid: String,
    title: String,
    severity: String,
    cves: String,
}

impl Visitor for Report {
    fn open(&mut self, element: &Element<'_>) {
        match (element.parent(), element.name()) {
            ("HOST_LIST", "HOST") => self.hosts.push(Host::default()),
            ("SCAN", "IP") => self.hosts.push(Host {
                name: line::plain(element.attribute("value").unwrap_or_default()),
                ..Host::default()
            }),
            (_, "DETECTION" | "VULN_INFO") => self.item = Item::default(),
            (_, "VULN_DETAILS") => self.detail = Details::default(),
            ("CAT", "VULN" | "PRACTICE" | "INFO") => {
                self.detail = Details {
                    qid: element.attribute("number").unwrap_or_default().to_owned(),
                    severity: element.attribute("severity").unwrap_or_default().to_owned(),
                    ..Details::default()
                };
                self.item = Item {
                    qid: self.detail.qid.clone(),
                    kind: element.name().to_owned(),
                    port: self.item.port.clone(),
                    protocol: self.item.protocol.clone(),
                    ..Item::default()
                };
            }
            (_, "CAT") => {
                self.item = Item {
                    port: element.attribute("port").unwrap_or_default().to_owned(),
                    protocol: element.attribute("protocol").unwrap_or_default().to_owned(),
                    ..Item::default()
                };
            }
            _ => {}
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let text = element.text;
        match (element.parent(), element.name()) {
            ("HOST", field) => self.host_field(field, text),
            (_, "DETECTION" | "VULN_INFO") => self.finish_item(),
            ("CAT", "VULN" | "PRACTICE" | "INFO") => {
                self.finish_detail();
                self.finish_item();
            }
            (_, "VULN_DETAILS") => self.finish_detail(),
            ("DETECTION" | "VULN_INFO", field) => self.item.field(field, text),
            ("VULN_DETAILS" | "VULN" | "PRACTICE" | "INFO", field) => {
                self.detail.field(field, text);
            }
            ("CVE_ID", "ID") => {
                self.detail.cves.push_str(text);
                self.detail.cves.push(' ');
            }
            _ => {}
        }
    }
}

impl Item {
    fn field(&mut self, name: &str, text: &str) {
        let slot = match name {
            "QID" => &mut self.qid,
            "TYPE" => &mut self.kind,
            "STATUS" | "VULN_STATUS" => &mut self.status,
            "SEVERITY" => &mut self.severity,
            "PORT" => &mut self.port,
            "PROTOCOL" => &mut self.protocol,
            "IS_IGNORED" => {
                self.is_ignored = text == "1";
                return;
            }
            _ => return,
        };
        text.clone_into(slot);
    }

    fn is_open(&self) -> bool {
        is_vulnerability(&self.kind)
            && !self.is_ignored
            && !self.status.eq_ignore_ascii_case("fixed")
    }
}

impl Details {
    fn field(&mut self, name: &str, text: &str) {
        match name {
            "QID" => text.clone_into(&mut self.qid),
            "TITLE" => self.title = line::plain(text),
            "SEVERITY" => text.clone_into(&mut self.severity),
            _ => {}
        }
    }
}

impl Report {
    /// A DNS name goes before an address: it is how an inventory names the host.
    fn host_field(&mut self, field: &str, text: &str) {
        let Some(host) = self.hosts.last_mut() else {
            return;
        };
        let is_name = match field {
            "DNS" => !text.is_empty(),
            "IP" | "NETBIOS" => host.name.is_empty(),
            _ => false,
        };
        if is_name {
            host.name = line::plain(text);
        }
    }

    fn finish_item(&mut self) {
        let item = Item {
            port: self.item.port.clone(),
            protocol: self.item.protocol.clone(),
            ..Item::default()
        };
        // A category of a scan goes on with its next item.
        let item = std::mem::replace(&mut self.item, item);
        if !item.is_open() {
            self.left_out += 1;
            return;
        }
        if let Some(host) = self.hosts.last_mut() {
            host.items.push(item);
        }
    }

    fn finish_detail(&mut self) {
        let detail = std::mem::take(&mut self.detail);
        self.details.insert(detail.qid.clone(), detail);
    }

    /// The findings, and how many are known by their QID alone.
    fn finish(self) -> (Vec<Subject>, usize) {
        let nothing = Details::default();
        let mut unnamed = 0;
        let details = self.details;
        let subjects = self
            .hosts
            .into_iter()
            .map(|host| Subject {
                name: Some(host.name).filter(|name| !name.is_empty()),
                findings: host
                    .items
                    .iter()
                    .map(|item| {
                        let details = details.get(&item.qid).unwrap_or(&nothing);
                        let finding = finding(item, details);
                        unnamed += usize::from(finding.cves.is_empty() && details.title.is_empty());
                        finding
                    })
                    .collect(),
                ..Subject::default()
            })
            .collect();
        (subjects, unnamed)
    }
}

fn finding(item: &Item, details: &Details) -> ImportedFinding {
    let id = qid(&item.qid);
    let title = match details.title.as_str() {
        "" => format!("Qualys QID {}", item.qid),
        title => title.to_owned(),
    };
    let mut finding = ImportedFinding::new(&id, &title, "");
    finding.cves = ids::cves([details.cves.as_str()]);
    finding.severity = severity(&item.severity).or_else(|| severity(&details.severity));
    finding.package.locations = place(&item.port, &item.protocol);
    finding.title = title;
    finding
}

/// `qualys-38739`.
pub(super) fn qid(number: &str) -> String {
    match number.trim() {
        "" => String::new(),
        number => format!("qualys-{number}"),
    }
}

/// `443/tcp`, or the port alone.
pub(super) fn place(port: &str, protocol: &str) -> Vec<Location> {
    let (port, protocol) = (port.trim(), protocol.trim());
    let path = match (port, protocol) {
        ("" | "0", _) => return Vec::new(),
        (port, "") => port.to_owned(),
        (port, protocol) => format!("{port}/{protocol}"),
    };
    vec![Location::file(line::plain(&path))]
}
