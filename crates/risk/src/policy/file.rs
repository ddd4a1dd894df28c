//! Reading a policy file: TOML by hand, so that every mistake is named by its key, and what nobody reads is refused.

use base::Limit;
use jiff::civil::Date;
use toml::{Table, Value};

use super::clock::{Clock, Period, Pick};
use super::coverage::{self, Flaw, POLICY_COMBINATIONS};
use super::decision::Action;
use super::question::{Answer, Moment, Question};
use super::table::{Condition, Coverage, Listed, Outcome, Policy, Row, Triage};

/// Size of a policy file.
pub const POLICY_BYTES: Limit = Limit::new("policy-bytes", 1 << 20);
/// Rows of a policy.
pub const POLICY_ROWS: Limit = Limit::new("policy-rows", 4096);
/// Outcomes of a policy.
pub const POLICY_OUTCOMES: Limit = Limit::new("policy-outcomes", 256);
/// Days of a deadline: ten years.
pub const DEADLINE_DAYS: Limit = Limit::new("deadline-days", 3660);
/// Calendar months of a deadline: ten years.
pub const DEADLINE_MONTHS: Limit = Limit::new("deadline-calendar-months", 120);
/// Characters of an id or a title.
const TEXT_CHARS: Limit = Limit::new("policy-text-characters", 1024);

/// The only version of the format.
const SCHEMA: &str = "daywatch.policy/1";

/// A policy file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file, as the caller named it.
    pub file: String,
    /// 1-based line, where it is known.
    pub line: Option<usize>,
    /// The key, `rows[3].when.exposed`; empty for the file as a whole.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
    /// What would be right.
    pub hint: String,
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.hint.is_empty() {
            write!(f, " (hint: {})", self.hint)?;
        }
        Ok(())
    }
}

/// A mistake before it is known in which file.
struct Wrong {
    key: String,
    what: String,
    hint: String,
}

type Read<T> = Result<T, Wrong>;

fn wrong<T>(key: impl Into<String>, what: impl Into<String>, hint: impl Into<String>) -> Read<T> {
    Err(Wrong {
        key: key.into(),
        what: what.into(),
        hint: hint.into(),
    })
}

/// Reads and checks a policy. `file` is only for the error.
pub fn read(file: &str, text: &str) -> Result<Policy, PolicyError> {
    let fail = |line, Wrong { key, what, hint }| PolicyError {
        file: file.to_owned(),
        line,
        key,
        what,
        hint,
    };
    if POLICY_BYTES.is_exceeded_by(text.len() as u64) {
        return wrong(
            "",
            format!("larger than the limit {POLICY_BYTES}"),
            "split the policy",
        )
        .map_err(|e| fail(None, e));
    }
    let table = text.parse::<Table>().map_err(|error| {
        let line = error.span().map(|span| {
            1 + text
                .bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
        });
        let what = format!(
            "not TOML: {}",
            error.message().lines().next().unwrap_or_default()
        );
        fail(
            line,
            Wrong {
                key: String::new(),
                what,
                hint: String::new(),
            },
        )
    })?;
    let policy = policy(Section::new(String::new(), table)).map_err(|error| fail(None, error))?;
    Ok(policy)
}

/// A table from which keys are taken; what is left at the end is unknown.
struct Section {
    path: String,
    table: Table,
}

impl Section {
    const fn new(path: String, table: Table) -> Self {
        Self { path, table }
    }

    fn from_value(path: String, value: Value) -> Read<Self> {
        match value {
            Value::Table(table) => Ok(Self { path, table }),
            other => wrong(
                path,
                format!("{} is not a table", kind(&other)),
                "write { key = value }",
            ),
        }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    fn optional(&mut self, name: &str) -> Option<(String, Value)> {
        let value = self.table.remove(name)?;
        Some((self.key(name), value))
    }

    fn required(&mut self, name: &str, hint: &str) -> Read<(String, Value)> {
        match self.optional(name) {
            Some(found) => Ok(found),
            None => wrong(self.key(name), "is missing", hint),
        }
    }

    fn text(&mut self, name: &str, hint: &str) -> Read<String> {
        let (key, value) = self.required(name, hint)?;
        text(key, value)
    }

    fn list(&mut self, name: &str, hint: &str) -> Read<Vec<(String, Value)>> {
        let (key, value) = self.required(name, hint)?;
        list(key, value)
    }

    fn finish(self, known: &str) -> Read<()> {
        match self.table.keys().next() {
            Some(name) => wrong(
                self.key(name),
                "is not a key of the format",
                format!("known here: {known}"),
            ),
            None => Ok(()),
        }
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Boolean(_) => "a boolean",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
    }
}

fn text(key: String, value: Value) -> Read<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => wrong(key, "is empty", ""),
        Value::String(text) if TEXT_CHARS.is_exceeded_by(text.chars().count() as u64) => {
            wrong(key, format!("is longer than the limit {TEXT_CHARS}"), "")
        }
        Value::String(text) => Ok(text),
        other => wrong(
            key,
            format!("{} is not a string", kind(&other)),
            "write it in quotes",
        ),
    }
}

