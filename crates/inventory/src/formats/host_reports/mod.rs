//! Reports of whole hosts as management tools export them: Wazuh, osquery, Ansible, and Daywatch's own form. One file a tool.
//! A report may be about many hosts; what they share is how records are found in the text and how hosts are collected.

mod ansible;
mod daywatch_host;
mod osquery;
mod records;
mod wazuh;

pub use ansible::AnsibleFacts;
pub use daywatch_host::{DaywatchHost, TEAM_FACTS_NOT_USED};
pub use osquery::OsqueryRows;
pub use wazuh::WazuhInventory;

use std::collections::HashMap;

use base::{Ecosystem, Kb, Limit, Note, Parsed, Purl};

use super::lenient::LIST_MEMBERS;
use super::notes::Notes;
use super::{Listing, source_names, text};
use crate::{InstalledUpdate, Location, Os, Package, PackageManager, Windows};

/// The most hosts read from one file.
const HOSTS: Limit = Limit::new("report-hosts", 200_000);
/// The most packages read from one file, over all hosts.
const PACKAGES: Limit = Limit::new("report-packages", 20_000_000);
/// The longest text that can be a name or a version.
const FIELD_BYTES: Limit = Limit::new("report-field-bytes", 1024);

/// The hosts of one file as they are collected, in the order they are met.
struct Hosts<'p> {
    path: &'p str,
    found: Vec<(Option<String>, Listing)>,
    by_name: HashMap<Option<String>, usize>,
    notes: Notes,
    packages: u64,
    hosts_left_out: u64,
    packages_left_out: u64,
    /// Members of lists that are longer than is read.
    members_left_out: u64,
    overlong: u64,
    nameless: u64,
    versionless: u64,
}

impl<'p> Hosts<'p> {
    fn new(path: &'p str, note: Option<Note>) -> Self {
        let mut notes = Notes::default();
        notes.extend(note);
        Self {
            path,
            found: Vec::new(),
            by_name: HashMap::new(),
            notes,
            packages: 0,
            hosts_left_out: 0,
            packages_left_out: 0,
            members_left_out: 0,
            overlong: 0,
            nameless: 0,
            versionless: 0,
        }
    }

    /// The host of that name, new or met before; `None` is the one host of a file that names none.
    fn host(&mut self, name: Option<&str>) -> Option<&mut Listing> {
        let name = name.map(str::to_owned);
        let at = match self.by_name.get(&name) {
            Some(at) => *at,
            None if HOSTS.is_exceeded_by(self.found.len() as u64 + 1) => {
                self.hosts_left_out += 1;
                return None;
            }
            None => {
                let listing = Listing {
                    host: name.clone(),
                    ..Listing::default()
                };
                self.found.push((name.clone(), listing));
                self.by_name.insert(name, self.found.len() - 1);
                self.found.len() - 1
            }
        };
        self.found.get_mut(at).map(|(_, listing)| listing)
    }

    /// Forgets what was read of a host, which is told anew.
    fn forget(&mut self, name: &str) -> bool {
        let at = self.by_name.get(&Some(name.to_owned())).copied();
        let known = at.and_then(|at| self.found.get_mut(at));
        known.is_some_and(|(_, listing)| {
            let host = listing.host.take();
            *listing = Listing {
                host,
                ..Listing::default()
            };
            true
        })
    }

    /// Adds a package to a host.
    fn package(&mut self, host: Option<&str>, package: Package) {
        let longest = package
            .name
            .len()
            .max(package.version.as_ref().map_or(0, String::len));
        if package.name.is_empty() {
            self.nameless += 1;
            return;
        }
        if FIELD_BYTES.is_exceeded_by(longest as u64) {
            self.overlong += 1;
            return;
        }
        if PACKAGES.is_exceeded_by(self.packages + 1) {
            self.packages_left_out += 1;
            return;
        }
        self.versionless += u64::from(package.version.is_none());
        if let Some(listing) = self.host(host) {
            listing.packages.push(package);
            self.packages += 1;
        }
    }

    /// Adds an installed update of Windows to a host.
    fn update(&mut self, host: Option<&str>, kb: &str) {
        let Ok(kb) = kb.parse::<Kb>() else {
            let what = format!("not the number of an update: {}", text::excerpt(kb));
            self.notes.push(Note::warning(what));
            return;
        };
        if let Some(listing) = self.host(host) {
            let windows = listing.windows.get_or_insert_with(Windows::default);
            windows
                .updates
                .get_or_insert_with(Vec::new)
                .push(InstalledUpdate {
                    kb,
                    installed: None,
                });
        }
    }

    fn location(&self, line: Option<u64>) -> Location {
        Location {
            line,
            ..Location::file(self.path)
        }
    }

