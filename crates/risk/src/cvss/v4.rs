//! CVSS 4.0 (<https://www.first.org/cvss/v4-0/specification-document>, section 8): a vector belongs to one of 270
//! MacroVectors with a given score, and loses a part of the distance to the next lower ones.

use super::metrics::{Group, InvalidVector, Metric, Values, read};

const METRICS: [Metric; 32] = [
    Metric::new(Group::Base, "AV", VECTORS),
    Metric::new(Group::Base, "AC", COMPLEXITIES),
    Metric::new(Group::Base, "AT", ATTACK_REQUIREMENTS),
    Metric::new(Group::Base, "PR", PRIVILEGES),
    Metric::new(Group::Base, "UI", INTERACTIONS),
    Metric::new(Group::Base, "VC", IMPACTS),
    Metric::new(Group::Base, "VI", IMPACTS),
    Metric::new(Group::Base, "VA", IMPACTS),
    Metric::new(Group::Base, "SC", IMPACTS),
    Metric::new(Group::Base, "SI", IMPACTS),
    Metric::new(Group::Base, "SA", IMPACTS),
    Metric::new(Group::Environmental, "MAV", VECTORS),
    Metric::new(Group::Environmental, "MAC", COMPLEXITIES),
    Metric::new(Group::Environmental, "MAT", ATTACK_REQUIREMENTS),
    Metric::new(Group::Environmental, "MPR", PRIVILEGES),
    Metric::new(Group::Environmental, "MUI", INTERACTIONS),
    Metric::new(Group::Environmental, "MVC", IMPACTS),
    Metric::new(Group::Environmental, "MVI", IMPACTS),
    Metric::new(Group::Environmental, "MVA", IMPACTS),
    Metric::new(Group::Environmental, "MSC", IMPACTS),
    Metric::new(Group::Environmental, "MSI", &["H", "L", "N", "S"]),
    Metric::new(Group::Environmental, "MSA", &["H", "L", "N", "S"]),
    Metric::new(Group::Environmental, "CR", REQUIREMENTS),
    Metric::new(Group::Environmental, "IR", REQUIREMENTS),
    Metric::new(Group::Environmental, "AR", REQUIREMENTS),
    Metric::new(Group::Temporal, "E", &["A", "P", "U"]),
    Metric::new(Group::Supplemental, "S", &["N", "P"]),
    Metric::new(Group::Supplemental, "AU", &["N", "Y"]),
    Metric::new(Group::Supplemental, "R", &["A", "U", "I"]),
    Metric::new(Group::Supplemental, "V", &["D", "C"]),
    Metric::new(Group::Supplemental, "RE", &["L", "M", "H"]),
    Metric::new(
        Group::Supplemental,
        "U",
        &["Clear", "Green", "Amber", "Red"],
    ),
];
// Values from the most severe to the least, so that an index is a severity level.
const VECTORS: &[&str] = &["N", "A", "L", "P"];
const COMPLEXITIES: &[&str] = &["L", "H"];
const ATTACK_REQUIREMENTS: &[&str] = &["N", "P"];
const PRIVILEGES: &[&str] = &["N", "L", "H"];
const INTERACTIONS: &[&str] = &["N", "P", "A"];
const IMPACTS: &[&str] = &["H", "L", "N"];
const REQUIREMENTS: &[&str] = &["H", "M", "L"];

const AV: usize = 0;
const AC: usize = 1;
const AT: usize = 2;
const PR: usize = 3;
const UI: usize = 4;
/// VC, VI, VA.
const VULNERABLE: [usize; 3] = [5, 6, 7];
/// SC, SI, SA.
const SUBSEQUENT: [usize; 3] = [8, 9, 10];
/// From a base metric to its modified one.
const MODIFIED: usize = 11;
/// CR, IR, AR.
const REQUIREMENT: [usize; 3] = [22, 23, 24];
const E: usize = 25;

const HIGH: usize = 0;
const NONE_OF_IMPACT: usize = 2;
const SAFETY: usize = 3;

