//! Products of Microsoft: their remedy is an update, not a version. Whether a hole is closed is asked in this order:
//!
//! 1. the build: an update names the build a machine has after it, and the machine's own is at or above it;
//! 2. the list: the update is installed, or one that replaces it, by the chain of replacements as published;
//!    Beside it stand a few updates that are known to hold all before them (`baselines.txt`);
//! 3. the line: since Windows 10 and Server 2016 updates of Windows are cumulative, so that any later one holds all earlier
//!    ones. The published chains are broken there (docs/decisions/030-windows.md gives the figures), and dates are not.
//!
//! For Windows 8.1, Server 2012 R2 and older the chain alone decides. Without a list and without a comparable build nothing is
//! decided, and that is said.

mod baselines;
mod roles;
mod standalone;
mod updates;

use std::collections::{BTreeMap, BTreeSet};

use advisories::catalog::{Candidate, Catalog, CatalogError};
use advisories::model::{MICROSOFT, Update};
use base::Kb;
use inventory::{Host, Package, Windows};

use crate::matched::Reason;
use crate::verdict::{Outside, Stretch, Word};
use roles::Absent;
use updates::{Closed, ProductUpdates};

/// What decides about the records of one product on one host.
pub(crate) struct Product<'h> {
    host: &'h Host,
    name: &'h str,
    updates: ProductUpdates,
    /// For what is updated with the system it is on (Internet Explorer): the system's updates.
    system: Option<ProductUpdates>,
    /// Components for which an update of their own is installed.
    served: BTreeSet<String>,
}

/// One entry of a record and where the machine stands.
struct Said<'e, 'c> {
    entry: &'e Candidate<'c>,
    state: State,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// An update that closes it is there, and how that is known.
    Closed(String),
    /// None is.
    Open,
    /// Not to be told.
    Undecided,
    /// The component is not there.
    Absent(Outside),
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
        let parts = parts(catalog, &package.name)?;
        let served = served(windows, &parts);
        let updates = catalog.updates(&package.name)?;
        let system = match package.name.split_once(" on ") {
            Some((_, system)) => Some(systems(catalog, windows, system, &updates)?),
            None => None,
        };
        let updates = ProductUpdates::new(updates, counts(&parts), windows, &package.name);
        Ok(Some(Self {
            host,
            name: &package.name,
            updates,
            system,
            served,
        }))
    }

    /// What a record says, from its entries for this product; `None` if none of them names an update, or if they have ranges and
    /// the version is known to the revision: then the ranges decide.
    pub(crate) fn word(&self, entries: &[&Candidate<'_>], version: &str) -> Option<Word> {
        let is_exact = version.split('.').count() >= 4;
        if is_exact && entries.iter().any(|e| !e.ranges.is_empty()) {
            return None;
        }
        let entries = entries.iter().copied().filter(|e| !e.updates.is_empty());
        let said: Vec<Said<'_, '_>> = entries.map(|entry| self.said(entry)).collect();
        (!said.is_empty()).then(|| self.together(&said))
    }

    /// What one entry says: one component of the product, with the updates any of which closes the hole in it.
    fn said<'e, 'c>(&self, entry: &'e Candidate<'c>) -> Said<'e, 'c> {
        let state = match self.absent(entry) {
            Some(absent) => State::Absent(absent),
            None => match self.closed(&entry.updates) {
                Closed::Yes(how) => State::Closed(how),
                Closed::No => State::Open,
                Closed::Unknown => State::Undecided,
            },
        };
        Said { entry, state }
    }

    /// The word of a record whose components may each need an update of their own. Where one of them was closed, the machine gets
    /// the updates it is offered; a component that never got any is then taken to be absent.
    fn together(&self, said: &[Said<'_, '_>]) -> Word {
        let closed = said.iter().find_map(|s| match &s.state {
            State::Closed(how) => Some(how),
            _ => None,
        });
        let open = || said.iter().filter(|s| s.state == State::Open);
        let counts = |s: &&Said<'_, '_>| closed.is_none() || self.is_served(s.entry);
        if let Some(first) = open().find(counts) {
            return Word::Affected(self.stretch(first.entry, &first.entry.updates));
        }
        let undecided = said.iter().any(|s| s.state == State::Undecided);
        if let (Some(how), false) = (closed, undecided) {
            let left = open().find_map(|s| s.entry.component);
            return Word::NotAffected(Outside {
                detail: with_what_is_left(how, left),
                fixed: None,
                reason: Some(Reason::Superseded),
            });
        }
        let absent = said.iter().find_map(|s| match &s.state {
            State::Absent(outside) => Some(outside.clone()),
            _ => None,
        });
        match absent {
            Some(absent) if !undecided => Word::NotAffected(absent),
            _ => Word::Undecided,
        }
    }

    /// Whether an update that is for this component alone was ever installed, or the entry is about the product as a whole.
    fn is_served(&self, entry: &Candidate<'_>) -> bool {
        entry
            .component
            .is_none_or(|part| self.served.contains(part))
    }

    /// Whether one of the updates is there: one of the system's by the system's line, another by the product's own.
    fn closed(&self, fixes: &[Kb]) -> Closed {
        let (systems, own) = self.shared(fixes);
        let of_system = self.system.as_ref().filter(|_| !systems.is_empty());
        let by_system = of_system.map_or(Closed::No, |system| system.closed(&systems));
        let by_own = match own.is_empty() {
            true => Closed::No,
            false => self.updates.closed(&own),
        };
        match (by_system, by_own) {
            (Closed::Yes(how), _) | (_, Closed::Yes(how)) => Closed::Yes(how),
            (Closed::Unknown, _) | (_, Closed::Unknown) => Closed::Unknown,
            (Closed::No, Closed::No) => Closed::No,
        }
    }

    /// Those of the updates that are the system's, and the rest.
    fn shared(&self, fixes: &[Kb]) -> (Vec<Kb>, Vec<Kb>) {
        let is_systems = |kb: &Kb| self.system.as_ref().is_some_and(|s| s.knows(*kb));
        fixes.iter().copied().partition(is_systems)
    }

    /// Whose updates to install, and from which of the fixes on.
    fn line(&self, fixes: &[Kb]) -> (&ProductUpdates, Vec<Kb>) {
        let (systems, own) = self.shared(fixes);
        match &self.system {
            Some(system) if !systems.is_empty() => (system, systems),
            _ => (&self.updates, own),
        }
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

    fn stretch(&self, entry: &Candidate<'_>, fixes: &[Kb]) -> Stretch {
        let (line, of_line) = self.line(fixes);
        let remedy = line.remedy(&of_line);
        let there = match line.may_be_cut(&of_line) {
            true => "listed (the list of updates broke off)",
            false => "installed",
        };
        let named: Vec<String> = fixes.iter().map(|&kb| line.dated(kb)).collect();
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
                line.dated(remedy)
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

/// Which components each update of a product is named for, and how often it is named at all.
type Parts<'c> = BTreeMap<Kb, (BTreeSet<&'c str>, usize)>;

fn parts<'c>(catalog: &'c Catalog, product: &str) -> Result<Parts<'c>, CatalogError> {
    let mut parts = Parts::new();
    for entry in catalog.candidates(MICROSOFT, product)? {
        for kb in entry.updates {
            let (components, count) = parts.entry(kb).or_default();
            components.insert(entry.component.unwrap_or_default());
            *count += 1;
        }
    }
    Ok(parts)
}

