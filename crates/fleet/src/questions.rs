//! Open questions: which fact that nobody knows, about which hosts or which vulnerability, would move how many deadlines if
//! somebody answered. Every answer is tried on the policies; what moves no deadline is not asked.
//!
//! A deadline is one finding on one host. Groups are tried once for all their hosts, which are alike (`life::groups_of`), and
//! hosts are asked about together where their names differ in a number only.

mod names;
mod simulate;

use std::collections::BTreeMap;

use rayon::prelude::*;
use risk::policy::Policy;
use roaring::RoaringBitmap;

use crate::group::{FindingGroup, Life};
use crate::life::Member;
use names::Families;
use simulate::{Trial, dues, facts_of};

/// What is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asks {
    /// Whether hosts can be reached from public networks.
    Exposed,
    /// Whether hosts are in the scope of PCI DSS.
    Scope,
    /// How much it hurts when hosts fail.
    Criticality,
    /// Whether a vulnerability can be exploited without a person (SSVC).
    Automatable,
    /// Who patches hosts. It moves no date; without an answer nobody is told of it.
    Owner,
    /// Whether hosts were restarted: what is fixed and does not run closes.
    Restart,
}

impl Asks {
    /// Those about hosts that a policy answers to.
    const OF_HOSTS: [Self; 3] = [Self::Exposed, Self::Scope, Self::Criticality];

    /// The answers there are; none for those in one's own words.
    pub const fn answers(self) -> &'static [&'static str] {
        match self {
            Self::Exposed | Self::Automatable => &["yes", "no"],
            Self::Scope => &["in", "connected", "out"],
            Self::Criticality => &["low", "medium", "high", "very-high"],
            Self::Owner | Self::Restart => &[],
        }
    }
}

/// A question and what its answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is not known.
    pub asks: Asks,
    /// The vulnerability, where it is about one.
    pub vulnerability: Option<String>,
    /// Places of the hosts whose deadlines would move, sorted.
    pub hosts: Vec<usize>,
    /// How many deadlines each answer moves, in the order of [`Asks::answers`].
    pub moves: Vec<(&'static str, u64)>,
    /// How many deadlines the answer that moves most of them moves; of an owner and of a restart, how many wait for it.
    pub deadlines: u64,
    /// For people: `are lb-03..09 reachable from outside?`
    pub text: String,
    /// The command that answers, its answers separated by `|`. Only words that no shell reads are in it.
    pub command: String,
}

/// Every question whose answer moves a deadline of an open group, or whom to tell of one, most deadlines first; at most so many.
pub fn questions(
    policies: &[Policy],
    groups: &[FindingGroup],
    members: &[Member],
    most: usize,
) -> Vec<Question> {
    let families = Families::of(members);
    // As many parts as there are cores, for each part counts over all hosts.
    let part = groups.len().div_ceil(rayon::current_num_threads()).max(1);
    let tally = groups
        .par_chunks(part)
        .map(|groups| {
            let mut tally = Tally::new(members.len(), families.len());
            for group in groups {
                tally.count(policies, group, members, &families);
            }
            tally
        })
        .reduce(|| Tally::new(members.len(), families.len()), Tally::merged);
    let mut counted = tally.into_counts(&families);
    counted.sort_by(|a, b| {
        (b.most(), a.asks, &a.vulnerability, &a.hosts).cmp(&(
            a.most(),
            b.asks,
            &b.vulnerability,
            &b.hosts,
        ))
    });
    counted.truncate(most);
    let questions = counted.into_iter();
    questions.map(|count| question(count, members)).collect()
}

/// Deadlines by answer, and the hosts they are on.
struct Count {
    asks: Asks,
    vulnerability: Option<String>,
    moves: [u64; 4],
    hosts: Vec<usize>,
}

impl Count {
    fn most(&self) -> u64 {
        self.moves.into_iter().max().unwrap_or_default()
    }
}

/// What is counted for families of hosts.
struct OfHosts {
    moves: Vec<[u64; 4]>,
    is_about: Vec<bool>,
}

struct Tally {
    of_hosts: BTreeMap<Asks, OfHosts>,
    automatable: BTreeMap<String, ([u64; 4], RoaringBitmap)>,
    hosts: usize,
    families: usize,
}

fn add(sums: &mut [u64; 4], more: [u64; 4], times: u64) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more * times;
    }
}

impl Tally {
    const fn new(hosts: usize, families: usize) -> Self {
        Self {
            of_hosts: BTreeMap::new(),
            automatable: BTreeMap::new(),
            hosts,
            families,
        }
    }

    fn of(&mut self, asks: Asks) -> &mut OfHosts {
        self.of_hosts.entry(asks).or_insert_with(|| OfHosts {
            moves: vec![[0; 4]; self.families],
            is_about: vec![false; self.hosts],
        })
    }

    fn merged(mut self, other: Self) -> Self {
        for (asks, theirs) in other.of_hosts {
            let own = self.of(asks);
            for (own, more) in own.moves.iter_mut().zip(theirs.moves) {
                add(own, more, 1);
            }
            for (own, more) in own.is_about.iter_mut().zip(theirs.is_about) {
                *own |= more;
            }
        }
        for (id, (moves, hosts)) in other.automatable {
            let own = self.automatable.entry(id).or_default();
            add(&mut own.0, moves, 1);
            own.1 |= hosts;
        }
        self
    }

