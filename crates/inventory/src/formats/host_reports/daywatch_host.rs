//! `daywatch.host/1`: a host a line, the form in which any inventory can be handed to Daywatch (`docs/guide/scanning.md`).

use base::{Ecosystem, Note, Parsed, Purl};
use serde::Deserialize;

use super::records::{Word, Words};
use super::{Hosts, ecosystem, operating_system, records};
use crate::formats::lenient::{List, Object};
use crate::formats::{purl_package, text};
use crate::{
    Confidence, Format, HostKind, Input, Listing, Package, Service, Source, Transport, Windows,
};

/// Lines of hosts.
pub struct DaywatchHost;

const SCHEMA: &str = "daywatch.host/1";
/// How the note begins that says that a scan takes no facts of the team from here; an import of hosts does, and leaves it out.
pub const TEAM_FACTS_NOT_USED: &str =
    "zone, owner, criticality and exposure are taken from the file of host rules only";

impl Format for DaywatchHost {
    fn id(&self) -> &'static str {
        "daywatch-host"
    }

    fn about(&self) -> &'static str {
        "hosts with their packages, updates and services, a line a host: daywatch.host/1"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        ["hosts.ndjson", "hosts.jsonl"]
            .iter()
            .any(|end| path.ends_with(end))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        let first = sample
            .lines()
            .find(|l| !l.trim().is_empty())
            .unwrap_or_default();
        let schema = |json| text::value_after_key(json, "schema") == Some(SCHEMA);
        schema(first) || (sample.trim_start().starts_with('{') && schema(&sample))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut hosts = Hosts::new(input.path, note);
        let mut notes = std::mem::take(&mut hosts.notes);
        let mut not_used = 0_usize;
        records::each::<Wire>(&text, &mut notes, |line, wire, notes| {
            match wire.host_name() {
                Some(name) => {
                    not_used += usize::from(wire.has_facts_of_the_team());
                    if hosts.forget(name) {
                        notes.push(place(
                            Note::warning(format!(
                                "a host told twice, the last one counts: {}",
                                text::excerpt(name)
                            )),
                            line,
                        ));
                    }
                    take(&mut hosts, line, &wire, name, notes);
                }
                None => notes.push(place(
                    Note::warning("a host without name and id was left out"),
                    line,
                )),
            }
        });
        if not_used > 0 {
            notes.push(Note::info(format!(
                "{TEAM_FACTS_NOT_USED}; given here for hosts: {not_used}"
            )));
        }
        hosts.notes = notes;
        hosts.finish()
    }
}

