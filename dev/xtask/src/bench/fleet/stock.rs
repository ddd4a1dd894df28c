//! What the hosts of the measured fleet can have installed: real names with real versions. Versions are those at which
//! published records begin and end, and their neighbours; the packages of Debian 12 are those of a real machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use advisories::catalog::{AdvisoryIx, Catalog};
use advisories::model::MICROSOFT;
use base::Ecosystem;
use fleet::release::Release;
use inventory::{InstalledUpdate, Source, Windows, WindowsBuild};
use matching::Situation;
use versions::RangeKind;

/// Versions kept of one package, evenly over all it had.
const VERSIONS_MAX: usize = 60;
/// Packages that every machine of a system has, at most.
const BASE_MAX: usize = 680;
/// Versions of Windows the catalog knows updates of: product, build.
const WINDOWS: [(&str, u32); 4] = [
    ("Windows Server 2016", 14393),
    ("Windows Server 2019", 17763),
    ("Windows Server 2022", 20348),
    ("Windows Server 2025", 26100),
];
/// Systems, and how many of a hundred images run them.
const SYSTEMS: [(&str, u32); 13] = [
    ("Debian:12", 30),
    ("Debian:11", 14),
    ("Debian:10", 5),
    ("AlmaLinux:9", 10),
    ("AlmaLinux:8", 8),
    ("Rocky Linux:9", 5),
    ("Rocky Linux:8", 5),
    ("Red Hat:enterprise_linux:9", 6),
    ("Red Hat:enterprise_linux:8", 6),
    ("Alpine:v3.18", 2),
    ("Alpine:v3.19", 2),
    ("Alpine:v3.20", 2),
    (MICROSOFT, 5),
];
const LANGUAGES: [&str; 8] = [
    "npm",
    "PyPI",
    "Maven",
    "Go",
    "NuGet",
    "RubyGems",
    "Packagist",
    "crates.io",
];

/// Something that can be installed.
pub(super) struct Item {
    ecosystem: Ecosystem,
    name: String,
    source: Option<String>,
    /// Oldest first.
    versions: Arc<[String]>,
    /// What comes from one source is of one version.
    pub(super) family: u32,
    windows: Option<WindowsProduct>,
}

struct WindowsProduct {
    build: u32,
    /// Oldest first; version `k` of the item has the first `k`.
    updates: Vec<InstalledUpdate>,
}

/// What the machines of one system have.
pub(super) struct System {
    /// How many of a hundred images run it.
    pub(super) share: u32,
    /// What each of them has.
    pub(super) base: Vec<u32>,
    /// What some have.
    pub(super) more: Vec<u32>,
}

/// Everything that can be installed.
pub(super) struct Stock {
    pub(super) items: Vec<Item>,
    pub(super) systems: Vec<System>,
    /// Items of each language.
    pub(super) languages: Vec<Vec<u32>>,
}

/// Ecosystem with release → package → versions.
type Published = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

impl Stock {
    /// Of all records of a catalog and the dpkg status of a Debian 12 machine.
    pub(super) fn of(catalog: &Catalog, dpkg_status: &str) -> anyhow::Result<Self> {
        let published = published(catalog)?;
        let mut stock = Self {
            items: Vec::new(),
            systems: Vec::new(),
            languages: Vec::new(),
        };
        for (system, share) in SYSTEMS {
            let none = BTreeMap::new();
            let packages = published.get(system).unwrap_or(&none);
            let real = match system {
                "Debian:12" => stock.dpkg(packages, dpkg_status),
                MICROSOFT => stock.windows(catalog)?,
                _ => Vec::new(),
            };
            stock.system(system, share, packages, real);
        }
        for language in LANGUAGES {
            if let Some(packages) = published.get(language) {
                let items = stock.packages(language, packages);
                stock.languages.push(items);
            }
        }
        Ok(stock)
    }

