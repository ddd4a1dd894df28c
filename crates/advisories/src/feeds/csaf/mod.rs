//! CSAF 2.0 and 2.1 documents as a feed (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>): vendors' security
//! advisories and VEX (profiles 4 and 5), Red Hat's and Microsoft's among them.
//!
//! What an erratum fixes is one record under the erratum's id, as OSV has it. What a vendor says of one vulnerability, that a
//! package is affected, not affected or still looked at, is a record of its own: `<publisher>-CVE-…` where the document is
//! about that CVE, `<document>/CVE-…` where it is one of many, so that the statements of two documents never replace each
//! other. Publishers list one file a document in a ROLIE feed or `index.txt`, not one to fetch, so there is no location.
//!
//! Microsoft's documents are read as published descriptions of them show: no real one is among the samples.

mod record;
mod statement;
mod subject;
mod tree;

use base::Parsed;

use super::json::Hint;
use super::ledger::Ledger;
use super::wire::{self, Item, Lenient, List, Text, wire};
use super::{Document, Feed, Location, json};
use crate::model::Batch;
use tree::TreeWire;

/// The feed.
pub struct Csaf;

wire! {
    /// A document.
    struct CsafWire<'a> {
        "document" => head: Lenient<HeadWire<'a>>,
        "product_tree" => tree: Lenient<TreeWire<'a>>,
        "vulnerabilities" => vulnerabilities: List<Lenient<VulnerabilityWire<'a>>>,
    }
}

wire! {
    /// `document`.
    struct HeadWire<'a> {
        "category" => category: Text<'a>,
        "csaf_version" => version: Text<'a>,
        "title" => title: Text<'a>,
        "publisher" => publisher: Lenient<PublisherWire<'a>>,
        "tracking" => tracking: Lenient<TrackingWire<'a>>,
        "aggregate_severity" => severity: Lenient<SeverityWire<'a>>,
        "references" => references: List<Lenient<ReferenceWire<'a>>>,
    }
}

wire! {
    /// `document.publisher`.
    struct PublisherWire<'a> {
        "name" => name: Text<'a>,
    }
}

wire! {
    /// `document.tracking`.
    struct TrackingWire<'a> {
        "id" => id: Text<'a>,
        "initial_release_date" => published: Text<'a>,
        "current_release_date" => modified: Text<'a>,
    }
}

wire! {
    /// `document.aggregate_severity`.
    struct SeverityWire<'a> {
        "text" => text: Text<'a>,
    }
}

wire! {
    /// `document.references[]`.
    struct ReferenceWire<'a> {
        "category" => category: Text<'a>,
        "url" => url: Text<'a>,
    }
}

wire! {
    /// `vulnerabilities[]`.
    struct VulnerabilityWire<'a> {
        "cve" => cve: Text<'a>,
        "ids" => ids: List<Lenient<IdWire<'a>>>,
        "title" => title: Text<'a>,
        "product_status" => status: Lenient<StatusWire<'a>>,
        "remediations" => remediations: List<Lenient<RemediationWire<'a>>>,
        "scores" => scores: List<Lenient<ScoreWire<'a>>>,
        "metrics" => metrics: List<Lenient<MetricWire<'a>>>,
        "threats" => threats: List<Lenient<ThreatWire<'a>>>,
    }
}

wire! {
    /// `vulnerabilities[].ids[]`.
    struct IdWire<'a> {
        "text" => text: Text<'a>,
    }
}

wire! {
    /// `product_status`: product ids by what is said of them.
    struct StatusWire<'a> {
        "fixed" => fixed: List<Text<'a>>,
        "first_fixed" => first_fixed: List<Text<'a>>,
        "known_affected" => known_affected: List<Text<'a>>,
        "first_affected" => first_affected: List<Text<'a>>,
        "last_affected" => last_affected: List<Text<'a>>,
        "known_not_affected" => known_not_affected: List<Text<'a>>,
        "under_investigation" => under_investigation: List<Text<'a>>,
    }
}

wire! {
    /// `remediations[]`.
    struct RemediationWire<'a> {
        "category" => category: Text<'a>,
        "details" => details: Text<'a>,
        "date" => date: Text<'a>,
        "url" => url: Text<'a>,
        "product_ids" => products: List<Text<'a>>,
        "group_ids" => groups: List<Text<'a>>,
    }
}

wire! {
    /// `scores[]` of version 2.0.
    struct ScoreWire<'a> {
        "cvss_v4" => v4: Lenient<CvssWire<'a>>,
        "cvss_v3" => v3: Lenient<CvssWire<'a>>,
        "cvss_v2" => v2: Lenient<CvssWire<'a>>,
    }
}

wire! {
    /// `metrics[]` of version 2.1.
    struct MetricWire<'a> {
        "content" => content: Lenient<ScoreWire<'a>>,
    }
}

wire! {
    /// A CVSS object.
    struct CvssWire<'a> {
        "vectorString" => vector: Text<'a>,
    }
}

wire! {
    /// `threats[]`.
    struct ThreatWire<'a> {
        "category" => category: Text<'a>,
        "details" => details: Text<'a>,
    }
}

impl Feed for Csaf {
    fn id(&self) -> &'static str {
        "csaf"
    }

    fn about(&self) -> &'static str {
        "CSAF 2.0 and 2.1 advisories and VEX of vendors (Red Hat, Siemens and others; SUSE and Microsoft: no real sample)"
    }

    fn locations(&self) -> &'static [Location] {
        &[]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        let mut head = false;
        json::recognise(document.bytes, |key| {
            match key {
                "document" => head = true,
                "product_tree" | "vulnerabilities" if head => return Hint::Yes,
                "cveMetadata" | "containers" | "catalogVersion" | "bomFormat" | "@context"
                | "resultsPerPage" => return Hint::No,
                _ => {}
            }
            Hint::Open
        })
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut ledger = Ledger::default();
        let mut batch = Batch::default();
        let text = json::text(document.bytes, &mut ledger);
        let result = wire::each(&text, None, &mut |item| {
            let Item::Record(wire) = item else { return };
            if ledger.admit() {
                record::add(&wire.value, &mut batch, &mut ledger);
            }
        });
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
