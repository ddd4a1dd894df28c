//! Names, one a line: what a team has when it has nothing else. A line may be an address; `#` begins a remark.

use base::Note;

use super::column::Column;
use super::map::ColumnMap;
use super::notes::Notes;
use super::{LIST_ROWS, ListFormat, Row};
use crate::identity::IdentifierKind;

/// The format.
pub(super) struct Names;

/// A line without its remark.
fn word(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

impl ListFormat for Names {
    fn id(&self) -> &'static str {
        "names"
    }

    fn about(&self) -> &'static str {
        "names or addresses, one a line"
    }

    fn recognise(&self, head: &str) -> bool {
        let is_name = |word: &str| {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '$');
            word.len() <= 255 && word.chars().all(is_part)
        };
        let mut words = head.lines().map(word).filter(|w| !w.is_empty()).peekable();
        words.peek().is_some() && words.all(is_name)
    }

    fn rows(&self, text: &str, _: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        let words = (1..)
            .zip(text.lines().map(word))
            .filter(|(_, word)| !word.is_empty());
        let mut rows = Vec::new();
        for (line, word) in words {
            if LIST_ROWS.is_exceeded_by(rows.len() as u64 + 1) {
                notes.push(Note::warning("more rows were left out").because_of(LIST_ROWS));
                break;
            }
            let name = Column::Identifier(IdentifierKind::Name);
            rows.push(Row {
                line,
                cells: vec![(name, word.to_owned())],
            });
        }
        rows
    }
}
