//! Mitigations: what a report shows of each measure, how their states follow from it, and that they come back from text.

use base::HostId;
use inventory::{
    Confidence, Host, HostKind, Location, Package, Service, Transport, Windows, WindowsFeature,
};
use proptest::prelude::*;

use super::{Measure, Mitigation, Report, Sight, State, evaluate, look};
use crate::asset::Asset;
use crate::group::{FindingGroup, HostName, Life};
use crate::life::Member;
use crate::life::cover::{Cover, HostCover};
use crate::sample::{at, finding};

fn service(port: u16, address: Option<&str>, program: Option<&str>) -> Service {
    Service {
        transport: Transport::Tcp,
        port,
        address: address.map(str::to_owned),
        program: program.map(str::to_owned),
        package: None,
        product: None,
        confidence: Confidence::Certain,
        location: Location::file("ss"),
    }
}

fn host(services: &[Service]) -> Host {
    Host {
        services: services.to_vec(),
        packages: vec![Package::new(
            "nginx",
            Some("1.2".to_owned()),
            Location::file("status"),
        )],
        ..Host::new("web-1", HostKind::Machine)
    }
}

/// `seen`, `opposite` or `cannot tell`, and the words.
fn check(measure: Measure, host: &Host, expected: &str) {
    let said = match look(&measure, host) {
        Sight::Seen(how) => format!("seen: {how}"),
        Sight::Opposite(how) => format!("opposite: {how}"),
        Sight::CannotTell(why) => format!("cannot tell: {why}"),
    };
    assert_eq!(said, expected);
}

#[test]
fn a_port_is_gone_when_the_hosts_own_list_has_it_not_or_on_the_loopback_only() {
    let gone = || Measure::PortGone(Transport::Tcp, 443);
    let ssh = || service(22, None, Some("sshd"));
    let seen = "seen: nothing listens on tcp 443";
    let no_list = "cannot tell: the report does not list, by the host itself, what listens";
    check(gone(), &host(&[ssh()]), seen);
    check(
        gone(),
        &host(&[ssh(), service(443, Some("127.0.0.1"), None)]),
        seen,
    );
    check(
        gone(),
        &host(&[ssh(), service(443, Some("[::1]"), None)]),
        seen,
    );
    let open = service(443, Some("0.0.0.0"), Some("/usr/sbin/nginx"));
    check(
        gone(),
        &host(&[ssh(), open]),
        "opposite: tcp 443 listens (/usr/sbin/nginx)",
    );
    check(
        gone(),
        &host(&[ssh(), service(443, None, None)]),
        "opposite: tcp 443 listens",
    );
    check(
        Measure::PortGone(Transport::Udp, 22),
        &host(&[ssh()]),
        "seen: nothing listens on udp 22",
    );
    check(gone(), &host(&[]), no_list);
    let scanned = |port| Service {
        confidence: Confidence::Possible,
        ..service(port, None, None)
    };
    check(gone(), &host(&[scanned(22)]), no_list);
    check(gone(), &host(&[scanned(443)]), "opposite: tcp 443 listens");
}

