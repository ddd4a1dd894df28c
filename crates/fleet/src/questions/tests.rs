//! Questions against the plain way: every answer given to every host, and the deadlines that differ counted one by one.

use base::HostId;
use jiff::Timestamp;
use proptest::prelude::*;
use risk::facts::{Fact, Facts};
use risk::policy::{Policy, shipped};

use super::simulate::facts_of;
use super::{Asks, Question, questions};
use crate::asset::{Asset, Criticality, Pci, Scope};
use crate::finding::{Finding, SsvcPoints};
use crate::group::{FindingGroup, HostName, Life};
use crate::judge::human_impact;
use crate::life::Member;
use crate::sample::{at, finding};

fn member(place: usize, name: &str, asset: Asset) -> Member {
    Member {
        name: HostName {
            id: HostId(100 + place as u32),
            name: name.to_owned(),
        },
        asset,
        support: None,
    }
}

/// What one finding is made of.
#[derive(Clone, Debug)]
struct Shape {
    kev: bool,
    automatable: Option<bool>,
    total_impact: Option<bool>,
    critical: bool,
    day: i64,
}

/// A group as it is judged on hosts that are alike.
fn judged(shape: &Shape, asset: &Asset, targets: &[usize]) -> FindingGroup {
    let since = at("2026-05-01T00:00:00Z").as_second() + shape.day * 86_400;
    let first_seen = Timestamp::from_second(since).expect("a day of some year");
    let severity = match shape.critical {
        true => base::Severity::Critical,
        false => base::Severity::Medium,
    };
    let mut finding = Finding {
        severity: Some(severity),
        ssvc: Some(SsvcPoints {
            exploitation: Some("none"),
            automatable: shape.automatable,
            total_impact: shape.total_impact,
            source: "cisa-adp".to_owned(),
        }),
        kev: shape.kev.then(|| crate::sample::kev(None)),
        ..finding("CVE-2026-0001", "Debian:12", "zlib1g", "1")
    };
    let pci = asset.pci_on("2026-05-01".parse().expect("a day"));
    let facts = Facts {
        kev: Fact::known(shape.kev, "kev"),
        kev_added: match shape.kev {
            true => Fact::known(at("2026-05-01T00:00:00Z"), "kev"),
            false => Fact::unknown("kev"),
        },
        exposed: Fact {
            value: asset.exposed,
            source: String::new(),
        },
        scope: Fact {
            value: pci.map(Pci::as_str),
            source: String::new(),
        },
        human_impact: Fact {
            value: asset.criticality.map(human_impact),
            source: String::new(),
        },
        automatable: Fact {
            value: shape.automatable,
            source: String::new(),
        },
        total_impact: Fact {
            value: shape.total_impact,
            source: String::new(),
        },
        exploitation: Fact::known("none", "cisa-adp"),
        claimed: Fact::known(false, "no record"),
        severity: Fact::known(severity, "nvd"),
        released: Fact::known(at("2026-04-20T00:00:00Z"), "dsa"),
        detected: Fact::known(first_seen, "log"),
        ..Facts::unknown()
    };
    finding.decisions = shipped()
        .iter()
        .filter_map(|policy| policy.decide(&facts))
        .collect();
    FindingGroup {
        finding,
        targets: targets.to_vec(),
        first_seen,
        life: Life::Open { reopened: false },
    }
}

fn earliest(policies: &[Policy], facts: &Facts) -> Option<Timestamp> {
    let decisions = policies.iter().filter_map(|policy| policy.decide(facts));
    decisions.filter_map(|decision| decision.by).min()
}

fn of(asks: Asks, questions: &[Question]) -> Vec<(String, Vec<(&'static str, u64)>)> {
    let asked = questions.iter().filter(|question| question.asks == asks);
    asked.map(|q| (q.text.clone(), q.moves.clone())).collect()
}

/// Hosts nobody said anything of, and one of which everything is known.
fn hosts() -> Vec<Member> {
    let names = [
        "lb-03",
        "lb-04",
        "lb-05",
        "db-1.example.org",
        "db-7.example.org",
        "$(reboot)",
    ];
    let mut members: Vec<Member> = names
        .iter()
        .enumerate()
        .map(|(place, name)| member(place, name, Asset::default()))
        .collect();
    let known = Asset {
        exposed: Some(false),
        criticality: Some(Criticality::Low),
        scopes: vec![Scope::always(Pci::Out)],
        owner: Some("web team".to_owned()),
        ..Asset::default()
    };
    members.push(member(6, "known-1", known));
    members
}

const SHAPE: Shape = Shape {
    kev: false,
    automatable: Some(false),
    total_impact: Some(true),
    critical: false,
    day: 0,
};

#[test]
fn hosts_with_names_that_count_up_are_asked_about_together() {
    let members = hosts();
    let group = judged(&SHAPE, &Asset::default(), &[0, 1, 2, 3, 4]);
    let known = judged(&SHAPE, &members[6].asset, &[6]);
    let asked = questions(&shipped(), &[group, known], &members, 10);
    // Row 9 of the directive if exposed (14 days), as is assumed; row 8 or on upgrade if not.
    let exposed = of(Asks::Exposed, &asked);
    let texts: Vec<&str> = exposed.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "are lb-03..05 reachable from outside?",
            "are db-1.example.org, db-7.example.org reachable from outside?",
        ]
    );
    assert_eq!(exposed[0].1, [("yes", 0), ("no", 3)]);
    assert_eq!(asked.iter().map(|q| q.deadlines).max(), Some(3));
    let first = asked
        .iter()
        .find(|q| q.asks == Asks::Exposed)
        .expect("one is asked");
    assert_eq!(
        first.command,
        "daywatch hosts say exposed=yes|no lb-03 lb-04 lb-05 --by WHO"
    );
    assert!(
        asked.iter().all(|q| !q.hosts.contains(&6)),
        "all is known of it"
    );
    let owners = of(Asks::Owner, &asked);
    assert_eq!(owners[0].0, "who patches lb-03..05?");
}

