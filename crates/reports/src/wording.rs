//! How facts are said: the same words in every format that people read.

use base::Severity;
use drawing::text::{count, thousands};
use fleet::finding::Finding;
use fleet::patch::Patch;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use matching::FixState;

use crate::scan::{CatalogInfo, IMPORTED, ScanReport, Target};

/// A time as RFC 3339 in UTC, whole seconds.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A probability for people: rounded down, so that only certainty reads 1.00.
pub(crate) fn probability(score: f32) -> String {
    if score > 0.0 && score < 0.01 {
        return "<0.01".to_owned();
    }
    format!("{:.2}", (f64::from(score) * 100.0 + 1e-6).floor() / 100.0)
}

/// A deadline for people: the day, and the time where it is not the start of a day.
pub(crate) fn day(at: Timestamp) -> String {
    let zoned = at.to_zoned(TimeZone::UTC);
    let midnight = zoned.hour() == 0 && zoned.minute() == 0;
    at.strftime(if midnight {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%MZ"
    })
    .to_string()
}

/// `due 2026-08-21`, or how long it is overdue.
pub(crate) fn due(by: Timestamp, now: Timestamp) -> String {
    if now <= by {
        return format!("due {}", day(by));
    }
    format!(
        "{}, was due {}",
        overdue_for(by, now).replacen("overdue", "OVERDUE", 1),
        day(by)
    )
}

/// The severity's word; `unknown` where nobody rates it.
pub(crate) fn severity(severity: Option<Severity>) -> &'static str {
    severity.map_or("unknown", Severity::as_str)
}

/// What is known about a fix where there is none to install.
pub(crate) const fn no_fix(state: FixState) -> &'static str {
    match state {
        FixState::Fixed => "fixed upstream, version not named",
        FixState::None => "no fix yet",
        FixState::WontFix => "vendor will not fix it",
        FixState::EndOfLife => "past its support, no fix will come",
        FixState::Unknown => "no fix known",
    }
}

/// The version to install: the one that ends the stretch the package is in, else the lowest that is named.
pub(crate) fn fix(finding: &Finding) -> Option<&str> {
    let event = finding.decided.event.strip_prefix("fixed ");
    event.or_else(|| finding.fixed.first().map(String::as_str))
}

/// The id people look for: the CVE that is known exploited, else the first, with a count of the others; without a CVE the
/// record's own id.
pub(crate) fn label(finding: &Finding) -> String {
    let exploited = finding.kev.as_ref().map(|k| k.cve);
    match (
        exploited.or_else(|| finding.cves.first().copied()),
        finding.cves.len(),
    ) {
        (None, _) => finding.id.clone(),
        (Some(cve), 0 | 1) => cve.to_string(),
        (Some(cve), n) => format!("{cve} +{}", n - 1),
    }
}

/// `upgrade openssl 3.0.11-1~deb12u2 → 3.0.15-1~deb12u1`; several versions start as `a … b`.
pub(crate) fn upgrade(patch: &Patch) -> String {
    let from = match patch.from.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        [first, .., last] => format!(" {first} … {last}"),
    };
    match &patch.to {
        Some(to) => format!("upgrade {}{from} → {to}", patch.package),
        None => format!("{}{from}", patch.package),
    }
}

/// `closes 7 findings (5 vulnerabilities, 2 known exploited)`.
pub(crate) fn closes(patch: &Patch) -> String {
    let mut inner = Vec::new();
    if patch.vulnerabilities != patch.findings.len() {
        inner.push(count(
            patch.vulnerabilities,
            "vulnerability",
            "vulnerabilities",
        ));
    }
    if patch.kev == 1 && patch.vulnerabilities == 1 {
        inner.push("known exploited".to_owned());
    } else if patch.kev > 0 {
        inner.push(format!("{} known exploited", thousands(patch.kev)));
    }
    let findings = count(patch.findings.len(), "finding", "findings");
    if inner.is_empty() {
        format!("closes {findings}")
    } else {
        format!("closes {findings} ({})", inner.join(", "))
    }
}

/// What is said of findings that stand in no list because the vendor calls them no security problem.
pub(crate) fn unimportant(findings: usize) -> Option<String> {
    (findings > 0).then(|| {
        format!(
            "{} that the vendor calls unimportant: no deadline, and not listed here",
            count(findings, "finding", "findings")
        )
    })
}

