//! What a host's report costs, and a restart.

use fleet::index::Index;
use fleet::release::ReleaseId;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::hosts::Hosts;
use super::measured::{Line, Times};
use super::world::World;

/// Hosts that report again.
const AGAIN: u32 = 4_000;

/// Hosts report again after some packages were upgraded.
pub(super) fn again(world: &mut World<'_>, hosts: &Hosts<'_>, many: u32) -> anyhow::Result<Times> {
    let mut times = Times::default();
    let mut random = StdRng::seed_from_u64(3);
    for _ in 0..AGAIN.min(many) {
        let number = random.random_range(0..many);
        let mut host = hosts.host(number);
        for _ in 0..10 {
            let at = random.random_range(0..host.len());
            let (item, version) = host[at];
            let newer = (version + 1).min(world.stock.versions(item) - 1);
            // Only what some host has already: that costs no matching.
            if world.releases.is_used(&world.index, (item, newer)) {
                host[at].1 = newer;
            }
        }
        let releases = world.releases.of(&host);
        let unused: Vec<ReleaseId> = world.index.to_evaluate(&releases);
        let releases = releases
            .into_iter()
            .filter(|r| !unused.contains(r))
            .collect();
        world.wait();
        let report = world.report(number, releases, Vec::new());
        world.next(report, &mut times)?;
    }
    Ok(times)
}

/// Reports with ten upgrades, and the same report twice.
pub(super) fn measure(
    world: &mut World<'_>,
    hosts: &Hosts<'_>,
    many: u32,
) -> anyhow::Result<Vec<Line>> {
    let upgraded = again(world, hosts, many)?;
    let mut same = Times::default();
    for number in (0..many).step_by((many / AGAIN).max(1) as usize) {
        let releases = world.index.releases_of(base::HostId(number));
        let report = world.report(number, releases, Vec::new());
        let transitions = world.next(report, &mut same)?;
        anyhow::ensure!(
            transitions.groups.is_empty(),
            "the same report changed something"
        );
    }
    Ok(vec![
        Line::of(
            "a host's report, ten packages upgraded",
            &upgraded,
            "5 ms",
            0.005,
        ),
        Line::of("the same report again", &same, "5 ms", 0.005),
    ])
}

/// Writing the index down, and reading it after a restart.
pub(super) fn checkpoint(world: &World<'_>) -> anyhow::Result<Vec<Line>> {
    let mut writing = Times::default();
    let bytes = writing.of(|| world.index.to_bytes());
    let releases: Vec<_> = world.learned().collect();
    let mut reading = Times::default();
    let read = reading.of(|| Index::from_bytes(&bytes, releases))?;
    let is_same = read.finding_count() == world.index.finding_count() && read.to_bytes() == bytes;
    anyhow::ensure!(is_same, "the index is another after a restart");
    Ok(vec![
        Line::once(
            format!(
                "the index read after a restart ({} MB)",
                bytes.len() / 1_000_000
            ),
            reading.total(),
            "5 s",
            5.0,
        ),
        Line::once("the index written down", writing.total(), "–", 0.0),
    ])
}
