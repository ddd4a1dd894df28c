//! What each owner has to do, in order, with the windows in which it may be done.

use std::collections::BTreeMap;

use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use risk::policy::Action;

use super::hosts::Hosts;
use super::model::Task;
use super::scene::Scene;

/// How many steps are kept of an owner; the plan has all.
pub const STEPS: usize = 20;
/// What has nothing to install is a step when it is due within this many seconds.
const NEAR: i64 = 3 * 86_400;

/// What one owner has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerPart {
    /// Who; `None`: hosts for which nobody is named.
    pub owner: Option<String>,
    /// The owner's hosts with something to do.
    pub hosts: Hosts,
    /// Open findings on them that a step closes.
    pub findings: usize,
    /// How many of those are known exploited.
    pub known_exploited: usize,
    /// How many of those are overdue.
    pub overdue: usize,
    /// What to do, in order; at most [`STEPS`].
    pub steps: Vec<Step>,
    /// How many steps more there are.
    pub more_steps: usize,
}

/// One thing an owner has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Install the fix, or decide where there is none.
    pub task: Task,
    /// When to have looked for signs of compromise; `None`: nobody asks for it. It comes before the patch, which destroys
    /// traces.
    pub triage_by: Option<Timestamp>,
    /// The package, or source package.
    pub package: String,
    /// The version to install; `None` when there is none.
    pub to: Option<String>,
    /// The hosts.
    pub hosts: Hosts,
    /// Findings it closes there.
    pub findings: usize,
    /// The earliest deadline, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
    /// When the first maintenance window of its hosts begins, as far as it is known.
    pub window: Option<Timestamp>,
    /// For how many of its hosts the next window begins after the deadline.
    pub late: usize,
}

/// A part that is being put together.
#[derive(Default)]
struct Parts {
    targets: Vec<usize>,
    findings: usize,
    known_exploited: usize,
    overdue: usize,
    steps: Vec<Step>,
}

/// What one owner gets of one patch.
#[derive(Default)]
struct Share<'a> {
    targets: Vec<usize>,
    findings: Vec<(&'a Finding, usize)>,
}

/// The owners, the one with the earliest date first, those of whom nobody is named last.
pub(super) fn owners(scene: &Scene<'_>) -> Vec<OwnerPart> {
    let mut parts: BTreeMap<Option<&str>, Parts> = BTreeMap::new();
    for patch in &scene.patches {
        for (owner, share) in shares(scene, patch) {
            if let Some(step) = step(scene, patch, &share) {
                parts.entry(owner).or_default().take(scene, step, share);
            }
        }
    }
    let parts = parts.into_iter();
    let mut all: Vec<OwnerPart> = parts.map(|(owner, p)| p.complete(scene, owner)).collect();
    all.sort_by(|a, b| {
        let key = |p: &OwnerPart| {
            let due = p.steps.first().and_then(|s| s.due.as_ref());
            (p.owner.is_none(), due.map_or(Timestamp::MAX, |d| d.0))
        };
        (key(a), &a.owner).cmp(&(key(b), &b.owner))
    });
    all
}

impl Parts {
    fn take(&mut self, scene: &Scene<'_>, step: Step, share: Share<'_>) {
        let now = scene.now();
        for (finding, hosts) in share.findings {
            self.findings += hosts;
            self.known_exploited += if finding.kev.is_some() { hosts } else { 0 };
            let is_overdue = finding.due().is_some_and(|by| by < now);
            self.overdue += if is_overdue { hosts } else { 0 };
        }
        self.targets.extend(share.targets);
        self.steps.push(step);
    }

    fn complete(mut self, scene: &Scene<'_>, owner: Option<&str>) -> OwnerPart {
        let more_steps = self.steps.len().saturating_sub(STEPS);
        self.steps.truncate(STEPS);
        OwnerPart {
            owner: owner.map(str::to_owned),
            hosts: scene.roster.hosts(self.targets),
            findings: self.findings,
            known_exploited: self.known_exploited,
            overdue: self.overdue,
            steps: self.steps,
            more_steps,
        }
    }
}

/// The hosts and findings of a patch by owner; what the vendor calls unimportant is nobody's work.
fn shares<'a>(scene: &Scene<'a>, patch: &Patch) -> BTreeMap<Option<&'a str>, Share<'a>> {
    let mut shares: BTreeMap<Option<&str>, Share<'_>> = BTreeMap::new();
    let mut by_owner: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for closed in scene.closed_by(patch) {
        let finding = &closed.group.finding;
        if finding.is_unimportant() {
            continue;
        }
        by_owner.clear();
        for &target in &closed.targets {
            let host = scene.today.hosts.get(target);
            let owner = host.and_then(|h| h.asset.owner.as_deref());
            *by_owner.entry(owner).or_default() += 1;
            shares.entry(owner).or_default().targets.push(target);
        }
        for (owner, hosts) in &by_owner {
            let share = shares.entry(*owner).or_default();
            share.findings.push((finding, *hosts));
        }
    }
    shares
}

fn step(scene: &Scene<'_>, patch: &Patch, share: &Share<'_>) -> Option<Step> {
    let of = || share.findings.iter().map(|(finding, _)| *finding);
    let dated = |f: &Finding| f.decision().and_then(|d| Some((d.by?, d.policy.clone())));
    let due = of().filter_map(dated).min();
    let is_near = due
        .as_ref()
        .is_some_and(|(by, _)| by.as_second() - scene.now().as_second() <= NEAR);
    if patch.to.is_none() && !is_near {
        return None;
    }
    let windows = &scene.today.fleet.windows;
    let next = |t: &usize| windows.get(*t).copied().flatten();
    let hosts = scene.roster.hosts(share.targets.iter().copied());
    let mut distinct = share.targets.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let is_late = |at: &Timestamp| due.as_ref().is_some_and(|(by, _)| at > by);
    Some(Step {
        task: if patch.to.is_some() {
            Task::Patch
        } else {
            Task::Mitigate
        },
        triage_by: of().filter_map(triage).min(),
        package: patch.package.clone(),
        to: patch.to.clone(),
        findings: share.findings.iter().map(|(_, hosts)| hosts).sum(),
        window: distinct.iter().filter_map(next).min(),
        late: distinct.iter().filter_map(next).filter(is_late).count(),
        hosts,
        due,
    })
}

/// The earliest triage any policy asks for.
fn triage(finding: &Finding) -> Option<Timestamp> {
    let asked = finding
        .decisions
        .iter()
        .filter(|d| d.actions.contains(&Action::ForensicTriage));
    asked.filter_map(|d| d.triage_by).min()
}
