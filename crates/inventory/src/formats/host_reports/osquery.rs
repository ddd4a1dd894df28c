//! Rows of osquery's tables `deb_packages`, `rpm_packages`, `os_version`, `kernel_info` and `patches` as JSON: what
//! `osqueryi --json` prints, and the results log, where each line names its host
//! (<https://osquery.readthedocs.io/en/stable/deployment/logging/>, columns: <https://osquery.io/schema>).

use std::collections::HashMap;

use base::{Note, Parsed};
use serde::Deserialize;

use super::records::Word;
use super::{Hosts, operating_system, records};
use crate::formats::lenient::{List, Object};
use crate::formats::{purl_package, text};
use crate::{Format, HostKind, Input, Listing, Location, Package, PackageManager, Source};

/// Rows of osquery.
pub struct OsqueryRows;

impl Format for OsqueryRows {
    fn id(&self) -> &'static str {
        "osquery"
    }

    fn about(&self) -> &'static str {
        "rows of osquery's deb_packages, rpm_packages, os_version, kernel_info and patches as JSON, or its results log"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.contains("osquery")
            && [".json", ".ndjson", ".jsonl", ".log"]
                .iter()
                .any(|end| file.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        let has = |keys: &[&str]| keys.iter().all(|key| sample.contains(key));
        let is_rows = has(&["\"revision\"", "\"maintainer\"", "\"version\""])
            || has(&["\"release\"", "\"sha1\"", "\"epoch\"", "\"version\""])
            || has(&["\"platform_like\"", "\"codename\""])
            || has(&["\"hotfix_id\"", "\"installed_on\""]);
        let is_log =
            has(&["\"hostIdentifier\""]) && (has(&["\"columns\""]) || has(&["\"snapshot\""]));
        let is_json = sample.trim_start().starts_with(['[', '{']);
        is_json
            && (is_log
                || (is_rows && sample.trim_start().starts_with('['))
                || (is_rows && self.wants(input.path)))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut reader = Reader {
            hosts: Hosts::new(input.path, note),
            removed: HashMap::new(),
            others: 0,
        };
        let mut notes = std::mem::take(&mut reader.hosts.notes);
        records::each::<Entry>(&text, &mut notes, |line, entry, _| {
            reader.take_entry(line, &entry)
        });
        if reader.others > 0 {
            notes.push(Note::info(format!(
                "rows of tables that are not read: {}",
                reader.others
            )));
        }
        reader.hosts.notes = notes;
        reader.forget_removed();
        reader.hosts.finish()
    }
}

/// A line of the results log, or a row.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(rename = "hostIdentifier")]
    host: Word,
    action: Word,
    columns: Object<Row>,
    snapshot: List<Row>,
    #[serde(flatten)]
    row: Row,
}

/// The columns of all tables that are read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    name: Word,
    version: Word,
    // deb_packages
    arch: Word,
    source: Word,
    status: Word,
    maintainer: Word,
    // rpm_packages
    release: Word,
    epoch: Word,
    sha1: Word,
    // os_version
    platform: Word,
    platform_like: Word,
    // patches
    hotfix_id: Word,
    // kernel_info
    path: Word,
    device: Word,
}

/// What makes two rows of a host the same package.
type Key = (Option<String>, String, Option<String>, Option<String>);

struct Reader<'p> {
    hosts: Hosts<'p>,
    /// How often the log says of a package that it went and came: the last word counts.
    removed: HashMap<Key, bool>,
    others: usize,
}

