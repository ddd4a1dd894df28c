//! The team's rules about its hosts, from one file (`fleet.toml`, or the older `hosts.toml`): nobody types them 1,500 times.
//!
//! Each `[[host]]` says which hosts it is about and what holds for them. All rules that are about a host add what they say, a later
//! one overrules an earlier one, and each word carries the line it stands on. A mistake anywhere refuses the whole file, since
//! half of a file of rules must not be obeyed.

mod read;
mod rule;

use std::collections::HashMap;
use std::sync::Arc;

use base::Note;
use inventory::HostKind;
use jiff::civil::Date;

use crate::asset::{Asset, Attribute, Authority, Said};
use crate::identity::MergeRules;
pub use read::{RULE_ENTRIES, RULE_PATTERNS, RULE_TEXT, RULES_BYTES};
use rule::Rule;

/// Rules from hosts to what holds for them.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    source: Arc<str>,
    rules: Vec<Rule>,
    /// Rules about one name, by that name: a file may list thousands.
    by_name: HashMap<String, Vec<usize>>,
    /// The others, which are tried on every host.
    others: Vec<usize>,
    baseline: Option<Date>,
    merge: MergeRules,
}

/// What rules may ask about a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its word; all texts are in lower case.
    kind: [String; 1],
    names: Vec<String>,
    organizational_units: Vec<String>,
    systems: Vec<String>,
    lists: Vec<String>,
}

impl Subject {
    /// A host of a kind, by what it is called: all its names, each as a rule may write it.
    pub fn new<'a>(kind: HostKind, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            kind: [kind.as_str().to_owned()],
            names: folded(names),
            organizational_units: Vec::new(),
            systems: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Where the directory service keeps it: `OU=Web,OU=Servers,DC=corp,DC=example`.
    #[must_use]
    pub fn in_units<'a>(mut self, units: impl IntoIterator<Item = &'a str>) -> Self {
        self.organizational_units = folded(units);
        self
    }

    /// What its operating system is called: `debian`, `Debian GNU/Linux 12 (bookworm)`.
    #[must_use]
    pub fn running<'a>(mut self, systems: impl IntoIterator<Item = &'a str>) -> Self {
        self.systems = folded(systems);
        self
    }

    /// The lists kept elsewhere in which it stands.
    #[must_use]
    pub fn on_lists<'a>(mut self, lists: impl IntoIterator<Item = &'a str>) -> Self {
        self.lists = folded(lists);
        self
    }
}

fn folded<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let texts = texts.into_iter().map(str::to_ascii_lowercase);
    texts.collect()
}

/// What holds for a host, and by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// What holds.
    pub asset: Asset,
    /// The lines of the rules that are about it.
    pub matched: Vec<u64>,
    /// Some rule is about it that is not about every host. A host for which this is false is matched by nothing.
    pub is_matched: bool,
}

impl Rules {
    /// Reads a file. Every mistake is a note with its line and what to write instead.
    pub fn parse(source: &str, bytes: &[u8]) -> Result<Self, Vec<Note>> {
        let file = read::read(source, bytes)?;
        let mut rules = Self {
            source: source.into(),
            baseline: file.baseline,
            merge: file.merge,
            ..Self::default()
        };
        for (at, rule) in file.rules.iter().enumerate() {
            match rule.only_names() {
                Some(names) => {
                    for name in names {
                        rules.by_name.entry(name.to_owned()).or_default().push(at);
                    }
                }
                None => rules.others.push(at),
            }
        }
        rules.rules = file.rules;
        Ok(rules)
    }

    /// The file, as it is told to people.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// From this day on house clocks run; what was found before is the backlog.
    pub const fn baseline(&self) -> Option<Date> {
        self.baseline
    }

    /// How much each kind of id counts.
    pub const fn merge_rules(&self) -> &MergeRules {
        &self.merge
    }

    /// The lines of all rules, and whether a rule is about every host.
    pub fn lines(&self) -> impl Iterator<Item = (u64, bool)> {
        self.rules
            .iter()
            .map(|rule| (rule.line, rule.is_about_all()))
    }

    /// What holds for a host of which others said something already (lists, the host, a person).
    pub fn asset(&self, host: &Subject, said: Vec<Said>) -> Ruled {
        let mut state = State::of(said);
        let (mut matched, mut is_matched) = (Vec::new(), false);
        for rule in self.about(host) {
            if rule.holds(host, &state) {
                matched.push(rule.line);
                is_matched |= !rule.is_about_all();
                state.add(rule);
            }
        }
        Ruled {
            asset: Asset::settle(state.said),
            matched,
            is_matched,
        }
    }

    /// The rules that may be about a host, in the order of the file.
    fn about<'r>(&'r self, host: &Subject) -> impl Iterator<Item = &'r Rule> {
        let named = host.names.iter().filter_map(|name| self.by_name.get(name));
        let mut places: Vec<usize> = named.flatten().copied().collect();
        places.extend(&self.others);
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|at| self.rules.get(at))
    }
}

/// What was said of a host up to a rule, since a rule may ask for zone and tags.
struct State {
    said: Vec<Said>,
    zone: Option<String>,
    zone_by: Option<Authority>,
    tags: Vec<String>,
}

impl State {
    fn of(said: Vec<Said>) -> Self {
        let mut state = Self {
            said: Vec::with_capacity(said.len()),
            zone: None,
            zone_by: None,
            tags: Vec::new(),
        };
        for one in said {
            state.take(one);
        }
        state
    }

    fn take(&mut self, one: Said) {
        match &one.attribute {
            Attribute::Zone(zone) if self.zone_by <= Some(one.authority) => {
                self.zone = zone.as_deref().map(str::to_ascii_lowercase);
                self.zone_by = Some(one.authority);
            }
            Attribute::Tag(tag) => self.tags.push(tag.to_ascii_lowercase()),
            _ => {}
        }
        self.said.push(one);
    }

    fn add(&mut self, rule: &Rule) {
        for attribute in &rule.gives {
            self.take(Said {
                attribute: attribute.clone(),
                authority: Authority::Rules,
                source: Arc::clone(&rule.source),
            });
        }
    }
}

#[cfg(test)]
mod tests;
