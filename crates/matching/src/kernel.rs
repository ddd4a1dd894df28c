//! The rule of the running kernel: of several installed kernels only the one that runs counts, and packages that are built from
//! the kernel's source but hold none of its code (headers, tools, documents) do not count at all.
//!
//! A release (`uname -r`) and a package are compared by the naming of each family: the release stands in the package's name on
//! Debian and Ubuntu, is version, release and architecture on rpm systems of Red Hat's line, and version and flavour on SUSE,
//! Alpine and Arch. Where the running kernel is unknown, or is none of those installed, every installed kernel counts: a
//! spelling this file does not know must not silence a finding.

use std::collections::HashMap;

use inventory::{Host, HostKind, Package};
use versions::scheme_or_generic;

/// What is known of a host's kernels. Made once a host, so that a list of many kernels costs no more than reading it.
#[derive(Clone, Debug, Default)]
pub struct Kernels {
    running: Option<String>,
    /// An installed package is the running kernel.
    running_is_installed: bool,
    is_image: bool,
    /// The highest installed version of each line of kernels, by ecosystem and line.
    newest: HashMap<(String, String), Installed>,
}

#[derive(Clone, Debug)]
struct Installed {
    name: String,
    version: String,
}

/// What a package has to do with the kernel that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// It is no kernel package, it is the running kernel, or nobody knows which one runs: what is known of it counts.
    Counts,
    /// A kernel that is installed and does not run; which one, and which runs.
    NotRunning(String),
    /// It holds no code of the kernel; why.
    NoKernelCode(String),
}

/// What a package is, of those built from the kernel's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'p> {
    /// Code that runs as the kernel; with the line of kernels it belongs to (`amd64`, `kernel-rt`, `linux-lts`).
    Code { line: &'p str },
    /// Depends on the kernel that is newest and holds nothing itself.
    Meta,
    /// For building against.
    Headers,
    /// The source, for building from.
    SourceCode,
    /// Documents.
    Documents,
    /// Programs for people.
    Tools,
}

/// The naming of a family of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    Debian,
    RedHat,
    Suse,
    Alpine,
    Arch,
}

impl Naming {
    fn of(package: &Package) -> Option<Self> {
        Some(match package.ecosystem.as_ref()?.name() {
            "Debian" | "Ubuntu" => Self::Debian,
            "Red Hat" | "AlmaLinux" | "Rocky Linux" | "CentOS" | "Oracle Linux"
            | "Amazon Linux" | "Fedora" | "openEuler" | "Azure Linux" | "Photon OS" => Self::RedHat,
            "SUSE" | "openSUSE" => Self::Suse,
            "Alpine" | "Alpaquita" | "postmarketOS" => Self::Alpine,
            "Arch Linux" | "Arch" => Self::Arch,
            _ => return None,
        })
    }
}

impl Kernels {
    /// What a host's packages and its running kernel say.
    pub fn of(host: &Host) -> Self {
        let mut kernels = Self {
            running: host.kernel.clone(),
            is_image: host.kind == HostKind::Image,
            ..Self::default()
        };
        for package in &host.packages {
            let Some((naming, Part::Code { line })) = part_of(package) else {
                continue;
            };
            if let Some(running) = &host.kernel {
                kernels.running_is_installed |= is_release(naming, package, running);
            }
            kernels.take_if_newer(package, line);
        }
        kernels
    }

    fn take_if_newer(&mut self, package: &Package, line: &str) {
        let (Some(ecosystem), Some(version)) = (&package.ecosystem, &package.version) else {
            return;
        };
        let scheme = scheme_or_generic(ecosystem.name());
        let installed = Installed {
            name: package.name.clone(),
            version: version.clone(),
        };
        let key = (ecosystem.to_string(), line.to_owned());
        let known = self.newest.entry(key).or_insert_with(|| installed.clone());
        if scheme
            .compare(version, &known.version)
            .is_ok_and(std::cmp::Ordering::is_gt)
        {
            *known = installed;
        }
    }

