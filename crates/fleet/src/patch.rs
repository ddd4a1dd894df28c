//! A patch: the unit of action. One upgrade that closes many findings on many targets.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use base::Severity;
use jiff::Timestamp;
use versions::{Scheme, scheme_for};

use crate::finding::Finding;

/// An upgrade and what it closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// `Debian:12`, `npm`.
    pub ecosystem: String,
    /// What is upgraded: the source package for distributions, else the package.
    pub package: String,
    /// The installed versions, lowest first as far as they compare.
    pub from: Vec<String>,
    /// The version that closes all of them; `None` when no fix is known.
    pub to: Option<String>,
    /// Binary packages it upgrades, sorted.
    pub packages: Vec<String>,
    /// Targets (indexes into the report), sorted.
    pub targets: Vec<usize>,
    /// Findings it closes (indexes into the list given), sorted.
    pub findings: Vec<usize>,
    /// Distinct vulnerabilities it closes.
    pub vulnerabilities: usize,
    /// How many of those are known exploited.
    pub kev: usize,
    /// The worst severity it closes.
    pub severity: Option<Severity>,
    /// The highest EPSS score it closes.
    pub epss: Option<f32>,
    /// The earliest deadline, and the policy that set it.
    pub due: Option<(Timestamp, String)>,
}

/// Folds findings into patches: one for each ecosystem and (source) package with the version that closes all its findings,
/// and one more, without a version, for those of its findings that nothing fixes yet. Every finding is in exactly one.
///
/// Most urgent first: the earliest deadline, then known exploited, severity, EPSS, number of findings, name.
pub fn patches(findings: &[Finding]) -> Vec<Patch> {
    let mut units: BTreeMap<Unit<'_>, Vec<Member<'_>>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let fix = lowest_fix(finding);
        let unit = Unit {
            ecosystem: &finding.ecosystem,
            package: finding
                .source_package
                .as_deref()
                .unwrap_or(&finding.package),
            is_open: fix.is_none(),
        };
        units.entry(unit).or_default().push(Member { at, fix });
    }
    let mut list: Vec<Patch> = units
        .iter()
        .map(|(unit, members)| patch(unit, members, findings))
        .collect();
    list.sort_by(urgency);
    list
}

/// What is upgraded at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit<'a> {
    ecosystem: &'a str,
    package: &'a str,
    /// Nothing fixes its findings yet.
    is_open: bool,
}

/// A finding of a unit.
#[derive(Clone, Copy, Debug)]
struct Member<'a> {
    /// Index into the findings.
    at: usize,
    /// The lowest version that closes it.
    fix: Option<&'a str>,
}

fn urgency(a: &Patch, b: &Patch) -> Ordering {
    let due = |p: &Patch| p.due.as_ref().map_or(Timestamp::MAX, |(by, _)| *by);
    let key = |p: &Patch| (due(p), Reverse(p.kev), Reverse(p.severity));
    let epss = |p: &Patch| p.epss.unwrap_or(-1.0);
    key(a)
        .cmp(&key(b))
        .then_with(|| epss(b).total_cmp(&epss(a)))
        .then_with(|| b.findings.len().cmp(&a.findings.len()))
        .then_with(|| {
            (&a.package, &a.ecosystem, a.to.is_none()).cmp(&(
                &b.package,
                &b.ecosystem,
                b.to.is_none(),
            ))
        })
}

fn patch(unit: &Unit<'_>, members: &[Member<'_>], findings: &[Finding]) -> Patch {
    let scheme = scheme_for(unit.ecosystem);
    let of = || members.iter().map(|m| &findings[m.at]);
    let mut from: Vec<String> = of().map(|f| f.version.clone()).collect();
    from.sort_by(|a, b| order(scheme, a, b));
    from.dedup();
    Patch {
        ecosystem: unit.ecosystem.to_owned(),
        package: unit.package.to_owned(),
        from,
        to: closing_version(scheme, members, findings),
        packages: sorted(of().map(|f| f.package.clone())),
        targets: sorted(of().map(|f| f.target)),
        findings: members.iter().map(|m| m.at).collect(),
        vulnerabilities: of().map(vulnerability).collect::<BTreeSet<_>>().len(),
        kev: of()
            .filter(|f| f.kev.is_some())
            .map(vulnerability)
            .collect::<BTreeSet<_>>()
            .len(),
        severity: of().filter_map(|f| f.severity).max(),
        epss: of()
            .filter_map(|f| f.epss.as_ref().map(|e| e.score))
            .max_by(f32::total_cmp),
        due: of()
            .filter_map(|f| f.decision().and_then(|d| Some((d.by?, d.policy.clone()))))
            .min(),
    }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<BTreeSet<_>>().into_iter().collect()
}

