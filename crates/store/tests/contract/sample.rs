//! Small values of every noun, and a short history of a fleet.

use base::{Digest, HostId};
use fleet::change::{Act, CatalogChange, HitsChange, Report, What};
use fleet::hit::Hit;
use fleet::release::{Release, ReleaseId};
use inventory::{Host, HostKind, Location, Package};
use jiff::Timestamp;
use matching::FixState;
use store::hosts::NewHost;
use store::log::{Actor, Entry};
use store::{Link, Result, Summary, Tx, hosts, inventories, log, releases};

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A host with some packages, `version` of each.
pub(crate) fn host(name: &str, version: &str) -> Host {
    let package = |package: &str| Package {
        ecosystem: Some("Debian:12".parse().unwrap()),
        ..Package::new(
            package,
            Some(version.to_owned()),
            Location::file("var/lib/dpkg/status"),
        )
    };
    Host {
        packages: vec![package("openssl"), package("zlib")],
        ..Host::new(name, HostKind::Machine)
    }
}

pub(crate) fn hit(id: &str) -> Hit {
    Hit {
        id: id.to_owned(),
        aliases: vec![format!("alias-of-{id}")],
        cves: vec!["CVE-2026-33824".parse().unwrap()],
        fixed: vec!["3.0.1".to_owned()],
        fix_state: FixState::Fixed,
        is_unimportant: false,
        is_notice: false,
    }
}

fn change(release: u32, ended: &[&str], now: Vec<Hit>) -> HitsChange {
    let ended = ended.iter().map(|id| (*id).to_owned()).collect();
    HitsChange {
        release: ReleaseId(release),
        ended,
        now,
    }
}

/// Adds one host.
pub(crate) fn add_host(tx: &Tx<'_>, name: &str) -> Result<HostId> {
    let next = log::next(tx, Timestamp::UNIX_EPOCH)?;
    let new = NewHost {
        name: name.to_owned(),
        kind: HostKind::Machine,
    };
    Ok(hosts::add(tx, &[new], next.sequence)?[0])
}

pub(crate) fn append(tx: &Tx<'_>, now: Timestamp, what: &What) -> Result<Link> {
    let at = log::next(tx, now)?.at;
    log::append(
        tx,
        &Entry {
            at,
            what,
            summary: Summary::nothing(),
            actor: Actor::Program("test"),
        },
    )
}

/// A report of this host, interned and kept.
pub(crate) fn report(tx: &Tx<'_>, id: HostId, host: &Host, seen_at: Timestamp) -> Result<What> {
    let of_host = Release::of_host(host);
    let mut ids = releases::intern(tx, &of_host)?;
    ids.sort();
    ids.dedup();
    let document = inventories::document(host.clone());
    let inventory = document.digest();
    inventories::keep(tx, &[document])?;
    let evaluated = ids
        .first()
        .map(|first| (*first, vec![hit("DSA-1"), hit("DSA-2")]))
        .into_iter()
        .collect();
    Ok(What::Reported(Report {
        host: id,
        seen_at,
        source: "import web.ndjson".to_owned(),
        inventory,
        releases: ids,
        evaluated,
    }))
}

/// A host comes, reports twice, a catalog changes, somebody acts, the host is removed: six entries.
pub(crate) fn short_history(tx: &Tx<'_>) -> Result<Vec<What>> {
    let id = add_host(tx, "web-01")?;
    let start = moment("2026-11-24T08:00:00Z");
    let hour = jiff::SignedDuration::from_hours(1);
    let first = report(tx, id, &host("web-01", "1.0"), start)?;
    let mut done = vec![first];
    append(tx, start, &done[0])?;
    let second = report(tx, id, &host("web-01", "2.0"), start + hour)?;
    let others = vec![
        second,
        What::Catalog(CatalogChange {
            catalog: "c1".to_owned(),
            releases: vec![
                change(0, &["DSA-1"], vec![]),
                change(2, &[], vec![hit("DSA-3"), hit("DSA-1")]),
            ],
        }),
        What::Act(Act {
            kind: "merge".to_owned(),
            subject: 7,
            hosts: vec![id],
            record: Digest::of(b"why"),
        }),
        What::Removed(id),
    ];
    for what in others {
        append(tx, start + hour, &what)?;
        done.push(what);
    }
    Ok(done)
}
