//! An operating system release and the OSV ecosystem its own packages belong to.
//!
//! Ids are those of `os-release(5)`; ecosystems those of <https://ossf.github.io/osv-schema/#defined-ecosystems>, with the
//! release suffix each database publishes.

use base::Ecosystem;

/// An operating system release (`os-release(5)`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Os {
    /// `ID`: `debian`, `almalinux`, `alpine`, `rhel`.
    pub id: String,
    /// `VERSION_ID`: `12`, `9.4`, `3.20.1`.
    pub version: Option<String>,
    /// `VERSION_CODENAME`, where given.
    pub codename: Option<String>,
    /// `PRETTY_NAME`, where given.
    pub pretty: Option<String>,
    /// `ID_LIKE`, where given.
    pub id_like: Vec<String>,
}

/// Debian code names and their release. `sid` is left out on purpose: it has no release to match against.
const DEBIAN_RELEASES: &[(&str, &str)] = &[
    ("woody", "3.0"),
    ("sarge", "3.1"),
    ("etch", "4.0"),
    ("lenny", "5.0"),
    ("squeeze", "6.0"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
];

/// Ubuntu code names and their version.
const UBUNTU_RELEASES: &[(&str, &str)] = &[
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

/// What other tools and package URLs call a system, and its `ID` in os-release.
const ID_ALIASES: &[(&str, &str)] = &[
    ("alma", "almalinux"),
    ("rockylinux", "rocky"),
    ("rocky-linux", "rocky"),
    ("redhat", "rhel"),
    ("red hat", "rhel"),
    ("redhatenterpriselinux", "rhel"),
    ("red hat enterprise linux", "rhel"),
    ("centos-stream", "centos"),
    ("oracle", "ol"),
    ("oraclelinux", "ol"),
    ("amazon", "amzn"),
    ("amazonlinux", "amzn"),
    ("cbl-mariner", "mariner"),
    ("azure-linux", "azurelinux"),
    ("opensuse.leap", "opensuse-leap"),
    ("opensuse.tumbleweed", "opensuse-tumbleweed"),
    ("suse linux enterprise server", "sles"),
    ("suse", "sles"),
    ("slem", "sle-micro"),
    ("suse linux enterprise micro", "sle-micro"),
    ("alpine linux", "alpine"),
    ("debian gnu/linux", "debian"),
];

impl Os {
    /// A system of which only the name and perhaps the version are known; the name may be any tool's word for it.
    pub fn named(id: &str, version: Option<&str>) -> Self {
        let lower = id.trim().to_ascii_lowercase();
        let id = look_up(ID_ALIASES, &lower).map_or(lower.clone(), str::to_owned);
        Self {
            id,
            version: version
                .map(str::trim)
                .filter(|v| !v.is_empty())
                .map(str::to_owned),
            ..Self::default()
        }
    }

    /// The OSV ecosystem with release that this system's own packages belong to, or `None` for one OSV does not name and
    /// for a release that cannot be told (Debian sid, Alpine edge): "not covered", which callers must show.
    pub fn ecosystem(&self) -> Option<Ecosystem> {
        let with = |name: &str, release: Option<String>| {
            release.map(|r| Ecosystem::with_release(name, &r))
        };
        match self.id.as_str() {
            "debian" => with("Debian", self.debian_release()),
            "ubuntu" => with("Ubuntu", self.ubuntu_release()),
            "alpine" => with("Alpine", self.alpine_branch()),
            "almalinux" => with("AlmaLinux", self.major()),
            "rocky" => with("Rocky Linux", self.major()),
            "rhel" | "centos" => with(
                "Red Hat",
                self.major().map(|m| format!("enterprise_linux:{m}")),
            ),
            "mageia" => with("Mageia", self.major()),
            "azurelinux" | "mariner" => with("Azure Linux", self.major()),
            "photon" => with("Photon OS", self.version.clone()),
            "openeuler" => with("openEuler", self.openeuler_release()),
            "opensuse-leap" => with(
                "openSUSE",
                self.version.as_ref().map(|v| format!("Leap {v}")),
            ),
            "opensuse-tumbleweed" => Some(Ecosystem::with_release("openSUSE", "Tumbleweed")),
            "sles" => with("SUSE", self.service_pack("Linux Enterprise Server")),
            "sled" => with("SUSE", self.service_pack("Linux Enterprise Desktop")),
            "sle-micro" | "sl-micro" => with(
                "SUSE",
                self.version
                    .as_ref()
                    .map(|v| format!("Linux Enterprise Micro {v}")),
            ),
            "wolfi" => Some(Ecosystem::new("Wolfi")),
            "chainguard" => Some(Ecosystem::new("Chainguard")),
            "minimos" => Some(Ecosystem::new("MinimOS")),
            _ => None,
        }
    }

    /// Whether the system is a rebuild that has no advisories of its own and is matched against the one it rebuilds.
    pub fn is_matched_as_red_hat(&self) -> bool {
        self.id == "centos"
    }

    /// `PRETTY_NAME`, else id and version: how a note names it.
    pub fn label(&self) -> String {
        match (&self.pretty, &self.version) {
            (Some(pretty), _) => pretty.clone(),
            (None, Some(version)) => format!("{} {version}", self.id),
            (None, None) => self.id.clone(),
        }
    }

    fn major(&self) -> Option<String> {
        leading_digits(self.version.as_deref()?).map(str::to_owned)
    }

    /// The first two numbers of the version: `3.20` of `3.20.1`, `18.04` of `18.04-ESM`.
    fn minor(&self) -> Option<String> {
        let version = self.version.as_deref()?.trim_start_matches('v');
        let mut parts = version.split('.').map(leading_digits);
        let (major, minor) = (parts.next()??, parts.next()??);
        Some(format!("{major}.{minor}"))
    }

    /// Testing and unstable carry no `VERSION_ID`; both name the next release's code name. Until 6.0 a release had two
    /// numbers, and OSV writes both; `6.0.10` and `6` are of `6.0`.
    fn debian_release(&self) -> Option<String> {
        let Some(major) = self.major() else {
            return self.by_codename(DEBIAN_RELEASES);
        };
        match major.as_str() {
            "4" | "5" | "6" => Some(format!("{major}.0")),
            "1" | "2" | "3" => self.minor(),
            _ => Some(major),
        }
    }

    /// OSV writes `22.04:LTS` for the even years' April releases and the bare version for the others.
    fn ubuntu_release(&self) -> Option<String> {
        let version = self.minor().or_else(|| self.by_codename(UBUNTU_RELEASES))?;
        let (year, month) = version.split_once('.')?;
        let is_lts = month == "04" && year.parse::<u32>().is_ok_and(|y| y % 2 == 0);
        Some(if is_lts {
            format!("{version}:LTS")
        } else {
            version
        })
    }

    /// Edge is versioned `3.21_alpha20240807` and belongs to no branch.
    fn alpine_branch(&self) -> Option<String> {
        let is_edge = self
            .version
            .as_deref()
            .is_some_and(|v| v.contains("_alpha"));
        if is_edge {
            None
        } else {
            self.minor().map(|m| format!("v{m}"))
        }
    }

    /// `15.5` is `Linux Enterprise Server 15 SP5`.
    fn service_pack(&self, product: &str) -> Option<String> {
        let version = self.version.as_deref()?;
        Some(match version.split_once('.') {
            Some((major, sp)) if sp != "0" => format!("{product} {major} SP{sp}"),
            Some((major, _)) => format!("{product} {major}"),
            None => format!("{product} {version}"),
        })
    }

    /// `VERSION_ID` leaves the service pack out; it stands in brackets in `PRETTY_NAME`: `openEuler 22.03 (LTS-SP1)`.
    fn openeuler_release(&self) -> Option<String> {
        let version = self.version.as_deref()?;
        let bracket = self
            .pretty
            .as_deref()
            .and_then(|p| p.split_once('('))
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(inside, _)| inside);
        Some(match bracket {
            Some(inside) => format!("{version}-{inside}"),
            None => version.to_owned(),
        })
    }

    /// The code name, or else the version or pretty name used as one (`distro=bookworm`, `trixie/sid`).
    fn by_codename(&self, releases: &[(&str, &str)]) -> Option<String> {
        [&self.codename, &self.version, &self.pretty]
            .into_iter()
            .flatten()
            .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()))
            .find_map(|word| look_up(releases, &word.to_ascii_lowercase()))
            .map(str::to_owned)
    }
}

