//! The expression as a tree, its three-valued evaluation, and its text.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::fields::{Due, Field, Kind, Truth};
use crate::finding::Finding;

/// An expression. Lists have two members or more and never hold a list of their own kind, so that text and tree agree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    AnyOf(Vec<Self>),
    AllOf(Vec<Self>),
    Not(Box<Self>),
    /// A yes-or-no field: `kev`.
    Flag(&'static Field),
    /// `severity>=high`.
    Compare(&'static Field, Op, Value),
    /// `severity=unknown`, which itself is never unknown.
    IsUnknown(&'static Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Position in the field's words, lowest first.
    Word(usize),
    Number(f32),
    Span(Span),
}

/// A length of time as written, so that `14d` is not printed as `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) count: u32,
    pub(super) unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Hours,
    Days,
    Weeks,
}

impl Expr {
    /// `or` over the parts; one part is itself.
    pub(super) fn any_of(parts: Vec<Self>) -> Self {
        join(parts, Self::AnyOf, |part| match part {
            Self::AnyOf(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// `and` over the parts; one part is itself.
    pub(super) fn all_of(parts: Vec<Self>) -> Self {
        join(parts, Self::AllOf, |part| match part {
            Self::AllOf(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Kleene's strong logic: `or` is true as soon as one part is, unknown only when the known parts do not settle it.
    pub(super) fn holds(&self, finding: &Finding, now: Timestamp) -> Truth {
        match self {
            Self::AnyOf(parts) => fold(parts, true, finding, now),
            Self::AllOf(parts) => fold(parts, false, finding, now),
            Self::Not(part) => part.holds(finding, now).map(|truth| !truth),
            Self::Flag(field) => field.flag(finding, now),
            Self::Compare(field, op, value) => compare(field, *op, *value, finding, now),
            Self::IsUnknown(field) => Some(field.is_unknown(finding, now)),
        }
    }

    /// The fields whose tests are unknown for a finding.
    pub(super) fn unknown_fields(
        &self,
        finding: &Finding,
        now: Timestamp,
    ) -> BTreeSet<&'static str> {
        match self {
            Self::AnyOf(parts) | Self::AllOf(parts) => parts
                .iter()
                .flat_map(|part| part.unknown_fields(finding, now))
                .collect(),
            Self::Not(part) => part.unknown_fields(finding, now),
            Self::Flag(field) | Self::Compare(field, ..) | Self::IsUnknown(field) => self
                .holds(finding, now)
                .is_none()
                .then_some(field.name)
                .into_iter()
                .collect(),
        }
    }

    /// Whether the field of this name stands anywhere in it.
    pub(super) fn uses(&self, name: &str) -> bool {
        match self {
            Self::AnyOf(parts) | Self::AllOf(parts) => parts.iter().any(|part| part.uses(name)),
            Self::Not(part) => part.uses(name),
            Self::Flag(field) | Self::Compare(field, ..) | Self::IsUnknown(field) => {
                field.name == name
            }
        }
    }

    fn fmt_inside(&self, f: &mut fmt::Formatter<'_>, parent: Level) -> fmt::Result {
        if self.level() < parent {
            return write!(f, "({self})");
        }
        fmt::Display::fmt(self, f)
    }

    fn level(&self) -> Level {
        match self {
            Self::AnyOf(_) => Level::Or,
            Self::AllOf(_) => Level::And,
            _ => Level::Not,
        }
    }
}

/// How tightly a node binds, loosest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
}

fn join(
    parts: Vec<Expr>,
    list: fn(Vec<Expr>) -> Expr,
    open: fn(Expr) -> Result<Vec<Expr>, Expr>,
) -> Expr {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => list(flat),
    }
}

fn fold(parts: &[Expr], settles: bool, finding: &Finding, now: Timestamp) -> Truth {
    let mut truth = Some(!settles);
    for part in parts {
        match part.holds(finding, now) {
            Some(known) if known == settles => return Some(settles),
            Some(_) => {}
            None => truth = None,
        }
    }
    truth
}

fn compare(field: &Field, op: Op, value: Value, finding: &Finding, now: Timestamp) -> Truth {
    match (&field.kind, value) {
        (Kind::Words { value: read, .. }, Value::Word(bound)) => {
            read(finding).map(|word| op.accepts(word.cmp(&bound)))
        }
        (Kind::Number { value: read, .. }, Value::Number(bound)) => read(finding)
            .and_then(|number| number.partial_cmp(&bound))
            .map(|order| op.accepts(order)),
        (Kind::Deadline, Value::Span(span)) => due_within(&Due::of(finding), op, span.after(now)),
        // The parser pairs kinds and values; a pair it never makes is unknown, which fails closed.
        _ => None,
    }
}

/// A deadline against a bound. A decision whose clock could not start might be earlier than every date that is known, so
/// a late known date proves nothing while one is open.
fn due_within(due: &Due, op: Op, bound: Timestamp) -> Truth {
    match op {
        Op::Greater => due_within(due, Op::LessOrEqual, bound).map(|truth| !truth),
        Op::GreaterOrEqual => due_within(due, Op::Less, bound).map(|truth| !truth),
        _ => {
            let within = due.earliest.is_some_and(|by| op.accepts(by.cmp(&bound)));
            match (within, due.open) {
                (true, _) => Some(true),
                (false, true) => None,
                (false, false) => Some(false),
            }
        }
    }
}

impl Op {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(super) const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Span {
    /// The instant this long after `now`; a span past the end of time is the end of time.
    fn after(self, now: Timestamp) -> Timestamp {
        let hours = i64::from(self.count)
            * match self.unit {
                Unit::Hours => 1,
                Unit::Days => 24,
                Unit::Weeks => 24 * 7,
            };
        now.checked_add(jiff::SignedDuration::from_hours(hours))
            .unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyOf(parts) => fmt_list(f, parts, " or ", Level::And),
            Self::AllOf(parts) => fmt_list(f, parts, " and ", Level::Not),
            Self::Not(part) => {
                f.write_str("not ")?;
                part.fmt_inside(f, Level::Not)
            }
            Self::Flag(field) => f.write_str(field.name),
            Self::IsUnknown(field) => write!(f, "{}=unknown", field.name),
            Self::Compare(field, op, value) => {
                write!(f, "{}{}", field.name, op.as_str())?;
                match value {
                    Value::Word(at) => {
                        f.write_str(field.words().get(*at).copied().unwrap_or("unknown"))
                    }
                    Value::Number(number) => number.fmt(f),
                    Value::Span(span) => span.fmt(f),
                }
            }
        }
    }
}

fn fmt_list(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expr],
    between: &str,
    level: Level,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        part.fmt_inside(f, level)?;
    }
    Ok(())
}
