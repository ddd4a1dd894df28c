//! Stories of hosts that report, and what must hold for any of them.

use std::collections::BTreeMap;

use base::HostId;
use proptest::prelude::*;

use super::*;

/// A fleet that takes in reports as the program does: same is filed, new and doubtful become hosts of their own.
#[derive(Default)]
struct Fleet {
    directory: Directory,
    next: u32,
    rules: MergeRules,
}

impl Fleet {
    fn report(&mut self, ids: &str) -> (HostId, String) {
        let ids = ids_of(ids);
        let verdict = self.directory.resolve(&ids, &self.rules).verdict;
        let others = |doubts: &[Doubt]| {
            let hosts: Vec<String> = doubts.iter().map(|d| d.host.to_string()).collect();
            match hosts.is_empty() {
                true => String::new(),
                false => format!(", perhaps {}", hosts.join(" ")),
            }
        };
        let (host, words) = match &verdict {
            Verdict::Same { host, by, doubts } => {
                (*host, format!("{host}: {}{}", by.words(), others(doubts)))
            }
            Verdict::New => (self.fresh(), "new".to_owned()),
            Verdict::Doubt(doubts) => (self.fresh(), format!("new{}", others(doubts))),
        };
        self.directory.learn(host, &ids);
        (host, words)
    }

    fn fresh(&mut self) -> HostId {
        self.next += 1;
        HostId(self.next)
    }
}

/// `name=web07 mac=52:54:00:00:00:01`
fn ids_of(text: &str) -> Vec<Identifier> {
    let one = |word: &str| {
        let (kind, value) = word.split_once('=').unwrap();
        Identifier::read(IdentifierKind::of_word(kind).unwrap(), value).unwrap()
    };
    text.split_whitespace().flat_map(one).collect()
}

/// Each report and what is said of it.
fn check(story: &[(&str, &str)]) {
    let mut fleet = Fleet::default();
    for (ids, expected) in story {
        assert_eq!(fleet.report(ids).1, *expected, "{ids}");
    }
}

const A: &str = "uuid=1e2f2242-b2a1-4c3d-9e4f-0123456789ab";
const M: &str = "machine-id=b08dfa6083e7567a1921a715000001fb";

#[test]
fn one_server_under_all_its_names_is_one_host() {
    check(&[
        ("name=WEB07", "new"),
        (
            "fqdn=web07.corp.example address=10.3.4.7",
            "h1: name web07 agrees",
        ),
        (
            &format!("name=web07 {A} mac=52:54:00:00:00:01"),
            "h1: name web07 agrees",
        ),
        (
            "uuid=42222f1e-a1b2-3d4c-9e4f-0123456789ab",
            "h1: uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ab agrees",
        ),
        (
            "tool=wazuh:017 fqdn=web07.corp.example",
            "h1: fqdn web07.corp.example agrees",
        ),
        ("tool=wazuh:017", "h1: tool wazuh:017 agrees"),
        (
            "mac=52:54:00:00:00:01 address=10.3.4.7",
            "h1: mac 52:54:00:00:00:01 and address 10.3.4.7 agree",
        ),
        ("tool=wazuh:017", "h1: the same ids as before"),
    ]);
}

#[test]
fn a_contradiction_is_a_question_and_the_report_a_host_of_its_own() {
    check(&[
        (&format!("name=web-01 {M}"), "new"),
        // A clone kept the machine id.
        (&format!("name=web-02 {M}"), "new, perhaps h1"),
        (
            &format!("name=web-02 {M} address=10.0.0.2"),
            "h2: the same ids as before",
        ),
        (
            &format!("name=web-01 {M} tool=edr:1"),
            "h1: machine-id b08dfa6083e7567a1921a715000001fb agrees, perhaps h2",
        ),
        // The system was installed anew under its name.
        (
            "name=web-01 machine-id=11111111222222223333333344444444",
            "new, perhaps h1",
        ),
    ]);
}

#[test]
fn a_report_that_joins_two_known_hosts_asks() {
    check(&[
        ("tool=wazuh:017", "new"),
        ("name=web07", "new"),
        // The id is weightier than the name; whether the named one is the same host is asked.
        (
            "name=web07 tool=wazuh:017",
            "h1: tool wazuh:017 agrees, perhaps h2",
        ),
        ("fqdn=db.corp.example", "new"),
        ("fqdn=db.lab.example", "new"),
        ("name=db", "new, perhaps h3 h4"),
        ("name=db", "h5: the same ids as before"),
    ]);
}

