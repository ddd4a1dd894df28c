//! Deadlines that are others than in an earlier plan: old date, new date, the fact that changed it. None moves silently.

use std::collections::BTreeMap;

use jiff::Timestamp;
use risk::policy::UsedFact;

use super::{Deadline, Item};

/// What is needed of an earlier plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Previous {
    /// The moment it was for.
    pub at: Timestamp,
    /// Its items.
    pub items: Vec<PreviousItem>,
}

/// An item of an earlier plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviousItem {
    /// Its key.
    pub key: String,
    /// Its dates.
    pub deadlines: Vec<Deadline>,
}

/// A date that is another one now.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The item.
    pub key: String,
    /// What it acts on.
    pub package: String,
    /// Whose date it is.
    pub policy: String,
    /// The date there was.
    pub before: Option<Timestamp>,
    /// The date there is.
    pub after: Option<Timestamp>,
    /// The vulnerability that set the one before.
    pub id_before: String,
    /// The vulnerability that sets it now.
    pub id_after: String,
    /// What changed of it; empty where another vulnerability sets the date.
    pub facts: Vec<ChangedFact>,
}

/// A fact that is another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFact {
    /// Its name.
    pub name: String,
    /// What it was, in words; `None` where it was not asked for.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// The dates that are others, in the order of the items.
pub(super) fn moved(previous: &Previous, items: &[Item]) -> Vec<Moved> {
    let known = previous.items.iter();
    let known: BTreeMap<&str, &PreviousItem> = known.map(|i| (i.key.as_str(), i)).collect();
    let mut list = Vec::new();
    for item in items {
        let Some(before) = known.get(item.key.as_str()) else {
            continue;
        };
        for now in &item.deadlines {
            let was = before.deadlines.iter().find(|d| d.policy == now.policy);
            // Plans are written in whole seconds.
            let second = |by: Option<Timestamp>| by.map(Timestamp::as_second);
            if let Some(was) = was.filter(|was| second(was.by) != second(now.by)) {
                list.push(moved_date(item, was, now));
            }
        }
    }
    list
}

fn moved_date(item: &Item, was: &Deadline, now: &Deadline) -> Moved {
    let facts = match was.id == now.id {
        true => changed(&was.facts, &now.facts),
        false => Vec::new(),
    };
    Moved {
        key: item.key.clone(),
        package: item.patch.package.clone(),
        policy: now.policy.clone(),
        before: was.by,
        after: now.by,
        id_before: was.id.clone(),
        id_after: now.id.clone(),
        facts,
    }
}

fn changed(before: &[UsedFact], after: &[UsedFact]) -> Vec<ChangedFact> {
    let find = |list: &[UsedFact], name: &str| list.iter().find(|f| f.name == name).map(in_words);
    let gone = before
        .iter()
        .filter(|f| !after.iter().any(|a| a.name == f.name));
    let names = after.iter().chain(gone).map(|f| f.name.as_str());
    names
        .map(|name| ChangedFact {
            name: name.to_owned(),
            before: find(before, name),
            after: find(after, name),
        })
        .filter(|fact| fact.before != fact.after)
        .collect()
}

fn in_words(fact: &UsedFact) -> String {
    match (&fact.value, &fact.assumed) {
        (Some(value), _) => value.clone(),
        (None, Some(assumed)) => format!("unknown, taken as {assumed}"),
        (None, None) => "unknown".to_owned(),
    }
}
