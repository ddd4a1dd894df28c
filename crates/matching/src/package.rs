//! One package against the catalog.

use std::borrow::Cow;
use std::collections::BTreeMap;

use advisories::catalog::{AdvisoryIx, AdvisoryView, Candidate, Catalog, CatalogError};
use advisories::model::VendorState;
use base::{CveId, Ecosystem};
use inventory::{Host, Package};

use crate::epoch::completed;
use crate::group::{groups, nearness};
use crate::matched::{Conflict, Decided, FixState, Match, Matches, Negative, Reason};
use crate::modules::other_stream;
use crate::names::lookups;
use crate::release::{applies, is_distribution};
use crate::verdict::{EVERY_VERSION, Outside, Stretch, Word, word};
use crate::windows::Product;

/// How much matching one package should say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Also explain the records that name the package and do not hold for it.
    pub negatives: bool,
}

/// A record that names the package, with what it says of it.
struct Heard<'c> {
    ix: AdvisoryIx,
    view: AdvisoryView<'c>,
    word: Word,
}

/// Every vulnerability the package has on this host, and on request why the others are not. The host tells what a package alone
/// does not: which kernel runs, which updates of Windows are installed.
pub fn match_package(
    catalog: &Catalog,
    host: &Host,
    package: &Package,
    options: Options,
) -> Result<Matches, CatalogError> {
    let mut matches = Matches::default();
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
    let product = Product::of(catalog, host, package)?;
    let mut heard: Vec<Heard<'_>> = Vec::new();
    for lookup in lookups(package, version) {
        let question = Question {
            catalog,
            package,
            product: product.as_ref(),
            ecosystem,
            version: &lookup.version,
            options,
        };
        listen(question, lookup.name, &mut heard, &mut matches)?;
    }
    conclude(package, ecosystem, version, &heard, options, &mut matches);
    let undecided = heard.iter().filter(|h| h.word == Word::Undecided).count();
    if let (Some(product), 1..) = (&product, undecided) {
        matches.notes.push(product.undecided(undecided));
    }
    Ok(matches)
}

/// Asks every record that names the package what it says of the version.
fn listen<'c>(
    question: Question<'c, '_>,
    name: &str,
    heard: &mut Vec<Heard<'c>>,
    matches: &mut Matches,
) -> Result<(), CatalogError> {
    let Question {
        catalog, ecosystem, ..
    } = question;
    let candidates = if question.options.negatives {
        catalog.candidates(ecosystem.name(), name)?
    } else {
        catalog.candidates_where(ecosystem.name(), name, |published| {
            applies(ecosystem, published)
        })?
    };
    let mut by_record: BTreeMap<AdvisoryIx, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in &candidates {
        by_record
            .entry(candidate.advisory)
            .or_default()
            .push(candidate);
    }
    for (ix, entries) in by_record {
        if !heard.iter().any(|h| h.ix == ix) {
            heard.extend(ask(question, ix, &entries, matches)?);
        }
    }
    Ok(())
}

/// What one record is asked.
#[derive(Clone, Copy)]
struct Question<'c, 'q> {
    catalog: &'c Catalog,
    package: &'q Package,
    /// For a product of Microsoft, what its updates tell.
    product: Option<&'q Product<'q>>,
    ecosystem: &'q Ecosystem,
    version: &'q str,
    options: Options,
}