    /// What the host should be told of its kernels as a whole, if anything.
    pub fn note(&self) -> Option<String> {
        if self.newest.is_empty() {
            return None;
        }
        match &self.running {
            None if self.is_image => None,
            None => {
                Some("the running kernel is not known, so every installed kernel counts".to_owned())
            }
            Some(running) if !self.running_is_installed => Some(format!(
                "the running kernel {running} is none of those installed, so every installed kernel counts; if its package was replaced, a restart is needed"
            )),
            Some(_) => None,
        }
    }

    /// What a package has to do with the running kernel.
    pub fn bearing(&self, package: &Package) -> Bearing {
        let Some((naming, part)) = part_of(package) else {
            return Bearing::Counts;
        };
        let without_code = |what: &str| {
            Bearing::NoKernelCode(match self.is_image {
                true => format!("{what}; a container runs the kernel of its host"),
                false => what.to_owned(),
            })
        };
        match part {
            Part::Headers => without_code("headers only, holds no kernel code"),
            Part::SourceCode => without_code("source only, no kernel that could run"),
            Part::Documents => without_code("documents only, holds no kernel code"),
            Part::Tools => {
                without_code("tools built from the kernel's source, holds no kernel code")
            }
            // Without the package it depends on (a list that was cut, a package manager's own word) it stands for the kernel.
            Part::Meta if self.newest.is_empty() => Bearing::Counts,
            Part::Meta => without_code("depends on a kernel, holds no kernel code"),
            Part::Code { .. } => self.bearing_of_code(naming, package),
        }
    }

    fn bearing_of_code(&self, naming: Naming, package: &Package) -> Bearing {
        let Some(running) = self.running.as_ref().filter(|_| self.running_is_installed) else {
            return Bearing::Counts;
        };
        if is_release(naming, package, running) {
            return Bearing::Counts;
        }
        let installed = release_in_name(naming, &package.name)
            .map(str::to_owned)
            .unwrap_or_else(|| {
                let version = package
                    .version
                    .as_deref()
                    .unwrap_or("of an unknown version");
                format!("{} {version}", package.name)
            });
        Bearing::NotRunning(format!("{installed} is installed, {running} runs"))
    }

    /// For a finding on the running kernel: the package that fixes it and is installed already, so that only a restart is
    /// missing.
    pub fn installed_fix(&self, package: &Package, fixed: &[String]) -> Option<String> {
        let (_, Part::Code { line }) = part_of(package)? else {
            return None;
        };
        let ecosystem = package.ecosystem.as_ref()?;
        self.running
            .as_ref()
            .filter(|_| self.running_is_installed)?;
        let newest = self.newest.get(&(ecosystem.to_string(), line.to_owned()))?;
        let scheme = scheme_or_generic(ecosystem.name());
        let is_fixed = !fixed.is_empty()
            && fixed.iter().all(|fix| {
                scheme
                    .compare(&newest.version, fix)
                    .is_ok_and(std::cmp::Ordering::is_ge)
            });
        is_fixed.then(|| {
            format!(
                "fixed kernel installed, restart needed: {} {}",
                newest.name, newest.version
            )
        })
    }
}

fn part_of(package: &Package) -> Option<(Naming, Part<'_>)> {
    let naming = Naming::of(package)?;
    let source = package.source.as_ref().map(|s| s.name.as_str());
    let part = match naming {
        Naming::Debian => debian(&package.name, source),
        Naming::RedHat => red_hat(&package.name),
        Naming::Suse => suse(&package.name),
        Naming::Alpine => alpine(&package.name),
        Naming::Arch => arch(&package.name),
    };
    part.map(|part| (naming, part))
}

/// Tools that distributions build from the kernel's source, whatever the family calls the rest.
const TOOLS: &[&str] = &[
    "bpftool",
    "cpupower",
    "hyperv-daemons",
    "kernel-tools",
    "kernel-tools-libs",
    "kernel-tools-libs-devel",
    "libcpupower-dev",
    "libcpupower1",
    "libperf",
    "libperf-devel",
    "linux-cpupower",
    "linux-perf",
    "perf",
    "python3-perf",
    "rtla",
    "rv",
    "turbostat",
    "usbip",
    "x86_energy_perf_policy",
];

