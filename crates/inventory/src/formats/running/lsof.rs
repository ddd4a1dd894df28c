//! The output of `lsof -i -P -n` (<https://lsof.readthedocs.io/en/latest/manpage/>, "OUTPUT").

use base::Parsed;

use super::{Found, Line, address_and_port, is_capture_of, parse_lines, transport};
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, Transport};

/// Listening ports as `lsof` prints them.
pub struct Lsof;

impl Format for Lsof {
    fn id(&self) -> &'static str {
        "lsof"
    }

    fn about(&self) -> &'static str {
        "listening ports: the output of `lsof -i -P -n`, in a file such as lsof.txt"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        is_capture_of("lsof", path)
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        let mut words = sample
            .lines()
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace();
        words.next() == Some("COMMAND") && words.next() == Some("PID") && words.any(|w| w == "NODE")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        parse_lines(input, line)
    }
}

/// `sshd 742 root 3u IPv4 18044 0t0 TCP *:22 (LISTEN)`.
fn line(line: &str) -> Line {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(16).collect();
    let Some(family) = fields.iter().position(|f| matches!(*f, "IPv4" | "IPv6")) else {
        return Line::Other;
    };
    let node = fields[family..]
        .iter()
        .enumerate()
        .find_map(|(at, field)| Some((family + at, transport(field)?)));
    let Some((node, transport)) = node else {
        return Line::Other;
    };
    let name = fields.get(node + 1).copied().unwrap_or_default();
    let state = fields.get(node + 2).copied().unwrap_or_default();
    let listens = match transport {
        Transport::Tcp => state == "(LISTEN)",
        _ => !name.contains("->") && name != "*:*",
    };
    if !listens {
        return Line::Other;
    }
    match address_and_port(name) {
        Some((address, port)) => Line::Listens(Found {
            transport,
            address,
            port,
            program: fields.first().map(|command| unescaped(command)),
        }),
        None => Line::Unclear,
    }
}

/// A blank in a command's name is written `\x20`.
fn unescaped(command: &str) -> String {
    command.replace("\\x20", " ")
}
