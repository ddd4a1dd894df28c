//! The listings of one target, put together to one [`Host`]: whose packages they are, and each only once.

use std::collections::{BTreeMap, BTreeSet};

use base::{Ecosystem, Note, Parsed, Purl};

use crate::formats::purl_package;
use crate::{
    Host, HostKind, Kept, Listing, Location, Os, Package, PackageManager, Service, Source, Windows,
    inferred_os, os, ownership, service_products, windows_products,
};

/// Merges the listings of one target: finds the operating system (os-release or an SBOM's word first, else inferred from
/// packages such as `base-files` or `almalinux-release`, with a note), gives distribution packages its release, and folds
/// equal packages into one with all their locations. Packages of a system no feed covers keep no ecosystem, with a note.
pub fn assemble(name: &str, listings: Vec<Listing>) -> Parsed<Host> {
    let mut notes = Vec::new();
    let os = operating_system(&listings, &mut notes);
    let kind = kind(&listings, os.as_ref());
    let kernel = listings.iter().find_map(|l| l.kernel.clone());
    let windows = windows(&listings, &mut notes);
    let services = collected(&listings, |l| &l.services);
    let stale = collected(&listings, |l| &l.stale);
    let (lists, owned): (Vec<_>, Vec<_>) =
        listings.into_iter().map(|l| (l.packages, l.owned)).unzip();
    let owned = owned.iter().flatten().map(String::as_str).collect();
    let mut packages: Vec<Package> = lists.into_iter().flatten().collect();
    ownership::take_out(&mut packages, &owned, &mut notes);
    add_service_products(&services, &mut packages, &mut notes);
    add_windows_products(windows.as_ref(), name, &mut packages, &mut notes);
    note_foreign(&packages, &mut notes);
    give_sources(&mut packages);
    give_release(&mut packages, os.as_ref(), &mut notes);
    let packages = fold(packages);
    note_gaps(&packages, &mut notes);
    Parsed {
        value: Host {
            name: name.to_owned(),
            kind,
            os,
            kernel,
            packages,
            windows,
            services,
            stale,
        },
        notes,
    }
}

/// What services say they are, unless the host's own list of packages says it better: it knows what was repaired in place.
fn add_service_products(services: &[Service], packages: &mut Vec<Package>, notes: &mut Vec<Note>) {
    let named: Vec<Package> = services
        .iter()
        .filter_map(service_products::package)
        .collect();
    if named.is_empty() {
        return;
    }
    if packages.iter().any(|p| manager(p).is_some()) {
        notes.push(Note::info(format!(
            "products named by services are left to the list of packages: {}",
            named.len()
        )));
        return;
    }
    notes.push(Note::info(format!(
        "products as services name them, which may hide repairs: {}",
        named.len()
    )));
    packages.extend(named);
}

fn operating_system(listings: &[Listing], notes: &mut Vec<Note>) -> Option<Os> {
    let mut stated = listings.iter().filter_map(|l| l.os.as_ref());
    if let Some(first) = stated.next() {
        let differs = |other: &&Os| (&other.id, &other.version) != (&first.id, &first.version);
        if let Some(other) = stated.find(differs) {
            let (used, ignored) = (first.label(), other.label());
            notes.push(Note::warning(format!(
                "two operating systems are named; used {used}, not {ignored}"
            )));
        }
        return Some(first.clone());
    }
    if let Some(windows) = listings.iter().find_map(|l| l.windows.as_ref()) {
        return Some(Os {
            pretty: windows.name.clone(),
            ..Os::named("windows", None)
        });
    }
    let (os, evidence) = inferred_os::infer(listings.iter().flat_map(|l| &l.packages))?;
    notes.push(Note::info(format!(
        "operating system inferred from {evidence}: {}",
        os.label()
    )));
    Some(os)
}

