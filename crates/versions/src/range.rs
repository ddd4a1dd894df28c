//! Ranges as OSV events (<https://ossf.github.io/osv-schema/#affectedrangesevents-fields>) and the verdict on one version.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, scheme_for};

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

impl RangeKind {
    /// The order a range of this kind is in, for records of an OSV ecosystem; `None` for commits, and for an ecosystem without
    /// an order. Bitnami writes `SEMVER` for versions that its own order compares (`1.2.3-1` is above `1.2.3`).
    pub fn scheme(self, ecosystem: &str) -> Option<&'static dyn Scheme> {
        match self {
            Self::Semver => scheme_for(ecosystem)
                .filter(|s| s.id() == "bitnami")
                .or_else(|| scheme_for("semver")),
            Self::Ecosystem => scheme_for(ecosystem),
            Self::Git => None,
        }
    }
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
    /// Decides one version, as the OSV schema's evaluation does
    /// (<https://ossf.github.io/osv-schema/#evaluation>). Events may come in any order.
    ///
    /// An invalid version in an event is an error too: the range cannot be trusted then. Where events of one version meet,
    /// a stretch that is open is closed before the next one opens (`[1, 2)` and `[2, 3)` touch), and a stretch that opens
    /// and closes at one version is empty, or just that version with `last_affected`.
    pub fn check(&self, scheme: &dyn Scheme, version: &str) -> Result<Verdict, InvalidVersion> {
        if self.kind == RangeKind::Git {
            return Ok(Verdict::Empty);
        }
        let walk = Walk {
            events: &self.events,
            scheme,
            version,
        };
        let verdict = match self.events.as_slice() {
            [introduced] if introduced.kind == EventKind::Introduced => walk.stretch(0, None)?,
            [introduced, end]
                if introduced.kind == EventKind::Introduced && end.kind.ends_stretch() =>
            {
                match walk.stretch(0, Some(1))? {
                    Verdict::After { .. } if walk.order(1, 0)?.is_lt() => Verdict::Inside {
                        introduced: 0,
                        until: None,
                    },
                    verdict => verdict,
                }
            }
            _ => walk.all()?,
        };
        walk.limited(verdict)
    }
}

impl EventKind {
    fn ends_stretch(self) -> bool {
        matches!(self, Self::Fixed | Self::LastAffected)
    }
}

/// One version on its way through the events of a range.
struct Walk<'a, V> {
    events: &'a [Event<V>],
    scheme: &'a dyn Scheme,
    version: &'a str,
}

