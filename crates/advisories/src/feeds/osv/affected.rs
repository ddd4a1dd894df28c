//! One entry of `affected[]` (<https://ossf.github.io/osv-schema/#affected-fields>) as [`Affected`].

use std::collections::HashSet;

use base::{Ecosystem, Severity};
use versions::{Event, EventKind, Range, RangeKind};

use super::SeverityWire;
use crate::feeds::consistency::is_inside;
use crate::feeds::wire::{Lenient, List, Text, wire};
use crate::model::{Affected, VendorState};

wire! {
    /// `affected[]`.
    pub(super) struct AffectedWire<'a> {
        "package" => package: Lenient<PackageWire<'a>>,
        "ranges" => ranges: List<Lenient<RangeWire<'a>>>,
        "versions" => versions: List<Text<'a>>,
        "severity" => scores: List<Lenient<SeverityWire<'a>>>,
        "ecosystem_specific" => ecosystem_specific: Lenient<SpecificWire<'a>>,
        "database_specific" => database_specific: Lenient<SpecificWire<'a>>,
    }
}

wire! {
    /// `affected[].package`.
    struct PackageWire<'a> {
        "ecosystem" => ecosystem: Text<'a>,
        "name" => name: Text<'a>,
    }
}

wire! {
    /// `affected[].ranges[]`.
    struct RangeWire<'a> {
        "type" => kind: Text<'a>,
        "events" => events: List<Lenient<EventWire<'a>>>,
        "database_specific" => specific: Lenient<RangeSpecificWire<'a>>,
    }
}

wire! {
    /// What GitHub adds to a range.
    struct RangeSpecificWire<'a> {
        "last_known_affected_version_range" => last_known: Text<'a>,
    }
}

wire! {
    /// One event: one key by the schema, but old records put `introduced` and `fixed` into one object.
    struct EventWire<'a> {
        "introduced" => introduced: Text<'a>,
        "fixed" => fixed: Text<'a>,
        "last_affected" => last_affected: Text<'a>,
        "limit" => limit: Text<'a>,
    }
}

wire! {
    /// What sources add at every level: Debian's urgency, GitHub's upper bound, RustSec's kind, a severity word.
    struct SpecificWire<'a> {
        "urgency" => urgency: Text<'a>,
        "severity" => severity: Text<'a>,
        "informational" => informational: Text<'a>,
        "last_known_affected_version_range" => last_known: Text<'a>,
    }
}

/// An entry that was understood, and what was odd about it.
pub(super) struct Read {
    pub(super) affected: Affected,
    pub(super) odd: Option<&'static str>,
}

