//! The lists a person asks for: findings, hosts. Each says what it is complete for and which hosts it
//! cannot answer for.

use std::collections::{BTreeMap, BTreeSet};

use base::Severity;
use fleet::glob::matches;
use fleet::group::{FindingGroup, Life};
use jiff::{SignedDuration, Timestamp};
use reports::briefing::{HOST_NAMES, Hosts as HostNames};
use reports::listing::{self, FindingRow, Gap, GapKind, HostRow, Listing, State, Statement};

use crate::error::Result;
use crate::fleet::asked::Asked;
use crate::fleet::members::Placed;
use crate::fleet::view::View;

/// A host that did not report for longer is told of.
const FRESH_HOURS: i64 = 24;

/// Which findings, in which order.
#[derive(Clone, Debug, Default)]
pub struct FindingQuery {
    /// The host: its number or its name; `*` stands for any run of characters.
    pub host: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// A CVE, or any id.
    pub id: Option<String>,
    /// The package or its source package; `*` as above.
    pub package: Option<String>,
    /// At least this severe.
    pub severity: Option<Severity>,
    /// Known exploited.
    pub kev: bool,
    /// Due by this moment, overdue included.
    pub due_by: Option<Timestamp>,
    /// Only those that stand so; empty: everything that is not set aside or mitigated.
    pub states: Vec<State>,
    /// By which column.
    pub sort: FindingOrder,
    /// The other way round.
    pub is_reversed: bool,
    /// Rows before the first that is shown.
    pub offset: usize,
    /// Rows that are shown.
    pub limit: usize,
}

/// What findings can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingOrder {
    /// The earliest deadline first.
    #[default]
    Due,
    /// The worst first.
    Severity,
    /// The likeliest first.
    Epss,
    /// By id.
    Id,
    /// By package.
    Package,
    /// On most hosts first.
    Hosts,
    /// The newest first.
    FirstSeen,
}

impl FindingOrder {
    /// Every order, in the words of the command.
    pub const ALL: [(&'static str, Self); 7] = [
        ("due", Self::Due),
        ("severity", Self::Severity),
        ("epss", Self::Epss),
        ("id", Self::Id),
        ("package", Self::Package),
        ("hosts", Self::Hosts),
        ("first-seen", Self::FirstSeen),
    ];

    /// The word of the command.
    pub fn as_str(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, order)| *order == self);
        found.map_or("due", |(word, _)| word)
    }
}

/// Which hosts.
#[derive(Clone, Debug, Default)]
pub struct HostQuery {
    /// Its name; `*` stands for any run of characters.
    pub name: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// Not heard of for so long.
    pub silent_for: Option<SignedDuration>,
    /// No rule is about it but those about every host.
    pub is_unruled: bool,
    /// Of the hosts that were asked, those that have not reported since.
    pub unanswered: Option<Asked>,
    /// Rows before the first that is shown.
    pub offset: usize,
    /// Rows that are shown.
    pub limit: usize,
}

/// The findings that are asked for.
pub fn findings(view: &View, groups: &[FindingGroup], query: &FindingQuery) -> Result<Listing> {
    let hosts = hosts_asked(view, query);
    let ours = view.local_advisories()?;
    let mut rows: Vec<FindingRow> = Vec::new();
    for group in groups.iter().filter(|group| is_asked(group, query)) {
        let targets: Vec<usize> = group
            .targets
            .iter()
            .copied()
            .filter(|at| hosts.as_ref().is_none_or(|hosts| hosts.contains(at)))
            .collect();
        if !targets.is_empty() {
            rows.push(FindingRow {
                ours: ours
                    .iter()
                    .find(|one| one.is_in(&group.finding))
                    .map(|one| one.made.clone()),
                ..row(view, group, &targets)
            });
        }
    }
    sort(&mut rows, query.sort);
    if query.is_reversed {
        rows.reverse();
    }
    let total = rows.len();
    let statement = Statement {
        query: words(query),
        parameters: vec![
            ("sort".to_owned(), query.sort.as_str().to_owned()),
            ("limit".to_owned(), query.limit.to_string()),
        ],
        total,
        offset: query.offset,
        ..statement(view)
    };
    Ok(listing::findings(
        statement,
        page(rows, query.offset, query.limit),
    ))
}

/// Which of the findings asked for are of local advisories, a line each for people.
pub fn marks(view: &View, groups: &[FindingGroup], query: &FindingQuery) -> Result<Vec<String>> {
    let hosts = hosts_asked(view, query);
    let is_there = |group: &&FindingGroup| {
        let mut targets = group.targets.iter();
        is_asked(group, query)
            && hosts
                .as_ref()
                .is_none_or(|hosts| targets.any(|at| hosts.contains(at)))
    };
    let shown: Vec<&FindingGroup> = groups.iter().filter(is_there).collect();
    let ours = view.local_advisories()?;
    let marked = ours
        .iter()
        .filter(|one| shown.iter().any(|group| one.is_in(&group.finding)));
    Ok(marked.map(|one| one.mark(view.at)).collect())
}

