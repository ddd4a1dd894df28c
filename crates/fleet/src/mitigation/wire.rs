//! A mitigation as text for the store: JSON with its schema, bounded, and refused as a whole where anything in it is not
//! understood.

use base::Limit;
use inventory::Transport;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MITIGATION_TEXT, Measure, Mitigation};
use crate::life::cover::{COVER_WORDS, Cover, HostCoverText};

/// Size of a mitigation as the store keeps it.
pub const MITIGATION_BYTES: Limit = Limit::new("mitigation-bytes", 4 << 20);

const SCHEMA: &str = "daywatch.mitigation/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    number: u64,
    measure: MeasureWire,
    ids: Vec<String>,
    package: Option<String>,
    hosts: HostCoverText,
    told_by: String,
    told_at: Timestamp,
    claimed: Option<Claimed>,
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claimed {
    by: String,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum MeasureWire {
    PortGone {
        transport: String,
        port: u16,
    },
    ServiceStopped {
        program: String,
    },
    PackageRemoved {
        package: String,
    },
    FeatureOff {
        feature: String,
    },
    Setting {
        name: String,
        value: String,
    },
    BlockedAtEdge {
        zone: String,
        transport: String,
        port: u16,
    },
}

impl Mitigation {
    /// The text that [`Mitigation::from_text`] reads again.
    pub fn to_text(&self) -> String {
        let claimed = self.claimed.as_ref();
        let wire = Wire {
            schema: SCHEMA.to_owned(),
            number: self.number,
            measure: measure_to(&self.measure),
            ids: self.cover.ids.clone(),
            package: self.cover.package.clone(),
            hosts: HostCoverText::of(&self.cover.hosts),
            told_by: self.told_by.clone(),
            told_at: self.told_at,
            claimed: claimed.map(|(by, at)| Claimed {
                by: by.clone(),
                at: *at,
            }),
            until: self.until,
        };
        serde_json::to_string(&wire).expect("strings, numbers and lists of them are JSON")
    }

    /// Reads one back; the error says what is wrong.
    pub fn from_text(text: &str) -> Result<Self, String> {
        if MITIGATION_BYTES.is_exceeded_by(text.len() as u64) {
            return Err(format!("larger than the limit {MITIGATION_BYTES}"));
        }
        let wire: Wire = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if wire.schema != SCHEMA {
            let schema: String = wire.schema.chars().take(40).collect();
            return Err(format!(
                "a record of {}, this program reads {SCHEMA}",
                schema.escape_debug()
            ));
        }
        if COVER_WORDS.is_exceeded_by(wire.ids.len() as u64) {
            return Err(format!("more ids than the limit {COVER_WORDS}"));
        }
        let mitigation = Self {
            number: wire.number,
            measure: measure_from(wire.measure)?,
            cover: Cover {
                ids: wire.ids,
                package: wire.package,
                hosts: wire.hosts.read(&mut 0)?,
            },
            told_by: wire.told_by,
            told_at: wire.told_at,
            claimed: wire.claimed.map(|claimed| (claimed.by, claimed.at)),
            until: wire.until,
        };
        mitigation.check()?;
        Ok(mitigation)
    }

    /// Whether it says all that it has to: what is wrong, if anything.
    pub fn check(&self) -> Result<(), String> {
        if self.cover.ids.is_empty() {
            return Err("no id: a mitigation is of a vulnerability".to_owned());
        }
        if self.told_by.trim().is_empty() {
            return Err("nobody asked for it: name a role or team".to_owned());
        }
        if self.until <= self.told_at {
            return Err("it ends before it begins".to_owned());
        }
        let words = self.measure.words();
        let texts = [
            Some(&words),
            Some(&self.told_by),
            self.cover.package.as_ref(),
        ];
        let texts = texts.into_iter().flatten().chain(&self.cover.ids);
        let mut texts = texts.chain(self.claimed.as_ref().map(|(by, _)| by));
        match texts.any(|text| MITIGATION_TEXT.is_exceeded_by(text.chars().count() as u64)) {
            true => Err(format!("a text is longer than the limit {MITIGATION_TEXT}")),
            false => Ok(()),
        }
    }
}

fn measure_to(measure: &Measure) -> MeasureWire {
    let word = |transport: &Transport| transport.as_str().to_owned();
    match measure {
        Measure::PortGone(transport, port) => MeasureWire::PortGone {
            transport: word(transport),
            port: *port,
        },
        Measure::ServiceStopped(program) => MeasureWire::ServiceStopped {
            program: program.clone(),
        },
        Measure::PackageRemoved(package) => MeasureWire::PackageRemoved {
            package: package.clone(),
        },
        Measure::FeatureOff(feature) => MeasureWire::FeatureOff {
            feature: feature.clone(),
        },
        Measure::Setting { name, value } => MeasureWire::Setting {
            name: name.clone(),
            value: value.clone(),
        },
        Measure::BlockedAtEdge {
            zone,
            transport,
            port,
        } => MeasureWire::BlockedAtEdge {
            zone: zone.clone(),
            transport: word(transport),
            port: *port,
        },
    }
}

fn measure_from(wire: MeasureWire) -> Result<Measure, String> {
    Ok(match wire {
        MeasureWire::PortGone { transport, port } => {
            Measure::PortGone(transport_of(&transport)?, port)
        }
        MeasureWire::ServiceStopped { program } => Measure::ServiceStopped(program),
        MeasureWire::PackageRemoved { package } => Measure::PackageRemoved(package),
        MeasureWire::FeatureOff { feature } => Measure::FeatureOff(feature),
        MeasureWire::Setting { name, value } => Measure::Setting { name, value },
        MeasureWire::BlockedAtEdge {
            zone,
            transport,
            port,
        } => Measure::BlockedAtEdge {
            zone,
            transport: transport_of(&transport)?,
            port,
        },
    })
}

fn transport_of(word: &str) -> Result<Transport, String> {
    let mut all = [Transport::Tcp, Transport::Udp, Transport::Sctp].into_iter();
    let found = all.find(|transport| transport.as_str() == word);
    found.ok_or_else(|| format!("no transport: {word:.40} (tcp, udp or sctp)"))
}
