//! A suppression of the fleet: one entry as in a file, the hosts it is about, and the facts it rests on. It is numbered, kept by
//! the store, and voids itself when those facts change; what is void stays so until somebody renews it.

use base::Parsed;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use toml::{Table, Value};

use super::held::{Held, Void, exposures};
use super::read;
use super::rule::Rule;
use super::{Suppression, suppression_of};
use crate::group::FindingGroup;
use crate::life::cover::HostCover;
use crate::life::{Member, hosts_of, targets_of};

/// What somebody asks to be set aside. The texts are those of an entry of `.daywatch.toml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Ids, written out.
    pub ids: Vec<String>,
    /// The package or its source package; `*` stands for any run of characters.
    pub package: Option<String>,
    /// `Debian`, `Debian:12`.
    pub ecosystem: Option<String>,
    /// The installed version.
    pub version: Option<String>,
    /// The hosts.
    pub hosts: HostCover,
    /// The role or team that answers for it.
    pub owner: String,
    /// Why it can wait.
    pub reason: String,
    /// A date, through the end of that day in UTC, or an RFC 3339 time.
    pub until: String,
    /// A gate expression that voids it.
    pub unless: Option<String>,
}

impl Request {
    /// The entries of a file of suppressions, each as what somebody asks for. Those that cannot be trusted word for word are left out
    /// with a note, as [`Rules::parse`](super::Rules::parse) leaves them out.
    pub fn of_file(bytes: &[u8]) -> Parsed<Vec<Self>> {
        let read = match read::text_of(bytes) {
            Ok(text) => read::read(text),
            Err(note) => Parsed {
                value: Vec::new(),
                notes: vec![note],
            },
        };
        let request = |rule: Rule| Self {
            ids: rule.ids,
            package: rule.package,
            ecosystem: rule.ecosystem,
            version: rule.version,
            hosts: HostCover {
                names: rule.target.into_iter().collect(),
                ..HostCover::default()
            },
            owner: rule.owner,
            reason: rule.reason,
            until: rule.until_text,
            unless: rule.unless.map(|gate| gate.to_string()),
        };
        Parsed {
            value: read.value.into_iter().map(request).collect(),
            notes: read.notes,
        }
    }

    /// The entry as a file would have it. What is empty is left out, so that the reader names what is missing.
    pub(super) fn entry(&self) -> String {
        let mut entry = Table::new();
        let ids = self.ids.iter().map(|id| Value::String(id.clone()));
        if !self.ids.is_empty() {
            entry.insert("id".to_owned(), Value::Array(ids.collect()));
        }
        let text = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        let texts = [
            ("package", self.package.clone()),
            ("ecosystem", self.ecosystem.clone()),
            ("version", self.version.clone()),
            ("owner", text(&self.owner)),
            ("reason", text(&self.reason)),
            ("until", text(&self.until)),
            ("unless", self.unless.clone()),
        ];
        for (key, value) in texts {
            entry.extend(value.map(|value| (key.to_owned(), Value::String(value))));
        }
        let entries = Value::Array(vec![Value::Table(entry)]);
        Table::from_iter([("suppress".to_owned(), entries)]).to_string()
    }
}

/// A suppression that the store keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its number.
    pub number: u64,
    /// When it was made, or last renewed.
    pub made_at: Timestamp,
    /// The hosts it is about.
    pub hosts: HostCover,
    /// In what it does not hold any more.
    pub voids: Vec<Void>,
    /// The entry as text; what `rule` was read from.
    pub(super) entry: String,
    pub(super) rule: Rule,
    pub(super) held: Held,
}

impl Record {
    /// Makes one, and remembers what holds of the findings it covers now. The error says what is missing or wrong.
    pub fn make(
        number: u64,
        request: &Request,
        groups: &[FindingGroup],
        members: &[Member],
        now: Timestamp,
    ) -> Result<Self, String> {
        let entry = request.entry();
        let mut record = Self {
            number,
            made_at: now,
            hosts: request.hosts.clone(),
            voids: Vec::new(),
            rule: rule_of(&entry)?,
            entry,
            held: Held::default(),
        };
        record.renew(groups, members, now);
        Ok(record)
    }

    /// Looks again: what holds now is what it rests on from here on, and nothing of it is void. Its end stays.
    pub fn renew(&mut self, groups: &[FindingGroup], members: &[Member], now: Timestamp) {
        self.made_at = now;
        self.voids.clear();
        let mut held = Held::default();
        let within = hosts_of(&self.places_of(members), members);
        let today = exposures(members);
        for group in groups.iter().filter(|group| self.is_about(group)) {
            let hosts = &within & &hosts_of(&targets_of(group), members);
            held.remember(group, &hosts, &today);
        }
        self.held = held;
    }

    /// Who answers for it, why, until when and on what, in words.
    pub fn suppression(&self) -> Suppression {
        let said = suppression_of(&self.rule);
        Suppression {
            scope: format!("{}{}", said.scope, self.hosts.words()),
            ..said
        }
    }

    /// The first moment at which it has ended.
    pub fn ends(&self) -> Timestamp {
        self.rule.ends.unwrap_or(Timestamp::MAX)
    }

    /// The places in the list of the hosts it is about.
    pub(super) fn places_of(&self, members: &[Member]) -> RoaringBitmap {
        self.hosts.places_of(members)
    }

    /// Every id it names.
    pub(super) fn ids(&self) -> &[String] {
        &self.rule.ids
    }

    /// Whether it is about the finding of a group, wherever that stands.
    pub(super) fn is_about(&self, group: &FindingGroup) -> bool {
        let finding = &group.finding;
        let cves = finding.cves.iter().map(ToString::to_string);
        let own = std::iter::once(finding.id.clone());
        let mut ids = own.chain(finding.aliases.iter().cloned()).chain(cves);
        ids.any(|id| {
            self.rule
                .ids
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(&id))
        }) && self.rule.is_about(finding)
    }
}

/// The one rule an entry is.
pub(super) fn rule_of(entry: &str) -> Result<Rule, String> {
    let read = read::read(entry);
    if let Some(note) = read.notes.first() {
        return Err(note.what.clone());
    }
    let mut rules = read.value;
    match (rules.pop(), rules.is_empty()) {
        (Some(rule), true) => Ok(rule),
        _ => Err("not one entry".to_owned()),
    }
}
