//! Deadlines of vulnerabilities on kinds of hosts. A policy is asked once for each combination of facts that it can tell
//! apart; the dates are then arithmetic.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use risk::facts::{Fact, Facts};
use risk::policy::{Clock, Period, Policy};

use super::hosts::{CLASSES, class_facts};
use super::standing::{Rating, Scores};

/// The instant of no deadline: later than all.
pub(super) const NEVER: i64 = i64::MAX;

/// What the policies say of every rating.
#[derive(Debug)]
pub struct Dues {
    /// Of each rating; those dated alike share one.
    pub(super) profile_of: Vec<u32>,
    profiles: Vec<Profile>,
}

/// What dates depend on.
#[derive(Debug)]
struct Profile {
    moments: Facts,
    /// For each kind of hosts the deadlines, one a policy that sets one.
    rules: [std::sync::Arc<[Rule]>; CLASSES],
}

/// A deadline of one policy: so long after its clock starts.
#[derive(Clone, Debug)]
struct Rule {
    clock: Clock,
    period: Period,
}

/// Facts policies tell apart, but for the dates.
type Answers = String;

impl Dues {
    /// Asks every policy about every rating. `is_kev_known` is false when no catalogue of exploited vulnerabilities was read: then
    /// "not listed" cannot be said.
    pub fn new(ratings: &[Rating], policies: &[Policy], is_kev_known: bool) -> Self {
        let mut dues = Self {
            profile_of: Vec::with_capacity(ratings.len()),
            profiles: Vec::new(),
        };
        let mut known: HashMap<(Answers, Moments), u32> = HashMap::new();
        let mut rules: HashMap<Answers, [std::sync::Arc<[Rule]>; CLASSES]> = HashMap::new();
        for rating in ratings {
            let facts = facts(&rating.scores, is_kev_known);
            let answers = answers(policies, &facts, rating.scores.is_dismissed);
            let moments = (
                facts.kev_added.value,
                facts.kev_due.value,
                facts.released.value,
            );
            let profile = known.entry((answers.clone(), moments)).or_insert_with(|| {
                let rules = rules.entry(answers).or_insert_with(|| {
                    let is_dismissed = rating.scores.is_dismissed;
                    std::array::from_fn(|class| match is_dismissed {
                        true => std::sync::Arc::from([]),
                        false => rules_of(policies, &facts, class),
                    })
                });
                dues.profiles.push(Profile {
                    moments: facts,
                    rules: rules.clone(),
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
        let mut due = NEVER;
        if profile.rules[class].is_empty() {
            return due;
        }
        let mut facts = profile.moments.clone();
        facts.detected.value = Timestamp::from_second(i64::from(hour) * 3600).ok();
        for rule in profile.rules[class].iter() {
            if let Some(start) = rule.clock.start(&facts) {
                due = due.min(rule.period.after(start).as_second());
            }
        }
        due
    }

    /// The kinds of hosts of `classes` with the same deadline, each with the deadline.
    pub(super) fn groups(&self, profile: u32, hour: i32, classes: u16) -> Vec<(i64, u16)> {
        let mut groups: Vec<(i64, u16)> = Vec::new();
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

type Moments = (Option<Timestamp>, Option<Timestamp>, Option<Timestamp>);

/// The facts of a vulnerability as policies read them, without those of a host.
pub(super) fn facts(scores: &Scores, is_kev_known: bool) -> Facts {
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
        kev: fact_bool(is_kev_known.then_some(scores.kev.is_some())),
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
        ..Facts::unknown()
    }
}

/// Which rows' conditions the facts meet, host facts apart: two vulnerabilities for which that is the same are decided alike.
fn answers(policies: &[Policy], facts: &Facts, is_dismissed: bool) -> Answers {
    use risk::policy::Question;
    let of_host = |question: Question| {
        matches!(
            question,
            Question::Exposed | Question::Exposure | Question::HumanImpact
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

/// The deadlines the policies set on a kind of hosts.
fn rules_of(policies: &[Policy], facts: &Facts, class: usize) -> std::sync::Arc<[Rule]> {
    let (exposed, criticality) = class_facts(class);
    let facts = Facts {
        exposed: Fact {
            value: exposed,
            source: String::new(),
        },
        human_impact: Fact {
            value: criticality.map(crate::judge::human_impact),
            source: String::new(),
        },
        ..facts.clone()
    };
    let rules = policies.iter().filter_map(|policy| {
        let decision = policy.decide(&facts)?;
        let outcome = policy.outcomes.iter().find(|o| o.id == decision.outcome)?;
        Some(Rule {
            clock: outcome
                .clock
                .clone()
                .unwrap_or_else(|| policy.clock.clone()),
            period: outcome.deadline?,
        })
    });
    rules.collect()
}
