//! A suppression of the fleet as text for the store: JSON with its schema, bounded, and refused as a whole where anything in it
//! is not understood, for half a suppression covers more.

use std::collections::BTreeMap;

use base::{CveId, Limit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::held::{Exposure, Fact, Held, Void};
use super::record::{Record, rule_of};
use crate::life::cover::HostCoverText;
use crate::life::hosts_text;

/// Size of a suppression as the store keeps it.
pub const SUPPRESSION_RECORD_BYTES: Limit = Limit::new("suppression-record-bytes", 16 << 20);

const SCHEMA: &str = "daywatch.suppression/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    number: u64,
    made_at: Timestamp,
    entry: String,
    hosts: HostCoverText,
    held: HeldWire,
    voids: Vec<VoidWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldWire {
    listed: Vec<String>,
    /// Hosts by exposure.
    exposed: BTreeMap<String, String>,
    versions: Vec<VersionWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionWire {
    ecosystem: String,
    unit: String,
    version: String,
    hosts: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VoidWire {
    fact: String,
    vulnerability: Option<String>,
    hosts: Option<String>,
    was: String,
    is: String,
    since: Timestamp,
}

impl Record {
    /// The text that [`Record::from_text`] reads again.
    pub fn to_text(&self) -> String {
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            number: self.number,
            made_at: self.made_at,
            entry: self.entry.clone(),
            hosts: HostCoverText::of(&self.hosts),
            held: held_to(&self.held),
            voids: self.voids.iter().map(void_to).collect(),
        };
        serde_json::to_string(&wire).expect("strings, numbers and lists of them are JSON")
    }

    /// Reads a record back; the error says what is wrong.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if SUPPRESSION_RECORD_BYTES.is_exceeded_by(text.len() as u64) {
            return Err(format!("larger than the limit {SUPPRESSION_RECORD_BYTES}"));
        }
        let wire: Wire = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if wire.schema != SCHEMA {
            let schema: String = wire.schema.chars().take(40).collect();
            return Err(format!(
                "a record of {}, this program reads {SCHEMA}",
                schema.escape_debug()
            ));
        }
        let mut count = 0;
        let voids = wire.voids.into_iter();
        let voids = voids.map(|void| void_from(void, &mut count));
        let voids = voids.collect::<Result<_, _>>()?;
        Ok(Self {
            number: wire.number,
            made_at: wire.made_at,
            hosts: wire.hosts.read(&mut count)?,
            voids,
            rule: rule_of(&wire.entry)?,
            entry: wire.entry,
            held: held_from(wire.held, &mut count)?,
        })
    }
}

fn held_to(held: &Held) -> HeldWire {
    let exposed = held.exposed.iter();
    let versions = held
        .versions
        .iter()
        .flat_map(|((ecosystem, unit), of_unit)| {
            of_unit.iter().map(|(version, hosts)| VersionWire {
                ecosystem: ecosystem.clone(),
                unit: unit.clone(),
                version: version.clone(),
                hosts: hosts_text::write(hosts),
            })
        });
    HeldWire {
        listed: held.listed.iter().map(CveId::to_string).collect(),
        exposed: exposed
            .map(|(exposure, hosts)| (exposure.as_str().to_owned(), hosts_text::write(hosts)))
            .collect(),
        versions: versions.collect(),
    }
}

fn held_from(wire: HeldWire, count: &mut u64) -> Result<Held, String> {
    let mut held = Held::default();
    for cve in &wire.listed {
        held.listed
            .insert(cve.parse().map_err(|_| format!("not a CVE: {cve:.40}"))?);
    }
    for (word, hosts) in &wire.exposed {
        let mut all = Exposure::ALL.into_iter();
        let exposure = all.find(|exposure| exposure.as_str() == word);
        let exposure = exposure.ok_or_else(|| format!("unknown exposure: {word:.40}"))?;
        held.exposed
            .insert(exposure, hosts_text::read(hosts, count)?);
    }
    for of in wire.versions {
        let versions = held.versions.entry((of.ecosystem, of.unit)).or_default();
        versions.insert(of.version, hosts_text::read(&of.hosts, count)?);
    }
    Ok(held)
}

fn void_to(void: &Void) -> VoidWire {
    VoidWire {
        fact: void.fact.as_str().to_owned(),
        vulnerability: void.vulnerability.clone(),
        hosts: void.hosts.as_ref().map(hosts_text::write),
        was: void.was.clone(),
        is: void.is.clone(),
        since: void.since,
    }
}

fn void_from(wire: VoidWire, count: &mut u64) -> Result<Void, String> {
    let mut all = Fact::ALL.into_iter();
    let fact = all.find(|fact| fact.as_str() == wire.fact);
    let hosts = wire.hosts.as_deref();
    let hosts = hosts.map(|hosts| hosts_text::read(hosts, count));
    Ok(Void {
        fact: fact.ok_or_else(|| format!("unknown fact: {:.40}", wire.fact))?,
        vulnerability: wire.vulnerability,
        hosts: hosts.transpose()?,
        was: wire.was,
        is: wire.is,
        since: wire.since,
    })
}