/// The files of one Windows machine (`systeminfo`, the list of updates, that of features) put together. A file of another
/// machine is left out: its updates would be taken for installed here.
fn windows(listings: &[Listing], notes: &mut Vec<Note>) -> Option<Windows> {
    let stated = || {
        let about = |l: &Listing| {
            l.subject
                .as_ref()
                .map(|(name, _)| name.to_ascii_lowercase())
        };
        listings
            .iter()
            .filter_map(move |l| Some((about(l), l.windows.as_ref()?)))
    };
    // The file that tells the build is the one the others belong to.
    let with_build = stated().filter(|(_, windows)| windows.build.is_some());
    let host = with_build.chain(stated()).find_map(|(name, _)| name);
    let host = host.unwrap_or_default();
    let is_other = |name: &Option<String>| name.as_ref().is_some_and(|name| *name != host);
    let others: BTreeSet<String> = stated()
        .filter_map(|(name, _)| name)
        .filter(|name| *name != host)
        .collect();
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().collect();
        notes.push(Note::warning(format!(
            "files of several Windows machines in one target; read as {host}, left out: {}",
            others.join(", ")
        )));
    }
    let mut ours = stated()
        .filter(|(name, _)| !is_other(name))
        .map(|(_, windows)| windows);
    let mut windows = ours.next()?.clone();
    ours.for_each(|other| windows.complete(other));
    windows.settle_iis();
    Some(windows)
}

/// A Windows machine lists no package for itself: its products follow from what it says of itself.
fn add_windows_products(
    windows: Option<&Windows>,
    name: &str,
    packages: &mut Vec<Package>,
    notes: &mut Vec<Note>,
) {
    let Some(windows) = windows else { return };
    match windows_products::products(windows, packages, &Location::file(name)) {
        Ok(products) => packages.extend(products),
        Err(why) => notes.push(Note::warning(format!(
            "{why}, so Windows itself is not checked"
        ))),
    }
}

/// What all listings say, sorted, each once.
fn collected<T: Ord + Clone>(listings: &[Listing], part: impl Fn(&Listing) -> &Vec<T>) -> Vec<T> {
    let all: BTreeSet<&T> = listings.iter().flat_map(part).collect();
    all.into_iter().cloned().collect()
}

/// What an SBOM says of itself holds; else a package database, or something that runs, makes a machine.
fn kind(listings: &[Listing], os: Option<&Os>) -> HostKind {
    let stated = || listings.iter().filter_map(|l| l.subject.as_ref()?.1);
    let has_database = listings
        .iter()
        .flat_map(|l| &l.packages)
        .any(|p| manager(p).is_some());
    let runs = |l: &Listing| l.kernel.is_some() || !l.services.is_empty() || !l.stale.is_empty();
    if stated().any(|k| k == HostKind::Image) {
        HostKind::Image
    } else if os.is_some()
        || has_database
        || listings.iter().any(runs)
        || stated().any(|k| k == HostKind::Machine)
    {
        HostKind::Machine
    } else {
        HostKind::Application
    }
}

fn manager(package: &Package) -> Option<PackageManager> {
    package.ecosystem.as_ref().and_then(PackageManager::of)
}

/// A list that does not say its sources learns them from the package database of the same host.
fn give_sources(packages: &mut [Package]) {
    let key = |p: &Package| Some((manager(p)?, p.name.clone(), p.version.clone()));
    let is_without = |p: &Package| p.source.is_none() && manager(p).is_some();
    if !packages.iter().any(is_without) {
        return;
    }
    let mut known: BTreeMap<_, Source> = BTreeMap::new();
    for (key, source) in packages
        .iter()
        .filter_map(|p| Some((key(p)?, p.source.clone()?)))
    {
        // Of several that differ the smaller text, whatever the order of the files.
        let text = |s: &Source| (s.name.clone(), s.version.clone());
        let kept = known.entry(key).or_insert_with(|| source.clone());
        if text(&source) < text(kept) {
            *kept = source;
        }
    }
    for package in packages.iter_mut().filter(|p| is_without(p)) {
        package.source = key(package).and_then(|key| known.get(&key).cloned());
    }
}

/// Replaces placeholders by the host's ecosystem, and fills the release of packages that name the host's distribution
/// without one.
fn give_release(packages: &mut [Package], os: Option<&Os>, notes: &mut Vec<Note>) {
    let own = os.and_then(Os::ecosystem);
    let mut uncovered = 0_usize;
    for package in packages {
        if let Some(manager) = manager(package) {
            package.ecosystem.clone_from(&own);
            uncovered += usize::from(own.is_none());
            if let (None, Some(os)) = (&package.purl, os) {
                package.purl = purl_package::of_installed(package, manager.purl_type(), os);
            }
        } else if let (Some(theirs), Some(own)) = (&package.ecosystem, &own)
            && theirs.release().is_none()
            && theirs.name() == own.name()
        {
            package.ecosystem = Some(own.clone());
        }
    }
    if uncovered > 0 {
        let why = why_uncovered(os);
        notes.push(Note::warning(format!(
            "{why}, so packages of its own are not checked: {uncovered}"
        )));
    } else if let Some(os) = os.filter(|os| os.is_matched_as_red_hat()) {
        notes.push(Note::info(format!(
            "matched against the Red Hat release it follows: {}",
            os.label()
        )));
    }
}

