//! `/proc/net/{tcp,tcp6,udp,udp6}`: the ports something listens on
//! (<https://docs.kernel.org/networking/proc_net_tcp.html>).

use std::net::{Ipv4Addr, Ipv6Addr};

use inventory::Transport;

/// A socket that waits for whoever comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Socket {
    pub(super) transport: Transport,
    pub(super) address: String,
    pub(super) port: u16,
    /// What `/proc/PID/fd` calls `socket:[…]`.
    pub(super) inode: u64,
}

/// The listening sockets of one table.
pub(super) fn listening(transport: Transport, table: &str) -> impl Iterator<Item = Socket> {
    table
        .lines()
        .skip(1)
        .filter_map(move |line| socket(transport, line))
}

/// `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …`.
fn socket(transport: Transport, line: &str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
    // TCP_LISTEN; a datagram socket without a peer is in state TCP_CLOSE.
    let waiting = match transport {
        Transport::Udp => "07",
        _ => "0A",
    };
    let (address, port) = local.split_once(':')?;
    let (_, peer_port) = remote.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    if state != waiting || port == 0 || !peer_port.bytes().all(|b| b == b'0') {
        return None;
    }
    Some(Socket {
        transport,
        address: address_in_words(address)?,
        port,
        inode: fields.nth(5)?.parse().ok()?,
    })
}

/// Words of 32 bits, each in the order of the machine that wrote them; those we meet are little-endian.
fn address_in_words(hex: &str) -> Option<String> {
    let word = |at: usize| -> Option<[u8; 4]> {
        let word = u32::from_str_radix(hex.get(at * 8..at * 8 + 8)?, 16).ok()?;
        Some(word.to_le_bytes())
    };
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).to_string()),
        32 => {
            let mut bytes = [0; 16];
            for (at, chunk) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *chunk = word(at)?;
            }
            Some(Ipv6Addr::from(bytes).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(transport: Transport, line: &str, expected: Option<(&str, u16, u64)>) {
        let table = format!("  sl  local_address rem_address   st\n{line}\n");
        let found = listening(transport, &table).next();
        let found = found
            .as_ref()
            .map(|s| (s.address.as_str(), s.port, s.inode));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn what_listens_is_told_with_its_address() {
        check(
            Transport::Tcp,
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 31337 1 0 100 0 0 10 0",
            Some(("127.0.0.1", 8080, 31337)),
        );
        check(
            Transport::Tcp,
            "   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 77 1 0",
            Some(("::1", 22, 77)),
        );
        check(
            Transport::Udp,
            "  12: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 99 2 0 0",
            Some(("0.0.0.0", 68, 99)),
        );
    }

    #[test]
    fn a_connection_is_not_a_service() {
        check(
            Transport::Tcp,
            " 0: 0100007F:1F90 0100007F:C001 01 0:0 0:0 0 1000 0 5 1",
            None,
        );
        check(
            Transport::Udp,
            " 0: 0100007F:1F90 0100007F:C001 01 0:0 0:0 0 1000 0 5 1",
            None,
        );
        check(Transport::Tcp, "garbage", None);
        check(
            Transport::Tcp,
            " 0: XX:1F90 00000000:0000 0A 0:0 0:0 0 0 0 5",
            None,
        );
    }
}
