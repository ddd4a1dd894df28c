//! CVSS 3.0 (<https://www.first.org/cvss/v3-0/specification-document>, section 8) and
//! 3.1 (<https://www.first.org/cvss/v3-1/specification-document>, section 7).
//!
//! The two differ in the modified impact of a changed scope and in what "round up" is: 3.0 takes the smallest tenth that
//! is not less, 3.1 (appendix A) first rounds to five digits.

use super::fixed::Fixed;
use super::metrics::{Group, InvalidVector, Metric, Values, defines, read};

/// The minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Minor {
    Zero,
    One,
}

const METRICS: [Metric; 22] = [
    Metric::new(Group::Base, "AV", VECTORS),
    Metric::new(Group::Base, "AC", COMPLEXITIES),
    Metric::new(Group::Base, "PR", PRIVILEGES),
    Metric::new(Group::Base, "UI", INTERACTIONS),
    Metric::new(Group::Base, "S", SCOPES),
    Metric::new(Group::Base, "C", IMPACTS),
    Metric::new(Group::Base, "I", IMPACTS),
    Metric::new(Group::Base, "A", IMPACTS),
    Metric::new(Group::Environmental, "MAV", VECTORS),
    Metric::new(Group::Environmental, "MAC", COMPLEXITIES),
    Metric::new(Group::Environmental, "MPR", PRIVILEGES),
    Metric::new(Group::Environmental, "MUI", INTERACTIONS),
    Metric::new(Group::Environmental, "MS", SCOPES),
    Metric::new(Group::Environmental, "MC", IMPACTS),
    Metric::new(Group::Environmental, "MI", IMPACTS),
    Metric::new(Group::Environmental, "MA", IMPACTS),
    Metric::new(Group::Environmental, "CR", REQUIREMENTS),
    Metric::new(Group::Environmental, "IR", REQUIREMENTS),
    Metric::new(Group::Environmental, "AR", REQUIREMENTS),
    Metric::new(Group::Temporal, "E", &["U", "P", "F", "H"]),
    Metric::new(Group::Temporal, "RL", &["O", "T", "W", "U"]),
    Metric::new(Group::Temporal, "RC", &["U", "R", "C"]),
];
const VECTORS: &[&str] = &["N", "A", "L", "P"];
const COMPLEXITIES: &[&str] = &["L", "H"];
const PRIVILEGES: &[&str] = &["N", "L", "H"];
const INTERACTIONS: &[&str] = &["N", "R"];
const SCOPES: &[&str] = &["U", "C"];
const IMPACTS: &[&str] = &["N", "L", "H"];
const REQUIREMENTS: &[&str] = &["L", "M", "H"];

const AV: usize = 0;
const AC: usize = 1;
const PR: usize = 2;
const UI: usize = 3;
const S: usize = 4;
const IMPACT: [usize; 3] = [5, 6, 7];
/// From a base metric to its modified one.
const MODIFIED: usize = 8;
const REQUIREMENT: [usize; 3] = [16, 17, 18];
const E: usize = 19;
const RL: usize = 20;
const RC: usize = 21;

const CHANGED: usize = 1;

// Factors in ten-thousandths, in the order of the values.
const VECTOR_FACTORS: [i128; 4] = [8_500, 6_200, 5_500, 2_000];
const COMPLEXITY_FACTORS: [i128; 2] = [7_700, 4_400];
const PRIVILEGE_FACTORS: [[i128; 3]; 2] = [[8_500, 6_200, 2_700], [8_500, 6_800, 5_000]];
const INTERACTION_FACTORS: [i128; 2] = [8_500, 6_200];
const IMPACT_FACTORS: [i128; 3] = [0, 2_200, 5_600];
const REQUIREMENT_FACTORS: [i128; 3] = [5_000, 10_000, 15_000];
const EXPLOIT_FACTORS: [i128; 4] = [9_100, 9_400, 9_700, 10_000];
const REMEDIATION_FACTORS: [i128; 4] = [9_500, 9_600, 9_700, 10_000];
const CONFIDENCE_FACTORS: [i128; 3] = [9_200, 9_600, 10_000];