#[test]
fn a_service_a_package_and_a_feature_are_looked_for_by_name() {
    let stopped = || Measure::ServiceStopped("nginx".to_owned());
    let by = |program| host(&[service(80, None, Some(program))]);
    check(
        stopped(),
        &by("/usr/sbin/nginx"),
        "opposite: tcp 80 listens (/usr/sbin/nginx)",
    );
    check(
        stopped(),
        &by("C:\\nginx\\NGINX.exe"),
        "opposite: tcp 80 listens (C:\\nginx\\NGINX.exe)",
    );
    check(
        stopped(),
        &by("/usr/sbin/nginx-debug"),
        "seen: nginx does not listen",
    );
    check(
        stopped(),
        &host(&[service(80, None, None)]),
        "cannot tell: the report does not say of every port which program listens",
    );
    let removed = |name: &str| Measure::PackageRemoved(name.to_owned());
    check(
        removed("nginx*"),
        &host(&[]),
        "opposite: nginx 1.2 is installed",
    );
    check(
        removed("apache2"),
        &host(&[]),
        "seen: package apache2 is not installed",
    );
    let empty = Host::new("h", HostKind::Machine);
    check(
        removed("apache2"),
        &empty,
        "cannot tell: the report lists no packages",
    );
    let feature = |installed| WindowsFeature {
        name: "Web-Server".to_owned(),
        installed,
    };
    let with = |features: Option<Vec<WindowsFeature>>| Host {
        windows: Some(Windows {
            features,
            ..Windows::default()
        }),
        ..Host::new("h", HostKind::Machine)
    };
    let off = || Measure::FeatureOff("web-server".to_owned());
    let unknown = "cannot tell: the report does not list the features of Windows";
    check(off(), &with(None), unknown);
    check(off(), &empty, unknown);
    check(
        off(),
        &with(Some(vec![feature(true)])),
        "opposite: the feature web-server is installed",
    );
    check(
        off(),
        &with(Some(vec![feature(false)])),
        "seen: the feature web-server is off",
    );
}

fn mitigation(measure: Measure, claimed: Option<&str>) -> Mitigation {
    Mitigation {
        number: 3,
        measure,
        cover: Cover {
            ids: vec!["CVE-2026-0001".to_owned()],
            package: None,
            hosts: HostCover::default(),
        },
        told_by: "security team".to_owned(),
        told_at: at("2026-06-01T10:00:00Z"),
        claimed: claimed.map(|time| ("web team".to_owned(), at(time))),
        until: at("2026-07-01T00:00:00Z"),
    }
}

#[test]
fn only_a_report_verifies_and_a_report_breaks_a_claim() {
    let gone = Measure::PortGone(Transport::Tcp, 443);
    let check = |claimed: Option<&str>, report: Option<(&str, bool)>, now: &str, state: &str| {
        let mitigation = mitigation(gone.clone(), claimed);
        let report = report.map(|(seen_at, listens)| Report {
            host: host(&[service(if listens { 443 } else { 22 }, None, None)]),
            seen_at: at(seen_at),
        });
        assert_eq!(mitigation.state(report.as_ref(), at(now)).as_str(), state);
    };
    let claim = Some("2026-06-01T12:00:00Z");
    let now = "2026-06-02T00:00:00Z";
    check(None, None, now, "told");
    check(None, Some(("2026-06-01T11:00:00Z", true)), now, "told");
    check(None, Some(("2026-06-01T11:00:00Z", false)), now, "verified");
    check(claim, None, now, "claimed");
    check(claim, Some(("2026-06-01T09:00:00Z", false)), now, "claimed");
    check(claim, Some(("2026-06-01T11:00:00Z", true)), now, "claimed");
    check(claim, Some(("2026-06-01T13:00:00Z", true)), now, "broken");
    check(
        claim,
        Some(("2026-06-01T13:00:00Z", false)),
        now,
        "verified",
    );
    check(
        claim,
        Some(("2026-06-01T13:00:00Z", false)),
        "2026-07-01T00:00:00Z",
        "expired",
    );
    let setting = Measure::Setting {
        name: "sshd_config PermitRootLogin".to_owned(),
        value: "no".to_owned(),
    };
    let report = Report {
        host: host(&[]),
        seen_at: at("2026-06-01T13:00:00Z"),
    };
    let state = mitigation(setting, claim).state(Some(&report), at(now));
    assert_eq!(state, State::Claimed("no report reads settings".to_owned()));
}

