//! A CSAF document as advisories, and Microsoft's remediations as updates.

use base::{CveId, Note};
use jiff::tz::TimeZone;

use super::statement::{Subjects, is_microsoft, kb, word};
use super::tree::Tree;
use super::{CsafWire, HeadWire, ScoreWire, VulnerabilityWire};
use crate::feeds::ledger::Ledger;
use crate::feeds::prose;
use crate::model::{Advisory, Affected, Batch, CvssVector, REFERENCES_MAX, Update};

/// Adds what a document says.
pub(super) fn add<'t>(wire: &'t CsafWire<'t>, batch: &mut Batch, ledger: &mut Ledger) {
    let head = &wire.head.value;
    let id = head.tracking.value.id.trimmed();
    if id.is_empty() {
        ledger.refuse("document without a tracking id", None);
        return;
    }
    if !matches!(head.version.trimmed(), "2.0" | "2.1") {
        let version: String = head.version.trimmed().chars().take(20).collect();
        ledger.note(Note::info(format!("CSAF version {version:?} read as 2.1")));
    }
    let publisher = publisher(head);
    let mut subjects = Subjects::new(Tree::read(&wire.tree.value, ledger));
    let is_of_one_cve = id.parse::<CveId>().is_ok();
    let mut document = advisory(
        head,
        if is_of_one_cve {
            format!("{}-{id}", publisher.to_ascii_uppercase())
        } else {
            id.to_owned()
        },
    );
    document.severity = head.severity.value.text.trimmed().parse().ok();
    let mut statements = Vec::new();
    for vulnerability in &wire.vulnerabilities.items {
        let vulnerability = &vulnerability.value;
        let Some(name) = name(vulnerability) else {
            ledger.skip("vulnerability without an id");
            continue;
        };
        document.upstream.push(name.to_owned());
        let word = word(vulnerability, &mut subjects, ledger);
        document.affected.extend(word.fixes);
        batch
            .updates
            .extend(updates(vulnerability, &mut subjects, ledger));
        if is_of_one_cve {
            document.affected.extend(word.others);
        } else if !word.others.is_empty() {
            let mut statement = advisory(head, format!("{id}/{name}"));
            statement.upstream.push(name.to_owned());
            describe(&mut statement, vulnerability, &publisher);
            statement.affected = word.others;
            statements.push(statement);
        }
    }
    if let [only] = wire.vulnerabilities.items.as_slice() {
        describe(&mut document, &only.value, &publisher);
    }
    settle(&mut document.affected);
    if document.affected.is_empty() && statements.is_empty() {
        ledger.skip("kept for its ids only: document without a package to match");
    }
    batch.advisories.push(document);
    batch.advisories.extend(statements);
    batch.updates.sort();
    batch.updates.dedup();
}

/// Several CVEs of an erratum are fixed by the same builds.
fn settle(affected: &mut Vec<Affected>) {
    let key = |a: &Affected| {
        (
            a.ecosystem.clone(),
            a.package.clone(),
            format!("{:?}", a.ranges),
        )
    };
    affected.sort_by_cached_key(key);
    affected.dedup();
}

fn advisory(head: &HeadWire<'_>, id: String) -> Advisory {
    let tracking = &head.tracking.value;
    let modified = prose::instant(tracking.modified.trimmed());
    let withdrawn = matches!(
        head.category.trimmed(),
        "csaf_withdrawn" | "csaf_superseded"
    );
    Advisory {
        id,
        aliases: Vec::new(),
        related: Vec::new(),
        upstream: Vec::new(),
        published: prose::instant(tracking.published.trimmed()),
        modified,
        withdrawn: modified.filter(|_| withdrawn),
        summary: prose::one_line(&head.title.0),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected: Vec::new(),
        references: references(head),
    }
}

/// What the document says of a vulnerability itself.
fn describe(advisory: &mut Advisory, vulnerability: &VulnerabilityWire<'_>, publisher: &str) {
    let title = prose::one_line(&vulnerability.title.0);
    if !title.is_empty() {
        advisory.summary = title;
    }
    let impacts = vulnerability.threats.items.iter().map(|t| &t.value);
    let words = impacts.filter(|t| t.category.trimmed() == "impact");
    let impact = words.filter_map(|t| t.details.trimmed().parse().ok()).max();
    advisory.severity = impact.or(advisory.severity);
    advisory.scores = scores(vulnerability, publisher);
}

