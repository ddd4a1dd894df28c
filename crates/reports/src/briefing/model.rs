//! The parts of a briefing: plain data in the order of the page.

use base::{CveId, Severity};
use drawing::text::count;
use jiff::Timestamp;
use jiff::civil::Date;
use matching::FixState;

use super::hosts::Hosts;
use super::owners::OwnerPart;
use super::previous::Memory;
use super::since::Since;
use super::standing::{Mitigated, Restart};
use super::today::{Backlog, Reach, Record, TrendDay, Voided};
use crate::scan::CatalogInfo;

/// The page of one morning.
#[derive(Clone, Debug, PartialEq)]
pub struct Briefing {
    /// The moment it is for.
    pub now: Timestamp,
    /// Against the previous one.
    pub status: Status,
    /// One sentence: what makes it so.
    pub headline: String,
    /// One sentence: the one thing to do today.
    pub action: String,
    /// What it looked at, and the totals.
    pub scope: Scope,
    /// Of how many hosts there are we heard; `None` where nothing knows.
    pub reach: Option<Reach>,
    /// What is overdue or due within 72 hours, earliest first.
    pub deadlines: Vec<Deadline>,
    /// How many findings fall due on each of the next days, today first; overdue ones are not in it.
    pub days_ahead: Vec<DayAhead>,
    /// What became known as exploited.
    pub exploited: Exploited,
    /// Every patch there is to install, most urgent first.
    pub patches: Vec<PatchLine>,
    /// What is installed and does not run yet.
    pub restarts: Vec<Restart>,
    /// Vulnerabilities without anything to install.
    pub no_fix: Vec<NoFix>,
    /// What each owner has to do, the one with the earliest date first.
    pub owners: Vec<OwnerPart>,
    /// Against the previous briefing; `None` when there is none.
    pub changes: Option<Since>,
    /// Suppressions that voided themselves since.
    pub voided: Vec<Voided>,
    /// What was there before the baseline date.
    pub backlog: Option<Backlog>,
    /// What stands and cannot be used, as a report showed.
    pub mitigated: Vec<Mitigated>,
    /// The figures of the last days, oldest first.
    pub trend: Vec<TrendDay>,
    /// What is not known, what moves most deadlines first.
    pub unknowns: Vec<Unknown>,
    /// Findings set aside, and suppressions that ended or soon will.
    pub set_aside: SetAside,
    /// Where it comes from.
    pub catalog: CatalogInfo,
    /// Which of the catalog's feeds are older than they may be.
    pub stale_feeds: Vec<String>,
    /// What makes the page checkable and repeatable.
    pub record: Option<Record>,
    /// What the next briefing compares itself with.
    pub memory: Memory,
}

/// How today stands against the previous briefing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Something is worse.
    Worse,
    /// Nothing is worse or better.
    Same,
    /// Nothing is worse and something is better.
    Better,
    /// There is nothing to compare with.
    First,
}

impl Status {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Better => "better",
            Self::First => "first",
        }
    }
}

/// What was looked at, and what it comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Hosts read.
    pub hosts: usize,
    /// Of those, hosts none of whose packages any feed covers.
    pub hosts_not_covered: usize,
    /// Packages read.
    pub packages: usize,
    /// Open findings.
    pub findings: usize,
    /// Open findings by severity, critical first, `None` (unknown) last.
    pub by_severity: Vec<(Option<Severity>, usize)>,
    /// Open findings whose vulnerability is known exploited.
    pub known_exploited: usize,
    /// Distinct CVEs among those.
    pub known_exploited_cves: usize,
    /// Open findings past their deadline.
    pub overdue: usize,
    /// Open findings the vendor calls unimportant, which stand in no list.
    pub unimportant: usize,
    /// Findings that something keeps from being used, which are not among the open ones.
    pub mitigated: usize,
    /// Findings whose fix is installed and does not run yet, which are not among the open ones.
    pub await_restart: usize,
}

