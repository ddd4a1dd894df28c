//! What stands and is not open: held off by something a report showed, or installed and not running yet.

use std::collections::{BTreeMap, BTreeSet};

use fleet::group::{FindingGroup, Life};
use jiff::Timestamp;

use super::hosts::Hosts;
use super::scene::{Scene, findings};
use crate::wording::label;

/// Findings that something keeps from being used, as a report showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mitigated {
    /// What: `port 443 closed`.
    pub how: String,
    /// When it is to be looked at again.
    pub until: Option<Timestamp>,
    /// The ids people look for, sorted.
    pub vulnerabilities: Vec<String>,
    /// The hosts.
    pub hosts: Hosts,
    /// How many findings.
    pub findings: usize,
    /// How many of them are known exploited.
    pub known_exploited: usize,
}

/// What is installed and does not run before a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The package that was replaced; empty where it is not known.
    pub package: String,
    /// The programs that still run the old one, as far as they are known, sorted.
    pub programs: Vec<String>,
    /// The hosts.
    pub hosts: Hosts,
    /// Their owners, sorted, as far as known.
    pub owners: Vec<String>,
    /// Findings that the restart closes; 0 where a report names only what runs.
    pub findings: usize,
    /// How many of them are known exploited.
    pub known_exploited: usize,
}

/// The mitigated findings by what holds them off, the earliest end first.
pub(super) fn mitigated(scene: &Scene<'_>) -> Vec<Mitigated> {
    let mut by: BTreeMap<(Timestamp, &str), Vec<&FindingGroup>> = BTreeMap::new();
    for group in &scene.today.groups {
        if let Life::Mitigated { how, until } = &group.life {
            let key = (until.unwrap_or(Timestamp::MAX), how.as_str());
            by.entry(key).or_default().push(group);
        }
    }
    let lines = by.into_iter();
    lines
        .map(|((until, how), groups)| Mitigated {
            how: how.to_owned(),
            until: Some(until).filter(|at| *at < Timestamp::MAX),
            vulnerabilities: labels(&groups),
            hosts: scene.roster.of_groups(groups.iter().copied()),
            findings: findings(groups.iter().copied()),
            known_exploited: exploited(&groups),
        })
        .collect()
}

fn labels(groups: &[&FindingGroup]) -> Vec<String> {
    let each: BTreeSet<String> = groups.iter().map(|g| label(&g.finding)).collect();
    each.into_iter().collect()
}

fn exploited(groups: &[&FindingGroup]) -> usize {
    let listed = groups.iter().filter(|g| g.finding.kev.is_some());
    findings(listed.copied())
}

/// What waits for the restart of one package.
#[derive(Default)]
struct Waiting<'a> {
    programs: BTreeSet<&'a str>,
    targets: Vec<usize>,
    groups: Vec<&'a FindingGroup>,
}

/// What only a restart is missing for, by package: what closes most findings first.
pub(super) fn restarts(scene: &Scene<'_>) -> Vec<Restart> {
    let mut by: BTreeMap<&str, Waiting<'_>> = BTreeMap::new();
    for group in &scene.today.groups {
        if group.life == Life::AwaitsRestart {
            let waiting = by.entry(&group.finding.package).or_default();
            waiting.targets.extend(&group.targets);
            waiting.groups.push(group);
        }
    }
    for (at, host) in scene.today.hosts.iter().enumerate() {
        for process in &host.runs.restart {
            let replaced = process.package.as_deref().or(process.file.as_deref());
            let waiting = by.entry(replaced.unwrap_or_default()).or_default();
            waiting.targets.push(at);
            waiting.programs.insert(&process.program);
        }
    }
    let mut lines: Vec<Restart> = by
        .into_iter()
        .map(|(package, waiting)| Restart {
            package: package.to_owned(),
            programs: waiting.programs.iter().map(|p| (*p).to_owned()).collect(),
            owners: scene.roster.owners(waiting.targets.iter().copied()),
            hosts: scene.roster.hosts(waiting.targets),
            findings: findings(waiting.groups.iter().copied()),
            known_exploited: exploited(&waiting.groups),
        })
        .collect();
    lines.sort_by_key(|r| std::cmp::Reverse((r.known_exploited, r.findings, r.hosts.total)));
    lines
}