fn scores(vulnerability: &VulnerabilityWire<'_>, publisher: &str) -> Vec<CvssVector> {
    let old = vulnerability.scores.items.iter().map(|s| &s.value);
    let new = vulnerability
        .metrics
        .items
        .iter()
        .map(|m| &m.value.content.value);
    let vectors = |score: &ScoreWire<'_>| {
        [&score.v4, &score.v3, &score.v2].map(|cvss| cvss.value.vector.trimmed().to_owned())
    };
    let mut scores: Vec<CvssVector> = Vec::new();
    for vector in old.chain(new).flat_map(vectors) {
        // A document scores a vulnerability once or a few times, by product.
        let is_known = scores.iter().any(|s| s.vector == vector);
        if vector.contains('/') && !is_known && scores.len() < SCORES_MAX {
            scores.push(CvssVector {
                vector,
                source: publisher.to_owned(),
            });
        }
    }
    scores
}

/// The most different vectors kept of one vulnerability.
const SCORES_MAX: usize = 8;

fn name<'t>(vulnerability: &'t VulnerabilityWire<'t>) -> Option<&'t str> {
    let others = vulnerability
        .ids
        .items
        .iter()
        .map(|id| id.value.text.trimmed());
    std::iter::once(vulnerability.cve.trimmed())
        .chain(others)
        .find(|id| !id.is_empty() && id.len() <= 100)
}

/// One word for who publishes: `redhat`, `suse`, `siemens`.
fn publisher(head: &HeadWire<'_>) -> String {
    let name = head.publisher.value.name.trimmed().to_lowercase();
    let name = name.replace("red hat", "redhat");
    if name.starts_with("microsoft") {
        return "msrc".to_owned();
    }
    let word = name.split(|c: char| !c.is_ascii_alphanumeric());
    let word = word.into_iter().find(|w| !w.is_empty()).unwrap_or("csaf");
    word.chars().take(30).collect()
}

fn references(head: &HeadWire<'_>) -> Vec<String> {
    let mut urls: Vec<(bool, &str)> = head
        .references
        .items
        .iter()
        .map(|r| (r.value.category.trimmed() != "self", r.value.url.trimmed()))
        .filter(|(_, url)| url.starts_with("https://") || url.starts_with("http://"))
        .filter(|(_, url)| url.len() <= 500 && !url.ends_with(".json"))
        .collect();
    urls.sort_by_key(|(is_other, _)| *is_other);
    urls.dedup();
    let urls = urls.into_iter().map(|(_, url)| url.to_owned());
    urls.take(REFERENCES_MAX).collect()
}

/// The updates that Microsoft's remediations name, with the build each brings.
fn updates<'t>(
    vulnerability: &'t VulnerabilityWire<'t>,
    subjects: &mut Subjects<'t>,
    ledger: &mut Ledger,
) -> Vec<Update> {
    let mut updates = Vec::new();
    for wire in &vulnerability.remediations.items {
        let Some(kb) = kb(&wire.value) else { continue };
        let build = wire
            .value
            .details
            .trimmed()
            .split(':')
            .next()
            .unwrap_or_default();
        let is_build =
            build.contains('.') && build.bytes().all(|b| b == b'.' || b.is_ascii_digit());
        let released = prose::instant(wire.value.date.trimmed());
        let ids: Vec<&str> = wire
            .value
            .products
            .items
            .iter()
            .map(|id| id.trimmed())
            .collect();
        for id in ids {
            let Some(subject) = subjects.get(id, ledger) else {
                continue;
            };
            if is_microsoft(&subject.slot) {
                updates.push(Update {
                    product: subject.slot.package.clone(),
                    kb,
                    released: released.map(|at| TimeZone::UTC.to_datetime(at).date()),
                    supersedes: Vec::new(),
                    build: is_build.then(|| build.to_owned()),
                    component: String::new(),
                });
            }
        }
    }
    updates
}
