//! A patch: the unit of action. One upgrade that closes many findings on many targets.

use base::Severity;
use jiff::Timestamp;

/// An upgrade and what it closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// What is upgraded: the source package for distributions, else the package.
    pub package: String,
    /// The installed versions, lowest first as far as they compare.
    pub from: Vec<String>,
    /// The version that closes all of them; `None` when no fix is known.
    pub to: Option<String>,
    /// Binary packages it upgrades, sorted.
    pub packages: Vec<String>,
    /// Targets (indexes into the report), sorted.
    pub targets: Vec<usize>,
    /// Findings it closes (indexes into the list given), sorted.
    pub findings: Vec<usize>,
    /// Distinct vulnerabilities it closes.
    pub vulnerabilities: usize,
    /// How many of those are known exploited.
    pub kev: usize,
    /// The worst severity it closes.
    pub severity: Option<Severity>,
    /// The highest EPSS score it closes.
    pub epss: Option<f32>,
    /// The earliest deadline, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
}
