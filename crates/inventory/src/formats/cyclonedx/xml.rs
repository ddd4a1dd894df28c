//! CycloneDX in XML, into the same shape as JSON.
//!
//! A document type declaration is refused, and with it every entity but XML's own five and character references.
//! The walk keeps its own stack; only component elements grow it in earnest, and those are bounded.

use std::borrow::Cow;

use base::{Note, Parsed};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

use super::component::{Bom, Children, Component, Occurrence, Property};
use crate::formats::lenient::{Object, Text};
use crate::formats::sbom::DEPTH;

/// The namespace of the format, up to its version.
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// Whether the bytes begin like a CycloneDX document: the namespace stands on the root element.
pub(super) fn looks_like(head: &str) -> bool {
    head.trim_start().starts_with('<') && head.contains(NAMESPACE)
}

/// The document; what was read before a syntax error is kept.
pub(super) fn read(text: &str) -> Parsed<Bom<'static>> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let result = match reader.read_event() {
            Ok(Event::Eof) if walk.places.is_empty() => break,
            Ok(Event::Eof) => Err("the document breaks off".to_owned()),
            Ok(event) => walk.take(event),
            Err(error) => Err(error.to_string()),
        };
        if let Err(what) = result {
            let line = 1 + count_newlines(text, reader.buffer_position());
            walk.fail(&what, line);
            break;
        }
    }
    walk.finish()
}

fn count_newlines(text: &str, position: u64) -> u64 {
    let end = usize::try_from(position)
        .unwrap_or(usize::MAX)
        .min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|b| **b == b'\n')
        .count() as u64
}

/// What an open element is to us; decided by its name and the place it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Bom,
    Metadata,
    /// A list of components, of the document or of the innermost open component.
    Components,
    Component,
    Field(Field),
    Properties,
    Property,
    Evidence,
    Occurrences,
    Occurrence,
    /// Anything else, with all that is in it.
    Other,
}

/// An element whose text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Group,
    Name,
    Version,
    Description,
    Purl,
    Cpe,
    Scope,
    Location,
    Line,
}

fn place(parent: Option<Place>, name: &str) -> Place {
    match (parent, name) {
        (None, "bom") => Place::Bom,
        (Some(Place::Bom), "metadata") => Place::Metadata,
        (Some(Place::Bom | Place::Component), "components") => Place::Components,
        (Some(Place::Metadata | Place::Components), "component") => Place::Component,
        (Some(Place::Component), "properties") => Place::Properties,
        (Some(Place::Properties), "property") => Place::Property,
        (Some(Place::Component), "evidence") => Place::Evidence,
        (Some(Place::Evidence), "occurrences") => Place::Occurrences,
        (Some(Place::Occurrences), "occurrence") => Place::Occurrence,
        (Some(Place::Occurrence), "location") => Place::Field(Field::Location),
        (Some(Place::Occurrence), "line") => Place::Field(Field::Line),
        (Some(Place::Component), _) => component_field(name).map_or(Place::Other, Place::Field),
        _ => Place::Other,
    }
}

fn component_field(name: &str) -> Option<Field> {
    Some(match name {
        "group" => Field::Group,
        "name" => Field::Name,
        "version" => Field::Version,
        "description" => Field::Description,
        "purl" => Field::Purl,
        "cpe" => Field::Cpe,
        "scope" => Field::Scope,
        _ => return None,
    })
}

/// The state of the walk: the open elements, the open components, and the text being collected.
#[derive(Default)]
struct Walk {
    bom: Bom<'static>,
    places: Vec<Place>,
    open: Vec<Component<'static>>,
    /// Components deeper than the limit.
    too_deep: usize,
    text: String,
    notes: Vec<Note>,
}

