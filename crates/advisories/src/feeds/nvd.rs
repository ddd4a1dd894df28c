//! The National Vulnerability Database, API 2.0 (<https://nvd.nist.gov/developers/vulnerabilities>): whole answers, single
//! records, and lines of either; also files of corrections in the same shape (`_annotation` beside `cve`).
//!
//! NVD names products by CPE, not packages of an ecosystem, so its entries are the weakest word and stand under the ecosystem
//! of products. A record that NVD has not analysed says so. The API answers in pages and by key, there is no file to fetch.

use base::{CveId, Parsed};

use super::cpe::{ConfigurationWire, Products};
use super::json::Hint;
use super::ledger::Ledger;
use super::wire::{self, Item, Lenient, List, Text, wire};
use super::{Document, Feed, Location, json, prose};
use crate::model::{Advisory, Batch, CveRecord, CvssVector};

/// The feed.
pub struct Nvd;

wire! {
    /// `vulnerabilities[]`, and a line of corrections.
    struct EntryWire<'a> {
        "cve" => cve: Lenient<CveWire<'a>>,
        "_annotation" => annotation: Lenient<AnnotationWire<'a>>,
    }
}

wire! {
    /// Whose correction it is.
    struct AnnotationWire<'a> {
        "cve_id" => id: Text<'a>,
        "published" => published: Text<'a>,
        "modified" => modified: Text<'a>,
    }
}

wire! {
    /// A record.
    struct CveWire<'a> {
        "id" => id: Text<'a>,
        "published" => published: Text<'a>,
        "lastModified" => modified: Text<'a>,
        "vulnStatus" => status: Text<'a>,
        "descriptions" => descriptions: List<Lenient<DescriptionWire<'a>>>,
        "metrics" => metrics: Lenient<MetricsWire<'a>>,
        "configurations" => configurations: List<Lenient<ConfigurationWire<'a>>>,
    }
}

wire! {
    /// `descriptions[]`.
    struct DescriptionWire<'a> {
        "lang" => language: Text<'a>,
        "value" => value: Text<'a>,
    }
}

wire! {
    /// `metrics`.
    struct MetricsWire<'a> {
        "cvssMetricV40" => v40: List<Lenient<MetricWire<'a>>>,
        "cvssMetricV31" => v31: List<Lenient<MetricWire<'a>>>,
        "cvssMetricV30" => v30: List<Lenient<MetricWire<'a>>>,
        "cvssMetricV2" => v2: List<Lenient<MetricWire<'a>>>,
    }
}

wire! {
    /// `cvssMetricV…[]`.
    struct MetricWire<'a> {
        "source" => source: Text<'a>,
        "cvssData" => data: Lenient<CvssWire<'a>>,
    }
}

wire! {
    /// `cvssData`.
    struct CvssWire<'a> {
        "vectorString" => vector: Text<'a>,
    }
}

impl Feed for Nvd {
    fn id(&self) -> &'static str {
        "nvd"
    }

    fn about(&self) -> &'static str {
        "NVD records, API 2.0: products by CPE and CVSS scores (NIST)"
    }

    fn locations(&self) -> &'static [Location] {
        &[]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        shape(document.bytes).is_some()
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut reading = Reading::default();
        let text = json::text(document.bytes, &mut reading.ledger);
        let shape = shape(text.as_bytes()).unwrap_or(Shape::Entries);
        let result = match shape {
            Shape::Records => wire::each(&text, None, &mut |item| {
                if let Item::Record(record) = item {
                    reading.add(&record.value, None);
                }
            }),
            Shape::Answer | Shape::Entries => {
                let under = matches!(shape, Shape::Answer).then_some("vulnerabilities");
                wire::each(&text, under, &mut |item| match item {
                    Item::Record(Lenient { value, .. }) => {
                        let EntryWire { cve, annotation } = &value;
                        reading.add(&cve.value, Some(&annotation.value));
                    }
                    Item::Header(key, at) if key == "timestamp" => {
                        reading.batch.as_of = prose::instant(at.trimmed());
                    }
                    Item::Header(..) => {}
                })
            }
        };
        if let Err(broken) = result {
            reading.ledger.broken(&broken);
        }
        let (read, skipped, notes) = reading.ledger.close();
        let value = Batch {
            read,
            skipped,
            ..reading.batch
        };
        Parsed { value, notes }
    }
}

/// How records are wrapped.
enum Shape {
    /// An answer of the API, with a list of entries.
    Answer,
    /// `{"cve": …}` one after the other.
    Entries,
    /// The records themselves.
    Records,
}

