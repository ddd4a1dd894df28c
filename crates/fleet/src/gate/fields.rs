//! The fields of a gate expression: one table, each with the values it takes and how it is read from a finding.

use base::Severity;
use jiff::Timestamp;
use matching::FixState;
use risk::policy::{Action, UsedFact};

use crate::finding::{Finding, SsvcPoints};

/// `None` is Kleene's third value, unknown.
pub(super) type Truth = Option<bool>;

/// A name an expression may use.
#[derive(Debug)]
pub(super) struct Field {
    /// As printed: lower case.
    pub(super) name: &'static str,
    /// Other spellings that are read.
    also: &'static [&'static str],
    /// One line for help.
    pub(super) about: &'static str,
    pub(super) kind: Kind,
}

/// What a field's values are, and how a finding gives one; `None` is unknown.
#[derive(Debug)]
pub(super) enum Kind {
    /// Yes or no.
    Flag(fn(&Finding, Timestamp) -> Truth),
    /// One of some words, lowest first.
    Words {
        words: &'static [&'static str],
        /// Whether `<` and `>` mean anything.
        ordered: bool,
        value: fn(&Finding) -> Option<usize>,
    },
    /// A number within bounds. `f32` on both sides, as EPSS scores are kept: `epss>=0.97` then holds for a score of 0.97.
    Number {
        max: f32,
        value: fn(&Finding) -> Option<f32>,
    },
    /// The earliest deadline, against a span from now.
    Deadline,
}

/// Names are unique, so a field is its name.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every field, in the order they are listed to the user.
pub(super) static FIELDS: &[Field] = &[
    Field {
        name: "any",
        also: &[],
        about: "every finding",
        kind: Kind::Flag(|_, _| Some(true)),
    },
    Field {
        name: "severity",
        also: &[],
        about: "none, low, medium, high or critical",
        kind: Kind::Words {
            words: &["none", "low", "medium", "high", "critical"],
            ordered: true,
            value: |f| {
                f.severity
                    .and_then(|severity| Severity::ALL.iter().position(|s| *s == severity))
            },
        },
    },
    Field {
        name: "cvss",
        also: &[],
        about: "the highest CVSS score, 0 to 10",
        kind: Kind::Number {
            max: 10.0,
            value: |f| {
                f.cvss
                    .iter()
                    .map(|c| c.scored.tenths)
                    .max()
                    .map(|tenths| f32::from(tenths) / 10.0)
            },
        },
    },
    Field {
        name: "epss",
        also: &["epss_score"],
        about: "the highest EPSS score, 0 to 1",
        kind: Kind::Number {
            max: 1.0,
            value: |f| f.epss.as_ref().map(|e| e.score),
        },
    },
    Field {
        name: "epss_percentile",
        also: &[],
        about: "its percentile, 0 to 1",
        kind: Kind::Number {
            max: 1.0,
            value: |f| f.epss.as_ref().map(|e| e.percentile),
        },
    },
    Field {
        name: "kev",
        also: &[],
        about: "listed as known exploited",
        kind: Kind::Flag(|f, _| kev(f)),
    },
    Field {
        name: "ransomware",
        also: &["kev.ransomware"],
        about: "listed as known exploited, in ransomware",
        kind: Kind::Flag(|f, _| f.kev.as_ref().map_or_else(|| kev(f), |kev| kev.ransomware)),
    },
    Field {
        name: "decision",
        also: &["due"],
        about: "time left to the earliest deadline: decision<=14d",
        kind: Kind::Deadline,
    },
    Field {
        name: "overdue",
        also: &[],
        about: "the earliest deadline has passed",
        kind: Kind::Flag(overdue),
    },
    Field {
        name: "fixable",
        also: &[],
        about: "a fixed version is named",
        kind: Kind::Flag(|f, _| known_fix_state(f).map(|state| state == FixState::Fixed)),
    },
    Field {
        name: "fix_state",
        also: &[],
        about: "fixed, none, wont-fix or end-of-life",
        kind: Kind::Words {
            words: &["fixed", "none", "wont-fix", "end-of-life"],
            ordered: false,
            value: |f| {
                known_fix_state(f).and_then(|state| FIX_STATES.iter().position(|s| *s == state))
            },
        },
    },
    Field {
        name: "informational",
        also: &[],
        about: "a notice (unmaintained, unsound), not a vulnerability",
        kind: Kind::Flag(|f, _| Some(f.informational.is_some())),
    },
    Field {
        name: "new",
        also: &[],
        about: "not in the scan given with --baseline",
        kind: Kind::Flag(|f, _| f.is_new),
    },
    Field {
        name: "ssvc.exploitation",
        also: &["exploitation"],
        about: "none, poc or active",
        kind: Kind::Words {
            words: EXPLOITATION,
            ordered: true,
            value: |f| {
                ssvc(f, |s| s.exploitation)
                    .and_then(|word| EXPLOITATION.iter().position(|w| *w == word))
            },
        },
    },
    Field {
        name: "ssvc.automatable",
        also: &["automatable"],
        about: "an attack can be automated",
        kind: Kind::Flag(|f, _| ssvc(f, |s| s.automatable)),
    },
    Field {
        name: "ssvc.technical_impact",
        also: &["technical_impact"],
        about: "partial or total",
        kind: Kind::Words {
            words: &["partial", "total"],
            ordered: true,
            value: |f| ssvc(f, |s| s.total_impact).map(usize::from),
        },
    },
];