/// The answer of one record, unless it is about something else; then a negative, if those are wanted.
fn ask<'c>(
    question: Question<'c, '_>,
    ix: AdvisoryIx,
    entries: &[&Candidate<'_>],
    matches: &mut Matches,
) -> Result<Option<Heard<'c>>, CatalogError> {
    let Question {
        catalog,
        package,
        product,
        ecosystem,
        version,
        options,
    } = question;
    let ours: Vec<&Candidate<'_>> = entries
        .iter()
        .copied()
        .filter(|c| applies(ecosystem, c.ecosystem))
        .collect();
    if ours.is_empty() {
        if options.negatives {
            let view = catalog.advisory(ix)?;
            let negative = other_release(&view, ecosystem, entries);
            matches.not_affected.push(negative);
        }
        return Ok(None);
    }
    let version = completed(ecosystem, version, &ours);
    let epoch_is_assumed = matches!(version, Cow::Owned(_));
    let version = version.as_ref();
    let by_update = product.and_then(|p| p.word(&ours, version));
    let word = match by_update.map_or_else(|| word(&ours, ecosystem.name(), version), Ok) {
        Ok(Word::NotAffected(outside)) if epoch_is_assumed => {
            let detail = format!("{} (listed without an epoch)", outside.detail);
            Word::NotAffected(Outside { detail, ..outside })
        }
        Ok(word) => word,
        Err(why) => {
            let id = catalog.advisory(ix)?.id;
            let note = format!(
                "{} {version}: {id} could not be checked: {why}",
                package.name
            );
            matches.notes.push(note);
            return Ok(None);
        }
    };
    // Reading the record itself costs more than its ranges; for a plain "no" it is read only when someone asked.
    let is_no = matches!(word, Word::NotAffected(_));
    if is_no && !options.negatives && is_distribution(ecosystem.name()) {
        return Ok(None);
    }
    let view = catalog.advisory(ix)?;
    if is_no_security_record(&view) {
        return Ok(None);
    }
    if let Word::Affected(stretch) = &word
        && let Some(fixed) = &stretch.fixed
        && let Some(detail) = other_stream(package, version, fixed, view.summary)
    {
        if options.negatives {
            let negative = negative(&view, Reason::ModuleStream, detail);
            matches.not_affected.push(negative);
        }
        return Ok(None);
    }
    Ok(Some(Heard { ix, view, word }))
}

/// Bug-fix and enhancement errata stand in the same feeds as security ones. Without a CVE they are about no vulnerability.
fn is_no_security_record(view: &AdvisoryView<'_>) -> bool {
    const OTHER_ERRATA: [&str; 8] = [
        "ALBA-", "ALEA-", "ELBA-", "ELEA-", "RHBA-", "RHEA-", "RLBA-", "RLEA-",
    ];
    view.cves.is_empty()
        && OTHER_ERRATA
            .iter()
            .any(|prefix| view.id.starts_with(prefix))
}

