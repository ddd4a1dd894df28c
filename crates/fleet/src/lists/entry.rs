//! A row of a list, and the host it is about.

use std::sync::Arc;

use base::{Limit, Note};

use super::column::Column;
use super::notes::Notes;
use crate::asset::{Attribute, AttributeKind, Authority, Said, excerpt};
use crate::identity::{Identifier, IdentifierKind};

/// The longest value of a column that is taken.
pub const CELL_BYTES: Limit = Limit::new("list-cell-bytes", 512);

/// Values by what they are, as a format found them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub(super) line: u64,
    pub(super) cells: Vec<(Column, String)>,
}

/// A host of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The line or, in a document without lines, the number of the row.
    pub row: u64,
    /// What the list calls it.
    pub label: String,
    /// Its ids, sorted, each once; never empty.
    pub identifiers: Vec<Identifier>,
    /// What the list says of it.
    pub said: Vec<Said>,
    /// Where the directory service keeps it.
    pub units: Vec<String>,
    /// Its operating system, as the list writes it.
    pub system: Option<String>,
    /// Whether it is in use.
    pub standing: Standing,
}

/// Whether a listed host is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is, or the list does not say otherwise.
    InUse,
    /// Switched off or disabled: it reports nothing now.
    Off,
    /// Retired: it is no host any more.
    Retired,
}

impl Standing {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::Off => "off",
            Self::Retired => "retired",
        }
    }

    /// By the words of RVTools, Active Directory, NetBox, GLPI and ServiceNow (whose numbers are of `install_status`).
    fn of_word(word: &str) -> Self {
        let word = word.to_lowercase();
        match word.as_str() {
            "poweredoff" | "suspended" | "false" | "offline" | "off" | "disabled" | "in stock"
            | "non-operational" => Self::Off,
            "retired" | "decommissioned" | "decommissioning" | "disposed" | "absent" | "stolen"
            | "template" => Self::Retired,
            _ => Self::InUse,
        }
    }
}

impl Row {
    /// The host of the row; `None` with a note where nothing tells it from others.
    pub(super) fn listed(self, file: &str, notes: &mut Notes) -> Option<Listed> {
        let line = self.line;
        let mut listed = Listed {
            row: line,
            label: String::new(),
            identifiers: Vec::new(),
            said: Vec::new(),
            units: Vec::new(),
            system: None,
            standing: Standing::InUse,
        };
        let source: Arc<str> = format!("{file}:{line}").into();
        let mut label = None;
        for (column, value) in self.cells {
            if CELL_BYTES.is_exceeded_by(value.len() as u64) {
                let note = Note::warning(format!("{column} left out, it is too long"));
                notes.push(note.at_line(line).because_of(CELL_BYTES));
                continue;
            }
            match column {
                Column::Label => label = Some(value),
                Column::Unit => listed.units.push(value),
                Column::System => listed.system = listed.system.take().or(Some(value)),
                Column::State => listed.standing = listed.standing.max(Standing::of_word(&value)),
                Column::Tool(tool) => {
                    listed.identify(IdentifierKind::Tool, &format!("{tool}:{value}"), notes);
                }
                Column::Identifier(kind) => listed.identify(kind, &value, notes),
                Column::Attribute(kind) => listed.say(kind, &value, &source, notes),
            }
        }
        listed.finish(label, notes)
    }
}

impl Listed {
    fn identify(&mut self, kind: IdentifierKind, value: &str, notes: &mut Notes) {
        let is_name = matches!(
            kind,
            IdentifierKind::FullName | IdentifierKind::Name | IdentifierKind::NetBios
        );
        // People write addresses into columns for names.
        let read = match is_name {
            true if kind != IdentifierKind::NetBios => Identifier::of_label(value),
            _ => Identifier::read(kind, value),
        };
        if is_name && self.label.is_empty() {
            self.label = value.to_owned();
        }
        match read {
            Ok(ids) => self.identifiers.extend(ids),
            Err(why) if is_name => {
                notes.warn(
                    self.row,
                    format!("a name that is no evidence, {why}: {}", excerpt(value)),
                );
            }
            // Placeholders and shared addresses stand in every list; a row that has nothing else is told below.
            Err(_) => {}
        }
    }

    fn say(&mut self, kind: AttributeKind, value: &str, source: &Arc<str>, notes: &mut Notes) {
        let values: Vec<&str> = match kind {
            AttributeKind::Tag => value
                .split([',', ';'])
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .collect(),
            _ => vec![value],
        };
        for value in values {
            match Attribute::parse(kind, Some(value)) {
                Ok(attribute) => self.said.push(Said {
                    attribute,
                    authority: Authority::List,
                    source: Arc::clone(source),
                }),
                Err(why) => notes.warn(self.row, format!("{} left out: {why}", kind.as_str())),
            }
        }
    }

    fn finish(mut self, label: Option<String>, notes: &mut Notes) -> Option<Self> {
        let is_name =
            |id: &Identifier| matches!(id.kind(), IdentifierKind::Name | IdentifierKind::NetBios);
        if let Some(label) = label {
            if !self.identifiers.iter().any(is_name) {
                self.identify(IdentifierKind::Name, &label, notes);
            }
            self.label = label;
        }
        self.identifiers.sort_unstable();
        self.identifiers.dedup();
        let Some(first) = self.identifiers.first() else {
            let what = format!(
                "left out, nothing tells it from other hosts: {}",
                excerpt(&self.label)
            );
            notes.warn(self.row, what);
            return None;
        };
        if self.label.is_empty() {
            self.label = first.value().to_owned();
        }
        Some(self)
    }
}
