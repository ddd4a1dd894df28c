//! Ids that come with a machine or its system: UUID, machine id, serial number, security identifier.

use super::identifier::NoEvidence;

/// UUIDs that boards are delivered with, in the order of bytes they are printed in, and what fills in for one.
const DELIVERED: [[u8; 16]; 5] = [
    // AMI's default; Dell without a service tag; examples of manuals.
    hex("03000200040005000006000700080009"),
    hex("4c4c454400002010802080c04f202020"),
    hex("1234567890abcdef1234567890abcdef"),
    hex("123456781234567890abcddeefaabbcc"),
    hex("11111111222233334444555555555555"),
];

/// Words that stand where a serial number should.
const NO_SERIAL: [&str; 12] = [
    "to be filled by o.e.m.",
    "default string",
    "system serial number",
    "chassis serial number",
    "not specified",
    "not applicable",
    "not available",
    "none",
    "unknown",
    "oem",
    "invalid",
    "no asset information",
];

const fn hex(text: &str) -> [u8; 16] {
    let text = text.as_bytes();
    let mut bytes = [0; 16];
    let mut at = 0;
    while at < text.len() {
        let value = match text[at] {
            b'0'..=b'9' => text[at] - b'0',
            b'a'..=b'f' => text[at] - b'a' + 10,
            _ => panic!("32 hexadecimal digits"),
        };
        bytes[at / 2] = bytes[at / 2] * 16 + value;
        at += 1;
    }
    bytes
}

/// The 16 bytes of 32 hexadecimal digits, however they are grouped.
fn sixteen_bytes(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0_u8; 16];
    let mut digits = 0;
    for c in text.chars() {
        if matches!(c, '-' | ' ' | '{' | '}' | ':') {
            continue;
        }
        let digit = u8::try_from(c.to_digit(16)?).ok()?;
        let byte = bytes.get_mut(digits / 2)?;
        *byte = *byte << 4 | digit;
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

/// The UUID of a machine (SMBIOS 3.7, section 7.2.1). The first three fields are little-endian on the board since version 2.6,
/// and programs print them with or without turning them: VMware's guest and its host differ by exactly that. Both spellings are
/// one machine here, named by the one that sorts first.
pub(super) fn uuid(text: &str) -> Result<String, NoEvidence> {
    let printed = sixteen_bytes(text).ok_or(NoEvidence::Malformed("a UUID of 32 digits"))?;
    let turned = turned(printed);
    let is_delivered = |bytes: [u8; 16]| DELIVERED.contains(&bytes);
    if is_monotonous(&printed) || is_delivered(printed) || is_delivered(turned) {
        return Err(NoEvidence::Placeholder);
    }
    Ok(grouped(printed.min(turned)))
}

/// With the byte order of the first three fields turned round.
fn turned(bytes: [u8; 16]) -> [u8; 16] {
    let mut turned = bytes;
    turned[0..4].reverse();
    turned[4..6].reverse();
    turned[6..8].reverse();
    turned
}

/// At most two different bytes: zeros, ones, `fefefefe…`.
fn is_monotonous(bytes: &[u8; 16]) -> bool {
    let other = bytes.iter().find(|b| **b != bytes[0]);
    other.is_none_or(|other| bytes.iter().all(|b| *b == bytes[0] || b == other))
}

fn grouped(bytes: [u8; 16]) -> String {
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let parts = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    parts.join("-")
}

/// `/etc/machine-id` (machine-id(5): 32 digits), or Windows' MachineGuid.
pub(super) fn machine_id(text: &str) -> Result<String, NoEvidence> {
    let bytes = sixteen_bytes(text).ok_or(NoEvidence::Malformed("32 hexadecimal digits"))?;
    if is_monotonous(&bytes) {
        return Err(NoEvidence::Placeholder);
    }
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// What a serial number turned out to be.
pub(super) enum Serial {
    /// VMware writes the UUID there: `VMware-42 03 a1 …`.
    Uuid(String),
    /// A number of a maker.
    Number(String),
}

/// A serial number of a chassis or board.
pub(super) fn serial(text: &str) -> Result<Serial, NoEvidence> {
    let folded = text.to_ascii_lowercase();
    if let Some(digits) = folded.strip_prefix("vmware-") {
        return uuid(digits).map(Serial::Uuid);
    }
    let mut characters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let length = characters.len();
    characters.sort_unstable();
    characters.dedup();
    let is_counted = "0123456789".starts_with(&*folded) || "1234567890".starts_with(&*folded);
    if NO_SERIAL.contains(&&*folded) || characters.len() < 2 || length < 4 || is_counted {
        return Err(NoEvidence::Placeholder);
    }
    Ok(Serial::Number(folded))
}

/// The security identifier of a computer's account (MS-DTYP 2.4.2): of a domain, and not one of its built-in accounts. A machine's
/// own identifier, without the last number, is copied with its disk.
pub(super) fn security_identifier(text: &str) -> Result<String, NoEvidence> {
    const EXPECTED: NoEvidence = NoEvidence::Malformed("a SID like S-1-5-21-1-2-3-1104");
    let folded = text.to_ascii_uppercase();
    let numbers = folded.strip_prefix("S-1-5-21-").ok_or(EXPECTED)?;
    let numbers: Option<Vec<u32>> = numbers.split('-').map(|n| n.parse().ok()).collect();
    match numbers.as_deref() {
        Some([_, _, _, account]) if *account >= 1000 => Ok(folded),
        Some([_, _, _]) => Err(NoEvidence::Shared(
            "the machine's own SID is copied with its disk",
        )),
        Some([_, _, _, _]) => Err(NoEvidence::Shared("the SID of a built-in account")),
        _ => Err(EXPECTED),
    }
}
