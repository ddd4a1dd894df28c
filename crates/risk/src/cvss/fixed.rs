//! Decimal numbers with sixteen digits after the point.
//!
//! The factors of CVSS 2 and 3 have at most four digits each, so all products but the powers of the scope-changed impact
//! are exact, and a score never depends on how a machine rounds binary fractions.

use std::ops::{Add, Mul, Sub};

/// A number between about ±10,000, in units of 10⁻¹⁶.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(i128);

const UNIT: i128 = 10_i128.pow(16);

impl Fixed {
    pub(super) const ZERO: Self = Self(0);
    pub(super) const ONE: Self = Self(UNIT);

    /// `value` ten-thousandths: `decimal(6_200)` is 0.62.
    pub(super) const fn decimal(value: i128) -> Self {
        Self(value * (UNIT / 10_000))
    }

    /// So many tenths.
    pub(super) const fn tenths(value: i128) -> Self {
        Self::decimal(value * 1_000)
    }

    pub(super) fn power(self, exponent: u32) -> Self {
        (0..exponent).fold(Self::ONE, |product, _| product * self)
    }

    /// Rounded to one digit after the point, half away from zero.
    pub(super) const fn rounded(self) -> Self {
        let step = UNIT / 10;
        let half = if self.0 < 0 { -step / 2 } else { step / 2 };
        Self((self.0 + half) / step * step)
    }

    /// The smallest number with one digit after the point that is not less.
    pub(super) const fn rounded_up(self) -> Self {
        let step = UNIT / 10;
        Self((self.0 + step - 1).div_euclid(step) * step)
    }

    /// A rounded number in tenths, 0 to 100. Scores below zero are 0: the weakest 2.0 vectors come out there.
    pub(super) fn in_tenths(self) -> u8 {
        u8::try_from((self.0 / (UNIT / 10)).clamp(0, 100)).unwrap_or(100)
    }

    /// Rounded half up to five digits after the point.
    pub(super) const fn to_five_digits(self) -> Self {
        let step = UNIT / 100_000;
        Self((self.0 + step / 2).div_euclid(step) * step)
    }
}

impl Add for Fixed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Fixed {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0 / UNIT)
    }
}