#[test]
fn an_address_alone_is_no_ground_to_merge() {
    check(
        &[
            ("name=web07 address=10.3.4.7", "new"),
            ("address=10.3.4.7", "new, perhaps h1"),
            ("address=10.3.4.7", "h2: the same ids as before"),
            (
                "address=10.3.4.7 address=10.3.4.8",
                "h2: address 10.3.4.7 agrees, and nothing but addresses is known of either, perhaps",
            ),
        ][..3],
    );
    // An address that went to another machine takes what was filed under it along.
    check(&[
        ("address=10.9.9.9", "new"),
        (
            "address=10.9.9.9 mac=52:54:00:00:00:01",
            "h1: address 10.9.9.9 agrees, and nothing but addresses is known of either",
        ),
        (
            "mac=52:54:00:00:00:01 address=10.9.9.8",
            "h1: mac 52:54:00:00:00:01 agrees, and nothing but addresses is known of either",
        ),
        ("address=10.9.9.9", "new"),
    ]);
    // An address that was given to another machine is no question.
    check(&[
        ("name=web07 address=10.3.4.7", "new"),
        ("name=db01 address=10.3.4.7", "new"),
        ("address=10.9.9.9", "new"),
        (
            "address=10.9.9.9 address=10.9.9.10",
            "h3: address 10.9.9.9 agrees, and nothing but addresses is known of either",
        ),
    ]);
}

#[test]
fn a_netbios_name_that_may_be_cut_off_supports_only() {
    check(&[
        ("name=webserver-prod-01", "new"),
        ("name=webserver-prod-02", "new"),
        ("netbios=WEBSERVER-PROD-", "new, perhaps h1 h2"),
        ("name=appserver-prod-1 address=10.1.1.1", "new"),
        (
            "netbios=APPSERVER-PROD- address=10.1.1.1",
            "h4: netbios appserver-prod- and address 10.1.1.1 agree",
        ),
    ]);
}