impl Scope {
    /// ` (6 CVEs)`, to stand behind the number of known exploited findings where that is another number.
    pub(crate) fn distinct_cves(&self) -> String {
        if self.known_exploited_cves == self.known_exploited {
            String::new()
        } else {
            format!(" ({})", count(self.known_exploited_cves, "CVE", "CVEs"))
        }
    }
}

/// One thing with a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub by: Timestamp,
    /// How near that is.
    pub urgency: Urgency,
    /// What is to be done.
    pub task: Task,
    /// The package, or source package.
    pub package: String,
    /// The version to install; `None` when there is none.
    pub to: Option<String>,
    /// Ids people look for, known exploited first.
    pub vulnerabilities: Vec<String>,
    /// Which CVEs among them are known exploited.
    pub exploited: Vec<CveId>,
    /// When a briefing first saw any of it; `None` on a first briefing, to which everything is new.
    pub first_seen: Option<Timestamp>,
    /// The hosts.
    pub hosts: Hosts,
    /// Who is to do it, as far as the hosts' owners are known.
    pub owners: Vec<String>,
    /// The policy that set the date.
    pub policy: String,
    /// The row of the policy.
    pub row: String,
    /// What other policies say of the same finding where that is another date, the earliest first.
    pub others: Vec<OtherDate>,
}

/// A date that is not the strictest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherDate {
    /// When; `None`: the policy sets no date.
    pub by: Option<Timestamp>,
    /// The policy.
    pub policy: String,
    /// Its row.
    pub row: String,
}

/// How near a deadline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// In the past.
    Overdue,
    /// Within 24 hours.
    Day,
    /// Within 72 hours.
    ThreeDays,
}

impl Urgency {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Day => "24h",
            Self::ThreeDays => "72h",
        }
    }
}

/// What a deadline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Look for signs of compromise, before anything is changed.
    Triage,
    /// Install the fix.
    Patch,
    /// Decide what to do where there is nothing to install.
    Mitigate,
}

impl Task {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Patch => "patch",
            Self::Mitigate => "mitigate",
        }
    }
}

/// Findings that fall due on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayAhead {
    /// The day, UTC.
    pub day: Date,
    /// How many.
    pub findings: usize,
}

/// What became known as exploited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exploited {
    /// Since when entries count as new.
    pub since: Option<Date>,
    /// The new entries, ours first.
    pub new: Vec<ExploitedEntry>,
    /// How many of the last seven days an earlier briefing has already told.
    pub told_before: usize,
}

/// One new KEV entry, and what it means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExploitedEntry {
    /// The CVE.
    pub cve: CveId,
    /// Vendor and product, as listed.
    pub product: String,
    /// When it was listed.
    pub added: Date,
    /// The due date CISA printed.
    pub due: Option<Date>,
    /// Known use in ransomware.
    pub ransomware: Option<bool>,
    /// What it means here.
    pub verdict: Verdict,
}

/// What a KEV entry means for our hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Found on these hosts.
    Ours {
        /// The hosts.
        hosts: Hosts,
        /// The packages, sorted.
        packages: Vec<String>,
        /// What mends it, by ecosystem: releases have different versions.
        fixes: Vec<EcosystemFix>,
    },
    /// Found, but suppressed: the reason may no longer hold.
    Suppressed {
        /// The hosts.
        hosts: Hosts,
    },
    /// Found, and held off: mitigated, or the fix waits for a restart.
    Held {
        /// The hosts.
        hosts: Hosts,
        /// The packages, sorted.
        packages: Vec<String>,
    },
    /// Something here is of that name, and nobody can say that it is not affected.
    Check {
        /// The hosts.
        hosts: Hosts,
        /// The packages and products, sorted.
        packages: Vec<String>,
        /// Who is to be asked, sorted, as far as a register says.
        owners: Vec<String>,
        /// What is in doubt, sorted.
        doubts: Vec<Doubt>,
    },
    /// A feed knows what is affected, and no host we read has it in an affected version.
    NotFound {
        /// What feeds name: `mlflow (PyPI)`, `fortinet/fortios`.
        names: Vec<String>,
        /// Whether something here is of that name, in a version that is not affected.
        is_here: bool,
    },
    /// No feed names a package for it, so nothing can be said.
    CannotSay {
        /// Products that feeds name, which only a register would list.
        names: Vec<String>,
        /// Whether there is a product register; nothing of that name is in it.
        has_register: bool,
    },
}

