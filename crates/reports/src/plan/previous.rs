//! Reads an earlier plan back from its JSON, as far as the comparison of deadlines needs it. What is missing is a note.

use base::{Limit, Note, Parsed};
use fleet::plan::{Deadline, Previous, PreviousItem};
use jiff::Timestamp;
use risk::policy::UsedFact;
use serde_json::Value;

/// The schema this reads, up to its version.
const SCHEMA: &str = "daywatch.plan/";
/// The largest plan read back.
pub const PLAN_BYTES: Limit = Limit::new("plan-bytes", 256 << 20);

/// What an earlier plan said; `None` with an error note when the bytes are no plan.
pub fn parse_previous(bytes: &[u8]) -> Parsed<Option<Previous>> {
    match read(bytes) {
        Ok(parsed) => parsed.map(Some),
        Err(note) => Parsed {
            value: None,
            notes: vec![note],
        },
    }
}

fn read(bytes: &[u8]) -> Result<Parsed<Previous>, Note> {
    if PLAN_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Err(Note::error("the earlier plan is too large").because_of(PLAN_BYTES));
    }
    let root: Value = serde_json::from_slice(bytes)
        .map_err(|e| Note::error(format!("not a plan: not JSON: {e}")).at_line(e.line() as u64))?;
    let schema = root["schema"].as_str().unwrap_or_default();
    if !schema.starts_with(SCHEMA) {
        let what = "not a plan: its \"schema\" is not daywatch.plan/1";
        return Err(Note::error(what));
    }
    let at = instant(&root["now"]).ok_or_else(|| Note::error("not a plan: \"now\" is no time"))?;
    let items = list(&root["items"]);
    let known: Vec<PreviousItem> = items.iter().filter_map(item).collect();
    let mut notes = Vec::new();
    if !root["owner"].is_null() {
        let what = "the earlier plan was cut to one owner: a date of another owner's hosts may show as moved";
        notes.push(Note::warning(what));
    }
    if known.len() < items.len() {
        let lost = items.len() - known.len();
        notes.push(Note::warning(format!(
            "{lost} items of the earlier plan have no key and are not compared"
        )));
    }
    let value = Previous { at, items: known };
    Ok(Parsed { value, notes })
}

fn item(value: &Value) -> Option<PreviousItem> {
    let deadlines = list(&value["deadlines"]).iter().filter_map(deadline);
    Some(PreviousItem {
        key: text(&value["key"])?,
        deadlines: deadlines.collect(),
    })
}

fn deadline(value: &Value) -> Option<Deadline> {
    Some(Deadline {
        policy: text(&value["policy"])?,
        row: text(&value["row"]).unwrap_or_default(),
        by: instant(&value["by"]),
        id: text(&value["id"])?,
        facts: list(&value["facts"]).iter().filter_map(fact).collect(),
    })
}

fn fact(value: &Value) -> Option<UsedFact> {
    Some(UsedFact {
        name: text(&value["name"])?,
        value: text(&value["value"]),
        source: text(&value["source"]).unwrap_or_default(),
        assumed: text(&value["assumed"]),
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, items: Option<usize>, notes: &[&str]) {
        let read = parse_previous(json.as_bytes());
        assert_eq!(read.value.map(|p| p.items.len()), items, "{json}");
        let seen: Vec<String> = read.notes.iter().map(ToString::to_string).collect();
        assert_eq!(seen.len(), notes.len(), "{seen:?}");
        for (seen, expected) in seen.iter().zip(notes) {
            assert!(seen.contains(expected), "{seen}");
        }
    }

    #[test]
    fn what_is_no_plan_is_said_and_what_is_missing_is_left_out() {
        check("{", None, &["not JSON"]);
        check(r#"{"schema": "daywatch.scan/1"}"#, None, &["schema"]);
        check(r#"{"schema": "daywatch.plan/1"}"#, None, &["\"now\""]);
        let with = |rest: &str| {
            format!(r#"{{"schema": "daywatch.plan/1", "now": "2026-06-01T12:00:00Z"{rest}}}"#)
        };
        check(&with(""), Some(0), &[]);
        check(
            &with(r#", "items": [{"key": "a"}, {}, 7]"#),
            Some(1),
            &["2 items"],
        );
        check(&with(r#", "owner": "x""#), Some(0), &["one owner"]);
    }
}
