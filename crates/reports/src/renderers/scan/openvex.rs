//! OpenVEX 0.2.0 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>): what we say of each package, for those who
//! get it from us. Affected carries an action statement, not affected a justification, a backported fix is `fixed`.
//!
//! A scan that found nothing and was not asked for negatives has nothing to state: its list of statements is empty, though the
//! schema asks for one, because a made-up statement would be a claim.

use std::collections::{BTreeMap, BTreeSet};

use drawing::escape::printable;
use fleet::finding::Finding;
use fleet::suppression::Suppression;
use matching::Reason;
use serde_json::{Value, json};

use crate::renderers::{Options, ScanRenderer, fingerprint};
use crate::scan::{NotAffected, ScanReport};
use crate::wording::{fix, instant, no_fix};

/// The format.
pub(in crate::renderers) struct OpenVex;

impl ScanRenderer for OpenVex {
    fn id(&self) -> &'static str {
        "openvex"
    }

    fn about(&self) -> &'static str {
        "OpenVEX 0.2.0: a statement a vulnerability and package (--author, --namespace)"
    }

    fn media_type(&self) -> &'static str {
        "application/vex+json"
    }

    fn render(&self, report: &ScanReport, options: &Options) -> String {
        let tool = format!("daywatch {}", printable(&options.tool_version));
        let statements = statements(report);
        let namespace = options
            .namespace
            .as_deref()
            .unwrap_or("https://openvex.dev/docs/public");
        let namespace = printable(namespace);
        let content = fingerprint(&[
            &instant(report.now),
            &Value::from(statements.clone()).to_string(),
        ]);
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": format!("{}/vex-{content}", namespace.trim_end_matches('/')),
            "author": printable(options.author.as_deref().unwrap_or(&tool)),
            "timestamp": instant(report.now),
            "version": 1,
            "tooling": tool,
            "statements": statements,
        });
        format!("{document:#}\n")
    }
}

/// What a statement says; statements that say the same of several packages are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    vulnerability: String,
    aliases: BTreeSet<String>,
    status: &'static str,
    /// The member the status asks for, and its value.
    says: Option<(&'static str, String)>,
    notes: Option<String>,
}

fn statements(report: &ScanReport) -> Vec<Value> {
    let mut claims: BTreeMap<Claim, BTreeSet<String>> = BTreeMap::new();
    for finding in &report.findings {
        claims
            .entry(affected(finding))
            .or_default()
            .insert(product(finding));
    }
    for (finding, suppression) in &report.suppressed {
        claims
            .entry(set_aside(finding, suppression))
            .or_default()
            .insert(product(finding));
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
            .map_or_else(|| generic_purl(negative), |p| safe(p));
        claims.entry(denied(negative)).or_default().insert(product);
    }
    claims
        .into_iter()
        .map(|(claim, products)| statement(claim, &products))
        .collect()
}

fn statement(claim: Claim, products: &BTreeSet<String>) -> Value {
    let products: Vec<Value> = products
        .iter()
        .map(|p| json!({ "@id": p, "identifiers": { "purl": p } }))
        .collect();
    let mut statement = json!({
        "vulnerability": { "name": claim.vulnerability, "aliases": claim.aliases },
        "products": products,
        "status": claim.status,
    });
    if let Some((member, value)) = claim.says {
        statement[member] = json!(value);
    }
    if let Some(notes) = claim.notes {
        statement["status_notes"] = json!(notes);
    }
    statement
}

/// What to do about a finding, and by when.
pub(super) fn action(finding: &Finding) -> String {
    let action = match fix(finding) {
        Some(version) => format!("Upgrade {} to {version}.", finding.package),
        None => format!("Nothing to install: {}.", no_fix(finding.fix_state)),
    };
    let due = finding.due().map(|by| {
        format!(
            " Due {} ({}).",
            instant(by),
            finding.decision().map_or("", |d| &d.policy)
        )
    });
    format!("{action}{}", due.unwrap_or_default())
}

fn affected(finding: &Finding) -> Claim {
    Claim {
        status: "affected",
        says: Some(("action_statement", safe(&action(finding)))),
        ..claim_about(finding)
    }
}

/// A suppression accepts the risk, so the package is still affected; only VEX denies it.
fn set_aside(finding: &Finding, suppression: &Suppression) -> Claim {
    let why = format!("{}: {}", suppression.owner, suppression.reason);
    let until = suppression
        .until
        .map_or_else(String::new, |until| format!(" until {}", instant(until)));
    Claim {
        status: "affected",
        says: Some((
            "action_statement",
            safe(&format!("Accepted{until} by {why}")),
        )),
        notes: Some(safe(&suppression.scope)),
        ..claim_about(finding)
    }
}

fn claim_about(finding: &Finding) -> Claim {
    let name = finding
        .cves
        .first()
        .map_or_else(|| finding.id.clone(), ToString::to_string);
    let cves = finding.cves.iter().map(ToString::to_string);
    let others = cves
        .chain(finding.aliases.iter().cloned())
        .chain([finding.id.clone()]);
    Claim {
        aliases: others
            .filter(|id| *id != name)
            .map(|id| safe(&id))
            .collect(),
        vulnerability: safe(&name),
        status: "under_investigation",
        says: None,
        notes: Some(safe(&finding.why)),
    }
}

fn denied(negative: &NotAffected) -> Claim {
    let name = negative
        .cves
        .first()
        .map_or_else(|| negative.id.clone(), ToString::to_string);
    let others = negative
        .cves
        .iter()
        .map(ToString::to_string)
        .chain([negative.id.clone()]);
    let justified = |word: &str| ("not_affected", Some(("justification", word.to_owned())));
    let (status, says) = match negative.reason {
        Reason::FixedByBackport | Reason::Superseded => ("fixed", None),
        Reason::NotInRange | Reason::OtherRelease | Reason::ModuleStream => {
            justified("vulnerable_code_not_present")
        }
        Reason::NotRunning => justified("vulnerable_code_not_in_execute_path"),
        Reason::ComponentAbsent => justified("component_not_present"),
        // Another document said so; its own words are better than a justification we would have to invent.
        Reason::Vex => (
            "not_affected",
            Some(("impact_statement", safe(&negative.detail))),
        ),
    };
    Claim {
        aliases: others
            .filter(|id| *id != name)
            .map(|id| safe(&id))
            .collect(),
        vulnerability: safe(&name),
        status,
        says,
        notes: Some(safe(&format!(
            "{}: {} ({})",
            negative.reason.as_str(),
            negative.detail,
            negative.source
        ))),
    }
}

/// The package URLs of everything that was found, for negatives on the same packages.
pub(super) fn purls(report: &ScanReport) -> BTreeMap<(usize, &str, &str), &str> {
    let found = report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|(f, _)| f));
    found
        .filter_map(|f| {
            Some((
                (f.target, f.package.as_str(), f.version.as_str()),
                f.purl.as_deref()?,
            ))
        })
        .collect()
}

pub(super) fn product(finding: &Finding) -> String {
    match &finding.purl {
        Some(purl) => safe(purl),
        None => generic(&finding.package, &finding.version),
    }
}

pub(super) fn generic_purl(negative: &NotAffected) -> String {
    generic(&negative.package, &negative.version)
}

/// A package we have no URL for: `pkg:generic`, so that the product is still a valid IRI.
fn generic(package: &str, version: &str) -> String {
    match base::Purl::new("generic", None, package, Some(version)) {
        Ok(purl) => safe(purl.as_str()),
        Err(_) => "pkg:generic/unnamed".to_owned(),
    }
}

fn safe(text: &str) -> String {
    printable(text).into_owned()
}
