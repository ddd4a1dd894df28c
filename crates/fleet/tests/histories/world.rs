//! Small worlds for random histories: advisories over a few packages of five families, and hosts that have them in every way
//! that decides: kernels of which one runs, Ubuntu Pro, states of Windows, a product known by its CPE name.

use advisories::catalog::{Builder, Catalog};
use advisories::model::{Advisory, Affected, Batch, KevEntry, MICROSOFT, Update};
use base::{CveId, Kb};
use inventory::{Host, HostKind, InstalledUpdate, Location, Package, Source, Windows};
use versions::{Event, EventKind, Range, RangeKind};

/// Bytes that decide, taken one after the other; when they are out, zeros.
pub(super) struct Dice<'b>(pub(super) &'b [u8]);

impl Dice<'_> {
    pub(super) fn below(&mut self, limit: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first % limit
    }

    fn is(&mut self, one_in: u8) -> bool {
        self.below(one_in) == 1
    }
}

const SLOTS: u8 = 6;

/// The advisories of a moment.
#[derive(Clone, Default)]
pub(super) struct World {
    records: [Option<Advisory>; SLOTS as usize],
    kev: Vec<CveId>,
    updates: Vec<Update>,
}

/// Every id a record of these worlds may go by.
pub(super) fn ids() -> Vec<String> {
    let mut ids: Vec<String> = (0..SLOTS * 2).map(id).collect();
    ids.extend((0..SLOTS).map(|n| cve(n).to_string()));
    ids.sort();
    ids.dedup();
    ids
}

fn cve(number: u8) -> CveId {
    CveId::new(2026, u32::from(number) + 1)
}

/// Some are CVEs themselves, some name one, some are errata.
fn id(number: u8) -> String {
    match number % 4 {
        0 => cve(number % SLOTS).to_string(),
        1 => format!("GHSA-{number}"),
        2 => format!("UBUNTU-{}", cve(number % SLOTS)),
        _ => format!("DSA-{number}"),
    }
}

/// Ecosystem and package of what advisories speak of, and how a version of it is written.
const SUBJECTS: [(&str, &str, &str, &str); 7] = [
    ("Debian:12", "openssl", "", "-1"),
    ("Debian:12", "linux", "6.1.", "-1"),
    ("Ubuntu:22.04:LTS", "curl", "", "-1"),
    ("Ubuntu:Pro:22.04:LTS", "curl", "", "-1+esm1"),
    ("npm", "left-pad", "1.", ".0"),
    ("Debian:13", "openssl", "", "-1"),
    ("product", "acme/gateway", "", ".0"),
];

fn affected(dice: &mut Dice<'_>) -> Affected {
    let (ecosystem, package, before, after) = SUBJECTS[usize::from(dice.below(7))];
    let mut events = vec![event(EventKind::Introduced, "0".to_owned())];
    let fix = dice.below(6);
    if fix > 0 {
        events.push(event(EventKind::Fixed, format!("{before}{fix}{after}")));
    }
    Affected {
        ranges: vec![Range {
            kind: RangeKind::Ecosystem,
            events,
        }],
        ..of(ecosystem, package)
    }
}

fn event(kind: EventKind, version: String) -> Event {
    Event { kind, version }
}

fn of(ecosystem: &str, package: &str) -> Affected {
    Affected {
        ecosystem: ecosystem.parse().unwrap(),
        package: package.to_owned(),
        ranges: Vec::new(),
        versions: Vec::new(),
        except: Vec::new(),
        scores: Vec::new(),
        component: None,
        updates: Vec::new(),
        vendor_state: None,
    }
}

impl World {
    /// An advisory in every slot.
    pub(super) fn new(dice: &mut Dice<'_>) -> Self {
        let mut world = Self::default();
        for slot in 0..SLOTS {
            world.records[usize::from(slot)] = Some(record(slot, dice));
        }
        world
    }

