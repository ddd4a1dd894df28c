//! The catalog as a whole: what it answers, that what goes in comes out in any order and feed by feed, and that nothing in a
//! damaged file can panic. Here: the batches the tests share.

mod answers;
mod damage;
mod delta;
mod diff;
mod overlay;
mod properties;

use base::{CveId, Kb, Severity};
use jiff::Timestamp;
use jiff::civil::date;
use versions::{Event, EventKind, Range, RangeKind};

use super::*;
use crate::model::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|t| (*t).to_owned()).collect()
}

fn range(kind: RangeKind, events: &[(EventKind, &str)]) -> Range {
    Range {
        kind,
        events: events
            .iter()
            .map(|(kind, v)| Event {
                kind: *kind,
                version: (*v).to_owned(),
            })
            .collect(),
    }
}

fn affected(ecosystem: &str, package: &str, fixed: &str) -> Affected {
    Affected {
        ecosystem: ecosystem.parse().unwrap(),
        package: package.to_owned(),
        ranges: vec![range(
            RangeKind::Ecosystem,
            &[(EventKind::Introduced, "0"), (EventKind::Fixed, fixed)],
        )],
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        component: None,
        updates: Vec::new(),
        vendor_state: None,
    }
}

fn advisory(id: &str, modified: &str, affected: Vec<Affected>) -> Advisory {
    Advisory {
        id: id.to_owned(),
        aliases: Vec::new(),
        related: Vec::new(),
        upstream: Vec::new(),
        published: None,
        modified: Some(time(modified)),
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected,
        references: Vec::new(),
    }
}

fn batch(advisories: Vec<Advisory>) -> Batch {
    Batch {
        read: advisories.len() as u64,
        advisories,
        ..Batch::default()
    }
}

fn build(parts: &[(&str, Batch)]) -> Vec<u8> {
    let mut builder = Builder::new();
    parts
        .iter()
        .for_each(|(feed, batch)| builder.add(feed, batch.clone()));
    builder.finish()
}

fn open(parts: &[(&str, Batch)]) -> Catalog {
    Catalog::from_bytes(build(parts)).unwrap()
}

fn vector(vector: &str, source: &str) -> CvssVector {
    CvssVector {
        vector: vector.to_owned(),
        source: source.to_owned(),
    }
}

/// A little of everything.
fn sample() -> Vec<(&'static str, Batch)> {
    vec![
        ("osv/Red Hat", batch(vec![erratum()])),
        ("osv/PyPI", batch(vec![of_a_python_package(), withdrawn()])),
        ("kev", kev()),
        ("epss", epss()),
        ("cve5", cves()),
    ]
}

fn erratum() -> Advisory {
    let releases = ["8::appstream", "8::baseos", "9::appstream"];
    let of = |package: &str| {
        releases.map(|release| {
            let ecosystem = format!("Red Hat:enterprise_linux:{release}");
            affected(&ecosystem, package, "1:1.1.1-2")
        })
    };
    Advisory {
        related: texts(&["CVE-2024-0001", "CVE-2024-0002"]),
        severity: Some(Severity::High),
        summary: "openssl update".to_owned(),
        references: texts(&["https://example.org/RHSA-2024:0001"]),
        ..advisory(
            "RHSA-2024:0001",
            "2024-03-01T00:00:00Z",
            [of("openssl"), of("openssl-libs")].concat(),
        )
    }
}

fn of_a_python_package() -> Advisory {
    let entry = Affected {
        versions: texts(&["nightly", "7.0"]),
        except: texts(&["4.9"]),
        scores: vec![vector(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "ghsa",
        )],
        component: None,
        updates: Vec::new(),
        vendor_state: Some(VendorState::WontFix),
        ..affected("PyPI", "Zope.Interface", "5.0")
    };
    Advisory {
        aliases: texts(&["CVE-2024-0001", "PYSEC-2024-1"]),
        published: Some(time("2024-01-01T10:00:00.5Z")),
        informational: Some("unmaintained".to_owned()),
        ..advisory("GHSA-aaaa-bbbb-cccc", "2024-02-01T00:00:00Z", vec![entry])
    }
}

fn withdrawn() -> Advisory {
    Advisory {
        withdrawn: Some(time("2024-05-01T00:00:00Z")),
        ..advisory(
            "GHSA-dddd-eeee-ffff",
            "2024-05-01T00:00:00Z",
            vec![affected("PyPI", "zope-interface", "9")],
        )
    }
}

fn kev() -> Batch {
    let entry = KevEntry {
        cve: CveId::new(2024, 1),
        added: date(2024, 3, 2),
        due: Some(date(2024, 3, 1)),
        ransomware: Some(true),
        vendor: "OpenSSL".to_owned(),
        product: "OpenSSL".to_owned(),
        name: "a name".to_owned(),
    };
    Batch {
        kev: vec![entry],
        as_of: Some(time("2024-06-01T00:00:00Z")),
        read: 1,
        ..Batch::default()
    }
}

fn epss() -> Batch {
    let row = |number, score, percentile| EpssRow {
        cve: CveId::new(2024, number),
        score,
        percentile,
    };
    Batch {
        epss: vec![row(2, 0.00043, 0.12345), row(1, 0.97565, 0.99999)],
        epss_model: Some(EpssModel {
            version: "v4".to_owned(),
            date: Some(date(2024, 6, 2)),
        }),
        as_of: Some(time("2024-06-02T00:00:00Z")),
        read: 3,
        skipped: vec![("not a CVE".to_owned(), 1)],
        ..Batch::default()
    }
}

fn cves() -> Batch {
    let record = CveRecord {
        cve: CveId::new(2024, 1),
        published: Some(time("2024-01-01T00:00:00Z")),
        modified: Some(time("2024-01-02T00:00:00Z")),
        rejected: false,
        summary: "a hole".to_owned(),
        scores: vec![vector(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "nvd",
        )],
        ssvc: Some(Ssvc {
            exploitation: Some(Exploitation::Poc),
            automatable: Some(true),
            total_impact: None,
            at: Some(time("2024-01-03T00:00:00Z")),
        }),
    };
    Batch {
        cves: vec![record],
        read: 1,
        ..Batch::default()
    }
}