impl Reader<'_> {
    fn take_entry(&mut self, line: Option<u64>, entry: &Entry) {
        let host = entry.host.get();
        let is_removed = entry.action.get() == Some("removed");
        self.hosts.members_left_out += entry.snapshot.1;
        let mut any = false;
        for row in entry.columns.0.iter().chain(&entry.snapshot.0) {
            any = true;
            self.take_row(line, host, row, is_removed);
        }
        if !any && entry.snapshot.0.is_empty() && entry.action.get().is_none() {
            self.take_row(line, host, &entry.row, is_removed);
        }
    }

    fn take_row(&mut self, line: Option<u64>, host: Option<&str>, row: &Row, is_removed: bool) {
        let location = self.hosts.location(line);
        if let Some(kb) = row.hotfix_id.get() {
            // Other kinds of update are named by words (`File 1`).
            if !is_removed && kb.starts_with("KB") {
                self.hosts.update(host, kb);
            }
        } else if row.platform.get().is_some() && row.platform_like.0.is_some() {
            self.take_system(host, row);
        } else if let Some(package) = rpm(row, &location).or_else(|| deb(row, &location)) {
            let key = (
                host.map(str::to_owned),
                package.name.clone(),
                package.version.clone(),
                package.arch.clone(),
            );
            if is_removed {
                self.removed.insert(key, true);
            } else if row.is_installed() {
                self.removed.remove(&key);
                self.hosts.package(host, package);
            }
        } else if row.device.get().is_some() && row.path.0.is_some() {
            let kernel = row.version.get().map(str::to_owned);
            if let Some(listing) = self.hosts.host(host) {
                listing.kernel = kernel;
            }
        } else {
            self.others += 1;
        }
    }

    fn take_system(&mut self, host: Option<&str>, row: &Row) {
        let Some(id) = row.platform.get() else { return };
        if id == "windows" {
            return;
        }
        // The platform of RHEL and its rebuilds is `rhel` alike; the name tells them apart.
        let id = match (id, row.name.get()) {
            ("rhel" | "amazon" | "suse", Some(name)) => name,
            _ => id,
        };
        let os = operating_system(id, row.version.get());
        if let Some(listing) = self.hosts.host(host) {
            listing.os = Some(os);
        }
    }

    fn forget_removed(&mut self) {
        if self.removed.is_empty() {
            return;
        }
        for (host, listing) in &mut self.hosts.found {
            listing.packages.retain(|p| {
                let key = (
                    host.clone(),
                    p.name.clone(),
                    p.version.clone(),
                    p.arch.clone(),
                );
                !self.removed.contains_key(&key)
            });
        }
    }
}

impl Row {
    /// `install ok installed`; rpm has no states.
    fn is_installed(&self) -> bool {
        let state = self.status.get().and_then(|s| s.split_whitespace().last());
        !matches!(state, Some("config-files" | "not-installed"))
    }
}

fn rpm(row: &Row, location: &Location) -> Option<Package> {
    let release = row
        .release
        .get()
        .filter(|_| row.sha1.0.is_some() || row.epoch.0.is_some())?;
    let version = row.version.get()?;
    let version = purl_package::with_epoch(&format!("{version}-{release}"), row.epoch.get());
    Some(Package {
        ecosystem: Some(PackageManager::Rpm.ecosystem()),
        source: row
            .source
            .get()
            .and_then(|file| purl_package::source_rpm(file, Some(&version))),
        arch: row.arch.get().map(str::to_owned),
        ..Package::new(row.name.get()?, Some(version), location.clone())
    })
}

/// The column `source` is empty where it is the package's own name, and may carry a version in brackets.
fn deb(row: &Row, location: &Location) -> Option<Package> {
    let is_deb = row.maintainer.0.is_some() || row.status.0.is_some() || row.source.0.is_some();
    let name = row.name.get().filter(|_| is_deb && row.arch.0.is_some())?;
    let version = row.version.get().map(str::to_owned);
    let source = row.source.0.is_some().then(|| {
        let field = row.source.get().unwrap_or(name);
        let (source, own) = field.split_once('(').unwrap_or((field, ""));
        let own = own.trim_end_matches(')').trim();
        Source {
            name: source.trim().to_owned(),
            version: if own.is_empty() {
                version.clone()
            } else {
                Some(own.to_owned())
            },
        }
    });
    Some(Package {
        ecosystem: Some(PackageManager::Deb.ecosystem()),
        source,
        arch: row.arch.get().map(str::to_owned),
        ..Package::new(name, version, location.clone())
    })
}