/// What a catalog is, in a line: its digest in short and the day it is good for.
pub(crate) fn catalog(catalog: &CatalogInfo) -> String {
    let digest = short_digest(&catalog.digest);
    match catalog.built {
        Some(built) => format!("catalog {digest} as of {}", day(built)),
        None => format!("catalog {digest}, its date is unknown"),
    }
}

/// Enough of a digest to tell two apart.
pub(crate) fn short_digest(digest: &str) -> String {
    let bare = digest.rsplit(':').next().unwrap_or(digest);
    bare.chars().take(12).collect()
}

/// How many packages of a target no feed covers.
pub(crate) fn uncovered(target: &Target) -> usize {
    target.not_covered.iter().map(|(_, n)| n).sum()
}

/// What can be said of a target without findings: clean, not covered, or nothing read.
pub(crate) fn nothing_found(target: &Target, info: &CatalogInfo) -> String {
    let (packages, uncovered) = (target.packages, uncovered(target));
    if target.kind == IMPORTED {
        return "nothing in what another tool reported of it".to_owned();
    }
    if packages == 0 {
        return "no packages were found in it".to_owned();
    }
    if uncovered >= packages {
        return format!("not covered: no feed knows {}", ecosystems(target));
    }
    format!(
        "no known vulnerabilities in {} ({})",
        count(packages - uncovered, "package", "packages"),
        catalog(info)
    )
}

/// The ecosystems no feed covers, with their counts: `Gentoo (212 packages)`.
pub(crate) fn ecosystems(target: &Target) -> String {
    let parts: Vec<String> = target
        .not_covered
        .iter()
        .map(|(ecosystem, n)| {
            let name = if ecosystem.is_empty() {
                "packages of no known ecosystem"
            } else {
                ecosystem
            };
            format!("{name} ({})", count(*n, "package", "packages"))
        })
        .collect();
    parts.join(", ")
}

/// The last line: everything in numbers.
pub(crate) fn totals(report: &ScanReport, patches: &[Patch]) -> String {
    let fixable = patches.iter().filter(|p| p.to.is_some()).count();
    let kev = report.findings.iter().filter(|f| f.kev.is_some()).count();
    let overdue = report
        .findings
        .iter()
        .filter(|f| f.due().is_some_and(|by| by < report.now))
        .count();
    let packages: usize = report.targets.iter().map(|t| t.packages).sum();
    let mut parts = vec![count(report.findings.len(), "finding", "findings")];
    if kev > 0 {
        parts.push(format!("{} known exploited", thousands(kev)));
    }
    if overdue > 0 {
        parts.push(format!("{} overdue", thousands(overdue)));
    }
    if fixable > 0 {
        parts.push(count(fixable, "patch", "patches"));
    }
    if let Some(since) = &report.since {
        parts.push(format!("{} new", thousands(since.new)));
        parts.push(format!("{} gone", thousands(since.gone.len())));
    }
    if !report.suppressed.is_empty() {
        parts.push(format!("{} suppressed", thousands(report.suppressed.len())));
    }
    format!(
        "{} in {}, {} ({})",
        parts.join(" · "),
        count(packages, "package", "packages"),
        count(report.targets.len(), "target", "targets"),
        catalog(&report.catalog)
    )
}

/// The first few names, the rest counted: `web-01, web-02 and 3 more`.
pub(crate) fn first_names(names: &[String], most: usize) -> String {
    match names.len() {
        0 => "nothing".to_owned(),
        n if n > most => format!(
            "{} and {} more",
            names[..most].join(", "),
            thousands(n - most)
        ),
        _ => names.join(", "),
    }
}

/// `overdue by 3 days`, or by hours within the first two days.
pub(crate) fn overdue_for(by: Timestamp, now: Timestamp) -> String {
    let hours = usize::try_from((now.as_second() - by.as_second()) / 3600).unwrap_or(0);
    match hours {
        0..48 => format!("overdue by {}", count(hours, "hour", "hours")),
        _ => format!("overdue by {}", count(hours / 24, "day", "days")),
    }
}

/// The text with its first letter small, to stand after a colon.
pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
