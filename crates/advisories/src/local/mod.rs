//! An advisory of our own: a hole is used against us, and no source has a record or even a CVE. A form of a few lines
//! becomes a [`Advisory`] of the feed [`FEED`], which is matched like any other. When the vendor's record comes, the two are one
//! vulnerability by an alias, and [`differences`] says where they part.
//!
//! ```toml
//! id = "LOCAL-2026-1"
//! name = "Login without a password in Acme Gateway"
//! severity = "critical"
//! exploited = "our incident 12"
//! since = "2026-11-20"
//! ports = [8443]
//!
//! # One or more of these; without any, hosts are found by `ports`, `files` and `kbs`, and nothing is matched.
//! [[affected]]
//! product = "acme/gateway"
//! introduced = "7.0"
//! fixed = "7.4.2"
//! ```

mod compare;

use std::cmp::Ordering;
use std::fmt;

use base::{Ecosystem, Kb, Limit};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use versions::{Event, EventKind, Range, RangeKind, scheme_for, scheme_or_generic};

use crate::model::{
    Advisory, Affected, CvssVector, Exploited, LOCAL, MICROSOFT, PRODUCT, SUMMARY_CHARS,
};
pub use compare::differences;

/// The feed of local advisories.
pub const FEED: &str = LOCAL;

/// The largest form that is read.
pub const FORM_BYTES: Limit = Limit::new("local-advisory-bytes", 64 << 10);
const LIST_ITEMS: Limit = Limit::new("local-advisory-list-items", 1000);
const TEXT_CHARS: Limit = Limit::new("local-advisory-text-chars", 500);

/// What is filled in, by file or by flags. Nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Form {
    /// `LOCAL-2026-1`.
    pub id: String,
    /// One line: what it is.
    pub name: String,
    /// One or two sentences more, if wanted.
    pub summary: String,
    /// Other ids, as soon as there are any: the CVE, the vendor's.
    pub aliases: Vec<String>,
    /// What has the hole.
    pub affected: Vec<Part>,
    /// Ports through which it is reached: to find hosts by, where no version is known.
    pub ports: Vec<u16>,
    /// Files of what has it, to find hosts by; `*` stands for any run of characters.
    pub files: Vec<String>,
    /// Updates of Windows that bring it, to find hosts by: `KB5082123`.
    pub kbs: Vec<String>,
    /// Where a person reads more.
    pub link: Option<String>,
    /// `critical`, `high`, `medium`, `low`.
    pub severity: Option<String>,
    /// A CVSS vector, if somebody has rated it. It is scored by `risk`.
    pub cvss: Option<String>,
    /// Who says that it is used in attacks.
    pub exploited: Option<String>,
    /// Since when: `2026-11-20`.
    pub since: Option<String>,
}

/// A package or a product with the versions that have the hole; all versions if none is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Part {
    /// `Debian:12`, `npm`, `Microsoft`.
    pub ecosystem: Option<String>,
    /// The package, as advisories of the ecosystem name it: of Debian, Ubuntu and Alpine the source package.
    pub package: Option<String>,
    /// In place of both: what no package manager installs, `vendor/product`.
    pub product: Option<String>,
    /// The first version that has it.
    pub introduced: Option<String>,
    /// The first version that does not.
    pub fixed: Option<String>,
    /// The last version that has it, where no fix is known.
    pub last_affected: Option<String>,
    /// Single versions.
    pub versions: Vec<String>,
}

/// A checked local advisory.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// As every other is matched.
    pub advisory: Advisory,
    /// Ports through which it is reached.
    pub ports: Vec<u16>,
    /// Files of what has it, as patterns.
    pub files: Vec<String>,
    /// Updates of Windows that bring it.
    pub kbs: Vec<Kb>,
}

/// One thing that is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// `id`, `affected 2: fixed`.
    pub field: String,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.what)
    }
}

