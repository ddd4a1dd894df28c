//! Addresses and network cards, and which of them say nothing about a machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::identifier::NoEvidence;

/// Addresses that container engines and hypervisors give every machine: Docker's bridge, libvirt's, Podman's, VirtualBox' and
/// QEMU's user network.
const GIVEN_TO_EVERY: [(Ipv4Addr, &str); 4] = [
    (Ipv4Addr::new(192, 168, 122, 1), "libvirt's own bridge"),
    (Ipv4Addr::new(10, 88, 0, 1), "Podman's own bridge"),
    (
        Ipv4Addr::new(10, 0, 2, 15),
        "the user network of a hypervisor",
    ),
    (Ipv4Addr::new(10, 0, 3, 1), "LXC's own bridge"),
];

/// Cards that programs bring, the same on every machine, by their first bytes.
const GIVEN_CARDS: [(&[u8], &str); 12] = [
    (&[0x02, 0x42], "a card of Docker"),
    (&[0x00, 0x00, 0x5e, 0x00, 0x01], "a card that VRRP moves"),
    (&[0x00, 0x00, 0x5e, 0x00, 0x02], "a card that VRRP moves"),
    (&[0x00, 0x00, 0x0c, 0x07, 0xac], "a card that HSRP moves"),
    (&[0x00, 0x05, 0x9a, 0x3c, 0x7a], "the card of a VPN client"),
    (&[0x02, 0x50, 0x41, 0x00, 0x00], "the card of a VPN client"),
    (&[0x00, 0x09, 0x0f, 0xaa, 0x00], "the card of a VPN client"),
    (&[0x00, 0x09, 0x0f, 0xfe, 0x00], "the card of a VPN client"),
    (
        &[0x02, 0x00, 0x4c, 0x4f, 0x4f, 0x50],
        "Microsoft's loopback card",
    ),
    (
        &[0x20, 0x41, 0x53, 0x59, 0x4e, 0xff],
        "a miniport of Windows",
    ),
    (
        &[0x50, 0x50, 0x54, 0x50, 0x30, 0x30],
        "a miniport of Windows",
    ),
    (
        &[0x33, 0x50, 0x6f, 0x45, 0x30, 0x30],
        "a miniport of Windows",
    ),
];

/// An address without prefix length and interface; an IPv4 address in IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address.
pub(super) fn address(text: &str) -> Result<String, NoEvidence> {
    let bare = text.split(['/', '%']).next().unwrap_or(text).trim();
    let bare = bare.trim_start_matches('[').trim_end_matches(']');
    let address: IpAddr = bare
        .parse()
        .map_err(|_| NoEvidence::Malformed("an address like 10.3.4.7 or 2001:db8::7"))?;
    match address.to_canonical() {
        IpAddr::V4(v4) => v4_reason(v4).map_or_else(|| Ok(v4.to_string()), Err),
        IpAddr::V6(v6) => v6_reason(v6).map_or_else(|| Ok(v6.to_string()), Err),
    }
}

/// Why an address says nothing (the IANA registries of special addresses, RFC 6890).
fn v4_reason(address: Ipv4Addr) -> Option<NoEvidence> {
    let octets = address.octets();
    let what = match octets {
        [0, ..] => "no address of a host",
        _ if address.is_loopback() => "loopback",
        _ if address.is_link_local() => "link-local",
        _ if address.is_multicast() || address.is_broadcast() => "no address of a host",
        [100, 64..=127, ..] => "shared address space (RFC 6598)",
        [172, 17, ..] | [172, 18..=31, 0, 1] => "a bridge of Docker",
        _ => GIVEN_TO_EVERY.iter().find(|(a, _)| *a == address)?.1,
    };
    Some(NoEvidence::Shared(what))
}

fn v6_reason(address: Ipv6Addr) -> Option<NoEvidence> {
    let what = if address.is_loopback() {
        "loopback"
    } else if address.is_unspecified() || address.is_multicast() {
        "no address of a host"
    } else if address.is_unicast_link_local() {
        "link-local"
    } else {
        return None;
    };
    Some(NoEvidence::Shared(what))
}

/// The address of a network card (EUI-48), however it is grouped.
pub(super) fn card(text: &str) -> Result<String, NoEvidence> {
    const EXPECTED: NoEvidence = NoEvidence::Malformed("a card like 52:54:00:12:34:56");
    let is_grouping = |c: &char| matches!(c, ':' | '-' | '.' | ' ');
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !is_grouping(c))
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .take(13)
        .collect();
    let digits = digits.filter(|d| d.len() == 12).ok_or(EXPECTED)?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    let given = GIVEN_CARDS
        .iter()
        .find(|(start, _)| bytes.starts_with(start));
    if let Some((_, what)) = given {
        return Err(NoEvidence::Shared(what));
    }
    if bytes.iter().all(|b| *b == bytes[0]) {
        return Err(NoEvidence::Placeholder);
    }
    if bytes[0] & 1 == 1 {
        return Err(NoEvidence::Shared("a card of a group"));
    }
    let bytes: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    Ok(bytes.join(":"))
}
