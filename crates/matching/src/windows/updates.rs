//! The updates of one product as a graph, and where a machine stands in it. Chains in the data have gaps, forks and cycles; every
//! walk remembers where it has been.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use advisories::model::Update;
use base::Kb;
use inventory::{Windows, WindowsBuild};
use jiff::civil::Date;

use super::baselines::baselines;
use super::standalone;

/// How many links of a chain are written out.
const CHAIN_SHOWN: usize = 6;

/// The updates of a product and those a machine has.
pub(super) struct ProductUpdates {
    known: BTreeMap<Kb, Update>,
    replaced_by: BTreeMap<Kb, Vec<Kb>>,
    /// What the machine lists. `None`: it lists nothing.
    installed: Option<BTreeSet<Kb>>,
    /// Where the list broke off: numbers whose text sorts behind this may be installed without being in it.
    cut_after: Option<String>,
    build: Option<WindowsBuild>,
    /// For each update that an installed one replaces: the one before it in the chain.
    reached_from: BTreeMap<Kb, Kb>,
    /// The newest cumulative update the machine is known to have.
    level: Option<(Date, Kb)>,
    is_cumulative: bool,
    /// How many records name each update.
    named: BTreeMap<Kb, usize>,
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
    pub(super) fn new(
        updates: Vec<Update>,
        named: BTreeMap<Kb, usize>,
        windows: &Windows,
        product: &str,
    ) -> Self {
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
        let cut_after = cut_after(windows, installed.as_ref());
        let mut of_product = Self {
            cut_after,
            known,
            replaced_by,
            installed,
            build: windows.build,
            reached_from: BTreeMap::new(),
            level: None,
            is_cumulative: is_cumulative(windows, product),
            named,
        };
        of_product.reached_from = of_product.walk_down();
        of_product.level = of_product.find_level();
        of_product
    }

    /// Whether the product's list has the update, at least as one that another replaces.
    pub(super) fn knows(&self, kb: Kb) -> bool {
        self.known.contains_key(&kb) || self.replaced_by.contains_key(&kb)
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
            .or_else(|| yes(&Self::by_baseline))
            .or_else(|| yes(&Self::by_line));
        match found {
            Some(how) => Closed::Yes(how),
            None if self.has_list() || fixes.iter().any(|&kb| self.is_below(kb)) => Closed::No,
            None => Closed::Unknown,
        }
    }

    /// Whether the fix, or an update that holds it, may be in the part of the list that broke off.
    pub(super) fn may_be_cut(&self, fixes: &[Kb]) -> bool {
        let Some(last) = &self.cut_after else {
            return false;
        };
        let holds = fixes.iter().flat_map(|&fix| self.all_above(fix));
        holds.map(|kb| kb.to_string()).any(|kb| kb > *last)
    }

