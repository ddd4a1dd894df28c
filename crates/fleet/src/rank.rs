//! A rank that rose: a vulnerability the fleet has became known as exploited, or is rated worse by another catalog than by the one
//! that held before (docs/decisions/053, point 5). Both catalogs are there only while the one takes the place of the other, so what
//! is found then is kept, and no older catalog is needed afterwards.

use std::collections::{BTreeMap, BTreeSet};

use advisories::catalog::{Catalog, CatalogError, diff};
use base::{CveId, Severity};
use jiff::Timestamp;
use matching::match_release;
use rayon::prelude::*;

use crate::change::CatalogChange;
use crate::hit::Hit;
use crate::index::Index;
use crate::judge::{Bench, FeedAges, Known, known_hit};
use crate::release::{Release, ReleaseId};

/// The team's rank of a vulnerability, one ladder: by its severity, and above all when it is known to be exploited. A score or
/// a text is no rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Rated as harmless.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High; and what nobody rates, as the policies that ship assume it.
    High,
    /// Critical.
    Critical,
    /// Known exploited, or a record says so.
    Exploited,
}

impl Rank {
    /// All, the lowest first.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
        Self::Exploited,
    ];

    /// Of what is known.
    pub fn of(severity: Option<Severity>, is_exploited: bool) -> Self {
        match (is_exploited, severity) {
            (true, _) => Self::Exploited,
            (_, Some(Severity::Critical)) => Self::Critical,
            (_, Some(Severity::High) | None) => Self::High,
            (_, Some(Severity::Medium)) => Self::Medium,
            (_, Some(Severity::Low)) => Self::Low,
            (_, Some(Severity::None)) => Self::None,
        }
    }

    pub(crate) fn of_known(known: &Known) -> Self {
        let finding = known.finding();
        Self::of(
            finding.severity,
            finding.kev.is_some() || known.is_claimed(),
        )
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Exploited => "exploited",
        }
    }
}

/// The rank of a vulnerability of a unit rose from one catalog to the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rise {
    /// The ecosystem of the unit: `Debian`.
    pub ecosystem: String,
    /// What is upgraded at once.
    pub unit: String,
    /// The names that tell the vulnerability from every other (see [`Hit::names`]), sorted.
    pub names: Vec<String>,
    /// The rank by the catalog that held before.
    pub was: Rank,
    /// The rank by the one that holds from then on.
    pub is: Rank,
}

/// The rises of ranks that a change of catalogs brings to what the fleet has. The index must not have taken the change yet.
///
/// # Errors
///
/// One of the catalogs is damaged.
pub fn rises(
    index: &Index,
    old: &Catalog,
    new: &Catalog,
    change: &CatalogChange,
) -> Result<Vec<Rise>, CatalogError> {
    let suspects = suspects(index, old, new, change)?;
    let ages = [FeedAges::of(old), FeedAges::of(new)];
    let benches = [(old, &ages[0]), (new, &ages[1])].map(|(catalog, ages)| Bench {
        catalog,
        policies: &[],
        ages,
    });
    let found: Vec<Vec<Rise>> = suspects
        .into_par_iter()
        .map(|(id, ids)| match index.release(id) {
            Some(release) => rises_of(benches, release, &hits(index, id, &ids)),
            None => Ok(Vec::new()),
        })
        .collect::<Result<_, CatalogError>>()?;
    let found: BTreeSet<Rise> = found.into_iter().flatten().collect();
    Ok(found.into_iter().collect())
}

/// Releases with the ids of those of their hits whose rank may be another: a record or a KEV entry of them changed, another record joined
/// them, or a CVE of them is rated otherwise.
fn suspects(
    index: &Index,
    old: &Catalog,
    new: &Catalog,
    change: &CatalogChange,
) -> Result<BTreeMap<ReleaseId, BTreeSet<String>>, CatalogError> {
    let diff = diff(old, new)?;
    let mut names: BTreeSet<String> = diff.ids().map(str::to_owned).collect();
    names.extend(diff.kev.iter().map(ToString::to_string));
    for change in &change.releases {
        names.extend(change.now.iter().flat_map(Hit::names));
    }
    for cve in cves_in_use(index) {
        let (before, after) = (old.cve(cve)?.record, new.cve(cve)?.record);
        let is_same = before.as_ref().map(|r| &r.scores) == after.as_ref().map(|r| &r.scores);
        if !is_same {
            names.insert(cve.to_string());
        }
    }
    let mut suspects: BTreeMap<ReleaseId, BTreeSet<String>> = BTreeMap::new();
    for name in names {
        for (release, vulnerability) in index.releases_with(&name) {
            let id = index.id_of(vulnerability).to_string();
            suspects.entry(release).or_default().insert(id);
        }
    }
    Ok(suspects)
}

/// Every CVE that something in the fleet has.
fn cves_in_use(index: &Index) -> BTreeSet<CveId> {
    let releases: Vec<ReleaseId> = index.releases_in_use().collect();
    let vulnerabilities = index.vulnerabilities_of(&releases).into_iter();
    vulnerabilities
        .flat_map(|v| index.cves_of(v).collect::<Vec<_>>())
        .collect()
}

fn hits(index: &Index, release: ReleaseId, ids: &BTreeSet<String>) -> Vec<Hit> {
    let hits = index.hits_of(release).unwrap_or_default();
    hits.into_iter()
        .filter(|hit| ids.contains(&hit.id))
        .collect()
}

