//! `explain`: what is known of one advisory or CVE, and why a target is affected by it or is not.

use std::path::Path;

use advisories::catalog::{AdvisoryIx, AdvisoryView, Candidate, Catalog};
use base::CveId;
use inventory::{Host, Package};
use jiff::Timestamp;
use matching::{Kernels, Match, Negative, match_package};
use reports::explanation::{
    AffectedPackage, CveKnowledge, Explanation, PackageVerdict, RecordSummary, Verdict,
};
use risk::cvss;
use versions::{EventKind, Range};

use crate::assess::{catalog_info, not_covered};
use crate::assets::Assets;
use crate::error::{Failure, Result};
use crate::scan::{ScanOptions, damaged, read_target};

/// Explains an id, and with a target what it means for every package there that a record names.
pub fn explain(
    catalog: &Catalog,
    id: &str,
    target: Option<&Path>,
    now: Timestamp,
) -> Result<Explanation> {
    let Some(target) = target else {
        return explain_on(catalog, id, None, now);
    };
    let subjects = read_target(target, &ScanOptions::default(), &Assets::default())
        .map_err(|note| Failure::input(note.to_string()))?;
    let hosts: Vec<Host> = subjects.into_iter().map(|subject| subject.host).collect();
    explain_on(
        catalog,
        id,
        Some((&target.display().to_string(), &hosts)),
        now,
    )
}

/// Explains an id, and what it means for every package of some hosts that a record names; the hosts under the name that was
/// asked for.
pub fn explain_on(
    catalog: &Catalog,
    id: &str,
    target: Option<(&str, &[Host])>,
    now: Timestamp,
) -> Result<Explanation> {
    let records = catalog.find(id).map_err(damaged)?;
    let views = records
        .iter()
        .map(|ix| catalog.advisory(*ix).map_err(damaged))
        .collect::<Result<Vec<_>>>()?;
    let mut cves: Vec<CveId> = views
        .iter()
        .filter(|v| is_about(v, id))
        .flat_map(|v| v.cves.iter().copied())
        .collect();
    cves.extend(id.parse::<CveId>());
    cves.sort_unstable();
    cves.dedup();
    let knowledge = cves
        .iter()
        .map(|cve| know(catalog, *cve))
        .collect::<Result<Vec<_>>>()?;
    if records.is_empty() && knowledge.iter().all(CveKnowledge::is_empty) {
        return Err(
            Failure::input(format!("{id} is in no feed of this catalog"))
                .hint("check the spelling, or the age of the feeds with `daywatch feeds status`"),
        );
    }
    let (verdicts, not_covered) = match target {
        Some((_, hosts)) => verdicts(catalog, &records, hosts)?,
        None => (Vec::new(), Vec::new()),
    };
    Ok(Explanation {
        id: id.to_owned(),
        now,
        catalog: catalog_info(catalog),
        records: summaries(catalog, &records, &views)?,
        cves: knowledge,
        target: target.map(|(name, _)| name.to_owned()),
        verdicts,
        not_covered,
    })
}

/// Whether the record is of this id, not one that only mentions it among others.
fn is_about(view: &AdvisoryView<'_>, id: &str) -> bool {
    view.id.eq_ignore_ascii_case(id) || view.aliases.iter().any(|a| a.eq_ignore_ascii_case(id))
}

fn know(catalog: &Catalog, cve: CveId) -> Result<CveKnowledge> {
    let facts = catalog.cve(cve).map_err(damaged)?;
    let scores = facts.record.iter().flat_map(|r| &r.scores);
    Ok(CveKnowledge {
        cve,
        summary: facts
            .record
            .as_ref()
            .map(|r| r.summary.clone())
            .unwrap_or_default(),
        rejected: facts.record.as_ref().is_some_and(|r| r.rejected),
        published: facts.record.as_ref().and_then(|r| r.published),
        scores: scores
            .filter_map(|v| Some((cvss::score(&v.vector).ok()?, v.clone())))
            .collect(),
        epss: facts.epss,
        epss_model: catalog.epss_model(),
        kev: facts.kev,
        ssvc: facts.record.and_then(|r| r.ssvc),
    })
}

