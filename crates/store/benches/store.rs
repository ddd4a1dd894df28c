//! `cargo bench -p store [-- HOSTS]`: importing a fleet, one report, the whole chain, a backup; on SQLite with every commit on the
//! disk, and on a PostgreSQL of its own, which does not wait for the disk. Prints the rows of docs/performance.md.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench"
)]

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use base::{Digest, HostId};
use fleet::change::{Report, What};
use fleet::identity::{Identifier, IdentifierKind};
use fleet::release::{Release, ReleaseId};
use inventory::{Host, HostKind, Location, Package, Source};
use jiff::Timestamp;
use store::hosts::NewHost;
use store::identifiers::HostIdentifier;
use store::log::{Actor, Entry};
use store::{Store, Summary, backup, hosts, identifiers, inventories, log, releases, reports};

const PACKAGES: u32 = 700;
const IMAGES: u32 = 400;
/// Hosts a transaction, as an import has them.
const BATCH: u32 = 500;
const REPORTS: usize = 300;

fn main() {
    let hosts = std::env::args()
        .filter_map(|word| word.parse().ok())
        .next()
        .unwrap_or(10_000);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.db");
    println!("| SQLite | |\n|---|---|");
    measure(&Store::open(&file).unwrap(), hosts, directory.path());
    let size = std::fs::metadata(&file).unwrap().len();
    println!(
        "| file | {} MB, {} bytes a host |",
        size >> 20,
        size / u64::from(hosts)
    );
    println!("| PostgreSQL | |\n|---|---|");
    let scratch = tempfile::tempdir().unwrap();
    measure(
        &Store::connect(&testkit::postgres_database()).unwrap(),
        hosts,
        scratch.path(),
    );
}

/// A host of an image; every fifth has some packages in a version of its own.
fn host(number: u32) -> Host {
    // Few images have most of the hosts.
    let skew = u64::from(number) * 2_654_435_761 % 1_000_003;
    let image = u32::try_from(skew * skew / 1_000_003 * u64::from(IMAGES) / 1_000_003).unwrap();
    let odd = if number.is_multiple_of(5) { number } else { 0 };
    let package = |n: u32| {
        let revision = if n < 20 { image + odd } else { image % (1 + n) };
        let version = format!("1.{n}.{revision}-2+deb12u1");
        let purl =
            format!("pkg:deb/debian/library-{n}-common@{version}?arch=amd64&distro=debian-12");
        Package {
            ecosystem: Some("Debian:12".parse().unwrap()),
            purl: purl.parse().ok(),
            source: Some(Source {
                name: format!("library-{}", n / 3),
                version: None,
            }),
            arch: Some("amd64".to_owned()),
            ..Package::new(
                format!("library-{n}-common"),
                Some(version),
                Location::file("var/lib/dpkg/status"),
            )
        }
    };
    Host {
        packages: (0..PACKAGES).map(package).collect(),
        ..Host::new(format!("host-{number}"), HostKind::Machine)
    }
}

/// What an importer remembers: an inventory that was seen needs no second look.
type Seen = HashMap<Digest, Vec<ReleaseId>>;

fn measure(store: &Store, count: u32, directory: &Path) {
    let (mut seen, mut preparing) = (Seen::new(), Duration::ZERO);
    let start = Instant::now();
    for first in (0..count).step_by(BATCH as usize) {
        let before = Instant::now();
        let batch: Vec<Host> = (first..count.min(first + BATCH)).map(host).collect();
        let batch: Vec<(Host, store::Document)> = batch
            .into_iter()
            .map(|host| (host.clone(), inventories::document(host)))
            .collect();
        preparing += before.elapsed();
        import(store, &batch, &mut seen);
    }
    let elapsed = start.elapsed() - preparing;
    let rate = f64::from(count) / elapsed.as_secs_f64();
    println!(
        "| {count} hosts, {} releases, {} inventories, {BATCH} a transaction | {:.1} s, {rate:.0} hosts/s |",
        store.read(releases::count).unwrap(),
        seen.len(),
        elapsed.as_secs_f64()
    );
    println!(
        "| their documents, before any transaction, one core | {:.1} s |",
        preparing.as_secs_f64()
    );
    one_by_one(store, &seen);
    let timed = |what: &str, act: &dyn Fn()| {
        let start = Instant::now();
        act();
        println!("| {what} | {:.2} s |", start.elapsed().as_secs_f64());
    };
    timed("all latest reports", &|| {
        drop(store.read(reports::latest).unwrap())
    });
    timed("all releases", &|| drop(store.read(releases::all).unwrap()));
    timed("the whole chain verified", &|| {
        drop(store.read(|tx| log::verify(tx, None)).unwrap())
    });
    timed("a backup", &|| {
        drop(backup::backup(store, &directory.join("backup.db")).unwrap())
    });
}

fn import(store: &Store, batch: &[(Host, store::Document)], seen: &mut Seen) {
    store
        .write(|tx| {
            let next = log::next(tx, Timestamp::UNIX_EPOCH)?;
            let new: Vec<NewHost> = batch
                .iter()
                .map(|(host, _)| NewHost {
                    name: host.name.clone(),
                    kind: host.kind,
                })
                .collect();
            let ids = hosts::add(tx, &new, next.sequence)?;
            let told = ids.iter().zip(&new).map(|(id, new)| HostIdentifier {
                host: *id,
                identifier: Identifier::normal(IdentifierKind::Name, new.name.as_str()),
                source: "import".to_owned(),
                learned: next.sequence,
            });
            identifiers::learn(tx, &told.collect::<Vec<_>>())?;
            let mut fresh = Vec::new();
            let mut whats = Vec::new();
            for ((host, document), id) in batch.iter().zip(ids) {
                let digest = document.digest();
                if let std::collections::hash_map::Entry::Vacant(place) = seen.entry(digest) {
                    let mut ids = releases::intern(tx, &Release::of_host(host))?;
                    ids.sort();
                    ids.dedup();
                    place.insert(ids);
                    fresh.push(document.clone());
                }
                whats.push(report(id, digest, &seen[&digest]));
            }
            inventories::keep(tx, &fresh)?;
            let entry = |what| Entry {
                at: next.at,
                what,
                summary: Summary::nothing(),
                actor: Actor::Program("import"),
            };
            log::append_all(tx, &whats.iter().map(entry).collect::<Vec<_>>())
        })
        .unwrap();
}

fn report(host: HostId, inventory: Digest, ids: &[ReleaseId]) -> What {
    What::Reported(Report {
        host,
        seen_at: Timestamp::UNIX_EPOCH,
        source: "import".to_owned(),
        inventory,
        releases: ids.to_vec(),
        evaluated: Vec::new(),
    })
}

/// One report a transaction, acknowledged one by one.
fn one_by_one(store: &Store, seen: &Seen) {
    let mut sorted: Vec<_> = seen.iter().collect();
    sorted.sort();
    let mut times = Vec::new();
    for (n, (inventory, ids)) in (0..).zip(sorted.into_iter().cycle().take(REPORTS)) {
        let what = report(HostId(n), *inventory, ids);
        let start = Instant::now();
        store
            .write(|tx| {
                let at = log::next(tx, Timestamp::UNIX_EPOCH)?.at;
                log::append(
                    tx,
                    &Entry {
                        at,
                        what: &what,
                        summary: Summary::nothing(),
                        actor: Actor::Program("agent"),
                    },
                )
            })
            .unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    println!(
        "| one report, committed by itself | p50 {:.2} ms, p99 {:.2} ms |",
        at(50),
        at(99)
    );
}
