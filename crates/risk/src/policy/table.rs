//! A policy in memory: questions, rows, outcomes, clocks; and [`Policy::decide`], which is a look-up in them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::clock::{Clock, Period};
use super::decision::{Action, Decision, UsedFact};
use super::moved::{Due, Moved, Shift};
use super::question::{Answer, Moment, Question};
use crate::facts::Facts;

/// A policy read from its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Unique id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where the table comes from: a link, or the house.
    pub source: String,
    /// As of when the table is a copy of its source.
    pub as_of: Date,
    /// How the rows cover the answers.
    pub coverage: Coverage,
    /// What deadlines count from, unless the outcome has a clock of its own.
    pub clock: Clock,
    /// The clocks start at the baseline for what was there before it: a service level of the house, no directive's.
    pub has_baseline: bool,
    /// The facts in the order a decision lists them.
    pub facts: Vec<Listed>,
    /// What rows lead to.
    pub outcomes: Vec<Outcome>,
    /// The table, first match first.
    pub rows: Vec<Row>,
}

/// How the rows of a table cover the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every combination of answers has exactly one row; the reader refuses a table where that is not so.
    ExactlyOnce,
    /// The first matching row decides; what no row matches is none of the policy's business.
    FirstMatch,
}

/// One fact a policy looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Listed {
    /// A fact rows condition on, and the answer assumed when it is unknown.
    Asked(Question, Answer),
    /// A date a clock starts from, or that is only shown.
    Dated(Moment),
}

impl Listed {
    /// The fact's name in policy files and in decisions.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Asked(question, _) => question.name(),
            Self::Dated(moment) => moment.name(),
        }
    }
}

/// A condition on one fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Any of the words.
    OneOf(Vec<&'static str>),
    /// A number in `at_least..below`.
    Range {
        /// The smallest number that meets it.
        at_least: f64,
        /// The smallest number above it, if there is an upper bound.
        below: Option<f64>,
    },
}

impl Condition {
    /// Whether an answer meets it.
    pub fn is_met_by(&self, answer: Answer) -> bool {
        match (self, answer) {
            (Self::OneOf(words), Answer::Word(word)) => words.contains(&word),
            (Self::Range { at_least, below }, Answer::Number(number)) => {
                number >= *at_least && below.is_none_or(|below| number < below)
            }
            _ => false,
        }
    }
}

/// One row: all conditions met lead to the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Unique in the table; the row number of the source where it has one.
    pub id: String,
    /// Conditions by question; a question that is not named does not matter.
    pub when: Vec<(Question, Condition)>,
    /// Index into [`Policy::outcomes`].
    pub outcome: usize,
}

/// What a row leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Unique in the policy.
    pub id: String,
    /// What to do.
    pub actions: Vec<Action>,
    /// Deadline of the patch; `None` is no date.
    pub deadline: Option<Period>,
    /// Its clock, where it is not the policy's.
    pub clock: Option<Clock>,
    /// How long there is at least from the day on which the rank rose to this: a patch that was not urgent when it came out
    /// is else overdue the moment it becomes so.
    pub rerank: Option<Period>,
    /// Deadline of forensic triage.
    pub triage: Option<Triage>,
}

/// The triage clock of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Triage {
    /// How long triage may take.
    pub deadline: Period,
    /// From when, where it is not the outcome's clock.
    pub clock: Option<Clock>,
}

impl Policy {
    /// The decision for one finding, or `None` when the policy has nothing to say about it (PCI 6.3.3 on a low).
    pub fn decide(&self, facts: &Facts) -> Option<Decision> {
        let answers = self.answers(facts);
        let row = self.row_for(&answers)?;
        let outcome = &self.outcomes[row.outcome];
        let clock = outcome.clock.as_ref().unwrap_or(&self.clock);
        let due = outcome
            .deadline
            .zip(clock.start(facts))
            .map(|(period, start)| self.due(outcome, period, start, facts));
        let triage_by = outcome.triage.as_ref().and_then(|triage| {
            let start = triage.clock.as_ref().unwrap_or(clock).start(facts)?;
            Some(triage.deadline.after(start))
        });
        let waits = outcome.deadline.is_some() && due.is_none();
        let (by, moved) = due.map_or((None, Vec::new()), |due| (Some(due.by), due.moved));
        let listed = self.facts.iter();
        let listed = listed.map(|listed| used(listed, facts, waits.then_some(clock)));
        Some(Decision {
            policy: self.id.clone(),
            row: row.id.clone(),
            outcome: outcome.id.clone(),
            by,
            triage_by,
            actions: outcome.actions.clone(),
            facts: listed
                .chain(moved.iter().flat_map(Moved::to_facts))
                .collect(),
            is_backlog: self.has_baseline && facts.is_backlog(),
            moved,
        })
    }

