//! `brief` of the fleet: this morning's page from what the store knows, or the page of another morning as it was known then.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::{CveId, Ecosystem, Note};
use fleet::group::{FindingGroup, Life};
use fleet::index::Turn;
use fleet::plan::Place as HostPlace;
use fleet::questions::questions;
use fleet::suppression::Suppression;
use inventory::Host;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use matching::{Coverage, coverage};
use reports::briefing::{
    AskedAgain, Backlog, Briefing, ChangedGroup, FleetFacts, HOST_NAMES, Hosts as HostNames, Moved,
    Question, Reach, RecentKev, Record, Since, Today, TrendDay, Voided, compose,
};
use reports::scan::{Runs, Target, TargetNote};
use risk::policy::Policy;
use serde::{Deserialize, Serialize};
use store::log;
use store::log::Actor;
use store::records::{self, RecordKind};

use crate::assess::{Subject, catalog_info};
use crate::brief::stale_feeds;
use crate::error::Result;
use crate::fleet::advisory;
use crate::fleet::asked::{self, Asked};
use crate::fleet::commit::Fleet;
use crate::fleet::life::Lives;
use crate::fleet::moved;
use crate::fleet::place::Place;
use crate::fleet::suppress::keep_voids;
use crate::fleet::turned::Turned;
use crate::fleet::view::{Moment, View};
use crate::kev_here;
use crate::scan::damaged;

/// The briefing to compare with is at least so old, so that a second look in one morning tells the same.
const APART: SignedDuration = SignedDuration::from_hours(12);
/// Without an earlier briefing, what voided itself is told of the last day.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How far back the figures go.
const TREND_DAYS: i64 = 30;
/// How far back "newly exploited" looks.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Questions that are told.
const QUESTIONS: usize = 10;
/// A host that was heard of within this counts as reporting.
const FRESH_HOURS: u32 = 24;

/// What is remembered of a briefing that went out.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Wire {
    at: Timestamp,
    open: u64,
    known_exploited: u64,
    overdue: u64,
    backlog: Option<usize>,
    told: Vec<CveText>,
    /// SHA-256 of its JSON.
    document: String,
}

/// A CVE as text.
type CveText = String;

/// Makes the briefing of a moment.
pub fn brief(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    at: Timestamp,
    is_as_of: bool,
) -> Result<Briefing> {
    let far = SignedDuration::from_hours(24 * TREND_DAYS);
    let moment = Moment {
        at,
        is_as_of,
        told_after: Some(at.saturating_sub(far).unwrap_or(at)),
    };
    let view = View::open(place.clone(), catalog, moment)?;
    let lives = view.lives(policies)?;
    if !is_as_of {
        keep_voids(place, &lives.voided, at)?;
    }
    of(&view, &lives, policies)
}

/// The briefing of a view whose log was followed from a month ago on.
pub fn of(view: &View, lives: &Lives, policies: &[Policy]) -> Result<Briefing> {
    Desk::new(view, lives, policies)?.brief()
}

/// Records that the briefing went out, with the digest of what was said.
pub fn record(place: Place, briefing: &Briefing, json: &[u8], now: Timestamp) -> Result<()> {
    let wire = Wire {
        at: briefing.now,
        open: briefing.scope.findings as u64,
        known_exploited: briefing.scope.known_exploited as u64,
        overdue: briefing.scope.overdue as u64,
        backlog: briefing.backlog.map(|backlog| backlog.open),
        told: briefing
            .memory
            .told
            .iter()
            .map(ToString::to_string)
            .collect(),
        document: base::Digest::of(json).to_string(),
    };
    // A struct of texts and numbers always has a JSON form.
    let body = serde_json::to_vec(&wire).unwrap_or_default();
    let mut fleet = Fleet::open(place)?;
    fleet.commit(now, Actor::Program("brief"), |entries| {
        entries.record(RecordKind::Briefing, None, &body, false, Vec::new())
    })?;
    Ok(())
}

