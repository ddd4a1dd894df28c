//! Where each open finding stands: set aside by a suppression, kept from being used by a mitigation that a report shows, or fixed
//! and not running yet. Records that cannot be read are told, never taken for none.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use base::{HostId, Note};
use fleet::group::FindingGroup;
use fleet::life::restart::{Restart, await_restart};
use fleet::life::{Member, Times};
use fleet::mitigation::{self, Mitigation, State};
use fleet::suppression::{self, Suppression, Void};
use inventory::Host;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use risk::policy::Policy;
use store::records::{self, RecordKind};
use store::{Store, Tx};

use crate::error::{Failure, Result};
use crate::fleet::groups::open_groups;
use crate::fleet::ranks;
use crate::fleet::view::View;

/// The findings, and what there is to say of what takes them out of the open ones.
#[derive(Clone, Debug, Default)]
pub struct Lives {
    /// Every finding, on every host, where it stands.
    pub groups: Vec<FindingGroup>,
    /// The suppressions by number, in words.
    pub suppressions: BTreeMap<u64, Suppression>,
    /// What voided itself, by the suppression's number; not yet recorded.
    pub voided: Vec<(u64, Void)>,
    /// What is recorded as void, by the suppression's number.
    pub void: Vec<(u64, Void)>,
    /// Which suppressions have ended, and how many findings are back for that.
    pub expired: Vec<(u64, u64)>,
    /// Which name no open finding.
    pub unused: Vec<u64>,
    /// Which end soon.
    pub ending: Vec<(u64, Timestamp)>,
    /// The mitigations by number.
    pub mitigations: Vec<Mitigation>,
    /// Where each mitigation stands, and on which hosts of the list.
    pub states: BTreeMap<u64, BTreeMap<State, Vec<usize>>>,
    /// Records that cannot be read.
    pub notes: Vec<Note>,
}

impl View {
    /// The open findings, decided, and where each stands.
    pub fn lives(&self, policies: &[Policy]) -> Result<Lives> {
        let members = self.hosts.members();
        let times = self.times()?;
        let index = &self.state.index;
        let groups = open_groups(
            index,
            &self.hosts.merged,
            &self.catalog,
            policies,
            &members,
            &times,
        )?;
        let (kept, mut notes) = kept(&self.store, index.sequence())?;
        let asked = Asked::of(self);
        let restart = |id| asked.inventory(id).map(|host| Restart::of(&host));
        let groups = await_restart(groups, &members, restart);
        let mitigated = asked.mitigated(&kept.mitigations, groups, &members);
        asked.done()?;
        let aside = suppression::evaluate(&kept.suppressions, mitigated.groups, &members, self.at);
        let void = kept.suppressions.iter().flat_map(|record| {
            let voids = record.voids.iter();
            voids.map(|void| (record.number, void.clone()))
        });
        let words = kept
            .suppressions
            .iter()
            .map(|record| (record.number, record.suppression()));
        notes.sort_by(|a, b| a.what.cmp(&b.what));
        Ok(Lives {
            groups: aside.groups,
            suppressions: words.collect(),
            void: void.collect(),
            voided: aside.voided,
            expired: aside.expired,
            unused: aside.unused,
            ending: aside.ending,
            mitigations: kept.mitigations,
            states: mitigated.states,
            notes,
        })
    }

    /// The moment, and what deadlines are moved by.
    pub(super) fn times(&self) -> Result<Times> {
        Ok(Times {
            now: self.at,
            baseline: self.baseline(),
            rises: ranks::known(&self.store, self.state.index.sequence())?,
        })
    }

    /// From when the house's clocks run for what was there before, by the rules.
    pub fn baseline(&self) -> Option<(Timestamp, String)> {
        let date = self.hosts.rules.baseline()?;
        let start = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some((start, self.hosts.rules.source().to_owned()))
    }
}

/// Inventories that the passes over findings ask for. A pass cannot fail, so what could not be read is told after it, and what it
/// gave counts for nothing.
struct Asked<'v> {
    view: &'v View,
    unread: RefCell<Option<Failure>>,
}

impl<'v> Asked<'v> {
    const fn of(view: &'v View) -> Self {
        Self {
            view,
            unread: RefCell::new(None),
        }
    }

    fn inventory(&self, id: HostId) -> Option<Arc<Host>> {
        match self.view.inventory(id) {
            Ok(host) => host,
            Err(failure) => {
                self.unread.borrow_mut().get_or_insert(failure);
                None
            }
        }
    }

    fn mitigated(
        &self,
        mitigations: &[Mitigation],
        groups: Vec<FindingGroup>,
        members: &[Member],
    ) -> mitigation::Evaluated {
        let report = |id: HostId| {
            let placed = self.view.hosts.of_number(id)?;
            Some(mitigation::Report {
                seen_at: placed.report.as_ref()?.seen_at,
                host: Host::clone(&*self.inventory(id)?),
            })
        };
        mitigation::evaluate(mitigations, groups, members, report, self.view.at)
    }

    /// Whether all that was asked for could be read.
    fn done(self) -> Result<()> {
        self.unread.into_inner().map_or(Ok(()), Err)
    }
}

/// What people decided, as it is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) suppressions: Vec<suppression::Record>,
    pub(super) mitigations: Vec<Mitigation>,
}

/// What was decided up to a place in the log.
pub(super) fn kept(store: &Store, sequence: u64) -> Result<(Kept, Vec<Note>)> {
    store.read(|tx| read(tx, sequence)).map_err(Failure::from)
}

fn read(tx: &Tx<'_>, sequence: u64) -> store::Result<(Kept, Vec<Note>)> {
    let mut kept = Kept::default();
    let mut notes = Vec::new();
    for record in records::at(tx, RecordKind::Suppression, sequence)? {
        let text = String::from_utf8_lossy(&record.body);
        match suppression::Record::from_text(&text) {
            Ok(mut read) => {
                read.number = record.number;
                kept.suppressions.push(read);
            }
            Err(why) => notes.push(unreadable("suppression", record.number, &why)),
        }
    }
    for record in records::at(tx, RecordKind::Mitigation, sequence)? {
        let text = String::from_utf8_lossy(&record.body);
        match Mitigation::from_text(&text) {
            Ok(read) => kept.mitigations.push(Mitigation {
                number: record.number,
                ..read
            }),
            Err(why) => notes.push(unreadable("mitigation", record.number, &why)),
        }
    }
    Ok((kept, notes))
}

fn unreadable(what: &str, number: u64, why: &str) -> Note {
    Note::error(format!(
        "{what} {number} cannot be read and does not count: {why}"
    ))
}
