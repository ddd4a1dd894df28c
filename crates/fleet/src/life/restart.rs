//! The fix is installed and does not run yet: a kernel that waits for its boot, an update of Windows that waits for a restart, a
//! program that still uses the library as it was. Neither open, for there is nothing to install, nor fixed.

use std::collections::{BTreeMap, BTreeSet};

use base::{Ecosystem, HostId, Kb};
use inventory::{Host, Location, Package, Source};
use matching::Kernels;
use roaring::RoaringBitmap;

use super::member::Member;
use super::split::split;
use crate::finding::Finding;
use crate::group::{FindingGroup, Life};

/// What a host's report says of restarts.
#[derive(Clone, Debug, Default)]
pub struct Restart {
    kernels: Kernels,
    /// The updates of Windows that are installed, if one of them waits for a restart.
    pending: BTreeSet<Kb>,
    /// Packages of which replaced code still runs.
    stale: BTreeSet<String>,
}

impl Restart {
    /// Of a report.
    pub fn of(host: &Host) -> Self {
        let windows = host.windows.as_ref();
        let pending = windows.filter(|windows| windows.pending_reboot == Some(true));
        let updates = pending.and_then(|windows| windows.updates.as_ref());
        let stale = host.stale.iter().filter_map(|stale| stale.package.clone());
        Self {
            kernels: Kernels::of(host),
            pending: updates
                .into_iter()
                .flatten()
                .map(|update| update.kb)
                .collect(),
            stale: stale.collect(),
        }
    }

    /// Whether what closes a finding that is open on the host is installed there already.
    fn has_installed(&self, finding: &Finding) -> bool {
        let is_pending = |fix: &String| fix.parse().is_ok_and(|kb: Kb| self.pending.contains(&kb));
        finding.fixed.iter().any(is_pending)
            || self
                .kernels
                .installed_fix(&package_of(finding), &finding.fixed)
                .is_some()
    }

    /// Whether a package's code from before its upgrade still runs on the host.
    fn runs_replaced(&self, finding: &Finding) -> bool {
        self.stale.contains(&finding.package)
    }
}

/// The package of a finding, as far as a kernel is told by it.
fn package_of(finding: &Finding) -> Package {
    Package {
        ecosystem: finding.ecosystem.parse::<Ecosystem>().ok(),
        source: finding.source_package.as_ref().map(|name| Source {
            name: name.clone(),
            version: None,
        }),
        ..Package::new(
            &*finding.package,
            Some(finding.version.clone()),
            Location::file(""),
        )
    }
}

/// Of open groups, the hosts that only wait for a restart become groups of their own. `restart` is asked once for a host, and
/// only for hosts on which something of a kernel or of Windows is open.
pub fn await_restart(
    groups: Vec<FindingGroup>,
    members: &[Member],
    restart: impl Fn(HostId) -> Option<Restart>,
) -> Vec<FindingGroup> {
    let mut asked = Asked::new(members, restart);
    let part = |group: FindingGroup| {
        if !matches!(group.life, Life::Open { .. }) || !may_wait(&group.finding) {
            return vec![group];
        }
        let waiting = asked.places(&group, |restart| restart.has_installed(&group.finding));
        split(group, vec![(waiting, Life::AwaitsRestart)], members)
    };
    groups.into_iter().flat_map(part).collect()
}

/// Of groups that were closed by an upgrade, what is not fixed yet, for the old code still runs there.
pub fn still_running(
    closed: Vec<FindingGroup>,
    members: &[Member],
    restart: impl Fn(HostId) -> Option<Restart>,
) -> Vec<FindingGroup> {
    let mut asked = Asked::new(members, restart);
    let part = |group: FindingGroup| {
        let running = asked.places(&group, |restart| restart.runs_replaced(&group.finding));
        let parts = split(group, vec![(running, Life::AwaitsRestart)], members);
        parts
            .into_iter()
            .filter(|part| part.life == Life::AwaitsRestart)
    };
    closed.into_iter().flat_map(part).collect()
}

/// Whether a finding's fix may be installed and not run while the finding is open: what decides about it is what runs.
fn may_wait(finding: &Finding) -> bool {
    let is_kernel = [Some(&finding.package), finding.source_package.as_ref()]
        .into_iter()
        .flatten()
        .any(|name| name.starts_with("linux") || name.starts_with("kernel"));
    let is_update = |fix: &String| fix.starts_with("KB");
    !finding.fixed.is_empty() && (is_kernel || finding.fixed.iter().any(is_update))
}

/// Reports that were asked for.
struct Asked<'a, F> {
    members: &'a [Member],
    restart: F,
    known: BTreeMap<usize, Option<Restart>>,
}

impl<'a, F: Fn(HostId) -> Option<Restart>> Asked<'a, F> {
    const fn new(members: &'a [Member], restart: F) -> Self {
        Self {
            members,
            restart,
            known: BTreeMap::new(),
        }
    }