/// A form that is no local advisory.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// It is larger than any real one.
    #[error("the form is too large (limit {}={})", .0.name, .0.max)]
    TooLarge(Limit),
    /// It is not TOML, or has a key that the form does not.
    #[error("not a form of a local advisory: {0}")]
    NotTheForm(String),
    /// Everything that is wrong with it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<Complaint>),
}

/// Reads the form from TOML.
///
/// # Errors
///
/// It is too large, not TOML, or has a key that is none of the form's; the message has the line.
pub fn read(text: &str) -> Result<Form, LocalError> {
    if FORM_BYTES.is_exceeded_by(text.len() as u64) {
        return Err(LocalError::TooLarge(FORM_BYTES));
    }
    toml::from_str(text).map_err(|error| LocalError::NotTheForm(error.to_string()))
}

impl Form {
    /// The advisory, dated `now`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    pub fn check(&self, now: Timestamp) -> Result<Local, LocalError> {
        let mut wrong = Wrong::default();
        self.check_head(&mut wrong);
        let kbs = self.updates(&mut wrong);
        let is_found_by_place =
            !(self.ports.is_empty() && self.files.is_empty() && self.kbs.is_empty());
        if self.affected.is_empty() && !is_found_by_place {
            wrong.note(
                "affected",
                "nothing is affected: give an ecosystem and a package, or a product; or a port, a file or an update to find hosts by",
            );
        }
        let mut affected = Vec::new();
        for (at, part) in self
            .affected
            .iter()
            .take(LIST_ITEMS.max as usize)
            .enumerate()
        {
            affected.extend(part.check(&format!("affected {}", at + 1), &mut wrong));
        }
        let severity = self.severity.as_deref().map(str::parse).transpose();
        let severity = wrong.or_note(
            "severity",
            severity.map_err(|_| "write critical, high, medium, low or none"),
        );
        let exploited = self.claim(now, &mut wrong);
        if !wrong.0.is_empty() {
            return Err(LocalError::Invalid(wrong.0));
        }
        let advisory = Advisory {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            related: Vec::new(),
            upstream: Vec::new(),
            published: Some(now),
            modified: Some(now),
            withdrawn: None,
            summary: self.line(),
            scores: self.scores(),
            severity: severity.flatten(),
            informational: None,
            exploited,
            affected,
            references: self.link.iter().cloned().collect(),
        };
        Ok(Local {
            advisory,
            ports: self.ports.clone(),
            files: self.files.clone(),
            kbs,
        })
    }

    fn scores(&self) -> Vec<CvssVector> {
        let vectors = self.cvss.iter();
        let score = |vector: &String| CvssVector {
            vector: vector.clone(),
            source: FEED.to_owned(),
        };
        vectors.map(score).collect()
    }

    fn updates(&self, wrong: &mut Wrong) -> Vec<Kb> {
        let read = self.kbs.iter().map(|text| {
            let kb = text.parse::<Kb>();
            wrong.or_note(
                "kbs",
                kb.map_err(|_| "write KB and its number, as in KB5082123"),
            )
        });
        read.flatten().collect()
    }

    /// Name and summary in one line.
    fn line(&self) -> String {
        match self.summary.is_empty() {
            true => self.name.clone(),
            false => format!("{}: {}", self.name, self.summary),
        }
    }

    fn check_head(&self, wrong: &mut Wrong) {
        if !is_local_id(&self.id) {
            wrong.note("id", "write LOCAL-YEAR-NUMBER, as in LOCAL-2026-1");
        }
        if self.name.trim().is_empty() {
            wrong.note("name", "say in one line what it is");
        }
        if self.line().chars().count() > SUMMARY_CHARS {
            wrong.note("summary", &format!("name and summary have more than {SUMMARY_CHARS} characters; put the rest behind the link"));
        }
        wrong.text("name", Some(&self.name));
        wrong.text("summary", Some(&self.summary));
        wrong.text("exploited", self.exploited.as_deref());
        wrong.text("link", self.link.as_deref());
        wrong.text("cvss", self.cvss.as_deref());
        for file in &self.files {
            wrong.text("files", Some(file));
            if file.trim_matches(['*', ' ']).is_empty() {
                wrong.note("files", "write a path, or its end, as in */mod_acme.so");
            }
        }
        let is_address =
            |link: &String| link.starts_with("https://") || link.starts_with("http://");
        if self
            .link
            .as_ref()
            .is_some_and(|link| !is_address(link) || link.contains(char::is_whitespace))
        {
            wrong.note("link", "write an address that begins with https://");
        }
        for alias in &self.aliases {
            wrong.text("aliases", Some(alias));
            if alias.is_empty() || alias.contains(char::is_whitespace) || *alias == self.id {
                wrong.note(
                    "aliases",
                    &format!("{alias:?} is no other id; write one as in CVE-2026-12345"),
                );
            }
        }
        if self.ports.contains(&0) {
            wrong.note("ports", "0 is no port: write 1 to 65535");
        }
        let lists = [
            ("aliases", self.aliases.len()),
            ("affected", self.affected.len()),
            ("ports", self.ports.len()),
            ("files", self.files.len()),
            ("kbs", self.kbs.len()),
        ];
        for (field, len) in lists {
            wrong.limit(field, len);
        }
    }

    fn claim(&self, now: Timestamp, wrong: &mut Wrong) -> Option<Exploited> {
        let since: Option<Result<Date, _>> = self.since.as_deref().map(str::parse);
        let since = wrong.or_note(
            "since",
            since
                .transpose()
                .map_err(|_| "write a day, as in 2026-11-20"),
        );
        let since = since.flatten();
        let today = now.to_zoned(TimeZone::UTC).date();
        if since.is_some_and(|day| day > today) {
            wrong.note("since", &format!("that is after today, {today}"));
        }
        let says = self
            .exploited
            .clone()
            .filter(|says| !says.trim().is_empty());
        if says.is_none() && (self.exploited.is_some() || self.since.is_some()) {
            wrong.note("exploited", "say who says so, as in \"our incident 12\"");
        }
        Some(Exploited { says: says?, since })
    }
}

