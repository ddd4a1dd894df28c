//! The figures of each owner, zone, severity or policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Severity;
use jiff::Timestamp;

use super::{
    Attainment, Curve, Ending, Exposure, Spell, attainment, begun, exposure, overdue, stood,
    time_to_patch,
};

/// What parts are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Who patches.
    Owner,
    /// The zone of the hosts.
    Zone,
    /// How severe.
    Severity,
    /// The policy: a finding counts under each that set it a date, by that date.
    Policy,
}

impl By {
    /// All.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Zone, Self::Severity, Self::Policy];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Zone => "zone",
            Self::Severity => "severity",
            Self::Policy => "policy",
        }
    }
}

/// The figures of one part, in findings, one a host.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Whose, where or which; `None`: nobody says.
    pub name: Option<Arc<str>>,
    /// Fixed since the beginning of the span.
    pub closed: u64,
    /// Open.
    pub open: u64,
    /// Open, and past the earliest date.
    pub overdue: u64,
    /// How the earliest date of each was held.
    pub attainment: Attainment,
    /// Days of exposure within the span.
    pub exposure: Exposure,
    /// Time to patch, of what began in the span.
    pub time_to_patch: Curve,
}

/// The parts of some spells between two moments, by name, the worst severity first; what nobody says last.
pub fn parts(spells: &[Spell], by: By, from: Timestamp, now: Timestamp) -> Vec<Part> {
    let mut of: BTreeMap<(u8, Option<Arc<str>>), Vec<Spell>> = BTreeMap::new();
    let mut add = |order: u8, name: Option<Arc<str>>, spell: Spell| {
        let order = if name.is_none() { u8::MAX } else { order };
        of.entry((order, name)).or_default().push(spell);
    };
    for spell in spells {
        match by {
            By::Owner => add(0, spell.owner.clone(), spell.clone()),
            By::Zone => add(0, spell.zone.clone(), spell.clone()),
            By::Severity => add(
                order(spell.severity),
                spell.severity.map(|s| Arc::from(s.as_str())),
                spell.clone(),
            ),
            By::Policy => {
                for date in &spell.due {
                    let only = Spell {
                        due: vec![date.clone()],
                        ..spell.clone()
                    };
                    add(0, Some(Arc::clone(&date.0)), only);
                }
            }
        }
    }
    let parts = of.into_iter();
    parts
        .map(|((_, name), spells)| part(name, &spells, from, now))
        .collect()
}

/// The worst first.
fn order(severity: Option<Severity>) -> u8 {
    let worst_first = Severity::ALL.iter().rev();
    let place = worst_first
        .zip(0..)
        .find(|(one, _)| Some(**one) == severity);
    place.map_or(u8::MAX, |(_, place)| place)
}

fn part(name: Option<Arc<str>>, spells: &[Spell], from: Timestamp, now: Timestamp) -> Part {
    let sum = |pick: &dyn Fn(&Spell) -> bool| {
        let picked = spells.iter().filter(|spell| pick(spell));
        picked.fold(0_u64, |sum, spell| sum.saturating_add(spell.weight))
    };
    let is_fixed = |spell: &Spell| {
        spell
            .ended
            .is_some_and(|(at, ending)| ending == Ending::Fixed && at >= from)
    };
    Part {
        name,
        closed: sum(&is_fixed),
        open: sum(&|spell| spell.stands_at(now)),
        overdue: overdue(spells, now).findings,
        attainment: earliest_held(spells, from, now),
        exposure: exposure(spells, from, now),
        time_to_patch: time_to_patch(&begun(spells, from), now),
    }
}

fn earliest_held(spells: &[Spell], from: Timestamp, now: Timestamp) -> Attainment {
    let earliest = stood(spells, from).into_iter().map(|spell| Spell {
        due: spell
            .earliest_due()
            .map(|by| (Arc::from(""), by))
            .into_iter()
            .collect(),
        ..spell
    });
    let earliest: Vec<Spell> = earliest.collect();
    attainment(&earliest, now).pop().unwrap_or_default()
}
