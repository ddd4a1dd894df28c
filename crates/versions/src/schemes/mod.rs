//! One file a scheme, and the list of them.

mod apk;
mod bitnami;
mod composer;
mod conan;
mod cran;
mod deb;
mod gem;
mod generic;
mod hackage;
mod maven;
mod nuget;
mod opam;
mod openssl;
mod pacman;
mod pep440;
mod pub_dev;
mod rpm;
mod semver;

pub(crate) use generic::Generic;

use crate::Scheme;

/// Every scheme, in the order docs and help list them.
pub static SCHEMES: &[&dyn Scheme] = &[
    &deb::Deb,
    &rpm::Rpm,
    &apk::Apk,
    &semver::Semver,
    &pep440::Pep440,
    &maven::Maven,
    &nuget::Nuget,
    &gem::Gem,
    &composer::Composer,
    &bitnami::Bitnami,
    &pub_dev::PubDev,
    &cran::Cran,
    &hackage::Hackage,
    &opam::Opam,
    &conan::Conan,
    &pacman::Pacman,
    &openssl::Openssl,
    &Generic,
];
