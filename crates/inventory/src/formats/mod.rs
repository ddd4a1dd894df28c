//! Every format that lists packages: one file each, and the list. The caller opens files; a format only understands bytes.

pub mod apk;
pub mod banner_list;
pub mod cyclonedx;
pub mod dpkg;
mod executable;
pub mod gemspec;
pub mod go_binary;
pub mod host_reports;
mod installed;
pub mod jar;
mod json_document;
mod lenient;
pub mod lockfiles;
pub mod nmap;
pub mod node_modules;
mod notes;
pub mod os_release;
pub mod package_lists;
pub mod product_register;
pub mod purl_package;
pub mod python_dist;
pub mod rpmdb;
pub mod running;
pub mod rust_binary;
mod sbom;
mod source_names;
pub mod spdx;
pub mod syft;
mod text;
pub mod uncovered;
pub mod windows;

use base::Parsed;

use crate::{Banner, HostKind, Os, Package, Service, StaleProcess, Windows};

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
    /// The host this is about, where the file names one: files that name the same host belong together, those of two do not.
    pub host: Option<String>,
    /// The hosts of a file that lists several, each with its name; the listing itself is then of none of them.
    pub hosts: Vec<Self>,
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
    /// Files that the packages of this database brought, of those that are read for what is in them.
    pub owned: Vec<String>,
    /// What services said of themselves, for fingerprints to be held against.
    pub banners: Vec<Banner>,
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

    /// Whether [`Self::wants`] says little (a program may have any name), so that a walk should let the format look into
    /// the file and not take it in whole.
    fn reads_in_place(&self) -> bool {
        false
    }

    /// The same as [`Self::recognise`] and [`Self::parse`] on an open file, of which only a small part is read.
    fn parse_in_place(&self, _path: &str, _file: &mut dyn ReadSeek) -> Option<Parsed<Listing>> {
        None
    }
}

/// A file that can be read anywhere.
pub trait ReadSeek: std::io::Read + std::io::Seek {}

impl<T: std::io::Read + std::io::Seek> ReadSeek for T {}

/// Every format, in the order they are asked to recognise a file.
pub static FORMATS: &[&dyn Format] = &[
    &os_release::OsRelease,
    &dpkg::Dpkg,
    &rpmdb::RpmDb,
    &uncovered::Opkg,
    &uncovered::Pacman,
    &uncovered::Portage,
    &uncovered::Snap,
    &uncovered::Flatpak,
    &uncovered::Homebrew,
    &apk::Apk,
    &cyclonedx::CycloneDx,
    &spdx::Spdx,
    &syft::SyftJson,
    &running::Uname,
    &running::Ss,
    &running::Netstat,
    &running::Lsof,
    &running::Needrestart,
    &windows::Collector,
    &windows::SystemInfo,
    &windows::ComputerInfo,
    &windows::Hotfixes,
    &windows::Features,
    &windows::Registry,
    &windows::IisConfig,
    &windows::IisMetabase,
    &nmap::Nmap,
    &banner_list::BannerList,
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
    &lockfiles::ConanLock,
    &lockfiles::Conanfile,
    &lockfiles::DenoLock,
    &lockfiles::GradleVerification,
    &lockfiles::CabalFreeze,
    &lockfiles::StackLock,
    &lockfiles::JuliaManifest,
    &lockfiles::MixLock,
    &lockfiles::PackagesConfig,
    &lockfiles::PodfileLock,
    &lockfiles::PomXml,
    &lockfiles::PubspecLock,
    &lockfiles::RenvLock,
    &lockfiles::SwiftResolved,
    &product_register::ProductRegister,
    &host_reports::DaywatchHost,
    &host_reports::WazuhInventory,
    &host_reports::OsqueryRows,
    &host_reports::AnsibleFacts,
    &lockfiles::Requirements,
    &python_dist::PythonDist,
    &node_modules::NodeModules,
    &gemspec::Gemspec,
    &jar::Jar,
    &go_binary::GoBinary,
    &rust_binary::RustBinary,
    &package_lists::ApkList,
    &package_lists::RpmList,
    &package_lists::DpkgList,
    &package_lists::PacmanList,
];

/// The first format that recognises the input.
pub fn recognise(input: &Input<'_>) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.recognise(input))
}

/// The formats that read what was built or installed, one file a package or a program.
static ARTEFACTS: &[&dyn Format] = &[
    &python_dist::PythonDist,
    &node_modules::NodeModules,
    &gemspec::Gemspec,
    &jar::Jar,
    &go_binary::GoBinary,
];

/// Whether a file of this name may be something built or installed.
pub(crate) fn is_artefact(path: &str) -> bool {
    ARTEFACTS.iter().any(|format| format.wants(path))
}

/// Whether only formats that read in place want a file of this name.
pub fn is_read_in_place(path: &str) -> bool {
    let mut wanting = FORMATS.iter().filter(|f| f.wants(path)).peekable();
    wanting.peek().is_some() && wanting.all(|f| f.reads_in_place())
}

/// What the first format finds that knows the open file.
pub fn parse_in_place(
    path: &str,
    file: &mut dyn ReadSeek,
) -> Option<(&'static dyn Format, Parsed<Listing>)> {
    let reading = FORMATS.iter().copied().filter(|f| f.reads_in_place());
    reading
        .filter_map(|f| Some((f, f.parse_in_place(path, file)?)))
        .next()
}