/// All that a briefing is made from.
struct Desk<'a> {
    view: &'a View,
    lives: &'a Lives,
    policies: &'a [Policy],
    /// Briefings that went out before, the newest last.
    earlier: Vec<Wire>,
    /// The moment that is compared with.
    since: Timestamp,
}

impl<'a> Desk<'a> {
    fn new(view: &'a View, lives: &'a Lives, policies: &'a [Policy]) -> Result<Self> {
        let sequence = view.state.index.sequence();
        let records = view
            .store
            .read(|tx| records::at(tx, RecordKind::Briefing, sequence))?;
        let mut earlier: Vec<Wire> = records
            .iter()
            .filter_map(|record| serde_json::from_slice(&record.body).ok())
            .filter(|wire: &Wire| view.at.duration_since(wire.at) >= APART)
            .collect();
        earlier.sort_by_key(|wire| wire.at);
        let day_before = view.at.saturating_sub(DAY).unwrap_or(view.at);
        let since = earlier.last().map_or(day_before, |wire| wire.at);
        Ok(Self {
            view,
            lives,
            policies,
            earlier,
            since,
        })
    }

    fn brief(&self) -> Result<Briefing> {
        let view = self.view;
        let (open, suppressed): (Vec<FindingGroup>, Vec<FindingGroup>) = self
            .lives
            .groups
            .iter()
            .cloned()
            .partition(|group| !matches!(group.life, Life::Suppressed(_)));
        let recent_kev = self.recent_kev()?;
        let fleet = self.fleet_facts(&open)?;
        Ok(compose(&Today {
            now: view.at,
            catalog: catalog_info(&view.catalog),
            hosts: self.targets(),
            groups: open,
            suppressed: self.suppressed(suppressed),
            errors: self.errors(),
            previous: None,
            recent_kev,
            stale_feeds: stale_feeds(&view.catalog, view.at),
            ended: self.ended(),
            suppression_notes: self.suppression_notes(),
            fleet,
        }))
    }

    fn suppressed(&self, groups: Vec<FindingGroup>) -> Vec<(FindingGroup, Suppression)> {
        let by = |group: &FindingGroup| match group.life {
            Life::Suppressed(number) => self.lives.suppressions.get(&number).cloned(),
            _ => None,
        };
        groups
            .into_iter()
            .filter_map(|group| {
                let suppression = by(&group)?;
                Some((group, suppression))
            })
            .collect()
    }

    fn errors(&self) -> Vec<TargetNote> {
        let notes = self.lives.notes.iter().cloned();
        notes
            .map(|note| TargetNote { target: None, note })
            .collect()
    }

    fn ended(&self) -> Vec<(Suppression, usize)> {
        let expired = self.lives.expired.iter();
        expired
            .filter_map(|(number, findings)| {
                let suppression = self.lives.suppressions.get(number)?.clone();
                let is_recent = suppression.until.is_some_and(|until| until >= self.since);
                is_recent.then_some((suppression, *findings as usize))
            })
            .collect()
    }

    fn suppression_notes(&self) -> Vec<Note> {
        let unused = self.lives.unused.iter();
        unused
            .filter_map(|number| {
                let suppression = self.lives.suppressions.get(number)?;
                Some(Note::info(format!(
                    "suppression {number} sets nothing aside: {} (owner: {})",
                    suppression.scope, suppression.owner
                )))
            })
            .collect()
    }

