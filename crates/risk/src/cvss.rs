//! CVSS 2.0, 3.0, 3.1 and 4.0: from a vector to a score and a severity
//! (<https://www.first.org/cvss/v2/guide>, <https://www.first.org/cvss/v3-0/specification-document>,
//! <https://www.first.org/cvss/v3-1/specification-document>, <https://www.first.org/cvss/v4-0/specification-document>).
//!
//! All arithmetic is exact or fixed-point, so a score is the same on every machine and a tie is a tie. What is accepted:
//! metrics in any order (3.x demands it; the text of 4.0 forbids it, but published advisories do it and FIRST's
//! calculator scores them), each at most once, all base metrics present, names and values in their exact case, optional
//! metrics as `X` (2.0: `ND`) or left out. A 2.0 vector has no prefix and may stand in parentheses, as NVD prints it.

mod fixed;
mod metrics;
mod v2;
mod v3;
mod v4;

use base::Severity;

pub use metrics::InvalidVector;

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

/// The base score for v2 and v3, the score of the vector as given for v4.
pub fn score(vector: &str) -> Result<Scored, InvalidVector> {
    scored(vector, v2::Vector::base, v3::Vector::base)
}

/// The score with everything the vector says: for v2 and v3 the environmental score if an environmental metric is
/// defined, else the temporal score if a temporal one is, else the base score; for v4 the same as [`score`].
pub fn overall(vector: &str) -> Result<Scored, InvalidVector> {
    scored(vector, v2::Vector::overall, v3::Vector::overall)
}

fn scored(
    text: &str,
    of_v2: impl Fn(&v2::Vector) -> u8,
    of_v3: impl Fn(&v3::Vector) -> u8,
) -> Result<Scored, InvalidVector> {
    let (version, tenths) = if let Some(metrics) = text.strip_prefix("CVSS:4.0/") {
        (Version::V4, v4::Vector::read(metrics)?.score())
    } else if let Some(metrics) = text.strip_prefix("CVSS:3.1/") {
        (
            Version::V3_1,
            of_v3(&v3::Vector::read(metrics, v3::Minor::One)?),
        )
    } else if let Some(metrics) = text.strip_prefix("CVSS:3.0/") {
        (
            Version::V3_0,
            of_v3(&v3::Vector::read(metrics, v3::Minor::Zero)?),
        )
    } else {
        (Version::V2, of_v2(&v2::Vector::read(text)?))
    };
    Ok(Scored {
        version,
        tenths,
        severity: severity(version, tenths),
    })
}