fn list(key: String, value: Value) -> Read<Vec<(String, Value)>> {
    match value {
        Value::Array(items) => Ok(items
            .into_iter()
            .enumerate()
            .map(|(index, item)| (format!("{key}[{index}]"), item))
            .collect()),
        other => wrong(
            key,
            format!("{} is not an array", kind(&other)),
            "write [ … ]",
        ),
    }
}

fn number(key: String, value: &Value) -> Read<f64> {
    match value {
        Value::Float(number) if number.is_finite() => Ok(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "thresholds are at most 10; larger ones are refused by the caller"
        )]
        Value::Integer(number) => Ok(*number as f64),
        other => wrong(key, format!("{} is not a number", kind(other)), ""),
    }
}

fn policy(mut top: Section) -> Read<Policy> {
    let schema = top.text("schema", "schema = \"daywatch.policy/1\"")?;
    if schema != SCHEMA {
        return wrong(
            "schema",
            format!("unknown schema: {schema}"),
            format!("this program reads {SCHEMA}"),
        );
    }
    let id = top.text("id", "a short name in kebab-case")?;
    let title = top.text("title", "a name for people")?;
    let source = top.text("source", "a link, or the team that decided it")?;
    let as_of = date(top.required("as-of", "as-of = 2026-06-10")?)?;
    let coverage = coverage(top.text("coverage", COVERAGE_HINT)?)?;
    let clock = clock(top.required("clock", CLOCK_HINT)?)?;
    let facts = facts(top.list("facts", "the facts in the order a decision lists them")?)?;
    let outcomes = outcomes(top.list("outcomes", "what rows lead to")?, &facts)?;
    let rows = rows(top.list("rows", "the table")?, &facts, &outcomes)?;
    top.finish("schema, id, title, source, as-of, coverage, clock, facts, outcomes, rows")?;
    check_clock("clock", &clock, &facts)?;
    let policy = Policy {
        id,
        title,
        source,
        as_of,
        coverage,
        clock,
        facts,
        outcomes,
        rows,
    };
    check_table(&policy)?;
    Ok(policy)
}

fn date((key, value): (String, Value)) -> Read<Date> {
    let text = match value {
        Value::Datetime(date) => date.to_string(),
        Value::String(text) => text,
        other => return wrong(key, format!("{} is not a date", kind(&other)), "2026-06-10"),
    };
    match text.parse() {
        Ok(date) => Ok(date),
        Err(_) => wrong(
            key,
            format!("not a date: {}", shortened(&text)),
            "2026-06-10",
        ),
    }
}

const COVERAGE_HINT: &str = "exactly-once (every combination has one row) or first-match";

fn coverage(word: String) -> Read<Coverage> {
    match word.as_str() {
        "exactly-once" => Ok(Coverage::ExactlyOnce),
        "first-match" => Ok(Coverage::FirstMatch),
        _ => wrong(
            "coverage",
            format!("unknown word: {}", shortened(&word)),
            COVERAGE_HINT,
        ),
    }
}

const CLOCK_HINT: &str = "{ from = \"earliest\", of = [\"kev-added\", \"detected\"] }";