    /// The hosts as documents list them.
    fn targets(&self) -> Vec<Target> {
        let index = &self.view.state.index;
        let mut covered: BTreeMap<Option<Ecosystem>, bool> = BTreeMap::new();
        let placed = self.view.hosts.placed.iter();
        placed
            .map(|one| {
                let releases = index.releases_of(one.stands);
                let mut missing: BTreeMap<Option<Ecosystem>, usize> = BTreeMap::new();
                for release in releases.iter().filter_map(|id| index.release(*id)) {
                    let ecosystem = release.ecosystem.clone();
                    let is_covered = *covered.entry(ecosystem.clone()).or_insert_with(|| {
                        ecosystem
                            .as_ref()
                            .is_some_and(|e| coverage(&self.view.catalog, e) == Coverage::Covered)
                    });
                    if !is_covered {
                        *missing.entry(ecosystem).or_default() += 1;
                    }
                }
                Target {
                    name: one.host.name.clone(),
                    kind: one.host.kind.as_str(),
                    os: one.os.as_ref().map(|os| os.label()),
                    asset: one.member.asset.clone(),
                    packages: releases.len(),
                    not_covered: missing
                        .into_iter()
                        .map(|(ecosystem, count)| (not_covered_words(ecosystem), count))
                        .collect(),
                    notes: Vec::new(),
                    runs: Runs::default(),
                }
            })
            .collect()
    }

    /// KEV entries since the earlier briefing, at least of the last seven days.
    fn recent_kev(&self) -> Result<Vec<RecentKev>> {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let week_ago = self.view.at.saturating_sub(RECENT).unwrap_or(self.view.at);
        let (since, today) = (day(self.since.min(week_ago)), day(self.view.at));
        let catalog = &self.view.catalog;
        let entries = catalog.kev_entries().map_err(damaged)?;
        let recent: Vec<_> = entries
            .into_iter()
            .filter(|entry| entry.added >= since && entry.added <= today)
            .collect();
        if recent.is_empty() {
            return Ok(Vec::new());
        }
        let subjects = self.subjects()?;
        recent
            .into_iter()
            .map(|entry| {
                let otherwise =
                    kev_here::otherwise(catalog, &subjects, &entry, today).map_err(damaged)?;
                Ok(RecentKev { entry, otherwise })
            })
            .collect()
    }

    /// The hosts with their packages, opened only for the names in newly listed entries.
    fn subjects(&self) -> Result<Vec<Subject>> {
        let mut subjects = Vec::new();
        for one in &self.view.hosts.placed {
            if let Some(host) = self.view.inventory(one.host.id)? {
                subjects.push(Subject {
                    host: Host::clone(&host),
                    notes: Vec::new(),
                    asset: one.member.asset.clone(),
                });
            }
        }
        Ok(subjects)
    }

    fn fleet_facts(&self, open: &[FindingGroup]) -> Result<FleetFacts> {
        let view = self.view;
        let placed = view.hosts.placed.iter();
        let windows = placed.map(|one| {
            let place = HostPlace::of(&one.host.name, &one.member.asset, view.at);
            place.window.map(|slot| slot.start)
        });
        let sequence = view.state.index.sequence();
        let head = view
            .store
            .read(|tx| log::links(tx, sequence.saturating_sub(1), 1))?;
        let told = self.earlier.iter().flat_map(|wire| &wire.told);
        let backlog = self.backlog(open);
        Ok(FleetFacts {
            // Without a briefing that went out nobody knows what was overdue then.
            since: self
                .earlier
                .last()
                .map(|before| self.changes(open, before))
                .transpose()?,
            told: told.filter_map(|cve| cve.parse::<CveId>().ok()).collect(),
            reach: Some(self.reach()?),
            windows: windows.collect(),
            voided: self.voided(),
            questions: Some(self.questions(open)?),
            trend: self.trend(open),
            backlog,
            record: Some(Record {
                audit_head: head.first().map(|link| link.hash.to_string()),
                repeat: Some(format!("daywatch brief --as-of {}", view.at)),
            }),
        })
    }

    /// What an answer would move, the most deadlines first.
    fn questions(&self, open: &[FindingGroup]) -> Result<Vec<Question>> {
        let members = self.view.hosts.members();
        let asked = questions(self.policies, open, &members, QUESTIONS);
        let mut all: Vec<Question> = asked
            .into_iter()
            .map(|question| Question {
                moves: usize::try_from(question.deadlines).unwrap_or(usize::MAX),
                text: question.text,
                answer: Some(question.command),
            })
            .collect();
        all.extend(advisory::questions(self.view, open)?);
        Ok(all)
    }