#[test]
fn only_what_is_verified_is_taken_out_of_the_open_findings() {
    let member = |number: u32| Member {
        name: HostName {
            id: HostId(number),
            name: format!("web-{number}"),
        },
        asset: Asset::default(),
        support: None,
    };
    let members: Vec<Member> = (0..4).map(member).collect();
    let group = FindingGroup {
        finding: finding("CVE-2026-0001", "Debian:12", "nginx", "1.2"),
        targets: vec![0, 1, 2, 3],
        first_seen: at("2026-05-01T00:00:00Z"),
        life: Life::Open { reopened: false },
    };
    let report = |id: HostId| {
        let services = match id.0 {
            0 => vec![service(443, None, None)],
            1 => vec![service(22, None, None)],
            2 => vec![],
            _ => return None,
        };
        Some(Report {
            host: host(&services),
            seen_at: at("2026-06-01T13:00:00Z"),
        })
    };
    let gone = Measure::PortGone(Transport::Tcp, 443);
    let mitigations = [mitigation(gone, Some("2026-06-01T12:00:00Z"))];
    let now = at("2026-06-02T00:00:00Z");
    let evaluated = evaluate(&mitigations, vec![group.clone()], &members, report, now);
    let lives: Vec<(&[usize], &Life)> = evaluated
        .groups
        .iter()
        .map(|group| (&group.targets[..], &group.life))
        .collect();
    let mitigated = Life::Mitigated {
        how: "nothing listens on tcp 443".to_owned(),
        until: Some(at("2026-07-01T00:00:00Z")),
    };
    assert_eq!(
        lives,
        [(&[0, 2, 3][..], &group.life), (&[1][..], &mitigated)]
    );
    let states = evaluated.states[&3].iter();
    let states: Vec<(&str, &[usize])> = states
        .map(|(state, hosts)| (state.as_str(), &hosts[..]))
        .collect();
    assert_eq!(
        states,
        [
            ("claimed", &[3][..]),
            ("claimed", &[2][..]),
            ("verified", &[1][..]),
            ("broken", &[0][..]),
        ]
    );
}

fn any_measure() -> impl Strategy<Value = Measure> {
    let transport = proptest::sample::select(vec![Transport::Tcp, Transport::Udp, Transport::Sctp]);
    (0..6, transport, any::<u16>(), "\\PC{0,9}").prop_map(
        |(kind, transport, port, text)| match kind {
            0 => Measure::PortGone(transport, port),
            1 => Measure::ServiceStopped(text),
            2 => Measure::PackageRemoved(text),
            3 => Measure::FeatureOff(text),
            4 => Measure::Setting {
                name: text.clone(),
                value: text,
            },
            _ => Measure::BlockedAtEdge {
                zone: text,
                transport,
                port,
            },
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(measure in any_measure(), is_claimed in any::<bool>(), package in proptest::option::of("[a-z*]{1,9}")) {
        let mut mitigation = mitigation(measure, is_claimed.then_some("2026-06-01T12:00:00Z"));
        mitigation.cover.package = package;
        mitigation.cover.hosts.hosts = [1, 2, 9].into_iter().collect();
        prop_assert_eq!(Mitigation::from_text(&mitigation.to_text()), Ok(mitigation));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
        let _ = Mitigation::from_text(&text);
    }
}

#[test]
fn text_that_is_not_understood_whole_is_refused() {
    let text = mitigation(Measure::PackageRemoved("nginx".to_owned()), None).to_text();
    let refused = |from: &str, to: &str, what: &str| {
        assert!(text.contains(from), "{text}");
        let error = Mitigation::from_text(&text.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains(what), "{error}");
    };
    refused(
        "mitigation/1",
        "mitigation/2",
        "this program reads daywatch.mitigation/1",
    );
    refused(
        "package-removed",
        "package-moved",
        "unknown variant `package-moved`",
    );
    refused(
        "\"number\"",
        "\"colour\":1,\"number\"",
        "unknown field `colour`",
    );
    refused("\"CVE-2026-0001\"", "", "no id");
    refused("security team", " ", "nobody asked for it");
    refused("2026-07-01", "2026-05-01", "it ends before it begins");
}