fn counts(parts: &Parts<'_>) -> BTreeMap<Kb, usize> {
    parts.iter().map(|(&kb, (_, count))| (kb, *count)).collect()
}

/// The updates of the system a product is on. Where nearly all of the product's own are the system's (Internet Explorer), the few
/// that only the product's records name are the system's too.
fn systems(
    catalog: &Catalog,
    windows: &Windows,
    system: &str,
    own: &[Update],
) -> Result<ProductUpdates, CatalogError> {
    let mut updates = catalog.updates(system)?;
    let known: BTreeSet<Kb> = updates.iter().map(|u| u.kb).collect();
    let (shared, alone): (Vec<&Update>, Vec<&Update>) =
        own.iter().partition(|u| known.contains(&u.kb));
    if alone.len() * 10 <= shared.len() {
        updates.extend(alone.into_iter().cloned());
    }
    let parts = parts(catalog, system)?;
    Ok(ProductUpdates::new(
        updates,
        counts(&parts),
        windows,
        system,
    ))
}

/// The components that an installed update is for and nothing else.
fn served(windows: &Windows, parts: &Parts<'_>) -> BTreeSet<String> {
    let installed = windows.updates.iter().flatten();
    let single = installed.filter_map(|update| {
        let (components, _) = parts.get(&update.kb)?;
        components
            .first()
            .copied()
            .filter(|_| components.len() == 1)
    });
    single
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect()
}

fn with_what_is_left(how: &str, left: Option<&str>) -> String {
    match left {
        Some(part) => {
            format!("{how}; no update for {part} was ever installed, so it is taken to be absent")
        }
        None => how.to_owned(),
    }
}