    /// The release an item is at a version.
    pub(super) fn release(&self, item: u32, version: u16) -> Release {
        let item = &self.items[item as usize];
        let text = item.versions.get(usize::from(version)).cloned();
        let windows = item.windows.as_ref();
        Release {
            ecosystem: Some(item.ecosystem.clone()),
            name: item.name.clone(),
            source: item.source.as_ref().map(|name| Source {
                name: name.clone(),
                version: text.clone(),
            }),
            version: text,
            module: None,
            cpe: None,
            situation: Situation {
                windows: windows.map(|w| Arc::new(w.at(usize::from(version)))),
                ..Situation::default()
            },
        }
    }

    /// How many versions an item has, never 0.
    pub(super) fn versions(&self, item: u32) -> u16 {
        let item = &self.items[item as usize];
        let many = match &item.windows {
            Some(windows) => windows.updates.len() + 1,
            None => item.versions.len(),
        };
        u16::try_from(many).unwrap_or(u16::MAX)
    }

    fn system(
        &mut self,
        name: &str,
        share: u32,
        packages: &BTreeMap<String, BTreeSet<String>>,
        real: Vec<u32>,
    ) {
        let mut items = self.packages(name, packages);
        // What is patched most often is what most machines have.
        items.sort_by_key(|&item| std::cmp::Reverse(self.versions(item)));
        let base = match real.is_empty() {
            true => items.iter().copied().take(BASE_MAX).collect(),
            false => real,
        };
        let more = items.into_iter().filter(|i| !base.contains(i)).collect();
        self.systems.push(System { share, base, more });
    }

    fn packages(
        &mut self,
        ecosystem: &str,
        packages: &BTreeMap<String, BTreeSet<String>>,
    ) -> Vec<u32> {
        let Ok(parsed) = ecosystem.parse();
        let ecosystem: Ecosystem = parsed;
        let names_sources = matches!(ecosystem.name(), "Debian" | "Alpine");
        let mut items = Vec::new();
        for (name, published) in packages {
            let versions = ordered(&ecosystem, published);
            if !versions.is_empty() {
                let family = self.items.len() as u32;
                let source = names_sources.then(|| name.clone());
                items.push(self.add(&ecosystem, name, source, versions.into(), family));
            }
        }
        items
    }

    /// The packages of the real machine, those of one source at one version.
    fn dpkg(&mut self, packages: &BTreeMap<String, BTreeSet<String>>, status: &str) -> Vec<u32> {
        let debian = Ecosystem::with_release("Debian", "12");
        let mut families: BTreeMap<String, (Arc<[String]>, u32)> = BTreeMap::new();
        let mut items = Vec::new();
        for (name, source, version) in paragraphs(status) {
            let next = self.items.len() as u32;
            let (versions, family) = families.entry(source.clone()).or_insert_with(|| {
                let mut all = packages.get(&source).cloned().unwrap_or_default();
                all.insert(version);
                (ordered(&debian, &all).into(), next)
            });
            let (versions, family) = (Arc::clone(versions), *family);
            items.push(self.add(&debian, &name, Some(source), versions, family));
        }
        items
    }

    /// One product a version of Windows; machines have one of them.
    fn windows(&mut self, catalog: &Catalog) -> anyhow::Result<Vec<u32>> {
        let mut items = Vec::new();
        for (product, build) in WINDOWS {
            let mut updates = catalog.updates(product)?;
            updates.retain(|update| update.released.is_some());
            updates.sort_by_key(|update| (update.released, update.kb));
            let updates = updates.iter().map(|update| InstalledUpdate {
                kb: update.kb,
                installed: update.released,
            });
            let versions = vec![format!("10.0.{build}")].into();
            let family = self.items.len() as u32;
            let item = self.add(&Ecosystem::new(MICROSOFT), product, None, versions, family);
            self.items[item as usize].windows = Some(WindowsProduct {
                build,
                updates: updates.collect(),
            });
            items.push(item);
        }
        Ok(items)
    }