    fn finish(mut self) -> Parsed<Listing> {
        let packages = self
            .found
            .iter_mut()
            .flat_map(|(_, listing)| &mut listing.packages);
        source_names::fill(packages, &mut self.notes);
        self.tell();
        if self.found.is_empty() && !self.notes.is_empty() {
            self.notes.push(Note::error("no host could be read"));
        } else {
            self.notes.soften();
        }
        let is_one_without_name = matches!(&self.found[..], [(None, _)]);
        let value = if is_one_without_name {
            self.found
                .pop()
                .map(|(_, listing)| listing)
                .unwrap_or_default()
        } else {
            let path = self.path;
            let named = |(name, listing): (Option<String>, Listing)| Listing {
                // Records that name no host, beside some that do, are kept apart from those.
                host: name.or_else(|| Some(path.to_owned())),
                ..listing
            };
            Listing {
                hosts: self.found.into_iter().map(named).collect(),
                ..Listing::default()
            }
        };
        Parsed {
            value,
            notes: self.notes.into_vec(),
        }
    }

    fn tell(&mut self) {
        let mut say = |count: u64, what: &str, limit: Option<Limit>| {
            if count > 0 {
                let note = Note::warning(format!("{what}: {count}"));
                self.notes.push(match limit {
                    Some(limit) => note.because_of(limit),
                    None => note,
                });
            }
        };
        say(self.nameless, "packages without a name were left out", None);
        say(self.versionless, "packages without a version", None);
        say(
            self.overlong,
            "packages with an overlong field were left out",
            Some(FIELD_BYTES),
        );
        say(
            self.packages_left_out,
            "more packages were left out",
            Some(PACKAGES),
        );
        say(
            self.members_left_out,
            "members of lists that are too long were left out",
            Some(LIST_MEMBERS),
        );
        say(
            self.hosts_left_out,
            "records of more hosts were left out",
            Some(HOSTS),
        );
    }
}

/// The ecosystem for the word a tool uses for a package manager: `apt`, `deb`, `rpm`, `pypi`, …. `None` for what none is known
/// of (`win`, `macports`).
fn ecosystem(word: &str) -> Option<Ecosystem> {
    let word = word.to_ascii_lowercase();
    Some(match word.as_str() {
        "deb" | "apt" | "dpkg" => PackageManager::Deb.ecosystem(),
        "rpm" | "yum" | "dnf" | "zypper" => PackageManager::Rpm.ecosystem(),
        "apk" => PackageManager::Apk.ecosystem(),
        "pypi" | "pip" => Ecosystem::new("PyPI"),
        "npm" => Ecosystem::new("npm"),
        "gem" => Ecosystem::new("RubyGems"),
        "pacman" | "alpm" => Ecosystem::new("Arch Linux"),
        "portage" | "ebuild" => Ecosystem::new("Gentoo"),
        "pkg_info" | "openbsd_pkg" => Ecosystem::new("OpenBSD"),
        "snap" => Ecosystem::new("Snap"),
        "flatpak" => Ecosystem::new("Flatpak"),
        "brew" | "homebrew" => Ecosystem::new("Homebrew"),
        _ => return None,
    })
}

/// A package of a language's registry with its URL, spelt as the registry's advisories do; others stay as they are.
fn with_purl(package: Package) -> Package {
    let ty = match package.ecosystem.as_ref().map(Ecosystem::name) {
        Some("PyPI") => "pypi",
        Some("npm") => "npm",
        Some("RubyGems") => "gem",
        _ => return package,
    };
    let (namespace, name) = match package.name.rsplit_once('/') {
        Some((namespace, name)) if ty == "npm" => (Some(namespace), name),
        _ => (None, package.name.as_str()),
    };
    let Ok(purl) = Purl::new(ty, namespace, name, package.version.as_deref()) else {
        return package;
    };
    let location = package.locations.first().cloned();
    let arch = package.arch.clone();
    match location {
        Some(location) => Package {
            arch,
            ..super::purl_package::package(&purl, location)
        },
        None => package,
    }
}

/// The system under the words of inventory tools: `Ubuntu` and `22.04.4 LTS (Jammy Jellyfish)`.
fn operating_system(id: &str, version: Option<&str>) -> Os {
    let id = id.trim().to_ascii_lowercase();
    let aliased = match id.as_str() {
        "red hat enterprise linux server" => "rhel",
        "amazon linux" => "amzn",
        "oracle linux server" | "oracle linux" => "ol",
        "rocky linux" => "rocky",
        "centos linux" | "centos stream" => "centos",
        "opensuse leap" => "opensuse-leap",
        "opensuse tumbleweed" => "opensuse-tumbleweed",
        other => other,
    };
    let number = version.and_then(|v| v.split_whitespace().next());
    Os::named(aliased, number)
}