#[test]
fn a_vulnerability_is_asked_about_once_and_a_hostile_name_never_reaches_a_command() {
    let members = hosts();
    let shape = Shape {
        automatable: None,
        ..SHAPE
    };
    let exposed = Asset {
        exposed: Some(true),
        ..Asset::default()
    };
    let groups = [
        judged(&shape, &exposed, &[0, 5]),
        judged(&shape, &exposed, &[3]),
    ];
    let asked = questions(&shipped(), &groups, &members, 10);
    // Row 14 of the directive if it is (3 days), row 9 if it is not (14 days), as is assumed.
    assert_eq!(of(Asks::Automatable, &asked)[0].1, [("yes", 3), ("no", 0)]);
    let commands: Vec<&str> = asked.iter().map(|q| q.command.as_str()).collect();
    assert!(
        commands
            .iter()
            .any(|command| command.starts_with("daywatch explain CVE-2026-0001 "))
    );
    assert!(
        commands.iter().any(|command| command.contains(" h105 ")),
        "{commands:?}"
    );
    assert!(
        commands.iter().all(|command| !command.contains('$')),
        "{commands:?}"
    );
}

#[test]
fn what_waits_for_a_restart_is_asked_about_and_what_is_set_aside_is_not() {
    let members = hosts();
    let with = |life: Life| FindingGroup {
        life,
        ..judged(&SHAPE, &Asset::default(), &[0])
    };
    let asked = questions(&shipped(), &[with(Life::AwaitsRestart)], &members, 10);
    assert_eq!(of(Asks::Restart, &asked)[0].0, "was lb-03 restarted?");
    assert_eq!((asked.len(), asked[0].deadlines), (1, 1));
    assert_eq!(
        questions(&shipped(), &[with(Life::Suppressed(1))], &members, 10),
        []
    );
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let maybe = || proptest::option::of(any::<bool>());
    (any::<bool>(), maybe(), maybe(), any::<bool>(), 0_i64..9).prop_map(
        |(kev, automatable, total_impact, critical, day)| Shape {
            kev,
            automatable,
            total_impact,
            critical,
            day,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_answer_moves_as_many_deadlines_as_giving_it_one_by_one_does(
        shapes in proptest::collection::vec((any_shape(), proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4], 1..=5)), 0..6),
        exposed in proptest::option::of(any::<bool>()),
    ) {
        let asset = Asset { exposed, ..Asset::default() };
        let members: Vec<Member> = (0..5).map(|n| member(n, &format!("web-{n}"), asset.clone())).collect();
        let groups: Vec<FindingGroup> = shapes.iter().map(|(shape, on)| judged(shape, &asset, on)).collect();
        let policies = shipped();
        let asked = questions(&policies, &groups, &members, 100);
        let naive = |change: &dyn Fn(&mut Facts)| {
            let moved = groups.iter().map(|group| {
                let mut facts = facts_of(group, &asset);
                let before = earliest(&policies, &facts);
                assert_eq!(before, group.finding.decisions.iter().filter_map(|d| d.by).min());
                change(&mut facts);
                group.targets.len() as u64 * u64::from(earliest(&policies, &facts) != before)
            });
            moved.sum::<u64>()
        };
        let moves = |asks: Asks| of(asks, &asked).first().map(|(_, moves)| moves.clone());
        let expected = |moves: Vec<(&'static str, u64)>| Some(moves).filter(|all| all.iter().any(|(_, n)| *n > 0));
        if exposed.is_none() {
            let yes = naive(&|facts| facts.exposed.value = Some(true));
            let no = naive(&|facts| facts.exposed.value = Some(false));
            prop_assert_eq!(moves(Asks::Exposed), expected(vec![("yes", yes), ("no", no)]));
        } else {
            prop_assert_eq!(moves(Asks::Exposed), None);
        }
        let scopes = ["in", "connected", "out"];
        let moved = scopes.map(|word| (word, naive(&|facts| facts.scope.value = Some(word))));
        prop_assert_eq!(moves(Asks::Scope), expected(moved.to_vec()));
        let steps = Criticality::ALL;
        let moved = steps.map(|step| (step.as_str(), naive(&|facts| facts.human_impact.value = Some(human_impact(step)))));
        prop_assert_eq!(moves(Asks::Criticality), expected(moved.to_vec()));
    }
}
