//! What a Windows machine says of itself: build, installed updates, roles. An update of Windows is no package with a version;
//! whether one is there is told by the build, by the list of installed updates, or by neither.

use base::Kb;
use jiff::civil::Date;

/// A Windows system. Every fact may be missing; what is missing is `None`, never a guess.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// As the machine prints it, without trademark signs, which code pages spell in many ways: `Microsoft Windows Server 2019
    /// Datacenter`.
    pub name: Option<String>,
    /// The kernel's version and build, with the revision of the last cumulative update where the source has it.
    pub build: Option<WindowsBuild>,
    /// `1809`, `22H2`, where the source has it.
    pub release: Option<String>,
    /// The number of the service pack; `Some(0)` where the source says there is none.
    pub service_pack: Option<u8>,
    /// The processor architecture of the system.
    pub arch: Option<WindowsArch>,
    /// Server without a desktop; `None` where the source does not say.
    pub server_core: Option<bool>,
    /// The updates that are installed. `None`: the source does not list them; empty: it lists none.
    pub updates: Option<Vec<InstalledUpdate>>,
    /// The list of updates broke off (`systeminfo` prints so many bytes and no more), so an update that is not in it may be
    /// installed all the same.
    pub updates_cut: bool,
    /// Roles and features, installed or available. `None`: the source does not list them.
    pub features: Option<Vec<WindowsFeature>>,
    /// The web server, where one was found.
    pub iis: Option<Iis>,
    /// An update waits for a restart; `None` where the source does not say.
    pub pending_reboot: Option<bool>,
}

impl Windows {
    /// Adds what another file of the same machine says: a fact that is missing here is taken over, lists are united, and of two
    /// builds the one with a revision holds.
    pub fn complete(&mut self, other: &Self) {
        let has_revision = |b: &Option<WindowsBuild>| b.is_some_and(|b| b.revision.is_some());
        if self.build.is_none() || (!has_revision(&self.build) && has_revision(&other.build)) {
            self.build = other.build.or(self.build);
        }
        self.name = self.name.take().or_else(|| other.name.clone());
        self.release = self.release.take().or_else(|| other.release.clone());
        self.service_pack = self.service_pack.or(other.service_pack);
        self.arch = self.arch.or(other.arch);
        self.server_core = self.server_core.or(other.server_core);
        self.pending_reboot = self.pending_reboot.or(other.pending_reboot);
        self.updates_cut = match (&self.updates, &other.updates) {
            (Some(_), Some(_)) => self.updates_cut && other.updates_cut,
            (None, Some(_)) => other.updates_cut,
            (_, None) => self.updates_cut,
        };
        self.updates = united(self.updates.take(), other.updates.as_ref()).map(once_each);
        self.features = united(self.features.take(), other.features.as_ref());
        match (&mut self.iis, &other.iis) {
            (Some(iis), Some(other)) => iis.complete(other),
            (None, Some(other)) => self.iis = Some(other.clone()),
            (_, None) => {}
        }
    }
}

impl Windows {
    /// IIS where its role is installed, and its version where only the system's is known: each release of Windows has its own
    /// (<https://learn.microsoft.com/en-us/lifecycle/products/internet-information-services-iis>).
    pub(crate) fn settle_iis(&mut self) {
        const ROLES: [&str; 3] = ["Web-Server", "IIS-WebServerRole", "IIS-WebServer"];
        let is_role = |f: &WindowsFeature| ROLES.iter().any(|r| f.name.eq_ignore_ascii_case(r));
        let features = self.features.iter().flatten();
        if self.iis.is_none() && features.filter(|f| f.installed).any(is_role) {
            self.iis = Some(Iis::default());
        }
        let of_system = self.build.and_then(WindowsBuild::iis_version);
        if let Some(iis) = &mut self.iis {
            iis.version = iis.version.take().or_else(|| of_system.map(str::to_owned));
        }
    }
}

impl WindowsBuild {
    const fn iis_version(self) -> Option<&'static str> {
        Some(match (self.major, self.minor) {
            (4, 0) => "4.0",
            (5, 0) => "5.0",
            (5, 1) => "5.1",
            (5, 2) => "6.0",
            (6, 0) => "7.0",
            (6, 1) => "7.5",
            (6, 2) => "8.0",
            (6, 3) => "8.5",
            (10, 0) => "10.0",
            _ => return None,
        })
    }
}

impl Iis {
    fn complete(&mut self, other: &Self) {
        self.version = self.version.take().or_else(|| other.version.clone());
        let ours = std::mem::take(&mut self.extensions);
        self.extensions = united(Some(ours), Some(&other.extensions)).unwrap_or_default();
    }
}

/// Both lists, sorted, each entry once; `None` only if both are.
fn united<T: Ord + Clone>(ours: Option<Vec<T>>, theirs: Option<&Vec<T>>) -> Option<Vec<T>> {
    if ours.is_none() && theirs.is_none() {
        return None;
    }
    let mut all: Vec<T> = ours
        .into_iter()
        .flatten()
        .chain(theirs.into_iter().flatten().cloned())
        .collect();
    all.sort();
    all.dedup();
    Some(all)
}

/// Sorted updates, each once: an entry with a day stands for one without, and of two days the later one holds.
fn once_each(sorted: Vec<InstalledUpdate>) -> Vec<InstalledUpdate> {
    let mut kept: Vec<InstalledUpdate> = Vec::with_capacity(sorted.len());
    for update in sorted {
        match kept.last_mut().filter(|last| last.kb == update.kb) {
            Some(last) => *last = update,
            None => kept.push(update),
        }
    }
    kept
}