impl AffectedWire<'_> {
    /// The domain value, or the reason why the entry cannot be matched. `exclusive` are the lower bounds the source meant
    /// as "after this version" (OSV can only say "from this version").
    pub(super) fn read(
        &self,
        exclusive: &HashSet<String>,
        scorer: &str,
    ) -> Result<Read, &'static str> {
        let (ecosystem, package) = (
            self.package.value.ecosystem.trimmed(),
            self.package.value.name.trimmed(),
        );
        if ecosystem.is_empty() || package.is_empty() {
            return Err("affected entry without a package");
        }
        let (mut ranges, odd) = self.ranges();
        let mut versions = self.versions.owned();
        if ranges.is_empty() && versions.is_empty() && self.has_git_range() {
            return Err("affected entry with git ranges only");
        }
        let ecosystem = parse_ecosystem(ecosystem);
        if self.close_open_range(&mut ranges) {
            // The list was written out from the range while it was open.
            versions.retain(|version| is_inside(&ranges, &ecosystem, version) != Some(false));
        }
        let affected = Affected {
            ecosystem,
            package: package.to_owned(),
            except: exceptions(&ranges, exclusive),
            ranges,
            versions,
            scores: super::vectors(&self.scores, scorer),
            component: None,
            updates: Vec::new(),
            vendor_state: self.vendor_state(),
        };
        Ok(Read { affected, odd })
    }

    fn ranges(&self) -> (Vec<Range>, Option<&'static str>) {
        let mut ranges = Vec::with_capacity(self.ranges.items.len());
        let mut odd = None;
        for wire in &self.ranges.items {
            match wire.value.kind() {
                Some(RangeKind::Git) => {}
                Some(kind) => {
                    let events = wire.value.events();
                    if !events.iter().any(|e| e.kind == EventKind::Introduced) {
                        odd = Some("a range has no introduced event and so covers nothing");
                    }
                    ranges.push(Range { kind, events });
                }
                None => odd = Some("a range of an unknown type is left out"),
            }
        }
        (ranges, odd)
    }

    fn has_git_range(&self) -> bool {
        let mut ranges = self.ranges.items.iter();
        ranges.any(|r| r.value.kind() == Some(RangeKind::Git))
    }

    /// GitHub knows the last affected version of packages that have no fix, and says so beside an open range, of which it
    /// writes one an entry. Without it every later version would count as affected. Whether the range was closed.
    fn close_open_range(&self, ranges: &mut [Range]) -> bool {
        let [range] = ranges else { return false };
        let is_open = matches!(range.events.as_slice(), [e] if e.kind == EventKind::Introduced);
        let beside = self
            .ranges
            .items
            .iter()
            .map(|r| &r.value.specific.value.last_known);
        let mut bounds = beside.chain([&self.database_specific.value.last_known]);
        let bound = is_open
            .then(|| bounds.find_map(|b| upper_bound(b.trimmed())))
            .flatten();
        let is_closed = bound.is_some();
        range.events.extend(bound);
        is_closed
    }

    /// RustSec's word for a record that is no vulnerability: `unmaintained`, `unsound`, `notice`.
    pub(super) fn informational(&self) -> Option<String> {
        self.database_specific.value.informational.owned()
    }

    /// A severity word for this package; Debian's urgency is one.
    pub(super) fn severity(&self) -> Option<Severity> {
        let specific = [
            &self.ecosystem_specific.value,
            &self.database_specific.value,
        ];
        let words = specific.iter().flat_map(|s| [&s.severity, &s.urgency]);
        let listed = self.scores.items.iter().map(|s| &s.value.score);
        words
            .chain(listed)
            .filter_map(|w| w.trimmed().parse().ok())
            .max()
    }

    fn vendor_state(&self) -> Option<VendorState> {
        let specific = [
            &self.ecosystem_specific.value,
            &self.database_specific.value,
        ];
        specific.iter().find_map(|s| match s.urgency.trimmed() {
            "unimportant" => Some(VendorState::Unimportant),
            "end-of-life" => Some(VendorState::EndOfLife),
            _ => None,
        })
    }

    pub(super) fn is_cut(&self) -> bool {
        self.versions.cut || self.ranges.cut || self.ranges.items.iter().any(|r| r.value.events.cut)
    }
}

impl RangeWire<'_> {
    fn kind(&self) -> Option<RangeKind> {
        let kind = self.kind.trimmed();
        let known = [
            ("SEMVER", RangeKind::Semver),
            ("ECOSYSTEM", RangeKind::Ecosystem),
            ("GIT", RangeKind::Git),
        ];
        known
            .into_iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(kind))
            .map(|(_, kind)| kind)
    }

    fn events(&self) -> Vec<Event> {
        let mut events = Vec::with_capacity(self.events.items.len());
        let mut unlimited = false;
        for event in &self.events.items {
            for (kind, version) in event.value.fields() {
                let Some(version) = version.owned() else {
                    continue;
                };
                unlimited |= kind == EventKind::Limit && version.contains('*');
                events.push(Event { kind, version });
            }
        }
        if unlimited {
            // A version below any limit is within them, and everything is below "*".
            events.retain(|e| e.kind != EventKind::Limit);
        }
        events
    }
}

impl<'a> EventWire<'a> {
    fn fields(&self) -> [(EventKind, &Text<'a>); 4] {
        [
            (EventKind::Introduced, &self.introduced),
            (EventKind::Fixed, &self.fixed),
            (EventKind::LastAffected, &self.last_affected),
            (EventKind::Limit, &self.limit),
        ]
    }
}

fn parse_ecosystem(text: &str) -> Ecosystem {
    let Ok(ecosystem) = text.parse();
    ecosystem
}

/// The upper end of GitHub's `">= 1.0, <= 2.3"`. An exclusive end is no fix, so it is a limit.
fn upper_bound(constraint: &str) -> Option<Event> {
    let event = |kind, version: &str| {
        let version = version.trim();
        (!version.is_empty()).then(|| Event {
            kind,
            version: version.to_owned(),
        })
    };
    constraint.split(',').map(str::trim).find_map(|part| {
        if let Some(version) = part.strip_prefix("<=") {
            event(EventKind::LastAffected, version)
        } else if let Some(version) = part.strip_prefix('<') {
            event(EventKind::Limit, version)
        } else {
            part.strip_prefix('=')
                .and_then(|version| event(EventKind::LastAffected, version))
        }
    })
}

/// The lower bounds of these ranges that the source meant exclusively.
fn exceptions(ranges: &[Range], exclusive: &HashSet<String>) -> Vec<String> {
    let events = ranges.iter().flat_map(|r| &r.events);
    let bounds =
        events.filter(|e| e.kind == EventKind::Introduced && exclusive.contains(&e.version));
    bounds.map(|e| e.version.clone()).collect()
}
