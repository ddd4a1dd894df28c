//! How fast holes were closed, from the log: what stands by the index, what ended by its turns, each with the dates the policies
//! set it by what is known at the moment asked about.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use base::HostId;
use fleet::asset::Asset;
use fleet::group::{FindingGroup, HostName, Life};
use fleet::hit::Hit;
use fleet::index::{Hour, Index, Transition, Turn, Vulnerability};
use fleet::judge::{Bench, FeedAges};
use fleet::life::{Member, Standing, each_of};
use fleet::metrics::{By, Ending, Every, Spell};
use fleet::release::ReleaseId;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use matching::FixState;
use reports::metrics::{Basis, Figures, Span, figures};
use risk::policy::Policy;
use roaring::RoaringBitmap;
use store::log;

use crate::error::Result;
use crate::fleet::groups::words_of;
use crate::fleet::life::Lives;
use crate::fleet::members::rules_at;
use crate::fleet::place::Place;
use crate::fleet::view::{Moment, View};
use crate::scan::damaged;

/// A span up to so long is told by days, a longer one by weeks.
const DAYS_MOST: SignedDuration = SignedDuration::from_hours(24 * 35);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct FigureQuery {
    /// The moment that is told of.
    pub at: Timestamp,
    /// Only what was known then counts.
    pub is_as_of: bool,
    /// From when on; `None`: from the first finding.
    pub since: Option<Timestamp>,
    /// What to tell apart besides.
    pub by: Option<By>,
}

/// The figures of the fleet.
pub fn of_fleet(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    query: FigureQuery,
) -> Result<Figures> {
    let baseline = baseline(&place, query.at)?;
    // What ended before both is in none of the figures.
    let since = query
        .since
        .map(|since| baseline.map_or(since, |b| since.min(b)));
    let view = View::open(
        place,
        catalog,
        Moment {
            at: query.at,
            is_as_of: query.is_as_of,
            told_after: Some(since.unwrap_or(Timestamp::UNIX_EPOCH)),
        },
    )?;
    let lives = view.lives(policies)?;
    let mut spells = Spells::default();
    for group in &lives.groups {
        spells.add_open(&view, group);
    }
    for spell in ended(&view, policies)?.into_iter().flatten() {
        spells.add(spell);
    }
    let spells = spells.all();
    let first = spells.iter().map(|spell| spell.opened).min();
    let from = query.since.or(first).unwrap_or(query.at);
    let span = Span {
        from,
        now: query.at,
        baseline,
        every: match query.at.duration_since(from) <= DAYS_MOST {
            true => Every::Day,
            false => Every::Week,
        },
        by: query.by,
    };
    Ok(figures(&spells, span, basis(&view, &lives)))
}

/// The moment the rules say the house counts from.
fn baseline(place: &Place, at: Timestamp) -> Result<Option<Timestamp>> {
    let store = place.open()?;
    let sequence = store.read(|tx| log::sequence_at(tx, at))?;
    let date = rules_at(&store, sequence)?.baseline();
    Ok(date.and_then(|date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())))
}

fn basis(view: &View, lives: &Lives) -> Basis {
    let aside = lives.groups.iter().filter(|group| is_aside(group));
    Basis {
        hosts: view.hosts.placed.len(),
        catalog: view.catalog.digest(),
        as_of: view.is_as_of.then_some(view.at),
        set_aside: aside.map(|group| group.targets.len() as u64).sum(),
    }
}

const fn is_aside(group: &FindingGroup) -> bool {
    matches!(group.life, Life::Suppressed(_) | Life::Mitigated { .. })
}

/// Spells, those that are alike counted together.
#[derive(Debug, Default)]
struct Spells {
    /// With no weight of their own.
    weights: BTreeMap<Spell, u64>,
}

impl Spells {
    fn add(&mut self, spell: Spell) {
        let weight = spell.weight;
        let alike = Spell { weight: 0, ..spell };
        *self.weights.entry(alike).or_default() += weight;
    }

    fn add_open(&mut self, view: &View, group: &FindingGroup) {
        let places = group.targets.iter();
        let assets = places.filter_map(|at| Some(&view.hosts.placed.get(*at)?.member.asset));
        let mut spell = spell_of(group);
        if is_aside(group) {
            spell.due.clear();
        }
        for spell in by_asset(&spell, assets) {
            self.add(spell);
        }
    }

    fn all(self) -> Vec<Spell> {
        let all = self.weights.into_iter();
        all.map(|(spell, weight)| Spell { weight, ..spell })
            .collect()
    }
}

/// What a group says of a spell, on no host.
fn spell_of(group: &FindingGroup) -> Spell {
    let finding = &group.finding;
    let listed = finding.kev.as_ref().map(|kev| kev.added);
    let dates = finding.decisions.iter();
    Spell {
        opened: group.first_seen,
        ended: None,
        severity: finding.severity,
        exploited_since: listed.and_then(|day| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())),
        owner: None,
        zone: None,
        due: dates
            .filter_map(|one| Some((Arc::from(one.policy.as_str()), one.by?)))
            .collect(),
        weight: 0,
    }
}

