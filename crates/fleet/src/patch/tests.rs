//! What a patch closes, by example and over random findings.

use proptest::prelude::*;

use std::collections::BTreeSet;

use super::*;
use crate::sample::{at, decided, decision, epss, finding, kev};

fn deb(id: &str, package: &str, version: &str, fixed: &[&str]) -> Finding {
    Finding {
        fixed: fixed.iter().map(|v| (*v).to_owned()).collect(),
        ..finding(id, "Debian:12", package, version)
    }
}

/// Package, installed versions, the version to install, and the findings closed.
type Expected<'a> = (&'a str, &'a [&'a str], Option<&'a str>, &'a [usize]);

fn check(findings: &[Finding], expected: &[Expected<'_>]) {
    let list = patches(findings);
    let seen: Vec<_> = list
        .iter()
        .map(|p| {
            let from: Vec<&str> = p.from.iter().map(String::as_str).collect();
            (
                p.package.as_str(),
                from,
                p.to.as_deref(),
                p.findings.clone(),
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(p, from, to, f)| (*p, from.to_vec(), *to, f.to_vec()))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn one_upgrade_closes_all_findings_of_a_source_package() {
    let of_openssl = |id, package, fixed: &str| Finding {
        source_package: Some("openssl".to_owned()),
        ..deb(id, package, "3.0.9-1", &[fixed])
    };
    let findings = [
        of_openssl("CVE-2026-0001", "libssl3", "3.0.10-1"),
        of_openssl("CVE-2026-0001", "openssl", "3.0.10-1"),
        of_openssl("CVE-2026-0002", "libssl3", "3.0.11-1~deb12u2"),
    ];
    check(
        &findings,
        &[(
            "openssl",
            &["3.0.9-1"],
            Some("3.0.11-1~deb12u2"),
            &[0, 1, 2],
        )],
    );
    let patch = &patches(&findings)[0];
    assert_eq!(patch.packages, ["libssl3", "openssl"]);
    assert_eq!(patch.vulnerabilities, 2);
}

#[test]
fn findings_without_a_fix_are_a_patch_of_their_own() {
    let findings = [
        deb("CVE-2026-0001", "zlib1g", "1.2-1", &[]),
        deb("CVE-2026-0002", "zlib1g", "1.2-1", &["1.3-1"]),
        deb("CVE-2026-0003", "zlib1g", "1.2-1", &["1.1-1"]),
    ];
    check(
        &findings,
        &[
            ("zlib1g", &["1.2-1"], None, &[0, 2]),
            ("zlib1g", &["1.2-1"], Some("1.3-1"), &[1]),
        ],
    );
}

#[test]
fn each_finding_counts_from_its_own_installed_version() {
    let findings = [
        deb(
            "CVE-2026-0001",
            "django",
            "3.2.1",
            &["2.2.9", "3.2.20", "4.2.3"],
        ),
        Finding {
            target: 1,
            ..deb(
                "CVE-2026-0001",
                "django",
                "4.2.0",
                &["2.2.9", "3.2.20", "4.2.3"],
            )
        },
    ];
    check(
        &findings[..1],
        &[("django", &["3.2.1"], Some("3.2.20"), &[0])],
    );
    check(
        &findings,
        &[
            ("django", &["3.2.1"], Some("3.2.20"), &[0]),
            ("django", &["4.2.0"], Some("4.2.3"), &[1]),
        ],
    );
    let lines: Vec<String> = patches(&findings).into_iter().map(|p| p.line).collect();
    assert_eq!(lines, ["3.2", "4.2"]);
}

#[test]
fn hosts_of_one_line_take_the_highest_fix_of_it() {
    let on = |target, id, version, fixed: &str| Finding {
        target,
        ..deb(id, "openssl", version, &[fixed])
    };
    check(
        &[
            on(0, "CVE-2026-0001", "3.0.9-1", "3.0.10-1"),
            on(1, "CVE-2026-0002", "3.0.9-1", "3.0.11-1~deb12u2"),
        ],
        &[("openssl", &["3.0.9-1"], Some("3.0.11-1~deb12u2"), &[0, 1])],
    );
    let of_npm = |target, version: &str, fixed: &str| Finding {
        target,
        ecosystem: "npm".to_owned(),
        ..deb("CVE-2026-0001", "x", version, &[fixed])
    };
    check(
        &[of_npm(0, "1.0.0", "1.5.0"), of_npm(1, "1.2.0", "1.6.0")],
        &[("x", &["1.0.0", "1.2.0"], Some("1.6.0"), &[0, 1])],
    );
    check(
        &[of_npm(0, "1.0.0", "1.5.0"), of_npm(1, "1.2.0", "2.4.0")],
        &[
            ("x", &["1.0.0"], Some("1.5.0"), &[0]),
            ("x", &["1.2.0"], Some("2.4.0"), &[1]),
        ],
    );
}

#[test]
fn an_update_is_one_patch_whatever_products_it_is_for() {
    let of = |target, product, kb: &str| Finding {
        target,
        fixed: vec![kb.to_owned()],
        ..finding("CVE-2026-0001", "Microsoft", product, "10.0.17763")
    };
    let findings = [
        of(0, "Windows Server 2019", "KB5094123"),
        of(
            0,
            "Internet Explorer 11 on Windows Server 2019",
            "KB5094123",
        ),
        of(1, "Windows Server 2012 R2", "KB5094200"),
        of(1, "Windows Server 2012 R2", "KB5094111"),
    ];
    check(
        &findings,
        &[
            (
                "Windows Server 2019",
                &["10.0.17763"],
                Some("KB5094123"),
                &[0, 1],
            ),
            (
                "Windows Server 2012 R2",
                &["10.0.17763"],
                Some("KB5094111"),
                &[3],
            ),
            (
                "Windows Server 2012 R2",
                &["10.0.17763"],
                Some("KB5094200"),
                &[2],
            ),
        ],
    );
    assert!(
        patches(&findings)
            .iter()
            .all(|p| p.work == Work::Update && p.after.need == Need::Reboot)
    );
}

#[test]
fn what_is_installed_and_does_not_run_is_a_restart_and_what_is_suppressed_is_nothing() {
    let group = |life, package: &str| FindingGroup {
        finding: deb("CVE-2026-0001", package, "1", &["2"]),
        targets: vec![0, 3],
        first_seen: at("2026-06-01T00:00:00Z"),
        life,
    };
    let groups = [
        group(Life::Open { reopened: false }, "linux"),
        group(Life::AwaitsRestart, "linux"),
        group(Life::Suppressed(7), "linux"),
    ];
    let list = group_patches(&groups);
    let seen: Vec<_> = list
        .iter()
        .map(|p| (p.work, p.to.as_deref(), p.findings.clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (Work::Upgrade, Some("2"), vec![0]),
            (Work::Restart, None, vec![1]),
        ]
    );
    assert!(
        list.iter()
            .all(|p| p.targets == [0, 3] && p.after.need == Need::Reboot)
    );
}

#[test]
fn the_version_is_on_the_fixed_side_of_every_release_line() {
    let parallel = deb("CVE-2026-0001", "x", "1.2.0", &["1.2.9", "2.1.3"]);
    check(
        std::slice::from_ref(&parallel),
        &[("x", &["1.2.0"], Some("1.2.9"), &[0])],
    );
    check(
        &[
            parallel.clone(),
            deb("CVE-2026-0002", "x", "1.2.0", &["2.0.1"]),
        ],
        &[("x", &["1.2.0"], Some("2.1.3"), &[0, 1])],
    );
    check(
        &[parallel, deb("CVE-2026-0002", "x", "1.2.0", &["3.0.0"])],
        &[("x", &["1.2.0"], Some("3.0.0"), &[0, 1])],
    );
}

#[test]
fn packages_of_languages_stay_on_their_release_line() {
    let of = |ecosystem: &str, id: &str, version: &str, fixed: &[&str]| Finding {
        ecosystem: ecosystem.to_owned(),
        ..deb(id, "x", version, fixed)
    };
    let django = of(
        "PyPI",
        "CVE-2026-0001",
        "4.2.1",
        &["3.2.25", "4.2.11", "5.0.3"],
    );
    check(
        &[
            django,
            of("PyPI", "CVE-2026-0002", "4.2.1", &["4.2.9", "5.0.1"]),
        ],
        &[("x", &["4.2.1"], Some("4.2.11"), &[0, 1])],
    );
    let tar = of("npm", "CVE-2026-0001", "6.0.9", &["5.0.10", "6.1.9"]);
    check(
        &[
            tar.clone(),
            of("npm", "CVE-2026-0002", "6.0.9", &["6.0.10"]),
        ],
        &[("x", &["6.0.9"], Some("6.1.9"), &[0, 1])],
    );
    let other = Finding {
        target: 1,
        ..of("npm", "CVE-2026-0001", "5.0.2", &["5.0.10", "6.1.9"])
    };
    check(
        &[other, tar],
        &[
            ("x", &["5.0.2"], Some("5.0.10"), &[0]),
            ("x", &["6.0.9"], Some("6.1.9"), &[1]),
        ],
    );
}

#[test]
fn versions_nobody_can_compare_still_name_an_upgrade() {
    let odd = Finding {
        fixed: vec!["r12".to_owned()],
        ..finding("X-1", "Somewhere", "y", "r10")
    };
    check(&[odd], &[("y", &["r10"], Some("r12"), &[0])]);
    let mixed = deb("CVE-2026-0001", "z", "1.0", &["not a version:", "1.1"]);
    check(&[mixed], &[("z", &["1.0"], Some("1.1"), &[0])]);
}

#[test]
fn the_most_urgent_patch_is_first() {
    let base = |package| deb("CVE-2026-0001", package, "1", &["2"]);
    let due = |f, day: &str| decided(f, vec![decision("house", Some(at(day)))]);
    let findings = [
        base("h-plain"),
        Finding {
            epss: Some(epss(0.2, 0.2)),
            ..base("g-epss")
        },
        Finding {
            severity: Some(Severity::Low),
            ..base("f-low")
        },
        Finding {
            severity: Some(Severity::Critical),
            ..base("e-critical")
        },
        Finding {
            kev: Some(kev(None)),
            ..base("d-kev")
        },
        due(base("c-later"), "2026-07-01T00:00:00Z"),
        due(base("b-soon"), "2026-06-02T00:00:00Z"),
        base("i-two"),
        Finding {
            target: 1,
            ..base("i-two")
        },
        base("a-plain"),
    ];
    let order: Vec<String> = patches(&findings).into_iter().map(|p| p.package).collect();
    assert_eq!(
        order,
        [
            "b-soon",
            "c-later",
            "d-kev",
            "e-critical",
            "f-low",
            "g-epss",
            "i-two",
            "a-plain",
            "h-plain"
        ]
    );
}

#[test]
fn counts_are_of_vulnerabilities_and_the_worst_of_them_stands() {
    let aliased = Finding {
        aliases: vec!["CVE-2026-0001".to_owned()],
        kev: Some(kev(None)),
        severity: Some(Severity::High),
        ..deb("GHSA-aaaa-bbbb-cccc", "x", "1", &["2"])
    };
    let plain = Finding {
        aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned()],
        kev: Some(kev(None)),
        epss: Some(epss(0.9, 0.9)),
        ..deb("CVE-2026-0001", "x", "1", &["2"])
    };
    let first = decision("house", Some(at("2026-06-02T00:00:00Z")));
    let second = decision("pci", Some(at("2026-06-03T00:00:00Z")));
    let list = patches(&[decided(aliased, vec![second]), decided(plain, vec![first])]);
    assert_eq!(
        (list[0].vulnerabilities, list[0].kev, list[0].findings.len()),
        (1, 1, 2)
    );
    assert_eq!(
        (list[0].severity, list[0].epss),
        (Some(Severity::High), Some(0.9))
    );
    assert_eq!(
        list[0].due,
        Some((at("2026-06-02T00:00:00Z"), "house".to_owned()))
    );
}

fn some_findings() -> impl Strategy<Value = Vec<Finding>> {
    let version = || (0u8..4, 0u8..4, 0u8..4).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"));
    let one = (
        0u8..5,
        0u8..3,
        version(),
        proptest::collection::vec(version(), 0..4),
        0usize..3,
    )
        .prop_map(|(id, package, version, fixed, target)| Finding {
            fixed,
            target,
            ..finding(
                &format!("CVE-2026-000{id}"),
                "Debian:12",
                &format!("p{package}"),
                &version,
            )
        });
    proptest::collection::vec(one, 0..12)
}

fn some_groups() -> impl Strategy<Value = Vec<FindingGroup>> {
    let targets = proptest::collection::btree_set(0usize..6, 1..5);
    let one = (some_findings(), proptest::collection::vec(targets, 12));
    one.prop_map(|(findings, targets)| {
        let pairs = findings.into_iter().zip(targets);
        let group = |(finding, targets): (Finding, BTreeSet<usize>)| FindingGroup {
            finding,
            targets: targets.into_iter().collect(),
            first_seen: at("2026-06-01T00:00:00Z"),
            life: Life::Open { reopened: false },
        };
        pairs.map(group).collect()
    })
}

proptest! {
    #[test]
    fn every_host_of_every_group_is_in_exactly_one_patch_that_closes_it(groups in some_groups()) {
        let scheme = scheme_for("Debian").unwrap();
        let mut seen = Vec::new();
        for patch in group_patches(&groups) {
            for at in &patch.findings {
                let group = &groups[*at];
                let here = group.targets.iter().filter(|t| patch.targets.contains(t));
                seen.extend(here.map(|t| (*at, *t)));
                if let Some(to) = &patch.to {
                    prop_assert!(scheme.compare(to, &group.finding.version).unwrap().is_gt());
                }
            }
        }
        seen.sort_unstable();
        let all: Vec<_> = groups.iter().enumerate().flat_map(|(at, g)| g.targets.iter().map(move |t| (at, *t))).collect();
        prop_assert_eq!(seen, all);
    }

    #[test]
    fn every_finding_is_in_exactly_one_patch(findings in some_findings()) {
        let mut seen: Vec<usize> = patches(&findings).into_iter().flat_map(|p| p.findings).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..findings.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_patch_is_above_every_installed_version_and_at_a_fix_of_one_of_its_findings(findings in some_findings()) {
        let scheme = scheme_for("Debian").unwrap();
        for patch in patches(&findings) {
            let Some(to) = patch.to else { continue };
            let named = patch.findings.iter().any(|at| findings[*at].fixed.contains(&to));
            prop_assert!(named);
            for at in patch.findings {
                let finding = &findings[at];
                prop_assert!(scheme.compare(&to, &finding.version).unwrap().is_gt());
                let reaches = |fixed: &String| {
                    scheme.compare(fixed, &to).unwrap().is_le() && scheme.compare(fixed, &finding.version).unwrap().is_gt()
                };
                prop_assert!(finding.fixed.iter().any(reaches));
            }
        }
    }

    #[test]
    fn the_order_of_the_findings_does_not_matter(findings in some_findings(), turn in 0usize..12) {
        let strip = |list: Vec<Patch>| -> Vec<_> {
            list.into_iter().map(|p| (p.ecosystem, p.package, p.from, p.to, p.packages, p.targets, p.vulnerabilities)).collect()
        };
        let mut turned = findings.clone();
        turned.rotate_left(turn.min(findings.len()));
        prop_assert_eq!(strip(patches(&turned)), strip(patches(&findings)));
    }
}
