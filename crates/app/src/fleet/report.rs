//! Hosts report: each is recognised or new, what nobody had before is matched once, and one transaction takes them all.

use std::collections::HashMap;

use advisories::catalog::Catalog;
use base::HostId;
use fleet::asset::Authority;
use fleet::change::{Report, What};
use fleet::evaluate::evaluate;
use fleet::hit::Hit;
use fleet::identity::{Identifier, MergeRules, Verdict};
use fleet::index::{Counts, Index};
use fleet::intake::Incoming;
use fleet::release::{Release, ReleaseId};
use jiff::Timestamp;
use rayon::prelude::*;
use store::facts::{self, HostFact};
use store::hosts::{self, NewHost};
use store::identifiers::{self, HostIdentifier};
use store::log::Actor;
use store::{Document, inventories, releases};

use crate::error::Result;
use crate::fleet::commit::{Entries, Fleet};
use crate::fleet::state::refused;
use crate::fleet::system;

/// Who speaks when a host says what it runs.
const HOST: &str = "host";

/// What became of reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Reports that were taken.
    pub reports: u64,
    /// Hosts that were not known before.
    pub new_hosts: u64,
    /// Reports that say, for the same moment, what is known already: nothing was written.
    pub unchanged: u64,
    /// Reports older than what is known of their host: kept, and nothing else changed.
    pub outdated: u64,
    /// Releases nobody had before.
    pub new_releases: u64,
    /// What they did to findings.
    pub findings: Counts,
    /// Hosts that may be one that is known: somebody has to say.
    pub doubts: u64,
}

/// A report, ready to be written.
struct Ready<'i> {
    incoming: &'i Incoming,
    /// The host, if it is known; else the place among the new ones.
    host: Whose,
    document: Document,
    releases: Vec<Release>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Known(HostId),
    New(usize),
}

impl Taken {
    /// With those of another batch.
    pub fn add(&mut self, other: &Self) {
        self.reports += other.reports;
        self.new_hosts += other.new_hosts;
        self.unchanged += other.unchanged;
        self.outdated += other.outdated;
        self.new_releases += other.new_releases;
        self.doubts += other.doubts;
        add(&mut self.findings, other.findings);
    }
}

fn add(sum: &mut Counts, more: Counts) {
    sum.opened += more.opened;
    sum.reopened += more.reopened;
    sum.fixed += more.fixed;
    sum.cleared += more.cleared;
    sum.gone_with_host += more.gone_with_host;
}

/// Takes reports, in their order, in one transaction. The catalog must be the one that holds.
pub fn take(
    fleet: &mut Fleet,
    catalog: &Catalog,
    rules: &MergeRules,
    incoming: &[Incoming],
    source: &str,
    now: Timestamp,
) -> Result<Taken> {
    fleet.commit(now, Actor::Program("import"), |entries| {
        write(entries, catalog, rules, incoming, source)
    })
}

fn write(
    entries: &mut Entries<'_>,
    catalog: &Catalog,
    rules: &MergeRules,
    incoming: &[Incoming],
    source: &str,
) -> store::Result<Taken> {
    let mut taken = Taken::default();
    let (new, ready) = recognise(entries, rules, incoming, &mut taken);
    let ids = introduce(entries, &new)?;
    let host_of = |whose: Whose| match whose {
        Whose::Known(host) => host,
        Whose::New(at) => ids[at],
    };
    remember(entries, &ready, host_of, source)?;
    let documents: Vec<Document> = ready.iter().map(|one| one.document.clone()).collect();
    inventories::keep(entries.tx, &documents)?;
    let numbered = number(entries, &ready, &mut taken)?;
    let mut hits = hits(&entries.state.index, catalog, &numbered)?;
    for (one, releases) in ready.iter().zip(numbered) {
        let host = host_of(one.host);
        evaluate_let_go(&entries.state.index, catalog, &releases, &mut hits)?;
        let report = report(&entries.state.index, one, host, releases, &hits, source)?;
        if is_known(entries, &report)? {
            taken.unchanged += 1;
            continue;
        }
        let transitions = entries.add(What::Reported(report))?;
        taken.reports += 1;
        taken.outdated += u64::from(transitions.is_outdated);
        add(&mut taken.findings, transitions.counts());
    }
    Ok(taken)
}