    fn count(
        &mut self,
        policies: &[Policy],
        group: &FindingGroup,
        members: &[Member],
        families: &Families,
    ) {
        let finding = &group.finding;
        if finding.decisions.is_empty() {
            return;
        }
        let all = group.targets.iter().copied();
        match group.life {
            Life::AwaitsRestart => return self.add(Asks::Restart, [1; 4], all, families),
            Life::Open { .. } => {}
            Life::Mitigated { .. } | Life::Suppressed(_) => return,
        }
        let Some(first) = group
            .targets
            .first()
            .and_then(|&target| members.get(target))
        else {
            return;
        };
        let facts = facts_of(group, &first.asset);
        let today = dues(policies, &facts);
        for asks in Asks::OF_HOSTS {
            let moves = Trial::of(asks, &facts).moves(policies, &today);
            self.add(asks, moves, all.clone(), families);
        }
        let moves = Trial::of(Asks::Automatable, &facts).moves(policies, &today);
        if moves != [0; 4] {
            let cve = finding.cves.first().map(ToString::to_string);
            let id = cve.unwrap_or_else(|| finding.id.clone());
            let own = self.automatable.entry(id).or_default();
            add(&mut own.0, moves, group.targets.len() as u64);
            own.1
                .extend(all.clone().filter_map(|target| u32::try_from(target).ok()));
        }
        if today.iter().any(Option::is_some) {
            let ownerless = all.filter(|&target| members[target].asset.owner.is_none());
            self.add(Asks::Owner, [1; 4], ownerless, families);
        }
    }

    /// Counts a group for the families of its hosts.
    fn add(
        &mut self,
        asks: Asks,
        moves: [u64; 4],
        targets: impl Iterator<Item = usize>,
        families: &Families,
    ) {
        if moves == [0; 4] {
            return;
        }
        let own = self.of(asks);
        for target in targets {
            add(&mut own.moves[families.of_hosts()[target]], moves, 1);
            own.is_about[target] = true;
        }
    }

    fn into_counts(self, families: &Families) -> Vec<Count> {
        let mut counts = Vec::new();
        for (asks, of_hosts) in self.of_hosts {
            let mut hosts: Vec<Vec<usize>> = vec![Vec::new(); of_hosts.moves.len()];
            for (host, &family) in families.of_hosts().iter().enumerate() {
                if of_hosts.is_about[host] {
                    hosts[family].push(host);
                }
            }
            let asked = hosts.into_iter().zip(of_hosts.moves);
            let asked = asked.filter(|(hosts, _)| !hosts.is_empty());
            counts.extend(asked.map(|(hosts, moves)| Count {
                asks,
                vulnerability: None,
                moves,
                hosts,
            }));
        }
        let automatable = self.automatable.into_iter();
        counts.extend(automatable.map(|(id, (moves, hosts))| Count {
            asks: Asks::Automatable,
            vulnerability: Some(id),
            moves,
            hosts: hosts.iter().map(|host| host as usize).collect(),
        }));
        counts
    }
}

fn question(count: Count, members: &[Member]) -> Question {
    let deadlines = count.most();
    let Count {
        asks,
        vulnerability,
        moves,
        hosts,
    } = count;
    let names = names::words(&hosts, members);
    let are = if hosts.len() == 1 { "is" } else { "are" };
    let subject = vulnerability.as_deref().unwrap_or_default();
    let text = match asks {
        Asks::Exposed => format!("{are} {names} reachable from outside?"),
        Asks::Scope => format!("{are} {names} in the scope of PCI DSS?"),
        Asks::Criticality if hosts.len() == 1 => {
            format!("how much does it hurt when {names} fails?")
        }
        Asks::Criticality => format!("how much does it hurt when {names} fail?"),
        Asks::Automatable => format!("can {subject} be exploited without a person ({names})?"),
        Asks::Owner => format!("who patches {names}?"),
        Asks::Restart if hosts.len() == 1 => format!("was {names} restarted?"),
        Asks::Restart => format!("were {names} restarted?"),
    };
    let answers = asks.answers().join("|");
    let which = names::arguments(&hosts, members);
    let command = match asks {
        Asks::Exposed => format!("daywatch hosts say exposed={answers} {which} --by WHO"),
        Asks::Scope => format!("daywatch hosts say scope={answers} {which} --by WHO"),
        Asks::Criticality => format!("daywatch hosts say criticality={answers} {which} --by WHO"),
        Asks::Owner => format!("daywatch hosts say owner=TEAM {which} --by WHO"),
        Asks::Automatable => {
            format!("daywatch explain {subject}  # a newer feed of CISA answers it")
        }
        Asks::Restart => {
            format!("daywatch hosts import REPORT  # of {names}, taken after the restart")
        }
    };
    let moves = asks.answers().iter().copied().zip(moves);
    Question {
        asks,
        deadlines,
        moves: moves.collect(),
        vulnerability,
        hosts,
        text,
        command,
    }
}

#[cfg(test)]
mod tests;
