//! A score as a severity: the bands of CVSS v3 and v4 (<https://www.first.org/cvss/v4-0/specification-document>, section 6).

use base::Severity;

/// `None` for what is no score: Greenbone marks a false positive with -1, Qualys and others leave out what they do not know.
pub(super) fn of_score(score: f64) -> Option<Severity> {
    Some(match score {
        0.0 => Severity::None,
        s if s > 0.0 && s < 4.0 => Severity::Low,
        s if (4.0..7.0).contains(&s) => Severity::Medium,
        s if (7.0..9.0).contains(&s) => Severity::High,
        s if (9.0..=10.0).contains(&s) => Severity::Critical,
        _ => return None,
    })
}
