//! The updates of one product as a graph, and where a machine stands in it. Chains in the data have gaps, forks and cycles; every
//! walk remembers where it has been.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use advisories::model::Update;
use base::Kb;
use inventory::{Windows, WindowsBuild};
use jiff::civil::Date;

use super::standalone;

/// How many links of a chain are written out.
const CHAIN_SHOWN: usize = 6;

/// The updates of a product and those a machine has.
pub(super) struct ProductUpdates {
    known: BTreeMap<Kb, Update>,
    replaced_by: BTreeMap<Kb, Vec<Kb>>,
    /// What the machine lists. `None`: it lists nothing.
    installed: Option<BTreeSet<Kb>>,
    build: Option<WindowsBuild>,
    /// For each update that an installed one replaces: the one before it in the chain.
    reached_from: BTreeMap<Kb, Kb>,
    /// The newest cumulative update the machine is known to have.
    level: Option<(Date, Kb)>,
    is_cumulative: bool,
}

/// Whether any of the updates that close a hole is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// Yes, and how that is known.
    Yes(String),
    /// No.
    No,
    /// Neither the list nor the build tells.
    Unknown,
}

impl ProductUpdates {
    pub(super) fn new(updates: Vec<Update>, windows: &Windows, product: &str) -> Self {
        let known: BTreeMap<Kb, Update> = updates.into_iter().map(|u| (u.kb, u)).collect();
        let mut replaced_by: BTreeMap<Kb, Vec<Kb>> = BTreeMap::new();
        for update in known.values() {
            for &old in update.supersedes.iter().filter(|&&old| old != update.kb) {
                replaced_by.entry(old).or_default().push(update.kb);
            }
        }
        let installed: Option<BTreeSet<Kb>> = windows
            .updates
            .as_ref()
            .map(|all| all.iter().map(|u| u.kb).collect());
        let mut of_product = Self {
            known,
            replaced_by,
            installed,
            build: windows.build,
            reached_from: BTreeMap::new(),
            level: None,
            is_cumulative: is_cumulative(windows, product),
        };
        of_product.reached_from = of_product.walk_down();
        of_product.level = of_product.find_level();
        of_product
    }

    /// Whether the machine lists its updates.
    pub(super) const fn has_list(&self) -> bool {
        self.installed.is_some()
    }

    /// Whether one of the updates, each of which closes the hole, is there.
    pub(super) fn closed(&self, fixes: &[Kb]) -> Closed {
        let yes =
            |f: &dyn Fn(&Self, Kb) -> Option<String>| fixes.iter().find_map(|&kb| f(self, kb));
        let found = yes(&Self::by_build)
            .or_else(|| yes(&Self::by_list))
            .or_else(|| yes(&Self::by_chain))
            .or_else(|| yes(&Self::by_line));
        match found {
            Some(how) => Closed::Yes(how),
            None if self.has_list() || fixes.iter().any(|&kb| self.is_below(kb)) => Closed::No,
            None => Closed::Unknown,
        }
    }

    /// The newest update that holds the fix.
    pub(super) fn remedy(&self, fixes: &[Kb]) -> Kb {
        let on_line = fixes.iter().find(|&&kb| self.is_on_line(kb));
        let newest = self.known.values().filter(|u| self.is_on_line(u.kb));
        let newest = newest.max_by_key(|u| (self.released(u.kb), !u.supersedes.is_empty(), u.kb));
        if let (Some(&fix), Some(newest)) = (on_line, newest)
            && self.released(newest.kb) >= self.released(fix)
        {
            return newest.kb;
        }
        let tops = fixes.iter().map(|&fix| self.newest_above(fix));
        // There is no record without a fix here; the number alone is what is left to say if there were.
        tops.max_by_key(|&kb| (self.released(kb), kb))
            .unwrap_or(Kb::new(0))
    }

    /// `KB5094123 (2026-06-09)`.
    pub(super) fn dated(&self, kb: Kb) -> String {
        match self.released(kb) {
            Some(date) => format!("{kb} ({date})"),
            None => kb.to_string(),
        }
    }

    fn by_build(&self, fix: Kb) -> Option<String> {
        let (ours, theirs) = self.builds(fix)?;
        (ours >= theirs).then(|| {
            format!(
                "build {} is at or above {theirs}, the build with {}",
                self.build.map(|b| b.to_string()).unwrap_or_default(),
                self.dated(fix)
            )
        })
    }

    fn is_below(&self, fix: Kb) -> bool {
        self.builds(fix).is_some_and(|(ours, theirs)| ours < theirs)
    }