fn rises_of(
    [before, after]: [Bench<'_>; 2],
    release: &Release,
    hits: &[Hit],
) -> Result<Vec<Rise>, CatalogError> {
    let package = release.to_package();
    let matches =
        [before, after].map(|bench| match_release(bench.catalog, &package, &release.situation));
    let [old, new] = matches;
    let (old, new) = (old?.affected, new?.affected);
    let (ecosystem, unit) = release.unit();
    let mut found = Vec::new();
    for hit in hits {
        // What the new catalog does not say any more is cleared, and has no rank.
        let Some(now) = new
            .iter()
            .map(Hit::of)
            .find(|now| now.id == hit.id || now.is_same(hit))
        else {
            continue;
        };
        let was = Rank::of_known(&known_hit(before, &package, hit, &old)?);
        let is = Rank::of_known(&known_hit(after, &package, &now, &new)?);
        if is > was {
            let names: BTreeSet<String> = hit.names().chain(now.names()).collect();
            found.push(Rise {
                ecosystem: ecosystem.to_owned(),
                unit: unit.to_owned(),
                names: names.into_iter().collect(),
                was,
                is,
            });
        }
    }
    Ok(found)
}

/// Ecosystem, unit and name.
type Name = (String, String, String);
/// When, from which rank, to which.
type Step = (Timestamp, Rank, Rank);

/// The rises that are known, to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rises {
    /// In the order they were learned.
    by_name: BTreeMap<Name, Vec<Step>>,
}

impl Rises {
    /// Remembers what a change of catalogs at a moment brought; later ones come later.
    pub fn learn(&mut self, at: Timestamp, rises: Vec<Rise>) {
        for rise in rises {
            for name in rise.names {
                let key = (
                    rise.ecosystem.clone(),
                    rise.unit.clone(),
                    name.to_ascii_lowercase(),
                );
                self.by_name
                    .entry(key)
                    .or_default()
                    .push((at, rise.was, rise.is));
            }
        }
    }

    /// When the rank of a hit of a release rose to what it is, after a moment, and in words by what; `None` where it never did.
    pub fn reranked(
        &self,
        release: &Release,
        hit: &Hit,
        rank: Rank,
        after: Timestamp,
    ) -> Option<(Timestamp, String)> {
        if self.by_name.is_empty() {
            return None;
        }
        let (ecosystem, unit) = release.unit();
        let of = |name: String| {
            let key = (
                ecosystem.to_owned(),
                unit.to_owned(),
                name.to_ascii_lowercase(),
            );
            self.by_name.get(&key)
        };
        let rises = hit.names().filter_map(of).flatten();
        // A rank that fell since is still the one it rose to where the rise went through it.
        let through = rises.filter(|(at, was, is)| *at > after && *was < rank && rank <= *is);
        let (at, was, is) = through.max_by_key(|(at, ..)| *at)?;
        Some((
            *at,
            format!("the fleet's log, {} before: {}", was.as_str(), is.as_str()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use matching::{FixState, Situation};

    use super::*;
    use crate::sample::at;

    #[test]
    fn exploitation_is_above_every_severity_and_what_nobody_rates_ranks_as_high() {
        let check = |severity, is_exploited, expected| {
            assert_eq!(Rank::of(severity, is_exploited), expected);
        };
        check(Some(Severity::Low), true, Rank::Exploited);
        check(None, false, Rank::High);
        check(Some(Severity::Critical), false, Rank::Critical);
        assert!(Rank::Exploited > Rank::Critical && Rank::Critical > Rank::High);
    }

    fn hit(id: &str, cves: &[&str]) -> Hit {
        Hit {
            id: id.to_owned(),
            aliases: Vec::new(),
            cves: cves.iter().map(|cve| cve.parse().unwrap()).collect(),
            fixed: Vec::new(),
            fix_state: FixState::Unknown,
            is_unimportant: false,
            is_notice: false,
        }
    }

    fn rise(names: &[&str], was: Rank, is: Rank) -> Rise {
        Rise {
            ecosystem: "npm".to_owned(),
            unit: "lodash".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            was,
            is,
        }
    }

    #[test]
    fn the_last_rise_through_the_rank_counts_and_only_after_it_was_known() {
        let release = Release {
            ecosystem: "npm".parse().ok(),
            name: "lodash".to_owned(),
            version: None,
            source: None,
            module: None,
            cpe: None,
            situation: Situation::default(),
        };
        let mut rises = Rises::default();
        let moment = |day: u32| at(&format!("2026-06-{day:02}T00:00:00Z"));
        rises.learn(
            moment(3),
            vec![rise(
                &["GHSA-1", "CVE-2026-0001"],
                Rank::Medium,
                Rank::Critical,
            )],
        );
        rises.learn(moment(9), vec![rise(&["GHSA-1"], Rank::Low, Rank::High)]);
        let check = |hit: &Hit, rank, after: u32, expected: Option<u32>| {
            let found = rises.reranked(&release, hit, rank, moment(after));
            assert_eq!(
                found.map(|(at, _)| at),
                expected.map(moment),
                "{hit:?} {rank:?}"
            );
        };
        check(&hit("GHSA-1", &[]), Rank::High, 1, Some(9));
        check(&hit("ghsa-1", &[]), Rank::Critical, 1, Some(3));
        check(&hit("GHSA-1", &[]), Rank::Low, 1, None);
        check(&hit("GHSA-1", &[]), Rank::Critical, 3, None);
        check(
            &hit("DSA-1", &["CVE-2026-0001"]),
            Rank::Critical,
            1,
            Some(3),
        );
        check(
            &hit("DSA-1", &["CVE-2026-0001", "CVE-2026-0002"]),
            Rank::Critical,
            1,
            None,
        );
    }
}
