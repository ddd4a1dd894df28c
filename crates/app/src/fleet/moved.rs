//! What went in and out of suppression since an earlier moment, and which hosts came and went.

use std::collections::BTreeMap;

use fleet::group::{FindingGroup, Life};
use fleet::suppression;
use jiff::Timestamp;
use reports::briefing::{ChangedGroup, Hosts, Moved};
use roaring::RoaringBitmap;
use store::log;

use crate::error::Result;
use crate::fleet::life::{Lives, kept};
use crate::fleet::view::View;

/// What a finding is called wherever it stands.
type Key = (String, String, String, String);

/// What moved since a moment.
#[derive(Debug)]
pub(super) struct SinceThen {
    /// Findings that were set aside then and are open now.
    pub(super) suppression_over: Moved,
    /// Findings that were open then and are set aside now.
    pub(super) newly_suppressed: Moved,
    /// Hosts that were not there.
    pub(super) appeared: Hosts,
    /// Hosts that were taken out.
    pub(super) vanished: Hosts,
}

/// What moved since a moment. Which findings were set aside is asked of the suppressions that were known then; those that a fact
/// has voided since are told as void and not here.
pub(super) fn since(view: &View, lives: &Lives, since: Timestamp) -> Result<SinceThen> {
    let then = view.store.read(|tx| log::sequence_at(tx, since))?;
    let (known, _) = kept(&view.store, then)?;
    let members = view.hosts.members();
    let was_there = |group: &&FindingGroup| group.first_seen <= since;
    let there = lives.groups.iter().filter(was_there);
    let as_open = there.clone().cloned().map(|group| match group.life {
        Life::Suppressed(_) => FindingGroup {
            life: Life::Open { reopened: false },
            ..group
        },
        _ => group,
    });
    let evaluated =
        suppression::evaluate(&known.suppressions, as_open.collect(), &members, since).groups;
    let (before, now) = (aside(evaluated.iter()), aside(there.clone()));
    let is_open = |group: &&FindingGroup| matches!(group.life, Life::Open { .. });
    let is_aside = |group: &&FindingGroup| matches!(group.life, Life::Suppressed(_));
    let none = RoaringBitmap::new();
    let over = there.clone().filter(is_open).filter_map(|group| {
        let hosts = targets(group) & before.get(&key(group)).unwrap_or(&none);
        changed(view, group, &hosts)
    });
    let newly = evaluated.iter().filter(is_open).filter_map(|group| {
        let hosts = targets(group) & now.get(&key(group)).unwrap_or(&none);
        changed(view, group, &hosts)
    });
    let suppression_over = Moved::of(over.collect());
    let newly_suppressed = match there.clone().any(|group| is_aside(&group)) {
        true => Moved::of(newly.collect()),
        false => Moved::default(),
    };
    let appeared = view.hosts.placed.iter().map(|one| &one.host);
    let appeared = appeared.filter(|host| host.learned > then);
    let vanished = view.state.hosts.iter().filter(|host| {
        host.removed.is_some_and(|removed| removed > then)
            && view
                .hosts
                .of_number(view.state.directory.current(host.id))
                .is_none()
    });
    Ok(SinceThen {
        suppression_over,
        newly_suppressed,
        appeared: Hosts::named(appeared.map(|host| host.name.clone())),
        vanished: Hosts::named(vanished.map(|host| host.name.clone())),
    })
}

fn key(group: &FindingGroup) -> Key {
    let finding = &group.finding;
    (
        finding.id.clone(),
        finding.ecosystem.to_string(),
        finding.package.clone(),
        finding.version.clone(),
    )
}

fn targets(group: &FindingGroup) -> RoaringBitmap {
    let targets = group.targets.iter();
    targets.filter_map(|at| u32::try_from(*at).ok()).collect()
}

/// Where each finding is set aside.
fn aside<'g>(groups: impl Iterator<Item = &'g FindingGroup>) -> BTreeMap<Key, RoaringBitmap> {
    let mut aside: BTreeMap<Key, RoaringBitmap> = BTreeMap::new();
    for group in groups.filter(|group| matches!(group.life, Life::Suppressed(_))) {
        *aside.entry(key(group)).or_default() |= targets(group);
    }
    aside
}

/// The finding on those of its hosts on which it moved; `None` where there are none.
fn changed(
    view: &View,
    group: &FindingGroup,
    places: &RoaringBitmap,
) -> Option<(ChangedGroup, usize)> {
    let placed = places
        .iter()
        .filter_map(|at| view.hosts.placed.get(at as usize));
    let hosts = Hosts::named(placed.map(|one| one.host.name.clone()));
    let finding = &group.finding;
    let change = ChangedGroup {
        key: finding.key(),
        id: finding
            .cves
            .first()
            .map_or_else(|| finding.id.clone(), ToString::to_string),
        package: finding.package.clone(),
        hosts,
        severity: finding.severity,
        known_exploited: finding.kev.is_some(),
    };
    (!places.is_empty()).then(|| (change, places.len() as usize))
}
