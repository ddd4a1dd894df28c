//! The JSON documents of a file: one a line (<https://github.com/ndjson/ndjson-spec>), or the whole file is one. A broken line
//! loses itself, a broken document what stands behind the break.

use base::Note;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::formats::lenient::{LIST_MEMBERS, List, Text, Texts};
use crate::formats::notes::Notes;
use crate::formats::{json_document, text};

/// A text that outlives its document; numbers and booleans count as what they are written with.
#[derive(Default)]
pub(super) struct Word(pub(super) Option<String>);

impl Word {
    /// The text without surrounding space, unless it is empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|t| !t.is_empty())
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        Ok(Self(text.0.map(std::borrow::Cow::into_owned)))
    }
}

/// A list of texts.
#[derive(Default)]
pub(super) struct Words(pub(super) Vec<Word>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Texts::deserialize(deserializer)?;
        let owned = |text: Text<'_>| Word(text.0.map(std::borrow::Cow::into_owned));
        Ok(Self(texts.0.into_iter().map(owned).collect()))
    }
}

/// Hands out every document that is an object as `T`, with its line in a file of lines; the members of a list count as
/// documents.
pub(super) fn each<T>(
    text: &str,
    notes: &mut Notes,
    mut take: impl FnMut(Option<u64>, T, &mut Notes),
) where
    T: for<'a> Deserialize<'a> + Default,
{
    if !is_lines(text) {
        document(None, text, notes, &mut take);
        return;
    }
    for (number, line) in text::numbered_lines(text) {
        let line = line.trim();
        if !line.is_empty() {
            document(Some(number), line, notes, &mut take);
        }
    }
}

/// Whether the first line that holds something is a document of its own.
fn is_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim();
    first.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(first).is_ok()
}

fn document<T>(
    line: Option<u64>,
    text: &str,
    notes: &mut Notes,
    take: &mut impl FnMut(Option<u64>, T, &mut Notes),
) where
    T: for<'a> Deserialize<'a> + Default,
{
    let mut spare = String::new();
    let (values, read_notes) = if text.trim_start().starts_with('[') {
        let parsed = json_document::read::<List<T>>(text, &mut spare);
        let List(members, left_out) = parsed.value;
        if left_out > 0 {
            let note = Note::warning(format!("more records were left out: {left_out}"));
            notes.push(note.because_of(LIST_MEMBERS));
        }
        (members, parsed.notes)
    } else {
        let parsed = json_document::read::<T>(text, &mut spare);
        (vec![parsed.value], parsed.notes)
    };
    // Of what is no JSON from its first byte on there is no value.
    let is_nothing = spare.is_empty() && !read_notes.is_empty();
    for note in read_notes {
        notes.push(match line {
            // The line inside of the line is always the first.
            Some(line) => note.at_line(line),
            None => note,
        });
    }
    for value in values.into_iter().filter(|_| !is_nothing) {
        take(line, value, notes);
    }
}
