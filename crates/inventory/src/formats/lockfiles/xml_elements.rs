//! XML as lockfiles need it: elements with their attributes and text, one after the other. A document type declaration ends the
//! reading, and with it every entity but XML's own; what stands before a syntax error is kept.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

use super::origin::shown;
use super::pins::Pins;

/// The deepest nesting followed.
const DEPTH: base::Limit = base::Limit::new("lockfile-xml-depth", 64);

/// An element that begins or ends.
pub(super) enum Element<'e> {
    /// It begins; the path is that of the names down to it.
    Begins {
        path: &'e [String],
        attributes: &'e [(String, String)],
        line: u64,
    },
    /// It ends; the text is its own, without that of elements in it.
    Ends { path: &'e [String], text: &'e str },
}

/// Hands out every element, in order.
pub(super) fn each(
    text: &str,
    pins: &mut Pins<'_>,
    mut take: impl FnMut(Element<'_>, &mut Pins<'_>),
) {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    let (mut counted, mut line) = (0_usize, 1_u64);
    loop {
        let event = reader.read_event();
        let position = usize::try_from(reader.buffer_position())
            .unwrap_or(usize::MAX)
            .min(text.len());
        line += text.as_bytes()[counted..position]
            .iter()
            .map(|b| u64::from(*b == b'\n'))
            .sum::<u64>();
        counted = position;
        let result = match event {
            Ok(Event::Eof) if walk.path.is_empty() => {
                if !walk.any && !text.trim().is_empty() {
                    pins.broken(None, "no element of XML");
                }
                return;
            }
            Ok(Event::Eof) => Err("the document breaks off".to_owned()),
            Ok(event) => walk.take(&event, line, &mut |element| take(element, pins)),
            Err(error) => Err(error.to_string()),
        };
        if let Err(what) = result {
            return pins.broken(
                Some(line),
                format!("not XML from here on: {}", shown(&what)),
            );
        }
    }
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    any: bool,
    texts: Vec<String>,
}

impl Walk {
    fn take(
        &mut self,
        event: &Event<'_>,
        line: u64,
        take: &mut dyn FnMut(Element<'_>),
    ) -> Result<(), String> {
        match event {
            Event::Start(start) => self.begin(start, line, take)?,
            Event::Empty(start) => {
                self.begin(start, line, take)?;
                self.end(take);
            }
            Event::End(_) => self.end(take),
            Event::Text(text) => self.add_text(&text.xml10_content()),
            Event::CData(data) => self.add_text(&data.xml10_content()),
            Event::GeneralRef(reference) => self.resolve(reference)?,
            Event::DocType(_) => return Err("a document type declaration is refused".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        start: &BytesStart<'_>,
        line: u64,
        take: &mut dyn FnMut(Element<'_>),
    ) -> Result<(), String> {
        if DEPTH.is_exceeded_by(self.path.len() as u64 + 1) {
            return Err(format!("nested too deeply (limit {DEPTH})"));
        }
        let name = start.local_name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| e.to_string())?;
            let key = attribute.key.local_name().as_ref().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| e.to_string())?;
            attributes.push((key, value.into_owned()));
        }
        self.path.push(name);
        self.any = true;
        self.texts.push(String::new());
        take(Element::Begins {
            path: &self.path,
            attributes: &attributes,
            line,
        });
        Ok(())
    }

    fn end(&mut self, take: &mut dyn FnMut(Element<'_>)) {
        let text = self.texts.pop().unwrap_or_default();
        take(Element::Ends {
            path: &self.path,
            text: text.trim(),
        });
        self.path.pop();
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
            self.add_text(c.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        let name = reference.xml10_content();
        let text = escape::resolve_xml_entity(&name)
            .ok_or_else(|| format!("an entity is refused: {}", shown(&name)))?;
        self.add_text(text);
        Ok(())
    }

    fn add_text(&mut self, text: &str) {
        // Names and versions are short; what is longer is prose.
        const KEPT: usize = 4096;
        if let Some(own) = self.texts.last_mut()
            && own.len() + text.len() <= KEPT
        {
            own.push_str(text);
        }
    }
}

/// The value of an attribute.
pub(super) fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> &'a str {
    attributes
        .iter()
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.trim())
}

/// Whether a path is these names.
pub(super) fn is_at(path: &[String], names: &[&str]) -> bool {
    path.len() == names.len() && path.iter().zip(names).all(|(a, b)| a == b)
}
