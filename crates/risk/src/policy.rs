//! Policies as data: tables from facts to a deadline, and the [`Decision`] they give.
//!
//! A policy is a TOML file; those that ship are in `policies/`, and a user's own is read by [`read`]:
//!
//! ```toml
//! schema = "daywatch.policy/1"
//! id = "our-sla"                        # unique, shown with each decision
//! title = "Our service levels"
//! source = "security team"              # a link, or who decided it
//! as-of = 2026-09-01                    # as of when this file is a copy of its source
//! coverage = "first-match"              # or "exactly-once": every combination of answers has one row, checked on reading
//! clock = { from = "earliest", of = ["detected"] }   # or "latest"; moments: kev-added, kev-due, released, detected, reranked
//! baseline = true                       # for what was there before the baseline, the clock starts there
//! facts = [                             # in the order a decision lists them
//!     { name = "kev", unknown = "no" }, # `unknown` is what is assumed, and marked, when nobody knows
//!     { name = "epss", unknown = 0 },
//!     { name = "detected" },            # a date has no assumption: a clock without its moment does not start
//! ]
//! outcomes = [
//!     { id = "now", actions = ["patch", "forensic-triage"], deadline = { days = 3 }, triage = { days = 1 } },
//!     { id = "soon", actions = ["patch"], deadline = { calendar-months = 1 }, rerank = { days = 14 } },
//! ]                                     # `rerank`: at least so long from the day the rank rose to this
//! rows = [                              # the first row whose conditions are all met
//!     { id = "kev", when = { kev = "yes" }, then = "now" },
//!     { id = "likely", when = { epss = { at-least = 0.1 } }, then = "soon" },
//! ]
//! ```
//!
//! Facts with words: `kev`, `exposed`, `automatable`, `claimed` (no, yes) · `exposure` (small, controlled, open) ·
//! `technical-impact` (partial, total) · `exploitation` (none, poc, active) · `severity` (none to critical) ·
//! `scope` (out, connected, in) · `human-impact` (low, medium, high, very high). Facts with numbers: `cvss` (0 to 10), `epss` (0 to 1), compared by
//! `at-least` and `below`. An outcome and its `triage` may have a `clock` of their own.
//!
//! A day is 24 hours from the instant the clock starts; a calendar month ends on the same day of the next month, UTC, or
//! on its last day. A listing as known exploited is dated by day: its instant is the start of that day, UTC.

mod clock;
mod coverage;
mod decision;
mod file;
mod moved;
mod question;
mod rows;
mod section;
mod table;

pub use clock::{Clock, Period, Pick};
pub use coverage::POLICY_COMBINATIONS;
pub use decision::{Action, Decision, UsedFact, earliest};
pub use file::{DEADLINE_DAYS, DEADLINE_MONTHS, POLICY_BYTES, POLICY_OUTCOMES, PolicyError, read};
pub use moved::{Moved, Shift};
pub use question::{Answer, Moment, Question};
pub use rows::POLICY_ROWS;
pub use section::POLICY_TEXT_CHARS;
pub use table::{Condition, Coverage, Listed, Outcome, Policy, Row, Triage};

/// The files that ship, in the order their decisions are listed.
const SHIPPED: [(&str, &str); 4] = [
    ("bod-26-04.toml", include_str!("../policies/bod-26-04.toml")),
    ("pci-6.3.3.toml", include_str!("../policies/pci-6.3.3.toml")),
    ("house-sla.toml", include_str!("../policies/house-sla.toml")),
    (
        "ssvc-deployer.toml",
        include_str!("../policies/ssvc-deployer.toml"),
    ),
];

/// The policies that ship: BOD 26-04, PCI DSS 6.3.3, the house SLA, SSVC deployer.
pub fn shipped() -> Vec<Policy> {
    let read = SHIPPED.map(|(file, text)| read(file, text));
    read.into_iter()
        .map(|policy| policy.expect("a test reads every file that ships"))
        .collect()
}

