//! The model with interned texts: what a build holds of each record. The derived orders decide which of two copies wins
//! and how entries are grouped, so they hold only after every symbol was ranked.

use base::{CveId, Kb, Severity};
use jiff::Timestamp;
use jiff::civil::Date;
use versions::{EventKind, Range, RangeKind};

use super::strings::{Interner, Ranking, Symbol};
use crate::model::{
    Advisory, Affected, CveRecord, CvssVector, Exploitation, KevEntry, MICROSOFT, Update,
    VendorState,
};
use crate::names;

/// Something that holds symbols which are ranked before they are compared.
pub(super) trait Ranked {
    /// Replaces every symbol by its rank.
    fn rank(&mut self, ranking: &Ranking);
}

impl Ranked for Symbol {
    fn rank(&mut self, ranking: &Ranking) {
        ranking.apply(self);
    }
}

impl<T: Ranked> Ranked for [T] {
    fn rank(&mut self, ranking: &Ranking) {
        self.iter_mut().for_each(|item| item.rank(ranking));
    }
}

/// A CVSS vector and who scored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedScore {
    pub(super) vector: Symbol,
    pub(super) source: Symbol,
}

impl PackedScore {
    fn pack(texts: &mut Interner, scores: &[CvssVector]) -> Box<[Self]> {
        let pack = |s: &CvssVector| Self {
            vector: texts.intern(&s.vector),
            source: texts.intern(&s.source),
        };
        scores.iter().map(pack).collect()
    }
}

impl Ranked for PackedScore {
    fn rank(&mut self, ranking: &Ranking) {
        self.vector.rank(ranking);
        self.source.rank(ranking);
    }
}

/// A version range; the numbers are the codes of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedRange {
    pub(super) kind: u8,
    pub(super) events: Box<[(Symbol, u8)]>,
}

/// The code of a range kind in the file.
const fn kind_code(kind: RangeKind) -> u8 {
    match kind {
        RangeKind::Semver => 0,
        RangeKind::Ecosystem => 1,
        RangeKind::Git => 2,
    }
}

/// The range kind of a code.
pub(super) const fn kind_of(code: u64) -> Option<RangeKind> {
    match code {
        0 => Some(RangeKind::Semver),
        1 => Some(RangeKind::Ecosystem),
        2 => Some(RangeKind::Git),
        _ => None,
    }
}

const fn event_code(kind: EventKind) -> u8 {
    match kind {
        EventKind::Introduced => 0,
        EventKind::Fixed => 1,
        EventKind::LastAffected => 2,
        EventKind::Limit => 3,
    }
}

/// The event kind of the two bits of a code.
pub(super) const fn event_of(code: u64) -> EventKind {
    match code & 3 {
        0 => EventKind::Introduced,
        1 => EventKind::Fixed,
        2 => EventKind::LastAffected,
        _ => EventKind::Limit,
    }
}

const fn state_code(state: Option<VendorState>) -> u8 {
    match state {
        None => 0,
        Some(VendorState::Unimportant) => 1,
        Some(VendorState::EndOfLife) => 2,
        Some(VendorState::WontFix) => 3,
        Some(VendorState::NoFixYet) => 4,
        Some(VendorState::UnderInvestigation) => 5,
        Some(VendorState::NotAffected) => 6,
    }
}

/// The vendor state of the three bits of a code.
pub(super) const fn state_of(code: u8) -> Option<VendorState> {
    match code & 7 {
        0 => None,
        1 => Some(VendorState::Unimportant),
        2 => Some(VendorState::EndOfLife),
        3 => Some(VendorState::WontFix),
        4 => Some(VendorState::NoFixYet),
        5 => Some(VendorState::UnderInvestigation),
        // A code that nobody writes clears nothing.
        6 => Some(VendorState::NotAffected),
        _ => None,
    }
}

impl PackedRange {
    fn pack(texts: &mut Interner, range: &Range) -> Self {
        let events = range
            .events
            .iter()
            .map(|e| (texts.intern(&e.version), event_code(e.kind)))
            .collect();
        Self {
            kind: kind_code(range.kind),
            events,
        }
    }
}

impl Ranked for PackedRange {
    fn rank(&mut self, ranking: &Ranking) {
        self.events
            .iter_mut()
            .for_each(|(version, _)| version.rank(ranking));
    }
}

