//! A patch: the unit of action. One upgrade, update or restart that closes many findings on many targets.
//!
//! Everything of one source package (or product) is upgraded at once, so its findings are one patch; but hosts that are on
//! different lines of it (Django 3.2 and 4.2) each stay on theirs, and get a patch a line.

mod after;
mod installer;
mod lines;

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use advisories::model::MICROSOFT;
use base::{Kb, Severity};
use jiff::Timestamp;
use versions::{Scheme, scheme_for};

pub use after::{After, Need};
pub use installer::Installer;

use crate::finding::Finding;
use crate::group::{FindingGroup, Life};
use lines::{Class, classes, order};

/// An upgrade and what it closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// What kind of work it is.
    pub work: Work,
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// What is upgraded: the source package for distributions, the product for an update of Windows, else the package.
    pub package: String,
    /// Which line of versions it stays on (`3.2`), where its hosts are on several; else empty.
    pub line: String,
    /// The installed versions, lowest first as far as they compare.
    pub from: Vec<String>,
    /// The version (or update) that closes all of them; `None` when no fix is known, and for a restart.
    pub to: Option<String>,
    /// Binary packages it upgrades, sorted.
    pub packages: Vec<String>,
    /// Targets (indexes into the report), sorted.
    pub targets: Vec<usize>,
    /// Findings it closes (indexes into the list given), sorted. Of a group those hosts count that are in `targets`.
    pub findings: Vec<usize>,
    /// Distinct vulnerabilities it closes.
    pub vulnerabilities: usize,
    /// How many of those are known exploited.
    pub kev: usize,
    /// The worst severity it closes.
    pub severity: Option<Severity>,
    /// The highest EPSS score it closes.
    pub epss: Option<f32>,
    /// The earliest deadline, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
    /// What has to be started again before it counts.
    pub after: After,
}

/// What kind of work closes findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// A higher version of a package.
    Upgrade,
    /// An update of Windows, by its KB.
    Update,
    /// The fix is installed and does not run yet.
    Restart,
    /// There is nothing to install: keep it from being used.
    Mitigate,
}

impl Work {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Update => "update",
            Self::Restart => "restart",
            Self::Mitigate => "mitigate",
        }
    }
}

/// Folds findings into patches: one for each ecosystem, (source) package and line of versions, with the version that closes
/// all its findings, and one more, without a version, for those of its findings that nothing fixes yet. Every finding is in
/// exactly one.
///
/// Most urgent first: the earliest deadline, then known exploited, severity, EPSS, number of findings, name.
pub fn patches(findings: &[Finding]) -> Vec<Patch> {
    let items = findings.iter().map(|finding| Item {
        finding,
        targets: std::slice::from_ref(&finding.target),
        awaits_restart: false,
    });
    fold(items.enumerate())
}

/// The same of findings that each stand on many hosts. A group whose hosts are on several lines is in a patch of each; a group
/// that is installed and does not run is a restart of its own; what is suppressed is in none.
pub fn group_patches(groups: &[FindingGroup]) -> Vec<Patch> {
    let open = groups.iter().enumerate();
    let open = open.filter(|(_, group)| !matches!(group.life, Life::Suppressed(_)));
    fold(open.map(|(at, group)| {
        let item = Item {
            finding: &group.finding,
            targets: &group.targets,
            awaits_restart: group.life == Life::AwaitsRestart,
        };
        (at, item)
    }))
}

/// A finding and where it stands.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    finding: &'a Finding,
    targets: &'a [usize],
    awaits_restart: bool,
}

/// What is acted on at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit<'a> {
    ecosystem: &'a str,
    /// The package; for updates of Windows the update, which several products may share.
    name: &'a str,
    work: Work,
}

/// A finding of a unit.
#[derive(Clone, Copy, Debug)]
struct Member<'a> {
    /// Index into the list given.
    at: usize,
    item: Item<'a>,
    /// The lowest version that closes it.
    fix: Option<&'a str>,
}

fn fold<'a>(items: impl Iterator<Item = (usize, Item<'a>)>) -> Vec<Patch> {
    let mut units: BTreeMap<Unit<'a>, Vec<Member<'a>>> = BTreeMap::new();
    for (at, item) in items {
        let fix = lowest_fix(item.finding);
        let member = Member { at, item, fix };
        units.entry(unit(&member)).or_default().push(member);
    }
    let mut list: Vec<Patch> = units
        .iter()
        .flat_map(|(unit, members)| unit_patches(unit, members))
        .collect();
    list.sort_by(urgency);
    list
}

fn unit<'a>(member: &Member<'a>) -> Unit<'a> {
    let finding = member.item.finding;
    let source = finding.source_package.as_deref();
    let package = source.unwrap_or(&finding.package);
    let (name, work) = match member.fix {
        _ if member.item.awaits_restart => (package, Work::Restart),
        None => (package, Work::Mitigate),
        Some(fix) if is_update(finding, fix) => (fix, Work::Update),
        Some(_) => (package, Work::Upgrade),
    };
    Unit {
        ecosystem: &finding.ecosystem,
        name,
        work,
    }
}

