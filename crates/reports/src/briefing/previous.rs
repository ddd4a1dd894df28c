//! What a briefing remembers for the next one, and reading it back from the JSON of another day.
//!
//! A briefing may come from an older or newer version, or from a hand: what is missing becomes a note, never a failure,
//! unless it is no briefing at all.

use std::cell::Cell;
use std::collections::BTreeMap;

use base::{CveId, Limit, Note, Parsed, Severity};
use drawing::escape::printable;
use jiff::Timestamp;
use serde_json::Value;

use super::places::{PLACES, Refused, parse};

/// The schema this reads, up to its version.
const SCHEMA: &str = "daywatch.briefing/";
/// The largest briefing read.
const BRIEFING_BYTES: Limit = Limit::new("briefing-bytes", 256 << 20);

/// What the next briefing compares itself with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The names of the hosts read.
    pub hosts: Vec<String>,
    /// The open and the suppressed findings.
    pub findings: Vec<RememberedGroup>,
    /// KEV entries this or an earlier briefing has told.
    pub told: Vec<CveId>,
}

/// A finding as the next briefing remembers it, on all hosts on which it is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedGroup {
    /// What its keys share: `id|ecosystem|package|version`.
    pub stem: String,
    /// The id people look for.
    pub id: String,
    /// The package.
    pub package: String,
    /// The hosts, as places in [`Memory::hosts`], sorted.
    pub hosts: Vec<u32>,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Known exploited.
    pub known_exploited: bool,
    /// Past its deadline.
    pub overdue: bool,
    /// Set aside by a suppression, so that its end is told as that and not as a new finding.
    pub suppressed: bool,
    /// When a briefing first saw it.
    pub first_seen: Timestamp,
}

impl RememberedGroup {
    /// What stays the same when an upgrade does not close it: `id|ecosystem|package|`.
    pub(super) fn identity(&self) -> &str {
        identity(&self.stem)
    }

    /// The version that was installed.
    pub(super) fn version(&self) -> &str {
        &self.stem[self.identity().len()..]
    }
}

fn identity(stem: &str) -> &str {
    &stem[..stem.rfind('|').map_or(0, |at| at + 1)]
}

/// An earlier briefing, as far as a later one needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousBriefing {
    /// When it was made.
    pub now: Timestamp,
    /// What it remembers; the findings by their stems.
    pub memory: Memory,
    /// The place of each host's name.
    places: BTreeMap<String, u32>,
}

impl PreviousBriefing {
    /// A briefing of a moment with what it remembers.
    pub fn new(now: Timestamp, mut memory: Memory) -> Self {
        memory.findings.sort_by(|a, b| a.stem.cmp(&b.stem));
        let hosts = memory.hosts.iter().cloned();
        Self {
            now,
            places: hosts.zip(0..).collect(),
            memory,
        }
    }

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
        // A name may hold the sign between a key's parts, so every place where the host's may begin is tried.
        let cuts = key.match_indices('|').map(|(at, _)| at);
        let cuts: Vec<(&str, u32)> = cuts
            .filter_map(|at| Some((&key[..at], *self.places.get(&key[at + 1..])?)))
            .collect();
        let seen = |is_same: &dyn Fn(&RememberedGroup, &str) -> bool, prefix: fn(&str) -> &str| {
            let of_cut = cuts.iter().flat_map(|(stem, host)| {
                let alike = self.starting_with(prefix(stem));
                alike.filter(move |g| is_same(g, stem) && g.hosts.binary_search(host).is_ok())
            });
            of_cut.map(|g| g.first_seen).min()
        };
        seen(&|g, stem| g.stem == stem, |stem| stem)
            .or_else(|| seen(&|g, stem| g.identity() == identity(stem), identity))
    }

    fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a RememberedGroup> {
        let findings = &self.memory.findings;
        let from = findings.partition_point(|g| g.stem.as_str() < prefix);
        findings[from..]
            .iter()
            .take_while(move |g| g.stem.starts_with(prefix))
    }
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
    let hosts = list(&root, "hosts", &mut notes, |v| {
        v.as_str().map(str::to_owned)
    });
    let findings = findings(&root, now, &hosts, &mut notes);
    let memory = Memory {
        hosts,
        findings,
        told: list(&root, "told", &mut notes, |v| {
            v.as_str()?.parse::<CveId>().ok()
        }),
    };
    Ok(Parsed {
        value: PreviousBriefing::new(now, memory),
        notes,
    })
}