fn why_uncovered(os: Option<&Os>) -> String {
    match os {
        None => "the operating system is not known".to_owned(),
        Some(os) if os.version.is_none() && os::without_release(&os.id).is_some() => {
            format!("the release of {} is not known", os.label())
        }
        Some(os) => format!("no feed covers {}", os.label()),
    }
}

/// What makes two packages the same one. Ecosystem first, so that the map's order is the host's.
type Identity = (
    Option<Ecosystem>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn identity(package: &Package) -> Identity {
    // A package that does not say its source counts as its own: an SBOM and the database it was made from must fold.
    let source = package
        .source
        .as_ref()
        .map(|s| s.name.clone())
        .filter(|s| *s != package.name);
    (
        package.ecosystem.clone(),
        package.name.clone(),
        package.version.clone(),
        package.arch.clone(),
        source,
        package.module.clone(),
    )
}

fn fold(packages: Vec<Package>) -> Vec<Package> {
    let mut folded: BTreeMap<Identity, Package> = BTreeMap::new();
    for package in packages {
        match folded.entry(identity(&package)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(package);
            }
            std::collections::btree_map::Entry::Occupied(mut first) => {
                merge(first.get_mut(), package)
            }
        }
    }
    folded.into_values().map(with_sorted_locations).collect()
}

fn merge(first: &mut Package, second: Package) {
    first.locations.extend(second.locations);
    if first.source.is_none() {
        first.source = second.source;
    }
    first.cpe = match (first.cpe.take(), second.cpe) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    // Of two registers the one that looked last.
    let confirmed = |kept: &Option<Kept>| kept.as_ref().map(|k| k.confirmed);
    if confirmed(&second.kept) > confirmed(&first.kept) {
        first.kept = second.kept;
    }
    first.purl = match (first.purl.take(), second.purl) {
        // Whatever the order of the inputs: the smaller text.
        (Some(a), Some(b)) => Some(if a.as_str() <= b.as_str() { a } else { b }),
        (a, b) => a.or(b),
    };
}

fn with_sorted_locations(mut package: Package) -> Package {
    package.locations.sort();
    package.locations.dedup();
    package
}

/// Packages that came with a purl and are in no ecosystem, with the types of their purls.
fn note_foreign(packages: &[Package], notes: &mut Vec<Note>) {
    let foreign = || {
        packages
            .iter()
            .filter(|p| p.ecosystem.is_none())
            .filter_map(|p| p.purl.as_ref())
    };
    let types: BTreeSet<&str> = foreign().map(Purl::ty).collect();
    if !types.is_empty() {
        let types: Vec<&str> = types.into_iter().collect();
        let what = format!(
            "packages in no ecosystem a feed covers ({}): {}",
            types.join(", "),
            foreign().count()
        );
        notes.push(Note::info(what));
    }
}

