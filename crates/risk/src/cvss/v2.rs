//! CVSS 2.0 (<https://www.first.org/cvss/v2/guide>, section 3.2).

use super::fixed::Fixed;
use super::metrics::{Group, InvalidVector, Metric, Values, defines, read};

const METRICS: [Metric; 14] = [
    Metric::new(Group::Base, "AV", &["L", "A", "N"]),
    Metric::new(Group::Base, "AC", &["H", "M", "L"]),
    Metric::new(Group::Base, "Au", &["M", "S", "N"]),
    Metric::new(Group::Base, "C", IMPACTS),
    Metric::new(Group::Base, "I", IMPACTS),
    Metric::new(Group::Base, "A", IMPACTS),
    Metric::new(Group::Temporal, "E", &["U", "POC", "F", "H"]),
    Metric::new(Group::Temporal, "RL", &["OF", "TF", "W", "U"]),
    Metric::new(Group::Temporal, "RC", &["UC", "UR", "C"]),
    Metric::new(Group::Environmental, "CDP", &["N", "L", "LM", "MH", "H"]),
    Metric::new(Group::Environmental, "TD", &["N", "L", "M", "H"]),
    Metric::new(Group::Environmental, "CR", REQUIREMENTS),
    Metric::new(Group::Environmental, "IR", REQUIREMENTS),
    Metric::new(Group::Environmental, "AR", REQUIREMENTS),
];
const IMPACTS: &[&str] = &["N", "P", "C"];
const REQUIREMENTS: &[&str] = &["L", "M", "H"];

const AV: usize = 0;
const AC: usize = 1;
const AU: usize = 2;
const IMPACT: [usize; 3] = [3, 4, 5];
const E: usize = 6;
const RL: usize = 7;
const RC: usize = 8;
const CDP: usize = 9;
const TD: usize = 10;
const REQUIREMENT: [usize; 3] = [11, 12, 13];

/// The factor of each value in ten-thousandths, in the order of [`METRICS`], the factor of "not defined" last.
const FACTORS: [&[i128]; 14] = [
    &[3_950, 6_460, 10_000],
    &[3_500, 6_100, 7_100],
    &[4_500, 5_600, 7_040],
    &[0, 2_750, 6_600],
    &[0, 2_750, 6_600],
    &[0, 2_750, 6_600],
    &[8_500, 9_000, 9_500, 10_000, 10_000],
    &[8_700, 9_000, 9_500, 10_000, 10_000],
    &[9_000, 9_500, 10_000, 10_000],
    &[0, 1_000, 3_000, 4_000, 5_000, 0],
    &[0, 2_500, 7_500, 10_000, 10_000],
    &[5_000, 10_000, 15_100, 10_000],
    &[5_000, 10_000, 15_100, 10_000],
    &[5_000, 10_000, 15_100, 10_000],
];

/// A 2.0 vector.
pub(super) struct Vector(Values<14>);

impl Vector {
    pub(super) fn read(text: &str) -> Result<Self, InvalidVector> {
        let bare = text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'))
            .unwrap_or(text);
        read(bare, &METRICS, "ND").map(Self)
    }

    pub(super) fn base(&self) -> u8 {
        self.base_score().in_tenths()
    }

    pub(super) fn overall(&self) -> u8 {
        let score = if defines(&self.0, &METRICS, Group::Environmental) {
            self.environmental()
        } else {
            self.temporal(self.base_score())
        };
        score.in_tenths()
    }

    fn base_score(&self) -> Fixed {
        self.base_with(self.impact(|_| Fixed::ONE)).rounded()
    }

    /// With no temporal metric defined every factor is one and this is the score it is given.
    fn temporal(&self, base: Fixed) -> Fixed {
        (base * self.factor(E) * self.factor(RL) * self.factor(RC)).rounded()
    }

    fn environmental(&self) -> Fixed {
        let ten = Fixed::tenths(100);
        let impact = self.impact(|requirement| self.factor(requirement)).min(ten);
        let adjusted = self.temporal(self.base_with(impact).rounded());
        ((adjusted + (ten - adjusted) * self.factor(CDP)) * self.factor(TD)).rounded()
    }

    fn impact(&self, weight: impl Fn(usize) -> Fixed) -> Fixed {
        let spared = IMPACT.into_iter().zip(REQUIREMENT).fold(
            Fixed::ONE,
            |product, (impact, requirement)| {
                product * (Fixed::ONE - self.factor(impact) * weight(requirement))
            },
        );
        Fixed::decimal(104_100) * (Fixed::ONE - spared)
    }

    /// The base equation, not rounded. With low requirements it goes below zero, and the guide's environmental equation
    /// takes it as it comes; only the final score is cut at 0.
    fn base_with(&self, impact: Fixed) -> Fixed {
        if impact == Fixed::ZERO {
            return Fixed::ZERO;
        }
        let exploitability =
            Fixed::decimal(200_000) * self.factor(AV) * self.factor(AC) * self.factor(AU);
        let sum = Fixed::decimal(6_000) * impact + Fixed::decimal(4_000) * exploitability
            - Fixed::decimal(15_000);
        sum * Fixed::decimal(11_760)
    }

    fn factor(&self, metric: usize) -> Fixed {
        let factors = FACTORS[metric];
        Fixed::decimal(factors[self.0[metric].unwrap_or(factors.len() - 1)])
    }
}
