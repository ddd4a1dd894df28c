//! The index written down and read back, so that a start does not replay the whole log. The file is a cache: a damaged one is
//! refused and may be deleted. What a release is stands in the store, and is given again when a checkpoint is read.
//!
//! Eight bytes that name the format and its version, the SHA-256 (FIPS 180-4) of the rest, and the rest in postcard's format
//! (<https://postcard.jamesmunns.com/wire-format>), sets of hosts in Roaring's
//! (<https://github.com/RoaringBitmap/RoaringFormatSpec>). The same log gives the same bytes.

use std::collections::HashMap;
use std::sync::Arc;

use base::{Digest, HostId};
use jiff::Timestamp;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::held::Held;
use super::life::Life;
use super::package_set;
use super::units::Gone;
use super::vulnerability::{Names, PackedHit, Vulnerabilities};
use super::{HOSTS, Hour, Index, IndexError, Vulnerability};
use crate::release::{Release, ReleaseId};

/// The name of the format, its version last.
const MAGIC: &[u8; 8] = b"DWINDEX\x01";
/// Where the rest begins.
const HEAD: usize = MAGIC.len() + 32;

#[derive(Serialize, Deserialize)]
struct Body {
    sequence: u64,
    at: Option<Timestamp>,
    catalog: Option<String>,
    words: Vec<String>,
    names: Vec<(u32, Vec<u32>, Vec<u64>)>,
    fixes: Vec<Vec<u32>>,
    sets: Vec<Vec<u8>>,
    hosts: Vec<HostBody>,
    lists: Vec<Vec<u64>>,
    releases: Vec<ReleaseBody>,
    units: Vec<UnitBody>,
}

#[derive(Serialize, Deserialize)]
struct HostBody {
    host: u32,
    first: i32,
    seen_at: Timestamp,
    set: usize,
}

