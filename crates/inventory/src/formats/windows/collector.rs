//! `daywatch.windows/1`: what `docs/guide/windows-collector.ps1` writes of one machine. Its fields are described in
//! `docs/reference/windows-json.md`. What the script was not permitted to read is in its list of errors, and becomes a note:
//! unknown is not the same as absent.

use base::{Level, Note, Parsed};
use serde::Deserialize;

use super::iis_config::Extensions;
use super::machine::{self, ENTRIES, Machine};
use super::programs::{self, Program};
use super::{console, registry, updates};
use crate::formats::lenient::{List, Object, Text};
use crate::formats::{Format, Input, Listing, json_document, text};
use crate::{
    Confidence, HostKind, Iis, Location, Package, Service, Transport, WindowsBuild, WindowsFeature,
};

/// The schema, up to its version.
const SCHEMA: &str = "daywatch.windows/";

/// Windows machines, by the collector.
pub struct Collector;

impl Format for Collector {
    fn id(&self) -> &'static str {
        "daywatch-windows"
    }

    fn about(&self) -> &'static str {
        "a Windows machine by windows-collector.ps1: daywatch.windows/1"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.to_ascii_lowercase().ends_with(".windows.json")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        // The keys come in any order, so all of the document is looked at.
        let text = text::sample(input.bytes);
        text.trim_start().starts_with('{')
            && text::value_after_key(&text, "schema").is_some_and(|s| s.starts_with(SCHEMA))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let mut spare = String::new();
        let Parsed { value, notes } = json_document::read::<Document<'_>>(&text, &mut spare);
        machine.notes.extend(notes);
        if value.schema.get() != Some("daywatch.windows/1") {
            let what = format!(
                "another version of the schema; read as version 1: {}",
                text::excerpt(value.schema.get().unwrap_or_default())
            );
            machine.notes.push(Note::warning(what));
        }
        read(&value, input.path, &mut machine);
        machine.finish()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document<'a> {
    #[serde(borrow)]
    schema: Text<'a>,
    #[serde(borrow)]
    host: Object<Host<'a>>,
    #[serde(borrow)]
    os: Object<System<'a>>,
    #[serde(borrow)]
    hotfixes: Option<List<Update<'a>>>,
    #[serde(borrow)]
    servicing_packages: Option<List<Servicing<'a>>>,
    #[serde(borrow)]
    features: Option<List<Feature<'a>>>,
    #[serde(borrow)]
    iis: Object<WebServer<'a>>,
    #[serde(borrow)]
    pending_reboot: Text<'a>,
    #[serde(borrow)]
    products: List<Product<'a>>,
    #[serde(borrow)]
    programs: List<Installed<'a>>,
    #[serde(borrow)]
    listening: List<Port<'a>>,
    #[serde(borrow)]
    errors: List<Missing<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Host<'a> {
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct System<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    installation_type: Text<'a>,
    #[serde(borrow)]
    display_version: Text<'a>,
    #[serde(borrow)]
    major: Text<'a>,
    #[serde(borrow)]
    minor: Text<'a>,
    #[serde(borrow)]
    build: Text<'a>,
    #[serde(borrow)]
    ubr: Text<'a>,
    #[serde(borrow)]
    service_pack: Text<'a>,
    #[serde(borrow)]
    arch: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Update<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    installed_on: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Servicing<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    state: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Feature<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    installed: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WebServer<'a> {
    #[serde(borrow)]
    installed: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    extensions: List<Extension<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extension<'a> {
    #[serde(borrow)]
    path: Text<'a>,
    #[serde(borrow)]
    enabled: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Product<'a> {
    #[serde(borrow)]
    product: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    release: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Installed<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Port<'a> {
    #[serde(borrow)]
    protocol: Text<'a>,
    #[serde(borrow)]
    address: Text<'a>,
    #[serde(borrow)]
    port: Text<'a>,
    #[serde(borrow)]
    program: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Missing<'a> {
    #[serde(borrow)]
    section: Text<'a>,
    #[serde(borrow)]
    why: Text<'a>,
    #[serde(borrow)]
    right: Text<'a>,
}

