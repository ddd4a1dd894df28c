//! What was heard of one package, grouped into vulnerabilities: which hold, by whose word, and why the others do not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use advisories::catalog::{AdvisoryIx, AdvisoryView, Candidate};
use advisories::join::in_id;
use advisories::model::{PRODUCT, VendorState};
use base::{CveId, Ecosystem};
use inventory::Package;

use crate::group::groups;
use crate::heard::{Elsewhere, Heard, Hearing};
use crate::matched::{Conflict, Decided, FixState, Match, Matches, Negative, Reason};
use crate::release::is_distribution;
use crate::trust::trust;
use crate::verdict::{EVERY_VERSION, Outside, Stretch, Word};

/// Groups what was heard into vulnerabilities.
pub(crate) fn conclude(
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    hearing: &Hearing<'_>,
    negatives: bool,
    matches: &mut Matches,
) {
    let heard = &hearing.heard;
    let own: Vec<Option<String>> = heard
        .iter()
        .map(|h| own_cve(&h.view).map(|cve| cve.to_string()))
        .collect();
    let keys: Vec<Vec<&str>> = heard
        .iter()
        .zip(&own)
        .map(|(h, own)| {
            std::iter::once(h.view.id)
                .chain(h.view.aliases.iter().copied())
                .chain(own.as_deref())
                .collect()
        })
        .collect();
    for group in groups(&keys) {
        let members: Vec<&Heard<'_>> = group.iter().map(|&i| &heard[i]).collect();
        match one_match(package, ecosystem, version, &members) {
            Some(found) => matches.affected.push(found),
            None if negatives => matches
                .not_affected
                .extend(members.iter().filter_map(|h| plain_negative(ecosystem, h))),
            None => {}
        }
    }
    clear(&cleared(heard), negatives, matches);
    extended(&hearing.elsewhere, negatives, matches);
    absorb_errata(&mut matches.affected);
    matches.affected.sort_by(|a, b| a.id.cmp(&b.id));
    matches.not_affected.sort_by(|a, b| a.id.cmp(&b.id));
}

/// The CVE that a record is the word on: `UBUNTU-CVE-2024-1`, or a document's word on one of many (`RHSA-2024:1/CVE-2024-1`).
pub(crate) fn own_cve(view: &AdvisoryView<'_>) -> Option<CveId> {
    let of_document = || view.id.rsplit_once('/')?.1.parse().ok();
    let own = in_id(view.id).or_else(of_document)?;
    (view.cves == [own]).then_some(own)
}

/// The match of a group, if any of its records counts the version as affected.
fn one_match(
    package: &Package,
    ecosystem: &Ecosystem,
    version: &str,
    members: &[&Heard<'_>],
) -> Option<Match> {
    let affected = counted(members);
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
        feed: decider.view.feed.to_owned(),
        advisories,
        decided: Decided {
            record: decider.view.id.to_owned(),
            range: stretch.range.clone(),
            event: stretch.event.clone(),
        },
        vendor_state: stretch.vendor_state,
        why: why(package, ecosystem, version, decider, stretch, members),
        fix_state: fix_state(ecosystem, &fixed, &affected),
        fixed,
        conflicts: members.iter().filter_map(|h| conflict(h)).collect(),
        informational: decider.view.informational.map(str::to_owned),
    })
}

