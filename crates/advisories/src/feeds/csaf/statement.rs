//! What one vulnerability of a CSAF document says of each package, as [`Affected`] entries.
//!
//! Of several builds that carry a fix for one package of one release and stream, the lowest is where it was fixed. A package
//! that is named without a fix keeps the vendor's reason; one that is not affected stays as a statement, so that matching
//! can say who cleared it.

use std::collections::{BTreeMap, HashMap};

use base::{Ecosystem, Kb, Limit, Note};
use versions::{Event, EventKind, Range, RangeKind, scheme_or_generic};

use super::subject::{Slot, Subject, Versions, subject};
use super::tree::Tree;
use super::{RemediationWire, VulnerabilityWire};
use crate::feeds::ledger::Ledger;
use crate::feeds::wire::{List, Text};
use crate::model::{Affected, MICROSOFT, VendorState};

/// The packages of a document by product id, each resolved once.
pub(super) struct Subjects<'t> {
    tree: Tree<'t>,
    known: HashMap<&'t str, Option<usize>>,
    all: Vec<Subject>,
}

/// What is said of one package.
#[derive(Default)]
struct Said {
    fixed: Vec<String>,
    affected: Vec<(Versions, Option<VendorState>)>,
    cleared: Vec<Versions>,
    investigated: Vec<Versions>,
    updates: Vec<Kb>,
}

/// One vulnerability's word.
#[derive(Default)]
pub(super) struct Word {
    /// Entries of distributions that say in which build it was fixed.
    pub(super) fixes: Vec<Affected>,
    /// Everything else.
    pub(super) others: Vec<Affected>,
}

impl<'t> Subjects<'t> {
    pub(super) fn new(tree: Tree<'t>) -> Self {
        Self {
            tree,
            known: HashMap::new(),
            all: Vec::new(),
        }
    }

    pub(super) fn tree(&self) -> &Tree<'t> {
        &self.tree
    }

    /// The package of a product id; what it is none for is counted once an id.
    pub(super) fn get(&mut self, id: &'t str, ledger: &mut Ledger) -> Option<&Subject> {
        let index = match self.known.get(id) {
            Some(known) => *known,
            None => {
                let found = self
                    .tree
                    .find(id)
                    .ok_or("product id that the tree does not have");
                let index = match found.and_then(|found| subject(&found)) {
                    Ok(subject) => {
                        self.all.push(subject);
                        Some(self.all.len() - 1)
                    }
                    Err(reason) => {
                        ledger.skip(reason);
                        None
                    }
                };
                self.known.insert(id, index);
                index
            }
        };
        index.map(|at| &self.all[at])
    }
}

/// The word of one vulnerability.
pub(super) fn word<'t>(
    vulnerability: &'t VulnerabilityWire<'t>,
    subjects: &mut Subjects<'t>,
    ledger: &mut Ledger,
) -> Word {
    let status = &vulnerability.status.value;
    let remedies = remedies(vulnerability, subjects.tree(), ledger);
    let mut said: BTreeMap<Slot, Said> = BTreeMap::new();
    let mut each = |lists: &[&'t List<Text<'t>>],
                    take: &mut dyn FnMut(&mut Said, Versions, &str)| {
        for id in lists.iter().flat_map(|list| &list.items).map(Text::trimmed) {
            let Some(subject) = subjects.get(id, ledger) else {
                continue;
            };
            let entry = match said.get_mut(&subject.slot) {
                Some(entry) => entry,
                None => said.entry(subject.slot.clone()).or_default(),
            };
            take(entry, subject.versions.clone(), id);
        }
    };
    each(
        &[&status.fixed, &status.first_fixed],
        &mut |said, versions, _| {
            if let Versions::One(version) = versions {
                said.fixed.push(version);
            }
        },
    );
    let affected = [
        &status.known_affected,
        &status.first_affected,
        &status.last_affected,
    ];
    each(&affected, &mut |said, versions, id| {
        let remedy = remedies.get(id);
        said.updates
            .extend(remedy.into_iter().flat_map(|r| r.updates.iter().copied()));
        let state = remedy.and_then(|r| r.state);
        said.affected.push((versions, state));
    });
    each(&[&status.known_not_affected], &mut |said, versions, _| {
        said.cleared.push(versions)
    });
    each(&[&status.under_investigation], &mut |said, versions, _| {
        said.investigated.push(versions)
    });
    let mut word = Word::default();
    for (slot, said) in said {
        said.entries(slot, &mut word);
    }
    word
}