/// What an affected entry says, without the release it says it of: distributions repeat it for many releases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Statement {
    pub(super) package: Symbol,
    pub(super) ranges: Box<[PackedRange]>,
    pub(super) versions: Box<[Symbol]>,
    pub(super) except: Box<[Symbol]>,
    pub(super) scores: Box<[PackedScore]>,
    pub(super) component: Option<Symbol>,
    pub(super) updates: Box<[Kb]>,
    pub(super) state: u8,
}

/// One affected entry. The order puts entries that differ only in the release next to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedAffected {
    /// The ecosystem's name without the release.
    pub(super) name: Symbol,
    /// The package name, normalised.
    pub(super) key_package: Symbol,
    pub(super) statement: Statement,
    /// As published, with the release.
    pub(super) ecosystem: Symbol,
}

impl PackedAffected {
    fn pack(texts: &mut Interner, affected: &Affected) -> Self {
        // `name:` and `name` are the same ecosystem; printing tells them apart, so the text is trimmed.
        let printed = affected.ecosystem.to_string();
        let published = printed.strip_suffix(':').unwrap_or(&printed);
        let name = published.split(':').next().unwrap_or(published);
        Self {
            name: texts.intern(name),
            key_package: texts.intern(&names::normalise(name, &affected.package)),
            statement: Statement {
                package: texts.intern(&affected.package),
                ranges: affected
                    .ranges
                    .iter()
                    .map(|r| PackedRange::pack(texts, r))
                    .collect(),
                versions: affected.versions.iter().map(|v| texts.intern(v)).collect(),
                except: affected.except.iter().map(|v| texts.intern(v)).collect(),
                scores: PackedScore::pack(texts, &affected.scores),
                component: affected.component.as_deref().map(|c| texts.intern(c)),
                updates: sorted_kbs(&affected.updates),
                state: state_code(affected.vendor_state),
            },
            ecosystem: texts.intern(published),
        }
    }
}

impl Ranked for PackedAffected {
    fn rank(&mut self, ranking: &Ranking) {
        self.name.rank(ranking);
        self.key_package.rank(ranking);
        self.ecosystem.rank(ranking);
        let statement = &mut self.statement;
        statement.package.rank(ranking);
        statement.ranges.rank(ranking);
        statement.versions.rank(ranking);
        statement.except.rank(ranking);
        statement.scores.rank(ranking);
        statement
            .component
            .iter_mut()
            .for_each(|component| component.rank(ranking));
    }
}

/// An advisory without its id. `modified` stands first: the greatest copy is the newest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedAdvisory {
    pub(super) modified: Option<Timestamp>,
    pub(super) published: Option<Timestamp>,
    pub(super) withdrawn: Option<Timestamp>,
    pub(super) severity: Option<Severity>,
    pub(super) informational: Option<Symbol>,
    /// Who says so, and since when.
    pub(super) exploited: Option<(Symbol, Option<Date>)>,
    pub(super) aliases: Box<[Symbol]>,
    pub(super) related: Box<[Symbol]>,
    pub(super) upstream: Box<[Symbol]>,
    pub(super) summary: Symbol,
    pub(super) scores: Box<[PackedScore]>,
    pub(super) references: Box<[Symbol]>,
    pub(super) cves: Box<[CveId]>,
    /// Sorted and without doubles once ranked.
    pub(super) affected: Vec<PackedAffected>,
}

impl PackedAdvisory {
    pub(super) fn pack(texts: &mut Interner, advisory: &Advisory) -> Self {
        let mut list = |items: &[String]| {
            items
                .iter()
                .map(|i| texts.intern(i))
                .collect::<Box<[Symbol]>>()
        };
        let mut cves = advisory.cves();
        cves.sort_unstable();
        Self {
            modified: advisory.modified,
            published: advisory.published,
            withdrawn: advisory.withdrawn,
            severity: advisory.severity,
            aliases: list(&advisory.aliases),
            related: list(&advisory.related),
            upstream: list(&advisory.upstream),
            references: list(&advisory.references),
            informational: advisory
                .informational
                .as_deref()
                .map(|word| texts.intern(word)),
            exploited: advisory
                .exploited
                .as_ref()
                .map(|claim| (texts.intern(&claim.says), claim.since)),
            summary: texts.intern(&advisory.summary),
            scores: PackedScore::pack(texts, &advisory.scores),
            cves: cves.into(),
            affected: advisory
                .affected
                .iter()
                .map(|a| PackedAffected::pack(texts, a))
                .collect(),
        }
    }
}