fn place(note: Note, line: Option<u64>) -> Note {
    match line {
        Some(line) => note.at_line(line),
        None => note,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    id: Word,
    name: Word,
    kind: Word,
    os: Object<WireOs>,
    zone: Word,
    owner: Word,
    criticality: Word,
    exposed: Word,
    kernel: Word,
    packages: List<WirePackage>,
    hotfixes: Words,
    services: List<WireService>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireOs {
    id: Word,
    version: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePackage {
    ecosystem: Word,
    name: Word,
    version: Word,
    source: Word,
    purl: Word,
    arch: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireService {
    proto: Word,
    port: Word,
    package: Word,
}

impl Wire {
    fn host_name(&self) -> Option<&str> {
        self.name.get().or_else(|| self.id.get())
    }

    fn has_facts_of_the_team(&self) -> bool {
        [&self.zone, &self.owner, &self.criticality, &self.exposed]
            .into_iter()
            .any(|fact| fact.get().is_some())
    }
}

fn take(
    hosts: &mut Hosts<'_>,
    line: Option<u64>,
    wire: &Wire,
    name: &str,
    notes: &mut super::Notes,
) {
    let location = hosts.location(line);
    hosts.members_left_out += wire.packages.1 + wire.services.1;
    let Some(listing) = hosts.host(Some(name)) else {
        return;
    };
    let kind = match wire.kind.get() {
        Some("image") => Some(HostKind::Image),
        Some("application") => Some(HostKind::Application),
        Some("machine") => Some(HostKind::Machine),
        _ => None,
    };
    listing.subject = kind.map(|kind| (name.to_owned(), Some(kind)));
    listing.kernel = wire.kernel.get().map(str::to_owned);
    if let Some(os) = &wire.os.0
        && let Some(id) = os.id.get()
    {
        if id.eq_ignore_ascii_case("windows") {
            let build = os.version.get().and_then(|v| v.parse().ok());
            listing.windows = Some(Windows {
                build,
                ..Windows::default()
            });
        } else {
            listing.os = Some(operating_system(id, os.version.get()));
        }
    }
    for service in &wire.services.0 {
        match read_service(service, &location) {
            Some(service) => listing.services.push(service),
            None => notes.push(place(
                Note::warning("a service without protocol or port was left out"),
                line,
            )),
        }
    }
    for wire in &wire.packages.0 {
        let package = read_package(wire, &location);
        hosts.package(Some(name), package);
    }
    for kb in wire.hotfixes.0.iter().filter_map(Word::get) {
        hosts.update(Some(name), kb);
    }
}

/// With a package URL everything comes from it but the source; else the ecosystem is OSV's word, or that of a package manager.
fn read_package(wire: &WirePackage, location: &crate::Location) -> Package {
    let version = wire.version.get().map(str::to_owned);
    let source = wire.source.get().map(|name| Source {
        name: name.to_owned(),
        version: version.clone(),
    });
    let arch = wire.arch.get().map(str::to_owned);
    let named = wire.ecosystem.get().map(|word| {
        ecosystem(word).unwrap_or_else(|| {
            word.parse::<Ecosystem>()
                .unwrap_or_else(|never| match never {})
        })
    });
    if let Some(purl) = wire.purl.get().and_then(|text| text.parse::<Purl>().ok()) {
        let of_url = purl_package::package(&purl, location.clone());
        return Package {
            ecosystem: named.or(of_url.ecosystem.clone()),
            version: version.or(of_url.version.clone()),
            source: source.or(of_url.source.clone()),
            arch: arch.or(of_url.arch.clone()),
            ..of_url
        };
    }
    let name = wire.name.get().unwrap_or_default();
    super::with_purl(Package {
        ecosystem: named,
        source,
        arch,
        ..Package::new(name, version, location.clone())
    })
}

fn read_service(wire: &WireService, location: &crate::Location) -> Option<Service> {
    let transport = match wire.proto.get()? {
        "tcp" | "tcp6" => Transport::Tcp,
        "udp" | "udp6" => Transport::Udp,
        "sctp" => Transport::Sctp,
        _ => return None,
    };
    Some(Service {
        transport,
        port: wire.port.get()?.parse().ok()?,
        address: None,
        program: None,
        package: wire.package.get().map(str::to_owned),
        product: None,
        confidence: Confidence::Certain,
        location: location.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::lenient::LIST_MEMBERS;

    #[test]
    fn packages_over_the_limit_are_left_out_and_counted() {
        let more = 3;
        let packages = vec![r#"{"name":"a"}"#; LIST_MEMBERS.max as usize + more].join(",");
        let line = format!(r#"{{"schema":"{SCHEMA}","name":"big","packages":[{packages}]}}"#);
        let parsed = DaywatchHost.parse(&Input {
            path: "hosts.ndjson",
            bytes: line.as_bytes(),
        });
        let read = &parsed.value.hosts[0].packages;
        assert_eq!(read.len() as u64, LIST_MEMBERS.max);
        let limits = parsed
            .notes
            .iter()
            .filter(|n| n.limit == Some(LIST_MEMBERS));
        let told: Vec<&str> = limits.map(|n| n.what.as_str()).collect();
        assert_eq!(
            told,
            ["members of lists that are too long were left out: 3"]
        );
    }
}