/// Whose each report is; those of hosts that are not known yet make one, once for all of its reports.
fn recognise<'i>(
    entries: &mut Entries<'_>,
    rules: &MergeRules,
    incoming: &'i [Incoming],
    taken: &mut Taken,
) -> (Vec<NewHost>, Vec<Ready<'i>>) {
    let prepared: Vec<(Document, Vec<Release>)> = incoming
        .par_iter()
        .map(|one| {
            let releases = Release::of_host(&one.host);
            (inventories::document(one.host.clone()), releases)
        })
        .collect();
    let known = entries.state.hosts.len();
    let directory = &mut entries.state.directory;
    let mut new: Vec<NewHost> = Vec::new();
    let mut ready = Vec::with_capacity(incoming.len());
    for (one, (document, releases)) in incoming.iter().zip(prepared) {
        let resolution = directory.resolve(&one.identifiers, rules);
        let host = match resolution.verdict {
            Verdict::Same { host, doubts, .. } => {
                taken.doubts += u64::from(!doubts.is_empty());
                host
            }
            verdict @ (Verdict::New | Verdict::Doubt(_)) => {
                taken.doubts += u64::from(matches!(verdict, Verdict::Doubt(_)));
                new.push(NewHost {
                    name: one.label.clone(),
                    kind: one.host.kind,
                });
                // Numbers are given in order, so the next is known before it is given.
                HostId((known + new.len() - 1) as u32)
            }
        };
        directory.learn(host, &one.identifiers);
        let whose = match (host.0 as usize).checked_sub(known) {
            Some(at) => Whose::New(at),
            // Under the number it was first known by, whatever it is merged into: a merge is a view.
            None => Whose::Known(host),
        };
        ready.push(Ready {
            incoming: one,
            host: whose,
            document,
            releases,
        });
    }
    taken.new_hosts = new.len() as u64;
    (new, ready)
}

fn introduce(entries: &mut Entries<'_>, new: &[NewHost]) -> store::Result<Vec<HostId>> {
    let learned = entries.sequence();
    let ids = hosts::add(entries.tx, new, learned)?;
    let known = new.iter().zip(&ids).map(|(host, id)| hosts::KnownHost {
        id: *id,
        name: host.name.clone(),
        kind: host.kind,
        learned,
        removed: None,
    });
    let first = entries.state.hosts.len();
    if ids.first().is_some_and(|id| id.0 as usize != first) {
        return Err(refused(
            "the hosts of the store are not those that were read",
        ));
    }
    entries.state.hosts.extend(known);
    Ok(ids)
}

