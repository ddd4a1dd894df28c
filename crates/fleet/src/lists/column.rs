//! What a column of a list holds, the word for it in a column map, and what headings usually mean.

use std::fmt;
use std::str::FromStr;

use crate::asset::AttributeKind;
use crate::identity::IdentifierKind;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// An id.
    Identifier(IdentifierKind),
    /// The id that a tool gave it.
    Tool(String),
    /// What people call it, which is its name where nothing better is known.
    Label,
    /// Something the list says of it.
    Attribute(AttributeKind),
    /// Where the directory service keeps it.
    Unit,
    /// Its operating system.
    System,
    /// Whether it is in use.
    State,
}

/// A word that names no column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no column is called that (columns are label, name, fqdn, netbios, address, mac, uuid, serial, sid, machine-id, tool:NAME, zone, owner, criticality, exposed, scope, window, tag, ou, os, state)"
)]
pub struct NotAColumn;

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(kind) => f.write_str(kind.as_str()),
            Self::Tool(tool) => write!(f, "tool:{tool}"),
            Self::Label => f.write_str("label"),
            Self::Attribute(kind) => f.write_str(kind.as_str()),
            Self::Unit => f.write_str("ou"),
            Self::System => f.write_str("os"),
            Self::State => f.write_str("state"),
        }
    }
}

impl FromStr for Column {
    type Err = NotAColumn;

    fn from_str(word: &str) -> Result<Self, NotAColumn> {
        if let Some(tool) = word.strip_prefix("tool:") {
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let is_tool = !tool.is_empty() && tool.chars().all(is_word);
            return is_tool
                .then(|| Self::Tool(tool.to_ascii_lowercase()))
                .ok_or(NotAColumn);
        }
        let attribute = AttributeKind::ALL.into_iter().find(|k| k.as_str() == word);
        let identifier = IdentifierKind::of_word(word).filter(|k| *k != IdentifierKind::Tool);
        match (word, attribute, identifier) {
            ("label", ..) => Ok(Self::Label),
            ("ou", ..) => Ok(Self::Unit),
            ("os", ..) => Ok(Self::System),
            ("state", ..) => Ok(Self::State),
            (_, Some(kind), _) => Ok(Self::Attribute(kind)),
            (_, _, Some(kind)) => Ok(Self::Identifier(kind)),
            _ => Err(NotAColumn),
        }
    }
}

/// Headings in lower case, without signs, by what they hold; of several that hold the same, the first here is taken.
/// `Get-ADComputer`, RVTools' vInfo, NetBox, GLPI and ServiceNow (`cmdb_ci_server`) as they write them, and what people write.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        "fqdn",
        &[
            "dnshostname",
            "dnsname",
            "fqdn",
            "fullyqualifieddomainname",
            "hostfqdn",
        ],
    ),
    (
        "name",
        &[
            "name",
            "hostname",
            "host",
            "servername",
            "server",
            "computername",
            "computer",
            "device",
            "rechnername",
        ],
    ),
    ("label", &["vm", "displayname", "label", "vmname"]),
    ("netbios", &["samaccountname", "netbiosname", "netbios"]),
    (
        "address",
        &[
            "primaryipaddress",
            "ipv4address",
            "ipaddress",
            "primaryip4",
            "primaryip",
            "ip",
            "ipadresse",
            "primaryip6",
            "ipv6address",
        ],
    ),
    ("mac", &["macaddress", "mac", "macadresse"]),
    (
        "uuid",
        &["smbiosuuid", "biosuuid", "uuid", "vmuuid", "systemuuid"],
    ),
    (
        "serial",
        &["serialnumber", "serial", "serialno", "seriennummer"],
    ),
    ("sid", &["sid", "objectsid"]),
    ("tool:ad", &["objectguid"]),
    ("tool:servicenow", &["sysid"]),
    (
        "ou",
        &[
            "distinguishedname",
            "ou",
            "organizationalunit",
            "canonicalname",
        ],
    ),
    (
        "os",
        &[
            "operatingsystem",
            "os",
            "osaccordingtothevmwaretools",
            "osaccordingtotheconfigurationfile",
            "platform",
            "operatingsystemname",
            "betriebssystem",
        ],
    ),
    (
        "state",
        &[
            "powerstate",
            "enabled",
            "status",
            "state",
            "operationalstatus",
            "installstatus",
            "lifecycle",
        ],
    ),
    (
        "owner",
        &[
            "owner",
            "supportgroup",
            "groupincharge",
            "assignmentgroup",
            "managedbygroup",
            "team",
            "responsible",
            "ownedby",
            "tenant",
            "zustandig",
            "verantwortlich",
        ],
    ),
    (
        "zone",
        &[
            "zone",
            "networkzone",
            "securityzone",
            "segment",
            "vlan",
            "netzzone",
        ],
    ),
    (
        "criticality",
        &[
            "criticality",
            "businesscriticality",
            "businescriticality",
            "kritikalitat",
        ],
    ),
    ("exposed", &["exposed", "internetfacing", "exposure"]),
    ("scope", &["scope", "pciscope", "pci"]),
    (
        "window",
        &[
            "window",
            "maintenancewindow",
            "patchwindow",
            "wartungsfenster",
        ],
    ),
    ("tag", &["tag", "tags"]),
];