/// The score of each MacroVector in tenths (table 24 of the specification's calculator): a row for each EQ1, EQ2, EQ3
/// (3 × 2 × 3), in it EQ4, EQ5, EQ6 (3 × 3 × 2). EQ3 = 2 with EQ6 = 0 cannot be.
const MACRO_SCORES: [[u8; 18]; 18] = [
    [
        100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68,
    ],
    [
        98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48,
    ],
    [
        NO, 92, NO, 82, NO, 72, NO, 79, NO, 69, NO, 50, NO, 69, NO, 55, NO, 27,
    ],
    [
        99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53,
    ],
    [
        95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30,
    ],
    [
        NO, 86, NO, 75, NO, 52, NO, 71, NO, 52, NO, 29, NO, 63, NO, 29, NO, 17,
    ],
    [
        98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49,
    ],
    [
        94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25,
    ],
    [
        NO, 83, NO, 70, NO, 54, NO, 65, NO, 58, NO, 26, NO, 53, NO, 21, NO, 13,
    ],
    [
        95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30,
    ],
    [
        89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16,
    ],
    [
        NO, 71, NO, 59, NO, 30, NO, 58, NO, 26, NO, 15, NO, 23, NO, 13, NO, 6,
    ],
    [
        93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22,
    ],
    [
        85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8,
    ],
    [
        NO, 64, NO, 51, NO, 20, NO, 47, NO, 21, NO, 11, NO, 24, NO, 9, NO, 4,
    ],
    [
        88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11,
    ],
    [
        75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2,
    ],
    [
        NO, 53, NO, 24, NO, 14, NO, 24, NO, 12, NO, 5, NO, 10, NO, 3, NO, 1,
    ],
];
const NO: u8 = u8::MAX;

/// A 4.0 vector.
pub(super) struct Vector(Values<32>);

/// The equivalence classes EQ1 to EQ6.
#[derive(Clone, Copy)]
struct Classes([usize; 6]);

impl Classes {
    fn score(self) -> Option<i64> {
        let [one, two, three, four, five, six] = self.0;
        let in_range = one < 3 && two < 2 && three < 3 && four < 3 && five < 3 && six < 2;
        let score = in_range
            .then(|| MACRO_SCORES[(one * 2 + two) * 3 + three][(four * 3 + five) * 2 + six])?;
        (score != NO).then_some(i64::from(score))
    }

    /// The score of the MacroVector one lower in a class.
    fn lower(self, class: usize) -> Option<i64> {
        let mut lower = self;
        lower.0[class] += 1;
        lower.score()
    }

    /// EQ3 and EQ6 go down together: the better of the two where both can.
    fn lower_impact(self) -> Option<i64> {
        match (self.0[2], self.0[5]) {
            (0, 0) => self.lower(2).max(self.lower(5)),
            (1, 0) => self.lower(5),
            _ => self.lower(2),
        }
    }
}

/// How far a vector is below the most severe one of its MacroVector in one dimension, in levels.
struct Distance {
    /// What the next lower MacroVector scores, if there is one.
    lower: Option<i64>,
    levels: i64,
    /// The depth of the dimension, in levels.
    depth: i64,
}

impl Vector {
    pub(super) fn read(text: &str) -> Result<Self, InvalidVector> {
        read(text, &METRICS, "X").map(Self)
    }

    /// The score in tenths. With depths dividing 840 all fractions are whole numbers of 840 × (number of dimensions), so
    /// ties round up exactly as FIRST's reference code, which adds 10⁻⁶ before it rounds.
    pub(super) fn score(&self) -> u8 {
        const COMMON: i64 = 840;
        if VULNERABLE
            .into_iter()
            .chain(SUBSEQUENT)
            .all(|metric| self.effective(metric) == NONE_OF_IMPACT)
        {
            return 0;
        }
        let classes = self.classes();
        let Some(highest) = classes.score() else {
            return 0;
        };
        let distances = self.distances(classes);
        let counted: Vec<(i64, &Distance)> = distances
            .iter()
            .filter_map(|distance| Some((highest - distance.lower?, distance)))
            .collect();
        let dimensions = i64::try_from(counted.len()).unwrap_or_default().max(1);
        let lost: i64 = counted
            .iter()
            .map(|(gap, distance)| gap * distance.levels * (COMMON / distance.depth))
            .sum();
        let whole = COMMON * dimensions;
        let rounded = (2 * (highest * whole - lost) + whole).div_euclid(2 * whole);
        u8::try_from(rounded.clamp(0, 100)).unwrap_or(100)
    }

