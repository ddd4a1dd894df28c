//! `hosts find`: the hosts that have something, without any advisory. On the worst day there is no record yet.

use std::collections::{BTreeSet, HashMap};

use base::{HostId, Kb};
use fleet::index::Index;
use fleet::query::{Search, Sought};
use fleet::release::ReleaseId;
use reports::briefing::Hosts as HostNames;
use reports::listing::{self, FoundRow, Gap, GapKind, Listing, Statement};

use crate::error::Result;
use crate::fleet::lists::statement;
use crate::fleet::members::Placed;
use crate::fleet::view::View;

/// What hosts may have. Each condition that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct FindQuery {
    /// A package, its source package or a product; `*` stands for any run of characters.
    pub package: Option<String>,
    /// Only in versions below this one.
    pub below: Option<String>,
    /// An update of Windows.
    pub kb: Option<Kb>,
    /// A port something listens on.
    pub port: Option<u16>,
    /// A program, package or product that listens; `*` as above.
    pub service: Option<String>,
    /// A file a package was found in; `*` as above.
    pub file: Option<String>,
}

/// What was found of one condition on a host: what it is, and in words.
type Has = Vec<(&'static str, String)>;

/// The hosts that have it: exposed ones first.
pub fn found(view: &View, query: &FindQuery) -> Result<Listing> {
    let searches = query.searches(&view.state.index);
    let sought = query.sought();
    let mut rows: Vec<FoundRow> = Vec::new();
    let mut unread = Vec::new();
    for one in &view.hosts.placed {
        let Some(mut all) = in_index(&searches, &view.state.index, one.stands) else {
            continue;
        };
        // Only what an inventory holds whole is asked of it.
        let host = match sought.is_empty() {
            true => None,
            false => view.inventory(one.host.id)?,
        };
        if let Some(host) = host {
            let missing = sought
                .iter()
                .find(|(_, sought)| sought.on(&host).is_empty());
            if let Some((what, sought)) = missing {
                if *what != FILE && sought.is_on(&host).is_none() {
                    unread.push(one.host.name.clone());
                }
                continue;
            }
            for (what, sought) in &sought {
                all.extend(sought.on(&host).into_iter().map(|words| (*what, words)));
            }
        }
        rows.extend(rows_of(one, all));
    }
    sort(&mut rows);
    let mut statement = Statement {
        query: query.words(),
        total: rows.len(),
        ..statement(view)
    };
    if !unread.is_empty() {
        statement.gaps.push(Gap {
            kind: GapKind::NotRead,
            hosts: HostNames::named(unread),
            detail: "no services are listed".to_owned(),
        });
    }
    Ok(listing::hosts_found(statement, rows))
}

const FILE: &str = "file";

/// A search among the releases, and what it found by host.
struct Searched {
    /// The update that is meant, where it is one.
    kb: Option<Kb>,
    on: HashMap<HostId, Vec<ReleaseId>>,
}

impl FindQuery {
    fn searches(&self, index: &Index) -> Vec<Searched> {
        let package = self.package.as_ref().map(|name| Search::Package {
            name: name.clone(),
            from: None,
            before: self.below.clone(),
        });
        let update = self.kb.map(Search::Update);
        let searched = |search: Search| Searched {
            kb: match search {
                Search::Update(kb) => Some(kb),
                _ => None,
            },
            on: search
                .on(index)
                .into_iter()
                .map(|found| (found.host, found.releases))
                .collect(),
        };
        package.into_iter().chain(update).map(searched).collect()
    }

    fn sought(&self) -> Vec<(&'static str, Sought)> {
        let port = self.port.map(|port| ("port", Sought::Port(port)));
        let service = self.service.clone();
        let service = service.map(|name| ("service", Sought::Service(name)));
        let file = self.file.clone().map(|path| (FILE, Sought::File(path)));
        [port, service, file].into_iter().flatten().collect()
    }

    fn words(&self) -> String {
        let texts = [
            ("package", self.package.clone()),
            ("below", self.below.clone()),
            ("update", self.kb.map(|kb| kb.to_string())),
            ("port", self.port.map(|port| port.to_string())),
            ("service", self.service.clone()),
            ("file", self.file.clone()),
        ];
        let all: Vec<String> = texts
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", value?)))
            .collect();
        all.join(", ")
    }
}

/// What a host has of every search; `None` unless each found something.
fn in_index(searches: &[Searched], index: &Index, host: HostId) -> Option<Has> {
    let mut all = Vec::new();
    for searched in searches {
        let releases = searched.on.get(&host)?;
        match searched.kb {
            Some(kb) => all.push(("kb", kb.to_string())),
            None => all.extend(releases.iter().filter_map(|id| {
                let release = index.release(*id)?;
                let version = release.version.as_deref();
                let version = version.unwrap_or("of an unknown version");
                Some(("package", format!("{} {version}", release.name)))
            })),
        }
    }
    Some(all)
}

fn rows_of(one: &Placed, all: Has) -> Vec<FoundRow> {
    let Some(report) = &one.report else {
        return Vec::new();
    };
    let asset = &one.member.asset;
    let all: BTreeSet<(&'static str, String)> = all.into_iter().collect();
    let row = |(what, found)| FoundRow {
        number: u64::from(one.host.id.0),
        name: one.host.name.clone(),
        zone: asset.zone.clone(),
        owner: asset.owner.clone(),
        exposed: asset.exposed,
        what,
        found,
        seen_at: report.seen_at,
    };
    all.into_iter().map(row).collect()
}

fn sort(rows: &mut [FoundRow]) {
    let is_within = |row: &FoundRow| row.exposed != Some(true);
    rows.sort_by(|a, b| {
        let own = (is_within(a), &a.zone, &a.name, a.number, &a.found);
        own.cmp(&(is_within(b), &b.zone, &b.name, b.number, &b.found))
    });
}
