//! Reading the table of a policy file: rows, their conditions, and answers.

use std::collections::BTreeSet;

use base::Limit;
use toml::Value;

use super::question::{Answer, Question};
use super::section::{Read, Section, kind, list, number, shortened, wrong};
use super::table::{Condition, Listed, Outcome, Row};

/// Rows of a policy.
pub const POLICY_ROWS: Limit = Limit::new("policy-rows", 4096);

pub(super) fn rows(
    items: Vec<(String, Value)>,
    facts: &[Listed],
    outcomes: &[Outcome],
) -> Read<Vec<Row>> {
    if POLICY_ROWS.is_exceeded_by(items.len() as u64) {
        return wrong("rows", format!("more than the limit {POLICY_ROWS}"), "");
    }
    let mut ids = BTreeSet::new();
    let mut rows = Vec::with_capacity(items.len());
    for (key, value) in items {
        let row = row(Section::from_value(key.clone(), value)?, facts, outcomes)?;
        if !ids.insert(row.id.clone()) {
            return wrong(key, format!("id is used twice: {}", shortened(&row.id)), "");
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(mut section: Section, facts: &[Listed], outcomes: &[Outcome]) -> Read<Row> {
    let id = section.text("id", "the row's number or name")?;
    let then = section.text("then", "the id of an outcome")?;
    let Some(outcome) = outcomes.iter().position(|outcome| outcome.id == then) else {
        let known: Vec<&str> = outcomes.iter().map(|outcome| outcome.id.as_str()).collect();
        return wrong(
            section.key("then"),
            format!("unknown outcome: {}", shortened(&then)),
            known.join(", "),
        );
    };
    let mut when = Vec::new();
    if let Some((key, value)) = section.optional("when") {
        for (name, value) in Section::from_value(key.clone(), value)?.table {
            when.push(condition(format!("{key}.{name}"), &name, value, facts)?);
        }
    }
    section.finish("id, when, then")?;
    Ok(Row { id, when, outcome })
}

fn condition(
    key: String,
    name: &str,
    value: Value,
    facts: &[Listed],
) -> Read<(Question, Condition)> {
    let Some(question) = question(name) else {
        return wrong(
            key,
            "is not a fact with answers",
            names(Question::ALL.map(Question::name)),
        );
    };
    if !facts
        .iter()
        .any(|listed| matches!(listed, Listed::Asked(asked, _) if *asked == question))
    {
        return wrong(
            key,
            "is not listed under facts",
            format!("{{ name = \"{name}\", unknown = … }}"),
        );
    }
    let condition = match question.words() {
        Some(words) => one_of(key, value, words)?,
        None => range(key, value, question)?,
    };
    Ok((question, condition))
}

fn one_of(key: String, value: Value, words: &'static [&'static str]) -> Read<Condition> {
    let items = if value.is_array() {
        list(key.clone(), value)?
    } else {
        vec![(key.clone(), value)]
    };
    if items.is_empty() {
        return wrong(key, "is empty and so never met", words.join(", "));
    }
    let found: Read<Vec<_>> = items
        .into_iter()
        .map(|(key, value)| word(key, &value, words))
        .collect();
    Ok(Condition::OneOf(found?))
}

fn range(key: String, value: Value, question: Question) -> Read<Condition> {
    let mut section = Section::from_value(key.clone(), value)?;
    let at_least = section
        .optional("at-least")
        .map(|(key, value)| threshold(key, &value, question))
        .transpose()?;
    let below = section
        .optional("below")
        .map(|(key, value)| threshold(key, &value, question))
        .transpose()?;
    section.finish("at-least, below")?;
    let at_least_or_zero = at_least.unwrap_or(0.0);
    if (at_least.is_none() && below.is_none())
        || below.is_some_and(|below| below <= at_least_or_zero)
    {
        return wrong(
            key,
            "is never or always met",
            "{ at-least = 0.1 } or { at-least = 4, below = 7 }",
        );
    }
    Ok(Condition::Range {
        at_least: at_least_or_zero,
        below,
    })
}

pub(super) fn answer(key: String, value: &Value, question: Question) -> Read<Answer> {
    match question.words() {
        Some(words) => word(key, value, words).map(Answer::Word),
        None => threshold(key, value, question).map(Answer::Number),
    }
}

fn word(key: String, value: &Value, words: &'static [&'static str]) -> Read<&'static str> {
    let Value::String(text) = value else {
        return wrong(
            key,
            format!("{} is not a word", kind(value)),
            words.join(", "),
        );
    };
    match words.iter().find(|word| *word == text) {
        Some(word) => Ok(word),
        None => wrong(
            key,
            format!("unknown answer: {}", shortened(text)),
            words.join(", "),
        ),
    }
}

fn threshold(key: String, value: &Value, question: Question) -> Read<f64> {
    let threshold = number(key.clone(), value)?;
    let max = question.number_max();
    if (0.0..=max).contains(&threshold) {
        Ok(threshold)
    } else {
        wrong(
            key,
            format!("out of range: {threshold}"),
            format!("0 to {max}"),
        )
    }
}

pub(super) fn question(name: &str) -> Option<Question> {
    Question::ALL
        .into_iter()
        .find(|question| question.name() == name)
}

pub(super) fn names<const N: usize>(names: [&str; N]) -> String {
    names.join(", ")
}