    /// Our build and the one after the fix, where both are known to the revision and of one release.
    fn builds(&self, fix: Kb) -> Option<(WindowsBuild, WindowsBuild)> {
        let ours = self.build.filter(|b| b.revision.is_some())?;
        let theirs: WindowsBuild = self.known.get(&fix)?.build.as_ref()?.parse().ok()?;
        let release = |b: WindowsBuild| (b.major, b.minor, b.build);
        (theirs.revision.is_some() && release(ours) == release(theirs)).then_some((ours, theirs))
    }

    fn by_list(&self, fix: Kb) -> Option<String> {
        let is_installed = self.installed.as_ref()?.contains(&fix);
        is_installed.then(|| format!("{} is installed", self.dated(fix)))
    }

    fn by_chain(&self, fix: Kb) -> Option<String> {
        let mut chain = vec![fix];
        let mut at = fix;
        while let Some(&newer) = self.reached_from.get(&at) {
            chain.push(newer);
            at = newer;
        }
        if chain.len() < 2 {
            return None;
        }
        chain.reverse();
        Some(format!(
            "{} is installed and replaces {fix}: {}",
            self.dated(chain[0]),
            written_out(&chain)
        ))
    }

    fn by_line(&self, fix: Kb) -> Option<String> {
        let (level, by) = self.level?;
        let released = self.released(fix)?;
        (self.is_on_line(fix) && level >= released).then(|| {
            format!(
                "{} is there; updates of this product are cumulative, so it holds {}",
                self.dated(by),
                self.dated(fix)
            )
        })
    }

    /// The date of an update. One that is replaced cannot be younger than what replaces it, whatever its own records say.
    fn released(&self, kb: Kb) -> Option<Date> {
        let own = self.known.get(&kb).and_then(|u| u.released);
        let successors = self.replaced_by.get(&kb).into_iter().flatten();
        let bound = successors
            .filter_map(|newer| self.known.get(newer)?.released)
            .min();
        match (own, bound) {
            (Some(own), Some(bound)) => Some(own.min(bound)),
            (own, _) => own,
        }
    }

    fn is_on_line(&self, kb: Kb) -> bool {
        self.is_cumulative && self.known.contains_key(&kb) && !standalone::is_standalone(kb)
    }

    /// From what is installed down every chain.
    fn walk_down(&self) -> BTreeMap<Kb, Kb> {
        let mut reached = BTreeMap::new();
        let mut open: VecDeque<Kb> = self.installed.iter().flatten().copied().collect();
        let installed = self.installed.clone().unwrap_or_default();
        while let Some(newer) = open.pop_front() {
            for &old in self
                .known
                .get(&newer)
                .into_iter()
                .flat_map(|u| &u.supersedes)
            {
                if !installed.contains(&old) && !reached.contains_key(&old) {
                    reached.insert(old, newer);
                    open.push_back(old);
                }
            }
        }
        reached
    }

    /// Up the chain from a fix to the newest update above it.
    fn newest_above(&self, fix: Kb) -> Kb {
        let (mut seen, mut open) = (BTreeSet::from([fix]), vec![fix]);
        while let Some(at) = open.pop() {
            for &newer in self.replaced_by.get(&at).into_iter().flatten() {
                if seen.insert(newer) {
                    open.push(newer);
                }
            }
        }
        let newest = seen.into_iter().max_by_key(|&kb| (self.released(kb), kb));
        newest.unwrap_or(fix)
    }

    fn find_level(&self) -> Option<(Date, Kb)> {
        let listed = self.installed.iter().flatten().copied();
        let by_build = self
            .known
            .keys()
            .copied()
            .filter(|&kb| self.by_build(kb).is_some());
        listed
            .chain(by_build)
            .filter(|&kb| self.is_on_line(kb))
            .filter_map(|kb| Some((self.released(kb)?, kb)))
            .max()
    }
}

/// Whether updates of the product hold all earlier ones: Windows itself since Windows 10, and what is updated with it.
fn is_cumulative(windows: &Windows, product: &str) -> bool {
    let name = product.to_ascii_lowercase();
    let is_windows = name.starts_with("windows ") || name.contains(" on windows ");
    is_windows && windows.build.is_some_and(|b| b.major >= 10)
}

/// The chain from the newest to the oldest, the middle left out where it is long.
fn written_out(chain: &[Kb]) -> String {
    let text = |part: &[Kb]| {
        let part: Vec<String> = part.iter().map(Kb::to_string).collect();
        part.join(" > ")
    };
    if chain.len() <= CHAIN_SHOWN {
        return text(chain);
    }
    let (head, tail) = (&chain[..3], &chain[chain.len() - 2..]);
    format!("{} > {} more > {}", text(head), chain.len() - 5, text(tail))
}