    /// The newest update that holds the fix.
    pub(super) fn remedy(&self, fixes: &[Kb]) -> Kb {
        let on_line = fixes.iter().find(|&&kb| self.is_on_line(kb));
        let newest = self.known.values().filter(|u| self.is_on_line(u.kb));
        // Of several of one day the one that closes most: records name updates of other products by mistake, and hotpatches beside
        // the update for everyone.
        let newest = newest.max_by_key(|u| (self.released(u.kb), self.named.get(&u.kb), u.kb));
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

    fn by_baseline(&self, fix: Kb) -> Option<String> {
        let (installed, released) = (self.installed.as_ref()?, self.released(fix)?);
        let mut held = baselines()
            .iter()
            .filter(|(kb, day)| installed.contains(kb) && released <= *day);
        let (kb, day) = held.next()?;
        Some(format!(
            "{kb} ({day}) is installed and holds all updates before it, {} among them",
            self.dated(fix)
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

    /// The date of an update, at the latest. One that is replaced cannot be younger than what replaces it, whatever its own records say.
    fn released(&self, kb: Kb) -> Option<Date> {
        let own = self.known.get(&kb).and_then(|u| u.released);
        let successors = self.replaced_by.get(&kb).into_iter().flatten();
        let bound = successors
            .filter_map(|newer| self.known.get(newer)?.released)
            .min();
        match (own, bound) {
            (Some(own), Some(bound)) => Some(own.min(bound)),
            (own, bound) => own.or(bound),
        }
    }

    fn is_on_line(&self, kb: Kb) -> bool {
        self.is_cumulative && self.knows(kb) && !standalone::is_standalone(kb)
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
        let all = self.all_above(fix).into_iter();
        all.max_by_key(|&kb| (self.released(kb), kb)).unwrap_or(fix)
    }

    /// The fix and every update that replaces it.
    fn all_above(&self, fix: Kb) -> BTreeSet<Kb> {
        let (mut seen, mut open) = (BTreeSet::from([fix]), vec![fix]);
        while let Some(at) = open.pop() {
            for &newer in self.replaced_by.get(&at).into_iter().flatten() {
                if seen.insert(newer) {
                    open.push(newer);
                }
            }
        }
        seen
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
            // The date of one that is only known to be replaced is a bound from above: too late to count from.
            .filter(|&kb| self.is_on_line(kb) && self.known.contains_key(&kb))
            .filter_map(|kb| Some((self.released(kb)?, kb)))
            .max()
    }
}

/// `systeminfo` prints updates in the order of their text and stops in the middle of a long list.
fn cut_after(windows: &Windows, installed: Option<&BTreeSet<Kb>>) -> Option<String> {
    let listed = installed.filter(|_| windows.updates_cut)?;
    listed.iter().map(Kb::to_string).max()
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

#[cfg(test)]
mod tests {
    use inventory::InstalledUpdate;
    use jiff::civil::date;

    use super::*;

    /// `number month/year > replaced, replaced @build`.
    fn update(text: &str) -> Update {
        let (text, build) = text
            .split_once(" @")
            .map_or((text, None), |(t, b)| (t, Some(b)));
        let (head, replaced) = text.split_once(" > ").unwrap_or((text, ""));
        let (number, day) = head.split_once(' ').unwrap_or((head, ""));
        let day = day
            .split_once('/')
            .map(|(month, year)| date(year.parse().unwrap(), month.parse().unwrap(), 10));
        Update {
            product: "Windows Server 2019".to_owned(),
            kb: number.parse().unwrap(),
            released: day,
            supersedes: replaced
                .split(", ")
                .filter_map(|kb| kb.parse().ok())
                .collect(),
            build: build.map(str::to_owned),
            component: String::new(),
        }
    }

    fn machine(build: &str, installed: Option<&[u32]>) -> Windows {
        let listed = |kb: &u32| InstalledUpdate {
            kb: Kb::new(*kb),
            installed: None,
        };
        Windows {
            build: build.parse().ok(),
            updates: installed.map(|all| all.iter().map(listed).collect()),
            ..Windows::default()
        }
    }

    fn on(updates: &[&str], build: &str, installed: Option<&[u32]>) -> ProductUpdates {
        let updates = updates.iter().map(|u| update(u)).collect();
        ProductUpdates::new(
            updates,
            BTreeMap::new(),
            &machine(build, installed),
            "Windows Server 2019",
        )
    }

    fn check(of_product: &ProductUpdates, fix: u32, expected: &str) {
        let got = match of_product.closed(&[Kb::new(fix)]) {
            Closed::Yes(how) => how,
            Closed::No => "no".to_owned(),
            Closed::Unknown => "unknown".to_owned(),
        };
        assert!(got.contains(expected), "{got}");
    }

    /// As published for Server 2019: the chain breaks between 40003 and 40002.
    const BROKEN: [&str; 5] = [
        "40001 1/2025",
        "40002 2/2025 > 40001",
        "40003 3/2025",
        "40004 4/2025 > 40003",
        "40005 5/2025 > 40004",
    ];
    const OLD: &str = "6.3.9600";
    const NEW: &str = "10.0.17763";

    #[test]
    fn a_chain_is_followed_and_named() {
        let old = on(&BROKEN, OLD, Some(&[40_005]));
        check(&old, 40_005, "KB40005 (2025-05-10) is installed");
        check(&old, 40_003, "KB40005 > KB40004 > KB40003");
        check(&old, 40_002, "no");
    }

    #[test]
    fn a_cumulative_update_holds_what_came_before_even_where_the_chain_is_broken() {
        let new = on(&BROKEN, NEW, Some(&[40_005]));
        check(&new, 40_002, "updates of this product are cumulative");
        check(&on(&BROKEN, NEW, Some(&[40_003])), 40_004, "no");
        assert_eq!(new.remedy(&[Kb::new(40_002)]), Kb::new(40_005));
    }

    #[test]
    fn what_comes_beside_the_cumulative_updates_is_not_in_them() {
        let beside = [
            "5012170 8/2022 > 4535680",
            "5094123 6/2026",
            "4535680 1/2021",
        ];
        let patched = on(&beside, NEW, Some(&[5_094_123]));
        check(&patched, 5_012_170, "no");
        check(
            &on(&beside, NEW, Some(&[5_012_170])),
            4_535_680,
            "replaces KB4535680",
        );
        assert_eq!(patched.remedy(&[Kb::new(4_535_680)]), Kb::new(5_012_170));
    }

    #[test]
    fn a_build_decides_before_any_list() {
        let builds = [
            "40001 1/2025 @10.0.17763.100",
            "40002 2/2025 @10.0.17763.200",
        ];
        let at_150 = on(&builds, "10.0.17763.150", None);
        check(
            &at_150,
            40_001,
            "build 10.0.17763.150 is at or above 10.0.17763.100",
        );
        check(&at_150, 40_002, "no");
        check(&on(&builds, "10.0.20348.999", None), 40_001, "unknown");
        check(&on(&builds, NEW, None), 40_001, "unknown");
    }

    #[test]
    fn a_build_also_says_which_update_without_one_is_there() {
        let builds = [
            "40001 1/2025",
            "40002 2/2025 @10.0.17763.200",
            "40003 3/2025",
        ];
        let at_200 = on(&builds, "10.0.17763.200", None);
        check(&at_200, 40_001, "KB40002 (2025-02-10) is there");
        check(&at_200, 40_003, "unknown");
    }

    #[test]
    fn cycles_and_forks_end() {
        let knot = [
            "40001 > 40002, 40001",
            "40002 > 40003",
            "40003 > 40001, 40004",
            "40004",
        ];
        let old = on(&knot, OLD, Some(&[40_002]));
        check(&old, 40_004, "KB40002 > KB40003 > KB40004");
        check(&old, 40_001, "KB40002 > KB40003 > KB40001");
        // All three of the knot are above it; without dates the highest number is taken.
        assert_eq!(old.remedy(&[Kb::new(40_004)]), Kb::new(40_004));
    }

    #[test]
    fn an_update_that_is_only_known_to_be_replaced_is_dated_by_what_replaces_it() {
        let list = ["40002 2/2025 > 40001", "40003 3/2025"];
        check(
            &on(&list, NEW, Some(&[40_003])),
            40_001,
            "updates of this product are cumulative",
        );
        // It does not say that all of February is there.
        check(&on(&list, NEW, Some(&[40_001])), 40_002, "no");
    }

    #[test]
    fn a_machine_starts_from_its_baseline() {
        // No link in the list leads from the update of April 2014 to those before it.
        let before = ["2883200 10/2013", "2919355 4/2014", "2993651 8/2014"];
        let old = on(&before, OLD, Some(&[2_919_355]));
        check(&old, 2_883_200, "holds all updates before it");
        check(&old, 2_993_651, "no");
        check(&on(&before, OLD, Some(&[])), 2_883_200, "no");
    }

    #[test]
    fn a_long_chain_is_shortened() {
        let links: Vec<String> = (0..20_u32)
            .map(|n| format!("{} > {}", 40_001 + n, 40_000 + n))
            .collect();
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        check(
            &on(&links, OLD, Some(&[40_020])),
            40_000,
            "KB40020 > KB40019 > KB40018 > 16 more > KB40001 > KB40000",
        );
    }

    #[test]
    fn nothing_is_decided_without_a_list_and_a_build() {
        check(&on(&BROKEN, NEW, None), 40_001, "unknown");
        check(&on(&BROKEN, NEW, Some(&[])), 40_001, "no");
    }

    #[test]
    fn what_a_list_that_broke_off_may_hold_is_told_apart() {
        // The order is that of texts: KB982018 stands behind KB4012215.
        let list = [
            "3100001 1/2016",
            "3100002 2/2016 > 3100001",
            "982018 3/2011",
            "2900001 1/2014",
        ];
        let mut windows = machine(OLD, Some(&[3_000_000]));
        windows.updates_cut = true;
        let updates = list.iter().map(|u| update(u)).collect();
        let cut = ProductUpdates::new(updates, BTreeMap::new(), &windows, "Windows 7");
        let check = |fix: u32, expected: bool| {
            assert_eq!(cut.may_be_cut(&[Kb::new(fix)]), expected, "{fix}")
        };
        check(2_900_001, false);
        check(3_100_001, true);
        check(982_018, true);
        assert!(!on(&BROKEN, OLD, Some(&[40_001])).may_be_cut(&[Kb::new(40_005)]));
    }

    #[test]
    fn an_update_is_never_younger_than_what_replaces_it() {
        // KB5004948 of July 2021 stands in the list with the day of a vulnerability of 2023 alone.
        let late = ["40001 6/2023", "40002 7/2021 > 40001", "40003 8/2022"];
        check(
            &on(&late, NEW, Some(&[40_003])),
            40_001,
            "updates of this product are cumulative",
        );
    }
}
