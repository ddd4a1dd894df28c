//! CVE records in JSON 5.0 to 5.2, and 4.0 (<https://github.com/CVEProject/cve-schema>): who scored what, CISA's SSVC decision
//! points (<https://github.com/cisagov/vulnrichment>), and whether the id was rejected.
//!
//! `affected[]` names products in prose or by CPE, not packages of an ecosystem: it becomes a record of its own (`CNA-CVE-…`)
//! about products, one of the weaker sources. The KEV mark of an ADP container is
//! a copy of the catalogue's, which has its own feed. Vulnrichment is a git repository without a single file to fetch, so
//! there is no location.

mod affected;
mod v4;

use std::collections::HashSet;

use base::{CveId, Parsed};

use affected::{AffectedWire, Role};

use super::json::Hint;
use super::ledger::Ledger;
use super::wire::{self, Item, Lenient, List, Text, wire};
use super::{Document, Feed, Location, json, prose};
use crate::model::{Advisory, Affected, Batch, CveRecord, CvssVector, Exploitation, Ssvc};

/// The feed.
pub struct Cve5;

wire! {
    /// The top level of a record.
    struct RecordWire<'a> {
        "cveMetadata" => metadata: Lenient<MetadataWire<'a>>,
        "containers" => containers: Lenient<ContainersWire<'a>>,
    }
}

wire! {
    /// `cveMetadata`.
    struct MetadataWire<'a> {
        "cveId" => cve: Text<'a>,
        "state" => state: Text<'a>,
        "datePublished" => published: Text<'a>,
        "dateUpdated" => updated: Text<'a>,
    }
}

wire! {
    /// `containers`: the numbering authority's own, and those of authorised data publishers.
    struct ContainersWire<'a> {
        "cna" => cna: Lenient<ContainerWire<'a>>,
        "adp" => adp: List<Lenient<ContainerWire<'a>>>,
    }
}

wire! {
    /// `containers.cna`, `containers.adp[]`.
    struct ContainerWire<'a> {
        "providerMetadata" => provider: Lenient<ProviderWire<'a>>,
        "title" => title: Text<'a>,
        "descriptions" => descriptions: List<Lenient<DescriptionWire<'a>>>,
        "metrics" => metrics: List<Lenient<MetricWire<'a>>>,
        "affected" => affected: List<Lenient<AffectedWire<'a>>>,
    }
}

wire! {
    /// `providerMetadata`.
    struct ProviderWire<'a> {
        "shortName" => name: Text<'a>,
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
    /// `metrics[]`: one of the CVSS versions, or something else under `other`.
    struct MetricWire<'a> {
        "cvssV4_0" => v4: Lenient<CvssWire<'a>>,
        "cvssV3_1" => v31: Lenient<CvssWire<'a>>,
        "cvssV3_0" => v30: Lenient<CvssWire<'a>>,
        "cvssV2_0" => v2: Lenient<CvssWire<'a>>,
        "other" => other: Lenient<OtherWire<'a>>,
    }
}

wire! {
    /// `cvssV…`.
    struct CvssWire<'a> {
        "vectorString" => vector: Text<'a>,
    }
}

wire! {
    /// `other`.
    struct OtherWire<'a> {
        "type" => kind: Text<'a>,
        "content" => content: Lenient<SsvcWire<'a>>,
    }
}

wire! {
    /// `other.content` of type `ssvc`.
    struct SsvcWire<'a> {
        "timestamp" => at: Text<'a>,
        "options" => options: List<Lenient<OptionWire<'a>>>,
    }
}

/// One object of SSVC options; CISA writes one key an object, and both its keys and its values in changing case.
#[derive(Default)]
struct OptionWire<'a> {
    exploitation: Text<'a>,
    automatable: Text<'a>,
    impact: Text<'a>,
}

impl<'de> wire::Object<'de> for OptionWire<'de> {
    fn read<A: serde::de::MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<u32, A::Error> {
        let (field, bit) = match key.trim().to_ascii_lowercase().replace('_', " ").as_str() {
            "exploitation" => (&mut self.exploitation, 1),
            "automatable" => (&mut self.automatable, 2),
            "technical impact" | "technicalimpact" => (&mut self.impact, 4),
            _ => return map.next_value::<serde::de::IgnoredAny>().map(|_| 0),
        };
        *field = map.next_value()?;
        Ok(bit)
    }
}

impl Feed for Cve5 {
    fn id(&self) -> &'static str {
        "cve5"
    }

    fn about(&self) -> &'static str {
        "CVE records in JSON 5 and 4: scores, products, CISA's SSVC decisions (CVE Program, CISA vulnrichment)"
    }

    fn locations(&self) -> &'static [Location] {
        &[]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        json::recognise(document.bytes, |key| match key {
            "cveMetadata" | "CVE_data_meta" => Hint::Yes,
            "id" | "affected" | "schema_version" | "catalogVersion" | "bomFormat" | "document" => {
                Hint::No
            }
            _ => Hint::Open,
        })
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut ledger = Ledger::default();
        let mut batch = Batch::default();
        let text = json::text(document.bytes, &mut ledger);
        let result = if is_v4(text.as_bytes()) {
            wire::each(&text, None, &mut |item| match item {
                Item::Record(wire) if ledger.admit() => {
                    v4::add(&wire.value, &mut batch, &mut ledger)
                }
                _ => {}
            })
        } else {
            wire::each(&text, None, &mut |item| match item {
                Item::Record(wire) if ledger.admit() => add(&wire.value, &mut batch, &mut ledger),
                _ => {}
            })
        };
        if let Err(broken) = result {
            ledger.broken(&broken);
        }
        let (read, skipped, notes) = ledger.close();
        let value = Batch {
            read,
            skipped,
            ..batch
        };
        Parsed { value, notes }
    }
}