    /// The places of a group's hosts for which it holds.
    fn places(&mut self, group: &FindingGroup, holds: impl Fn(&Restart) -> bool) -> RoaringBitmap {
        let mut places = RoaringBitmap::new();
        for &target in &group.targets {
            let restart = self
                .known
                .entry(target)
                .or_insert_with(|| (self.restart)(self.members[target].name.id));
            if let (true, Ok(place)) = (restart.as_ref().is_some_and(&holds), u32::try_from(target))
            {
                places.insert(place);
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use inventory::{HostKind, InstalledUpdate, StaleProcess, Windows};

    use super::*;
    use crate::asset::Asset;
    use crate::group::HostName;
    use crate::sample::{at, finding};

    fn kernel(version: &str) -> Package {
        let name = match version {
            "6.1.69-1" => "linux-image-6.1.0-17-amd64",
            _ => "linux-image-6.1.0-18-amd64",
        };
        let mut package = Package::new(name, Some(version.to_owned()), Location::file("status"));
        package.ecosystem = "Debian:12".parse().ok();
        package.source = Some(Source {
            name: "linux-signed-amd64".to_owned(),
            version: None,
        });
        package
    }

    /// A host that runs the kernel 6.1.0-17 and has these.
    fn host(kernels: &[&str]) -> Host {
        Host {
            kernel: Some("6.1.0-17-amd64".to_owned()),
            packages: kernels.iter().map(|version| kernel(version)).collect(),
            ..Host::new("h", HostKind::Machine)
        }
    }

    fn windows(pending_reboot: Option<bool>, kb: u32) -> Host {
        let update = InstalledUpdate {
            kb: Kb::new(kb),
            installed: None,
        };
        Host {
            windows: Some(Windows {
                pending_reboot,
                updates: Some(vec![update]),
                ..Windows::default()
            }),
            ..Host::new("h", HostKind::Machine)
        }
    }

    fn on_all(finding: Finding, fixed: &str, hosts: usize) -> FindingGroup {
        FindingGroup {
            finding: Finding {
                fixed: vec![fixed.to_owned()],
                ..finding
            },
            targets: (0..hosts).collect(),
            first_seen: at("2026-05-01T00:00:00Z"),
            life: Life::Open { reopened: false },
        }
    }

    fn members(hosts: usize) -> Vec<Member> {
        let member = |number: usize| Member {
            name: HostName {
                id: HostId(number as u32),
                name: format!("h{number}"),
            },
            asset: Asset::default(),
            support: None,
        };
        (0..hosts).map(member).collect()
    }

    /// The places that wait, of a group that stands on all hosts.
    fn check(finding: Finding, fixed: &str, hosts: &[Host], expected: &[usize]) {
        let group = on_all(finding, fixed, hosts.len());
        let restart = |id: HostId| hosts.get(id.0 as usize).map(Restart::of);
        let groups = await_restart(vec![group], &members(hosts.len()), restart);
        let total: usize = groups.iter().map(|group| group.targets.len()).sum();
        assert_eq!(total, hosts.len());
        let waits = groups
            .iter()
            .filter(|group| group.life == Life::AwaitsRestart);
        let waits: Vec<usize> = waits.flat_map(|group| group.targets.clone()).collect();
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_kernel_that_is_fixed_and_does_not_run_waits_for_its_boot() {
        let open = Finding {
            source_package: Some("linux-signed-amd64".to_owned()),
            ..finding(
                "CVE-2026-0003",
                "Debian:12",
                "linux-image-6.1.0-17-amd64",
                "6.1.69-1",
            )
        };
        let hosts = [host(&["6.1.69-1"]), host(&["6.1.69-1", "6.1.76-1"])];
        check(open.clone(), "6.1.76-1", &hosts, &[1]);
        check(open, "6.1.90-1", &hosts, &[]);
    }

    #[test]
    fn an_update_of_windows_waits_for_the_restart_the_machine_asks_for() {
        let open = finding(
            "CVE-2026-0005",
            "Microsoft",
            "Windows Server 2019",
            "10.0.17763.1",
        );
        let hosts = [
            windows(Some(true), 5_094_123),
            windows(Some(false), 5_094_123),
            windows(None, 5_094_123),
            windows(Some(true), 5_094_122),
        ];
        check(open, "KB5094123", &hosts, &[0]);
    }

    #[test]
    fn what_was_upgraded_under_a_program_that_runs_is_not_fixed_yet() {
        let mut stale = host(&[]);
        stale.stale.push(StaleProcess {
            pid: Some(7),
            program: "/usr/sbin/nginx".to_owned(),
            file: None,
            package: Some("libssl3".to_owned()),
        });
        let hosts = [host(&[]), stale];
        let closed = finding("CVE-2026-0006", "Debian:12", "libssl3", "3.0.1");
        let restart = |id: HostId| hosts.get(id.0 as usize).map(Restart::of);
        let groups = vec![on_all(closed, "3.0.2", 2)];
        let running = still_running(groups, &members(2), restart);
        let [group] = &running[..] else {
            panic!("one group");
        };
        assert_eq!(
            (&group.targets[..], &group.life),
            (&[1][..], &Life::AwaitsRestart)
        );
        assert_eq!(group.finding.target_name, "h1");
    }
}