pub(super) fn page<T>(rows: Vec<T>, offset: usize, limit: usize) -> Vec<T> {
    rows.into_iter().skip(offset).take(limit).collect()
}

/// The places of the hosts that are asked about; `None`: all.
fn hosts_asked(view: &View, query: &FindingQuery) -> Option<BTreeSet<usize>> {
    if query.host.is_none() && query.zone.is_none() && query.owner.is_none() {
        return None;
    }
    let placed = view.hosts.placed.iter().enumerate();
    let is_asked = |one: &Placed| {
        let asset = &one.member.asset;
        let is_called =
            |text: &String| matches(text, &one.host.name) || one.host.id.to_string() == *text;
        query.host.as_ref().is_none_or(is_called)
            && is_word(query.zone.as_deref(), asset.zone.as_deref())
            && is_word(query.owner.as_deref(), asset.owner.as_deref())
    };
    let asked = placed.filter(|(_, one)| is_asked(one));
    Some(asked.map(|(at, _)| at).collect())
}

/// `none` asks for what nobody says.
fn is_word(asked: Option<&str>, word: Option<&str>) -> bool {
    match asked {
        None => true,
        Some("none") => word.is_none(),
        Some(glob) => word.is_some_and(|word| matches(glob, word)),
    }
}

fn is_asked(group: &FindingGroup, query: &FindingQuery) -> bool {
    let finding = &group.finding;
    let state = State::of(&group.life);
    let is_state = match query.states.is_empty() {
        true => !matches!(state, State::Suppressed | State::Mitigated),
        false => query.states.contains(&state),
    };
    is_state
        && query.id.as_ref().is_none_or(|id| finding.is_called(id))
        && query
            .package
            .as_ref()
            .is_none_or(|glob| finding.is_of(glob))
        && query
            .severity
            .is_none_or(|least| finding.severity >= Some(least))
        && (!query.kev || finding.kev.is_some())
        && query
            .due_by
            .is_none_or(|by| finding.due().is_some_and(|due| due <= by))
}

/// A finding on some of its hosts.
pub(super) fn row(view: &View, group: &FindingGroup, targets: &[usize]) -> FindingRow {
    let placed: Vec<&Placed> = targets
        .iter()
        .filter_map(|at| view.hosts.placed.get(*at))
        .collect();
    let said = |pick: fn(&Placed) -> Option<&String>| -> Vec<String> {
        let all: BTreeSet<&String> = placed.iter().filter_map(|one| pick(one)).collect();
        all.into_iter().cloned().collect()
    };
    let names = placed.iter().take(HOST_NAMES);
    let hosts = HostNames {
        total: targets.len(),
        names: names.map(|one| one.host.name.clone()).collect(),
    };
    FindingRow::of(
        group,
        hosts,
        said(|one| one.member.asset.owner.as_ref()),
        said(|one| one.member.asset.zone.as_ref()),
    )
}

fn sort(rows: &mut [FindingRow], order: FindingOrder) {
    let due = |row: &FindingRow| row.due.unwrap_or(Timestamp::MAX);
    let by_urgency = |a: &FindingRow, b: &FindingRow| {
        (
            due(a),
            !a.known_exploited,
            std::cmp::Reverse(a.severity),
            &a.label,
            &a.package,
        )
            .cmp(&(
                due(b),
                !b.known_exploited,
                std::cmp::Reverse(b.severity),
                &b.label,
                &b.package,
            ))
    };
    rows.sort_by(|a, b| {
        let epss = |row: &FindingRow| row.epss.unwrap_or(-1.0);
        let first = match order {
            FindingOrder::Due => std::cmp::Ordering::Equal,
            FindingOrder::Severity => b.severity.cmp(&a.severity),
            FindingOrder::Epss => epss(b).total_cmp(&epss(a)),
            FindingOrder::Id => a.label.cmp(&b.label),
            FindingOrder::Package => a.package.cmp(&b.package),
            FindingOrder::Hosts => b.hosts.total.cmp(&a.hosts.total),
            FindingOrder::FirstSeen => b.first_seen.cmp(&a.first_seen),
        };
        first.then_with(|| by_urgency(a, b))
    });
}

fn words(query: &FindingQuery) -> String {
    let texts = [
        ("host", query.host.clone()),
        ("zone", query.zone.clone()),
        ("owner", query.owner.clone()),
        ("id", query.id.clone()),
        ("package", query.package.clone()),
        (
            "severity at least",
            query.severity.map(|s| s.as_str().to_owned()),
        ),
        ("due by", query.due_by.map(|at| at.to_string())),
    ];
    let mut all: Vec<String> = texts
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", value?)))
        .collect();
    if query.kev {
        all.push("known exploited".to_owned());
    }
    if !query.states.is_empty() {
        let states: Vec<&str> = query.states.iter().map(|state| state.as_str()).collect();
        all.push(format!("state {}", states.join(" or ")));
    }
    all.join(", ")
}