impl Part {
    fn check(&self, place: &str, wrong: &mut Wrong) -> Option<Affected> {
        let (ecosystem, package) = self.names(place, wrong)?;
        self.check_versions(place, ecosystem.name(), wrong);
        Some(Affected {
            ecosystem,
            package,
            ranges: self.range().into_iter().collect(),
            versions: self.versions.clone(),
            except: Vec::new(),
            scores: Vec::new(),
            component: None,
            updates: Vec::new(),
            vendor_state: None,
        })
    }

    /// The bounds as the form calls them.
    fn bounds(&self) -> [(&'static str, EventKind, Option<&String>); 3] {
        [
            (
                "introduced",
                EventKind::Introduced,
                self.introduced.as_ref(),
            ),
            ("fixed", EventKind::Fixed, self.fixed.as_ref()),
            (
                "last-affected",
                EventKind::LastAffected,
                self.last_affected.as_ref(),
            ),
        ]
    }

    fn check_versions(&self, place: &str, ecosystem: &str, wrong: &mut Wrong) {
        for (field, _, version) in self.bounds() {
            let version = version.map(String::as_str).filter(|v| *v != "0");
            wrong.version(&format!("{place}: {field}"), ecosystem, version);
        }
        for version in &self.versions {
            wrong.version(&format!("{place}: versions"), ecosystem, Some(version));
        }
        wrong.limit(&format!("{place}: versions"), self.versions.len());
        if self.fixed.is_some() && self.last_affected.is_some() {
            wrong.note(
                &format!("{place}: last-affected"),
                "give either the first fixed version or the last affected one",
            );
        }
        let end = self.fixed.as_ref().or(self.last_affected.as_ref());
        let scheme = scheme_or_generic(ecosystem);
        if let (Some(first), Some(end)) = (&self.introduced, end)
            && first != "0"
            && scheme.compare(first, end).is_ok_and(Ordering::is_gt)
        {
            wrong.note(
                &format!("{place}: introduced"),
                &format!("{first} is after {end}: no version is between"),
            );
        }
    }

    /// The stretch between the bounds; every version where neither bounds nor single versions are given.
    fn range(&self) -> Option<Range> {
        let event = |kind, version: &str| Event {
            kind,
            version: version.to_owned(),
        };
        let bounds = self.bounds().into_iter();
        let mut events: Vec<Event> = bounds
            .filter_map(|(_, kind, version)| Some(event(kind, version?)))
            .collect();
        if events.is_empty() && !self.versions.is_empty() {
            return None;
        }
        if self.introduced.is_none() {
            events.insert(0, event(EventKind::Introduced, "0"));
        }
        Some(Range {
            kind: RangeKind::Ecosystem,
            events,
        })
    }

    /// The ecosystem and the package, or what is wrong with them.
    fn names(&self, place: &str, wrong: &mut Wrong) -> Option<(Ecosystem, String)> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (ecosystem, package) = match (
            filled(&self.ecosystem),
            filled(&self.package),
            filled(&self.product),
        ) {
            (Some(ecosystem), Some(package), None) => {
                let Ok(ecosystem) = ecosystem.parse::<Ecosystem>();
                (ecosystem, package)
            }
            (None, None, Some(product)) => (Ecosystem::new(PRODUCT), product),
            _ => {
                wrong.note(
                    place,
                    "give an ecosystem and a package, or a product in place of both",
                );
                return None;
            }
        };
        wrong.text(place, Some(&package));
        let name = ecosystem.name();
        if name == PRODUCT && package.split('/').filter(|word| !word.is_empty()).count() != 2 {
            wrong.note(
                &format!("{place}: product"),
                "write vendor/product, as in acme/gateway",
            );
        }
        if scheme_for(name).is_none() && ![PRODUCT, MICROSOFT].contains(&name) {
            wrong.note(&format!("{place}: ecosystem"), &format!("{name:?} is none whose versions have an order; write it as in Debian:12, npm, PyPI"));
        }
        Some((ecosystem, package))
    }
}