impl Ranked for PackedAdvisory {
    fn rank(&mut self, ranking: &Ranking) {
        for list in [
            &mut self.aliases,
            &mut self.related,
            &mut self.upstream,
            &mut self.references,
        ] {
            list.rank(ranking);
        }
        self.summary.rank(ranking);
        self.informational
            .iter_mut()
            .for_each(|word| word.rank(ranking));
        self.exploited
            .iter_mut()
            .for_each(|(says, _)| says.rank(ranking));
        self.scores.rank(ranking);
        self.affected.iter_mut().for_each(|affected| {
            affected.rank(ranking);
            affected.statement.versions.sort_unstable();
            affected.statement.except.sort_unstable();
        });
        self.affected.sort_unstable();
        self.affected.dedup();
    }
}

/// A KEV row without its CVE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedKev {
    pub(super) added: Date,
    pub(super) due: Option<Date>,
    pub(super) ransomware: Option<bool>,
    pub(super) vendor: Symbol,
    pub(super) product: Symbol,
    pub(super) name: Symbol,
}

impl PackedKev {
    pub(super) fn pack(texts: &mut Interner, entry: &KevEntry) -> Self {
        Self {
            added: entry.added,
            due: entry.due,
            ransomware: entry.ransomware,
            vendor: texts.intern(&entry.vendor),
            product: texts.intern(&entry.product),
            name: texts.intern(&entry.name),
        }
    }
}

impl Ranked for PackedKev {
    fn rank(&mut self, ranking: &Ranking) {
        [&mut self.vendor, &mut self.product, &mut self.name]
            .into_iter()
            .for_each(|s| s.rank(ranking));
    }
}

fn sorted_kbs(kbs: &[Kb]) -> Box<[Kb]> {
    let mut kbs = kbs.to_vec();
    kbs.sort_unstable();
    kbs.dedup();
    kbs.into()
}

/// An update of a product. The product's key and the number stand first: those of one update lie side by side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedUpdate {
    /// The product's name, normalised.
    pub(super) key: Symbol,
    pub(super) kb: Kb,
    pub(super) product: Symbol,
    pub(super) released: Option<Date>,
    pub(super) build: Option<Symbol>,
    pub(super) component: Symbol,
    pub(super) supersedes: Box<[Kb]>,
}

impl PackedUpdate {
    pub(super) fn pack(texts: &mut Interner, update: &Update) -> Self {
        Self {
            key: texts.intern(&names::normalise(MICROSOFT, &update.product)),
            kb: update.kb,
            product: texts.intern(&update.product),
            released: update.released,
            build: update.build.as_deref().map(|build| texts.intern(build)),
            component: texts.intern(&update.component),
            supersedes: sorted_kbs(&update.supersedes),
        }
    }

    /// Takes over what another document of the feed says of the same update: the earliest date, and everything it replaces.
    pub(super) fn absorb(&mut self, other: Self) {
        self.released = match (self.released, other.released) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.build = self.build.max(other.build);
        self.component = self.component.max(other.component);
        let all = [&self.supersedes[..], &other.supersedes].concat();
        self.supersedes = sorted_kbs(&all);
    }
}

impl Ranked for PackedUpdate {
    fn rank(&mut self, ranking: &Ranking) {
        [&mut self.key, &mut self.product, &mut self.component]
            .into_iter()
            .chain(&mut self.build)
            .for_each(|symbol| symbol.rank(ranking));
    }
}

/// SSVC points in an order, which the model has no need of.
pub(super) type PackedSsvc = (
    Option<Timestamp>,
    Option<Exploitation>,
    Option<bool>,
    Option<bool>,
);

/// A CVE record without its CVE. `modified` stands first: the greatest copy is the newest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PackedCve {
    pub(super) modified: Option<Timestamp>,
    pub(super) published: Option<Timestamp>,
    pub(super) rejected: bool,
    pub(super) summary: Symbol,
    pub(super) scores: Box<[PackedScore]>,
    pub(super) ssvc: Option<PackedSsvc>,
}

impl PackedCve {
    pub(super) fn pack(texts: &mut Interner, record: &CveRecord) -> Self {
        Self {
            modified: record.modified,
            published: record.published,
            rejected: record.rejected,
            summary: texts.intern(&record.summary),
            scores: PackedScore::pack(texts, &record.scores),
            ssvc: record
                .ssvc
                .map(|s| (s.at, s.exploitation, s.automatable, s.total_impact)),
        }
    }
}

impl Ranked for PackedCve {
    fn rank(&mut self, ranking: &Ranking) {
        self.summary.rank(ranking);
        self.scores.rank(ranking);
    }
}
