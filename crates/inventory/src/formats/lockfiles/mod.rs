//! Lockfiles: the exact versions a package manager chose. One file a tool; what they share is how text is read
//! ([`text`], [`json`], [`toml_tables`], [`yaml_lines`]) and how a pinned package is written down ([`pins`]).
//!
//! What is listed is what an advisory can be about: packages with a version from a registry, and git or URL
//! dependencies that carry a version. Members of the workspace and path dependencies are the user's own code and are
//! left out. Development dependencies are kept: they run on the build machine.

mod bun;
mod cargo;
mod composer;
mod conan;
mod deno;
mod dotnet_deps;
mod gemfile;
mod go_mod;
mod go_sum;
mod gradle;
mod gradle_verification;
mod haskell;
mod json;
mod julia;
mod mix;
mod npm;
mod nuget;
mod origin;
mod packages_config;
mod pdm;
mod pins;
mod pipfile;
mod pnpm;
mod podfile;
mod poetry;
mod pom;
mod pubspec;
mod python;
mod renv;
mod requirements;
mod swift;
mod text;
mod toml_tables;
mod uv;
mod xml_elements;
mod yaml_lines;
mod yarn;
mod yarn_berry;

pub use bun::BunLock;
pub use cargo::CargoLock;
pub use composer::ComposerLock;
pub use conan::{ConanLock, Conanfile};
pub use deno::DenoLock;
pub use dotnet_deps::DotnetDeps;
pub use gemfile::GemfileLock;
pub use go_mod::GoMod;
pub use go_sum::GoSum;
pub use gradle::GradleLock;
pub use gradle_verification::GradleVerification;
pub use haskell::{CabalFreeze, StackLock};
pub use julia::JuliaManifest;
pub use mix::MixLock;
pub use npm::NpmLock;
pub use nuget::NugetLock;
pub use packages_config::PackagesConfig;
pub use pdm::PdmLock;
pub use pipfile::PipfileLock;
pub use pnpm::PnpmLock;
pub use podfile::PodfileLock;
pub use poetry::PoetryLock;
pub use pom::PomXml;
pub use pubspec::PubspecLock;
pub use renv::RenvLock;
pub use requirements::Requirements;
pub use swift::SwiftResolved;
pub use uv::UvLock;
pub use yarn::YarnLock;
pub use yarn_berry::YarnBerryLock;

/// The file that rules a lockfile when it lies beside it, by name: `go.mod` lists what is built, `go.sum` more than that;
/// npm reads `package-lock.json` only without `npm-shrinkwrap.json`.
pub fn ruled_by(file_name: &str) -> Option<&'static str> {
    match file_name {
        "go.sum" => Some("go.mod"),
        "package-lock.json" => Some("npm-shrinkwrap.json"),
        // Where an installed Python package has it, it was not taken from an index.
        "METADATA" => Some("direct_url.json"),
        _ => None,
    }
}
