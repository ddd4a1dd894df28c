//! One line of `daywatch.host/1` (`docs/reference/host.md`): packages by the inventory format of that name, the rest here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base::{Limit, Note, Parsed};
use inventory::formats::host_reports::{DaywatchHost, TEAM_FACTS_NOT_USED};
use inventory::{Format as _, HostKind, Input, assemble};
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Incoming, WORD_BYTES, called, clock};
use crate::asset::{Attribute, AttributeKind, Authority, Said, excerpt};
use crate::identity::{HOST_IDENTIFIERS, Identifier, IdentifierKind};

/// The form that is read.
pub const SCHEMA: &str = "daywatch.host/1";
/// Packages of one host.
pub const HOST_PACKAGES: Limit = Limit::new("host-packages", 200_000);

/// A line beside its packages. Values are taken as they are, so that one of the wrong type loses only itself.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Wire {
    schema: Value,
    id: Value,
    name: Value,
    kind: Value,
    zone: Value,
    owner: Value,
    criticality: Value,
    exposed: Value,
    seen_at: Value,
    identifiers: Value,
    packages: Count,
}

/// How many members a list has, without keeping them.
#[derive(Default)]
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Count(1))
            }
            fn visit_str<E>(self, _: &str) -> Result<Count, E> {
                Ok(Count(0))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Count, E> {
                Ok(Count(0))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Count, E> {
                Ok(Count(0))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Count, E> {
                Ok(Count(0))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
                Ok(Count(0))
            }
            fn visit_unit<E>(self) -> Result<Count, E> {
                Ok(Count(0))
            }
        }
        deserializer.deserialize_any(Counting)
    }
}