    /// Changes one thing.
    pub(super) fn change(&mut self, dice: &mut Dice<'_>) {
        let slot = usize::from(dice.below(SLOTS));
        match dice.below(8) {
            0 => self.records[slot] = None,
            1 => {
                if let Some(record) = &mut self.records[slot] {
                    let now = jiff::Timestamp::UNIX_EPOCH;
                    record.withdrawn = record.withdrawn.xor(Some(now));
                }
            }
            2 => {
                let listed = cve(slot as u8);
                match self.kev.iter().position(|known| *known == listed) {
                    Some(at) => drop(self.kev.remove(at)),
                    None => self.kev.push(listed),
                }
            }
            3 => self.updates = updates(dice),
            4 => {
                if let Some(record) = &mut self.records[slot] {
                    record.aliases = vec![id(dice.below(SLOTS * 2))];
                }
            }
            _ => self.records[slot] = Some(record(slot as u8, dice)),
        }
    }

    pub(super) fn catalog(&self) -> Catalog {
        let kev = self.kev.iter().map(|cve| KevEntry {
            cve: *cve,
            added: jiff::civil::date(2026, 1, 1),
            due: None,
            ransomware: None,
            vendor: String::new(),
            product: String::new(),
            name: String::new(),
        });
        let mut advisories: Vec<Advisory> = self.records.iter().flatten().cloned().collect();
        advisories.sort_by(|a, b| a.id.cmp(&b.id));
        advisories.dedup_by(|a, b| a.id == b.id);
        let batch = Batch {
            advisories,
            kev: kev.collect(),
            updates: self.updates.clone(),
            ..Batch::default()
        };
        let mut builder = Builder::new();
        builder.add("test", batch);
        Catalog::from_bytes(builder.finish()).unwrap()
    }
}

fn record(slot: u8, dice: &mut Dice<'_>) -> Advisory {
    let own = slot + SLOTS * dice.below(2);
    let mut affected: Vec<Affected> = (0..=dice.below(2)).map(|_| affected(dice)).collect();
    if dice.is(4) {
        affected = vec![Affected {
            updates: vec![Kb::new(5_000_000 + u32::from(dice.below(3)))],
            ..of(MICROSOFT, "Windows Server 2022")
        }];
    }
    let mut others: Vec<String> = Vec::new();
    for _ in 0..dice.below(3) {
        others.push(id(dice.below(SLOTS * 2)));
    }
    others.retain(|other| *other != id(own));
    let (aliases, related) = match dice.is(3) {
        true => (
            Vec::new(),
            (0..=dice.below(2)).map(|n| cve(n).to_string()).collect(),
        ),
        false => (others, Vec::new()),
    };
    Advisory {
        id: id(own),
        aliases,
        related,
        upstream: Vec::new(),
        published: None,
        modified: None,
        withdrawn: None,
        summary: String::new(),
        scores: Vec::new(),
        severity: None,
        informational: None,
        exploited: None,
        affected,
        references: Vec::new(),
    }
}

/// Which update replaces which: a chain that is there or is not.
fn updates(dice: &mut Dice<'_>) -> Vec<Update> {
    let one = |number: u32, supersedes: Vec<Kb>| Update {
        product: "Windows Server 2022".to_owned(),
        kb: Kb::new(5_000_000 + number),
        released: None,
        supersedes,
        build: None,
        component: String::new(),
    };
    let chain = |number: u32| match dice.is(2) {
        true => vec![Kb::new(5_000_000 + number - 1)],
        false => Vec::new(),
    };
    let chains: Vec<Vec<Kb>> = [1, 2].map(chain).into();
    let [first, second] = chains.try_into().unwrap();
    vec![one(0, Vec::new()), one(1, first), one(2, second)]
}

fn package(ecosystem: &str, name: &str, version: String, source: Option<&str>) -> Package {
    let source = source.map(|name| Source {
        name: name.to_owned(),
        version: None,
    });
    Package {
        ecosystem: ecosystem.parse().ok(),
        source,
        ..Package::new(name, Some(version), Location::file("list"))
    }
}

