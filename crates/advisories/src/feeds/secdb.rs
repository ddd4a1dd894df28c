//! Alpine's security database (<https://secdb.alpinelinux.org>), also written by Wolfi and Chainguard: which version of a
//! package fixed which CVEs, a file a release and repository.
//!
//! Version `0` means that the package never was affected. OSV's Alpine export is made from these files and is what `feeds
//! sync` fetches; this feed is for who has the files themselves, or a release that OSV has left behind.

use std::collections::BTreeMap;

use base::{Ecosystem, Parsed};
use serde::de::MapAccess;

use super::json::Hint;
use super::ledger::Ledger;
use super::product::{Bounds, Until};
use super::wire::{self, Item, Lenient, List, Object, Text, wire};
use super::{Document, Feed, Location, json};
use crate::join::in_id;
use crate::model::{Advisory, Affected, Batch, VendorState};

/// The feed.
pub struct Secdb;

wire! {
    /// A file.
    struct FileWire<'a> {
        "distroversion" => release: Text<'a>,
        "urlprefix" => prefix: Text<'a>,
        "packages" => packages: List<Lenient<EntryWire<'a>>>,
    }
}

wire! {
    /// `packages[]`.
    struct EntryWire<'a> {
        "pkg" => package: Lenient<PackageWire<'a>>,
    }
}

wire! {
    /// `packages[].pkg`.
    struct PackageWire<'a> {
        "name" => name: Text<'a>,
        "secfixes" => fixes: Lenient<FixesWire<'a>>,
    }
}

/// `secfixes`: ids by the version that fixed them.
#[derive(Default)]
struct FixesWire<'a>(Vec<(String, List<Text<'a>>)>);

impl<'de> Object<'de> for FixesWire<'de> {
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<u32, A::Error> {
        self.0.push((key.trim().to_owned(), map.next_value()?));
        Ok(0)
    }
}

impl Feed for Secdb {
    fn id(&self) -> &'static str {
        "secdb"
    }

    fn about(&self) -> &'static str {
        "Fixes of Alpine, Wolfi and Chainguard (secdb; no real sample)"
    }

    fn locations(&self) -> &'static [Location] {
        &[]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        json::recognise(document.bytes, |key| match key {
            "apkurl" | "distroversion" | "reponame" => Hint::Yes,
            "archs" | "urlprefix" => Hint::Open,
            _ => Hint::No,
        })
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut ledger = Ledger::default();
        let mut by_id: BTreeMap<String, Vec<Affected>> = BTreeMap::new();
        let text = json::text(document.bytes, &mut ledger);
        let result = wire::each(&text, None, &mut |item| {
            if let Item::Record(wire) = item {
                add(&wire.value, &mut by_id, &mut ledger);
            }
        });
        if let Err(broken) = result {
            ledger.broken(&broken);
        }
        let (read, skipped, notes) = ledger.close();
        let value = Batch {
            advisories: by_id.into_iter().map(advisory).collect(),
            read,
            skipped,
            ..Batch::default()
        };
        Parsed { value, notes }
    }
}

/// Counts one record for each fix: an id under a version of a package.
fn add(wire: &FileWire<'_>, by_id: &mut BTreeMap<String, Vec<Affected>>, ledger: &mut Ledger) {
    let Some(ecosystem) = ecosystem(wire) else {
        ledger.refuse("file without the release it is about", None);
        return;
    };
    for entry in &wire.packages.items {
        let package = &entry.value.package.value;
        let name = package.name.trimmed();
        if name.is_empty() {
            ledger.refuse("package without a name", None);
            continue;
        }
        for (version, ids) in &package.fixes.value.0 {
            // `CVE-2017-2616 (+ regression fix)`, `CVE-2021-3449 CVE-2021-3450`, `XSA-248`.
            let words = ids
                .items
                .iter()
                .flat_map(|id| id.trimmed().split(|c: char| c.is_whitespace() || c == ','));
            for id in words.filter(|id| is_id(id)) {
                if ledger.admit() {
                    let affected = affected(&ecosystem, name, version);
                    by_id
                        .entry(record_id(&ecosystem, id))
                        .or_default()
                        .push(affected);
                }
            }
        }
    }
}

/// The files of Wolfi and Chainguard name no release; where they are fetched from tells whose they are.
fn ecosystem(wire: &FileWire<'_>) -> Option<Ecosystem> {
    let (release, prefix) = (wire.release.trimmed(), wire.prefix.trimmed());
    for (host, name) in [
        ("wolfi", "Wolfi"),
        ("chainguard", "Chainguard"),
        ("cgr.dev", "Chainguard"),
    ] {
        if prefix.contains(host) {
            return Some(Ecosystem::new(name));
        }
    }
    let release = match release {
        "" => return None,
        "edge" => "edge".to_owned(),
        _ => format!("v{}", release.trim_start_matches('v')),
    };
    Some(Ecosystem::with_release("Alpine", &release))
}

fn is_id(word: &str) -> bool {
    let has_number = word.split_once('-').is_some_and(|(prefix, rest)| {
        !prefix.is_empty()
            && prefix.bytes().all(|b| b.is_ascii_uppercase())
            && rest.bytes().any(|b| b.is_ascii_digit())
    });
    has_number && word.len() <= 60
}

/// OSV's spelling: `ALPINE-CVE-2023-0286`.
fn record_id(ecosystem: &Ecosystem, id: &str) -> String {
    format!("{}-{id}", ecosystem.name().to_ascii_uppercase())
}

fn affected(ecosystem: &Ecosystem, package: &str, version: &str) -> Affected {
    let never = version == "0";
    let until = (!never).then_some(Until::Fixed(version));
    Affected {
        ecosystem: ecosystem.clone(),
        package: package.to_owned(),
        ranges: vec![Bounds { from: None, until }.range()],
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        component: None,
        updates: Vec::new(),
        vendor_state: never.then_some(VendorState::NotAffected),
    }
}

fn advisory((id, affected): (String, Vec<Affected>)) -> Advisory {
    let cve = in_id(&id).map(|cve| cve.to_string());
    let plain = id.split_once('-').map(|(_, plain)| plain.to_owned());
    Advisory {
        id,
        aliases: plain.filter(|_| cve.is_none()).into_iter().collect(),
        related: Vec::new(),
        upstream: cve.into_iter().collect(),
        published: None,
        modified: None,
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected,
        references: Vec::new(),
    }
}
