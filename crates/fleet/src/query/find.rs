//! Search without an advisory: who has a package, a product, an update of Windows. On the worst day there is no record yet. What
//! only an inventory says (ports, programs, files) is asked of one host at a time by [`Sought::is_on`].

use std::collections::BTreeSet;

use base::{HostId, Kb};
use inventory::{Host, Service};
use jiff::Timestamp;
use roaring::RoaringBitmap;
use versions::RangeKind;

use crate::glob;
use crate::index::Index;
use crate::release::{Release, ReleaseId};

/// What is looked for among the releases.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    /// A package by its own name or that of its source, with `*` for anything.
    Package {
        /// The name.
        name: String,
        /// From this version on.
        from: Option<String>,
        /// To before this one.
        before: Option<String>,
    },
    /// A product: of a CPE name `vendor/product`, or a product of Microsoft; with `*` for anything.
    Product(String),
    /// Machines that have an update of Windows.
    Update(Kb),
    /// Machines that list their updates and have not this one.
    WithoutUpdate(Kb),
}

/// What is looked for in an inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Something listens on this port, whatever the transport.
    Port(u16),
    /// A program, package or product that listens, by name with `*` for anything.
    Service(String),
    /// A place where a package was found, by path with `*` for anything.
    File(String),
}

/// A host that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The host.
    pub host: HostId,
    /// What it has of it.
    pub releases: Vec<ReleaseId>,
    /// When its last report was so: how old the answer is.
    pub seen_at: Option<Timestamp>,
}

impl Search {
    /// Every host that has it, by number.
    pub fn on(&self, index: &Index) -> Vec<Found> {
        let releases = index.releases_in_use();
        let wanted: Vec<(ReleaseId, &RoaringBitmap)> = releases
            .filter(|id| index.release(*id).is_some_and(|release| self.is(release)))
            .filter_map(|id| Some((id, index.hosts_with(id)?)))
            .collect();
        let mut hosts = RoaringBitmap::new();
        wanted
            .iter()
            .for_each(|(_, of_release)| hosts |= *of_release);
        let mut of_host: Vec<Vec<ReleaseId>> = vec![Vec::new(); hosts.len() as usize];
        for (id, of_release) in wanted {
            for host in of_release {
                of_host[hosts.rank(host) as usize - 1].push(id);
            }
        }
        let found = hosts.iter().zip(of_host).map(|(host, releases)| Found {
            host: HostId(host),
            releases,
            seen_at: index.last_seen(HostId(host)),
        });
        found.collect()
    }

    /// Whether a release is what is looked for. A version nobody can compare is in no range, unless none is asked for.
    pub fn is(&self, release: &Release) -> bool {
        let updates = || release.situation.windows.as_ref()?.updates.as_ref();
        match self {
            Self::Package { name, from, before } => {
                let source = release.source.as_ref();
                let is_named = glob::matches(name, &release.name)
                    || source.is_some_and(|source| glob::matches(name, &source.name));
                is_named && is_between(release, from.as_deref(), before.as_deref())
            }
            Self::Product(name) => {
                let cpe = release.cpe.as_ref();
                let cpe = cpe.map(|cpe| format!("{}/{}", cpe.vendor, cpe.product));
                let is_windows = release.situation.windows.is_some();
                cpe.is_some_and(|cpe| glob::matches(name, &cpe))
                    || (is_windows && glob::matches(name, &release.name))
            }
            Self::Update(kb) => updates().is_some_and(|list| list.iter().any(|u| u.kb == *kb)),
            Self::WithoutUpdate(kb) => {
                updates().is_some_and(|list| list.iter().all(|u| u.kb != *kb))
            }
        }
    }
}

fn is_between(release: &Release, from: Option<&str>, before: Option<&str>) -> bool {
    if from.is_none() && before.is_none() {
        return true;
    }
    let ecosystem = release.ecosystem.as_ref();
    let scheme = ecosystem.and_then(|e| RangeKind::Ecosystem.scheme(e.name()));
    let (Some(scheme), Some(version)) = (scheme, release.version.as_deref()) else {
        return false;
    };
    let order = |other: &str| scheme.compare(version, other).ok();
    let is_from = from.is_none_or(|from| order(from).is_some_and(std::cmp::Ordering::is_ge));
    is_from && before.is_none_or(|before| order(before).is_some_and(std::cmp::Ordering::is_lt))
}

