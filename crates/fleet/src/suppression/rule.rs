//! One entry of a suppressions file, and which findings it covers.

use base::Purl;
use jiff::Timestamp;
use matching::FixState;
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
    /// Patterns of places, one of which must hold.
    pub(super) paths: Vec<String>,
    /// Packages, one of which it must be.
    pub(super) purls: Vec<Purl>,
    /// The type of its package URL.
    pub(super) purl_type: Option<&'static str>,
    pub(super) fix_state: Option<FixState>,
    pub(super) owner: String,
    pub(super) reason: String,
    /// As shown: the last second of a day that was named by its date.
    pub(super) until: Option<Timestamp>,
    /// The first instant at which it no longer holds: for a date the next midnight, one second after `until`. Only what was
    /// imported from another tool may be without.
    pub(super) ends: Option<Timestamp>,
    /// As written.
    pub(super) until_text: String,
    pub(super) unless: Option<Gate>,
    /// 1-based line of the entry.
    pub(super) line: u64,
}

impl Rule {
    /// An entry about some ids and nothing else.
    pub(super) const fn about(ids: Vec<String>) -> Self {
        Self {
            ids,
            package: None,
            ecosystem: None,
            version: None,
            target: None,
            paths: Vec::new(),
            purls: Vec::new(),
            purl_type: None,
            fix_state: None,
            owner: String::new(),
            reason: String::new(),
            until: None,
            ends: None,
            until_text: String::new(),
            unless: None,
            line: 1,
        }
    }

    /// Whether a finding that has one of the ids is one the entry is about.
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        self.is_about(finding)
            && self
                .target
                .as_ref()
                .is_none_or(|glob| matches(glob, &finding.target_name))
            && self.is_there(finding)
    }

    /// The same without asking where the finding stands.
    pub(super) fn is_about(&self, finding: &Finding) -> bool {
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
            && self.is_that_package(finding)
            && self
                .fix_state
                .is_none_or(|state| state == finding.fix_state)
    }

    fn is_there(&self, finding: &Finding) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|glob| {
                let places = finding.locations.iter().map(|l| l.path.as_str());
                places.into_iter().any(|path| is_path(glob, path))
            })
    }

    fn is_that_package(&self, finding: &Finding) -> bool {
        let Some(purl) = finding.purl.as_ref().and_then(|p| p.parse::<Purl>().ok()) else {
            return self.purls.is_empty() && self.purl_type.is_none();
        };
        let is_it = |wanted: &Purl| {
            (wanted.ty(), wanted.namespace(), wanted.name())
                == (purl.ty(), purl.namespace(), purl.name())
                && wanted.version().is_none_or(|v| purl.version() == Some(v))
        };
        (self.purls.is_empty() || self.purls.iter().any(is_it))
            && self.purl_type.is_none_or(|ty| ty == purl.ty())
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|ends| now >= ends)
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
        .chain(self.purls.iter().map(|purl| format!("package {purl}")))
        .chain(self.purl_type.map(|ty| format!("packages of type {ty}")))
        .chain(self.paths.iter().map(|path| format!("path {path}")))
        .chain(self.fix_state.map(|s| format!("fix state {}", s.as_str())))
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

/// `*` stays within a folder, `**` does not.
fn is_path(glob: &str, path: &str) -> bool {
    let folders = |text: &str| text.matches('/').count();
    let (glob, path) = (glob.trim_start_matches('/'), path.trim_start_matches('/'));
    matches(glob, path) && (glob.contains("**") || folders(glob) == folders(path))
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
