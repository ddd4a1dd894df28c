//! How each family of distributions names the packages built from the kernel's source, and which of them `uname -r` speaks of.

use inventory::Package;

/// What a package is, of those built from the kernel's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'p> {
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
pub(super) enum Naming {
    Debian,
    RedHat,
    Suse,
    Alpine,
    Arch,
}

impl Naming {
    pub(super) fn of(package: &Package) -> Option<Self> {
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

pub(super) fn part_of(package: &Package) -> Option<(Naming, Part<'_>)> {
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
pub(super) fn release_in_name(naming: Naming, name: &str) -> Option<&str> {
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
pub(super) fn is_release(naming: Naming, package: &Package, running: &str) -> bool {
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
}
