//! CVSS 2.0, 3.0, 3.1 and 4.0: from a vector to a score and a severity.

use base::Severity;

/// A CVSS version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2.0
    V2,
    /// 3.0
    V3_0,
    /// 3.1
    V3_1,
    /// 4.0
    V4,
}

impl Version {
    /// `2.0`, `3.0`, `3.1`, `4.0`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
            Self::V4 => "4.0",
        }
    }
}

/// A scored vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Which CVSS.
    pub version: Version,
    /// 0.0 to 10.0 in tenths, so that it is exact and ordered.
    pub tenths: u8,
    /// The qualitative severity of the score.
    pub severity: Severity,
}

impl Scored {
    /// The score as printed: `9.8`.
    pub fn score(self) -> f64 {
        f64::from(self.tenths) / 10.0
    }
}

/// The text is not a CVSS vector; the message says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidVector(pub String);

/// The base score for v2 and v3, the score of the vector as given for v4.
pub fn score(vector: &str) -> Result<Scored, InvalidVector> {
    let parsed: polycvss::Vector = vector
        .parse()
        .map_err(|error: polycvss::Err| InvalidVector(error.to_string()))?;
    let version = match polycvss::Version::from(parsed) {
        polycvss::Version::V20 => Version::V2,
        polycvss::Version::V30 => Version::V3_0,
        polycvss::Version::V31 => Version::V3_1,
        polycvss::Version::V40 => Version::V4,
    };
    let tenths = (f64::from(parsed.base_score()) * 10.0).round() as u8;
    Ok(Scored {
        version,
        tenths,
        severity: severity(version, tenths),
    })
}

/// The qualitative severity of a score; v2 has NVD's three.
fn severity(version: Version, tenths: u8) -> Severity {
    match (version, tenths) {
        (Version::V2, 0..=39) => Severity::Low,
        (_, 0) => Severity::None,
        (_, 1..=39) => Severity::Low,
        (_, 40..=69) => Severity::Medium,
        (Version::V2, _) | (_, 70..=89) => Severity::High,
        _ => Severity::Critical,
    }
}
