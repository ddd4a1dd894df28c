//! The plan: patches in order, who does each in which window, by when, and what it closes. Pure: the same findings, places and
//! moment give the same plan.
//!
//! Order is the patches' own (deadline, known exploited, severity, EPSS, number). Within a patch a *step* is what one owner does
//! in one window, canaries first. Nothing is decided here: dates are those of the findings' decisions, the strictest counts
//! and all are kept.

mod deadline;
mod hold;
mod key;
mod moved;
mod step;

use std::collections::BTreeSet;

use base::CveId;
use jiff::Timestamp;

pub use deadline::Deadline;
pub use hold::Hold;
pub use moved::{ChangedFact, Moved, Previous, PreviousItem};
pub use step::{InTime, Step, StepHost};

use crate::asset::Asset;
use crate::group::{FindingGroup, Life};
use crate::patch::{Patch, group_patches, vulnerability};

/// What a plan has to know of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What people call it.
    pub name: String,
    /// Who patches it.
    pub owner: Option<String>,
    /// The window it may next be worked on: open now or to come.
    pub window: Option<Slot>,
    /// Its place in the order of a roll-out: 0 is a canary. `None` where nobody said.
    pub ring: Option<u32>,
}

impl Place {
    /// Of what the team says of a host. Its ring is told by a tag: `canary`, or `ring-2`.
    pub fn of(name: &str, asset: &Asset, now: Timestamp) -> Self {
        let window = asset.window.and_then(|window| {
            let opening = window.next(now)?;
            Some(Slot {
                start: opening.from,
                end: opening.until,
                name: window.to_string(),
            })
        });
        Self {
            name: name.to_owned(),
            owner: asset.owner.clone(),
            window,
            ring: asset.tags.iter().filter_map(|tag| ring(tag)).min(),
        }
    }
}

fn ring(tag: &str) -> Option<u32> {
    match tag {
        "canary" => Some(0),
        _ => tag.strip_prefix("ring-")?.parse().ok(),
    }
}

/// One opening of a maintenance window.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// When it opens.
    pub start: Timestamp,
    /// When it closes.
    pub end: Timestamp,
    /// What the window is called; the same each time it opens.
    pub name: String,
}

/// What is to be done, most urgent first.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The moment it is for.
    pub now: Timestamp,
    /// The one owner it was cut to.
    pub owner: Option<String>,
    /// What the hosts are called, by their numbers.
    pub names: Vec<String>,
    /// What is to be done.
    pub items: Vec<Item>,
    /// The plan it was compared with, and the deadlines that are others since.
    pub since: Option<(Timestamp, Vec<Moved>)>,
}

/// A patch with its dates and who does it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The same from plan to plan, whatever the version to install.
    pub key: String,
    /// Its place in the whole plan, from 1.
    pub number: usize,
    /// What is done.
    pub patch: Patch,
    /// Findings it closes, one a host.
    pub findings: usize,
    /// Findings past their date, one a host.
    pub overdue: usize,
    /// Findings that a report has seen mitigated, one a host.
    pub mitigated: usize,
    /// The vulnerabilities as people look for them (a CVE where there is one), known exploited first.
    pub ids: Vec<String>,
    /// Those known exploited.
    pub exploited: Vec<CveId>,
    /// The strictest date of each policy, earliest first; those whose clock cannot start last.
    pub deadlines: Vec<Deadline>,
    /// Who does it, when: the earliest window first.
    pub steps: Vec<Step>,
}

impl Item {
    /// The strictest date of all policies.
    pub fn due(&self) -> Option<Timestamp> {
        self.deadlines.first().and_then(|d| d.by)
    }
}

/// Makes the plan. `groups` name hosts by their index into `places`; a number beyond them is a host without a name, owner or window.
pub fn plan(groups: &[FindingGroup], places: &[Place], now: Timestamp) -> Plan {
    let patches = group_patches(groups);
    let keys = key::of_items(&patches);
    let most = groups.iter().filter_map(|g| g.targets.last()).max();
    let hosts = places.len().max(most.map_or(0, |last| last + 1));
    let ground = Ground {
        groups,
        places,
        hosts,
        now,
    };
    let names = (0..hosts).map(|n| ground.name(n)).collect();
    let numbered = patches.into_iter().zip(keys).enumerate();
    let mut items: Vec<Item> = numbered
        .map(|(n, (patch, key))| item(ground, patch, key, n + 1))
        .collect();
    hold::spread(&mut items);
    Plan {
        now,
        owner: None,
        names,
        items,
        since: None,
    }
}

/// What every item is made from.
#[derive(Clone, Copy)]
struct Ground<'a> {
    groups: &'a [FindingGroup],
    places: &'a [Place],
    hosts: usize,
    now: Timestamp,
}