    /// The deadline alone, as [`Policy::decide`] has it: for questions that are asked many thousands of times.
    pub fn deadline(&self, facts: &Facts) -> Option<Timestamp> {
        self.deadline_of(self.outcome_for(facts)?, facts)
    }

    /// The outcome the facts lead to: its place among [`Policy::outcomes`]. Dates play no part in it.
    pub fn outcome_for(&self, facts: &Facts) -> Option<usize> {
        Some(self.row_for(&self.answers(facts))?.outcome)
    }

    /// The deadline where the facts are known to lead to an outcome.
    pub fn deadline_of(&self, outcome: usize, facts: &Facts) -> Option<Timestamp> {
        let outcome = self.outcomes.get(outcome)?;
        let clock = outcome.clock.as_ref().unwrap_or(&self.clock);
        let (period, start) = outcome.deadline.zip(clock.start(facts))?;
        Some(self.due(outcome, period, start, facts).by)
    }

    /// Whether it asks a question of the facts.
    pub fn asks(&self, question: Question) -> bool {
        let mut facts = self.facts.iter();
        facts.any(|listed| matches!(listed, Listed::Asked(asked, _) if *asked == question))
    }

    /// The deadline of an outcome whose clock started, after what moves it: first the baseline, then a later rank.
    fn due(&self, outcome: &Outcome, period: Period, start: Timestamp, facts: &Facts) -> Due {
        let mut due = Due {
            by: period.after(start),
            moved: Vec::new(),
        };
        if let (true, true, Some(baseline)) =
            (self.has_baseline, facts.is_backlog(), facts.baseline.value)
        {
            due.not_before(period.after(baseline), Shift::Baseline, &facts.baseline);
        }
        if let (Some(rerank), Some(reranked)) = (outcome.rerank, facts.reranked.value) {
            due.not_before(rerank.after(reranked), Shift::Rerank, &facts.reranked);
        }
        due
    }

    /// The first row whose conditions the answers meet.
    pub(super) fn row_for(&self, answers: &[(Question, Answer)]) -> Option<&Row> {
        self.rows.iter().find(|row| row.is_met_by(answers))
    }

    fn answers(&self, facts: &Facts) -> Vec<(Question, Answer)> {
        let asked = self.facts.iter().filter_map(|listed| match listed {
            Listed::Asked(question, assumed) => {
                Some((*question, question.ask(facts).value.unwrap_or(*assumed)))
            }
            Listed::Dated(_) => None,
        });
        asked.collect()
    }
}

impl Row {
    /// Whether all its conditions are met.
    pub(super) fn is_met_by(&self, answers: &[(Question, Answer)]) -> bool {
        self.when.iter().all(|(question, condition)| {
            let mut of_question = answers.iter().filter(|(asked, _)| asked == question);
            of_question.any(|(_, answer)| condition.is_met_by(*answer))
        })
    }
}

/// A fact as the decision shows it. `waiting` is the clock that could not start, if one could not.
fn used(listed: &Listed, facts: &Facts, waiting: Option<&Clock>) -> UsedFact {
    match *listed {
        Listed::Asked(question, assumed) => {
            let fact = question.ask(facts);
            UsedFact {
                name: question.name().to_owned(),
                value: fact.value.map(|answer| answer.to_words(question)),
                source: fact.source,
                assumed: fact.value.is_none().then(|| assumed.to_words(question)),
            }
        }
        Listed::Dated(moment) => {
            let fact = moment.of(facts);
            let waits =
                fact.value.is_none() && waiting.is_some_and(|clock| clock.of.contains(&moment));
            UsedFact {
                name: moment.name().to_owned(),
                value: fact.value.map(|at| at.to_string()),
                source: fact.source.clone(),
                assumed: waits.then(|| "not yet: the clock has not started".to_owned()),
            }
        }
    }
}
