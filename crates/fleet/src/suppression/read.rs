//! Reading `.daywatch.toml` (TOML 1.0, <https://toml.io/en/v1.0.0>) by hand over spans, so that every note has its line and
//! one bad entry costs only itself.

use base::{Limit, Note, Parsed};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::rule::Rule;
use crate::gate::Gate;

/// Size of a suppressions file.
pub const SUPPRESSION_BYTES: Limit = Limit::new("suppression-bytes", 4 << 20);
/// Entries of a file.
pub const SUPPRESSION_RULES: Limit = Limit::new("suppression-rules", 10_000);
/// Ids of an entry.
pub const SUPPRESSION_IDS: Limit = Limit::new("suppression-ids", 1000);
/// Characters of one text of an entry.
pub const SUPPRESSION_TEXT: Limit = Limit::new("suppression-text-characters", 2000);

/// Every key of an entry, in the order they are listed to the user.
pub(super) const KEYS: &str =
    "id, package, ecosystem, version, target, owner, reason, until, unless";

/// Why an entry is refused.
struct Refusal {
    /// Byte offset, where it is not that of the entry.
    at: Option<usize>,
    what: String,
    limit: Option<Limit>,
}

impl Refusal {
    fn new(what: impl Into<String>) -> Self {
        Self {
            at: None,
            what: what.into(),
            limit: None,
        }
    }

    fn at(mut self, at: usize) -> Self {
        self.at = Some(at);
        self
    }
}

/// The text of a file, or the note that says why it has none.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Note> {
    if SUPPRESSION_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Err(Note::error("suppressions not read: the file is too large")
            .because_of(SUPPRESSION_BYTES));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Note::error("suppressions not read: the file is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The entries that can be trusted, and a note for everything else.
pub(super) fn read(text: &str) -> Parsed<Vec<Rule>> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut notes = Vec::new();
    let entries = entries(table.get_ref(), &lines, &mut notes);
    let mut broken = vec![false; entries.len()];
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        notes.push(
            Note::warning(format!("not TOML: {}", first_line(error.message())))
                .at_line(lines.line(at)),
        );
        // What the recovering parser made of the entry may lack a key, and a suppression that lacks one covers more.
        if let Some(last) = entries.iter().rposition(|entry| entry.span().start <= at) {
            broken[last] = true;
        }
    }
    let mut rules = Vec::new();
    for (entry, broken) in entries.into_iter().zip(broken) {
        let line = lines.line(entry.span().start);
        let read = match broken {
            true => Err(Refusal::new("it is not TOML")),
            false => rule(entry, line),
        };
        match read {
            Ok(rule) => rules.push(rule),
            Err(refusal) => notes.push(refused(refusal, line, &lines)),
        }
    }
    notes.sort_by_key(|note| note.line);
    Parsed {
        value: rules,
        notes,
    }
}

fn refused(refusal: Refusal, line: u64, lines: &Lines) -> Note {
    let line = refusal.at.map_or(line, |at| lines.line(at));
    let note = Note::warning(format!("suppression refused: {}", refusal.what)).at_line(line);
    match refusal.limit {
        Some(limit) => note.because_of(limit),
        None => note,
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect()
}

/// The entries in the order of the file; everything else at the top is noted.
fn entries<'a, 'i>(
    table: &'a DeTable<'i>,
    lines: &Lines,
    notes: &mut Vec<Note>,
) -> Vec<&'a Spanned<DeValue<'i>>> {
    let mut list = Vec::new();
    for (key, value) in table {
        let note = |what: String| Note::warning(what).at_line(lines.line(key.span().start));
        match value.get_ref() {
            _ if key.get_ref() != "suppress" => {
                let name = first_line(key.get_ref());
                notes.push(note(format!(
                    "unknown key: {name} (entries are written as [[suppress]])"
                )));
            }
            DeValue::Array(entries) => list.extend(entries.iter()),
            DeValue::Table(_) => list.push(value),
            other => notes.push(note(format!(
                "suppress is of type {}, not a list of tables",
                other.type_str()
            ))),
        }
    }
    list.sort_by_key(|entry| entry.span().start);
    if SUPPRESSION_RULES.is_exceeded_by(list.len() as u64) {
        notes.push(
            Note::warning("too many suppressions: the rest is left out")
                .because_of(SUPPRESSION_RULES),
        );
        list.truncate(SUPPRESSION_RULES.max as usize);
    }
    list
}

/// The keys of an entry as they are found; what is required is checked when all are known.
#[derive(Default)]
struct Draft {
    ids: Vec<String>,
    package: Option<String>,
    ecosystem: Option<String>,
    version: Option<String>,
    target: Option<String>,
    owner: Option<String>,
    reason: Option<String>,
    until: Option<End>,
    unless: Option<Gate>,
}

struct End {
    until: Timestamp,
    ends: Timestamp,
    text: String,
}

fn rule(entry: &Spanned<DeValue<'_>>, line: u64) -> Result<Rule, Refusal> {
    let DeValue::Table(table) = entry.get_ref() else {
        return Err(Refusal::new(format!(
            "an entry is a table, not of type {}",
            entry.get_ref().type_str()
        )));
    };
    let mut draft = Draft::default();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        draft
            .set(name, value.get_ref())
            .map_err(|refusal| refusal.at(key.span().start))?;
    }
    draft.finish(line)
}