    fn backlog(&self, open: &[FindingGroup]) -> Option<Backlog> {
        let (baseline, _) = self.view.baseline()?;
        let of_backlog = open.iter().filter(|group| group.first_seen <= baseline);
        Some(Backlog {
            since: baseline.to_zoned(TimeZone::UTC).date(),
            open: of_backlog.map(|group| group.targets.len()).sum(),
            before: self.earlier.last().and_then(|wire| wire.backlog),
        })
    }

    fn reach(&self) -> Result<Reach> {
        let view = self.view;
        let known = &view.hosts.known;
        let fresh = SignedDuration::from_hours(i64::from(FRESH_HOURS));
        let is_fresh = |one: &&crate::fleet::members::Placed| {
            let report = one.report.as_ref();
            report.is_some_and(|report| view.at.duration_since(report.seen_at) <= fresh)
        };
        let reporting = view.hosts.placed.iter().filter(|one| one.report.is_some());
        let reported = view.hosts.placed.iter().filter(is_fresh).count();
        let never = known.comparison.never.len() + known.comparison.doubts.len();
        let mut only_in: BTreeMap<String, usize> = BTreeMap::new();
        for unseen in &known.comparison.never {
            let lists: BTreeSet<usize> = unseen.entries.iter().map(|(list, _)| *list).collect();
            if let [list] = lists.iter().copied().collect::<Vec<_>>()[..]
                && let Some(list) = known.lists.get(list)
            {
                *only_in.entry(list.name.to_string()).or_default() += 1;
            }
        }
        let unknown = view.hosts.placed.iter();
        Ok(Reach {
            known: reporting.clone().count() + never,
            reported,
            within_hours: FRESH_HOURS,
            silent: reporting.count() - reported,
            never_seen: never,
            lists: known.lists.len(),
            only_in: only_in.into_iter().collect(),
            exposure_unknown: unknown
                .filter(|one| one.member.asset.exposed.is_none())
                .count(),
            asked: self.asked()?,
        })
    }

    /// Who was asked to report again in the last days, and how many have.
    fn asked(&self) -> Result<Option<AskedAgain>> {
        let told = |one: &Asked| self.view.at.duration_since(one.ask.at) <= RECENT;
        let asked = asked::latest(self.view)?.filter(told);
        Ok(asked.map(|one| AskedAgain {
            at: one.ask.at,
            asked: one.answers.asked as usize,
            answered: one.answers.answered() as usize,
            oldest: one.answers.oldest,
        }))
    }

    fn voided(&self) -> Vec<Voided> {
        let all = self.lives.voided.iter().chain(&self.lives.void);
        let mut told: BTreeMap<u64, Voided> = BTreeMap::new();
        for (number, void) in all.filter(|(_, void)| void.since >= self.since) {
            let Some(suppression) = self.lives.suppressions.get(number) else {
                continue;
            };
            let findings = self.lives.groups.iter().filter(|group| {
                matches!(group.life, Life::Open { .. })
                    && void.vulnerability.as_ref().is_none_or(|id| {
                        group.finding.id == *id
                            || group.finding.cves.iter().any(|cve| cve.to_string() == *id)
                    })
            });
            told.entry(*number).or_insert_with(|| Voided {
                number: *number,
                scope: suppression.scope.clone(),
                owner: suppression.owner.clone(),
                was: void.was.clone(),
                is: void.is.clone(),
                at: void.since,
                findings: findings.map(|group| group.targets.len()).sum(),
            });
        }
        told.into_values().collect()
    }