/// Keeps the ids and what hosts say of themselves.
fn remember(
    entries: &Entries<'_>,
    ready: &[Ready<'_>],
    host_of: impl Fn(Whose) -> HostId,
    source: &str,
) -> store::Result<()> {
    let learned = entries.sequence();
    let mut known: Vec<HostIdentifier> = Vec::new();
    let mut said: Vec<HostFact> = Vec::new();
    for one in ready {
        let host = host_of(one.host);
        let of_host = |id: &Identifier| HostIdentifier {
            host,
            identifier: id.clone(),
            source: source.to_owned(),
            learned,
        };
        known.extend(one.incoming.identifiers.iter().map(of_host));
        let seen_at = one.incoming.seen_at;
        let own = one.incoming.said.iter();
        said.extend(own.map(|word| HostFact::of(host, word, seen_at, learned)));
        said.push(HostFact {
            host,
            fact: system::FACT.to_owned(),
            authority: Authority::Host,
            value: system::fact_of(&one.incoming.host),
            source: HOST.to_owned(),
            valid_from: seen_at,
            learned,
        });
    }
    identifiers::learn(entries.tx, &known)?;
    facts::learn(entries.tx, &said)?;
    Ok(())
}

/// The numbers of the releases of each report, sorted, each once. The index learns those that are new.
fn number(
    entries: &mut Entries<'_>,
    ready: &[Ready<'_>],
    taken: &mut Taken,
) -> store::Result<Vec<Vec<ReleaseId>>> {
    let all: Vec<Release> = ready
        .iter()
        .flat_map(|one| one.releases.iter().cloned())
        .collect();
    let before = releases::count(entries.tx)?;
    let ids = releases::intern(entries.tx, &all)?;
    taken.new_releases = releases::count(entries.tx)?.saturating_sub(before);
    for (id, release) in ids.iter().zip(all) {
        let index = &mut entries.state.index;
        if index.release(*id).is_none() {
            index.learn(*id, release).map_err(refused)?;
        }
    }
    let mut rest = ids.as_slice();
    let numbered = ready.iter().map(|one| {
        let (own, more) = rest.split_at(one.releases.len());
        rest = more;
        let mut own = own.to_vec();
        own.sort_unstable();
        own.dedup();
        own
    });
    Ok(numbered.collect())
}

/// The hits of every release that no host has.
fn hits(
    index: &Index,
    catalog: &Catalog,
    numbered: &[Vec<ReleaseId>],
) -> store::Result<HashMap<ReleaseId, Vec<Hit>>> {
    let mut unused: Vec<ReleaseId> = numbered
        .iter()
        .flat_map(|releases| index.to_evaluate(releases))
        .collect();
    unused.sort_unstable();
    unused.dedup();
    let evaluated = unused.into_par_iter().filter_map(|id| {
        let release = index.release(id)?;
        Some(evaluate(catalog, release).map(|hits| (id, hits)))
    });
    evaluated
        .collect::<std::result::Result<_, _>>()
        .map_err(unreadable)
}

/// A release that some host had when the batch began, and that an earlier report of it took from the last one: the index has let its
/// hits go, and this report brings them again.
fn evaluate_let_go(
    index: &Index,
    catalog: &Catalog,
    releases: &[ReleaseId],
    hits: &mut HashMap<ReleaseId, Vec<Hit>>,
) -> store::Result<()> {
    for id in index.to_evaluate(releases) {
        if let Some(release) = index.release(id)
            && !hits.contains_key(&id)
        {
            hits.insert(id, evaluate(catalog, release).map_err(unreadable)?);
        }
    }
    Ok(())
}

fn unreadable(error: impl std::fmt::Display) -> store::StoreError {
    refused(format!("the catalog could not be read: {error}"))
}

fn report(
    index: &Index,
    one: &Ready<'_>,
    host: HostId,
    releases: Vec<ReleaseId>,
    hits: &HashMap<ReleaseId, Vec<Hit>>,
    source: &str,
) -> store::Result<Report> {
    let evaluated = index.to_evaluate(&releases).into_iter().map(|id| {
        let hits = hits.get(&id).cloned();
        // Without its hits a release would stand there as sound.
        hits.map(|hits| (id, hits))
            .ok_or_else(|| refused(format!("release {} was not matched", id.0)))
    });
    Ok(Report {
        host,
        seen_at: one.incoming.seen_at,
        source: source.to_owned(),
        inventory: one.document.digest(),
        evaluated: evaluated.collect::<store::Result<_>>()?,
        releases,
    })
}

/// Whether the same inventory of the same moment was reported before, in an earlier transaction or in this one.
fn is_known(entries: &Entries<'_>, report: &Report) -> store::Result<bool> {
    let last = entries.state.index.last_seen(report.host);
    if last.is_none_or(|last| report.seen_at > last) {
        return Ok(false);
    }
    let (host, seen_at) = (report.host, report.seen_at);
    if entries
        .reports()
        .any(|made| (made.host, made.seen_at, made.inventory) == (host, seen_at, report.inventory))
    {
        return Ok(true);
    }
    store::reports::is_known(entries.tx, host, seen_at, report.inventory)
}
