//! One file a scheme, the list of them, and how one is found by name.

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
    &generic::Generic,
];

/// The scheme of an OSV ecosystem (a suffix after `:` is ignored) or a scheme's own id, in any case.
pub fn scheme_for(name: &str) -> Option<&'static dyn Scheme> {
    let name = name.split(':').next().unwrap_or(name).trim();
    SCHEMES.iter().copied().find(|s| {
        s.id().eq_ignore_ascii_case(name)
            || s.ecosystems().iter().any(|e| e.eq_ignore_ascii_case(name))
    })
}

/// The same, or `generic` where nobody here knows the ecosystem's own order.
pub fn scheme_or_generic(name: &str) -> &'static dyn Scheme {
    scheme_for(name).unwrap_or(&generic::Generic)
}
