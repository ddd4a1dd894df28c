//! One package against the catalog.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use advisories::catalog::{AdvisoryIx, Candidate, Catalog, CatalogError};
use advisories::model::PRODUCT;
use base::Ecosystem;
use inventory::{Host, Package};

use crate::ask::{Question, ask};
use crate::channel::{Channel, has_ubuntu_pro};
use crate::conclude::conclude;
use crate::heard::Hearing;
use crate::matched::Matches;
use crate::names::{Lookup, lookups};
use crate::rebuild::{backported_from, builder, without_backport};
use crate::release::{Coverage, applies, coverage};
use crate::scope::Scope;
use crate::verdict::Word;
use crate::windows::Product;

/// How much matching one package should say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also explain the records that name the package and do not hold for it.
    pub negatives: bool,
    /// The host takes updates from Ubuntu Pro.
    pub ubuntu_pro: bool,
}

impl Options {
    /// For packages of this host. All of them are looked at, so it is made once and not for each.
    pub fn of(host: &Host, negatives: bool) -> Self {
        Self {
            negatives,
            ubuntu_pro: has_ubuntu_pro(host),
        }
    }
}

/// Every vulnerability the package has on this host, and on request why the others are not. The host tells what a package alone
/// does not: which kernel runs, which updates of Windows are installed.
pub fn match_package(
    catalog: &Catalog,
    host: &Host,
    package: &Package,
    options: Options,
) -> Result<Matches, CatalogError> {
    match_among(catalog, host, package, options, None)
}

/// The same, from the records of a scope only where there is one.
pub(crate) fn match_among<'c>(
    catalog: &'c Catalog,
    host: &Host,
    package: &Package,
    options: Options,
    scope: Option<&Scope<'c>>,
) -> Result<Matches, CatalogError> {
    let mut matches = Matches::default();
    let package = &*as_product(catalog, package);
    let Some(ecosystem) = &package.ecosystem else {
        return Ok(matches);
    };
    let Some(version) = package.version.as_deref().filter(|v| !v.is_empty()) else {
        matches.notes.push(format!(
            "{} has no version and was not matched",
            package.name
        ));
        return Ok(matches);
    };
    let origin = backported_from(ecosystem, version);
    let origin = origin.filter(|release| coverage(catalog, release) == Coverage::Covered);
    let ecosystem = origin.as_ref().unwrap_or(ecosystem);
    let product = Product::of(catalog, host, package)?;
    let mut hearing = Hearing::default();
    for lookup in lookups(package, version) {
        let question = Question {
            catalog,
            package,
            product: product.as_ref(),
            ecosystem,
            version: match &origin {
                Some(_) => without_backport(&lookup.version),
                None => &lookup.version,
            },
            negatives: options.negatives,
            ubuntu_pro: options.ubuntu_pro,
        };
        listen(question, &lookup, scope, &mut hearing, &mut matches)?;
    }
    conclude(
        package,
        ecosystem,
        version,
        &hearing,
        options.negatives,
        &mut matches,
    );
    let undecided = hearing.heard.iter();
    let undecided = undecided.filter(|h| h.word == Word::Undecided).count();
    if let (Some(product), 1..) = (&product, undecided) {
        matches.notes.push(product.undecided(undecided));
    }
    if let (Some(builder), None, false) = (builder(package), &origin, hearing.heard.is_empty()) {
        matches.notes.push(format!(
            "{} {version} was built by {builder}, not by {}: what its records say of it may not hold",
            package.name,
            ecosystem.name()
        ));
    }
    Ok(matches)
}

/// A package that no feed covers, but that has a CPE name, is looked up as the product it is of.
pub(crate) fn as_product<'p>(catalog: &Catalog, package: &'p Package) -> Cow<'p, Package> {
    let Some(cpe) = &package.cpe else {
        return Cow::Borrowed(package);
    };
    let is_covered = |ecosystem: &Ecosystem| {
        ecosystem.name() == PRODUCT || !catalog.releases(ecosystem.name()).is_empty()
    };
    if package.ecosystem.as_ref().is_some_and(is_covered) || catalog.releases(PRODUCT).is_empty() {
        return Cow::Borrowed(package);
    }
    let own = package.version.as_deref().filter(|v| !v.is_empty());
    let version = own
        .or(cpe.version.as_deref())
        .map(|version| match &cpe.update {
            Some(update) if !version.contains(update.as_str()) => format!("{version} {update}"),
            _ => version.to_owned(),
        });
    Cow::Owned(Package {
        name: format!("{}/{}", cpe.vendor, cpe.product),
        version,
        ecosystem: Some(Ecosystem::new(PRODUCT)),
        source: None,
        ..package.clone()
    })
}

/// Asks every record that names the package what it says of the version.
fn listen<'c>(
    question: Question<'c, '_>,
    lookup: &Lookup<'_>,
    scope: Option<&Scope<'c>>,
    hearing: &mut Hearing<'c>,
    matches: &mut Matches,
) -> Result<(), CatalogError> {
    let Question {
        catalog, ecosystem, ..
    } = question;
    let is_wanted = |published: &str| {
        applies(ecosystem, published)
            || Channel::of(ecosystem, question.version, published).is_some()
    };
    let read;
    let candidates: Vec<&Candidate<'c>> = match scope {
        Some(scope) => scope
            .entries(ecosystem.name(), lookup.name)
            .filter(|c| is_wanted(c.ecosystem))
            .collect(),
        None => {
            read = if question.negatives {
                catalog.candidates(ecosystem.name(), lookup.name)?
            } else {
                catalog.candidates_where(ecosystem.name(), lookup.name, is_wanted)?
            };
            read.iter().collect()
        }
    };
    let mut by_record: BTreeMap<AdvisoryIx, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in candidates {
        if !lookup.only_states || candidate.vendor_state.is_some() {
            by_record
                .entry(candidate.advisory)
                .or_default()
                .push(candidate);
        }
    }
    // Of an earlier look-up.
    let heard: HashSet<AdvisoryIx> = hearing.heard.iter().map(|h| h.ix).collect();
    for (ix, entries) in by_record {
        if !heard.contains(&ix) {
            ask(question, ix, &entries, hearing, matches)?;
        }
    }
    Ok(())
}