/// `linux-image-6.1.0-18-amd64[-unsigned|-dbg]`, `linux-modules[-extra]-6.8.0-31-generic`, `linux-image-amd64`.
fn debian<'p>(name: &'p str, source: Option<&str>) -> Option<Part<'p>> {
    // `linux`, `linux-signed-amd64`, `linux-6.1`, `linux-aws`, `linux-meta-…`, `linux-hwe-6.8`; `linux-base` holds scripts.
    let is_kernels = source.is_none_or(|s| {
        s == "linux" || (s.starts_with("linux-") && s != "linux-base" && s != "linux-atm")
    });
    if !is_kernels {
        return None;
    }
    if TOOLS.contains(&name) {
        return Some(Part::Tools);
    }
    let rest = name.strip_prefix("linux-")?;
    let starts = |words: &[&str]| words.iter().any(|w| rest.starts_with(w));
    if rest == "libc-dev"
        || starts(&["headers-", "libc-dev-", "kbuild-", "compiler-", "lib-rust-"])
        || rest.contains("-headers-")
    {
        return Some(Part::Headers);
    }
    if rest == "source" || starts(&["source-"]) {
        return Some(Part::SourceCode);
    }
    if rest == "doc" || starts(&["doc-", "support-", "config-", "buildinfo-"]) {
        return Some(Part::Documents);
    }
    if starts(&["tools-", "cloud-tools-", "perf-", "bpf-dev"]) || rest.contains("-tools-") {
        return Some(Part::Tools);
    }
    match release_in_name(Naming::Debian, name) {
        Some(release) => Some(Part::Code {
            line: flavour(release),
        }),
        None if starts(&[
            "image-",
            "modules-extra-",
            "generic",
            "virtual",
            "lowlatency",
        ]) =>
        {
            Some(Part::Meta)
        }
        None => None,
    }
}

/// `6.1.0-18-amd64` of `linux-image-6.1.0-18-amd64-unsigned`; `None` for a name that holds no release.
fn release_in_name(naming: Naming, name: &str) -> Option<&str> {
    if naming != Naming::Debian {
        return None;
    }
    const BEFORE: &[&str] = &[
        "linux-image-unsigned-",
        "linux-image-uc-",
        "linux-image-",
        "linux-modules-extra-",
        "linux-modules-",
        "linux-signed-image-",
        "linux-binary-",
    ];
    const AFTER: &[&str] = &["-unsigned", "-dbgsym", "-dbg"];
    let release = BEFORE.iter().find_map(|b| name.strip_prefix(b))?;
    let release = AFTER
        .iter()
        .find_map(|a| release.strip_suffix(a))
        .unwrap_or(release);
    // Ubuntu's out-of-tree modules carry the release behind a word: `linux-modules-nvidia-535-6.8.0-31-generic`.
    let (version, _) = release.split_once('-')?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    is_version.then_some(release)
}

/// What follows version and revision: `amd64`, `cloud-amd64`, `generic`, `aws`.
fn flavour(release: &str) -> &str {
    let mut rest = release;
    while let Some((first, after)) = rest.split_once('-') {
        if !first.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        rest = after;
    }
    rest
}

/// `kernel`, `kernel-core`, `kernel-rt-modules-extra`, `kernel-uek`, `kernel-64k-core`.
fn red_hat(name: &str) -> Option<Part<'_>> {
    if TOOLS.contains(&name) {
        return Some(Part::Tools);
    }
    if name == "linux" {
        // Photon OS; its variants are `linux-esx`, `linux-secure`.
        return Some(Part::Code { line: name });
    }
    let rest = match name {
        "kernel" => return Some(Part::Code { line: "kernel" }),
        _ => name.strip_prefix("kernel-")?,
    };
    let (variant, part) = ["rt", "debug", "64k", "zfcpdump", "uek", "16k", "lt", "ml"]
        .iter()
        .find_map(|variant| {
            let after = rest.strip_prefix(variant)?;
            let part = after.strip_prefix('-').or(after.is_empty().then_some(""))?;
            Some((&name[.."kernel-".len() + variant.len()], part))
        })
        .unwrap_or(("kernel", rest));
    // A debug build of a variant: `kernel-rt-debug-core`.
    let (line, part) = match part.strip_prefix("debug") {
        Some("") => (&name[..name.len()], ""),
        Some(after) if after.starts_with('-') => (&name[..name.len() - after.len()], &after[1..]),
        _ => (variant, part),
    };
    Some(match part {
        "" | "core" | "modules" | "modules-core" | "modules-extra" | "modules-internal"
        | "modules-partner" | "uki-virt" | "uki-virt-addons" | "kvm" | "image" => {
            Part::Code { line }
        }
        "headers" | "devel" | "devel-matched" | "cross-headers" | "abi-stablelists"
        | "abi-whitelists" => Part::Headers,
        "doc" | "docs" => Part::Documents,
        "debuginfo"
        | "debuginfo-common-x86_64"
        | "debuginfo-common-aarch64"
        | "selftests-internal" => Part::Documents,
        "tools" | "tools-libs" | "tools-libs-devel" => Part::Tools,
        _ => return None,
    })
}

