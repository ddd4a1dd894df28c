//! The mitigations of a fleet over its groups: where each stands on each host, and what it takes out of the open findings.

use std::collections::BTreeMap;

use base::HostId;
use inventory::Host;
use jiff::Timestamp;
use roaring::RoaringBitmap;

use super::{Mitigation, Sight, look};
use crate::group::{FindingGroup, Life};
use crate::life::{Member, split};

/// Where a mitigation stands on a host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Asked for; nobody says that it is done, and no report shows it.
    Told,
    /// Somebody says that it is done; why no report shows it.
    Claimed(String),
    /// A report shows it: what.
    Verified(String),
    /// Somebody said that it is done, and a later report shows the opposite: what.
    Broken(String),
    /// Its day is over, whatever is the case.
    Expired,
}

impl State {
    /// The word: `told`, `claimed`, `verified`, `broken`, `expired`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Claimed(_) => "claimed",
            Self::Verified(_) => "verified",
            Self::Broken(_) => "broken",
            Self::Expired => "expired",
        }
    }
}

/// The latest report of a host.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it says.
    pub host: Host,
    /// When it was so.
    pub seen_at: Timestamp,
}

/// Groups after mitigation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluated {
    /// Every finding of the groups given, on every host: those kept from being used have [`Life::Mitigated`].
    pub groups: Vec<FindingGroup>,
    /// Where each mitigation stands, by its number, and on which hosts of the list: those on which something it is about is open.
    pub states: BTreeMap<u64, BTreeMap<State, Vec<usize>>>,
}

impl Mitigation {
    /// Where it stands on a host, by the latest report. One from before it was told shows nothing of it.
    pub fn state(&self, report: Option<&Report>, now: Timestamp) -> State {
        if now >= self.until {
            return State::Expired;
        }
        let later = report.filter(|report| report.seen_at >= self.told_at);
        let claimed_at = self.claimed.as_ref().map(|(_, at)| *at);
        let claimed = |why: String| match claimed_at {
            Some(_) => State::Claimed(why),
            None => State::Told,
        };
        match later.map(|report| (look(&self.measure, &report.host), report.seen_at)) {
            None => claimed("no report since it was told".to_owned()),
            Some((Sight::Seen(how), _)) => State::Verified(how),
            Some((Sight::Opposite(how), seen_at)) => match claimed_at {
                Some(at) if seen_at >= at => State::Broken(how),
                _ => claimed("no report since it was claimed".to_owned()),
            },
            Some((Sight::CannotTell(why), _)) => claimed(why),
        }
    }
}

/// Takes out of the open groups what a verified mitigation keeps from being used; the one of the lowest number counts. `report`
/// is asked once for a mitigation and a host on which something it is about is open.
pub fn evaluate(
    mitigations: &[Mitigation],
    groups: Vec<FindingGroup>,
    members: &[Member],
    report: impl Fn(HostId) -> Option<Report>,
    now: Timestamp,
) -> Evaluated {
    let mut work: Vec<Work<'_>> = mitigations.iter().map(|m| Work::of(m, members)).collect();
    work.sort_by_key(|work| work.mitigation.number);
    let mut evaluated = Evaluated::default();
    for group in groups {
        let is_open = matches!(group.life, Life::Open { .. });
        let about = work.iter_mut();
        let mut taken = Vec::new();
        for work in about.filter(|work| is_open && work.mitigation.cover.covers(&group.finding)) {
            taken.extend(work.verified(&group, members, &report, now));
        }
        match taken.is_empty() {
            true => evaluated.groups.push(group),
            false => evaluated.groups.extend(split(group, taken, members)),
        }
    }
    for work in work {
        let states = evaluated.states.entry(work.mitigation.number).or_default();
        for (target, state) in work.states {
            states.entry(state).or_default().push(target);
        }
    }
    evaluated
}

/// A mitigation at work.
struct Work<'a> {
    mitigation: &'a Mitigation,
    /// The places of the hosts it is about.
    places: RoaringBitmap,
    states: BTreeMap<usize, State>,
}

impl<'a> Work<'a> {
    fn of(mitigation: &'a Mitigation, members: &[Member]) -> Self {
        Self {
            mitigation,
            places: mitigation.cover.hosts.places_of(members),
            states: BTreeMap::new(),
        }
    }

    /// The places of a group on which it is verified, by how.
    fn verified(
        &mut self,
        group: &FindingGroup,
        members: &[Member],
        report: impl Fn(HostId) -> Option<Report>,
        now: Timestamp,
    ) -> Vec<(RoaringBitmap, Life)> {
        let mut by_how: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
        for &target in &group.targets {
            let Some(place) = u32::try_from(target)
                .ok()
                .filter(|at| self.places.contains(*at))
            else {
                continue;
            };
            let state = self.states.entry(target).or_insert_with(|| {
                let report = report(members[target].name.id);
                self.mitigation.state(report.as_ref(), now)
            });
            if let State::Verified(how) = state {
                by_how.entry(how.clone()).or_default().insert(place);
            }
        }
        let until = Some(self.mitigation.until);
        let mitigated = |(how, places)| (places, Life::Mitigated { how, until });
        by_how.into_iter().map(mitigated).collect()
    }
}