fn shape(bytes: &[u8]) -> Option<Shape> {
    let mut shape = None;
    json::recognise(bytes, |key| {
        shape = match key {
            "resultsPerPage" => Some(Shape::Answer),
            "cve" | "_annotation" => Some(Shape::Entries),
            "sourceIdentifier" | "vulnStatus" => Some(Shape::Records),
            "id" => return Hint::Open,
            _ => None,
        };
        if shape.is_some() { Hint::Yes } else { Hint::No }
    });
    shape
}

/// What has been read of a document so far.
#[derive(Default)]
struct Reading {
    batch: Batch,
    ledger: Ledger,
}

impl Reading {
    fn add(&mut self, wire: &CveWire<'_>, annotation: Option<&AnnotationWire<'_>>) {
        if !self.ledger.admit() {
            return;
        }
        let correction = annotation.filter(|a| !a.id.trimmed().is_empty());
        let id = correction.map_or(&wire.id, |a| &a.id);
        let Ok(cve) = id.trimmed().parse::<CveId>() else {
            self.ledger.refuse("record without a CVE id", None);
            return;
        };
        let at = |own: &Text<'_>, theirs: Option<&Text<'_>>| {
            prose::instant(own.trimmed()).or_else(|| prose::instant(theirs?.trimmed()))
        };
        let published = at(&wire.published, correction.map(|a| &a.published));
        let modified = at(&wire.modified, correction.map(|a| &a.modified));
        let rejected = wire.status.trimmed().eq_ignore_ascii_case("rejected");
        if correction.is_none() {
            self.batch.cves.push(CveRecord {
                cve,
                published,
                modified,
                rejected,
                summary: summary(wire),
                scores: scores(&wire.metrics.value),
                ssvc: None,
            });
        }
        let mut products = Products::default();
        for configuration in &wire.configurations.items {
            products.configuration(&configuration.value, &mut self.ledger);
        }
        let affected = products.into_affected();
        let unanalysed = unanalysed(wire.status.trimmed()).filter(|_| affected.is_empty());
        if rejected || (affected.is_empty() && unanalysed.is_none()) {
            self.ledger.skip("no product is named");
            return;
        }
        self.batch.advisories.push(Advisory {
            id: format!("NVD-{cve}"),
            aliases: vec![cve.to_string()],
            related: Vec::new(),
            upstream: Vec::new(),
            published,
            modified,
            withdrawn: None,
            summary: unanalysed.unwrap_or_default(),
            scores: Vec::new(),
            severity: None,
            informational: None,
            exploited: None,
            affected,
            references: Vec::new(),
        });
    }
}

/// The honest line of a record that NVD has not worked on.
fn unanalysed(status: &str) -> Option<String> {
    let status = status.to_lowercase();
    let words = [
        "received",
        "awaiting analysis",
        "undergoing analysis",
        "deferred",
    ];
    words
        .contains(&status.as_str())
        .then(|| format!("NVD has not said which products are affected ({status})"))
}

fn summary(wire: &CveWire<'_>) -> String {
    let descriptions = || wire.descriptions.items.iter().map(|d| &d.value);
    let english = |d: &&DescriptionWire<'_>| d.language.trimmed().eq_ignore_ascii_case("en");
    let best = descriptions()
        .find(english)
        .or_else(|| descriptions().next());
    best.map(|d| prose::first_sentence(&d.value.0))
        .unwrap_or_default()
}

fn scores(metrics: &MetricsWire<'_>) -> Vec<CvssVector> {
    let mut scores: Vec<CvssVector> = Vec::new();
    let lists = [&metrics.v40, &metrics.v31, &metrics.v30, &metrics.v2];
    for metric in lists
        .into_iter()
        .flat_map(|list| list.items.iter().take(SCORES_MAX))
    {
        let vector = metric.value.data.value.vector.trimmed();
        let score = CvssVector {
            vector: vector.to_owned(),
            source: scorer(metric.value.source.trimmed()),
        };
        if vector.contains('/') && !scores.contains(&score) {
            scores.push(score);
        }
    }
    scores
}

/// The most scores kept of one version of CVSS.
const SCORES_MAX: usize = 8;

/// Who scored, as CVE records name it where that is known.
fn scorer(source: &str) -> String {
    match source {
        "nvd@nist.gov" => "nvd".to_owned(),
        "134c704f-9b21-4f2e-91b3-4a467353bcc0" => "cisa-adp".to_owned(),
        _ => {
            let name = source.rsplit('@').next().unwrap_or(source);
            name.to_lowercase().chars().take(60).collect()
        }
    }
}
