//! Which column of a table holds what: guessed once, looked at by somebody, and saved as TOML for the next file of the same kind.

use std::collections::BTreeMap;

use base::{Limit, Note};
use serde::Deserialize;
use toml::Spanned;

use super::column::Column;

/// Size of a file of columns.
const MAP_BYTES: Limit = Limit::new("column-map-bytes", 1 << 20);

/// The columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// By heading.
    pub columns: BTreeMap<String, Column>,
    /// What the words of a column mean: for `exposed`, `ja` is `yes`.
    pub values: BTreeMap<Column, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    values: BTreeMap<Spanned<String>, BTreeMap<String, String>>,
}

impl ColumnMap {
    /// Reads a file of columns; every mistake is a note with its line.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, Vec<Note>> {
        let whole = |what: &str| vec![Note::error(what).in_file(file)];
        if MAP_BYTES.is_exceeded_by(bytes.len() as u64) {
            let note = Note::error("the file is too large").in_file(file);
            return Err(vec![note.because_of(MAP_BYTES)]);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| whole("the file is not UTF-8"))?;
        let at = |offset: usize, what: String| {
            let before = text.as_bytes().get(..offset).unwrap_or_default();
            let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
            Note::error(what).in_file(file).at_line(line)
        };
        let read: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let what = error.message().lines().next().unwrap_or_default();
            vec![at(offset, format!("no file of columns: {what} (write [columns] and \"Heading\" = \"name\" under it)"))]
        })?;
        let mut mistakes = Vec::new();
        let mut column = |word: &Spanned<String>| match word.get_ref().parse::<Column>() {
            Ok(column) => Some(column),
            Err(why) => {
                mistakes.push(at(word.span().start, why.to_string()));
                None
            }
        };
        let mut map = Self::default();
        for (heading, word) in read.columns {
            map.columns
                .extend(column(&word).map(|column| (heading, column)));
        }
        for (word, values) in read.values {
            let folded = values
                .into_iter()
                .map(|(from, to)| (from.to_lowercase(), to));
            map.values
                .extend(column(&word).map(|column| (column, folded.collect())));
        }
        match mistakes.is_empty() {
            true => Ok(map),
            false => Err(mistakes),
        }
    }

    /// The file that [`Self::parse`] reads back.
    pub fn to_toml(&self) -> String {
        let columns = self.columns.iter();
        let columns: toml::Table = columns
            .map(|(heading, column)| (heading.clone(), column.to_string().into()))
            .collect();
        let mut file = toml::Table::from_iter([("columns".to_owned(), columns.into())]);
        let values = self.values.iter().map(|(column, values)| {
            let values = values
                .iter()
                .map(|(from, to)| (from.clone(), to.clone().into()));
            (column.to_string(), toml::Value::Table(values.collect()))
        });
        let values: toml::Table = values.collect();
        if !values.is_empty() {
            file.insert("values".to_owned(), values.into());
        }
        file.to_string()
    }

    /// What a value means.
    pub(super) fn meaning<'v>(&'v self, column: &Column, value: &'v str) -> &'v str {
        let values = self.values.get(column);
        let meant = values.and_then(|values| values.get(&value.to_lowercase()));
        meant.map_or(value, String::as_str)
    }
}
