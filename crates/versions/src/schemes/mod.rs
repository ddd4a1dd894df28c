//! One file a scheme, and the list of them.

mod apk;
mod bitnami;
mod composer;
mod deb;
mod gem;
mod generic;
mod maven;
mod nuget;
mod pep440;
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
    &Generic,
];
