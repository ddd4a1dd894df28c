//! The elements of an XML document with their attributes, one after the other. Nothing is built, so depth costs a name each.
//!
//! A document type declaration is refused, and with it every entity but XML's own five and character references.

use base::{Limit, Note};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// How deep elements may stand inside elements.
const DEPTH: Limit = Limit::new("windows-xml-depth", 100);

/// An element as it begins.
pub(super) struct Element<'e, 'x> {
    /// Names of the elements around it, outermost first.
    pub(super) around: &'e [String],
    pub(super) name: &'e str,
    start: &'e BytesStart<'x>,
}

impl Element<'_, '_> {
    /// The value of an attribute, any case.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let mut found = attributes.with_checks(false).flatten();
        let attribute = found.find(|a| a.key.local_name().as_ref().eq_ignore_ascii_case(name))?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
        Some(value.trim().to_owned()).filter(|v| !v.is_empty())
    }

    /// Whether it stands right inside elements of these names, innermost last.
    pub(super) fn is_in(&self, names: &[&str]) -> bool {
        self.around.len() >= names.len()
            && self.around[self.around.len() - names.len()..]
                .iter()
                .zip(names)
                .all(|(a, n)| a.eq_ignore_ascii_case(n))
    }
}

/// Visits every element; what stood before an error was visited, and the note says where it is.
pub(super) fn elements(text: &str, mut visit: impl FnMut(&Element<'_, '_>)) -> Option<Note> {
    let mut reader = Reader::from_str(text);
    let mut around: Vec<String> = Vec::new();
    let what = loop {
        match reader.read_event() {
            Ok(Event::Eof) if around.is_empty() => return None,
            Ok(Event::Eof) => break "the document breaks off".to_owned(),
            Ok(Event::Start(start)) => {
                let name = start.local_name().as_ref().to_owned();
                visit(&Element {
                    around: &around,
                    name: &name,
                    start: &start,
                });
                if DEPTH.is_exceeded_by(around.len() as u64 + 1) {
                    return Some(
                        broken("elements are nested too deeply", text, &reader).because_of(DEPTH),
                    );
                }
                around.push(name);
            }
            Ok(Event::Empty(start)) => {
                let name = start.local_name().as_ref().to_owned();
                visit(&Element {
                    around: &around,
                    name: &name,
                    start: &start,
                });
            }
            Ok(Event::End(_)) => drop(around.pop()),
            Ok(Event::DocType(_)) => break "a document type declaration is refused".to_owned(),
            Ok(_) => {}
            Err(error) => break error.to_string(),
        }
    };
    Some(broken(&what, text, &reader))
}

fn broken(what: &str, text: &str, reader: &Reader<&[u8]>) -> Note {
    let end = usize::try_from(reader.buffer_position())
        .unwrap_or(usize::MAX)
        .min(text.len());
    let line = 1 + text.as_bytes()[..end]
        .iter()
        .filter(|b| **b == b'\n')
        .count() as u64;
    Note::warning(format!("not readable as XML from here on: {what}")).at_line(line)
}
