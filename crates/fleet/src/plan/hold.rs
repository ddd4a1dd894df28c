//! "Do not patch yet": a policy asks for forensic triage, and any change or restart of the host destroys what it looks for. What one
//! finding asks for therefore holds back everything else that is planned for the host.

use std::collections::BTreeMap;

use jiff::Timestamp;
use risk::policy::Action;

use super::Item;
use crate::group::FindingGroup;
use crate::patch::Work;

/// Forensic triage is asked for before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// By when the triage has to be done; `None` where its clock cannot start.
    pub by: Option<Timestamp>,
    /// Which policy asks.
    pub policy: String,
    /// On which of the hosts: indexes into the plan's names, sorted.
    pub targets: Vec<usize>,
}

/// The earliest triage any policy asks for.
pub(super) fn asked(group: &FindingGroup) -> Option<(Option<Timestamp>, &str)> {
    let decisions = group.finding.decisions.iter();
    let asking = decisions.filter(|d| d.actions.contains(&Action::ForensicTriage));
    let dated = asking.map(|d| (d.triage_by, d.policy.as_str()));
    dated.min_by_key(|(by, policy)| (by.is_none(), *by, *policy))
}

/// Holds some hosts too; of several dates the earliest stands.
pub(super) fn put(hold: &mut Option<Hold>, by: Option<Timestamp>, policy: &str, targets: &[usize]) {
    let hold = hold.get_or_insert_with(|| Hold {
        by,
        policy: policy.to_owned(),
        targets: Vec::new(),
    });
    if (by.is_none(), by) < (hold.by.is_none(), hold.by) {
        (hold.by, hold.policy) = (by, policy.to_owned());
    }
    hold.targets.extend_from_slice(targets);
    hold.targets.sort_unstable();
    hold.targets.dedup();
}

/// A date and the policy that asks.
type Asked = (bool, Option<Timestamp>, String);

/// Holds a host in every item that changes it when any item holds it. To mitigate is left free: it is what can be done meanwhile.
pub(super) fn spread(items: &mut [Item]) {
    let mut held: BTreeMap<usize, Asked> = BTreeMap::new();
    let holds = items.iter().flat_map(|item| &item.steps);
    for hold in holds.filter_map(|step| step.hold.as_ref()) {
        let asked = (hold.by.is_none(), hold.by, hold.policy.clone());
        for &target in &hold.targets {
            let known = held.entry(target).or_insert_with(|| asked.clone());
            if asked < *known {
                *known = asked.clone();
            }
        }
    }
    if held.is_empty() {
        return;
    }
    let changing = items.iter_mut().filter(|i| i.patch.work != Work::Mitigate);
    for step in changing.flat_map(|item| &mut item.steps) {
        let mut asked: BTreeMap<&Asked, Vec<usize>> = BTreeMap::new();
        for host in &step.hosts {
            if let Some(by) = held.get(&host.target) {
                asked.entry(by).or_default().push(host.target);
            }
        }
        for ((_, by, policy), targets) in asked {
            put(&mut step.hold, *by, policy, &targets);
        }
    }
}