impl Said {
    fn entries(mut self, slot: Slot, word: &mut Word) {
        let is_rpm = is_distribution(&slot);
        let has_fix = is_rpm && !self.fixed.is_empty();
        if has_fix && let Some(lowest) = lowest(&slot, std::mem::take(&mut self.fixed)) {
            let range = range(Some((EventKind::Fixed, lowest)));
            word.fixes.push(entry(&slot, vec![range], Vec::new(), None));
        }
        self.updates.sort_unstable();
        self.updates.dedup();
        for (state, versions) in by_state(self.affected) {
            let state = state.or(is_rpm.then_some(VendorState::NoFixYet));
            let mut entry = gathered(&slot, versions, state, false);
            entry.updates.clone_from(&self.updates);
            word.others.push(entry);
        }
        if !self.investigated.is_empty() {
            let state = Some(VendorState::UnderInvestigation);
            word.others
                .push(gathered(&slot, self.investigated, state, false));
        }
        // Builds of other errata that a fixed package is listed with say nothing that the fix does not.
        if !self.cleared.is_empty() && !has_fix {
            let state = Some(VendorState::NotAffected);
            word.others
                .push(gathered(&slot, self.cleared, state, is_rpm));
        }
    }
}

fn by_state(
    affected: Vec<(Versions, Option<VendorState>)>,
) -> BTreeMap<Option<VendorState>, Vec<Versions>> {
    let mut by_state: BTreeMap<Option<VendorState>, Vec<Versions>> = BTreeMap::new();
    for (versions, state) in affected {
        by_state.entry(state).or_default().push(versions);
    }
    by_state
}

/// One entry of all versions said together. `up_to` reads a single version as "this and every one before it": a build in
/// which a vendor found no vulnerable code was not made so by an update, or it would be listed as fixed.
fn gathered(slot: &Slot, said: Vec<Versions>, state: Option<VendorState>, up_to: bool) -> Affected {
    let (mut ranges, mut versions) = (Vec::new(), Vec::new());
    for said in said {
        match said {
            Versions::All => ranges.push(range(None)),
            Versions::Range(range) => ranges.push(range),
            Versions::One(version) => versions.push(version),
        }
    }
    versions.sort();
    versions.dedup();
    if up_to && !versions.is_empty() {
        let highest = highest(slot, std::mem::take(&mut versions));
        ranges.extend(highest.map(|v| range(Some((EventKind::LastAffected, v)))));
    }
    ranges.sort_by_cached_key(|range| format!("{range:?}"));
    ranges.dedup();
    entry(slot, ranges, versions, state)
}

fn entry(
    slot: &Slot,
    ranges: Vec<Range>,
    versions: Vec<String>,
    vendor_state: Option<VendorState>,
) -> Affected {
    // The version tells the stream of a build. Where every version is meant, the release has to.
    let ecosystem = match (&slot.stream, slot.ecosystem.release()) {
        (Some(stream), Some(release)) if vendor_state.is_some() => Ecosystem::with_release(
            slot.ecosystem.name(),
            &format!("{release}::module:{stream}"),
        ),
        _ => slot.ecosystem.clone(),
    };
    Affected {
        ecosystem,
        package: slot.package.clone(),
        ranges,
        versions,
        except: Vec::new(),
        scores: Vec::new(),
        updates: Vec::new(),
        component: None,
        vendor_state,
    }
}