/// The findings. Those of hosts that the list of hosts does not name are not understood.
fn findings(
    root: &Value,
    now: Timestamp,
    hosts: &[String],
    notes: &mut Vec<Note>,
) -> Vec<RememberedGroup> {
    let places: BTreeMap<&str, u32> = hosts.iter().map(String::as_str).zip(0..).collect();
    let room = Cell::new(PLACES.max);
    let is_full = Cell::new(false);
    let of = |value: &Value| -> Option<Vec<u32>> {
        let found = match value["on"].as_str() {
            Some(text) => parse(text, hosts.len(), room.get()).map_err(|refused| {
                is_full.set(is_full.get() || refused == Refused::TooMany);
            }),
            None => Ok(vec![*places.get(value["host"].as_str()?)?]),
        };
        let found = found.ok()?;
        room.set(room.get().saturating_sub(found.len() as u64));
        Some(found)
    };
    let all = list(root, "findings", notes, |v| finding(v, now, of(v)?));
    if is_full.get() {
        notes.push(Note::warning("the earlier briefing has too many findings").because_of(PLACES));
    }
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

fn finding(value: &Value, now: Timestamp, hosts: Vec<u32>) -> Option<RememberedGroup> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let (key, host) = (value["key"].as_str()?, text("host"));
    let stem = key.strip_suffix(&host)?.strip_suffix('|')?;
    Some(RememberedGroup {
        stem: stem.to_owned(),
        id: text("id"),
        package: text("package"),
        hosts,
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
        let text = r#"{"schema":"daywatch.briefing/1","now":"2026-08-20T05:30:00Z","hosts":["a","b",3],
            "findings":[{"key":"v|e|p|1|b","host":"b","first_seen":"2026-08-01T00:00:00Z"},{"key":"v|e|p|1|a","host":"a","severity":7},
                {"id":"x"},{"key":"v|e|p|1|c","host":"c"},{"key":"v|e|p|1|a","host":"a","on":"0-9"}],"told":null}"#;
        let previous = check(
            text,
            &[
                "entries of \"hosts\" in the earlier briefing not understood: 1",
                "entries of \"findings\" in the earlier briefing not understood: 3",
                "the earlier briefing has no list \"told\"",
            ],
        )
        .unwrap();
        assert_eq!(previous.memory.hosts, ["a", "b"]);
        assert_eq!(
            previous.first_seen("v|e|p|1|b"),
            Some("2026-08-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(previous.first_seen("v|e|p|1|a"), Some(previous.now));
        assert_eq!(previous.first_seen("v|e|p|1|c"), None);
    }

    #[test]
    fn an_upgrade_that_closes_nothing_does_not_start_the_clock_again() {
        let text = r#"{"schema":"daywatch.briefing/1","now":"2026-08-20T05:30:00Z","hosts":["web-01","web-02"],"told":[],"findings":[
            {"key":"CVE-2023-5363|Debian:12|openssl|3.0.9-1|web-01","host":"web-01","first_seen":"2026-08-01T00:00:00Z"},
            {"key":"CVE-2023-5363|Debian:12|openssl|3.0.9-1|web-02","host":"web-02","first_seen":"2026-07-01T00:00:00Z"}]}"#;
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

    #[test]
    fn one_entry_stands_for_many_hosts() {
        let text = r#"{"schema":"daywatch.briefing/1","now":"2026-08-20T05:30:00Z","hosts":["a|b","c","d"],"told":[],"findings":[
            {"key":"v|e|p|1|a|b","host":"a|b","on":"0-1","first_seen":"2026-08-01T00:00:00Z"},
            {"key":"v|e|p|1|d","host":"d","on":"2","first_seen":"2026-08-05T00:00:00Z"}]}"#;
        let previous = check(text, &[]).unwrap();
        let seen = |key: &str| previous.first_seen(key).map(|t| t.to_string());
        for key in ["v|e|p|1|a|b", "v|e|p|1|c", "v|e|p|2|c"] {
            assert_eq!(seen(key).as_deref(), Some("2026-08-01T00:00:00Z"), "{key}");
        }
        assert_eq!(seen("v|e|p|1|d").as_deref(), Some("2026-08-05T00:00:00Z"));
    }
}
