//! Findings for the tests of this crate: one place that knows every field, so that a test names only what it is about.

use base::{CveId, Severity};
use jiff::Timestamp;
use jiff::civil::date;
use matching::{Decided, FixState};
use risk::cvss::{Scored, Version};
use risk::policy::{Action, Decision};

use crate::finding::{CvssScore, Epss, Finding, Kev};

/// 1 June 2026, noon: "now" in tests.
pub(crate) fn now() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

/// An instant from its RFC 3339 text.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a test writes valid times")
}

/// A finding of `id` on `package@version`, of which nothing else is known.
pub(crate) fn finding(id: &str, ecosystem: &str, package: &str, version: &str) -> Finding {
    Finding {
        target: 0,
        target_name: "web-1".to_owned(),
        id: id.to_owned(),
        aliases: Vec::new(),
        cves: CveId::find(id).into_iter().collect(),
        ecosystem: ecosystem.to_owned(),
        package: package.to_owned(),
        version: version.to_owned(),
        purl: None,
        source_package: None,
        locations: Vec::new(),
        fixed: Vec::new(),
        fix_state: FixState::Unknown,
        decided: Decided {
            record: id.to_owned(),
            range: String::new(),
            event: String::new(),
        },
        why: String::new(),
        conflicts: Vec::new(),
        summary: String::new(),
        references: Vec::new(),
        informational: None,
        severity: None,
        severity_source: None,
        cvss: Vec::new(),
        epss: None,
        kev: None,
        ssvc: None,
        published: None,
        decisions: Vec::new(),
        earliest: None,
        source: None,
        also_reported_by: Vec::new(),
        is_new: None,
    }
}

/// A CVSS 3.1 score.
pub(crate) fn cvss(tenths: u8) -> CvssScore {
    CvssScore {
        scored: Scored {
            version: Version::V3_1,
            tenths,
            severity: Severity::None,
        },
        vector: String::new(),
        source: "test".to_owned(),
    }
}

/// An EPSS score.
pub(crate) fn epss(score: f32, percentile: f32) -> Epss {
    Epss {
        score,
        percentile,
        model: None,
        as_of: None,
    }
}

/// A KEV listing.
pub(crate) fn kev(ransomware: Option<bool>) -> Kev {
    Kev {
        cve: CveId::new(2026, 1),
        added: date(2026, 5, 1),
        due: None,
        ransomware,
    }
}

/// A decision of a policy to patch by a date, or to patch by a date that cannot be told.
pub(crate) fn decision(policy: &str, by: Option<Timestamp>) -> Decision {
    Decision {
        policy: policy.to_owned(),
        row: "row".to_owned(),
        outcome: "outcome".to_owned(),
        by,
        triage_by: None,
        actions: vec![Action::Patch],
        facts: Vec::new(),
        is_backlog: false,
        moved: Vec::new(),
    }
}

/// The finding with these decisions, the earliest chosen.
pub(crate) fn decided(mut finding: Finding, decisions: Vec<Decision>) -> Finding {
    finding.earliest = (0..decisions.len())
        .filter(|i| decisions[*i].by.is_some())
        .min_by_key(|i| decisions[*i].by);
    finding.decisions = decisions;
    finding
}

/// The fenced code blocks of a page whose info string starts with a word: the rest of the info string, and the text.
pub(crate) fn blocks<'a>(page: &'a str, kind: &str) -> Vec<(&'a str, &'a str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced
        .filter_map(|block| block.split_once('\n'))
        .filter_map(|(info, text)| Some((info.strip_prefix(kind)?.trim(), text)))
        .collect()
}
