//! The index: its rules one by one. Random histories against a model are in `tests/histories`.

mod rules;

use base::{CveId, Digest, HostId};
use inventory::Source;
use jiff::Timestamp;
use matching::{FixState, Situation};

use super::{Hour, Index, IndexError, Transitions};
use crate::change::{CatalogChange, Change, HitsChange, Report, What};
use crate::hit::Hit;
use crate::release::{Release, ReleaseId};

/// A package of Debian 12, with its source.
fn release(source: &str, name: &str, version: &str) -> Release {
    Release {
        ecosystem: "Debian:12".parse().ok(),
        name: name.to_owned(),
        version: Some(version.to_owned()),
        source: Some(Source {
            name: source.to_owned(),
            version: None,
        }),
        module: None,
        cpe: None,
        situation: Situation::default(),
    }
}

/// A hit by its id and its aliases; an id of a CVE is its CVE too.
fn hit(id: &str, aliases: &[&str]) -> Hit {
    Hit {
        id: id.to_owned(),
        aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
        cves: id.parse::<CveId>().ok().into_iter().collect(),
        fixed: vec!["9-1".to_owned()],
        fix_state: FixState::Fixed,
        is_unimportant: false,
        is_notice: false,
    }
}

/// An hour of a day that stands for none.
fn hour(hours: i32) -> Timestamp {
    Hour(500_000 + hours).start()
}

/// An index and the log it has taken.
#[derive(Default)]
struct Fleet {
    index: Index,
    log: Vec<Change>,
}

impl Fleet {
    /// Four releases of one source, one of another: r1 to r4 are openssl, r9 is curl.
    fn new() -> Self {
        let mut fleet = Self::default();
        let known = [
            (1, release("openssl", "libssl3", "1-1")),
            (2, release("openssl", "libssl3", "2-1")),
            (3, release("openssl", "libssl3", "3-1")),
            (4, release("openssl", "openssl", "1-1")),
            (9, release("curl", "curl", "8-1")),
        ];
        for (number, release) in known {
            fleet.index.learn(ReleaseId(number), release).unwrap();
        }
        fleet
    }

    fn take(&mut self, at: Timestamp, what: What) -> Result<Transitions, IndexError> {
        let sequence = self.index.sequence() + 1;
        let change = Change { sequence, at, what };
        let transitions = self.index.apply(&change)?;
        self.log.push(change);
        Ok(transitions)
    }

    /// A host reports; hits for those of its releases that nobody has.
    fn report(&mut self, host: u32, at: Timestamp, has: &[(u32, Vec<Hit>)]) -> Transitions {
        self.report_seen(host, at, at, has)
    }

    fn report_seen(
        &mut self,
        host: u32,
        at: Timestamp,
        seen_at: Timestamp,
        has: &[(u32, Vec<Hit>)],
    ) -> Transitions {
        let mut report = report(host, seen_at, has);
        let wanted = self.index.to_evaluate(&report.releases);
        report
            .evaluated
            .retain(|(release, _)| wanted.contains(release));
        self.take(at, What::Reported(report)).unwrap()
    }

    /// Another catalog: what ends and what begins on each release.
    fn catalog(&mut self, at: Timestamp, changes: &[(u32, &[&str], Vec<Hit>)]) -> Transitions {
        let releases = changes.iter().map(|(release, ended, now)| HitsChange {
            release: ReleaseId(*release),
            ended: ended.iter().map(|id| (*id).to_owned()).collect(),
            now: now.clone(),
        });
        let change = CatalogChange {
            catalog: "next".to_owned(),
            releases: releases.collect(),
        };
        self.take(at, What::Catalog(change)).unwrap()
    }

    /// Every finding as `host release id since`, with `again` where it was reopened; hours as in [`hour`].
    fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        for group in self.index.groups() {
            for host in group.hosts.iter() {
                let again = if group.reopened { " again" } else { "" };
                let (release, since) = (group.release.0, group.since.0 - 500_000);
                findings.push(format!("h{host} r{release} {} {since}{again}", group.id));
            }
        }
        findings.sort();
        findings
    }
}

fn report(host: u32, seen_at: Timestamp, has: &[(u32, Vec<Hit>)]) -> Report {
    let releases = has.iter().map(|(release, _)| ReleaseId(*release));
    let evaluated = has.iter().map(|(r, hits)| (ReleaseId(*r), hits.clone()));
    Report {
        host: HostId(host),
        seen_at,
        source: "test".to_owned(),
        inventory: Digest::of(b""),
        releases: releases.collect(),
        evaluated: evaluated.collect(),
    }
}

/// The turns as `turn release id since count`.
fn turns(transitions: &Transitions) -> Vec<String> {
    let groups = transitions.groups.iter();
    groups
        .map(|group| {
            let (turn, release) = (group.turn.as_str(), group.release.0);
            let (since, count) = (group.since.0 - 500_000, group.hosts.len());
            format!("{turn} r{release} {} {since} {count}", group.id)
        })
        .collect()
}