#[derive(Serialize, Deserialize)]
struct ReleaseBody {
    release: u32,
    hosts: Vec<u8>,
    list: usize,
    lives: Vec<LifeBody>,
    places: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct LifeBody {
    learned: i32,
    floor: i32,
    exceptions: Vec<(i32, Vec<u8>)>,
    reopened: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct UnitBody {
    ecosystem: String,
    name: String,
    gone: Vec<(Vec<u32>, Vec<u8>)>,
}

/// What is written once although many have it, by where it lies in memory.
struct Numbered<T> {
    places: HashMap<*const T, usize>,
    lists: Vec<Arc<[T]>>,
}

impl<T> Numbered<T> {
    fn new() -> Self {
        Self {
            places: HashMap::new(),
            lists: Vec::new(),
        }
    }

    fn number(&mut self, list: &Arc<[T]>) -> usize {
        *self.places.entry(list.as_ptr()).or_insert_with(|| {
            self.lists.push(Arc::clone(list));
            self.lists.len() - 1
        })
    }
}

impl Index {
    /// Writes it down.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = postcard::to_allocvec(&self.body());
        let body = body.expect("lists whose length is known can be written to memory");
        let mut bytes = Vec::with_capacity(HEAD + body.len());
        bytes.extend(MAGIC);
        bytes.extend(Digest::of(&body).0);
        bytes.extend(body);
        bytes
    }

    fn body(&self) -> Body {
        let (mut sets, mut lists) = (Numbered::new(), Numbered::new());
        let known = &self.vulnerabilities;
        let names = known
            .names()
            .map(|n| (n.id, n.aliases.to_vec(), n.cves.to_vec()));
        let hosts = self.hosts.all().iter().filter_map(|host| {
            let known = self.hosts.get(HostId(host))?;
            Some(HostBody {
                host,
                first: known.first.0,
                seen_at: known.seen_at,
                set: sets.number(&known.set),
            })
        });
        let hosts = hosts.collect();
        let releases = self.releases_in_use().map(|release| {
            let known = self.release_at(release);
            ReleaseBody {
                release: release.0,
                hosts: written(&known.hosts),
                list: lists.number(&known.held.hits),
                lives: known.held.lives().iter().map(LifeBody::of).collect(),
                places: known.held.places().to_vec(),
            }
        });
        let releases = releases.collect();
        let packed = |list: &Arc<[PackedHit]>| list.iter().map(|hit| hit.0).collect();
        Body {
            sequence: self.sequence,
            at: self.at,
            catalog: self.catalog.clone(),
            words: known.words().iter().map(ToString::to_string).collect(),
            names: names.collect(),
            fixes: known.fix_lists().iter().map(|list| list.to_vec()).collect(),
            sets: sets.lists.iter().map(|set| set.to_vec()).collect(),
            hosts,
            lists: lists.lists.iter().map(packed).collect(),
            releases,
            units: self.unit_bodies(),
        }
    }

    fn unit_bodies(&self) -> Vec<UnitBody> {
        let gone = |gone: &Gone| {
            let vulnerabilities = gone.vulnerabilities.iter().map(|v| v.0).collect();
            (vulnerabilities, written(&gone.hosts))
        };
        let units = self.units.with_gone().into_iter();
        units
            .map(|((ecosystem, name), all)| UnitBody {
                ecosystem: ecosystem.to_owned(),
                name: name.to_owned(),
                gone: all.iter().map(gone).collect(),
            })
            .collect()
    }

    /// Reads what [`Index::to_bytes`] wrote; with it every release the store knows.
    pub fn from_bytes(
        bytes: &[u8],
        releases: impl IntoIterator<Item = (ReleaseId, Release)>,
    ) -> Result<Self, IndexError> {
        let mut index = Self::new();
        for (id, release) in releases {
            index.learn(id, release)?;
        }
        let body = read(bytes).and_then(|body| index.restore(body));
        match body {
            Ok(()) => Ok(index),
            Err(why) => Err(IndexError::Checkpoint(why)),
        }
    }

    fn restore(&mut self, body: Body) -> Result<(), String> {
        self.sequence = body.sequence;
        self.at = body.at;
        self.catalog = body.catalog;
        let names = body.names.into_iter().map(|(id, aliases, cves)| Names {
            id,
            aliases: aliases.into(),
            cves: cves.into(),
        });
        let fixes = body.fixes.into_iter().map(Vec::into_boxed_slice);
        self.vulnerabilities =
            Vulnerabilities::from_tables(body.words, names.collect(), fixes.collect())
                .ok_or("its names are not in order")?;
        let held_by_hosts = self.restore_hosts(&body.sets, body.hosts)?;
        let mut held = 0;
        for release in body.releases {
            held += self.restore_release(&body.lists, release)?;
        }
        if held != held_by_hosts {
            return Err(format!(
                "its hosts have {held_by_hosts} releases, its releases {held} hosts"
            ));
        }
        body.units
            .into_iter()
            .try_for_each(|unit| self.restore_unit(unit))
    }

    /// Puts down the hosts; how many releases they have in all.
    fn restore_hosts(&mut self, sets: &[Vec<u8>], hosts: Vec<HostBody>) -> Result<u64, String> {
        let mut sizes = Vec::with_capacity(sets.len());
        for set in sets {
            let releases = package_set::decode(set);
            let is_whole =
                releases.is_sorted_by(|a, b| a < b) && package_set::encode(&releases) == *set;
            if !is_whole || releases.iter().any(|r| self.known(*r).is_none()) {
                return Err("a set of packages names a release that was not given".to_owned());
            }
            sizes.push(releases.len() as u64);
        }
        let mut held = 0;
        for host in hosts {
            let id = HostId(host.host);
            let size = sizes.get(host.set).ok_or("a host has no set of packages")?;
            if HOSTS.is_exceeded_by(u64::from(id.0)) || self.hosts.get(id).is_some() {
                return Err(format!(
                    "host {id} is there twice or over the limit {HOSTS}"
                ));
            }
            held += size;
            let set = sets[host.set].clone();
            self.hosts.restore(id, Hour(host.first), host.seen_at, set);
        }
        Ok(held)
    }

    /// Puts down a release; how many hosts have it.
    fn restore_release(&mut self, lists: &[Vec<u64>], body: ReleaseBody) -> Result<u64, String> {
        let id = ReleaseId(body.release);
        let known = self
            .known(id)
            .ok_or("it names a release that was not given")?;
        let unit = known.unit;
        let of = |what: &str| format!("{what} of release r{} are damaged", id.0);
        let hosts = bitmap(&body.hosts).ok_or_else(|| of("the hosts"))?;
        let is_new = known.hosts.is_empty() && !hosts.is_empty();
        if !is_new || !hosts.is_subset(self.hosts.all()) {
            return Err(of("the hosts"));
        }
        let list = lists.get(body.list).ok_or_else(|| of("the hits"))?;
        let list: Vec<PackedHit> = list.iter().map(|hit| PackedHit(*hit)).collect();
        let lives: Option<Vec<Life>> = body.lives.iter().map(|life| life.read(&hosts)).collect();
        let lives = lives.ok_or_else(|| of("the dates"))?;
        let is_place = |place: &u32| (*place as usize) < lives.len();
        let is_placed = match lives.len() {
            0 => list.is_empty(),
            1 => !list.is_empty() && body.places.is_empty(),
            _ => body.places.len() == list.len() && body.places.iter().all(is_place),
        };
        if !is_placed || !self.is_list(&list) {
            return Err(of("the hits"));
        }
        for hit in &list {
            self.vulnerabilities.seen_in(hit.vulnerability(), unit);
        }
        self.findings += hosts.len() * list.len() as u64;
        self.units.get_mut(unit).releases.insert(id.0);
        let held = Held::new(self.lists.take(list), lives, body.places);
        let known = self.release_at_mut(id);
        known.held = held;
        known.hosts = hosts;
        Ok(known.hosts.len())
    }

    /// Whether hits are known and sorted by id.
    fn is_list(&self, list: &[PackedHit]) -> bool {
        let known = &self.vulnerabilities;
        let id = |hit: &PackedHit| known.id(hit.vulnerability());
        list.iter().all(|hit| known.is_known(*hit)) && list.is_sorted_by(|a, b| id(a) < id(b))
    }

    fn restore_unit(&mut self, body: UnitBody) -> Result<(), String> {
        let damaged = || format!("what was seen gone of {} is damaged", body.name);
        let mut all = Vec::with_capacity(body.gone.len());
        for (vulnerabilities, hosts) in &body.gone {
            let hosts = bitmap(hosts).ok_or_else(damaged)?;
            let is_known = |v: &u32| self.vulnerabilities.is_number(*v);
            let is_whole = vulnerabilities.is_sorted_by(|a, b| a < b)
                && vulnerabilities.iter().all(is_known)
                && hosts.is_subset(self.hosts.all());
            if !is_whole {
                return Err(damaged());
            }
            all.push(Gone {
                vulnerabilities: vulnerabilities.iter().map(|v| Vulnerability(*v)).collect(),
                hosts,
            });
        }
        let unit = self.units.number_of(body.ecosystem, body.name);
        self.units.get_mut(unit).restore(all);
        Ok(())
    }
}

impl LifeBody {
    fn of(life: &Life) -> Self {
        let exceptions = life.exceptions.iter();
        Self {
            learned: life.learned.0,
            floor: life.floor.0,
            exceptions: exceptions.map(|(hour, on)| (hour.0, written(on))).collect(),
            reopened: written(&life.reopened),
        }
    }

