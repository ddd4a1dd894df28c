//! What a decision is made from. Every fact carries its source, or is unknown.

use base::Severity;
use jiff::Timestamp;

/// A fact with where it comes from; an unknown one has no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    /// The value, if known.
    pub value: Option<T>,
    /// Who says so: `kev 2026-08-21`, `cisa-adp 2024-08-01`, `owner`, `inventory`; for an unknown fact, who was asked.
    pub source: String,
}

impl<T> Fact<T> {
    /// A known fact.
    pub fn known(value: T, source: impl Into<String>) -> Self {
        Self {
            value: Some(value),
            source: source.into(),
        }
    }

    /// An unknown fact, and who was asked.
    pub fn unknown(asked: impl Into<String>) -> Self {
        Self {
            value: None,
            source: asked.into(),
        }
    }
}

/// Everything a policy may read about one finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Listed as known exploited.
    pub kev: Fact<bool>,
    /// When it was listed (start of that day, UTC).
    pub kev_added: Fact<Timestamp>,
    /// The date CISA published with the listing. Shown beside our own date, never decided by: some precede the listing.
    pub kev_due: Fact<Timestamp>,
    /// The host is reachable by untrusted parties from public networks: a fact about the host, no feed gives it.
    pub exposed: Fact<bool>,
    /// SSVC system exposure, `small`, `controlled` or `open`, where somebody said so; else policies derive it from `exposed`.
    pub exposure: Fact<&'static str>,
    /// SSVC: steps 1 to 4 of the kill chain can be automated.
    pub automatable: Fact<bool>,
    /// SSVC: technical impact is total.
    pub total_impact: Fact<bool>,
    /// SSVC: state of exploitation, `none`, `poc` or `active`.
    pub exploitation: Fact<&'static str>,
    /// Somebody here says that it is exploited (a local advisory), whatever the feeds say.
    pub claimed: Fact<bool>,
    /// Severity, as the team ranks it (vendor's word, else CVSS).
    pub severity: Fact<Severity>,
    /// Highest CVSS base score in tenths.
    pub cvss_tenths: Fact<u8>,
    /// EPSS score, 0 to 1.
    pub epss: Fact<f32>,
    /// When the vendor released the fix.
    pub released: Fact<Timestamp>,
    /// When we first saw it on the host.
    pub detected: Fact<Timestamp>,
    /// When the rank rose to what it is: it was listed, or rated worse, after it was known.
    pub reranked: Fact<Timestamp>,
    /// From when the house's clocks run for what was there before; what was first seen later does not care.
    pub baseline: Fact<Timestamp>,
    /// Whether the host is in the scope of PCI DSS: `out`, `connected` or `in`.
    pub scope: Fact<&'static str>,
    /// Mission and safety impact of the host, `low`, `medium`, `high` or `very high`, from its criticality.
    pub human_impact: Fact<&'static str>,
}

impl Facts {
    /// Whether it was there before the baseline, and so is a backlog and no arrival.
    pub fn is_backlog(&self) -> bool {
        let both = self.detected.value.zip(self.baseline.value);
        both.is_some_and(|(detected, baseline)| detected <= baseline)
    }

    /// Nothing known, nobody asked: the start for `Facts { kev: …, ..Facts::unknown() }`.
    pub fn unknown() -> Self {
        Self {
            kev: Fact::unknown(""),
            kev_added: Fact::unknown(""),
            kev_due: Fact::unknown(""),
            exposed: Fact::unknown(""),
            exposure: Fact::unknown(""),
            automatable: Fact::unknown(""),
            total_impact: Fact::unknown(""),
            exploitation: Fact::unknown(""),
            claimed: Fact::unknown(""),
            severity: Fact::unknown(""),
            cvss_tenths: Fact::unknown(""),
            epss: Fact::unknown(""),
            released: Fact::unknown(""),
            detected: Fact::unknown(""),
            reranked: Fact::unknown(""),
            baseline: Fact::unknown(""),
            scope: Fact::unknown(""),
            human_impact: Fact::unknown(""),
        }
    }
}
