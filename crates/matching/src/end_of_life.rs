//! Until when a system gets security updates: the vendors' own dates, which are data (`end_of_life.toml`). A host past its end
//! shows fewer findings, not fewer holes.

use std::sync::LazyLock;

use inventory::Host;
use jiff::civil::Date;
use serde::Deserialize;

use crate::channel::has_ubuntu_pro;

static TABLE: &str = include_str!("end_of_life.toml");

/// How many days before its end a system's support is told to be ending.
const SOON_DAYS: i32 = 120;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    system: Vec<System>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    /// As os-release has it.
    id: String,
    name: String,
    /// What the extended support is called.
    #[serde(default)]
    by: String,
    /// Whether everybody gets the extended support without doing anything.
    #[serde(default)]
    is_for_all: bool,
    release: Vec<Release>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    version: String,
    standard: toml::value::Datetime,
    extended: Option<toml::value::Datetime>,
}

static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| {
    let table: Table = toml::from_str(TABLE).expect("a test reads the table that ships");
    table.system
});

/// What a vendor says of the support of a host's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// `Debian 10`.
    pub system: String,
    /// The last day this host gets security updates.
    pub until: Date,
    /// Support that can be had beyond that day: its name, and its last day.
    pub more: Option<(&'static str, Date)>,
}

impl Support {
    /// Of the host's system, where its dates are known.
    pub fn of(host: &Host) -> Option<Self> {
        let id = host.os.as_ref()?.id.as_str();
        let system = SYSTEMS.iter().find(|s| s.id == id)?;
        let release = system.release.iter().find(|r| r.is_of(host))?;
        let standard = date(release.standard)?;
        let extended = release.extended.and_then(date);
        let has_extended = system.is_for_all || (id == "ubuntu" && has_ubuntu_pro(host));
        let (until, more) = match extended {
            Some(extended) if has_extended => (extended, None),
            Some(extended) => (standard, Some((system.by.as_str(), extended))),
            None => (standard, None),
        };
        Some(Self {
            system: format!("{} {}", system.name, release.version),
            until,
            more,
        })
    }

    /// Whether the last day is past.
    pub fn has_ended(&self, today: Date) -> bool {
        self.until < today
    }

    /// Whether nothing more is to be had either, for money or work.
    pub fn is_over(&self, today: Date) -> bool {
        self.has_ended(today) && self.more.is_none_or(|(_, end)| end < today)
    }

    /// What is to be said of it on a day: that it has ended, or soon will.
    pub fn sentence(&self, today: Date) -> Option<String> {
        let Self { system, until, .. } = self;
        let more = match self.more {
            Some((by, end)) if end >= today => format!(" ({by} until {end})"),
            Some((by, end)) => format!(" ({by} ended on {end})"),
            None => String::new(),
        };
        if self.has_ended(today) {
            return Some(format!(
                "{system} has had no security updates since {until}{more}"
            ));
        }
        let days = until.since(today).ok()?.get_days();
        (days <= SOON_DAYS)
            .then(|| format!("{system} gets security updates until {until} only{more}"))
    }
}

impl Release {
    fn is_of(&self, host: &Host) -> bool {
        if let Some(windows) = &host.windows {
            let name = windows.name.as_deref().unwrap_or_default();
            return name.contains(&format!("Windows {}", self.version));
        }
        let version = host.os.as_ref().and_then(|os| os.version.as_deref());
        let rest = version.and_then(|v| v.strip_prefix(self.version.as_str()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

fn date(of: toml::value::Datetime) -> Option<Date> {
    of.date?.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use inventory::{HostKind, Os, Windows};
    use jiff::civil::date;

    use super::*;

    fn check(id: &str, version: &str, expected: Option<&str>) {
        let mut host = Host::new("h", HostKind::Machine);
        if id == "windows" {
            host.windows = Some(Windows {
                name: Some(version.to_owned()),
                ..Windows::default()
            });
        }
        host.os = Some(Os::named(id, (id != "windows").then_some(version)));
        let support = Support::of(&host);
        let sentence = support.and_then(|s| s.sentence(date(2026, 8, 21)));
        assert_eq!(sentence.as_deref(), expected, "{id} {version}");
    }

    #[test]
    fn a_system_near_or_past_its_end_is_told() {
        check(
            "debian",
            "10",
            Some("Debian 10 has had no security updates since 2024-06-30"),
        );
        check(
            "debian",
            "11",
            Some("Debian 11 gets security updates until 2026-08-31 only"),
        );
        check("debian", "12", None);
        check(
            "ubuntu",
            "20.04",
            Some(
                "Ubuntu 20.04 has had no security updates since 2025-05-31 (Ubuntu Pro until 2030-04-02)",
            ),
        );
        check(
            "alpine",
            "3.18.4",
            Some("Alpine Linux 3.18 has had no security updates since 2025-05-09"),
        );
        check("alpine", "3.2", None);
        check("almalinux", "9.4", None);
        check(
            "windows",
            "Microsoft Windows Server 2012 R2 Standard",
            Some(
                "Windows Server 2012 has had no security updates since 2023-10-10 (Extended Security Updates until 2026-10-13)",
            ),
        );
        check("nixos", "24.05", None);
    }

    #[test]
    fn every_date_is_one_and_extended_support_ends_later_and_has_a_name() {
        for system in SYSTEMS.iter() {
            for release in &system.release {
                let standard = super::date(release.standard).unwrap();
                if let Some(extended) = release.extended {
                    assert!(super::date(extended).unwrap() > standard, "{}", system.id);
                    assert!(!system.by.is_empty(), "{}", system.id);
                }
            }
        }
    }
}