fn range(end: Option<(EventKind, String)>) -> Range {
    let mut events = vec![Event {
        kind: EventKind::Introduced,
        version: "0".to_owned(),
    }];
    events.extend(end.map(|(kind, version)| Event { kind, version }));
    Range {
        kind: RangeKind::Ecosystem,
        events,
    }
}

fn is_distribution(slot: &Slot) -> bool {
    slot.ecosystem.release().is_some()
}

fn lowest(slot: &Slot, versions: Vec<String>) -> Option<String> {
    let scheme = scheme_or_generic(slot.ecosystem.name());
    let order = |a: &String, b: &String| scheme.compare(a, b).unwrap_or_else(|_| a.cmp(b));
    versions.into_iter().min_by(order)
}

fn highest(slot: &Slot, versions: Vec<String>) -> Option<String> {
    let scheme = scheme_or_generic(slot.ecosystem.name());
    let order = |a: &String, b: &String| scheme.compare(a, b).unwrap_or_else(|_| a.cmp(b));
    versions.into_iter().max_by(order)
}

/// What is to be done about a product.
#[derive(Default)]
struct Remedy {
    state: Option<VendorState>,
    updates: Vec<Kb>,
}

/// The most products of one vulnerability's remediations; groups let a short document name many.
const REMEDIED_MAX: Limit = Limit::new("csaf-remediated-products", 2_000_000);

fn remedies<'t>(
    vulnerability: &'t VulnerabilityWire<'t>,
    tree: &Tree<'t>,
    ledger: &mut Ledger,
) -> HashMap<&'t str, Remedy> {
    let mut remedies: HashMap<&str, Remedy> = HashMap::new();
    let mut named = 0;
    for wire in &vulnerability.remediations.items {
        let wire = &wire.value;
        let (state, kb) = (state(wire), kb(wire));
        if state.is_none() && kb.is_none() {
            continue;
        }
        for id in tree.ids(&wire.products, &wire.groups) {
            named += 1;
            if REMEDIED_MAX.is_exceeded_by(named) {
                let note = Note::warning("too many remediated products, the rest is left out");
                ledger.note(note.because_of(REMEDIED_MAX));
                return remedies;
            }
            let remedy = remedies.entry(id).or_default();
            remedy.state = remedy.state.or(state);
            remedy.updates.extend(kb);
        }
    }
    remedies
}

fn state(remediation: &RemediationWire<'_>) -> Option<VendorState> {
    match remediation.category.trimmed() {
        "none_available" | "fix_planned" => Some(VendorState::NoFixYet),
        "no_fix_planned" => {
            let details = remediation.details.trimmed().to_ascii_lowercase();
            let is_past_support = ["out of support", "end of life", "end-of-life"]
                .iter()
                .any(|words| details.contains(words));
            Some(if is_past_support {
                VendorState::EndOfLife
            } else if details.contains("deferred") {
                VendorState::NoFixYet
            } else {
                VendorState::WontFix
            })
        }
        _ => None,
    }
}

/// The update of Microsoft's that a remediation leads to: `…/Search.aspx?q=KB5044277`, `…/help/5044277`.
pub(super) fn kb(remediation: &RemediationWire<'_>) -> Option<Kb> {
    if remediation.category.trimmed() != "vendor_fix" {
        return None;
    }
    let texts = [remediation.url.trimmed(), remediation.details.trimmed()];
    let number = |text: &str, after: &str| {
        let (_, rest) = text.split_once(after)?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest[..digits].parse::<Kb>().ok()
    };
    texts.iter().find_map(|text| {
        let is_theirs = text.contains("microsoft.com/");
        let places = ["q=KB", "/help/", "/kb/", "/kb"];
        is_theirs.then(|| places.iter().find_map(|place| number(text, place)))?
    })
}

/// Whether a slot is one of Microsoft's products.
pub(super) fn is_microsoft(slot: &Slot) -> bool {
    slot.ecosystem.name() == MICROSOFT
}