fn read(document: &Document<'_>, file: &str, machine: &mut Machine) {
    if let Some(host) = &document.host.0 {
        machine.host = host.name.get().and_then(machine::kept);
    }
    if let Some(system) = &document.os.0 {
        describe(system, machine);
    }
    read_updates(document, machine);
    read_features(document, machine);
    if let Some(iis) = &document.iis.0 {
        read_iis(iis, machine);
    }
    machine.windows.pending_reboot = is_true(&document.pending_reboot);
    let known = document
        .products
        .0
        .iter()
        .filter_map(|p| product(p, Location::file(file)));
    known.for_each(|package| machine.program(package));
    for program in &document.programs.0 {
        let Some(name) = program.name.get() else {
            continue;
        };
        let program = Program {
            name,
            version: program.version.get(),
        };
        machine.program(program.package(Location::file(file)));
    }
    read_ports(document, file, machine);
    for missing in &document.errors.0 {
        machine.notes.push(missing.note());
    }
}

/// JSON's `true` and `false`, which [`Text`] keeps as they are written.
fn is_true(text: &Text<'_>) -> Option<bool> {
    text.get()?.to_ascii_lowercase().parse().ok()
}

fn number<T: std::str::FromStr>(text: &Text<'_>) -> Option<T> {
    text.get()?.parse().ok()
}

fn describe(system: &System<'_>, machine: &mut Machine) {
    let numbers = (
        number(&system.major),
        number(&system.minor),
        number(&system.build),
    );
    let windows = &mut machine.windows;
    if let (Some(major), Some(minor), Some(build)) = numbers {
        windows.build = Some(WindowsBuild {
            major,
            minor,
            build,
            revision: number(&system.ubr),
        });
    }
    let build = windows.build.map(|b| b.build);
    windows.name = system
        .name
        .get()
        .and_then(|name| machine::product_name(name, build));
    windows.release = system.display_version.get().and_then(machine::kept);
    windows.service_pack = number(&system.service_pack);
    windows.arch = system.arch.get().and_then(machine::arch);
    windows.server_core = system.installation_type.get().and_then(machine::is_core);
}

/// What Windows Update and what the servicing stack list; either alone is a list of updates. A list of which nothing is
/// understood is none.
fn read_updates(document: &Document<'_>, machine: &mut Machine) {
    let mut understood = [0_usize; 2];
    for update in document.hotfixes.iter().flat_map(|list| &list.0) {
        if let Some(kb) = update.id.get().and_then(updates::named) {
            machine.updates().add(kb, update.installed_on.get());
            understood[0] += 1;
        }
    }
    for package in document.servicing_packages.iter().flat_map(|list| &list.0) {
        let Some(name) = package.name.get() else {
            continue;
        };
        understood[1] += 1;
        let is_installed = number(&package.state).is_some_and(registry::is_installed_state);
        if let Some(kb) = registry::package_update(name).filter(|_| is_installed) {
            machine.updates().add(kb, None);
        }
    }
    let lists = [
        ("hotfixes", document.hotfixes.as_ref().map(|l| l.0.len())),
        (
            "servicing_packages",
            document.servicing_packages.as_ref().map(|l| l.0.len()),
        ),
    ];
    for ((name, length), understood) in lists.into_iter().zip(understood) {
        match length {
            Some(1..) if understood == 0 => {
                let what = format!("unknown: nothing in this list names an update: {name}");
                machine.notes.push(Note::warning(what));
            }
            Some(_) => {
                machine.updates();
            }
            None => {}
        }
    }
}

fn read_features(document: &Document<'_>, machine: &mut Machine) {
    let Some(list) = &document.features else {
        return;
    };
    let kept = list.0.iter().filter_map(|feature| {
        let name = feature.name.get().and_then(machine::kept)?;
        Some(WindowsFeature {
            name,
            installed: is_true(&feature.installed)?,
        })
    });
    let mut features: Vec<WindowsFeature> = kept.take(entries_max()).collect();
    let left_out = list.0.len() - features.len();
    if left_out > 0 {
        let what =
            format!("features without name or state, or too many, were left out: {left_out}");
        machine.notes.push(Note::warning(what).because_of(ENTRIES));
    }
    if features.is_empty() && left_out > 0 {
        return;
    }
    features.sort();
    features.dedup();
    machine.windows.features = Some(features);
}

fn entries_max() -> usize {
    usize::try_from(ENTRIES.max).unwrap_or(usize::MAX)
}

fn read_iis(iis: &WebServer<'_>, machine: &mut Machine) {
    if is_true(&iis.installed) == Some(false) {
        return;
    }
    let mut found = Extensions::default();
    for extension in &iis.extensions.0 {
        if let Some((path, enabled)) = extension.path.get().zip(is_true(&extension.enabled)) {
            found.add(path, enabled);
        }
    }
    let extensions = found.finish(machine);
    machine.windows.iis = Some(Iis {
        version: iis.version.get().and_then(machine::kept),
        extensions,
    });
}

