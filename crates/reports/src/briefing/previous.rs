//! Reads the briefing of another day back from its JSON, as far as a comparison needs it.
//!
//! A briefing may come from an older or newer version, or from a hand: what is missing becomes a note, never a failure,
//! unless it is no briefing at all.

use base::{CveId, Limit, Note, Parsed, Severity};
use drawing::escape::printable;
use jiff::Timestamp;
use serde_json::Value;

use super::model::{Memory, PreviousBriefing, RememberedFinding};

/// The schema this reads, up to its version.
const SCHEMA: &str = "daywatch.briefing/";
/// The largest briefing read.
const BRIEFING_BYTES: Limit = Limit::new("briefing-bytes", 256 << 20);

impl PreviousBriefing {
    /// What an earlier briefing remembers; `None` with an error note when the bytes are no briefing.
    pub fn parse(bytes: &[u8]) -> Parsed<Option<Self>> {
        match read(bytes) {
            Ok(parsed) => parsed.map(Some),
            Err(note) => Parsed {
                value: None,
                notes: vec![note],
            },
        }
    }

    /// When a briefing first saw the finding with this key ([`fleet::finding::Finding::key`]), or the same one before an
    /// upgrade that did not close it: the clock of a deadline does not start again.
    pub fn first_seen(&self, key: &str) -> Option<Timestamp> {
        let key = printable(key);
        let findings = &self.memory.findings;
        let from =
            |prefix: &str| &findings[findings.partition_point(|f| f.key.as_str() < prefix)..];
        let exact = from(&key).iter().take_while(|f| f.key == key);
        exact.map(|f| f.first_seen).min().or_else(|| {
            let (record, host) = around_version(&key)?;
            let same_record = from(record)
                .iter()
                .take_while(|f| f.key.starts_with(record));
            same_record
                .filter(|f| around_version(&f.key) == Some((record, host)))
                .map(|f| f.first_seen)
                .min()
        })
    }
}

/// A key's parts before and after the version: `id|ecosystem|package|` and the host. What shares them is the same finding,
/// whatever was installed in between.
pub(super) fn around_version(key: &str) -> Option<(&str, &str)> {
    let (rest, host) = key.rsplit_once('|')?;
    let version_at = rest.rfind('|')? + 1;
    Some((&rest[..version_at], host))
}

fn read(bytes: &[u8]) -> Result<Parsed<PreviousBriefing>, Note> {
    if BRIEFING_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Err(Note::error("the earlier briefing is too large").because_of(BRIEFING_BYTES));
    }
    let root: Value = serde_json::from_slice(bytes).map_err(|e| {
        Note::error(format!("not a briefing: not JSON: {e}")).at_line(e.line() as u64)
    })?;
    let schema = root["schema"].as_str().unwrap_or_default();
    if !schema.starts_with(SCHEMA) {
        return Err(Note::error(
            "not a briefing: its \"schema\" is not daywatch.briefing/1",
        ));
    }
    let now =
        instant(&root["now"]).ok_or_else(|| Note::error("not a briefing: \"now\" is no time"))?;
    let mut notes = Vec::new();
    if schema != "daywatch.briefing/1" {
        notes.push(Note::warning(
            "the earlier briefing has another version; what is understood of it is compared",
        ));
    }
    let memory = Memory {
        hosts: list(&root, "hosts", &mut notes, |v| {
            v.as_str().map(str::to_owned)
        }),
        findings: findings(&root, now, &mut notes),
        told: list(&root, "told", &mut notes, |v| {
            v.as_str()?.parse::<CveId>().ok()
        }),
    };
    Ok(Parsed {
        value: PreviousBriefing { now, memory },
        notes,
    })
}

