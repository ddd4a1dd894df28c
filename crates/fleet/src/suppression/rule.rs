//! One entry of a suppressions file, and which findings it covers.

use jiff::Timestamp;
use versions::scheme_for;

use crate::finding::Finding;
use crate::gate::Gate;
use crate::glob::matches;

/// An entry, complete: every required key was there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) ids: Vec<String>,
    pub(super) package: Option<String>,
    pub(super) ecosystem: Option<String>,
    pub(super) version: Option<String>,
    pub(super) target: Option<String>,
    pub(super) owner: String,
    pub(super) reason: String,
    /// As shown: the last second of a day that was named by its date.
    pub(super) until: Timestamp,
    /// The first instant at which it no longer holds: for a date the next midnight, one second after `until`.
    pub(super) ends: Timestamp,
    /// As written.
    pub(super) until_text: String,
    pub(super) unless: Option<Gate>,
    /// 1-based line of the entry.
    pub(super) line: u64,
}

impl Rule {
    /// Whether a finding that has one of the ids is one the entry is about.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        let package = |glob: &String| {
            let source = finding.source_package.as_deref();
            matches(glob, &finding.package) || source.is_some_and(|source| matches(glob, source))
        };
        self.package.as_ref().is_none_or(package)
            && self
                .ecosystem
                .as_ref()
                .is_none_or(|e| is_ecosystem(e, &finding.ecosystem))
            && self.version.as_ref().is_none_or(|v| is_version(v, finding))
            && self
                .target
                .as_ref()
                .is_none_or(|glob| matches(glob, &finding.target_name))
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        now >= self.ends
    }

    /// What it covers: `CVE-2024-1234 on package zlib1g, target web-*`.
    pub(super) fn scope(&self) -> String {
        let limits: Vec<String> = [
            ("package", &self.package),
            ("ecosystem", &self.ecosystem),
            ("version", &self.version),
            ("target", &self.target),
        ]
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")))
        .collect();
        let on = if limits.is_empty() { "" } else { " on " };
        format!("{}{on}{}", self.ids.join(", "), limits.join(", "))
    }

    /// Scope, owner and reason, for a note.
    pub(super) fn words(&self) -> String {
        let reason: String = self.reason.chars().take(100).collect();
        format!("{} (owner: {}, reason: {reason})", self.scope(), self.owner)
    }
}

/// `Debian` is every release of Debian, `Debian:12` only that one.
fn is_ecosystem(wanted: &str, found: &str) -> bool {
    let name = if wanted.contains(':') {
        found
    } else {
        found.split(':').next().unwrap_or(found)
    };
    wanted.eq_ignore_ascii_case(name)
}

fn is_version(wanted: &str, finding: &Finding) -> bool {
    let equal = |s: &dyn versions::Scheme| {
        s.compare(wanted, &finding.version)
            .is_ok_and(std::cmp::Ordering::is_eq)
    };
    wanted == finding.version || scheme_for(&finding.ecosystem).is_some_and(equal)
}
