//! Deadlines of vulnerabilities on kinds of hosts. A policy is asked once for each combination of facts that it can tell
//! apart; the dates are then arithmetic.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use risk::facts::{Fact, Facts};
use risk::policy::{Policy, Question};

use super::board::Board;
use super::hosts::{CLASSES, Class, Classes, HostColumns, class_facts};
use super::kinds::{KindCounts, Kinds, Partition};
use super::line::{Line, NEVER};
use super::standing::{Rating, Scores};
use crate::asset::Pci;

/// What the policies say of every rating of a board on every kind of its hosts. Made again when the board, what is said of the
/// hosts or the day changes; pages only look it up.
#[derive(Debug)]
pub struct Dues {
    /// Of each rating; those dated alike share one.
    profile_of: Vec<u32>,
    pub(super) profiles: Vec<Profile>,
    pub(super) partition: Partition,
    /// Hosts of each kind with each release, when the board was as told by its revision.
    counts: KindCounts,
    revision: u64,
}

/// The dates of a rating: kinds of hosts with the same.
pub(super) type Profile = Vec<DatedKinds>;

/// Kinds of hosts and what dates a finding there.
#[derive(Clone, Debug)]
pub(super) struct DatedKinds {
    pub(super) kinds: Kinds,
    /// The earliest counts; none is no deadline.
    lines: Vec<Line>,
}

/// Classes of hosts for which the same outcomes set a deadline: policy and outcome.
type Rules = Arc<[(Classes, Vec<(usize, usize)>)]>;

/// What everything of a fleet is dated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedBy {
    /// A catalogue of exploited vulnerabilities was read; without one, "not listed" cannot be said.
    pub is_kev_known: bool,
    /// What was there before is a backlog: house clocks start here.
    pub baseline: Option<Timestamp>,
}

/// Facts policies tell apart, but for the dates.
type Answers = String;

impl Dues {
    /// Asks every policy about every rating.
    pub fn new(board: &Board, hosts: &HostColumns, policies: &[Policy], by: DatedBy) -> Self {
        let mut known: HashMap<(Answers, Moments), u32> = HashMap::new();
        let mut rules: HashMap<Answers, Rules> = HashMap::new();
        let mut asked: Vec<(Rules, Facts)> = Vec::new();
        let profile = |rating: &Rating| {
            let is_dismissed = rating.scores.is_dismissed;
            let facts = facts(&rating.scores, by);
            let answers = answers(policies, &facts, is_dismissed);
            let key = (answers.clone(), moments(&facts));
            *known.entry(key).or_insert_with(|| {
                let rules = rules.entry(answers);
                let rules = rules.or_insert_with(|| rules_of(policies, &facts, is_dismissed));
                asked.push((Arc::clone(rules), facts));
                asked.len() as u32 - 1
            })
        };
        let profile_of = board.ratings.iter().map(profile).collect();
        let sets = rules.values().flat_map(|rules| rules.iter());
        let mut sets: Vec<Classes> = sets.map(|(classes, _)| *classes).collect();
        sets.sort_unstable();
        sets.dedup();
        let partition = Partition::of(&sets);
        let profiles = asked
            .iter()
            .map(|(rules, facts)| profile_of_rules(policies, &partition, rules, facts));
        Self {
            profile_of,
            profiles: profiles.collect(),
            counts: KindCounts::of(board, hosts, &partition, &board.hosts),
            partition,
            revision: board.revision,
        }
    }

    /// The profile of a rating; none of one that came later.
    pub(super) fn profile_of(&self, rating: u32) -> Option<u32> {
        self.profile_of.get(rating as usize).copied()
    }

    /// The hosts of each kind with each release, if that is still so.
    pub(super) fn counts(&self, board: &Board) -> Option<&KindCounts> {
        (self.revision == board.revision).then_some(&self.counts)
    }
}

impl DatedKinds {
    /// The deadline where it is known since an hour.
    pub(super) fn date(&self, hour: i32) -> i64 {
        let dates = self.lines.iter().map(|line| line.date(hour));
        dates.min().unwrap_or(NEVER)
    }

