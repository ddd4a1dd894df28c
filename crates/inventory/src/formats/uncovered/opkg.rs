//! The status database of opkg, OpenWrt's package manager: `usr/lib/opkg/status` (<https://openwrt.org/docs/guide-user/additional-software/opkg>),
//! written like dpkg's.

use base::{Ecosystem, Parsed, Purl};

use crate::formats::dpkg::Dpkg;
use crate::{Format, HostKind, Input, Listing};

/// Packages of OpenWrt.
pub struct Opkg;

impl Format for Opkg {
    fn id(&self) -> &'static str {
        "opkg"
    }

    fn about(&self) -> &'static str {
        "installed packages of OpenWrt: lib/opkg/status (listed; no feed covers them)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with("lib/opkg/status")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.wants(input.path)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let mut parsed = Dpkg.parse(input);
        for package in &mut parsed.value.packages {
            package.ecosystem = Some(Ecosystem::new("OpenWrt"));
            package.source = None;
            package.purl = Purl::new("opkg", None, &package.name, package.version.as_deref()).ok();
        }
        parsed
    }
}
