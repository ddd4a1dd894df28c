//! A release: a distinct package@version in an ecosystem, in one situation. It is what the fleet is asked about: every host
//! that has a release has the same findings on it.

use base::{Cpe, Ecosystem};
use inventory::{Host, Location, Package, Source};
use matching::{Kernels, Options, Situation};
use std::sync::Arc;

/// The number the store gave a release. Small and dense; the same release always has the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(pub u32);

/// Everything matching looks at. Architecture, place and package URL play no part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// `Debian:12`, `npm`; `None` when it is not known.
    pub ecosystem: Option<Ecosystem>,
    /// The name of the package.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The source package it was built from.
    pub source: Option<Source>,
    /// The module stream of an rpm.
    pub module: Option<String>,
    /// The product's CPE name.
    pub cpe: Option<Cpe>,
    /// What its hosts have in common.
    pub situation: Situation,
}

impl Release {
    /// The releases of a host, one for each package, in the order of its packages.
    pub fn of_host(host: &Host) -> Vec<Self> {
        let options = Options::of(host, false);
        let kernels = Kernels::of(host);
        let windows = host.windows.clone().map(Arc::new);
        let packages = host.packages.iter();
        packages
            .map(|package| Self {
                ecosystem: package.ecosystem.clone(),
                name: package.name.clone(),
                version: package.version.clone(),
                source: package.source.clone(),
                module: package.module.clone(),
                cpe: package.cpe.clone(),
                situation: Situation::of(package, options, &kernels, windows.as_ref()),
            })
            .collect()
    }

    /// A package as matching takes it.
    pub fn to_package(&self) -> Package {
        Package {
            ecosystem: self.ecosystem.clone(),
            source: self.source.clone(),
            module: self.module.clone(),
            cpe: self.cpe.clone(),
            ..Package::new(&*self.name, self.version.clone(), Location::file(""))
        }
    }

    /// What is upgraded at once, whatever its version: the source package where there is one, else the package.
    pub fn unit(&self) -> (&str, &str) {
        let ecosystem = self.ecosystem.as_ref().map_or("", Ecosystem::name);
        let source = self.source.as_ref().map(|source| source.name.as_str());
        (ecosystem, source.unwrap_or(&self.name))
    }
}
