//! Products of Microsoft: their remedy is an update, not a version. Whether a hole is closed is asked in this order:
//!
//! 1. the build: an update names the build a machine has after it, and the machine's own is at or above it;
//! 2. the list: the update is installed, or one that replaces it, by the chain of replacements as published;
//! 3. the line: since Windows 10 and Server 2016 updates of Windows are cumulative, so that any later one holds all earlier
//!    ones. The published chains are broken there (docs/decisions/030-windows.md gives the figures), and dates are not.
//!
//! For Windows 8.1, Server 2012 R2 and older the chain alone decides. Without a list and without a comparable build nothing is
//! decided, and that is said.

mod roles;
mod standalone;
mod updates;

use std::collections::BTreeMap;

use advisories::catalog::{Candidate, Catalog, CatalogError};
use advisories::model::MICROSOFT;
use inventory::{Host, Package};

use crate::matched::Reason;
use crate::verdict::{Outside, Stretch, Word};
use roles::Absent;
use updates::{Closed, ProductUpdates};

/// What decides about the records of one product on one host.
pub(crate) struct Product<'h> {
    host: &'h Host,
    name: &'h str,
    updates: ProductUpdates,
}

impl<'h> Product<'h> {
    /// For a package that is a product of Microsoft on a Windows host.
    pub(crate) fn of(
        catalog: &Catalog,
        host: &'h Host,
        package: &'h Package,
    ) -> Result<Option<Self>, CatalogError> {
        let is_microsoft = package
            .ecosystem
            .as_ref()
            .is_some_and(|e| e.name() == MICROSOFT);
        let (true, Some(windows)) = (is_microsoft, &host.windows) else {
            return Ok(None);
        };
        let mut named = BTreeMap::new();
        for entry in catalog.candidates(MICROSOFT, &package.name)? {
            for kb in entry.updates {
                *named.entry(kb).or_insert(0) += 1;
            }
        }
        let updates = catalog.updates(&package.name)?;
        let updates = ProductUpdates::new(updates, named, windows, &package.name);
        Ok(Some(Self {
            host,
            name: &package.name,
            updates,
        }))
    }

    /// What a record says, from its entries for this product; `None` if none of them names an update, or if they have ranges and
    /// the version is known to the revision: then the ranges decide.
    pub(crate) fn word(&self, entries: &[&Candidate<'_>], version: &str) -> Option<Word> {
        let is_exact = version.split('.').count() >= 4;
        if is_exact && entries.iter().any(|e| !e.ranges.is_empty()) {
            return None;
        }
        let entries: Vec<&Candidate<'_>> = entries
            .iter()
            .copied()
            .filter(|e| !e.updates.is_empty())
            .collect();
        let first = entries.first()?;
        if let Some(absent) = self.absent(first) {
            return Some(Word::NotAffected(absent));
        }
        let mut fixes: Vec<_> = entries
            .iter()
            .flat_map(|e| e.updates.iter().copied())
            .collect();
        fixes.sort_unstable();
        fixes.dedup();
        Some(match self.updates.closed(&fixes) {
            Closed::Yes(detail) => Word::NotAffected(Outside {
                detail,
                fixed: None,
                reason: Some(Reason::Superseded),
            }),
            Closed::No => Word::Affected(self.stretch(first, &fixes)),
            Closed::Unknown => Word::Undecided,
        })
    }

    fn absent(&self, entry: &Candidate<'_>) -> Option<Outside> {
        let windows = self.host.windows.as_ref()?;
        let Absent { detail } = roles::absent(windows, entry.component?)?;
        Some(Outside {
            detail,
            fixed: None,
            reason: Some(Reason::ComponentAbsent),
        })
    }

    fn stretch(&self, entry: &Candidate<'_>, fixes: &[base::Kb]) -> Stretch {
        let remedy = self.updates.remedy(fixes);
        let there = match self.updates.may_be_cut(fixes) {
            true => "listed (the list of updates broke off)",
            false => "installed",
        };
        let named: Vec<String> = fixes.iter().map(|&kb| self.updates.dated(kb)).collect();
        Stretch {
            range: format!("without {}", named.join(", ")),
            event: format!("fixed {remedy}"),
            fixed: Some(remedy.to_string()),
            has_last_affected: false,
            vendor_state: entry.vendor_state,
            condition: None,
            beside: None,
            why: Some(format!(
                "{}: {} closes it and is not {there}, nor is an update that replaces it; install {}",
                self.name,
                named.join(" or "),
                self.updates.dated(remedy)
            )),
        }
    }

    /// What to say when records could not be decided.
    pub(crate) fn undecided(&self, count: usize) -> String {
        let build = self.host.windows.as_ref().and_then(|w| w.build);
        let build = build.map_or_else(|| "an unknown build".to_owned(), |b| format!("build {b}"));
        let why = match self.updates.has_list() {
            true => "none of its updates has a build to compare with",
            false => "its installed updates are not listed",
        };
        format!(
            "{} ({build}): {count} vulnerabilities could not be decided, because {why}; add the list of updates (docs/guide/windows.md)",
            self.name
        )
    }
}
