//! Facts of Ansible's `package_facts`, with those of `setup` where they are there: a fact cache of JSON files, a file of
//! `--tree`, or what `ansible HOSTS -m package_facts` prints
//! (<https://docs.ansible.com/ansible/latest/collections/ansible/builtin/package_facts_module.html>). The `source` of a package
//! there is the manager that lists it (`apt`, `rpm`), not a source package.

use std::collections::BTreeMap;

use base::{Note, Parsed};
use serde::Deserialize;

use super::records::Word;
use super::{Hosts, ecosystem, operating_system, with_purl};
use crate::formats::lenient::{List, Object};
use crate::formats::{json_document, purl_package, text};
use crate::{Format, HostKind, Input, Listing, Location, Package};

/// Facts of Ansible.
pub struct AnsibleFacts;

impl Format for AnsibleFacts {
    fn id(&self) -> &'static str {
        "ansible-facts"
    }

    fn about(&self) -> &'static str {
        "hosts as Ansible's package_facts tells them: a fact cache file, a file of --tree, or the output of ansible -m package_facts"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    /// The files of a cache are called after the hosts.
    fn wants(&self, path: &str) -> bool {
        let mut parts = path.rsplit('/');
        let file = parts.next().unwrap_or(path);
        let folder = parts.next().unwrap_or_default();
        file.contains("package_facts")
            || matches!(
                folder,
                "fact_cache" | "fact-cache" | "facts_cache" | "ansible_facts" | "ansible-facts"
            )
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let head = text::decode(&input.bytes[..input.bytes.len().min(8192)]).0;
        let is_printed = head.lines().any(|line| printed_host(line).is_some());
        let all = if is_printed || head.trim_start().starts_with('{') {
            text::decode(input.bytes).0
        } else {
            return false;
        };
        let has = |key: &str| all.contains(key);
        has("\"packages\"")
            && has("\"source\"")
            && (has("\"ansible_facts\"")
                || has("\"ansible_distribution\"")
                || self.wants(input.path))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut hosts = Hosts::new(input.path, note);
        let printed = printed(&text);
        for block in &printed {
            match block.facts {
                Some(facts) => read(&mut hosts, block.line, facts, Some(block.host)),
                None => hosts.notes.warn(
                    block.line,
                    format!("no facts of this host: {}", text::excerpt(block.host)),
                ),
            }
        }
        if printed.is_empty() {
            read(&mut hosts, 1, &text, None);
        }
        hosts.finish()
    }
}

/// The host of `web-01 | SUCCESS => {`, and whether there are facts (`UNREACHABLE!` and `FAILED!` have none).
fn printed_host(line: &str) -> Option<(&str, bool)> {
    let (host, rest) = line.split_once(" | ")?;
    let has_facts = match rest.split([' ', '!']).next()? {
        "SUCCESS" | "CHANGED" => true,
        "UNREACHABLE" | "FAILED" => false,
        _ => return None,
    };
    let is_result = rest.contains("=>") || rest.contains(">>");
    (is_result && !host.contains(' ')).then_some((host, has_facts))
}

/// What a run printed of one host.
struct Printed<'t> {
    host: &'t str,
    line: u64,
    /// The JSON behind the arrow, where it is that of facts.
    facts: Option<&'t str>,
}

fn printed(text: &str) -> Vec<Printed<'_>> {
    let mut starts = Vec::new();
    let mut offset = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if let Some((host, has_facts)) = printed_host(line) {
            let brace = line.find('{').filter(|_| has_facts);
            starts.push((host, number, offset, brace.map(|at| offset + at)));
        }
        offset += line.len();
    }
    let next = starts.iter().skip(1).map(|(_, _, start, _)| *start);
    let ends: Vec<usize> = next.chain([text.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|((host, line, _, from), to)| Printed {
            host,
            line,
            facts: from.map(|from| &text[from..to]),
        })
        .collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Facts {
    ansible_facts: Object<Box<Self>>,
    packages: Object<BTreeMap<String, List<WirePackage>>>,
    ansible_hostname: Word,
    ansible_fqdn: Word,
    ansible_nodename: Word,
    ansible_distribution: Word,
    ansible_distribution_version: Word,
    ansible_kernel: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePackage {
    name: Word,
    version: Word,
    release: Word,
    epoch: Word,
    arch: Word,
    source: Word,
}

impl Facts {
    fn host_name(&self) -> Option<&str> {
        self.ansible_fqdn
            .get()
            .or_else(|| self.ansible_nodename.get())
            .or_else(|| self.ansible_hostname.get())
    }
}

/// Reads one host's facts, which begin on that line; a file is called after its host.
fn read(hosts: &mut Hosts<'_>, line: u64, json: &str, host: Option<&str>) {
    let mut spare = String::new();
    let parsed = json_document::read::<Facts>(json, &mut spare);
    let at = |note: Note| match note.line {
        Some(own) => note.at_line(line + own - 1),
        None => note,
    };
    hosts.notes.extend(parsed.notes.into_iter().map(at));
    let facts = parsed.value;
    let own = facts.ansible_facts.0.as_deref().unwrap_or(&facts);
    let file = hosts.path.rsplit('/').next().unwrap_or(hosts.path);
    let called = file.strip_suffix(".json").unwrap_or(file).to_owned();
    let named = host.or_else(|| own.host_name()).unwrap_or(&called);
    take(hosts, own, Some(named));
}

fn take(hosts: &mut Hosts<'_>, facts: &Facts, host: Option<&str>) {
    let location = hosts.location(None);
    let Some(listing) = hosts.host(host) else {
        return;
    };
    listing.kernel = facts.ansible_kernel.get().map(str::to_owned);
    listing.os = facts
        .ansible_distribution
        .get()
        .map(|id| operating_system(id, facts.ansible_distribution_version.get()));
    for (name, builds) in facts.packages.0.iter().flatten() {
        for build in &builds.0 {
            if name == "gpg-pubkey" {
                continue;
            }
            hosts.package(host, with_purl(package(name, build, &location)));
        }
    }
}

fn package(name: &str, wire: &WirePackage, location: &Location) -> Package {
    let version = wire.version.get().map(|version| {
        let whole = match wire.release.get() {
            Some(release) => format!("{version}-{release}"),
            None => version.to_owned(),
        };
        purl_package::with_epoch(&whole, wire.epoch.get())
    });
    Package {
        ecosystem: wire.source.get().and_then(ecosystem),
        arch: wire.arch.get().map(str::to_owned),
        ..Package::new(wire.name.get().unwrap_or(name), version, location.clone())
    }
}
