//! Every format that lists packages: one file each, and the list. The caller opens files; a format only understands bytes.

pub mod apk;
pub mod cyclonedx;
pub mod dpkg;
mod json_document;
mod lenient;
pub mod lockfiles;
mod notes;
pub mod os_release;
pub mod purl_package;
pub mod rpmdb;
pub mod running;
mod sbom;
pub mod spdx;
pub mod syft;
mod text;

use base::Parsed;

use crate::{HostKind, Os, Package, Service, StaleProcess, Windows};

/// One file from outside, whole and within the caller's limit.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Path as it will be shown, with `/`; formats recognise by its last parts (`var/lib/dpkg/status`, `Cargo.lock`).
    pub path: &'a str,
    /// All bytes, decompressed.
    pub bytes: &'a [u8],
}

impl Input<'_> {
    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}

/// What one file lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The packages, in the file's order.
    pub packages: Vec<Package>,
    /// The operating system, if the file names it.
    pub os: Option<Os>,
    /// What the file says it describes, if it says (an SBOM's root component: name and kind).
    pub subject: Option<(String, Option<HostKind>)>,
    /// The running kernel, if the file says.
    pub kernel: Option<String>,
    /// What a Windows machine says of itself, if the file is about one.
    pub windows: Option<Windows>,
    /// Ports something listens on.
    pub services: Vec<Service>,
    /// Processes that still use a replaced file.
    pub stale: Vec<StaleProcess>,
}

/// A file format that lists packages.
pub trait Format: Sync {
    /// `dpkg`, `cyclonedx`, `cargo-lock`: lower case, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what file it is and what wrote it.
    fn about(&self) -> &'static str;

    /// The kind of host a file of this format alone describes.
    fn kind(&self) -> HostKind;

    /// Whether a walk should open a file with this path at all: by name only, cheap.
    fn wants(&self, path: &str) -> bool;

    /// Whether the bytes are of this format; called for files that are wanted and for files the user names.
    /// A file named by the user may have any name, so the content decides unless the format has no tell-tale content.
    fn recognise(&self, input: &Input<'_>) -> bool;

    /// Everything understood, with notes for the rest.
    fn parse(&self, input: &Input<'_>) -> Parsed<Listing>;
}

/// Every format, in the order they are asked to recognise a file.
pub static FORMATS: &[&dyn Format] = &[
    &os_release::OsRelease,
    &dpkg::Dpkg,
    &rpmdb::RpmDb,
    &apk::Apk,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
    &syft::SyftJson,
    &running::Uname,
    &running::Ss,
    &running::Netstat,
    &running::Lsof,
    &running::Needrestart,
    &lockfiles::CargoLock,
    &lockfiles::BunLock,
    &lockfiles::NpmLock,
    &lockfiles::YarnBerryLock,
    &lockfiles::YarnLock,
    &lockfiles::PnpmLock,
    &lockfiles::PoetryLock,
    &lockfiles::UvLock,
    &lockfiles::PdmLock,
    &lockfiles::PipfileLock,
    &lockfiles::GemfileLock,
    &lockfiles::ComposerLock,
    &lockfiles::GoMod,
    &lockfiles::GoSum,
    &lockfiles::GradleLock,
    &lockfiles::NugetLock,
    &lockfiles::DotnetDeps,
    &lockfiles::Requirements,
];

/// The first format that recognises the input.
pub fn recognise(input: &Input<'_>) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.recognise(input))
}