    /// What the log says of the time since the earlier briefing.
    fn changes(&self, open: &[FindingGroup], before: &Wire) -> Result<Since> {
        let moved = moved::since(self.view, self.lives, self.since)?;
        let turned = Turned::of(self.view, self.since);
        Ok(Since {
            at: self.since,
            new: turned.moved(Turn::Opened, open),
            fixed: turned.moved(Turn::Fixed, open),
            gone: turned.moved(Turn::Cleared, open),
            reopened: turned.moved(Turn::Reopened, open),
            turned_exploited: self.turned_exploited(open),
            suppression_over: moved.suppression_over,
            newly_suppressed: moved.newly_suppressed,
            hosts_appeared: moved.appeared,
            hosts_vanished: moved.vanished,
            findings_before: before.open as usize,
            overdue_before: before.overdue as usize,
            known_exploited_before: before.known_exploited as usize,
        })
    }

    /// The first hosts of a group by name.
    fn names(&self, group: &FindingGroup) -> Vec<String> {
        let placed = group.targets.iter().take(HOST_NAMES);
        placed
            .filter_map(|&at| Some(self.view.hosts.placed.get(at)?.host.name.clone()))
            .collect()
    }

    /// Findings that were there and whose vulnerability was listed since.
    fn turned_exploited(&self, open: &[FindingGroup]) -> Moved {
        let since = self.since.to_zoned(TimeZone::UTC).date();
        let is_turned = |group: &&FindingGroup| {
            let kev = group.finding.kev.as_ref();
            kev.is_some_and(|kev| kev.added > since) && group.first_seen <= self.since
        };
        let turned = open.iter().filter(is_turned);
        Moved::of(
            turned
                .map(|group| (changed(group, &self.names(group)), group.targets.len()))
                .collect(),
        )
    }

    /// The figures of the last days: those of the briefings that went out, and of each day what came and went by the log.
    fn trend(&self, open: &[FindingGroup]) -> Vec<TrendDay> {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let mut days: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
        for told in &self.view.told {
            let counts = told.transitions.counts();
            let of_day = days.entry(day(told.at)).or_default();
            of_day.0 += counts.opened + counts.reopened;
            of_day.1 += counts.fixed + counts.cleared;
        }
        let mut trend: BTreeMap<Date, TrendDay> = BTreeMap::new();
        for wire in &self.earlier {
            let (arrived, closed) = days.get(&day(wire.at)).copied().unwrap_or_default();
            trend.insert(
                day(wire.at),
                TrendDay {
                    day: day(wire.at),
                    open: wire.open,
                    known_exploited: wire.known_exploited,
                    overdue: wire.overdue,
                    arrived,
                    closed,
                },
            );
        }
        let today = day(self.view.at);
        let (arrived, closed) = days.get(&today).copied().unwrap_or_default();
        let still = open.iter().filter(|g| matches!(g.life, Life::Open { .. }));
        let count = |pick: &dyn Fn(&FindingGroup) -> bool| {
            let picked = still.clone().filter(|group| pick(group));
            picked.map(|group| group.targets.len() as u64).sum()
        };
        trend.insert(
            today,
            TrendDay {
                day: today,
                open: count(&|_| true),
                known_exploited: count(&|group| group.finding.kev.is_some()),
                overdue: count(&|group| group.finding.due().is_some_and(|by| by < self.view.at)),
                arrived,
                closed,
            },
        );
        trend.into_values().collect()
    }
}

fn not_covered_words(ecosystem: Option<Ecosystem>) -> String {
    ecosystem.map_or_else(
        || "packages of an unknown ecosystem".to_owned(),
        |ecosystem| ecosystem.to_string(),
    )
}

/// A group as one of a comparison.
fn changed(group: &FindingGroup, names: &[String]) -> ChangedGroup {
    let finding = &group.finding;
    ChangedGroup {
        key: finding.key(),
        id: finding
            .cves
            .first()
            .map_or_else(|| finding.id.clone(), ToString::to_string),
        package: finding.package.clone(),
        hosts: HostNames {
            total: group.targets.len(),
            names: names.to_vec(),
        },
        severity: finding.severity,
        known_exploited: finding.kev.is_some(),
    }
}
