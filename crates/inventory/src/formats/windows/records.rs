//! Objects as the tools of Windows print them: a table under a line of names, `name : value` or `name=value` one to a line, or
//! csv with any separator. `Format-Table`, `Format-List`, `Export-Csv` and the formats of `wmic` are all of these.

use std::borrow::Cow;
use std::rc::Rc;

use base::Note;

use super::console::some;
use super::machine::ENTRIES;
use crate::formats::notes::Notes;
use crate::formats::text;

/// One object: its values under the names of the head they share.
#[derive(Debug)]
pub(super) struct Record<'t> {
    /// 1-based.
    pub(super) line: u64,
    names: Rc<Vec<String>>,
    values: Vec<Cow<'t, str>>,
}

impl Record<'_> {
    /// The value of that name (any case), unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let at = self
            .names
            .iter()
            .position(|n| n.eq_ignore_ascii_case(name))?;
        some(self.values.get(at)?)
    }

    /// The words of all values, in order.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .flat_map(|value| value.split_whitespace())
    }
}

/// How the objects are written.
enum Shape {
    List,
    Csv(u8),
    Table,
}

/// Whether the text has a head, or the first line of a list, with that name in it.
pub(super) fn has(text: &str, name: &str) -> bool {
    head(text, name).is_some()
}

/// The objects that have a value of that name in their head; the text before the head is passed over.
pub(super) fn read<'t>(text: &'t str, name: &str, notes: &mut Notes) -> Vec<Record<'t>> {
    let Some((line, at, shape)) = head(text, name) else {
        return Vec::new();
    };
    let mut records = match shape {
        Shape::List => list(text),
        Shape::Csv(separator) => csv(&text[at..], line, separator, notes),
        Shape::Table => table(&text[at..], line),
    };
    if records.len() > entries_max() {
        notes.push(Note::warning("more entries were left out").because_of(ENTRIES));
        records.truncate(entries_max());
    }
    records
}

/// Reading stops one after this many.
fn entries_max() -> usize {
    usize::try_from(ENTRIES.max).unwrap_or(usize::MAX)
}

/// The first line with the name as a word: its number, where it begins, and what follows from it.
fn head(text: &str, name: &str) -> Option<(u64, usize, Shape)> {
    let mut at = 0;
    for (number, raw) in (1..).zip(text.split_inclusive('\n')) {
        if let Some(shape) = shape(raw, name) {
            return Some((number, at, shape));
        }
        at += raw.len();
    }
    None
}

fn shape(line: &str, name: &str) -> Option<Shape> {
    if line.len() > 64 << 10 {
        return None;
    }
    let is_name = |word: &str| word.eq_ignore_ascii_case(name);
    let word_end = |c: char| !(c.is_alphanumeric() || c == '_');
    line.split(word_end).find(|word| is_name(word))?;
    let line = line.trim();
    if pair(line).is_some_and(|(n, _)| is_name(n)) {
        return Some(Shape::List);
    }
    let separators = [b',', b';', b'\t'];
    let count = |separator: u8| line.bytes().filter(|b| *b == separator).count();
    let separator = separators.into_iter().max_by_key(|s| count(*s))?;
    let cells = || {
        line.split(char::from(separator))
            .map(|cell| cell.trim_matches(['"', ' ']))
    };
    if (count(separator) > 0 || line.starts_with('"')) && cells().any(is_name) {
        return Some(Shape::Csv(separator));
    }
    // A head is names only: words without punctuation.
    let is_head = line.split_whitespace().all(|w| {
        w.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '(' | ')'))
    });
    (is_head && line.split_whitespace().any(is_name)).then_some(Shape::Table)
}

/// `Name : value` or `Name=value`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '='])?;
    let name = line[..at].trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| (name, line[at + 1..].trim()))
}

/// A name that comes again begins the next object.
fn list(text: &str) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut values: Vec<Cow<'_, str>> = Vec::new();
    let mut first = 0;
    let close = |line: u64, names: &mut Vec<String>, values: &mut Vec<Cow<'_, str>>| {
        let (names, values) = (std::mem::take(names), std::mem::take(values));
        (!names.is_empty()).then(|| Record {
            line,
            names: Rc::new(names),
            values: values
                .into_iter()
                .map(|v| Cow::Owned(v.into_owned()))
                .collect(),
        })
    };
    for (number, line) in text::numbered_lines(text) {
        let Some((name, value)) = pair(line.trim()) else {
            continue;
        };
        // No tool prints more properties; without a bound, names that never come again would cost the square.
        const NAMES_MAX: usize = 300;
        let again = names.iter().any(|n| n.eq_ignore_ascii_case(name)) || names.len() >= NAMES_MAX;
        if again {
            records.extend(close(first, &mut names, &mut values));
        }
        if records.len() > entries_max() {
            return records;
        }
        if names.is_empty() {
            first = number;
        }
        names.push(name.to_owned());
        values.push(Cow::Borrowed(value));
    }
    records.extend(close(first, &mut names, &mut values));
    records
}

