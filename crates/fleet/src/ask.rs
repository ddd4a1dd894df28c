//! Hosts that were asked to report again now, and which of them have since. On the day something spreads, what a host had yesterday is
//! no answer.

use base::HostId;
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::life::hosts_text;

/// What was asked, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// When.
    pub at: Timestamp,
    /// Why, in the words of who asked.
    pub reason: Option<String>,
    /// Which hosts were meant, in words; empty: all.
    pub select: String,
    /// The hosts.
    pub hosts: RoaringBitmap,
}

/// Where an [`Ask`] stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Hosts that were asked and are in the fleet.
    pub asked: u64,
    /// Those that did not report since.
    pub unanswered: RoaringBitmap,
    /// The oldest of what is known of those; `None` where all have answered or the rest never reported.
    pub oldest: Option<Timestamp>,
}

/// The document of the store.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    at: Timestamp,
    reason: Option<String>,
    select: String,
    hosts: String,
}

impl Ask {
    /// The text that the store keeps.
    pub fn to_text(&self) -> String {
        let wire = Wire {
            at: self.at,
            reason: self.reason.clone(),
            select: self.select.clone(),
            hosts: hosts_text::write(&self.hosts),
        };
        // A struct of texts always has a JSON form.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// Reads that text back; the error says what is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let wire: Wire = serde_json::from_str(text).map_err(|e| e.to_string())?;
        Ok(Self {
            at: wire.at,
            reason: wire.reason,
            select: wire.select,
            hosts: hosts_text::read(&wire.hosts, &mut 0)?,
        })
    }

    /// Who answered: a host whose newest report is of the moment of the question or later. A report that came in since and is of
    /// before is no answer. `reports` are the hosts of the fleet, each with the moment its newest report is of.
    pub fn answers(
        &self,
        reports: impl IntoIterator<Item = (HostId, Option<Timestamp>)>,
    ) -> Answers {
        let mut answers = Answers::default();
        let reports = reports.into_iter();
        for (HostId(host), seen_at) in reports.filter(|(host, _)| self.hosts.contains(host.0)) {
            answers.asked += 1;
            if seen_at.is_some_and(|seen_at| seen_at >= self.at) {
                continue;
            }
            answers.unanswered.insert(host);
            answers.oldest = match (answers.oldest, seen_at) {
                (Some(oldest), Some(seen_at)) => Some(oldest.min(seen_at)),
                (oldest, seen_at) => oldest.or(seen_at),
            };
        }
        answers
    }
}

impl Answers {
    /// Hosts that have reported since.
    pub fn answered(&self) -> u64 {
        self.asked - self.unanswered.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ask(at: i64, hosts: impl IntoIterator<Item = u32>) -> Ask {
        Ask {
            at: second(at),
            reason: Some("a worm".to_owned()),
            select: "zone dmz".to_owned(),
            hosts: hosts.into_iter().collect(),
        }
    }

    #[test]
    fn only_a_report_of_the_moment_or_later_is_an_answer() {
        let reports = [
            (HostId(1), Some(second(99))),
            (HostId(2), Some(second(100))),
            (HostId(3), None),
            (HostId(4), Some(second(50))),
            (HostId(5), Some(second(10))),
        ];
        let answers = ask(100, [1, 2, 3, 4, 9]).answers(reports);
        assert_eq!((answers.asked, answers.answered()), (4, 1));
        assert_eq!(answers.unanswered, RoaringBitmap::from([1, 3, 4]));
        assert_eq!(answers.oldest, Some(second(50)));
    }

    #[test]
    fn what_was_kept_by_another_version_is_refused_with_a_reason() {
        for text in [
            "",
            "{}",
            r#"{"at":"x"}"#,
            r#"{"at":"2026-08-18T14:05:00Z","reason":null,"select":"","hosts":"9-1"}"#,
        ] {
            assert!(Ask::from_text(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_question_is_kept_whole(at in 0_i64..4_000_000_000, hosts in prop::collection::btree_set(any::<u32>(), 0..40)) {
            let ask = ask(at, hosts);
            prop_assert_eq!(Ask::from_text(&ask.to_text()), Ok(ask));
        }

        #[test]
        fn every_host_that_was_asked_has_answered_or_has_not(hosts in prop::collection::btree_set(0_u32..60, 0..40), seen in prop::collection::vec(prop::option::of(0_i64..200), 60)) {
            let ask = ask(100, hosts.iter().copied());
            let reports = (0..).map(HostId).zip(seen.iter().map(|at| at.map(second)));
            let answers = ask.answers(reports);
            prop_assert_eq!(answers.asked, hosts.len() as u64);
            for host in hosts {
                let has_answered = seen[host as usize].is_some_and(|at| at >= 100);
                prop_assert_eq!(answers.unanswered.contains(host), !has_answered);
            }
        }
    }
}
