//! The suppressions of a fleet over its groups: which hosts each sets aside, which have voided themselves and why.

use std::collections::BTreeMap;

use base::HostId;
use jiff::{SignedDuration, Timestamp};
use roaring::RoaringBitmap;

use super::held::{Exposure, Fact, Void, exposures};
use super::record::Record;
use crate::gate::Verdict;
use crate::group::{FindingGroup, Life};
use crate::life::{Member, hosts_of, places_on, split, targets_of};

/// An end nearer than this is told.
const ENDING_DAYS: i64 = 14;

/// Groups after suppression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluated {
    /// Every finding of the groups given, on every host: those set aside have [`Life::Suppressed`].
    pub groups: Vec<FindingGroup>,
    /// What voided itself since the record was written, by its number. To be kept with the record ([`Record::voids`]): what is
    /// void stays so.
    pub voided: Vec<(u64, Void)>,
    /// Which end within a fortnight, and when.
    pub ending: Vec<(u64, Timestamp)>,
    /// Which have ended, and how many findings (on hosts) are back for that.
    pub expired: Vec<(u64, u64)>,
    /// Which name no open finding.
    pub unused: Vec<u64>,
}

/// A record at work.
struct Work<'a> {
    record: &'a Record,
    /// The hosts it is about, by their numbers.
    hosts: RoaringBitmap,
    has_ended: bool,
    findings: u64,
    voided: Vec<Void>,
}

/// Sets findings aside: of the records that cover one on a host, have not ended and are not void there, that of the lowest
/// number takes it. Only what is open is looked at.
pub fn evaluate(
    records: &[Record],
    groups: Vec<FindingGroup>,
    members: &[Member],
    now: Timestamp,
) -> Evaluated {
    let mut work: Vec<Work<'_>> = records
        .iter()
        .map(|record| Work {
            record,
            hosts: hosts_of(&record.places_of(members), members),
            has_ended: now >= record.ends(),
            findings: 0,
            voided: Vec::new(),
        })
        .collect();
    work.sort_by_key(|work| work.record.number);
    let today = exposures(members);
    let places = places_on(members);
    let by_id = by_id(&work);
    let mut evaluated = Evaluated::default();
    for group in groups {
        let named = named_by(&by_id, &group);
        if named.is_empty() || !matches!(group.life, Life::Open { .. }) {
            evaluated.groups.push(group);
            continue;
        }
        let mut taken = Vec::new();
        for at in named {
            let covered = work[at].cover(&group, members, &today, now);
            let places = covered.iter().filter_map(|host| places.get(&HostId(host)));
            let places: RoaringBitmap = places.copied().collect();
            taken.push((places, Life::Suppressed(work[at].record.number)));
        }
        evaluated.groups.extend(split(group, taken, members));
    }
    evaluated.tell(work, now);
    evaluated
}

/// Indexes of the records that name an id.
fn by_id(work: &[Work<'_>]) -> BTreeMap<String, Vec<usize>> {
    let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, work) in work.iter().enumerate() {
        for id in work.record.ids() {
            by_id.entry(id.to_ascii_uppercase()).or_default().push(at);
        }
    }
    by_id
}

fn named_by(by_id: &BTreeMap<String, Vec<usize>>, group: &FindingGroup) -> Vec<usize> {
    let finding = &group.finding;
    let cves = finding.cves.iter().map(ToString::to_string);
    let own = std::iter::once(&finding.id).chain(&finding.aliases);
    let ids = own.cloned().chain(cves);
    let named = ids.filter_map(|id| by_id.get(&id.to_ascii_uppercase()));
    let mut named: Vec<usize> = named.flatten().copied().collect();
    named.sort_unstable();
    named.dedup();
    named
}

impl Work<'_> {
    /// The hosts of a group it sets aside; what voids it on the others is noted.
    fn cover(
        &mut self,
        group: &FindingGroup,
        members: &[Member],
        today: &BTreeMap<Exposure, RoaringBitmap>,
        now: Timestamp,
    ) -> RoaringBitmap {
        if !self.record.is_about(group) {
            return RoaringBitmap::new();
        }
        let hosts = &self.hosts & &hosts_of(&targets_of(group), members);
        self.findings += hosts.len();
        if self.has_ended || hosts.is_empty() {
            return RoaringBitmap::new();
        }
        let finding = &group.finding;
        let known = self.record.voids.iter().chain(&self.voided);
        let mut covered = known.fold(hosts.clone(), |left, void| {
            left - void.takes(finding, &hosts)
        });
        let mut differences = self.record.held.differences(finding, &covered, today, now);
        differences.extend(self.unless(group, &covered, now));
        for void in differences {
            let taken = void.takes(finding, &covered);
            if !taken.is_empty() {
                covered -= taken;
                self.voided.push(void);
            }
        }
        covered
    }

    fn unless(&self, group: &FindingGroup, hosts: &RoaringBitmap, now: Timestamp) -> Option<Void> {
        let gate = self.record.rule.unless.as_ref()?;
        let verdict = gate.verdict(&group.finding, now)?;
        Some(Void {
            fact: Fact::Unless,
            vulnerability: Some(group.finding.id.clone()),
            hosts: Some(hosts.clone()),
            was: format!("not {gate}"),
            is: match verdict {
                Verdict::Hit => gate.to_string(),
                Verdict::Unknown => format!("not known whether {gate}"),
            },
            since: now,
        })
    }
}

impl Evaluated {
    fn tell(&mut self, work: Vec<Work<'_>>, now: Timestamp) {
        let soon = SignedDuration::from_hours(24 * ENDING_DAYS);
        let soon = now.checked_add(soon).unwrap_or(Timestamp::MAX);
        for work in work {
            let number = work.record.number;
            let voided = work.voided.into_iter().map(|void| (number, void));
            self.voided.extend(voided);
            if work.has_ended {
                self.expired.push((number, work.findings));
            } else if work.findings == 0 {
                self.unused.push(number);
            } else if work.record.ends() <= soon {
                self.ending.push((number, work.record.ends()));
            }
        }
    }
}