    /// From which hours of some on a deadline is never earlier for beginning later, until the next of these.
    fn turns(&self, hours: &[i32]) -> Vec<usize> {
        let turns = self.lines.iter().flat_map(Line::turns);
        let places = turns.map(|turn| hours.partition_point(|hour| *hour < turn));
        let mut all: Vec<usize> = places.chain([0, hours.len()]).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn is_by_calendar(&self) -> bool {
        self.lines.iter().any(Line::is_by_calendar)
    }

    /// The earliest and the latest deadline over some hours.
    pub(super) fn range(&self, hours: &[i32]) -> (i64, i64) {
        let dates = |all: &mut dyn Iterator<Item = i32>| {
            let first = (NEVER, i64::MIN);
            all.map(|hour| self.date(hour))
                .fold(first, |(low, high), date| (low.min(date), high.max(date)))
        };
        if self.is_by_calendar() {
            return dates(&mut hours.iter().copied());
        }
        let turns = self.turns(hours);
        let ends = turns
            .windows(2)
            .flat_map(|w| [hours[w[0]], hours[w[1] - 1]]);
        dates(&mut ends.into_iter())
    }

    /// The hours of some at which it is due from the first instant to before the second: from one to before another.
    pub(super) fn asked(&self, hours: &[i32], (from, until): (i64, i64)) -> Vec<(usize, usize)> {
        if self.lines.is_empty() {
            return Vec::new();
        }
        let turns = match self.is_by_calendar() {
            true => (0..=hours.len()).collect(),
            false => self.turns(hours),
        };
        let mut asked: Vec<(usize, usize)> = Vec::new();
        for turn in turns.windows(2) {
            let part = &hours[turn[0]..turn[1]];
            let first = turn[0] + part.partition_point(|hour| self.date(*hour) < from);
            let end = turn[0] + part.partition_point(|hour| self.date(*hour) < until);
            match asked.last_mut() {
                _ if first >= end => {}
                Some((_, last)) if *last == first => *last = end,
                _ => asked.push((first, end)),
            }
        }
        asked
    }
}

/// The dates by rules, kinds of hosts with the same together.
fn profile_of_rules(
    policies: &[Policy],
    partition: &Partition,
    rules: &Rules,
    facts: &Facts,
) -> Profile {
    let mut profile: Profile = Vec::new();
    for (classes, outcomes) in rules.iter() {
        let lines = outcomes
            .iter()
            .filter_map(|(policy, outcome)| Line::of(&policies[*policy], *outcome, facts));
        let mut lines: Vec<Line> = lines.collect();
        lines.dedup();
        let kinds = partition.kinds(*classes);
        match profile.iter_mut().find(|known| known.lines == lines) {
            Some(known) => known.kinds |= kinds,
            None => profile.push(DatedKinds { kinds, lines }),
        }
    }
    profile
}

fn moments(facts: &Facts) -> Moments {
    (
        facts.kev_added.value,
        facts.kev_due.value,
        facts.released.value,
        facts.reranked.value,
    )
}

type Moments = (
    Option<Timestamp>,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<Timestamp>,
);

/// The facts of a vulnerability as policies read them, without those of a host.
pub(super) fn facts(scores: &Scores, by: DatedBy) -> Facts {
    let none = || String::new();
    let of = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let (added, due) = scores.kev.unzip();
    let fact_bool = |value: Option<bool>| Fact {
        value,
        source: none(),
    };
    let fact_at = |value: Option<Timestamp>| Fact {
        value,
        source: none(),
    };
    Facts {
        kev: fact_bool(by.is_kev_known.then_some(scores.kev.is_some())),
        kev_added: fact_at(added.and_then(of)),
        kev_due: fact_at(due.flatten().and_then(of)),
        automatable: fact_bool(scores.automatable),
        total_impact: fact_bool(scores.total_impact),
        exploitation: Fact {
            value: scores.exploitation,
            source: none(),
        },
        severity: Fact {
            value: scores.severity,
            source: none(),
        },
        cvss_tenths: Fact {
            value: scores.cvss_tenths,
            source: none(),
        },
        epss: Fact {
            value: scores.epss,
            source: none(),
        },
        released: fact_at(scores.released),
        claimed: fact_bool(Some(scores.is_claimed)),
        reranked: fact_at(scores.reranked),
        baseline: fact_at(by.baseline),
        ..Facts::unknown()
    }
}

/// Which rows' conditions the facts meet, host facts apart: two vulnerabilities for which that is the same are decided alike.
fn answers(policies: &[Policy], facts: &Facts, is_dismissed: bool) -> Answers {
    let of_host = |question: Question| {
        matches!(
            question,
            Question::Exposed | Question::Exposure | Question::HumanImpact | Question::Scope
        )
    };
    let mut met = String::from(if is_dismissed { "-" } else { "+" });
    for (question, condition) in policies
        .iter()
        .flat_map(|policy| policy.rows.iter().flat_map(|row| &row.when))
    {
        if of_host(*question) {
            continue;
        }
        met.push(match question.ask(facts).value {
            None => '?',
            Some(answer) if condition.is_met_by(answer) => '1',
            Some(_) => '0',
        });
    }
    met
}

/// The outcomes that set a deadline, with the classes of hosts for which they are the same.
fn rules_of(policies: &[Policy], facts: &Facts, is_dismissed: bool) -> Rules {
    let mut rules: Vec<(Classes, Vec<(usize, usize)>)> = Vec::new();
    for class in 0..CLASSES {
        let facts = on(facts, class_facts(class));
        let outcomes = policies.iter().enumerate().filter(|_| !is_dismissed);
        let outcomes = outcomes.filter_map(|(number, policy)| {
            let outcome = policy.outcome_for(&facts)?;
            policy.outcomes[outcome].deadline?;
            Some((number, outcome))
        });
        let outcomes: Vec<(usize, usize)> = outcomes.collect();
        match rules.iter_mut().find(|(_, known)| *known == outcomes) {
            Some((classes, _)) => *classes |= 1 << class,
            None => rules.push((1 << class, outcomes)),
        }
    }
    rules.into()
}

/// The facts on a kind of hosts.
pub(super) fn on(facts: &Facts, class: Class) -> Facts {
    let word = |value: Option<&'static str>| Fact {
        value,
        source: String::new(),
    };
    Facts {
        exposed: Fact {
            value: class.exposed,
            source: String::new(),
        },
        human_impact: word(class.criticality.map(crate::judge::human_impact)),
        scope: word(class.scope.map(Pci::as_str)),
        ..facts.clone()
    }
}
