//! One rule: which hosts it is about, and what it says of them.

use std::sync::Arc;

use super::{State, Subject};
use crate::asset::Attribute;
use crate::glob;

/// A rule as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) line: u64,
    /// File, line, and who said so, as it is told to people.
    pub(super) source: Arc<str>,
    pub(super) when: When,
    pub(super) gives: Vec<Attribute>,
}

/// Conditions: all that are given must hold, each by one of its patterns. Patterns are folded to lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub(super) name: Vec<String>,
    pub(super) ou: Vec<String>,
    pub(super) zone: Vec<String>,
    pub(super) tag: Vec<String>,
    pub(super) os: Vec<String>,
    pub(super) kind: Vec<String>,
    pub(super) list: Vec<String>,
}

impl When {
    /// The conditions beside the name.
    fn others(&self) -> [&Vec<String>; 6] {
        [
            &self.ou, &self.zone, &self.tag, &self.os, &self.kind, &self.list,
        ]
    }

    /// Whether it asks nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_empty() && self.others().into_iter().all(Vec::is_empty)
    }
}

impl Rule {
    /// The names it is about, where it names them without a pattern.
    pub(super) fn only_names(&self) -> Option<&[String]> {
        let is_pattern = |name: &String| name.contains('*');
        let is_plain = !self.when.name.is_empty() && !self.when.name.iter().any(is_pattern);
        is_plain.then_some(&self.when.name)
    }

    /// It gives what holds unless another rule says otherwise.
    pub(super) fn is_about_all(&self) -> bool {
        let is_any = |patterns: &Vec<String>| {
            patterns.is_empty()
                || patterns
                    .iter()
                    .any(|p| !p.is_empty() && p.bytes().all(|b| b == b'*'))
        };
        is_any(&self.when.name) && self.when.others().into_iter().all(is_any)
    }

    pub(super) fn holds(&self, host: &Subject, state: &State) -> bool {
        let zone = state.zone.as_slice();
        let conditions: [(&[String], &[String]); 7] = [
            (&self.when.name, &host.names),
            (&self.when.ou, &host.organizational_units),
            (&self.when.zone, zone),
            (&self.when.tag, &state.tags),
            (&self.when.os, &host.systems),
            (&self.when.kind, &host.kind),
            (&self.when.list, &host.lists),
        ];
        conditions
            .into_iter()
            .all(|(patterns, texts)| patterns.is_empty() || is_any_of(patterns, texts))
    }
}

fn is_any_of(patterns: &[String], texts: &[String]) -> bool {
    let mut patterns = patterns.iter();
    patterns.any(|pattern| {
        let mut texts = texts.iter();
        texts.any(|text| glob::matches_folded(pattern.as_bytes(), text.as_bytes()))
    })
}
