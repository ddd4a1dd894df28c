//! Deadlines of vulnerabilities on kinds of hosts. A policy is asked once for each combination of facts that it can tell
//! apart; the dates are then arithmetic.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use risk::facts::{Fact, Facts};
use risk::policy::{Policy, Question};

use super::hosts::{CLASSES, Class, Classes, class_facts};
use super::standing::{Rating, Scores};
use crate::asset::Pci;

/// The instant of no deadline: later than all.
pub(super) const NEVER: i64 = i64::MAX;

/// What the policies say of every rating.
#[derive(Debug)]
pub struct Dues {
    policies: Vec<Policy>,
    /// Of each rating; those dated alike share one.
    pub(super) profile_of: Vec<u32>,
    profiles: Vec<Profile>,
}

/// What dates depend on.
#[derive(Debug)]
struct Profile {
    facts: Facts,
    rules: Rules,
}

/// For each kind of hosts the policies that set a deadline, each with the outcome that does.
type Rules = Arc<[Vec<(usize, usize)>]>;

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
    pub fn new(ratings: &[Rating], policies: &[Policy], by: DatedBy) -> Self {
        let mut dues = Self {
            policies: policies.to_vec(),
            profile_of: Vec::with_capacity(ratings.len()),
            profiles: Vec::new(),
        };
        let mut known: HashMap<(Answers, Moments), u32> = HashMap::new();
        let mut rules: HashMap<Answers, Rules> = HashMap::new();
        for rating in ratings {
            let is_dismissed = rating.scores.is_dismissed;
            let facts = facts(&rating.scores, by);
            let answers = answers(policies, &facts, is_dismissed);
            let moments = (
                facts.kev_added.value,
                facts.kev_due.value,
                facts.released.value,
                facts.reranked.value,
            );
            let profile = known.entry((answers.clone(), moments)).or_insert_with(|| {
                let rules = rules.entry(answers);
                let rules = rules.or_insert_with(|| rules_of(policies, &facts, is_dismissed));
                dues.profiles.push(Profile {
                    rules: Arc::clone(rules),
                    facts,
                });
                dues.profiles.len() as u32 - 1
            });
            dues.profile_of.push(*profile);
        }
        dues
    }

    pub(super) fn profiles(&self) -> usize {
        self.profiles.len()
    }

    /// The earliest deadline of a profile on a kind of hosts where it is known since an hour, in seconds since 1970.
    pub(super) fn due(&self, profile: u32, class: usize, hour: i32) -> i64 {
        let profile = &self.profiles[profile as usize];
        let rules = &profile.rules[class];
        if rules.is_empty() {
            return NEVER;
        }
        let mut facts = profile.facts.clone();
        facts.detected.value = Timestamp::from_second(i64::from(hour) * 3600).ok();
        let dates = rules.iter().filter_map(|(policy, outcome)| {
            let by = self.policies[*policy].deadline_of(*outcome, &facts)?;
            Some(by.as_second())
        });
        dates.min().unwrap_or(NEVER)
    }

    /// The kinds of hosts of `classes` with the same deadline, each with the deadline.
    pub(super) fn groups(&self, profile: u32, hour: i32, classes: Classes) -> Vec<(i64, Classes)> {
        let mut groups: Vec<(i64, Classes)> = Vec::new();
        for class in (0..CLASSES).filter(|class| classes & (1 << class) != 0) {
            let due = self.due(profile, class, hour);
            match groups.iter_mut().find(|(other, _)| *other == due) {
                Some((_, mask)) => *mask |= 1 << class,
                None => groups.push((due, 1 << class)),
            }
        }
        groups
    }
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

/// The policies that set a deadline, for each kind of hosts.
fn rules_of(policies: &[Policy], facts: &Facts, is_dismissed: bool) -> Rules {
    let of_class = |class: usize| {
        let facts = on(facts, class_facts(class));
        let outcomes = policies.iter().enumerate().filter(|_| !is_dismissed);
        let outcomes = outcomes.filter_map(|(policy, of)| Some((policy, of.outcome_for(&facts)?)));
        outcomes.collect()
    };
    (0..CLASSES).map(of_class).collect()
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