/// `kernel-default`, `kernel-default-extra`, `kernel-azure-devel`.
fn suse(name: &str) -> Option<Part<'_>> {
    if TOOLS.contains(&name) {
        return Some(Part::Tools);
    }
    let rest = name.strip_prefix("kernel-")?;
    match rest {
        "devel" | "macros" | "syms" => return Some(Part::Headers),
        r if r.starts_with("devel-") || r.starts_with("syms-") => return Some(Part::Headers),
        r if r == "source" || r.starts_with("source-") => return Some(Part::SourceCode),
        r if r == "docs" || r.starts_with("docs-") || r.starts_with("obs-") => {
            return Some(Part::Documents);
        }
        _ => {}
    }
    const FLAVOURS: &[&str] = &[
        "default", "azure", "rt", "rt_debug", "debug", "preempt", "64kb", "kvmsmall", "pae",
        "vanilla", "zfcpdump", "lpae", "xen", "trace", "ec2", "bigsmp", "longterm",
    ];
    let (flavour, part) = rest.split_once('-').unwrap_or((rest, ""));
    if !FLAVOURS.contains(&flavour) {
        return None;
    }
    match part {
        "devel" => Some(Part::Headers),
        "" | "base" | "extra" | "optional" | "vdso" => Some(Part::Code { line: flavour }),
        _ => None,
    }
}

/// `linux-lts`, `linux-virt-dev`. `linux-pam` and `linux-firmware` begin alike and are something else.
fn alpine(name: &str) -> Option<Part<'_>> {
    const FLAVOURS: &[&str] = &[
        "lts",
        "virt",
        "edge",
        "edge4virt",
        "stable",
        "rpi",
        "rpi2",
        "rpi4",
        "vanilla",
        "hardened",
        "virthardened",
        "grsec",
        "virtgrsec",
        "asahi",
        "elm",
        "octeon",
        "starfive",
        "openpax",
        "gru",
    ];
    if TOOLS.contains(&name) {
        return Some(Part::Tools);
    }
    if name == "linux-headers" {
        return Some(Part::Headers);
    }
    let rest = name.strip_prefix("linux-")?;
    let (flavour, part) = rest.split_once('-').unwrap_or((rest, ""));
    if !FLAVOURS.contains(&flavour) {
        return None;
    }
    match part {
        "" => Some(Part::Code { line: flavour }),
        "dev" => Some(Part::Headers),
        "doc" => Some(Part::Documents),
        _ => None,
    }
}

/// `linux`, `linux-lts`, `linux-zen-headers`.
fn arch(name: &str) -> Option<Part<'_>> {
    const KERNELS: &[&str] = &[
        "linux",
        "linux-lts",
        "linux-zen",
        "linux-hardened",
        "linux-rt",
        "linux-rt-lts",
    ];
    if TOOLS.contains(&name) {
        return Some(Part::Tools);
    }
    if name == "linux-api-headers" {
        return Some(Part::Headers);
    }
    if let Some(kernel) = KERNELS.iter().find(|k| **k == name) {
        return Some(Part::Code { line: kernel });
    }
    let of_kernel = |end| name.strip_suffix(end).is_some_and(|k| KERNELS.contains(&k));
    if of_kernel("-headers") {
        return Some(Part::Headers);
    }
    of_kernel("-docs").then_some(Part::Documents)
}

