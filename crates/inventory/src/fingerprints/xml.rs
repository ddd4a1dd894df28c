//! Recog's XML (<https://github.com/rapid7/recog/blob/main/xml/fingerprints.xsd>): `fingerprints` of `fingerprint` with
//! `description`, `example` and `param`.
//!
//! A document type declaration is refused, and with it every entity but XML's own five and character references.

use base::{Limit, Note, Parsed};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::pattern::Pattern;
use super::{Database, Example, Fingerprint, Param, Value};

/// Fingerprints in one file; the largest that is published has some 700.
const FINGERPRINTS: Limit = Limit::new("fingerprints-per-file", 50_000);
/// Facts of one fingerprint.
const PARAMS: Limit = Limit::new("fingerprint-params", 200);
/// Asked after every database that says how much it is preferred (Recog's own default).
const PREFERENCE: f64 = 0.10;

/// Reads a file; `None` if it is no file of fingerprints.
pub(super) fn read(file: &str, bytes: &[u8]) -> Parsed<Option<Database>> {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let mut walk = Walk::default();
    loop {
        let what = match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(Event::DocType(_)) => Err("a document type declaration is refused".to_owned()),
            Ok(event) => walk.take(file, event),
            Err(error) => Err(error.to_string()),
        };
        if let Err(what) = what {
            walk.notes
                .push(Note::warning(format!("the rest was left out: {what}")));
            break;
        }
    }
    walk.finish()
}

#[derive(Default)]
struct Walk {
    database: Option<Database>,
    open: Option<Open>,
    /// The text of the element that is open, and whether it is wanted.
    text: String,
    example: Option<(Vec<(String, String)>, bool)>,
    left_out: u64,
    /// The first pattern that was left out, with why.
    first_left_out: Option<String>,
    notes: Vec<Note>,
}

/// A fingerprint that is being read.
struct Open {
    pattern: String,
    flags: String,
    description: String,
    examples: Vec<Example>,
    params: Vec<Param>,
}

type Attributes = Vec<(String, String)>;

fn attributes(element: &BytesStart<'_>) -> Attributes {
    let pair = |a: quick_xml::events::attributes::Attribute<'_>| {
        let value = a.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((a.key.as_ref().to_owned(), value.into_owned()))
    };
    element.attributes().flatten().filter_map(pair).collect()
}

fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

impl Walk {
    fn take(&mut self, file: &str, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(element) => self.start(file, &element),
            Event::Empty(element) => {
                self.start(file, &element)?;
                self.end(element.local_name().as_ref());
                Ok(())
            }
            Event::End(element) => {
                self.end(element.local_name().as_ref());
                Ok(())
            }
            Event::Text(text) => {
                self.text
                    .push_str(&text.xml_content(XmlVersion::Implicit1_0));
                Ok(())
            }
            Event::CData(data) => {
                self.text.push_str(&data);
                Ok(())
            }
            Event::GeneralRef(reference) => {
                let named: &str = &reference;
                let character = reference.resolve_char_ref().map_err(|e| e.to_string())?;
                match (character, quick_xml::escape::resolve_xml_entity(named)) {
                    (Some(c), _) => self.text.push(c),
                    (None, Some(text)) => self.text.push_str(text),
                    (None, None) => return Err(format!("an unknown entity: {named}")),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, file: &str, element: &BytesStart<'_>) -> Result<(), String> {
        let attributes = attributes(element);
        let owned = |name| value(&attributes, name).map(str::to_owned);
        self.text.clear();
        match (element.local_name().as_ref(), &mut self.open) {
            ("fingerprints", _) => {
                let stem = file.rsplit('/').next().unwrap_or(file);
                self.database = Some(Database {
                    matches: owned("matches")
                        .unwrap_or_else(|| stem.trim_end_matches(".xml").to_owned()),
                    protocol: owned("protocol"),
                    preference: value(&attributes, "preference")
                        .and_then(|p| p.parse().ok())
                        .unwrap_or(PREFERENCE),
                    fingerprints: Vec::new(),
                });
            }
            (_, _) if self.database.is_none() => {
                return Err("not a file of fingerprints".to_owned());
            }
            ("fingerprint", _) => {
                self.open = Some(Open {
                    pattern: owned("pattern").unwrap_or_default(),
                    flags: owned("flags").unwrap_or_default(),
                    description: String::new(),
                    examples: Vec::new(),
                    params: Vec::new(),
                });
            }
            ("example", Some(_)) => {
                let is_base64 = value(&attributes, "_encoding") == Some("base64");
                let facts = attributes
                    .into_iter()
                    .filter(|(key, _)| !key.starts_with('_'));
                self.example = Some((facts.collect(), is_base64));
            }
            ("param", Some(open)) if !PARAMS.is_exceeded_by(open.params.len() as u64 + 1) => {
                open.params.extend(param(&attributes));
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        match (name, &mut self.open) {
            ("description", Some(open)) => open.description = std::mem::take(&mut self.text),
            ("example", Some(open)) => {
                let (expected, is_base64) = self.example.take().unwrap_or_default();
                let banner = match is_base64 {
                    true => decoded(&self.text),
                    false => std::mem::take(&mut self.text).into_bytes(),
                };
                open.examples.push(Example { banner, expected });
            }
            ("fingerprint", _) => self.close_fingerprint(),
            _ => {}
        }
    }

    fn close_fingerprint(&mut self) {
        let (Some(database), Some(open)) = (&mut self.database, self.open.take()) else {
            return;
        };
        if FINGERPRINTS.is_exceeded_by(database.fingerprints.len() as u64 + 1) {
            self.left_out += 1;
            return;
        }
        match Pattern::new(&open.pattern, &open.flags) {
            Ok(pattern) => database.fingerprints.push(Fingerprint {
                description: open.description.trim().to_owned(),
                examples: open.examples,
                pattern,
                params: open.params,
            }),
            Err(why) => {
                self.left_out += 1;
                let description = open.description.trim();
                self.first_left_out
                    .get_or_insert_with(|| format!("{description}: {why}"));
            }
        }
    }

    fn finish(mut self) -> Parsed<Option<Database>> {
        if self.database.is_none() && self.notes.is_empty() {
            self.notes.push(Note::warning("not a file of fingerprints"));
        }
        if self.left_out > 0 {
            let first = self.first_left_out.unwrap_or_default();
            self.notes.push(Note::warning(format!(
                "{} fingerprints were left out, the first: {first}",
                self.left_out
            )));
        }
        Parsed {
            value: self.database,
            notes: self.notes,
        }
    }
}

fn param(attributes: &Attributes) -> Option<Param> {
    let position: usize = value(attributes, "pos")?.parse().ok()?;
    Some(Param {
        name: value(attributes, "name")?.to_owned(),
        value: match position {
            0 => Value::Constant(value(attributes, "value")?.to_owned()),
            group => Value::Group(group),
        },
    })
}

/// Base 64 (RFC 4648 §4); blanks and what is no digit of it are passed over.
fn decoded(text: &str) -> Vec<u8> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for six in text.bytes().filter_map(digit) {
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}