/// Systems whose ecosystem has releases, and its name.
const WITH_RELEASES: &[(&str, &str)] = &[
    ("debian", "Debian"),
    ("ubuntu", "Ubuntu"),
    ("alpine", "Alpine"),
    ("almalinux", "AlmaLinux"),
    ("rocky", "Rocky Linux"),
    ("rhel", "Red Hat"),
    ("centos", "Red Hat"),
    ("sles", "SUSE"),
    ("sled", "SUSE"),
    ("opensuse", "openSUSE"),
    ("opensuse-leap", "openSUSE"),
    ("mageia", "Mageia"),
    ("photon", "Photon OS"),
    ("openeuler", "openEuler"),
    ("azurelinux", "Azure Linux"),
    ("mariner", "Azure Linux"),
];

/// The ecosystem of a distribution whose release is not known, without one.
pub(crate) fn without_release(id: &str) -> Option<Ecosystem> {
    match look_up(WITH_RELEASES, id) {
        Some(name) => Some(Ecosystem::new(name)),
        None => Os::named(id, None).ecosystem(),
    }
}

/// Whether packages of an ecosystem need a release to be matched.
pub(crate) fn has_releases(ecosystem: &str) -> bool {
    WITH_RELEASES.iter().any(|(_, name)| *name == ecosystem)
}