/// The qualitative severity of a score; v2 has NVD's three (<https://nvd.nist.gov/vuln-metrics/cvss>).
const fn severity(version: Version, tenths: u8) -> Severity {
    match (version, tenths) {
        (Version::V2, 0..=39) | (_, 1..=39) => Severity::Low,
        (_, 0) => Severity::None,
        (_, 40..=69) => Severity::Medium,
        (Version::V2, _) | (_, 70..=89) => Severity::High,
        _ => Severity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn combinations(metrics: &[(&str, &str)]) -> Vec<String> {
        metrics
            .iter()
            .fold(vec![String::new()], |heads, (name, values)| {
                let extend = |head: &String| {
                    let separator = if head.is_empty() { "" } else { "/" };
                    values
                        .chars()
                        .map(|value| format!("{head}{separator}{name}:{value}"))
                        .collect::<Vec<_>>()
                };
                heads.iter().flat_map(extend).collect()
            })
    }

    fn check_base(table: &str, prefix: &str, tail: &[(&str, &str)]) -> usize {
        let tails = combinations(tail);
        let mut checked = 0;
        for line in table.lines() {
            let (head, scores) = line.split_once('\t').expect("test data");
            for (tail, expected) in tails.iter().zip(scores.split(' ')) {
                let vector = format!("{prefix}{head}/{tail}");
                let got = score(&vector).expect("test data");
                assert_eq!(format!("{:.1}", got.score()), expected, "{vector}");
                assert_eq!(overall(&vector), Ok(got), "{vector}");
                checked += 1;
            }
        }
        checked
    }

    fn check_random(table: &str) {
        for line in table.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let got = [score(cells[0]), overall(cells[0])]
                .map(|scored| format!("{:.1}", scored.expect("test data").score()));
            assert_eq!(got, [cells[1], cells[2]], "{}", cells[0]);
        }
        assert_eq!(table.lines().count(), 1000);
    }

    const IMPACTS: [(&str, &str); 3] = [("C", "NLH"), ("I", "NLH"), ("A", "NLH")];

    // Oracle of the tables: Red Hat's `cvss` 3.6; see testdata/generate/vectors.py.

    #[test]
    fn every_2_0_base_vector_scores_as_red_hats_library() {
        let tail = [("C", "NPC"), ("I", "NPC"), ("A", "NPC")];
        assert_eq!(
            check_base(include_str!("../testdata/cvss/base-2.0.tsv"), "", &tail),
            729
        );
        check_random(include_str!("../testdata/cvss/random-2.0.tsv"));
    }

    #[test]
    fn every_3_0_base_vector_scores_as_red_hats_library() {
        assert_eq!(
            check_base(
                include_str!("../testdata/cvss/base-3.0.tsv"),
                "CVSS:3.0/",
                &IMPACTS
            ),
            2592
        );
        check_random(include_str!("../testdata/cvss/random-3.0.tsv"));
    }

    #[test]
    fn every_3_1_base_vector_scores_as_red_hats_library() {
        assert_eq!(
            check_base(
                include_str!("../testdata/cvss/base-3.1.tsv"),
                "CVSS:3.1/",
                &IMPACTS
            ),
            2592
        );
        check_random(include_str!("../testdata/cvss/random-3.1.tsv"));
    }

    #[test]
    fn every_4_0_base_vector_scores_as_firsts_reference_code() {
        let tails = combinations(&["VC", "VI", "VA", "SC", "SI", "SA"].map(|name| (name, "HLN")));
        let mut checked = 0;
        for line in include_str!("../testdata/cvss/base-4.0.tsv").lines() {
            let (head, expected) = line.split_once('\t').expect("test data");
            let hash = tails.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, tail| {
                let scored = score(&format!("CVSS:4.0/{head}/{tail}")).expect("test data");
                checked += 1;
                (hash ^ u64::from(scored.tenths)).wrapping_mul(0x100_0000_01b3)
            });
            assert_eq!(format!("{hash:016x}"), expected, "{head}");
        }
        assert_eq!(checked, 104_976);
        check_random(include_str!("../testdata/cvss/random-4.0.tsv"));
    }

    fn check_invalid(vector: &str, why: &str) {
        assert_eq!(
            score(vector),
            Err(InvalidVector(why.to_owned())),
            "{vector}"
        );
        assert!(overall(vector).is_err());
    }

    #[test]
    fn what_the_grammars_do_not_allow_is_an_error() {
        check_invalid("", "not NAME:VALUE: ");
        check_invalid("/", "not NAME:VALUE: ");
        check_invalid("CVSS:3.1/", "not NAME:VALUE: ");
        check_invalid("CVSS:3.1", "unknown metric: CVSS");
        check_invalid(
            "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown metric: CVSS",
        );
        check_invalid(
            "cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown metric: cvss",
        );
        check_invalid("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "unknown metric: PR");
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/",
            "not NAME:VALUE: ",
        );
        check_invalid(
            "CVSS:3.1//AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "not NAME:VALUE: ",
        );
        check_invalid(
            " CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown metric:  CVSS",
        );
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H ",
            "unknown value of A: H ",
        );
        check_invalid(
            "CVSS:3.1/av:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown metric: av",
        );
        check_invalid(
            "CVSS:3.1/AV:n/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown value of AV: n",
        );
        check_invalid(
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "unknown value of AV: X",
        );
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H:H",
            "unknown value of A: H:H",
        );
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "mandatory metric is missing: A",
        );
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/A:H",
            "metric given twice: A",
        );
        check_invalid(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X/E:X",
            "metric given twice: E",
        );
    }

    #[test]
    fn each_version_refuses_the_values_of_the_others() {
        check_invalid(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:S",
            "unknown value of SI: S",
        );
        check_invalid(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/U:RED",
            "unknown value of U: RED",
        );
        check_invalid("(AV:N/AC:L/Au:N/C:P/I:P/A:P", "unknown metric: (AV");
        check_invalid("AV:N/AC:L/AU:N/C:P/I:P/A:P", "unknown metric: AU");
        check_invalid(
            "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "unknown metric: CVSS",
        );
    }

    fn check(vector: &str, version: &str, expected: &str, severity: &str) {
        let scored = score(vector).expect("test data");
        let got = (
            scored.version.as_str(),
            format!("{:.1}", scored.score()),
            scored.severity.as_str(),
        );
        assert_eq!(got, (version, expected.to_owned(), severity), "{vector}");
    }

    #[test]
    fn order_parentheses_and_undefined_metrics_do_not_change_a_score() {
        check("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", "2.0", "7.5", "high");
        check("A:P/I:P/C:P/Au:N/AC:L/AV:N/E:ND/TD:N", "2.0", "7.5", "high");
        check(
            "CVSS:3.0/A:H/I:H/C:H/S:C/UI:N/PR:N/AC:L/AV:N/MAV:X/E:U",
            "3.0",
            "10.0",
            "critical",
        );
        // A published order: GHSA-28g4-38q8-3cwc.
        check(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/SC:N/VI:H/SI:N/VA:H/SA:N",
            "4.0",
            "8.7",
            "high",
        );
    }

    #[test]
    fn severities_are_the_scales_and_2_0_has_three() {
        check("AV:L/AC:H/Au:M/C:N/I:N/A:N", "2.0", "0.0", "low");
        check("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", "10.0", "high");
        check(
            "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N",
            "3.1",
            "0.0",
            "none",
        );
        check(
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "3.1",
            "9.8",
            "critical",
        );
    }

    /// Oracle: the worked examples and the reference of FIRST's documents; 4.0 from its reference score file.
    #[test]
    fn firsts_own_examples_come_out() {
        check("AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", "7.8", "high");
        check("AV:L/AC:H/Au:N/C:C/I:C/A:C", "2.0", "6.2", "medium");
        check(
            "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
            "3.1",
            "6.4",
            "medium",
        );
        let macro_vector = "CVSS:4.0/AV:A/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U/CR:H/IR:H/AR:H/MSI:S/MSA:S";
        check(macro_vector, "4.0", "7.6", "high");
        check(
            "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U",
            "4.0",
            "4.1",
            "medium",
        );
        check(
            "CVSS:4.0/AV:A/AC:L/AT:N/PR:L/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:H/CR:X",
            "4.0",
            "4.1",
            "medium",
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(CVSS:[34]\\.[01]/)?([A-Za-z]{1,3}:[A-Za-z]{1,3}/?){0,20}|\\PC*") {
            let _ = score(&text);
            let _ = overall(&text);
        }
    }
}