    /// The value that counts: the modified one where it is defined.
    fn effective(&self, metric: usize) -> usize {
        self.0[metric + MODIFIED]
            .or(self.0[metric])
            .unwrap_or_default()
    }

    /// A requirement or the exploit maturity; not defined is the most severe.
    fn optional(&self, metric: usize) -> usize {
        self.0[metric].unwrap_or_default()
    }

    fn classes(&self) -> Classes {
        let easy = [AV, PR, UI].map(|metric| self.effective(metric) == 0);
        let one = match (easy, self.effective(AV)) {
            ([true, true, true], _) => 0,
            (_, 3) | ([false, false, false], _) => 2,
            _ => 1,
        };
        let two = usize::from(self.effective(AC) + self.effective(AT) > 0);
        let high = VULNERABLE.map(|metric| self.effective(metric) == HIGH);
        let three = match high {
            [true, true, _] => 0,
            [false, false, false] => 2,
            _ => 1,
        };
        let subsequent = SUBSEQUENT.map(|metric| self.effective(metric));
        let four = if subsequent.contains(&SAFETY) {
            0
        } else if subsequent.contains(&HIGH) {
            1
        } else {
            2
        };
        let needed = REQUIREMENT.map(|metric| self.optional(metric) == HIGH);
        let six = usize::from(
            !high
                .into_iter()
                .zip(needed)
                .any(|(high, needed)| high && needed),
        );
        Classes([one, two, three, four, self.optional(E), six])
    }

    /// The distances of section 8.2. Where a MacroVector has several most severe vectors, they have the same sum of
    /// levels, so the sum of the vector's levels less that constant is the distance from whichever dominates it.
    fn distances(&self, classes: Classes) -> [Distance; 5] {
        const HIGHEST_ONE: [i64; 3] = [0, 1, 3];
        const DEPTH_ONE: [i64; 3] = [1, 4, 5];
        const HIGHEST_THREE_SIX: [[i64; 2]; 3] = [[0, 3], [1, 3], [0, 3]];
        const DEPTH_THREE_SIX: [[i64; 2]; 3] = [[7, 6], [8, 8], [1, 10]];
        const HIGHEST_FOUR: [i64; 3] = [1, 3, 6];
        const DEPTH_FOUR: [i64; 3] = [6, 5, 4];
        let [one, two, three, four, _, six] = classes.0;
        let levels = |metrics: &[usize]| {
            metrics
                .iter()
                .map(|metric| level(self.effective(*metric)))
                .sum::<i64>()
        };
        let requirements: i64 = REQUIREMENT
            .into_iter()
            .map(|metric| level(self.optional(metric)))
            .sum();
        let subsequent: i64 = SUBSEQUENT
            .into_iter()
            .map(|metric| subsequent_level(self.effective(metric)))
            .sum();
        [
            Distance {
                lower: classes.lower(0),
                levels: levels(&[AV, PR, UI]) - HIGHEST_ONE[one],
                depth: DEPTH_ONE[one],
            },
            Distance {
                lower: classes.lower(1),
                levels: levels(&[AC, AT]) - level(two),
                depth: 1 + level(two),
            },
            Distance {
                lower: classes.lower_impact(),
                levels: levels(&VULNERABLE) + requirements - HIGHEST_THREE_SIX[three][six],
                depth: DEPTH_THREE_SIX[three][six],
            },
            Distance {
                lower: classes.lower(3),
                levels: subsequent - HIGHEST_FOUR[four],
                depth: DEPTH_FOUR[four],
            },
            // EQ5 has one value a class: no distance, but it counts as a dimension.
            Distance {
                lower: classes.lower(4),
                levels: 0,
                depth: 1,
            },
        ]
    }
}

/// A value's index as its level.
const fn level(value: usize) -> i64 {
    value as i64
}

/// Safety is above high in the subsequent system.
const fn subsequent_level(value: usize) -> i64 {
    if value == SAFETY { 0 } else { value as i64 + 1 }
}
