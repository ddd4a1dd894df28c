//! CSAF 2.0, profile 5 "VEX" (<https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#45-profile-5-vex>): per vulnerability,
//! which packages are affected (with what to do), fixed by a backport, or not affected (with the justification).
//!
//! The packages of all targets are the products; a package that is affected in one target is affected. A scan that has nothing to
//! state is a document of the base profile, since the VEX profile asks for a vulnerability and a made-up one would be a claim.

use std::collections::{BTreeMap, BTreeSet};

use drawing::escape::printable;
use fleet::finding::Finding;
use fleet::suppression::Suppression;
use matching::{FixState, Reason};
use serde_json::{Value, json};

use super::openvex::{action, generic_purl, product, purls};
use crate::renderers::{Options, ScanRenderer, fingerprint};
use crate::scan::{NotAffected, ScanReport};
use crate::wording::{fix, instant};

/// The format.
pub(in crate::renderers) struct CsafVex;

impl ScanRenderer for CsafVex {
    fn id(&self) -> &'static str {
        "csaf-vex"
    }

    fn about(&self) -> &'static str {
        "CSAF 2.0, VEX profile: affected, fixed, not affected (--author, --namespace)"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn render(&self, report: &ScanReport, options: &Options) -> String {
        let claims = claims(report);
        let products: BTreeSet<&str> = claims
            .values()
            .flat_map(|v| v.products.keys().map(String::as_str))
            .collect();
        let ids: BTreeMap<&str, String> = products
            .iter()
            .enumerate()
            .map(|(n, purl)| (*purl, format!("CSAFPID-{:04}", n + 1)))
            .collect();
        let vulnerabilities: Vec<Value> = claims
            .iter()
            .map(|(name, claim)| claim.vulnerability(name, &ids))
            .collect();
        let mut log = json!({ "document": document(report, options, &vulnerabilities) });
        if !vulnerabilities.is_empty() {
            log["product_tree"] = json!({ "full_product_names": product_names(&ids) });
            log["vulnerabilities"] = json!(vulnerabilities);
        }
        format!("{log:#}\n")
    }
}

fn document(report: &ScanReport, options: &Options, vulnerabilities: &[Value]) -> Value {
    let tool = format!("daywatch {}", printable(&options.tool_version));
    let author = options.author.as_deref().unwrap_or(&tool);
    let namespace = options.namespace.as_deref().unwrap_or("urn:daywatch");
    let now = instant(report.now);
    let content = fingerprint(&[&now, &Value::from(vulnerabilities.to_vec()).to_string()]);
    let category = match vulnerabilities.is_empty() {
        true => "csaf_base",
        false => "csaf_vex",
    };
    json!({
        "category": category,
        "csaf_version": "2.0",
        "publisher": {
            "category": "vendor",
            "name": printable(author),
            "namespace": printable(namespace),
        },
        "title": title(report),
        "tracking": {
            "id": format!("daywatch-{content}"),
            "status": "final",
            "version": "1",
            "initial_release_date": now,
            "current_release_date": now,
            "revision_history": [{ "date": now, "number": "1", "summary": "First version" }],
            "generator": {
                "date": now,
                "engine": { "name": "Daywatch", "version": version(options) },
            },
        },
    })
}

/// The schema wants a text; a caller that says nothing is a test.
fn version(options: &Options) -> String {
    match options.tool_version.as_str() {
        "" => "unknown".to_owned(),
        version => printable(version).into_owned(),
    }
}

fn title(report: &ScanReport) -> String {
    match report.targets.as_slice() {
        [target] => format!("Vulnerabilities and {}", printable(&target.name)),
        targets => format!("Vulnerabilities and {} targets", targets.len()),
    }
}

fn product_names(ids: &BTreeMap<&str, String>) -> Vec<Value> {
    let each = ids.iter().map(|(purl, id)| {
        json!({
            "name": purl.strip_prefix("pkg:").unwrap_or(purl),
            "product_id": id,
            "product_identification_helper": { "purl": purl },
        })
    });
    each.collect()
}

/// What is said of a vulnerability.
#[derive(Default)]
struct Claim {
    /// Ids that are no CVE.
    ids: BTreeSet<String>,
    summary: String,
    products: BTreeMap<String, Status>,
}

/// What is said of a product, weakest first: of two statements about one product the stronger holds, since a product must
/// not stand in two lists of a vulnerability (CSAF 6.1.6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    NotAffected {
        /// The flag, or `None` where another document's own words are all there is.
        flag: Option<&'static str>,
        detail: String,
    },
    Fixed {
        detail: String,
    },
    Affected {
        remedy: &'static str,
        detail: String,
    },
}

fn claims(report: &ScanReport) -> BTreeMap<String, Claim> {
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    for finding in &report.findings {
        add(&mut claims, finding, &affected(finding, None));
    }
    for (finding, suppression) in &report.suppressed {
        add(&mut claims, finding, &affected(finding, Some(suppression)));
    }
    let purls = purls(report);
    for negative in &report.not_affected {
        let key = (
            negative.target,
            negative.package.as_str(),
            negative.version.as_str(),
        );
        let product = purls
            .get(&key)
            .map_or_else(|| generic_purl(negative), |p| printable(p).into_owned());
        for name in names(&negative.cves, &negative.id) {
            let claim = claims.entry(name.clone()).or_default();
            claim.name(&negative.id, &name);
            claim.state(&product, denied(negative));
        }
    }
    claims
}