impl Walk {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                self.collect(&text.xml10_content());
                Ok(())
            }
            Event::CData(data) => {
                self.collect(&data.xml10_content());
                Ok(())
            }
            Event::GeneralRef(reference) => self.resolve(&reference),
            Event::DocType(_) => Err("a document type declaration is refused".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.local_name();
        let mut place = place(self.places.last().copied(), name.as_ref());
        if self.places.is_empty() && place != Place::Bom {
            return Err(format!(
                "the root element is {}, not bom",
                crate::formats::text::excerpt(name.as_ref())
            ));
        }
        match place {
            Place::Bom => self.bom.spec_version = spec_version(start),
            Place::Component if DEPTH.is_exceeded_by(self.open.len() as u64 + 1) => {
                self.too_deep += 1;
                place = Place::Other;
            }
            Place::Component => self.open.push(Component {
                ty: attribute(start, "type"),
                ..Component::default()
            }),
            Place::Property => {
                let property = Property {
                    name: attribute(start, "name"),
                    value: attribute(start, "value"),
                };
                self.innermost(|c| c.properties.0.push(property));
            }
            Place::Occurrence => self.innermost(|c| {
                let evidence = c.evidence.0.get_or_insert_default();
                evidence.occurrences.0.push(Occurrence::default());
            }),
            _ => {}
        }
        self.text.clear();
        self.places.push(place);
        Ok(())
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        match self.places.pop() {
            Some(Place::Component) => self.close_component(),
            Some(Place::Field(field)) => self.innermost(|c| set(c, field, text)),
            Some(Place::Property) => self.innermost(|c| {
                if let Some(property) = c.properties.0.last_mut()
                    && property.value.get().is_none()
                {
                    property.value = Text(Some(Cow::Owned(text)));
                }
            }),
            _ => {}
        }
    }

    fn innermost(&mut self, change: impl FnOnce(&mut Component<'static>)) {
        if let Some(component) = self.open.last_mut() {
            change(component);
        }
    }

    fn close_component(&mut self) {
        let Some(done) = self.open.pop() else { return };
        let in_metadata = self.places.last() == Some(&Place::Metadata);
        if let Some(parent) = self.open.last_mut() {
            if let Children::Read(siblings) = &mut parent.components {
                siblings.push(done);
            }
        } else if in_metadata {
            self.bom.metadata.0.get_or_insert_default().component = Object(Some(done));
        } else {
            self.bom.components.0.push(done);
        }
    }

    fn collect(&mut self, text: &str) {
        if matches!(self.places.last(), Some(Place::Field(_) | Place::Property)) {
            self.text.push_str(text);
        }
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
            self.collect(c.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let name = reference.xml10_content();
        let Some(text) = escape::resolve_xml_entity(&name) else {
            return Err(format!(
                "an entity is refused: {}",
                crate::formats::text::excerpt(&name)
            ));
        };
        self.collect(text);
        Ok(())
    }

    /// Whatever is open is closed, so that what was read is kept.
    fn fail(&mut self, what: &str, line: u64) {
        self.text.clear();
        while !self.places.is_empty() {
            self.end();
        }
        let what = format!("not readable as XML from here on: {what}");
        self.notes.push(Note::error(what).at_line(line));
    }

    fn finish(mut self) -> Parsed<Bom<'static>> {
        if self.too_deep > 0 {
            let what = format!(
                "components nested too deeply were left out: {}",
                self.too_deep
            );
            self.notes.push(Note::warning(what).because_of(DEPTH));
        }
        Parsed {
            value: self.bom,
            notes: self.notes,
        }
    }
}

fn set(component: &mut Component<'static>, field: Field, text: String) {
    let occurrence = component
        .evidence
        .0
        .as_mut()
        .and_then(|e| e.occurrences.0.last_mut());
    let place = match field {
        Field::Group => Some(&mut component.group),
        Field::Name => Some(&mut component.name),
        Field::Version => Some(&mut component.version),
        Field::Description => Some(&mut component.description),
        Field::Purl => Some(&mut component.purl),
        Field::Cpe => Some(&mut component.cpe),
        Field::Scope => Some(&mut component.scope),
        Field::Location => occurrence.map(|o| &mut o.location),
        Field::Line => occurrence.map(|o| &mut o.line),
    };
    if let Some(place) = place {
        *place = Text(Some(Cow::Owned(text)));
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Text<'static> {
    let found = start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == name);
    let value = found.and_then(|a| a.normalized_value(XmlVersion::Explicit1_0).ok());
    Text(value.map(|v| Cow::Owned(v.into_owned())))
}

/// The version is the last part of the namespace.
fn spec_version(start: &BytesStart<'_>) -> Text<'static> {
    let mut attributes = start.attributes();
    let mut values = attributes.with_checks(false).flatten();
    let version = values.find_map(|a| a.value.strip_prefix(NAMESPACE).map(str::to_owned));
    Text(version.map(Cow::Owned))
}