fn clock((key, value): (String, Value)) -> Read<Clock> {
    let mut section = Section::from_value(key, value)?;
    let from = match section.text("from", "earliest or latest")?.as_str() {
        "earliest" => Pick::Earliest,
        "latest" => Pick::Latest,
        other => {
            return wrong(
                section.key("from"),
                format!("unknown word: {}", shortened(other)),
                "earliest or latest",
            );
        }
    };
    let mut of = Vec::new();
    for (key, value) in section.list("of", "the moments")? {
        let name = text(key.clone(), value)?;
        match moment(&name) {
            Some(moment) if !of.contains(&moment) => of.push(moment),
            Some(_) => return wrong(key, "is named twice", ""),
            None => {
                return wrong(
                    key,
                    format!("unknown moment: {}", shortened(&name)),
                    names(Moment::ALL.map(Moment::name)),
                );
            }
        }
    }
    if of.is_empty() {
        return wrong(
            section.key("of"),
            "is empty",
            "a clock needs a moment to start from",
        );
    }
    section.finish("from, of")?;
    Ok(Clock { from, of })
}

fn moment(name: &str) -> Option<Moment> {
    Moment::ALL.into_iter().find(|moment| moment.name() == name)
}

fn question(name: &str) -> Option<Question> {
    Question::ALL
        .into_iter()
        .find(|question| question.name() == name)
}

fn names<const N: usize>(names: [&str; N]) -> String {
    names.join(", ")
}

fn facts(items: Vec<(String, Value)>) -> Read<Vec<Listed>> {
    let mut facts: Vec<Listed> = Vec::new();
    for (key, value) in items {
        let mut section = Section::from_value(key, value)?;
        let name = section.text("name", "the fact's name")?;
        let listed = match (question(&name), moment(&name)) {
            (Some(question), _) => {
                let (key, value) =
                    section.required("unknown", "the answer assumed when nobody knows")?;
                Listed::Asked(question, answer(key, &value, question)?)
            }
            (None, Some(moment)) => Listed::Dated(moment),
            (None, None) => {
                return wrong(
                    section.key("name"),
                    format!("unknown fact: {}", shortened(&name)),
                    fact_names(),
                );
            }
        };
        if facts.iter().any(|other| listed_name(other) == name) {
            return wrong(section.key("name"), "is listed twice", "");
        }
        section.finish("name, unknown (of a fact that is not a date)")?;
        facts.push(listed);
    }
    Ok(facts)
}

const fn listed_name(listed: &Listed) -> &'static str {
    match listed {
        Listed::Asked(question, _) => question.name(),
        Listed::Dated(moment) => moment.name(),
    }
}

fn fact_names() -> String {
    format!(
        "{}, {}",
        names(Question::ALL.map(Question::name)),
        names(Moment::ALL.map(Moment::name))
    )
}