fn product(product: &Product<'_>, location: Location) -> Option<Package> {
    let build = || product.version.get();
    match product.product.get()? {
        "sql-server" => Some(programs::sql_server(build()?, location)),
        "exchange" => Some(programs::exchange(build()?, location)),
        "sharepoint" => Some(programs::sharepoint(build()?, location)),
        "net-framework" => programs::dotnet_framework(number(&product.release)?, build(), location),
        framework => programs::dotnet_runtime(framework, build()?, location),
    }
}

fn read_ports(document: &Document<'_>, file: &str, machine: &mut Machine) {
    let services = document.listening.0.iter().filter_map(|listening| {
        let transport = match listening.protocol.get()? {
            "tcp" => Transport::Tcp,
            "udp" => Transport::Udp,
            _ => return None,
        };
        Some(Service {
            transport,
            port: number(&listening.port)?,
            address: listening.address.get().and_then(machine::kept),
            program: listening.program.get().and_then(machine::kept),
            package: None,
            product: None,
            confidence: Confidence::Certain,
            location: Location::file(file),
        })
    });
    machine.services = services.take(entries_max()).collect();
}

impl Missing<'_> {
    /// A section that is not there on this machine is no loss; one that was not permitted is.
    fn note(&self) -> Note {
        let section = text::excerpt(self.section.get().unwrap_or("a section"));
        let why = text::excerpt(self.why.get().unwrap_or("no reason given"));
        let right = self.right.get().map(text::excerpt);
        let level = if right.is_some() {
            Level::Warning
        } else {
            Level::Info
        };
        let needs = right.map_or(String::new(), |right| format!("; it needs: {right}"));
        Note::new(level, format!("unknown: {section}: {why}{needs}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed<Listing> {
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
        };
        assert!(Collector.recognise(&input), "{text}");
        Collector.parse(&input)
    }

    #[test]
    fn what_was_not_permitted_is_unknown_and_said() {
        let parsed = read(
            r#"{"schema":"daywatch.windows/1","hotfixes":null,"servicing_packages":null,"features":null,"iis":null,"pending_reboot":null,"os":{"major":10,"minor":0,"build":17763,"ubr":8385},"errors":[{"section":"iis.config","why":"access denied","right":"read %windir%\\System32\\inetsrv\\config"},{"section":"features","why":"no such command","right":null}]}"#,
        );
        let windows = parsed.value.windows.unwrap();
        assert_eq!(windows.build.unwrap().to_string(), "10.0.17763.8385");
        assert_eq!(
            (
                windows.updates,
                windows.features,
                windows.iis,
                windows.pending_reboot
            ),
            (None, None, None, None)
        );
        let levels: Vec<Level> = parsed.notes.iter().map(|n| n.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Info]);
        assert!(
            parsed.notes[0].what.contains("it needs: read %windir%"),
            "{}",
            parsed.notes[0]
        );
    }

    #[test]
    fn ports_become_services_that_are_certain() {
        let parsed = read(
            r#"{"schema":"daywatch.windows/1","os":{"major":10,"minor":0,"build":17763},"listening":[{"protocol":"tcp","address":"0.0.0.0","port":443,"program":"System"},{"protocol":"udp","port":70000},{"protocol":"x","port":1}]}"#,
        );
        let services = parsed.value.services;
        assert_eq!(services.len(), 1);
        assert_eq!(
            (services[0].port, services[0].confidence),
            (443, Confidence::Certain)
        );
        assert_eq!(services[0].program.as_deref(), Some("System"));
    }

    #[test]
    fn a_list_of_which_nothing_is_understood_is_unknown() {
        // Windows PowerShell writes a wrapped list like that.
        let parsed = read(
            r#"{"schema":"daywatch.windows/1","os":{"major":10,"minor":0,"build":17763},"hotfixes":{"value":[{"id":"KB5094123"}],"Count":1},"features":{"value":[],"Count":0}}"#,
        );
        let windows = parsed.value.windows.unwrap();
        assert_eq!((windows.updates, windows.features), (None, None));
        assert_eq!(parsed.notes.len(), 2);
    }

    #[test]
    fn an_empty_list_is_known_to_be_empty() {
        let parsed = read(
            r#"{"hotfixes":[],"features":[],"iis":{"installed":false},"pending_reboot":false,"schema":"daywatch.windows/1"}"#,
        );
        let windows = parsed.value.windows.unwrap();
        assert_eq!(windows.updates, Some(vec![]));
        assert_eq!(windows.features, Some(vec![]));
        assert_eq!(windows.iis, None);
        assert_eq!(windows.pending_reboot, Some(false));
    }
}