fn summaries(
    catalog: &Catalog,
    records: &[AdvisoryIx],
    views: &[AdvisoryView<'_>],
) -> Result<Vec<RecordSummary>> {
    records
        .iter()
        .zip(views)
        .map(|(ix, view)| {
            let affected = catalog.affected(*ix).map_err(damaged)?;
            Ok(RecordSummary {
                id: view.id.to_owned(),
                feeds: view.feeds.iter().map(|f| (*f).to_owned()).collect(),
                aliases: view.aliases.iter().map(|a| (*a).to_owned()).collect(),
                summary: view.summary.to_owned(),
                published: view.published,
                modified: view.modified,
                withdrawn: view.withdrawn,
                severity: view.severity,
                references: view.references.iter().map(|r| (*r).to_owned()).collect(),
                affected: affected.iter().map(affected_package).collect(),
            })
        })
        .collect()
}

/// For a product of Microsoft: the updates any of which closes the hole, in place of a range.
fn without_updates(candidate: &Candidate<'_>) -> Option<String> {
    let updates: Vec<String> = candidate.updates.iter().map(ToString::to_string).collect();
    (!updates.is_empty()).then(|| format!("without {}", updates.join(" or ")))
}

/// A range in words: `>= 1.0, < 1.2.3`.
pub(crate) fn range_words<V: AsRef<str>>(range: &Range<V>) -> String {
    let words: Vec<String> = range
        .events
        .iter()
        .filter(|e| !(e.kind == EventKind::Introduced && e.version.as_ref() == "0"))
        .map(|e| {
            let sign = match e.kind {
                EventKind::Introduced => ">=",
                EventKind::Fixed | EventKind::Limit => "<",
                EventKind::LastAffected => "<=",
            };
            format!("{sign} {}", e.version.as_ref())
        })
        .collect();
    match words.is_empty() {
        true => "every version".to_owned(),
        false => words.join(", "),
    }
}

fn affected_package(candidate: &Candidate<'_>) -> AffectedPackage {
    let ranges = candidate.ranges.iter().map(range_words);
    AffectedPackage {
        ecosystem: candidate.ecosystem.to_owned(),
        package: candidate.package.to_owned(),
        ranges: ranges.chain(without_updates(candidate)).collect(),
        versions: candidate.versions.iter().map(|v| (*v).to_owned()).collect(),
    }
}

/// What each record means for each package of the target that one of them names.
fn verdicts(
    catalog: &Catalog,
    records: &[AdvisoryIx],
    hosts: &[Host],
) -> Result<(Vec<PackageVerdict>, Vec<String>)> {
    let names = named_packages(catalog, records)?;
    let mut all = Vec::new();
    let mut uncovered = Vec::new();
    for host in hosts {
        all.extend(host_verdicts(catalog, records, &names, host)?);
        uncovered.extend(not_covered(catalog, host).into_iter().map(|(what, _)| what));
    }
    uncovered.sort();
    uncovered.dedup();
    Ok((all, uncovered))
}

fn host_verdicts(
    catalog: &Catalog,
    records: &[AdvisoryIx],
    names: &[(String, String)],
    host: &Host,
) -> Result<Vec<PackageVerdict>> {
    let kernels = Kernels::of(host);
    let mut verdicts = Vec::new();
    for package in host.packages.iter().filter(|p| is_named(p, names)) {
        let options = matching::Options::of(host, true);
        let mut matches = match_package(catalog, host, package, options).map_err(damaged)?;
        kernels
            .settle(catalog, package, options, &mut matches)
            .map_err(damaged)?;
        verdicts.extend(
            matches
                .affected
                .iter()
                .filter(|m| records.iter().any(|r| m.advisories.contains(r)))
                .map(|m| yes(host, package, m)),
        );
        let ids = record_ids(catalog, records)?;
        verdicts.extend(
            matches
                .not_affected
                .iter()
                .filter(|n| ids.contains(&n.id))
                .map(|n| no(package, n)),
        );
        verdicts.extend(
            matches
                .notes
                .iter()
                .filter(|n| ids.iter().any(|id| n.contains(id.as_str())))
                .map(|n| unknown(package, n)),
        );
    }
    Ok(verdicts)
}

fn record_ids(catalog: &Catalog, records: &[AdvisoryIx]) -> Result<Vec<String>> {
    records
        .iter()
        .map(|ix| {
            catalog
                .advisory(*ix)
                .map(|v| v.id.to_owned())
                .map_err(damaged)
        })
        .collect()
}

fn named_packages(catalog: &Catalog, records: &[AdvisoryIx]) -> Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    for ix in records {
        for candidate in catalog.affected(*ix).map_err(damaged)? {
            let ecosystem = candidate.ecosystem.split(':').next().unwrap_or_default();
            names.push((
                ecosystem.to_owned(),
                advisories::names::normalise(ecosystem, candidate.package).into_owned(),
            ));
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn is_named(package: &Package, names: &[(String, String)]) -> bool {
    let Some(ecosystem) = &package.ecosystem else {
        return false;
    };
    let own = Some(package.name.as_str());
    let source = package.source.as_ref().map(|s| s.name.as_str());
    own.into_iter().chain(source).any(|name| {
        let name = advisories::names::normalise(ecosystem.name(), name);
        // Debian's signed kernels come from a source of another name; matching knows, and says "no" to the rest.
        names.iter().any(|(e, n)| {
            e == ecosystem.name()
                && (*n == name || (n == "linux" && name.starts_with("linux-signed-")))
        })
    })
}

fn yes(host: &Host, package: &Package, found: &Match) -> PackageVerdict {
    PackageVerdict {
        package: package.name.clone(),
        version: package.version.clone().unwrap_or_default(),
        record: found.id.clone(),
        verdict: Verdict::Affected {
            range: found.decided.range.clone(),
            event: found.decided.event.clone(),
            fixed: found.fixed.clone(),
        },
        detail: format!("{} on {}", found.why, host.name),
    }
}

fn no(package: &Package, negative: &Negative) -> PackageVerdict {
    PackageVerdict {
        package: package.name.clone(),
        version: package.version.clone().unwrap_or_default(),
        record: negative.id.clone(),
        verdict: Verdict::NotAffected(negative.reason),
        detail: negative.detail.clone(),
    }
}

fn unknown(package: &Package, note: &str) -> PackageVerdict {
    PackageVerdict {
        package: package.name.clone(),
        version: package.version.clone().unwrap_or_default(),
        record: String::new(),
        verdict: Verdict::Unknown,
        detail: note.to_owned(),
    }
}