/// What a host may have, by small numbers of which zero is nothing.
#[derive(Clone, Default)]
struct Parts {
    openssl: u8,
    libssl: u8,
    kernels: Vec<u8>,
    running: Option<u8>,
    curl: u8,
    is_pro: bool,
    left_pads: Vec<u8>,
    windows: Option<Vec<u8>>,
    gateway: u8,
}

impl Parts {
    fn roll(dice: &mut Dice<'_>) -> Self {
        let kernels: Vec<u8> = (0..dice.below(3)).map(|_| 1 + dice.below(4)).collect();
        let running = kernels.get(usize::from(dice.below(3))).copied();
        Self {
            openssl: dice.below(6),
            libssl: dice.below(6),
            kernels,
            running,
            curl: dice.below(6),
            is_pro: dice.is(3),
            left_pads: (0..dice.below(3)).map(|_| 1 + dice.below(5)).collect(),
            windows: dice.is(3).then(|| (0..dice.below(3)).collect()),
            gateway: dice.below(6),
        }
    }

    fn packages(&self) -> Vec<Package> {
        let mut packages = Vec::new();
        let numbers = [("openssl", self.openssl), ("libssl3", self.libssl)];
        for (name, number) in numbers.into_iter().filter(|(_, n)| *n > 0) {
            packages.push(package(
                "Debian:12",
                name,
                format!("{number}-1"),
                Some("openssl"),
            ));
        }
        for number in &self.kernels {
            let name = format!("linux-image-6.1.0-{number}-amd64");
            packages.push(package(
                "Debian:12",
                &name,
                format!("6.1.{number}-1"),
                Some("linux"),
            ));
        }
        if self.curl > 0 {
            let version = format!("{}-1", self.curl);
            packages.push(package("Ubuntu:22.04:LTS", "curl", version, Some("curl")));
        }
        if self.is_pro {
            packages.push(package(
                "Ubuntu:22.04:LTS",
                "jq",
                "1-1+esm1".to_owned(),
                Some("jq"),
            ));
        }
        for number in &self.left_pads {
            packages.push(package("npm", "left-pad", format!("1.{number}.0"), None));
        }
        if self.gateway > 0 {
            let version = format!("{}.0", self.gateway);
            let cpe = format!("cpe:2.3:a:acme:gateway:{version}:*:*:*:*:*:*:*");
            packages.push(Package {
                ecosystem: None,
                cpe: cpe.parse().ok(),
                ..package("npm", "gateway", version, None)
            });
        }
        if self.windows.is_some() {
            let version = "10.0.20348".to_owned();
            packages.push(package(MICROSOFT, "Windows Server 2022", version, None));
        }
        packages
    }

    fn host(&self) -> Host {
        let installed = |number: &u8| InstalledUpdate {
            kb: Kb::new(5_000_000 + u32::from(*number)),
            installed: None,
        };
        let windows = self.windows.as_ref().map(|updates| Windows {
            updates: Some(updates.iter().map(installed).collect()),
            ..Windows::default()
        });
        Host {
            kernel: self.running.map(|number| format!("6.1.0-{number}-amd64")),
            windows,
            packages: self.packages(),
            ..Host::new("host", HostKind::Machine)
        }
    }
}

/// A host as it may be.
pub(super) fn host(dice: &mut Dice<'_>) -> Host {
    Parts::roll(dice).host()
}

/// A host as it may be some time later: some of its parts as on another, the rest as they were.
pub(super) fn later(host: &Host, dice: &mut Dice<'_>) -> Host {
    let other = Parts::roll(dice).host();
    let (mut later, share) = (host.clone(), 1 + dice.below(3));
    let is_taken = |package: &Package| {
        let first = package.source.as_ref().map_or(&package.name, |s| &s.name);
        first.len() as u8 % 4 < share
    };
    later.packages.retain(|package| !is_taken(package));
    later
        .packages
        .extend(other.packages.into_iter().filter(is_taken));
    if dice.is(2) {
        later.kernel = other.kernel;
    }
    if other.windows.is_some() {
        later.windows = other.windows;
    }
    later
}