impl<V: AsRef<str>> Walk<'_, V> {
    fn text(&self, event: usize) -> &str {
        self.events[event].version.as_ref()
    }

    fn kind(&self, event: usize) -> EventKind {
        self.events[event].kind
    }

    /// Whether the event's effect holds at the version. `0` is below every version that there is.
    fn reaches(&self, event: usize) -> Result<bool, InvalidVersion> {
        let is_last_affected = self.kind(event) == EventKind::LastAffected;
        if self.text(event) == "0" && !is_last_affected {
            return Ok(true);
        }
        let order = self.scheme.compare(self.version, self.text(event))?;
        Ok(order.is_gt() || (order.is_eq() && !is_last_affected))
    }

    fn order(&self, a: usize, b: usize) -> Result<Ordering, InvalidVersion> {
        match (self.text(a) == "0", self.text(b) == "0") {
            (false, false) => self.scheme.compare(self.text(a), self.text(b)),
            (a_is_lowest, b_is_lowest) => Ok(b_is_lowest.cmp(&a_is_lowest)),
        }
    }

    /// A range of one stretch, the common case: no more comparisons than there are events.
    fn stretch(&self, introduced: usize, end: Option<usize>) -> Result<Verdict, InvalidVersion> {
        let is_opened = self.reaches(introduced)?;
        let is_ended = end.map_or(Ok(false), |end| self.reaches(end))?;
        Ok(match end {
            _ if !is_opened => Verdict::Before { introduced },
            Some(event) if is_ended => Verdict::After { event },
            until => Verdict::Inside { introduced, until },
        })
    }

    /// The events that open and end stretches, lowest first. Not by [`slice::sort_by`], which may panic where a scheme's
    /// own order is inconsistent (Maven's is).
    fn sorted(&self) -> Result<Vec<usize>, InvalidVersion> {
        let mut sorted: Vec<usize> = Vec::with_capacity(self.events.len());
        for event in (0..self.events.len()).filter(|&event| self.kind(event) != EventKind::Limit) {
            let (mut low, mut high) = (0, sorted.len());
            if let Some(&last) = sorted.last()
                && self.order(last, event)?.is_le()
            {
                low = high;
            }
            while low < high {
                let middle = low + (high - low) / 2;
                match self.order(sorted[middle], event)?.is_le() {
                    true => low = middle + 1,
                    false => high = middle,
                }
            }
            sorted.insert(low, event);
        }
        Ok(sorted)
    }

    fn all(&self) -> Result<Verdict, InvalidVersion> {
        let mut order = self.sorted()?;
        let mut verdict = Verdict::Empty;
        let mut opened = None;
        let mut start = 0;
        while start < order.len() {
            let mut end = start + 1;
            while end < order.len() && self.order(order[start], order[end])?.is_eq() {
                end += 1;
            }
            let ends_first = opened.is_some();
            order[start..end].sort_by_key(|&event| self.kind(event).ends_stretch() != ends_first);
            for &event in &order[start..end] {
                self.step(event, &mut opened, &mut verdict)?;
            }
            start = end;
        }
        Ok(verdict)
    }

    /// Takes one event in order: `opened` is the stretch that is open above all events so far, `verdict` what they say of
    /// the version.
    fn step(
        &self,
        event: usize,
        opened: &mut Option<usize>,
        verdict: &mut Verdict,
    ) -> Result<(), InvalidVersion> {
        let is_reached = self.reaches(event)?;
        if !self.kind(event).ends_stretch() {
            let introduced = event;
            match verdict {
                _ if opened.is_some() => {}
                _ if is_reached => {
                    *verdict = Verdict::Inside {
                        introduced,
                        until: None,
                    }
                }
                Verdict::Empty => *verdict = Verdict::Before { introduced },
                _ => {}
            }
            opened.get_or_insert(event);
            return Ok(());
        }
        let Some(introduced) = opened.take() else {
            return Ok(());
        };
        match verdict {
            Verdict::Inside { introduced: at, .. } if *at == introduced && is_reached => {
                *verdict = Verdict::After { event };
            }
            Verdict::Inside {
                introduced: at,
                until,
            } if *at == introduced => *until = Some(event),
            _ => {}
        }
        Ok(())
    }

    /// Applies the limits: a range with limits says nothing at or above the highest of them; `*` is no limit.
    fn limited(&self, verdict: Verdict) -> Result<Verdict, InvalidVersion> {
        let mut highest: Option<usize> = None;
        for event in (0..self.events.len()).filter(|&event| self.kind(event) == EventKind::Limit) {
            if self.text(event) == "*" {
                return Ok(verdict);
            }
            highest = match highest {
                Some(other) if self.order(other, event)?.is_ge() => Some(other),
                _ => Some(event),
            };
        }
        let Some(limit) = highest else {
            return Ok(verdict);
        };
        let is_beyond = self.reaches(limit)?;
        Ok(match verdict {
            Verdict::Inside { .. } if is_beyond => Verdict::After { event: limit },
            Verdict::Inside { introduced, until } => Verdict::Inside {
                introduced,
                until: match until {
                    Some(end) if self.order(end, limit)?.is_le() => Some(end),
                    _ => Some(limit),
                },
            },
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(events: &str) -> Range {
        let event = |text: &str| {
            let (kind, version) = text.split_at(1);
            let kind = match kind {
                "i" => EventKind::Introduced,
                "f" => EventKind::Fixed,
                "l" => EventKind::LastAffected,
                _ => EventKind::Limit,
            };
            Event {
                kind,
                version: version.to_owned(),
            }
        };
        Range {
            kind: RangeKind::Ecosystem,
            events: events.split_whitespace().map(event).collect(),
        }
    }

    fn verdict(events: &str, version: &str) -> Result<Verdict, InvalidVersion> {
        range(events).check(scheme_for("deb").expect("deb"), version)
    }

    /// `i`, `f`, `l` and `x` are introduced, fixed, last affected and limit.
    fn check(events: &str, version: &str, expected: Verdict) {
        assert_eq!(
            verdict(events, version),
            Ok(expected),
            "{version} in {events}"
        );
    }

    fn inside(introduced: usize, until: impl Into<Option<usize>>) -> Verdict {
        Verdict::Inside {
            introduced,
            until: until.into(),
        }
    }

    #[test]
    fn fixed_is_outside_and_last_affected_inside() {
        check("i0 f2", "1", inside(0, 1));
        check("i0 f2", "2", Verdict::After { event: 1 });
        check("i0 l2", "2", inside(0, 1));
        check("i0 l2", "2.1", Verdict::After { event: 1 });
        check("i1", "0.9", Verdict::Before { introduced: 0 });
        check("i1", "1", inside(0, None));
    }

    #[test]
    fn zero_is_below_every_version() {
        check("i0", "0~~", inside(0, None));
        check("i0 f0", "1", Verdict::After { event: 1 });
        check("i0 f0", "0~~", Verdict::After { event: 1 });
    }

    #[test]
    fn events_may_come_in_any_order() {
        check("f2 i1", "1.5", inside(1, 0));
        check("f2 i1 f4 i3", "2.5", Verdict::After { event: 0 });
        check("f2 i1 f4 i3", "3", inside(3, 2));
        check("f2 i1 f4 i3", "0", Verdict::Before { introduced: 1 });
        check("i3 f2", "4", inside(0, None));
        check("i3 f2", "2.5", Verdict::Before { introduced: 0 });
    }

    #[test]
    fn stretches_that_touch_leave_no_hole() {
        for events in ["i1 f2 i2 f3", "i2 f3 i1 f2", "i1 i2 f2 f3"] {
            for version in ["1", "2", "2.5"] {
                assert!(
                    matches!(verdict(events, version), Ok(Verdict::Inside { .. })),
                    "{version} in {events}"
                );
            }
            assert!(
                matches!(verdict(events, "3"), Ok(Verdict::After { .. })),
                "{events}"
            );
        }
        check("i1 l2 i2 f3", "2.5", inside(2, 3));
    }

    #[test]
    fn a_stretch_that_ends_where_it_begins_is_empty_or_one_version() {
        check("i2 f2", "2", Verdict::After { event: 1 });
        check("f2 i2", "3", Verdict::After { event: 0 });
        check("i2 l2", "2", inside(0, 1));
        check("l2 i2", "2.1", Verdict::After { event: 0 });
    }

    #[test]
    fn the_highest_limit_counts() {
        check("i0 x2", "1", inside(0, 1));
        check("i0 x2", "2", Verdict::After { event: 1 });
        check("i0 x2 x3", "2", inside(0, 2));
        check("i0 x2 x*", "9", inside(0, None));
        check("i0 f2 x3", "1", inside(0, 1));
        check("i0 f3 x2", "1", inside(0, 2));
    }

    #[test]
    fn an_end_without_a_beginning_says_nothing() {
        check("f2", "1", Verdict::Empty);
        check("", "1", Verdict::Empty);
        let commits = Range {
            kind: RangeKind::Git,
            ..range("i0")
        };
        assert_eq!(
            commits.check(scheme_for("deb").expect("deb"), "1"),
            Ok(Verdict::Empty)
        );
    }

    #[test]
    fn an_invalid_event_spoils_the_range_wherever_it_is() {
        for events in ["i1: f2", "i1 f2:", "i5 f1:", "i1 f2 i3 f:"] {
            assert!(verdict(events, "1").is_err(), "{events}");
        }
        assert!(verdict("i1 f2", "1:").is_err());
    }

    /// The pseudo-code of the schema, for events of different versions that open and close in turn.
    fn as_the_schema_says(events: &[(bool, u32)], version: u32) -> bool {
        let mut is_vulnerable = false;
        for (is_introduced, at) in events {
            if version >= *at {
                is_vulnerable = *is_introduced;
            }
        }
        is_vulnerable
    }

    proptest! {
        #[test]
        fn shuffled_ranges_are_read_as_the_schema_says(
            versions in proptest::collection::btree_set(1_u32..40, 1..9),
            seed in proptest::collection::vec(any::<u32>(), 9),
            version in 0_u32..42,
        ) {
            let events: Vec<_> = versions.iter().enumerate().map(|(i, v)| (i % 2 == 0, *v)).collect();
            let mut shuffled: Vec<_> = events.iter().zip(seed).collect();
            shuffled.sort_by_key(|(_, seed)| *seed);
            let text: String = shuffled.iter().map(|((i, v), _)| format!("{}{v} ", if *i { 'i' } else { 'f' })).collect();
            let is_inside = matches!(verdict(&text, &version.to_string()), Ok(Verdict::Inside { .. }));
            prop_assert_eq!(is_inside, as_the_schema_says(&events, version), "{} in {}", version, text);
        }
    }
}
