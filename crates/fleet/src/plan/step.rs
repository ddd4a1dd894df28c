//! A step: what one owner does of an item in one window, canaries first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::hold::{self, Hold};
use super::{Ground, Slot, is_mitigated, key};
use crate::group::FindingGroup;
use crate::patch::{Patch, vulnerability};

/// What one owner does of an item in one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The same while item, owner and the window's name are.
    pub key: String,
    /// Who.
    pub owner: Option<String>,
    /// When.
    pub window: Option<Slot>,
    /// Whether that is before the date.
    pub in_time: InTime,
    /// The strictest date of the findings on these hosts, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
    /// Do not patch yet: evidence comes first.
    pub hold: Option<Hold>,
    /// Findings on these hosts, one a host.
    pub findings: usize,
    /// Distinct vulnerabilities among them that are known exploited.
    pub exploited: usize,
    /// Findings past their date, one a host.
    pub overdue: usize,
    /// Findings that a report has seen mitigated, one a host.
    pub mitigated: usize,
    /// Where, in the order to act: by ring, then by name.
    pub hosts: Vec<StepHost>,
}

/// A host of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepHost {
    /// Its index into the plan's names.
    pub target: usize,
    /// Its place in the roll-out; 0 is the canary.
    pub ring: u32,
}

/// Whether a window ends before the date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InTime {
    /// It does.
    Yes,
    /// No window ends before the date.
    No,
    /// No window is known.
    NoWindow,
    /// There is no date.
    NoDate,
}

impl InTime {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NoWindow => "no-window",
            Self::NoDate => "no-date",
        }
    }

    fn of(window: Option<&Slot>, due: Option<Timestamp>) -> Self {
        match (window, due) {
            (_, None) => Self::NoDate,
            (None, Some(_)) => Self::NoWindow,
            (Some(window), Some(due)) if window.end <= due => Self::Yes,
            _ => Self::No,
        }
    }
}

/// Hosts are told apart by who patches them and when.
type Share = (Option<Slot>, Option<String>);

/// The steps of a patch, the earliest window first, those without one last.
pub(super) fn steps(ground: Ground<'_>, patch: &Patch, item_key: &str) -> Vec<Step> {
    let mut shares: BTreeMap<(bool, Share), Vec<usize>> = BTreeMap::new();
    for &target in &patch.targets {
        let place = ground.places.get(target);
        let window = place.and_then(|p| p.window.clone());
        let owner = place.and_then(|p| p.owner.clone());
        let share = (window.is_none(), (window, owner));
        shares.entry(share).or_default().push(target);
    }
    let canary = canary(ground, shares.values().next());
    let mut step_of = vec![usize::MAX; ground.hosts];
    let mut list: Vec<Step> = Vec::new();
    let mut keys = BTreeSet::new();
    for ((_, (window, owner)), targets) in shares {
        for &target in &targets {
            step_of[target] = list.len();
        }
        list.push(Step {
            key: unique_key(&mut keys, item_key, owner.as_deref(), window.as_ref()),
            hosts: in_order(ground, &targets, patch, canary),
            owner,
            window,
            in_time: InTime::NoDate,
            due: None,
            hold: None,
            findings: 0,
            exploited: 0,
            overdue: 0,
            mitigated: 0,
        });
    }
    count(ground, patch, &step_of, &mut list);
    for step in &mut list {
        let due = step.due.as_ref().map(|(by, _)| *by);
        step.in_time = InTime::of(step.window.as_ref(), due);
    }
    list
}

/// Two windows of one name that open at different times are told apart by the time.
fn unique_key(
    taken: &mut BTreeSet<String>,
    item: &str,
    owner: Option<&str>,
    window: Option<&Slot>,
) -> String {
    let name = window.map(|w| w.name.as_str());
    let key = key::of_step(item, owner, name);
    if taken.insert(key.clone()) {
        return key;
    }
    let exact = window.map(|w| format!("{} {} {}", w.name, w.start, w.end));
    key::of_step(item, owner, exact.as_deref())
}

/// Where nobody gave the hosts of a patch a ring, the first by name of its first step is the canary.
fn canary(ground: Ground<'_>, first: Option<&Vec<usize>>) -> Option<usize> {
    let first = first?.iter().copied();
    first.min_by_key(|&target| (ground.name(target), target))
}

fn in_order(
    ground: Ground<'_>,
    targets: &[usize],
    patch: &Patch,
    canary: Option<usize>,
) -> Vec<StepHost> {
    let said = |target: usize| ground.places.get(target).and_then(|p| p.ring);
    let anybody = patch.targets.iter().any(|&target| said(target).is_some());
    let alone = patch.targets.len() == 1;
    let mut hosts: Vec<StepHost> = targets
        .iter()
        .map(|&target| {
            let ring = match said(target) {
                Some(ring) => ring,
                None if !anybody && (alone || canary == Some(target)) => 0,
                None => 1,
            };
            StepHost { target, ring }
        })
        .collect();
    hosts.sort_by_cached_key(|host| (host.ring, ground.name(host.target), host.target));
    hosts
}

/// Fills in what each step closes: one pass over the hosts of each finding.
fn count(ground: Ground<'_>, patch: &Patch, step_of: &[usize], steps: &mut [Step]) {
    let mut exploited: BTreeSet<(usize, &str)> = BTreeSet::new();
    for group in patch
        .findings
        .iter()
        .filter_map(|&at| ground.groups.get(at))
    {
        let mut here: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &target in &group.targets {
            if let Some(&step) = step_of.get(target).filter(|&&s| s != usize::MAX) {
                here.entry(step).or_default().push(target);
            }
        }
        for (at, targets) in here {
            if group.finding.kev.is_some() && exploited.insert((at, vulnerability(&group.finding)))
            {
                steps[at].exploited += 1;
            }
            take(ground, &mut steps[at], group, &targets);
        }
    }
}

fn take(ground: Ground<'_>, step: &mut Step, group: &FindingGroup, targets: &[usize]) {
    step.findings += targets.len();
    if ground.is_overdue(group) {
        step.overdue += targets.len();
    }
    if is_mitigated(group) {
        step.mitigated += targets.len();
    }
    let due = group.finding.decision();
    if let Some(due) = due.and_then(|d| Some((d.by?, d.policy.clone()))) {
        step.due = step
            .due
            .take()
            .map_or(Some(due.clone()), |was| Some(was.min(due)));
    }
    if let Some((by, policy)) = hold::asked(group) {
        hold::put(&mut step.hold, by, policy, targets);
    }
}