/// What cannot be matched is said, never silently missed.
fn note_gaps(packages: &[Package], notes: &mut Vec<Note>) {
    let without_version = packages.iter().filter(|p| p.version.is_none()).count();
    if without_version > 0 {
        notes.push(Note::warning(format!(
            "packages without a version, which cannot be matched: {without_version}"
        )));
    }
    let without_release = |p: &&Package| {
        p.ecosystem
            .as_ref()
            .is_some_and(|e| e.release().is_none() && os::has_releases(e.name()))
    };
    let unreleased = packages.iter().filter(without_release).count();
    if unreleased > 0 {
        notes.push(Note::warning(format!(
            "packages of a distribution without its release: {unreleased}"
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deb(name: &str, version: &str) -> Package {
        Package {
            ecosystem: Some(PackageManager::Deb.ecosystem()),
            ..Package::new(
                name,
                Some(version.to_owned()),
                Location::file("var/lib/dpkg/status"),
            )
        }
    }

    fn from_purl(purl: &str, path: &str) -> Package {
        purl_package::package(&purl.parse().unwrap(), Location::file(path))
    }

    fn listing(packages: Vec<Package>) -> Listing {
        Listing {
            packages,
            ..Listing::default()
        }
    }

    fn of_os(id: &str, version: &str) -> Listing {
        Listing {
            os: Some(Os::named(id, Some(version))),
            ..Listing::default()
        }
    }

    fn ecosystems(host: &Host) -> Vec<String> {
        host.packages
            .iter()
            .map(|p| {
                p.ecosystem
                    .as_ref()
                    .map_or("-".to_owned(), Ecosystem::to_string)
            })
            .collect()
    }

    #[test]
    fn database_packages_get_the_release_and_a_purl() {
        let host = assemble(
            "h",
            vec![listing(vec![deb("bash", "5.2-1")]), of_os("debian", "12")],
        );
        assert_eq!(host.notes, []);
        assert_eq!(host.value.kind, HostKind::Machine);
        assert_eq!(ecosystems(&host.value), ["Debian:12"]);
        assert_eq!(
            host.value.packages[0].purl.as_ref().unwrap().as_str(),
            "pkg:deb/debian/bash@5.2-1?distro=debian-12"
        );
    }

    #[test]
    fn the_system_is_inferred_when_nobody_says_and_that_is_noted() {
        let host = assemble(
            "h",
            vec![listing(vec![
                deb("bash", "5.2-1"),
                deb("base-files", "12.4+deb12u5"),
            ])],
        );
        assert_eq!(ecosystems(&host.value), ["Debian:12", "Debian:12"]);
        assert!(
            host.notes[0].what.contains("base-files 12.4+deb12u5"),
            "{}",
            host.notes[0]
        );
    }

    #[test]
    fn a_system_no_feed_covers_is_said() {
        let host = assemble(
            "h",
            vec![of_os("kali", "2024.1"), listing(vec![deb("bash", "5.2-1")])],
        );
        assert_eq!(ecosystems(&host.value), ["-"]);
        assert!(
            host.notes[0]
                .what
                .starts_with("no feed covers kali 2024.1,"),
            "{}",
            host.notes[0]
        );
        let host = assemble("h", vec![listing(vec![deb("bash", "5.2-1")])]);
        assert!(
            host.notes[0].what.contains("is not known"),
            "{}",
            host.notes[0]
        );
    }

    #[test]
    fn equal_packages_are_one_with_all_places() {
        let twice = |path: &str| listing(vec![from_purl("pkg:npm/lodash@4.17.20", path)]);
        let host = assemble(
            "app",
            vec![
                twice("b/package-lock.json"),
                twice("a/yarn.lock"),
                twice("a/yarn.lock"),
            ],
        )
        .value;
        assert_eq!(host.kind, HostKind::Application);
        assert_eq!(host.packages.len(), 1);
        assert_eq!(
            host.packages[0].locations,
            [
                Location::file("a/yarn.lock"),
                Location::file("b/package-lock.json")
            ]
        );
    }

    #[test]
    fn architectures_and_sources_keep_packages_apart() {
        let with = |source: Option<&str>, arch: &str| Package {
            source: source.map(|s| Source {
                name: s.to_owned(),
                version: None,
            }),
            arch: Some(arch.to_owned()),
            ..deb("libc6", "2.36")
        };
        let all = vec![
            with(Some("glibc"), "amd64"),
            with(Some("glibc"), "i386"),
            with(Some("libc6"), "amd64"),
            with(None, "amd64"),
        ];
        assert_eq!(assemble("h", vec![listing(all)]).value.packages.len(), 3);
    }

    #[test]
    fn an_sbom_package_without_release_gets_the_hosts_only_if_it_is_its_distribution() {
        let packages = vec![
            from_purl("pkg:deb/debian/attr@1", "s"),
            from_purl("pkg:apk/alpine/attr@1", "s"),
        ];
        let host = assemble("i", vec![of_os("debian", "11"), listing(packages)]).value;
        assert_eq!(ecosystems(&host), ["Alpine", "Debian:11"]);
    }

    #[test]
    fn the_first_system_named_wins_and_the_other_is_noted() {
        let host = assemble(
            "h",
            vec![
                of_os("debian", "12"),
                of_os("debian", "12"),
                of_os("alpine", "3.20"),
            ],
        );
        assert_eq!(host.value.os.unwrap().id, "debian");
        assert_eq!(host.notes.len(), 1);
    }
}
