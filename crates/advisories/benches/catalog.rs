//! How long the catalog takes to be compiled, opened and asked, on a made-up one of 20,000 records in which every shape of
//! the real feeds occurs: a package in many releases, one record over many packages, facts for every CVE.
//!
//! `cargo bench -p advisories`. Each answer is measured beside the limit it must keep: a scan of 1,000 packages in 50 ms
//! leaves 50 µs for a package, and opening may take 5 ms.
#![expect(
    clippy::unwrap_used,
    reason = "stopping is the right answer to a broken fixture"
)]

use std::sync::LazyLock;

use advisories::catalog::{AdvisoryIx, Builder, Catalog};
use advisories::model::{Advisory, Affected, Batch, CveRecord, CvssVector, EpssRow};
use base::CveId;
use divan::{Bencher, black_box};
use jiff::Timestamp;
use versions::{Event, EventKind, Range, RangeKind};

const RECORDS: u32 = 20_000;
const PACKAGES: u32 = 4_000;
const RELEASES: [&str; 4] = ["Debian:10", "Debian:11", "Debian:12", "Debian:13"];

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| builder().finish());
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::from_bytes(BYTES.clone()).unwrap());

fn main() {
    // Built here, or the first sample would pay for it.
    LazyLock::force(&CATALOG);
    divan::main();
}

fn cve(number: u32) -> CveId {
    CveId::new(2000 + (number % 25) as u16, 1000 + number / 25)
}

fn affected(release: &str, package: u32, fixed: u32) -> Affected {
    let event = |kind, version: &str| Event {
        kind,
        version: version.to_owned(),
    };
    Affected {
        ecosystem: release.parse().unwrap(),
        package: format!("package-{package}"),
        ranges: vec![Range {
            kind: RangeKind::Ecosystem,
            events: vec![
                event(EventKind::Introduced, "0"),
                event(EventKind::Fixed, &format!("1.{fixed}-1")),
            ],
        }],
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        component: None,
        updates: Vec::new(),
        vendor_state: None,
    }
}

fn advisory(number: u32) -> Advisory {
    // One record in a hundred is as wide as a distribution's kernel erratum.
    let packages = if number.is_multiple_of(100) { 50 } else { 1 };
    let affected = (0..packages)
        .flat_map(|at| {
            let package = (number * 7 + at * 13) % PACKAGES;
            RELEASES.map(|release| affected(release, package, number % 50))
        })
        .collect();
    Advisory {
        id: format!("DEBIAN-{}", cve(number)),
        aliases: Vec::new(),
        related: Vec::new(),
        upstream: vec![cve(number).to_string()],
        published: None,
        modified: Some(Timestamp::from_second(1_700_000_000 + i64::from(number)).unwrap()),
        withdrawn: None,
        summary: format!("a made-up hole, number {number}"),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected,
        references: vec![format!("https://example.org/{}", cve(number))],
    }
}

fn record(number: u32) -> CveRecord {
    CveRecord {
        cve: cve(number),
        published: None,
        modified: None,
        rejected: false,
        summary: String::new(),
        scores: vec![CvssVector {
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            source: "nvd".to_owned(),
        }],
        ssvc: None,
    }
}

fn builder() -> Builder {
    let row = |number| EpssRow {
        cve: cve(number),
        score: (number % 1000) as f32 / 1000.0,
        percentile: 0.5,
    };
    let mut builder = Builder::new();
    let advisories = (0..RECORDS).map(advisory).collect();
    builder.add(
        "osv/Debian",
        Batch {
            advisories,
            ..Batch::default()
        },
    );
    builder.add(
        "epss",
        Batch {
            epss: (0..RECORDS).map(row).collect(),
            ..Batch::default()
        },
    );
    builder.add(
        "cve5",
        Batch {
            cves: (0..RECORDS).map(record).collect(),
            ..Batch::default()
        },
    );
    builder
}

#[divan::bench(sample_count = 10)]
fn compile(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(builder).bench_values(Builder::finish);
}

#[divan::bench(sample_count = 10)]
fn carry_over_every_feed(bencher: Bencher<'_, '_>) {
    bencher.bench(|| {
        let mut builder = Builder::new();
        builder.carry_over(black_box(&CATALOG), &[]).unwrap();
        builder
    });
}

#[divan::bench]
fn open(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| BYTES.clone())
        .bench_values(|bytes| Catalog::from_bytes(bytes).unwrap());
}

#[divan::bench]
fn verify(bencher: Bencher<'_, '_>) {
    bencher.bench(|| CATALOG.verify().unwrap());
}

/// The candidates of one package, cycling over all packages.
#[divan::bench]
fn candidates(bencher: Bencher<'_, '_>) {
    let mut package = (0..PACKAGES).cycle().map(|n| format!("package-{n}"));
    bencher
        .with_inputs(|| package.next().unwrap())
        .bench_local_refs(|package| CATALOG.candidates("Debian", package).unwrap().len());
}

/// The same for one release of four.
#[divan::bench]
fn candidates_of_one_release(bencher: Bencher<'_, '_>) {
    let mut package = (0..PACKAGES).cycle().map(|n| format!("package-{n}"));
    bencher
        .with_inputs(|| package.next().unwrap())
        .bench_local_refs(|package| {
            let found = CATALOG.candidates_where("Debian", package, |e| e == "Debian:12");
            found.unwrap().len()
        });
}

#[divan::bench]
fn advisory_by_number(bencher: Bencher<'_, '_>) {
    let mut number = (0..RECORDS).cycle();
    bencher
        .with_inputs(|| number.next().unwrap())
        .bench_local_refs(|number| CATALOG.advisory(AdvisoryIx(*number)).unwrap().cves.len());
}

#[divan::bench]
fn find_by_cve(bencher: Bencher<'_, '_>) {
    let mut number = (0..RECORDS).cycle();
    bencher
        .with_inputs(|| cve(number.next().unwrap()).to_string())
        .bench_local_refs(|id| CATALOG.find(id).unwrap().len());
}

#[divan::bench]
fn facts_of_a_cve(bencher: Bencher<'_, '_>) {
    let mut number = (0..RECORDS).cycle();
    bencher
        .with_inputs(|| cve(number.next().unwrap()))
        .bench_local_refs(|cve| CATALOG.cve(*cve).unwrap().record.is_some());
}
