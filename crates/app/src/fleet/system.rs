//! What is remembered of a host's operating system beside its inventory, so that a list of hosts need not open them all.

use inventory::{Host, HostKind, Os, Windows};
use serde::{Deserialize, Serialize};

/// The name of the fact.
pub(super) const FACT: &str = "system";

/// The fact, as it is kept.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    id: String,
    version: Option<String>,
    codename: Option<String>,
    pretty: Option<String>,
    like: Vec<String>,
    windows: Option<String>,
    packages: usize,
}

/// What is to be remembered; `None` of a host whose system is not known.
pub(super) fn fact_of(host: &Host) -> Option<String> {
    let os = host.os.clone().unwrap_or_default();
    let wire = Wire {
        id: os.id,
        version: os.version,
        codename: os.codename,
        pretty: os.pretty,
        like: os.id_like,
        windows: host.windows.as_ref().and_then(|w| w.name.clone()),
        packages: host.packages.len(),
    };
    serde_json::to_string(&wire).ok()
}

/// What was remembered: a host without packages, and how many it has.
pub(super) fn host_of(name: &str, kind: HostKind, fact: Option<&str>) -> (Host, Option<usize>) {
    let mut host = Host::new(name, kind);
    let Some(wire) = fact.and_then(|text| serde_json::from_str::<Wire>(text).ok()) else {
        return (host, None);
    };
    if !wire.id.is_empty() {
        host.os = Some(Os {
            id: wire.id,
            version: wire.version,
            codename: wire.codename,
            pretty: wire.pretty,
            id_like: wire.like,
        });
    }
    host.windows = wire.windows.map(|name| Windows {
        name: Some(name),
        ..Windows::default()
    });
    (host, Some(wire.packages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_tells_the_system_again() {
        let mut host = Host::new("web-01", HostKind::Machine);
        host.os = Some(Os {
            id: "debian".to_owned(),
            version: Some("12".to_owned()),
            ..Os::default()
        });
        let fact = fact_of(&host).unwrap();
        let (again, packages) = host_of("web-01", HostKind::Machine, Some(&fact));
        assert_eq!((again, packages), (host, Some(0)));
        assert_eq!(host_of("x", HostKind::Image, Some("{")).1, None);
    }
}