impl Ground<'_> {
    fn name(&self, target: usize) -> String {
        let place = self.places.get(target);
        place.map_or_else(|| format!("host {target}"), |place| place.name.clone())
    }

    fn is_overdue(&self, group: &FindingGroup) -> bool {
        group.finding.due().is_some_and(|by| by < self.now)
    }
}

fn item(ground: Ground<'_>, patch: Patch, key: String, number: usize) -> Item {
    let closed = || {
        patch
            .findings
            .iter()
            .filter_map(|&at| ground.groups.get(at))
    };
    let mut exploited: Vec<CveId> = closed()
        .filter_map(|g| g.finding.kev.as_ref().map(|k| k.cve))
        .collect();
    exploited.sort_unstable();
    exploited.dedup();
    let steps = step::steps(ground, &patch, &key);
    let count = |of: fn(&Step) -> usize| steps.iter().map(of).sum();
    let (findings, overdue, mitigated) = (
        count(|s| s.findings),
        count(|s| s.overdue),
        count(|s| s.mitigated),
    );
    Item {
        key,
        number,
        findings,
        overdue,
        mitigated,
        ids: ids(closed(), &exploited),
        exploited,
        deadlines: deadline::strictest(closed().map(|g| &g.finding)),
        steps,
        patch,
    }
}

/// Each vulnerability once, by its first CVE or its record's id; known exploited ones first.
fn ids<'a>(groups: impl Iterator<Item = &'a FindingGroup>, exploited: &[CveId]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut rest = BTreeSet::new();
    for group in groups {
        let finding = &group.finding;
        let is_exploited = finding.kev.is_some();
        if seen.insert(vulnerability(finding)) && !is_exploited {
            rest.insert(deadline::label(finding));
        }
    }
    let first = exploited.iter().map(ToString::to_string);
    let mut ids: Vec<String> = first.collect();
    let rest: Vec<String> = rest.into_iter().filter(|id| !ids.contains(id)).collect();
    ids.extend(rest);
    ids
}

/// The plan in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Items.
    pub items: usize,
    /// Steps.
    pub steps: usize,
    /// Hosts with something to do.
    pub hosts: usize,
    /// Findings, one a host.
    pub findings: usize,
    /// Distinct CVEs known exploited.
    pub exploited: usize,
    /// Findings past their date, one a host.
    pub overdue: usize,
    /// Steps of which no window ends before the date.
    pub late: usize,
    /// Steps where evidence comes first.
    pub held: usize,
}

impl Plan {
    /// The plan in numbers.
    pub fn totals(&self) -> Totals {
        let steps = || self.items.iter().flat_map(|item| &item.steps);
        let hosts: BTreeSet<usize> = steps().flat_map(|s| &s.hosts).map(|h| h.target).collect();
        let exploited: BTreeSet<CveId> = self
            .items
            .iter()
            .flat_map(|i| i.exploited.iter().copied())
            .collect();
        Totals {
            items: self.items.len(),
            steps: steps().count(),
            hosts: hosts.len(),
            findings: steps().map(|s| s.findings).sum(),
            exploited: exploited.len(),
            overdue: steps().map(|s| s.overdue).sum(),
            late: steps().filter(|s| s.in_time == InTime::No).count(),
            held: steps().filter(|s| s.hold.is_some()).count(),
        }
    }

    /// The name of a host of a step.
    pub fn name(&self, host: StepHost) -> &str {
        self.names.get(host.target).map_or("", String::as_str)
    }

    /// Every owner with something to do, sorted; `None` first where some hosts have none.
    pub fn owners(&self) -> BTreeSet<Option<&str>> {
        let steps = self.items.iter().flat_map(|item| &item.steps);
        steps.map(|step| step.owner.as_deref()).collect()
    }

    /// What one owner has to do. Numbers and keys stay as they are.
    #[must_use]
    pub fn of_owner(mut self, owner: &str) -> Self {
        for item in &mut self.items {
            item.steps.retain(|s| s.owner.as_deref() == Some(owner));
            item.findings = item.steps.iter().map(|s| s.findings).sum();
            item.overdue = item.steps.iter().map(|s| s.overdue).sum();
            item.mitigated = item.steps.iter().map(|s| s.mitigated).sum();
        }
        self.items.retain(|item| !item.steps.is_empty());
        self.owner = Some(owner.to_owned());
        self
    }

    /// Beside an earlier plan: which deadlines moved, and by which fact.
    #[must_use]
    pub fn compared_with(mut self, previous: &Previous) -> Self {
        let moved = moved::moved(previous, &self.items);
        self.since = Some((previous.at, moved));
        self
    }
}

/// Whether a report has seen it mitigated.
fn is_mitigated(group: &FindingGroup) -> bool {
    matches!(group.life, Life::Mitigated { .. })
}

#[cfg(test)]
mod tests;