/// Whether `uname -r` prints this release while code of the package runs.
fn is_release(naming: Naming, package: &Package, running: &str) -> bool {
    let version = package.version.as_deref().unwrap_or_default();
    match naming {
        Naming::Debian => release_in_name(naming, &package.name) == Some(running),
        Naming::RedHat => is_red_hat_release(package, version, running),
        Naming::Suse => {
            let Some((release, flavour)) = running.rsplit_once('-') else {
                return false;
            };
            let line = package.name.strip_prefix("kernel-").unwrap_or_default();
            // The package's release counts rebuilds behind that of the source.
            let rebuilt = version.strip_prefix(release);
            line.split('-').next() == Some(flavour)
                && rebuilt.is_some_and(|r| r.is_empty() || r.starts_with('.'))
        }
        Naming::Alpine => {
            let Some((upstream, revision)) = version.rsplit_once("-r") else {
                return false;
            };
            let flavour = package.name.strip_prefix("linux-").unwrap_or_default();
            running == format!("{upstream}-{revision}-{flavour}")
        }
        Naming::Arch => is_arch_release(&package.name, version, running),
    }
}

/// `5.14.0-427.13.1.el9_4.x86_64+rt` is version, release, architecture and variant.
fn is_red_hat_release(package: &Package, version: &str, running: &str) -> bool {
    let version = version.split_once(':').map_or(version, |(_, v)| v);
    let (release, variant) = running.split_once('+').unwrap_or((running, ""));
    let Some(after) = release.strip_prefix(version) else {
        return false;
    };
    let arch_fits = match (after.strip_prefix('.'), package.arch.as_deref()) {
        (Some(running), Some(arch)) => running == arch,
        (Some(running), None) => !running.is_empty(),
        // Some listings carry the architecture in the version.
        (None, _) => after.is_empty(),
    };
    // Up to release 8 the real-time kernel shows in the version instead.
    let words = package.name.split('-');
    let mut built_as = words.filter(|w| ["rt", "debug", "64k", "zfcpdump"].contains(w));
    let variant_fits = if variant.is_empty() {
        built_as.all(|w| w == "rt" && release.contains(".rt"))
    } else {
        built_as.eq(variant.split('-'))
    };
    arch_fits && variant_fits
}

/// `6.9.3.arch1-1` of `linux` runs as `6.9.3-arch1-1`, `6.6.32-1` of `linux-lts` as `6.6.32-1-lts`.
fn is_arch_release(name: &str, version: &str, running: &str) -> bool {
    let dashed = |word: &str| version.replacen(&format!(".{word}"), &format!("-{word}"), 1);
    match name.strip_prefix("linux-") {
        None => running == dashed("arch"),
        Some(flavour) => running == format!("{}-{flavour}", dashed(flavour)),
    }
}

#[cfg(test)]
mod tests {
    use base::Ecosystem;
    use inventory::{Location, Source};

    use super::*;

    fn package(ecosystem: &str, name: &str, version: &str, arch: Option<&str>) -> Package {
        let mut package = Package::new(name, Some(version.to_owned()), Location::file("list"));
        package.ecosystem = Some(ecosystem.parse::<Ecosystem>().expect("an ecosystem"));
        package.arch = arch.map(str::to_owned);
        package
    }

    fn host(kernel: Option<&str>, packages: Vec<Package>) -> Host {
        Host {
            name: "host".to_owned(),
            kind: HostKind::Machine,
            os: None,
            kernel: kernel.map(str::to_owned),
            windows: None,
            services: Vec::new(),
            stale: Vec::new(),
            packages,
        }
    }

