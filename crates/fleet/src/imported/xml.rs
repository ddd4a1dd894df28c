//! A walk through an XML report, element by element. Nothing is kept but the open elements and their own texts, so a report of
//! any size costs what is taken from it. Entities that a document type declares are not expanded.

use base::{Limit, Note};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

/// Elements inside elements.
const DEPTH: Limit = Limit::new("results-xml-depth", 64);
/// Bytes kept of the text of one element: enough for a list of two thousand CVEs or the first lines of an output.
const TEXT_BYTES: usize = 32 << 10;

/// An element that was closed.
pub(super) struct Element<'a> {
    /// The names of the elements around it, outermost first, and its own last.
    pub(super) path: &'a [String],
    /// Its own text, without that of the elements in it; cut where it is too long.
    pub(super) text: &'a str,
    pub(super) attributes: &'a [(String, String)],
}

impl Element<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The name of the element around it.
    pub(super) fn parent(&self) -> &str {
        let at = self.path.len().checked_sub(2);
        at.and_then(|at| self.path.get(at))
            .map_or("", String::as_str)
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let of_name = self.attributes.iter().find(|(key, _)| key == name);
        of_name.map(|(_, value)| value.as_str())
    }
}

/// What a reader does with the elements of a report.
pub(super) trait Visitor {
    /// An element begins; its text is not known yet.
    fn open(&mut self, element: &Element<'_>) {
        let _ = element;
    }

    /// An element ends.
    fn close(&mut self, element: &Element<'_>);
}

/// The name of the outermost element.
pub(super) fn root(head: &str) -> Option<&str> {
    let mut rest = head;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
            return Some(&rest[..end.unwrap_or(rest.len())]);
        }
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")?..];
        }
    }
}

/// Walks to the end, or to where the document breaks off; what was seen until then counts.
pub(super) fn walk(bytes: &[u8], visitor: &mut dyn Visitor) -> Vec<Note> {
    // Tags are ASCII in every encoding these reports use; what is not UTF-8 in a text becomes a replacement character.
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut walk = Walk {
        path: Vec::new(),
        open: Vec::new(),
        too_deep: 0,
        was_too_deep: false,
    };
    let mut notes = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Eof) if walk.open.is_empty() => break,
            Ok(Event::Eof) => {
                notes.push(Note::warning(
                    "the report breaks off; what stood before that is read",
                ));
                break;
            }
            Ok(event) => walk.take(event, visitor),
            Err(error) => {
                notes.push(Note::warning(format!(
                    "the report breaks off at byte {}: {error}; what stood before that is read",
                    reader.error_position()
                )));
                break;
            }
        }
    }
    if walk.was_too_deep {
        notes.push(Note::warning("elements too deep left out").because_of(DEPTH));
    }
    notes
}

struct Open {
    attributes: Vec<(String, String)>,
    text: String,
}

struct Walk {
    path: Vec<String>,
    open: Vec<Open>,
    /// Open elements below the limit.
    too_deep: u64,
    was_too_deep: bool,
}

impl Walk {
    fn take(&mut self, event: Event<'_>, visitor: &mut dyn Visitor) {
        match event {
            Event::Start(start) => self.start(&start, visitor),
            Event::Empty(start) => {
                self.start(&start, visitor);
                self.end(visitor);
            }
            Event::End(_) => self.end(visitor),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(reference) => {
                if let Ok(Some(character)) = reference.resolve_char_ref() {
                    self.text(character.encode_utf8(&mut [0; 4]));
                } else {
                    let name: &str = &reference;
                    match escape::resolve_xml_entity(name) {
                        Some(text) => self.text(text),
                        // Of a document type, or of HTML: shown as it stands, never looked up.
                        None => self.text(&format!("&{name};")),
                    }
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, visitor: &mut dyn Visitor) {
        if DEPTH.is_exceeded_by(self.open.len() as u64 + 1) {
            self.too_deep += 1;
            self.was_too_deep = true;
            return;
        }
        let mut attributes = start.attributes();
        let attributes = attributes.with_checks(false).flatten().map(|a| {
            let key = a.key.local_name().as_ref().to_owned();
            let value = a.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_or_else(
                |_| a.value.clone().into_owned(),
                std::borrow::Cow::into_owned,
            );
            (key, value)
        });
        self.open.push(Open {
            attributes: attributes.collect(),
            text: String::new(),
        });
        let name = start.local_name();
        self.path.push(name.as_ref().to_owned());
        if let Some(open) = self.open.last() {
            visitor.open(&Element {
                path: &self.path,
                text: "",
                attributes: &open.attributes,
            });
        }
    }

    fn end(&mut self, visitor: &mut dyn Visitor) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        if let Some(open) = self.open.pop() {
            visitor.close(&Element {
                path: &self.path,
                text: open.text.trim(),
                attributes: &open.attributes,
            });
            self.path.pop();
        }
    }

    fn text(&mut self, text: &str) {
        if self.too_deep > 0 {
            return;
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let room = TEXT_BYTES.saturating_sub(open.text.len());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        open.text.push_str(&text[..end]);
    }
}
