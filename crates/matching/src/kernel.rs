//! The rule of the running kernel: of several installed kernels only the one that runs counts, and packages that are built from
//! the kernel's source but hold none of its code (headers, tools, documents) do not count at all.
//!
//! A release (`uname -r`) and a package are compared by the naming of each family: the release stands in the package's name on
//! Debian and Ubuntu, is version, release and architecture on rpm systems of Red Hat's line, and version and flavour on SUSE,
//! Alpine and Arch. Where the running kernel is unknown, or is none of those installed, every installed kernel counts: a
//! spelling this file does not know must not silence a finding.

mod naming;

use std::collections::HashMap;

use advisories::catalog::{Catalog, CatalogError};
use inventory::{Host, HostKind, Package};
use versions::scheme_or_generic;

use self::naming::{Naming, Part, is_release, part_of, release_in_name};
use crate::matched::{Matches, Negative, Reason};
use crate::package::Options;

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

    /// Applies the rule to what was found for a package: what it has through a kernel that does not run, or through code it
    /// does not hold, becomes a negative, and where only a restart is missing the reason says so.
    pub fn settle(
        &self,
        catalog: &Catalog,
        package: &Package,
        options: Options,
        matches: &mut Matches,
    ) -> Result<(), CatalogError> {
        let (reason, detail) = match self.bearing(package) {
            Bearing::Counts => {
                for found in &mut matches.affected {
                    if let Some(words) = self.installed_fix(package, &found.fixed) {
                        found.why = format!("{}; {words}", found.why);
                    }
                }
                return Ok(());
            }
            Bearing::NotRunning(detail) => (Reason::NotRunning, detail),
            Bearing::NoKernelCode(detail) => (Reason::ComponentAbsent, detail),
        };
        for found in std::mem::take(&mut matches.affected) {
            if options.negatives {
                matches.not_affected.push(Negative {
                    source: catalog.advisory(found.advisory)?.feed.to_owned(),
                    id: found.id,
                    cves: found.cves,
                    reason,
                    detail: detail.clone(),
                });
            }
        }
        matches.not_affected.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
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

#[cfg(test)]
mod tests {
    use base::Ecosystem;
    use inventory::Location;

    use super::*;

    fn package(ecosystem: &str, name: &str, version: &str, arch: Option<&str>) -> Package {
        let mut package = Package::new(name, Some(version.to_owned()), Location::file("list"));
        package.ecosystem = Some(ecosystem.parse::<Ecosystem>().expect("an ecosystem"));
        package.arch = arch.map(str::to_owned);
        package
    }

    fn host(kernel: Option<&str>, packages: Vec<Package>) -> Host {
        Host {
            kernel: kernel.map(str::to_owned),
            packages,
            ..Host::new("host", HostKind::Machine)
        }
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