fn answer(key: String, value: &Value, question: Question) -> Read<Answer> {
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

fn outcomes(items: Vec<(String, Value)>, facts: &[Listed]) -> Read<Vec<Outcome>> {
    if POLICY_OUTCOMES.is_exceeded_by(items.len() as u64) {
        return wrong(
            "outcomes",
            format!("more than the limit {POLICY_OUTCOMES}"),
            "",
        );
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (key, value) in items {
        let outcome = outcome(Section::from_value(key.clone(), value)?, facts)?;
        if outcomes.iter().any(|other| other.id == outcome.id) {
            return wrong(
                key,
                format!("id is used twice: {}", shortened(&outcome.id)),
                "",
            );
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn outcome(mut section: Section, facts: &[Listed]) -> Read<Outcome> {
    let id = section.text("id", "a short name")?;
    let path = section.key("actions");
    let actions = actions(section.list("actions", ACTIONS_HINT)?)?;
    let deadline = section.optional("deadline").map(period).transpose()?;
    let clock = own_clock(&mut section, facts)?;
    let triage = section
        .optional("triage")
        .map(|found| triage(found, facts))
        .transpose()?;
    section.finish("id, actions, deadline, clock, triage")?;
    if triage.is_some() != actions.contains(&Action::ForensicTriage) {
        return wrong(
            path,
            "forensic-triage and its deadline belong together",
            "triage = { days = 3 }",
        );
    }
    if deadline.is_some() && !actions.contains(&Action::Patch) {
        return wrong(
            path,
            "a deadline without the action patch",
            "a fix on upgrade has no date",
        );
    }
    Ok(Outcome {
        id,
        actions,
        deadline,
        clock,
        triage,
    })
}

const ACTIONS_HINT: &str = "any of patch, forensic-triage, on-upgrade";

/// In the order of [`Action::ALL`], whatever the file's.
fn actions(items: Vec<(String, Value)>) -> Read<Vec<Action>> {
    let mut found = Vec::new();
    for (key, value) in items {
        let name = text(key.clone(), value)?;
        match Action::ALL
            .into_iter()
            .find(|action| action.as_str() == name)
        {
            Some(action) if !found.contains(&action) => found.push(action),
            Some(_) => return wrong(key, "is named twice", ""),
            None => {
                return wrong(
                    key,
                    format!("unknown action: {}", shortened(&name)),
                    ACTIONS_HINT,
                );
            }
        }
    }
    found.sort();
    Ok(found)
}

fn own_clock(section: &mut Section, facts: &[Listed]) -> Read<Option<Clock>> {
    let Some(found) = section.optional("clock") else {
        return Ok(None);
    };
    let key = found.0.clone();
    let clock = clock(found)?;
    check_clock(&key, &clock, facts)?;
    Ok(Some(clock))
}

fn triage((key, value): (String, Value), facts: &[Listed]) -> Read<Triage> {
    let mut section = Section::from_value(key, value)?;
    let clock = own_clock(&mut section, facts)?;
    let deadline = period_of(section)?;
    Ok(Triage { deadline, clock })
}

fn period((key, value): (String, Value)) -> Read<Period> {
    period_of(Section::from_value(key, value)?)
}

fn period_of(mut section: Section) -> Read<Period> {
    const HINT: &str = "{ days = 14 } or { calendar-months = 1 }";
    let days = section.optional("days");
    let months = section.optional("calendar-months");
    let path = section.path.clone();
    section.finish("days, calendar-months")?;
    match (days, months) {
        (Some((key, value)), None) => count(key, &value, DEADLINE_DAYS).map(Period::Days),
        (None, Some((key, value))) => {
            let months = count(key, &value, DEADLINE_MONTHS)?;
            Ok(Period::CalendarMonths(
                u8::try_from(months).unwrap_or(u8::MAX),
            ))
        }
        _ => wrong(path, "needs one length", HINT),
    }
}

fn count(key: String, value: &Value, limit: Limit) -> Read<u16> {
    let found = value
        .as_integer()
        .and_then(|count| u16::try_from(count).ok());
    match found {
        Some(count) if !limit.is_exceeded_by(u64::from(count)) => Ok(count),
        _ => wrong(
            key,
            "not a whole number from 0 to the limit",
            limit.to_string(),
        ),
    }
}

fn rows(items: Vec<(String, Value)>, facts: &[Listed], outcomes: &[Outcome]) -> Read<Vec<Row>> {
    if POLICY_ROWS.is_exceeded_by(items.len() as u64) {
        return wrong("rows", format!("more than the limit {POLICY_ROWS}"), "");
    }
    let mut ids = std::collections::BTreeSet::new();
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

/// Every moment a clock starts from is shown in the decision, so it has to be listed.
fn check_clock(key: &str, clock: &Clock, facts: &[Listed]) -> Read<()> {
    match clock
        .of
        .iter()
        .find(|moment| !facts.contains(&Listed::Dated(**moment)))
    {
        Some(moment) => wrong(
            key,
            format!("{} is not listed under facts", moment.name()),
            format!("{{ name = \"{}\" }}", moment.name()),
        ),
        None => Ok(()),
    }
}

fn check_table(policy: &Policy) -> Read<()> {
    match coverage::flaw(policy) {
        None => Ok(()),
        Some(Flaw::TooLarge) => wrong(
            "facts",
            format!("more combinations of answers than the limit {POLICY_COMBINATIONS}"),
            "list fewer facts",
        ),
        Some(Flaw::Gap(answers)) => wrong(
            "rows",
            format!("no row for {answers}"),
            "add the row, or say coverage = \"first-match\"",
        ),
        Some(Flaw::Overlap(answers, [one, two])) => wrong(
            "rows",
            format!(
                "rows {} and {} both match {answers}",
                shortened(&one),
                shortened(&two)
            ),
            "coverage = \"first-match\" takes the first",
        ),
        Some(Flaw::Unreachable(id)) => wrong(
            "rows",
            format!(
                "row {} never decides: earlier rows take all it matches",
                shortened(&id)
            ),
            "move it up or remove it",
        ),
    }
}

/// Words of the file in a message, bounded.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text
        .chars()
        .take(CHARS_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}