/// The records whose "affected" counts, the most trusted first: not a weaker source's where anyone nearer speaks of the
/// package, and nobody's where a source that is trusted more says that it is not affected.
fn counted<'h, 'c>(members: &[&'h Heard<'c>]) -> Vec<(&'h Heard<'c>, &'h Stretch)> {
    let has_nearer = members.iter().any(|h| !trust(h.view.id).class.weaker);
    let cleared_by = members
        .iter()
        .filter(|h| is_cleared(h))
        .map(|h| trust(h.view.id).rank)
        .min();
    let mut affected: Vec<(&Heard<'_>, &Stretch)> = members
        .iter()
        .filter_map(|h| match &h.word {
            Word::Affected(stretch) => Some((*h, stretch)),
            Word::NotAffected(_) | Word::Undecided => None,
        })
        .filter(|(h, _)| {
            let trust = trust(h.view.id);
            let is_overruled = cleared_by.is_some_and(|rank| rank < trust.rank);
            !(is_overruled || trust.class.weaker && has_nearer)
        })
        .collect();
    affected.sort_by_key(|(h, _)| (trust(h.view.id).rank, h.view.id));
    affected
}

/// Whether the record is a vendor's statement that the package is not affected.
fn is_cleared(heard: &Heard<'_>) -> bool {
    matches!(&heard.word, Word::NotAffected(outside) if outside.reason == Some(Reason::Vex))
}

/// The CVEs that a vendor says the package does not have, with the record and its words; not those that a record on the
/// same CVE, trusted as much, counts as affected.
fn cleared<'h>(heard: &'h [Heard<'_>]) -> BTreeMap<CveId, (&'h str, &'h Outside)> {
    let mut cleared = BTreeMap::new();
    for statement in heard {
        let (Some(cve), Word::NotAffected(outside)) = (own_cve(&statement.view), &statement.word)
        else {
            continue;
        };
        if outside.reason == Some(Reason::Vex) {
            cleared.insert(cve, (statement.view.id, outside));
        }
    }
    for other in heard {
        if let (Some(cve), Word::Affected(_)) = (own_cve(&other.view), &other.word)
            && let Some((record, _)) = cleared.get(&cve)
            && trust(other.view.id).rank <= trust(record).rank
        {
            cleared.remove(&cve);
        }
    }
    cleared
}

/// Takes from each match the CVEs that the vendor's word on them clears; one that has none left is a negative.
fn clear(cleared: &BTreeMap<CveId, (&str, &Outside)>, negatives: bool, matches: &mut Matches) {
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for mut found in matches.affected.drain(..) {
        let (out, left): (Vec<CveId>, Vec<CveId>) =
            found.cves.iter().partition(|cve| cleared.contains_key(cve));
        match out.first().and_then(|cve| cleared.get(cve)) {
            None => kept.push(found),
            Some((record, outside)) if left.is_empty() => {
                let detail = format!("{record}: {}", outside.detail);
                gone.push(negative_of(&found, Reason::Vex, detail));
            }
            Some((record, _)) => {
                let names: Vec<String> = out.iter().map(ToString::to_string).collect();
                found.why = format!(
                    "{}; not affected by {} of it, says {record}",
                    found.why,
                    names.join(", ")
                );
                found.cves = left;
                kept.push(found);
            }
        }
    }
    matches.affected = kept;
    if negatives {
        matches.not_affected.extend(gone);
    }
}

/// A build of an extended channel has its fixes from there: a match whose CVEs are all fixed in it is none.
fn extended(elsewhere: &[Elsewhere], negatives: bool, matches: &mut Matches) {
    if elsewhere.is_empty() {
        return;
    }
    let mut by_cve: HashMap<CveId, &Elsewhere> = HashMap::new();
    for fix in elsewhere {
        for cve in &fix.cves {
            // The first that is in, else the first.
            let known = by_cve.entry(*cve).or_insert(fix);
            if fix.is_in && !known.is_in {
                *known = fix;
            }
        }
    }
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for mut found in matches.affected.drain(..) {
        let of_cve = |cve: &CveId| by_cve.get(cve).copied();
        let fixes: Vec<&Elsewhere> = found.cves.iter().filter_map(of_cve).collect();
        let is_complete = !found.cves.is_empty() && fixes.len() == found.cves.len();
        match fixes.first() {
            Some(first) if is_complete && fixes.iter().all(|e| e.is_in) => {
                let Elsewhere {
                    record,
                    channel,
                    fix,
                    ..
                } = first;
                let detail = format!("fixed in {fix} of {channel} ({record})");
                gone.push(negative_of(&found, Reason::FixedByBackport, detail));
            }
            Some(_) => {
                if let Some(open) = fixes.iter().find(|e| !e.is_in) {
                    let (channel, fix) = (&open.channel, &open.fix);
                    found.why = format!("{}; {channel} has it fixed in {fix}", found.why);
                }
                kept.push(found);
            }
            None => kept.push(found),
        }
    }
    matches.affected = kept;
    if negatives {
        matches.not_affected.extend(gone);
    }
}

fn negative_of(found: &Match, reason: Reason, detail: String) -> Negative {
    Negative {
        id: found.id.clone(),
        cves: found.cves.clone(),
        reason,
        detail,
        source: found.feed.clone(),
    }
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
    let generic = || (ecosystem.name() == PRODUCT).then(|| versions::scheme_or_generic(PRODUCT));
    let Some(scheme) = versions::scheme_for(ecosystem.name()).or_else(generic) else {
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
    members: &[&Heard<'_>],
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
    let mut why = format!("{subject}: {verdict}; {consequence}");
    let whose = by_whose_word(decider, members);
    for more in [&stretch.condition, &stretch.beside, &whose]
        .into_iter()
        .flatten()
    {
        why.push_str("; ");
        why.push_str(more);
    }
    why
}

/// Whose word it is, where that is a weaker source's or where others say otherwise.
fn by_whose_word(decider: &Heard<'_>, members: &[&Heard<'_>]) -> Option<String> {
    let class = trust(decider.view.id).class;
    if class.weaker {
        return Some(class.says.clone());
    }
    let others = members
        .iter()
        .filter(|h| matches!(h.word, Word::NotAffected(_)));
    let others: Vec<&str> = others.map(|h| h.view.id).collect();
    (!others.is_empty()).then(|| format!("{} against {}", class.says, others.join(", ")))
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

pub(crate) fn other_release(
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

pub(crate) fn negative(view: &AdvisoryView<'_>, reason: Reason, detail: String) -> Negative {
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
    let with_record: HashSet<CveId> = matches.iter().filter_map(record_of).collect();
    let is_absorbed = |m: &Match| {
        let is_bundle = !m.cves.is_empty() && record_of(m).is_none();
        is_bundle && m.cves.iter().all(|cve| with_record.contains(cve))
    };
    let absorbed: HashSet<usize> = (0..matches.len())
        .filter(|&i| is_absorbed(&matches[i]))
        .collect();
    if absorbed.is_empty() {
        return;
    }
    let mut on_cve: HashMap<CveId, Vec<usize>> = HashMap::new();
    for (i, m) in matches.iter().enumerate() {
        for cve in &m.cves {
            on_cve.entry(*cve).or_default().push(i);
        }
    }
    for i in 0..matches.len() {
        if !absorbed.contains(&i) {
            continue;
        }
        let (id, advisory) = (matches[i].id.clone(), matches[i].advisory);
        let sharing = matches[i].cves.iter().filter_map(|cve| on_cve.get(cve));
        let sharing: BTreeSet<usize> = sharing.flatten().copied().collect();
        for other in sharing.into_iter().filter(|&other| other != i) {
            matches[other].aliases.push(id.clone());
            matches[other].advisories.push(advisory);
        }
    }
    for m in matches.iter_mut() {
        m.aliases.sort_unstable();
        m.aliases.dedup();
    }
    let mut index = 0;
    matches.retain(|_| {
        index += 1;
        !absorbed.contains(&(index - 1))
    });
}

/// The CVE that the match is a record of alone (`CVE-2024-1`, `DEBIAN-CVE-2024-1`); a bundle has none.
fn record_of(m: &Match) -> Option<CveId> {
    CveId::find(&m.id).filter(|cve| m.cves == [*cve])
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = items.into_iter().collect();
    all.sort();
    all.dedup();
    all
}