    /// Each release is one a system of that kind printed beside its package list.
    #[test]
    fn the_package_that_runs_is_told_by_the_release() {
        let check = |ecosystem: &str, name: &str, version: &str, running: &str, is: bool| {
            let package = package(ecosystem, name, version, Some("x86_64"));
            let naming = Naming::of(&package).expect("a family");
            assert_eq!(
                is_release(naming, &package, running),
                is,
                "{name} {version} as {running}"
            );
        };
        check(
            "Debian:12",
            "linux-image-6.1.0-18-amd64",
            "6.1.76-1",
            "6.1.0-18-amd64",
            true,
        );
        check(
            "Debian:12",
            "linux-image-6.1.0-17-amd64",
            "6.1.69-1",
            "6.1.0-18-amd64",
            false,
        );
        check(
            "Debian:13",
            "linux-image-6.12.43+deb13-amd64",
            "6.12.43-1",
            "6.12.43+deb13-amd64",
            true,
        );
        check(
            "Ubuntu:24.04:LTS",
            "linux-modules-extra-6.8.0-31-generic",
            "6.8.0-31.31",
            "6.8.0-31-generic",
            true,
        );
        check(
            "Ubuntu:22.04:LTS",
            "linux-image-6.5.0-1020-aws",
            "6.5.0-1020.20",
            "6.5.0-1020-aws",
            true,
        );
        check(
            "AlmaLinux:9",
            "kernel-core",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.13.1.el9_4.x86_64",
            true,
        );
        check(
            "AlmaLinux:9",
            "kernel-core",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.18.1.el9_4.x86_64",
            false,
        );
        check(
            "Red Hat:enterprise_linux:9",
            "kernel-rt-core",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.13.1.el9_4.x86_64+rt",
            true,
        );
        check(
            "Red Hat:enterprise_linux:9",
            "kernel-core",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.13.1.el9_4.x86_64+rt",
            false,
        );
        check(
            "Red Hat:enterprise_linux:8",
            "kernel-rt-core",
            "4.18.0-553.rt7.342.el8_10",
            "4.18.0-553.rt7.342.el8_10.x86_64",
            true,
        );
        check(
            "Red Hat:enterprise_linux:9",
            "kernel-debug-core",
            "5.14.0-427.13.1.el9_4",
            "5.14.0-427.13.1.el9_4.x86_64+debug",
            true,
        );
        check(
            "SUSE:Linux Enterprise Server 15 SP5",
            "kernel-default",
            "5.14.21-150500.55.52.1",
            "5.14.21-150500.55.52-default",
            true,
        );
        check(
            "SUSE:Linux Enterprise Server 15 SP5",
            "kernel-azure",
            "5.14.21-150500.55.52.1",
            "5.14.21-150500.55.52-default",
            false,
        );
        check(
            "Alpine:v3.20",
            "linux-lts",
            "6.6.31-r0",
            "6.6.31-0-lts",
            true,
        );
        check(
            "Alpine:v3.20",
            "linux-virt",
            "6.6.31-r0",
            "6.6.31-0-lts",
            false,
        );
        check(
            "Arch Linux",
            "linux",
            "6.9.3.arch1-1",
            "6.9.3-arch1-1",
            true,
        );
        check("Arch Linux", "linux-lts", "6.6.32-1", "6.6.32-1-lts", true);
        check(
            "Arch Linux",
            "linux-zen",
            "6.9.3.zen1-1",
            "6.9.3-zen1-1-zen",
            true,
        );
    }

    #[test]
    fn what_is_no_kernel_code_is_told_by_its_name() {
        let check = |ecosystem: &str, name: &str, source: Option<&str>, part: Option<&str>| {
            let mut package = package(ecosystem, name, "1", None);
            package.source = source.map(|name| Source {
                name: name.to_owned(),
                version: None,
            });
            let found = part_of(&package).map(|(_, part)| match part {
                Part::Code { line } => line.to_owned(),
                other => format!("{other:?}").to_lowercase(),
            });
            assert_eq!(found.as_deref(), part, "{name}");
        };
        check(
            "Debian:12",
            "linux-libc-dev",
            Some("linux"),
            Some("headers"),
        );
        check(
            "Debian:12",
            "linux-headers-6.1.0-18-amd64",
            Some("linux"),
            Some("headers"),
        );
        check(
            "Debian:12",
            "linux-image-amd64",
            Some("linux-signed-amd64"),
            Some("meta"),
        );
        check(
            "Debian:12",
            "linux-image-6.1.0-18-cloud-amd64",
            Some("linux-signed-amd64"),
            Some("cloud-amd64"),
        );
        check("Debian:12", "linux-base", Some("linux-base"), None);
        check("Debian:12", "libcpupower1", Some("linux"), Some("tools"));
        check(
            "Debian:12",
            "perf-tools-unstable",
            Some("perf-tools-unstable"),
            None,
        );
        check(
            "Ubuntu:24.04:LTS",
            "linux-tools-common",
            Some("linux"),
            Some("tools"),
        );
        check(
            "Ubuntu:24.04:LTS",
            "linux-firmware",
            Some("linux-firmware"),
            None,
        );
        check(
            "Ubuntu:24.04:LTS",
            "linux-hwe-6.8-headers-6.8.0-40",
            Some("linux-hwe-6.8"),
            Some("headers"),
        );
        check("AlmaLinux:9", "kernel-headers", None, Some("headers"));
        check("AlmaLinux:9", "kernel-rt-devel", None, Some("headers"));
        check("AlmaLinux:9", "kernel-modules-core", None, Some("kernel"));
        check(
            "AlmaLinux:9",
            "kernel-rt-debug-core",
            None,
            Some("kernel-rt-debug"),
        );
        check("AlmaLinux:9", "kernel-srpm-macros", None, None);
        check("AlmaLinux:9", "bpftool", None, Some("tools"));
        check(
            "openSUSE:Leap 15.5",
            "kernel-default-devel",
            None,
            Some("headers"),
        );
        check("openSUSE:Leap 15.5", "kernel-firmware-intel", None, None);
        check(
            "openSUSE:Leap 15.5",
            "kernel-default-extra",
            None,
            Some("default"),
        );
        check("Alpine:v3.20", "linux-pam", None, None);
        check(
            "Alpine:v3.20",
            "linux-virt",
            Some("linux-lts"),
            Some("virt"),
        );
        check("Arch Linux", "linux-zen-headers", None, Some("headers"));
        check("PyPI", "linux", None, None);
    }