/// `10.0.17763.8385`: version, build, and the update build revision (UBR) that only the registry and `winver` know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowsBuild {
    /// `10` of `10.0`.
    pub major: u16,
    /// `0` of `10.0`.
    pub minor: u16,
    /// `17763`.
    pub build: u32,
    /// `8385`; `systeminfo` does not print it.
    pub revision: Option<u32>,
}

/// The architectures Windows has been made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WindowsArch {
    /// 32 bit x86.
    X86,
    /// 64 bit x86.
    X64,
    /// 64 bit ARM.
    Arm64,
    /// Itanium.
    Ia64,
}

/// An update that is installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstalledUpdate {
    /// Its number.
    pub kb: Kb,
    /// When the machine says it was installed; formats follow the machine's language, so an ambiguous date is `None`.
    pub installed: Option<Date>,
}

/// A role or feature of Windows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowsFeature {
    /// The name that does not depend on the language: `Web-Server`, `IIS-ISAPIExtensions`.
    pub name: String,
    /// Whether it is installed.
    pub installed: bool,
}

/// Internet Information Services, by configuration or by banner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Iis {
    /// `10.0`, `5.0`.
    pub version: Option<String>,
    /// Libraries that answer for a file type: ISAPI extensions and filters, CGI programs, native modules.
    pub extensions: Vec<IisExtension>,
}

/// A piece of code IIS runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IisExtension {
    /// The file's path as configured: `%windir%\system32\inetsrv\asp.dll`.
    pub path: String,
    /// Whether the configuration allows it to run.
    pub enabled: bool,
}

impl std::fmt::Display for WindowsBuild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)?;
        self.revision.map_or(Ok(()), |r| write!(f, ".{r}"))
    }
}

/// The text is no Windows version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWindowsBuild;

impl std::str::FromStr for WindowsBuild {
    type Err = NotAWindowsBuild;

    /// `10.0.17763` or `10.0.17763.8385`.
    fn from_str(text: &str) -> Result<Self, NotAWindowsBuild> {
        let mut numbers = text.trim().split('.').map(str::parse::<u32>);
        let mut next = || numbers.next().transpose().map_err(|_| NotAWindowsBuild);
        let short = |n: Option<u32>| {
            n.and_then(|n| u16::try_from(n).ok())
                .ok_or(NotAWindowsBuild)
        };
        let build = Self {
            major: short(next()?)?,
            minor: short(next()?)?,
            build: next()?.ok_or(NotAWindowsBuild)?,
            revision: next()?,
        };
        next()?.map_or(Ok(build), |_| Err(NotAWindowsBuild))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_makes_iis_and_the_system_its_version() {
        let check = |build: &str, features: &[(&str, bool)], expected: Option<&str>| {
            let feature = |(name, installed): &(&str, bool)| WindowsFeature {
                name: (*name).to_owned(),
                installed: *installed,
            };
            let mut windows = Windows {
                build: build.parse().ok(),
                features: Some(features.iter().map(feature).collect()),
                ..Windows::default()
            };
            windows.settle_iis();
            let version = windows.iis.map(|iis| iis.version.unwrap_or_default());
            assert_eq!(version.as_deref(), expected, "{build}");
        };
        check("5.0.2195", &[("IIS-WebServer", true)], Some("5.0"));
        check("10.0.17763", &[("Web-Server", true)], Some("10.0"));
        check("10.0.17763", &[("Web-Server", false)], None);
        check("", &[("Web-Server", true)], Some(""));
    }

    #[test]
    fn a_list_that_broke_off_is_whole_beside_one_that_did_not() {
        let with = |updates: Option<u32>, updates_cut: bool| Windows {
            updates: updates.map(|n| {
                vec![InstalledUpdate {
                    kb: Kb::new(n),
                    installed: None,
                }]
            }),
            updates_cut,
            ..Windows::default()
        };
        let check = |mut first: Windows, second: &Windows, cut: bool| {
            first.complete(second);
            assert_eq!(first.updates_cut, cut);
        };
        check(
            with(Some(100_000), true),
            &with(Some(100_001), false),
            false,
        );
        check(with(Some(100_000), true), &with(Some(100_001), true), true);
        check(with(None, false), &with(Some(100_001), true), true);
        check(with(Some(100_000), true), &with(None, false), true);
    }

    fn check(text: &str, expected: Option<(u16, u16, u32, Option<u32>)>) {
        let got = text.parse::<WindowsBuild>().ok();
        assert_eq!(
            got.map(|b| (b.major, b.minor, b.build, b.revision)),
            expected,
            "{text}"
        );
        if let Some(build) = got {
            assert_eq!(build.to_string(), text);
        }
    }

    #[test]
    fn a_build_has_a_revision_or_not() {
        check("10.0.17763", Some((10, 0, 17_763, None)));
        check("10.0.17763.8385", Some((10, 0, 17_763, Some(8_385))));
        check("5.0.2195", Some((5, 0, 2_195, None)));
    }

    #[test]
    fn other_texts_are_no_build() {
        for text in [
            "",
            "10",
            "10.0",
            "10.0.x",
            "10.0.1.2.3",
            "99999.0.1",
            "10.0.99999999999",
        ] {
            check(text, None);
        }
    }
}