/// A text; numbers and booleans count as what they are written with.
fn word(value: &Value) -> Option<Cow<'_, str>> {
    let word = match value {
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Bool(yes) => Cow::Owned(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(word).filter(|word| !word.is_empty())
}

/// The host of a line. `None` with a note that says why, where there is none that can be told from others.
pub(super) fn read(
    source: &str,
    number: u64,
    line: &[u8],
    now: Timestamp,
) -> Parsed<Option<Incoming>> {
    let mut notes = Notes {
        number,
        notes: Vec::new(),
    };
    let text = String::from_utf8_lossy(line);
    if matches!(text, Cow::Owned(_)) {
        notes.warn("bytes that are not UTF-8 were replaced");
    }
    let object = text.trim_start_matches('\u{feff}').trim();
    let value = match serde_json::from_str::<Wire>(object) {
        // A list would be taken for the fields of an object in their order.
        Ok(wire) if object.starts_with('{') => take(source, object, &wire, now, &mut notes),
        Ok(_) => {
            notes.warn("left out, no JSON object of a host: a list");
            None
        }
        Err(error) => {
            notes.warn(format!("left out, no JSON object of a host: {error}"));
            None
        }
    };
    let value = value.map(|incoming| Incoming {
        line: Some(number),
        notes: std::mem::take(&mut notes.notes),
        ..incoming
    });
    Parsed {
        value,
        notes: notes.notes,
    }
}

struct Notes {
    number: u64,
    notes: Vec<Note>,
}

impl Notes {
    fn warn(&mut self, what: impl Into<String>) {
        self.push(Note::warning(what));
    }

    fn push(&mut self, note: Note) {
        self.notes.push(note.at_line(self.number));
    }
}

fn take(
    source: &str,
    text: &str,
    wire: &Wire,
    now: Timestamp,
    notes: &mut Notes,
) -> Option<Incoming> {
    match word(&wire.schema) {
        Some(schema) if schema == SCHEMA => {}
        Some(other) => {
            notes.warn(format!("left out, not {SCHEMA}: {}", excerpt(&other)));
            return None;
        }
        None => notes.warn(format!("no schema, read as {SCHEMA}")),
    }
    let name = word(&wire.name).or_else(|| word(&wire.id));
    let Some(name) = name else {
        notes.warn("left out, a host without name and id");
        return None;
    };
    if WORD_BYTES.is_exceeded_by(name.len() as u64) {
        notes.push(Note::warning("left out, its name is too long").because_of(WORD_BYTES));
        return None;
    }
    let kind = match word(&wire.kind).as_deref() {
        Some("image") => HostKind::Image,
        Some("application") => HostKind::Application,
        _ => HostKind::Machine,
    };
    let identifiers = identifiers(wire, &name, kind, notes);
    if identifiers.is_empty() {
        let what = format!(
            "left out, nothing tells it from other hosts: {}",
            excerpt(&name)
        );
        notes.warn(what);
        return None;
    }
    let (seen_at, note) = clock::seen_at(word(&wire.seen_at).as_deref(), now);
    if let Some(note) = note {
        notes.push(note);
    }
    let said = said(source, wire, notes);
    Some(Incoming {
        host: host(text, &name, kind, wire.packages.0, notes),
        label: name.into_owned(),
        identifiers,
        said,
        seen_at,
        line: None,
        notes: Vec::new(),
    })
}

fn identifiers(wire: &Wire, name: &str, kind: HostKind, notes: &mut Notes) -> Vec<Identifier> {
    let mut all = Vec::new();
    if word(&wire.name).is_some() {
        match called(name, kind) {
            Ok(ids) => all.extend(ids),
            Err(why) => notes.warn(format!("its name is no evidence, {why}: {}", excerpt(name))),
        }
    }
    if let Some(id) = word(&wire.id) {
        // Without the tool that gave it, ids of two tools would speak against each other.
        let of_tool = Identifier::read(IdentifierKind::Tool, &id);
        let of_nobody = || Identifier::read(IdentifierKind::Tool, &format!("id:{id}"));
        match of_tool.or_else(|_| of_nobody()) {
            Ok(ids) => all.extend(ids),
            Err(why) => notes.warn(format!("its id is no evidence, {why}: {}", excerpt(&id))),
        }
    }
    let (mut refused, mut unknown) = (0_usize, 0_usize);
    for (kind, value) in wire.identifiers.as_object().into_iter().flatten() {
        let Some(kind) = IdentifierKind::of_word(kind) else {
            unknown += 1;
            continue;
        };
        let one = std::slice::from_ref(value);
        for value in value.as_array().map_or(one, Vec::as_slice) {
            match word(value).map(|word| Identifier::read(kind, &word)) {
                Some(Ok(ids)) => all.extend(ids),
                Some(Err(_)) => refused += 1,
                None => {}
            }
        }
    }
    if refused > 0 {
        let what = format!("ids that are no evidence (placeholders, shared addresses): {refused}");
        notes.push(Note::info(what));
    }
    if unknown > 0 {
        notes.warn(format!("ids of kinds that are not known: {unknown}"));
    }
    all.sort_unstable();
    all.dedup();
    if HOST_IDENTIFIERS.is_exceeded_by(all.len() as u64) {
        let note = Note::warning("more ids were left out");
        notes.push(note.because_of(HOST_IDENTIFIERS));
        all.truncate(HOST_IDENTIFIERS.max as usize);
    }
    all
}

fn said(source: &str, wire: &Wire, notes: &mut Notes) -> Vec<Said> {
    let source: Arc<str> = format!("{source}:{}", notes.number).into();
    let facts = [
        (AttributeKind::Zone, &wire.zone),
        (AttributeKind::Owner, &wire.owner),
        (AttributeKind::Criticality, &wire.criticality),
        (AttributeKind::Exposed, &wire.exposed),
    ];
    let mut said = Vec::new();
    for (kind, value) in facts {
        let Some(word) = word(value) else {
            continue;
        };
        if WORD_BYTES.is_exceeded_by(word.len() as u64) {
            let note = Note::warning(format!("{} left out, it is too long", kind.as_str()));
            notes.push(note.because_of(WORD_BYTES));
            continue;
        }
        match Attribute::parse(kind, Some(&word)) {
            Ok(attribute) => said.push(Said {
                attribute,
                authority: Authority::Host,
                source: Arc::clone(&source),
            }),
            Err(why) => notes.warn(format!("{} left out: {why}", kind.as_str())),
        }
    }
    said
}

/// The packages and the system. Their place is the form and no line of a file, so that a host told again is the same.
fn host(
    text: &str,
    name: &str,
    kind: HostKind,
    packages: u64,
    notes: &mut Notes,
) -> inventory::Host {
    let is_over = HOST_PACKAGES.is_exceeded_by(packages);
    let cut = is_over.then(|| with_packages_cut(text)).flatten();
    let parsed = DaywatchHost.parse(&Input {
        path: SCHEMA,
        bytes: cut.as_deref().unwrap_or(text).as_bytes(),
    });
    let told = |note: &Note| !note.what.starts_with(TEAM_FACTS_NOT_USED);
    for note in parsed.notes.into_iter().filter(told) {
        notes.push(note);
    }
    let mut listing = parsed.value.hosts.into_iter().next().unwrap_or_default();
    if is_over {
        listing.packages.truncate(HOST_PACKAGES.max as usize);
        let left = packages.saturating_sub(listing.packages.len() as u64);
        let note = Note::warning(format!("packages left out: {left}"));
        notes.push(note.because_of(HOST_PACKAGES));
    }
    for package in &mut listing.packages {
        for place in &mut package.locations {
            place.line = None;
        }
    }
    for service in &mut listing.services {
        service.location.line = None;
    }
    let assembled = assemble(name, vec![listing]);
    for note in assembled.notes {
        notes.push(note);
    }
    inventory::Host {
        kind,
        ..assembled.value
    }
}

/// The same line with as many packages as are read: a package takes twenty times the memory of its text.
fn with_packages_cut(text: &str) -> Option<String> {
    const KEY: &str = "packages";
    let mut object: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
    let list: Vec<&RawValue> = serde_json::from_str(object.remove(KEY)?.get()).ok()?;
    let kept = list.into_iter().take(HOST_PACKAGES.max as usize);
    let list = serde_json::to_string(&kept.collect::<Vec<_>>()).ok()?;
    let list = RawValue::from_string(list).ok()?;
    object.insert(KEY.into(), &list);
    serde_json::to_string(&object).ok()
}