fn csv<'t>(text: &'t str, line: u64, separator: u8, notes: &mut Notes) -> Vec<Record<'t>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = match reader.headers() {
        Ok(head) => Rc::new(head.iter().map(|n| n.trim().to_owned()).collect::<Vec<_>>()),
        Err(_) => return Vec::new(),
    };
    let mut records = Vec::new();
    for row in reader.into_records().take(entries_max() + 1) {
        match row {
            Ok(row) => records.push(Record {
                line: line + row.position().map_or(0, |p| p.line().saturating_sub(1)),
                names: Rc::clone(&names),
                values: row.iter().map(|cell| Cow::Owned(cell.to_owned())).collect(),
            }),
            Err(error) => notes.push(Note::warning(format!(
                "a row that is no csv was left out: {error}"
            ))),
        }
    }
    records
}

/// Every cell begins below its name; a line of dashes is no object.
fn table(text: &str, line: u64) -> Vec<Record<'_>> {
    let mut lines = text::numbered_lines(text);
    let Some((_, head)) = lines.next() else {
        return Vec::new();
    };
    let columns = columns(head);
    let names: Vec<String> = head.split_whitespace().map(str::to_owned).collect();
    let names = Rc::new(names);
    let is_row = |row: &str| !row.trim().is_empty() && !row.trim_start().starts_with("--");
    let rows = lines.filter(|(_, row)| is_row(row)).take(entries_max() + 1);
    rows.map(|(number, row)| Record {
        line: line + number - 1,
        names: Rc::clone(&names),
        values: cells(row, &columns)
            .into_iter()
            .map(Cow::Borrowed)
            .collect(),
    })
    .collect()
}

/// Where each word begins, in characters.
fn columns(head: &str) -> Vec<usize> {
    let mut before = ' ';
    let mut columns = Vec::new();
    for (at, c) in head.chars().enumerate() {
        if before.is_whitespace() && !c.is_whitespace() {
            columns.push(at);
        }
        before = c;
    }
    columns
}

fn cells<'t>(row: &'t str, columns: &[usize]) -> Vec<&'t str> {
    let mut starts = Vec::with_capacity(columns.len());
    let mut wanted = columns.iter().copied().peekable();
    for (at, (byte, _)) in row.char_indices().enumerate() {
        if wanted.next_if_eq(&at).is_some() {
            starts.push(byte);
        }
    }
    let ends = starts.iter().copied().skip(1).chain([row.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| row[start..end].trim())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u64, &str, &str)]) {
        let mut notes = Notes::default();
        let records = read(text, "HotFixID", &mut notes);
        let found: Vec<_> = records
            .iter()
            .map(|r| {
                (
                    r.line,
                    r.get("hotfixid").unwrap_or("-"),
                    r.get("InstalledOn").unwrap_or("-"),
                )
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_form_gives_the_same_objects() {
        check(
            "cat q\nCSName  HotFixID   InstalledOn  \r\r\nW       KB4487044  3/2/2019     \r\r\n",
            &[(3, "KB4487044", "3/2/2019")],
        );
        check(
            "\nSource HotFixID  InstalledOn\n------ --------  -----------\nWÉB    KB4487044 3/2/2019 12:00:00 AM\n",
            &[(4, "KB4487044", "3/2/2019 12:00:00 AM")],
        );
        check(
            "#TYPE x\n\"Source\";\"HotFixID\";\"InstalledOn\"\n\"W;1\";\"KB4487044\";\"3/2/2019\"\n",
            &[(3, "KB4487044", "3/2/2019")],
        );
        check(
            "\nNode,HotFixID,InstalledOn\nW,KB4487044,3/2/2019\nW,KB1\n",
            &[(3, "KB4487044", "3/2/2019"), (4, "KB1", "-")],
        );
        check(
            "HotFixID\nKB4487044\nKB4487045\n",
            &[(2, "KB4487044", "-"), (3, "KB4487045", "-")],
        );
        check(
            "HotFixID    : KB4487044\nInstalledOn : 3/2/2019 0:00:00\n\nHotFixID : KB4487045\n",
            &[(1, "KB4487044", "3/2/2019 0:00:00"), (4, "KB4487045", "-")],
        );
        check(
            "HotFixID=KB4487044\r\r\nInstalledOn=3/2/2019\r\r\n",
            &[(1, "KB4487044", "3/2/2019")],
        );
    }

    #[test]
    fn prose_with_the_name_in_it_is_no_head() {
        check("The HotFixID, if any.\n", &[]);
        check("x \"HotFixID\" y\n", &[]);
        check("", &[]);
    }
}
