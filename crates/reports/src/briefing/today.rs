//! What a briefing is made from: plain facts, from a directory of inventories or from the store.

use advisories::model::KevEntry;
use base::{CveId, Note};
use fleet::group::FindingGroup;
use fleet::suppression::Suppression;
use jiff::Timestamp;
use jiff::civil::Date;

use super::model::Verdict;
use super::previous::PreviousBriefing;
use super::since::Since;
use crate::scan::{CatalogInfo, Target, TargetNote};

/// Everything a briefing is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Today {
    /// The moment of the briefing.
    pub now: Timestamp,
    /// The catalog it is made with.
    pub catalog: CatalogInfo,
    /// The hosts. The targets of groups are indexes into it.
    pub hosts: Vec<Target>,
    /// What was found on them and is not set aside.
    pub groups: Vec<FindingGroup>,
    /// What is set aside, by which suppression.
    pub suppressed: Vec<(FindingGroup, Suppression)>,
    /// What could not be read.
    pub errors: Vec<TargetNote>,
    /// The file of the briefing before this one, if there is one.
    pub previous: Option<PreviousBriefing>,
    /// KEV entries of the last seven days, and since the previous briefing where that is longer ago.
    pub recent_kev: Vec<RecentKev>,
    /// Names of the feeds that are older than they may be.
    pub stale_feeds: Vec<String>,
    /// Suppressions that ended some days ago, each with how many findings are open again.
    pub ended: Vec<(Suppression, usize)>,
    /// What is to be said of suppressions beside `ended`: void, unused, without an end in sight.
    pub suppression_notes: Vec<Note>,
    /// What only a store knows; nothing of it where a directory is briefed.
    pub fleet: FleetFacts,
}

/// What is known of a fleet that is remembered from day to day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetFacts {
    /// What changed, by the log. It takes the place of a comparison with the file of an earlier briefing.
    pub since: Option<Since>,
    /// KEV entries that earlier briefings have told.
    pub told: Vec<CveId>,
    /// How many hosts there are, and of how many we heard.
    pub reach: Option<Reach>,
    /// When the next maintenance window of each host begins, in the order of the hosts; shorter where nobody says.
    pub windows: Vec<Option<Timestamp>>,
    /// Suppressions that voided themselves since the earlier briefing.
    pub voided: Vec<Voided>,
    /// What an answer would move, with the most deadlines first; `None`: found from the decisions.
    pub questions: Option<Vec<Question>>,
    /// The figures of the last days, oldest first.
    pub trend: Vec<TrendDay>,
    /// What was there before the baseline date.
    pub backlog: Option<Backlog>,
    /// What makes the page checkable.
    pub record: Option<Record>,
}

/// A KEV entry with what is needed to say "not ours" honestly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentKev {
    /// The entry.
    pub entry: KevEntry,
    /// What it means here if no finding stands.
    pub otherwise: Verdict,
}

/// The denominator: hosts known from anywhere, and those we heard of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Hosts known from a report or from a list.
    pub known: usize,
    /// Of those, hosts that reported within [`Reach::within_hours`].
    pub reported: usize,
    /// What counts as fresh.
    pub within_hours: u32,
    /// Hosts that reported longer ago.
    pub silent: usize,
    /// Hosts that stand in a list and never reported.
    pub never_seen: usize,
    /// How many lists of hosts there are.
    pub lists: usize,
    /// Of the hosts never seen, how many stand in one list only, by list.
    pub only_in: Vec<(String, usize)>,
    /// Hosts of which nobody says whether they are exposed.
    pub exposure_unknown: usize,
    /// The newest question to hosts to report again, of the last days.
    pub asked: Option<AskedAgain>,
}

/// Hosts that were asked to report again now, and how many have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedAgain {
    /// When.
    pub at: Timestamp,
    /// How many were asked and are in the fleet.
    pub asked: usize,
    /// How many have reported since.
    pub answered: usize,
    /// The oldest of what is known of those that have not.
    pub oldest: Option<Timestamp>,
}

/// A suppression that voided itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voided {
    /// Its number.
    pub number: u64,
    /// What it covers, in words.
    pub scope: String,
    /// Who answers for it.
    pub owner: String,
    /// The fact it rested on: `not known exploited`.
    pub was: String,
    /// What holds now: `known exploited`.
    pub is: String,
    /// Since when.
    pub at: Timestamp,
    /// How many findings are open again.
    pub findings: usize,
}

/// A fact nobody gives, and what an answer would move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question, with its question mark and what is assumed meanwhile.
    pub text: String,
    /// How many deadlines an answer would move.
    pub moves: usize,
    /// The command that answers it.
    pub answer: Option<String>,
}

/// The figures of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrendDay {
    /// The day, UTC.
    pub day: Date,
    /// Open findings at its end.
    pub open: u64,
    /// Of those, known exploited.
    pub known_exploited: u64,
    /// Of those, overdue.
    pub overdue: u64,
    /// Findings that came up on it.
    pub arrived: u64,
    /// Findings that were seen fixed on it.
    pub closed: u64,
}

/// What was there before the house's clocks began to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The baseline date.
    pub since: Date,
    /// Findings of the backlog that are still open.
    pub open: usize,
    /// As many then, at the earlier briefing.
    pub before: Option<usize>,
}

/// What makes the page checkable and repeatable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Head of the audit chain, in hex.
    pub audit_head: Option<String>,
    /// The command that makes the same page again.
    pub repeat: Option<String>,
}

impl Today {
    /// Whether there is an earlier briefing to compare with.
    pub(super) const fn compares(&self) -> bool {
        self.previous.is_some() || self.fleet.since.is_some()
    }

    /// When the earlier briefing was made.
    pub(super) fn compared_with(&self) -> Option<Timestamp> {
        let log = self.fleet.since.as_ref().map(|s| s.at);
        log.or_else(|| self.previous.as_ref().map(|p| p.now))
    }

    /// The KEV entries earlier briefings have told.
    pub(super) fn told(&self) -> impl Iterator<Item = CveId> {
        let file = self.previous.iter().flat_map(|p| &p.memory.told);
        file.chain(&self.fleet.told).copied()
    }
}
