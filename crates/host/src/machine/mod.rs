//! The machine this runs on: what is installed, which kernel runs, what listens, and what still runs code that was replaced.
//! The one place that reads `/proc`.
//!
//! Everything is below a root, `/` but for tests. Nothing is started or asked: files are read, and what may not be read is
//! counted and said.

mod files;
mod maps;
mod owners;
mod places;
mod processes;
mod sockets;

use std::collections::BTreeSet;
use std::path::Path;

use base::{Limit, Note};
use inventory::formats::running::Uname;
use inventory::{Confidence, Listing, Location, Service, StaleProcess};

use self::files::read_bounded;
use self::owners::Owners;
use self::processes::Running;
use crate::inspect::{Inspected, Reading};
use crate::walk::WalkOptions;

/// Bytes of a file of `/proc` that holds one line.
const LINE: Limit = Limit::new("machine-line-bytes", 4096);

/// A machine that was read.
#[derive(Clone, Default)]
pub struct Machine {
    /// What it calls itself.
    pub name: Option<String>,
    /// The lists of what is installed, and one reading of `proc` for what runs.
    pub inspected: Inspected,
}

/// Reads the machine whose tree of files begins at `root`.
pub fn machine(root: &Path, options: &WalkOptions) -> Machine {
    let mut inspected = places::read(root, options);
    let running = processes::look(root);
    let mut notes = running.notes.clone();
    let owners = Owners::of(root, &paths(&running), &mut notes);
    let listing = Listing {
        services: services(&running, &owners),
        stale: stale(&running, &owners),
        ..Listing::default()
    };
    notes.extend(rebuilt_kernel(root, &inspected));
    inspected.notes.extend(notes);
    if root.join("proc").is_dir() {
        inspected.readings.push(Reading {
            file: "proc".to_owned(),
            format: &Uname,
            listing,
        });
    }
    Machine {
        name: line(root, "proc/sys/kernel/hostname").or_else(|| line(root, "etc/hostname")),
        inspected,
    }
}

/// The first line of a small file.
fn line(root: &Path, name: &str) -> Option<String> {
    let bytes = read_bounded(&root.join(name), LINE).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

/// Every path an owner is wanted for.
fn paths(running: &Running) -> BTreeSet<Vec<u8>> {
    let files = running.stale.iter().map(|(_, file)| file);
    let listens = running
        .sockets
        .iter()
        .filter_map(|(_, pid)| running.programs.get(&(*pid)?));
    files.chain(listens).cloned().collect()
}

fn services(running: &Running, owners: &Owners) -> Vec<Service> {
    let service = |(socket, pid): &(sockets::Socket, Option<u32>)| {
        let program = pid.and_then(|pid| running.programs.get(&pid));
        let package = program.and_then(|p| owners.package(p)).map(str::to_owned);
        let confidence = match (&program, &package) {
            (Some(_), Some(_)) => Confidence::Certain,
            (Some(_), None) => Confidence::Likely,
            _ => Confidence::Possible,
        };
        Service {
            transport: socket.transport,
            port: socket.port,
            address: Some(socket.address.clone()),
            program: program.map(|p| String::from_utf8_lossy(p).into_owned()),
            package,
            product: None,
            confidence,
            location: Location::file("proc/net"),
        }
    };
    running.sockets.iter().map(service).collect()
}

fn stale(running: &Running, owners: &Owners) -> Vec<StaleProcess> {
    let stale = |(pid, file): &(u32, Vec<u8>)| StaleProcess {
        pid: Some(*pid),
        program: running.programs.get(pid).map_or_else(
            || pid.to_string(),
            |p| String::from_utf8_lossy(p).into_owned(),
        ),
        file: Some(String::from_utf8_lossy(file).into_owned()),
        package: owners.package(file).map(str::to_owned),
    };
    running.stale.iter().map(stale).collect()
}

/// Debian and Ubuntu keep the release when a kernel is only rebuilt; the version it was built as then tells that the one on
/// the disk is another: `#1 SMP … Debian 6.1.76-1 (2024-02-01)` in `/proc/version`, `Ubuntu 6.8.0-31.31-generic 6.8.1` in
/// `/proc/version_signature`.
fn rebuilt_kernel(root: &Path, inspected: &Inspected) -> Option<Note> {
    let release = line(root, "proc/sys/kernel/osrelease")?;
    let built_as = match line(root, "proc/version_signature") {
        Some(signature) => {
            let (_, flavour) = release.rsplit_once('-')?;
            let version = signature.split_ascii_whitespace().nth(1)?;
            version.strip_suffix(&format!("-{flavour}"))?.to_owned()
        }
        None => {
            let version = line(root, "proc/version")?;
            let (_, after) = version.rsplit_once(" Debian ")?;
            after.split_ascii_whitespace().next()?.to_owned()
        }
    };
    let name = format!("linux-image-{release}");
    let mut packages = inspected.readings.iter().flat_map(|r| &r.listing.packages);
    let installed = packages.find(|p| p.name == name)?.version.clone()?;
    (installed != built_as).then(|| {
        Note::warning(format!(
            "the running kernel {release} was built as {built_as}, installed is {installed}: restart needed"
        ))
    })
}