/// Every CVE, each a vulnerability of its own (CSAF 6.1.23); the record's id where there is none.
fn names(cves: &[base::CveId], id: &str) -> Vec<String> {
    if cves.is_empty() {
        return vec![printable(id).into_owned()];
    }
    cves.iter().map(ToString::to_string).collect()
}

fn add(claims: &mut BTreeMap<String, Claim>, finding: &Finding, status: &Status) {
    for name in names(&finding.cves, &finding.id) {
        let claim = claims.entry(name.clone()).or_default();
        claim.name(&finding.id, &name);
        for alias in &finding.aliases {
            claim.name(alias, &name);
        }
        if claim.summary.is_empty() {
            claim.summary = printable(&finding.summary).into_owned();
        }
        claim.state(&product(finding), status.clone());
    }
}

fn affected(finding: &Finding, suppression: Option<&Suppression>) -> Status {
    let remedy = match (fix(finding), finding.fix_state) {
        (Some(_), _) => "vendor_fix",
        (None, FixState::WontFix | FixState::EndOfLife) => "no_fix_planned",
        (None, _) => "none_available",
    };
    let accepted = suppression.map(|s| {
        let until = s
            .until
            .map_or_else(String::new, |u| format!(" until {}", instant(u)));
        format!(" Accepted{until} by {}: {}", s.owner, s.reason)
    });
    let detail = format!("{}{}", action(finding), accepted.unwrap_or_default());
    Status::Affected {
        remedy,
        detail: printable(&detail).into_owned(),
    }
}

fn denied(negative: &NotAffected) -> Status {
    let detail = format!(
        "{}: {} ({})",
        negative.reason.as_str(),
        negative.detail,
        negative.source
    );
    let detail = printable(&detail).into_owned();
    let flag = match negative.reason {
        Reason::FixedByBackport | Reason::Superseded => return Status::Fixed { detail },
        Reason::NotInRange | Reason::OtherRelease | Reason::ModuleStream => {
            Some("vulnerable_code_not_present")
        }
        Reason::NotRunning => Some("vulnerable_code_not_in_execute_path"),
        Reason::ComponentAbsent => Some("component_not_present"),
        Reason::Vex => None,
    };
    Status::NotAffected { flag, detail }
}

impl Claim {
    fn name(&mut self, id: &str, name: &str) {
        if id != name && !id.is_empty() && id.parse::<base::CveId>().is_err() {
            self.ids.insert(printable(id).into_owned());
        }
    }

    fn state(&mut self, product: &str, status: Status) {
        let known = self.products.entry(product.to_owned());
        known
            .and_modify(|known| {
                if *known < status {
                    *known = status.clone();
                }
            })
            .or_insert(status);
    }

    fn vulnerability(&self, name: &str, ids: &BTreeMap<&str, String>) -> Value {
        let summary = match self.summary.as_str() {
            "" => name,
            summary => summary,
        };
        let mut vulnerability = json!({
            "notes": [{ "category": "summary", "text": summary }],
        });
        let mut others = self.ids.clone();
        match name.parse::<base::CveId>() {
            Ok(cve) => vulnerability["cve"] = json!(cve.to_string()),
            Err(_) => {
                others.insert(name.to_owned());
            }
        }
        if !others.is_empty() {
            vulnerability["ids"] = others
                .iter()
                .map(|id| json!({ "system_name": system(id), "text": id }))
                .collect();
        }
        self.add_products(&mut vulnerability, ids);
        vulnerability
    }

    fn add_products(&self, vulnerability: &mut Value, ids: &BTreeMap<&str, String>) {
        let mut status: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        let mut remedies: BTreeMap<(&str, &str), BTreeSet<&String>> = BTreeMap::new();
        let mut flags: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        let mut threats: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        for (product, said) in &self.products {
            let Some(id) = ids.get(product.as_str()) else {
                continue;
            };
            let list = match said {
                Status::Affected { remedy, detail } => {
                    remedies.entry((remedy, detail)).or_default().insert(id);
                    "known_affected"
                }
                Status::Fixed { .. } => "fixed",
                Status::NotAffected { flag, detail } => {
                    if let Some(flag) = flag {
                        flags.entry(flag).or_default().insert(id);
                    }
                    threats.entry(detail).or_default().insert(id);
                    "known_not_affected"
                }
            };
            status.entry(list).or_default().insert(id);
        }
        vulnerability["product_status"] = json!(status);
        let each = remedies.iter().map(|((category, details), products)| {
            json!({ "category": category, "details": details, "product_ids": products })
        });
        set(vulnerability, "remediations", each.collect());
        let each = flags
            .iter()
            .map(|(label, products)| json!({ "label": label, "product_ids": products }));
        set(vulnerability, "flags", each.collect());
        let each = threats.iter().map(|(details, products)| {
            json!({ "category": "impact", "details": details, "product_ids": products })
        });
        set(vulnerability, "threats", each.collect());
    }
}

/// The schema knows no empty lists.
fn set(value: &mut Value, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        value[key] = Value::from(list);
    }
}

/// Who numbers ids of this kind.
fn system(id: &str) -> &'static str {
    match id.split('-').next() {
        Some("GHSA") => "GitHub Security Advisory",
        Some("DSA" | "DLA" | "DEBIAN") => "Debian",
        Some("RHSA" | "RHBA" | "RHEA") => "Red Hat",
        Some("USN" | "UBUNTU") => "Ubuntu",
        Some("RUSTSEC") => "RustSec",
        Some("PYSEC") => "PyPA",
        Some("GO") => "Go",
        _ => "Advisory",
    }
}
