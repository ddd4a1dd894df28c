//! The output of `netstat -tulpn` of net-tools and busybox (<https://man7.org/linux/man-pages/man8/netstat.8.html>), and of
//! `netstat -ano` of Windows.

use base::Parsed;

use super::{Found, Line, address_and_port, is_capture_of, parse_lines, transport};
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, Transport};

/// Listening ports as `netstat` prints them.
pub struct Netstat;

impl Format for Netstat {
    fn id(&self) -> &'static str {
        "netstat"
    }

    fn about(&self) -> &'static str {
        "listening ports: the output of `netstat -tulpn`, or of `netstat -ano` on Windows, in a file such as netstat.txt"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_capture_of("netstat", path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        text::sample(input.bytes).lines().take(10).any(is_heading)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        parse_lines(input, line)
    }
}

fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with("Proto ")
        && line.contains("Local Address")
        && line.contains("Foreign Address")
}

fn line(line: &str) -> Line {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(16).collect();
    let Some(transport) = fields.first().and_then(|word| transport(word)) else {
        return Line::Other;
    };
    // Windows writes no queues: `TCP 0.0.0.0:135 0.0.0.0:0 LISTENING 980`.
    let has_queues = fields
        .get(1)
        .is_some_and(|f| f.bytes().all(|b| b.is_ascii_digit()));
    let after_local = if has_queues { 4 } else { 2 };
    let (Some(local), Some(peer)) = (fields.get(after_local - 1), fields.get(after_local)) else {
        return Line::Unclear;
    };
    let state = fields.get(after_local + 1).copied().unwrap_or_default();
    let listens = match transport {
        Transport::Udp => peer.ends_with(":*"),
        _ => matches!(state, "LISTEN" | "LISTENING"),
    };
    if !listens {
        return Line::Other;
    }
    let Some((address, port)) = address_and_port(local) else {
        return Line::Unclear;
    };
    let program = fields[after_local..]
        .iter()
        .find_map(|field| program(field));
    Line::Listens(Found {
        transport,
        address,
        port,
        program,
    })
}

/// `sshd` of `742/sshd:`; what follows the colon is what the process calls itself.
fn program(field: &str) -> Option<String> {
    let (pid, name) = field.split_once('/')?;
    let name = name.trim_end_matches(':');
    let is_pid = !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit());
    (is_pid && !name.is_empty()).then(|| name.to_owned())
}