/// `LOCAL-2026-1`.
fn is_local_id(id: &str) -> bool {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let parts = id
        .strip_prefix("LOCAL-")
        .and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(year, number)| year.len() == 4 && digits(year, 4) && digits(number, 6))
}

/// What is wrong, as it is found.
#[derive(Default)]
struct Wrong(Vec<Complaint>);

impl Wrong {
    fn note(&mut self, field: &str, what: &str) {
        self.0.push(Complaint {
            field: field.to_owned(),
            what: what.to_owned(),
        });
    }

    fn or_note<T>(&mut self, field: &str, result: Result<T, &str>) -> Option<T> {
        result.map_err(|what| self.note(field, what)).ok()
    }

    /// One line for people.
    fn text(&mut self, field: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        if text.contains(char::is_control) {
            self.note(
                field,
                "line breaks and other control characters are not taken: write one line",
            );
        }
        if TEXT_CHARS.is_exceeded_by(text.chars().count() as u64) {
            self.note(
                field,
                &format!("too long (limit {}={})", TEXT_CHARS.name, TEXT_CHARS.max),
            );
        }
    }

    fn version(&mut self, field: &str, ecosystem: &str, version: Option<&str>) {
        let Some(version) = version else { return };
        if version.trim().is_empty() || version.contains(char::is_whitespace) {
            self.note(field, "write a version, without blanks");
        } else if let Err(why) = scheme_or_generic(ecosystem).validate(version) {
            self.note(
                field,
                &format!("{version:?} is no version of {ecosystem}: {}", why.why),
            );
        }
        self.text(field, Some(version));
    }

    fn limit(&mut self, field: &str, len: usize) {
        if LIST_ITEMS.is_exceeded_by(len as u64) {
            self.note(
                field,
                &format!(
                    "{len} are too many (limit {}={})",
                    LIST_ITEMS.name, LIST_ITEMS.max
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests;
