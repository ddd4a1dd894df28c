//! What Wazuh knows of its agents: answers of the API below `/syscollector` and `/experimental/syscollector`, and documents of
//! the indexes `wazuh-states-inventory-*`, also as a search returns them
//! (<https://documentation.wazuh.com/current/user-manual/capabilities/system-inventory/available-inventory-fields.html>).
//! Packages, hotfixes, listening ports and the system are read; Wazuh writes a blank for what it does not know.

use base::{Note, Parsed};
use serde::Deserialize;

use super::records::Word;
use super::{Hosts, ecosystem, operating_system, records, with_purl};
use crate::formats::lenient::{List, Object};
use crate::formats::text;
use crate::{Confidence, Format, HostKind, Input, Listing, Package, Service, Source, Transport};

/// Inventories of Wazuh.
pub struct WazuhInventory;

impl Format for WazuhInventory {
    fn id(&self) -> &'static str {
        "wazuh"
    }

    fn about(&self) -> &'static str {
        "hosts as Wazuh exports them: syscollector packages, hotfixes, ports and os (API), or wazuh-states-inventory-* (indexer)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        let is_json = [".json", ".ndjson", ".jsonl"]
            .iter()
            .any(|end| file.ends_with(end));
        is_json && (file.contains("wazuh") || file.contains("syscollector"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        let has = |key: &str| sample.contains(key);
        let is_answer =
            has("\"affected_items\"") && (has("\"agent_id\"") || has("\"total_affected_items\""));
        let is_index = has("wazuh-states-inventory-");
        let is_document =
            has("\"agent\"") && has("\"package\"") && has("\"name\"") && has("\"checksum\"");
        sample.trim_start().starts_with(['{', '[']) && (is_answer || is_index || is_document)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut hosts = Hosts::new(input.path, note);
        let mut notes = std::mem::take(&mut hosts.notes);
        let mut others = 0_usize;
        records::each::<Document>(&text, &mut notes, |line, document, _| {
            hosts.members_left_out += document.left_out();
            document.each_record(&mut |record| {
                others += usize::from(!take(&mut hosts, line, record));
            });
        });
        if others > 0 {
            notes.push(Note::info(format!(
                "records that are no package, update, listening port or system: {others}"
            )));
        }
        hosts.notes = notes;
        hosts.finish()
    }
}