/// An update is not a version: it has no order, and the match has named the one that holds all it replaces.
fn is_update(finding: &Finding, fix: &str) -> bool {
    finding.ecosystem.split(':').next() == Some(MICROSOFT) && fix.parse::<Kb>().is_ok()
}

fn unit_patches<'a>(unit: &Unit<'a>, members: &[Member<'a>]) -> Vec<Patch> {
    let scheme = scheme_for(unit.ecosystem);
    if unit.work != Work::Upgrade {
        let to = (unit.work == Work::Update).then(|| unit.name.to_owned());
        let targets = members.iter().flat_map(|m| m.item.targets.iter().copied());
        let class = Class {
            members: members.to_vec(),
            targets: sorted(targets),
            to,
        };
        return vec![patch(unit, &class, String::new(), scheme)];
    }
    let list = classes(unit.ecosystem, scheme, members);
    let mut labels = BTreeSet::new();
    let label = |class: &Class<'_>| match list.len() {
        1 => String::new(),
        _ => class.line(),
    };
    list.iter()
        .map(|class| {
            let mut line = label(class);
            while !labels.insert(line.clone()) {
                line.push('\'');
            }
            patch(unit, class, line, scheme)
        })
        .collect()
}

fn urgency(a: &Patch, b: &Patch) -> Ordering {
    let due = |p: &Patch| p.due.as_ref().map_or(Timestamp::MAX, |(by, _)| *by);
    let key = |p: &Patch| (due(p), Reverse(p.kev), Reverse(p.severity));
    let epss = |p: &Patch| p.epss.unwrap_or(-1.0);
    key(a)
        .cmp(&key(b))
        .then_with(|| epss(b).total_cmp(&epss(a)))
        .then_with(|| b.findings.len().cmp(&a.findings.len()))
        .then_with(|| (&a.package, &a.ecosystem).cmp(&(&b.package, &b.ecosystem)))
        .then_with(|| (a.to.is_none(), a.work).cmp(&(b.to.is_none(), b.work)))
}

fn patch(unit: &Unit<'_>, class: &Class<'_>, line: String, scheme: Option<&dyn Scheme>) -> Patch {
    let of = || class.members.iter().map(|m| m.item.finding);
    let mut from: Vec<String> = sorted(of().map(|f| f.version.clone()));
    from.sort_by(|a, b| order(scheme, a, b));
    let packages = sorted(of().map(|f| f.package.clone()));
    let package = match unit.work {
        Work::Update => product(&packages),
        _ => unit.name,
    };
    let exploited = of().filter(|f| f.kev.is_some());
    Patch {
        work: unit.work,
        ecosystem: unit.ecosystem.to_owned(),
        package: package.to_owned(),
        line,
        from,
        to: class.to.clone(),
        targets: class.targets.clone(),
        findings: class.members.iter().map(|m| m.at).collect(),
        vulnerabilities: sorted(of().map(vulnerability)).len(),
        kev: sorted(exploited.map(vulnerability)).len(),
        severity: of().filter_map(|f| f.severity).max(),
        epss: of()
            .filter_map(|f| f.epss.as_ref().map(|e| e.score))
            .max_by(f32::total_cmp),
        due: of()
            .filter_map(|f| f.decision().and_then(|d| Some((d.by?, d.policy.clone()))))
            .min(),
        after: After::of(unit.work, unit.ecosystem, package, &packages),
        packages,
    }
}

/// The system among the products one update is for: `Windows Server 2019` before `Internet Explorer 11 on Windows Server 2019`.
fn product(packages: &[String]) -> &str {
    let shortest = packages
        .iter()
        .min_by_key(|name| (name.contains(" on "), name.len()));
    shortest.map_or("", String::as_str)
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = items.collect();
    list.sort_unstable();
    list.dedup();
    list
}

/// One name for a vulnerability whichever of its records decided: the records of a group share their ids.
pub(crate) fn vulnerability(finding: &Finding) -> &str {
    finding
        .aliases
        .iter()
        .chain([&finding.id])
        .min()
        .unwrap_or(&finding.id)
}

/// The lowest version named as fixed above the installed one. Where none compares with it, the first that is named stands:
/// an upgrade to look at is worth more than "no fix".
fn lowest_fix(finding: &Finding) -> Option<&str> {
    let scheme = scheme_for(&finding.ecosystem);
    let against = |fixed: &str| scheme.and_then(|s| s.compare(fixed, &finding.version).ok());
    let (comparable, odd): (Vec<&str>, Vec<&str>) = finding
        .fixed
        .iter()
        .map(String::as_str)
        .partition(|f| against(f).is_some());
    if comparable.is_empty() {
        return odd.first().copied();
    }
    comparable
        .into_iter()
        .filter(|fixed| against(fixed).is_some_and(Ordering::is_gt))
        .min_by(|a, b| order(scheme, a, b))
}

#[cfg(test)]
mod tests;
