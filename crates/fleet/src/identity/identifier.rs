//! One id of a host, normalised, or the reason why a text is no evidence of any.

use std::fmt;
use std::sync::Arc;

use base::Limit;

use super::{hardware, names, network};

/// The longest text that can be an id.
pub const IDENTIFIER_BYTES: Limit = Limit::new("identifier-bytes", 512);

/// What kind of id. The order is that of their weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// The UUID of the machine, as its board or its hypervisor gives it.
    Uuid,
    /// `/etc/machine-id`, or Windows' MachineGuid.
    MachineId,
    /// The security identifier of the computer's account in the directory service.
    Sid,
    /// The serial number of the chassis.
    Serial,
    /// The id another tool has for it: `wazuh:017`, `aws:i-0123456789abcdef0`.
    Tool,
    /// The name of an image or an application, as it is given.
    Reference,
    /// The full name: `web07.corp.example`.
    FullName,
    /// The first label of its name: `web07`.
    Name,
    /// The NetBIOS name where it may be cut off: 15 bytes.
    NetBios,
    /// The address of a network card.
    Card,
    /// An IP address.
    Address,
}

impl IdentifierKind {
    /// Every kind, the weightiest first.
    pub const ALL: [Self; 11] = [
        Self::Uuid,
        Self::MachineId,
        Self::Sid,
        Self::Serial,
        Self::Tool,
        Self::Reference,
        Self::FullName,
        Self::Name,
        Self::NetBios,
        Self::Card,
        Self::Address,
    ];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::MachineId => "machine-id",
            Self::Sid => "sid",
            Self::Serial => "serial",
            Self::Tool => "tool",
            Self::Reference => "reference",
            Self::FullName => "fqdn",
            Self::Name => "name",
            Self::NetBios => "netbios",
            Self::Card => "mac",
            Self::Address => "address",
        }
    }

    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// A report gives all of them that the machine has at that time, so that earlier ones no longer hold.
    pub const fn is_replaced(self) -> bool {
        matches!(self, Self::Card | Self::Address)
    }
}

/// An id of a host. Two spellings of one id are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// What kind.
    kind: IdentifierKind,
    /// Its normal spelling.
    value: Arc<str>,
}

/// Why a text is no evidence of which host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvidence {
    /// It is not of its kind.
    #[error("not {0}")]
    Malformed(&'static str),
    /// It stands where an id should.
    #[error("a placeholder, not an id")]
    Placeholder,
    /// Many machines have it.
    #[error("many machines have it: {0}")]
    Shared(&'static str),
    /// It is longer than any id.
    #[error("too long (limit {IDENTIFIER_BYTES})")]
    TooLong,
}

impl Identifier {
    /// The ids that a text of a kind gives, the one it names first: a full name gives the short one too. Never empty.
    ///
    /// A tool's id is written `tool:id`; a name with dots is a full name, a NetBIOS name of less than 15 bytes is whole and thus a name,
    /// and a serial number in which VMware writes the UUID is the UUID.
    pub fn read(kind: IdentifierKind, text: &str) -> Result<Vec<Self>, NoEvidence> {
        let text = text.trim();
        if IDENTIFIER_BYTES.is_exceeded_by(text.len() as u64) {
            return Err(NoEvidence::TooLong);
        }
        if text.is_empty() {
            return Err(NoEvidence::Placeholder);
        }
        let one = |value: String| vec![Self::normal(kind, value)];
        match kind {
            IdentifierKind::Uuid => hardware::uuid(text).map(one),
            IdentifierKind::MachineId => hardware::machine_id(text).map(one),
            IdentifierKind::Sid => hardware::security_identifier(text).map(one),
            IdentifierKind::Serial => hardware::serial(text).map(|serial| match serial {
                hardware::Serial::Uuid(uuid) => vec![Self::normal(IdentifierKind::Uuid, uuid)],
                hardware::Serial::Number(number) => one(number),
            }),
            IdentifierKind::Tool => tool(text).map(one),
            IdentifierKind::Reference => Ok(one(text.to_owned())),
            IdentifierKind::FullName | IdentifierKind::Name => names::name(text).map(of_name),
            IdentifierKind::NetBios => names::name(text).map(of_netbios),
            IdentifierKind::Card => network::card(text).map(one),
            IdentifierKind::Address => network::address(text).map(one),
        }
    }

    /// The ids in what people call a machine: its name, or the address where it is called by that.
    pub fn of_label(label: &str) -> Result<Vec<Self>, NoEvidence> {
        let is_address = label.trim().parse::<std::net::IpAddr>().is_ok();
        let kind = if is_address {
            IdentifierKind::Address
        } else {
            IdentifierKind::Name
        };
        Self::read(kind, label)
    }

    /// An id of which the normal spelling is known, as [`Self::value`] gave it.
    pub fn normal(kind: IdentifierKind, value: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            value: value.into(),
        }
    }

    /// What kind it is.
    pub const fn kind(&self) -> IdentifierKind {
        self.kind
    }

    /// Its normal spelling.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What a machine has one of, so that two different ones speak against each other: the kind, and the tool for a tool's id.
    /// A machine has several addresses, and several full names in several zones of the DNS.
    pub(super) fn single(&self) -> Option<(IdentifierKind, &str)> {
        use IdentifierKind::{Address, Card, FullName, NetBios, Tool};
        match self.kind {
            Tool => Some((Tool, self.value.split(':').next().unwrap_or_default())),
            FullName | NetBios | Card | Address => None,
            kind => Some((kind, "")),
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.value.escape_debug())
    }
}