#[cfg(test)]
mod tests {
    use base::Severity;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::facts::{Fact, Facts};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("test data")
    }

    fn policy(id: &str) -> Policy {
        shipped()
            .into_iter()
            .find(|policy| policy.id == id)
            .expect("test data")
    }

    /// `NAME[=VALUE]~SOURCE[?ASSUMED]` a fact.
    fn shown(decision: &Decision) -> String {
        let facts = decision.facts.iter().map(|fact| {
            let value = fact
                .value
                .as_deref()
                .map(|value| format!("={value}"))
                .unwrap_or_default();
            let assumed = fact
                .assumed
                .as_deref()
                .map(|assumed| format!("?{assumed}"))
                .unwrap_or_default();
            format!("{}{value}~{}{assumed}", fact.name, fact.source)
        });
        facts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_files_that_ship_are_read() {
        let ids: Vec<String> = shipped().into_iter().map(|policy| policy.id).collect();
        assert_eq!(
            ids,
            ["bod-26-04", "pci-6.3.3", "house-sla", "ssvc-deployer"]
        );
    }

    /// Oracle: CISA's decision table as CERT/CC publishes it (CERTCC/SSVC, data/csv/cisa, version 1.0.0).
    #[test]
    fn bod_26_04_decides_each_row_as_the_directives_table() {
        let table = include_str!("../testdata/policies/cisa_bod_26_04_1_0_0.csv");
        let policy = policy("bod-26-04");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let facts = Facts {
                kev: Fact::known(cells[1] == "yes", "kev"),
                exposed: Fact::known(cells[2] == "yes", "owner"),
                automatable: Fact::known(cells[3] == "yes", "cisa-adp"),
                total_impact: Fact::known(cells[4] == "total", "cisa-adp"),
                kev_added: Fact::known(at("2026-08-01T00:00:00Z"), "kev"),
                detected: Fact::known(at("2026-08-03T09:00:00Z"), "inventory"),
                ..Facts::unknown()
            };
            let decision = policy.decide(&facts).expect("test data");
            let (by, actions): (Option<&str>, &[Action]) = match cells[5] {
                "fix on system upgrade" => (None, &[Action::OnUpgrade]),
                "60 days" => (Some("2026-09-30T00:00:00Z"), &[Action::Patch]),
                "14 days" => (Some("2026-08-15T00:00:00Z"), &[Action::Patch]),
                "3 days" => (Some("2026-08-04T00:00:00Z"), &[Action::Patch]),
                "3 days & forensic investigation" => (
                    Some("2026-08-04T00:00:00Z"),
                    &[Action::Patch, Action::ForensicTriage],
                ),
                other => panic!("{other}"),
            };
            let triage = actions.contains(&Action::ForensicTriage);
            assert_eq!(decision.row, cells[0]);
            assert_eq!(decision.by, by.map(at), "row {}", decision.row);
            assert_eq!(decision.actions, actions, "row {}", decision.row);
            assert_eq!(
                decision.triage_by,
                triage.then(|| at("2026-08-04T00:00:00Z"))
            );
            rows += 1;
        }
        assert_eq!(rows, 16);
    }

    /// Oracle: CERT/CC's decision table (CERTCC/SSVC, data/csv/ssvc, version 1.0.0).
    #[test]
    fn ssvc_deployer_decides_each_row_as_certs_table() {
        let table =
            include_str!("../testdata/policies/deployer_patch_application_priority_1_0_0.csv");
        let policy = policy("ssvc-deployer");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let cells: Vec<&'static str> = line.split(',').collect();
            let facts = Facts {
                exploitation: Fact::known(cells[1].trim_start_matches("public "), "cisa-adp"),
                exposure: Fact::known(cells[2], "owner"),
                automatable: Fact::known(cells[3] == "yes", "cisa-adp"),
                human_impact: Fact::known(cells[4], "owner"),
                detected: Fact::known(at("2026-08-03T09:00:00Z"), "inventory"),
                ..Facts::unknown()
            };
            let decision = policy.decide(&facts).expect("test data");
            assert_eq!(
                (decision.row.as_str(), decision.outcome.as_str()),
                (cells[0], cells[5])
            );
            assert_eq!(decision.by.is_none(), cells[5] == "defer");
            rows += 1;
        }
        assert_eq!(rows, 72);
    }

    #[test]
    fn unknown_facts_are_assumed_and_marked() {
        let facts = Facts {
            kev: Fact::known(false, "kev 2026-08-21"),
            exposed: Fact::unknown("owner"),
            automatable: Fact::unknown("cisa-adp"),
            total_impact: Fact::unknown("cisa-adp"),
            detected: Fact::known(at("2026-08-03T09:00:00Z"), "inventory"),
            ..Facts::unknown()
        };
        let decision = policy("bod-26-04").decide(&facts).expect("test data");
        assert_eq!(
            (decision.row.as_str(), decision.by),
            ("9", Some(at("2026-08-17T09:00:00Z")))
        );
        assert_eq!(
            shown(&decision),
            "kev=no~kev 2026-08-21 exposed~owner?yes automatable~cisa-adp?no technical-impact~cisa-adp?total \
             kev-added~ detected=2026-08-03T09:00:00Z~inventory kev-due~"
        );
    }

    #[test]
    fn exposure_and_exploitation_follow_from_plainer_facts() {
        let check = |facts: Facts, row: &str, expected: &str| {
            let decision = policy("ssvc-deployer")
                .decide(&facts)
                .expect("the table has a row for every fact");
            assert_eq!(
                (decision.row.as_str(), shown(&decision).as_str()),
                (row, expected)
            );
        };
        let facts = Facts {
            kev: Fact::known(true, "kev"),
            exploitation: Fact::known("none", "cisa-adp"),
            exposed: Fact::known(false, "owner"),
            automatable: Fact::known(true, "cisa-adp"),
            human_impact: Fact::known("low", "owner"),
            ..Facts::unknown()
        };
        check(
            facts.clone(),
            "60",
            "exploitation=active~kev exposure=controlled~owner automatable=yes~cisa-adp human-impact=low~owner \
             detected~?not yet: the clock has not started",
        );
        let facts = Facts {
            kev: Fact::known(false, "kev"),
            exploitation: Fact::known("PoC", "cisa-adp"),
            exposure: Fact::known("small", "owner"),
            ..facts
        };
        check(
            facts,
            "4",
            "exploitation~cisa-adp?none exposure=small~owner automatable=yes~cisa-adp human-impact=low~owner detected~",
        );
    }

    #[test]
    fn pci_counts_a_calendar_month_from_the_vendors_release_or_not_at_all() {
        let check = |released: Fact<Timestamp>, severity, by: Option<&str>, facts: &str| {
            let detected = Fact::known(at("2026-02-20T09:00:00Z"), "inventory");
            let facts_given = Facts {
                severity: Fact::known(severity, "nvd"),
                released,
                detected,
                ..Facts::unknown()
            };
            let decision = policy("pci-6.3.3").decide(&facts_given);
            let got = decision
                .as_ref()
                .map(|decision| (decision.by, shown(decision)));
            assert_eq!(
                got,
                Some((by.map(at), facts.to_owned())).filter(|_| severity == Severity::Critical)
            );
        };
        check(
            Fact::known(at("2026-01-31T00:00:00Z"), "usn"),
            Severity::Critical,
            Some("2026-02-28T00:00:00Z"),
            "severity=critical~nvd scope~?in released=2026-01-31T00:00:00Z~usn",
        );
        check(
            Fact::unknown("vendor errata"),
            Severity::Critical,
            None,
            "severity=critical~nvd scope~?in released~vendor errata?not yet: the clock has not started",
        );
        check(Fact::unknown("vendor errata"), Severity::High, None, "");
    }

    #[test]
    fn pci_is_about_what_is_in_scope_or_connected_to_it() {
        let check = |scope: Fact<&'static str>, expected: Option<&str>| {
            let facts = Facts {
                severity: Fact::known(Severity::Critical, "nvd"),
                released: Fact::known(at("2026-01-31T00:00:00Z"), "usn"),
                scope,
                ..Facts::unknown()
            };
            let decision = policy("pci-6.3.3").decide(&facts);
            let scope =
                decision.map(|decision| shown(&decision).split(' ').nth(1).map(str::to_owned));
            assert_eq!(scope.flatten().as_deref(), expected);
        };
        check(Fact::known("in", "rules"), Some("scope=in~rules"));
        check(
            Fact::known("connected", "rules"),
            Some("scope=connected~rules"),
        );
        check(Fact::known("out", "rules"), None);
        check(Fact::unknown("rules"), Some("scope~rules?in"));
    }

    /// A finding in the house's eyes, by moments written `2026-01-31` (midnight, UTC): first seen, baseline, re-ranked; then
    /// the deadline, and what moved it from when.
    #[test]
    fn the_house_counts_from_the_baseline_and_from_a_rank_that_rose() {
        let day = |day: &str| at(&format!("{day}T00:00:00Z"));
        let check =
            |severity, [detected, baseline, reranked]: [&str; 3], by: &str, moved: &[&str]| {
                let moment = |text: &str, source: &str| match text {
                    "" => Fact::unknown(source),
                    text => Fact::known(day(text), source),
                };
                let facts = Facts {
                    severity: Fact::known(severity, "nvd"),
                    detected: moment(detected, "log"),
                    baseline: moment(baseline, "rules"),
                    reranked: moment(reranked, "nvd"),
                    ..Facts::unknown()
                };
                let decision = policy("house-sla").decide(&facts).expect("it is rated");
                let told = decision.moved.iter().map(|moved| {
                    let from = moved.from.to_string();
                    format!("{} {}", moved.by.as_str(), &from[..10])
                });
                let told: Vec<String> = told.collect();
                assert_eq!(
                    (decision.by, told),
                    (
                        Some(day(by)),
                        moved.iter().map(|m| (*m).to_owned()).collect()
                    )
                );
                assert_eq!(
                    decision.is_backlog,
                    !baseline.is_empty() && detected <= baseline
                );
                let shown = shown(&decision);
                assert_eq!(
                    shown.contains("due-without-baseline"),
                    shown.contains(" baseline=")
                );
                assert_eq!(
                    shown.contains("due-without-reranked"),
                    shown.contains(" reranked=")
                );
            };
        use Severity::{Critical, High, Medium};
        // January has 31 days; 2026 has no 29 February, 2028 has.
        check(High, ["2026-01-05", "", ""], "2026-02-04", &[]);
        check(
            High,
            ["2026-01-05", "2026-02-01", ""],
            "2026-03-03",
            &["baseline 2026-02-04"],
        );
        check(
            High,
            ["2028-01-05", "2028-02-01", ""],
            "2028-03-02",
            &["baseline 2028-02-04"],
        );
        check(High, ["2026-02-01", "2026-02-01", ""], "2026-03-03", &[]);
        check(High, ["2026-02-02", "2026-02-01", ""], "2026-03-04", &[]);
        check(
            Critical,
            ["2025-11-20", "", "2026-01-30"],
            "2026-02-06",
            &["reranked 2025-11-27"],
        );
        check(
            Critical,
            ["2026-01-30", "", "2026-01-30"],
            "2026-02-06",
            &[],
        );
        check(
            Critical,
            ["2026-01-30", "", "2026-01-02"],
            "2026-02-06",
            &[],
        );
        check(
            Medium,
            ["2026-01-30", "", "2026-02-10"],
            "2026-05-11",
            &["reranked 2026-04-30"],
        );
        check(
            Critical,
            ["2025-06-01", "2025-12-28", "2026-01-30"],
            "2026-02-06",
            &["baseline 2025-06-08", "reranked 2026-01-04"],
        );
        check(
            Critical,
            ["2025-06-01", "2026-02-01", "2026-01-30"],
            "2026-02-08",
            &["baseline 2025-06-08"],
        );
    }

    #[test]
    fn a_directive_knows_no_baseline() {
        let facts = Facts {
            kev: Fact::known(true, "kev"),
            exposed: Fact::known(true, "owner"),
            severity: Fact::known(Severity::Critical, "nvd"),
            released: Fact::known(at("2025-12-31T00:00:00Z"), "usn"),
            kev_added: Fact::known(at("2026-01-10T00:00:00Z"), "kev"),
            detected: Fact::known(at("2026-02-01T00:00:00Z"), "log"),
            baseline: Fact::known(at("2026-06-01T00:00:00Z"), "rules"),
            reranked: Fact::known(at("2026-05-01T00:00:00Z"), "kev"),
            ..Facts::unknown()
        };
        let due = |id: &str| {
            let decision = policy(id).decide(&facts).expect("it applies");
            (decision.by, decision.is_backlog, decision.moved.len())
        };
        assert_eq!(
            due("bod-26-04"),
            (Some(at("2026-01-13T00:00:00Z")), false, 0)
        );
        assert_eq!(
            due("pci-6.3.3"),
            (Some(at("2026-01-31T00:00:00Z")), false, 0)
        );
        assert_eq!(
            due("house-sla"),
            (Some(at("2026-06-04T00:00:00Z")), true, 1)
        );
    }

    #[test]
    fn what_somebody_here_says_is_exploited_is_urgent_to_the_house_and_active_to_ssvc() {
        let facts = Facts {
            kev: Fact::known(false, "kev"),
            claimed: Fact::known(true, "LOCAL-2026-1"),
            exploitation: Fact::known("none", "cisa-adp"),
            detected: Fact::known(at("2026-02-01T00:00:00Z"), "log"),
            ..Facts::unknown()
        };
        let row = |id: &str| {
            policy(id)
                .decide(&facts)
                .map(|decision| (decision.row.clone(), shown(&decision)))
        };
        let (house, words) = row("house-sla").expect("it applies");
        assert_eq!(house, "claimed");
        assert!(words.contains("claimed=yes~LOCAL-2026-1"), "{words}");
        let (_, words) = row("ssvc-deployer").expect("it has a row for everything");
        assert!(
            words.starts_with("exploitation=active~LOCAL-2026-1"),
            "{words}"
        );
    }

    #[test]
    fn the_house_counts_from_a_listing_that_came_after_the_detection() {
        let mut facts = Facts {
            severity: Fact::known(Severity::Medium, "nvd"),
            detected: Fact::known(at("2026-06-01T09:00:00Z"), "inventory"),
            ..Facts::unknown()
        };
        let house = policy("house-sla");
        assert_eq!(
            house.decide(&facts).expect("test data").by,
            Some(at("2026-08-30T09:00:00Z"))
        );
        facts.kev = Fact::known(true, "kev");
        facts.kev_added = Fact::known(at("2026-08-01T00:00:00Z"), "kev");
        assert_eq!(
            house.decide(&facts).expect("test data").by,
            Some(at("2026-08-04T00:00:00Z"))
        );
        facts.kev = Fact::known(false, "kev");
        facts.severity = Fact::known(Severity::None, "nvd");
        assert_eq!(house.decide(&facts), None);
    }

    #[test]
    fn the_example_of_the_documentation_is_a_policy() {
        let page = include_str!("policy.rs");
        let example = page
            .lines()
            .skip_while(|line| *line != "//! ```toml")
            .skip(1)
            .take_while(|line| *line != "//! ```");
        let text: String = example
            .flat_map(|line| [line.trim_start_matches("//!"), "\n"])
            .collect();
        let policy = read("our-sla.toml", &text).expect("the example is right");
        let facts = Facts {
            epss: Fact::known(0.1, "epss"),
            detected: Fact::known(at("2026-01-31T08:00:00Z"), "inventory"),
            ..Facts::unknown()
        };
        let decision = policy
            .decide(&facts)
            .expect("the score is over the threshold");
        assert_eq!(
            (decision.row.as_str(), decision.by),
            ("likely", Some(at("2026-02-28T08:00:00Z")))
        );
        assert_eq!(
            shown(&decision),
            "kev~?no epss=0.1~epss detected=2026-01-31T08:00:00Z~inventory"
        );
    }

    #[test]
    fn the_earliest_decision_has_a_date_and_the_first_wins_a_tie() {
        let decision = |policy: &str, by: Option<&str>, actions: &[Action]| Decision {
            policy: policy.to_owned(),
            row: String::new(),
            outcome: String::new(),
            by: by.map(at),
            triage_by: None,
            actions: actions.to_vec(),
            facts: Vec::new(),
            is_backlog: false,
            moved: Vec::new(),
        };
        let upgrade = decision("upgrade", None, &[Action::OnUpgrade]);
        let waiting = decision("waiting", None, &[Action::Patch]);
        let late = decision("late", Some("2026-09-01T00:00:00Z"), &[Action::Patch]);
        let soon = decision("soon", Some("2026-08-01T00:00:00Z"), &[Action::Patch]);
        let too = decision("too", Some("2026-08-01T00:00:00Z"), &[Action::Patch]);
        let check = |decisions: &[&Decision], policy: Option<&str>| {
            let decisions: Vec<Decision> = decisions
                .iter()
                .map(|decision| (*decision).clone())
                .collect();
            assert_eq!(
                earliest(&decisions).map(|decision| decision.policy.as_str()),
                policy
            );
        };
        check(&[&upgrade, &waiting, &late, &soon, &too], Some("soon"));
        check(&[&upgrade, &waiting], Some("waiting"));
        check(&[&upgrade], Some("upgrade"));
        check(&[], None);
    }

    fn any_fact<T: Clone + std::fmt::Debug + 'static>(
        value: impl Strategy<Value = T> + 'static,
    ) -> impl Strategy<Value = Fact<T>> {
        proptest::option::of(value).prop_map(|value| Fact {
            value,
            source: String::new(),
        })
    }

    fn any_moment() -> impl Strategy<Value = Fact<Timestamp>> {
        any_fact(
            (0_i64..4_000_000_000)
                .prop_map(|second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX)),
        )
    }

    prop_compose! {
        fn any_facts()(
            kev in any_fact(any::<bool>()), exposed in any_fact(any::<bool>()), automatable in any_fact(any::<bool>()),
            total_impact in any_fact(any::<bool>()), severity in any_fact(proptest::sample::select(&Severity::ALL[..])),
            exploitation in any_fact(proptest::sample::select(&["none", "poc", "active"][..])),
            human_impact in any_fact(proptest::sample::select(&["low", "medium", "high", "very high"][..])),
            kev_added in any_moment(), released in any_moment(), detected in any_moment(), baseline in any_moment(),
            reranked in any_moment(),
        ) -> Facts {
            let facts = Facts { kev, kev_added, exposed, automatable, total_impact, exploitation, severity, ..Facts::unknown() };
            Facts { released, detected, baseline, reranked, human_impact, ..facts }
        }
    }

    /// Later than any date: no deadline at all.
    fn urgency(decision: &Decision) -> (bool, Option<Timestamp>) {
        (decision.by.is_none(), decision.by)
    }

    proptest! {
        #[test]
        fn no_deadline_is_before_the_first_moment_and_facts_keep_their_order(facts in any_facts()) {
            let moments = [&facts.kev_added, &facts.released, &facts.detected];
            let first = moments.into_iter().filter_map(|moment| moment.value).min();
            for policy in shipped() {
                let Some(decision) = policy.decide(&facts) else { continue };
                prop_assert!(decision.by.is_none_or(|by| first.is_some_and(|first| by >= first)));
                prop_assert!(decision.triage_by.is_none() || decision.actions.contains(&Action::ForensicTriage));
                prop_assert_eq!(policy.deadline(&facts), decision.by);
                prop_assert!(decision.moved.windows(2).all(|two| two[0].from < two[1].from));
                prop_assert!(decision.moved.iter().all(|moved| Some(moved.from) < decision.by));
                let own = decision.facts.len() - 2 * decision.moved.len();
                let names: Vec<&str> = decision.facts[..own].iter().map(|fact| fact.name.as_str()).collect();
                let listed: Vec<&str> = policy.facts.iter().map(Listed::name).collect();
                prop_assert_eq!(names, listed);
            }
        }

        /// Found to hold for the directive's table: each of its four facts, made worse, never gives more time.
        #[test]
        fn worse_facts_never_give_bod_26_04_a_later_deadline(facts in any_facts(), fact in 0_usize..4) {
            let worse = |worse: bool| {
                let mut facts = facts.clone();
                let changed = [&mut facts.kev, &mut facts.exposed, &mut facts.automatable, &mut facts.total_impact];
                for (index, changed) in changed.into_iter().enumerate() {
                    if index == fact {
                        changed.value = Some(worse);
                    }
                }
                facts
            };
            let policy = policy("bod-26-04");
            let [mild, bad] = [false, true].map(|worst| policy.decide(&worse(worst)));
            prop_assert!(bad.as_ref().map(urgency) <= mild.as_ref().map(urgency), "{:?} {:?}", bad, mild);
        }
    }
}