    fn add(
        &mut self,
        ecosystem: &Ecosystem,
        name: &str,
        source: Option<String>,
        versions: Arc<[String]>,
        family: u32,
    ) -> u32 {
        self.items.push(Item {
            ecosystem: ecosystem.clone(),
            name: name.to_owned(),
            source,
            versions,
            family,
            windows: None,
        });
        self.items.len() as u32 - 1
    }
}

impl WindowsProduct {
    /// With the first `many` of its updates.
    fn at(&self, many: usize) -> Windows {
        Windows {
            name: Some("Microsoft Windows Server".to_owned()),
            build: Some(WindowsBuild {
                major: 10,
                minor: 0,
                build: self.build,
                revision: None,
            }),
            updates: Some(self.updates.iter().take(many).cloned().collect()),
            ..Windows::default()
        }
    }
}

/// Every version at which a record of the catalog begins or ends.
fn published(catalog: &Catalog) -> anyhow::Result<Published> {
    let mut published = Published::new();
    for ix in 0..catalog.advisory_count() {
        for entry in catalog.affected(AdvisoryIx(u32::try_from(ix)?))? {
            // Red Hat names a repository with each release; a machine has the release.
            let ecosystem = entry.ecosystem.split("::").next().unwrap_or_default();
            let packages = published.entry(ecosystem.to_owned()).or_default();
            let versions = packages.entry(entry.package.to_owned()).or_default();
            let events = entry.ranges.iter().flat_map(|range| &range.events);
            // Builds of a module stream match only with their stream.
            let real = events
                .map(|event| event.version)
                .filter(|v| *v != "0" && !v.contains(".module") && v.len() < 100);
            versions.extend(real.map(str::to_owned));
        }
    }
    Ok(published)
}

/// Versions and their neighbours, oldest first; empty without an order.
fn ordered(ecosystem: &Ecosystem, published: &BTreeSet<String>) -> Vec<String> {
    let Some(scheme) = RangeKind::Ecosystem.scheme(ecosystem.name()) else {
        return Vec::new();
    };
    let near = published.iter().flat_map(|version| {
        let below = neighbour(version, -1);
        [Some(version.clone()), below, neighbour(version, 1)]
    });
    let mut all: Vec<String> = near.flatten().collect();
    all.retain(|version| scheme.validate(version).is_ok());
    all.sort_by(|a, b| {
        let order = scheme.compare(a, b).unwrap_or(std::cmp::Ordering::Equal);
        order.then_with(|| a.cmp(b))
    });
    all.dedup();
    let step = all.len().div_ceil(VERSIONS_MAX).max(1);
    all.into_iter().step_by(step).collect()
}

/// The version with its last number one lower or higher: `2.36-9+deb12u8` and `2.36-9+deb12u10` of `…u9`.
pub(super) fn neighbour(version: &str, step: i64) -> Option<String> {
    let end = version.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = version[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let number: i64 = version[start..end].parse().ok()?;
    let moved = number.checked_add(step).filter(|n| *n >= 0)?;
    Some(format!("{}{moved}{}", &version[..start], &version[end..]))
}

/// Name, source and version of every paragraph of a dpkg status file.
fn paragraphs(status: &str) -> Vec<(String, String, String)> {
    let field = |paragraph: &str, name: &str| {
        let mut lines = paragraph.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
    };
    let packages = status.split("\n\n").filter_map(|paragraph| {
        let name = field(paragraph, "Package:")?;
        let source = field(paragraph, "Source:").unwrap_or_else(|| name.clone());
        let source = source.split(' ').next().unwrap_or_default().to_owned();
        Some((name, source, field(paragraph, "Version:")?))
    });
    packages.collect()
}

/// The text of a dpkg status file.
pub(super) fn dpkg_status(path: &Path) -> anyhow::Result<String> {
    let limit = base::Limit::new("bench-file-bytes", 1 << 30);
    Ok(String::from_utf8_lossy(&host::read(path, limit)?).into_owned())
}