/// The system a bare code name belongs to: `bookworm`, `jammy`.
pub(crate) fn by_codename(word: &str) -> Option<Os> {
    let word = word.to_ascii_lowercase();
    let found = |id: &str, table| look_up(table, &word).map(|v| Os::named(id, Some(v)));
    found("debian", DEBIAN_RELEASES).or_else(|| found("ubuntu", UBUNTU_RELEASES))
}

/// The digits a text begins with, if any.
pub(crate) fn leading_digits(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn look_up<'a>(table: &[(&str, &'a str)], key: &str) -> Option<&'a str> {
    table.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, version: &str, ecosystem: Option<&str>) {
        let os = Os::named(id, Some(version));
        assert_eq!(
            os.ecosystem().map(|e| e.to_string()).as_deref(),
            ecosystem,
            "{id} {version}"
        );
    }

    #[test]
    fn a_release_is_written_the_way_osv_writes_it() {
        check("debian", "12", Some("Debian:12"));
        check("debian", "12.5", Some("Debian:12"));
        check("debian", "6.0.10", Some("Debian:6.0"));
        check("debian", "5", Some("Debian:5.0"));
        check("debian", "3.1", Some("Debian:3.1"));
        check("debian", "squeeze", Some("Debian:6.0"));
        check("ubuntu", "22.04", Some("Ubuntu:22.04:LTS"));
        check("ubuntu", "22.04.3", Some("Ubuntu:22.04:LTS"));
        check("ubuntu", "18.04-ESM", Some("Ubuntu:18.04:LTS"));
        check("ubuntu", "23.10", Some("Ubuntu:23.10"));
        check("ubuntu", "23.04", Some("Ubuntu:23.04"));
        check("alpine", "3.20.1", Some("Alpine:v3.20"));
        check("alpine", "v3.9", Some("Alpine:v3.9"));
        check("almalinux", "9.4", Some("AlmaLinux:9"));
        check("almalinux", "10.0", Some("AlmaLinux:10"));
        check("rocky", "8.10", Some("Rocky Linux:8"));
        check("rhel", "9.4", Some("Red Hat:enterprise_linux:9"));
        check("centos", "7", Some("Red Hat:enterprise_linux:7"));
        check("sles", "15.5", Some("SUSE:Linux Enterprise Server 15 SP5"));
        check("sles", "15", Some("SUSE:Linux Enterprise Server 15"));
        check("opensuse-leap", "15.6", Some("openSUSE:Leap 15.6"));
        check(
            "opensuse-tumbleweed",
            "20240901",
            Some("openSUSE:Tumbleweed"),
        );
        check("wolfi", "20230201", Some("Wolfi"));
        check("chainguard", "20230214", Some("Chainguard"));
        check("azurelinux", "3.0", Some("Azure Linux:3"));
        check("mariner", "2.0", Some("Azure Linux:2"));
        check("photon", "5.0", Some("Photon OS:5.0"));
    }

    #[test]
    fn what_osv_does_not_name_is_not_covered() {
        for (id, version) in [
            ("fedora", "40"),
            ("amzn", "2023"),
            ("ol", "9.4"),
            ("arch", ""),
            ("alpine", "3.21_alpha20240807"),
            ("alpine", "edge"),
            ("debian", ""),
            ("debian", "sid"),
            ("almalinux", "next"),
            ("", "12"),
        ] {
            check(id, version, None);
        }
    }

    #[test]
    fn the_names_of_other_tools_are_understood() {
        check("redhat", "8.10", Some("Red Hat:enterprise_linux:8"));
        check("alma", "9.3", Some("AlmaLinux:9"));
        check("opensuse.leap", "15.5", Some("openSUSE:Leap 15.5"));
        check("Debian", "bookworm", Some("Debian:12"));
        check("debian", "trixie/sid", Some("Debian:13"));
        check("ubuntu", "focal", Some("Ubuntu:20.04:LTS"));
    }

    #[test]
    fn openeuler_takes_its_service_pack_from_the_pretty_name() {
        let os = Os {
            pretty: Some("openEuler 22.03 (LTS-SP1)".to_owned()),
            ..Os::named("openEuler", Some("22.03"))
        };
        assert_eq!(
            os.ecosystem().unwrap().to_string(),
            "openEuler:22.03-LTS-SP1"
        );
    }
}
