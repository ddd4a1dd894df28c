//! CVE records in JSON 4.0 (<https://github.com/CVEProject/cve-schema/tree/main/archive>), the form before 5.0. The CVE list
//! has moved on; vendors that kept their own history (the Apache HTTP Server) still hold it so.

use base::CveId;

use super::product_record;
use crate::feeds::cpe::Products;
use crate::feeds::ledger::Ledger;
use crate::feeds::product::{self, Bounds, Until};
use crate::feeds::prose;
use crate::feeds::wire::{Lenient, List, Text, wire};
use crate::model::{Batch, CveRecord};

wire! {
    /// The top level of a record.
    pub(super) struct RecordWire<'a> {
        "CVE_data_meta" => meta: Lenient<MetaWire<'a>>,
        "affects" => affects: Lenient<AffectsWire<'a>>,
        "description" => description: Lenient<DescriptionsWire<'a>>,
    }
}

wire! {
    /// `CVE_data_meta`.
    struct MetaWire<'a> {
        "ID" => id: Text<'a>,
        "STATE" => state: Text<'a>,
        "TITLE" => title: Text<'a>,
        "DATE_PUBLIC" => published: Text<'a>,
    }
}

wire! {
    /// `description`.
    struct DescriptionsWire<'a> {
        "description_data" => texts: List<Lenient<DescriptionWire<'a>>>,
    }
}

wire! {
    /// `description_data[]`.
    struct DescriptionWire<'a> {
        "value" => value: Text<'a>,
    }
}

wire! {
    /// `affects`.
    struct AffectsWire<'a> {
        "vendor" => vendor: Lenient<VendorsWire<'a>>,
    }
}

wire! {
    /// `affects.vendor`.
    struct VendorsWire<'a> {
        "vendor_data" => vendors: List<Lenient<VendorWire<'a>>>,
    }
}

wire! {
    /// `vendor_data[]`.
    struct VendorWire<'a> {
        "vendor_name" => name: Text<'a>,
        "product" => product: Lenient<ProductsWire<'a>>,
    }
}

wire! {
    /// `product`.
    struct ProductsWire<'a> {
        "product_data" => products: List<Lenient<ProductWire<'a>>>,
    }
}

wire! {
    /// `product_data[]`.
    struct ProductWire<'a> {
        "product_name" => name: Text<'a>,
        "version" => version: Lenient<VersionsWire<'a>>,
    }
}

wire! {
    /// `version`.
    struct VersionsWire<'a> {
        "version_data" => versions: List<Lenient<VersionWire<'a>>>,
    }
}

wire! {
    /// `version_data[]`: `=` (or nothing), `<`, `<=`, `>=`; with `!` not affected, with `?` unknown.
    struct VersionWire<'a> {
        "version_affected" => operator: Text<'a>,
        "version_name" => name: Text<'a>,
        "version_value" => value: Text<'a>,
    }
}

const UNREADABLE: &str = "version left out: not affected, unknown, or not to be compared";

/// Adds one record.
pub(super) fn add(wire: &RecordWire<'_>, batch: &mut Batch, ledger: &mut Ledger) {
    let meta = &wire.meta.value;
    let Ok(cve) = meta.id.trimmed().parse::<CveId>() else {
        ledger.refuse("record without a CVE id", None);
        return;
    };
    let title = prose::one_line(&meta.title.0);
    let text = wire.description.value.texts.items.first();
    let sentence = || text.map(|d| prose::first_sentence(&d.value.value.0));
    let record = CveRecord {
        cve,
        published: prose::instant(meta.published.trimmed()),
        modified: None,
        rejected: meta.state.trimmed().eq_ignore_ascii_case("REJECT"),
        summary: Some(title)
            .filter(|t| !t.is_empty())
            .or_else(sentence)
            .unwrap_or_default(),
        scores: Vec::new(),
        ssvc: None,
    };
    let mut products = Products::default();
    for vendor in &wire.affects.value.vendor.value.vendors.items {
        for product in &vendor.value.product.value.products.items {
            let name = (vendor.value.name.trimmed(), product.value.name.trimmed());
            let Some(package) = product::package(name.0, name.1) else {
                continue;
            };
            let (mut ranges, mut versions) = (Vec::new(), Vec::new());
            for version in &product.value.version.value.versions.items {
                match version.value.read() {
                    Some(Read::Range(range)) => ranges.push(range.range()),
                    Some(Read::One(version)) => versions.push(version.to_owned()),
                    None => ledger.skip(UNREADABLE),
                }
            }
            if !ranges.is_empty() || !versions.is_empty() {
                products.named(package, ranges, versions);
            }
        }
    }
    batch
        .advisories
        .extend(product_record(&record, products.into_affected()));
    batch.cves.push(record);
}

enum Read<'a> {
    Range(Bounds<'a>),
    One(&'a str),
}

impl VersionWire<'_> {
    fn read(&self) -> Option<Read<'_>> {
        let value = self.value.trimmed();
        let is_version = value.bytes().any(|b| b.is_ascii_digit()) && !value.contains(' ');
        if !is_version {
            return None;
        }
        // `Apache HTTP Server 2.4` beside `<= 2.4.53` is the line the bound is for.
        let line = self.name.trimmed().rsplit(' ').next();
        let line =
            line.filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) && *line != value);
        let until = |until| Bounds {
            from: line,
            until: Some(until),
        };
        Some(match self.operator.trimmed() {
            "" | "=" => Read::One(value),
            "<" => Read::Range(until(Until::Fixed(value))),
            "<=" => Read::Range(until(Until::LastAffected(value))),
            ">=" => Read::Range(Bounds {
                from: Some(value),
                until: None,
            }),
            _ => return None,
        })
    }
}