/// Groups what was heard into vulnerabilities.
fn conclude(
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    heard: &[Heard<'_>],
    options: Options,
    matches: &mut Matches,
) {
    let keys: Vec<Vec<&str>> = heard
        .iter()
        .map(|h| {
            std::iter::once(h.view.id)
                .chain(h.view.aliases.iter().copied())
                .collect()
        })
        .collect();
    for group in groups(&keys) {
        let members: Vec<&Heard<'_>> = group.iter().map(|&i| &heard[i]).collect();
        match one_match(package, ecosystem, version, &members) {
            Some(found) => matches.affected.push(found),
            None if options.negatives => matches
                .not_affected
                .extend(members.iter().filter_map(|h| plain_negative(ecosystem, h))),
            None => {}
        }
    }
    absorb_errata(&mut matches.affected);
    matches.affected.sort_by(|a, b| a.id.cmp(&b.id));
    matches.not_affected.sort_by(|a, b| a.id.cmp(&b.id));
}

/// The match of a group, if any of its records counts the version as affected.
fn one_match(
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    members: &[&Heard<'_>],
) -> Option<Match> {
    let mut affected: Vec<(&Heard<'_>, &Stretch)> = members
        .iter()
        .filter_map(|h| match &h.word {
            Word::Affected(stretch) => Some((*h, stretch)),
            Word::NotAffected(_) | Word::Undecided => None,
        })
        .collect();
    affected.sort_by_key(|(h, _)| (nearness(h.view.id), h.view.id));
    let (decider, stretch) = affected.first().copied()?;
    let ids = members
        .iter()
        .flat_map(|h| std::iter::once(h.view.id).chain(h.view.aliases.iter().copied()));
    let aliases = sorted(ids.filter(|id| *id != decider.view.id).map(str::to_owned));
    let fixed = fixed_versions(ecosystem, &affected);
    let mut advisories: Vec<AdvisoryIx> = affected.iter().map(|(h, _)| h.ix).collect();
    advisories.extend(
        members
            .iter()
            .map(|h| h.ix)
            .filter(|ix| !affected.iter().any(|(h, _)| h.ix == *ix)),
    );
    Some(Match {
        id: decider.view.id.to_owned(),
        aliases,
        cves: sorted(members.iter().flat_map(|h| h.view.cves.iter().copied())),
        advisory: decider.ix,
        advisories,
        decided: Decided {
            record: decider.view.id.to_owned(),
            range: stretch.range.clone(),
            event: stretch.event.clone(),
        },
        vendor_state: stretch.vendor_state,
        why: why(package, ecosystem, version, decider, stretch),
        fix_state: fix_state(ecosystem, &fixed, &affected),
        fixed,
        conflicts: members.iter().filter_map(|h| conflict(h)).collect(),
        informational: decider.view.informational.map(str::to_owned),
    })
}

fn conflict(heard: &Heard<'_>) -> Option<Conflict> {
    match &heard.word {
        Word::NotAffected(outside) => Some(Conflict {
            record: heard.view.id.to_owned(),
            says: outside.detail.clone(),
        }),
        Word::Affected(_) | Word::Undecided => None,
    }
}

/// The version that ends every affected stretch: records of one vulnerability may name different fixes, and only the highest
/// satisfies all of them. Where the ecosystem has no order, every version named.
fn fixed_versions(ecosystem: &Ecosystem, affected: &[(&Heard<'_>, &Stretch)]) -> Vec<String> {
    let mut fixed = sorted(affected.iter().filter_map(|(_, s)| s.fixed.clone()));
    let Some(scheme) = versions::scheme_for(ecosystem.name()) else {
        return fixed;
    };
    fixed.sort_by(|a, b| scheme.compare(a, b).unwrap_or_else(|_| a.cmp(b)));
    fixed.pop().into_iter().collect()
}

fn fix_state(
    ecosystem: &Ecosystem,
    fixed: &[String],
    affected: &[(&Heard<'_>, &Stretch)],
) -> FixState {
    if !fixed.is_empty() {
        return FixState::Fixed;
    }
    let vendor = affected.iter().find_map(|(_, s)| s.vendor_state);
    match vendor {
        Some(VendorState::EndOfLife) => FixState::EndOfLife,
        Some(VendorState::WontFix) => FixState::WontFix,
        Some(VendorState::Unimportant | VendorState::NoFixYet | VendorState::NotAffected) => {
            FixState::None
        }
        Some(VendorState::UnderInvestigation) => FixState::Unknown,
        None if affected.iter().any(|(_, s)| s.has_last_affected) => FixState::Unknown,
        None if is_distribution(ecosystem.name()) => FixState::None,
        None => FixState::Unknown,
    }
}

fn why(
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    decider: &Heard<'_>,
    stretch: &Stretch,
) -> String {
    if let Some(why) = &stretch.why {
        return why.clone();
    }
    let id = decider.view.id;
    let subject = match &package.source {
        Some(source) if source.name != package.name => {
            format!("{} {version} (from source {})", package.name, source.name)
        }
        _ => format!("{} {version}", package.name),
    };
    let consequence = match (&stretch.fixed, stretch.vendor_state) {
        (Some(fixed), _) => format!("fixed in {fixed}"),
        (None, Some(VendorState::Unimportant)) => {
            "no fix; the vendor rates it unimportant".to_owned()
        }
        (None, Some(VendorState::EndOfLife)) => {
            "no fix; the vendor no longer supports it".to_owned()
        }
        (None, Some(VendorState::WontFix)) => "the vendor will not fix it".to_owned(),
        (None, Some(VendorState::NoFixYet)) => "the vendor has no fix yet".to_owned(),
        (None, Some(VendorState::UnderInvestigation)) => {
            "the vendor has not said yet whether it is affected".to_owned()
        }
        (None, None) if stretch.has_last_affected => {
            "versions above the last affected one are not known to be affected".to_owned()
        }
        (None, Some(VendorState::NotAffected) | None) => "no fix named".to_owned(),
    };
    let verdict = match stretch.range.as_str() {
        EVERY_VERSION => format!("every version of it is affected by {id} in {ecosystem}"),
        range => format!("it is in the range {range} of {id} for {ecosystem}"),
    };
    format!("{subject}: {verdict}; {consequence}")
}

fn plain_negative(ecosystem: &Ecosystem, heard: &Heard<'_>) -> Option<Negative> {
    let Word::NotAffected(outside) = &heard.word else {
        return None;
    };
    Some(negative(
        &heard.view,
        outside
            .reason
            .unwrap_or_else(|| negative_reason(ecosystem, outside)),
        outside.detail.clone(),
    ))
}

/// A fix that came as the distribution's own revision is a backport; anything else is a plain "not in range".
fn negative_reason(ecosystem: &Ecosystem, outside: &Outside) -> Reason {
    let Some(fixed) = &outside.fixed else {
        return Reason::NotInRange;
    };
    let is_backport = match ecosystem.name() {
        "Debian" | "Ubuntu" => ["+deb", "~deb", "ubuntu", "~bpo"]
            .iter()
            .any(|m| fixed.contains(m)),
        "Red Hat" | "AlmaLinux" | "Rocky Linux" | "Oracle" => {
            [".el", ".module"].iter().any(|m| fixed.contains(m))
        }
        "SUSE" | "openSUSE" | "Azure Linux" | "Photon OS" | "openEuler" | "Mageia" => {
            fixed.contains('-')
        }
        "Alpine" | "Wolfi" | "Chainguard" => fixed
            .rsplit_once("-r")
            .is_some_and(|(_, revision)| revision != "0"),
        _ => false,
    };
    if is_backport {
        Reason::FixedByBackport
    } else {
        Reason::NotInRange
    }
}

fn other_release(
    view: &AdvisoryView<'_>,
    ecosystem: &Ecosystem,
    entries: &[&Candidate<'_>],
) -> Negative {
    let releases = sorted(entries.iter().map(|c| c.ecosystem.to_owned()));
    let shown = releases
        .iter()
        .take(4)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let rest = releases.len().saturating_sub(4);
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    negative(
        view,
        Reason::OtherRelease,
        format!("the record is about {shown}{more}, the host is {ecosystem}"),
    )
}

fn negative(view: &AdvisoryView<'_>, reason: Reason, detail: String) -> Negative {
    Negative {
        id: view.id.to_owned(),
        cves: view.cves.clone(),
        reason,
        detail,
        source: view.feed.to_owned(),
    }
}

/// An erratum that bundles CVEs says nothing more where each of its CVEs has a record of its own that matched: it becomes
/// an alias of those.
fn absorb_errata(matches: &mut Vec<Match>) {
    let covered_elsewhere = |erratum: &Match, all: &[Match]| {
        erratum.cves.iter().all(|cve| {
            all.iter()
                .any(|m| m.id != erratum.id && is_record_of(m, *cve))
        })
    };
    let absorbed: Vec<usize> = (0..matches.len())
        .filter(|&i| {
            let m = &matches[i];
            !m.cves.is_empty()
                && !m.cves.iter().any(|c| is_record_of(m, *c))
                && covered_elsewhere(m, matches)
        })
        .collect();
    for &i in &absorbed {
        let erratum = matches[i].clone();
        for m in matches
            .iter_mut()
            .filter(|m| m.id != erratum.id && m.cves.iter().any(|c| erratum.cves.contains(c)))
        {
            m.aliases = sorted(m.aliases.drain(..).chain([erratum.id.clone()]));
            m.advisories.push(erratum.advisory);
        }
    }
    let mut index = 0;
    matches.retain(|_| {
        index += 1;
        !absorbed.contains(&(index - 1))
    });
}

/// Whether the match is a record of exactly this CVE (`CVE-2024-1`, `DEBIAN-CVE-2024-1`), not a bundle.
fn is_record_of(m: &Match, cve: CveId) -> bool {
    CveId::find(&m.id) == Some(cve) && m.cves == [cve]
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = items.into_iter().collect();
    all.sort();
    all.dedup();
    all
}