    fn read(&self, of: &RoaringBitmap) -> Option<Life> {
        let reopened = bitmap(&self.reopened).filter(|on| on.is_subset(of))?;
        let mut exceptions = Vec::with_capacity(self.exceptions.len());
        let mut left = of.clone();
        for (hour, on) in &self.exceptions {
            let on = bitmap(on).filter(|on| !on.is_empty() && on.is_subset(&left))?;
            left -= &on;
            exceptions.push((Hour(*hour), on));
        }
        let is_sorted = exceptions.is_sorted_by(|(a, _), (b, _)| a < b);
        is_sorted.then_some(Life {
            learned: Hour(self.learned),
            floor: Hour(self.floor),
            exceptions,
            reopened,
        })
    }
}

fn read(bytes: &[u8]) -> Result<Body, String> {
    let head = bytes.get(..HEAD).filter(|head| head.starts_with(MAGIC));
    let head = head.ok_or("it is none, or of another version")?;
    let body = &bytes[HEAD..];
    if Digest::of(body).0 != head[MAGIC.len()..] {
        return Err("it is damaged: its SHA-256 is another".to_owned());
    }
    postcard::from_bytes(body).map_err(|error| format!("it is damaged: {error}"))
}

fn written(hosts: &RoaringBitmap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hosts.serialized_size());
    hosts
        .serialize_into(&mut bytes)
        .expect("memory takes every byte");
    bytes
}

fn bitmap(mut bytes: &[u8]) -> Option<RoaringBitmap> {
    let hosts = RoaringBitmap::deserialize_from(&mut bytes).ok()?;
    bytes.is_empty().then_some(hosts)
}