/// The spell on some hosts: one for all of an owner and zone.
fn by_asset<'a>(spell: &Spell, assets: impl Iterator<Item = &'a Asset>) -> Vec<Spell> {
    let mut weights: BTreeMap<(Option<&str>, Option<&str>), u64> = BTreeMap::new();
    for asset in assets {
        let key = (asset.owner.as_deref(), asset.zone.as_deref());
        *weights.entry(key).or_default() += 1;
    }
    let each = weights.into_iter();
    each.map(|((owner, zone), weight)| Spell {
        owner: owner.map(Arc::from),
        zone: zone.map(Arc::from),
        weight,
        ..spell.clone()
    })
    .collect()
}

/// Through which release which vulnerability stood since when.
type Key = (ReleaseId, Vulnerability, Hour);
/// On which hosts it ended when and how.
type Ends = BTreeMap<(Timestamp, Ending), RoaringBitmap>;

/// What ended after the moment from which the view was told.
fn ended(view: &View, policies: &[Policy]) -> Result<Vec<Vec<Spell>>> {
    let index = &view.state.index;
    let ends: Vec<(Key, Ends)> = ends(view).into_iter().collect();
    let hits: Vec<Hit> = ends
        .iter()
        .map(|((release, v, _), _)| hit(index, *release, *v))
        .collect();
    let standing: Vec<Standing<'_>> = ends
        .iter()
        .zip(&hits)
        .map(|(((release, _, since), ends), hit)| Standing {
            release: *release,
            hit,
            since: since.start(),
            reopened: false,
            hosts: ends.values().fold(RoaringBitmap::new(), |all, on| all | on),
        })
        .collect();
    let members = members(view, &standing);
    let places: HashMap<u32, usize> = members
        .iter()
        .enumerate()
        .map(|(at, member)| (member.name.id.0, at))
        .collect();
    let tell = |at: usize, group: FindingGroup| -> Vec<Spell> {
        let spell = spell_of(&group);
        let of_end = |(end, hosts): (&(Timestamp, Ending), &RoaringBitmap)| {
            let at = hosts.iter().filter_map(|host| places.get(&host));
            let told = at.filter(|at| group.targets.binary_search(at).is_ok());
            let ended = Spell {
                ended: Some(*end),
                ..spell.clone()
            };
            by_asset(&ended, told.map(|at| &members[*at].asset))
        };
        ends[at].1.iter().flat_map(of_end).collect()
    };
    let ages = FeedAges::of(&view.catalog);
    let bench = Bench {
        catalog: &view.catalog,
        policies,
        ages: &ages,
    };
    each_of(
        bench,
        words_of(index),
        &standing,
        &members,
        &view.times()?,
        tell,
    )
    .map_err(damaged)
}

fn ends(view: &View) -> BTreeMap<Key, Ends> {
    let mut all: BTreeMap<Key, Ends> = BTreeMap::new();
    for told in &view.told {
        for one in &told.transitions.groups {
            if let Some(ending) = ending(one) {
                // Of a report the hour is known in which it was so; it counts as late as it can be, so that no date is told as
                // held that was missed.
                let latest = told.transitions.hour.start() + SignedDuration::from_hours(1);
                let at = match ending {
                    Ending::Fixed => told.at.min(latest),
                    _ => told.at,
                };
                let key = (one.release, one.vulnerability, one.since);
                *all.entry(key).or_default().entry((at, ending)).or_default() |= &*one.hosts;
            }
        }
    }
    all
}

const fn ending(one: &Transition) -> Option<Ending> {
    match one.turn {
        Turn::Opened | Turn::Reopened => None,
        Turn::Fixed => Some(Ending::Fixed),
        Turn::Cleared => Some(Ending::Cleared),
        Turn::GoneWithHost => Some(Ending::Left),
    }
}

/// A hit that is over, in the words that are left of it.
fn hit(index: &Index, release: ReleaseId, vulnerability: Vulnerability) -> Hit {
    index.hit(release, vulnerability).unwrap_or_else(|| {
        let id = index.id_of(vulnerability).to_string();
        let ids = index.ids_of(vulnerability);
        Hit {
            aliases: ids
                .filter(|other| *other != id)
                .map(str::to_owned)
                .collect(),
            cves: index.cves_of(vulnerability).collect(),
            fixed: Vec::new(),
            fix_state: FixState::Unknown,
            is_unimportant: false,
            is_notice: false,
            id,
        }
    })
}

/// The hosts that are told, and those that left: nobody says anything of them any more, unless they are another one now.
fn members(view: &View, standing: &[Standing<'_>]) -> Vec<Member> {
    let mut members = view.hosts.members();
    let known = members.iter().enumerate();
    let known: HashMap<HostId, usize> = known.map(|(at, one)| (one.name.id, at)).collect();
    let all = standing
        .iter()
        .fold(RoaringBitmap::new(), |all, one| all | &one.hosts);
    for id in all.iter().map(HostId).filter(|id| !known.contains_key(id)) {
        let now = known.get(&view.state.directory.current(id));
        let asset = now.map_or_else(Asset::default, |at| members[*at].asset.clone());
        let host = view.state.host(id);
        members.push(Member {
            name: HostName {
                id,
                name: host.map_or_else(|| id.to_string(), |host| host.name.clone()),
            },
            asset,
            support: None,
        });
    }
    members
}
