//! Reading a policy file: TOML by hand, so that every mistake is named by its key, and what nobody reads is refused.

use base::Limit;
use jiff::civil::Date;
use toml::{Table, Value};

use super::clock::{Clock, Period, Pick};
use super::coverage::{self, Flaw, POLICY_COMBINATIONS};
use super::decision::Action;
use super::question::{Moment, Question};
use super::rows::{answer, names, question, rows};
use super::section::{Read, Section, Wrong, kind, shortened, text, wrong};
use super::table::{Coverage, Listed, Outcome, Policy, Triage};

/// Size of a policy file.
pub const POLICY_BYTES: Limit = Limit::new("policy-bytes", 1 << 20);
/// Outcomes of a policy.
pub const POLICY_OUTCOMES: Limit = Limit::new("policy-outcomes", 256);
/// Days of a deadline: ten years.
pub const DEADLINE_DAYS: Limit = Limit::new("deadline-days", 3660);
/// Calendar months of a deadline: ten years.
pub const DEADLINE_MONTHS: Limit = Limit::new("deadline-calendar-months", 120);

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
    let has_baseline = top.optional("baseline").map_or(Ok(false), yes_or_no)?;
    let facts = facts(top.list("facts", "the facts in the order a decision lists them")?)?;
    let outcomes = outcomes(top.list("outcomes", "what rows lead to")?, &facts)?;
    let rows = rows(top.list("rows", "the table")?, &facts, &outcomes)?;
    top.finish(
        "schema, id, title, source, as-of, coverage, clock, baseline, facts, outcomes, rows",
    )?;
    check_clock("clock", &clock, &facts)?;
    let policy = Policy {
        id,
        title,
        source,
        as_of,
        coverage,
        clock,
        has_baseline,
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

fn yes_or_no((key, value): (String, Value)) -> Read<bool> {
    match value {
        Value::Boolean(value) => Ok(value),
        other => wrong(
            key,
            format!("{} is not true or false", kind(&other)),
            "true: the clocks start at the baseline for what was there before it",
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
        if facts.iter().any(|other| other.name() == name) {
            return wrong(section.key("name"), "is listed twice", "");
        }
        section.finish("name, unknown (of a fact that is not a date)")?;
        facts.push(listed);
    }
    Ok(facts)
}

fn fact_names() -> String {
    format!(
        "{}, {}",
        names(Question::ALL.map(Question::name)),
        names(Moment::ALL.map(Moment::name))
    )
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
    let rerank_path = section.key("rerank");
    let rerank = section.optional("rerank").map(period).transpose()?;
    let triage = section
        .optional("triage")
        .map(|found| triage(found, facts))
        .transpose()?;
    section.finish("id, actions, deadline, clock, rerank, triage")?;
    if rerank.is_some() && deadline.is_none() {
        return wrong(
            rerank_path,
            "without a deadline there is nothing to move",
            "deadline = { days = 30 }",
        );
    }
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
        rerank,
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

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"
schema = "daywatch.policy/1"
id = "ours"
title = "Ours"
source = "us"
as-of = 2026-09-01
coverage = "first-match"
clock = { from = "earliest", of = ["detected"] }
facts = [{ name = "kev", unknown = "no" }, { name = "epss", unknown = 0 }, { name = "detected" }]
outcomes = [{ id = "now", actions = ["patch"], deadline = { days = 3 } }, { id = "later", actions = ["on-upgrade"] }]
rows = [{ id = "1", when = { kev = "yes" }, then = "now" }, { id = "2", then = "later" }]
"#;

    /// The error after one replacement in the policy above.
    fn check(from: &str, to: &str, error: &str) {
        assert!(POLICY.contains(from), "{from}");
        let read = read("p.toml", &POLICY.replacen(from, to, 1));
        assert_eq!(
            read.map_err(|error| error.to_string()),
            Err(error.to_owned())
        );
    }

    #[test]
    fn a_policy_without_mistakes_is_read() {
        assert_eq!(
            read("p.toml", POLICY).map(|policy| policy.rows.len()),
            Ok(2)
        );
    }

    #[test]
    fn a_mistake_is_named_with_file_key_and_hint() {
        check(
            "id = \"ours\"\n",
            "",
            "p.toml: id: is missing (hint: a short name in kebab-case)",
        );
        check(
            "policy/1",
            "policy/2",
            "p.toml: schema: unknown schema: daywatch.policy/2 (hint: this program reads daywatch.policy/1)",
        );
        check(
            "as-of = 2026-09-01",
            "as-of = 5",
            "p.toml: as-of: an integer is not a date (hint: 2026-06-10)",
        );
        check(
            "first-match",
            "some",
            "p.toml: coverage: unknown word: some (hint: exactly-once (every combination has one row) or first-match)",
        );
        check(
            "title",
            "colour = \"red\"\ntitle",
            "p.toml: colour: is not a key of the format (hint: known here: schema, id, title, source, as-of, coverage, clock, baseline, facts, outcomes, rows)",
        );
        check(
            "coverage =",
            "baseline = \"yes\"\ncoverage =",
            "p.toml: baseline: a string is not true or false (hint: true: the clocks start at the baseline for what was there before it)",
        );
        check(
            "[\"on-upgrade\"]",
            "[\"on-upgrade\"], rerank = { days = 3 }",
            "p.toml: outcomes[1].rerank: without a deadline there is nothing to move (hint: deadline = { days = 30 })",
        );
        check(
            "[\"detected\"]",
            "[\"released\"]",
            "p.toml: clock: released is not listed under facts (hint: { name = \"released\" })",
        );
        check(
            "[\"detected\"]",
            "[]",
            "p.toml: clock.of: is empty (hint: a clock needs a moment to start from)",
        );
    }

    #[test]
    fn a_mistake_in_facts_outcomes_or_rows_is_named_by_its_index() {
        check(
            "unknown = \"no\"",
            "unknown = \"maybe\"",
            "p.toml: facts[0].unknown: unknown answer: maybe (hint: no, yes)",
        );
        check(
            "unknown = 0",
            "unknown = 7",
            "p.toml: facts[1].unknown: out of range: 7 (hint: 0 to 1)",
        );
        check(
            "{ days = 3 }",
            "{ days = 9999 }",
            "p.toml: outcomes[0].deadline.days: not a whole number from 0 to the limit (hint: deadline-days=3660)",
        );
        check(
            "{ days = 3 }",
            "{ weeks = 3 }",
            "p.toml: outcomes[0].deadline.weeks: is not a key of the format (hint: known here: days, calendar-months)",
        );
        check(
            "[\"patch\"]",
            "[\"forensic-triage\", \"patch\"]",
            "p.toml: outcomes[0].actions: forensic-triage and its deadline belong together (hint: triage = { days = 3 })",
        );
        check(
            "[\"on-upgrade\"]",
            "[\"reboot\"]",
            "p.toml: outcomes[1].actions[0]: unknown action: reboot (hint: any of patch, forensic-triage, on-upgrade)",
        );
        check(
            "kev = \"yes\"",
            "exposed = \"yes\"",
            "p.toml: rows[0].when.exposed: is not listed under facts (hint: { name = \"exposed\", unknown = … })",
        );
        check(
            "kev = \"yes\"",
            "epss = { below = 0 }",
            "p.toml: rows[0].when.epss: is never or always met (hint: { at-least = 0.1 } or { at-least = 4, below = 7 })",
        );
        check(
            "then = \"now\"",
            "then = \"soon\"",
            "p.toml: rows[0].then: unknown outcome: soon (hint: now, later)",
        );
        check(
            "id = \"2\"",
            "id = \"1\"",
            "p.toml: rows[1]: id is used twice: 1",
        );
    }

    #[test]
    fn what_is_not_toml_is_named_with_its_line() {
        let error = read("p.toml", "schema = \"daywatch.policy/1\"\nid = ours\n")
            .map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.starts_with("p.toml:2: not TOML: ")));
    }

    #[test]
    fn a_table_with_gaps_overlaps_or_idle_rows_is_refused() {
        check(
            "first-match",
            "exactly-once",
            "p.toml: rows: rows 1 and 2 both match kev=yes, epss=0 (hint: coverage = \"first-match\" takes the first)",
        );
        let exact = POLICY.replacen("first-match", "exactly-once", 1).replacen(
            ", { id = \"2\", then = \"later\" }",
            "",
            1,
        );
        let error = read("p.toml", &exact).map_err(|error| error.what);
        assert_eq!(error, Err("no row for kev=no, epss=0".to_owned()));
        check(
            "then = \"later\" }",
            "then = \"later\" }, { id = \"3\", then = \"now\" }",
            "p.toml: rows: row 3 never decides: earlier rows take all it matches (hint: move it up or remove it)",
        );
    }

    #[test]
    fn a_policy_over_a_limit_is_refused() {
        let large = format!("{POLICY}# {}", "x".repeat(1 << 20));
        let error = read("p.toml", &large).map_err(|error| error.what);
        assert_eq!(
            error,
            Err("larger than the limit policy-bytes=1048576".to_owned())
        );
    }
}