/// An answer, a search result, a hit of one, or the record itself.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    data: Object<Answer>,
    hits: Object<Hits>,
    _source: Object<Record>,
    #[serde(flatten)]
    record: Record,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    affected_items: List<Record>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hits {
    hits: List<Hit>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hit {
    _source: Object<Record>,
}

/// A record of any table, of the API (flat) or of an index.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    agent_id: Word,
    agent: Object<Agent>,
    wazuh: Object<WazuhPart>,
    // Packages of the API.
    name: Word,
    version: Word,
    architecture: Word,
    format: Word,
    // In a package of the API the source package, in a port of an index an object.
    source: serde_json::Value,
    hotfix: Word,
    // A port of the API.
    local: Object<Endpoint>,
    protocol: Word,
    state: Word,
    process: serde_json::Value,
    // The system of the API.
    os: Object<System>,
    hostname: Word,
    release: Word,
    // Documents of an index.
    package: Object<IndexPackage>,
    host: Object<IndexHost>,
    network: Object<Network>,
    interface: Object<Interface>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Agent {
    id: Word,
    name: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WazuhPart {
    agent: Object<Agent>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    ip: Word,
    port: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct System {
    name: Word,
    platform: Word,
    version: Word,
    kernel: Object<Kernel>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Kernel {
    release: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexPackage {
    name: Word,
    version: Word,
    architecture: Word,
    #[serde(rename = "type")]
    format: Word,
    source: Word,
    hotfix: Object<Hotfix>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hotfix {
    name: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexHost {
    os: Object<System>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Network {
    transport: Word,
    protocol: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Interface {
    state: Word,
}

impl Document {
    /// Records over what is read of one list.
    fn left_out(&self) -> u64 {
        let answer = self.data.0.as_ref().map_or(0, |d| d.affected_items.1);
        answer + self.hits.0.as_ref().map_or(0, |h| h.hits.1)
    }

    fn each_record(&self, take: &mut dyn FnMut(&Record)) {
        let answer = self.data.0.iter().flat_map(|d| &d.affected_items.0);
        let hits = self
            .hits
            .0
            .iter()
            .flat_map(|h| &h.hits.0)
            .filter_map(|h| h._source.0.as_ref());
        let mut any = false;
        for record in answer.chain(hits).chain(self._source.0.as_ref()) {
            any = true;
            take(record);
        }
        let is_envelope = self.data.0.is_some() || self.hits.0.is_some();
        if !any && !is_envelope {
            take(&self.record);
        }
    }
}

impl Record {
    /// The agent by name, or by its number where only that is told.
    fn host_name(&self) -> Option<&str> {
        let named = |agent: &Agent| agent.name.get().is_some();
        let newer = self.wazuh.0.as_ref().and_then(|w| w.agent.0.as_ref());
        let agent = self
            .agent
            .0
            .as_ref()
            .filter(|a| named(a))
            .or(newer)
            .or(self.agent.0.as_ref());
        let of_agent = agent.and_then(|a| a.name.get().or_else(|| a.id.get()));
        of_agent.or_else(|| self.agent_id.get())
    }

    fn system(&self) -> Option<&System> {
        let of_index = self.host.0.as_ref().and_then(|h| h.os.0.as_ref());
        self.os.0.as_ref().or(of_index)
    }
}

/// Takes one record; false if it is of a kind that is not read.
fn take(hosts: &mut Hosts<'_>, line: Option<u64>, record: &Record) -> bool {
    let host = record.host_name();
    if let Some(package) = package(record, hosts.location(line)) {
        hosts.package(host, with_purl(package));
        return true;
    }
    let of_index = record
        .package
        .0
        .as_ref()
        .and_then(|p| p.hotfix.0.as_ref())
        .and_then(|h| h.name.get());
    if let Some(kb) = record.hotfix.get().or(of_index) {
        hosts.update(host, kb);
        return true;
    }
    if let Some(system) = record.system() {
        take_system(hosts, host, record, system);
        return true;
    }
    match service(record, hosts.location(line)) {
        Some(service) => {
            if let Some(listing) = hosts.host(host) {
                listing.services.extend(service);
            }
            true
        }
        None => false,
    }
}

fn package(record: &Record, location: crate::Location) -> Option<Package> {
    let text = |v: Option<&str>| v.map(str::to_owned);
    let (name, version, arch, format, source) = match &record.package.0 {
        Some(p) => (
            p.name.get(),
            p.version.get(),
            p.architecture.get(),
            p.format.get(),
            p.source.get(),
        ),
        None => (
            record.name.get(),
            record.version.get(),
            record.architecture.get(),
            record.format.get(),
            record
                .source
                .as_str()
                .map(str::trim)
                .filter(|s| !s.is_empty()),
        ),
    };
    let (name, format) = (name?, format?);
    let ecosystem = ecosystem(format);
    // For a registry's package this is the address of its home page.
    let source = source
        .filter(|s| format == "deb" && !s.contains("://"))
        .map(|name| Source {
            name: name.split_whitespace().next().unwrap_or(name).to_owned(),
            version: text(version),
        });
    Some(Package {
        ecosystem,
        source,
        arch: text(arch),
        ..Package::new(name, text(version), location)
    })
}

fn take_system(hosts: &mut Hosts<'_>, host: Option<&str>, record: &Record, system: &System) {
    let kernel = system
        .kernel
        .0
        .as_ref()
        .and_then(|k| k.release.get())
        .or(record.release.get());
    let id = system.platform.get().or(system.name.get());
    let os = id.map(|id| operating_system(id, system.version.get()));
    let is_windows = id.is_some_and(|id| id.eq_ignore_ascii_case("windows"));
    let Some(listing) = hosts.host(host) else {
        return;
    };
    listing.kernel = kernel.map(str::to_owned);
    if is_windows {
        let windows = listing.windows.get_or_insert_with(crate::Windows::default);
        windows.name = system.name.get().map(str::to_owned);
        windows.build = system.version.get().and_then(|v| v.parse().ok());
    } else {
        listing.os = os;
    }
}

/// The port, if something listens on it; `Some(None)` for a connection.
fn service(record: &Record, location: crate::Location) -> Option<Option<Service>> {
    let network = record.network.0.as_ref();
    let of_index = |key: &str| {
        record
            .source
            .get(key)
            .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
    };
    let local = record.local.0.as_ref();
    let (port, address) = match local {
        Some(local) => (
            local.port.get().map(str::to_owned),
            local.ip.get().map(str::to_owned),
        ),
        None => (of_index("port"), of_index("ip")),
    };
    let protocol = record
        .protocol
        .get()
        .or_else(|| network.and_then(|n| n.transport.get().or(n.protocol.get())))?;
    let state = record
        .state
        .get()
        .or_else(|| record.interface.0.as_ref().and_then(|i| i.state.get()));
    let transport = match protocol {
        "tcp" | "tcp6" => Transport::Tcp,
        "udp" | "udp6" => Transport::Udp,
        _ => return Some(None),
    };
    let port = port?.parse().ok()?;
    // UDP has no states; a port that is bound is open.
    let listens = state == Some("listening") || (transport == Transport::Udp && state.is_none());
    let program = record.process.as_str().or_else(|| {
        record
            .process
            .get("name")
            .and_then(serde_json::Value::as_str)
    });
    Some(listens.then(|| {
        Service {
            transport,
            port,
            address,
            program: program
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(str::to_owned),
            package: None,
            product: None,
            confidence: Confidence::Certain,
            location,
        }
    }))
}
