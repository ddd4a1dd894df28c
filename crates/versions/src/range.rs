//! Ranges as OSV events (<https://ossf.github.io/osv-schema/#affectedrangesevents-fields>) and the verdict on one version.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme};

/// Which order a range's events are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeKind {
    /// SemVer 2.0, whatever the ecosystem.
    Semver,
    /// The ecosystem's own order.
    Ecosystem,
    /// Commits; never compared, kept so that a record with only commits is not mistaken for an empty one.
    Git,
}

/// What an event does to the versions after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Affected from here on, inclusive.
    Introduced,
    /// No longer affected from here on.
    Fixed,
    /// The last affected version, inclusive.
    LastAffected,
    /// The range says nothing at or above this version.
    Limit,
}

/// One event. `introduced: "0"` means "before every version".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event<V = String> {
    /// What it does.
    pub kind: EventKind,
    /// Where.
    pub version: V,
}

/// A list of events over one order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Range<V = String> {
    /// The order the events are in.
    pub kind: RangeKind,
    /// As published; sorted when checked.
    pub events: Vec<Event<V>>,
}

/// Whether a version is inside a range, and the event that decided. Indexes are into [`Range::events`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Inside, since `introduced`; `until` is the fixed, last-affected or limit event that ends this stretch, if any.
    Inside {
        /// The event that opened the stretch.
        introduced: usize,
        /// The event that closes it.
        until: Option<usize>,
    },
    /// Below every introduced event.
    Before {
        /// The first introduced event above the version.
        introduced: usize,
    },
    /// At or above the event that ended a stretch.
    After {
        /// The fixed, last-affected or limit event.
        event: usize,
    },
    /// The range has no event that says anything.
    Empty,
}

impl<V: AsRef<str>> Range<V> {
    /// Decides one version. An invalid version in an event is an error too: the range cannot be trusted then.
    pub fn check(&self, scheme: &dyn Scheme, version: &str) -> Result<Verdict, InvalidVersion> {
        let mut order: Vec<usize> = (0..self.events.len()).collect();
        let mut failed = None;
        order.sort_by(|&a, &b| {
            compare_events(scheme, &self.events[a], &self.events[b]).unwrap_or_else(|e| {
                failed.get_or_insert(e);
                Ordering::Equal
            })
        });
        if let Some(e) = failed {
            return Err(e);
        }
        let mut verdict = Verdict::Empty;
        for (i, &at) in order.iter().enumerate() {
            let event = &self.events[at];
            let reached = event.version.as_ref() == "0"
                || match scheme.compare(version, event.version.as_ref())? {
                    Ordering::Less => false,
                    Ordering::Equal => event.kind != EventKind::LastAffected,
                    Ordering::Greater => true,
                };
            if !reached {
                if verdict == Verdict::Empty && event.kind == EventKind::Introduced {
                    verdict = Verdict::Before { introduced: at };
                }
                break;
            }
            verdict = match event.kind {
                EventKind::Introduced => Verdict::Inside {
                    introduced: at,
                    until: order[i + 1..]
                        .iter()
                        .copied()
                        .find(|&n| self.events[n].kind != EventKind::Introduced),
                },
                _ => Verdict::After { event: at },
            };
        }
        Ok(verdict)
    }
}

fn compare_events<V: AsRef<str>>(
    scheme: &dyn Scheme,
    a: &Event<V>,
    b: &Event<V>,
) -> Result<Ordering, InvalidVersion> {
    let (va, vb) = (a.version.as_ref(), b.version.as_ref());
    match (va == "0", vb == "0") {
        (true, true) => Ok(Ordering::Equal),
        (true, false) => Ok(Ordering::Less),
        (false, true) => Ok(Ordering::Greater),
        (false, false) => scheme.compare(va, vb),
    }
}
