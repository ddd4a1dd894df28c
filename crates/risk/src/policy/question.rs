//! The facts a policy file may name: how each is read from [`Facts`], in which words, and which values it can take.

use base::Severity;
use jiff::Timestamp;

use crate::facts::{Fact, Facts};

/// A fact a policy may condition on: it has a known, finite set of words, or a number compared with thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Listed as known exploited.
    Kev,
    /// Reachable from public networks.
    Exposed,
    /// SSVC system exposure; where nobody said, `open` for an exposed host and `controlled` for one that is not.
    Exposure,
    /// SSVC automatable.
    Automatable,
    /// SSVC technical impact.
    TechnicalImpact,
    /// SSVC exploitation; what is listed as known exploited, or said here to be, is `active` whatever an older assessment said.
    Exploitation,
    /// Somebody here says that it is exploited.
    Claimed,
    /// The team's rank.
    Severity,
    /// The host's place in the scope of PCI DSS.
    Scope,
    /// SSVC human impact of the host.
    HumanImpact,
    /// CVSS base score, a number.
    Cvss,
    /// EPSS score, a number.
    Epss,
}

const YES_NO: &[&str] = &["no", "yes"];
const SEVERITIES: &[&str] = &["none", "low", "medium", "high", "critical"];

impl Question {
    /// All, in the order the documentation lists them.
    pub const ALL: [Self; 12] = [
        Self::Kev,
        Self::Exposed,
        Self::Exposure,
        Self::Automatable,
        Self::TechnicalImpact,
        Self::Exploitation,
        Self::Claimed,
        Self::Severity,
        Self::Scope,
        Self::HumanImpact,
        Self::Cvss,
        Self::Epss,
    ];

    /// The name in policy files and in decisions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Exposed => "exposed",
            Self::Exposure => "exposure",
            Self::Automatable => "automatable",
            Self::TechnicalImpact => "technical-impact",
            Self::Exploitation => "exploitation",
            Self::Claimed => "claimed",
            Self::Severity => "severity",
            Self::Scope => "scope",
            Self::HumanImpact => "human-impact",
            Self::Cvss => "cvss",
            Self::Epss => "epss",
        }
    }

    /// The words it is answered in, mildest first; `None` for the numbers.
    pub const fn words(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Kev | Self::Exposed | Self::Automatable | Self::Claimed => YES_NO,
            Self::Exposure => &["small", "controlled", "open"],
            Self::TechnicalImpact => &["partial", "total"],
            Self::Exploitation => &["none", "poc", "active"],
            Self::Severity => SEVERITIES,
            Self::Scope => &["out", "connected", "in"],
            Self::HumanImpact => &["low", "medium", "high", "very high"],
            Self::Cvss | Self::Epss => return None,
        })
    }

    /// The largest number it can be answered with, for the numbers.
    pub const fn number_max(self) -> f64 {
        if matches!(self, Self::Cvss) {
            10.0
        } else {
            1.0
        }
    }

    /// What the facts say.
    pub fn ask(self, facts: &Facts) -> Fact<Answer> {
        match self {
            Self::Kev => words(&facts.kev, yes_no),
            Self::Exposed => words(&facts.exposed, yes_no),
            Self::Exposure => self.exposure(facts),
            Self::Automatable => words(&facts.automatable, yes_no),
            Self::TechnicalImpact => {
                words(
                    &facts.total_impact,
                    |total| if total { "total" } else { "partial" },
                )
            }
            Self::Exploitation if facts.kev.value == Some(true) => words(&facts.kev, |_| "active"),
            Self::Exploitation if facts.claimed.value == Some(true) => {
                words(&facts.claimed, |_| "active")
            }
            Self::Exploitation => self.known_word(&facts.exploitation),
            Self::Claimed => words(&facts.claimed, yes_no),
            Self::Scope => self.known_word(&facts.scope),
            Self::Severity => words(&facts.severity, Severity::as_str),
            Self::HumanImpact => self.known_word(&facts.human_impact),
            Self::Cvss => convert(&facts.cvss_tenths, |tenths| {
                Answer::Number(f64::from(tenths) / 10.0)
            }),
            // Through decimal text, so that a stored 0.1 meets the threshold 0.1 of a policy file.
            Self::Epss => convert(&facts.epss, |score| {
                Answer::Number(score.to_string().parse().unwrap_or(f64::from(score)))
            }),
        }
    }
}

impl Question {
    /// A word that is none of the question's is no answer: a table would have no row for it.
    fn known_word(self, fact: &Fact<&'static str>) -> Fact<Answer> {
        let words = self.words().unwrap_or_default();
        let known = fact.value.filter(|word| words.contains(word));
        Fact {
            value: known.map(Answer::Word),
            source: fact.source.clone(),
        }
    }

    /// SSVC allows `small` only where somebody looked, so it is never derived.
    fn exposure(self, facts: &Facts) -> Fact<Answer> {
        let told = self.known_word(&facts.exposure);
        if told.value.is_some() || facts.exposed.value.is_none() {
            return told;
        }
        words(
            &facts.exposed,
            |exposed| if exposed { "open" } else { "controlled" },
        )
    }
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// One of the question's words.
    Word(&'static str),
    /// A number.
    Number(f64),
}

impl Answer {
    /// The answer as a decision shows it.
    pub fn to_words(self, question: Question) -> String {
        match self {
            Self::Word(word) => word.to_owned(),
            Self::Number(number) if question == Question::Cvss => format!("{number:.1}"),
            Self::Number(number) => number.to_string(),
        }
    }
}

const fn yes_no(value: bool) -> &'static str {
    YES_NO[value as usize]
}

fn convert<T: Copy>(fact: &Fact<T>, answer: impl Fn(T) -> Answer) -> Fact<Answer> {
    Fact {
        value: fact.value.map(answer),
        source: fact.source.clone(),
    }
}

fn words<T: Copy>(fact: &Fact<T>, word: impl Fn(T) -> &'static str) -> Fact<Answer> {
    convert(fact, |value| Answer::Word(word(value)))
}

/// A date a clock may start from, or that is only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// The listing as known exploited.
    KevAdded,
    /// The date CISA published with the listing.
    KevDue,
    /// The vendor's release of the fix.
    Released,
    /// First seen on the host.
    Detected,
    /// The rank rose to what it is.
    Reranked,
}

impl Moment {
    /// All, in the order the documentation lists them.
    pub const ALL: [Self; 5] = [
        Self::KevAdded,
        Self::KevDue,
        Self::Released,
        Self::Detected,
        Self::Reranked,
    ];

    /// The name in policy files and in decisions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KevAdded => "kev-added",
            Self::KevDue => "kev-due",
            Self::Released => "released",
            Self::Detected => "detected",
            Self::Reranked => "reranked",
        }
    }

    /// What the facts say.
    pub const fn of(self, facts: &Facts) -> &Fact<Timestamp> {
        match self {
            Self::KevAdded => &facts.kev_added,
            Self::KevDue => &facts.kev_due,
            Self::Released => &facts.released,
            Self::Detected => &facts.detected,
            Self::Reranked => &facts.reranked,
        }
    }
}
