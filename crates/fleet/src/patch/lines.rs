//! Lines of versions: which version closes the findings of which hosts, without taking a host from one line to another.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use versions::Scheme;

use super::installer::Installer;
use super::{Member, sorted};

/// Hosts that the same version helps.
#[derive(Clone, Debug)]
pub(super) struct Class<'a> {
    /// Findings that stand on any of the hosts.
    pub(super) members: Vec<Member<'a>>,
    /// The hosts, sorted.
    pub(super) targets: Vec<usize>,
    /// The version that closes all of them.
    pub(super) to: Option<String>,
}

impl<'a> Class<'a> {
    /// The leading numbers that its versions and the fix have in common: `3.2`.
    pub(super) fn line(&self) -> String {
        let to = self.to.as_deref().unwrap_or_default();
        let shared = self.versions().map(|v| shared_numbers(v, to)).min();
        numbers(to)[..shared.unwrap_or(0)].join(".")
    }

    fn versions(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.members.iter().map(|m| m.item.finding.version.as_str())
    }

    /// The lowest and the highest installed version.
    fn span(&self, scheme: Option<&dyn Scheme>) -> Option<(&'a str, &'a str)> {
        let lowest = self.versions().min_by(|a, b| order(scheme, a, b))?;
        let highest = self.versions().max_by(|a, b| order(scheme, a, b))?;
        Some((lowest, highest))
    }

    fn absorb(&mut self, other: Self, scheme: Option<&dyn Scheme>) {
        self.members.extend(other.members);
        self.members.sort_by_key(|m| m.at);
        self.members.dedup_by_key(|m| m.at);
        let targets = self.targets.iter().chain(&other.targets);
        self.targets = sorted(targets.copied());
        self.to = closing_version(scheme, &self.members);
    }
}

/// The hosts of a unit's findings, by the version that closes all of a host's; neighbours on one line are put together, so that
/// there is one action a line. From the lowest version to the highest.
pub(super) fn classes<'a>(
    ecosystem: &str,
    scheme: Option<&dyn Scheme>,
    members: &[Member<'a>],
) -> Vec<Class<'a>> {
    let mut list: Vec<Class<'a>> = Vec::new();
    for class in by_highest_fix(scheme, members) {
        match list.last_mut() {
            Some(last) if is_one_line(ecosystem, scheme, last, &class) => {
                last.absorb(class, scheme);
            }
            _ => list.push(class),
        }
    }
    list
}

/// The hosts by the highest of the lowest fixes of their findings: two passes over the hosts, whatever the number of versions.
fn by_highest_fix<'a>(scheme: Option<&dyn Scheme>, members: &[Member<'a>]) -> Vec<Class<'a>> {
    let mut fixes: Vec<&str> = sorted(members.iter().filter_map(|m| m.fix));
    fixes.sort_by(|a, b| order(scheme, a, b));
    let places = fixes.iter().enumerate();
    let rank: BTreeMap<&str, usize> = places.map(|(n, fix)| (*fix, n + 1)).collect();
    let hosts = members.iter().filter_map(|m| m.item.targets.iter().max());
    let mut top = vec![0_usize; hosts.max().map_or(0, |last| last + 1)];
    for member in members {
        let rank = member.fix.and_then(|fix| rank.get(fix)).copied();
        for &target in member.item.targets {
            top[target] = top[target].max(rank.unwrap_or(0));
        }
    }
    let mut found: BTreeMap<usize, Class<'a>> = BTreeMap::new();
    let empty = || Class {
        members: Vec::new(),
        targets: Vec::new(),
        to: None,
    };
    for (target, &rank) in top.iter().enumerate().filter(|(_, rank)| **rank > 0) {
        let class = found.entry(rank).or_insert_with(empty);
        class.targets.push(target);
    }
    for member in members {
        for rank in sorted(member.item.targets.iter().map(|&target| top[target])) {
            if let Some(class) = found.get_mut(&rank) {
                class.members.push(*member);
            }
        }
    }
    let mut list: Vec<Class<'a>> = found.into_values().collect();
    for class in &mut list {
        class.to = closing_version(scheme, &class.members);
    }
    list.sort_by(|a, b| order(scheme, text(a), text(b)));
    list
}