/// A 3.x vector.
pub(super) struct Vector {
    values: Values<22>,
    minor: Minor,
}

impl Vector {
    pub(super) fn read(text: &str, minor: Minor) -> Result<Self, InvalidVector> {
        let values = read(text, &METRICS, "X")?;
        Ok(Self { values, minor })
    }

    pub(super) fn base(&self) -> u8 {
        let base = |metric: usize| self.values[metric].unwrap_or_default();
        let spared = IMPACT.into_iter().fold(Fixed::ONE, |product, metric| {
            product * (Fixed::ONE - Fixed::decimal(IMPACT_FACTORS[base(metric)]))
        });
        let scope = base(S);
        let impact = impact(Fixed::ONE - spared, scope, Minor::Zero);
        self.combined(impact, exploitability(base, scope), scope)
    }

    pub(super) fn overall(&self) -> u8 {
        if defines(&self.values, &METRICS, Group::Environmental) {
            self.temporal(self.modified())
        } else {
            self.temporal(self.base())
        }
    }

    /// With no temporal metric defined every factor is one and this is the score it is given.
    fn temporal(&self, score: u8) -> u8 {
        let factor = |metric: usize, factors: &[i128]| {
            self.values[metric].map_or(Fixed::ONE, |value| Fixed::decimal(factors[value]))
        };
        let factors = factor(E, &EXPLOIT_FACTORS)
            * factor(RL, &REMEDIATION_FACTORS)
            * factor(RC, &CONFIDENCE_FACTORS);
        self.round_up(Fixed::tenths(i128::from(score)) * factors)
    }

    /// The environmental score before the temporal factors.
    fn modified(&self) -> u8 {
        let effective = |metric: usize| {
            self.values[metric + MODIFIED]
                .or(self.values[metric])
                .unwrap_or_default()
        };
        let spared = IMPACT.into_iter().zip(REQUIREMENT).fold(
            Fixed::ONE,
            |product, (metric, requirement)| {
                let weight = self.values[requirement].map_or(Fixed::ONE, |value| {
                    Fixed::decimal(REQUIREMENT_FACTORS[value])
                });
                product * (Fixed::ONE - Fixed::decimal(IMPACT_FACTORS[effective(metric)]) * weight)
            },
        );
        let lost = (Fixed::ONE - spared).min(Fixed::decimal(9_150));
        let scope = effective(S);
        self.combined(
            impact(lost, scope, self.minor),
            exploitability(effective, scope),
            scope,
        )
    }

    fn combined(&self, impact: Fixed, exploitability: Fixed, scope: usize) -> u8 {
        if impact <= Fixed::ZERO {
            return 0;
        }
        let sum = impact + exploitability;
        let scaled = if scope == CHANGED {
            Fixed::decimal(10_800) * sum
        } else {
            sum
        };
        self.round_up(scaled.min(Fixed::tenths(100)))
    }

    fn round_up(&self, score: Fixed) -> u8 {
        match self.minor {
            Minor::Zero => score.rounded_up(),
            Minor::One => score.to_five_digits().rounded_up(),
        }
        .in_tenths()
    }
}

fn exploitability(value: impl Fn(usize) -> usize, scope: usize) -> Fixed {
    Fixed::decimal(82_200)
        * Fixed::decimal(VECTOR_FACTORS[value(AV)])
        * Fixed::decimal(COMPLEXITY_FACTORS[value(AC)])
        * Fixed::decimal(PRIVILEGE_FACTORS[scope][value(PR)])
        * Fixed::decimal(INTERACTION_FACTORS[value(UI)])
}

/// Impact from the share of confidentiality, integrity and availability lost. The base impact of 3.1 is that of 3.0.
fn impact(lost: Fixed, scope: usize, minor: Minor) -> Fixed {
    if scope != CHANGED {
        return Fixed::decimal(64_200) * lost;
    }
    let correction = match minor {
        Minor::Zero => (lost - Fixed::decimal(200)).power(15),
        Minor::One => (lost * Fixed::decimal(9_731) - Fixed::decimal(200)).power(13),
    };
    Fixed::decimal(75_200) * (lost - Fixed::decimal(290)) - Fixed::decimal(32_500) * correction
}