/// Why it cannot be said that something is not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// Its version is not known.
    NoVersion,
    /// Its version was last confirmed so many days ago, or never.
    Unconfirmed(Option<i32>),
    /// No feed has versions that its own can be held against.
    NoRange,
}

impl Verdict {
    /// The word of the contract.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ours { .. } => "ours",
            Self::Suppressed { .. } => "suppressed",
            Self::Held { .. } => "held",
            Self::Check { .. } => "check",
            Self::NotFound { .. } => "not-found",
            Self::CannotSay { .. } => "cannot-say",
        }
    }
}

/// What mends a vulnerability on the hosts of one ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcosystemFix {
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// The versions to install, one a release line; empty when none is known.
    pub versions: Vec<String>,
    /// Whether some of its findings have nothing to install.
    pub is_partly_open: bool,
}

/// One patch of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchLine {
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// What is upgraded.
    pub package: String,
    /// Installed versions, lowest first.
    pub from: Vec<String>,
    /// The version to install.
    pub to: String,
    /// The hosts.
    pub hosts: Hosts,
    /// Their owners, sorted, as far as known.
    pub owners: Vec<String>,
    /// Findings it closes.
    pub findings: usize,
    /// Distinct vulnerabilities it closes.
    pub vulnerabilities: usize,
    /// How many of those are known exploited.
    pub known_exploited: usize,
    /// The worst severity it closes.
    pub severity: Option<Severity>,
    /// The highest EPSS score it closes.
    pub epss: Option<f32>,
    /// The earliest deadline, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
}

/// A vulnerability nothing fixes yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NoFix {
    /// The id people look for.
    pub id: String,
    /// The packages.
    pub packages: Vec<String>,
    /// The hosts.
    pub hosts: Hosts,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Known exploited.
    pub known_exploited: bool,
    /// What the vendor says.
    pub state: FixState,
    /// The date of the feed that says so, where the feed can be told by its name.
    pub as_of: Option<Timestamp>,
    /// Whether that feed is older than it may be, so that a fix may be out.
    pub is_stale: bool,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What kind.
    pub kind: UnknownKind,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// How many open findings have a deadline that rests on an assumption about it.
    pub moves: usize,
    /// The command that answers it.
    pub answer: Option<String>,
}

/// Kinds of what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownKind {
    /// A fact that deadlines depend on.
    Fact,
    /// Hosts of which nothing was heard.
    Silence,
    /// A host no feed covers.
    Host,
    /// Packages no feed covers.
    Packages,
    /// A feed that is old or has no date.
    Feed,
    /// Something that could not be read.
    Input,
    /// Findings nobody rates.
    Severity,
}

impl UnknownKind {
    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Silence => "silence",
            Self::Host => "host",
            Self::Packages => "packages",
            Self::Feed => "feed",
            Self::Input => "input",
            Self::Severity => "severity",
        }
    }
}

/// Findings set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAside {
    /// How many findings.
    pub findings: usize,
    /// Suppressions that end within seven days or have ended since, the earliest first.
    pub ending: Vec<Ending>,
    /// What else is to be said of suppressions.
    pub notes: Vec<String>,
}

/// A suppression near its end, or past it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ending {
    /// Its last second.
    pub until: Timestamp,
    /// What it covers, in words.
    pub scope: String,
    /// Who answers for it.
    pub owner: String,
    /// How many findings it covers; after its end, how many are open again.
    pub findings: usize,
}