/// The findings by key: what [`PreviousBriefing::first_seen`] searches.
fn findings(root: &Value, now: Timestamp, notes: &mut Vec<Note>) -> Vec<RememberedFinding> {
    let mut all = list(root, "findings", notes, |v| finding(v, now));
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

/// The items of a list that are understood; the others are counted in a note.
fn list<T>(
    root: &Value,
    name: &str,
    notes: &mut Vec<Note>,
    item: impl Fn(&Value) -> Option<T>,
) -> Vec<T> {
    let Some(items) = root[name].as_array() else {
        notes.push(Note::warning(format!(
            "the earlier briefing has no list \"{name}\""
        )));
        return Vec::new();
    };
    let understood: Vec<T> = items.iter().filter_map(item).collect();
    if understood.len() < items.len() {
        let lost = items.len() - understood.len();
        notes.push(Note::warning(format!(
            "entries of \"{name}\" in the earlier briefing not understood: {lost}"
        )));
    }
    understood
}

fn finding(value: &Value, now: Timestamp) -> Option<RememberedFinding> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Some(RememberedFinding {
        key: value["key"].as_str()?.to_owned(),
        id: text("id"),
        package: text("package"),
        host: text("host"),
        severity: value["severity"]
            .as_str()
            .and_then(|s| s.parse::<Severity>().ok()),
        known_exploited: value["known_exploited"].as_bool().unwrap_or(false),
        overdue: value["overdue"].as_bool().unwrap_or(false),
        suppressed: value["suppressed"].as_bool().unwrap_or(false),
        first_seen: instant(&value["first_seen"]).unwrap_or(now),
    })
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected_notes: &[&str]) -> Option<PreviousBriefing> {
        let parsed = PreviousBriefing::parse(text.as_bytes());
        let notes: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes, expected_notes);
        parsed.value
    }

    #[test]
    fn what_is_no_briefing_is_refused_with_the_reason() {
        assert_eq!(
            check(
                "[]",
                &["not a briefing: its \"schema\" is not daywatch.briefing/1"]
            ),
            None
        );
        assert_eq!(
            check(
                "{\"schema\":\"daywatch.briefing/1\"}",
                &["not a briefing: \"now\" is no time"]
            ),
            None
        );
        assert!(PreviousBriefing::parse(b"\xff").failed());
        assert!(PreviousBriefing::parse("[".repeat(100_000).as_bytes()).failed());
    }

    #[test]
    fn wrong_entries_are_counted_and_the_rest_is_kept() {
        let text = r#"{"schema":"daywatch.briefing/1","now":"2026-08-20T05:30:00Z","hosts":["a",3],
            "findings":[{"key":"b","first_seen":"2026-08-01T00:00:00Z"},{"key":"a","severity":7},{"id":"x"}],"told":null}"#;
        let previous = check(
            text,
            &[
                "entries of \"hosts\" in the earlier briefing not understood: 1",
                "entries of \"findings\" in the earlier briefing not understood: 1",
                "the earlier briefing has no list \"told\"",
            ],
        )
        .unwrap();
        assert_eq!(previous.memory.hosts, ["a"]);
        assert_eq!(
            previous.first_seen("b"),
            Some("2026-08-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(previous.first_seen("a"), Some(previous.now));
        assert_eq!(previous.first_seen("c"), None);
    }

    #[test]
    fn an_upgrade_that_closes_nothing_does_not_start_the_clock_again() {
        let text = r#"{"schema":"daywatch.briefing/1","now":"2026-08-20T05:30:00Z","hosts":[],"told":[],"findings":[
            {"key":"CVE-2023-5363|Debian:12|openssl|3.0.9-1|web-01","first_seen":"2026-08-01T00:00:00Z"},
            {"key":"CVE-2023-5363|Debian:12|openssl|3.0.9-1|web-02","first_seen":"2026-07-01T00:00:00Z"}]}"#;
        let previous = check(text, &[]).unwrap();
        let seen = |key: &str| previous.first_seen(key).map(|t| t.to_string());
        assert_eq!(
            seen("CVE-2023-5363|Debian:12|openssl|3.0.10-1|web-01").as_deref(),
            Some("2026-08-01T00:00:00Z")
        );
        assert_eq!(
            seen("CVE-2023-5363|Debian:12|openssl|3.0.10-1|web-03"),
            None
        );
        assert_eq!(seen("CVE-2023-5363|Debian:12|libssl3|3.0.9-1|web-01"), None);
        assert_eq!(seen("nonsense"), None);
    }
}
