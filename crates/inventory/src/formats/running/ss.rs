//! The output of `ss -tulpn` of iproute2 (<https://man7.org/linux/man-pages/man8/ss.8.html>).

use base::Parsed;

use super::{Found, Line, address_and_port, is_capture_of, parse_lines, transport};
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, Transport};

/// Listening ports as `ss` prints them.
pub struct Ss;

impl Format for Ss {
    fn id(&self) -> &'static str {
        "ss"
    }

    fn about(&self) -> &'static str {
        "listening ports: the output of `ss -tulpn`, in a file such as ss.txt"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_capture_of("ss", path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        text::sample(input.bytes).lines().take(3).any(is_heading)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        parse_lines(input, line)
    }
}

/// `Netid State Recv-Q Send-Q Local Address:Port …`; without `Netid` where one transport was asked for.
fn is_heading(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let begins = matches!(words.next(), Some("Netid" | "State"));
    begins && words.any(|w| w == "Recv-Q") && line.contains("Local Address:Port")
}

fn line(line: &str) -> Line {
    let mut fields = line.split_ascii_whitespace();
    let (transport, state) = match fields.next() {
        Some("LISTEN") => (Some(Transport::Tcp), Some("LISTEN")),
        Some("UNCONN") => (Some(Transport::Udp), Some("UNCONN")),
        Some(netid) => (transport(netid), fields.next()),
        None => return Line::Other,
    };
    let (Some(transport), Some("LISTEN" | "UNCONN")) = (transport, state) else {
        return Line::Other;
    };
    let local = fields.nth(2).and_then(address_and_port);
    let Some((address, port)) = local else {
        return Line::Unclear;
    };
    Line::Listens(Found {
        transport,
        address,
        port,
        program: program(line),
    })
}

/// `sshd` of `users:(("sshd",pid=742,fd=3))`.
fn program(line: &str) -> Option<String> {
    let (_, users) = line.split_once("users:((\"")?;
    let (name, _) = users.split_once('"')?;
    Some(name.to_owned()).filter(|name| !name.is_empty())
}