/// The ids of a normal name. A name as long as NetBIOS names get is known by what they keep of it, too.
fn of_name(name: String) -> Vec<Identifier> {
    let label = names::first_label(&name).to_owned();
    let mut ids = Vec::with_capacity(3);
    if name.contains('.') {
        ids.push(Identifier::normal(IdentifierKind::FullName, name));
    }
    let cut = label.get(..names::NETBIOS_BYTES);
    let cut = cut.and_then(|cut| names::name(cut).ok());
    let cut = cut.filter(|cut| cut.len() == names::NETBIOS_BYTES);
    ids.push(Identifier::normal(IdentifierKind::Name, label));
    ids.extend(cut.map(|cut| Identifier::normal(IdentifierKind::NetBios, cut)));
    ids
}

/// A NetBIOS name has no dots: with some it is a name of the DNS, in the wrong column.
fn of_netbios(name: String) -> Vec<Identifier> {
    if name.contains('.') {
        return of_name(name);
    }
    let kind = if name.len() < names::NETBIOS_BYTES {
        IdentifierKind::Name
    } else {
        IdentifierKind::NetBios
    };
    vec![Identifier::normal(kind, name)]
}

fn tool(text: &str) -> Result<String, NoEvidence> {
    const EXPECTED: NoEvidence = NoEvidence::Malformed("a tool and its id, like wazuh:017");
    let (tool, id) = text.split_once(':').ok_or(EXPECTED)?;
    let (tool, id) = (tool.trim(), id.trim());
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if tool.is_empty() || id.is_empty() || !tool.chars().all(is_word) {
        return Err(EXPECTED);
    }
    Ok(format!("{}:{id}", tool.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use IdentifierKind as K;
    use proptest::prelude::*;

    fn check(kind: K, text: &str, expected: &[&str]) {
        let ids = Identifier::read(kind, text).unwrap();
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(ids, expected, "{text}");
    }

    fn refused(kind: K, text: &str, part: &str) {
        let error = Identifier::read(kind, text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }

    #[test]
    fn a_name_is_known_in_every_spelling() {
        check(K::Name, "WEB07", &["name web07"]);
        check(
            K::Name,
            "web07.Corp.example.",
            &["fqdn web07.corp.example", "name web07"],
        );
        check(K::NetBios, "WEB07$", &["name web07"]);
        // Cut after 15 bytes, it may stand for several machines.
        check(K::NetBios, "WEBSERVER-PROD-", &["netbios webserver-prod-"]);
        check(
            K::Name,
            "webserver-prod-01",
            &["name webserver-prod-01", "netbios webserver-prod-"],
        );
        check(K::Name, "wеb-01", &["name wеb-01"]);
    }

    #[test]
    fn what_stands_for_a_name_is_none() {
        for text in [
            "localhost",
            "LocalHost.localdomain",
            "",
            ".",
            "(none)",
            "unknown",
        ] {
            refused(K::Name, text, "placeholder");
        }
        refused(K::Name, "web\u{200b}01", "invisible");
        refused(K::Name, "web\u{202e}10", "invisible");
        refused(K::Name, "web 01", "invisible");
        refused(K::Name, "web\u{1b}[2J", "invisible");
        refused(K::Name, &"a".repeat(600), "identifier-bytes=512");
    }

    /// The bytes of one machine as VMware's guest and its host print them, and as its serial number has them.
    #[test]
    fn a_uuid_is_one_whichever_way_its_bytes_are_turned() {
        let expected = &["uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ab"];
        check(K::Uuid, "42222F1E-A1B2-3D4C-9E4F-0123456789AB", expected);
        check(K::Uuid, "{1e2f2242-b2a1-4c3d-9e4f-0123456789ab}", expected);
        let serial = "VMware-42 22 2f 1e a1 b2 3d 4c-9e 4f 01 23 45 67 89 ab";
        check(K::Serial, serial, expected);
    }

    #[test]
    fn uuids_that_boards_are_delivered_with_are_none() {
        for text in [
            "00000000-0000-0000-0000-000000000000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "fefefefe-fefe-fefe-fefe-fefefefefefe",
            "03000200-0400-0500-0006-000700080009",
            "00020003-0004-0005-0006-000700080009",
            "12345678-1234-5678-90AB-CDDEEFAABBCC",
        ] {
            refused(K::Uuid, text, "placeholder");
        }
        refused(K::Uuid, "42222f1e", "32 digits");
        refused(K::Uuid, &"1".repeat(33), "32 digits");
    }

    #[test]
    fn ids_of_a_system_are_told_from_what_is_copied_with_it() {
        let id = "b08dfa6083e7567a1921a715000001fb";
        check(
            K::MachineId,
            id,
            &["machine-id b08dfa6083e7567a1921a715000001fb"],
        );
        refused(K::MachineId, "uninitialized", "32 hexadecimal");
        refused(K::MachineId, &"0".repeat(32), "placeholder");
        check(K::Sid, "s-1-5-21-1-2-3-1104", &["sid S-1-5-21-1-2-3-1104"]);
        refused(K::Sid, "S-1-5-21-1-2-3", "copied");
        refused(K::Sid, "S-1-5-21-1-2-3-500", "built-in");
        refused(K::Sid, "S-1-5-32-544", "S-1-5-21");
        check(K::Serial, "CZJ1234XYZ", &["serial czj1234xyz"]);
        for text in [
            "To Be Filled By O.E.M.",
            "0",
            "Default string",
            "0000000000",
            "123456789",
            "...",
        ] {
            refused(K::Serial, text, "placeholder");
        }
        check(K::Tool, "Wazuh: 017", &["tool wazuh:017"]);
        refused(K::Tool, "017", "like wazuh:017");
        check(
            K::Reference,
            "registry.example/shop:1.4",
            &["reference registry.example/shop:1.4"],
        );
    }

    #[test]
    fn addresses_that_every_machine_has_are_none() {
        check(K::Address, "10.3.4.7/24", &["address 10.3.4.7"]);
        check(K::Address, "::ffff:10.3.4.7", &["address 10.3.4.7"]);
        check(K::Address, "2001:DB8:0:0::7", &["address 2001:db8::7"]);
        check(K::Address, "100.63.255.255", &["address 100.63.255.255"]);
        for (text, part) in [
            ("127.0.0.1", "loopback"),
            ("::1", "loopback"),
            ("169.254.10.1", "link-local"),
            ("fe80::1%eth0", "link-local"),
            ("172.17.0.2", "Docker"),
            ("172.20.0.1", "Docker"),
            ("192.168.122.1", "libvirt"),
            ("100.64.0.1", "6598"),
            ("0.0.0.0", "no address"),
            ("224.0.0.1", "no address"),
            ("ff02::1", "no address"),
            ("10.3.4", "an address like"),
        ] {
            refused(K::Address, text, part);
        }
    }

    #[test]
    fn cards_that_programs_bring_are_none() {
        let expected = &["mac 52:54:00:ab:cd:ef"];
        for text in [
            "52:54:00:AB:CD:EF",
            "52-54-00-ab-cd-ef",
            "5254.00ab.cdef",
            "525400ABCDEF",
        ] {
            check(K::Card, text, expected);
        }
        refused(K::Card, "02:42:ac:11:00:02", "Docker");
        refused(K::Card, "00:00:5e:00:01:07", "VRRP");
        refused(K::Card, "00:00:00:00:00:00", "placeholder");
        refused(K::Card, "01:00:5e:00:00:fb", "group");
        refused(K::Card, "52:54:00:ab:cd", "like 52:54");
        refused(K::Card, "52:54:00:ab:cd:ef:01", "like 52:54");
    }

    proptest! {
        #[test]
        fn a_normal_spelling_is_its_own(text in "\\PC{0,40}", kind in 0_usize..11) {
            let kind = K::ALL[kind];
            if let Ok(ids) = Identifier::read(kind, &text) {
                prop_assert!(!ids.is_empty());
                for id in &ids {
                    let again = Identifier::read(id.kind(), id.value()).unwrap();
                    prop_assert!(again.contains(id), "{} is read as {:?}", id, again);
                }
            }
        }
    }
}