#[test]
fn an_answer_is_remembered_and_can_be_taken_back() {
    let mut fleet = Fleet::default();
    let (one, _) = fleet.report(&format!("name=web-01 {M}"));
    let (two, _) = fleet.report(&format!("name=web-02 {M}"));
    let new_evidence = format!("name=web-01 {M} tool=edr:7");
    let perhaps = |fleet: &Fleet| match fleet
        .directory
        .resolve(&ids_of(&new_evidence), &fleet.rules)
        .verdict
    {
        Verdict::Same { host, doubts, .. } => (host, doubts.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(perhaps(&fleet), (one, 1));
    fleet.directory.answer(one, two, Answer::Different);
    assert_eq!(perhaps(&fleet), (one, 0), "it was said that they are two");
    fleet.directory.answer(one, two, Answer::TakenBack);
    assert_eq!(perhaps(&fleet), (one, 1));
    fleet.directory.answer(one, two, Answer::Same);
    assert_eq!(perhaps(&fleet), (one, 0), "it was said that they are one");
    assert_eq!(fleet.directory.current(two), one);
    assert_eq!(fleet.directory.family(two), [one, two]);
    assert_eq!(
        fleet.report(&format!("name=web-02 {M}")).0,
        two,
        "filed as before"
    );
    fleet.directory.answer(one, two, Answer::TakenBack);
    assert_eq!(fleet.directory.current(two), two);
    assert_eq!(perhaps(&fleet), (one, 1));
}

#[test]
fn what_two_hosts_were_told_apart_by_holds_for_what_is_merged_with_them() {
    let mut directory = Directory::default();
    let [a, b, c] = [HostId(1), HostId(2), HostId(3)];
    for host in [a, b, c] {
        directory.learn(host, &ids_of(&format!("name=host{}", host.0)));
    }
    directory.answer(a, b, Answer::Different);
    directory.answer(c, b, Answer::Same);
    assert!(directory.is_apart(a, c) && directory.is_apart(b, a));
    directory.answer(a, c, Answer::Same);
    assert!(!directory.is_apart(a, b), "the later answer holds");
    assert_eq!(directory.family(b), [a, b, c]);
    directory.forget(c);
    assert_eq!(directory.current(b), b);
    assert!(directory.identifiers(c).is_empty());
}

#[test]
fn names_that_look_alike_are_two_hosts_and_are_told() {
    let mut fleet = Fleet::default();
    fleet.report("name=web-01");
    let cyrillic = ids_of("name=wеb-01");
    let resolution = fleet.directory.resolve(&cyrillic, &fleet.rules);
    assert_eq!(resolution.verdict, Verdict::New);
    let alike: Vec<(u32, &str)> = resolution
        .look_alikes
        .iter()
        .map(|a| (a.host.0, a.known.as_str()))
        .collect();
    assert_eq!(alike, [(1, "web-01")]);
    // In ASCII alone 1 and l are what they are.
    let ascii = fleet
        .directory
        .resolve(&ids_of("name=web-0l"), &fleet.rules);
    assert_eq!(ascii.look_alikes, []);
}

#[test]
fn the_team_may_weigh_a_kind_otherwise() {
    let mut fleet = Fleet::default();
    fleet.rules.set(IdentifierKind::Address, Strength::Decisive);
    fleet.rules.set(IdentifierKind::Name, Strength::None);
    fleet.report("name=web07 address=10.3.4.7");
    assert_eq!(
        fleet.report("address=10.3.4.7").1,
        "h1: address 10.3.4.7 agrees"
    );
    assert_eq!(fleet.report("name=web07 serial=abc123").1, "new");
}

/// 20,000 machines of one name: work a report must not grow with them. A quadratic search would take hours here.
#[test]
fn a_stream_of_one_name_is_linear() {
    let mut fleet = Fleet::default();
    for n in 0..20_000 {
        let ids = format!("name=web tool=edr:{n} address=10.{}.{}.7", n / 250, n % 250);
        let (host, _) = fleet.report(&ids);
        assert_eq!(host.0, n + 1);
    }
    let (host, words) = fleet.report("name=web tool=edr:17 serial=abc123");
    assert_eq!((host.0, &*words), (18, "h18: tool edr:17 agrees"));
    let alone = fleet.directory.resolve(&ids_of("name=web"), &fleet.rules);
    assert_eq!(alone.verdict, Verdict::New);
    assert_eq!(alone.shared, ids_of("name=web"));
    let (alone, _) = fleet.report("name=web");
    assert_eq!(
        fleet.report("name=web").0,
        alone,
        "and again it is the same"
    );
}

/// A machine of the simulated fleet, and which of its ids a tool sees.
fn sighting() -> impl Strategy<Value = (u32, u8)> {
    (0_u32..12, 1_u8..32)
}

fn seen(machine: u32, tool: u8) -> String {
    let mut ids = Vec::new();
    let mut add = |bit: u8, id: String| {
        if tool & bit != 0 {
            ids.push(id);
        }
    };
    add(
        1,
        format!("uuid=1e2f2242-b2a1-4c3d-9e4f-0123456789{machine:02x}"),
    );
    add(2, format!("fqdn=host{machine}.corp.example"));
    add(4, format!("tool=edr:{machine}"));
    add(8, format!("address=10.0.0.{}", machine + 1));
    add(16, format!("mac=52:54:00:00:00:{machine:02x}"));
    ids.join(" ")
}

proptest! {
    /// Where no id is shared, no order of reports merges two machines, and once a machine was seen whole it is found again.
    #[test]
    fn machines_that_share_no_id_are_never_merged(reports in prop::collection::vec(sighting(), 1..60)) {
        let mut fleet = Fleet::default();
        let mut filed: BTreeMap<HostId, u32> = BTreeMap::new();
        for (machine, tool) in &reports {
            let (host, _) = fleet.report(&seen(*machine, *tool));
            prop_assert_eq!(*filed.entry(host).or_insert(*machine), *machine);
        }
        for (machine, tool) in &reports {
            let before = fleet.next;
            fleet.report(&seen(*machine, *tool));
            prop_assert_eq!(fleet.next, before, "a report told again makes no host");
        }
    }

    /// A merge taken back leaves everything as it was.
    #[test]
    fn taking_back_a_merge_gives_what_was_before(
        reports in prop::collection::vec(sighting(), 2..30),
        pick in (0_usize..30, 0_usize..30),
        asked in sighting(),
    ) {
        let mut fleet = Fleet::default();
        let hosts: Vec<HostId> = reports.iter().map(|(m, t)| fleet.report(&seen(*m, *t)).0).collect();
        let (one, two) = (hosts[pick.0 % hosts.len()], hosts[pick.1 % hosts.len()]);
        let question = ids_of(&seen(asked.0, asked.1));
        let before = fleet.directory.resolve(&question, &fleet.rules);
        fleet.directory.answer(one, two, Answer::Same);
        let merged = fleet.directory.resolve(&question, &fleet.rules);
        if let (Verdict::Same { host, .. }, Verdict::Same { host: then, .. }) = (&before.verdict, &merged.verdict) {
            prop_assert_eq!(host, then, "reports stay filed where they were");
        }
        fleet.directory.answer(one, two, Answer::TakenBack);
        prop_assert_eq!(fleet.directory.resolve(&question, &fleet.rules), before);
        prop_assert!(hosts.iter().all(|h| fleet.directory.current(*h) == *h));
    }
}