fn is_v4(bytes: &[u8]) -> bool {
    json::recognise(bytes, |key| match key {
        "CVE_data_meta" => Hint::Yes,
        "cveMetadata" | "containers" => Hint::No,
        _ => Hint::Open,
    })
}

fn add(wire: &RecordWire<'_>, batch: &mut Batch, ledger: &mut Ledger) {
    let Some(record) = record(wire) else {
        ledger.refuse("record without a CVE id", None);
        return;
    };
    let containers = &wire.containers.value;
    let own = containers
        .cna
        .value
        .affected
        .items
        .iter()
        .map(|a| (&a.value, Role::Cna));
    let adp = containers
        .adp
        .items
        .iter()
        .flat_map(|c| &c.value.affected.items);
    let entries = own.chain(adp.map(|a| (&a.value, Role::Adp)));
    if !record.rejected {
        let affected = affected::affected(entries, ledger);
        batch.advisories.extend(product_record(&record, affected));
    }
    batch.cves.push(record);
}

/// What the record says of products, as an advisory of its own: under the CVE's id it would take the place of what a
/// distribution publishes under that id.
fn product_record(record: &CveRecord, affected: Vec<Affected>) -> Option<Advisory> {
    (!affected.is_empty()).then(|| Advisory {
        id: format!("CNA-{}", record.cve),
        aliases: vec![record.cve.to_string()],
        related: Vec::new(),
        upstream: Vec::new(),
        published: record.published,
        modified: record.modified,
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected,
        references: Vec::new(),
    })
}

fn record(wire: &RecordWire<'_>) -> Option<CveRecord> {
    let metadata = &wire.metadata.value;
    let cve: CveId = metadata.cve.trimmed().parse().ok()?;
    let containers = &wire.containers.value;
    let cna = &containers.cna.value;
    let mut all = vec![(cna, "cna")];
    all.extend(containers.adp.items.iter().map(|adp| (&adp.value, "adp")));
    Some(CveRecord {
        cve,
        published: prose::instant(metadata.published.trimmed()),
        modified: prose::instant(metadata.updated.trimmed()),
        rejected: metadata.state.trimmed().eq_ignore_ascii_case("rejected"),
        summary: summary(cna),
        scores: scores(&all),
        ssvc: all
            .iter()
            .flat_map(|(container, _)| &container.metrics.items)
            .filter_map(|m| ssvc(&m.value.other.value))
            .max_by_key(|s| s.at),
    })
}

fn summary(cna: &ContainerWire<'_>) -> String {
    let title = prose::one_line(&cna.title.0);
    if !title.is_empty() {
        return title;
    }
    let descriptions = || cna.descriptions.items.iter().map(|d| &d.value);
    let english = |d: &&DescriptionWire<'_>| {
        d.language
            .trimmed()
            .get(..2)
            .is_some_and(|l| l.eq_ignore_ascii_case("en"))
    };
    let best = descriptions()
        .find(english)
        .or_else(|| descriptions().next());
    best.map(|d| prose::first_sentence(&d.value.0))
        .unwrap_or_default()
}

fn scores(containers: &[(&ContainerWire<'_>, &str)]) -> Vec<CvssVector> {
    let mut seen = HashSet::new();
    let mut scores = Vec::new();
    for (container, role) in containers {
        let name = container.provider.value.name.trimmed();
        let source = if name.is_empty() {
            (*role).to_owned()
        } else {
            name.to_lowercase()
        };
        for metric in &container.metrics.items {
            let metric = &metric.value;
            for cvss in [&metric.v4, &metric.v31, &metric.v30, &metric.v2] {
                let vector = cvss.value.vector.trimmed();
                if !vector.is_empty() && seen.insert((vector, name)) {
                    scores.push(CvssVector {
                        vector: vector.to_owned(),
                        source: source.clone(),
                    });
                }
            }
        }
    }
    scores
}

/// The decision points, if this is an SSVC entry with at least one that is understood.
fn ssvc(other: &OtherWire<'_>) -> Option<Ssvc> {
    if !other
        .kind
        .trimmed()
        .to_ascii_lowercase()
        .starts_with("ssvc")
    {
        return None;
    }
    let content = &other.content.value;
    let options = || content.options.items.iter().map(|o| &o.value);
    let ssvc = Ssvc {
        exploitation: options().find_map(|o| exploitation(&o.exploitation)),
        automatable: options().find_map(|o| one_of(&o.automatable, "yes", "no")),
        total_impact: options().find_map(|o| one_of(&o.impact, "total", "partial")),
        at: prose::instant(content.at.trimmed()),
    };
    let known =
        ssvc.exploitation.is_some() || ssvc.automatable.is_some() || ssvc.total_impact.is_some();
    known.then_some(ssvc)
}

fn exploitation(text: &Text<'_>) -> Option<Exploitation> {
    match text.trimmed().to_ascii_lowercase().as_str() {
        "none" => Some(Exploitation::None),
        "poc" | "public poc" => Some(Exploitation::Poc),
        "active" => Some(Exploitation::Active),
        _ => None,
    }
}

fn one_of(text: &Text<'_>, yes: &str, no: &str) -> Option<bool> {
    let text = text.trimmed();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is(yes) {
        Some(true)
    } else {
        is(no).then_some(false)
    }
}
