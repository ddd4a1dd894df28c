//! The lint of a table: which combinations of answers have no row or several, and which rows never decide.

use std::collections::BTreeSet;

use base::Limit;

use super::question::{Answer, Question};
use super::table::{Condition, Coverage, Listed, Policy};

/// Combinations of answers a table may have; more cannot be walked in reasonable time.
pub const POLICY_COMBINATIONS: Limit = Limit::new("policy-combinations", 100_000);

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// More combinations than [`POLICY_COMBINATIONS`].
    TooLarge,
    /// No row matches this combination, in words.
    Gap(String),
    /// Two rows match this combination, in words.
    Overlap(String, [String; 2]),
    /// This row is never the first match.
    Unreachable(String),
}

/// The first flaw of a table, if it has one. Gaps and overlaps are flaws only where the table promises
/// [`Coverage::ExactlyOnce`].
pub(super) fn flaw(policy: &Policy) -> Option<Flaw> {
    let axes: Vec<Axis> = policy
        .facts
        .iter()
        .filter_map(|listed| Axis::of(listed, policy))
        .collect();
    let combinations = axes.iter().try_fold(1_u64, |product, axis| {
        product.checked_mul(axis.answers.len() as u64)
    });
    if combinations.is_none_or(|count| POLICY_COMBINATIONS.is_exceeded_by(count)) {
        return Some(Flaw::TooLarge);
    }
    let mut deciding = BTreeSet::new();
    for number in 0..combinations.unwrap_or_default() {
        let answers = combination(&axes, number);
        let mut matching = policy.rows.iter().filter(|row| row.is_met_by(&answers));
        let first = matching.next();
        if let Some(row) = first {
            deciding.insert(row.id.as_str());
        }
        if policy.coverage == Coverage::ExactlyOnce {
            match (first, matching.next()) {
                (None, _) => return Some(Flaw::Gap(in_words(&answers))),
                (Some(one), Some(two)) => {
                    return Some(Flaw::Overlap(
                        in_words(&answers),
                        [one.id.clone(), two.id.clone()],
                    ));
                }
                (Some(_), None) => {}
            }
        }
    }
    let idle = policy
        .rows
        .iter()
        .find(|row| !deciding.contains(row.id.as_str()));
    idle.map(|row| Flaw::Unreachable(row.id.clone()))
}

/// A question and the answers that rows can tell apart: all words, or one number from each interval between thresholds.
struct Axis {
    question: Question,
    answers: Vec<Answer>,
}

impl Axis {
    fn of(listed: &Listed, policy: &Policy) -> Option<Self> {
        let Listed::Asked(question, _) = *listed else {
            return None;
        };
        let answers = match question.words() {
            Some(words) => words.iter().map(|word| Answer::Word(word)).collect(),
            None => intervals(question, policy),
        };
        Some(Self { question, answers })
    }
}

/// The lower end of each interval that the table's thresholds cut the numbers into.
fn intervals(question: Question, policy: &Policy) -> Vec<Answer> {
    let mut ends = vec![0.0];
    for (_, condition) in policy
        .rows
        .iter()
        .flat_map(|row| &row.when)
        .filter(|(asked, _)| *asked == question)
    {
        if let Condition::Range { at_least, below } = condition {
            ends.push(*at_least);
            ends.extend(below.filter(|below| *below <= question.number_max()));
        }
    }
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends.into_iter().map(Answer::Number).collect()
}

/// The combination with this number, the last question changing fastest.
fn combination(axes: &[Axis], number: u64) -> Vec<(Question, Answer)> {
    let mut rest = number;
    let mut answers = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        let count = axis.answers.len() as u64;
        answers.push((axis.question, axis.answers[(rest % count) as usize]));
        rest /= count;
    }
    answers.reverse();
    answers
}

fn in_words(answers: &[(Question, Answer)]) -> String {
    let parts: Vec<String> = answers
        .iter()
        .map(|(question, answer)| format!("{}={}", question.name(), answer.to_words(*question)))
        .collect();
    parts.join(", ")
}