/// What every list says of itself.
pub(super) fn statement(view: &View) -> Statement {
    Statement {
        as_of: view.is_as_of.then_some(view.at),
        now: view.at,
        catalog: view.catalog.digest(),
        hosts: view.hosts.placed.len(),
        gaps: gaps(view),
        ..Statement::default()
    }
}

fn gaps(view: &View) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut add = |kind, names: Vec<String>, detail: &str| {
        if !names.is_empty() {
            gaps.push(Gap {
                kind,
                hosts: HostNames::named(names),
                detail: detail.to_owned(),
            });
        }
    };
    let known = &view.hosts.known;
    let never = known.comparison.never.iter().filter_map(|unseen| {
        let (list, entry) = *unseen.entries.first()?;
        Some(known.lists.get(list)?.entries.get(entry)?.label.clone())
    });
    add(GapKind::NeverSeen, never.collect(), "");
    let fresh = SignedDuration::from_hours(FRESH_HOURS);
    let names = |is_gap: &dyn Fn(&Placed) -> bool| -> Vec<String> {
        let placed = view.hosts.placed.iter().filter(|one| is_gap(one));
        placed.map(|one| one.host.name.clone()).collect()
    };
    let is_silent = |one: &Placed| {
        let report = one.report.as_ref();
        report.is_none_or(|report| view.at.duration_since(report.seen_at) > fresh)
    };
    add(
        GapKind::NotReported,
        names(&is_silent),
        "for more than 24 hours",
    );
    let is_unknown = |one: &Placed| one.member.asset.exposed.is_none();
    add(GapKind::ExposureUnknown, names(&is_unknown), "");
    gaps
}

/// The hosts that are asked for, with what stands on them.
pub fn hosts(view: &View, groups: &[FindingGroup], query: &HostQuery) -> Listing {
    let counts = counts(view, groups);
    let mut rows = Vec::new();
    for (at, one) in view.hosts.placed.iter().enumerate() {
        if is_host_asked(view, one, query) {
            rows.push(host_row(one, counts.get(&at).copied().unwrap_or_default()));
        }
    }
    let said = [
        ("name", query.name.clone()),
        ("zone", query.zone.clone()),
        ("owner", query.owner.clone()),
        (
            "silent for",
            query
                .silent_for
                .map(|age| format!("{} hours", age.as_hours())),
        ),
        ("no rule", query.is_unruled.then(|| "about it".to_owned())),
        (
            "not answered since",
            query.unanswered.as_ref().map(|a| a.ask.at.to_string()),
        ),
    ];
    let said: Vec<String> = said
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", value?)))
        .collect();
    let statement = Statement {
        query: said.join(", "),
        parameters: vec![("limit".to_owned(), query.limit.to_string())],
        total: rows.len(),
        offset: query.offset,
        ..statement(view)
    };
    listing::hosts(statement, page(rows, query.offset, query.limit))
}

fn is_host_asked(view: &View, one: &Placed, query: &HostQuery) -> bool {
    let asset = &one.member.asset;
    let is_silent = |age: SignedDuration| {
        let report = one.report.as_ref();
        report.is_none_or(|report| view.at.duration_since(report.seen_at) > age)
    };
    query
        .name
        .as_ref()
        .is_none_or(|glob| matches(glob, &one.host.name))
        && is_word(query.zone.as_deref(), asset.zone.as_deref())
        && is_word(query.owner.as_deref(), asset.owner.as_deref())
        && query.silent_for.is_none_or(is_silent)
        && !(query.is_unruled && one.is_ruled)
        && query
            .unanswered
            .as_ref()
            .is_none_or(|asked| asked.answers.unanswered.contains(one.host.id.0))
}

/// Open findings, known exploited ones, overdue ones.
type Counts = (usize, usize, usize);

fn counts(view: &View, groups: &[FindingGroup]) -> BTreeMap<usize, Counts> {
    let mut counts: BTreeMap<usize, Counts> = BTreeMap::new();
    let open = groups
        .iter()
        .filter(|g| matches!(g.life, Life::Open { .. }));
    for group in open {
        let is_exploited = group.finding.kev.is_some();
        let is_overdue = group.finding.due().is_some_and(|by| by < view.at);
        for at in &group.targets {
            let of_host = counts.entry(*at).or_default();
            of_host.0 += 1;
            of_host.1 += usize::from(is_exploited);
            of_host.2 += usize::from(is_overdue);
        }
    }
    counts
}

fn host_row(one: &Placed, (findings, known_exploited, overdue): Counts) -> HostRow {
    let asset = &one.member.asset;
    HostRow {
        number: u64::from(one.host.id.0),
        name: one.host.name.clone(),
        kind: one.host.kind.as_str().to_owned(),
        os: one.os.as_ref().map(|os| os.label()),
        zone: asset.zone.clone(),
        owner: asset.owner.clone(),
        criticality: asset.criticality,
        exposed: asset.exposed,
        seen_at: one.report.as_ref().map(|report| report.seen_at),
        packages: one.packages.unwrap_or(0),
        findings,
        known_exploited,
        overdue,
    }
}