impl Sought {
    /// What of it a host has, in words: `tcp/443 /usr/sbin/nginx`, a path; sorted, each once.
    pub fn on(&self, host: &Host) -> BTreeSet<String> {
        match self {
            Self::Port(port) => services(host, |service| service.port == *port),
            Self::Service(name) => services(host, |service| {
                let product = service.product.as_ref().map(|p| &p.name);
                let names = [service.program.as_ref(), service.package.as_ref(), product];
                names
                    .into_iter()
                    .flatten()
                    .any(|own| glob::matches(name, own))
            }),
            Self::File(path) => {
                let places = host.packages.iter().flat_map(|package| &package.locations);
                let found = places.filter(|place| glob::matches(path, &place.path));
                found.map(|place| place.path.clone()).collect()
            }
        }
    }

    /// Whether it is on a host; `None` when its inventory cannot say: a list without ports does not mean that none is open.
    pub fn is_on(&self, host: &Host) -> Option<bool> {
        let is = !self.on(host).is_empty();
        let is_listed = match self {
            Self::Port(_) | Self::Service(_) => !host.services.is_empty(),
            Self::File(_) => false,
        };
        // Only places of packages are known of files: one that is not among them may be there all the same.
        (is || is_listed).then_some(is)
    }
}

fn services(host: &Host, is: impl Fn(&Service) -> bool) -> BTreeSet<String> {
    let words = |service: &Service| {
        let port = format!("{}/{}", service.transport.as_str(), service.port);
        match service.program.as_ref().or(service.package.as_ref()) {
            Some(name) => format!("{port} {name}"),
            None => port,
        }
    };
    let found = host.services.iter().filter(|service| is(service));
    found.map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventory::{Confidence, HostKind, Location, Package, Source, Transport};
    use matching::Situation;

    fn release(name: &str, version: &str) -> Release {
        Release {
            ecosystem: "Debian:12".parse().ok(),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            source: Some(Source {
                name: "openssl".to_owned(),
                version: None,
            }),
            module: None,
            cpe: None,
            situation: Situation::default(),
        }
    }

    #[test]
    fn a_package_is_found_by_its_name_or_its_source_in_a_range() {
        let check = |name: &str, from: Option<&str>, before: Option<&str>, expected: bool| {
            let search = Search::Package {
                name: name.to_owned(),
                from: from.map(str::to_owned),
                before: before.map(str::to_owned),
            };
            assert_eq!(
                search.is(&release("libssl3", "3.0.9-1")),
                expected,
                "{search:?}"
            );
        };
        check("libssl*", None, None, true);
        check("openssl", None, None, true);
        check("curl", None, None, false);
        check("openssl", Some("3.0.9-1"), None, true);
        check("openssl", Some("3.0.9-1+deb12u1"), None, false);
        check("openssl", None, Some("3.0.9-1"), false);
        check("openssl", None, Some("3.0.10-1"), true);
    }

    #[test]
    fn an_inventory_that_lists_no_ports_does_not_say_that_one_is_closed() {
        let mut host = Host::new("web", HostKind::Machine);
        assert_eq!(Sought::Port(443).is_on(&host), None);
        host.services.push(Service {
            transport: Transport::Tcp,
            port: 443,
            address: None,
            program: Some("/usr/sbin/nginx".to_owned()),
            package: None,
            product: None,
            confidence: Confidence::Certain,
            location: Location::file("ss.txt"),
        });
        assert_eq!(Sought::Port(443).is_on(&host), Some(true));
        let words = BTreeSet::from(["tcp/443 /usr/sbin/nginx".to_owned()]);
        assert_eq!(Sought::Port(443).on(&host), words);
        assert_eq!(Sought::Port(80).is_on(&host), Some(false));
        assert_eq!(
            Sought::Service("*nginx".to_owned()).is_on(&host),
            Some(true)
        );
        let path = Sought::File("*/log4j-core*.jar".to_owned());
        assert_eq!(path.is_on(&host), None);
        let place = Location::file("/srv/log4j-core-2.14.1.jar");
        host.packages.push(Package::new("log4j", None, place));
        assert_eq!(path.is_on(&host), Some(true));
    }
}
