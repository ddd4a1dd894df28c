//! The findings of the fleet in the words of documents: one group for all hosts on which a finding is the same.

use std::collections::HashMap;

use advisories::catalog::Catalog;
use fleet::group::FindingGroup;
use fleet::hit::Hit;
use fleet::index::{Index, OpenGroup};
use fleet::judge::{Bench, FeedAges};
use fleet::life::{Member, Standing, Times, groups_of};
use fleet::release::{Release, ReleaseId};
use risk::policy::Policy;

use crate::error::Result;
use crate::fleet::merged::Merged;
use crate::scan::damaged;

/// Every open finding, decided by the policies. `targets` of a group are places in the list of members.
pub fn open_groups(
    index: &Index,
    merged: &Merged,
    catalog: &Catalog,
    policies: &[Policy],
    members: &[Member],
    times: &Times,
) -> Result<Vec<FindingGroup>> {
    let open = open(index);
    let earlier = merged.earlier(index);
    let mut standing: Vec<Standing<'_>> = Vec::with_capacity(open.len());
    for (group, hit) in &open {
        let mut hosts = merged.shown(&group.hosts);
        let known = index.release(group.release).filter(|_| !group.reopened);
        let known = known.map(|release| {
            earlier.take(&mut hosts, release.unit(), group.vulnerability, group.since)
        });
        let parts = known.unwrap_or_default().into_iter();
        for (since, hosts) in parts.chain([(group.since, hosts)]) {
            if !hosts.is_empty() {
                standing.push(Standing {
                    release: group.release,
                    hit,
                    since: since.start(),
                    reopened: group.reopened,
                    hosts,
                });
            }
        }
    }
    let ages = FeedAges::of(catalog);
    let bench = Bench {
        catalog,
        policies,
        ages: &ages,
    };
    groups_of(bench, words_of(index), &standing, members, times).map_err(damaged)
}

/// The words of a release that stands in what the index says.
pub(super) fn words_of<'i>(index: &'i Index) -> impl Fn(ReleaseId) -> &'i Release + Sync {
    move |id| {
        index
            .release(id)
            .expect("the index knows every release that stands in a group or a transition of it")
    }
}

/// Every group with its hit. The hits of a release are read once, since a kernel has thousands.
fn open(index: &Index) -> Vec<(OpenGroup, Hit)> {
    let mut open = Vec::new();
    for release in index.releases_in_use() {
        let hits = index.hits_of(release).unwrap_or_default();
        let by_id: HashMap<&str, &Hit> = hits.iter().map(|hit| (&*hit.id, hit)).collect();
        for group in index.groups_of(release) {
            if let Some(hit) = by_id.get(&*group.id) {
                open.push((group, (*hit).clone()));
            }
        }
    }
    open
}