/// A heading as it is looked up.
fn folded(heading: &str) -> String {
    let plain = |c: char| match c {
        'ä' => 'a',
        'ö' => 'o',
        'ü' => 'u',
        other => other,
    };
    let lower = heading.to_lowercase();
    let folded: String = lower
        .chars()
        .map(plain)
        .filter(|c| c.is_alphanumeric())
        .collect();
    match folded.strip_prefix('u') {
        // Fields that a team adds to ServiceNow begin with `u_`.
        Some(own) if lower.starts_with("u_") => own.to_owned(),
        _ => folded,
    }
}

/// What each heading holds, as far as it is usual. Of headings that hold the same, one is taken; addresses and tags may be several.
pub(super) fn guess(headings: &[String]) -> Vec<Option<Column>> {
    let folded: Vec<String> = headings.iter().map(|h| folded(h)).collect();
    let mut columns: Vec<Option<Column>> = vec![None; headings.len()];
    for (word, spellings) in HEADINGS {
        let may_repeat = matches!(*word, "address" | "mac" | "tag");
        for spelling in *spellings {
            let places = (0..headings.len()).filter(|at| folded[*at] == *spelling);
            let taken: Vec<usize> = places.take(if may_repeat { 8 } else { 1 }).collect();
            for at in &taken {
                columns[*at] = columns[*at].take().or_else(|| word.parse().ok());
            }
            if !taken.is_empty() && !may_repeat {
                break;
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headings: &str, expected: &str) {
        let headings: Vec<String> = headings.split(',').map(str::to_owned).collect();
        let guessed = guess(&headings);
        let words: Vec<String> = guessed
            .iter()
            .map(|c| c.as_ref().map_or("-".to_owned(), ToString::to_string))
            .collect();
        assert_eq!(words.join(","), expected);
    }

    #[test]
    fn headings_of_well_known_lists_are_understood() {
        check(
            "Name,DNSHostName,SamAccountName,SID,ObjectGUID,DistinguishedName,OperatingSystem,Enabled,LastLogonDate",
            "name,fqdn,netbios,sid,tool:ad,ou,os,state,-",
        );
        check(
            "VM,Powerstate,Template,DNS Name,Primary IP Address,VM ID,SMBIOS UUID,VM UUID",
            "label,state,-,fqdn,address,-,uuid,-",
        );
        check(
            "name,sys_id,fqdn,ip_address,mac_address,serial_number,os,support_group,owned_by,u_network_zone,business_criticality,operational_status",
            "name,tool:servicenow,fqdn,address,mac,serial,os,owner,-,zone,criticality,state",
        );
        check(
            "Name,Status,Tenant,Site,Role,Platform,IP Address",
            "name,state,owner,-,-,os,address",
        );
        check(
            "Rechnername;x,Zuständig,IP-Adresse,Wartungsfenster",
            "-,owner,address,window",
        );
    }

    #[test]
    fn a_word_is_read_as_it_is_written() {
        for (word, _) in HEADINGS {
            assert_eq!(word.parse::<Column>().unwrap().to_string(), *word);
        }
        for word in ["", "color", "tool", "tool:", "tool:a b"] {
            assert_eq!(word.parse::<Column>(), Err(NotAColumn), "{word}");
        }
    }
}
