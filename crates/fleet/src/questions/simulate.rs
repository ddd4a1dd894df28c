//! Trying answers: the facts of a group, with one of those nobody knows filled in, put to the policies again.

use jiff::Timestamp;
use risk::facts::{Fact, Facts};
use risk::policy::{self, Policy};

use super::Asks;
use crate::asset::{Asset, Criticality};
use crate::finding::Finding;
use crate::group::FindingGroup;
use crate::judge::human_impact;

/// A fact without its source: here only the value counts.
fn fact<T>(value: Option<T>) -> Fact<T> {
    Fact {
        value,
        source: String::new(),
    }
}

/// The facts of a group as its decisions were made from them. What the finding does not hold itself is read back from the
/// decisions, which list every fact they used.
pub(super) fn facts_of(group: &FindingGroup, asset: &Asset) -> Facts {
    let finding = &group.finding;
    let ssvc = finding.ssvc.as_ref();
    let kev = used(finding, "kev").map(|_| finding.kev.is_some());
    Facts {
        kev: fact(kev.or(finding.kev.as_ref().map(|_| true))),
        kev_added: moment(finding, "kev-added"),
        kev_due: moment(finding, "kev-due"),
        exposed: fact(asset.exposed),
        automatable: fact(ssvc.and_then(|s| s.automatable)),
        total_impact: fact(ssvc.and_then(|s| s.total_impact)),
        exploitation: fact(ssvc.and_then(|s| s.exploitation)),
        claimed: fact(used(finding, "claimed").map(|word| word == "yes")),
        severity: fact(finding.severity),
        cvss_tenths: fact(finding.cvss.iter().map(|score| score.scored.tenths).max()),
        epss: fact(finding.epss.as_ref().map(|epss| epss.score)),
        released: moment(finding, "released"),
        detected: fact(Some(group.first_seen)),
        reranked: moment(finding, "reranked"),
        baseline: moment(finding, "baseline"),
        scope: fact(scope(finding)),
        human_impact: fact(asset.criticality.map(human_impact)),
        ..Facts::unknown()
    }
}

/// What a decision says a fact was; `None` where it was unknown, or no policy asked.
fn used<'a>(finding: &'a Finding, name: &str) -> Option<&'a str> {
    let decisions = finding.decisions.iter();
    let mut facts = decisions.flat_map(|decision| &decision.facts);
    facts.find(|fact| fact.name == name)?.value.as_deref()
}

fn moment(finding: &Finding, name: &str) -> Fact<Timestamp> {
    fact(used(finding, name).and_then(|text| text.parse().ok()))
}

fn scope(finding: &Finding) -> Option<&'static str> {
    let word = used(finding, "scope")?;
    let words = policy::Question::Scope.words()?;
    words.iter().find(|known| **known == word).copied()
}

/// The deadline of each policy.
pub(super) fn dues(policies: &[Policy], facts: &Facts) -> Vec<Option<Timestamp>> {
    let dues = policies.iter().map(|policy| policy.deadline(facts));
    dues.collect()
}

/// A question's answers, tried.
pub(super) struct Trial {
    /// The facts by answer; empty if the answer is known.
    answered: Vec<Facts>,
    asked: &'static [policy::Question],
}

impl Trial {
    pub(super) fn of(asks: Asks, facts: &Facts) -> Self {
        let with = |change: &dyn Fn(&mut Facts)| {
            let mut facts = facts.clone();
            change(&mut facts);
            facts
        };
        let is_known = match asks {
            Asks::Exposed => facts.exposed.value.is_some(),
            Asks::Automatable => facts.automatable.value.is_some(),
            Asks::Scope => facts.scope.value.is_some(),
            Asks::Criticality => facts.human_impact.value.is_some(),
            Asks::Owner | Asks::Restart => true,
        };
        if is_known {
            return Self {
                answered: Vec::new(),
                asked: &[],
            };
        }
        let yes_no = [true, false];
        use policy::Question::{Automatable, Exposed, Exposure, HumanImpact, Scope};
        let (answered, asked): (Vec<Facts>, &[policy::Question]) = match asks {
            Asks::Exposed => (
                yes_no
                    .map(|yes| with(&|f| f.exposed.value = Some(yes)))
                    .to_vec(),
                &[Exposed, Exposure],
            ),
            Asks::Automatable => (
                yes_no
                    .map(|yes| with(&|f| f.automatable.value = Some(yes)))
                    .to_vec(),
                &[Automatable],
            ),
            Asks::Scope => {
                let words = ["in", "connected", "out"];
                let answered = words.map(|word| with(&|f| f.scope.value = Some(word)));
                (answered.to_vec(), &[Scope])
            }
            Asks::Criticality => {
                let steps = Criticality::ALL.map(human_impact);
                let answered = steps.map(|step| with(&|f| f.human_impact.value = Some(step)));
                (answered.to_vec(), &[HumanImpact])
            }
            Asks::Owner | Asks::Restart => (Vec::new(), &[]),
        };
        Self { answered, asked }
    }

    /// For each answer 1 if it moves the strictest deadline, else 0. `today` has each policy's; only those that ask are asked
    /// again.
    pub(super) fn moves(&self, policies: &[Policy], today: &[Option<Timestamp>]) -> [u64; 4] {
        let mut moves = [0; 4];
        let strictest = today.iter().flatten().min().copied();
        let asks = |policy: &Policy| self.asked.iter().any(|asked| policy.asks(*asked));
        for (moved, facts) in moves.iter_mut().zip(&self.answered) {
            let dues = policies.iter().zip(today);
            let answered = dues.filter_map(|(policy, due)| match asks(policy) {
                true => policy.deadline(facts),
                false => *due,
            });
            *moved = u64::from(answered.min() != strictest);
        }
        moves
    }
}