/// One name for a vulnerability whichever of its records decided: the records of a group share their ids.
fn vulnerability(finding: &Finding) -> &str {
    finding
        .aliases
        .iter()
        .chain([&finding.id])
        .min()
        .unwrap_or(&finding.id)
}

/// The lowest version named as fixed above the installed one. Where none compares with it, the first that is named stands:
/// an upgrade to look at is worth more than "no fix".
fn lowest_fix(finding: &Finding) -> Option<&str> {
    let scheme = scheme_for(&finding.ecosystem);
    let against = |fixed: &str| scheme.and_then(|s| s.compare(fixed, &finding.version).ok());
    let (comparable, odd): (Vec<&str>, Vec<&str>) = finding
        .fixed
        .iter()
        .map(String::as_str)
        .partition(|f| against(f).is_some());
    if comparable.is_empty() {
        return odd.first().copied();
    }
    comparable
        .into_iter()
        .filter(|fixed| against(fixed).is_some_and(Ordering::is_gt))
        .min_by(|a, b| order(scheme, a, b))
}

/// The highest of the members' lowest fixes, raised until it is on the fixed side of every member's own release line.
///
/// Raising is needed where releases are kept in parallel: with one finding fixed in 1.2.9 and 2.1.3 and another in 2.0.1, the
/// maximum of the lowest fixes from 1.2.0 is 2.0.1, which the first finding still affects.
fn closing_version(
    scheme: Option<&dyn Scheme>,
    members: &[Member<'_>],
    findings: &[Finding],
) -> Option<String> {
    let mut to = members
        .iter()
        .filter_map(|m| m.fix)
        .max_by(|a, b| order(scheme, a, b))?;
    while let Some(higher) = members
        .iter()
        .find_map(|m| fix_on_line(scheme, &findings[m.at].fixed, to))
    {
        to = higher;
    }
    Some(to.to_owned())
}

/// A fix above `version` that is nearer to it (shares more leading numbers) than the last fix at or below it: the version is
/// then on that fix's line, and before it.
fn fix_on_line<'a>(
    scheme: Option<&dyn Scheme>,
    fixed: &'a [String],
    version: &str,
) -> Option<&'a str> {
    let compare = |a: &str| scheme.and_then(|s| s.compare(a, version).ok());
    let below = fixed
        .iter()
        .filter(|f| compare(f).is_some_and(Ordering::is_le))
        .max_by(|a, b| order(scheme, a, b))?;
    let above = fixed
        .iter()
        .filter(|f| compare(f).is_some_and(Ordering::is_gt))
        .min_by(|a, b| order(scheme, a, b))?;
    (shared_numbers(above, version) > shared_numbers(below, version)).then_some(above)
}

fn shared_numbers(a: &str, b: &str) -> usize {
    let numbers = |text: &str| -> Vec<String> {
        text.trim_start_matches(['v', 'V'])
            .split(['.', '-', '+', ':', '~', '_'])
            .map(str::to_owned)
            .collect()
    };
    numbers(a)
        .iter()
        .zip(&numbers(b))
        .take_while(|(a, b)| a == b)
        .count()
}

/// The scheme's order. Versions it cannot read are before all others, in the order of their text, so that sorting is total.
fn order(scheme: Option<&dyn Scheme>, a: &str, b: &str) -> Ordering {
    let valid = |version: &str| scheme.is_some_and(|s| s.validate(version).is_ok());
    match (valid(a), valid(b)) {
        (true, true) => scheme
            .and_then(|s| s.compare(a, b).ok())
            .unwrap_or(Ordering::Equal)
            .then_with(|| a.cmp(b)),
        (a_valid, b_valid) => a_valid.cmp(&b_valid).then_with(|| a.cmp(b)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            &[("django", &["3.2.1", "4.2.0"], Some("4.2.3"), &[0, 1])],
        );
        assert_eq!(patches(&findings)[0].targets, [0, 1]);
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
            &[("x", &["5.0.2", "6.0.9"], Some("6.1.9"), &[0, 1])],
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

    proptest! {
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
}