    #[test]
    fn of_several_installed_kernels_only_the_running_one_counts() {
        let old = package("Debian:12", "linux-image-6.1.0-17-amd64", "6.1.69-1", None);
        let new = package("Debian:12", "linux-image-6.1.0-18-amd64", "6.1.76-1", None);
        let both = vec![old.clone(), new.clone()];
        let kernels = Kernels::of(&host(Some("6.1.0-18-amd64"), both.clone()));
        assert_eq!(kernels.bearing(&new), Bearing::Counts);
        let detail = "6.1.0-17-amd64 is installed, 6.1.0-18-amd64 runs";
        assert_eq!(
            kernels.bearing(&old),
            Bearing::NotRunning(detail.to_owned())
        );
        assert_eq!(kernels.note(), None);
        for unknown in [None, Some("6.1.99-custom")] {
            let kernels = Kernels::of(&host(unknown, both.clone()));
            assert_eq!(kernels.bearing(&old), Bearing::Counts);
            assert!(
                kernels
                    .note()
                    .is_some_and(|n| n.contains("every installed kernel counts"))
            );
        }
    }

    #[test]
    fn a_fix_that_waits_for_a_restart_is_named() {
        let old = package(
            "AlmaLinux:9",
            "kernel-core",
            "5.14.0-427.13.1.el9_4",
            Some("x86_64"),
        );
        let new = package(
            "AlmaLinux:9",
            "kernel-core",
            "5.14.0-427.18.1.el9_4",
            Some("x86_64"),
        );
        let running = "5.14.0-427.13.1.el9_4.x86_64";
        let kernels = Kernels::of(&host(Some(running), vec![old.clone(), new]));
        let fix = |fixed: &[&str]| {
            let fixed: Vec<String> = fixed.iter().map(|f| (*f).to_owned()).collect();
            kernels.installed_fix(&old, &fixed)
        };
        let words = "fixed kernel installed, restart needed: kernel-core 5.14.0-427.18.1.el9_4";
        assert_eq!(fix(&["0:5.14.0-427.16.1.el9_4"]).as_deref(), Some(words));
        assert_eq!(fix(&["5.14.0-427.20.1.el9_4"]), None);
        assert_eq!(fix(&[]), None);
    }

    #[test]
    fn headers_in_an_image_are_no_kernel() {
        let headers = package("Debian:12", "linux-libc-dev", "6.1.76-1", None);
        let image = Host {
            kind: HostKind::Image,
            ..host(None, vec![headers.clone()])
        };
        let why = "headers only, holds no kernel code; a container runs the kernel of its host";
        let kernels = Kernels::of(&image);
        assert_eq!(
            kernels.bearing(&headers),
            Bearing::NoKernelCode(why.to_owned())
        );
        assert_eq!(kernels.note(), None);
    }
}