fn text<'c>(class: &'c Class<'_>) -> &'c str {
    class.to.as_deref().unwrap_or_default()
}

/// Whether the hosts of the lower class may take the version of the higher one. Not where a host of the higher one is past the
/// lower fix already and needs another all the same: that is what parallel lines look like. A distribution otherwise has one line;
/// elsewhere the version must also be as near to what is installed as the lower one is.
fn is_one_line(
    ecosystem: &str,
    scheme: Option<&dyn Scheme>,
    lower: &Class<'_>,
    higher: &Class<'_>,
) -> bool {
    let (Some(low), Some(high)) = (lower.span(scheme), higher.span(scheme)) else {
        return false;
    };
    let (near, far) = (text(lower), text(higher));
    if near == far {
        return true;
    }
    let is_before = |version| order(scheme, version, near) == Ordering::Less;
    let stays = |version| shared_numbers(version, far) >= shared_numbers(version, near);
    is_before(high.1) && (Installer::of(ecosystem).is_some() || (stays(low.0) && stays(low.1)))
}

/// The highest of the members' lowest fixes, raised until it is on the fixed side of every member's own release line.
///
/// Raising is needed where releases are kept in parallel: with one finding fixed in 1.2.9 and 2.1.3 and another in 2.0.1, the
/// maximum of the lowest fixes from 1.2.0 is 2.0.1, which the first finding still affects.
fn closing_version(scheme: Option<&dyn Scheme>, members: &[Member<'_>]) -> Option<String> {
    let mut to = members
        .iter()
        .filter_map(|m| m.fix)
        .max_by(|a, b| order(scheme, a, b))?;
    while let Some(higher) = members
        .iter()
        .find_map(|m| fix_on_line(scheme, &m.item.finding.fixed, to))
    {
        to = higher;
    }
    Some(to.to_owned())
}

/// A fix above `version` that is nearer to it (shares more leading numbers) than the last fix at or below it: the version is
/// then on that fix's line, and before it.
fn fix_on_line<'a>(
    scheme: Option<&dyn Scheme>,
    fixed: &'a [String],
    version: &str,
) -> Option<&'a str> {
    let compare = |a: &str| scheme.and_then(|s| s.compare(a, version).ok());
    let below = fixed
        .iter()
        .filter(|f| compare(f).is_some_and(Ordering::is_le))
        .max_by(|a, b| order(scheme, a, b))?;
    let above = fixed
        .iter()
        .filter(|f| compare(f).is_some_and(Ordering::is_gt))
        .min_by(|a, b| order(scheme, a, b))?;
    (shared_numbers(above, version) > shared_numbers(below, version)).then_some(above)
}

fn numbers(version: &str) -> Vec<&str> {
    let plain = version.trim_start_matches(['v', 'V']);
    plain.split(['.', '-', '+', ':', '~', '_']).collect()
}

fn shared_numbers(a: &str, b: &str) -> usize {
    let pairs = numbers(a).into_iter().zip(numbers(b));
    pairs.take_while(|(a, b)| a == b).count()
}

/// The scheme's order. Versions it cannot read are before all others, in the order of their text, so that sorting is total.
pub(super) fn order(scheme: Option<&dyn Scheme>, a: &str, b: &str) -> Ordering {
    let valid = |version: &str| scheme.is_some_and(|s| s.validate(version).is_ok());
    match (valid(a), valid(b)) {
        (true, true) => scheme
            .and_then(|s| s.compare(a, b).ok())
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.cmp(b)),
        (a_valid, b_valid) => a_valid.cmp(&b_valid).then_with(|| a.cmp(b)),
    }
}
