//! What a report of a host shows of a measure: that it is so, that it is not, or nothing, with the reason.

use std::net::IpAddr;

use inventory::{Confidence, Host, Service, Transport, Windows};

use super::Measure;
use crate::glob::matches;

/// What a report shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It is so.
    Seen(String),
    /// It is not so.
    Opposite(String),
    /// The report cannot tell, and why.
    CannotTell(String),
}

/// Looks for a measure in a host's report.
pub fn look(measure: &Measure, host: &Host) -> Sight {
    match measure {
        Measure::PortGone(transport, port) => port_gone(*transport, *port, host),
        Measure::ServiceStopped(program) => service_stopped(program, host),
        Measure::PackageRemoved(package) => package_removed(package, host),
        Measure::FeatureOff(feature) => feature_off(feature, host.windows.as_ref()),
        Measure::Setting { .. } => cannot("no report reads settings"),
        Measure::BlockedAtEdge { .. } => cannot("a host cannot tell what its network lets through"),
    }
}

fn cannot(why: &str) -> Sight {
    Sight::CannotTell(why.to_owned())
}

/// What the host itself says listens. A scan from outside sees some ports only, so what it does not see may be there.
fn own_services(host: &Host) -> Option<impl Iterator<Item = &Service>> {
    let is_own = |service: &&Service| service.confidence == Confidence::Certain;
    let own = host.services.iter().filter(is_own);
    (own.clone().next().is_some()).then_some(own)
}

const NO_SERVICES: &str = "the report does not list, by the host itself, what listens";

/// Whether others can reach it. An address that is no number of the loopback counts as one they can.
fn is_reachable(service: &Service) -> bool {
    let address = service.address.as_deref().unwrap_or_default();
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = address.split('%').next().unwrap_or_default();
    !address
        .parse::<IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

fn shown(service: &Service) -> String {
    let Service {
        transport, port, ..
    } = service;
    let program = service.program.as_ref().or(service.package.as_ref());
    let program = program.map(|program| format!(" ({program})"));
    format!(
        "{} {port} listens{}",
        transport.as_str(),
        program.unwrap_or_default()
    )
}

/// Whatever saw a port open, it is open; that it is not takes the host's own list.
fn port_gone(transport: Transport, port: u16, host: &Host) -> Sight {
    let is_it = |s: &&Service| (s.transport, s.port) == (transport, port) && is_reachable(s);
    if let Some(open) = host.services.iter().find(is_it) {
        return Sight::Opposite(shown(open));
    }
    match own_services(host) {
        Some(_) => Sight::Seen(format!("nothing listens on {} {port}", transport.as_str())),
        None => cannot(NO_SERVICES),
    }
}

fn service_stopped(program: &str, host: &Host) -> Sight {
    let file = |path: &str| {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        name.eq_ignore_ascii_case(program.strip_suffix(".exe").unwrap_or(program))
    };
    let is_it = |service: &&Service| {
        let package = service.package.as_deref();
        service.program.as_deref().is_some_and(file)
            || package.is_some_and(|package| package.eq_ignore_ascii_case(program))
    };
    if let Some(running) = host.services.iter().find(is_it) {
        return Sight::Opposite(shown(running));
    }
    match own_services(host) {
        None => cannot(NO_SERVICES),
        Some(mut own) => match own.all(|s| s.program.is_some() || s.package.is_some()) {
            true => Sight::Seen(format!("{program} does not listen")),
            false => cannot("the report does not say of every port which program listens"),
        },
    }
}

fn package_removed(glob: &str, host: &Host) -> Sight {
    if host.packages.is_empty() {
        return cannot("the report lists no packages");
    }
    let is_it = |package: &&inventory::Package| {
        let source = package.source.as_ref();
        matches(glob, &package.name) || source.is_some_and(|source| matches(glob, &source.name))
    };
    match host.packages.iter().find(is_it) {
        Some(package) => {
            let version = package.version.as_deref().unwrap_or_default();
            let words = format!("{} {version}", package.name);
            Sight::Opposite(format!("{} is installed", words.trim_end()))
        }
        None => Sight::Seen(format!("package {glob} is not installed")),
    }
}

fn feature_off(name: &str, windows: Option<&Windows>) -> Sight {
    let Some(features) = windows.and_then(|windows| windows.features.as_ref()) else {
        return cannot("the report does not list the features of Windows");
    };
    let is_it = |feature: &&inventory::WindowsFeature| feature.name.eq_ignore_ascii_case(name);
    match features
        .iter()
        .filter(is_it)
        .any(|feature| feature.installed)
    {
        true => Sight::Opposite(format!("the feature {name} is installed")),
        false => Sight::Seen(format!("the feature {name} is off")),
    }
}