/// In the order of the words of `fix_state`.
const FIX_STATES: [FixState; 4] = [
    FixState::Fixed,
    FixState::None,
    FixState::WontFix,
    FixState::EndOfLife,
];

const EXPLOITATION: &[&str] = &["none", "poc", "active"];

impl Field {
    /// The field of a name in any case; `-` and `_` are the same.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        let name = name.to_ascii_lowercase().replace('-', "_");
        FIELDS
            .iter()
            .find(|field| field.name == name || field.also.contains(&name.as_str()))
    }

    /// The words it takes, lowest first; none for a field of another kind.
    pub(super) fn words(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Words { words, .. } => words,
            _ => &[],
        }
    }

    /// The position of a word in any case; severities also under the vendors' names (`important`, `moderate`).
    pub(super) fn word(&self, text: &str) -> Option<usize> {
        let text = text.to_ascii_lowercase().replace('_', "-");
        let at = self.words().iter().position(|word| *word == text);
        if at.is_some() || self.name != "severity" {
            return at;
        }
        let severity: Severity = text.parse().ok()?;
        self.words()
            .iter()
            .position(|word| *word == severity.as_str())
    }

    /// The truth of a yes-or-no field.
    pub(super) fn flag(&self, finding: &Finding, now: Timestamp) -> Truth {
        match self.kind {
            Kind::Flag(read) => read(finding, now),
            _ => None,
        }
    }

    /// Whether nobody says.
    pub(super) fn is_unknown(&self, finding: &Finding, now: Timestamp) -> bool {
        match self.kind {
            Kind::Flag(read) => read(finding, now).is_none(),
            Kind::Words { value, .. } => value(finding).is_none(),
            Kind::Number { value, .. } => value(finding).is_none(),
            Kind::Deadline => {
                let due = Due::of(finding);
                due.earliest.is_none() && due.open
            }
        }
    }
}

/// What is known of a finding's deadline.
pub(super) struct Due {
    /// The earliest date any policy gives.
    pub(super) earliest: Option<Timestamp>,
    /// Whether another date may exist: a clock that could not start, or a finding so unknown that no policy took it up.
    pub(super) open: bool,
}

impl Due {
    pub(super) fn of(finding: &Finding) -> Self {
        let undecided = finding.decisions.is_empty() && finding.severity.is_none();
        Self {
            earliest: finding.decisions.iter().filter_map(|d| d.by).min(),
            // A row that says "fix on upgrade" gives no date and means it; any other row without one lacks a fact.
            open: undecided
                || finding
                    .decisions
                    .iter()
                    .any(|d| d.by.is_none() && !d.actions.contains(&Action::OnUpgrade)),
        }
    }
}

fn overdue(finding: &Finding, now: Timestamp) -> Truth {
    let due = Due::of(finding);
    match due.earliest {
        Some(by) if by < now => Some(true),
        _ if due.open => None,
        _ => Some(false),
    }
}

/// A finding that is not listed is known not to be, unless the policies say that there was no list to look in.
fn kev(finding: &Finding) -> Truth {
    let asked_in_vain = |fact: &UsedFact| fact.name == "kev" && fact.value.is_none();
    match finding.kev {
        Some(_) => Some(true),
        None if finding
            .decisions
            .iter()
            .flat_map(|d| &d.facts)
            .any(asked_in_vain) =>
        {
            None
        }
        None => Some(false),
    }
}

fn known_fix_state(finding: &Finding) -> Option<FixState> {
    Some(finding.fix_state).filter(|state| *state != FixState::Unknown)
}

fn ssvc<T>(finding: &Finding, point: fn(&SsvcPoints) -> Option<T>) -> Option<T> {
    finding.ssvc.as_ref().and_then(point)
}