impl Draft {
    fn set(&mut self, key: &str, value: &DeValue<'_>) -> Result<(), Refusal> {
        let slot = match key {
            "id" => {
                self.ids = ids(value)?;
                return Ok(());
            }
            "until" => {
                self.until = Some(end(value)?);
                return Ok(());
            }
            "unless" => {
                self.unless = Some(gate(&text(key, value)?)?);
                return Ok(());
            }
            "target" | "host" if self.target.is_some() => {
                return Err(Refusal::new(
                    "target and host are the same key: write one of them",
                ));
            }
            "target" | "host" => &mut self.target,
            "package" => &mut self.package,
            "ecosystem" => &mut self.ecosystem,
            "version" => &mut self.version,
            "owner" => &mut self.owner,
            "reason" => &mut self.reason,
            _ => {
                return Err(Refusal::new(format!(
                    "unknown key: {} (keys are {KEYS})",
                    first_line(key)
                )));
            }
        };
        *slot = Some(text(key, value)?);
        Ok(())
    }

    fn finish(self, line: u64) -> Result<Rule, Refusal> {
        if self.ids.is_empty() {
            return Err(Refusal::new(
                "no id: add id = \"CVE-…\" (a package alone would hide tomorrow's advisories too)",
            ));
        }
        let owner = self.owner.ok_or_else(|| {
            Refusal::new("no owner: add owner = \"the team that answers for it\"")
        })?;
        let reason = self
            .reason
            .ok_or_else(|| Refusal::new("no reason: add reason = \"why it is set aside\""))?;
        let end = self.until.ok_or_else(|| {
            Refusal::new("no end: add until = YYYY-MM-DD (nothing is set aside for ever)")
        })?;
        Ok(Rule {
            package: self.package,
            ecosystem: self.ecosystem,
            version: self.version,
            target: self.target,
            owner,
            reason,
            until: Some(end.until),
            ends: Some(end.ends),
            until_text: end.text,
            unless: self.unless,
            line,
            ..Rule::about(self.ids)
        })
    }
}

fn text(key: &str, value: &DeValue<'_>) -> Result<String, Refusal> {
    let Some(text) = value.as_str() else {
        return Err(Refusal::new(format!(
            "{key} is of type {}: write {key} = \"…\"",
            value.type_str()
        )));
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::new(format!("{key} is empty")));
    }
    if SUPPRESSION_TEXT.is_exceeded_by(text.chars().count() as u64) {
        let mut refusal = Refusal::new(format!("{key} is too long"));
        refusal.limit = Some(SUPPRESSION_TEXT);
        return Err(refusal);
    }
    Ok(text.to_owned())
}

fn ids(value: &DeValue<'_>) -> Result<Vec<String>, Refusal> {
    let list = match value {
        DeValue::Array(items) if SUPPRESSION_IDS.is_exceeded_by(items.len() as u64) => {
            let mut refusal = Refusal::new("too many ids");
            refusal.limit = Some(SUPPRESSION_IDS);
            return Err(refusal);
        }
        DeValue::Array(items) => items
            .iter()
            .map(|item| text("id", item.get_ref()))
            .collect::<Result<Vec<_>, _>>()?,
        one => vec![text("id", one)?],
    };
    match list.iter().find(|id| id.contains('*')) {
        Some(id) => Err(Refusal::new(format!(
            "id is a pattern: {} (write each id out)",
            first_line(id)
        ))),
        None => Ok(list),
    }
}

fn gate(text: &str) -> Result<Gate, Refusal> {
    let gate = Gate::parse(text).map_err(|error| {
        let at = text
            .get(..error.at)
            .map_or(0, |before| before.chars().count())
            + 1;
        Refusal::new(format!("unless, character {at}: {}", error.message))
    })?;
    if gate.needs_baseline() {
        return Err(Refusal::new(
            "unless: `new` asks about a baseline, which only a scan may have",
        ));
    }
    Ok(gate)
}

fn end(value: &DeValue<'_>) -> Result<End, Refusal> {
    let text = match value {
        DeValue::Datetime(datetime) => datetime.to_string(),
        other => text("until", other)?,
    };
    instant(&text).ok_or_else(|| {
        let shown = first_line(&text);
        Refusal::new(format!(
            "until is not a date: {shown} (write until = YYYY-MM-DD, or an RFC 3339 time)"
        ))
    })
}

/// A date ends with its day in UTC; a time without a zone is UTC.
fn instant(text: &str) -> Option<End> {
    if text.len() == "YYYY-MM-DD".len() {
        let date: Date = text.parse().ok()?;
        let next = date
            .tomorrow()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp();
        return Some(End {
            until: next.checked_sub(SignedDuration::from_secs(1)).ok()?,
            ends: next,
            text: text.to_owned(),
        });
    }
    let zoned = text.parse::<Timestamp>().ok();
    let instant = match zoned {
        Some(instant) => instant,
        None => text
            .parse::<DateTime>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp(),
    };
    Some(End {
        until: instant,
        ends: instant,
        text: text.to_owned(),
    })
}

/// Byte offsets to 1-based lines.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(at, _)| at)
                .collect(),
        )
    }

    fn line(&self, at: usize) -> u64 {
        1 + self.0.partition_point(|end| *end < at) as u64
    }
}
